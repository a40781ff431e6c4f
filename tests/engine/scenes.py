# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The victim-proximity monitor authors
"""Half-hours of two to four devices with everything that goes wrong, drawn from a seed, and a way to play them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from math import atan2, cos, degrees, hypot, nan, pi, sin
from random import Random
from typing import NamedTuple

from msgspec.structs import replace
from pyproj import Geod

from proximity.engine.state import State, empty_state
from proximity.engine.step import step
from proximity.model.incidents import Transition
from proximity.model.inputs import Acknowledgement, Connection, Fix, Input, Refusal, Resolution, Revision, Status
from proximity.model.judging import Judging
from proximity.model.orders import Circle, Device, Order, OrderBook, Party, Polygons, Ring, Separation, Zone
from proximity.model.units import Degrees, Metres, Millis, Seconds
from proximity.model.wishes import Wish
from proximity.model.words import Change, DeviceKind, StatusEvent, ZoneKind
from tests.engine.troubles import wear_out

START_MS = 1_780_000_000_000
LENGTH_S = 1800
LAT_DEG, LON_DEG = 51.92, 4.48
GEOD = Geod(ellps="WGS84")
REGION, SUPERVISOR = "rotterdam", "team-a"


def place(east_m: Metres, north_m: Metres) -> tuple[Degrees, Degrees]:
    """(lat, lon) at hypot(east, north) from the middle of the scene, exactly."""
    azimuth_deg = degrees(atan2(east_m, north_m))
    lon_deg, lat_deg, _ = GEOD.fwd(LON_DEG, LAT_DEG, azimuth_deg, hypot(east_m, north_m))
    return lat_deg, lon_deg


def fix(
    device: str, at_s: Seconds, east_m: Metres, north_m: Metres = 0.0, *, accuracy_m: Metres = 5.0,
    speed_mps: float = nan, course_deg: float = nan,
) -> Fix:  # fmt: skip
    """A fix at a time since the scene began."""
    lat_deg, lon_deg = place(east_m, north_m)
    return Fix(device, START_MS + round(at_s * 1000), lat_deg, lon_deg, accuracy_m, speed_mps, course_deg, -1)


def ring(east_m: Metres, north_m: Metres, radius_m: Metres, corners: int) -> Ring:
    """A closed ring around a place, counter-clockwise."""
    around = [2 * pi * corner / corners for corner in range(corners)]
    spots = [place(east_m + radius_m * cos(angle), north_m + radius_m * sin(angle)) for angle in around]
    closed = [*spots, spots[0]]
    return tuple((lon_deg, lat_deg) for lat_deg, lon_deg in closed)


PARTIES = (
    Party("p-1", (Device("vic-1", DeviceKind.PHONE, 15.0, 15.0),)),
    Party("p-2", (Device("vic-2", DeviceKind.PHONE, 30.0, 60.0), Device("vic-3", DeviceKind.TAG, 60.0, 60.0))),
    Party("w-1", (Device("ank-1", DeviceKind.TAG, 60.0, 100.0),)),
    Party("w-2", (Device("ank-2", DeviceKind.TAG, 20.0, 20.0),)),
)
SEPARATION = Separation(limit_m=500.0, warning_m=1000.0, emergency_m=150.0, reaction_s=480.0)
HOME = Zone("home", ZoneKind.EXCLUSION, ("w-1",), Circle(*place(200.0, 0.0), 250.0), 100.0)
SCHOOL = Zone(
    "school", ZoneKind.EXCLUSION, ("w-1",),
    Polygons(((ring(-400.0, 300.0, 300.0, 7), ring(-400.0, 300.0, 80.0, 4)), (ring(500.0, -600.0, 150.0, 3),))), 50.0,
)  # fmt: skip

SHELTER = Zone("shelter", ZoneKind.EXCLUSION, (), Circle(*place(-300.0, -200.0), 200.0), 150.0)
STATION = Zone("station", ZoneKind.EXCLUSION, (), Polygons(((ring(350.0, 250.0, 250.0, 5),),)), 0.0)


def order(name: str = "o-1", **changes: object) -> Order:
    """An order over w-1 and p-1 that is in force, with a separation and no zones, unless said otherwise."""
    plain = Order(
        id=name, region=REGION, supervisor=SUPERVISOR, valid_from_ms=START_MS - 1000, valid_until_ms=None,
        wearers=("w-1",), protected=("p-1",), separation=SEPARATION,
    )  # fmt: skip
    return replace(plain, **changes)


def book_of(*orders: Order, name: str = "a") -> OrderBook:
    """An order book over all parties."""
    return OrderBook(f"sha256:{name}", PARTIES, tuple(sorted(orders, key=lambda order: order.id)))


class Step(NamedTuple):
    """What arrives at one `now`. An acknowledgement names by number which of the open incidents it means."""

    now_ms: Millis
    inputs: tuple[Input, ...]


@dataclass
class Played:
    """What came of a scene."""

    state: State
    transitions: list[Transition] = field(default_factory=list)
    refusals: list[Refusal] = field(default_factory=list)
    steps: list[Step] = field(default_factory=list)  # as given to the engine
    wishes: list[tuple[Millis, Wish]] = field(default_factory=list)

    def told(self) -> list[tuple[float, str, str, str, str]]:
        """Seconds since the start, subject without its order, change, level and cause of each transition."""
        return [
            (
                (transition.at_ms - START_MS) / 1000,
                ":".join(transition.incident.id.split(":")[1:3]),
                str(transition.change),
                transition.incident.level.word,
                str(transition.incident.cause),
            )
            for transition in self.transitions
        ]


def of_devices(played: Played) -> list[tuple[float, str, str, str, str]]:
    """What is told of devices alone."""
    return [line for line in played.told() if line[1].startswith("device:")]


def with_losses(scene: Sequence[Step], seed: int) -> list[Step]:
    """The scene, with the service deaf now and then: for moments, for minutes, again and again. Nothing comes then."""
    chance = Random(seed)
    last_s, at_s = (scene[-1].now_ms - START_MS) / 1000, chance.uniform(0, 200)
    changes: dict[Millis, list[Input]] = {}
    deaf: list[tuple[Millis, Millis]] = []
    while at_s < last_s:
        lost_ms = START_MS + round(at_s * chance.choice((1, 1000)) / 1000) * 1000 + chance.choice((0, 0, 137))
        lost_ms = max(lost_ms, deaf[-1][1] + 1) if deaf else lost_ms
        heard_ms = lost_ms + round(1000 * chance.choice((0.4, 3, 4, 5, 7, 60, 200, 400)))
        deaf.append((lost_ms, heard_ms))
        changes.setdefault(lost_ms, []).append(Connection(connected=False))
        changes.setdefault(heard_ms, []).append(Connection(connected=True, place=1))
        at_s = (heard_ms - START_MS) / 1000 + chance.choice((3, 6, 9, 11, 90, 300)) * chance.uniform(0.5, 1)
    heard = {given.now_ms: given.inputs for given in scene if not any(a <= given.now_ms < b for a, b in deaf)}
    heard[scene[0].now_ms] = scene[0].inputs  # the orders
    instants = sorted({*heard, *changes})
    return [Step(now_ms, (*heard.get(now_ms, ()), *changes.get(now_ms, ()))) for now_ms in instants]


def open_ids(transitions: Sequence[Transition]) -> list[str]:
    """The incidents that are open after these transitions, sorted."""
    latest = {transition.incident.id: transition.change for transition in transitions}
    return sorted(name for name, change in latest.items() if change is not Change.RESOLVED)


def resolve_names(inputs: Sequence[Input], transitions: Sequence[Transition]) -> tuple[Input, ...]:
    """The inputs, acknowledgements pointing at incidents that are open (or at none at all)."""
    names = open_ids(transitions)
    return tuple(
        replace(given, incident=names[int(given.incident) % len(names)])
        if isinstance(given, Acknowledgement | Resolution) and given.incident.isdecimal() and names
        else given
        for given in inputs
    )


def play(
    steps: Sequence[Step], *, every_second: bool = False, until_s: Seconds = LENGTH_S,
    before: Callable[[State], State] = lambda state: state, state: State | None = None,
) -> Played:  # fmt: skip
    """Run a scene as the runner does: due seconds before later inputs; `before` sees the state before each step."""
    played = Played(state or empty_state())
    end_ms = START_MS + round(until_s * 1000)
    given_at = {given.now_ms: given.inputs for given in steps if given.now_ms <= end_ms}
    instants = sorted({*given_at, end_ms})
    now_ms, due_ms = played.state.now_ms, end_ms + 1
    for instant_ms in instants:
        while True:
            second_ms = due_ms if not every_second else (now_ms // 1000 + 1) * 1000
            now_ms = min(second_ms, instant_ms) if now_ms >= 0 else instant_ms
            inputs = resolve_names(given_at.get(now_ms, ()), played.transitions)
            played.state, events, due_ms = step(before(played.state), inputs, now_ms)
            played.transitions += events.transitions
            played.refusals += events.refusals
            played.wishes += [(now_ms, wish) for wish in events.wishes]
            played.steps.append(Step(now_ms, inputs))
            if now_ms == instant_ms:
                break
    return played


@dataclass
class Walker:
    """A carrier of a device: legs of some minutes at some pace, drawn to the middle of the scene."""

    east_m: Metres
    north_m: Metres
    speed_mps: float = 0.0
    heading: float = 0.0
    leg_ends_s: Seconds = 0.0

    def homeward(self) -> float:
        """The heading to the middle of the scene."""
        return atan2(-self.north_m, -self.east_m)

    def move(self, chance: Random, at_s: Seconds, for_s: Seconds) -> None:
        """Walk on."""
        if at_s >= self.leg_ends_s:
            self.leg_ends_s = at_s + chance.choice((60, 120, 300, 600))
            self.speed_mps = chance.choice((0.0, 0.0, 1.4, 5.0, 14.0))
            self.heading = chance.choice((chance.uniform(-pi, pi), self.homeward()))
        if hypot(self.east_m, self.north_m) > 1800.0:
            self.heading = chance.uniform(-0.5, 0.5) + self.homeward()
        self.east_m += self.speed_mps * for_s * cos(self.heading)
        self.north_m += self.speed_mps * for_s * sin(self.heading)


@dataclass
class Sleeper(Walker):
    """At rest, its tag knowing the place by Wi-Fi: every now and then it is 200 m away."""

    def move(self, chance: Random, at_s: Seconds, for_s: Seconds) -> None:
        """Flip to the other anchor, or back."""
        del at_s, for_s
        if chance.random() < 0.3:
            self.heading += pi
            self.east_m += 200.0 * cos(self.heading)
            self.north_m += 200.0 * sin(self.heading)


@dataclass
class Driver(Walker):
    """Always at 33 m/s, past the middle of the scene and back again."""

    def move(self, chance: Random, at_s: Seconds, for_s: Seconds) -> None:
        """Drive on; turn where it is far out."""
        del at_s
        if not self.speed_mps or hypot(self.east_m, self.north_m) > 4000.0:
            self.heading = self.homeward() + chance.uniform(-0.25, 0.25)
        self.speed_mps = 33.0
        self.east_m += self.speed_mps * for_s * cos(self.heading)
        self.north_m += self.speed_mps * for_s * sin(self.heading)


MANNERS: tuple[tuple[type[Walker], tuple[tuple[Metres, ...], ...]], ...] = (  # of moving, and the accuracies with it
    (Walker, ((5.0,), (5.0, 12.0, 30.0), (5.0, 20.0, 80.0, 400.0), (20.0, 20.0, 1500.0))),
    (Walker, ((5.0,), (5.0, 58.0, 600.0), (12.0, 12.0, 30.0, 30.0, 58.0, 3000.0))),
    (Walker, ((5.0, 12.0), (8.0,), (30.0, 58.0))),
    (Sleeper, ((58.0,), (58.0, 58.0, 8.0), (58.0, 58.0, 600.0))),
    (Driver, ((5.0,), (5.0, 12.0, 30.0))),
)
DELAYS_S = (0.0, 0.1, 0.2, 0.2, 0.5, 0.9, 1.5, 45.0, 200.0)  # from the fix to its arrival
AHEAD_S = (0.5, 1.5, 5.0, 40.0, 100_000.0)
EVENTS = (
    StatusEvent.STRAP_CUT, StatusEvent.SOS, StatusEvent.CASE_OPEN, StatusEvent.POWER_OFF, StatusEvent.BATTERY_LOW,
    StatusEvent.OFFLINE, StatusEvent.SOS,
)  # fmt: skip


def track(chance: Random, device: str, every_s: Seconds, length_s: int) -> list[tuple[Millis, Fix]]:
    """(arrival, fix) of one device over the scene, with silences, delays, clocks ahead, repeats."""
    manner, mixes = chance.choice(MANNERS)
    walker = manner(chance.uniform(-1500, 1500), chance.uniform(-900, 900), heading=chance.uniform(-pi, pi))
    accuracies_m = chance.choice(mixes)
    trouble = chance.choice((0.0, 0.05, 0.2))
    says_speed, says_course = chance.random() < 0.5, chance.random() < 0.5
    every_s = 60.0 if manner is Driver else every_s
    arrivals: list[tuple[Millis, Fix]] = []
    at_s, quiet_until_s = chance.uniform(0.0, 120.0), 0.0
    while at_s < length_s:
        walker.move(chance, at_s, every_s)
        accuracy_m = chance.choice(accuracies_m)
        spread_m = 5.0 if manner is Sleeper else accuracy_m / 1.51  # an anchor is where it is
        made = fix(
            device, round(at_s, chance.choice((0, 3))), chance.gauss(walker.east_m, spread_m),
            chance.gauss(walker.north_m, spread_m), accuracy_m=accuracy_m,
            speed_mps=walker.speed_mps if says_speed else nan,
            course_deg=(90.0 - degrees(walker.heading)) % 360.0 if says_course and walker.speed_mps else nan,
        )  # fmt: skip
        if chance.random() < trouble * 0.2:
            quiet_until_s = at_s + chance.choice((100, 150, 250, 400, 900))
        arrives_s = at_s + chance.choice(DELAYS_S[:6])
        if chance.random() < trouble:
            arrives_s = at_s + chance.choice(DELAYS_S)
        if chance.random() < trouble * 0.5:
            made = replace(made, fixed_at_ms=made.fixed_at_ms + round(chance.choice(AHEAD_S) * 1000))
        if at_s >= quiet_until_s:
            arrivals.append((START_MS + 100 * round(arrives_s * 10), made))
            if chance.random() < trouble:
                again_s = arrives_s + chance.choice((0.0, 0.3, 20.0))
                arrivals.append((START_MS + 100 * round(again_s * 10), made))
        at_s += every_s * chance.choice((1.0, 1.0, 1.0, 0.5, 2.0))
    return arrivals


def draw_book(chance: Random, name: str) -> OrderBook:
    """Some orders over the parties, in force now, later, or not for long."""
    ends_ms = chance.choice((None, None, None, START_MS + chance.randrange(0, LENGTH_S * 1000)))
    begins_ms = START_MS + chance.choice((-1000, -1000, -1000, 0, chance.randrange(0, LENGTH_S * 1000)))
    limit_m = chance.choice((200.0, 500.0))
    first = order(
        "o-1", valid_until_ms=ends_ms, valid_from_ms=begins_ms, zones=chance.choice(((), (HOME,), (HOME, SCHOOL))),
        separation=Separation(limit_m, chance.choice((2, 3)) * limit_m, 0.3 * limit_m, 480.0),
        protected=chance.choice((("p-1",), ("p-1", "p-2"))),
    )  # fmt: skip
    second = order("o-2", wearers=("w-1", "w-2"), protected=("p-2",), supervisor="team-b")
    book = book_of(*chance.choice(((first,), (first, second), (second, first))), name=name)
    return replace(book, area_zones=chance.choice(((), (SHELTER,), (SHELTER, STATION))))


def half_hour(seed: int, length_s: int = LENGTH_S) -> list[Step]:
    """A scene of half an hour, or of that length. The first step brings the orders."""
    chance = Random(seed)
    given: dict[Millis, list[Input]] = {START_MS: [Revision(draw_book(chance, "0"), Judging())]}
    devices = [device for party in PARTIES for device in party.devices]
    for device in chance.sample(devices, chance.choice((2, 3, 4))):
        every_s = chance.choice((5.0, device.interval_s, device.rest_interval_s))
        for arrives_ms, made in track(chance, device.id, every_s, length_s):
            given.setdefault(arrives_ms, []).append(made)
    for number in range(chance.choice((0, 0, 2, 5))):
        now_ms = START_MS + 100 * chance.randrange(1, length_s * 10)
        at_ms = chance.choice((-1, now_ms, now_ms - 30_000))
        status = Status(chance.choice(devices).id, chance.choice(EVENTS), at_ms)
        given.setdefault(now_ms, []).extend([status] * chance.choice((1, 1, 2)))
        seen_ms = now_ms + chance.choice((0, 4000, 60_000))
        owner = chance.choice((SUPERVISOR, SUPERVISOR, "team-b"))
        given.setdefault(seen_ms, []).append(Acknowledgement(REGION, owner, str(number), "anna"))
    for name in range(chance.choice((0, 0, 1, 2))):
        now_ms = START_MS + 100 * chance.randrange(1, length_s * 10)
        given.setdefault(now_ms, []).append(Revision(draw_book(chance, str(name + 1)), Judging()))
    given.setdefault(START_MS + 5000, []).append(replace(fix("nobody", 4.0, 0.0), place=0))
    own = [device.id for device in devices]
    ordered = sorted(wear_out(Random(-1 - seed), given, own, (REGION, SUPERVISOR)).items())
    return [
        Step(now_ms, tuple(replace(one, place=spot) for spot, one in enumerate(inputs)))
        for now_ms, inputs in ordered
        if now_ms <= START_MS + length_s * 1000
    ]
