# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The victim-proximity monitor authors
"""What the load is, computed and nothing else: devices, links, orders, when each sends, where it is, who crosses.

Link j has wearer `w-j`, protected person `p-j` and order `o-j`. Most parties walk in small circles 3 km apart. A few
wearers drive at their protected person, and on to their door: a crossing is the one fix that takes them over the
warning distance, far enough for the service to be certain. A round is one fix of every device.
"""

from collections.abc import Iterator
from math import ceil, cos, degrees, pi, sin

from msgspec import Struct

REGION = "bench"
SUPERVISOR = "load"
ALERTS_TOPIC = f"reclassering/v1/{REGION}/{SUPERVISOR}/alerts"
STATE_TOPIC = "proximity/v1/system/state"
FIXES_TOPIC = "proximity/v1/devices/+/fix"

LIMIT_M = 500
WARNING_M = 1000
ZONE_EVERY = 10  # one wearer in so many has an exclusion zone
ZONE_RADIUS_M = 300
LINKS_A_ROW = 100
DEVICES_MAX = 200_000  # the rows go north from 51 degrees, 0.02 each
METRES_A_DEGREE = 111_260.0  # of latitude at 52 degrees north (WGS84); within 0.02 % where the load is
APART_M = 3_000.0
AT_THE_DOOR_M = 50.0
DRIVEN_M = 36.0  # between two fixes of a driver: 130 km/h where a round takes a second
BEFORE_M = 7.0  # beyond the warning distance, a round before the crossing: less than probable at 15 m of accuracy
STEPS = 8  # fixes in one turn of a walker's circle
CIRCLE_M = 1.65  # its radius; a turn is 10.4 m: 1.3 m a fix
ACCURACIES_M = tuple(5.0 + 0.5 * step for step in range(21))  # 5 to 15 m


class Plan(Struct, frozen=True):
    """One load: every device sends a fix in turn, `rate_per_s` in all; warm-up, measured window, tail."""

    devices: int = 10_000
    rate_per_s: int = 10_000
    seconds: int = 60
    warm_up_s: int = 10
    crossings_per_s: int = 10
    tail_s: int = 2  # the load goes on, so that the last counts of the window stand between two heartbeats
    processes: int = 2
    unacknowledged_max: int = 4_000  # a load process; its PUBACKs (4 bytes each) always fit the socket's buffer

    @property
    def links(self) -> int:
        """How many links there are: two devices each."""
        return self.devices // 2

    @property
    def round_s(self) -> float:
        """How long a round takes."""
        return self.devices / self.rate_per_s

    @property
    def messages(self) -> int:
        """How many fixes are sent in all, warm-up and tail included."""
        return self.rate_per_s * (self.warm_up_s + self.seconds + self.tail_s)


class Place(Struct, frozen=True, gc=False):
    """Where a device is in a round, and how it moves."""

    lat_deg: float
    lon_deg: float
    moved_m: float  # since the round before
    course_deg: float


class Slot(Struct, frozen=True, gc=False):
    """One fix to send: when, counted from the load's start, and whose."""

    due_s: float
    device: str
    link: int
    round: int
    at: Place
    accuracy_m: float
    crosses: bool  # it is this fix that takes the parties of the link over the warning distance


def faults(plan: Plan) -> list[str]:
    """What is wrong with a plan, one line each; empty when it can be run."""
    rules = (
        (plan.devices >= 2 * plan.processes, f"devices: {plan.devices} is too few, give at least {2 * plan.processes}"),
        (plan.devices % (2 * plan.processes) == 0, f"devices: {plan.devices} must divide by {2 * plan.processes}"),
        (plan.devices <= DEVICES_MAX, f"devices: {plan.devices} is too many, give at most {DEVICES_MAX}"),
        (plan.rate_per_s >= 1, f"rate: {plan.rate_per_s} must be at least 1"),
        (plan.seconds >= 1, f"seconds: {plan.seconds} must be at least 1"),
        (plan.warm_up_s >= 0, f"warm-up: {plan.warm_up_s} must not be negative"),
        (
            plan.rate_per_s < 1 or plan.warm_up_s >= plan.round_s,
            f"warm-up: {plan.warm_up_s} s must cover a round, the first fix of every device",
        ),
    )
    return [fault for holds, fault in rules if not holds]


def wearer(link: int) -> str:
    """The id of the link's wearer and of their device."""
    return f"w-{link:05d}"


def protected(link: int) -> str:
    """The id of the link's protected person and of their device."""
    return f"p-{link:05d}"


def order(link: int) -> str:
    """The id of the link's order."""
    return f"o-{link:05d}"


def home_deg(link: int) -> tuple[float, float]:
    """Latitude and longitude of the middle of the circle that the wearer walks in; the protected's is 3 km north."""
    row, column = divmod(link, LINKS_A_ROW)
    return 51.0 + 0.02 * row, 4.0 + 0.02 * column


def orders_toml(plan: Plan) -> str:
    """The orders of all links, as the service reads them (DESIGN 4.3)."""
    return "\n".join(order_toml(link) for link in range(plan.links))


def order_toml(link: int) -> str:
    """One order; every tenth wearer must also keep out of a zone they never go near."""
    lines = [
        "[[orders]]",
        f'id = "{order(link)}"',
        f'region = "{REGION}"',
        f'supervisor = "{SUPERVISOR}"',
        "valid_from = 2024-01-01T00:00:00Z",
        f'wearers = ["{wearer(link)}"]',
        f'protected = ["{protected(link)}"]',
        "[orders.separation]",
        f"limit_m = {LIMIT_M}",
        f"warning_m = {WARNING_M}",
    ]
    if link % ZONE_EVERY == 0:
        lat_deg, lon_deg = home_deg(link)
        south_deg = lat_deg - APART_M / METRES_A_DEGREE
        circle = f"{{lat = {south_deg:.6f}, lon = {lon_deg:.6f}, radius_m = {ZONE_RADIUS_M}}}"
        lines += [
            "[[orders.zones]]",
            'id = "zone"',
            'kind = "exclusion"',
            f'applies_to = ["{wearer(link)}"]',
            f"circle = {circle}",
        ]
    return "\n".join(lines) + "\n"


def crossing_round(plan: Plan, link: int) -> int | None:
    """The round in which the link's wearer crosses; None where the window ends before their turn.

    Links of one process take turns, so that crossings are spread evenly over a round and each link crosses once.
    """
    links_a_crossing = max(1, round(plan.links / max(plan.crossings_per_s * plan.round_s, 1e-9)))
    first = ceil(plan.warm_up_s / plan.round_s)
    turn = first + (link // plan.processes) % links_a_crossing
    in_window = (turn + 1) * plan.round_s <= plan.warm_up_s + plan.seconds
    return turn if in_window and plan.crossings_per_s > 0 else None


def walker(link: int, round_: int, north_m: float) -> Place:
    """Somebody who walks a small circle around a place so far north of the link's home."""
    angle = 2.0 * pi * (round_ % STEPS) / STEPS
    lat_deg, lon_deg = home_deg(link)
    return Place(
        lat_deg=lat_deg + (north_m + CIRCLE_M * sin(angle)) / METRES_A_DEGREE,
        lon_deg=lon_deg + CIRCLE_M * cos(angle) / (METRES_A_DEGREE * cos(pi / 180.0 * lat_deg)),
        moved_m=2.0 * pi * CIRCLE_M / STEPS,
        course_deg=degrees(-angle) % 360.0,
    )


def driver(link: int, rounds_to_crossing: int) -> Place:
    """A wearer who drives north at the protected person and crosses the warning distance in that many rounds."""
    left_m = WARNING_M + BEFORE_M + (rounds_to_crossing - 1) * DRIVEN_M
    lat_deg, lon_deg = home_deg(link)
    before_m, now_m = max(left_m + DRIVEN_M, AT_THE_DOOR_M), max(left_m, AT_THE_DOOR_M)
    return Place(lat_deg + (APART_M - now_m) / METRES_A_DEGREE, lon_deg, before_m - now_m, 0.0)


def wearers_place(link: int, round_: int, turn: int | None) -> Place:
    """Where the link's wearer is; `turn` is the round in which they cross, if ever. They set out in time for it."""
    if turn is None or WARNING_M + BEFORE_M + (turn - 1 - round_) * DRIVEN_M > APART_M:
        return walker(link, round_, 0.0)
    return driver(link, turn - round_)


def slots(plan: Plan, process: int) -> Iterator[Slot]:
    """What one load process sends, in order. Link j belongs to process j modulo the number of processes."""
    links = range(process, plan.links, plan.processes)
    turns = {link: crossing_round(plan, link) for link in links}
    gap_s = plan.processes / plan.rate_per_s
    for number in range(plan.messages // plan.processes):
        round_, index = divmod(number, 2 * len(links))
        link = links[index // 2]
        is_wearer = index % 2 == 1
        turn = turns[link]
        yield Slot(
            due_s=number * gap_s,
            device=wearer(link) if is_wearer else protected(link),
            link=link,
            round=round_,
            at=wearers_place(link, round_, turn) if is_wearer else walker(link, round_, APART_M),
            accuracy_m=ACCURACIES_M[(8 * round_ + index) % len(ACCURACIES_M)],
            crosses=is_wearer and round_ == turn,
        )
