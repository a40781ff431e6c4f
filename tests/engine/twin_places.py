# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The victim-proximity monitor authors
"""Where the twin's parties and zones are: earth-centred vectors by pyproj, areas by shapely."""

from collections.abc import Iterable
from functools import lru_cache
from math import cos, hypot, radians, sin

import numpy as np
import shapely
from pyproj import Geod, Transformer

from proximity.model.orders import Circle, Polygons, Zone

GEOD = Geod(ellps="WGS84")
TO_SPACE = Transformer.from_crs("EPSG:4979", "EPSG:4978", always_xy=True)
TO_GROUND = Transformer.from_crs("EPSG:4978", "EPSG:4979", always_xy=True)
MEAN_RADIUS_M = 6_371_008.8

Vector = tuple[float, float, float]
Spot = tuple[float, float]  # (lat, lon)
NOWHERE = (0.0, 0.0, 0.0)


def plus(one: Vector, other: Vector, times: float = 1.0) -> Vector:
    """one + times x other."""
    return one[0] + times * other[0], one[1] + times * other[1], one[2] + times * other[2]


def dot(one: Vector, other: Vector) -> float:
    return one[0] * other[0] + one[1] * other[1] + one[2] * other[2]


def chord_m(one: Vector, other: Vector) -> float:
    return hypot(*plus(one, other, -1.0))


def over_ground_m(straight_m: float) -> float:
    """A chord's length along the ground."""
    return straight_m * (1.0 + straight_m**2 / (24.0 * MEAN_RADIUS_M**2))


def in_space(spot: Spot) -> Vector:
    x, y, z = TO_SPACE.transform(spot[1], spot[0], 0.0)
    return x, y, z


@lru_cache(maxsize=65_536)
def on_ground(place: Vector) -> Spot:
    lon_deg, lat_deg, _ = TO_GROUND.transform(*place)
    return lat_deg, lon_deg


def heading(spot: Spot, speed_mps: float, course_deg: float) -> Vector:
    """The velocity, level with the ground at the spot."""
    lat, lon, course = radians(spot[0]), radians(spot[1]), radians(course_deg)
    east = (-sin(lon), cos(lon), 0.0)
    north = (-sin(lat) * cos(lon), -sin(lat) * sin(lon), cos(lat))
    return plus(plus(NOWHERE, east, speed_mps * sin(course)), north, speed_mps * cos(course))


@lru_cache(maxsize=4096)
def apart_m(one: Spot, other: Spot) -> float:
    return float(GEOD.inv(one[1], one[0], other[1], other[0])[2])


@lru_cache(maxsize=64)
def drawn(zone: Zone) -> tuple[Transformer, shapely.MultiPolygon]:
    """The polygons, their edges cut short, in an equidistant projection around their middle."""
    assert isinstance(zone.shape, Polygons)
    areas = shapely.MultiPolygon([shapely.Polygon(part[0], part[1:]) for part in zone.shape.parts])
    middle = areas.centroid
    projection = Transformer.from_crs(
        "EPSG:4326", f"+proj=aeqd +lat_0={middle.y} +lon_0={middle.x} +ellps=WGS84", always_xy=True
    )
    cut = shapely.segmentize(areas, 0.0005)
    return projection, shapely.transform(cut, lambda at: np.column_stack(projection.transform(at[:, 0], at[:, 1])))


@lru_cache(maxsize=65_536)
def beyond_boundary_m(zone: Zone, spot: Spot) -> float:
    """How far outside the zone, negative inside; of a zone to stay in, how far inside."""
    sign = -1.0 if zone.kind == "inclusion" else 1.0
    lat_deg, lon_deg = spot
    if isinstance(zone.shape, Circle):
        to_centre_m = float(GEOD.inv(lon_deg, lat_deg, zone.shape.lon_deg, zone.shape.lat_deg)[2])
        return sign * (to_centre_m - zone.shape.radius_m)
    projection, area = drawn(zone)
    point = shapely.Point(*projection.transform(lon_deg, lat_deg))
    distance_m = float(area.boundary.distance(point))
    return -sign * distance_m if area.contains(point) else sign * distance_m


def comes_within(zone: Zone, way: Iterable[tuple[Vector, Vector]], bound_m: float) -> bool:
    """Is any place of these straight pieces within the bound: halved until it cannot be, or is a centimetre long."""
    pieces = list(way)
    while pieces:
        one, other = pieces.pop()
        ends_m = [beyond_boundary_m(zone, on_ground(end)) for end in (one, other)]
        if min(ends_m) <= bound_m:
            return True
        length_m = chord_m(one, other)
        if length_m > 0.01 and (sum(ends_m) - 1.001 * length_m) / 2.0 <= bound_m:
            middle = plus(one, plus(other, one, -1.0), 0.5)
            pieces += [(one, middle), (middle, other)]
    return False


def least_m(one: Vector, other: Vector) -> float:
    """How near the straight way from one to the other comes to the origin."""
    way = plus(other, one, -1.0)
    squared = dot(way, way)
    part = 0.0 if squared == 0.0 else min(1.0, max(0.0, -dot(one, way) / squared))
    return hypot(*plus(one, way, part))
