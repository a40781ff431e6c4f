# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The victim-proximity monitor authors
"""The twin asks devices to report more often, as docs/wanted.md says (its sections stand in brackets)."""

from dataclasses import dataclass
from math import hypot, inf, isnan

from proximity.kernels import wanted
from proximity.model.inputs import Input
from proximity.model.judging import Wanting
from proximity.model.orders import Order, OrderBook
from tests.clocks import holds_at
from tests.engine.twin import Twin, in_force
from tests.engine.twin_judgement import SURELY, Key, Subject
from tests.engine.twin_tracks import REACH_MPS, Here
from tests.twins import twin_of

HOUR_MS = 3_600_000


@dataclass
class Asked:
    """What is asked of a device."""

    wanted: bool = False
    idle_ms: int = 0
    since_ms: int | None = None  # the short interval holds, since when
    hour_ms: int | None = None
    used_ms: int = 0  # of the hour, before the grant that holds
    told: tuple[int, int] = (0, 0)
    until_ms: float | None = None  # it may go by the short interval until then


def heard_since(newest_ms: int | None, since_ms: int) -> bool:
    return newest_ms is not None and newest_ms > since_ms


class WishingTwin(Twin):
    """The twin, with `wishes`: (now, device, interval, interval at rest), milliseconds."""

    def __init__(self, wanting: Wanting | None = None) -> None:
        super().__init__()
        self.wanting = wanting or Wanting()
        self.wants: dict[Key, float] = {}  # of each row in force, seconds
        self.soonest: dict[Key, float] = {}  # by fixes
        self.parties_of: dict[Key, tuple[str, ...]] = {}
        self.asked: dict[str, Asked] = {}
        self.wishes: list[tuple[int, str, int, int]] = []

    def step(self, inputs: tuple[Input, ...], now_ms: int) -> None:
        super().step(inputs, now_ms)
        for device in sorted(self.devices):
            self.ask(device)

    def revise(self, book: OrderBook) -> None:
        before = {key: order for order in self.book.orders for key in self.keys(order)}
        super().revise(book)
        after = {key: order for order in book.orders for key in self.keys(order)}
        for memory in (self.wants, self.soonest):
            for key in list(memory):
                own = key in before and key in after
                if not own or (before[key].region, before[key].supervisor) != (
                    after[key].region,
                    after[key].supervisor,
                ):
                    del memory[key]
        for device in sorted(set(self.asked) - set(self.devices)):
            if self.asked.pop(device).told != (0, 0):
                self.wishes.append((self.now_ms, device, 0, 0))
        self.asked = {device: self.asked.get(device, Asked()) for device in self.devices}

    def judge(self, subject: Subject, order: Order, fresh: set[str]) -> None:
        super().judge(subject, order, fresh)
        self.want(subject, order, fresh)

    @twin_of(wanted.weigh, wanted.asks_within_s)
    def want(self, subject: Subject, order: Order, fresh: set[str]) -> None:
        """What a row wants of the devices of its parties. [1]"""
        key, row = subject.key, self.rows[subject.key]
        what = order.separation if subject.zone is None else subject.zone
        schedule = None if what is None else what.schedule
        if not in_force(order, self.now_ms) or not holds_at(schedule, self.now_ms):
            self.wants.pop(key, None)
            self.soonest.pop(key, None)
            return
        heres = [self.here(party, fresh) for party in subject.parties]
        known = all(here.position is not None for here in heres)
        if known and not subject.area_wide and (key not in self.soonest or any(here.new for here in heres)):
            self.soonest[key] = self.soonest_s(subject, heres)
        off_wearer = any(here.off_wearer for here in heres)
        untold = row.doubt_ms is not None and not off_wearer and (known or row.blind)
        at_once = (row.level > 0 and not row.hushed) or untold or isnan(self.soonest.get(key, inf))
        self.parties_of[key] = subject.parties
        self.wants[key] = 0.0 if at_once else self.soonest.get(key, inf)

    @twin_of(wanted.soonest_of)
    def soonest_s(self, subject: Subject, heres: list[Here]) -> float:
        distance_m = subject.distance_m([here.seen(held=False)[0] for here in heres])
        nearest_m = distance_m - SURELY * hypot(*(here.sigma_m for here in heres)) - sum(here.reach_m for here in heres)
        positions = [here.position for here in heres if here.position is not None]
        paces_mps = [
            max(REACH_MPS, position.pace_mps) if here.stale else position.pace_mps
            for here, position in zip(heres, positions, strict=True)
        ]
        if sum(paces_mps) < self.wanting.still_mps:
            return inf
        return max(nearest_m - subject.limits_m[2], 0.0) / sum(paces_mps)

    @twin_of(wanted.follow_wishes, wanted.keep_wanted, wanted.wish_of)
    def ask(self, name: str) -> None:
        """What a device is wanted for, and told. [2, 4]"""
        asked, device, carrier = self.asked[name], self.devices[name], self.carriers[name]
        soonest_s = min(
            (soon_s for key, soon_s in self.wants.items() if self.owner[name] in self.parties_of[key]), default=inf
        )
        holds_s = device.interval_s if carrier.moving else device.rest_interval_s
        shortest_s = self.wanting.shortest_s
        times = self.wanting.back_intervals if asked.wanted else 1.0
        was, asked.wanted = asked.wanted, holds_s > shortest_s and soonest_s < times * holds_s
        if was and not asked.wanted:
            asked.idle_ms = self.now_ms
        serves = any(in_force(order, self.now_ms) for order in self.book.orders if name in self.serving(order))
        self.grant(asked, carrier.newest_ms, serves=serves)
        declared = round(device.interval_s * 1000), round(device.rest_interval_s * 1000)
        wish = declared if asked.told != (0, 0) else (0, 0)
        if asked.since_ms is not None:
            wish = min(declared[0], round(shortest_s * 1000)), min(declared[1], round(shortest_s * 1000))
        if not serves:
            wish = 0, 0
        if wish != asked.told and asked.since_ms is not None:
            asked.until_ms = inf
        elif wish != asked.told and asked.until_ms == inf:
            asked.until_ms = self.now_ms
            self.let_go(name)
        if wish != asked.told:
            asked.told = wish
            self.wishes.append((self.now_ms, name, *wish))

    def obeys(self, device: str, before_ms: int, at_ms: int) -> bool:
        until_ms = self.asked[device].until_ms
        return until_ms is not None and before_ms < until_ms and at_ms - before_ms <= 2000.0 * self.wanting.shortest_s

    @twin_of(wanted.keep_short, wanted.over_ms)
    def grant(self, asked: Asked, newest_ms: int | None, *, serves: bool) -> None:
        """Until when the short interval holds, and from when. [3]"""
        second_ms = self.now_ms // 1000 * 1000
        granted_ms, hold_ms = round(self.wanting.granted_s * 1000), round(self.wanting.hold_s * 1000)
        while asked.since_ms is not None and asked.hour_ms is not None:
            ends = [(asked.hour_ms + HOUR_MS, 0), (asked.since_ms + granted_ms - asked.used_ms, 1)]
            ends[0] = asked.hour_ms + HOUR_MS, 0 if heard_since(newest_ms, asked.hour_ms) else 3
            if not asked.wanted:
                ends.append((asked.idle_ms + hold_ms, 2))
            first_ms, why = min(ends)
            if why == 0 and first_ms <= second_ms:
                asked.hour_ms = asked.since_ms = first_ms
                asked.used_ms = 0
            elif first_ms <= second_ms or not serves:
                asked.used_ms += self.now_ms - asked.since_ms
                asked.since_ms = None
            else:
                return
        if not asked.wanted or not serves or granted_ms == 0:
            return
        if asked.hour_ms is not None and second_ms >= asked.hour_ms + HOUR_MS:
            if not heard_since(newest_ms, asked.hour_ms):
                return
            asked.hour_ms = None
        if asked.hour_ms is None:
            asked.hour_ms, asked.used_ms = self.now_ms, 0
        if granted_ms - asked.used_ms >= min(hold_ms, granted_ms):
            asked.since_ms = self.now_ms

    def still_asked(self, device: str) -> bool:
        return self.asked[device].until_ms == inf

    def let_go(self, device: str) -> None:
        """It is asked no more: at rest it may be silent for as long as before, unless it is stale already. [2]"""
        position = self.people[self.owner[device]].position
        if position is None or not position.obeys or position.heard_ms != self.carriers[device].newest_ms:
            return
        if self.now_ms - position.heard_ms < position.stale_ms:
            position.obeys, position.stale_ms = False, self.stale_ms(device)
