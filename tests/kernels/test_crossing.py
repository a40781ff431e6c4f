# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The victim-proximity monitor authors
"""Ways between two fixes and zones: against shapely's lines and against many small steps."""

import os
from math import nan

import numpy as np
import pytest
import shapely
from hypothesis import assume, given
from hypothesis import strategies as st

from proximity.geo.zones import compile_zones
from proximity.kernels.crossing import (
    crosses,
    distance_at,
    least_on_way,
    nearest_on_way,
    nearest_to_circle,
    passes_zone,
    shorter_way_deg,
    touch,
    touches_edges,
    way_at_most_m,
)
from proximity.model.orders import Circle, Polygons, Zone
from proximity.model.words import ZoneKind
from tests.geo.places import GEOD, compiled, distance_m, distances_m, polygon, star
from tests.twins import twin_of

Way = tuple[float, float, float, float]  # lat, lon, lat, lon
INTERPRETED = os.environ.get("NUMBA_DISABLE_JIT") == "1"
STEPS = 100 if INTERPRETED else 2000
SHAPES: dict[str, Circle | Polygons] = {
    "circle": Circle(51.92, 4.48, 400.0),
    "star": polygon(star(51.92, 4.48, [600.0, 250.0] * 5), star(51.92, 4.48, [90.0] * 4)),
    "seam": polygon(star(-17.0, 180.0, [900.0, 300.0, 700.0])),
}
MIDDLES = {"circle": (51.92, 4.48), "star": (51.92, 4.48), "seam": (-17.0, 180.0)}
wholes = st.integers(-6, 6).map(float)
corners = st.tuples(wholes, wholes)


@twin_of(touch, touches_edges)
def touching(
    one: tuple[float, ...], other: tuple[float, ...], third: tuple[float, ...], fourth: tuple[float, ...]
) -> bool:
    """By shapely; a stretch without length is a point."""
    lines = [shapely.Point(a) if a == b else shapely.LineString([a, b]) for a, b in ((one, other), (third, fourth))]
    return bool(lines[0].intersects(lines[1]))


@twin_of(shorter_way_deg)
def shorter_by_trying(from_deg: float, to_deg: float) -> float:
    return min((to_deg + turn for turn in (-360.0, 0.0, 360.0)), key=lambda end: abs(end - from_deg))


@twin_of(way_at_most_m)
def length_m(way: Way) -> float:
    """The length of the way, step by step."""
    lats, lons = np.linspace(way[0], way[2], STEPS), np.linspace(way[1], way[3], STEPS)
    return float(np.sum(GEOD.inv(lons[:-1], lats[:-1], lons[1:], lats[1:])[2]))


@twin_of(nearest_on_way, nearest_to_circle, distance_at)
def least_m(shape: Circle | Polygons, way: Way) -> float:
    """The least signed distance at many steps."""
    lats = np.linspace(way[0], way[2], STEPS)
    lons = np.linspace(way[1], shorter_by_trying(way[1], way[3]), STEPS)
    return float(distances_m(shape, lats, (lons + 540.0) % 360.0 - 180.0).min())


@twin_of(passes_zone, least_on_way)
def least_allowed_m(zone: Zone, way: Way) -> float:
    """How far the wearer was, at many steps, from where he may not be: the least."""
    lats = np.linspace(way[0], way[2], STEPS)
    lons = (np.linspace(way[1], shorter_by_trying(way[1], way[3]), STEPS) + 540.0) % 360.0 - 180.0
    outside_m = distances_m(zone.shape, lats, lons)
    return float((-outside_m if zone.kind is ZoneKind.INCLUSION else outside_m).min())


@twin_of(crosses)
def crossing(shape: Polygons, way: Way) -> bool:
    """By shapely, in the plane of longitude and latitude, whole turns aside."""
    area = shapely.MultiPolygon([shapely.Polygon(part[0], part[1:]) for part in shape.parts])
    end_deg = shorter_by_trying(way[1], way[3])
    return any(
        area.intersects(shapely.LineString([(way[1] + turn, way[0]), (end_deg + turn, way[2])]))
        for turn in (-360.0, 0.0, 360.0)
    )


def ways(name: str, seed: int, count: int) -> list[Way]:
    chance, (lat, lon) = np.random.default_rng(seed), MIDDLES[name]
    found = []
    for _ in range(count):
        ends = GEOD.fwd([lon] * 2, [lat] * 2, chance.uniform(0, 360, 2), chance.uniform(0, 1500, 2))
        found.append((float(ends[1][0]), float(ends[0][0]), float(ends[1][1]), float(ends[0][1])))
    return found


@given(one=corners, other=corners, third=corners, fourth=corners)
def test_stretches_touch_as_shapely_has_it(
    one: tuple[float, float], other: tuple[float, float], third: tuple[float, float], fourth: tuple[float, float]
) -> None:  # fmt: skip
    assert touch(*one, *other, *third, *fourth) == touching(one, other, third, fourth)


@given(one=corners, other=corners)
def test_a_way_touches_an_edge_of_a_zone(one: tuple[float, float], other: tuple[float, float]) -> None:
    ring = [(-4.0, -4.0), (5.0, -3.0), (2.0, 4.0), (-3.0, 3.0)]
    zone = compiled(polygon(ring))
    closed = [*ring, ring[0]]
    expected = any(touching(one, other, closed[edge], closed[edge + 1]) for edge in range(4))
    assert touches_edges(zone.edges, 0, zone.first_edges[1], one[1], one[0], other[1], other[0]) == expected


@given(one=st.floats(-180, 180), other=st.floats(-180, 180))
def test_the_shorter_way_round(one: float, other: float) -> None:
    assume(abs(abs(one - other) - 180.0) > 1e-9)
    assert shorter_way_deg(one, other) == shorter_by_trying(one, other)


@given(way=st.tuples(st.floats(-89, 89), st.floats(-180, 180), st.floats(-89, 89), st.floats(-180, 180)))
def test_no_way_is_longer_than_its_bound(way: Way) -> None:
    assert way_at_most_m(*way) >= length_m(way) * (1 - 1e-9)
    if abs(way[0] - way[2]) < 1 and abs(way[0]) < 60:
        assert way_at_most_m(*way) <= 1.1 * length_m(way) + 1


@pytest.mark.parametrize("name", SHAPES)
@pytest.mark.parametrize("tolerance_m", [0.5, 10.0])
def test_the_nearest_of_a_way_is_the_least_of_many_steps(name: str, tolerance_m: float) -> None:
    shape = SHAPES[name]
    zone = compiled(shape)
    for way in ways(name, 1, 5 if INTERPRETED else 25):
        found_m, part = nearest_on_way(zone, 0, *way, tolerance_m)
        expected_m = least_m(shape, way)
        assert expected_m - length_m((way[0], way[1], way[2], shorter_by_trying(way[1], way[3]))) / STEPS <= found_m
        assert found_m <= expected_m + tolerance_m
        lon_deg = way[1] + part * (shorter_by_trying(way[1], way[3]) - way[1])
        there_m = distance_m(shape, way[0] + part * (way[2] - way[0]), (lon_deg + 540.0) % 360.0 - 180.0)
        assert there_m == pytest.approx(found_m, abs=1e-3)


@pytest.mark.parametrize("name", SHAPES)
@pytest.mark.parametrize("kind", ZoneKind)
def test_a_pass_is_the_least_of_many_steps(name: str, kind: ZoneKind) -> None:
    zone = Zone(name, kind, (), SHAPES[name], 0.0)
    arrays, seen = compile_zones([zone]), set()
    long = ways(name, 4, 12 if INTERPRETED else 40)
    short = [(way[0], way[1], way[0] + 1e-4, way[1] + 1e-4) for way in long]
    for way in (*long, *short):
        found_m, part = passes_zone(arrays, 0, *way, 1.0)
        expected_m = least_allowed_m(zone, way)
        step_m = length_m((way[0], way[1], way[2], shorter_by_trying(way[1], way[3]))) / STEPS
        assert expected_m - step_m <= found_m <= expected_m + 1.0
        assert 0.0 <= part <= 1.0
        seen.add(found_m > 0.0)
    assert seen == {True, False}, "some keep to where the wearer may be"


def test_a_pass_by_hand() -> None:
    metre = 1 / 111_268.0  # of latitude, at 52 degrees
    out, stay = (
        compile_zones([Zone("z", kind, (), SHAPES["circle"], 0.0)]) for kind in (ZoneKind.EXCLUSION, ZoneKind.INCLUSION)
    )
    past = (51.92 + 500 * metre, 4.47, 51.92 + 500 * metre, 4.49)  # 100 m north of the circle, from west to east
    assert passes_zone(out, 0, *past, 0.5)[0] == pytest.approx(100.0, abs=1.0)
    assert passes_zone(out, 0, *past, 0.5)[1] == pytest.approx(0.5, abs=0.02)
    through = (51.92, 4.46, 51.92, 4.50)  # both ends 1.4 km away, the middle in its centre
    assert passes_zone(out, 0, *through, 0.5)[0] == pytest.approx(-400.0, abs=0.6)
    within = (51.92 - 300 * metre, 4.48, 51.92 + 350 * metre, 4.48)  # never out, and 50 m from it at the end
    assert passes_zone(stay, 0, *within, 0.5)[0] == pytest.approx(50.0, abs=0.5)
    assert passes_zone(stay, 0, *within, 0.5)[1] == 1.0
    left = (51.92, 4.48, 51.92, 4.48 + 1500 * metre / 0.6167)  # on its way out, 1,100 m at the end
    assert passes_zone(stay, 0, *left, 0.5)[0] == pytest.approx(-1100.0, abs=5.0)
    assert np.isnan(passes_zone(stay, 0, nan, 4.48, 51.92, 4.48, 0.5)).all()


@pytest.mark.parametrize("name", ["star", "seam"])
def test_a_way_crosses_as_shapely_has_it(name: str) -> None:
    shape = SHAPES[name]
    assert isinstance(shape, Polygons)
    zone, seen = compiled(shape), set()
    for way in ways(name, 2, 60 if INTERPRETED else 200):
        expected = crossing(shape, way)
        assert crosses(zone, 0, *way) == expected
        ends = distances_m(shape, [way[0], way[2]], [way[1], way[3]])
        seen.add((expected, bool((ends > 0.0).all())))
    assert seen == {(True, True), (True, False), (False, True)}, "passes through, too, with both ends outside"


def test_the_nearest_to_a_circle_is_the_least_of_many_steps() -> None:
    zone = compiled(SHAPES["circle"])
    for way in ways("circle", 3, 40):
        expected_m = least_m(SHAPES["circle"], way)
        assert expected_m - length_m(way) / STEPS <= nearest_to_circle(zone, 0, *way) <= expected_m + 1e-6


def test_a_way_through_a_circle_and_past_it() -> None:
    zone = compiled(SHAPES["circle"])
    metre = 1 / 111_200.0
    for north_m, expected in ((0.0, True), (398.0, True), (405.0, False), (-398.0, True), (-405.0, False)):
        lat = 51.92 + north_m * metre
        assert crosses(zone, 0, lat, 4.46, lat, 4.50) == expected
    assert crosses(zone, 0, 51.92, 4.48, 52.0, 4.48), "it begins inside"
    assert not crosses(zone, 0, 51.93, 4.46, 51.93, 4.46), "it stands still outside"


@pytest.mark.parametrize("name", ["circle", "star"])
@pytest.mark.parametrize("place", range(4))
def test_unknown_may_have_crossed(name: str, place: int) -> None:
    way = [51.95, 4.40, 51.95, 4.50]
    way[place] = nan
    zone = compiled(SHAPES[name])
    assert crosses(zone, 0, way[0], way[1], way[2], way[3])
    assert np.isnan(nearest_on_way(zone, 0, way[0], way[1], way[2], way[3], 1.0)).all()
    assert np.isnan(distance_at(zone, 0, way[0], way[1])) or place > 1
