# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The victim-proximity monitor authors
"""The engine again, slow and obvious: plain Python over dictionaries, one fix at a time, every whole second judged.

Written from DESIGN 4.4, 5 and 6 and docs/judgement.md. Here: devices, incidents, what is told. `twin_judgement` judges
rows, `twin_tracks` knows where parties are, `twin_places` measures.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from math import hypot, isnan

from proximity.kernels import blindness, judgement, levels, positions, tracks
from proximity.model.inputs import Acknowledgement, Connection, Fix, Input, Refit, Resolution, Revision, Status
from proximity.model.orders import Device, Order, OrderBook
from tests.clocks import held_since, holds_at
from tests.engine.twin_floods import RANKS, Case, Ears, folded
from tests.engine.twin_judgement import Judge, Key, Row, Subject, Verdict
from tests.engine.twin_places import apart_m
from tests.engine.twin_tracks import Here, Position, knows_less, says_nothing_new, sigma0_m, takes_over, track, vouches
from tests.twins import twin_of

TROUBLES = {  # worst first: severity, and the cause of its end
    "sos": (3, "command"), "strap_cut": (3, "refitted"), "case_open": (3, "refitted"), "power_off": (3, "refitted"),
    "jamming": (2, "heard_again"), "shielding": (2, "heard_again"), "silent": (1, "heard_again"),
    "frozen": (1, "moved_on"), "battery_critical": (1, "charged"), "clock": (1, "clock_right"),
    "battery_low": (1, "charged"),
}  # fmt: skip
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
    into: str | None  # the incident that is told instead


@dataclass
class Carrier:
    """A device."""

    expected_ms: int
    newest_ms: int | None = None
    place: tuple[float, float] | None = None
    sigma_m: float = 0.0
    moving: bool = False
    seen: set[tuple[int, float, float]] = field(default_factory=set)
    said: set[tuple[str, int]] = field(default_factory=set)
    troubles: set[str] = field(default_factory=set)
    lags: list[tuple[int, int]] = field(default_factory=list)  # (first came, quickest) of messages that came together
    stands: int = 0  # fixes in a row at the same place that say they move
    offline_ms: int | None = None
    jammed_ms: int = -1
    good_in_time: int = 0
    charged: list[float] | None = None  # what it has had on its charger; None: it is not on it


@dataclass
class Person:
    """A party."""

    position: Position | None = None
    good: int = 0


@dataclass
class Open:
    """An open incident."""

    id: str
    order: Order | None  # None: the system's own
    opened_ms: int
    seq: int = 0
    level: int = 0
    severity: int = 0
    acknowledged: bool = False
    left_ms: dict[int, int] = field(default_factory=dict)
    troubles: list[str] = field(default_factory=list)
    into: str | None = None


def in_force(order: Order, now_ms: int) -> bool:
    return order.valid_from_ms <= now_ms and (order.valid_until_ms is None or now_ms < order.valid_until_ms)


def blind_key(key: Key) -> Key:
    return key[0], "blind", key[2]


def plain_order(fix: Fix) -> tuple[str | float | bool, ...]:
    """DESIGN 5: by device, fixed_at and content; what is not said comes last."""
    said = [(isnan(one), 0.0 if isnan(one) else one) for one in (fix.speed_mps, fix.course_deg, fix.battery_pct)]
    return (
        fix.device, fix.fixed_at_ms, fix.lat_deg, fix.lon_deg, fix.accuracy_m, *said[0], *said[1], fix.seq, *said[2]
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
        self.held: set[str] = set()  # who was heard in this step to be where they were
        self.ears = Ears()

    def run(self, steps: Sequence[tuple[int, tuple[Input, ...]]], until_ms: int) -> list[Told]:
        """Every step and every whole second between them."""
        given = dict(steps)
        seconds = range(-(-min(given) // 1000) * 1000, until_ms + 1, 1000)
        for now_ms in sorted({*given, *seconds, until_ms}):
            self.step(given.get(now_ms, ()), now_ms)
        return self.out

    @twin_of(judgement.select, judgement.judge, judgement.forget, levels.level_due_ms, blindness.doubt_due_ms)
    def step(self, inputs: tuple[Input, ...], now_ms: int) -> None:
        self.now_ms = now_ms
        self.ears.take_all([i for i in inputs if isinstance(i, Connection)], now_ms)
        revised = sorted((i for i in inputs if isinstance(i, Revision)), key=lambda i: i.book.revision)[-1:]
        for revision in revised:
            self.revise(revision.book)
        for command in (i for i in inputs if isinstance(i, Acknowledgement)):
            self.acknowledge(command)
        off = {device for device, carrier in self.carriers.items() if carrier.troubles & OFF_WEARER}
        for act in (i for i in inputs if isinstance(i, Refit | Resolution)):
            self.end_trouble(act)
        refitted = {self.owner[device] for device in off if not self.carriers[device].troubles & OFF_WEARER}
        statuses = sorted((i for i in inputs if isinstance(i, Status)), key=lambda i: (i.device, i.at_ms, str(i.event)))
        again = {pair for pair in map(self.hear, statuses) if pair}
        cut = {self.owner[device] for device, trouble in again if trouble in OFF_WEARER} | refitted
        fresh: set[str] = set()
        self.held = set()
        for fix in sorted((i for i in inputs if isinstance(i, Fix)), key=plain_order):
            fresh |= self.admit(fix)
        for name, carrier in self.carriers.items():
            self.listen(name, carrier)
        for order in self.book.orders:
            for device in self.serving(order):
                self.tell_device(order, device, {trouble for name, trouble in again if name == device})
            for subject in self.subjects(order):
                hastened = (fresh | cut | self.held) & set(subject.parties)  # others' fixes hasten nothing
                if now_ms % 1000 == 0 or revised or hastened:
                    self.judge(subject, order, fresh)
        self.fold()
        self.tell_hearing()

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
                    yield Subject(
                        key,
                        (wearer, protected),
                        limits_m,
                        reaction_s=separation.reaction_s,
                        from_ms=order.valid_from_ms,
                    )
        zones = [(zone, zone.applies_to, False) for zone in order.zones]
        for zone, wearers, area_wide in zones + [(zone, order.wearers, True) for zone in self.book.area_zones]:
            for wearer in wearers:
                key = (order.id, "zone", f"{wearer}_{zone.id}")
                limits_m = {1: zone.buffer_m, 2: 0.0}
                yield Subject(key, (wearer,), limits_m, zone, area_wide=area_wide, from_ms=order.valid_from_ms)

    def keys(self, order: Order) -> list[Key]:
        return [subject.key for subject in self.subjects(order)]

    def expected_ms(self, device: str) -> int:
        begins = [order.valid_from_ms for order in self.book.orders if device in self.serving(order)]
        return max(min(begins, default=10**15), self.now_ms)

    def revise(self, book: OrderBook) -> None:
        before = {order.id: order for order in self.book.orders}
        carriers, people, rows = self.carriers, self.people, self.rows
        named = {(party.id, device.id) for party in book.parties for device in party.devices}
        cut = {
            self.owner[name]
            for name, carrier in carriers.items()
            if (self.owner[name], name) not in named and carrier.troubles & {*OFF_WEARER}
        }
        for party, name in named:  # who was heard last by a device that stays theirs is known
            known = people[party].position if party in people else None
            if known is not None and name in carriers and carriers[name].newest_ms == known.heard_ms:
                cut.discard(party)
        self.book = book
        self.devices = {device.id: device for party in book.parties for device in party.devices}
        self.owner = {device.id: party.id for party in book.parties for device in party.devices}
        self.people = {
            party.id: Person() if party.id in cut else people.get(party.id, Person()) for party in book.parties
        }
        self.carriers = {}
        for device in self.devices:
            expected_ms = self.expected_ms(device)
            self.carriers[device] = carrier = carriers.get(device, Carrier(expected_ms))
            begins_ms = min((o.valid_from_ms for o in book.orders if device in self.serving(o)), default=10**15)
            carrier.expected_ms = max(begins_ms, min(carrier.expected_ms, self.now_ms))
            position = self.people[self.owner[device]].position
            if position is not None and carrier.newest_ms == position.heard_ms:
                stale_ms = self.stale_ms(device)
                position.stale_ms = min(stale_ms, position.awake_stale_ms) if position.obeys else stale_ms
        handed = {
            order.id for order in book.orders if order.id in before
            and (before[order.id].region, before[order.id].supervisor) != (order.region, order.supervisor)
        }  # fmt: skip
        self.rows = {
            key: Row() if key[0] in handed else rows.get(key, Row())
            for order in book.orders
            for key in self.keys(order)
        }
        parties_of = {subject.key: subject.parties for order in book.orders for subject in self.subjects(order)}
        for key, row in self.rows.items():
            if key[0] in before and before[key[0]] not in book.orders:
                row.apart = {}
            if cut & set(parties_of[key]):
                row.apart = {}
        devices = {(order.id, "device", device) for order in book.orders for device in self.serving(order)}
        here = {*self.rows, *map(blind_key, self.rows), *devices}
        for key in [key for key in self.open if key[1] != "system" and (key not in here or key[0] in handed)]:
            self.close(key, "order_changed")

    # devices

    def hear(self, status: Status) -> tuple[str, str] | None:
        carrier = self.carriers.get(status.device)
        if carrier is None or (str(status.event), status.at_ms) in carrier.said:
            return None
        if status.at_ms >= 0:
            carrier.said.add((str(status.event), status.at_ms))
        trouble = str(status.event)
        self.hear_news(carrier, trouble)
        if trouble not in TROUBLES or (trouble in OFF_WEARER and self.devices[status.device].kind != "tag"):
            return None
        if trouble in ("jamming", "shielding"):
            carrier.jammed_ms, carrier.good_in_time = self.now_ms, 0
        if trouble == "battery_low" and "battery_critical" in carrier.troubles:
            return None
        if trouble in ("battery_low", "battery_critical"):
            carrier.charged = None
            carrier.troubles.discard("battery_low")
        carrier.troubles.add(trouble)
        position = self.people[self.owner[status.device]].position
        if trouble in OFF_WEARER and position is not None:
            position.marked = True
        return (status.device, trouble) if TROUBLES[trouble][0] > 1 else None

    def hear_news(self, carrier: Carrier, news: str) -> None:
        """What is no trouble by itself."""
        if news == "charging":
            carrier.charged = [] if carrier.charged is None else carrier.charged
            carrier.troubles -= {"battery_low", "battery_critical"}
        if news == "online":
            carrier.offline_ms = None
            carrier.troubles -= {"jamming", "shielding"}
        if news == "offline":
            carrier.offline_ms = self.now_ms

    def end_trouble(self, act: Refit | Resolution) -> None:
        """A refit ends that a tag is off its wearer, resolving its incident an SOS."""
        own = act.region, act.supervisor
        if isinstance(act, Refit):
            for order in self.book.orders:
                over = order.valid_until_ms is not None and order.valid_until_ms <= self.now_ms
                if act.device in self.serving(order) and own == (order.region, order.supervisor) and not over:
                    self.carriers[act.device].troubles -= OFF_WEARER
            return
        for (_, kind, what), incident in self.open.items():
            of = incident.order
            asked = incident.id == act.incident and of is not None and own == (of.region, of.supervisor)
            if kind == "device" and asked and "sos" in incident.troubles:
                self.carriers[what].troubles.discard("sos")

    def stale_ms(self, name: str) -> float:
        device, carrier = self.devices[name], self.carriers[name]
        return max(90_000.0, 2000.0 * (device.interval_s if carrier.moving else device.rest_interval_s))

    def listen(self, name: str, carrier: Carrier) -> None:
        since_ms = carrier.expected_ms if carrier.newest_ms is None else carrier.newest_ms
        was_silent = "silent" in carrier.troubles
        carrier.troubles.discard("silent")
        device = self.devices[name]
        longer_s = max(device.interval_s, device.rest_interval_s)
        lag_s = 60.0 if longer_s > 30.0 and carrier.offline_ms is None else 0.0
        silent_ms = 1000.0 * max(90.0, 2.0 * longer_s + lag_s)
        if was_silent:  # what comes so late again would be silent before the next one
            cadence_s = device.interval_s if carrier.moving else device.rest_interval_s
            in_time_ms = max(silent_ms - 1000.0 * cadence_s, 1000.0 * cadence_s // 2)
            silent_ms = min(silent_ms, in_time_ms, self.stale_ms(name))
        second_ms = self.now_ms // 1000 * 1000  # time alone tells at whole seconds
        if second_ms - since_ms - self.ears.deaf_ms(since_ms, second_ms) >= silent_ms:
            carrier.troubles.add("silent")

    @twin_of(
        tracks.follow_track,
        tracks.awake_within_ms,
        tracks.head,
        tracks.is_fine_step,
        tracks.step_velocity,
        tracks.is_fine,
        positions.leads,
        positions.leaves_position,
        positions.does_as_asked,
        positions.goes_on,
        positions.knows_less,
        positions.there_until_ms,
        positions.contradicts,
        tracks.grown_ms,
        positions.sigma_m,
        tracks.growth_of,
        tracks.noise_m,
    )
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
        here, before_ms = (fix.lat_deg, fix.lon_deg), carrier.newest_ms
        self.examine(carrier, fix, at_ms)
        sigma_m = sigma0_m(fix.accuracy_m)
        moved_m = max(50.0, 1.5 * hypot(carrier.sigma_m, sigma_m))
        carrier.moving = fix.speed_mps > 0.5 or (carrier.place is not None and apart_m(here, carrier.place) > moved_m)
        carrier.newest_ms, carrier.place, carrier.sigma_m = at_ms, here, sigma_m
        doubtful = bool(carrier.troubles & {*OFF_WEARER, "frozen"})
        marked = ahead_ms > 1000 or -ahead_ms > self.stale_ms(fix.device) or doubtful
        self.hear_again(carrier, at_ms, before_ms, self.stale_ms(fix.device), marked=marked)
        person = self.people[self.owner[fix.device]]
        if person.position is not None and not takes_over(fix, at_ms, before_ms, person.position):
            return set()
        rest_interval_s = self.devices[fix.device].rest_interval_s
        asked = person.position is not None and self.obeys(fix.device, person.position.heard_ms, at_ms)
        if person.position is not None and says_nothing_new(
            fix, at_ms, before_ms, person.position, marked=marked, rest_interval_s=rest_interval_s, asked=asked
        ):
            person.good += 1
            person.position.heard_ms = at_ms
            self.follow_obedience(person.position, fix.device, self.stale_ms(fix.device), asked=asked)
            if vouches(fix, asked=asked):
                person.position.vouched_ms = at_ms
            self.held.add(self.owner[fix.device])
            return set()
        if person.position is not None and knows_less(fix, at_ms, before_ms, person.position, marked=marked):
            person.position.heard_ms = at_ms
            stale_ms = min(person.position.stale_ms, self.stale_ms(fix.device))
            self.follow_obedience(person.position, fix.device, stale_ms, asked=asked)
            if vouches(fix, asked=asked):
                person.position.vouched_ms = at_ms
            self.held.add(self.owner[fix.device])
            return set()
        device = self.devices[fix.device]
        awake_s = 1.5 * device.interval_s if device.rest_interval_s > 1.5 * device.interval_s else None
        person.position = track(
            fix, at_ms, self.stale_ms(fix.device), person.position, marked=marked, awake_s=awake_s, asked=asked
        )
        person.position.awake_stale_ms = max(90_000.0, 2000.0 * device.interval_s)
        self.follow_obedience(person.position, fix.device, self.stale_ms(fix.device), asked=asked)
        person.position.resting_ms = min(1000.0 * device.rest_interval_s + 60_000.0, 600_000.0)
        person.good += not person.position.marked
        return {self.owner[fix.device]}

    def obeys(self, device: str, before_ms: int, at_ms: int) -> bool:
        """Whether a device reports so soon because it was asked to; the twin alone asks nobody. [1]"""
        del device, before_ms, at_ms
        return False

    @twin_of(positions.follow_obedience)
    def follow_obedience(self, position: Position, device: str, stale_ms: float, *, asked: bool) -> None:
        """Who does as asked is heard as often at rest, too, for as long as it is asked. [2]"""
        position.obeys = asked and self.still_asked(device)
        position.stale_ms = min(stale_ms, position.awake_stale_ms) if position.obeys else stale_ms

    def still_asked(self, device: str) -> bool:
        """Whether a device is asked now; the twin alone asks nobody."""
        del device
        return False

    def examine(self, carrier: Carrier, fix: Fix, at_ms: int) -> None:
        """What a fix shows of its device."""
        lag_ms = max(0, self.now_ms - fix.fixed_at_ms)
        if carrier.lags and self.now_ms - carrier.lags[-1][0] < 10_000:
            carrier.lags[-1] = carrier.lags[-1][0], min(lag_ms, carrier.lags[-1][1])
        else:
            carrier.lags.append((self.now_ms, lag_ms))
        behind = len(carrier.lags) >= 20 and min(lag for _, lag in carrier.lags[-20:]) > 60_000
        wrong = {"clock"} if behind or fix.fixed_at_ms - self.now_ms > 30_000 else set()
        if carrier.place != (fix.lat_deg, fix.lon_deg):
            carrier.stands = 0
            carrier.troubles.discard("frozen")
        elif not isnan(fix.speed_mps):
            carrier.stands = carrier.stands + 1 if fix.speed_mps > 0.5 else 0
        if carrier.stands >= 2:  # no half-hour is long enough for the other way
            carrier.troubles.add("frozen")
        if carrier.offline_ms is not None and at_ms > carrier.offline_ms:
            carrier.offline_ms = None
        carrier.troubles = carrier.troubles - {"clock"} | wrong
        self.drain(carrier, fix.battery_pct)

    def drain(self, carrier: Carrier, pct: float) -> None:
        if isnan(pct):
            return
        if carrier.charged is not None:
            carrier.charged.append(pct)
            if pct > max(carrier.charged) - 3.0:
                return
            carrier.charged = None
        had = carrier.troubles & {"battery_low", "battery_critical"}
        carrier.troubles = carrier.troubles - had
        if pct <= 10.0 or ("battery_critical" in had and pct < 20.0):
            carrier.troubles.add("battery_critical")
        elif pct <= 20.0 or (had and pct < 30.0):
            carrier.troubles.add("battery_low")

    def hear_again(
        self, carrier: Carrier, at_ms: int, before_ms: int | None, stale_ms: float, *, marked: bool
    ) -> None:  # fmt: skip
        """Two good fixes, one in time after the other: neither jammed nor shielded."""
        if marked or at_ms <= carrier.jammed_ms:
            return
        in_time = before_ms is not None and at_ms - before_ms <= stale_ms
        carrier.good_in_time = carrier.good_in_time + 1 if in_time else 1
        if carrier.good_in_time >= 2:
            carrier.troubles -= {"jamming", "shielding"}

    def tell_device(self, order: Order, device: str, again: set[str]) -> None:
        key = (order.id, "device", device)
        incident = self.open.get(key)
        has = [trouble for trouble in TROUBLES if trouble in self.carriers[device].troubles]
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
            self.close(key, TROUBLES[over[0]][1])
            return
        severity = max(TROUBLES[trouble][0] for trouble in has)
        if incident is None:
            change, incident = "opened", self.begin(key, order)
        else:
            change = "raised" if new else "lowered" if severity < incident.severity else "updated"
        incident.troubles, incident.severity = has, severity
        incident.acknowledged = incident.acknowledged and not new
        self.tell(incident, change, new[0] if new else TROUBLES[over[0]][1])

    # links and zones

    def here(self, party: str, fresh: set[str]) -> Here:
        person = self.people[party]
        devices = [device for device, owner in self.owner.items() if owner == party]
        off_wearer = any(self.carriers[device].troubles & OFF_WEARER for device in devices)
        never_stale_ms = min(map(self.stale_ms, devices))
        here = Here(
            self.now_ms, person.position, person.good, party in fresh, party in self.held, off_wearer, never_stale_ms
        )  # fmt: skip
        return replace(here, deaf_ms=partial(self.ears.deaf_ms, now_ms=self.now_ms))

    def judge(self, subject: Subject, order: Order, fresh: set[str]) -> None:
        key = subject.key
        what = order.separation if subject.zone is None else subject.zone
        schedule = None if what is None else what.schedule
        if not in_force(order, self.now_ms) or not holds_at(schedule, self.now_ms):
            for gone in (key, blind_key(key)):
                if gone in self.open:
                    self.close(gone, "schedule" if in_force(order, self.now_ms) else "order_changed")
            self.rows[key] = Row()
            return
        row = self.rows[key]
        if schedule is not None:
            subject = replace(subject, from_ms=max(subject.from_ms, held_since(schedule, self.now_ms)))
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
        rises = row.level > verdict.before or verdict.steady == "nearer"
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
            self.move(incident, row, verdict, possible, certainty)
        elif verdict.together:
            self.tell(incident, "updated", "travelling_together", row.level, possible, certainty)
        elif verdict.surer:
            self.tell(incident, "updated", "confirmed", row.level, possible, certainty)
        row.rearmed = row.rearmed and not rises

    def move(self, incident: Open, row: Row, verdict: Verdict, possible: int, certainty: str) -> None:
        level = row.level
        left_ms = incident.left_ms.get(level, -(10**15))
        change = "raised" if self.now_ms - left_ms >= 1_800_000 or row.rearmed else "updated"
        if row.together:
            change = "updated"
        if level < verdict.before:
            change = "lowered"
            incident.left_ms.update(dict.fromkeys(range(level + 1, verdict.before + 1), self.now_ms))
        incident.level = incident.severity = level
        incident.acknowledged = incident.acknowledged and change != "raised"
        self.tell(incident, change, verdict.cause or "", verdict.before, possible, certainty)

    # one silence, one alert; what the service itself could not hear: decision 0017

    def case(self, key: Key, incident: Open) -> Case:
        rows = [row for kind in ("separation", "zone") if (row := self.rows.get((key[0], kind, key[2])))]
        assert incident.order is not None
        return Case(
            incident.id, (incident.order.region, incident.order.supervisor), key, (key[0], "zone", key[2]) in self.rows,
            rows[0].blames, incident.opened_ms == self.now_ms, incident.into,
        )  # fmt: skip

    def fold(self) -> None:
        cases = {key: self.case(key, incident) for key, incident in self.open.items() if key[1] == "blind"}
        into = folded(list(cases.values()))
        for key, case in cases.items():
            incident = self.open[key]
            was, incident.into = incident.into, into[case.id]
            if case.new:
                self.out = [replace(one, into=incident.into) if one.incident == case.id else one for one in self.out]
            elif incident.into != was:
                incident.acknowledged = incident.acknowledged and incident.into is not None
                possible = next(one.possible for one in reversed(self.out) if one.incident == case.id)
                change = "raised" if incident.into is None else "updated"
                self.tell(incident, change, RANKS[case.worst], possible=possible)

    def tell_hearing(self) -> None:
        key = ("system", "system", "connection")
        news = self.ears.tells(self.now_ms // 1000 * 1000, told=key in self.open)
        if news == "reconnected":
            self.close(key, news)
        elif news is not None:
            incident = self.begin(key, None)
            incident.severity = 3
            self.tell(incident, "opened", news)

    # incidents

    def begin(self, key: Key, order: Order | None) -> Open:
        self.open[key] = Open(f"{':'.join(key)}:{self.now_ms}", order, self.now_ms)
        return self.open[key]

    def close(self, key: Key, cause: str) -> None:
        incident = self.open.pop(key)
        before, incident.level = incident.level, 0
        self.tell(incident, "resolved", cause, before)

    def acknowledge(self, command: Acknowledgement) -> None:
        for incident in self.open.values():
            order = incident.order
            own = order is not None and (order.region, order.supervisor) == (command.region, command.supervisor)
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
                certainty if incident.level else None, cause, incident.severity, incident.acknowledged, incident.into,
            )
        )  # fmt: skip
