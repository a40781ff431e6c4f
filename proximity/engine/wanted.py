# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The victim-proximity monitor authors
"""How often each device is asked to report: oftener while it matters, for so long an hour (docs/wanted.md)."""

from collections.abc import Iterable

import numpy as np

from proximity.engine.device import holds
from proximity.engine.state import State, floor_to_second
from proximity.geo.world import World
from proximity.kernels.arrays import Ints
from proximity.kernels.columns import NEVER_MS, records_of
from proximity.kernels.wanted import WishTable, follow_wishes, weigh, wish_of
from proximity.model.orders import Order
from proximity.model.units import Millis
from proximity.model.wishes import Wish


def weigh_rows(state: State, chosen: Ints, now_ms: Millis) -> None:
    """After the judgement of some rows, while it is known who has news: what they ask of devices."""
    columns, parties = state.columns, state.parties
    weigh(
        chosen, now_ms, columns.wearer, columns.protected, columns.limits_m, columns.from_ms, columns.until_ms,
        len(state.world.subjects), state.world.devices.party, records_of(parties), state.kernel_numbers,
        records_of(state.rows), parties.touched.copy(), np.empty(state.world.parties), state.wishes,
        state.judging.wanted.still_mps,
    )  # fmt: skip


def look_who_serves(state: State, turned: Iterable[Order], now_ms: Millis) -> None:
    """Which devices of orders that began or ended serve one that is in force."""
    world = state.world
    for device in {device for order in turned for device in world.order_devices[order.id]}:
        state.wishes.served[device] = any(holds(order, now_ms) for order in world.device_orders[device])
        state.wishes.due_ms[device] = 0


def let_go(state: State, device: int, now_ms: Millis) -> None:
    """A device is asked no more: it may be silent for as long as at rest again, unless it is so already."""
    parties, party = state.parties, state.world.devices.party[device]
    led = parties.heard_ms[party] == state.devices.newest_ms[device]
    if parties.obeys[party] and led and now_ms - parties.heard_ms[party] < parties.stale_ms[party]:
        parties.obeys[party] = False
        parties.stale_ms[party] = state.devices.stale_ms[device]


def taken_back(world: World, wishes: WishTable, kept: World) -> list[Wish]:
    """Nothing is asked any more of devices that are in no order book: their topics are cleared."""
    if world is kept:
        return []
    gone = [world.device_ids[row] for row in np.flatnonzero(wishes.told_ms).tolist()]
    return [Wish(device, 0, 0) for device in gone if device not in kept.device_row]


def follow_wanted(
    state: State, world_before: World, wishes_before: WishTable, turned: Iterable[Order], now_ms: Millis
) -> tuple[list[Wish], Millis]:  # fmt: skip
    """Which wishes have changed, by device, at most so many a step; and when time alone changes one.

    `turned` are the orders that began or ended since the step before, all of them where the orders are new.
    """
    look_who_serves(state, turned, now_ms)
    devices, table, numbers = state.world.devices, state.wishes, state.wish_numbers
    differs = np.empty(len(state.world.device_ids), np.int32)
    count, due_ms = follow_wishes(
        now_ms, floor_to_second(now_ms), state.devices.newest_ms, state.devices.moving, devices.interval_ms,
        devices.rest_interval_ms, table, numbers, differs,
    )  # fmt: skip
    wishes = taken_back(world_before, wishes_before, state.world)
    room = state.judging.wanted.at_most
    for device in differs[: min(count, room)].tolist():
        interval_ms, rest_interval_ms = wish_of(
            device, int(devices.interval_ms[device]), int(devices.rest_interval_ms[device]), table, numbers
        )
        table.told_ms[device], table.told_rest_ms[device] = interval_ms, rest_interval_ms
        if table.short[device]:
            state.devices.asked_ms[device] = NEVER_MS
        elif state.devices.asked_ms[device] == NEVER_MS:
            state.devices.asked_ms[device] = now_ms
            let_go(state, device, now_ms)
        wishes.append(Wish(state.world.device_ids[device], interval_ms, rest_interval_ms))
    table.due_ms[differs[room : max(room, count)]] = 0
    state.wishes_waiting = max(0, count - room)
    return wishes, now_ms + 1 if state.wishes_waiting else int(due_ms)
