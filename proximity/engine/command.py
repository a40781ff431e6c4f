# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The victim-proximity monitor authors
"""What supervisors do to incidents."""

from collections.abc import Sequence

from proximity.engine.incident import NO_EVIDENCE, acknowledge, told
from proximity.engine.judge import evidence_of
from proximity.engine.state import IncidentKey, State
from proximity.model.incidents import Evidence, Transition
from proximity.model.inputs import Acknowledgement, Refusal
from proximity.model.units import Millis
from proximity.model.words import Change, Level, Refused


def find(state: State, command: Acknowledgement) -> IncidentKey | None:
    """The open incident that a command means, if it is that supervisor's."""
    for key, incident in state.incidents.items():
        if incident.id == command.incident:
            own = (incident.region, incident.supervisor) == (command.region, command.supervisor)
            return key if own else None
    return None


def last_evidence(state: State, key: IncidentKey, level: Level, now_ms: Millis) -> Evidence:
    """What is known of a link or zone by its last judgement; nothing of a device."""
    row = next((row for row, subject in enumerate(state.subjects) if subject.key == key), None)
    return NO_EVIDENCE if row is None else evidence_of(state, row, level, now_ms)


def acknowledge_all(
    state: State, commands: Sequence[Acknowledgement], now_ms: Millis
) -> tuple[list[Transition], list[Refusal]]:
    """Mark incidents as seen; one that was seen already stays as it is. Unknown incidents are refused."""
    transitions: list[Transition] = []
    refusals: list[Refusal] = []
    for command in sorted(commands, key=lambda command: (command.incident, command.by)):
        key = find(state, command)
        if key is None:
            refusals.append(Refusal(Refused.UNKNOWN_INCIDENT, "", "incident", command.place))
        elif not state.incidents[key].acknowledged:
            seen = acknowledge(state.incidents[key])
            state.keep(key, seen)
            revision = state.world.book.revision
            evidence = last_evidence(state, key, seen.level, now_ms)
            transitions.append(told(seen, Change.ACKNOWLEDGED, now_ms, seen.level, evidence, revision))
    return transitions, refusals
