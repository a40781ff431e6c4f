# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The victim-proximity monitor authors
"""Pairs of people for a day: how far apart they truly were, and the fixes that their devices sent."""

from typing import Final, NamedTuple

import numpy as np

from proximity.model.units import MILLIS_PER_SECOND, Metres, Millis, Seconds
from simulators.devices.errors import (
    APART_MOVING,
    AT_REST,
    MOVING_TAU_S,
    RESTING_TAU_S,
    draw_errors,
    draw_lags_s,
)
from simulators.devices.fixes import DeviceFix
from simulators.scores.scoring import Limits, Truth
from simulators.truth.people import DAY_MS, HOUR_MS, Diary, Person, draw_person, go, place_near, workday
from simulators.truth.street import WGS84, Floats, Journey, Longs

MONDAY_MS: Final = 1_780_264_800_000  # 2026-06-01 00:00 in the Netherlands
LIMITS: Final = Limits(warning_m=1000.0, limit_m=500.0, reaction_ms=480 * MILLIS_PER_SECOND)
LIVES_NEAR, WORKS_NEAR, VISITS = (
    0.30,
    0.20,
    0.25,
)  # shares of the pairs; the last is more than life has: few would show little
ROOM_TAU_S: Final[Seconds] = 1_800.0  # how long a receiver stays in one class of accuracy at rest
STREET_TAU_S: Final[Seconds] = 120.0  # and on the move
ONE_OF_TWO: Final = 2.0**0.5  # table B is the distance of two such receivers


class Cadence(NamedTuple):
    """How often a device reports."""

    moving_s: Seconds
    resting_s: Seconds


TAG: Final = Cadence(60.0, 300.0)
PHONE: Final = Cadence(15.0, 60.0)


class Arrival(NamedTuple):
    """A fix, and when it came in."""

    at_ms: Millis
    fix: DeviceFix


class PairDay(NamedTuple):
    """A day of a wearer and a protected person."""

    truth: Truth
    wearer: tuple[Arrival, ...]
    protected: tuple[Arrival, ...]


def draw_pair(chance: np.random.Generator, limit_m: Metres) -> tuple[Person, Person]:
    """A wearer and a protected person; some live or work near each other."""
    protected, wearer = draw_person(chance), draw_person(chance)
    if chance.random() < LIVES_NEAR:
        wearer = wearer._replace(home=place_near(chance, protected.home, limit_m, 3.0 * limit_m))
    if chance.random() < WORKS_NEAR:
        wearer = wearer._replace(work=place_near(chance, protected.work, 0.0, 2.0 * limit_m))
    return wearer, protected


def wearers_day(wearer: Person, protected: Person, chance: np.random.Generator) -> Journey:
    """A workday; some come to her home in the evening, stay a while, and go."""
    diary = Diary(wearer.home, MONDAY_MS)
    workday(diary, wearer, chance, MONDAY_MS)
    if chance.random() < VISITS:
        diary.wait_until(MONDAY_MS + round(chance.uniform(19.0, 22.0) * HOUR_MS))
        go(diary, wearer, protected.home)
        diary.wait_until(diary.at_ms + round(chance.uniform(2.0, 25.0) * 60 * MILLIS_PER_SECOND))
        go(diary, wearer, wearer.home)
    return Journey(*diary.legs)


def report_times(journey: Journey, cadence: Cadence, first_ms: Millis, until_ms: Millis) -> Longs:
    """When a device reports: more often while its carrier moves."""
    seconds = np.arange(MONDAY_MS, until_ms, MILLIS_PER_SECOND, dtype=np.int64)
    moves = journey.at(seconds).speed_mps > 0.0
    times, at_ms = [], first_ms
    while at_ms < until_ms:
        times.append(at_ms)
        moving = moves[(at_ms - MONDAY_MS) // MILLIS_PER_SECOND]
        at_ms += round((cadence.moving_s if moving else cadence.resting_s) * MILLIS_PER_SECOND)
    return np.array(times, np.int64)


def receive_day(journey: Journey, cadence: Cadence, chance: np.random.Generator) -> tuple[Arrival, ...]:
    """The day's fixes of one device, in the order in which they come in."""
    first_ms = MONDAY_MS + round(chance.uniform(0.0, cadence.resting_s) * MILLIS_PER_SECOND)
    times = report_times(journey, cadence, first_ms, MONDAY_MS + DAY_MS)
    since_s = (times - times[0]) / MILLIS_PER_SECOND
    rest = draw_errors(chance, since_s, AT_REST, ROOM_TAU_S, RESTING_TAU_S)
    move = draw_errors(chance, since_s, APART_MOVING, STREET_TAU_S, MOVING_TAU_S)
    truth = journey.at(times)
    moves = truth.speed_mps > 0.0
    east, north = (
        np.where(moves, moving / ONE_OF_TWO, resting) for resting, moving in zip(rest[:2], move[:2], strict=True)
    )
    accuracy_m = np.where(moves, move[2], rest[2])
    lons, lats, _ = WGS84.fwd(truth.lon_deg, truth.lat_deg, np.degrees(np.arctan2(east, north)), np.hypot(east, north))
    arrive_ms = times + np.round(draw_lags_s(chance, len(times)) * MILLIS_PER_SECOND).astype(np.int64)
    found = [
        Arrival(
            int(arrives),
            DeviceFix(int(at), round(float(lat), 7), round(float(lon), 7), round(float(accuracy), 1), seq=seq),
        )
        for seq, (at, arrives, lat, lon, accuracy) in enumerate(
            zip(times, arrive_ms, lats, lons, accuracy_m, strict=True)
        )
    ]
    return tuple(sorted(found, key=lambda arrival: (arrival.at_ms, arrival.fix.seq)))


def distances_m(one: Journey, other: Journey) -> Floats:
    """The true distance each second of the day."""
    seconds = np.arange(MONDAY_MS, MONDAY_MS + DAY_MS, MILLIS_PER_SECOND, dtype=np.int64)
    here, there = one.at(seconds), other.at(seconds)
    return np.asarray(WGS84.inv(here.lon_deg, here.lat_deg, there.lon_deg, there.lat_deg)[2], np.float64)


def pair_day(seed: int, number: int) -> PairDay:
    """A pair's day. The same seed and number give the same."""
    chance = np.random.default_rng([seed, number])
    wearer, protected = draw_pair(chance, LIMITS.limit_m)
    his = wearers_day(wearer, protected, chance)
    diary = Diary(protected.home, MONDAY_MS)
    workday(diary, protected, chance, MONDAY_MS)
    hers = Journey(*diary.legs)
    return PairDay(
        Truth(MONDAY_MS, distances_m(his, hers)), receive_day(his, TAG, chance), receive_day(hers, PHONE, chance)
    )
