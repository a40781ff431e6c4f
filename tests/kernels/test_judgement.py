# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The victim-proximity monitor authors
"""The judgement of rows against plain Python, over tables that change at random as the gate would change them."""

from dataclasses import dataclass, field
from math import isnan, nan
from random import Random

import numpy as np
import pytest
from pyproj import Geod
from scipy.special import chndtr, ndtr

from proximity.geo.zones import compile_zones
from proximity.kernels.columns import NEVER_MS, UNKNOWN_MS, Numbers, PartyTable, RowTable
from proximity.kernels.geodesy import ecef
from proximity.kernels.judgement import (
    APART,
    CONFIRMED,
    FIRST_JUDGEMENT,
    LIMIT_CROSSED,
    ORDER_ENDED,
    UNCHANGED,
    UNCONTRADICTED,
    forget,
    judge,
    keep_apart,
    level_that_holds,
    may_fall,
    measure,
    move_level,
    next_due_ms,
    rise,
    select,
)  # fmt: skip
from proximity.kernels.zones import ZoneArrays
from proximity.model.orders import Circle, Zone
from proximity.model.words import ZoneKind
from tests.twins import twin_of

GEOD = Geod(ellps="WGS84")
NUMBERS = Numbers(
    certain_at=0.95, probable_at=0.5, possible_at=0.025, apart_below=0.05, apart_for_ms=120_000,
    confirm_after_ms=20_000, sigma_floor_m=10.0, accuracy_per_sigma=1.51, stale_intervals=2.0, stale_at_least_ms=90_000,
    skew_ms=30_000, ahead_tolerance_ms=1000, refuse_ahead_ms=86_400_000, moved_m=50.0,
)  # fmt: skip
T0 = 1_780_000_000_000
WEARER = np.array([0, 0, 1, 0], np.int32)
PROTECTED = np.array([2, 1, 2, -1], np.int32)
ZONE = np.array([-1, -1, -1, 0], np.int32)
LIMITS_M = np.array([[1000.0, 500.0, 150.0], [400.0, 200.0, 60.0], [2000.0, 1000.0, 300.0], [100.0, 0.0, -1.0]])
FROM_MS = np.array([0, T0 + 300_000, 0, 0], np.int64)
UNTIL_MS = np.array([NEVER_MS, NEVER_MS, T0 + 1_200_000, NEVER_MS], np.int64)
CENTRE, RADIUS_M = (51.92, 4.48), 250.0
ROWS, PARTIES = 4, 3


def zones() -> ZoneArrays:
    """One circle."""
    return compile_zones([Zone("z", ZoneKind.EXCLUSION, (), Circle(*CENTRE, RADIUS_M), 0.0)])


def tables() -> tuple[PartyTable, RowTable]:
    """Parties and rows of which nothing is known."""
    return PartyTable(
        fixed_ms=np.full(PARTIES, UNKNOWN_MS), position=np.full((PARTIES, 3), nan), lat_deg=np.full(PARTIES, nan),
        lon_deg=np.full(PARTIES, nan), sigma_m=np.full(PARTIES, nan),
        accuracy_m=np.full(PARTIES, nan), stale_ms=np.zeros(PARTIES, np.int64), marked=np.zeros(PARTIES, np.bool_),
        fixes=np.zeros(PARTIES, np.int64), good_fixes=np.zeros(PARTIES, np.int64), touched=np.zeros(PARTIES, np.bool_),
        looked=np.zeros(PARTIES, np.bool_),
    ), RowTable(
        level=np.zeros(ROWS, np.int8), certain=np.zeros(ROWS, np.bool_), possible=np.full(ROWS, 3, np.int8),
        judged=np.zeros(ROWS, np.bool_), distance_m=np.full(ROWS, nan), sigma_m=np.full(ROWS, nan),
        probability=np.full((ROWS, 3), nan), pending_ms=np.full((ROWS, 3), UNKNOWN_MS),
        pending_fixes=np.zeros((ROWS, 3), np.int64), apart_ms=np.full((ROWS, 3), UNKNOWN_MS),
        apart_wearer=np.zeros((ROWS, 3), np.int64), apart_protected=np.zeros((ROWS, 3), np.int64),
        due_ms=np.zeros(ROWS, np.int64),
    )  # fmt: skip


@dataclass
class Seen:
    """A party as last seen."""

    lat_deg: float
    lon_deg: float
    at_ms: int
    accuracy_m: float
    stale_ms: int
    marked: bool
    good: int


@dataclass
class PlainRow:
    """A row: (since, fixes) that agree and (since, good fixes then) that it is apart, by level from 1."""

    level: int = 0
    certain: bool = False
    possible: int = 3
    judged: bool = False
    agree: dict[int, tuple[int, int]] = field(default_factory=dict)
    apart: dict[int, tuple[int, list[int]]] = field(default_factory=dict)
    due_ms: int = 0


@twin_of(measure)
def probabilities(row: int, seen: list[Seen]) -> list[float]:
    sigmas = [max(10.0, one.accuracy_m / 1.51) for one in seen]
    if len(seen) == 1:
        out_m = GEOD.inv(seen[0].lon_deg, seen[0].lat_deg, CENTRE[1], CENTRE[0])[2] - RADIUS_M
        return [float(ndtr((LIMITS_M[row][0] - out_m) / sigmas[0])), float(ndtr(-out_m / sigmas[0])), 0.0]
    distance_m = GEOD.inv(seen[0].lon_deg, seen[0].lat_deg, seen[1].lon_deg, seen[1].lat_deg)[2]
    variance = sigmas[0] ** 2 + sigmas[1] ** 2
    return [float(chndtr(limit_m**2 / variance, 2, distance_m**2 / variance)) for limit_m in LIMITS_M[row]]


@twin_of(judge, move_level, keep_apart, level_that_holds, forget)
def plainly(row: int, plain: PlainRow, parties: dict[int, Seen], touched: set[int], now_ms: int) -> int:
    """Judge one row; its cause."""
    who = [int(party) for party in (WEARER[row], PROTECTED[row]) if party >= 0]
    if not FROM_MS[row] <= now_ms < UNTIL_MS[row]:
        had = plain.level
        plain.level, plain.certain, plain.judged, plain.agree, plain.apart = 0, False, False, {}, {}
        plain.due_ms = int(FROM_MS[row]) if now_ms < FROM_MS[row] else NEVER_MS
        return ORDER_ENDED if had else UNCHANGED
    plain.due_ms = int(UNTIL_MS[row])
    if not set(who) <= set(parties):
        plain.possible = 3
        return UNCHANGED
    seen = [parties[party] for party in who]
    chances = dict(enumerate(probabilities(row, seen), start=1))
    marked = any(one.marked for one in seen)
    plain.possible = max([0, *(level for level in chances if chances[level] >= 0.025)])
    target, cause = rising(row, plain, seen, chances, now_ms, moved=bool(touched & set(who)), marked=marked)
    plain.judged = True
    for level, chance in chances.items():
        if chance >= 0.05:
            plain.apart.pop(level, None)
        elif level not in plain.apart and not marked:
            plain.apart[level] = now_ms, [one.good for one in seen]
    falls_ms = NEVER_MS
    if target > plain.level:
        plain.level, plain.certain = target, False
    elif not marked:
        falls_ms = falling(plain, seen, now_ms)
    if falls_ms <= now_ms:
        plain.level = max([0, *(level for level in range(1, plain.level) if chances[level] >= 0.05)])
        plain.certain, cause, falls_ms = False, APART, NEVER_MS
    if plain.level and not marked and chances[plain.level] >= 0.95:
        plain.certain = True
    waits = [since_ms + 20_000 for level, (since_ms, _) in plain.agree.items() if level > plain.level]
    plain.due_ms = min([plain.due_ms, falls_ms, *waits])
    return cause


@twin_of(rise)
def rising(
    row: int, plain: PlainRow, seen: list[Seen], chances: dict[int, float], now_ms: int, *, moved: bool, marked: bool
) -> tuple[int, int]:
    """The level that is reached and why; the present one and UNCHANGED where none higher is."""
    target, cause = plain.level, UNCHANGED
    for level, chance in chances.items():
        limit_m = LIMITS_M[row][level - 1]
        if chance < 0.5 or any(0.0 < limit_m < one.accuracy_m for one in seen):
            plain.agree.pop(level, None)
            continue
        since_ms, fixes = plain.agree.get(level, (now_ms, 0))
        plain.agree[level] = since_ms, fixes + (level not in plain.agree or moved)
        reasons = {
            FIRST_JUDGEMENT: not plain.judged and not marked,
            LIMIT_CROSSED: not marked and (chance >= 0.95 or level == 3),
            CONFIRMED: plain.agree[level][1] >= 2,
            UNCONTRADICTED: now_ms - since_ms >= 20_000,
        }
        if level > target and any(reasons.values()):
            target, cause = level, next(reason for reason, holds in reasons.items() if holds)
    return target, cause


@twin_of(may_fall, next_due_ms)
def falling(plain: PlainRow, seen: list[Seen], now_ms: int) -> int:
    """When the level falls if nothing new comes."""
    if plain.level not in plain.apart:
        return NEVER_MS
    since_ms, good = plain.apart[plain.level]
    anew = all(one.good > then for one, then in zip(seen, good, strict=True))
    fresh = all(now_ms - one.at_ms < one.stale_ms for one in seen)
    return since_ms + 120_000 if anew and fresh else NEVER_MS


def move(chance: Random, party: int, parties: dict[int, Seen], table: PartyTable, now_ms: int) -> None:
    """A new position of a party, in the plain world and in the table."""
    spread_deg = chance.choice((0.0003, 0.003, 0.01))
    lat_deg, lon_deg = CENTRE[0] + chance.gauss(0, spread_deg), CENTRE[1] + chance.gauss(0, spread_deg)
    seen = Seen(
        lat_deg, lon_deg, now_ms - chance.choice((0, 900)),
        chance.choice((5.0, 5.0, 40.0, 250.0, 1500.0)), chance.choice((90_000, 120_000)), chance.random() < 0.15, 0,
    )  # fmt: skip
    seen.good = (parties[party].good if party in parties else 0) + (not seen.marked)
    parties[party] = seen
    table.position[party] = ecef(seen.lat_deg, seen.lon_deg)
    table.lat_deg[party], table.lon_deg[party] = seen.lat_deg, seen.lon_deg
    table.fixed_ms[party], table.accuracy_m[party], table.stale_ms[party] = seen.at_ms, seen.accuracy_m, seen.stale_ms
    table.sigma_m[party] = max(10.0, seen.accuracy_m / 1.51)
    table.marked[party], table.good_fixes[party], table.touched[party] = seen.marked, seen.good, True


@twin_of(select)
def to_judge(plain: list[PlainRow], touched: set[int], now_ms: int) -> list[int]:
    """The rows that are due, or of which a party has moved."""
    return [
        row for row in range(ROWS) if plain[row].due_ms <= now_ms or touched & {int(WEARER[row]), int(PROTECTED[row])}
    ]


def play(seed: int) -> set[int]:
    """Half an hour of random positions; every judgement must be the plain one. Gives the causes that occurred."""
    chance = Random(seed)
    table, rows = tables()
    parties: dict[int, Seen] = {}
    plain = [PlainRow() for _ in range(ROWS)]
    now_ms, causes = T0, set()
    often = chance.choice((0.05, 0.3))
    for _ in range(250):
        now_ms += chance.choice((1000, 5000, 10_000, 20_000))
        table.touched[:] = False
        for party in range(PARTIES):
            if chance.random() < often:
                move(chance, party, parties, table, now_ms)
        touched = {party for party in range(PARTIES) if table.touched[party]}
        expected = to_judge(plain, touched, now_ms)
        chosen = np.full(ROWS, -1, np.int32)
        chosen = chosen[: select(now_ms, WEARER, PROTECTED, table, rows, chosen)]
        assert list(chosen) == expected
        cause = np.full(len(chosen), -1, np.int8)
        next_ms = judge(
            chosen, now_ms, NUMBERS, WEARER, PROTECTED, ZONE, LIMITS_M, FROM_MS, UNTIL_MS, table, zones(), rows, cause
        )
        assert list(cause) == [plainly(row, plain[row], parties, touched, now_ms) for row in expected]
        for row in expected:
            found = (rows.level[row], rows.certain[row], rows.judged[row], rows.due_ms[row])
            assert found == (plain[row].level, plain[row].certain, plain[row].judged, plain[row].due_ms)
            if FROM_MS[row] <= now_ms < UNTIL_MS[row]:
                assert rows.possible[row] == plain[row].possible
        assert next_ms == min(one.due_ms for one in plain)
        causes |= set(map(int, cause))
    return causes


@pytest.mark.parametrize("first", range(0, 100, 20))
def test_rows_are_judged_as_plainly(first: int) -> None:
    for seed in range(first, first + 20):
        play(seed)


def test_the_plays_show_every_cause() -> None:
    causes = set().union(*(play(seed) for seed in range(20)))
    assert causes == {UNCHANGED, FIRST_JUDGEMENT, LIMIT_CROSSED, CONFIRMED, UNCONTRADICTED, APART, ORDER_ENDED}


def test_what_is_measured_is_kept() -> None:
    table, rows = tables()
    parties: dict[int, Seen] = {}
    for party in range(PARTIES):
        move(Random(party), party, parties, table, T0)
    everything = np.arange(ROWS, dtype=np.int32)
    judge(
        everything, T0 + 400_000, NUMBERS, WEARER, PROTECTED, ZONE, LIMITS_M, FROM_MS, UNTIL_MS, table, zones(), rows,
        np.zeros(ROWS, np.int8),
    )  # fmt: skip
    for row in range(ROWS):
        seen = [parties[int(party)] for party in (WEARER[row], PROTECTED[row]) if party >= 0]
        assert list(rows.probability[row]) == pytest.approx(probabilities(row, seen), abs=1e-7)
        there = (seen[1].lon_deg, seen[1].lat_deg) if len(seen) > 1 else CENTRE[::-1]
        distance_m = GEOD.inv(seen[0].lon_deg, seen[0].lat_deg, *there)[2]
        assert rows.distance_m[row] == pytest.approx(distance_m - (RADIUS_M if len(seen) == 1 else 0.0), abs=1e-4)
        sigma_m = sum(max(10.0, one.accuracy_m / 1.51) ** 2 for one in seen) ** 0.5
        assert rows.sigma_m[row] == pytest.approx(sigma_m)


def test_unknown_is_possible_and_never_probable() -> None:
    table, rows = tables()
    move(Random(1), 0, {}, table, T0)
    everything = np.arange(ROWS, dtype=np.int32)
    cause = np.full(ROWS, -1, np.int8)
    rows.possible[:] = 0
    judge(
        everything[:1], T0, NUMBERS, WEARER, PROTECTED, ZONE, LIMITS_M, FROM_MS, UNTIL_MS, table, zones(), rows,
        cause[:1],
    )  # fmt: skip
    assert (cause[0], rows.level[0], rows.possible[0], rows.judged[0]) == (UNCHANGED, 0, 3, False)
    assert isnan(rows.probability[0, 0])


def test_forgetting_leaves_nothing_but_what_was_measured() -> None:
    _, rows = tables()
    for column in (rows.level, rows.certain, rows.judged, rows.pending_ms, rows.pending_fixes, rows.apart_ms):
        column[1] = 1
    _, fresh = tables()
    forget(1, rows)
    for name in ("level", "certain", "judged", "pending_ms", "pending_fixes", "apart_ms"):
        assert np.array_equal(getattr(rows, name), getattr(fresh, name)), name
