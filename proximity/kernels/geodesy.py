# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The victim-proximity monitor authors
"""WGS84 positions as earth-centred coordinates, and the distance between two of them."""

from math import cos, radians, sin, sqrt

from proximity.kernels.arrays import Floats
from proximity.kernels.compiled import compiled

SEMI_MAJOR_M = 6_378_137.0  # WGS84
FLATTENING = 1.0 / 298.257223563  # WGS84
ECCENTRICITY_SQUARED = FLATTENING * (2.0 - FLATTENING)
MEAN_RADIUS_M = 6_371_008.8  # IUGG mean radius R1


@compiled
def ecef(lat_deg: float, lon_deg: float) -> tuple[float, float, float]:
    """Earth-centred x, y, z in metres of a point on the ellipsoid (NIMA TR8350.2, 4-14)."""
    lat = radians(lat_deg)
    lon = radians(lon_deg)
    normal_m = SEMI_MAJOR_M / sqrt(1.0 - ECCENTRICITY_SQUARED * sin(lat) ** 2)
    x = normal_m * cos(lat) * cos(lon)
    y = normal_m * cos(lat) * sin(lon)
    z = normal_m * (1.0 - ECCENTRICITY_SQUARED) * sin(lat)
    return x, y, z


@compiled
def arc_m(chord_m: float) -> float:
    """Length along the ground of a chord through it: chord x (1 + chord^2 / 24 R^2); good to 50 km (DESIGN 8)."""
    return chord_m * (1.0 + chord_m * chord_m / (24.0 * MEAN_RADIUS_M * MEAN_RADIUS_M))


@compiled
def separation_m(one: Floats, other: Floats) -> float:
    """Distance along the ground in metres between two earth-centred positions of shape (3,); NaN in gives NaN out."""
    x = one[0] - other[0]
    y = one[1] - other[1]
    z = one[2] - other[2]
    return arc_m(sqrt(x * x + y * y + z * z))


@compiled
def separations_m(ones: Floats, others: Floats, out_m: Floats) -> None:
    """Fill `out_m` (n,) with the distances between the rows of two (n, 3) arrays of earth-centred positions."""
    for row in range(out_m.shape[0]):
        out_m[row] = separation_m(ones[row], others[row])
