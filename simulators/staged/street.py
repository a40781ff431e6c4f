# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The victim-proximity monitor authors
"""The language of staged scenarios: two people, what they carry, and how it reaches the broker.

Times are seconds after the scene begins. Who is told where to go goes there straight, unless told to keep to streets.
"""

from typing import Final, NamedTuple

import numpy as np
from msgspec.structs import replace

from proximity.model.units import MILLIS_PER_SECOND, Degrees, Metres, MetresPerSecond, Millis, Seconds
from simulators.devices.fixes import utc_ms
from simulators.devices.links import Arrival, Link, deliver
from simulators.devices.reception import PHONE, TAG, Battery, Cadence, Device, Misplaced, reports
from simulators.scores.pairs import PairDay
from simulators.scores.scoring import Limits, Truth
from simulators.truth.city import Mode, travel
from simulators.truth.people import Place
from simulators.truth.street import WGS84, Journey, Leg

HOME: Final[Place] = (4.4787171, 51.9229294)
BEGINS_MS: Final = utc_ms("2026-10-24T20:00:00Z")  # two hours before midnight in the Netherlands
REACTION_MS: Final = 480 * MILLIS_PER_SECOND
LONGEST_LAG_S: Final[Seconds] = 20.0  # the measured lags, without their tail: that is the pair-days' business
SLOW: Final = (0.5, 1.5)
UNLUCKY: Final = (0.0, 0.02)  # of the messages lost, and repeated


def beside(place: Place, far_m: Metres, bearing_deg: Degrees = 270.0) -> Place:
    """What lies so far from a place in a direction, west unless said."""
    lon, lat, _ = WGS84.fwd(*place, bearing_deg, far_m)
    return float(lon), float(lat)


class Person:
    """Somebody who does one thing after another."""

    def __init__(self, begins_ms: Millis) -> None:
        self._begins_ms = begins_ms
        self.at_ms = begins_ms
        self.place = HOME
        self.legs: list[Leg] = []

    @property
    def journey(self) -> Journey:
        """All that they do."""
        return Journey(*self.legs) if self.legs else Journey.resting(*self.place)

    def is_at(self, place: Place) -> "Person":
        """Where they are when the scene begins."""
        self.place = place
        return self

    def stays(self, for_s: Seconds) -> "Person":
        """Stay for so long."""
        self.at_ms += round(for_s * MILLIS_PER_SECOND)
        return self

    def stays_until(self, at_s: Seconds) -> "Person":
        """Stay until then."""
        self.at_ms = max(self.at_ms, self._begins_ms + round(at_s * MILLIS_PER_SECOND))
        return self

    def walks(self, towards: Place, at_mps: MetresPerSecond = 1.35, from_m: Metres | None = None) -> "Person":
        """Walk there, straight; `from_m` first puts them so far west of it."""
        return self._moves(Mode.FOOT, towards, at_mps, from_m)

    def cycles(self, towards: Place, at_mps: MetresPerSecond = 4.6, from_m: Metres | None = None) -> "Person":
        """Cycle there, straight."""
        return self._moves(Mode.BICYCLE, towards, at_mps, from_m)

    def drives(self, towards: Place, at_mps: MetresPerSecond = 12.0, from_m: Metres | None = None) -> "Person":
        """Drive there, straight."""
        return self._moves(Mode.CAR, towards, at_mps, from_m)

    def rides(self, towards: Place, mode: Mode, at_mps: MetresPerSecond) -> "Person":
        """Ride there, straight."""
        return self._moves(mode, towards, at_mps, None)

    def keeps_to_streets(self, towards: Place, mode: Mode) -> "Person":
        """Go there by the quickest way of the city."""
        self._moves(Mode.FOOT, travel(mode, self.place, towards, self.at_ms)[0].waypoints[0], 1.35, None)
        legs = travel(mode, self.place, towards, self.at_ms)
        self.legs += legs
        self.at_ms, self.place = Journey(*legs).end_ms + 1, legs[-1].waypoints[-1]
        return self

    def _moves(self, mode: Mode, to: Place, at_mps: MetresPerSecond, from_m: Metres | None) -> "Person":
        if from_m is not None:
            self.place = beside(to, from_m)
        if to != self.place:
            self.legs.append(Leg(self.at_ms, (self.place, to), at_mps, mode))
            self.at_ms, self.place = Journey(self.legs[-1]).end_ms + 1, to
        return self


class Carried:
    """A device, and what befalls it."""

    def __init__(self, cadence: Cadence, begins_ms: Millis) -> None:
        self.device = Device(cadence)
        self.link = Link(longest_s=LONGEST_LAG_S)
        self.lies_at: Place | None = None
        self._begins_ms = begins_ms

    def _ms(self, at_s: Seconds) -> Millis:
        return self._begins_ms + round(at_s * MILLIS_PER_SECOND)

    def reports(self, every_s: Seconds, resting_s: Seconds | None = None) -> None:
        """How often."""
        self.device = replace(self.device, cadence=Cadence(every_s, resting_s or every_s))

    def says(self, event: str, at_s: Seconds) -> None:
        """A status event."""
        self.device = replace(self.device, says=(*self.device.says, (self._ms(at_s), event)))

    def is_dark(self, from_s: Seconds, until_s: Seconds) -> None:
        """Shielded or jammed: it reports nothing, and says nothing."""
        self.device = replace(self.device, dark=(*self.device.dark, (self._ms(from_s), self._ms(until_s))))

    def runs_flat(self, at_s: Seconds, until_s: Seconds = 86_400.0, lasts_h: float = 30.0) -> None:
        """Its battery is empty until it is charged; it says so before."""
        lasts_ms = round(lasts_h * 3_600 * MILLIS_PER_SECOND)
        self.device = replace(self.device, battery=Battery(self._ms(at_s) - lasts_ms, lasts_ms, self._ms(until_s)))

    def freezes(self, from_s: Seconds, until_s: Seconds) -> None:
        """It repeats one position to the last digit."""
        self.device = replace(self.device, frozen=(*self.device.frozen, (self._ms(from_s), self._ms(until_s))))

    def jumps(self, from_s: Seconds, until_s: Seconds, by_m: Metres, accuracy_m: Metres, bearing_deg: Degrees) -> None:
        """For a time it believes to be elsewhere, as good as it claims."""
        wrong = Misplaced(self._ms(from_s), self._ms(until_s), bearing_deg, by_m, accuracy_m)
        self.device = replace(self.device, misplaced=(*self.device.misplaced, wrong))

    def flips(self) -> None:
        """At rest it knows its place by Wi-Fi."""
        self.device = replace(self.device, flips=True)

    def clock_is_ahead(self, by_s: Seconds) -> None:
        """Or behind, where that is negative."""
        self.device = replace(self.device, clock_ahead_ms=round(by_s * MILLIS_PER_SECOND))

    def is_left(self, at: Place) -> None:
        """It lies there, whatever its owner does."""
        self.lies_at = at

    def loses(self, share: float) -> None:
        """So many of its messages never come."""
        self.link = replace(self.link, lost=share)

    def repeats(self, share: float) -> None:
        """So many of its messages come twice."""
        self.link = replace(self.link, twice=share)

    def is_slow(self, times: float, longest_s: Seconds) -> None:
        """Its messages take so many times longer."""
        self.link = replace(self.link, slow=times, longest_s=longest_s)

    def is_cut_off(self, from_s: Seconds, until_s: Seconds) -> None:
        """No connection: it stores, and forwards afterwards."""
        self.link = replace(self.link, outages=(*self.link.outages, (self._ms(from_s), self._ms(until_s))))

    def loses_its_broker(self, from_s: Seconds, until_s: Seconds) -> None:
        """The broker restarts."""
        self.link = replace(self.link, restarts=(*self.link.restarts, (self._ms(from_s), self._ms(until_s))))


class Staged(NamedTuple):
    """A scene as it was played with one seed: a day, however short, and what the orders say of it."""

    begins_ms: Millis
    limits: Limits
    cadences: tuple[Cadence, Cadence]  # of his tag and her phone, as the orders declare them
    day: PairDay


class Street:
    """A stage: `wearer` and `protected`, his `tag` and her `phone`; both links are at first as a seed has them."""

    def __init__(self, seed: int) -> None:
        self._chance = np.random.default_rng([seed, 40])
        self.seed = seed
        self.begins_ms = BEGINS_MS
        self.lasts_s: Seconds = 3_600.0
        self.distances = Limits(1_000.0, 500.0, REACTION_MS)
        self.wearer, self.protected = Person(BEGINS_MS), Person(BEGINS_MS)
        self.tag, self.phone = Carried(TAG, BEGINS_MS), Carried(PHONE, BEGINS_MS)
        for carried in (self.tag, self.phone):
            carried.is_slow(float(self._chance.uniform(*SLOW)), LONGEST_LAG_S)
            carried.loses(float(self._chance.uniform(*UNLUCKY)))
            carried.repeats(float(self._chance.uniform(*UNLUCKY)))

    def limits(self, limit_m: Metres, warning_m: Metres | None = None) -> None:
        """What the court set."""
        self.distances = Limits(warning_m or 2.0 * limit_m, limit_m, REACTION_MS)

    def lasts(self, seconds: Seconds) -> None:
        """How long the scene is."""
        self.lasts_s = seconds

    def begins(self, at: str) -> None:
        """The date and the time in UTC, where they matter; before anything else."""
        self.begins_ms = utc_ms(at)
        self.wearer, self.protected = Person(self.begins_ms), Person(self.begins_ms)
        for name in ("tag", "phone"):
            carried = Carried(getattr(self, name).device.cadence, self.begins_ms)
            carried.link = getattr(self, name).link
            setattr(self, name, carried)

    def play(self) -> Staged:
        """What truly happened, and what came in."""
        until_ms = self.begins_ms + round(self.lasts_s * MILLIS_PER_SECOND)
        sent = []
        for person, carried in ((self.wearer, self.tag), (self.protected, self.phone)):
            journey = person.journey if carried.lies_at is None else Journey.resting(*carried.lies_at)
            said = reports(journey, carried.device, self.begins_ms, until_ms, self._chance)
            arrivals = deliver(said, carried.link, self._chance)
            online = Arrival(self.begins_ms, event="online")
            sent.append((online, *(one for one in arrivals if one.at_ms < until_ms)))
        seconds = np.arange(self.begins_ms, until_ms, MILLIS_PER_SECOND, dtype=np.int64)
        his, hers = self.wearer.journey, self.protected.journey
        here, there = his.at(seconds), hers.at(seconds)
        apart_m = np.asarray(WGS84.inv(here.lon_deg, here.lat_deg, there.lon_deg, there.lat_deg)[2], np.float64)
        day = PairDay(Truth(self.begins_ms, apart_m), sent[0], sent[1], (his, hers), home=HOME)
        cadences = self.tag.device.cadence, self.phone.device.cadence
        return Staged(self.begins_ms, self.distances, cadences, day)
