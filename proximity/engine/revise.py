# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The victim-proximity monitor authors
"""A new order book in place of the old one: what stays is carried over by id, what is gone is closed."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple, TypeVar

import numpy as np

from proximity.engine.area import append_by_name, rows_by_name
from proximity.engine.history import new_history
from proximity.engine.incident import NO_EVIDENCE, resolve, told
from proximity.engine.late import late_due_ms, late_key
from proximity.engine.state import IncidentKey, State, new_parties, stale_after_ms, state_of
from proximity.geo.world import compile_world
from proximity.kernels.arrays import Array, Longs
from proximity.kernels.columns import UNKNOWN_MS
from proximity.kernels.devices import OFF_WEARER_BITS
from proximity.kernels.history import History, forget_history
from proximity.model.incidents import Incident, Transition
from proximity.model.inputs import Revision
from proximity.model.orders import OrderBook
from proximity.model.units import Millis
from proximity.model.words import Cause, Change, Kind

Key = TypeVar("Key", str, tuple[str, str, str])


class Pairs(NamedTuple):
    """Rows of the same thing in the old and in the new tables."""

    old: Longs
    new: Longs


def pairs_of(old: Mapping[Key, int], new: Sequence[Key]) -> Pairs:
    """Which rows stay."""
    kept = [(old[key], row) for row, key in enumerate(new) if key in old]
    return Pairs(*np.array(kept, np.int64).reshape(-1, 2).T)


def carry(old: Sequence[Array], new: Sequence[Array], pairs: Pairs) -> None:
    """Copy the rows that stay, column by column."""
    for before, after in zip(old, new, strict=True):
        after[pairs.new] = before[pairs.old]


def index(keys: Sequence[Key]) -> dict[Key, int]:
    """Where each key stands."""
    return {key: row for row, key in enumerate(keys)}


def subject_keys(state: State) -> list[tuple[str, str, str]]:
    """What names a judged row over revisions."""
    return [subject.key for subject in state.subjects]


def kept_keys(state: State) -> set[tuple[str, str, str]]:
    """The keys that incidents may have under the state's orders."""
    world = state.world
    keys = set(subject_keys(state)) | {subject.blind_key for subject in state.subjects}
    keys |= {late_key(subject) for subject in state.subjects}
    for row, device in enumerate(world.device_ids):
        keys |= {(order.id, str(Kind.DEVICE), device) for order in world.device_orders[row]}
    return keys


def late_area_keys(state: State, incidents: Mapping[IncidentKey, Incident]) -> set[IncidentKey]:
    """The keys of late incidents about area-wide zones that the state's orders still know: they need no row."""
    zones = {zone.id for zone in state.world.book.area_zones}
    wearers = {order.id: order.wearers for order in state.world.book.orders}
    return {
        key
        for key, incident in incidents.items()
        if incident.late and incident.zone in zones and incident.wearer in wearers.get(incident.order, ())
    }


def expect_reports(state: State, now_ms: Millis) -> None:
    """From when, and how often, each device is expected to report under its new orders."""
    devices, columns = state.devices, state.world.devices
    devices.since_ms[:] = np.maximum(columns.from_ms, np.minimum(devices.since_ms, now_ms))
    interval_ms = np.where(devices.moving, columns.interval_ms, columns.rest_interval_ms)
    devices.stale_ms[:] = stale_after_ms(interval_ms, state.numbers)


def carry_history(old: History, devices: Pairs, count: int) -> History:
    """The history of the devices that stay; what others sent is given up. The blocks are the same."""
    for gone in np.setdiff1d(np.arange(len(old.head)), devices.old).tolist():
        forget_history(old, gone)
    new = new_history(count)
    carry((old.head, old.tail, old.kept, old.dropped), (new.head, new.tail, new.kept, new.dropped), devices)
    return old._replace(head=new.head, tail=new.tail, kept=new.kept, dropped=new.dropped)


def follow_intervals(state: State) -> None:
    """Who has been heard is stale by the intervals that its leading device has now."""
    devices, parties = state.devices, state.parties
    party = state.world.devices.party
    leads = np.flatnonzero((devices.newest_ms != UNKNOWN_MS) & (devices.newest_ms == parties.heard_ms[party]))
    led, stale_ms = party[leads], devices.stale_ms[leads]
    parties.stale_ms[led] = np.where(parties.obeys[led], np.minimum(stale_ms, parties.awake_stale_ms[led]), stale_ms)


def forget_places(state: State, new: State) -> list[int]:
    """Forget where those are whose tag was off its wearer and is theirs no more; gives their rows.

    Where the new one is nobody knows before it is heard: a re-fit of the old one can no longer be recorded. Who was
    heard last by a device that stays theirs is where that one is.
    """
    owners, parties = state.world.devices.party, [party.id for party in new.world.book.parties]
    off = np.flatnonzero(state.devices.troubles & OFF_WEARER_BITS != 0).tolist()
    theirs = {(device.id, party.id) for party in new.world.book.parties for device in party.devices}
    cut = [(state.world.device_ids[row], state.world.book.parties[int(owners[row])].id) for row in off]
    lost = {party for device, party in cut if (device, party) not in theirs}
    newest_ms, party_of = new.devices.newest_ms, new.world.devices.party
    leads = (newest_ms != UNKNOWN_MS) & (newest_ms == new.parties.heard_ms[party_of])
    stays = {parties[int(party_of[row])] for row in np.flatnonzero(leads).tolist()}
    rows = [row for row, party in enumerate(parties) if party in lost - stays]
    for column, blank in zip(new.parties, new_parties(new.world, new.numbers), strict=True):
        column[rows] = blank[rows]
    return rows


def handed_over(old: OrderBook, new: OrderBook) -> set[str]:
    """The orders that another supervisor has from now on: what is open closes for one, and opens for the other."""
    before = {order.id: order for order in old.orders}
    return {
        order.id
        for order in new.orders
        if order.id in before
        and (before[order.id].region, before[order.id].supervisor) != (order.region, order.supervisor)
    }


def revise(state: State, revision: Revision, now_ms: Millis) -> tuple[State, list[Transition]]:
    """The state under the new orders, and the transitions of what they close (cause order_changed)."""
    old, world = state.world, compile_world(revision.book)
    new = state_of(world, revision.judging, now_ms)
    devices = pairs_of(index(old.device_ids), world.device_ids)
    carry(state.devices, new.devices, devices)
    carry(state.health, new.health, devices)
    carry(state.wishes, new.wishes, devices)
    new.wishes.served[:] = False  # the step looks who serves, and weighs every row anew
    new.wishes.soonest_s[:] = np.inf
    new.wishes.due_ms[:] = 0
    new.history = carry_history(state.history, devices, len(world.device_ids))
    expect_reports(new, now_ms)
    parties = pairs_of(index([party.id for party in old.book.parties]), [party.id for party in world.book.parties])
    never_heard_ms = new.parties.stale_ms.copy()
    carry(state.parties, new.parties, parties)
    np.copyto(new.parties.stale_ms, never_heard_ms, where=new.parties.fixed_ms == UNKNOWN_MS)
    forgotten = forget_places(state, new)
    follow_intervals(new)
    append_by_name(new, rows_by_name(state))
    handed = handed_over(old.book, world.book)
    stays = {key: row for key, row in index(subject_keys(state)).items() if key[0] not in handed}
    rows = pairs_of(stays, subject_keys(new))
    carry(state.rows, new.rows, rows)
    before = {zone.id: zone for zone in old.book.area_zones}
    redrawn = {zone.id for zone in world.book.area_zones if zone != before.get(zone.id)}
    changed = [
        state.subjects[was].order != new.subjects[row].order or new.subjects[row].zone in redrawn
        for was, row in zip(*rows, strict=True)
    ]
    new.rows.apart_ms[rows.new[np.array(changed, np.bool_)]] = UNKNOWN_MS  # apart from other limits than these
    of_them = np.isin(new.columns.wearer, forgotten) | np.isin(new.columns.protected, forgotten)
    new.rows.apart_ms[of_them] = UNKNOWN_MS  # their good fixes are counted anew
    new.rows.due_ms[:] = 0  # limits may have moved: look at every row once
    new.counts, new.hearing, new.flood = state.counts, state.hearing, state.flood
    new.status_at_ms = {key: at_ms for key, at_ms in state.status_at_ms.items() if key[0] in world.device_row}
    kept = kept_keys(new) | late_area_keys(new, state.incidents)
    new.levels = {key: levels for key, levels in state.levels.items() if key in kept and key[0] not in handed}
    transitions = []
    for key, incident in sorted(state.incidents.items()):
        if (key in kept and key[0] not in handed) or incident.kind is Kind.SYSTEM:
            new.incidents[key] = incident
        else:
            closed = resolve(incident, Cause.ORDER_CHANGED)
            transitions.append(
                told(closed, Change.RESOLVED, now_ms, incident.level, NO_EVIDENCE, revision.book.revision)
            )
    new.late_due_ms = late_due_ms(new)
    return new, transitions
