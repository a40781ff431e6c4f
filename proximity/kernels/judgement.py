# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The victim-proximity monitor authors
"""The judgement of links and zones, one row at a time (docs/judgement.md)."""

from proximity.kernels.approach import approaching
from proximity.kernels.arrays import Bytes, Floats, Ints, Longs, Records
from proximity.kernels.blindness import doubt_due_ms, look_for_doubt
from proximity.kernels.columns import NEVER_MS, UNKNOWN_MS, Numbers
from proximity.kernels.compiled import compiled
from proximity.kernels.levels import (
    APART,
    APPROACHING,
    ORDER_ENDED,
    PASSED,
    TRAVELLING_TOGETHER,
    UNCHANGED,
    WARNING,
    forget_apart,
    forget_pending,
    is_gone,
    keep_apart,
    keep_steady,
    level_due_ms,
    level_that_holds,
    rise,
)
from proximity.kernels.measure import LEVELS, NOWHERE, is_coarse, is_known, measure_link, measure_possible, measure_zone
from proximity.kernels.passes import passed, way_begins_ms
from proximity.kernels.together import keep_together
from proximity.kernels.tracks import is_sure
from proximity.kernels.zones import ZoneArrays


@compiled
def select(
    now_ms: int, wearer: Ints, protected: Ints, parties: Records, rows: Records, chosen: Ints
) -> int:  # fmt: skip
    """Fill `chosen` with the rows that something new about a party or the time concerns; give how many."""
    count = 0
    for row in range(wearer.shape[0]):
        one, other = wearer[row], protected[row]
        news = parties[one]["touched"] or parties[one]["stirred"]
        if other != NOWHERE:
            news = news or parties[other]["touched"] or parties[other]["stirred"]
        if news or rows[row]["due_ms"] <= now_ms:
            chosen[count] = row
            count += 1
    return count


@compiled
def forget(row: int, rows: Records) -> None:
    """Put a row back to what it is before its first judgement."""
    rows[row]["level"] = 0
    rows[row]["certain"] = False
    rows[row]["judged"] = False
    rows[row]["doubt_ms"] = UNKNOWN_MS
    rows[row]["blame_ms"][0] = rows[row]["blame_ms"][1] = UNKNOWN_MS
    rows[row]["blind"] = False
    rows[row]["agrees_ms"] = UNKNOWN_MS
    rows[row]["approached"] = False
    rows[row]["near_ms"] = UNKNOWN_MS
    rows[row]["quiet"] = False
    rows[row]["along_ms"] = UNKNOWN_MS
    rows[row]["together"] = False
    rows[row]["rearmed"] = False
    for column in range(LEVELS):
        rows[row]["pending_ms"][column] = UNKNOWN_MS
        rows[row]["apart_ms"][column] = UNKNOWN_MS


@compiled
def raised(
    row: int, wearer: int, protected: int, zone: int, now_ms: int, on_the_way: int, marked: bool, by_fix: bool,
    limits_m: Floats, reaction_s: Floats, parties: Records, numbers: Numbers, rows: Records,
) -> tuple[int, int, bool]:  # fmt: skip
    """The level that the row rises to by what is now, what was on the way, or what will be; and why. 0: it does not.

    And whether velocities have agreed for long enough that they approach.
    """
    target, cause = rise(row, wearer, protected, zone, now_ms, marked, limits_m, parties, numbers, rows)
    rows[row]["judged"] = True
    if not by_fix:
        return target, cause, False
    if on_the_way > target:
        target, cause = on_the_way, PASSED
    standing = rows[row]["level"] == 0 or (
        rows[row]["level"] == WARNING and (rows[row]["approached"] or rows[row]["quiet"])
    )
    if zone != NOWHERE or not standing:
        return target, cause, False
    comes = approaching(row, wearer, protected, now_ms, reaction_s, limits_m, parties, numbers, rows)
    comes = comes and not is_coarse(row, wearer, protected, zone, 0, limits_m, parties, numbers)
    if comes and target == 0 and rows[row]["level"] == 0:
        target, cause = WARNING, APPROACHING
    return target, cause, comes


@compiled
def move_level(
    row: int, wearer: int, protected: int, zone: int, now_ms: int, on_the_way: int, limits_m: Floats,
    reaction_s: Floats, parties: Records, numbers: Numbers, rows: Records,
) -> int:  # fmt: skip
    """Raise or lower the row's level by what has been measured, and was on the way; give the cause."""
    before = rows[row]["level"]
    by_fix, marked = parties[wearer]["touched"], parties[wearer]["marked"]
    sure = is_sure(parties, wearer, now_ms)
    if protected != NOWHERE:
        by_fix, marked = by_fix or parties[protected]["touched"], marked or parties[protected]["marked"]
        sure = sure and is_sure(parties, protected, now_ms)
    target, cause, comes = raised(
        row, wearer, protected, zone, now_ms, on_the_way, marked, by_fix, limits_m, reaction_s, parties, numbers, rows
    )  # fmt: skip
    if target > before:
        rows[row]["level"] = target
        rows[row]["certain"] = False
        forget_apart(row, rows)
    else:
        cause = UNCHANGED
    if by_fix:
        keep_apart(row, now_ms, wearer, protected, sure, limits_m, parties, numbers, rows)
    heard = by_fix or parties[wearer]["stirred"] or (protected != NOWHERE and parties[protected]["stirred"])
    unmoved = cause == UNCHANGED and before > 0
    if unmoved and is_gone(row, wearer, protected, now_ms, sure, heard, parties, numbers, rows):
        rows[row]["level"] = level_that_holds(row, wearer, protected, limits_m, parties, numbers, rows)
        rows[row]["certain"] = False
        forget_pending(row, rows)
        cause = APART
    level = rows[row]["level"]
    if level != before:
        rows[row]["approached"] = cause == APPROACHING
        rows[row]["agrees_ms"] = UNKNOWN_MS
    seen = (by_fix or cause != UNCHANGED) and cause not in (PASSED, APPROACHING)
    if seen and level > 0 and not marked and rows[row]["probability"][level - 1] >= numbers.certain_at:
        rows[row]["certain"] = True
    if zone == NOWHERE:
        steady = keep_steady(row, before, now_ms, sure, by_fix, comes and rows[row]["quiet"], numbers, rows)
        cause = steady if cause == UNCHANGED else cause
        silent = cause == UNCHANGED
        if keep_together(row, wearer, protected, now_ms, sure, by_fix, silent, parties, numbers, rows):
            cause = TRAVELLING_TOGETHER
    return cause


@compiled
def judge(
    chosen: Ints, now_ms: int, numbers: Numbers, wearer: Ints, protected: Ints, zone: Ints, limits_m: Floats,
    reaction_s: Floats, from_ms: Longs, until_ms: Longs, area_from: int, parties: Records, zones: ZoneArrays,
    rows: Records, cause: Bytes,
) -> int:  # fmt: skip
    """Judge the chosen rows; `cause` (chosen,) says why a level changed. Gives when time next changes any row.

    Rows from `area_from` on are about area-wide zones.
    """
    for place in range(chosen.shape[0]):
        row = chosen[place]
        cause[place] = UNCHANGED
        if not from_ms[row] <= now_ms < until_ms[row]:
            if rows[row]["level"] > 0:
                cause[place] = ORDER_ENDED
            forget(row, rows)
            rows[row]["due_ms"] = from_ms[row] if now_ms < from_ms[row] else NEVER_MS
            continue
        one, other = wearer[row], protected[row]
        if zone[row] == NOWHERE:  # zones are many arrays: they are handed on only where they are needed
            measure_link(row, one, other, now_ms, limits_m, parties, numbers, rows)
        else:
            measure_zone(row, one, zone[row], now_ms, limits_m, parties, zones, numbers, rows)
        measure_possible(row, one, other, zone[row], now_ms, limits_m, parties, numbers, rows)
        due_ms = until_ms[row]
        if is_known(parties, one, other):
            start_ms = way_begins_ms(row, one, other, now_ms, from_ms[row], limits_m, parties, numbers, rows)
            on_the_way = 0
            if start_ms < now_ms:
                on_the_way = passed(
                    row, one, other, zone[row], start_ms, now_ms, limits_m, parties, zones, numbers, rows
                )
            cause[place] = move_level(
                row, one, other, zone[row], now_ms, on_the_way, limits_m, reaction_s, parties, numbers, rows
            )
            due_ms = min(due_ms, level_due_ms(row, one, other, zone[row], now_ms, limits_m, parties, numbers, rows))
        look_for_doubt(
            row, one, other, zone[row], now_ms, limits_m, parties, numbers, rows, row >= area_from
        )  # fmt: skip
        due_ms = min(due_ms, doubt_due_ms(row, one, other, now_ms, limits_m, parties, numbers, rows))
        rows[row]["due_ms"] = due_ms
    next_ms = NEVER_MS
    for row in range(rows.shape[0]):
        next_ms = min(next_ms, rows[row]["due_ms"])
    return next_ms
