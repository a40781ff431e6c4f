# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The victim-proximity monitor authors
"""Boxes of zones, the size of grids, and which zones overlap."""

import numpy as np
import pytest
from pyproj import Geod

from proximity.geo.grid import CELLS_A_ZONE, MEMBERS_A_CELL, box_deg, compile_grid, overlapping
from proximity.model.orders import Circle, Polygons, Zone
from proximity.model.words import ZoneKind
from tests.geo.places import polygon, star

GEOD = Geod(ellps="WGS84")


def zone(shape: Circle | Polygons, buffer_m: float = 0.0, name: str = "z") -> Zone:
    return Zone(name, ZoneKind.EXCLUSION, (), shape, buffer_m)


@pytest.mark.parametrize("buffer_m", [0.0, 250.0])
@pytest.mark.parametrize("place", [(51.92, 4.48), (0.0, 180.0), (85.0, -30.0)])
def test_a_box_holds_the_zone_and_its_buffer(place: tuple[float, float], buffer_m: float) -> None:
    for shape, reach_m in ((Circle(*place, 400.0), 400.0), (polygon(star(*place, [400.0] * 12)), 380.0)):
        west, south, east, north = box_deg(zone(shape, buffer_m))
        for towards in range(0, 360, 5):
            lon, lat, _ = GEOD.fwd(place[1], place[0], towards, reach_m + buffer_m)
            assert south <= lat <= north
            assert any(west <= lon + turn <= east for turn in (-360, 0, 360))
        assert GEOD.inv(place[1], south, place[1], north)[2] < 2.1 * (400.0 + buffer_m)


def test_a_grid_has_a_few_cells_a_zone_and_few_zones_a_cell() -> None:
    chance = np.random.default_rng(5)
    places = chance.uniform((51, 4), (53, 7), (2000, 2))
    small = [zone(Circle(lat, lon, 100.0)) for lat, lon in places]
    grid = compile_grid(small)
    cells = int(np.prod(grid.cells))
    assert CELLS_A_ZONE * 2000 / 2 < cells < CELLS_A_ZONE * 2000 * 2
    assert len(grid.members) < 2 * 2000
    large = compile_grid([zone(Circle(lat, lon, 150_000.0)) for lat, lon in places[:500]])
    assert len(large.members) <= MEMBERS_A_CELL * 500 < 500 * CELLS_A_ZONE * 500
    one = compile_grid([zone(Circle(52.0, 5.0, 0.001))])
    assert len(one.members) >= 1


def test_zones_that_overlap() -> None:
    middle = polygon(star(51.92, 4.48, [300.0] * 6))
    zones = [
        zone(middle), zone(Circle(51.925, 4.48, 400.0)), zone(Circle(51.93, 4.48, 200.0)),
        zone(polygon(star(-17.0, 179.999, [500.0] * 5))), zone(Circle(-17.0, -179.999, 100.0)),
        zone(polygon([(4.0, 50.0), (4.1, 50.0), (4.1, 50.1)])), zone(polygon([(4.1, 50.0), (4.2, 50.0), (4.1, 50.1)])),
    ]  # fmt: skip
    assert list(overlapping(zones)) == [(0, 1), (1, 2), (3, 4)], "two that touch have no ground in common"
    assert list(overlapping([])) == []


def test_a_circle_that_holds_another_overlaps_it() -> None:
    assert list(overlapping([zone(Circle(52.0, 5.0, 10.0)), zone(Circle(52.0, 5.0, 1000.0))])) == [(0, 1)]
