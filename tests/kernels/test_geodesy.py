# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The victim-proximity monitor authors
"""Positions and distances against pyproj."""

from math import isnan, nan

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from pyproj import Geod, Transformer

from proximity.kernels.geodesy import arc_m, ecef, separation_m, separations_m

GEOD = Geod(ellps="WGS84")
EARTH_CENTRED = Transformer.from_crs("EPSG:4979", "EPSG:4978", always_xy=True)
latitudes = st.floats(-89.9, 89.9)
longitudes = st.floats(-180.0, 180.0)
azimuths = st.floats(0.0, 360.0)


@given(lat_deg=st.floats(-90.0, 90.0), lon_deg=longitudes)
def test_earth_centred_positions_are_those_of_proj(lat_deg: float, lon_deg: float) -> None:
    assert ecef(lat_deg, lon_deg) == pytest.approx(EARTH_CENTRED.transform(lon_deg, lat_deg, 0.0), abs=1e-6)


@given(lat_deg=latitudes, lon_deg=longitudes, azimuth_deg=azimuths, far_m=st.floats(0.0, 5000.0))
@example(lat_deg=51.92, lon_deg=180.0, azimuth_deg=90.0, far_m=4000.0)
@example(lat_deg=0.0, lon_deg=0.0, azimuth_deg=0.0, far_m=0.0)
def test_a_separation_within_5_km_is_the_geodesic(
    lat_deg: float, lon_deg: float, azimuth_deg: float, far_m: float
) -> None:
    there = GEOD.fwd(lon_deg, lat_deg, azimuth_deg, far_m)
    distance_m = separation_m(np.array(ecef(lat_deg, lon_deg)), np.array(ecef(there[1], there[0])))
    assert distance_m == pytest.approx(far_m, abs=5e-6)  # 2e-6 from the one radius (DESIGN 8), the rest from rounding


@given(lat_deg=latitudes, lon_deg=longitudes, azimuth_deg=azimuths, far_m=st.floats(5000.0, 50_000.0))
def test_a_separation_within_50_km_is_good_to_centimetres(
    lat_deg: float, lon_deg: float, azimuth_deg: float, far_m: float
) -> None:
    there = GEOD.fwd(lon_deg, lat_deg, azimuth_deg, far_m)
    distance_m = separation_m(np.array(ecef(lat_deg, lon_deg)), np.array(ecef(there[1], there[0])))
    assert distance_m == pytest.approx(far_m, rel=5e-8)


def test_separations_are_row_by_row() -> None:
    chance = np.random.default_rng(1)
    lat_deg, lon_deg = chance.uniform(51, 52, (2, 200)), chance.uniform(4, 4.02, (2, 200))
    earth = np.stack(EARTH_CENTRED.transform(lon_deg, lat_deg, np.zeros((2, 200))), axis=-1)
    out_m = np.empty(200)
    separations_m(earth[0], earth[1], out_m)
    expected_m = GEOD.inv(lon_deg[0], lat_deg[0], lon_deg[1], lat_deg[1])[2]
    assert np.max(np.abs(out_m / expected_m - 1)) < 2e-7  # up to 110 km apart


def test_unknown_stays_unknown() -> None:
    here = np.array(ecef(51.9, 4.5))
    for axis in range(3):
        there = here.copy()
        there[axis] = nan
        assert isnan(separation_m(here, there))
        assert isnan(separation_m(there, here))
    assert isnan(arc_m(nan))


def test_an_arc_is_longer_than_its_chord_by_the_curve() -> None:
    angle = 0.001  # radians: 6,371 m on a sphere of the mean radius
    radius_m = 6_371_008.8
    chord_m = 2 * radius_m * np.sin(angle / 2)
    assert arc_m(chord_m) == pytest.approx(radius_m * angle, abs=1e-6)
    assert arc_m(chord_m) - chord_m == pytest.approx(radius_m * angle**3 / 24, rel=1e-3)
