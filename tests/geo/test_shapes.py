# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The victim-proximity monitor authors
"""GeoJSON geometries: what is taken, how longitudes run on, and how each fault is named."""

from math import inf, nan
from typing import Any

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from shapely.affinity import translate
from shapely.geometry import mapping

from proximity.geo.shapes import POSITIONS_MAX, Reason, ShapeFault, read_polygons
from proximity.model.orders import Polygons
from tests.geo.places import closed, covers, distance_m, distances_m

SQUARE = [[4.0, 51.0], [4.5, 51.0], [4.5, 51.5], [4.0, 51.5], [4.0, 51.0]]
HOLE = [[4.1, 51.1], [4.1, 51.2], [4.2, 51.2], [4.2, 51.1], [4.1, 51.1]]

HOLE_IN_HOLE = [[4.12, 51.13], [4.12, 51.14], [4.13, 51.14], [4.13, 51.13], [4.12, 51.13]]


def polygon(*rings: Any) -> dict[str, object]:  # noqa: ANN401 - faulty on purpose
    return {"type": "Polygon", "coordinates": list(rings)}


def many(*parts: Any) -> dict[str, object]:  # noqa: ANN401
    return {"type": "MultiPolygon", "coordinates": list(parts)}


def moved(ring: list[list[float]], east: float, north: float = 0.0) -> list[list[float]]:
    return [[lon + east, lat + north] for lon, lat in ring]


def turned(lon: float) -> float:
    return (lon + 180.0) % 360.0 - 180.0


def stripe(west: float, east: float, south: float) -> list[list[float]]:
    """Ten degrees high, with corners enough to tell the way round."""
    lons = [west + (east - west) * part / 4 for part in range(5)]
    ring = [[turned(lon), south] for lon in lons] + [[turned(lon), south + 10.0] for lon in lons[::-1]]
    return [*ring, ring[0]]


def spiral(west: float, east: float) -> list[list[float]]:
    """A stripe that winds round the earth, each time further north, and meets itself nowhere."""
    lons = [west + (east - west) * part / 8 for part in range(9)]
    ring = [[turned(lon), lon / 40.0] for lon in lons] + [[turned(lon), lon / 40.0 + 2.0] for lon in lons[::-1]]
    return [*ring, ring[0]]


# fmt: off
FAULTS = [
    (None, ".type", "a zone is an area"),
    ({"type": "Point", "coordinates": [4, 51]}, ".type", "a zone is an area"),
    (polygon(), ".coordinates", "write the outline"),
    ({"type": "Polygon"}, ".coordinates", "write the outline"),
    (many(), ".coordinates", "write the polygons"),
    (many([SQUARE], []), ".coordinates[1]", "write the outline"),
    (polygon(SQUARE, []), ".coordinates[1]", "write the positions"),
    (polygon(SQUARE[:2] + SQUARE[:1]), ".coordinates[0]", "at least 4 positions"),
    (polygon(SQUARE[:-1]), ".coordinates[0]", "not closed"),
    (polygon([*SQUARE[:-1], [4.0, 51.0000001]]), ".coordinates[0]", "not closed"),
    (polygon([[4.0, nan], *SQUARE[1:]]), ".coordinates[0][0]", "finite numbers"),
    (polygon([SQUARE[0], [inf, 51.0], *SQUARE[2:]]), ".coordinates[0][1]", "finite numbers"),
    (polygon([SQUARE[0], ["4", 51.0], *SQUARE[2:]]), ".coordinates[0][1]", "finite numbers"),
    (polygon([SQUARE[0], [True, 51.0], *SQUARE[2:]]), ".coordinates[0][1]", "finite numbers"),
    (polygon([SQUARE[0], [10**400, 51.0], *SQUARE[2:]]), ".coordinates[0][1]", "finite numbers"),
    (polygon([SQUARE[0], [4.5], *SQUARE[2:]]), ".coordinates[0][1]", "[longitude, latitude]"),
    (polygon([SQUARE[0], [4.5, 51, 0, 0], *SQUARE[2:]]), ".coordinates[0][1]", "[longitude, latitude]"),
    (polygon([[155_000, 463_000]] * 5), ".coordinates[0][0][0]", "WGS84, not RD"),
    (polygon([[lat, lon + 90] for lon, lat in SQUARE]), ".coordinates[0][0][1]", "swapped"),
    (polygon([[175.0, 95.0], *SQUARE]), ".coordinates[0][0][1]", "latitude is from -90 to 90 degrees: write WGS84"),
    (polygon([[4.0, 90.0], *SQUARE[1:4], [4.0, 90.0]]), ".coordinates[0][0][1]", "a corner at a pole"),
    (polygon([[0, 80], [120, 80], [-120, 80], [0, 80]]), ".coordinates[0]", "round a pole"),
    (polygon([[0, 80], [120, 80], [240, 80], [360, 80]]), ".coordinates[0]", "round a pole"),
    (polygon([[-360, 40], [360, 40], [360, 50], [-360, 50], [-360, 40]]), ".coordinates[0]", "more than once"),
    (polygon(spiral(0.0, 400.0)), ".coordinates[0]", "round the earth more than once"),
    (many([stripe(0, 300, 0)], [stripe(-100, 200, 20)]), ".coordinates", "round the earth more than once"),
    (many([stripe(0, 350, 0)], [stripe(-9, 1, 2)]), ".coordinates[0][0]", "crosses or touches itself"),
    (polygon(moved(SQUARE, 200.0)), ".coordinates[0]", "beyond 180"),
    (polygon(moved(SQUARE, -200.0)), ".coordinates[0]", "beyond 180"),
    (polygon([SQUARE[n] for n in (0, 2, 1, 3, 0)]), ".coordinates[0][0]", "touches itself at longitude 4.25"),
    (polygon(SQUARE, [HOLE[0], HOLE[2], HOLE[1], HOLE[3], HOLE[0]]), ".coordinates[1][0]", "crosses or touches itself"),
    (polygon(SQUARE, moved(HOLE, 5.0)), ".coordinates[1][0]", "a hole lies outside"),
    (polygon(SQUARE, HOLE, HOLE_IN_HOLE), ".coordinates[2][0]", "a hole lies inside another"),
    (many([SQUARE], [moved(SQUARE, 0.1)]), ".coordinates[0][0]", "crosses or touches itself"),
    (many([SQUARE], [HOLE]), ".coordinates[1][0][0]", "one part lies inside another"),
    (many([moved(SQUARE, 175.7)], [moved(SQUARE, 175.8)]), ".coordinates[0][0]", "crosses or touches itself"),
    (polygon([[4.0, 51.0]] * 4), ".coordinates[0][0]", "no area"),
    (polygon([[4.0 + n / 1e6, 51.0] for n in range(POSITIONS_MAX + 1)]), ".coordinates[0]", "simplify the outline"),
    (many(*[[moved(HOLE, n / 100)] for n in range(3000)]), "", "at most 10,000"),
]
# fmt: on


@pytest.mark.parametrize(("geometry", "path", "mend"), FAULTS, ids=range(len(FAULTS)))
def test_a_fault_has_its_ring_position_and_mend(geometry: object, path: str, mend: str) -> None:
    with pytest.raises(ShapeFault) as caught:
        read_polygons(geometry)
    assert caught.value.path.startswith(path)
    assert mend in caught.value.mend
    assert "\n" not in str(caught.value)


def test_a_crossing_names_both_edges() -> None:
    with pytest.raises(ShapeFault) as caught:
        read_polygons(polygon([[178, 10], [-178, 14], [-178, 10], [178, 14], [178, 10]]))
    assert caught.value.path == ".coordinates[0][0]"
    assert isinstance(caught.value.value, Reason)
    assert "at longitude 180, latitude 12, on the edges from" in caught.value.mend.replace("-180", "180")
    assert ".coordinates[0][2]" in caught.value.mend


def test_a_ring_that_is_not_closed_names_both_ends() -> None:
    with pytest.raises(ShapeFault) as caught:
        read_polygons(polygon(SQUARE, HOLE[:-1]))
    assert caught.value.path == ".coordinates[1]"
    assert caught.value.mend.startswith("the ring is not closed: position 3 is not position 0")
    assert caught.value.value == "[4.1, 51.1] to [4.2, 51.1]"


def test_what_is_right_is_taken_as_it_is() -> None:
    shape = read_polygons(polygon(SQUARE, HOLE))
    assert shape.parts == ((tuple(map(tuple, SQUARE)), tuple(map(tuple, HOLE))),)
    with_altitude = polygon([[*position, 3.0] for position in SQUARE])
    assert read_polygons(with_altitude).parts == ((tuple(map(tuple, SQUARE)),),)
    assert read_polygons(polygon(tuple(map(tuple, SQUARE)))).parts == ((tuple(map(tuple, SQUARE)),),)


@pytest.mark.parametrize("lon", [179.9, -179.9])
def test_a_ring_across_the_antimeridian_runs_on(lon: float) -> None:
    shape = read_polygons(polygon([[179.0, 0.0], [-179.0, 0.0], [-179.0, 1.0], [179.0, 1.0], [179.0, 0.0]]))
    assert shapely.Polygon(shape.parts[0][0]).area == 2.0
    assert distance_m(shape, 0.5, lon) < -50_000.0


def test_a_hole_on_the_other_side_of_it_stays_in_its_outline() -> None:
    outline = [[179.0, 0.0], [-179.0, 0.0], [-179.0, 1.0], [179.0, 1.0], [179.0, 0.0]]
    hole = [[-179.8, 0.4], [-179.6, 0.4], [-179.6, 0.6], [-179.8, 0.6], [-179.8, 0.4]]
    shape = read_polygons(polygon(outline, hole))
    assert distance_m(shape, 0.5, -179.7) > 0.0
    assert distance_m(shape, 0.5, 179.7) < 0.0


def test_parts_that_were_cut_there_are_one_again() -> None:
    east = [[179.0, 0.0], [180.0, 0.0], [180.0, 1.0], [179.0, 1.0], [179.0, 0.0]]
    west = [[-180.0, 0.0], [-179.0, 0.0], [-179.0, 1.0], [-180.0, 1.0], [-180.0, 0.0]]
    shape = read_polygons(many([east], [west]))
    assert len(shape.parts) == 1
    assert distance_m(shape, 0.5, 180.0) == pytest.approx(distance_m(shape, 0.5, -180.0))
    assert distance_m(shape, 0.5, 180.0) < -50_000.0, "no boundary where they were cut"
    apart = read_polygons(many([east], [moved(west, 0.5)]))
    assert len(apart.parts) == 2


@given(
    angles=st.lists(st.floats(0.0, 6.28), min_size=4, max_size=8, unique=True),
    width=st.floats(0.01, 60.0),
    lat=st.floats(-50.0, 50.0),
    share=st.floats(-0.3, 0.3),
)
def test_what_was_cut_at_the_antimeridian_is_as_before(
    angles: list[float], width: float, lat: float, share: float
) -> None:  # fmt: skip
    lons, lats = 180.0 + width * (share + np.cos(sorted(angles))) / 2, lat + width * np.sin(sorted(angles)) / 2
    whole = shapely.Polygon(np.column_stack([lons, lats]))
    halves = [shapely.intersection(whole, shapely.box(*ends)) for ends in ((90, -90, 180, 90), (180, -90, 270, 90))]
    if not whole.is_valid or any(half.geom_type != "Polygon" or half.area < 1e-9 for half in halves):
        return
    east, west = halves[0], translate(halves[1], -360.0)
    for parts in ([east, west], [west, east]):
        read = read_polygons(many(*(mapping(part)["coordinates"] for part in parts)))
        assert len(read.parts) == 1
        spots = shapely.get_coordinates(shapely.segmentize(whole, width / 3))
        spots = np.concatenate([whole.centroid.coords, spots + 0.01 * width, [[180.0, lat]]])
        own = [turned(lon) for lon in spots[:, 0]]
        uncut = closed([(float(lon), float(north)) for lon, north in whole.exterior.coords])
        expected_m = distances_m(Polygons(((uncut,),)), spots[:, 1], own)
        assert distances_m(read, spots[:, 1], own) == pytest.approx(expected_m, abs=0.005, rel=1e-5)


def test_a_hole_that_was_cut_there_is_one_again() -> None:
    whole = shapely.box(178, 0, 182, 4) - shapely.box(179.5, 1, 180.5, 2)
    east = shapely.intersection(whole, shapely.box(90, -90, 180, 90))
    west = translate(shapely.intersection(whole, shapely.box(180, -90, 270, 90)), -360.0)
    read = read_polygons(many(*(mapping(part)["coordinates"] for part in (east, west))))
    assert [len(part) for part in read.parts] == [2]
    assert distance_m(read, 1.5, 180.0) > 50_000.0
    assert distance_m(read, 2.5, 180.0) < -50_000.0


def test_what_overlaps_across_the_antimeridian_is_refused() -> None:
    with pytest.raises(ShapeFault, match="crosses or touches itself"):
        read_polygons(many([stripe(100.0, 180.0, 0.0)], [stripe(-180.0, -100.0, 5.0)], [stripe(170.0, 190.0, 3.0)]))


@pytest.mark.parametrize("order", [[0, 1, 2], [1, 0, 2], [2, 1, 0]])
def test_parts_are_placed_so_that_one_turn_holds_them(order: list[int]) -> None:
    # nearest to the first lie 170 to 190 and -194 to -164: more than a turn, though the earth has room for both
    parts = [stripe(-1.0, 1.0, 0.0), stripe(170.0, 190.0, 20.0), stripe(-194.0, -164.0, 0.0)]
    read = read_polygons(many(*([parts[place]] for place in order)))
    corners = [lon for part in read.parts for lon, _ in part[0]]
    assert max(corners) - min(corners) <= 360.0
    for lat, lon, inside in (
        (5.0, 0.5, True), (25.0, 175.0, True), (25.0, -175.0, True), (5.0, 167.0, True), (5.0, -165.0, True),
        (5.0, 160.0, False), (25.0, 165.0, False), (25.0, -165.0, False), (5.0, -160.0, False), (15.0, 180.0, False),
    ):  # fmt: skip
        assert (distance_m(read, lat, lon) < 0.0) == inside


def test_parts_far_apart_stay_parts() -> None:
    shape = read_polygons(many([SQUARE], [moved(SQUARE, 170.0)], [moved(SQUARE, -170.0)]))
    assert len(shape.parts) == 3
    for lon in (4.2, 174.2, -165.8):
        assert covers(shape, 51.2, lon)
        assert distance_m(shape, 51.2, lon) < 0.0


json_values = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers(-400, 400) | st.text(max_size=5),
    lambda values: st.lists(values, max_size=5) | st.dictionaries(st.sampled_from(["type", "coordinates"]), values),
    max_leaves=30,
)
positions = st.lists(st.floats(-400.0, 400.0) | st.integers(-190, 190), min_size=2, max_size=2)
rings = st.lists(positions, max_size=7).map(lambda ring: [*ring, ring[0]] if ring else ring)


@given(geometry=json_values | st.builds(lambda kind, raw: {"type": kind, "coordinates": raw},
                                        st.sampled_from(["Polygon", "MultiPolygon"]), json_values))  # fmt: skip
def test_no_value_raises_anything_else(geometry: object) -> None:
    with pytest.raises(ShapeFault):
        read_polygons(geometry)


@given(parts=st.lists(st.lists(rings, min_size=1, max_size=3), min_size=1, max_size=3))
def test_rings_are_taken_or_refused(parts: list[list[list[list[float]]]]) -> None:
    try:
        shape = read_polygons(many(*parts))
    except ShapeFault:
        return
    assert all(shapely.Polygon(part[0], part[1:]).is_valid for part in shape.parts)


GRID = [(lat, lon) for lat in (-75, -42, -15, 0, 10, 33, 62) for lon in (-180, -179.5, -150, -95.5, 0, 30, 119.5, 180)]
tens = st.integers(-18, 18).map(lambda place: place * 10.0)
corners_of_tens = st.lists(st.tuples(tens, tens.map(lambda lat: lat / 2 - 5 * (lat == 180))), min_size=3, max_size=6)
stripes = st.builds(
    lambda west, width, south: stripe(west, west + width, south),
    tens, st.sampled_from([10.0, 60.0, 200.0, 350.0, 360.0]), st.integers(-8, 7).map(lambda row: row * 10.0),
)  # fmt: skip


@given(outlines=st.lists(stripes | corners_of_tens.map(lambda ring: [*ring, ring[0]]), min_size=1, max_size=4))
def test_what_is_taken_covers_what_it_covers_on_earth(outlines: list[list[list[float]]]) -> None:
    try:
        shape = read_polygons(many(*([outline] for outline in outlines)))
    except ShapeFault:
        return
    found = distances_m(shape, [lat for lat, _ in GRID], [lon for _, lon in GRID]) <= 0.0
    assert list(found) == [covers(shape, lat, lon) for lat, lon in GRID]
