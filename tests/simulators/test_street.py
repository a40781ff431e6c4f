# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The victim-proximity monitor authors
import numpy as np
import pytest
from pyproj import Geod

from simulators.devices.receiver import receive
from simulators.truth.street import Journey, Leg, read_routes

WGS84 = Geod(ellps="WGS84")
START_MS = 1_000_000_000
CORNERS = ((4.47, 51.92), (4.48, 51.92), (4.48, 51.93))
LENGTH_M = WGS84.line_length([c[0] for c in CORNERS], [c[1] for c in CORNERS])


def one(journey: Journey, at_ms: int) -> tuple[float, float, float]:
    truth = journey.at(np.array([at_ms], np.int64))
    return float(truth.lon_deg[0]), float(truth.lat_deg[0]), float(truth.speed_mps[0])


def test_at_rest_before_and_after() -> None:
    journey = Journey(Leg(START_MS, CORNERS, 2.0))
    assert one(journey, START_MS - 1) == pytest.approx((*CORNERS[0], 0.0), abs=1e-12)
    assert journey.end_ms == pytest.approx(START_MS + LENGTH_M / 2.0 * 1000, abs=1)
    assert one(journey, journey.end_ms + 1) == pytest.approx((*CORNERS[-1], 0.0), abs=1e-12)


def test_on_the_way_the_speed_is_kept_round_the_corner() -> None:
    journey = Journey(Leg(START_MS, CORNERS, 2.0))
    first_m = WGS84.inv(*CORNERS[0], *CORNERS[1])[2]
    for passed_s in (1, 100, 300, 500, 800):
        lon_deg, lat_deg, speed_mps = one(journey, START_MS + passed_s * 1000)
        assert speed_mps == pytest.approx(2.0, abs=1e-9)
        passed_m = 2.0 * passed_s
        behind, behind_m = (CORNERS[0], 0.0) if passed_m < first_m else (CORNERS[1], first_m)
        assert WGS84.inv(*behind, lon_deg, lat_deg)[2] == pytest.approx(passed_m - behind_m, abs=1e-6)


def test_between_two_legs_one_waits() -> None:
    there = Leg(START_MS, CORNERS, 2.0)
    back = Leg(START_MS + 3_600_000, CORNERS[::-1], 4.0)
    journey = Journey(there, back)
    assert one(journey, START_MS + 3_000_000) == pytest.approx((*CORNERS[-1], 0.0), abs=1e-12)
    assert one(journey, START_MS + 3_601_000)[2] == pytest.approx(4.0)
    with pytest.raises(ValueError, match="before the one ahead"):
        Journey(there, Leg(START_MS + 1000, CORNERS[::-1], 4.0))


def test_the_routes_lie_in_rotterdam_on_connected_streets() -> None:
    for name, waypoints in read_routes().items():
        lons, lats = np.array(waypoints).T
        assert lons.min() > 4.318, name
        assert lons.max() < 4.634, name
        assert lats.min() > 51.823, name
        assert lats.max() < 52.015, name
        assert max(WGS84.line_lengths(lons, lats)) < 700, "no point of a street is that far from the next"
        assert 2_000 < WGS84.line_length(lons, lats) < 10_000


def errors_m(
    journey: Journey, seed: int, seconds: int, interval_s: float
) -> np.ndarray[tuple[int, int], np.dtype[np.float64]]:
    fixes = list(receive(journey, seed, from_ms=START_MS, until_ms=START_MS + seconds * 1000, interval_s=interval_s))
    truth = journey.at(np.array([fix.fixed_at_ms for fix in fixes], np.int64))
    azimuth_deg, _, distance_m = WGS84.inv(
        truth.lon_deg, truth.lat_deg, [fix.lon_deg for fix in fixes], [fix.lat_deg for fix in fixes]
    )
    return np.array([distance_m * np.sin(np.radians(azimuth_deg)), distance_m * np.cos(np.radians(azimuth_deg))])


def test_the_same_seed_gives_the_same_fixes_and_another_gives_others() -> None:
    journey = Journey.resting(*CORNERS[0])
    runs = [
        list(receive(journey, seed, from_ms=START_MS, until_ms=START_MS + 60_000, interval_s=15)) for seed in (7, 7, 8)
    ]
    assert runs[0] == runs[1] != runs[2]
    assert [fix.fixed_at_ms - START_MS for fix in runs[0]] == [0, 15_000, 30_000, 45_000, 60_000]
    assert [fix.seq for fix in runs[0]] == [0, 1, 2, 3, 4]


def test_moving_the_error_is_3_m_an_axis_and_forgotten_over_20_s() -> None:
    long_way = Journey(Leg(START_MS, ((4.0, 51.0), (4.0, 52.5)), 2.0))  # a day and more
    east_m, north_m = errors_m(long_way, 1, 80_000, 10)
    for axis_m in (east_m, north_m):
        assert np.std(axis_m) == pytest.approx(3.0, rel=0.05)
        assert np.corrcoef(axis_m[:-1], axis_m[1:])[0, 1] == pytest.approx(np.exp(-10 / 20), abs=0.04)


def test_at_rest_the_error_is_3_m_an_axis_and_lasts_20_minutes() -> None:
    east_m, north_m = errors_m(Journey.resting(*CORNERS[0]), 1, 3_000_000, 300)
    for axis_m in (east_m, north_m):
        assert np.std(axis_m) == pytest.approx(3.0, rel=0.05)
        assert np.corrcoef(axis_m[:-1], axis_m[1:])[0, 1] == pytest.approx(np.exp(-300 / 1200), abs=0.04)
