# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The victim-proximity monitor authors
"""What is often used instead of our kernels, compiled as they are: haversine and Vincenty."""

from math import asin, atan, atan2, cos, radians, sin, sqrt, tan

from proximity.kernels.arrays import Floats
from proximity.kernels.compiled import compiled
from proximity.kernels.geodesy import FLATTENING, MEAN_RADIUS_M, SEMI_MAJOR_M

SEMI_MINOR_M = SEMI_MAJOR_M * (1.0 - FLATTENING)
ROUNDS_MAX = 100
STILL = 1e-12  # radians


@compiled
def haversines_m(places_deg: Floats, out_m: Floats) -> None:
    """Great-circle distances between the places (lat, lon, lat, lon) of the rows, on a sphere of the mean radius."""
    for row in range(out_m.shape[0]):
        lat, other_lat = radians(places_deg[row, 0]), radians(places_deg[row, 2])
        half_lat = 0.5 * (other_lat - lat)
        half_lon = 0.5 * radians(places_deg[row, 3] - places_deg[row, 1])
        square = sin(half_lat) ** 2 + cos(lat) * cos(other_lat) * sin(half_lon) ** 2
        out_m[row] = 2.0 * MEAN_RADIUS_M * asin(sqrt(square))


@compiled
def vincenty_m(lat_deg: float, lon_deg: float, other_lat_deg: float, other_lon_deg: float) -> float:
    """The inverse formula of T. Vincenty (Survey Review 23, 1975) on WGS84."""
    reduced = atan((1.0 - FLATTENING) * tan(radians(lat_deg)))
    other_reduced = atan((1.0 - FLATTENING) * tan(radians(other_lat_deg)))
    sin_one, cos_one, sin_two, cos_two = sin(reduced), cos(reduced), sin(other_reduced), cos(other_reduced)
    apart = radians(other_lon_deg - lon_deg)
    turned = apart
    sine = cosine = arc = middle = cos_squared = sin_azimuth = 0.0
    for _ in range(ROUNDS_MAX):
        east = cos_two * sin(turned)
        north = cos_one * sin_two - sin_one * cos_two * cos(turned)
        sine = sqrt(east * east + north * north)
        if sine == 0.0:
            return 0.0
        cosine = sin_one * sin_two + cos_one * cos_two * cos(turned)
        arc = atan2(sine, cosine)
        sin_azimuth = cos_one * cos_two * sin(turned) / sine
        cos_squared = 1.0 - sin_azimuth * sin_azimuth
        middle = cosine - 2.0 * sin_one * sin_two / cos_squared if cos_squared > 0.0 else 0.0
        part = FLATTENING / 16.0 * cos_squared * (4.0 + FLATTENING * (4.0 - 3.0 * cos_squared))
        before = turned
        turned = apart + (1.0 - part) * FLATTENING * sin_azimuth * (
            arc + part * sine * (middle + part * cosine * (2.0 * middle * middle - 1.0))
        )
        if abs(turned - before) < STILL:
            break
    u = cos_squared * (SEMI_MAJOR_M**2 - SEMI_MINOR_M**2) / SEMI_MINOR_M**2
    large = 1.0 + u / 16384.0 * (4096.0 + u * (-768.0 + u * (320.0 - 175.0 * u)))
    small = u / 1024.0 * (256.0 + u * (-128.0 + u * (74.0 - 47.0 * u)))
    bent = cosine * (2.0 * middle * middle - 1.0) - small / 6.0 * middle * (4.0 * sine * sine - 3.0) * (
        4.0 * middle * middle - 3.0
    )
    return SEMI_MINOR_M * large * (arc - small * sine * (middle + small / 4.0 * bent))


@compiled
def vincentys_m(places_deg: Floats, out_m: Floats) -> None:
    """Vincenty's distances between the places (lat, lon, lat, lon) of the rows."""
    for row in range(out_m.shape[0]):
        out_m[row] = vincenty_m(places_deg[row, 0], places_deg[row, 1], places_deg[row, 2], places_deg[row, 3])
