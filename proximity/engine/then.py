# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The victim-proximity monitor authors
"""Rows judged as they would have been had late fixes come in time (docs/judgement.md, section 16)."""

from collections.abc import Iterator, Sequence
from statistics import NormalDist
from typing import Final, NamedTuple

import numpy as np

from proximity.engine.area import ROUND_M, Near, find_zones, subjects_of
from proximity.engine.health import to_ms
from proximity.engine.history import blank_fixes
from proximity.engine.schedule import hours_at, in_order
from proximity.engine.state import State, blank_devices, blank_parties, new_rows
from proximity.geo.world import RowColumns, Subject, until_ms
from proximity.kernels.arrays import Floats
from proximity.kernels.columns import NEVER_MS, UNKNOWN_MS, FixColumns, records_of
from proximity.kernels.history import copy_out, earlier_ms, next_after_ms
from proximity.kernels.replay import PROTECTED, WEARER, Carried, Episodes, Judged, replay
from proximity.model.units import MILLIS_PER_SECOND, MetresPerSecond, Millis, Seconds

LEAD_FIXES: Final = 2  # of each party at least lead in: a step to the newest, and that before it
MOST_METRES_PER_DEGREE: Final = 112_000.0  # of latitude anywhere; of longitude, times the cosine
LEAST_METRES_PER_DEGREE: Final = 105_000.0  # likewise, less what a great circle saves
TOO_WIDE_DEG: Final = 18.0  # of longitude: beyond it a great circle saves more
NO_ROOM: Final = blank_fixes(0)


class Span(NamedTuple):
    """A stretch of time, both ends included."""

    first_ms: Millis
    last_ms: Millis


def devices_of(state: State, party: int) -> list[int]:
    """The rows of the devices that a party carries."""
    return [int(device) for device in np.flatnonzero(state.world.devices.party == party)]


def spans_of(state: State, late: FixColumns, now_ms: Millis) -> dict[int, Span]:
    """For each party with late fixes: from the first of them to its next fix after the last, or until it is stale."""
    parties = state.world.devices.party[late.device]
    spans = {}
    for party in np.unique(parties).tolist():
        own = parties == party
        first_ms, last_ms = int(late.fixed_ms[own].min()), int(late.fixed_ms[own].max())
        stale_ms = int(state.devices.stale_ms[late.device[own]].max())
        next_ms = min(next_after_ms(state.history, device, last_ms) for device in devices_of(state, party))
        if next_ms == NEVER_MS:
            end_ms = last_ms
        elif next_ms - last_ms <= max(stale_ms, state.numbers.pass_within_ms):
            end_ms = next_ms
        else:
            end_ms = last_ms + stale_ms
        spans[party] = Span(first_ms, min(end_ms, now_ms))
    return spans


def in_force(state: State, subject: Subject, span: Span) -> Iterator[tuple[Millis, Millis]]:
    """From when until when a row was judged, as far as that touches a stretch of time."""
    schedule, order = subject.schedule, subject.order
    if schedule is None:
        if order.valid_from_ms <= span.last_ms and span.first_ms < until_ms(order):
            yield order.valid_from_ms, until_ms(order)
        return
    changes = state.world.offsets[schedule.time_zone]
    at_ms = max(span.first_ms, order.valid_from_ms)
    while at_ms <= span.last_ms:
        from_ms, end_ms = in_order(order, hours_at(schedule, changes, at_ms), at_ms)
        if from_ms > span.last_ms:
            return
        yield from_ms, end_ms
        at_ms = end_ms


def carry(state: State, parties: Sequence[int], span: Span, now_ms: Millis) -> tuple[Carried, bool]:
    """The fixes of a row's parties that concern a stretch of time, and whether all were known before it."""
    lead_ms = span.first_ms - to_ms(state.judging.late_lead_s)
    oldest_ms = now_ms - state.numbers.history_ms
    devices = [(device, place) for place, party in enumerate(parties) for device in devices_of(state, party)]
    known, begins_ms, room = [False] * len(parties), [], 0
    for name, (device, place) in enumerate(devices):
        before_ms = int(earlier_ms(state.history, device, span.first_ms, LEAD_FIXES))
        # what is older than the history may still be there: it goes when its device is heard, be it with a repeat
        known[place] = known[place] or next_after_ms(state.history, device, oldest_ms - 1) < span.first_ms
        begins_ms.append(max(oldest_ms, min(lead_ms, before_ms)))
        room = copy_out(state.history, device, begins_ms[name], span.last_ms, name, *NO_ROOM, room)
    fixes, flags = blank_fixes(room)
    count = 0
    for name, (device, _) in enumerate(devices):
        count = copy_out(state.history, device, begins_ms[name], span.last_ms, name, fixes, flags, count)
    order = np.argsort(fixes.fixed_ms, kind="stable")
    rows = np.array([device for device, _ in devices], np.int64)
    carried = Carried(
        fixes=FixColumns._make(column[order] for column in fixes),
        flags=flags[order],
        party=np.array([WEARER, PROTECTED], np.int32)[[place for _, place in devices]],
        interval_ms=state.world.devices.interval_ms[rows],
        rest_interval_ms=state.world.devices.rest_interval_ms[rows],
        asked_ms=state.devices.asked_ms[rows],
    )
    return carried, all(known)


def steps_of(fixes: FixColumns) -> tuple[Floats, Floats]:
    """Metres at most and seconds between fixes of one party, by time."""
    seconds = np.diff(fixes.fixed_ms) / MILLIS_PER_SECOND
    east_m = (
        np.diff(fixes.lon_deg) * np.cos(np.radians(np.abs(fixes.lat_deg).min(initial=90.0))) * MOST_METRES_PER_DEGREE
    )
    return np.hypot(east_m, np.diff(fixes.lat_deg) * MOST_METRES_PER_DEGREE), seconds


def pace_at_most_mps(fixes: FixColumns, within_s: Seconds) -> MetresPerSecond:
    """No velocity that is taken from these fixes, of one party by time, is higher: said, or of a step."""
    steps_m, seconds = steps_of(fixes)
    taken = (seconds > 0.0) & (seconds <= within_s)
    said_mps = np.nan_to_num(fixes.speed_mps, nan=0.0).max(initial=0.0)
    return float(max(said_mps, (steps_m[taken] / seconds[taken]).max(initial=0.0)))


def area_subjects(state: State, party: int, span: Span, now_ms: Millis) -> list[tuple[Subject, int, int]]:
    """The area-wide zones that a wearer was near in a stretch of time and is not now: as (subject, party, zone)."""
    if not state.world.wearer_orders[party]:
        return []
    fixes, numbers = carry(state, [party], span, now_ms)[0].fixes, state.numbers
    steps_m, seconds = steps_of(fixes)
    on_the_way_m = np.zeros(len(fixes.fixed_ms))
    on_the_way_m[1:] = np.where(seconds * MILLIS_PER_SECOND <= numbers.pass_within_ms, steps_m, 0.0)
    sigma_m = np.maximum(numbers.sigma_floor_m, fixes.accuracy_m / numbers.accuracy_per_sigma)
    sigmas = max(0.0, NormalDist().inv_cdf(1.0 - numbers.probable_at))
    soon_m = pace_at_most_mps(fixes, numbers.velocity_within_s) * state.judging.extrapolate_s
    radius_m = sigmas * sigma_m + on_the_way_m + soon_m + ROUND_M
    near = find_zones(state.world, np.ones(len(radius_m), np.bool_), fixes.lat_deg, fixes.lon_deg, radius_m)
    present = {state.subjects[row].key for row in np.flatnonzero(state.columns.wearer == party).tolist()}
    zones = sorted({one.zone for one in near})
    return [one for zone in zones for one in subjects_of(state, Near(party, zone)) if one[0].key not in present]


def is_out_of_reach(state: State, columns: RowColumns, row: int, carried: Carried) -> bool:
    """Whether the parties of a link were so far apart all the time that nothing can come of judging it.

    A level needs that they were, would be soon, or came on the way, within the warning limit. Most links are: that is
    what makes an outage of all devices bearable.
    """
    judging, party = state.judging, carried.party[carried.fixes.device]
    ahead_s = judging.extrapolate_s + float(columns.reaction_s[row])
    boxes, reach_m = [], float(columns.limits_m[row, 0])
    for own in (party == WEARER, party == PROTECTED):
        fixes = FixColumns._make(column[own] for column in carried.fixes)
        if not own.any():
            return False
        boxes.append((fixes.lat_deg.min(), fixes.lat_deg.max(), fixes.lon_deg.min(), fixes.lon_deg.max()))
        reach_m += ahead_s * pace_at_most_mps(fixes, judging.velocity_within_s)
    (south, north, west, east), (other_south, other_north, other_west, other_east) = boxes
    if max(east, other_east) - min(west, other_west) > TOO_WIDE_DEG:
        return False
    up_deg = max(south - other_north, other_south - north)
    shrinks = np.cos(np.radians(max(abs(south), abs(north), abs(other_south), abs(other_north))))
    aside_deg = max(west - other_east, other_west - east) * shrinks
    return bool(max(up_deg, aside_deg) * LEAST_METRES_PER_DEGREE > reach_m)


def blank_episodes(count: int) -> Episodes:
    """Room for so many."""
    return Episodes(
        from_ms=np.zeros(count, np.int64),
        until_ms=np.zeros(count, np.int64),
        level=np.zeros(count, np.int8),
        certain=np.zeros(count, np.bool_),
        worst_ms=np.zeros(count, np.int64),
        distance_m=np.full(count, np.nan),
        sigma_m=np.full(count, np.nan),
        probability=np.full(count, np.nan),
    )


def judge_then(
    state: State, columns: RowColumns, row: int, spans: Sequence[tuple[Millis, Millis]], span: Span, level_then: int,
    now_ms: Millis,
) -> tuple[list[tuple[Episodes, int]], bool]:  # fmt: skip
    """What a row would have shown in a stretch of time, while it was in force, and whether both were known then.

    An episode is a place in a table of them.
    """
    wearer, protected = int(columns.wearer[row]), int(columns.protected[row])
    carried, led_in = carry(state, [wearer] if protected < 0 else [wearer, protected], span, now_ms)
    if protected >= 0 and is_out_of_reach(state, columns, row, carried):
        return [], True
    episodes: list[tuple[Episodes, int]] = []
    times_known = 0
    for from_ms, end_ms in spans:
        rows = new_rows(1)
        rows.judged[0] = led_in
        found = blank_episodes(len(carried.flags) + 2)
        own = Judged(
            wearer=np.array([WEARER], np.int32),
            protected=np.array([UNKNOWN_MS if protected < 0 else PROTECTED], np.int32),
            zone=columns.zone[row : row + 1],
            limits_m=columns.limits_m[row : row + 1],
            reaction_s=columns.reaction_s[row : row + 1],
            from_ms=np.array([from_ms], np.int64),
            until_ms=np.array([end_ms], np.int64),
        )
        devices = blank_devices(np.zeros(len(carried.party), np.int64), np.zeros(len(carried.party), np.int64))
        devices.asked_ms[:] = carried.asked_ms
        count, known = replay(
            carried, span.first_ms, min(span.last_ms, end_ms - 1), level_then, own, 1, records_of(devices),
            records_of(blank_parties(np.zeros(2, np.int64), state.numbers)), state.world.zones, state.kernel_numbers,
            records_of(rows), found,
        )  # fmt: skip
        episodes += [(found, place) for place in range(count)]
        times_known += known
    return episodes, times_known > 0
