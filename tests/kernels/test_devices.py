# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The victim-proximity monitor authors
"""What fixes show of their device, against plain lists of everything that it ever sent."""

from dataclasses import dataclass, field
from math import cos, isnan, nan, radians
from random import Random

import numpy as np
import pytest

from proximity.kernels.arrays import Array
from proximity.kernels.columns import UNKNOWN_MS
from proximity.kernels.devices import (
    BATTERY_CRITICAL_BIT,
    BATTERY_LOW_BIT,
    CLOCK_BIT,
    FROZEN_BIT,
    GAPS_COUNT,
    HEALTH,
    LEFT_HOME_BIT,
    MARKED_AHEAD_COUNT,
    MARKED_FROZEN_COUNT,
    MARKED_LATE_COUNT,
    MARKED_OFF_WEARER_COUNT,
    RESTARTS_COUNT,
    DeviceNumbers,
    Own,
    clock_is_behind,
    count_gaps,
    count_marks,
    is_frozen,
    is_left_home,
    notice_battery,
    settle,
    watch,
    with_bit,
)
from proximity.kernels.geodesy import ecef
from tests.twins import twin_of

NUMBERS = DeviceNumbers(
    at_rest_mps=0.5, behind_messages=7, behind_ms=60_000, behind_apart_ms=10_000,
    frozen_fixes=3, frozen_phone_ms=1_200_000, frozen_tag_ms=2_400_000,
    battery_low_pct=20.0, battery_critical_pct=10.0, battery_better_pct=10.0, unplugged_pct=3.0, heard_again_fixes=2,
    left_home_ms=1_800_000, left_home_m=50.0, left_home_moved_m=100.0, left_home_from_ms=22 * 3_600_000,
    left_home_until_ms=3 * 3_600_000,
)  # fmt: skip
KEPT = 7
SKEW_MS = 30_000
MIDNIGHT_MS = 1_780_012_800_000  # 2026-05-29T00:00:00Z
TAG, PHONE = 0, 1
JAMMING_BIT, STRAP_CUT_BIT = 256, 4


def shown(**facts: object) -> Array:
    """A tag and a phone that have shown nothing else."""
    made = np.zeros(2, HEALTH)
    instants = ("lag_ms", "lag_at_ms", "same_since_ms", "offline_ms", "disturbed_ms", "charging_ms", "rest_ms", "seq")
    places = ("lat_deg", "lon_deg", "battery_pct", "charged_pct", "rest_position")
    for name, value in (dict.fromkeys(instants, UNKNOWN_MS) | dict.fromkeys(places, nan) | facts).items():
        made[name] = value
    return made


@dataclass
class Sent:
    """A fix: when it was made and came, how far east and north of a place, and what it says."""

    at_ms: int
    came_ms: int
    lat_deg: float
    lon_deg: float
    accuracy_m: float
    speed_mps: float
    seq: int
    pct: float


@dataclass
class Plain:
    """A device with all that it ever sent."""

    is_tag: bool
    sent: list[Sent] = field(default_factory=list)
    waves: list[list[int]] = field(default_factory=list)  # [began, quickest] of messages that came together
    charging_ms: int | None = None
    charged: list[float] = field(default_factory=list)
    battery: str = ""
    frozen: bool = False
    claims: int = 0
    left: bool = False
    rest: Sent | None = None
    gaps: int = 0
    restarts: int = 0

    @twin_of(clock_is_behind)
    def behind(self, one: Sent) -> bool:
        lag_ms = max(0, one.came_ms - one.at_ms)
        if self.waves and one.came_ms - self.waves[-1][0] < 10_000:
            self.waves[-1][1] = min(self.waves[-1][1], lag_ms)
        else:
            self.waves.append([one.came_ms, lag_ms])
        return len(self.waves) >= KEPT and min(lag for _, lag in self.waves[-KEPT:]) > 60_000

    @twin_of(is_frozen)
    def freeze(self, one: Sent) -> None:
        if not self.sent or (self.sent[-1].lat_deg, self.sent[-1].lon_deg) != (one.lat_deg, one.lon_deg):
            self.frozen, self.claims = False, 0
            return
        self.claims = self.claims if isnan(one.speed_mps) else self.claims + 1 if one.speed_mps > 0.5 else 0
        first = one
        for before in reversed(self.sent):
            if (before.lat_deg, before.lon_deg) != (one.lat_deg, one.lon_deg):
                break
            first = before
        stood_ms = min(one.at_ms, one.came_ms) - min(first.at_ms, first.came_ms)
        self.frozen |= self.claims >= 3 or stood_ms > (2_400_000 if self.is_tag else 1_200_000)

    @twin_of(count_gaps)
    def count(self, one: Sent) -> None:
        known = [before.seq for before in self.sent if before.seq >= 0]
        if known and one.seq >= 0:
            self.gaps += one.seq > known[-1] + 1
            self.restarts += one.seq < known[-1]

    @twin_of(notice_battery, with_bit)
    def drain(self, pct: float) -> None:
        if isnan(pct):
            return
        if self.charging_ms is not None:
            self.charged.append(pct)
            if pct > max(self.charged) - 3.0:
                return
            self.charging_ms = None
        critical = pct <= 10.0 or (self.battery == "critical" and pct < 20.0)
        low = pct <= 20.0 or (self.battery != "" and pct < 30.0)
        self.battery = "critical" if critical else "low" if low else ""

    def plug_in(self, at_ms: int) -> None:
        self.charging_ms, self.charged, self.battery = at_ms, [], ""

    @twin_of(is_left_home)
    def stay(self, one: Sent) -> None:
        if self.is_tag:
            return
        at_ms = min(one.at_ms, one.came_ms)
        moved_m = 0.0
        if self.rest is not None:
            north_m = 111_200 * (one.lat_deg - self.rest.lat_deg)
            east_m = 111_200 * cos(radians(52)) * (one.lon_deg - self.rest.lon_deg)
            moved_m = (north_m**2 + east_m**2) ** 0.5
        if self.rest is None or moved_m > (100 if self.left else 50) + 1.62 * one.accuracy_m:
            self.rest, self.left = Sent(at_ms, at_ms, one.lat_deg, one.lon_deg, 0, 0, 0, 0), False
        begins_ms = MIDNIGHT_MS - 2 * 3_600_000  # the day is 22:00 to 03:00 here
        if self.charging_ms is None:
            self.left = False
        elif begins_ms <= at_ms < MIDNIGHT_MS + 3 * 3_600_000:
            self.left |= at_ms - max(self.rest.at_ms, self.charging_ms, begins_ms) >= 1_800_000

    @twin_of(watch)
    def take(self, one: Sent) -> bool:
        """Whether its clock is wrong."""
        behind = self.behind(one)
        self.freeze(one)
        self.count(one)
        self.drain(one.pct)
        self.stay(one)
        self.sent.append(one)
        return behind or one.at_ms - one.came_ms > SKEW_MS


def give(own: Own, one: Sent, before_ms: int, troubles: int, *, is_tag: bool, marked: bool) -> int:
    """As the gate does; the troubles afterwards."""
    at_ms = min(one.at_ms, one.came_ms)
    troubles = watch(
        own, one.at_ms, one.lat_deg, one.lon_deg, one.speed_mps, one.seq, one.pct, one.came_ms, SKEW_MS, is_tag,
        troubles, NUMBERS,
    )  # fmt: skip
    troubles = settle(own, at_ms, before_ms, 90_000, marked, troubles, NUMBERS)
    if is_tag:
        return troubles
    was_left = bool(troubles & LEFT_HOME_BIT)
    left = is_left_home(own, *ecef(one.lat_deg, one.lon_deg), at_ms, one.accuracy_m, NUMBERS, was_left)
    return with_bit(troubles, LEFT_HOME_BIT, left)


@pytest.mark.parametrize("seed", range(60))
def test_a_device_is_watched_as_plainly(seed: int) -> None:
    chance = Random(seed)
    device = seed % 2
    plain, own, bits = Plain(is_tag=device == TAG), shown()[device], 0
    now_ms, lat_deg, lon_deg, pct, seq = MIDNIGHT_MS - chance.choice((9_000_000, 0)), 52.0, 4.0, 34.0, 0
    restless, newest_ms = chance.choice((0.02, 0.3)), 0
    slow = chance.choice(((0,), (0, 500, 61_000), (61_000, 90_000), (-40_000, -2000)))
    for _ in range(200):
        now_ms += chance.choice((500, 15_000, 60_000, 60_000))
        if chance.random() < restless:
            lat_deg = 52.0 + chance.choice((0.0, 0.0003, 0.0008, 0.002))
            lon_deg = 4.0 + chance.choice((0.0, 0.0002))
        pct = min(
            100.0, max(0.0, pct + chance.choice((-2, -1, 0, 0, 1, 5)) * (1 if plain.charging_ms is None else 0.3))
        )
        seq = 0 if chance.random() < 0.03 else seq + chance.choice((1, 1, 1, 1, 2, 0))
        if chance.random() < 0.02 and plain.charging_ms is None:
            plain.plug_in(now_ms)
            own["charging_ms"], own["charged_pct"] = now_ms, nan
            bits &= ~(BATTERY_LOW_BIT | BATTERY_CRITICAL_BIT)
        one = Sent(
            now_ms - chance.choice(slow), now_ms, lat_deg, lon_deg, chance.choice((5.0, 20.0)),
            chance.choice((nan, 0.0, 0.5, 0.6, 3.0)), chance.choice((seq, seq, -1)), chance.choice((pct, pct, nan)),
        )  # fmt: skip
        if one.at_ms <= newest_ms:
            continue
        wrong = plain.take(one)
        bits = give(own, one, newest_ms, bits, is_tag=device == TAG, marked=False)
        newest_ms = one.at_ms
        assert bool(bits & CLOCK_BIT) == wrong
        assert bool(bits & FROZEN_BIT) == plain.frozen
        battery = {BATTERY_LOW_BIT: "low", BATTERY_CRITICAL_BIT: "critical", 0: ""}
        assert battery[bits & (BATTERY_LOW_BIT | BATTERY_CRITICAL_BIT)] == plain.battery
        assert (own["charging_ms"] != UNKNOWN_MS) == (plain.charging_ms is not None)
        assert bool(bits & LEFT_HOME_BIT) == plain.left
        counts = own["counts"]
        assert (counts[GAPS_COUNT], counts[RESTARTS_COUNT]) == (plain.gaps, plain.restarts)


def test_the_watched_devices_show_everything() -> None:
    """The draws above have each trouble; else they would prove nothing of it."""
    seen = 0
    for seed in range(60):
        chance, own, bits = Random(seed), shown(charging_ms=MIDNIGHT_MS, charged_pct=90.0)[PHONE], 0
        for minute in range(60):
            at_ms = MIDNIGHT_MS + minute * 60_000
            pct = chance.choice((9.0, 15.0)) if minute > 40 else 90.0
            one = Sent(at_ms, at_ms + 61_000, 52.0, 4.0, 5.0, nan, -1, pct)
            bits = give(own, one, at_ms - 60_000, bits, is_tag=False, marked=False)
            seen |= bits
    assert seen == CLOCK_BIT | FROZEN_BIT | LEFT_HOME_BIT | BATTERY_LOW_BIT | BATTERY_CRITICAL_BIT


@twin_of(settle)
def heard_again_plainly(good: list[tuple[int, bool]], disturbed_ms: int) -> bool:
    """Two good fixes after the disturbance, one within 90 s of the other, with nothing between them too far apart."""
    times = [at_ms for at_ms, _ in good]
    since = [(at_ms, marked, before) for (at_ms, marked), before in zip(good[1:], times, strict=False)]
    run, heard = 0, False
    for at_ms, marked, before_ms in since:
        if marked or at_ms <= disturbed_ms:
            continue
        run = run + 1 if at_ms - before_ms <= 90_000 else 1
        heard |= run >= 2
    return heard


@pytest.mark.parametrize("seed", range(40))
def test_a_jammed_device_is_heard_again_when_it_comes_in_time(seed: int) -> None:
    chance = Random(seed)
    at_ms = MIDNIGHT_MS
    sent: list[tuple[int, bool]] = [(at_ms, False)]
    disturbed_ms = MIDNIGHT_MS + chance.choice((0, 50_000))
    own, bits = shown(disturbed_ms=disturbed_ms)[TAG], JAMMING_BIT | STRAP_CUT_BIT
    for _ in range(4):
        at_ms += chance.choice((30_000, 90_000, 90_001, 400_000))
        marked = chance.random() < 0.4
        one = Sent(at_ms, at_ms, 52.0 + chance.random() / 1000, 4.0, 5.0, nan, -1, nan)
        bits = give(own, one, sent[-1][0], bits, is_tag=True, marked=marked)
        sent.append((at_ms, marked))
        assert bool(bits & JAMMING_BIT) != heard_again_plainly(sent, disturbed_ms)
        assert bits & STRAP_CUT_BIT


def test_an_offline_device_is_online_with_its_next_fix() -> None:
    own = shown(offline_ms=MIDNIGHT_MS)[TAG]
    for at_ms, offline in ((MIDNIGHT_MS - 1, True), (MIDNIGHT_MS, True), (MIDNIGHT_MS + 1, False)):
        give(own, Sent(at_ms, at_ms, 52.0, 4.0, 5.0, nan, -1, nan), at_ms - 1, 0, is_tag=True, marked=False)
        assert (own["offline_ms"] != UNKNOWN_MS) == offline


@twin_of(count_marks)
def reasons_plainly(*reasons: bool) -> tuple[bool, list[int]]:
    """Ahead, late, off its wearer, frozen: whether a fix is marked, and what is counted."""
    return any(reasons), [int(reason) for reason in reasons]


@pytest.mark.parametrize("number", range(16))
def test_every_reason_for_a_mark_is_counted(number: int) -> None:
    both = shown()
    ahead, late, off_wearer, frozen = (bool(number & bit) for bit in (1, 2, 4, 8))
    troubles = STRAP_CUT_BIT * off_wearer | FROZEN_BIT * frozen | JAMMING_BIT
    marked, counted = reasons_plainly(ahead, late, off_wearer, frozen)
    assert count_marks(both[PHONE], ahead, late, troubles) == marked
    columns = [MARKED_AHEAD_COUNT, MARKED_LATE_COUNT, MARKED_OFF_WEARER_COUNT, MARKED_FROZEN_COUNT]
    assert list(both[PHONE]["counts"][columns]) == counted
    assert not both[TAG]["counts"].any()
