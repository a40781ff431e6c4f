# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The victim-proximity monitor authors
"""What supervisors do to incidents."""

from collections.abc import Sequence

from proximity.engine.incident import NO_EVIDENCE, acknowledge, told
from proximity.engine.judge import evidence_of
from proximity.engine.state import IncidentKey, State
from proximity.engine.trouble import SOS_BIT
from proximity.kernels.devices import OFF_WEARER_BITS
from proximity.model.incidents import Evidence, Transition
from proximity.model.inputs import Acknowledgement, Refit, Refusal, Resolution
from proximity.model.units import Millis
from proximity.model.words import Cause, Change, Level, Refused


def find(state: State, command: Acknowledgement | Resolution) -> IncidentKey | None:
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


def serves(state: State, command: Refit, now_ms: Millis) -> int | None:
    """The row of the device that a command means, if an order of that supervisor needs it, now or later."""
    row = state.world.device_row.get(command.device)
    if row is None:
        return None
    for order in state.world.device_orders[row]:
        over = order.valid_until_ms is not None and order.valid_until_ms <= now_ms
        if not over and (order.region, order.supervisor) == (command.region, command.supervisor):
            return row
    return None


def end_troubles(state: State, commands: Sequence[Refit | Resolution], now_ms: Millis) -> list[Refusal]:
    """End what only a recorded act ends: a tag off its wearer, by a refit; an SOS, by resolving its incident.

    The device's trouble ends under every order that it serves.
    """
    refusals: list[Refusal] = []
    for command in commands:
        if isinstance(command, Refit):
            row = serves(state, command, now_ms)
            if row is None:
                refusals.append(Refusal(Refused.UNKNOWN_DEVICE, "", "device", command.place))
            else:
                state.devices.troubles[row] &= ~OFF_WEARER_BITS
            continue
        key = find(state, command)
        if key is None:
            refusals.append(Refusal(Refused.UNKNOWN_INCIDENT, "", "incident", command.place))
            continue
        incident = state.incidents[key]
        if incident.device is None or Cause.SOS not in incident.troubles:
            refusals.append(Refusal(Refused.NOT_RESOLVABLE, "", "incident", command.place))
        else:
            state.devices.troubles[state.world.device_row[incident.device]] &= ~SOS_BIT
    return refusals
