# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The victim-proximity monitor authors
"""What supervisors do to incidents."""

from collections.abc import Sequence

from proximity.engine.incident import NO_EVIDENCE, acknowledge, told
from proximity.engine.state import IncidentKey, State
from proximity.model.incidents import Transition
from proximity.model.inputs import Acknowledgement, Refusal
from proximity.model.units import Millis
from proximity.model.words import Change, Refused


def find(state: State, command: Acknowledgement) -> IncidentKey | None:
    """The open incident that a command means, if it is that supervisor's."""
    for key, incident in state.incidents.items():
        if incident.id == command.incident:
            own = (incident.region, incident.supervisor) == (command.region, command.supervisor)
            return key if own else None
    return None


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
            transitions.append(told(seen, Change.ACKNOWLEDGED, now_ms, seen.level, NO_EVIDENCE, revision))
    return transitions, refusals
