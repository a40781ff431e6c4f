# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The victim-proximity monitor authors
"""The middle of Rotterdam: ways keep to streets, lengths are pyproj's, speeds are those of the street."""

from itertools import pairwise

import numpy as np
import pytest
from pyproj import Geod

from simulators.truth.city import (
    CLOSED_TO,
    DRIVEN_SHARE,
    KMH,
    SPEEDS_MPS,
    STREETS,
    UNITS_A_DEGREE,
    Mode,
    NoWay,
    network,
    travel,
    waypoints_of,
)
from simulators.truth.street import Journey

GEOD = Geod(ellps="WGS84")
STATION, ZUIDPLEIN = (4.4690, 51.9244), (4.4920, 51.8865)
DATA = np.load(STREETS)


def stretches(mode: Mode) -> set[tuple[tuple[int, int], tuple[int, int]]]:
    """The stretches that are open to a mode, there and back where one may, as the file has them."""
    if mode is Mode.CAR:
        node, (one, other), back = DATA["drive_node"], DATA["drive_stretch"], ~DATA["drive_one_way"]
    elif mode in {Mode.TRAM, Mode.METRO}:
        own = DATA["rail_kind"] == list(DATA["rail_names"]).index(str(mode))
        node, (one, other), back = DATA["rail_node"], DATA["rail_stretch"][:, own], np.ones(own.sum(), np.bool_)
    else:
        own = ~np.isin(DATA["class_names"][DATA["way_class"]], CLOSED_TO[mode])
        node, (one, other), back = DATA["way_node"], DATA["way_stretch"][:, own], np.ones(own.sum(), np.bool_)
    ends = [tuple(map(tuple, node[side].tolist())) for side in (one, other)]
    there = set(zip(*ends, strict=True))
    return there | {(to, start) for (start, to), may in zip(zip(*ends, strict=True), back, strict=True) if may}


@pytest.mark.parametrize("mode", list(Mode))
def test_a_way_keeps_to_its_streets(mode: Mode) -> None:
    legs = travel(mode, STATION, ZUIDPLEIN, 0)
    places = [waypoints_of([leg]) for leg in legs]
    open_to = stretches(mode)
    for waypoints in places:
        units = [(round(lat * UNITS_A_DEGREE), round(lon * UNITS_A_DEGREE)) for lon, lat in waypoints]
        assert all(stretch in open_to for stretch in pairwise(units))
    for one, other in pairwise(legs):
        assert one.waypoints[-1] == other.waypoints[0]


@pytest.mark.parametrize(("mode", "km"), [(Mode.FOOT, (4.5, 6.5)), (Mode.BICYCLE, (4.5, 6.5)), (Mode.CAR, (4.5, 8.0))])
def test_ways_are_as_long_and_take_as_long_as_they_should(mode: Mode, km: tuple[float, float]) -> None:
    legs = travel(mode, STATION, ZUIDPLEIN, 1_000_000)
    length_m = sum(float(GEOD.line_length(*np.array(leg.waypoints).T)) for leg in legs)
    assert km[0] < length_m / 1000 < km[1]  # 4.5 km as the crow flies
    seconds = (Journey(*legs).end_ms - 1_000_000) / 1000
    if mode is Mode.CAR:
        assert 10 * KMH * DRIVEN_SHARE < length_m / seconds < 100 * KMH
    else:
        assert length_m / seconds == pytest.approx(SPEEDS_MPS[mode], rel=0.01)


def test_a_car_drives_as_fast_as_its_street_allows_and_the_right_way() -> None:
    ways = network(Mode.CAR)
    one_way = ways.seconds - ways.seconds.T
    assert abs(one_way).nnz > 1000, "many stretches cannot be driven back"
    limits = DATA["drive_speed_kmh"]
    for leg in travel(Mode.CAR, STATION, (4.55, 51.90), 0):
        assert any(abs(leg.speed_mps - limit * KMH * DRIVEN_SHARE) < 0.01 for limit in np.unique(limits))


def test_no_way_is_said() -> None:
    ways = network(Mode.METRO)
    lonely = ways.seconds.copy()
    lonely.data[:] = np.inf
    with pytest.raises(NoWay, match="from corner 0 to 9"):
        ways._replace(seconds=lonely).route(0, 9)


def test_the_same_way_twice_is_the_same() -> None:
    assert travel(Mode.BICYCLE, STATION, ZUIDPLEIN, 5) == travel(Mode.BICYCLE, STATION, ZUIDPLEIN, 5)
