# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The victim-proximity monitor authors
"""Incidents of the system itself: they belong to no order and go to everyone."""

from collections.abc import Iterable, Sequence
from typing import Final

import numpy as np
from msgspec.structs import replace

from proximity.engine.device import holds
from proximity.engine.flood import DEVICES, NO_ORDER, Gone
from proximity.engine.health import to_ms
from proximity.engine.incident import NO_EVIDENCE, incident_id, resolve, told
from proximity.engine.state import Flood, IncidentKey, State, floor_to_second
from proximity.kernels.arrays import Flags
from proximity.kernels.columns import NEVER_MS
from proximity.model.incidents import Extent, Incident, Share, Transition
from proximity.model.inputs import OrdersFaults, Refusal
from proximity.model.units import Millis
from proximity.model.words import Cause, Change, Kind, Level, Refused, Severity

ENGINE: Final = "engine"
CONNECTION: Final = "connection"
ORDERS: Final = "orders"
FAULT_KEY: Final[IncidentKey] = (NO_ORDER, str(Kind.SYSTEM), ENGINE)
DEVICES_KEY: Final[IncidentKey] = (NO_ORDER, str(Kind.SYSTEM), DEVICES)
CONNECTION_KEY: Final[IncidentKey] = (NO_ORDER, str(Kind.SYSTEM), CONNECTION)
ORDERS_KEY: Final[IncidentKey] = (NO_ORDER, str(Kind.SYSTEM), ORDERS)


def system_transitions(state: State, refusals: Iterable[Refusal], now_ms: Millis) -> list[Transition]:
    """Inputs that the engine failed on: one critical incident, raised anew by every step with more of them."""
    if not any(refusal.reason is Refused.ENGINE_FAULT for refusal in refusals):
        return []
    incident = state.incidents.get(FAULT_KEY)
    if incident is None:
        incident, change = system_incident(ENGINE, now_ms, Severity.CRITICAL, Cause.ENGINE_FAULT), Change.OPENED
    else:
        incident, change = raised(incident), Change.RAISED
    return [carried(state, FAULT_KEY, incident, change, now_ms)]


def system_incident(what: str, now_ms: Millis, severity: Severity, cause: Cause) -> Incident:
    """A new incident of the system itself."""
    return Incident(
        id=incident_id(NO_ORDER, Kind.SYSTEM, what, now_ms),
        kind=Kind.SYSTEM,
        order=NO_ORDER,
        region="",
        supervisor="",
        wearer=None,
        protected=None,
        device=None,
        zone=None,
        opened_ms=now_ms,
        seq=1,
        level=Level.CLEAR,
        certainty=None,
        possible_level=Level.CLEAR,
        severity=severity,
        cause=cause,
    )


def carried(
    state: State, key: IncidentKey, incident: Incident, change: Change, now_ms: Millis, extent: Extent | None = None
) -> Transition:  # fmt: skip
    """Keep the incident; the transition that tells of it."""
    state.keep(key, incident)
    transition = told(incident, change, now_ms, Level.CLEAR, NO_EVIDENCE, state.world.book.revision)
    return replace(transition, extent=extent)


def raised(incident: Incident) -> Incident:
    """The incident asks anew."""
    return replace(incident, seq=incident.seq + 1, acknowledged=False)


def extent_of(state: State, devices: Iterable[int], rows: Iterable[int], of_devices: int, now_ms: Millis) -> Extent:
    """How many devices, links and zones there are, in all and for each supervisor."""
    own: dict[tuple[str, str], list[int]] = {}
    count = links = 0
    for device in devices:
        count += 1
        orders = [order for order in state.world.device_orders[device] if holds(order, now_ms)]
        for supervisor in {(order.region, order.supervisor) for order in orders}:
            own.setdefault(supervisor, [0, 0])[0] += 1
    for row in rows:
        links += 1
        order = state.subjects[row].order
        own.setdefault((order.region, order.supervisor), [0, 0])[1] += 1
    shares = tuple(Share(*supervisor, *numbers) for supervisor, numbers in sorted(own.items()))
    return Extent(links, count, of_devices, shares)


def orders_transitions(state: State, given: Sequence[OrdersFaults], now_ms: Millis) -> list[Transition]:
    """That newer orders are refused, until none are; of several at one step the last by place holds."""
    incident = state.incidents.get(ORDERS_KEY)
    refused = [one.faults > 0 for one in sorted(given, key=lambda one: (one.place, one.faults))][-1:]
    if refused == [True] and incident is None:
        incident = system_incident(ORDERS, now_ms, Severity.MAJOR, Cause.ORDERS_REFUSED)
        return [carried(state, ORDERS_KEY, incident, Change.OPENED, now_ms)]
    if refused == [False] and incident is not None:
        return [carried(state, ORDERS_KEY, resolve(incident, Cause.ORDERS_TAKEN), Change.RESOLVED, now_ms)]
    return []


def rows_held(state: State, chosen: Flags, now_ms: Millis) -> list[int]:
    """The chosen links and zones that the orders name and that are watched now."""
    held = chosen & (state.columns.from_ms <= now_ms) & (now_ms < state.columns.until_ms)
    return [int(row) for row in np.flatnonzero(held[: len(state.world.subjects)])]


def flood_transitions(state: State, before: Flood | None, gone: Gone | None, now_ms: Millis) -> list[Transition]:
    """Mass silence: told when it begins, when it has grown by much, and when it is over."""
    flood, incident = state.flood, state.incidents.get(DEVICES_KEY)
    transitions: list[Transition] = []
    if incident is not None and before is not None and (flood is None or flood.id != before.id):
        over = resolve(incident, Cause.MASS_HEARD)
        transitions.append(carried(state, DEVICES_KEY, over, Change.RESOLVED, now_ms))
        incident = None
    if flood is None or gone is None:
        return transitions
    members = np.flatnonzero(gone.member).tolist()
    if incident is not None and len(members) < state.judging.floods.flood_grows * flood.told:
        return transitions
    columns = state.columns
    theirs = gone.members[columns.wearer] | ((columns.protected >= 0) & gone.members[columns.protected])
    extent = extent_of(state, members, rows_held(state, theirs, now_ms), int(gone.serving.sum()), now_ms)
    state.flood = Flood(flood.id, flood.from_ms, flood.reach_ms, len(members))
    if incident is None:
        incident, change = system_incident(DEVICES, now_ms, Severity.MAJOR, Cause.MASS_SILENCE), Change.OPENED
    else:
        incident, change = raised(incident), Change.RAISED
    return [*transitions, carried(state, DEVICES_KEY, incident, change, now_ms, extent)]


def hearing_transitions(state: State, now_ms: Millis) -> tuple[list[Transition], Millis]:
    """That the service could hear nobody for a while, and that it can again; and when time alone changes that.

    A short loss is not told, unless one follows another: then ages have stood still for longer than one could do.
    """
    hearing, numbers = state.hearing, state.judging.floods
    if not hearing.spans:
        return [], NEVER_MS
    second_ms, (from_ms, until_ms) = floor_to_second(now_ms), hearing.spans[-1]
    incident = state.incidents.get(CONNECTION_KEY)
    if second_ms >= until_ms:
        if incident is None:
            return [], NEVER_MS
        heard = resolve(incident, Cause.RECONNECTED)
        return [carried(state, CONNECTION_KEY, heard, Change.RESOLVED, now_ms)], NEVER_MS
    if incident is not None:
        return [], until_ms
    tell_ms = from_ms + to_ms(numbers.disconnected_s) + to_ms(numbers.resume_s)
    if hearing.lost:
        tell_ms = min(tell_ms, hearing.lost_ms + to_ms(numbers.disconnected_s))
    if second_ms < tell_ms:
        return [], min(tell_ms, until_ms)
    world = state.world
    serving = (world.devices.from_ms <= now_ms) & (now_ms < world.devices.until_ms)
    rows = rows_held(state, np.ones(len(state.subjects), np.bool_), now_ms)
    extent = extent_of(state, np.flatnonzero(serving).tolist(), rows, int(serving.sum()), now_ms)
    incident = system_incident(CONNECTION, now_ms, Severity.CRITICAL, Cause.DISCONNECTED)
    return [carried(state, CONNECTION_KEY, incident, Change.OPENED, now_ms, extent)], until_ms
