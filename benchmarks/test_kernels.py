# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The victim-proximity monitor authors
"""What the kernels cost, beside what they replace: `pytest benchmarks --benchmark-only`.

One call is the work of one step in which every one of 5,000 links has moved. Each benchmark also says how right it was.
"""

from math import asin, cos, radians, sin, sqrt

import numpy as np
import pytest
from pyproj import Geod
from pytest_benchmark.fixture import BenchmarkFixture
from scipy.stats import ncx2

from proximity.kernels.arrays import Floats
from proximity.kernels.compiled import compiled
from proximity.kernels.geodesy import MEAN_RADIUS_M, ecef, separations_m
from proximity.kernels.probability import within_probability

LINKS = 5_000
FARTHEST_M = 5_000.0
LIMIT_M = 500.0
SIGMA_M = 14.0
CHORD_WITHIN_M = 1e-4
PYPROJ_WITHIN_M = 1e-6
HAVERSINE_WRONG_M = (1.0, 20.0)  # at worst, between
PROBABILITY_WITHIN = 1e-6
GEOD = Geod(ellps="WGS84")


@compiled
def haversines_m(places_deg: Floats, out_m: Floats) -> None:
    """Great-circle distances between the places (lat, lon, lat, lon) of the rows: what is often used instead."""
    for row in range(out_m.shape[0]):
        lat, other_lat = radians(places_deg[row, 0]), radians(places_deg[row, 2])
        half_lat = 0.5 * (other_lat - lat)
        half_lon = 0.5 * radians(places_deg[row, 3] - places_deg[row, 1])
        square = sin(half_lat) ** 2 + cos(lat) * cos(other_lat) * sin(half_lon) ** 2
        out_m[row] = 2.0 * MEAN_RADIUS_M * asin(sqrt(square))


@compiled
def probabilities(distance_m: Floats, sigma_m: float, limit_m: float, out: Floats) -> None:
    """The kernel's probability for each row."""
    for row in range(out.shape[0]):
        out[row] = within_probability(distance_m[row], sigma_m, limit_m)


def ecef_rows(places_deg: Floats) -> Floats:
    """Earth-centred positions (n, 3) of places (lat, lon)."""
    return np.array([ecef(float(lat), float(lon)) for lat, lon in places_deg])


@pytest.fixture(scope="module")
def true_m() -> Floats:
    """Distances of 1 m to 5 km, seeded."""
    return np.random.default_rng(2).uniform(1.0, FARTHEST_M, LINKS)


@pytest.fixture(scope="module")
def places_deg(true_m: Floats) -> Floats:
    """Pairs of places in the Netherlands that far apart: lat, lon, lat, lon."""
    chance = np.random.default_rng(1)
    lat, lon = chance.uniform(51.0, 53.4, LINKS), chance.uniform(3.5, 7.1, LINKS)
    other_lon, other_lat, _ = GEOD.fwd(lon, lat, chance.uniform(0.0, 360.0, LINKS), true_m)
    return np.column_stack((lat, lon, other_lat, other_lon))


@pytest.mark.benchmark(group="separation of 5,000 links")
def test_chord(benchmark: BenchmarkFixture, places_deg: Floats, true_m: Floats) -> None:
    """The kernel: cached earth-centred positions, chord and correction."""
    ones, others = ecef_rows(places_deg[:, :2]), ecef_rows(places_deg[:, 2:])
    found_m = np.empty(LINKS)
    separations_m(ones, others, found_m)  # compiles
    benchmark(separations_m, ones, others, found_m)
    assert np.abs(found_m - true_m).max() < CHORD_WITHIN_M


@pytest.mark.benchmark(group="separation of 5,000 links")
def test_pyproj(benchmark: BenchmarkFixture, places_deg: Floats, true_m: Floats) -> None:
    """The geodesic of pyproj, whole arrays in one call."""
    lat, lon, other_lat, other_lon = places_deg.T
    _, _, found_m = benchmark(GEOD.inv, lon, lat, other_lon, other_lat)
    assert np.abs(found_m - true_m).max() < PYPROJ_WITHIN_M


@pytest.mark.benchmark(group="separation of 5,000 links")
def test_haversine(benchmark: BenchmarkFixture, places_deg: Floats, true_m: Floats) -> None:
    """Haversine, compiled: dearer than the chord, and metres wrong."""
    found_m = np.empty(LINKS)
    haversines_m(places_deg, found_m)  # compiles
    benchmark(haversines_m, places_deg, found_m)
    assert HAVERSINE_WRONG_M[0] < np.abs(found_m - true_m).max() < HAVERSINE_WRONG_M[1]


@pytest.mark.benchmark(group="probability within a limit, 5,000 links")
def test_probability(benchmark: BenchmarkFixture, true_m: Floats) -> None:
    """The kernel: the mass of a circular normal over a disc."""
    found = np.empty(LINKS)
    probabilities(true_m, SIGMA_M, LIMIT_M, found)  # compiles
    benchmark(probabilities, true_m, SIGMA_M, LIMIT_M, found)
    truth = ncx2.cdf((LIMIT_M / SIGMA_M) ** 2, 2, (true_m / SIGMA_M) ** 2)
    assert np.abs(found - truth).max() < PROBABILITY_WITHIN


@pytest.mark.benchmark(group="probability within a limit, 5,000 links")
def test_probability_near_the_limit(benchmark: BenchmarkFixture) -> None:
    """The same where nothing can be cut short: every link within three sigma of the limit."""
    near_m = np.linspace(LIMIT_M - 3.0 * SIGMA_M, LIMIT_M + 3.0 * SIGMA_M, LINKS)
    found = np.empty(LINKS)
    probabilities(near_m, SIGMA_M, LIMIT_M, found)  # compiles
    benchmark(probabilities, near_m, SIGMA_M, LIMIT_M, found)
    truth = ncx2.cdf((LIMIT_M / SIGMA_M) ** 2, 2, (near_m / SIGMA_M) ** 2)
    assert np.abs(found - truth).max() < PROBABILITY_WITHIN


@pytest.mark.benchmark(group="probability within a limit, 5,000 links")
def test_probability_scipy(benchmark: BenchmarkFixture, true_m: Floats) -> None:
    """The noncentral chi-square of scipy, whole arrays in one call."""
    found = benchmark(ncx2.cdf, (LIMIT_M / SIGMA_M) ** 2, 2, (true_m / SIGMA_M) ** 2)
    assert found[true_m < LIMIT_M - 9.0 * SIGMA_M].min() > 1.0 - 1e-9
