# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The victim-proximity monitor authors
"""What distances and zones cost, and how wrong they are, beside what is used instead: on the same inputs in one run.

`pytest benchmarks --benchmark-only` runs it; `python -m benchmarks.geometry` makes the page and the picture of it. What
is compiled is called once before it is timed, as the service does when it starts.
"""

from collections.abc import Callable
from itertools import pairwise
from typing import Any, Final

import numpy as np
import pytest
import shapely
import spherely
from pyproj import Geod, Transformer
from pytest_benchmark.fixture import BenchmarkFixture
from rtree.index import Index

from benchmarks.rivals import haversines_m, vincentys_m
from proximity import separation_m
from proximity.geo.grid import box_deg, compile_grid
from proximity.geo.zones import compile_zones
from proximity.kernels.arrays import Floats
from proximity.kernels.geodesy import ecefs, separations_m
from proximity.kernels.grid import nearby_all
from proximity.kernels.zones import signed_distances_m
from proximity.model.orders import Circle, Polygons, Zone
from proximity.model.words import ZoneKind

PAIRS: Final = 2_000
FARTHEST_M: Final = 5_000.0
PLACES: Final = 2_000
TRUTHS: Final = 40  # places at which the slow truth about a zone is worked out
AREA_ZONES: Final = 10_000
GEOD: Final = Geod(ellps="WGS84")
DISTANCE: Final = "distance of a pair up to 5 km"
MIDDLE: Final = (51.92, 4.48)


def time_it(benchmark: BenchmarkFixture, group: str, name: str, items: int, call: Callable[[], Any]) -> Any:  # noqa: ANN401 - what is measured differs
    """Time a call; the report reads what stands in `extra_info`."""
    benchmark.group = group
    benchmark.extra_info.update(what=name, items=items)
    call()
    return benchmark(call)


def error(benchmark: BenchmarkFixture, found_m: Floats, true_m: Floats, at_most_m: float) -> None:
    """Note the worst error, and check it."""
    worst_m = float(np.abs(np.asarray(found_m) - true_m).max())
    benchmark.extra_info["worst_m"] = worst_m
    assert worst_m < at_most_m


@pytest.fixture(scope="module")
def true_m() -> Floats:
    """Distances of 1 m to 5 km, seeded."""
    return np.random.default_rng(2).uniform(1.0, FARTHEST_M, PAIRS)


@pytest.fixture(scope="module")
def places_deg(true_m: Floats) -> Floats:
    """Pairs of places in the Netherlands that far apart: lat, lon, lat, lon."""
    chance = np.random.default_rng(1)
    lat, lon = chance.uniform(51.0, 53.4, PAIRS), chance.uniform(3.5, 7.1, PAIRS)
    other_lon, other_lat, _ = GEOD.fwd(lon, lat, chance.uniform(0.0, 360.0, PAIRS), true_m)
    return np.column_stack((lat, lon, other_lat, other_lon))


def earth_centred(lat_deg: Floats, lon_deg: Floats) -> Floats:
    """(n, 3), as it is kept with each fix."""
    out_m = np.empty((len(lat_deg), 3))
    ecefs(np.ascontiguousarray(lat_deg), np.ascontiguousarray(lon_deg), out_m)
    return out_m


def test_chord(benchmark: BenchmarkFixture, places_deg: Floats, true_m: Floats) -> None:
    """The kernel on coordinates that are kept with each fix."""
    ones, others = (np.ascontiguousarray(earth_centred(*places_deg[:, side : side + 2].T).T) for side in (0, 2))
    found_m = np.empty(PAIRS)
    time_it(benchmark, DISTANCE, "ours, cached", PAIRS, lambda: separations_m(ones, others, found_m))
    error(benchmark, found_m, true_m, 1e-7)


def test_chord_with_a_new_fix(benchmark: BenchmarkFixture, places_deg: Floats, true_m: Floats) -> None:
    """The kernel, and the coordinates of one of the two made anew."""
    lat, lon = (np.ascontiguousarray(column) for column in places_deg[:, :2].T)
    ones, others = np.empty((PAIRS, 3)), np.ascontiguousarray(earth_centred(*places_deg[:, 2:].T).T)
    found_m = np.empty(PAIRS)

    def call() -> None:
        ecefs(lat, lon, ones)
        separations_m(np.ascontiguousarray(ones.T), others, found_m)

    time_it(benchmark, DISTANCE, "ours, one new fix", PAIRS, call)
    error(benchmark, found_m, true_m, 1e-7)


def test_public(benchmark: BenchmarkFixture, places_deg: Floats, true_m: Floats) -> None:
    """`proximity.separation_m`, whole arrays in one call."""
    found_m = time_it(benchmark, DISTANCE, "proximity.separation_m", PAIRS, lambda: separation_m(*places_deg.T))
    error(benchmark, found_m, true_m, 1e-7)


def test_pyproj(benchmark: BenchmarkFixture, places_deg: Floats, true_m: Floats) -> None:
    """Karney's geodesic, whole arrays in one call: the truth, but for what the places were rounded by."""
    lat, lon, other_lat, other_lon = (np.ascontiguousarray(column) for column in places_deg.T)
    found = time_it(benchmark, DISTANCE, "pyproj Geod.inv", PAIRS, lambda: GEOD.inv(lon, lat, other_lon, other_lat))
    error(benchmark, found[2], true_m, 1e-7)


def test_haversine(benchmark: BenchmarkFixture, places_deg: Floats, true_m: Floats) -> None:
    """Haversine, compiled: metres wrong."""
    found_m = np.empty(PAIRS)
    time_it(benchmark, DISTANCE, "haversine, numba", PAIRS, lambda: haversines_m(places_deg, found_m))
    error(benchmark, found_m, true_m, 20.0)


def test_vincenty(benchmark: BenchmarkFixture, places_deg: Floats, true_m: Floats) -> None:
    """Vincenty, compiled."""
    found_m = np.empty(PAIRS)
    time_it(benchmark, DISTANCE, "Vincenty, numba", PAIRS, lambda: vincentys_m(places_deg, found_m))
    error(benchmark, found_m, true_m, 1e-3)


def test_spherely(benchmark: BenchmarkFixture, places_deg: Floats, true_m: Floats) -> None:
    """S2's distance on the sphere, points made before."""
    ones, others = (spherely.points(places_deg[:, side + 1], places_deg[:, side]) for side in (0, 2))
    found_m = time_it(benchmark, DISTANCE, "spherely (S2)", PAIRS, lambda: spherely.distance(ones, others))
    error(benchmark, found_m, true_m, 20.0)


class Area:
    """A star with a hole, places about it, and the truth at some of them."""

    def __init__(self, corners: int) -> None:
        chance = np.random.default_rng(corners)
        hole = max(3, corners // 4)
        self.rings = [self._ring(corners - hole, chance.uniform(600.0, 1000.0, corners - hole)),
                      self._ring(hole, np.full(hole, 300.0))]  # fmt: skip
        self.group = f"signed distance to a zone of {corners} corners"
        self.shape = Polygons((tuple(tuple(map(tuple, ring.tolist())) for ring in self.rings),))
        self.lat, self.lon = chance.uniform(51.90, 51.94, PLACES), chance.uniform(4.45, 4.51, PLACES)

    def _ring(self, corners: int, radii_m: Floats) -> Floats:
        towards = np.linspace(0.0, 360.0, corners, endpoint=False)
        lon, lat, _ = GEOD.fwd(np.full(corners, MIDDLE[1]), np.full(corners, MIDDLE[0]), towards, radii_m)
        ring = np.column_stack((lon, lat))
        return np.vstack((ring, ring[:1]))

    def true_m(self) -> Floats:
        """At the first places: the nearest of points along the edges, a centimetre apart near it, by pyproj."""
        return np.array([self._nearest_m(place) for place in range(TRUTHS)])

    def _nearest_m(self, place: int) -> float:
        least_m = np.inf
        for one, other in (edge for ring in self.rings for edge in pairwise(ring)):
            low, high = 0.0, 1.0
            for _ in range(7):
                parts = np.linspace(low, high, 21)
                lon, lat = (one + parts[:, None] * (other - one)).T
                apart_m = GEOD.inv(lon, lat, np.full(21, self.lon[place]), np.full(21, self.lat[place]))[2]
                best = int(np.argmin(apart_m))
                low, high = parts[max(0, best - 1)], parts[min(20, best + 1)]
                least_m = min(least_m, float(apart_m[best]))
        inside = shapely.contains_xy(self.polygon(), self.lon[place], self.lat[place])
        return -least_m if inside else least_m

    def polygon(self) -> shapely.Polygon:
        """In degrees."""
        return shapely.Polygon(self.rings[0], self.rings[1:])


@pytest.fixture(scope="module", params=[8, 64, 1024])
def area(request: pytest.FixtureRequest) -> Area:
    """Areas of so many corners, all rings included."""
    return Area(request.param)


@pytest.fixture(scope="module")
def truth_m(area: Area) -> Floats:
    """The truth about the first places."""
    return area.true_m()


def test_zone(benchmark: BenchmarkFixture, area: Area, truth_m: Floats) -> None:
    """The kernel: inside or out, and metres to the boundary, all rings."""
    zones = compile_zones([Zone("zone", ZoneKind.EXCLUSION, (), area.shape, 0.0)])
    position, found_m = earth_centred(area.lat, area.lon), np.empty(PLACES)
    time_it(
        benchmark, area.group, "ours", PLACES,
        lambda: signed_distances_m(zones, 0, area.lat, area.lon, position, found_m),
    )  # fmt: skip
    error(benchmark, found_m[:TRUTHS], truth_m, 0.01)
    inside = shapely.contains_xy(area.polygon(), area.lon, area.lat)
    assert list(found_m < 0.0) == list(inside)


def test_zone_shapely(benchmark: BenchmarkFixture, area: Area, truth_m: Floats) -> None:
    """Shapely in a plane that touches at the zone: prepared `contains_xy` and `distance`, points made before."""
    plane = Transformer.from_crs("EPSG:4326", f"+proj=aeqd +lat_0={MIDDLE[0]} +lon_0={MIDDLE[1]} +ellps=WGS84")
    x, y = plane.transform(area.lat, area.lon)
    polygon = shapely.transform(area.polygon(), lambda deg: np.column_stack(plane.transform(deg[:, 1], deg[:, 0])))
    boundary, points = polygon.boundary, shapely.points(x, y)
    shapely.prepare(polygon)
    shapely.prepare(boundary)

    def call() -> Floats:
        inside = shapely.contains_xy(polygon, x, y)
        return np.asarray(np.where(inside, -1.0, 1.0) * shapely.distance(boundary, points))

    name = "shapely, prepared, projected before"
    found_m = time_it(benchmark, area.group, name, PLACES, call)
    error(benchmark, found_m[:TRUTHS], truth_m, 1.0)


def test_zone_spherely(benchmark: BenchmarkFixture, area: Area, truth_m: Floats) -> None:
    """S2 on the sphere, prepared: `contains` and `distance` to the boundary, points made before."""
    polygon = spherely.create_polygon(area.rings[0][:-1].tolist(), [ring[:-1].tolist() for ring in area.rings[1:]])
    boundary, points = spherely.boundary(polygon), spherely.points(area.lon, area.lat)
    spherely.prepare(polygon)
    spherely.prepare(boundary)

    def call() -> Floats:
        return np.asarray(np.where(spherely.contains(polygon, points), -1.0, 1.0) * spherely.distance(boundary, points))

    found_m = time_it(benchmark, area.group, "spherely (S2)", PLACES, call)
    error(benchmark, found_m[:TRUTHS], truth_m, 20.0)


class Country:
    """10,000 area-wide zones, and places near none of them."""

    group = "which of 10,000 area-wide zones are near a fix that is near none"

    def __init__(self) -> None:
        chance = np.random.default_rng(6)
        spots = chance.uniform((51.0, 4.0), (53.0, 7.0), (AREA_ZONES, 2))
        self.zones = [Zone(f"z-{n}", ZoneKind.EXCLUSION, (), Circle(lat, lon, 100.0), 50.0)
                      for n, (lat, lon) in enumerate(spots.tolist())]  # fmt: skip
        self.boxes = np.array([box_deg(zone) for zone in self.zones])
        places = chance.uniform((51.0, 4.0), (53.0, 7.0), (4 * PLACES, 2))
        tree = shapely.STRtree(shapely.box(*self.boxes.T))
        near = tree.query(
            shapely.box(places[:, 1] - 0.002, places[:, 0] - 0.001, places[:, 1] + 0.002, places[:, 0] + 0.001)
        )
        self.lat, self.lon = np.delete(places, near[0], axis=0)[:PLACES].T.copy()


@pytest.fixture(scope="module")
def country() -> Country:
    """Made once."""
    return Country()


def test_grid(benchmark: BenchmarkFixture, country: Country) -> None:
    """The kernel: a flat grid."""
    grid, chosen, radius_m = compile_grid(country.zones), np.ones(PLACES, np.bool_), np.full(PLACES, 20.0)
    found, who = np.empty((2, 100), np.int32)
    count = time_it(
        benchmark, country.group, "ours, flat grid", PLACES,
        lambda: nearby_all(grid, chosen, country.lat, country.lon, radius_m, found, who),
    )  # fmt: skip
    assert count == 0


def test_strtree(benchmark: BenchmarkFixture, country: Country) -> None:
    """Shapely's tree of boxes, all points in one call."""
    tree, points = shapely.STRtree(shapely.box(*country.boxes.T)), shapely.points(country.lon, country.lat)
    found = time_it(benchmark, country.group, "shapely.STRtree, in bulk", PLACES, lambda: tree.query(points))
    assert found.size == 0


def test_rtree(benchmark: BenchmarkFixture, country: Country) -> None:
    """rtree, a point at a time."""
    index = Index((n, tuple(box), None) for n, box in enumerate(country.boxes.tolist()))
    places = [(lon, lat, lon, lat) for lat, lon in zip(country.lat.tolist(), country.lon.tolist(), strict=True)]
    found = time_it(
        benchmark, country.group, "rtree, a point at a time", PLACES,
        lambda: sum(index.count(place) for place in places),
    )  # fmt: skip
    assert found == 0
