# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The victim-proximity monitor authors
"""How probable it is that two uncertain positions are within a distance of each other."""

from math import asin, cos, erf, exp, isnan, pi, sin, sqrt

import numpy as np

from proximity.kernels.arrays import Floats
from proximity.kernels.compiled import compiled

FAR_SIGMAS = 9.0  # beyond this a normal tail is below 1e-18
QUANTILE_WITHIN_M = 1e-3
NODES, WEIGHTS = np.polynomial.legendre.leggauss(48)  # within 5e-9
# a judgement needs no more than some millionths, and most of its time is spent here
NEAR_SIGMAS = 5.5  # beyond this a normal tail is below 2e-8, the mass outside of a disc below 3e-7
FEWER_NODES, FEWER_WEIGHTS = np.polynomial.legendre.leggauss(28)
WHOLE_SIGMAS = 6.5  # a slice so long has all of its mass


@compiled
def normal_below(z: float) -> float:
    """The standard normal distribution function; NaN in gives NaN out."""
    return 0.5 * (1.0 + erf(z / sqrt(2.0)))


@compiled
def disc_mass(
    distance_m: float, sigma_m: float, limit_m: float, far_sigmas: float, nodes: Floats, weights: Floats
) -> float:  # fmt: skip
    """The mass of a circular normal over a disc whose middle is `distance_m` from its own.

    The Rice distribution; equal to a noncentral chi-square with 2 degrees of freedom. Integral over the slices
    x = limit sin(t) of the disc of the normal density times the slice's share, by Gauss and Legendre with these nodes;
    beyond `far_sigmas` it is 0 or 1. Needs sigma_m > 0 and limit_m >= 0; NaN in gives NaN out.
    """
    if isnan(distance_m) or isnan(sigma_m) or isnan(limit_m):
        return np.nan
    if distance_m - limit_m > far_sigmas * sigma_m:
        return 0.0
    if limit_m - distance_m > far_sigmas * sigma_m:
        return 1.0
    low = max(-1.0, (distance_m - far_sigmas * sigma_m) / limit_m) if limit_m > 0.0 else -1.0
    high = min(1.0, (distance_m + far_sigmas * sigma_m) / limit_m) if limit_m > 0.0 else 1.0
    start = asin(low)
    half_width = 0.5 * (asin(high) - start)
    total = 0.0
    for node in range(nodes.shape[0]):
        angle = start + half_width * (1.0 + nodes[node])
        slice_m = limit_m * cos(angle)
        deviation = (limit_m * sin(angle) - distance_m) / sigma_m
        share = 1.0 if slice_m > WHOLE_SIGMAS * sigma_m else erf(slice_m / (sigma_m * sqrt(2.0)))
        total += weights[node] * exp(-0.5 * deviation * deviation) * share * slice_m
    return min(1.0, max(0.0, total * half_width / (sigma_m * sqrt(2.0 * pi))))


@compiled
def within_probability(distance_m: float, sigma_m: float, limit_m: float) -> float:
    """P(true distance <= limit_m) where the measured offset is `distance_m` with error `sigma_m` an axis.

    To some millionths. Needs sigma_m > 0 and limit_m >= 0; NaN in gives NaN out.
    """
    return float(disc_mass(distance_m, sigma_m, limit_m, NEAR_SIGMAS, FEWER_NODES, FEWER_WEIGHTS))


@compiled
def rules_out(distance_m: float, limit_m: float, probability: float) -> bool:
    """Whether a distance alone shows that being within the limit is less probable than that, however uncertain it is.

    Beyond the limit the disc lies in the half of the plane that is further away: less than 1/2. NaN rules nothing out.
    """
    return probability >= 0.5 and distance_m >= limit_m  # noqa: PLR2004 - a half


@compiled
def quantile_m(distance_m: float, sigma_m: float, probability: float) -> float:
    """The distance that the true one is below with `probability` (0.025 .. 0.975), within 1 mm, by bisection."""
    if isnan(distance_m) or isnan(sigma_m):
        return np.nan
    low_m = max(0.0, distance_m - FAR_SIGMAS * sigma_m)
    high_m = distance_m + FAR_SIGMAS * sigma_m
    while high_m - low_m > QUANTILE_WITHIN_M:
        middle_m = 0.5 * (low_m + high_m)
        if disc_mass(distance_m, sigma_m, middle_m, FAR_SIGMAS, NODES, WEIGHTS) < probability:
            low_m = middle_m
        else:
            high_m = middle_m
    return 0.5 * (low_m + high_m)
