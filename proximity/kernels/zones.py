# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The victim-proximity monitor authors
"""Signed distance to a zone's boundary: negative inside."""

from math import inf, isnan, sqrt
from typing import NamedTuple

import numpy as np

from proximity.kernels.arrays import Bytes, Floats, Ints
from proximity.kernels.compiled import compiled
from proximity.kernels.geodesy import arc_m, separation_m

CIRCLE = 0
POLYGONS = 1


class ZoneArrays(NamedTuple):
    """All zones, flat. A polygon's boundary stands in the plane that touches the ellipsoid at the zone's centre."""

    shape: Bytes  # (zones,) CIRCLE or POLYGONS
    centre: Floats  # (zones, 3) earth-centred
    radius_m: Floats  # (zones,) of the circle, or of one around all of the polygons' vertices
    plane_m: Floats  # (zones,) how far from the centre the plane is good to a centimetre
    east: Floats  # (zones, 3) unit vectors of the plane
    north: Floats  # (zones, 3)
    first_edge: Ints  # (zones + 1,) edges of zone i: first_edge[i] .. first_edge[i + 1]
    edges: Floats  # (edges, 4) x1, y1, x2, y2 in metres in the zone's plane


@compiled
def signed_distance_m(zones: ZoneArrays, zone: int, position: Floats) -> float:
    """Distance in metres from an earth-centred position to the zone's boundary, negative inside; NaN gives NaN."""
    centre_m = separation_m(position, zones.centre[zone])
    if isnan(centre_m):
        return np.nan
    if zones.shape[zone] == CIRCLE:
        return centre_m - float(zones.radius_m[zone])
    if centre_m > zones.plane_m[zone]:
        return centre_m - float(
            zones.radius_m[zone]
        )  # never more than the true distance: the circle holds the polygons
    x = 0.0
    y = 0.0
    for axis in range(3):
        offset = position[axis] - zones.centre[zone, axis]
        x += offset * zones.east[zone, axis]
        y += offset * zones.north[zone, axis]
    return polygon_distance_m(zones, zone, x, y)


@compiled
def polygon_distance_m(zones: ZoneArrays, zone: int, x: float, y: float) -> float:
    """Signed planar distance to the nearest edge; inside by the crossing number, so holes and parts need no order."""
    nearest = inf
    inside = False
    for edge in range(zones.first_edge[zone], zones.first_edge[zone + 1]):
        x1, y1, x2, y2 = zones.edges[edge, 0], zones.edges[edge, 1], zones.edges[edge, 2], zones.edges[edge, 3]
        run_x = x2 - x1
        run_y = y2 - y1
        length_squared = run_x * run_x + run_y * run_y
        along = 0.0
        if length_squared > 0.0:
            along = min(1.0, max(0.0, ((x - x1) * run_x + (y - y1) * run_y) / length_squared))
        off_x = x - (x1 + along * run_x)
        off_y = y - (y1 + along * run_y)
        nearest = min(nearest, off_x * off_x + off_y * off_y)
        if (y1 > y) != (y2 > y) and x < x1 + run_x * (y - y1) / run_y:
            inside = not inside
    distance_m = arc_m(sqrt(nearest))
    return -distance_m if inside else distance_m
