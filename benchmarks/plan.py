# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The victim-proximity monitor authors
"""What the load is, computed and nothing else: devices, links, orders, when each sends, where it is, who crosses.

Link j has wearer `w-j`, protected person `p-j` and order `o-j`. Both walk in a small circle 3 km apart. A crossing is
one fix of a wearer that puts them 50 m from the protected person, where they stay. A round is one fix of every device.
"""

from collections.abc import Iterator
from math import ceil, cos, pi, sin

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
METRES_A_DEGREE = 111_000.0  # near enough for places that only have to be far from, or close to, one another
APART_DEG = 3_000.0 / METRES_A_DEGREE
CLOSE_DEG = 50.0 / METRES_A_DEGREE
STEPS = 8  # fixes in one turn of a walker's circle
CIRCLE_DEG = 1.65 / METRES_A_DEGREE  # a turn of 10.4 m: 1.3 m a fix


class Plan(Struct, frozen=True):
    """One load: every device sends a fix in turn, `rate_per_s` in all; warm-up, measured window, tail."""

    devices: int = 10_000
    rate_per_s: int = 10_000
    seconds: int = 60
    warm_up_s: int = 10
    crossings_per_s: int = 20
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


class Slot(Struct, frozen=True, gc=False):
    """One fix to send: when, counted from the load's start, and whose."""

    due_s: float
    device: str
    link: int
    round: int
    lat_deg: float
    lon_deg: float
    crosses: bool  # it is this fix that puts the parties of the link together


class Place(Struct, frozen=True, gc=False):
    """A position."""

    lat_deg: float
    lon_deg: float


def faults(plan: Plan) -> list[str]:
    """What is wrong with a plan, one line each; empty when it can be run."""
    rules = (
        (plan.devices >= 2 * plan.processes, f"devices: {plan.devices} is too few, give at least {2 * plan.processes}"),
        (plan.devices % (2 * plan.processes) == 0, f"devices: {plan.devices} must divide by {2 * plan.processes}"),
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


def home(link: int) -> Place:
    """Where the link's wearer walks until they cross."""
    row, column = divmod(link, LINKS_A_ROW)
    return Place(51.0 + 0.02 * row, 4.0 + 0.02 * column)


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
        at = home(link)
        circle = f"{{lat = {at.lat_deg - APART_DEG:.6f}, lon = {at.lon_deg:.6f}, radius_m = {ZONE_RADIUS_M}}}"
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


def place(link: int, round_: int, *, is_wearer: bool, crossed: bool) -> Place:
    """Where a device is in a round."""
    angle = 2.0 * pi * (round_ % STEPS) / STEPS
    at = home(link)
    north_deg = 0.0 if is_wearer and not crossed else APART_DEG
    if is_wearer and crossed:
        north_deg -= CLOSE_DEG
    return Place(at.lat_deg + north_deg + CIRCLE_DEG * sin(angle), at.lon_deg + CIRCLE_DEG * cos(angle))


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
        at = place(link, round_, is_wearer=is_wearer, crossed=turn is not None and round_ >= turn)
        yield Slot(
            due_s=number * gap_s,
            device=wearer(link) if is_wearer else protected(link),
            link=link,
            round=round_,
            lat_deg=at.lat_deg,
            lon_deg=at.lon_deg,
            crosses=is_wearer and round_ == turn,
        )
