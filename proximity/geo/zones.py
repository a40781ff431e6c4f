# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The victim-proximity monitor authors
"""Zones compiled into arrays."""

from collections.abc import Sequence
from itertools import pairwise
from typing import Final

import numpy as np
import shapely
from pyproj import Geod

from proximity.kernels.arrays import Floats
from proximity.kernels.geodesy import ecef
from proximity.kernels.zones import CIRCLE, POLYGONS, ZoneArrays
from proximity.model.orders import Circle, Polygons, Ring, Zone
from proximity.model.units import Degrees, Metres

GEOD: Final = Geod(ellps="WGS84")
# GeoJSON edges are straight in lon/lat (RFC 7946, 3.1.1). A 5 km east-west edge bows by 0.6 m, so one of 200 m by 1 mm.
LONGEST_EDGE_M: Final[Metres] = 200.0
PLANE_M: Final[Metres] = 10_000.0  # at 10 km from its point of contact a plane is 4 mm short (d^3 / 6 R^2)


def split_edge(one: tuple[Degrees, Degrees], other: tuple[Degrees, Degrees]) -> list[tuple[Degrees, Degrees]]:
    """Positions along an edge straight in lon/lat, the first included, the last not, at most `LONGEST_EDGE_M` apart."""
    length_m = GEOD.inv(*one, *other)[2]
    pieces = max(1, int(np.ceil(length_m / LONGEST_EDGE_M)))
    return [
        (one[0] + (other[0] - one[0]) * piece / pieces, one[1] + (other[1] - one[1]) * piece / pieces)
        for piece in range(pieces)
    ]


def dense(ring: Ring) -> list[tuple[Degrees, Degrees]]:
    """The closed ring with its long edges split."""
    return [position for one, other in pairwise(ring) for position in split_edge(one, other)] + [ring[0]]


def plane_axes(lat_deg: Degrees, lon_deg: Degrees) -> tuple[Floats, Floats]:
    """Unit vectors east and north at a point on the ellipsoid, earth-centred."""
    lat, lon = np.radians([lat_deg, lon_deg])
    east = np.array([-np.sin(lon), np.cos(lon), 0.0])
    north = np.array([-np.sin(lat) * np.cos(lon), -np.sin(lat) * np.sin(lon), np.cos(lat)])
    return east, north


def polygon_edges(shape: Polygons, centre: Floats, east: Floats, north: Floats) -> Floats:
    """All edges of all rings as (n, 4) x1, y1, x2, y2 in the plane."""
    edges: list[Floats] = []
    for ring in (ring for part in shape.parts for ring in part):
        earth = np.array([ecef(lat_deg, lon_deg) for lon_deg, lat_deg in dense(ring)])
        plane = np.column_stack([(earth - centre) @ east, (earth - centre) @ north])
        edges.append(np.column_stack([plane[:-1], plane[1:]]))
    return np.concatenate(edges)


def centre_of(shape: Circle | Polygons) -> tuple[Degrees, Degrees]:
    """(lat, lon) of the circle's centre, or of the middle of the polygons' bounding box."""
    if isinstance(shape, Circle):
        return shape.lat_deg, shape.lon_deg
    outlines = shapely.MultiPolygon([shapely.Polygon(part[0]) for part in shape.parts])
    west, south, east, north = outlines.bounds
    return (south + north) / 2, (west + east) / 2


def compile_zones(zones: Sequence[Zone]) -> ZoneArrays:
    """Flat arrays of all zones, in their order."""
    count = len(zones)
    arrays = ZoneArrays(
        shape=np.zeros(count, np.int8),
        centre=np.zeros((count, 3)),
        radius_m=np.zeros(count),
        plane_m=np.full(count, PLANE_M),
        east=np.zeros((count, 3)),
        north=np.zeros((count, 3)),
        first_edge=np.zeros(count + 1, np.int32),
        edges=np.zeros((0, 4)),
    )
    edges: list[Floats] = [arrays.edges]
    for row, zone in enumerate(zones):
        lat_deg, lon_deg = centre_of(zone.shape)
        arrays.centre[row] = ecef(lat_deg, lon_deg)
        arrays.east[row], arrays.north[row] = plane_axes(lat_deg, lon_deg)
        if isinstance(zone.shape, Circle):
            arrays.shape[row] = CIRCLE
            arrays.radius_m[row] = zone.shape.radius_m
        else:
            own = polygon_edges(zone.shape, arrays.centre[row], arrays.east[row], arrays.north[row])
            edges.append(own)
            arrays.shape[row] = POLYGONS
            arrays.radius_m[row] = float(np.max(np.hypot(own[:, 0], own[:, 1])))
            arrays.plane_m[row] += arrays.radius_m[row]
        arrays.first_edge[row + 1] = sum(map(len, edges))
    return arrays._replace(edges=np.concatenate(edges))
