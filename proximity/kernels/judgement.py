# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The victim-proximity monitor authors
"""Separation, probability, level: the judgement of links and zones, one row at a time."""

from math import isnan

import numpy as np

from proximity.kernels.arrays import Bytes, Floats, Ints, Longs
from proximity.kernels.columns import NEVER_MS, UNKNOWN_MS, Numbers, PartyTable, RowTable
from proximity.kernels.compiled import compiled
from proximity.kernels.geodesy import separation_m
from proximity.kernels.probability import normal_below, within_probability
from proximity.kernels.zones import ZoneArrays, allowed_m

LEVELS = 3  # warning, breach, emergency: level k has the columns k - 1
EMERGENCY = 3
AGREEING_FIXES = 2

# causes, in the order of proximity.engine.judge.CAUSES
UNCHANGED = 0
FIRST_JUDGEMENT = 1
LIMIT_CROSSED = 2
CONFIRMED = 3
UNCONTRADICTED = 4
APART = 5
ORDER_ENDED = 6


@compiled
def select(
    now_ms: int, wearer: Ints, protected: Ints, parties: PartyTable, rows: RowTable, chosen: Ints
) -> int:  # fmt: skip
    """Fill `chosen` with the rows that a new position or the time concerns; give how many."""
    count = 0
    for row in range(wearer.shape[0]):
        other = protected[row]
        if rows.due_ms[row] <= now_ms or parties.touched[wearer[row]] or (other >= 0 and parties.touched[other]):
            chosen[count] = row
            count += 1
    return count


@compiled
def measure(
    row: int, wearer: int, protected: int, zone: int, limits_m: Floats, parties: PartyTable, zones: ZoneArrays,
    numbers: Numbers, rows: RowTable,
) -> None:  # fmt: skip
    """Distance (to a zone `allowed_m`), its uncertainty, and the probability of being within each limit."""
    sigma_m = parties.sigma_m[wearer]
    if zone >= 0:
        distance_m = allowed_m(
            zones, zone, parties.lat_deg[wearer], parties.lon_deg[wearer],
            parties.position[wearer, 0], parties.position[wearer, 1], parties.position[wearer, 2],
        )  # fmt: skip
        for column in range(LEVELS - 1):
            rows.probability[row, column] = normal_below((limits_m[row, column] - distance_m) / sigma_m)
        rows.probability[row, LEVELS - 1] = np.nan if isnan(distance_m) else 0.0
    else:
        distance_m = separation_m(parties.position[wearer], parties.position[protected])
        sigma_m = np.hypot(sigma_m, parties.sigma_m[protected])
        for column in range(LEVELS):
            rows.probability[row, column] = within_probability(distance_m, sigma_m, limits_m[row, column])
    rows.distance_m[row] = distance_m
    rows.sigma_m[row] = sigma_m
    rows.possible[row] = 0
    for column in range(LEVELS):
        if not rows.probability[row, column] < numbers.possible_at:  # NaN is possible
            rows.possible[row] = column + 1


@compiled
def rise(
    row: int, now_ms: int, new_fix: bool, marked: bool, coarsest_m: float, limits_m: Floats, numbers: Numbers,
    rows: RowTable,
) -> tuple[int, int]:  # fmt: skip
    """The highest level that the evidence carries, and by which route; also keeps what is pending."""
    target = 0
    cause = UNCHANGED
    first = not rows.judged[row]
    for column in range(LEVELS):
        probability = rows.probability[row, column]
        too_coarse = limits_m[row, column] > 0.0 and coarsest_m > limits_m[row, column]
        if not probability >= numbers.probable_at or too_coarse:
            rows.pending_ms[row, column] = UNKNOWN_MS
            rows.pending_fixes[row, column] = 0
            continue
        if rows.pending_ms[row, column] == UNKNOWN_MS:
            rows.pending_ms[row, column] = now_ms
            rows.pending_fixes[row, column] = 1
        elif new_fix:
            rows.pending_fixes[row, column] += 1
        route = UNCHANGED
        if first and not marked:
            route = FIRST_JUDGEMENT
        elif not marked and (probability >= numbers.certain_at or column + 1 == EMERGENCY):
            route = LIMIT_CROSSED
        elif rows.pending_fixes[row, column] >= AGREEING_FIXES:
            route = CONFIRMED
        elif now_ms - rows.pending_ms[row, column] >= numbers.confirm_after_ms:
            route = UNCONTRADICTED
        if route != UNCHANGED:
            target = column + 1
            cause = route
    return target, cause


@compiled
def keep_apart(row: int, now_ms: int, wearer: int, protected: int, marked: bool, parties: PartyTable,
               numbers: Numbers, rows: RowTable) -> None:  # fmt: skip
    """Since when, and since which fixes, each limit has been improbable. A marked fix can end that, never begin it."""
    for column in range(LEVELS):
        if not rows.probability[row, column] < numbers.apart_below:
            rows.apart_ms[row, column] = UNKNOWN_MS
        elif rows.apart_ms[row, column] == UNKNOWN_MS and not marked:
            rows.apart_ms[row, column] = now_ms
            rows.apart_wearer[row, column] = parties.good_fixes[wearer]
            rows.apart_protected[row, column] = parties.good_fixes[protected] if protected >= 0 else 0


@compiled
def may_fall(
    row: int, now_ms: int, wearer: int, protected: int, marked: bool, parties: PartyTable, rows: RowTable
) -> bool:  # fmt: skip
    """True when nothing but time stands between the level and its fall: two good fixes of each party, all fresh."""
    column = rows.level[row] - 1
    if column < 0 or marked or rows.apart_ms[row, column] == UNKNOWN_MS:
        return False
    if now_ms - parties.fixed_ms[wearer] >= parties.stale_ms[wearer]:
        return False
    if parties.good_fixes[wearer] <= rows.apart_wearer[row, column]:
        return False
    if protected < 0:
        return True
    if now_ms - parties.fixed_ms[protected] >= parties.stale_ms[protected]:
        return False
    return bool(parties.good_fixes[protected] > rows.apart_protected[row, column])


@compiled
def level_that_holds(row: int, numbers: Numbers, rows: RowTable) -> int:
    """The highest level below the present one that is not improbable now."""
    for column in range(rows.level[row] - 2, -1, -1):
        if not rows.probability[row, column] < numbers.apart_below:
            return column + 1
    return 0


@compiled
def next_due_ms(row: int, falls: bool, numbers: Numbers, rows: RowTable) -> int:
    """When time alone can change the row: what is pending is confirmed, or the level has been improbable for long."""
    due_ms = NEVER_MS
    for column in range(rows.level[row], LEVELS):
        if rows.pending_ms[row, column] != UNKNOWN_MS:
            due_ms = min(due_ms, rows.pending_ms[row, column] + numbers.confirm_after_ms)
    if falls:
        due_ms = min(due_ms, rows.apart_ms[row, rows.level[row] - 1] + numbers.apart_for_ms)
    return due_ms


@compiled
def forget(row: int, rows: RowTable) -> None:
    """Put a row back to what it is before its first judgement."""
    rows.level[row] = 0
    rows.certain[row] = False
    rows.judged[row] = False
    for column in range(LEVELS):
        rows.pending_ms[row, column] = UNKNOWN_MS
        rows.pending_fixes[row, column] = 0
        rows.apart_ms[row, column] = UNKNOWN_MS


@compiled
def move_level(row: int, now_ms: int, wearer: int, protected: int, limits_m: Floats, numbers: Numbers,
               parties: PartyTable, rows: RowTable) -> int:  # fmt: skip
    """Raise or lower the row's level by what has been measured; give the cause."""
    new_fix = bool(parties.touched[wearer])
    marked = bool(parties.marked[wearer])
    coarsest_m = parties.accuracy_m[wearer]
    if protected >= 0:
        new_fix = new_fix or bool(parties.touched[protected])
        marked = marked or bool(parties.marked[protected])
        coarsest_m = max(coarsest_m, parties.accuracy_m[protected])
    target, cause = rise(row, now_ms, new_fix, marked, coarsest_m, limits_m, numbers, rows)
    rows.judged[row] = True
    keep_apart(row, now_ms, wearer, protected, marked, parties, numbers, rows)
    if target > rows.level[row]:
        rows.level[row] = target
        rows.certain[row] = False
    else:
        cause = UNCHANGED
    falls = may_fall(row, now_ms, wearer, protected, marked, parties, rows)
    if falls and now_ms - rows.apart_ms[row, rows.level[row] - 1] >= numbers.apart_for_ms:
        rows.level[row] = level_that_holds(row, numbers, rows)
        rows.certain[row] = False
        cause = APART
        falls = may_fall(row, now_ms, wearer, protected, marked, parties, rows)
    level = rows.level[row]
    if level > 0 and not marked and rows.probability[row, level - 1] >= numbers.certain_at:
        rows.certain[row] = True
    rows.due_ms[row] = next_due_ms(row, falls, numbers, rows)
    return cause


@compiled
def judge(
    chosen: Ints, now_ms: int, numbers: Numbers, wearer: Ints, protected: Ints, zone: Ints, limits_m: Floats,
    from_ms: Longs, until_ms: Longs, parties: PartyTable, zones: ZoneArrays, rows: RowTable, cause: Bytes,
) -> int:  # fmt: skip
    """Judge the chosen rows; `cause` (chosen,) says why a level changed. Gives when time next changes any row."""
    for place in range(chosen.shape[0]):
        row = chosen[place]
        cause[place] = UNCHANGED
        if not from_ms[row] <= now_ms < until_ms[row]:
            if rows.level[row] > 0:
                cause[place] = ORDER_ENDED
            forget(row, rows)
            rows.due_ms[row] = from_ms[row] if now_ms < from_ms[row] else NEVER_MS
            continue
        measure(row, wearer[row], protected[row], zone[row], limits_m, parties, zones, numbers, rows)
        rows.due_ms[row] = NEVER_MS
        if not isnan(rows.distance_m[row]):
            cause[place] = move_level(row, now_ms, wearer[row], protected[row], limits_m, numbers, parties, rows)
        rows.due_ms[row] = min(rows.due_ms[row], until_ms[row])
    next_ms = NEVER_MS
    for row in range(rows.due_ms.shape[0]):
        next_ms = min(next_ms, rows.due_ms[row])
    return next_ms
