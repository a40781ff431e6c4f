# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The victim-proximity monitor authors
"""Signed distances to zones against pyproj and shapely, kernel by kernel and as a whole."""

from fractions import Fraction
from itertools import pairwise
from math import inf, isnan, nan, nextafter

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from proximity.geo.zones import compile_zones
from proximity.kernels.arrays import Floats
from proximity.kernels.geodesy import ecef
from proximity.kernels.zones import (
    BLOCK,
    NOT_PASSED,
    ON_EDGE,
    PASSED,
    allowed_m,
    boundary_distance_m,
    chord_squared,
    nearest_in_block,
    part_of_piece,
    pass_of_edge,
    side_of_edges,
    signed_distance_m,
    signed_distances_m,
    to_ball_squared,
    within_frame,
)
from proximity.model.orders import Circle, Polygons, Zone
from proximity.model.words import ZoneKind
from tests.geo.places import (
    GEOD,
    compiled,
    covers,
    distance_m,
    distances_m,
    earth_centred,
    nearest_boundary_m,
    polygon,
    star,
)  # fmt: skip
from tests.twins import twin_of

wholes = st.integers(-8, 8).map(float)
spots = st.tuples(wholes, wholes)


@twin_of(within_frame)
def turned_into(west_deg: float, lon_deg: float) -> Fraction:
    """The longitude, whole turns on, in a frame."""
    return (Fraction(lon_deg) - Fraction(west_deg)) % 360 + Fraction(west_deg)


@twin_of(pass_of_edge)
def pass_by_hand(edge: tuple[float, float, float, float], lat_deg: float, lon_deg: float) -> int:
    """Where the parallel through the point cuts the edge, in fractions."""
    x1, y1, x2, y2, x, y = map(Fraction, (*edge, lon_deg, lat_deg))
    if y1 == y2:
        return ON_EDGE if y == y1 and min(x1, x2) <= x <= max(x1, x2) else NOT_PASSED
    if not y1 <= y <= y2:
        return NOT_PASSED
    cut = x1 + (x2 - x1) * (y - y1) / (y2 - y1)
    if cut == x:
        return ON_EDGE
    return PASSED if cut > x and y < y2 else NOT_PASSED


@twin_of(side_of_edges)
def side_by_shapely(shape: Polygons, lat_deg: float, lon_deg: float) -> float:
    """-1, 0 or 1 by shapely's exact predicates, in plain longitude and latitude."""
    area = shapely.MultiPolygon([shapely.Polygon(part[0], part[1:]) for part in shape.parts])
    point = shapely.Point(lon_deg, lat_deg)
    return 0.0 if area.boundary.intersects(point) else -1.0 if area.contains(point) else 1.0


@twin_of(nearest_in_block, part_of_piece, chord_squared, to_ball_squared)
def nearest_by_search(pieces: Floats, position: Floats) -> tuple[float, int, float]:
    """Squared chord, piece and part of the nearest place on pieces, by ternary search on each."""
    found = (inf, -1, 0.0)
    for place, piece in enumerate(pieces):
        low, high = 0.0, 1.0
        for _ in range(100):
            thirds = low + (high - low) / 3, high - (high - low) / 3
            one, other = (float(np.sum((position - piece[:3] - part * piece[3:6]) ** 2)) for part in thirds)
            low, high = (thirds[0], high) if one > other else (low, thirds[1])
        square = float(np.sum((position - piece[:3] - low * piece[3:6]) ** 2))
        found = min(found, (square, place, low))
    return found


@twin_of(boundary_distance_m, signed_distance_m, signed_distances_m)
def signed_by_pyproj_m(shape: Circle | Polygons, lat_deg: float, lon_deg: float, step_m: float) -> float:
    """The sign by shapely, the distance by pyproj to points ever closer along the boundary."""
    if isinstance(shape, Circle):
        return float(GEOD.inv(lon_deg, lat_deg, shape.lon_deg, shape.lat_deg)[2]) - shape.radius_m
    far_m = nearest_boundary_m(shape, lat_deg, lon_deg, step_m)
    return -far_m if covers(shape, lat_deg, lon_deg) else far_m


@twin_of(allowed_m)
def allowed_by_pyproj_m(zone: Zone, lat_deg: float, lon_deg: float, step_m: float) -> float:
    """How far outside, or where the wearer must be inside, how far inside."""
    outside_m = signed_by_pyproj_m(zone.shape, lat_deg, lon_deg, step_m)
    return -outside_m if zone.kind is ZoneKind.INCLUSION else outside_m


@given(west_deg=st.floats(-360.0, 180.0), lon_deg=st.floats(-180.0, 180.0))
def test_a_longitude_in_the_frame_of_a_zone(west_deg: float, lon_deg: float) -> None:
    found = within_frame(west_deg, lon_deg)
    expected = turned_into(west_deg, lon_deg)
    assert min(abs(Fraction(found) - expected), abs(Fraction(found) - expected + 360)) < Fraction(1, 10**12)
    assert west_deg <= found < west_deg + 360.0


@pytest.mark.parametrize("west_deg", [-170.0, -10.0, 5.0])
def test_a_longitude_just_before_the_frame_is_rounded_to_its_beginning_not_beyond_its_end(west_deg: float) -> None:
    assert west_deg <= within_frame(west_deg, nextafter(west_deg, -inf)) < west_deg + 360.0
    assert within_frame(-180.0, 180.0) == -180.0


@given(ends=st.tuples(wholes, wholes, wholes, wholes), spot=spots)
def test_a_pass_of_an_edge(ends: tuple[float, float, float, float], spot: tuple[float, float]) -> None:
    edge = ends if ends[1] <= ends[3] else (*ends[2:], *ends[:2])
    assert pass_of_edge(*edge, *spot) == pass_by_hand(edge, *spot)


def not_tiny(value: float) -> float:
    """Products of numbers of 1e-150 underflow: there is no such longitude."""
    return value if abs(value) > 1e-100 else 0.0


degrees = st.floats(-180.0, 180.0).map(not_tiny)


@given(ends=st.tuples(degrees, degrees, degrees, degrees), part=st.floats(0.0, 1.0), ulps=st.integers(-2, 2))
def test_a_pass_of_an_edge_is_exact_next_to_it(
    ends: tuple[float, float, float, float], part: float, ulps: int
) -> None:  # fmt: skip
    edge = ends if ends[1] <= ends[3] else (*ends[2:], *ends[:2])
    lat, lon = edge[1] + part * (edge[3] - edge[1]), edge[0] + part * (edge[2] - edge[0])
    for _ in range(abs(ulps)):
        lon = nextafter(lon, inf * ulps)
    lat, lon = not_tiny(lat), not_tiny(lon)
    assert pass_of_edge(*edge, lat, lon) == pass_by_hand(edge, lat, lon)


@given(corners=st.lists(spots, min_size=3, max_size=9, unique=True), spot=spots)
def test_the_side_is_shapelys(corners: list[tuple[float, float]], spot: tuple[float, float]) -> None:
    shape = polygon(corners)
    if not shapely.Polygon(corners).is_valid:
        return
    zone = compiled(shape)
    found = side_of_edges(zone.edge_boxes, zone.edges, 0, zone.first_edges[1], spot[0], spot[1])
    assert found == side_by_shapely(shape, *spot)


@given(seed=st.integers(0, 2**32 - 1))
def test_the_nearest_of_a_block(seed: int) -> None:
    chance = np.random.default_rng(seed)
    starts, runs = chance.uniform(-100.0, 100.0, (2 * BLOCK, 3)), chance.uniform(-50.0, 50.0, (2 * BLOCK, 3))
    runs[chance.integers(2 * BLOCK)] = 0.0  # a corner that stands there twice
    square = np.sum(runs**2, axis=1)
    inverse = np.divide(1.0, square, out=np.zeros(2 * BLOCK), where=square > 0.0)
    pieces, position = np.column_stack([starts, runs, inverse]), chance.uniform(-120.0, 120.0, 3)
    x, y, z = position
    nearest, found = inf, 0
    for block in range(2):
        nearest, found = nearest_in_block(pieces, block, x, y, z, nearest, found)
    expected, place, part = nearest_by_search(pieces, position)
    assert nearest == pytest.approx(expected, rel=1e-9, abs=1e-9)
    assert found == place
    if square[found] > 0.0:
        assert part_of_piece(pieces, found, x, y, z) == pytest.approx(part, abs=1e-6)
    assert chord_squared(pieces, found, x, y, z, part) == pytest.approx(expected, rel=1e-6, abs=1e-6)
    balls = np.column_stack([starts, np.zeros(len(starts))])
    assert to_ball_squared(balls, 3, x, y, z) == pytest.approx(float(np.sum((position - starts[3]) ** 2)))


SPREADS_M = {"a yard": 60.0, "a block": 400.0, "a quarter": 3_000.0, "a city": 30_000.0, "a province": 150_000.0}
MIDDLES = {
    "rotterdam": (51.92, 4.48), "equator": (0.001, 10.0), "antimeridian": (-17.0, 179.995), "north": (69.7, 18.9),
    "far north": (85.0, -40.0), "far south": (-84.0, -179.99), "south": (-33.9, 18.4),
}  # fmt: skip


def made(seed: int, lat_deg: float, lon_deg: float, spread_m: float) -> Polygons:
    """Two stars, the first with a hole; their corners one block and two."""
    chance = np.random.default_rng(seed)
    outer = star(lat_deg, lon_deg, list(chance.uniform(0.5, 1.0, 11) * spread_m))
    hole = star(lat_deg, lon_deg, list(chance.uniform(0.1, 0.3, 5) * spread_m))
    lon, lat, _ = GEOD.fwd(lon_deg, lat_deg, 100.0, 2.2 * spread_m)
    other = star(lat, lon + 360.0 * round((lon_deg - lon) / 360.0), list(chance.uniform(0.5, 1.0, 5) * spread_m))
    first, second = polygon(outer, hole), polygon(other)
    return Polygons((*first.parts, *second.parts))


@pytest.mark.parametrize("middle", MIDDLES.values(), ids=MIDDLES)
@pytest.mark.parametrize("spread_m", SPREADS_M.values(), ids=SPREADS_M)
def test_a_signed_distance_is_that_of_pyproj(middle: tuple[float, float], spread_m: float) -> None:
    shape = made(7, *middle, spread_m)
    chance = np.random.default_rng(8)
    from_middle = [(middle[1], middle[0], far_m) for far_m in chance.uniform(0.0, 3.0 * spread_m, 4)]
    edges = [edge for part in shape.parts for ring in part for edge in pairwise(ring)]
    beside_edges = [
        (*(np.array(one) + chance.uniform() * (np.array(other) - one)), far_m)
        for far_m in np.exp(chance.uniform(np.log(0.01), np.log(10_000.0), 5))
        for one, other in [edges[chance.integers(len(edges))]]
    ]
    for from_lon, from_lat, far_m in from_middle + beside_edges:
        lon, lat, _ = GEOD.fwd(from_lon, from_lat, chance.uniform(0.0, 360.0), far_m)
        expected_m = signed_by_pyproj_m(shape, lat, lon, max(1.0, spread_m / 500.0))
        found_m = distance_m(shape, lat, lon)
        assert found_m == pytest.approx(expected_m, abs=0.002 if abs(expected_m) < 10_000 else 1e-5 * abs(expected_m))


@pytest.mark.parametrize("kind", ZoneKind)
def test_how_far_the_wearer_may_still_go(kind: ZoneKind) -> None:
    shapes = (Circle(51.92, 4.48, 300.0), polygon(star(51.92, 4.48, [400.0, 200.0] * 4), star(51.92, 4.48, [60.0] * 4)))
    wanted = [Zone("z", kind, (), shape, 0.0) for shape in shapes]
    zones = compile_zones([Zone("other", ZoneKind.EXCLUSION, (), shapes[0], 0.0), *wanted])
    signs = set()
    for far_m in (0.0, 20.0, 150.0, 299.0, 301.0, 900.0):
        lon, lat, _ = GEOD.fwd(4.48, 51.92, 77.0, far_m)
        for row, zone in enumerate(wanted, start=1):
            expected_m = allowed_by_pyproj_m(zone, lat, lon, 1.0)
            assert allowed_m(zones, row, lat, lon, *ecef(lat, lon)) == pytest.approx(expected_m, abs=0.002)
            signs.add((zone.shape, expected_m > 0.0))
    assert len(signs) == 4, "on both sides of both"
    assert isnan(allowed_m(zones, 1, nan, 4.48, nan, nan, nan))


@pytest.mark.parametrize("middle", MIDDLES.values(), ids=MIDDLES)
def test_far_from_a_zone_too(middle: tuple[float, float]) -> None:
    shape = made(9, *middle, 2_000.0)
    chance = np.random.default_rng(10)
    for far_m in np.exp(chance.uniform(np.log(20_000.0), np.log(3_000_000.0), 6)):
        lon, lat, _ = GEOD.fwd(middle[1], middle[0], chance.uniform(0.0, 360.0), far_m)
        expected_m = signed_by_pyproj_m(shape, lat, lon, 20.0)
        assert distance_m(shape, lat, lon) == pytest.approx(expected_m, rel=1e-5)


def test_a_zone_as_large_as_a_country() -> None:
    shape = polygon([(3.5, 51.0), (7.0, 51.5), (7.0, 53.3), (4.5, 53.0)])
    for lat, lon in ((52.0, 5.0), (51.92, 4.48), (51.2, 5.3), (53.25, 6.0), (50.0, 9.0), (55.0, 3.0)):
        expected_m = signed_by_pyproj_m(shape, lat, lon, 100.0)
        assert distance_m(shape, lat, lon) == pytest.approx(expected_m, abs=0.002, rel=1e-5)


def test_long_edges_keep_to_their_line_at_both_ends() -> None:
    shape = polygon([(0.0, -5.0), (20.0, 65.0), (-15.0, 80.0)])
    chance = np.random.default_rng(11)
    on_edges = np.array([
        np.array(one) + part * (np.array(other) - one)
        for one, other in pairwise(shape.parts[0][0])
        for part in chance.uniform(0.0, 1.0, 8)
    ])  # fmt: skip
    lons, lats, _ = GEOD.fwd(on_edges[:, 0], on_edges[:, 1], np.full(len(on_edges), 90.0), np.full(len(on_edges), 5.0))
    expected_m = [signed_by_pyproj_m(shape, lat, lon, 2_000.0) for lat, lon in zip(lats, lons, strict=True)]
    assert distances_m(shape, lats, lons) == pytest.approx(expected_m, abs=0.002)


def test_an_edge_of_5_km_along_a_parallel_bows() -> None:
    # Straight in lon/lat is along the parallel; the geodesic between the corners lies l^2 tan(lat) / 8 R north of it.
    lat_deg, half_deg = 52.0, 2500.0 / 111_320.0 / np.cos(np.radians(52.0))
    shape = polygon([(5.0 - half_deg, lat_deg), (5.0 + half_deg, lat_deg), (5.0, lat_deg - 0.02)])
    bow_m = 5000.0**2 * np.tan(np.radians(lat_deg)) / (8 * 6.39e6)
    assert bow_m == pytest.approx(0.63, abs=0.01)
    north_deg = 0.3 / 111_260.0
    assert distance_m(shape, lat_deg + north_deg, 5.0) == pytest.approx(0.3, abs=0.002), (
        "outside, though south of the geodesic"
    )
    assert distance_m(shape, lat_deg - north_deg, 5.0) == pytest.approx(-0.3, abs=0.002)
    assert distance_m(shape, lat_deg, 5.0) == 0.0


@pytest.mark.parametrize("turn_deg", [0.0, 1.0])
def test_on_a_corner_an_edge_and_an_edge_along_a_parallel(turn_deg: float) -> None:
    square = polygon([(4.0 + turn_deg, 51.0), (4.5 + turn_deg, 51.0), (4.5 + turn_deg, 51.25), (4.25 + turn_deg, 51.5)])
    for lon, lat in ((4.0, 51.0), (4.25, 51.0), (4.5, 51.125), (4.375, 51.375), (4.125, 51.25), (4.25, 51.5)):
        assert distance_m(square, lat, lon + turn_deg) == 0.0


SIXTEENTHS = 2.0**-4
sixteenths = st.integers(0, 16)


@given(
    corner=st.tuples(st.integers(-2880, 2880), st.integers(-1200, 1200)),
    run=st.tuples(st.integers(-16, 16), st.integers(-16, 16)),
    part=sixteenths,
    left=st.booleans(),
)
def test_what_is_on_an_edge_is_at_no_distance(
    corner: tuple[int, int], run: tuple[int, int], part: int, *, left: bool
) -> None:  # fmt: skip
    if run == (0, 0):
        return
    # an edge in sixteenths of a degree, wherever it points; the third corner lies to one side of it
    start = np.array(corner) * SIXTEENTHS
    end = start + np.array(run) * SIXTEENTHS
    third = start + np.array([-run[1], run[0]]) * (SIXTEENTHS if left else -SIXTEENTHS)
    spot = start + np.array(run) * SIXTEENTHS * (part / 16)
    (x1, y1), (x2, y2), (x, y) = ([Fraction(float(value)) for value in point] for point in (start, end, spot))
    assert (x2 - x1) * (y - y1) == (y2 - y1) * (x - x1), "rounded, so that this test would hold nothing"
    shape = polygon([(float(lon), float(lat)) for lon, lat in (start, end, third)])
    lon_deg = float(spot[0])
    assert distance_m(shape, float(spot[1]), lon_deg - 360.0 * round(lon_deg / 360.0)) == 0.0


def test_holes_that_touch_and_corners_that_repeat() -> None:
    outer = [(4.0, 51.0), (4.0, 51.0), (5.0, 51.0), (5.0, 52.0), (4.5, 52.0), (4.0, 52.0)]
    holes = [(4.25, 51.25), (4.5, 51.5), (4.25, 51.5)], [(4.5, 51.5), (4.75, 51.5), (4.75, 51.75)]
    shape = polygon(outer, *holes)
    assert distance_m(shape, 51.5, 4.5) == 0.0
    for lat, lon, inside in ((51.45, 4.3, False), (51.55, 4.7, False), (51.3, 4.7, True), (51.7, 4.3, True)):
        found_m = distance_m(shape, lat, lon)
        assert (found_m < 0.0) == inside == covers(shape, lat, lon)
        assert abs(found_m) == pytest.approx(nearest_boundary_m(shape, lat, lon, 50.0), abs=0.002)


PLACES = st.tuples(st.floats(-0.03, 0.03), st.floats(-0.05, 0.05))


@given(seed=st.integers(0, 10**6), spot=PLACES, other=PLACES)
def test_no_distance_changes_faster_than_one_moves(
    seed: int, spot: tuple[float, float], other: tuple[float, float]
) -> None:  # fmt: skip
    shape = made(seed, 51.92, 4.48, 1_000.0)
    lats, lons = [51.92 + spot[0], 51.92 + other[0]], [4.48 + spot[1], 4.48 + other[1]]
    one_m, other_m = distances_m(shape, lats, lons)
    walked_m = GEOD.inv(lons[0], lats[0], lons[1], lats[1])[2]
    assert abs(one_m - other_m) <= walked_m + 0.005


@given(seed=st.integers(0, 10**6), spot=PLACES, quarters=st.integers(-700, 700))
def test_turning_the_earth_changes_no_distance(seed: int, spot: tuple[float, float], quarters: int) -> None:
    chance = np.random.default_rng(seed)
    grid = 2.0**-16  # so that turning rounds nothing and the sign must be the same
    corners = [(round((4.48 + lon) / grid) * grid, round((51.92 + lat) / grid) * grid)
               for lon, lat in (chance.uniform(0.3, 1.0, (9, 1)) * 0.02 * np.array(
                   [(np.cos(angle), np.sin(angle)) for angle in np.linspace(0, 6.28, 9, endpoint=False)]))]  # fmt: skip
    lat, lon, by = 51.92 + spot[0], round((4.48 + spot[1]) / grid) * grid, quarters / 4
    turned = polygon([(one + by, other) for one, other in corners])
    there = lon + by
    found_m = distance_m(polygon(corners), lat, lon)
    turned_m = distance_m(turned, lat, there - 360.0 * round(there / 360.0))
    assert turned_m == pytest.approx(found_m, abs=1e-6)
    assert np.sign(turned_m) == np.sign(found_m)


@given(corners=st.lists(spots, min_size=3, max_size=7, unique=True), place=st.integers(0, 6), spot=spots)
def test_splitting_an_edge_exactly_on_it_changes_no_sign(
    corners: list[tuple[float, float]], place: int, spot: tuple[float, float]
) -> None:  # fmt: skip
    if not shapely.Polygon(corners).is_valid:
        return
    place %= len(corners)
    one, other = corners[place], corners[(place + 1) % len(corners)]
    middle = ((one[0] + other[0]) / 2, (one[1] + other[1]) / 2)  # of whole degrees: nothing is rounded
    lat, lon = spot
    split = [*corners[: place + 1], middle, middle, *corners[place + 1 :]]
    found_m, again_m = distance_m(polygon(corners), lat, lon), distance_m(polygon(split), lat, lon)
    assert np.sign(again_m) == np.sign(found_m)
    assert again_m == pytest.approx(found_m, abs=0.005, rel=1e-5)


@given(seed=st.integers(0, 10**6), spot=PLACES, start=st.integers(1, 10), halves=st.integers(0, 10))
def test_how_a_ring_is_written_changes_nothing(
    seed: int, spot: tuple[float, float], start: int, halves: int
) -> None:  # fmt: skip
    shape = made(seed, 51.92, 4.48, 1_000.0)
    (outer, hole), *others = shape.parts
    corners = outer[:-1]
    rotated = (*corners[start:], *corners[:start], corners[start])
    one, other = outer[halves], outer[halves + 1]
    middle = ((one[0] + other[0]) / 2, (one[1] + other[1]) / 2)
    split = (*outer[: halves + 1], middle, *outer[halves + 1 :])  # rounded: a hair beside the edge
    lat, lon = 51.92 + spot[0], 4.48 + spot[1]
    found_m = distance_m(shape, lat, lon)
    for ring in (rotated, outer[::-1], split):
        again = distance_m(Polygons(((ring, hole[::-1]), *others)), lat, lon)
        assert again == pytest.approx(found_m, abs=0.002 if ring is split else 1e-6)
        assert (again > 0.0) == (found_m > 0.0) or abs(found_m) < 1e-6


@given(seed=st.integers(0, 10**6), spot=PLACES)
def test_inside_is_what_shapely_covers(seed: int, spot: tuple[float, float]) -> None:
    shape = made(seed, 51.92, 4.48, 1_000.0)
    lat, lon = 51.92 + spot[0], 4.48 + spot[1]
    assert (distance_m(shape, lat, lon) <= 0.0) == covers(shape, lat, lon)


@pytest.mark.parametrize("place", [(51.92, 4.48), (0.0, 180.0), (89.99, 0.0)])
def test_a_circle_is_a_distance_less_its_radius(place: tuple[float, float]) -> None:
    shape = Circle(*place, 500.0)
    for far_m in (0.0, 499.9, 500.1, 20_000.0, 150_000.0):
        lon, lat, _ = GEOD.fwd(place[1], place[0], 77.0, far_m)
        expected_m = signed_by_pyproj_m(shape, lat, lon, 0.0)
        assert expected_m == pytest.approx(far_m - 500.0, abs=1e-6)
        assert distance_m(shape, lat, lon) == pytest.approx(expected_m, abs=1e-4)


def test_unknown_stays_unknown() -> None:
    shapes: list[Circle | Polygons] = [made(1, 51.92, 4.48, 300.0), Circle(51.92, 4.48, 300.0)]
    zones = compiled(*shapes)
    for zone in range(2):
        for lat, lon in ((nan, 4.48), (51.92, nan)):
            position = np.array(ecef(lat, lon))
            assert isnan(signed_distance_m(zones, zone, lat, lon, position[0], position[1], position[2]))
            assert np.isnan(distances_m(shapes[zone], [lat, lat], [lon, lon])).all()


def test_many_are_one_by_one() -> None:
    shapes: list[Circle | Polygons] = [made(1, 51.92, 4.48, 300.0), Circle(51.92, 4.48, 300.0)]
    shapes.append(made(2, 51.93, 4.5, 900.0))
    zones = compiled(*shapes)
    chance = np.random.default_rng(4)
    lats, lons = chance.uniform(51.9, 51.95, 50), chance.uniform(4.45, 4.52, 50)
    positions, found_m = earth_centred(lats, lons), np.empty(50)
    for zone, shape in enumerate(shapes):
        signed_distances_m(zones, zone, lats, lons, positions, found_m)
        assert list(found_m) == list(distances_m(shape, lats, lons)), "its neighbours in the arrays do not matter"
        one_by_one = [
            signed_distance_m(zones, zone, lat, lon, *position)
            for lat, lon, position in zip(lats, lons, positions, strict=True)
        ]
        assert list(found_m) == one_by_one
