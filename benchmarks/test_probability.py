# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The victim-proximity monitor authors
"""What the probability of being within a limit costs, beside scipy: `pytest benchmarks --benchmark-only`.

One call is the work of one step in which every one of 5,000 links has moved. Each also
checks its answers. What is compiled is called once before it is timed, as the service does when it starts.
"""

import numpy as np
import pytest
from pyproj import Geod, Transformer
from pytest_benchmark.fixture import BenchmarkFixture
from scipy.stats import ncx2

from proximity.kernels.arrays import Floats
from proximity.kernels.compiled import compiled
from proximity.kernels.probability import within_probability

LINKS = 5_000
FARTHEST_M = 5_000.0
LIMIT_M = 500.0
SIGMA_M = 14.0
CHORD_WITHIN_M = 1e-4
PYPROJ_WITHIN_M = 1e-6
HAVERSINE_WRONG_M = (1.0, 20.0)  # at worst, between
PROBABILITY_WITHIN = 1e-6
CORNERS = 64
ZONE_WIDTH_M = 600.0
SURE = 0.99
FARTHEST_DEG = 0.01  # from any of the places to the zone
EDGE_M = 1.0  # shapely and the kernel split long edges differently: nearer than this to the edge they may disagree
GEOD = Geod(ellps="WGS84")
TO_EARTH_CENTRED = Transformer.from_crs("EPSG:4979", "EPSG:4978", always_xy=True)


@compiled
def probabilities(distance_m: Floats, sigma_m: float, limit_m: float, out: Floats) -> None:
    """The kernel's probability for each row."""
    for row in range(out.shape[0]):
        out[row] = within_probability(distance_m[row], sigma_m, limit_m)


@pytest.fixture(scope="module")
def true_m() -> Floats:
    """Distances of 1 m to 5 km, seeded."""
    return np.random.default_rng(2).uniform(1.0, FARTHEST_M, LINKS)


@pytest.fixture(params=["anywhere", "near the limit"])
def distances_m(request: pytest.FixtureRequest, benchmark: BenchmarkFixture, true_m: Floats) -> Floats:
    """Distances up to 5 km, where most can be cut short; and all of them within three sigma of the limit."""
    benchmark.group = f"probability within a limit, 5,000 links {request.param}"
    if request.param == "anywhere":
        return true_m
    return np.linspace(LIMIT_M - 3.0 * SIGMA_M, LIMIT_M + 3.0 * SIGMA_M, LINKS)


def test_probability(benchmark: BenchmarkFixture, distances_m: Floats) -> None:
    """The kernel: the mass of a circular normal over a disc."""
    found = np.empty(LINKS)
    probabilities(distances_m, SIGMA_M, LIMIT_M, found)  # compiles
    benchmark(probabilities, distances_m, SIGMA_M, LIMIT_M, found)
    truth = ncx2.cdf((LIMIT_M / SIGMA_M) ** 2, 2, (distances_m / SIGMA_M) ** 2)
    assert np.abs(found - truth).max() < PROBABILITY_WITHIN


def test_probability_scipy(benchmark: BenchmarkFixture, distances_m: Floats) -> None:
    """The noncentral chi-square of scipy, whole arrays in one call."""
    found = benchmark(ncx2.cdf, (LIMIT_M / SIGMA_M) ** 2, 2, (distances_m / SIGMA_M) ** 2)
    assert found[distances_m < LIMIT_M - 2.9 * SIGMA_M].min() > SURE
