# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The victim-proximity monitor authors
"""The engine again, slow and obvious: plain Python over dictionaries, one fix at a time, every whole second judged.

Written from DESIGN 4.4, 5 and 6 as far as issue 2 goes; distances from pyproj, areas from shapely, probabilities from
scipy.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from math import isnan

import numpy as np
import shapely
from pyproj import Geod, Transformer
from scipy.special import chndtr, ndtr

from proximity.model.inputs import Acknowledgement, Fix, Input, Revision, Status
from proximity.model.orders import Circle, Device, Order, OrderBook, Polygons, Zone
from tests.clocks import holds_at

GEOD = Geod(ellps="WGS84")
WORST_FIRST = ("sos", "strap_cut", "case_open", "power_off", "silent", "clock")
TROUBLE_SEVERITY = {"sos": 3, "strap_cut": 3, "case_open": 3, "power_off": 3, "silent": 1, "clock": 1}
TROUBLE_ENDS = {"silent": "heard_again", "clock": "clock_right"}
OFF_WEARER = {"strap_cut", "case_open", "power_off"}
LEVELS = (1, 2, 3)

Key = tuple[str, str, str]


@dataclass(frozen=True)
class Told:
    """A transition, in plain words and numbers."""

    at_ms: int
    incident: str
    seq: int
    change: str
    level: int
    previous: int
    possible: int
    certainty: str | None
    cause: str
    severity: int
    acknowledged: bool


@dataclass
class Position:
    """Where a party was last seen."""

    at_ms: int
    lat_deg: float
    lon_deg: float
    accuracy_m: float
    stale_ms: float
    marked: bool

    @property
    def sigma_m(self) -> float:
        return max(10.0, self.accuracy_m / 1.51)


@dataclass
class Carrier:
    """A device."""

    expected_ms: int
    newest_ms: int | None = None
    place: tuple[float, float] | None = None
    moving: bool = False
    seen: set[tuple[int, float, float]] = field(default_factory=set)
    said: set[tuple[str, int]] = field(default_factory=set)
    troubles: set[str] = field(default_factory=set)


@dataclass
class Person:
    """A party."""

    position: Position | None = None
    good: int = 0


@dataclass
class Holds:
    """What is kept of one limit of one row: (since, count) of agreement, (since, good fixes then) of being apart."""

    agree: tuple[int, int] | None = None
    apart: tuple[int, dict[str, int]] | None = None


@dataclass
class Row:
    """A link or a zone with a wearer."""

    level: int = 0
    certain: bool = False
    judged: bool = False
    holds: dict[int, Holds] = field(default_factory=lambda: {level: Holds() for level in LEVELS})


@dataclass
class Open:
    """An open incident."""

    id: str
    order: Order
    seq: int = 0
    level: int = 0
    severity: int = 0
    acknowledged: bool = False
    left_ms: dict[int, int] = field(default_factory=dict)
    troubles: list[str] = field(default_factory=list)


def in_force(order: Order, now_ms: int) -> bool:
    return order.valid_from_ms <= now_ms and (order.valid_until_ms is None or now_ms < order.valid_until_ms)


@lru_cache(maxsize=64)
def drawn(zone: Zone) -> tuple[Transformer, shapely.MultiPolygon]:
    """The polygons, their edges cut short, in an equidistant projection around their middle."""
    assert isinstance(zone.shape, Polygons)
    areas = shapely.MultiPolygon([shapely.Polygon(part[0], part[1:]) for part in zone.shape.parts])
    middle = areas.centroid
    projection = Transformer.from_crs(
        "EPSG:4326", f"+proj=aeqd +lat_0={middle.y} +lon_0={middle.x} +ellps=WGS84", always_xy=True
    )
    cut = shapely.segmentize(areas, 0.0005)
    return projection, shapely.transform(cut, lambda at: np.column_stack(projection.transform(at[:, 0], at[:, 1])))


@lru_cache(maxsize=4096)
def beyond_boundary_m(zone: Zone, lat_deg: float, lon_deg: float) -> float:
    """How far outside the zone, negative inside."""
    if isinstance(zone.shape, Circle):
        return float(GEOD.inv(lon_deg, lat_deg, zone.shape.lon_deg, zone.shape.lat_deg)[2]) - zone.shape.radius_m
    projection, area = drawn(zone)
    point = shapely.Point(*projection.transform(lon_deg, lat_deg))
    distance_m = float(area.boundary.distance(point))
    return -distance_m if area.contains(point) else distance_m


def too_coarse(people: list[Person], bound_m: float) -> bool:
    """No fix coarser than a limit raises that limit; inside a zone there is no such limit."""
    return bound_m > 0.0 and any(person.position.accuracy_m > bound_m for person in people if person.position)


@lru_cache(maxsize=4096)
def apart_m(one: tuple[float, float], other: tuple[float, float]) -> float:
    return float(GEOD.inv(one[1], one[0], other[1], other[0])[2])


def plain_order(fix: Fix) -> tuple[str, int, float, float, float, bool, float]:
    """DESIGN 5: by device, fixed_at and content."""
    silent = isnan(fix.speed_mps)
    return (
        fix.device, fix.fixed_at_ms, fix.lat_deg, fix.lon_deg, fix.accuracy_m, silent,
        0.0 if silent else fix.speed_mps,
    )  # fmt: skip


class Twin:
    """Everything it knows, in dictionaries by id."""

    def __init__(self) -> None:
        self.book = OrderBook("", (), ())
        self.devices: dict[str, Device] = {}
        self.owner: dict[str, str] = {}
        self.carriers: dict[str, Carrier] = {}
        self.people: dict[str, Person] = {}
        self.rows: dict[Key, Row] = {}
        self.open: dict[Key, Open] = {}
        self.out: list[Told] = []
        self.now_ms = 0

    def run(self, steps: Sequence[tuple[int, tuple[Input, ...]]], until_ms: int) -> list[Told]:
        """Every step and every whole second between them."""
        given = dict(steps)
        seconds = range(-(-min(given) // 1000) * 1000, until_ms + 1, 1000)
        for now_ms in sorted({*given, *seconds, until_ms}):
            self.step(given.get(now_ms, ()), now_ms)
        return self.out

    def step(self, inputs: tuple[Input, ...], now_ms: int) -> None:
        self.now_ms = now_ms
        revised = sorted((i for i in inputs if isinstance(i, Revision)), key=lambda i: i.book.revision)[-1:]
        for revision in revised:
            self.revise(revision.book)
        for command in (i for i in inputs if isinstance(i, Acknowledgement)):
            self.acknowledge(command)
        again = {pair for pair in (self.hear(i) for i in inputs if isinstance(i, Status)) if pair}
        fresh: set[str] = set()
        for fix in sorted((i for i in inputs if isinstance(i, Fix)), key=plain_order):
            fresh |= self.admit(fix)
        for name, carrier in self.carriers.items():
            self.listen(name, carrier)
        for order in self.book.orders:
            for device in self.serving(order):
                self.tell_device(order, device, {trouble for name, trouble in again if name == device})
            for key, parties, limits in self.subjects(order):
                if now_ms % 1000 == 0 or revised or fresh & set(parties):  # others' fixes hasten nothing
                    self.judge(key, order, parties, limits, fresh)

    # what there is

    def serving(self, order: Order) -> list[str]:
        return [device for device, party in self.owner.items() if party in {*order.wearers, *order.protected}]

    def subjects(self, order: Order) -> Iterator[tuple[Key, tuple[str, ...], tuple[float, ...] | Zone]]:
        separation = order.separation
        if separation is not None:
            limits = separation.warning_m, separation.limit_m, separation.emergency_m
            for wearer in order.wearers:
                for protected in order.protected:
                    yield (order.id, "separation", f"{wearer}_{protected}"), (wearer, protected), limits
        for zone in order.zones:
            for wearer in zone.applies_to:
                yield (order.id, "zone", f"{wearer}_{zone.id}"), (wearer,), zone
        for zone in self.book.area_zones:
            for wearer in order.wearers:
                yield (order.id, "zone", f"{wearer}_{zone.id}"), (wearer,), zone

    def expected_ms(self, device: str) -> int:
        begins = [order.valid_from_ms for order in self.book.orders if device in self.serving(order)]
        return max(min(begins, default=10**15), self.now_ms)

    def revise(self, book: OrderBook) -> None:
        before = {order.id: order for order in self.book.orders}
        carriers, people, rows = self.carriers, self.people, self.rows
        self.book = book
        self.devices = {device.id: device for party in book.parties for device in party.devices}
        self.owner = {device.id: party.id for party in book.parties for device in party.devices}
        self.people = {party.id: people.get(party.id, Person()) for party in book.parties}
        self.carriers = {}
        for device in self.devices:
            expected_ms = self.expected_ms(device)
            self.carriers[device] = carrier = carriers.get(device, Carrier(expected_ms))
            begins_ms = min((o.valid_from_ms for o in book.orders if device in self.serving(o)), default=10**15)
            carrier.expected_ms = max(begins_ms, min(carrier.expected_ms, self.now_ms))
        self.rows = {key: rows.get(key, Row()) for order in book.orders for key, _, _ in self.subjects(order)}
        for key, row in self.rows.items():
            if key[0] in before and before[key[0]] not in book.orders:
                for hold in row.holds.values():
                    hold.apart = None
        devices = {(order.id, "device", device) for order in book.orders for device in self.serving(order)}
        for key in [key for key in self.open if key not in self.rows and key not in devices]:
            self.close(key, "order_changed")

    # devices

    def hear(self, status: Status) -> tuple[str, str] | None:
        carrier = self.carriers.get(status.device)
        if carrier is None or (str(status.event), status.at_ms) in carrier.said:
            return None
        if status.at_ms >= 0:
            carrier.said.add((str(status.event), status.at_ms))
        trouble = str(status.event)
        if trouble not in TROUBLE_SEVERITY or (trouble in OFF_WEARER and self.devices[status.device].kind != "tag"):
            return None
        carrier.troubles.add(trouble)
        position = self.people[self.owner[status.device]].position
        if trouble in OFF_WEARER and position is not None:
            position.marked = True
        return status.device, trouble

    def stale_ms(self, name: str) -> float:
        device, carrier = self.devices[name], self.carriers[name]
        return max(90_000.0, 2000.0 * (device.interval_s if carrier.moving else device.rest_interval_s))

    def listen(self, name: str, carrier: Carrier) -> None:
        since_ms = carrier.expected_ms if carrier.newest_ms is None else carrier.newest_ms
        carrier.troubles.discard("silent")
        if self.now_ms // 1000 * 1000 - since_ms >= self.stale_ms(name):  # time alone tells at whole seconds
            carrier.troubles.add("silent")

    def admit(self, fix: Fix) -> set[str]:
        """Which party has a new position."""
        carrier = self.carriers.get(fix.device)
        content = fix.fixed_at_ms, fix.lat_deg, fix.lon_deg
        ahead_ms = fix.fixed_at_ms - self.now_ms
        if carrier is None or content in carrier.seen or ahead_ms > 86_400_000:
            return set()
        carrier.seen.add(content)
        at_ms = min(fix.fixed_at_ms, self.now_ms)
        if carrier.newest_ms is not None and at_ms < carrier.newest_ms:
            return set()
        carrier.troubles.discard("clock")
        if ahead_ms > 30_000:
            carrier.troubles.add("clock")
        here = fix.lat_deg, fix.lon_deg
        carrier.moving = fix.speed_mps > 0.5 or (carrier.place is not None and apart_m(here, carrier.place) > 50.0)
        carrier.newest_ms, carrier.place = at_ms, here
        marked = ahead_ms > 1000 or -ahead_ms > self.stale_ms(fix.device) or bool(carrier.troubles & OFF_WEARER)
        person = self.people[self.owner[fix.device]]
        if person.position is not None and at_ms < person.position.at_ms:
            return set()
        person.position = Position(at_ms, *here, fix.accuracy_m, self.stale_ms(fix.device), marked)
        person.good += not marked
        return {self.owner[fix.device]}

    def tell_device(self, order: Order, device: str, again: set[str]) -> None:
        key = (order.id, "device", device)
        incident = self.open.get(key)
        has = [trouble for trouble in WORST_FIRST if trouble in self.carriers[device].troubles]
        if not in_force(order, self.now_ms):
            if incident is not None:
                self.close(key, "order_changed")
            return
        had = incident.troubles if incident is not None else []
        new = [trouble for trouble in has if trouble not in had or trouble in again]
        over = [trouble for trouble in had if trouble not in has]
        if not new and not over:
            return
        if not has:
            self.close(key, TROUBLE_ENDS[over[0]])
            return
        severity = max(TROUBLE_SEVERITY[trouble] for trouble in has)
        if incident is None:
            change, incident = "opened", self.begin(key, order)
        else:
            change = "raised" if new else "lowered" if severity < incident.severity else "updated"
        incident.troubles, incident.severity = has, severity
        incident.acknowledged = incident.acknowledged and not new
        self.tell(incident, change, new[0] if new else TROUBLE_ENDS[over[0]])

    # links and zones

    def probabilities(self, people: list[Person], limits: tuple[float, ...] | Zone) -> dict[int, float] | None:
        spots = [person.position for person in people]
        if any(spot is None for spot in spots):
            return None
        known = [spot for spot in spots if spot is not None]
        if isinstance(limits, Zone):
            beyond_m = beyond_boundary_m(limits, known[0].lat_deg, known[0].lon_deg)
            beyond_m = -beyond_m if limits.kind == "inclusion" else beyond_m
            sigma_m = known[0].sigma_m
            return {1: float(ndtr((limits.buffer_m - beyond_m) / sigma_m)), 2: float(ndtr(-beyond_m / sigma_m)), 3: 0.0}
        one, other = known
        distance_m = apart_m((one.lat_deg, one.lon_deg), (other.lat_deg, other.lon_deg))
        variance = one.sigma_m**2 + other.sigma_m**2
        return {
            level: float(chndtr(limit_m**2 / variance, 2, distance_m**2 / variance))
            for level, limit_m in zip(LEVELS, limits, strict=True)
        }

    def judge(
        self, key: Key, order: Order, parties: tuple[str, ...], limits: tuple[float, ...] | Zone, fresh: set[str]
    ) -> None:
        row = self.rows[key]
        what = limits if isinstance(limits, Zone) else order.separation
        schedule = None if what is None else what.schedule
        if not in_force(order, self.now_ms) or not holds_at(schedule, self.now_ms):
            if row.level:
                self.close(key, "schedule" if in_force(order, self.now_ms) else "order_changed", row.level)
            self.rows[key] = Row()
            return
        people = [self.people[party] for party in parties]
        probability = self.probabilities(people, limits)
        if probability is None:
            return
        marked = any(person.position.marked for person in people if person.position is not None)
        bounds = (limits.buffer_m, 0.0, 0.0) if isinstance(limits, Zone) else limits
        coarse = {level for level, bound_m in zip(LEVELS, bounds, strict=True) if too_coarse(people, bound_m)}
        routes = {
            level: route for level in LEVELS if level not in coarse and probability[level] >= 0.5
            if (route := self.agree(row, level, probability[level], fresh=bool(fresh & set(parties)), marked=marked))
        }  # fmt: skip
        row.judged = True
        for level in LEVELS:
            if level in coarse or probability[level] < 0.5:
                row.holds[level].agree = None
        self.keep_apart(row, parties, probability, marked=marked)
        before, cause = row.level, None
        if max(routes, default=0) > row.level:
            row.level, row.certain = max(routes), False
            cause = routes[row.level]
        elif row.level and not marked and self.gone(row.holds[row.level], parties):
            lower = [level for level in range(1, row.level) if probability[level] >= 0.05]
            row.level, row.certain, cause = max(lower, default=0), False, "apart"
        surer = bool(row.level) and not row.certain and not marked and probability[row.level] >= 0.95
        row.certain = row.certain or surer
        possible = max((level for level in LEVELS if probability[level] >= 0.025), default=0)
        if cause is not None or surer:
            self.move(key, order, row, before, max(possible, row.level), cause)

    def agree(self, row: Row, level: int, probability: float, *, fresh: bool, marked: bool) -> str | None:
        """The level is probable: by which route it is raised, if by any."""
        hold = row.holds[level]
        since_ms, count = hold.agree or (self.now_ms, 0)
        hold.agree = since_ms, count + (hold.agree is None or fresh)
        if not row.judged and not marked:
            return "first_judgement"
        if not marked and (probability >= 0.95 or level == 3):
            return "limit_crossed"
        if hold.agree[1] >= 2:
            return "confirmed"
        return "uncontradicted" if self.now_ms - since_ms >= 20_000 else None

    def keep_apart(self, row: Row, parties: tuple[str, ...], probability: dict[int, float], *, marked: bool) -> None:
        """Since when each level is improbable; a marked fix does not begin that."""
        for level, hold in row.holds.items():
            if probability[level] >= 0.05:
                hold.apart = None
            elif hold.apart is None and not marked:
                hold.apart = self.now_ms, {party: self.people[party].good for party in parties}

    def gone(self, hold: Holds, parties: Iterable[str]) -> bool:
        """Improbable for 120 s, seen on one more good fix of each since, none of them stale."""
        if hold.apart is None or self.now_ms - hold.apart[0] < 120_000:
            return False
        for party in parties:
            person = self.people[party]
            assert person.position is not None
            if person.good <= hold.apart[1][party] or self.now_ms - person.position.at_ms >= person.position.stale_ms:
                return False
        return True

    def move(self, key: Key, order: Order, row: Row, before: int, possible: int, cause: str | None) -> None:
        certainty = "certain" if row.certain else "probable"
        if cause is None:
            self.tell(self.open[key], "updated", "confirmed", row.level, possible, certainty)
            return
        if row.level == 0:
            self.close(key, cause, before)
            return
        if before == 0:
            incident, change = self.begin(key, order), "opened"
        else:
            incident = self.open[key]
            left_ms = incident.left_ms.get(row.level, -(10**15))
            change = "raised" if self.now_ms - left_ms >= 1_800_000 else "updated"
            if row.level < before:
                change = "lowered"
                incident.left_ms.update(dict.fromkeys(range(row.level + 1, before + 1), self.now_ms))
        incident.level, incident.severity = row.level, row.level
        incident.acknowledged = incident.acknowledged and change != "raised"
        self.tell(incident, change, cause, before, possible, certainty)

    # incidents

    def begin(self, key: Key, order: Order) -> Open:
        self.open[key] = Open(f"{':'.join(key)}:{self.now_ms}", order)
        return self.open[key]

    def close(self, key: Key, cause: str, before: int | None = None) -> None:
        incident = self.open.pop(key)
        before = incident.level if before is None else before
        incident.level = 0
        self.tell(incident, "resolved", cause, before)

    def acknowledge(self, command: Acknowledgement) -> None:
        for incident in self.open.values():
            own = (incident.order.region, incident.order.supervisor) == (command.region, command.supervisor)
            if incident.id == command.incident and own and not incident.acknowledged:
                incident.acknowledged = True
                self.tell(incident, "acknowledged", "command", incident.level, None, "same")

    def tell(
        self, incident: Open, change: str, cause: str, previous: int = 0, possible: int | None = 0,
        certainty: str | None = None,
    ) -> None:  # fmt: skip
        incident.seq += 1
        last = next((told for told in reversed(self.out) if told.incident == incident.id), None)
        if certainty == "same":
            assert last is not None
            possible, certainty = last.possible, last.certainty
        self.out.append(
            Told(
                self.now_ms, incident.id, incident.seq, change, incident.level, previous, possible or 0,
                certainty if incident.level else None, cause, incident.severity, incident.acknowledged,
            )
        )  # fmt: skip
