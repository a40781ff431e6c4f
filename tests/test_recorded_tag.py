# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The victim-proximity monitor authors
"""A real tag, mostly at rest, whose positions flip by Wi-Fi, beside a protected person 400 m west of its usual place.

Limit 200 m, warning 300 m. The threshold on the last position enters them 111 and 136 times (figures not of ours).
"""

import csv
import gzip
import io
from collections.abc import Iterable, Sequence
from functools import cache
from itertools import pairwise
from math import nan
from pathlib import Path
from random import Random
from typing import NamedTuple

import pytest
from pyproj import Geod

from proximity.engine.state import empty_state
from proximity.engine.step import step
from proximity.model.incidents import Transition
from proximity.model.inputs import Fix, Input, Revision
from proximity.model.judging import Judging
from proximity.model.orders import Device, Order, OrderBook, Party, Separation
from proximity.model.words import Change, DeviceKind, Kind, Level
from simulators.devices.fixes import utc_ms

GEOD = Geod(ellps="WGS84")
FILE = Path(__file__).parent / "data" / "hmpps_em" / "positions.csv.gz"
USUAL = 51.4998272, 7.115165  # where most of the fixes are
AWAY_M, LIMIT_M, WARNING_M, EMERGENCY_M = 400.0, 200.0, 300.0, 60.0
HER_LON_DEG, HER_LAT_DEG, _ = GEOD.fwd(USUAL[1], USUAL[0], 270.0, AWAY_M)
A_MINUTE_MS, LONG_MS = 60_000, 3_600_000
SATELLITES = 1
BOOK = OrderBook(
    "recorded",
    (
        Party("p", (Device("phone", DeviceKind.PHONE, 60.0, 60.0),)),
        Party("w", (Device("tag", DeviceKind.TAG, 60.0, 300.0),)),
    ),
    (
        Order(
            id="o", region="r", supervisor="s", valid_from_ms=0, valid_until_ms=None, wearers=("w",), protected=("p",),
            separation=Separation(LIMIT_M, WARNING_M, EMERGENCY_M, 480.0),
        ),
    ),
)  # fmt: skip


class Position(NamedTuple):
    """One fix of the tag."""

    at_ms: int
    lat_deg: float
    lon_deg: float
    accuracy_m: float
    speed_mps: float
    course_deg: float
    kind: int

    @property
    def away_m(self) -> float:
        """From her."""
        return float(GEOD.inv(self.lon_deg, self.lat_deg, HER_LON_DEG, HER_LAT_DEG)[2])


@cache
def positions() -> tuple[Position, ...]:
    with gzip.open(FILE) as file:
        rows = list(csv.DictReader(io.TextIOWrapper(file, "utf-8")))
    return tuple(
        Position(
            utc_ms(row["fixed_at"]), float(row["lat"]), float(row["lon"]), float(row["accuracy_m"]),
            float(row["speed_kmh"]) / 3.6, float(row["course_deg"]) if float(row["speed_kmh"]) else nan,
            int(row["kind"]),
        )
        for row in rows
    )  # fmt: skip


def her_fixes(tag: Sequence[Position]) -> Iterable[Fix]:
    """Her phone a minute, with 4 m of noise, whenever the tag is recorded."""
    chance = Random(5)
    begins = [tag[0], *(after for before, after in pairwise(tag) if after.at_ms - before.at_ms > LONG_MS)]
    ends = [*(before for before, after in pairwise(tag) if after.at_ms - before.at_ms > LONG_MS), tag[-1]]
    for first, last in zip(begins, ends, strict=True):
        for at_ms in range(first.at_ms, last.at_ms + 10 * A_MINUTE_MS, A_MINUTE_MS):
            north_m, east_m = chance.gauss(0.0, 4.0), chance.gauss(0.0, 4.0)
            lat_deg, lon_deg = HER_LAT_DEG + north_m / 111_000.0, HER_LON_DEG + east_m / 69_000.0
            yield Fix("phone", at_ms, lat_deg, lon_deg, 10.0, 0.0, nan, -1)


def told(tag: Sequence[Position]) -> list[Transition]:
    """What the engine tells when her fixes take half a second and the tag's two."""
    given: dict[int, list[Input]] = {}
    for fix in her_fixes(tag):
        given.setdefault(fix.fixed_at_ms + 500, []).append(fix)
    for one in tag:
        fix = Fix("tag", one.at_ms, one.lat_deg, one.lon_deg, one.accuracy_m, one.speed_mps, one.course_deg, -1)
        given.setdefault(one.at_ms + 2000, []).append(fix)
    state, events, due_ms = step(empty_state(), [Revision(BOOK, Judging())], tag[0].at_ms - 1000)
    transitions = list(events.transitions)
    for now_ms in sorted(given):
        while due_ms < now_ms:
            at_ms = due_ms
            state, events, due_ms = step(state, [], at_ms)
            transitions += events.transitions
        state, events, due_ms = step(state, given[now_ms], now_ms)
        transitions += events.transitions
    return transitions


@pytest.fixture(scope="module")
def months() -> list[Transition]:
    return told(positions())


def entries(transitions: Iterable[Transition], level: Level) -> list[Transition]:
    return [
        one for one in transitions
        if one.incident.kind is Kind.SEPARATION and not one.late and one.previous_level < level <= one.incident.level
    ]  # fmt: skip


def test_the_data_is_what_it_is_said_to_be() -> None:
    away_m = [one.away_m for one in positions()]
    for limit_m, times in ((LIMIT_M, 111), (WARNING_M, 136)):
        assert sum(after <= limit_m < before for before, after in pairwise(away_m)) == times


def test_few_entries_and_each_is_a_walk_that_satellites_saw(months: list[Transition]) -> None:
    breaches, warnings = entries(months, Level.BREACH), entries(months, Level.WARNING)
    assert 0 < len(breaches) <= 6
    assert 0 < len(warnings) <= 8
    for found, limit_m in ((breaches, LIMIT_M), (warnings, WARNING_M)):
        for one in found:
            assert any(
                fix.kind == SATELLITES and fix.away_m <= limit_m + 10.0 and abs(fix.at_ms - one.at_ms) < 2 * A_MINUTE_MS
                for fix in positions()
            ), one


def test_blind_not_much_more_than_one_and_a_half_times_a_day_of_recording(months: list[Transition]) -> None:
    # 1.5 would be reached by believing for three hours that a tag rests which is known to 700 m (decision 0018)
    days = {one.at_ms // 86_400_000 for one in positions()}
    blind = [one for one in months if one.incident.kind is Kind.BLIND and one.change is Change.OPENED]
    assert len(blind) <= 1.75 * len(days)


def walk(accuracy_m: float) -> tuple[list[Position], int]:
    """Three hours of the tag at night, then a walk to her door at 1.3 m/s with a fix a minute; and when it began."""
    first_ms, last_ms = utc_ms("2026-04-10T00:00:00Z"), utc_ms("2026-04-10T03:00:00Z")
    night = [one for one in positions() if first_ms <= one.at_ms < last_ms]
    from_ms = night[-1].at_ms + 5 * A_MINUTE_MS
    walked = []
    for minute in range(1, 12):
        gone_m = min(AWAY_M, 1.3 * 60.0 * minute)
        lon_deg, lat_deg, _ = GEOD.fwd(USUAL[1], USUAL[0], 270.0, gone_m)
        walked.append(Position(from_ms + minute * A_MINUTE_MS, lat_deg, lon_deg, accuracy_m, nan, nan, 5))
    return [*night, *walked], from_ms


def test_a_walk_to_the_door_is_called_within_two_fixes() -> None:
    tag, from_ms = walk(58.0)
    within = [one for one in tag if one.at_ms > from_ms and one.away_m <= LIMIT_M]
    called = entries(told(tag), Level.BREACH)
    assert len(called) == 1
    assert from_ms < called[0].at_ms <= within[1].at_ms + 2000


def test_a_walk_that_nobody_can_see_is_blind_within_two_intervals() -> None:
    tag, from_ms = walk(600.0)
    blind = [one.at_ms for one in told(tag) if one.incident.kind is Kind.BLIND and one.change is Change.OPENED]
    coarse = next(one for one in tag if one.at_ms > from_ms)
    assert len(blind) == 1
    # the fix after it shows by its cadence that the tag moves: two intervals of a minute from there on, 2 s on the way
    assert coarse.at_ms < blind[0] <= coarse.at_ms + 3 * A_MINUTE_MS + 2000
