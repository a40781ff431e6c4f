# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The victim-proximity monitor authors
from math import inf, nan

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proximity.model.incidents import Evidence
from proximity.wire.bands import Separation, band_above_m, band_below_m, band_nearest_m, separation_of


@pytest.mark.parametrize(
    ("distance_m", "below_m", "nearest_m", "above_m"),
    [
        (0.0, 0, 0, 0),
        (0.1, 0, 0, 50),
        (24.9, 0, 0, 50),
        (25.0, 0, 50, 50),
        (50.0, 50, 50, 50),
        (447.3, 400, 450, 450),
        (999.9, 950, 1000, 1000),
        (1000.0, 1000, 1000, 1000),
        (1040.0, 1000, 1000, 1100),
        (1050.0, 1000, 1100, 1100),
        (4999.9, 4900, 5000, 5000),
        (5000.0, 5000, 5000, 5000),
        (5001.0, 5000, 5000, 5500),
        (12_647.0, 12_500, 12_500, 13_000),
        (20_000_000.0, 20_000_000, 20_000_000, 20_000_000),
    ],
)
def test_bands_are_50_m_below_1_km_100_m_below_5_km_500_m_beyond(
    distance_m: float, below_m: int, nearest_m: int, above_m: int
) -> None:
    assert (band_below_m(distance_m), band_nearest_m(distance_m), band_above_m(distance_m)) == (
        below_m,
        nearest_m,
        above_m,
    )


@given(st.floats(0, 2e7), st.floats(0, 2e7), st.floats(0, 2e7))
def test_banding_keeps_the_order_and_the_true_distance_within(first_m: float, second_m: float, third_m: float) -> None:
    low_m, expected_m, high_m = sorted((first_m, second_m, third_m))
    bands = separation_of(Evidence(expected_m=expected_m, low_m=low_m, high_m=high_m))
    assert bands is not None
    assert bands.low_m is not None
    assert bands.expected_m is not None
    assert bands.high_m is not None
    assert bands.low_m <= bands.expected_m <= bands.high_m
    assert bands.low_m <= low_m
    assert high_m <= bands.high_m
    width_m = 50 if expected_m < 1000 else 100 if expected_m < 5000 else 500
    assert bands.expected_m % width_m == 0
    assert abs(bands.expected_m - expected_m) <= width_m / 2


@pytest.mark.parametrize("depth_m", [-0.1, -49.0, -51.0, -5000.0])
def test_inside_a_zone_is_zero_however_deep(depth_m: float) -> None:
    evidence = Evidence(expected_m=depth_m, low_m=depth_m - 20, high_m=depth_m + 20)
    expected = Separation(0, 0, 50 if depth_m > -20 else 0)
    assert separation_of(evidence) == expected


@pytest.mark.parametrize("unknown", [None, nan, inf, -inf])
def test_what_is_not_known_has_no_band(unknown: float | None) -> None:
    assert separation_of(Evidence(expected_m=unknown, low_m=unknown, high_m=unknown)) is None
    assert separation_of(Evidence(expected_m=120.0, low_m=unknown, high_m=260.0)) == Separation(100, None, 300)
