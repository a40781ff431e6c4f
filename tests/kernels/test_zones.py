# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The victim-proximity monitor authors
"""Signed distances in the plane against shapely; those on the ellipsoid are in tests/geo."""

from math import cos, nan, pi, sin
from random import Random

import numpy as np
import pytest
import shapely

from proximity.kernels.arrays import Floats
from proximity.kernels.geodesy import arc_m, ecef, separation_m
from proximity.kernels.zones import CIRCLE, POLYGONS, ZoneArrays, polygon_distance_m, signed_distance_m

Spot = tuple[float, float]


def star(chance: Random, x: float, y: float, reach_m: float) -> list[Spot]:
    """A closed ring that does not cross itself, in either direction."""
    corners = chance.randrange(3, 12)
    turns = sorted(chance.uniform(0, 2 * pi) for _ in range(corners))
    ring = [(x + (r := chance.uniform(0.3, 1.0) * reach_m) * cos(t), y + r * sin(t)) for t in turns]
    return [*ring, ring[0]][:: chance.choice((1, -1))]


def edges_of(rings: list[list[Spot]]) -> Floats:
    pairs = [(*ring[i], *ring[i + 1]) for ring in rings for i in range(len(ring) - 1)]
    return np.array(pairs, np.float64)


def plane(shapes: list[list[list[Spot]]], centre: tuple[float, float, float] = (6_371_000.0, 0.0, 0.0)) -> ZoneArrays:
    """Zones of rings in planes that all touch the equator at longitude 0 (x east, y north)."""
    edges = [edges_of(rings) for rings in shapes]
    count = len(shapes)
    return ZoneArrays(
        shape=np.full(count, POLYGONS, np.int8), centre=np.tile(centre, (count, 1)),
        radius_m=np.array([np.max(np.hypot(own[:, 0], own[:, 1])) for own in edges]), plane_m=np.full(count, 5000.0),
        east=np.tile([0.0, 1.0, 0.0], (count, 1)), north=np.tile([0.0, 0.0, 1.0], (count, 1)),
        first_edge=np.cumsum([0, *map(len, edges)]).astype(np.int32), edges=np.concatenate(edges),
    )  # fmt: skip


@pytest.mark.parametrize("seed", range(40))
def test_distances_in_the_plane_are_shapelys(seed: int) -> None:
    chance = Random(seed)
    shapes: list[list[list[Spot]]] = []
    areas = []
    while len(shapes) < 3:
        outer, hole, other = star(chance, 0, 0, 800.0), star(chance, 0, 0, 150.0), star(chance, 2000.0, 300.0, 400.0)
        ring, island = shapely.Polygon(outer, [hole]), shapely.Polygon(other)
        if ring.is_valid and island.is_valid and not ring.intersects(island):
            shapes.append([outer, hole, other])
            areas.append(shapely.union_all([ring, island]))
    zones = plane(shapes)
    for row, area in enumerate(areas):
        corners = shapely.get_coordinates(area)
        for x, y in [(chance.uniform(-1500, 3000), chance.uniform(-1500, 1500)) for _ in range(60)] + [*corners[:4]]:
            point = shapely.Point(x, y)
            expected_m = area.boundary.distance(point) * (-1 if area.contains(point) else 1)
            found_m = polygon_distance_m(zones, row, float(x), float(y))
            assert found_m == pytest.approx(arc_m(abs(expected_m)) * np.sign(expected_m), abs=1e-6)


def test_a_position_is_brought_into_the_plane() -> None:
    square = [(-100.0, -50.0), (100.0, -50.0), (100.0, 50.0), (-100.0, 50.0), (-100.0, -50.0)]
    zones = plane([[square]])
    for x, y, expected_m in ((0.0, 0.0, -50.0), (90.0, 0.0, -10.0), (130.0, 0.0, 30.0), (130.0, 90.0, 50.0)):
        assert signed_distance_m(zones, 0, np.array([6_371_000.0, x, y])) == pytest.approx(expected_m, abs=1e-6)


def test_beyond_its_plane_a_zone_is_never_further_than_it_is() -> None:
    square = [(-100.0, -50.0), (100.0, -50.0), (100.0, 50.0), (-100.0, 50.0), (-100.0, -50.0)]
    zones = plane([[square]])
    for x in (5001.0, 20_000.0):
        found_m = signed_distance_m(zones, 0, np.array([6_371_000.0, x, 0.0]))
        assert x - 150.0 < found_m <= x - 100.0 + arc_m(x) - x


def test_a_circle_is_its_centre_and_radius() -> None:
    zones = plane([[[(0.0, 0.0), (1.0, 0.0), (0.0, 1.0), (0.0, 0.0)]]])
    zones.shape[0] = CIRCLE
    zones.radius_m[0] = 300.0
    zones.centre[0] = ecef(51.9, 4.5)
    for east_deg in (0.0, 0.001, 0.004, 0.02):
        there = np.array(ecef(51.9, 4.5 + east_deg))
        assert signed_distance_m(zones, 0, there) == separation_m(there, np.array(ecef(51.9, 4.5))) - 300.0


def test_unknown_stays_unknown() -> None:
    zones = plane([[[(0.0, 0.0), (1.0, 0.0), (0.0, 1.0), (0.0, 0.0)]]])
    for shape in (CIRCLE, POLYGONS):
        zones.shape[0] = shape
        assert np.isnan(signed_distance_m(zones, 0, np.array([6_371_000.0, nan, 0.0])))
