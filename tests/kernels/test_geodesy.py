# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The victim-proximity monitor authors
"""Positions, distances, bearings and passes against pyproj, another's test set, and arithmetic."""

import gzip
import os
from math import hypot, isnan, nan
from pathlib import Path
from typing import TypeAlias

import numpy as np
import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st
from pyproj import Geod, Transformer

from proximity.kernels.arrays import Floats
from proximity.kernels.geodesy import (
    bearing_deg,
    bearings_deg,
    bent_chord_m,
    between,
    closest_approach,
    closest_approaches,
    distance_m,
    ecef,
    ecefs,
    lambert_m,
    latitude_longitude,
    lift,
    separation_m,
    separations_m,
)
from tests.twins import twin_of

GEOD = Geod(ellps="WGS84")
EARTH_CENTRED = Transformer.from_crs("EPSG:4979", "EPSG:4978", always_xy=True)
GEOD_TEST = Path(__file__).parents[1] / "data" / "geodtest" / "GeodTest-short.dat.gz"
PAIRS = 2_000 if os.environ.get("NUMBA_DISABLE_JIT") == "1" else 1_000_000
LEAST_M, MOST_M = 0.1, 200_000.0

Place: TypeAlias = tuple[float, float]  # lat, lon in degrees
Point: TypeAlias = tuple[float, float, float]

latitudes = st.floats(-90.0, 90.0)
longitudes = st.floats(-180.0, 180.0)
azimuths = st.floats(0.0, 360.0)
places = st.tuples(latitudes, longitudes)


@twin_of(ecef, ecefs)
def earth_centred(places_deg: Floats) -> Floats:
    """Earth-centred positions of rows (lat, lon), by PROJ."""
    return np.column_stack(EARTH_CENTRED.transform(places_deg[:, 1], places_deg[:, 0], np.zeros(len(places_deg))))


@twin_of(bent_chord_m, lambert_m, distance_m, separation_m, separations_m)
def geodesic_m(one: Place, other: Place) -> float:
    """The geodesic by pyproj (Karney)."""
    return float(GEOD.inv(one[1], one[0], other[1], other[0])[2])


@twin_of(bearing_deg, bearings_deg)
def azimuth_deg(one: Place, other: Place) -> float:
    """The geodesic's azimuth by pyproj."""
    return float(GEOD.inv(one[1], one[0], other[1], other[0])[0]) % 360.0


@twin_of(latitude_longitude)
def on_the_map(x: float, y: float, z: float) -> Place:
    """By PROJ."""
    lon_deg, lat_deg, _ = EARTH_CENTRED.transform(x, y, z, direction="INVERSE")
    return lat_deg, lon_deg


@pytest.mark.parametrize("at", [(51.9, 4.48), (-33.9, 151.2), (0.0, -179.99), (78.2, 15.6), (-12.0, 0.0)])
@pytest.mark.parametrize("off_m", [(0.0, 0.0, 0.0), (5.0, -8.0, 3.0)])
def test_a_position_back_on_the_map(at: Place, off_m: Point) -> None:
    point = [one + off for one, off in zip(ecef(*at), off_m, strict=True)]
    # h off the ellipsoid is wrong by e^2 h sin(2 lat) / 2 on the ground: 10 m by 0.033 m, 3e-7 degrees
    assert latitude_longitude(*point) == pytest.approx(on_the_map(*point), abs=3.1e-7 if any(off_m) else 1e-9)


@twin_of(lift)
def lifted(x: float, y: float, z: float) -> Point:
    """The point below or above on the ellipsoid, by PROJ: straight down, not towards the centre."""
    lon_deg, lat_deg, _ = EARTH_CENTRED.transform(x, y, z, direction="INVERSE")
    made: Point = EARTH_CENTRED.transform(lon_deg, lat_deg, 0.0)
    return made


@twin_of(between)
def on_the_way(one: Place, other: Place, part: float) -> Place:
    """The place on the geodesic between two."""
    forward_deg, _, length_m = GEOD.inv(one[1], one[0], other[1], other[0])
    lon_deg, lat_deg, _ = GEOD.fwd(one[1], one[0], forward_deg, part * length_m)
    return lat_deg, lon_deg


@twin_of(closest_approach, closest_approaches)
def nearest_of(ways: tuple[Place, Place, Place, Place], instants: int) -> float:
    """The least distance at so many instants of two even walks along geodesics."""
    parts = np.linspace(0.0, 1.0, instants)
    tracks = []
    for one, other in (ways[:2], ways[2:]):
        forward_deg, _, length_m = GEOD.inv(one[1], one[0], other[1], other[0])
        lons_deg, lats_deg, ahead_deg = (np.full(instants, value) for value in (one[1], one[0], forward_deg))
        tracks.append(GEOD.fwd(lons_deg, lats_deg, ahead_deg, parts * length_m)[:2])
    return float(GEOD.inv(*tracks[0], *tracks[1])[2].min())


def at(place: Place) -> Floats:
    return np.array(ecef(*place))


def moved(place: Place, towards_deg: float, far_m: float) -> Place:
    lon_deg, lat_deg, _ = GEOD.fwd(place[1], place[0], towards_deg, far_m)
    return lat_deg, lon_deg


@pytest.fixture(scope="module")
def pairs() -> tuple[Floats, Floats, Floats]:
    """Places (n, 2), places, their distances: log-uniform, a tenth near a pole or across the antimeridian."""
    chance = np.random.default_rng(20261124)
    lats = np.degrees(np.arcsin(chance.uniform(-1.0, 1.0, PAIRS)))
    lons = chance.uniform(-180.0, 180.0, PAIRS)
    polar = np.arange(PAIRS) % 20 == 0
    lats[polar] = chance.choice([-1.0, 1.0], polar.sum()) * chance.uniform(85.0, 90.0, polar.sum())
    seam = np.arange(PAIRS) % 20 == 1
    lons[seam] = 180.0 - chance.uniform(0.0, 1e-3, seam.sum())
    towards = np.where(seam, 90.0, chance.uniform(0.0, 360.0, PAIRS))
    far_m = np.exp(chance.uniform(np.log(LEAST_M), np.log(MOST_M), PAIRS))
    other_lons, other_lats, _ = GEOD.fwd(lons, lats, towards, far_m)
    true_m = GEOD.inv(lons, lats, other_lons, other_lats)[2]  # of the places as they were rounded
    return np.column_stack([lats, lons]), np.column_stack([other_lats, other_lons]), true_m


def measured_m(ones_deg: Floats, others_deg: Floats) -> Floats:
    """By the kernels: earth-centred once, then the chord."""
    sides = np.empty((2, len(ones_deg), 3))
    for side, places_deg in zip(sides, (ones_deg, others_deg), strict=True):
        ecefs(np.ascontiguousarray(places_deg[:, 0]), np.ascontiguousarray(places_deg[:, 1]), side)
    found_m = np.empty(len(ones_deg))
    separations_m(np.ascontiguousarray(sides[0].T), np.ascontiguousarray(sides[1].T), found_m)
    return found_m


def test_a_million_pairs(pairs: tuple[Floats, Floats, Floats]) -> None:
    ones_deg, others_deg, true_m = pairs
    wrong_m = np.abs(measured_m(ones_deg, others_deg) - true_m)
    assert wrong_m[true_m <= 5_000.0].max() < 1e-7
    assert wrong_m[true_m <= 50_000.0].max() < 1e-7
    assert wrong_m.max() < 1e-4


def test_the_geodesics_of_another() -> None:
    rows = np.loadtxt(gzip.decompress(GEOD_TEST.read_bytes()).decode("ascii").splitlines())
    assert rows.shape == (10_000, 10)
    near = rows[:, 6] <= 200_000.0
    assert near.sum() > 1000
    wrong_m = np.abs(measured_m(rows[near][:, :2], rows[near][:, 3:5]) - rows[near][:, 6])
    assert wrong_m.max() < 1e-4
    assert wrong_m[rows[near][:, 6] <= 5_000.0].max() < 1e-6


@given(place=places)
def test_earth_centred_positions_are_those_of_proj(place: Place) -> None:
    expected = earth_centred(np.array([place]))
    found = np.empty((1, 3))
    ecefs(np.array([place[0]]), np.array([place[1]]), found)
    assert found[0] == pytest.approx(expected[0], abs=1e-7)
    assert tuple(found[0]) == ecef(*place)


@given(place=places, towards_deg=azimuths, far_m=st.floats(0.0, 1e7))
@example(place=(51.92, 180.0), towards_deg=90.0, far_m=4000.0)
@example(place=(0.0, 0.0), towards_deg=0.0, far_m=0.0)
@example(place=(90.0, 0.0), towards_deg=180.0, far_m=1_499_000.0)
def test_a_separation_is_the_geodesic(place: Place, towards_deg: float, far_m: float) -> None:
    there = moved(place, towards_deg, far_m)
    true_m = geodesic_m(place, there)
    found_m = separation_m(at(place), at(there))
    within_m = 1e-7 if true_m < 50_000 else 1e-4 if true_m < 200_000 else 0.05 if true_m < 1e6 else 3e-6 * true_m
    assert found_m == pytest.approx(true_m, abs=within_m)
    assert found_m == distance_m(*at(place), *at(there)) == separation_m(at(there), at(place)), "symmetric"


@given(place=places, towards_deg=azimuths, far_m=st.floats(1e6, 1e7))
def test_lambert_is_good_to_3_millionths(place: Place, towards_deg: float, far_m: float) -> None:
    there = moved(place, towards_deg, far_m)
    assert lambert_m(*at(place), *at(there)) == pytest.approx(geodesic_m(place, there), rel=3e-6)


@given(place=places)
def test_a_place_is_at_itself(place: Place) -> None:
    assert separation_m(at(place), at(place)) == 0.0
    assert lambert_m(*at(place), *at(place)) == 0.0
    assert bearing_deg(*place, *place) == 0.0


@given(one=places, towards_deg=azimuths, far_m=st.floats(0, 50_000), on_deg=azimuths, on_m=st.floats(0, 50_000))
def test_no_detour_is_shorter(one: Place, towards_deg: float, far_m: float, on_deg: float, on_m: float) -> None:
    other = moved(one, towards_deg, far_m)
    third = moved(other, on_deg, on_m)
    ways_m = separation_m(at(one), at(other)) + separation_m(at(other), at(third))
    assert separation_m(at(one), at(third)) <= ways_m + 1e-6


@given(one=places, towards_deg=azimuths, far_m=st.floats(0, 200_000), by_deg=st.floats(-720.0, 720.0))
def test_turning_or_mirroring_the_earth_changes_no_distance(
    one: Place, towards_deg: float, far_m: float, by_deg: float
) -> None:  # fmt: skip
    other = moved(one, towards_deg, far_m)
    found_m = separation_m(at(one), at(other))
    turned = [at((lat_deg, lon_deg + by_deg)) for lat_deg, lon_deg in (one, other)]
    mirrored = [at((-lat_deg, lon_deg)) for lat_deg, lon_deg in (one, other)]
    assert separation_m(*turned) == pytest.approx(found_m, abs=1e-7)
    assert separation_m(*mirrored) == pytest.approx(found_m, abs=1e-9)


@given(place=places, towards_deg=azimuths, far_m=st.floats(0.0, 20_000.0), part=st.floats(0.0, 1.0))
def test_a_part_of_the_way_is_on_the_geodesic(place: Place, towards_deg: float, far_m: float, part: float) -> None:
    there = moved(place, towards_deg, far_m)
    found = between(at(place), at(there), part)
    assert found == pytest.approx(earth_centred(np.array([on_the_way(place, there, part)]))[0], abs=2e-3 + 2e-6 * far_m)


@given(place=places, under_m=st.floats(-100.0, 100.0))
def test_a_point_is_lifted_to_the_ground(place: Place, under_m: float) -> None:
    point: Point = EARTH_CENTRED.transform(place[1], place[0], under_m)
    assert lift(*point) == pytest.approx(lifted(*point), abs=1e-6 + 0.0034 * abs(under_m))


@given(place=places, towards_deg=azimuths, far_m=st.floats(10.0, 50_000.0))
@example(place=(0.0, 179.99), towards_deg=90.0, far_m=5000.0)
def test_a_bearing_is_the_azimuth(place: Place, towards_deg: float, far_m: float) -> None:
    assume(abs(place[0]) < 89.0)
    there = moved(place, towards_deg, far_m)
    found_deg = np.empty(1)
    bearings_deg(np.array([place]), np.array([there]), found_deg)
    off_deg = (found_deg[0] - azimuth_deg(place, there) + 180.0) % 360.0 - 180.0
    assert abs(off_deg) < 3e-6 + 1e-6 / far_m
    assert found_deg[0] == bearing_deg(*place, *there)
    assert 0.0 <= found_deg[0] < 360.0


WALKS_M = st.floats(0.0, 5_000.0)


@given(
    place=st.tuples(st.floats(-80, 80), longitudes),
    bearings=st.tuples(azimuths, azimuths, azimuths),
    far=st.tuples(WALKS_M, WALKS_M, WALKS_M),
)
def test_the_closest_approach_is_the_least_of_all_instants(
    place: Place, bearings: tuple[float, float, float], far: tuple[float, float, float]
) -> None:
    start = moved(place, bearings[0], far[0])
    ways = (place, moved(place, bearings[1], far[1]), start, moved(start, bearings[2], far[2]))
    part, found_m = closest_approach(*map(at, ways))
    least_m = nearest_of(ways, 2001)
    assert 0.0 <= part <= 1.0
    assert least_m - (far[1] + far[2]) / 2000 - 0.005 <= found_m <= least_m + 0.005
    here = [on_the_way(*way, part) for way in (ways[:2], ways[2:])]
    assert geodesic_m(*here) == pytest.approx(found_m, abs=0.005), "it is the distance at the instant it names"


def test_a_pass_at_right_angles_is_where_arithmetic_has_it() -> None:
    # she stands 300 m north of a road that he drives 4 km of, from west to east, past her at its middle
    home = (51.92, 4.48)
    road = moved(home, 180.0, 300.0)
    ends = moved(road, 270.0, 2000.0), moved(road, 90.0, 2000.0)
    sag_m = 2000.0**2 / (2 * 6.37e6) * np.tan(np.radians(51.92))  # the geodesic between its ends runs north of the road
    part, found_m = closest_approach(at(ends[0]), at(ends[1]), at(home), at(home))
    assert part == pytest.approx(0.5, abs=1e-3)
    assert found_m == pytest.approx(300.0, abs=sag_m + 0.01)
    together, apart_m = closest_approach(at(ends[0]), at(ends[1]), at(ends[0]), at(ends[1]))
    assert (0.0 <= together <= 1.0, apart_m) == (True, 0.0)


def test_many_approaches_are_one_by_one() -> None:
    chance = np.random.default_rng(3)
    ends = [[at((51.9 + lat, 4.4 + lon)) for lat, lon in chance.uniform(0.0, 0.02, (50, 2))] for _ in range(4)]
    one, one_to, other, other_to = (np.array(rows) for rows in ends)
    part, found_m = np.empty(50), np.empty(50)
    closest_approaches(one, one_to, other, other_to, part, found_m)
    expected = [closest_approach(one[row], one_to[row], other[row], other_to[row]) for row in range(50)]
    assert list(zip(part, found_m, strict=True)) == expected


def test_unknown_stays_unknown() -> None:
    here, out_m, out_deg = at((51.9, 4.5)), np.empty(3), np.empty(1)
    assert all(isnan(value) for value in (*ecef(nan, 4.5)[:2], *ecef(51.9, nan)[:2], ecef(nan, 4.5)[2]))
    for axis in range(3):
        there = here.copy()
        there[axis] = nan
        assert isnan(separation_m(here, there))
        assert isnan(separation_m(there, here))
        assert isnan(lambert_m(*here, *there))
        assert any(map(isnan, lift(*there)))
        separations_m(np.tile(here, (3, 1)).T.copy(), np.tile(there, (3, 1)).T.copy(), out_m)
        assert np.isnan(out_m).all()
        for end in range(4):
            ends = [here, at((51.91, 4.5)), at((51.92, 4.5)), at((51.93, 4.51))]
            ends[end] = there
            assert all(map(isnan, closest_approach(*ends)))
    for value in range(4):
        facts = [51.9, 4.5, 52.0, 4.6]
        facts[value] = nan
        assert isnan(bearing_deg(*facts))
        bearings_deg(np.array([facts[:2]]), np.array([facts[2:]]), out_deg)
        assert isnan(out_deg[0])


def test_the_step_to_lamberts_formula_is_small() -> None:
    for towards_deg in range(0, 360, 15):
        before, after = (moved((51.92, 4.48), towards_deg, far_m) for far_m in (1_499_990.0, 1_500_010.0))
        near_m, far_m = (separation_m(at((51.92, 4.48)), at(there)) for there in (before, after))
        assert far_m - near_m == pytest.approx(20.0, abs=3e-6 * 1.5e6)


def test_a_short_hop_is_pythagoras() -> None:
    # 30 m north and 40 m east: by hand, with the radii of curvature at 52 degrees
    lat_deg = 52.0
    squash = 1.0 - 0.00669437999014 * np.sin(np.radians(lat_deg)) ** 2
    meridian_m, normal_m = 6_378_137.0 * (1 - 0.00669437999014) / squash**1.5, 6_378_137.0 / squash**0.5
    north_deg = np.degrees(30.0 / meridian_m)
    east_deg = np.degrees(40.0 / (normal_m * np.cos(np.radians(lat_deg + north_deg / 2))))
    found_m = separation_m(at((lat_deg, 5.0)), at((lat_deg + north_deg, 5.0 + east_deg)))
    assert found_m == pytest.approx(hypot(30.0, 40.0), abs=1e-4)
