# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The victim-proximity monitor authors
"""The grid against a look at every box, and against pyproj."""

from math import floor, nan

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyproj import Geod

from proximity.geo.grid import compile_grid
from proximity.kernels.arrays import Floats
from proximity.kernels.grid import GridArrays, cell_of, half_width_deg, look_up, nearby, nearby_all
from proximity.model.orders import Circle, Zone
from proximity.model.words import ZoneKind
from tests.twins import twin_of

GEOD = Geod(ellps="WGS84")
MIDDLES = ((51.92, 4.48), (0.0, 180.0), (-17.0, -179.9), (88.0, 30.0), (-89.9, 100.0))


def zones_about(seed: int, middle: tuple[float, float], spread_m: float, count: int) -> list[Zone]:
    """Circles about a place, some as large as the whole spread."""
    chance = np.random.default_rng(seed)
    zones = []
    for number in range(count):
        lon, lat, _ = GEOD.fwd(middle[1], middle[0], chance.uniform(0, 360), spread_m * chance.uniform(0, 1))
        radius_m = float(chance.choice([50.0, 300.0, spread_m], p=[0.5, 0.45, 0.05]))
        buffer_m = float(chance.choice([0.0, 100.0]))
        zones.append(Zone(f"z-{number}", ZoneKind.EXCLUSION, (), Circle(lat, lon, radius_m), buffer_m))
    return zones


@twin_of(cell_of)
def cell_by_hand(value_deg: float, origin_deg: float, cell_deg: float, cells: int) -> int:
    return max(0, min(cells - 1, floor((value_deg - origin_deg) / cell_deg)))


@twin_of(half_width_deg)
def reach_east_deg(lat_deg: float, radius_m: float) -> float:
    """How far east of Greenwich a circle reaches, by walking round it."""
    around = GEOD.fwd(np.zeros(3600), np.full(3600, lat_deg), np.arange(3600) / 10, np.full(3600, radius_m))
    return float(np.abs(around[0]).max())


@twin_of(look_up)
def touching(grid: GridArrays, west: float, south: float, east: float, north: float) -> list[int]:
    """Every zone whose box touches a box."""
    return [
        zone for zone, box in enumerate(grid.boxes)
        if box[0] <= east and box[2] >= west and box[1] <= north and box[3] >= south
    ]  # fmt: skip


@twin_of(nearby, nearby_all)
def within_reach(zones: list[Zone], lat_deg: float, lon_deg: float, radius_m: float) -> set[int]:
    """Every zone whose boundary, buffer included, lies within a radius: by pyproj."""
    found = set()
    for place, zone in enumerate(zones):
        assert isinstance(zone.shape, Circle)
        apart_m = GEOD.inv(lon_deg, lat_deg, zone.shape.lon_deg, zone.shape.lat_deg)[2]
        if apart_m <= zone.shape.radius_m + zone.buffer_m + radius_m:
            found.add(place)
    return found


@given(value=st.floats(-400, 400), origin=st.floats(-360, 0), size=st.floats(1e-4, 90), cells=st.integers(1, 1000))
def test_a_cell(value: float, origin: float, size: float, cells: int) -> None:
    assert cell_of(value, origin, size, cells) == cell_by_hand(value, origin, size, cells)


@given(lat=st.floats(-90, 90), radius_m=st.floats(0, 200_000))
def test_no_circle_reaches_further_than_it_is_wide(lat: float, radius_m: float) -> None:
    assert half_width_deg(lat, radius_m) >= min(reach_east_deg(lat, radius_m), 180.0) - 1e-9
    if abs(lat) < 80:
        assert half_width_deg(lat, radius_m) <= 1.4 * reach_east_deg(lat, radius_m) + 1e-9


@given(
    seed=st.integers(0, 10**6),
    west=st.floats(3, 6),
    south=st.floats(51, 53),
    wide=st.floats(0, 3),
    high=st.floats(0, 2),
)
def test_each_box_that_touches_is_found_once(seed: int, west: float, south: float, wide: float, high: float) -> None:
    grid = compile_grid(zones_about(seed, (51.92, 4.48), 20_000.0, 60))
    found = np.full(70, -1, np.int32)
    count = look_up(grid, west, south, west + wide, south + high, found, 0)
    assert sorted(found[:count]) == touching(grid, west, south, west + wide, south + high)


@given(seed=st.integers(0, 10**6), middle=st.sampled_from(MIDDLES), radius_m=st.sampled_from([0.0, 60.0, 3000.0]))
def test_no_zone_within_reach_is_passed_over(seed: int, middle: tuple[float, float], radius_m: float) -> None:
    zones = zones_about(seed, middle, 20_000.0, 60)
    grid, chance = compile_grid(zones), np.random.default_rng(seed)
    towards, far_m = chance.uniform(0, 360, 20), chance.uniform(0, 30_000, 20)
    lons, lats, _ = GEOD.fwd(np.full(20, middle[1]), np.full(20, middle[0]), towards, far_m)
    found, who = np.full((2, 2000), -1, np.int32)
    chosen = chance.random(20) < 0.8
    count = nearby_all(grid, chosen, lats, lons, np.full(20, radius_m), found, who)
    for place in range(20):
        own = found[:count][who[:count] == place]
        assert len(set(own)) == len(own) or abs(middle[0]) > 80
        if not chosen[place]:
            assert not len(own)
            continue
        expected = within_reach(zones, lats[place], lons[place], radius_m)
        assert expected <= set(own)
        alone = np.full(60, -1, np.int32)
        assert nearby(grid, lats[place], lons[place], radius_m, alone) == len(own)
        assert set(alone[: len(own)]) == set(own)


def test_most_that_are_far_are_not_found() -> None:
    zones = [
        Zone(f"z-{n}", ZoneKind.EXCLUSION, (), Circle(51.0 + n % 100 / 50, 4.0 + n // 100 / 50, 100.0), 0.0)
        for n in range(10_000)
    ]
    grid, found = compile_grid(zones), np.empty(100, np.int32)
    places: Floats = np.random.default_rng(1).uniform((51.0, 4.0), (53.0, 6.0), (500, 2))
    counts = [nearby(grid, lat, lon, 50.0, found) for lat, lon in places]
    assert max(counts) <= 4
    assert np.mean(np.array(counts) == 0) > 0.9


def test_what_does_not_fit_is_counted() -> None:
    zones = zones_about(3, (51.92, 4.48), 100.0, 30)
    grid, found = compile_grid(zones), np.full(4, -1, np.int32)
    assert nearby(grid, 51.92, 4.48, 1000.0, found) == 30
    assert (found >= 0).all()
    who = np.full(4, -1, np.int32)
    two = np.array([51.92, 51.92]), np.array([4.48, 4.48]), np.array([1000.0, 1000.0])
    assert nearby_all(grid, np.ones(2, np.bool_), *two, found, who) == 60


@pytest.mark.parametrize("place", [(nan, 4.48, 10.0), (51.92, nan, 10.0), (51.92, 4.48, nan)])
def test_unknown_is_near_all(place: tuple[float, float, float]) -> None:
    grid, found = compile_grid(zones_about(3, (51.92, 4.48), 100.0, 30)), np.empty(40, np.int32)
    assert nearby(grid, *place, found) == 30


def test_no_zones_are_near_nobody() -> None:
    assert nearby(compile_grid([]), 51.92, 4.48, 1e6, np.empty(1, np.int32)) == 0
