# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The victim-proximity monitor authors
"""Every case of three test suites of others: points in polygons, and areas across the antimeridian."""

import json
import os
from collections import Counter
from pathlib import Path
from typing import Any, Final

import numpy as np
import pytest
import shapely
from shapely.geometry import mapping, shape

from proximity.geo.shapes import ShapeFault, read_polygons
from proximity.model.orders import Polygons
from tests.geo.places import closed, distances_m

DATA: Final = Path(__file__).parents[1] / "data"
TO_DEGREES: Final = 2.0**-12  # a power of two: coordinates up to 1,000 fit, and nothing is rounded
LOCATIONS: Final = {"INTERIOR": -1.0, "BOUNDARY": 0.0, "EXTERIOR": 1.0}
MATRIX_PLACES: Final = {"A": (0, 1, 2), "B": (0, 3, 6)}  # of a point's interior with inside, boundary, outside
POINTS: Final = 20 if os.environ.get("NUMBA_DISABLE_JIT") == "1" else 400


def lines(name: str) -> list[dict[str, Any]]:
    text = (DATA / "point_in_polygon" / name).read_text(encoding="utf-8")
    return [json.loads(line) for line in text.splitlines()]


RINGS: Final = lines("point_in_ring_cases.jsonl")
AREAS: Final = lines("point_polygon_cases.jsonl")
INPUTS: Final = sorted((DATA / "antimeridian" / "input").glob("*.json"))


def small(text: str) -> Any:  # noqa: ANN401 - whatever geometry the text holds
    return shapely.transform(shapely.from_wkt(text), lambda corners: corners * TO_DEGREES)


def points_of(geometry: shapely.Geometry) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
    return shapely.get_coordinates(geometry)


@pytest.mark.parametrize("case", RINGS, ids=range(len(RINGS)))
def test_a_point_in_a_ring(case: dict[str, Any]) -> None:
    ring = closed([(float(x), float(y)) for x, y in points_of(small(case["polygon"]))])
    ((lon_deg, lat_deg),) = points_of(small(f"POINT ({case['x']!r} {case['y']!r})"))
    (found_m,) = distances_m(Polygons(((ring,),)), [lat_deg], [lon_deg])
    assert np.sign(found_m) == LOCATIONS[case["location"]]


@pytest.mark.parametrize("case", AREAS, ids=range(len(AREAS)))
def test_points_and_an_area(case: dict[str, Any]) -> None:
    area, points = small(case["polygon"]), points_of(small(case["point"]))
    if area.is_empty:
        with pytest.raises(ShapeFault):
            read_polygons(mapping(area))
        return
    if shapely.get_parts(area)[0].is_empty:  # MULTIPOLYGON (EMPTY, (...)): GeoJSON can say that only as a fault
        area = shapely.get_parts(area)[1]
    zone = read_polygons(mapping(area))
    signs = set(np.sign(distances_m(zone, points[:, 1], points[:, 0])))
    if case["relate"] is not None and len(points):
        matrix = case["relate"]
        assert signs == {sign for place, sign in zip(MATRIX_PLACES[case["point_operand"]], (-1, 0, 1), strict=True)
                         if matrix[place] == "0"}  # fmt: skip
    if case["location"] is not None:
        assert signs == {LOCATIONS[case["location"]]}
    covered = [area.covers(shapely.Point(point)) for point in points]
    assert [sign <= 0.0 for sign in np.sign(distances_m(zone, points[:, 1], points[:, 0]))] == covered


def test_no_case_is_passed_over() -> None:
    assert (len(RINGS), len(AREAS), len(INPUTS)) == (26, 123, 33)
    judged = [case for case in AREAS if "EMPTY" not in case["polygon"] and case["point"] != "POINT EMPTY"]
    assert Counter(case["relate"] is not None for case in judged) == {True: 51, False: 40}


def outcome(path: Path) -> str:
    """What becomes of an input: judged, or why not."""
    try:
        read_polygons(json.loads(path.read_text(encoding="utf-8")))
    except ShapeFault as fault:
        return fault.mend
    return "judged"


REFUSED: Final = {
    "extra-crossing": "round a pole", "force-north-pole": "round a pole", "issues-124": "round a pole",
    "issues-164": "round a pole", "issues-171": "round a pole", "north-pole": "round a pole",
    "overlap": "round a pole", "south-pole": "round a pole", "issues-182": "crosses or touches itself",
    "issues-187": "not closed", "line": "a zone is an area", "multi-line": "a zone is an area",
}  # fmt: skip
SAME_AS: Final = {  # there is no expected file for these
    "one-ccw-hole": "flat/one-hole.json", "simple-with-ccw-hole": "input/simple-with-ccw-hole.json",
}  # fmt: skip
BY_WINDING: Final = (
    "both-poles"  # holds both poles only by the sense of its ring, which we do not ask (RFC 7946, 3.1.6)
)


@pytest.mark.parametrize("path", INPUTS, ids=lambda path: path.stem)
def test_an_area_at_the_antimeridian(path: Path) -> None:
    found = outcome(path)
    if path.stem in REFUSED:
        assert REFUSED[path.stem] in found
        return
    assert found == "judged"
    zone = read_polygons(json.loads(path.read_text(encoding="utf-8")))
    expected_file = DATA / "antimeridian" / SAME_AS.get(path.stem, f"flat/{path.name}")
    expected = shape(json.loads(expected_file.read_text(encoding="utf-8")))
    corners = np.array([corner for part in zone.parts for corner in part[0]])
    low, high = corners.min(axis=0), corners.max(axis=0)
    chance = np.random.default_rng(len(path.stem))
    lons, lats = (
        chance.uniform(*ends, POINTS) for ends in zip(low - (high - low) / 4, high + (high - low) / 4, strict=True)
    )
    lons, lats = (lons + 540.0) % 360.0 - 180.0, np.clip(lats, -89.9, 89.9)
    inside = shapely.intersects_xy(expected, lons, lats)
    assert 0 < inside.sum() < POINTS
    expected_inside = ~inside if path.stem == BY_WINDING else inside
    assert list(distances_m(zone, lats, lons) <= 0.0) == list(expected_inside)
