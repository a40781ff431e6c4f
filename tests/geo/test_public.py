# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The victim-proximity monitor authors
"""What researchers call: `proximity.separation_m` and `proximity.Zone`."""

import doctest
import gzip
import os
from math import isnan, nan
from pathlib import Path

import numpy as np
import pytest
from pyproj import Geod

import proximity
from proximity.geo import public
from proximity.geo.shapes import ShapeFault
from proximity.kernels.arrays import Floats

GEOD = Geod(ellps="WGS84")
GEOD_TEST = Path(__file__).parents[1] / "data" / "geodtest" / "GeodTest-short.dat.gz"
PAIRS = 5_000 if os.environ.get("NUMBA_DISABLE_JIT") == "1" else 1_000_000
AREA = {"type": "Polygon", "coordinates": [[[4.47, 51.92], [4.49, 51.92], [4.49, 51.93], [4.47, 51.93], [4.47, 51.92]]]}


def wrong_m(places: Floats, true_m: Floats) -> tuple[float, float]:
    """The worst error to 5 km, and of all."""
    off_m = np.abs(proximity.separation_m(*places) - true_m)
    return float(off_m[true_m <= 5_000.0].max()), float(off_m.max())


def test_all_geodesics_of_another() -> None:
    rows = np.loadtxt(gzip.decompress(GEOD_TEST.read_bytes()).decode("ascii").splitlines())
    near_m, all_m = wrong_m(rows[:, [0, 1, 3, 4]].T, rows[:, 6])
    assert len(rows) == 10_000
    assert near_m < 1e-5
    assert all_m < 1e-3


def test_a_million_pairs_anywhere() -> None:
    chance = np.random.default_rng(11)
    lats, lons = np.degrees(np.arcsin(chance.uniform(-1, 1, PAIRS))), chance.uniform(-180, 180, PAIRS)
    polar, seam = np.arange(PAIRS) % 20 == 0, np.arange(PAIRS) % 20 == 1
    lats[polar] = np.copysign(chance.uniform(85, 90, polar.sum()), lats[polar])
    lons[seam] = np.copysign(180.0 - chance.uniform(0, 1e-4, seam.sum()), lons[seam])
    towards, far_m = chance.uniform(0, 360, PAIRS), np.exp(chance.uniform(np.log(0.1), np.log(200_000.0), PAIRS))
    other_lons, other_lats, _ = GEOD.fwd(lons, lats, towards, far_m)
    near_m, all_m = wrong_m(np.array([lats, lons, other_lats, other_lons]), far_m)
    assert near_m < 1e-5
    assert all_m < 1e-3


def test_scalars_give_a_number_and_arrays_an_array() -> None:
    one = proximity.separation_m(51.9225, 4.47917, 52.0907, 5.1214)
    assert isinstance(one, float)
    assert one == pytest.approx(GEOD.inv(4.47917, 51.9225, 5.1214, 52.0907)[2], abs=1e-6)
    many = proximity.separation_m(51.9225, 4.47917, np.array([[51.9225], [52.0]]), [4.47917, 5.0, 6.0])
    assert many.shape == (2, 3)
    assert many[0, 0] == 0.0
    assert many[1, 2] == pytest.approx(GEOD.inv(4.47917, 51.9225, 6.0, 52.0)[2], abs=1e-6)
    assert proximity.separation_m([], [], [], []).shape == (0,)


def test_half_way_round_the_earth() -> None:
    assert proximity.separation_m(0.0, 0.0, 0.0, 180.0) == pytest.approx(20_003_931.4586, abs=1e-3)  # from pole to pole
    assert proximity.separation_m(90.0, 0.0, -90.0, 77.0) == pytest.approx(20_003_931.4586, abs=1e-3)
    assert proximity.separation_m(0.0, 179.9, 0.0, 540.0 - 359.8) == pytest.approx(0.3 * 111_319.4908, abs=1e-2)


@pytest.mark.parametrize(
    "facts", [(nan, 4, 52, 5), (51, nan, 52, 5), (51, 4, nan, 5), (51, 4, 52, nan), (91, 4, 52, 5)]
)
def test_no_place_has_no_distance(facts: tuple[float, float, float, float]) -> None:
    assert isnan(proximity.separation_m(*facts))


def test_a_circle() -> None:
    zone = proximity.Zone.circle(51.9225, 4.47917, 500.0)
    lon, lat, _ = GEOD.fwd(4.47917, 51.9225, 33.0, 700.0)
    assert zone.signed_distance_m(lat, lon) == pytest.approx(200.0, abs=1e-6)
    assert zone.signed_distance_m(51.9225, 4.47917) == -500.0
    assert (zone.contains(lat, lon), zone.contains(51.9225, 4.47917)) == (False, True)
    assert proximity.Zone.circle(51.9225, 4.47917, 500.0, buffer_m=201.0).contains(lat, lon)
    assert zone.contains(nan, 4.0), "unknown is never safe"


def test_a_zone_from_geojson() -> None:
    for obj in (AREA, {"type": "Feature", "properties": {}, "geometry": AREA}):
        zone = proximity.Zone.from_geojson(obj)
        assert zone.contains([51.925, 51.935, 51.92], [4.48, 4.48, 4.48]).tolist() == [True, False, True]
        north_m = GEOD.inv(4.48, 51.93, 4.48, 51.935)[2]
        assert zone.signed_distance_m(51.935, 4.48) == pytest.approx(north_m, abs=0.002)
        grown = proximity.Zone.from_geojson(obj, buffer_m=100)
        assert grown.signed_distance_m(51.935, 4.48) == pytest.approx(north_m - 100.0, abs=0.002)
    assert np.isnan(proximity.Zone.from_geojson(AREA).signed_distance_m([nan, 51.9], [4.48, nan])).all()


@pytest.mark.parametrize("turns", [-3, -1, 1, 2])
def test_whole_turns_of_longitude_change_nothing(turns: int) -> None:
    for zone in (proximity.Zone.from_geojson(AREA), proximity.Zone.circle(51.925, 4.48, 300.0)):
        expected_m = zone.signed_distance_m(51.925, 4.4805)
        assert expected_m < 0.0
        assert zone.signed_distance_m(51.925, 4.4805 + 360.0 * turns) == pytest.approx(expected_m, abs=1e-6)


def test_a_zone_that_is_none_says_why() -> None:
    with pytest.raises(ShapeFault, match=r"coordinates\[0\]: the ring is not closed"):
        proximity.Zone.from_geojson({"type": "Polygon", "coordinates": [AREA["coordinates"][0][:-1]]})
    for lat, lon, radius_m, buffer_m in ((91, 4, 5, 0), (51, 181, 5, 0), (nan, 4, 5, 0), (51, 4, 0, 0), (51, 4, nan, 0),
                                         (51, 4, 5, -1), (51, 4, 5, nan)):  # fmt: skip
        with pytest.raises(ValueError, match="got"):
            proximity.Zone.circle(lat, lon, radius_m, buffer_m)


def test_the_examples_in_the_text_are_true() -> None:
    result = doctest.testmod(public)
    assert result.attempted > 0
    assert result.failed == 0


def test_there_is_nothing_else() -> None:
    with pytest.raises(AttributeError, match="no attribute 'zone'"):
        getattr(proximity, "zone")  # noqa: B009 - mypy knows that there is none
