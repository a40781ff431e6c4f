# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The victim-proximity monitor authors
"""Simulated tags and phones do what real ones were measured to do, and each fault what its name says."""

from itertools import pairwise

import numpy as np
import pytest
from pyproj import Geod

from simulators.devices.reception import PHONE, TAG, Battery, Device, Report, Wanted, reports
from simulators.truth.city import TOWERS, Mode, under_ground
from simulators.truth.street import Journey, Leg

GEOD = Geod(ellps="WGS84")
HOME = (4.4800, 51.9000)
HOUR_MS, MINUTE_MS = 3_600_000, 60_000
AT_HOME = Journey.resting(*HOME)


def of(device: Device, hours: float, journey: Journey = AT_HOME, seed: int = 1) -> list[Report]:
    return reports(journey, device, 0, round(hours * HOUR_MS), np.random.default_rng(seed))


def walk(minutes: float, mode: str = "foot") -> Journey:
    """North from home, setting out an hour after midnight."""
    lon, lat, _ = GEOD.fwd(*HOME, 0.0, 1.4 * 60.0 * minutes)
    return Journey(Leg(HOUR_MS, (HOME, (lon, lat)), 1.4, mode))


def test_a_flipping_tag_flips_as_a_real_one_does() -> None:
    """error_numbers.md, D: 11.8 % of steps over 100 m, 463 of 9,061 there and back; accuracy 58, 729 m."""
    jumps, spikes, away = [], [], []
    accuracy: list[float] = []
    for seed in range(12):
        fixes = [one.fix for one in of(Device(TAG, flips=True), 24 * 30, seed=seed) if one.fix]
        lons, lats = [fix.lon_deg for fix in fixes], [fix.lat_deg for fix in fixes]
        step_m = np.asarray(GEOD.inv(lons[:-1], lats[:-1], lons[1:], lats[1:])[2])
        back_m = np.asarray(GEOD.inv(lons[:-2], lats[:-2], lons[2:], lats[2:])[2])
        jumps.append(np.mean(step_m > 100.0))
        spikes.append(np.mean((step_m[:-1] > 100.0) & (back_m < 30.0)))
        accuracy += [fix.accuracy_m or 0.0 for fix in fixes]
        away += step_m[step_m > 100.0].tolist()
    assert np.mean(jumps) == pytest.approx(0.118, rel=0.2)
    assert np.mean(spikes) == pytest.approx(463 / 9061, rel=0.2)
    assert np.percentile(accuracy, [50, 95]) == pytest.approx([58.0, 729.0], rel=0.2)
    assert max(accuracy) <= 1598.0
    assert 150.0 < np.median(away) < 250.0


def test_a_resting_tag_reports_as_often_as_a_real_one_does() -> None:
    """error_numbers.md, D: median 296 s, at most 344 s in 95 %."""
    times = [one.at_ms for one in of(Device(TAG), 24 * 30)]
    steps_s = np.diff(times) / 1000
    assert np.percentile(steps_s, [50, 95]) == pytest.approx([296.0, 344.0], rel=0.05)


def test_who_moves_reports_more_often_and_from_the_first_minute() -> None:
    moving = [one.at_ms for one in of(Device(TAG), 1.5, walk(30.0)) if one.at_ms >= HOUR_MS]
    assert moving[0] < HOUR_MS + 2 * MINUTE_MS, "its accelerometer wakes it"
    assert {later - earlier for earlier, later in pairwise(moving[1:])} == {MINUTE_MS}


def test_the_wanted_interval_is_obeyed_until_it_is_taken_back() -> None:
    device = Device(TAG, wanted=(Wanted(HOUR_MS, 15.0), Wanted(2 * HOUR_MS, None)))
    times = np.array([one.at_ms for one in of(device, 3)])
    quick = np.diff(times[(times >= HOUR_MS + 6 * MINUTE_MS) & (times < 2 * HOUR_MS)])
    slow = np.diff(times[times > 2 * HOUR_MS + MINUTE_MS])
    assert set(quick.tolist()) == {15_000}
    assert slow.min() > 200_000


def test_a_wrong_clock_is_wrong_by_just_so_much() -> None:
    right, wrong = of(Device(PHONE), 1), of(Device(PHONE, clock_ahead_ms=-60_000), 1)
    assert [one.fix.fixed_at_ms - 60_000 for one in right if one.fix] == [
        one.fix.fixed_at_ms for one in wrong if one.fix
    ]
    assert [one.at_ms for one in right] == [one.at_ms for one in wrong]


def test_a_battery_runs_flat_says_so_and_comes_back() -> None:
    battery = Battery(full_ms=0, lasts_ms=10 * HOUR_MS, charged_ms=14 * HOUR_MS)
    found = of(Device(TAG, battery=battery), 16)
    said = [(one.at_ms / HOUR_MS, one.event) for one in found if one.event]
    assert said == [
        (8, "battery_low"), (9, "battery_critical"), (10, "offline"), (14, "charging"), (14, "online"),
    ]  # fmt: skip
    assert not [one for one in found if one.fix and 10 * HOUR_MS <= one.at_ms < 14 * HOUR_MS]
    left = [one.fix.battery_pct or 0 for one in found if one.fix and one.at_ms < 10 * HOUR_MS]
    assert left == sorted(left, reverse=True)
    assert left[0] >= 98
    assert left[-1] <= 2


def test_in_the_dark_nothing_is_reported_and_a_frozen_position_is_the_same_to_the_last_digit() -> None:
    dark = of(Device(PHONE, dark=((HOUR_MS, 2 * HOUR_MS),)), 3, walk(60.0))
    assert not [one for one in dark if HOUR_MS <= one.at_ms < 2 * HOUR_MS]
    span = (HOUR_MS + 10 * MINUTE_MS, HOUR_MS + 40 * MINUTE_MS)
    frozen = of(Device(PHONE, frozen=(span,)), 3, walk(60.0))
    places = {(one.fix.lat_deg, one.fix.lon_deg) for one in frozen if one.fix and span[0] <= one.at_ms < span[1]}
    assert len(places) == 1
    assert len({one.at_ms for one in frozen if span[0] <= one.at_ms < span[1]}) > 100


def test_under_ground_there_are_no_satellites_and_after_it_they_are_searched_for() -> None:
    inside = np.array([4.48]), np.array([51.92])
    assert under_ground(np.array([Mode.METRO.value]), *inside).all()
    assert not under_ground(np.array([Mode.TRAM.value]), *inside).any()
    ride = Journey(Leg(HOUR_MS, ((4.44, 51.915), (4.50, 51.915), (4.53, 51.915)), 3.0, Mode.METRO))
    seen = [one.fix for one in of(Device(PHONE), 3, ride) if one.fix]
    below = [fix for fix in seen if 0.02 * HOUR_MS < fix.fixed_at_ms - HOUR_MS < 0.3 * HOUR_MS]
    before = [fix for fix in seen if fix.fixed_at_ms < HOUR_MS]
    assert below
    assert all(fix.source == "cell" and fix.accuracy_m >= 500 for fix in below if fix.accuracy_m)
    assert np.mean([fix.source == "cell" for fix in before]) < 0.3
    left_ms = HOUR_MS + (GEOD.inv(4.44, 51.915, 4.515, 51.915)[2] / 3.0) * 1000
    after = [fix for fix in seen if left_ms + 2_000 < fix.fixed_at_ms < left_ms + 18_000]
    assert all(fix.source == "cell" for fix in after), "a cold start takes 20 s at least"


def test_between_towers_fixes_are_coarser() -> None:
    """The centre's towers hide most of the sky; the park north of it does not."""
    lon, lat = (TOWERS[0] + TOWERS[2]) / 2, (TOWERS[1] + TOWERS[3]) / 2
    accuracy_m = []
    for north_deg in (0.0, 0.05):
        strolls = Journey(Leg(0, ((lon - 0.002, lat + north_deg), (lon + 0.002, lat + north_deg)), 0.01))
        fixes = [one.fix for seed in range(10) for one in of(Device(PHONE), 7, strolls, seed) if one.fix]
        accuracy_m.append(np.mean([fix.accuracy_m for fix in fixes if fix.accuracy_m]))
    assert accuracy_m[0] > 1.5 * accuracy_m[1]


def test_the_same_draws_give_the_same_reports() -> None:
    assert of(Device(PHONE, flips=True), 5, walk(60.0)) == of(Device(PHONE, flips=True), 5, walk(60.0))
    assert of(Device(PHONE), 5, walk(60.0)) != of(Device(PHONE), 5, walk(60.0), seed=2)
