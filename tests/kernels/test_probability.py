# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The victim-proximity monitor authors
"""Probabilities against scipy's distributions and against sampling."""

from math import hypot, isnan, nan, sqrt
from random import Random

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from scipy.stats import ncx2, norm

from proximity.kernels.probability import (
    FAR_SIGMAS,
    NODES,
    WEIGHTS,
    disc_mass,
    normal_below,
    quantile_m,
    rules_out,
    within_probability,
)
from tests.twins import twin_of

distances_m = st.floats(0.0, 20_000.0)
sigmas_m = st.floats(10.0, 3000.0)
limits_m = st.floats(1.0, 10_000.0)


@twin_of(normal_below)
def plain_normal_below(z: float) -> float:
    return float(norm.cdf(z))


@twin_of(disc_mass, within_probability)
def plain_within_probability(distance_m: float, sigma_m: float, limit_m: float) -> float:
    return float(ncx2.cdf((limit_m / sigma_m) ** 2, 2, (distance_m / sigma_m) ** 2))


@twin_of(quantile_m)
def plain_quantile_m(distance_m: float, sigma_m: float, probability: float) -> float:
    return sigma_m * sqrt(float(ncx2.ppf(probability, 2, (distance_m / sigma_m) ** 2)))


@twin_of(rules_out)
def ruled_out_plainly(distance_m: float, limit_m: float, probability: float) -> bool:
    """However uncertain it is, as far as a hundred uncertainties tell."""
    sigmas_m = np.geomspace(limit_m / 50.0, limit_m * 50.0, 100)
    return all(plain_within_probability(distance_m, sigma_m, limit_m) < probability for sigma_m in sigmas_m)


@pytest.mark.parametrize("distance_m", [0.0, 100.0, 499.0, 500.0, 501.0, 5000.0])
@pytest.mark.parametrize("probability", [0.3, 0.5, 0.95])
def test_a_distance_alone_rules_out_only_what_no_uncertainty_allows(distance_m: float, probability: float) -> None:
    told = rules_out(distance_m, 500.0, probability)
    assert not told or ruled_out_plainly(distance_m, 500.0, probability)
    assert told == (distance_m >= 500.0 and probability >= 0.5)
    assert not rules_out(nan, 500.0, probability)


@given(z=st.floats(-40.0, 40.0))
def test_the_normal_distribution_is_scipys(z: float) -> None:
    assert normal_below(z) == pytest.approx(plain_normal_below(z), abs=1e-15)


@given(distance_m=distances_m, sigma_m=sigmas_m, limit_m=limits_m)
@example(distance_m=0.0, sigma_m=10.0, limit_m=1.0)
@example(distance_m=2000.0, sigma_m=10.0, limit_m=2000.0)
@example(distance_m=300.0, sigma_m=3000.0, limit_m=300.0)
def test_within_is_a_noncentral_chi_square(distance_m: float, sigma_m: float, limit_m: float) -> None:
    expected = plain_within_probability(distance_m, sigma_m, limit_m)
    assert disc_mass(distance_m, sigma_m, limit_m, FAR_SIGMAS, NODES, WEIGHTS) == pytest.approx(expected, abs=5e-9)
    assert within_probability(distance_m, sigma_m, limit_m) == pytest.approx(expected, abs=1e-6)


def test_within_is_a_share_of_samples() -> None:
    chance = Random(5)
    distance_m, sigma_m, limit_m = 180.0, 90.0, 150.0
    count = 40_000
    hits = sum(hypot(distance_m + chance.gauss(0, sigma_m), chance.gauss(0, sigma_m)) <= limit_m for _ in range(count))
    assert within_probability(distance_m, sigma_m, limit_m) == pytest.approx(hits / count, abs=0.01)


@given(distance_m=distances_m, sigma_m=sigmas_m, limit_m=limits_m, more_m=st.floats(1.0, 500.0))
def test_a_wider_limit_is_never_less_probable(distance_m: float, sigma_m: float, limit_m: float, more_m: float) -> None:
    narrow, wide = (within_probability(distance_m, sigma_m, limit) for limit in (limit_m, limit_m + more_m))
    assert wide >= narrow - 2e-6
    assert 0.0 <= narrow <= 1.0


@given(distance_m=distances_m, sigma_m=sigmas_m, probability=st.sampled_from((0.025, 0.5, 0.975)))
def test_a_quantile_is_where_the_distribution_has_that_value(
    distance_m: float, sigma_m: float, probability: float
) -> None:
    expected_m = plain_quantile_m(distance_m, sigma_m, probability)
    assert quantile_m(distance_m, sigma_m, probability) == pytest.approx(expected_m, abs=2e-3)


def test_far_is_certain() -> None:
    assert within_probability(1000.0, 10.0, 900.0) == 0.0
    assert within_probability(1000.0, 10.0, 1100.0) == 1.0
    assert within_probability(0.0, 10.0, 0.0) == 0.0


def test_unknown_stays_unknown() -> None:
    assert isnan(normal_below(nan))
    for facts in ((nan, 10.0, 100.0), (50.0, nan, 100.0), (50.0, 10.0, nan)):
        assert isnan(within_probability(*facts))
    assert isnan(quantile_m(nan, 10.0, 0.5))
    assert isnan(quantile_m(10.0, nan, 0.5))
