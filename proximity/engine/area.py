# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The victim-proximity monitor authors
"""Area-wide zones: thousands that apply to every wearer, each judged like a zone of his order while he is near it.

A row is made when a fix makes it probable that the wearer is within a zone's buffer: before that, a row would know
nothing but that he is apart. It goes when a fix says that he is not, the level is clear and nothing is pending. So the
levels are those that a row for every wearer and zone would have.
"""

from collections.abc import Sequence
from statistics import NormalDist
from typing import Final, NamedTuple

import numpy as np

from proximity.engine.state import State, new_rows
from proximity.geo.world import RowColumns, Subject, World, area_columns, until_ms
from proximity.kernels.arrays import Array, Flags, Floats, Longs
from proximity.kernels.columns import UNKNOWN_MS, RowTable, packed
from proximity.kernels.grid import nearby_all
from proximity.model.units import MILLIS_PER_SECOND, Millis
from proximity.model.words import Kind

ROUND_M: Final = 0.01  # by which boxes and probabilities may round apart
ZONE_BITS: Final = 32


class Near(NamedTuple):
    """A wearer, or a position, and an area-wide zone."""

    party: int
    zone: int  # its place among the area-wide zones


def reach_m(state: State) -> Floats:
    """How far outside a zone's buffer each party may be seen and probably be within: now, on the way here, or soon."""
    parties, numbers = state.parties, state.numbers
    sigmas = max(0.0, NormalDist().inv_cdf(1.0 - numbers.probable_at))
    on_the_way = (parties.fixed_ms - parties.before_ms <= numbers.pass_within_ms) & ~parties.marked
    soon_m = np.linalg.norm(parties.velocity_mps, axis=1) * (numbers.extrapolate_ms / MILLIS_PER_SECOND)
    return np.asarray(sigmas * parties.sigma_m + np.where(on_the_way, parties.step_m, 0.0) + soon_m + ROUND_M)


def look_up(state: State, chosen: Flags) -> list[Near]:
    """The area-wide zones near the chosen parties, by party and zone."""
    parties = state.parties
    return find_zones(state.world, chosen, parties.lat_deg, parties.lon_deg, reach_m(state))


def find_zones(world: World, chosen: Flags, lat_deg: Floats, lon_deg: Floats, radius_m: Floats) -> list[Near]:
    """The area-wide zones near the chosen ones of some positions, by position and zone."""
    room = 64
    while True:
        zones, who = np.empty(room, np.int32), np.empty(room, np.int32)
        count = nearby_all(world.area_grid, chosen, lat_deg, lon_deg, radius_m, zones, who)
        if count <= room:
            return sorted({Near(int(one), int(zone)) for one, zone in zip(who[:count], zones[:count], strict=True)})
        room = count


def subjects_of(state: State, near: Near) -> list[tuple[Subject, int, int]]:
    """What is judged of a wearer and an area-wide zone: (subject, party, zone) for each order of his."""
    party = state.world.book.parties[near.party].id
    zone = state.world.book.area_zones[near.zone].id
    orders = state.world.wearer_orders[near.party]
    return [(Subject(Kind.ZONE, order, party, None, zone), near.party, near.zone) for order in orders]


def joined(ones: Sequence[Array], others: Sequence[Array]) -> list[Array]:
    """Two tables, one after the other."""
    return [np.concatenate([one, other]) for one, other in zip(ones, others, strict=True)]


def append_rows(state: State, new: Sequence[tuple[Subject, int, int]], judged: Sequence[bool]) -> None:
    """Add rows about (subject, party, zone); `judged` says of each whether it has been judged as far away before."""
    if not new:
        return
    rows, columns = new_rows(len(new)), area_columns(state.world, new)
    rows.judged[:] = judged
    state.subjects += [subject for subject, _, _ in new]
    state.columns = RowColumns._make(joined(state.columns, columns))
    state.rows = packed(RowTable._make(joined(state.rows, rows)))


def numbered(wearer: Array | list[int], zone: Array | list[int]) -> Longs:
    """A number for each wearer and area-wide zone."""
    return np.asarray(wearer, np.int64) << ZONE_BITS | np.asarray(zone, np.int64)


def numbers_of_rows(state: State) -> Longs:
    """The number of each row about an area-wide zone."""
    first = len(state.world.subjects)
    return numbered(state.columns.wearer[first:], state.columns.zone[first:] - state.world.area_from)


def drop_rows(state: State, chosen: Flags, near: Longs) -> None:
    """Give up the rows of chosen parties that are clear and near their zone no more; of all their orders, or none."""
    first, numbers = len(state.world.subjects), numbers_of_rows(state)
    still = np.isin(numbers, near) | ~chosen[state.columns.wearer[first:]]
    busy = (state.rows.level[first:] != 0) | (state.rows.pending_ms[first:] != UNKNOWN_MS).any(axis=1)
    keep = np.concatenate([np.ones(first, np.bool_), still | np.isin(numbers, numbers[busy])])
    if keep.all():
        return
    state.subjects[first:] = [
        subject for subject, kept in zip(state.subjects[first:], keep[first:], strict=True) if kept
    ]
    state.columns = RowColumns._make(column[keep] for column in state.columns)
    state.rows = packed(RowTable._make(column[keep] for column in state.rows))


def judged_before(new: Sequence[tuple[Subject, int, int]], state: State, world: World, before_ms: Millis) -> list[bool]:
    """Whether a row about each would have been judged at the step before, in the world of that step."""
    orders = {order.id: order for order in world.book.orders} if world is not state.world else {}
    zones = {zone.id for zone in world.book.area_zones} if world is not state.world else set()
    judged = []
    for subject, party, _ in new:
        order = subject.order if world is state.world else orders.get(subject.order.id)
        known = world is state.world or subject.zone in zones
        in_force = (
            order is not None and subject.wearer in order.wearers and order.valid_from_ms <= before_ms < until_ms(order)
        )
        judged.append(bool(state.parties.looked[party]) and known and in_force)
    return judged


def follow_area_zones(state: State, world_before: World, before_ms: Millis) -> None:
    """Before a judgement: rows for the area-wide zones that wearers are in or about, none for those they have left.

    `world_before` and `before_ms` are those of the step before: new orders look at every wearer.
    """
    orders_changed = world_before is not state.world
    if not state.world.book.area_zones:
        return
    parties = state.parties
    chosen = ~np.isnan(parties.lat_deg) & (parties.touched | orders_changed)
    if not chosen.any():
        return
    pairs = look_up(state, chosen)
    near = numbered([pair.party for pair in pairs], [pair.zone for pair in pairs])
    drop_rows(state, chosen, near)
    missing = ~np.isin(near, numbers_of_rows(state)) | orders_changed
    have = {subject.key for subject in state.subjects} if orders_changed else set()
    new = [one for place in np.flatnonzero(missing) for one in subjects_of(state, pairs[place])
           if one[0].key not in have]  # fmt: skip
    append_rows(state, new, judged_before(new, state, world_before, before_ms))
    parties.looked[chosen] = True


def rows_by_name(state: State) -> list[tuple[str, str, str]]:
    """(order, wearer, zone) of each row about an area-wide zone, in their order."""
    return [
        (subject.order.id, subject.wearer, subject.zone or "")
        for subject in state.subjects[len(state.world.subjects) :]
    ]


def append_by_name(state: State, names: Sequence[tuple[str, str, str]]) -> None:
    """Add rows about (order, wearer, zone) where the state's orders still know all three. The caller fills them."""
    parties = {party.id: row for row, party in enumerate(state.world.book.parties)}
    zones = {zone.id: place for place, zone in enumerate(state.world.book.area_zones)}
    new = [
        one
        for order, wearer, zone in names
        if wearer in parties and zone in zones
        for one in subjects_of(state, Near(parties[wearer], zones[zone]))
        if one[0].order.id == order
    ]
    append_rows(state, new, [False] * len(new))
