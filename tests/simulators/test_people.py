# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The victim-proximity monitor authors
"""People keep to streets, speeds and timetables; the same seed gives the same days."""

from itertools import pairwise

import numpy as np
import pytest
import shapely
from pyproj import Geod

from simulators.truth.city import STREETS, UNITS_A_DEGREE, Mode, network
from simulators.truth.people import DAY_MS, HOUR_MS, RIDES, Diary, Person, crow_m, days, draw_person, place_near, ride
from simulators.truth.street import Journey

GEOD = Geod(ellps="WGS84")
FASTEST_MPS = 28.0  # 100 km/h
BESIDE_STREETS_M = 100.0  # a door, a platform
STATION, ZUIDPLEIN = (4.4690, 51.9244), (4.4920, 51.8865)


def week(seed: int) -> tuple[Person, Journey]:
    chance = np.random.default_rng(seed)
    person = draw_person(chance)
    return person, days(person, chance, 0, 7)


def streets() -> shapely.STRtree:
    """Every stretch there is, in degrees whose longitudes are as long as the latitudes."""
    data = np.load(STREETS)
    lines: list[shapely.LineString] = []
    for kind in ("way", "drive", "rail"):
        node = data[f"{kind}_node"][:, ::-1] / UNITS_A_DEGREE * [np.cos(np.radians(51.915)), 1.0]
        lines += list(np.asarray(shapely.linestrings(np.stack(node[data[f"{kind}_stretch"]], axis=1))))
    return shapely.STRtree(lines)


@pytest.mark.parametrize("seed", range(6))
def test_a_week_on_the_streets(seed: int) -> None:
    _, journey = week(seed)
    instants = np.arange(0, 7 * DAY_MS, 20_000)
    truth = journey.at(instants)
    places = shapely.points(truth.lon_deg * np.cos(np.radians(51.915)), truth.lat_deg)
    _, apart_deg = streets().query_nearest(places, return_distance=True, all_matches=False)
    assert apart_deg.max() * 111_200 < BESIDE_STREETS_M
    every_second = np.arange(8 * HOUR_MS, 10 * HOUR_MS, 1000)
    track = journey.at(every_second)
    walked_m = GEOD.inv(track.lon_deg[:-1], track.lat_deg[:-1], track.lon_deg[1:], track.lat_deg[1:])[2]
    assert walked_m.max() <= FASTEST_MPS + 0.5, "nobody jumps"
    assert track.speed_mps.max() <= FASTEST_MPS
    still = truth.speed_mps == 0.0
    assert 0.7 < still.mean() < 0.995
    slow = (truth.speed_mps > 0.0) & (truth.speed_mps < 0.5)
    assert not slow.any(), "nobody drifts while at rest"


def test_nights_are_at_home() -> None:
    for seed in range(6):
        person, journey = week(seed)
        nights = np.array([day * DAY_MS + 4 * HOUR_MS for day in range(7)])
        truth = journey.at(nights)
        for lon, lat in zip(truth.lon_deg, truth.lat_deg, strict=True):
            assert crow_m((float(lon), float(lat)), person.home) < 2 * BESIDE_STREETS_M


def test_a_ride_leaves_by_the_timetable() -> None:
    diary = Diary(STATION, 123_456)
    far = max(network(Mode.TRAM).places.tolist(), key=lambda place: crow_m(STATION, (place[0], place[1])))
    assert ride(diary, Mode.TRAM, (far[0], far[1]))
    rails = {tuple(place) for place in network(Mode.TRAM).places.tolist()}
    on_rails = [leg for leg in diary.legs if all(place in rails for place in leg.waypoints)]
    every_ms = RIDES[Mode.TRAM] * 1000
    assert on_rails[0].start_ms % every_ms == 0
    assert all(one.start_ms <= other.start_ms for one, other in pairwise(diary.legs))
    nowhere = Diary((4.405, 51.965), 0)
    assert not ride(nowhere, Mode.METRO, ZUIDPLEIN)
    assert nowhere.legs == []


def test_the_same_seed_gives_the_same_days() -> None:
    instants = np.arange(0, 7 * DAY_MS, 60_000)
    one, again, other = (week(seed)[1].at(instants) for seed in (5, 5, 6))
    assert one.lon_deg.tobytes() == again.lon_deg.tobytes()
    assert one.lon_deg.tobytes() != other.lon_deg.tobytes()


def test_a_place_near_another_is_near_it() -> None:
    chance = np.random.default_rng(1)
    for _ in range(50):
        assert crow_m(STATION, place_near(chance, STATION, 300.0, 600.0)) < 600.0 + 2 * BESIDE_STREETS_M
