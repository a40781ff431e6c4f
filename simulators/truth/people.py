# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The victim-proximity monitor authors
"""People of Rotterdam and their days: home, work, shops and outings, on streets and rails, drawn from a seed."""

from collections.abc import Callable
from typing import Final, NamedTuple

import numpy as np

from proximity.model.units import MILLIS_PER_SECOND, Metres, Millis, Seconds
from simulators.truth.city import SPEEDS_MPS, Mode, NoWay, network, travel
from simulators.truth.street import WGS84, Journey, Leg

HOUR_MS: Final = 3_600 * MILLIS_PER_SECOND
DAY_MS: Final = 24 * HOUR_MS
WORKDAYS: Final = 5
WALKED_M: Final[Metres] = 1_000.0  # nearer places are walked to
CYCLED_M: Final[Metres] = 4_000.0
RIDES: Final[dict[Mode, Seconds]] = {Mode.TRAM: 600.0, Mode.METRO: 360.0}  # a vehicle leaves each stop every so often
STOP_WITHIN_M: Final[Metres] = 900.0
RIDDEN_FROM_M: Final[Metres] = 1_000.0

Place = tuple[float, float]  # lon, lat


class Habits(NamedTuple):
    """How many people have, or do, something; placeholders for what surveys say."""

    drive: float = 0.5
    cycle: float = 0.7
    ride: float = 0.6
    lunch_out: float = 0.6
    shop_after_work: float = 0.5
    out_in_the_evening: float = 0.35
    out_on_a_day_off: float = 0.7


HABITS: Final = Habits()


class Person(NamedTuple):
    """Where somebody lives, works and shops, and what they like to move by."""

    home: Place
    work: Place
    shop: Place
    drives: bool
    cycles: bool
    rides: bool


class Diary:
    """A day as it is made: legs that follow one another, at rest in between."""

    def __init__(self, place: Place, at_ms: Millis) -> None:
        self.place = place
        self.at_ms = at_ms
        self.legs: list[Leg] = []

    def wait_until(self, at_ms: Millis) -> None:
        """Stay until an instant, or not at all where that is past."""
        self.at_ms = max(self.at_ms, at_ms)

    def step(self, to: Place) -> None:
        """Walk straight there: out of a door, onto a platform."""
        if to != self.place:
            self.legs.append(Leg(self.at_ms, (self.place, to), SPEEDS_MPS[Mode.FOOT], Mode.FOOT))
            self.at_ms = Journey(self.legs[-1]).end_ms + 1
            self.place = to

    def go(self, mode: Mode, to: Place) -> None:
        """Set out now, straight to the nearest corner first; NoWay, and nothing done, where there is none."""
        first = travel(mode, self.place, to, self.at_ms)
        if not first:
            return
        self.step(first[0].waypoints[0])
        legs = travel(mode, self.place, to, self.at_ms)
        self.legs += legs
        self.at_ms = Journey(*legs).end_ms + 1
        self.place = legs[-1].waypoints[-1]


def draw_place(chance: np.random.Generator) -> Place:
    """Somewhere on the streets that one can walk."""
    places = network(Mode.FOOT).places
    lon, lat = places[int(chance.integers(len(places)))]
    return float(lon), float(lat)


def place_near(chance: np.random.Generator, to: Place, from_m: Metres, to_m: Metres) -> Place:
    """Somewhere on the streets at about such a distance from a place."""
    lon, lat, _ = WGS84.fwd(*to, float(chance.uniform(0.0, 360.0)), float(chance.uniform(from_m, to_m)))
    ways = network(Mode.FOOT)
    found_lon, found_lat = ways.places[ways.nearest(float(lon), float(lat))]
    return float(found_lon), float(found_lat)


def draw_person(chance: np.random.Generator) -> Person:
    """Somebody: shops are near homes, work is anywhere."""
    home = draw_place(chance)
    return Person(
        home, draw_place(chance), place_near(chance, home, 200.0, 1_500.0), bool(chance.random() < HABITS.drive),
        bool(chance.random() < HABITS.cycle), bool(chance.random() < HABITS.ride),
    )  # fmt: skip


def crow_m(one: Place, other: Place) -> Metres:
    """As the crow flies."""
    return float(WGS84.inv(*one, *other)[2])


def ride(diary: Diary, mode: Mode, to: Place) -> bool:
    """Walk to the nearest stop, wait for the vehicle, ride, walk on. False, and nothing done, where no stop is near."""
    ways = network(mode)
    stops = [(float(lon), float(lat)) for lon, lat in ways.places[[ways.nearest(*diary.place), ways.nearest(*to)]]]
    if crow_m(diary.place, stops[0]) > STOP_WITHIN_M or crow_m(to, stops[1]) > STOP_WITHIN_M:
        return False
    if crow_m(*stops) < RIDDEN_FROM_M:
        return False
    diary.go(Mode.FOOT, stops[0])
    diary.step(stops[0])
    every_ms = round(RIDES[mode] * MILLIS_PER_SECOND)
    diary.wait_until(-(-diary.at_ms // every_ms) * every_ms)
    diary.go(mode, stops[1])
    diary.go(Mode.FOOT, to)
    return True


def go(diary: Diary, person: Person, to: Place) -> None:
    """By whatever this person takes for such a distance."""
    far_m = crow_m(diary.place, to)
    if far_m <= WALKED_M or not (person.drives or person.cycles or person.rides):
        diary.go(Mode.FOOT, to)
    elif person.cycles and far_m <= CYCLED_M:
        diary.go(Mode.BICYCLE, to)
    elif not (person.rides and any(ride(diary, mode, to) for mode in RIDES)):
        diary.go(Mode.CAR if person.drives else Mode.BICYCLE if person.cycles else Mode.FOOT, to)


def workday(diary: Diary, person: Person, chance: np.random.Generator, midnight_ms: Millis) -> None:
    """To work in the morning, out for lunch, to the shop on the way home, perhaps out in the evening."""
    diary.wait_until(midnight_ms + round(chance.normal(8.0, 0.6) * HOUR_MS))
    go(diary, person, person.work)
    diary.wait_until(midnight_ms + round(chance.normal(12.4, 0.3) * HOUR_MS))
    if chance.random() < HABITS.lunch_out:
        diary.go(Mode.FOOT, place_near(chance, person.work, 150.0, 600.0))
        diary.wait_until(diary.at_ms + round(chance.uniform(5, 30) * 60 * MILLIS_PER_SECOND))
        diary.go(Mode.FOOT, person.work)
    diary.wait_until(midnight_ms + round(chance.normal(17.1, 0.6) * HOUR_MS))
    if chance.random() < HABITS.shop_after_work:
        go(diary, person, person.shop)
        diary.wait_until(diary.at_ms + round(chance.uniform(8, 35) * 60 * MILLIS_PER_SECOND))
    go(diary, person, person.home)
    if chance.random() < HABITS.out_in_the_evening:
        outing(diary, person, chance, midnight_ms + round(chance.normal(19.8, 0.5) * HOUR_MS))


def day_off(diary: Diary, person: Person, chance: np.random.Generator, midnight_ms: Millis) -> None:
    """To the shop before noon, and somewhere in the afternoon."""
    diary.wait_until(midnight_ms + round(chance.normal(10.8, 0.7) * HOUR_MS))
    go(diary, person, person.shop)
    diary.wait_until(diary.at_ms + round(chance.uniform(10, 50) * 60 * MILLIS_PER_SECOND))
    go(diary, person, person.home)
    if chance.random() < HABITS.out_on_a_day_off:
        outing(diary, person, chance, midnight_ms + round(chance.normal(14.5, 0.8) * HOUR_MS))


def outing(diary: Diary, person: Person, chance: np.random.Generator, at_ms: Millis) -> None:
    """Somewhere else for an hour or three, and home again."""
    diary.wait_until(at_ms)
    go(diary, person, place_near(chance, person.home, 500.0, 4_000.0))
    diary.wait_until(diary.at_ms + round(chance.uniform(0.7, 3.0) * HOUR_MS))
    go(diary, person, person.home)


Day = Callable[[Diary, Person, np.random.Generator, Millis], None]


def days(person: Person, chance: np.random.Generator, midnight_ms: Millis, count: int) -> Journey:
    """So many days from a midnight on, the first a Monday. The same draws give the same days."""
    diary = Diary(person.home, midnight_ms)
    for number in range(count):
        plan: Day = workday if number % 7 < WORKDAYS else day_off
        try:
            plan(diary, person, chance, midnight_ms + number * DAY_MS)
        except NoWay:
            continue  # a place that cannot be reached by what they took: they stay where they are
    return Journey(*diary.legs) if diary.legs else Journey.resting(*person.home)
