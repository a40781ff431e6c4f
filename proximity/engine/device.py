# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The victim-proximity monitor authors
"""Device incidents: what is wrong with a device, told to the supervisor of every order that it serves."""

from collections.abc import Iterable

import numpy as np
from msgspec.structs import replace

from proximity.engine.incident import NO_EVIDENCE, About, change_troubles, open_incident, resolve, told
from proximity.engine.state import State
from proximity.engine.trouble import BY_CAUSE, causes_of
from proximity.kernels.arrays import Ints
from proximity.model.incidents import Evidence, Transition
from proximity.model.orders import Order, OrderBook
from proximity.model.units import MILLIS_PER_SECOND, Millis
from proximity.model.words import Cause, Change, Kind, Level


def holds(order: Order, now_ms: Millis) -> bool:
    """True while the order is in force."""
    return order.valid_from_ms <= now_ms and (order.valid_until_ms is None or now_ms < order.valid_until_ms)


def orders_turning(book: OrderBook, after_ms: Millis, now_ms: Millis) -> list[Order]:
    """The orders that began or ended after one instant and not after the other."""
    return [
        order
        for order in book.orders
        if after_ms < order.valid_from_ms <= now_ms
        or (order.valid_until_ms is not None and after_ms < order.valid_until_ms <= now_ms)
    ]


def device_evidence(state: State, row: int, now_ms: Millis) -> Evidence:
    """How old the device's newest fix is, as its party's."""
    newest_ms = int(state.devices.newest_ms[row])
    if newest_ms < 0:
        return NO_EVIDENCE
    age_s = (now_ms - newest_ms) / MILLIS_PER_SECOND
    if state.world.device_is_wearers[row]:
        return Evidence(wearer_fix_age_s=age_s)
    return Evidence(protected_fix_age_s=age_s)


def device_transition(
    state: State, row: int, order: Order, reported: frozenset[Cause], now_ms: Millis
) -> Transition | None:
    """Bring the incident of one device under one order in line with the device's troubles; None: nothing changed."""
    device = state.world.device_ids[row]
    key = (order.id, str(Kind.DEVICE), device)
    incident = state.incidents.get(key)
    troubles = causes_of(int(state.devices.troubles[row])) if holds(order, now_ms) else ()
    if incident is None:
        if not troubles:
            return None
        severity = max(BY_CAUSE[cause].severity for cause in troubles)
        about = About(device, device=device)
        opened = open_incident(order, Kind.DEVICE, about, now_ms, severity=severity, cause=troubles[0])
        incident, change = replace(opened, troubles=troubles), Change.OPENED
    elif not holds(order, now_ms):
        incident, change = resolve(incident, Cause.ORDER_CHANGED), Change.RESOLVED
    else:
        changed = change_troubles(incident, troubles, reported)
        if changed is None:
            return None
        incident, change = changed
    state.keep(key, incident)
    evidence = device_evidence(state, row, now_ms)
    return told(incident, change, now_ms, Level.CLEAR, evidence, state.world.book.revision)


def device_transitions(
    state: State, before: Ints, reported: Iterable[tuple[int, Cause]], turned: Iterable[Order], now_ms: Millis
) -> list[Transition]:
    """The transitions of all devices whose troubles differ from `before`, were reported, or whose order turned."""
    causes: dict[int, set[Cause]] = {int(row): set() for row in np.flatnonzero(state.devices.troubles != before)}
    for row, cause in reported:
        causes.setdefault(row, set()).add(cause)
    for order in turned:
        for row in state.world.order_devices[order.id]:
            causes.setdefault(row, set())
    transitions = [
        device_transition(state, row, order, frozenset(causes[row]), now_ms)
        for row in sorted(causes)
        for order in state.world.device_orders[row]
    ]
    return [transition for transition in transitions if transition is not None]
