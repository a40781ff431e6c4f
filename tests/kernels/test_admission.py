# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The victim-proximity monitor authors
"""The gate and the silence against plain loops over dictionaries."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from math import dist, hypot, isnan, nan
from random import Random

import numpy as np
import pytest
from pyproj import Transformer

from proximity.engine.health import device_numbers_of, new_health
from proximity.engine.history import new_history, with_room
from proximity.engine.state import new_parties, new_rows, numbers_of
from proximity.geo.world import compile_world
from proximity.kernels.admission import (
    ADMITTED,
    AHEAD,
    DUPLICATE,
    LATE,
    MARKED,
    OUTCOMES,
    UNJUDGED,
    admit,
    count_outcomes,
    follow,
    follow_off_wearer,
    is_anyone_gone,
    notice_silence,
    remember,
    tell_past,
)  # fmt: skip
from proximity.kernels.arrays import Longs
from proximity.kernels.columns import NEVER_MS, UNKNOWN_MS, DeviceTable, FixColumns, PartyTable, packed, records_of
from proximity.kernels.devices import (
    ACCEPTED_COUNT,
    CLOCK_BIT,
    LATE_COUNT,
    MARKED_COUNT,
    SILENT_BIT,
    UNJUDGED_COUNT,
    Watching,
)
from proximity.kernels.positions import contradicts, leads, move_party, sigma_m, stale_after_ms, take_position
from proximity.model.judging import DeviceJudging, Judging
from proximity.model.orders import Device, OrderBook, Party
from proximity.model.words import DeviceKind
from tests.twins import twin_of

EARTH_CENTRED = Transformer.from_crs("EPSG:4979", "EPSG:4978", always_xy=True)
# jumps and paces are the track's (tests/kernels/test_tracks.py): here uncertainty grows as of one at rest
NUMBERS = numbers_of(
    Judging(vmax_mps=1e9, growth_walking_mps=0.3, growth_cycling_mps=0.3, growth_driving_mps=0.3, history_s=420.0)
)._replace(
    coarse_zone_m=0.0  # who moves is never known so well that a fix may know less: in test_twin_rules
)
PARTY_OF = np.array([0, 0, 1, 2], np.int32)
INTERVAL_MS = np.array([60_000, 15_000, 30_000, 100_000], np.int64)
# no device reports so much less often at rest that its silence says so: that is in tests/engine/test_twin_rules.py
REST_INTERVAL_MS = np.array([85_000, 15_000, 45_000, 150_000], np.int64)
# what fixes show of their device is in test_devices: here nothing of it happens
NEVER_S = 1e9
DEVICE_NUMBERS = device_numbers_of(
    DeviceJudging(behind_s=NEVER_S, frozen_fixes=10**6, frozen_phone_s=NEVER_S, frozen_tag_s=NEVER_S), 0.5
)
HISTORY_MS = 420_000
STALE_MS = 80_000  # of the devices whose silence is looked for
STRAP_CUT_BIT, CASE_OPEN_BIT, POWER_OFF_BIT = 4, 8, 16


def tables() -> tuple[DeviceTable, PartyTable]:
    """Four devices of three parties, of which nothing has been heard."""
    count = len(PARTY_OF)
    people = tuple(Party(name, (Device(name, DeviceKind.TAG, 60.0, 60.0),)) for name in ("a", "b", "c"))
    parties = new_parties(compile_world(OrderBook("", people, ())), NUMBERS)
    parties.stale_ms[:] = 0
    devices = packed(DeviceTable(
        newest_ms=np.full(count, UNKNOWN_MS), position=np.full((count, 3), nan), sigma_m=np.full(count, nan),
        moving=np.zeros(count, np.bool_),
        stale_ms=np.full(count, 90_000), troubles=np.zeros(count, np.int32), since_ms=np.zeros(count, np.int64),
        gone_ms=np.full(count, UNKNOWN_MS), asked_ms=np.full(count, UNKNOWN_MS),
    ))  # fmt: skip
    return devices, parties


@dataclass
class PlainDevice:
    history: list[tuple[int, float, float]] = field(default_factory=list)
    newest_ms: int | None = None
    place: tuple[float, float, float] | None = None
    sigma_m: float = 0.0
    moving: bool = False
    stale_ms: int = 90_000
    clock: bool = False
    cut: bool = False


@dataclass
class PlainParty:
    at_ms: int = -1
    place: tuple[float, float, float] | None = None
    accuracy_m: float = nan
    stale_ms: int = 0
    marked: bool = False
    fixes: int = 0
    good: int = 0
    touched: bool = False


Row = tuple[int, int, float, float, float, float]  # as FixColumns


@twin_of(stale_after_ms)
def stale_plainly_ms(interval_ms: int) -> int:
    """DESIGN 6: two declared intervals, at least 90 s."""
    return max(90_000, 2 * interval_ms)


class Plain:
    """One fix at a time."""

    def __init__(self) -> None:
        self.devices = [PlainDevice() for _ in PARTY_OF]
        self.parties = [PlainParty() for _ in range(3)]

    @twin_of(contradicts, leads, sigma_m)
    def leads(
        self, party: PlainParty, before_ms: int | None, at_ms: int, accuracy_m: float, place: tuple[float, ...]
    ) -> bool:  # fmt: skip
        """Of the leading device, or the present position is stale, marked, elsewhere, or worse by now: it grows."""
        age_ms = at_ms - party.at_ms
        if age_ms < 0 or party.place is None:
            return age_ms >= 0
        own_m, grown_m = max(10.0, accuracy_m / 1.51), max(10.0, party.accuracy_m / 1.51) + 0.3 * age_ms / 1000
        elsewhere = dist(place, party.place) > 2.45 * hypot(own_m, grown_m)
        better = own_m < grown_m or (own_m == grown_m and age_ms > 0)
        return before_ms == party.at_ms or age_ms >= party.stale_ms or party.marked or elsewhere or better

    @twin_of(admit, follow, move_party, remember, take_position)
    def take(self, fix: Row, now_ms: int) -> int:
        device, at_ms, lat_deg, lon_deg, accuracy_m, speed_mps = fix
        own = self.devices[device]
        if at_ms > now_ms + 86_400_000:
            return AHEAD
        if at_ms < now_ms - HISTORY_MS:
            return UNJUDGED
        if (at_ms, lat_deg, lon_deg) in own.history:
            return DUPLICATE
        own.history.append((at_ms, lat_deg, lon_deg))
        effective_ms = min(at_ms, now_ms)
        if own.newest_ms is not None and effective_ms < own.newest_ms:
            return LATE
        own.clock = at_ms - now_ms > 30_000
        place = EARTH_CENTRED.transform(lon_deg, lat_deg, 0.0)
        gone_m = 0.0 if own.place is None else sum((a - b) ** 2 for a, b in zip(place, own.place, strict=True)) ** 0.5
        noise_m, own.sigma_m = 1.5 * hypot(own.sigma_m, max(10.0, accuracy_m / 1.51)), max(10.0, accuracy_m / 1.51)
        own.moving = gone_m > max(50.0, noise_m) or (not isnan(speed_mps) and speed_mps > 0.5)
        interval_ms = INTERVAL_MS[device] if own.moving else REST_INTERVAL_MS[device]
        before_ms, own.newest_ms, own.place = own.newest_ms, effective_ms, place
        own.stale_ms = stale_plainly_ms(int(interval_ms))
        marked = at_ms > now_ms + 1000 or now_ms - at_ms > own.stale_ms or own.cut
        party = self.parties[PARTY_OF[device]]
        if self.leads(party, before_ms, effective_ms, accuracy_m, place):
            party.at_ms, party.place, party.accuracy_m = effective_ms, place, accuracy_m
            party.stale_ms, party.marked, party.touched = own.stale_ms, marked, True
            party.fixes += 1
            party.good += not marked
        return MARKED if marked else ADMITTED


def draw(chance: Random, now_ms: int, earlier: list[Row]) -> list[Row]:
    """Some fixes, a few of them seen before, late, or ahead."""
    drawn: list[Row] = []
    for _ in range(chance.randrange(0, 12)):
        at_ms = now_ms + 500 * chance.choice((-1000, -400, -40, -4, -2, -1, 0, 1, 2, 3, 60, 61, 172_800, 172_801))
        drawn.append((
            chance.randrange(4), at_ms, chance.choice((51.9, 51.9004, 51.90046, 52.0)), chance.choice((4.4, 4.41)),
            chance.choice((3.0, 15.1, 15.2, 600.0)), chance.choice((nan, 0.0, 0.5, 0.6, 9.0)),
        ))  # fmt: skip
    drawn += chance.sample(earlier[-10:], min(len(earlier), 2))
    return sorted(drawn, key=lambda row: (*row[:5], repr(row[5])))


def columns_of(rows: list[Row]) -> FixColumns:
    kinds = (np.int32, np.int64, np.float64, np.float64, np.float64, np.float64)
    columns = zip(*rows, strict=True) if rows else [()] * 6
    told = [np.array(column, kind) for column, kind in zip(columns, kinds, strict=True)]
    return FixColumns._make([*told, np.full(len(rows), nan), np.full(len(rows), -1), np.full(len(rows), nan)])


def assert_same(devices: DeviceTable, parties: PartyTable, plain: Plain) -> None:
    unknown = (nan, nan, nan)
    for row, device in enumerate(plain.devices):
        assert devices.newest_ms[row] == (UNKNOWN_MS if device.newest_ms is None else device.newest_ms)
        assert list(devices.position[row]) == pytest.approx(device.place or unknown, abs=1e-6, nan_ok=True)
        assert (devices.moving[row], devices.stale_ms[row]) == (device.moving, device.stale_ms)
        assert bool(devices.troubles[row] & CLOCK_BIT) == device.clock
    for row, party in enumerate(plain.parties):
        assert parties.fixed_ms[row] == party.at_ms
        assert list(parties.position[row]) == pytest.approx(party.place or unknown, abs=1e-6, nan_ok=True)
        assert parties.accuracy_m[row] == pytest.approx(party.accuracy_m, nan_ok=True)
        if party.place is not None:
            assert parties.sigma_m[row] == pytest.approx(max(10.0, party.accuracy_m / 1.51))
        assert (parties.stale_ms[row], parties.marked[row]) == (party.stale_ms, party.marked)
        assert (parties.fixes[row], parties.good_fixes[row]) == (party.fixes, party.good)
        assert parties.touched[row] == party.touched


@twin_of(count_outcomes)
def counted_plainly(outcome: Iterable[int], device: Iterable[int], of: int) -> tuple[int, int, int, int]:
    """Of one device: accepted, late, marked and unjudged."""
    own = Counter(told for told, row in zip(outcome, device, strict=True) if row == of)
    accepted = own[ADMITTED] + own[LATE] + own[MARKED] + own[UNJUDGED]
    return accepted, own[LATE], own[MARKED], own[UNJUDGED]


@twin_of(tell_past)
def past_plainly(rows: Sequence[Row], outcome: Sequence[int], now_ms: int, stale_ms: Sequence[int]) -> list[bool]:
    """Of which fixes the present judgement says nothing: not the newest of a device, or stale as they came."""
    taken = [place for place, told in enumerate(outcome) if told in (ADMITTED, MARKED)]
    newest = {rows[place][0]: place for place in taken}
    found = []
    for place, (row, told) in enumerate(zip(rows, outcome, strict=True)):
        age_ms = now_ms - row[1]
        old = told == MARKED and age_ms > stale_ms[row[0]]
        past = told == LATE or (place in taken and (newest[row[0]] != place or old))
        found.append(past and age_ms >= 0)
    return found


@pytest.mark.parametrize("seed", range(30))
def test_what_became_of_fixes_is_counted_and_what_is_past_is_told(seed: int) -> None:
    chance = Random(seed)
    devices, _ = tables()
    now_ms = 1_780_000_000_000
    rows = draw(chance, now_ms, []) + draw(chance, now_ms, [])
    rows.sort(key=lambda row: row[:2])
    outcome = np.array([chance.randrange(OUTCOMES) for _ in rows], np.int8)
    watching = Watching(new_health(4).shown, np.zeros(4, np.bool_), DEVICE_NUMBERS)
    columns, counted, past = columns_of(rows), np.zeros(OUTCOMES, np.int64), np.zeros(len(rows), np.bool_)
    count_outcomes(columns.device, outcome, watching, counted)
    places = (ACCEPTED_COUNT, LATE_COUNT, MARKED_COUNT, UNJUDGED_COUNT)
    for device in range(4):
        own = tuple(int(watching.shown["counts"][device, place]) for place in places)
        assert own == counted_plainly(outcome, columns.device, device)
    assert list(counted) == [list(outcome).count(told) for told in range(OUTCOMES)]
    found = tell_past(columns, outcome, now_ms, records_of(devices), past)
    assert list(past) == past_plainly(rows, list(outcome), now_ms, list(devices.stale_ms))
    assert found == past.sum()


@pytest.mark.parametrize("seed", range(60))
def test_the_gate_is_the_plain_one(seed: int) -> None:
    chance = Random(seed)
    plain, (devices, parties), earlier = Plain(), tables(), list[Row]()
    now_ms = 1_780_000_000_000
    history, watching = (
        new_history(4),
        Watching(new_health(4).shown, np.array([True, False, True, False]), DEVICE_NUMBERS),
    )
    for _ in range(40):
        now_ms += chance.choice((100, 1000, 20_000))
        if chance.random() < 0.02:
            cut = chance.randrange(4)
            plain.devices[cut].cut = True
            devices.troubles[cut] |= STRAP_CUT_BIT
        for party in plain.parties:
            party.touched = False
        parties.touched[:] = False
        rows = draw(chance, now_ms, earlier)
        outcome, columns = np.full(len(rows), -1, np.int8), columns_of(rows)
        history = with_room(history, columns.device)
        admit(
            columns, now_ms, NUMBERS, PARTY_OF, INTERVAL_MS, REST_INTERVAL_MS, records_of(devices), history,
            records_of(parties), watching, outcome,
        )  # fmt: skip
        assert list(outcome) == [plain.take(row, now_ms) for row in rows]
        assert_same(devices, parties, plain)
        earlier += rows


def test_the_draws_have_every_outcome() -> None:
    chance, plain, earlier, seen = Random(1), Plain(), list[Row](), set[int]()
    for number in range(200):
        rows = draw(chance, 1_780_000_000_000 + 7000 * number, earlier)
        seen |= {plain.take(row, 1_780_000_000_000 + 7000 * number) for row in rows}
        earlier += rows
    assert seen == {ADMITTED, AHEAD, DUPLICATE, LATE, MARKED, UNJUDGED}


@pytest.mark.parametrize(("interval_ms", "stale_ms"), [(15_000, 90_000), (45_000, 90_000), (46_000, 92_000)])
def test_stale_is_two_intervals_but_at_least_90_s(interval_ms: int, stale_ms: int) -> None:
    assert stale_after_ms(interval_ms, NUMBERS) == stale_plainly_ms(interval_ms) == stale_ms


@twin_of(notice_silence)
def silent_plainly(
    devices: DeviceTable, cadences_ms: list[int], after_ms: list[int], deaf_ms: Longs, now_ms: int
) -> tuple[list[bool], int]:  # fmt: skip
    """Whether each device is silent, and when the next one falls silent."""
    silent, next_ms = [], NEVER_MS
    ages = zip(devices.newest_ms, devices.since_ms, cadences_ms, after_ms, deaf_ms, devices.troubles, strict=True)
    for newest_ms, since_ms, cadence_ms, silent_ms, unheard_ms, bits in ages:
        heard_ms = int(since_ms if newest_ms == UNKNOWN_MS else newest_ms)
        known = heard_ms != NEVER_MS
        heard_ms += int(unheard_ms)
        # who was silent must be heard in time, and so that the next fix, were it as late, would be in time too
        in_time_ms = min(silent_ms, max(silent_ms - cadence_ms, cadence_ms // 2), STALE_MS)
        long_ms = in_time_ms if bits & SILENT_BIT else silent_ms
        silent.append(known and now_ms - heard_ms >= long_ms)
        if known and not silent[-1]:
            next_ms = min(next_ms, heard_ms + int(silent_ms))
    return silent, next_ms


@pytest.mark.parametrize("seed", range(30))
def test_silence_is_seen_at_its_instant(seed: int) -> None:
    chance = Random(seed)
    devices, _ = tables()
    devices.stale_ms[:] = STALE_MS
    now_ms = 1_780_000_000_000
    offline = [chance.random() < 0.5 for _ in range(4)]
    offline_ms = np.array([now_ms - 5000 if gone else UNKNOWN_MS for gone in offline])
    silent_after_ms = np.array([[chance.choice((90_000, 120_000)), 90_000] for _ in range(4)])
    after_ms = [int(own[int(gone)]) for own, gone in zip(silent_after_ms, offline, strict=True)]
    for row in range(4):
        age_ms = chance.choice((0, 79_999, 80_000, 89_999, 90_000, 90_001, 119_999, 120_000))
        heard = chance.random() < 0.6
        devices.newest_ms[row] = now_ms - age_ms if heard else UNKNOWN_MS
        devices.since_ms[row] = NEVER_MS if chance.random() < 0.3 else now_ms - age_ms
        devices.troubles[row] = chance.choice((0, SILENT_BIT, STRAP_CUT_BIT | SILENT_BIT))
    deaf_ms = np.array([chance.choice((0, 1, 30_000)) for _ in range(4)])
    cut = [bool(bits & STRAP_CUT_BIT) for bits in devices.troubles]
    devices.moving[:] = [chance.random() < 0.5 for _ in range(4)]
    interval_ms, rest_interval_ms = np.full(4, 10_000), np.full(4, 40_000)
    cadences_ms = [10_000 if moves else 40_000 for moves in devices.moving]
    silent, expected_next = silent_plainly(devices, cadences_ms, after_ms, deaf_ms, now_ms)
    next_ms = notice_silence(
        now_ms, records_of(devices), interval_ms, rest_interval_ms, silent_after_ms, offline_ms, deaf_ms
    )  # fmt: skip
    assert next_ms == expected_next
    assert [bool(bits & SILENT_BIT) for bits in devices.troubles] == silent
    assert [bool(bits & STRAP_CUT_BIT) for bits in devices.troubles] == cut


@twin_of(follow_off_wearer)
def off_plainly(troubles: list[int], was_off: list[bool]) -> tuple[list[bool], list[bool]]:
    """Whose tag is off its wearer, by party, and of whom that is news."""
    off = [False] * len(was_off)
    for party, bits in zip(PARTY_OF.tolist(), troubles, strict=True):
        off[party] = off[party] or bool(bits & (STRAP_CUT_BIT | CASE_OPEN_BIT | POWER_OFF_BIT))
    return off, [now != before for now, before in zip(off, was_off, strict=True)]


@pytest.mark.parametrize("seed", range(40))
def test_whose_tag_is_off_is_seen_by_any_of_their_devices(seed: int) -> None:
    chance = Random(seed)
    devices, parties = tables()
    kinds = (0, 0, SILENT_BIT, STRAP_CUT_BIT, CASE_OPEN_BIT | SILENT_BIT, POWER_OFF_BIT)
    devices.troubles[:] = [chance.choice(kinds) for _ in range(4)]
    parties.off_wearer[:] = [chance.random() < 0.5 for _ in range(3)]
    parties.stirred[:] = stirred = [chance.random() < 0.3 for _ in range(3)]
    off, news = off_plainly(devices.troubles.tolist(), parties.off_wearer.tolist())
    follow_off_wearer(PARTY_OF, records_of(devices), records_of(parties), np.ones(3, np.bool_))
    assert parties.off_wearer.tolist() == off
    assert parties.stirred.tolist() == [one or other for one, other in zip(stirred, news, strict=True)]


@twin_of(is_anyone_gone)
def gone_plainly(devices: DeviceTable, blind: list[bool]) -> bool:
    """Whether anybody is silent or told as gone, or cannot be told of."""
    silent = [bool(bits & SILENT_BIT) for bits in devices.troubles]
    return any(silent) or any(since_ms != UNKNOWN_MS for since_ms in devices.gone_ms) or any(blind)


@pytest.mark.parametrize("seed", range(40))
def test_one_who_is_gone_is_enough(seed: int) -> None:
    chance = Random(seed)
    devices, _ = tables()
    rows = new_rows(3)
    devices.troubles[:] = [SILENT_BIT if chance.random() < 0.1 else STRAP_CUT_BIT for _ in range(4)]
    devices.gone_ms[:] = [1 if chance.random() < 0.1 else UNKNOWN_MS for _ in range(4)]
    rows.blind[:] = [chance.random() < 0.1 for _ in range(3)]
    assert is_anyone_gone(records_of(devices), records_of(rows)) == gone_plainly(devices, rows.blind.tolist())
