# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The victim-proximity monitor authors
"""The engine again, slow and obvious: plain Python over dictionaries, one fix at a time, every whole second judged.

Written from DESIGN 4.4, 5 and 6 and docs/judgement.md. Here: devices, incidents, what is told. `twin_judgement` judges
rows, `twin_tracks` knows where parties are, `twin_places` measures.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from math import isnan

from proximity.model.inputs import Acknowledgement, Fix, Input, Revision, Status
from proximity.model.orders import Device, Order, OrderBook
from tests.engine.twin_judgement import Judge, Key, Row, Subject, Verdict
from tests.engine.twin_places import apart_m
from tests.engine.twin_tracks import Here, Position, track

WORST_FIRST = ("sos", "strap_cut", "case_open", "power_off", "silent", "clock")
TROUBLE_SEVERITY = {"sos": 3, "strap_cut": 3, "case_open": 3, "power_off": 3, "silent": 1, "clock": 1}
TROUBLE_ENDS = {"silent": "heard_again", "clock": "clock_right"}
OFF_WEARER = {"strap_cut", "case_open", "power_off"}


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


def blind_key(key: Key) -> Key:
    return key[0], "blind", key[2]


def plain_order(fix: Fix) -> tuple[str, int, float, float, float, bool, float, bool, float]:
    """DESIGN 5: by device, fixed_at and content; what is not said comes last."""
    speed_mps, course_deg = fix.speed_mps, fix.course_deg
    return (
        fix.device, fix.fixed_at_ms, fix.lat_deg, fix.lon_deg, fix.accuracy_m,
        isnan(speed_mps), 0.0 if isnan(speed_mps) else speed_mps,
        isnan(course_deg), 0.0 if isnan(course_deg) else course_deg,
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
        cut = {self.owner[device] for device, trouble in again if trouble in OFF_WEARER}
        fresh: set[str] = set()
        for fix in sorted((i for i in inputs if isinstance(i, Fix)), key=plain_order):
            fresh |= self.admit(fix)
        for name, carrier in self.carriers.items():
            self.listen(name, carrier)
        for order in self.book.orders:
            for device in self.serving(order):
                self.tell_device(order, device, {trouble for name, trouble in again if name == device})
            for subject in self.subjects(order):
                hastened = (fresh | cut) & set(subject.parties)  # others' fixes hasten nothing
                if now_ms % 1000 == 0 or revised or hastened:
                    self.judge(subject, order, fresh)

    # what there is

    def serving(self, order: Order) -> list[str]:
        return [device for device, party in self.owner.items() if party in {*order.wearers, *order.protected}]

    def subjects(self, order: Order) -> Iterator[Subject]:
        separation = order.separation
        if separation is not None:
            limits_m = {1: separation.warning_m, 2: separation.limit_m, 3: separation.emergency_m}
            for wearer in order.wearers:
                for protected in order.protected:
                    key = (order.id, "separation", f"{wearer}_{protected}")
                    yield Subject(key, (wearer, protected), limits_m, reaction_s=separation.reaction_s, from_ms=order.valid_from_ms)
        zones = [(zone, zone.applies_to, False) for zone in order.zones]
        for zone, wearers, area_wide in zones + [(zone, order.wearers, True) for zone in self.book.area_zones]:
            for wearer in wearers:
                key = (order.id, "zone", f"{wearer}_{zone.id}")
                yield Subject(key, (wearer,), {1: zone.buffer_m, 2: 0.0}, zone, area_wide=area_wide, from_ms=order.valid_from_ms)

    def keys(self, order: Order) -> list[Key]:
        return [subject.key for subject in self.subjects(order)]

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
        self.rows = {key: rows.get(key, Row()) for order in book.orders for key in self.keys(order)}
        for key, row in self.rows.items():
            if key[0] in before and before[key[0]] not in book.orders:
                row.apart = {}
        devices = {(order.id, "device", device) for order in book.orders for device in self.serving(order)}
        here = {*self.rows, *map(blind_key, self.rows), *devices}
        for key in [key for key in self.open if key not in here]:
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
        person.position = track(fix, at_ms, self.stale_ms(fix.device), person.position, marked=marked)
        person.good += not person.position.marked
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

    def here(self, party: str, fresh: set[str]) -> Here:
        person = self.people[party]
        devices = [device for device, owner in self.owner.items() if owner == party]
        off_wearer = any(self.carriers[device].troubles & OFF_WEARER for device in devices)
        never_stale_ms = min(map(self.stale_ms, devices))
        return Here(self.now_ms, person.position, person.good, party in fresh, off_wearer, never_stale_ms)

    def judge(self, subject: Subject, order: Order, fresh: set[str]) -> None:
        key = subject.key
        if not in_force(order, self.now_ms):
            for gone in (key, blind_key(key)):
                if gone in self.open:
                    self.close(gone, "order_changed")
            self.rows[key] = Row()
            return
        row = self.rows[key]
        verdict = Judge(row, subject, [self.here(party, fresh) for party in subject.parties]).judge()
        self.tell_row(key, order, row, verdict)
        if verdict.blind == "ruled_out":
            self.close(blind_key(key), "ruled_out")
        elif verdict.blind is not None:
            incident = self.begin(blind_key(key), order)
            incident.severity = 1
            self.tell(incident, "opened", verdict.blind, possible=verdict.possible)

    def tell_row(self, key: Key, order: Order, row: Row, verdict: Verdict) -> None:
        """Where the level is told no more there is no incident, until something opens one."""
        incident, possible = self.open.get(key), max(verdict.possible, row.level)
        certainty = "certain" if row.certain else "probable"
        if verdict.steady == "near_steady" or (verdict.cause is not None and row.level == 0):
            if incident is not None:
                self.close(key, verdict.steady or verdict.cause or "")
        elif incident is None:
            cause = verdict.cause or (verdict.steady if verdict.steady == "nearer" else None)
            if cause is not None:
                incident = self.begin(key, order)
                incident.level = incident.severity = row.level
                self.tell(incident, "opened", cause, 0, possible, certainty)
        elif verdict.cause is not None:
            self.move(incident, row.level, verdict, possible, certainty)
        elif verdict.surer:
            self.tell(incident, "updated", "confirmed", row.level, possible, certainty)

    def move(self, incident: Open, level: int, verdict: Verdict, possible: int, certainty: str) -> None:
        left_ms = incident.left_ms.get(level, -(10**15))
        change = "raised" if self.now_ms - left_ms >= 1_800_000 else "updated"
        if level < verdict.before:
            change = "lowered"
            incident.left_ms.update(dict.fromkeys(range(level + 1, verdict.before + 1), self.now_ms))
        incident.level = incident.severity = level
        incident.acknowledged = incident.acknowledged and change != "raised"
        self.tell(incident, change, verdict.cause or "", verdict.before, possible, certainty)

    # incidents

    def begin(self, key: Key, order: Order) -> Open:
        self.open[key] = Open(f"{':'.join(key)}:{self.now_ms}", order)
        return self.open[key]

    def close(self, key: Key, cause: str) -> None:
        incident = self.open.pop(key)
        before, incident.level = incident.level, 0
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
