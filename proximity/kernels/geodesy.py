# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The victim-proximity monitor authors
"""WGS84 positions as earth-centred coordinates; distances, bearings and passes between them.

A position is turned into earth-centred x, y, z once, when its fix comes in. The distance of two is their chord, bent
onto the ellipsoid with the curvature that it has at the chord's middle in the chord's direction: that takes no angle.
"""

from math import atan2, cos, degrees, isnan, radians, sin, sqrt

import numpy as np

from proximity.kernels.arrays import Floats
from proximity.kernels.compiled import compiled

SEMI_MAJOR_M = 6_378_137.0  # WGS84
FLATTENING = 1.0 / 298.257223563  # WGS84
ECCENTRICITY_SQUARED = FLATTENING * (2.0 - FLATTENING)
SEMI_MINOR_M = SEMI_MAJOR_M * (1.0 - FLATTENING)
EQUATORIAL = SEMI_MAJOR_M**-2.0  # the ellipsoid is EQUATORIAL (x^2 + y^2) + POLAR z^2 = 1
POLAR = SEMI_MINOR_M**-2.0
MEAN_RADIUS_M = 6_371_008.8  # IUGG mean radius R1
SERIES_TO_M = 1_500_000.0  # the chord to which the curved chord is nearer the truth than Lambert's formula
TINY = 1e-300  # a square that no two positions have: keeps 0 / 0 away
PASS_ROUNDS = 4


@compiled
def ecef(lat_deg: float, lon_deg: float) -> tuple[float, float, float]:
    """Earth-centred x, y, z in metres of a point on the ellipsoid (NIMA TR8350.2, 4-14)."""
    lat = radians(lat_deg)
    lon = radians(lon_deg)
    sin_lat = sin(lat)
    cos_lat = cos(lat)
    normal_m = SEMI_MAJOR_M / sqrt(1.0 - ECCENTRICITY_SQUARED * sin_lat * sin_lat)
    x = normal_m * cos_lat * cos(lon)
    y = normal_m * cos_lat * sin(lon)
    z = normal_m * (1.0 - ECCENTRICITY_SQUARED) * sin_lat
    return x, y, z


@compiled
def ecefs(lat_deg: Floats, lon_deg: Floats, out_m: Floats) -> None:
    """Fill `out_m` (n, 3) with the earth-centred positions of n points (degrees) on the ellipsoid."""
    for row in range(out_m.shape[0]):
        out_m[row, 0], out_m[row, 1], out_m[row, 2] = ecef(lat_deg[row], lon_deg[row])


@compiled
def bent_chord_m(x: float, y: float, z: float, other_x: float, other_y: float, other_z: float) -> float:
    """Distance along the ellipsoid in metres between two earth-centred points on it, to 1,500 km; NaN gives NaN.

    The chord c is bent along a circle of radius R: s = c (1 + u / 24 + 3 u^2 / 640) with u = (c / R)^2, the first terms
    of s = 2 R asin(c / 2 R). 1 / R is the normal curvature of the ellipsoid x'Ax = 1 at the chord's middle m, lifted to
    the ellipsoid, in the chord's direction d: d'Ad / (d'd |Am|) (do Carmo, Differential Geometry of Curves
    and Surfaces, 3-3); m'Am = 1 - d'Ad / 4, as both ends lie on it. Off the geodesic: 1e-8 m to 50 km, 1e-5 m to
    200 km, 0.04 m to 1,000 km (measured).
    """
    dx = other_x - x
    dy = other_y - y
    dz = other_z - z
    level = dx * dx + dy * dy
    upright = dz * dz
    square = level + upright
    bent = EQUATORIAL * level + POLAR * upright  # d'Ad
    mx = EQUATORIAL * (x + other_x)
    my = EQUATORIAL * (y + other_y)
    mz = POLAR * (z + other_z)
    gradient = 0.25 * (mx * mx + my * my + mz * mz)  # |Am|^2, m not yet brought up
    u = bent * bent * (1.0 - 0.25 * bent) / (gradient * square + TINY)
    return float(sqrt(square) * (1.0 + u * (1.0 / 24.0 + u * (3.0 / 640.0))))


@compiled
def lambert_m(x: float, y: float, z: float, other_x: float, other_y: float, other_z: float) -> float:
    """Distance in metres between points of the ellipsoid that are far apart: 2e-6 of it wrong to 10,000 km.

    Lambert's formula for long lines (J. Wash. Acad. Sci. 32, 1942): s = a (w - f / 2 (X + Y)), where w is the angle
    between the points on the auxiliary sphere, X = (w - sin w) (sin b1 + sin b2)^2 / (4 cos^2 w/2), Y = (w + sin w)
    (sin b2 - sin b1)^2 / (4 sin^2 w/2), b the reduced latitudes. The auxiliary sphere's points are x / a, y / a, z / b.
    Near antipodes it fails.
    """
    dx = (other_x - x) / SEMI_MAJOR_M
    dy = (other_y - y) / SEMI_MAJOR_M
    dz = (other_z - z) / SEMI_MINOR_M
    sum_z = (other_z + z) / SEMI_MINOR_M
    sin_half_squared = 0.25 * (dx * dx + dy * dy + dz * dz)
    cos_half_squared = max(1.0 - sin_half_squared, TINY)
    angle = 2.0 * atan2(sqrt(sin_half_squared), sqrt(cos_half_squared))
    sine = 2.0 * sqrt(sin_half_squared * cos_half_squared)
    parting = (angle - sine) * sum_z * sum_z / (4.0 * cos_half_squared)
    meeting = (angle + sine) * dz * dz / (4.0 * sin_half_squared + TINY)
    return SEMI_MAJOR_M * (angle - 0.5 * FLATTENING * (parting + meeting))


@compiled
def distance_m(x: float, y: float, z: float, other_x: float, other_y: float, other_z: float) -> float:
    """Distance along the ellipsoid in metres between two earth-centred points on it; NaN in gives NaN out.

    As `bent_chord_m` to 1,500 km, beyond as `lambert_m`: for all that an order asks it is exact.
    """
    near_m = bent_chord_m(x, y, z, other_x, other_y, other_z)
    if near_m > SERIES_TO_M:
        return lambert_m(x, y, z, other_x, other_y, other_z)
    return near_m


@compiled
def separation_m(one: Floats, other: Floats) -> float:
    """Distance along the ground in metres between two earth-centred positions (3,); NaN in gives NaN out."""
    return distance_m(one[0], one[1], one[2], other[0], other[1], other[2])


@compiled
def separations_m(ones: Floats, others: Floats, out_m: Floats) -> None:
    """Fill `out_m` (n,) with the distances between the columns of two (3, n) arrays of earth-centred positions.

    Columns, and no branch: so that one instruction serves several pairs. To 1,500 km, as `bent_chord_m`.
    """
    for place in range(out_m.shape[0]):
        out_m[place] = bent_chord_m(
            ones[0, place], ones[1, place], ones[2, place], others[0, place], others[1, place], others[2, place]
        )


@compiled
def lift(x: float, y: float, z: float) -> tuple[float, float, float]:
    """The point of the ellipsoid above an earth-centred point that lies at most kilometres below it (or above)."""
    up = 1.0 / sqrt(EQUATORIAL * (x * x + y * y) + POLAR * z * z)
    return x * up, y * up, z * up


@compiled
def latitude_longitude(x: float, y: float, z: float) -> tuple[float, float]:
    """Degrees of an earth-centred point on the ellipsoid; one that lies metres off it is a millimetre off at most."""
    return degrees(atan2(z, (1.0 - ECCENTRICITY_SQUARED) * sqrt(x * x + y * y))), degrees(atan2(y, x))


@compiled
def bearing_deg(lat_deg: float, lon_deg: float, other_lat_deg: float, other_lon_deg: float) -> float:
    """The direction of another point, degrees from north, 0 to 360; NaN in gives NaN out, and one place none: 0.

    Of the normal section; the geodesic's differs by less than 3e-6 degrees to 50 km.
    """
    x, y, z = ecef(lat_deg, lon_deg)
    other_x, other_y, other_z = ecef(other_lat_deg, other_lon_deg)
    dx = other_x - x
    dy = other_y - y
    dz = other_z - z
    lat = radians(lat_deg)
    lon = radians(lon_deg)
    east = cos(lon) * dy - sin(lon) * dx
    north = cos(lat) * dz - sin(lat) * (cos(lon) * dx + sin(lon) * dy)
    return degrees(atan2(east, north)) % 360.0 % 360.0  # twice: a hair west of north is 360.0 after the first


@compiled
def bearings_deg(places_deg: Floats, others_deg: Floats, out_deg: Floats) -> None:
    """Fill `out_deg` (n,) with the bearings from the rows (lat, lon) of one (n, 2) array to those of another."""
    for row in range(out_deg.shape[0]):
        out_deg[row] = bearing_deg(places_deg[row, 0], places_deg[row, 1], others_deg[row, 0], others_deg[row, 1])


@compiled
def closest_approach(one_from: Floats, one_to: Floats, other_from: Floats, other_to: Floats) -> tuple[float, float]:
    """When two that move evenly along straight ways at the same time are nearest: (part of the time, metres).

    Ends are earth-centred positions (3,) on the ellipsoid, ways at most 50 km long. The part is 0 at the beginning, 1
    at the end. A chord dips below the ground, so each round measures between the points above it; Newton's method.
    NaN in gives NaN out.
    """
    part = 0.5
    distance_m = np.nan
    for _ in range(PASS_ROUNDS):
        x, y, z = between(one_from, one_to, part)
        other_x, other_y, other_z = between(other_from, other_to, part)
        rx = other_x - x
        ry = other_y - y
        rz = other_z - z
        nx = EQUATORIAL * (x + other_x)
        ny = EQUATORIAL * (y + other_y)
        nz = POLAR * (z + other_z)
        vx = (other_to[0] - other_from[0]) - (one_to[0] - one_from[0])
        vy = (other_to[1] - other_from[1]) - (one_to[1] - one_from[1])
        vz = (other_to[2] - other_from[2]) - (one_to[2] - one_from[2])
        up = (vx * nx + vy * ny + vz * nz) / (nx * nx + ny * ny + nz * nz)
        vx -= up * nx
        vy -= up * ny
        vz -= up * nz
        part -= (rx * vx + ry * vy + rz * vz) / (vx * vx + vy * vy + vz * vz + TINY)
        part = min(1.0, max(0.0, part))
    x, y, z = between(one_from, one_to, part)
    other_x, other_y, other_z = between(other_from, other_to, part)
    distance_m = bent_chord_m(x, y, z, other_x, other_y, other_z)
    if isnan(distance_m):
        return np.nan, np.nan
    return part, distance_m


@compiled
def between(start: Floats, end: Floats, part: float) -> tuple[float, float, float]:
    """The point of the ellipsoid above a part of the way between two earth-centred positions (3,)."""
    return lift(
        start[0] + part * (end[0] - start[0]),
        start[1] + part * (end[1] - start[1]),
        start[2] + part * (end[2] - start[2]),
    )


@compiled
def closest_approaches(
    one_from: Floats, one_to: Floats, other_from: Floats, other_to: Floats, out_part: Floats, out_m: Floats
) -> None:
    """Fill in the closest approaches of n pairs of ways, whose ends are the rows of (n, 3) arrays."""
    for row in range(out_m.shape[0]):
        out_part[row], out_m[row] = closest_approach(one_from[row], one_to[row], other_from[row], other_to[row])
