# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The victim-proximity monitor authors
"""Every case of three test suites of others: points in polygons, and areas across the antimeridian."""

import json
import os
from collections import Counter
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any, Final

import numpy as np
import pytest
import shapely
from shapely.geometry import mapping, shape

from proximity.geo.shapes import ShapeFault, read_polygons
from tests.geo.places import distances_m

DATA: Final = Path(__file__).parents[1] / "data"
TO_DEGREES: Final = 2.0**-12  # a power of two: coordinates up to 1,000 fit, and nothing is rounded
# POINT (0.95 0.05) is meant to lie on x + y = 1; as doubles the two are less. Times 20 they are whole, and on the line.
IN_DECIMALS: Final = {"robust/TestRobustRelateFloat.xml": 20.0}
LOCATIONS: Final = {"INTERIOR": -1.0, "BOUNDARY": 0.0, "EXTERIOR": 1.0}
MATRIX_PLACES: Final = {"A": (0, 1, 2), "B": (0, 3, 6)}  # of a point's interior with inside, boundary, outside
Predicate = Callable[[bool, bool, bool], bool]  # of whether points lie inside, on the boundary, outside
EITHER: Final[dict[str, Predicate]] = {
    "intersects": lambda inside, touching, _outside: inside or touching,
    "disjoint": lambda inside, touching, _outside: not inside and not touching,
    "touches": lambda inside, touching, _outside: touching and not inside,
    "crosses": lambda inside, _touching, outside: inside and outside,
    "overlaps": lambda _inside, _touching, _outside: False,
    "equalsTopo": lambda _inside, _touching, _outside: False,
}
OF_AREA: Final = EITHER | {
    "covers": lambda _inside, _touching, outside: not outside,
    "contains": lambda inside, _touching, outside: inside and not outside,
    "coveredBy": lambda _inside, _touching, _outside: False,
    "within": lambda _inside, _touching, _outside: False,
}
OF_POINTS: Final = EITHER | {
    "covers": OF_AREA["coveredBy"],
    "contains": OF_AREA["within"],
    "coveredBy": OF_AREA["covers"],
    "within": OF_AREA["contains"],
}
POINTS: Final = 20 if os.environ.get("NUMBA_DISABLE_JIT") == "1" else 400


def lines(name: str) -> list[dict[str, Any]]:
    text = (DATA / "point_in_polygon" / name).read_text(encoding="utf-8")
    return [json.loads(line) for line in text.splitlines()]


RINGS: Final = lines("point_in_ring_cases.jsonl")
AREAS: Final = lines("point_polygon_cases.jsonl")
INPUTS: Final = sorted((DATA / "antimeridian" / "input").glob("*.json"))


def small(text: str, scale: float = 1.0) -> Any:  # noqa: ANN401 - whatever geometry the text holds
    return shapely.transform(shapely.from_wkt(text), lambda corners: corners * scale * TO_DEGREES)


def points_of(geometry: shapely.Geometry) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
    return shapely.get_coordinates(geometry)


@pytest.mark.parametrize("case", RINGS, ids=range(len(RINGS)))
def test_a_point_in_a_ring(case: dict[str, Any]) -> None:
    zone = read_polygons(mapping(small(case["polygon"])))
    ((lon_deg, lat_deg),) = points_of(small(f"POINT ({case['x']!r} {case['y']!r})"))
    (found_m,) = distances_m(zone, [lat_deg], [lon_deg])
    assert np.sign(found_m) == LOCATIONS[case["location"]]


def said_of(case: dict[str, Any]) -> str:
    """What a case says of where its points lie."""
    if "EMPTY" in case["polygon"] and small(case["polygon"]).is_empty:
        return "no area"
    if small(case["point"]).is_empty:
        return "no points"
    if case["relate"] is not None:
        return "matrix"
    return "predicates" if any(name[:-5] in OF_AREA | OF_POINTS for name in case["predicates"]) else "nothing"


def holds(predicate: str, points_are: str, signs: set[float]) -> bool | None:
    """What a predicate such as "covers(A,B)" must be for points with these signs; None for one of distances."""
    name, subject = predicate[:-5], predicate[-4]
    inside, touching, outside = (sign in signs for sign in (-1.0, 0.0, 1.0))
    tables = OF_POINTS if subject == points_are else OF_AREA
    return tables[name](inside, touching, outside) if name in tables else None


@pytest.mark.parametrize("case", AREAS, ids=range(len(AREAS)))
def test_points_and_an_area(case: dict[str, Any]) -> None:
    scale = IN_DECIMALS.get(case["file"], 1.0)
    area, points = small(case["polygon"], scale), points_of(small(case["point"], scale))
    if said_of(case) == "no area":
        with pytest.raises(ShapeFault):
            read_polygons(mapping(area))
        return
    if shapely.get_parts(area)[0].is_empty:  # MULTIPOLYGON (EMPTY, (...)): GeoJSON can say that only as a fault
        with pytest.raises(ShapeFault):
            read_polygons(mapping(area))
        area = shapely.get_parts(area)[1]
    assert area.is_valid == case["valid_polygon"]
    zone = read_polygons(mapping(area))
    each = list(np.sign(distances_m(zone, points[:, 1], points[:, 0])))
    signs = set(each)
    if said_of(case) == "matrix":
        matrix = case["relate"]
        assert signs == {sign for place, sign in zip(MATRIX_PLACES[case["point_operand"]], (-1, 0, 1), strict=True)
                         if matrix[place] == "0"}  # fmt: skip
    if case["location"] is not None:
        assert signs == {LOCATIONS[case["location"]]}
    if signs:
        for predicate, expected in case["predicates"].items():
            assert holds(predicate, case["point_operand"], signs) in {expected, None}, predicate
    # point by point, and for the cases that say nothing
    places = [shapely.Point(point) for point in points]
    assert each == [0.0 if area.touches(place) else -1.0 if area.contains(place) else 1.0 for place in places]


def test_no_case_is_passed_over() -> None:
    assert (len(RINGS), len(AREAS), len(INPUTS)) == (25, 123, 33)
    assert Counter(map(said_of, AREAS)) == {
        "matrix": 52,
        "predicates": 17,
        "nothing": 19,
        "no points": 10,
        "no area": 25,
    }
    assert all(case["valid_polygon"] for case in AREAS)
    assert all(small(case["polygon"]).is_valid for case in RINGS)


def test_the_case_that_means_decimals_is_inside_as_doubles() -> None:
    (case,) = [case for case in AREAS if case["file"] in IN_DECIMALS]
    ((x, y),) = points_of(shapely.from_wkt(case["point"]))
    assert Fraction(float(x)) + Fraction(float(y)) < 1
    assert distances_m(read_polygons(mapping(small(case["polygon"]))), [y * TO_DEGREES], [x * TO_DEGREES])[0] < 0.0


def test_every_name_of_a_predicate_is_understood() -> None:
    names = {predicate[:-5] for case in AREAS for predicate in case["predicates"]}
    assert names - OF_AREA.keys() == {"isWithinDistance"}
    assert OF_AREA.keys() == OF_POINTS.keys()


ROUND_A_POLE: Final = (".coordinates[0]", "round a pole")
NO_AREA: Final = (".type", "a zone is an area")
REFUSED: Final = {
    "extra-crossing": ROUND_A_POLE, "force-north-pole": ROUND_A_POLE, "issues-124": ROUND_A_POLE,
    "issues-164": ROUND_A_POLE, "issues-171": ROUND_A_POLE, "north-pole": ROUND_A_POLE,
    "overlap": ROUND_A_POLE, "south-pole": ROUND_A_POLE, "line": NO_AREA, "multi-line": NO_AREA,
    "issues-182": (".coordinates[0][0]", "crosses or touches itself at longitude 41.677091, latitude 27.556499"),
    "issues-187": (".coordinates[0]", "not closed: position 3 is not position 0"),
}  # fmt: skip
SAME_AS: Final = {  # there is no expected file for these
    "one-ccw-hole": "flat/one-hole.json", "simple-with-ccw-hole": "input/simple-with-ccw-hole.json",
}  # fmt: skip
BY_WINDING: Final = "both-poles"  # holds the poles only by the sense of its ring, which is not asked (RFC 7946, 3.1.6)


def expected_of(path: Path) -> shapely.Geometry:
    file = DATA / "antimeridian" / SAME_AS.get(path.stem, f"flat/{path.name}")
    return shape(json.loads(file.read_text(encoding="utf-8")))


@pytest.mark.parametrize("path", INPUTS, ids=lambda path: path.stem)
def test_an_area_at_the_antimeridian(path: Path) -> None:
    geometry = json.loads(path.read_text(encoding="utf-8"))
    if path.stem in REFUSED:
        with pytest.raises(ShapeFault) as caught:
            read_polygons(geometry)
        assert caught.value.path == REFUSED[path.stem][0]
        assert REFUSED[path.stem][1] in caught.value.mend
        return
    zone, expected = read_polygons(geometry), expected_of(path)
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


def test_those_with_a_pole_and_no_others_are_refused_for_it() -> None:
    areas = [path for path in INPUTS if REFUSED.get(path.stem) != NO_AREA and path.stem != "issues-182"]
    reaching = {path.stem for path in areas if np.abs(points_of(expected_of(path))[:, 1]).max() == 90.0}
    assert reaching - {BY_WINDING} == {name for name, how in REFUSED.items() if how == ROUND_A_POLE}
    assert len(INPUTS) - len(REFUSED) == 21, "so many are judged"
