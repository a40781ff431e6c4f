# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The victim-proximity monitor authors
"""Compiled zones against shapely in an equidistant projection around the place that is asked about."""

from itertools import pairwise
from math import cos, pi, radians, sin
from random import Random

import numpy as np
import pytest
import shapely
from pyproj import Geod, Transformer

from proximity.geo.zones import compile_zones, dense
from proximity.kernels.geodesy import ecef
from proximity.kernels.zones import signed_distance_m
from proximity.model.orders import Circle, Polygons, Ring, Zone
from proximity.model.words import ZoneKind

GEOD = Geod(ellps="WGS84")
PLACES = ((51.92, 4.48), (0.0, 0.0), (-33.9, 151.2), (69.6, 18.9), (51.5, -0.1))


def zone(shape: Circle | Polygons) -> Zone:
    return Zone("z", ZoneKind.EXCLUSION, ("w",), shape, 100.0)


def star(chance: Random, lat_deg: float, lon_deg: float, reach_m: float) -> Ring:
    """A closed ring around a place that does not cross itself."""
    corners = chance.randrange(5, 12)
    ring = []
    for corner in range(corners):
        turn, out_m = 2 * pi * (corner + chance.uniform(-0.3, 0.3)) / corners, chance.uniform(0.4, 1.0) * reach_m
        north_deg, east_deg = out_m * sin(turn) / 111_000, out_m * cos(turn) / 111_000 / cos(radians(lat_deg))
        ring.append((lon_deg + east_deg, lat_deg + north_deg))
    return (*ring, ring[0])


def expected_m(shape: Polygons, lat_deg: float, lon_deg: float) -> float:
    """Distances from the middle of an azimuthal equidistant projection are those on the ellipsoid."""
    degrees = shapely.MultiPolygon([shapely.Polygon(part[0], part[1:]) for part in shape.parts])
    there = Transformer.from_crs("EPSG:4326", f"+proj=aeqd +lat_0={lat_deg} +lon_0={lon_deg} +ellps=WGS84",
                                 always_xy=True)  # fmt: skip
    area = shapely.transform(
        shapely.segmentize(degrees, 0.0002), lambda at: np.column_stack(there.transform(at[:, 0], at[:, 1]))
    )
    point = shapely.Point(0.0, 0.0)
    return float(area.boundary.distance(point)) * (-1 if area.contains(point) else 1)


@pytest.mark.parametrize("seed", range(20))
@pytest.mark.parametrize("reach_m", [150.0, 3000.0])
def test_polygons_are_where_they_are_on_the_ellipsoid(seed: int, reach_m: float) -> None:
    chance = Random(seed)
    lat_deg, lon_deg = PLACES[seed % len(PLACES)]
    away_deg = 4 * reach_m / 111_000
    shape = Polygons((
        (star(chance, lat_deg, lon_deg, reach_m), star(chance, lat_deg, lon_deg, reach_m * 0.2)),
        (star(chance, lat_deg + away_deg, lon_deg, reach_m),),
    ))  # fmt: skip
    zones = compile_zones([zone(Circle(0.0, 0.0, 1.0)), zone(shape)])
    for _ in range(25):
        spot = lat_deg + chance.uniform(-3, 6) * reach_m / 111_000, lon_deg + chance.uniform(-3, 3) * reach_m / 111_000
        found_m = signed_distance_m(zones, 1, np.array(ecef(*spot)))
        assert found_m == pytest.approx(expected_m(shape, *spot), abs=0.02)


@pytest.mark.parametrize("seed", range(10))
def test_circles_are_geodesic(seed: int) -> None:
    chance = Random(seed)
    lat_deg, lon_deg = PLACES[seed % len(PLACES)]
    zones = compile_zones([zone(Circle(lat_deg, lon_deg, 500.0))])
    for _ in range(25):
        out_m = chance.uniform(0.0, 5000.0)
        there = GEOD.fwd(lon_deg, lat_deg, chance.uniform(0, 360), out_m)
        assert signed_distance_m(zones, 0, np.array(ecef(there[1], there[0]))) == pytest.approx(out_m - 500.0, abs=1e-4)


def test_far_away_a_zone_is_never_further_than_it_is() -> None:
    chance = Random(3)
    shape = Polygons(((star(chance, 51.92, 4.48, 3000.0),),))
    zones = compile_zones([zone(shape)])
    for out_m in (14_000.0, 20_000.0, 40_000.0):
        there = GEOD.fwd(4.48, 51.92, chance.uniform(0, 360), out_m)
        found_m = signed_distance_m(zones, 0, np.array(ecef(there[1], there[0])))
        assert out_m - 6500.0 < found_m <= expected_m(shape, there[1], there[0]) + 0.02


def test_long_edges_are_split_straight_in_degrees() -> None:
    ring: Ring = ((4.0, 52.0), (4.1, 52.0), (4.1, 52.0005), (4.0, 52.0))
    split = dense(ring)
    assert set(ring) <= set(split)
    assert split[0] == split[-1] == ring[0]
    assert all(lat_deg == 52.0 for lon_deg, lat_deg in split[: split.index((4.1, 52.0))])
    assert max(GEOD.inv(*one, *other)[2] for one, other in pairwise(split)) <= 200.0


def test_no_zones_are_no_edges() -> None:
    zones = compile_zones([])
    assert (len(zones.shape), list(zones.first_edge), zones.edges.shape) == (0, [0], (0, 4))
