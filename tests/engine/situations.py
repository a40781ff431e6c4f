# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The victim-proximity monitor authors
"""How situations are written down and played: ways, what devices report of them, and what is told, by two engines.

A tag reports every 60 s while it moves and every 300 s at rest, a phone every 15 and 60 s; an accelerometer wakes
either. Fixes are off by up to 3 m to the east and to the north, drawn from a seed, and arrive as they are made.
"""

from bisect import bisect_right
from collections.abc import Iterable
from itertools import zip_longest
from math import atan2, degrees, hypot, inf, nan
from random import Random
from typing import Final, NamedTuple

from msgspec.structs import replace

from proximity.model.inputs import Fix, Input, Revision
from proximity.model.judging import Judging
from proximity.model.orders import Device, Order, OrderBook, Party
from proximity.model.words import QUIET_CHANGES, DeviceKind
from tests.engine.scenes import START_MS, Played, Step, fix, order, play
from tests.engine.test_twin import ordered, told
from tests.engine.twin_wishes import WishingTwin

Arrival = tuple[float, Input]  # the second at which it comes
Line = tuple[float, str, str, str, str]  # the second, subject without its order, change, level, cause
NOISE_M: Final = 3.0
LINK, BLIND, AREA = "separation:w-1_p-1", "blind:w-1_p-1", "zone:w-1_home"
TAG, PHONE = "device:ank-1", "device:vic-1"


class Told(NamedTuple):
    """What a supervisor is to be told, and when: at a second, or within some. Several causes may stand in `cause`."""

    at_s: float | tuple[float, float]
    subject: str
    change: str
    level: str
    cause: str


class Cadence(NamedTuple):
    """How often a device reports."""

    moving_s: float
    resting_s: float


OF_TAGS, OF_PHONES = Cadence(60.0, 300.0), Cadence(15.0, 60.0)


def party(name: str, device: str, kind: DeviceKind) -> Party:
    cadence = OF_TAGS if kind is DeviceKind.TAG else OF_PHONES
    return Party(name, (Device(device, kind, cadence.moving_s, cadence.resting_s),))


PEOPLE = (
    party("p-1", "vic-1", DeviceKind.PHONE), party("p-2", "vic-2", DeviceKind.PHONE),
    party("w-1", "ank-1", DeviceKind.TAG),
)  # fmt: skip


class Way:
    """Where somebody is: straight and evenly from corner to corner (second, metres east, metres north)."""

    def __init__(self, *corners: tuple[float, float, float]) -> None:
        self.corners = corners
        self.times = [at_s for at_s, _, _ in corners]

    def at(self, at_s: float) -> tuple[float, float, float, float]:
        """Metres east and north, speed, course."""
        last = bisect_right(self.times, at_s)
        if last in (0, len(self.corners)):
            _, east_m, north_m = self.corners[max(0, last - 1)]
            return east_m, north_m, 0.0, nan
        (from_s, from_e, from_n), (until_s, until_e, until_n) = self.corners[last - 1 : last + 1]
        east_mps, north_mps = (until_e - from_e) / (until_s - from_s), (until_n - from_n) / (until_s - from_s)
        after_s, speed_mps = at_s - from_s, hypot(east_mps, north_mps)
        course_deg = degrees(atan2(east_mps, north_mps)) % 360.0 if speed_mps else nan
        return from_e + east_mps * after_s, from_n + north_mps * after_s, speed_mps, course_deg

    def sets_out_s(self, at_s: float) -> float:
        """When somebody who rests goes on."""
        return next((one for one in self.times if one > at_s and self.at(one)[2]), inf)


def at_rest(east_m: float, north_m: float = 0.0) -> Way:
    return Way((0.0, east_m, north_m))


def reports(
    device: str, way: Way, cadence: Cadence, from_s: float, until_s: float, *, accuracy_m: float = 5.0,
    says_speed: bool = True,
) -> list[Fix]:  # fmt: skip
    """The fixes of a device from a second on, before another."""
    chance, fixes, at_s = Random(device), list[Fix](), from_s
    while at_s < until_s:
        east_m, north_m, speed_mps, course_deg = way.at(at_s)
        east_m, north_m = (metres + chance.uniform(-NOISE_M, NOISE_M) for metres in (east_m, north_m))
        says = {"speed_mps": speed_mps, "course_deg": course_deg} if says_speed else {}
        fixes.append(fix(device, at_s, east_m, north_m, accuracy_m=accuracy_m, **says))
        moves = speed_mps > 0.0
        next_s = at_s + (cadence.moving_s if moves else cadence.resting_s)
        at_s = next_s if moves else min(next_s, way.sets_out_s(at_s) + cadence.moving_s)
    return fixes


def tag(way: Way, until_s: float, from_s: float = 7, *, says_speed: bool = True, accuracy_m: float = 5.0) -> list[Fix]:
    """His fixes, the first of them at 7 s."""
    return reports("ank-1", way, OF_TAGS, from_s, until_s, says_speed=says_speed, accuracy_m=accuracy_m)


def phone(way: Way, until_s: float, from_s: float = 0, device: str = "vic-1", *, accuracy_m: float = 5.0) -> list[Fix]:
    """Her fixes, the first of them at 0 s."""
    return reports(device, way, OF_PHONES, from_s, until_s, accuracy_m=accuracy_m)


def in_time(fixes: Iterable[Fix]) -> list[Arrival]:
    return [((one.fixed_at_ms - START_MS) / 1000, one) for one in fixes]


def orders_of(*orders: Order, people: tuple[Party, ...] = PEOPLE, name: str = "a") -> Revision:
    """Limits of 1000, 500 and 150 m, unless said otherwise."""
    return Revision(OrderBook(f"sha256:{name}", people, orders or (order(),)), Judging())


def steps_of(arrivals: Iterable[Arrival], orders: Revision | None = None) -> list[Step]:
    given: dict[int, list[Input]] = {START_MS - 500: [orders or orders_of()]}
    for at_s, one in arrivals:
        own = given.setdefault(START_MS + round(at_s * 1000), [])
        own.append(replace(one, place=len(own)))
    return [Step(now_ms, tuple(inputs)) for now_ms, inputs in sorted(given.items())]


def happens(arrivals: Iterable[Arrival], until_s: float, orders: Revision | None = None) -> Played:
    """What the engine makes of it, once the twin has told the very same."""
    played = play(steps_of(arrivals, orders), until_s=until_s)
    twin = WishingTwin().run(played.steps, START_MS + round(until_s * 1000))
    assert ordered(told(played.transitions)) == ordered(twin)
    return played


def loud(played: Played) -> list[Line]:
    """What leaves as an alert."""
    return [
        line for line, one in zip(played.told(), played.transitions, strict=True)
        if not one.folded and one.change not in QUIET_CHANGES
    ]  # fmt: skip


def of(lines: Iterable[Line], subject: str) -> list[Line]:
    return [line for line in lines if line[1] == subject]


def expect(lines: Iterable[Line], *expected: Told) -> None:
    """All that is told is what is expected, in the order of time, of equal times by subject."""
    seen = [
        line if want is None or line is None else placed(line, want)
        for line, want in zip_longest(sorted(lines, key=lambda line: line[:2]), expected)
    ]
    same = [line for line in seen if line is not None] == list(expected)
    assert same, "\n".join(["told:", *map(str, seen), "expected:", *map(str, expected)])


def placed(line: Line, want: Told) -> Told:
    """A line, with the expected window for its second and the expected causes for its own where it is among them."""
    at_s, subject, change, level, cause = line
    from_s, until_s = want.at_s if isinstance(want.at_s, tuple) else (want.at_s, want.at_s)
    when = want.at_s if from_s <= at_s <= until_s else at_s
    return Told(when, subject, change, level, want.cause if cause in want.cause.split("|") else cause)
