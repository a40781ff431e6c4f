# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The victim-proximity monitor authors
"""What happens between two fixes: whether the way from one to the next crosses a zone, and how near it comes.

The way is straight in longitude and latitude, the shorter way round, and walked evenly.
"""

from math import cos, hypot, isnan, radians

import numpy as np

from proximity.kernels.arrays import Floats
from proximity.kernels.compiled import compiled
from proximity.kernels.geodesy import ecef
from proximity.kernels.plane import side
from proximity.kernels.zones import BLOCK, CIRCLE, TURN_DEG, WITHOUT, ZoneArrays, signed_distance_m, within_frame

MOST_METRES_PER_DEGREE = 111_694.5  # of latitude at a pole; of longitude, times the cosine, anywhere
THIRDS = 60  # (2 / 3)^60 of 1,000 km is a hundredth of a millimetre


@compiled
def shorter_way_deg(from_deg: float, to_deg: float) -> float:
    """The longitude of the end, counted on from the beginning the shorter way round."""
    if to_deg - from_deg > TURN_DEG / 2.0:
        return to_deg - TURN_DEG
    if from_deg - to_deg > TURN_DEG / 2.0:
        return to_deg + TURN_DEG
    return to_deg


@compiled
def way_at_most_m(lat_deg: float, lon_deg: float, other_lat_deg: float, other_lon_deg: float) -> float:
    """An upper bound of the length of a way that is straight in longitude and latitude."""
    least_lat_deg = 0.0 if lat_deg * other_lat_deg <= 0.0 else min(abs(lat_deg), abs(other_lat_deg))
    east_m = (other_lon_deg - lon_deg) * MOST_METRES_PER_DEGREE * cos(radians(least_lat_deg))
    return hypot(east_m, (other_lat_deg - lat_deg) * MOST_METRES_PER_DEGREE)


@compiled
def distance_at(zones: ZoneArrays, zone: int, lat_deg: float, lon_deg: float) -> float:
    """The signed distance of a position that is given in degrees, its longitude within a turn of -180 to 180."""
    x, y, z = ecef(lat_deg, lon_deg)
    return signed_distance_m(zones, zone, lat_deg, within_frame(-TURN_DEG / 2.0, lon_deg), x, y, z)


@compiled
def nearest_on_way(
    zones: ZoneArrays, zone: int, lat_deg: float, lon_deg: float, other_lat_deg: float, other_lon_deg: float,
    tolerance_m: float,
) -> tuple[float, float]:  # fmt: skip
    """The least signed distance to a zone along a way, and at which part of the way; NaN in gives NaN out.

    The distance is that at the part given, and at most `tolerance_m` more than the true least one.
    """
    return least_on_way(zones, zone, WITHOUT, lat_deg, lon_deg, other_lat_deg, other_lon_deg, tolerance_m)


@compiled
def passes_zone(
    zones: ZoneArrays, zone: int, lat_deg: float, lon_deg: float, other_lat_deg: float, other_lon_deg: float,
    tolerance_m: float,
) -> tuple[float, float]:  # fmt: skip
    """The least of `allowed_m` on the way from one fix to the next, and at which part of it; NaN in gives NaN out.

    Of an exclusion zone how near or how deep in the wearer came, of an inclusion zone how near to leaving or how far
    out. The distance is that at the part given, and at most `tolerance_m` more than the true least one.
    """
    sense = float(zones.sense[zone])
    return least_on_way(zones, zone, sense, lat_deg, lon_deg, other_lat_deg, other_lon_deg, tolerance_m)


@compiled
def least_on_way(
    zones: ZoneArrays, zone: int, sense: float, lat_deg: float, lon_deg: float, other_lat_deg: float,
    other_lon_deg: float, tolerance_m: float,
) -> tuple[float, float]:  # fmt: skip
    """The least signed distance, times `sense`, along a way, and at which part of the way.

    What it is at one place bounds what it can be at the next, so steps are long where it is far from the least so far;
    at most length / `tolerance_m`.
    """
    other_lon_deg = shorter_way_deg(lon_deg, other_lon_deg)
    first_m = sense * distance_at(zones, zone, lat_deg, lon_deg)
    last_m = sense * distance_at(zones, zone, other_lat_deg, other_lon_deg)
    least_m = first_m
    if isnan(least_m + last_m):
        return np.nan, np.nan
    nearest = 0.0
    if last_m < least_m:
        least_m, nearest = last_m, 1.0
    way_m = max(way_at_most_m(lat_deg, lon_deg, other_lat_deg, other_lon_deg), tolerance_m)
    here_m, part = first_m, 0.0
    while True:
        part += (here_m - least_m + tolerance_m) / way_m
        if part >= 1.0:
            return least_m, nearest
        here_lon_deg = lon_deg + part * (other_lon_deg - lon_deg)
        here_m = sense * distance_at(zones, zone, lat_deg + part * (other_lat_deg - lat_deg), here_lon_deg)
        if here_m < least_m:
            least_m, nearest = here_m, part


@compiled
def nearest_to_circle(
    zones: ZoneArrays, zone: int, lat_deg: float, lon_deg: float, other_lat_deg: float, other_lon_deg: float
) -> float:  # fmt: skip
    """The least signed distance to a circle along a way of at most 1,000 km, by thirds: there is one least."""
    low, high = 0.0, 1.0
    for _ in range(THIRDS):
        third = (high - low) / 3.0
        near_m = distance_at(
            zones, zone, lat_deg + (low + third) * (other_lat_deg - lat_deg),
            lon_deg + (low + third) * (other_lon_deg - lon_deg),
        )  # fmt: skip
        far_m = distance_at(
            zones, zone, lat_deg + (high - third) * (other_lat_deg - lat_deg),
            lon_deg + (high - third) * (other_lon_deg - lon_deg),
        )  # fmt: skip
        if near_m > far_m:
            low += third
        else:
            high -= third
    middle = (low + high) / 2.0
    return distance_at(
        zones, zone, lat_deg + middle * (other_lat_deg - lat_deg), lon_deg + middle * (other_lon_deg - lon_deg)
    )  # fmt: skip


@compiled
def touch(x1: float, y1: float, x2: float, y2: float, x3: float, y3: float, x4: float, y4: float) -> bool:
    """Whether two straight stretches have a point in common, their ends included: exact. NaN gives True."""
    if max(x1, x2) < min(x3, x4) or max(x3, x4) < min(x1, x2):
        return False
    if max(y1, y2) < min(y3, y4) or max(y3, y4) < min(y1, y2):
        return False
    one, other = side(x1, y1, x2, y2, x3, y3), side(x1, y1, x2, y2, x4, y4)
    if (one > 0.0 and other > 0.0) or (one < 0.0 and other < 0.0):
        return False
    one, other = side(x3, y3, x4, y4, x1, y1), side(x3, y3, x4, y4, x2, y2)
    return not ((one > 0.0 and other > 0.0) or (one < 0.0 and other < 0.0))


@compiled
def touches_edges(
    edges: Floats, first: int, last: int, lat_deg: float, lon_deg: float, other_lat_deg: float, other_lon_deg: float
) -> bool:  # fmt: skip
    """Whether a way in the frame of a zone's longitudes touches one of its edges."""
    for edge in range(first * BLOCK, last * BLOCK):
        if touch(lon_deg, lat_deg, other_lon_deg, other_lat_deg,
                 edges[edge, 0], edges[edge, 1], edges[edge, 2], edges[edge, 3]):  # fmt: skip
            return True
    return False


@compiled
def crosses(
    zones: ZoneArrays, zone: int, lat_deg: float, lon_deg: float, other_lat_deg: float, other_lon_deg: float
) -> bool:  # fmt: skip
    """Whether a way touches a zone anywhere, its ends included: of polygons exact, of circles to 0.1 mm.

    NaN gives True: unknown is never safe.
    """
    from_m = distance_at(zones, zone, lat_deg, lon_deg)
    to_m = distance_at(zones, zone, other_lat_deg, other_lon_deg)
    if not (from_m > 0.0 and to_m > 0.0):
        return True
    other_lon_deg = shorter_way_deg(lon_deg, other_lon_deg)
    if zones.shape[zone] == CIRCLE:
        return nearest_to_circle(zones, zone, lat_deg, lon_deg, other_lat_deg, other_lon_deg) <= 0.0
    first, last = zones.first_edges[zone], zones.first_edges[zone + 1]
    for turn_deg in (-TURN_DEG, 0.0, TURN_DEG):
        if touches_edges(
            zones.edges, first, last, lat_deg, lon_deg + turn_deg, other_lat_deg, other_lon_deg + turn_deg
        ):  # fmt: skip
            return True
    return False
