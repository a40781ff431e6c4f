# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The victim-proximity monitor authors
"""Pairs of people for a day: how far apart they truly were, and what their devices sent."""

from typing import Final, NamedTuple

import numpy as np

from proximity.model.units import MILLIS_PER_SECOND, Millis
from simulators.devices.links import Arrival, Link, deliver
from simulators.devices.obedient import often
from simulators.devices.reception import PHONE, TAG, Battery, Device, Span, reports
from simulators.scores.population import POPULATION, rank, traits_of
from simulators.scores.scoring import Truth
from simulators.scores.stalking import WAYS
from simulators.truth.city import NoWay
from simulators.truth.people import DAY_MS, HOUR_MS, Diary, Person, Place, draw_person, go, place_near, workday
from simulators.truth.street import WGS84, Floats, Journey

MONDAY_MS: Final = 1_780_264_800_000  # 2026-06-01 00:00 in the Netherlands
END_MS: Final = MONDAY_MS + DAY_MS
LIMITS: Final = POPULATION.limits
FLAT_HOURS: Final = (12.0, 20.0)  # when a careless charger's tag goes flat
CHARGED_AFTER_HOURS: Final = (0.5, 4.0)
BATTERY_HOURS: Final = 30.0


class PairDay(NamedTuple):
    """A day of a wearer and a protected person; `home` is hers, as an order would have it."""

    truth: Truth
    wearer: tuple[Arrival, ...]
    protected: tuple[Arrival, ...]
    journeys: tuple[Journey, Journey] | None = None  # his and hers
    traits: frozenset[str] = frozenset()
    home: Place | None = None
    devices: tuple[Device, Device] | None = None  # his and hers


def draw_pair(chance: np.random.Generator, traits: frozenset[str]) -> tuple[Person, Person]:
    """A wearer and a protected person; some live or work near each other."""
    people, limit_m = POPULATION.people, LIMITS.limit_m
    protected, wearer = draw_person(chance), draw_person(chance)
    if "lives_near" in traits:
        low, high = people.lives_near_limits
        wearer = wearer._replace(home=place_near(chance, protected.home, low * limit_m, high * limit_m))
    if "works_near" in traits:
        low, high = people.works_near_limits
        wearer = wearer._replace(work=place_near(chance, protected.work, low * limit_m, high * limit_m))
    return wearer, protected


def wearers_day(
    wearer: Person, protected: Person, hers: Journey, traits: frozenset[str], stalking: int, chance: np.random.Generator
) -> tuple[Journey, tuple[Span, ...]]:
    """A workday; some come to her home in the evening, stay a while, and go. And when his tag is dark for it."""
    diary, dark = Diary(wearer.home, MONDAY_MS), tuple[Span, ...]()
    workday(diary, wearer, chance, MONDAY_MS)
    try:
        if "stalks" in traits:
            diary.wait_until(MONDAY_MS + round(chance.uniform(16.5, 18.0) * HOUR_MS))
            dark = WAYS[stalking % len(WAYS)](diary, wearer, hers, protected.home, LIMITS.limit_m, chance)
        elif "visits" in traits:
            diary.wait_until(MONDAY_MS + round(chance.uniform(19.0, 22.0) * HOUR_MS))
            go(diary, wearer, protected.home)
            diary.wait_until(diary.at_ms + round(chance.uniform(2.0, 25.0) * 60 * MILLIS_PER_SECOND))
            go(diary, wearer, wearer.home)
    except NoWay:
        pass  # a home that cannot be reached by what he took: he stays where he is
    return Journey(*diary.legs), dark


def draw_device(side: str, dark: tuple[Span, ...], traits: frozenset[str], chance: np.random.Generator) -> Device:
    """His tag or her phone, with what is wrong with it."""
    ahead_s, flat_hour = chance.uniform(*POPULATION.devices.clock_off_s), chance.uniform(*FLAT_HOURS)
    flat_ms = MONDAY_MS + round(flat_hour * HOUR_MS)
    lasts_ms = round(BATTERY_HOURS * HOUR_MS)
    careless = Battery(
        flat_ms - lasts_ms, lasts_ms, flat_ms + round(chance.uniform(*CHARGED_AFTER_HOURS) * HOUR_MS)
    )  # fmt: skip
    return Device(
        cadence=TAG if side == "wearer" else PHONE,
        flips=side == "wearer" and "wifi_flips" in traits,
        clock_ahead_ms=round(ahead_s * MILLIS_PER_SECOND) if f"{side}_clock_off" in traits else 0,
        battery=careless if side == "wearer" and "careless_charger" in traits else None,
        dark=dark,
    )


def draw_link(side: str, restarts: tuple[Span, ...], traits: frozenset[str], chance: np.random.Generator) -> Link:
    """A device's way to the broker."""
    links = POPULATION.links
    from_ms = MONDAY_MS + round(chance.uniform(6.0, 23.0) * HOUR_MS)
    outage = (from_ms, from_ms + round(chance.uniform(*links.outage_s) * MILLIS_PER_SECOND))
    away = (outage,) if f"{side}_outage" in traits else ()
    return Link(lost=links.lost, twice=links.twice, outages=away, restarts=restarts)


def distances_m(one: Journey, other: Journey, from_ms: Millis = MONDAY_MS, until_ms: Millis = END_MS) -> Floats:
    """The true distance each second."""
    seconds = np.arange(from_ms, until_ms, MILLIS_PER_SECOND, dtype=np.int64)
    here, there = one.at(seconds), other.at(seconds)
    return np.asarray(WGS84.inv(here.lon_deg, here.lat_deg, there.lon_deg, there.lat_deg)[2], np.float64)


def pair_day(seed: int, number: int, *, dense: bool = False) -> PairDay:
    """A pair's day. The same seed and number give the same; `dense`: of devices that report as often as they can."""
    chance = np.random.default_rng([seed, number])
    traits = traits_of(seed, number)
    wearer, protected = draw_pair(chance, traits)
    diary = Diary(protected.home, MONDAY_MS)
    workday(diary, protected, chance, MONDAY_MS)
    hers = Journey(*diary.legs)
    his, dark = wearers_day(wearer, protected, hers, traits, rank(seed, number, "stalks"), chance)
    restart_ms = MONDAY_MS + round(chance.uniform(0.0, 24.0) * HOUR_MS)
    back_ms = restart_ms + round(chance.uniform(*POPULATION.links.restart_s) * MILLIS_PER_SECOND)
    restarts = ((restart_ms, back_ms),) if "restart" in traits else ()
    sent, devices = [], []
    for side, journey, own in (("wearer", his, dark), ("protected", hers, ())):
        device = draw_device(side, own, traits, chance)
        link = draw_link(side, restarts, traits, chance)
        devices.append(device)
        device = often(device, MONDAY_MS) if dense else device
        sent.append(deliver(reports(journey, device, MONDAY_MS, END_MS, chance), link, chance))
    truth, both = Truth(MONDAY_MS, distances_m(his, hers)), (devices[0], devices[1])
    return PairDay(truth, sent[0], sent[1], (his, hers), traits, protected.home, both)
