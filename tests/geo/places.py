# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The victim-proximity monitor authors
"""Zones and positions for tests of geometry, and the truth about them from pyproj and shapely."""

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
import shapely
from pyproj import Geod

from proximity.geo.zones import compile_zones
from proximity.kernels.arrays import Floats
from proximity.kernels.geodesy import ecefs
from proximity.kernels.zones import ZoneArrays, signed_distances_m
from proximity.model.orders import Circle, Polygons, Ring, Zone
from proximity.model.words import ZoneKind

GEOD = Geod(ellps="WGS84")


def compiled(*shapes: Circle | Polygons) -> ZoneArrays:
    return compile_zones([Zone(f"z-{n}", ZoneKind.EXCLUSION, (), shape, 0.0) for n, shape in enumerate(shapes)])


def earth_centred(lat_deg: Floats, lon_deg: Floats) -> Floats:
    out_m = np.empty((len(lat_deg), 3))
    ecefs(np.ascontiguousarray(lat_deg), np.ascontiguousarray(lon_deg), out_m)
    return out_m


def distances_m(
    shape: Circle | Polygons, lat_deg: Sequence[float] | Floats, lon_deg: Sequence[float] | Floats
) -> Floats:
    """The kernel's signed distances of positions to a zone."""
    lats, lons = np.array(lat_deg, np.float64), np.array(lon_deg, np.float64)
    out_m = np.empty(len(lats))
    signed_distances_m(compiled(shape), 0, lats, lons, earth_centred(lats, lons), out_m)
    return out_m


def distance_m(shape: Circle | Polygons, lat_deg: float, lon_deg: float) -> float:
    return float(distances_m(shape, [lat_deg], [lon_deg])[0])


def polygon(*rings: Sequence[tuple[float, float]]) -> Polygons:
    """One polygon of rings of (lon, lat), which are closed here."""
    return Polygons((tuple(closed(ring) for ring in rings),))


def closed(ring: Sequence[tuple[float, float]]) -> Ring:
    own = tuple((float(lon_deg), float(lat_deg)) for lon_deg, lat_deg in ring)
    return own if own[0] == own[-1] else (*own, own[0])


def star(lat_deg: float, lon_deg: float, radii_m: Sequence[float]) -> list[tuple[float, float]]:
    """Corners (lon, lat) around a place at these distances, evenly spread; longitudes run on past 180."""
    corners = []
    for place, radius_m in enumerate(radii_m):
        lon, lat, _ = GEOD.fwd(lon_deg, lat_deg, 360.0 * place / len(radii_m), radius_m)
        corners.append((lon + 360.0 * round((lon_deg - lon) / 360.0), lat))
    return corners


def nearest_boundary_m(shape: Polygons, lat_deg: float, lon_deg: float, step_m: float) -> float:
    """The distance to the boundary by pyproj: points of every edge, straight in lon/lat, ever closer together."""
    least_m = np.inf
    for one, other in (edge for part in shape.parts for ring in part for edge in pairwise(ring)):
        count = 1 + max(1, int(np.ceil(GEOD.inv(*one, *other)[2] / step_m)))
        low, high = 0.0, 1.0
        while True:
            parts = np.linspace(low, high, count)
            lons = one[0] + parts * (other[0] - one[0])
            lats = one[1] + parts * (other[1] - one[1])
            apart_m = GEOD.inv(np.full(count, lon_deg), np.full(count, lat_deg), lons, lats)[2]
            best = int(np.argmin(apart_m))
            least_m = min(least_m, float(apart_m[best]))
            step = (high - low) / (count - 1)
            if step < 1e-9 or apart_m[best] > least_m + step_m:
                break
            low, high, count = max(0.0, parts[best] - step), min(1.0, parts[best] + step), 11
    return least_m


def covers(shape: Polygons, lat_deg: float, lon_deg: float) -> bool:
    """Whether the area in plain longitude and latitude, whole turns aside, covers a position: by shapely."""
    area = shapely.MultiPolygon([shapely.Polygon(part[0], part[1:]) for part in shape.parts])
    return any(area.covers(shapely.Point(lon_deg + turn, lat_deg)) for turn in (-360.0, 0.0, 360.0))
