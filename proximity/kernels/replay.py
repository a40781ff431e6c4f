# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The victim-proximity monitor authors
"""What one row would have shown had late fixes come in time: the ordinary judgement on a small state of its own.

docs/judgement.md, section 16, says the rules.
"""

from math import isnan
from typing import NamedTuple

import numpy as np

from proximity.kernels.admission import follow
from proximity.kernels.arrays import Bytes, Flags, Floats, Ints, Longs, Records
from proximity.kernels.columns import NEVER_MS, UNKNOWN_MS, FixColumns, Numbers
from proximity.kernels.compiled import compiled, compiled_with_memory
from proximity.kernels.history import AHEAD_OF_US, DOUBTFUL
from proximity.kernels.judgement import judge
from proximity.kernels.levels import UNCHANGED, second_after
from proximity.kernels.measure import is_known
from proximity.kernels.positions import move_party
from proximity.kernels.zones import ZoneArrays

WEARER, PROTECTED = 0, 1  # the rows of the private party table


class Carried(NamedTuple):
    """The devices of the parties of a row, and their fixes in the order of time."""

    fixes: FixColumns  # `device` is a place in the columns below
    flags: Bytes
    party: Ints  # WEARER or PROTECTED
    interval_ms: Longs
    rest_interval_ms: Longs
    asked_ms: Longs  # as it is known now: none of their fixes counts as awake for coming soon before that


class Judged(NamedTuple):
    """The columns of the one row, each an array of one."""

    wearer: Ints
    protected: Ints
    zone: Ints
    limits_m: Floats
    reaction_s: Floats
    from_ms: Longs
    until_ms: Longs


class Episodes(NamedTuple):
    """What is found, a row each."""

    from_ms: Longs  # the level rose
    until_ms: Longs  # they were first seen to be apart after that; else the last that is known
    level: Bytes  # the highest
    certain: Flags
    worst_ms: Longs  # when they were nearest at that level
    distance_m: Floats  # then; NaN where the level stands for something else than where they were
    sigma_m: Floats
    probability: Floats


@compiled
def take_until(
    carried: Carried, place: int, now_ms: int, devices: Records, parties: Records, numbers: Numbers
) -> int:  # fmt: skip
    """Take the fixes from `place` on that have come until an instant, as if in time; gives the place of the next."""
    fixes = carried.fixes
    while place < fixes.fixed_ms.shape[0] and fixes.fixed_ms[place] <= now_ms:
        device = fixes.device[place]
        if not carried.flags[place] & AHEAD_OF_US:
            before_ms = devices[device]["newest_ms"]
            devices[device]["newest_ms"] = fixes.fixed_ms[place]
            follow(devices, fixes, place, carried.interval_ms, carried.rest_interval_ms, numbers)
            move_party(
                devices, parties, carried.party[device], fixes, place, fixes.fixed_ms[place], before_ms,
                carried.interval_ms, carried.rest_interval_ms, carried.flags[place] & DOUBTFUL != 0, numbers,
            )  # fmt: skip
        place += 1
    return place


@compiled
def note_end(now_ms: int, rows: Records, found: Episodes, own: int) -> None:
    """Until when an episode is known to last: they were first seen to be apart, or it is not over."""
    apart_ms = rows[0]["apart_ms"][0]
    found.until_ms[own] = now_ms if apart_ms == UNKNOWN_MS else max(apart_ms, found.from_ms[own])


@compiled
def note(now_ms: int, numbers: Numbers, rows: Records, inside: bool, found: Episodes, count: int) -> int:
    """Go on with an episode, or begin one where `inside` is False; the level is not clear. Gives how many there are."""
    level = rows[0]["level"]
    if not inside:
        found.from_ms[count] = now_ms
        found.level[count] = 0
        count += 1
    own = count - 1
    note_end(now_ms, rows, found, own)
    higher = level > found.level[own]
    if higher:
        found.level[own] = level
        found.certain[own] = False
        found.worst_ms[own] = now_ms
        found.distance_m[own] = np.nan
        found.sigma_m[own] = np.nan
        found.probability[own] = np.nan
    if level == found.level[own]:
        found.certain[own] = found.certain[own] or rows[0]["certain"]
        seen = rows[0]["probability"][level - 1] >= numbers.probable_at
        nearer = isnan(found.distance_m[own]) or rows[0]["distance_m"] < found.distance_m[own]
        if seen and nearer:
            found.worst_ms[own] = now_ms
            found.distance_m[own] = rows[0]["distance_m"]
            found.sigma_m[own] = rows[0]["sigma_m"]
            found.probability[own] = rows[0]["probability"][level - 1]
    return count


@compiled_with_memory
def replay(
    carried: Carried, first_ms: int, end_ms: int, level_then: int, row: Judged, area_from: int, devices: Records,
    parties: Records, zones: ZoneArrays, numbers: Numbers, rows: Records, found: Episodes,
) -> tuple[int, int]:  # fmt: skip
    """Judge the row as if every fix had come in time, and fill `found` with its episodes from `first_ms` to `end_ms`.

    What comes before `first_ms` leads in; what the row was then known to be, at most, is `level_then`. Gives how many
    episodes there are, and how often the parties were both known.
    """
    chosen, cause = np.zeros(1, np.int32), np.full(1, UNCHANGED, np.int8)
    place, count, known, inside, due_ms = 0, 0, 0, False, NEVER_MS
    led_in = False
    while True:
        fix_ms = carried.fixes.fixed_ms[place] if place < carried.fixes.fixed_ms.shape[0] else NEVER_MS
        now_ms = min(fix_ms, due_ms)
        if now_ms > end_ms:
            return count, known
        if now_ms >= first_ms and not led_in:
            led_in = True
            if rows[0]["level"] > level_then:
                rows[0]["level"] = level_then
                rows[0]["certain"] = False
        for party in range(parties.shape[0]):
            parties[party]["touched"] = False
            parties[party]["stirred"] = False
        place = take_until(carried, place, now_ms, devices, parties, numbers)
        due_ms = judge(
            chosen, now_ms, numbers, row.wearer, row.protected, row.zone, row.limits_m, row.reaction_s, row.from_ms,
            row.until_ms, area_from, parties, zones, rows, cause,
        )  # fmt: skip
        due_ms = second_after(max(due_ms, now_ms + 1))
        if now_ms < first_ms:
            continue
        known += is_known(parties, WEARER, row.protected[0])
        if rows[0]["level"] > 0:
            count = note(now_ms, numbers, rows, inside, found, count)
        elif inside:
            note_end(now_ms, rows, found, count - 1)
        inside = rows[0]["level"] > 0
