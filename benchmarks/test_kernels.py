# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The victim-proximity monitor authors
"""What the kernels cost, beside what they replace: `pytest benchmarks --benchmark-only`.

One call is the work of one step in which every one of 5,000 links has moved. Each also
checks its answers. What is compiled is called once before it is timed, as the service does when it starts.
"""

from math import asin, cos, radians, sin, sqrt

import numpy as np
import pytest
import shapely
from pyproj import Geod, Transformer
from pytest_benchmark.fixture import BenchmarkFixture
from scipy.stats import ncx2

from proximity.geo.zones import compile_zones
from proximity.kernels.arrays import Floats
from proximity.kernels.compiled import compiled
from proximity.kernels.geodesy import MEAN_RADIUS_M, ecef, separations_m
from proximity.kernels.probability import within_probability
from proximity.kernels.zones import ZoneArrays, signed_distance_m
from proximity.model.orders import Polygons, Zone
from proximity.model.words import ZoneKind

LINKS = 5_000
FARTHEST_M = 5_000.0
LIMIT_M = 500.0
SIGMA_M = 14.0
CHORD_WITHIN_M = 1e-4
PYPROJ_WITHIN_M = 1e-6
HAVERSINE_WRONG_M = (1.0, 20.0)  # at worst, between
PROBABILITY_WITHIN = 1e-6
CORNERS = 64
ZONE_WIDTH_M = 600.0
SURE = 0.99
FARTHEST_DEG = 0.01  # from any of the places to the zone
EDGE_M = 1.0  # shapely and the kernel split long edges differently: nearer than this to the edge they may disagree
GEOD = Geod(ellps="WGS84")
TO_EARTH_CENTRED = Transformer.from_crs("EPSG:4979", "EPSG:4978", always_xy=True)


@compiled
def haversines_m(places_deg: Floats, out_m: Floats) -> None:
    """Great-circle distances between the places (lat, lon, lat, lon) of the rows: what is often used instead."""
    for row in range(out_m.shape[0]):
        lat, other_lat = radians(places_deg[row, 0]), radians(places_deg[row, 2])
        half_lat = 0.5 * (other_lat - lat)
        half_lon = 0.5 * radians(places_deg[row, 3] - places_deg[row, 1])
        square = sin(half_lat) ** 2 + cos(lat) * cos(other_lat) * sin(half_lon) ** 2
        out_m[row] = 2.0 * MEAN_RADIUS_M * asin(sqrt(square))


@compiled
def probabilities(distance_m: Floats, sigma_m: float, limit_m: float, out: Floats) -> None:
    """The kernel's probability for each row."""
    for row in range(out.shape[0]):
        out[row] = within_probability(distance_m[row], sigma_m, limit_m)


@compiled
def ecef_rows(places_deg: Floats, out_m: Floats) -> None:
    """Fill in the earth-centred positions (n, 3) of places (lat, lon): what a fix costs once, when it comes in."""
    for row in range(out_m.shape[0]):
        out_m[row, 0], out_m[row, 1], out_m[row, 2] = ecef(places_deg[row, 0], places_deg[row, 1])


@compiled
def zone_distances_m(zones: ZoneArrays, positions_m: Floats, out_m: Floats) -> None:
    """The kernel's signed distance of each position to the one zone."""
    for row in range(out_m.shape[0]):
        out_m[row] = signed_distance_m(zones, 0, positions_m[row])


def earth_centred_m(places_deg: Floats) -> Floats:
    """Earth-centred positions (n, 3) of places (lat, lon)."""
    out_m = np.empty((places_deg.shape[0], 3))
    ecef_rows(np.ascontiguousarray(places_deg), out_m)
    return out_m


@pytest.fixture(scope="module")
def true_m() -> Floats:
    """Distances of 1 m to 5 km, seeded."""
    return np.random.default_rng(2).uniform(1.0, FARTHEST_M, LINKS)


@pytest.fixture(scope="module")
def places_deg(true_m: Floats) -> Floats:
    """Pairs of places in the Netherlands that far apart: lat, lon, lat, lon."""
    chance = np.random.default_rng(1)
    lat, lon = chance.uniform(51.0, 53.4, LINKS), chance.uniform(3.5, 7.1, LINKS)
    other_lon, other_lat, _ = GEOD.fwd(lon, lat, chance.uniform(0.0, 360.0, LINKS), true_m)
    return np.column_stack((lat, lon, other_lat, other_lon))


@pytest.fixture(scope="module")
def outline_deg() -> Floats:
    """The closed ring (lon, lat) of a zone of many corners, a star between 300 m and 600 m wide."""
    azimuths_deg = np.linspace(0.0, 360.0, CORNERS, endpoint=False)
    radii_m = np.where(np.arange(CORNERS) % 2 == 0, 1.0, 0.5) * ZONE_WIDTH_M / 2.0
    lon, lat, _ = GEOD.fwd(np.full(CORNERS, 4.48), np.full(CORNERS, 51.92), azimuths_deg, radii_m)
    ring = np.column_stack((lon, lat))
    return np.vstack((ring, ring[:1]))


@pytest.fixture(scope="module")
def near_zone_deg() -> Floats:
    """Places (lat, lon) in and around the zone, seeded."""
    chance = np.random.default_rng(3)
    return np.column_stack((chance.uniform(51.917, 51.923, LINKS), chance.uniform(4.475, 4.485, LINKS)))


@pytest.mark.benchmark(group="separation of 5,000 links")
def test_chord(benchmark: BenchmarkFixture, places_deg: Floats, true_m: Floats) -> None:
    """The kernel: chord and correction between earth-centred positions, which are kept with each fix."""
    ones, others = earth_centred_m(places_deg[:, :2]), earth_centred_m(places_deg[:, 2:])
    found_m = np.empty(LINKS)
    separations_m(ones, others, found_m)  # compiles
    benchmark(separations_m, ones, others, found_m)
    assert np.abs(found_m - true_m).max() < CHORD_WITHIN_M


@pytest.mark.benchmark(group="separation of 5,000 links")
def test_earth_centred(benchmark: BenchmarkFixture, places_deg: Floats) -> None:
    """The kernel that makes those positions, one a link: add it where every wearer has moved."""
    places, found_m = np.ascontiguousarray(places_deg[:, :2]), np.empty((LINKS, 3))
    ecef_rows(places, found_m)  # compiles
    benchmark(ecef_rows, places, found_m)
    true_m = np.column_stack(TO_EARTH_CENTRED.transform(places[:, 1], places[:, 0], np.zeros(LINKS)))
    assert np.abs(found_m - true_m).max() < PYPROJ_WITHIN_M


@pytest.mark.benchmark(group="separation of 5,000 links")
def test_pyproj(benchmark: BenchmarkFixture, places_deg: Floats, true_m: Floats) -> None:
    """The geodesic of pyproj, whole arrays in one call."""
    lat, lon, other_lat, other_lon = places_deg.T
    _, _, found_m = benchmark(GEOD.inv, lon, lat, other_lon, other_lat)
    assert np.abs(found_m - true_m).max() < PYPROJ_WITHIN_M


@pytest.mark.benchmark(group="separation of 5,000 links")
def test_haversine(benchmark: BenchmarkFixture, places_deg: Floats, true_m: Floats) -> None:
    """Haversine, compiled: dearer than the chord, and metres wrong."""
    found_m = np.empty(LINKS)
    haversines_m(places_deg, found_m)  # compiles
    benchmark(haversines_m, places_deg, found_m)
    assert HAVERSINE_WRONG_M[0] < np.abs(found_m - true_m).max() < HAVERSINE_WRONG_M[1]


@pytest.fixture(params=["anywhere", "near the limit"])
def distances_m(request: pytest.FixtureRequest, benchmark: BenchmarkFixture, true_m: Floats) -> Floats:
    """Distances up to 5 km, where most can be cut short; and all of them within three sigma of the limit."""
    benchmark.group = f"probability within a limit, 5,000 links {request.param}"
    if request.param == "anywhere":
        return true_m
    return np.linspace(LIMIT_M - 3.0 * SIGMA_M, LIMIT_M + 3.0 * SIGMA_M, LINKS)


def test_probability(benchmark: BenchmarkFixture, distances_m: Floats) -> None:
    """The kernel: the mass of a circular normal over a disc."""
    found = np.empty(LINKS)
    probabilities(distances_m, SIGMA_M, LIMIT_M, found)  # compiles
    benchmark(probabilities, distances_m, SIGMA_M, LIMIT_M, found)
    truth = ncx2.cdf((LIMIT_M / SIGMA_M) ** 2, 2, (distances_m / SIGMA_M) ** 2)
    assert np.abs(found - truth).max() < PROBABILITY_WITHIN


def test_probability_scipy(benchmark: BenchmarkFixture, distances_m: Floats) -> None:
    """The noncentral chi-square of scipy, whole arrays in one call."""
    found = benchmark(ncx2.cdf, (LIMIT_M / SIGMA_M) ** 2, 2, (distances_m / SIGMA_M) ** 2)
    assert found[distances_m < LIMIT_M - 2.9 * SIGMA_M].min() > SURE


@pytest.mark.benchmark(group="5,000 places against a zone of 64 corners")
def test_zone(benchmark: BenchmarkFixture, outline_deg: Floats, near_zone_deg: Floats) -> None:
    """The kernel: signed distance in metres."""
    ring = tuple((float(lon), float(lat)) for lon, lat in outline_deg)
    zones = compile_zones([Zone("zone", ZoneKind.EXCLUSION, (), Polygons(((ring,),)), 0.0)])
    positions_m, found_m = earth_centred_m(near_zone_deg), np.empty(LINKS)
    zone_distances_m(zones, positions_m, found_m)  # compiles
    benchmark(zone_distances_m, zones, positions_m, found_m)
    inside = shapely.contains_xy(shapely.Polygon(outline_deg), near_zone_deg[:, 1], near_zone_deg[:, 0])
    clear = np.abs(found_m) > EDGE_M
    assert clear.sum() > LINKS // 2
    assert ((found_m < 0.0) == inside)[clear].all()


@pytest.mark.benchmark(group="5,000 places against a zone of 64 corners")
def test_zone_shapely_inside(benchmark: BenchmarkFixture, outline_deg: Floats, near_zone_deg: Floats) -> None:
    """Shapely, prepared, whole arrays in one call: only whether inside."""
    polygon = shapely.Polygon(outline_deg)
    shapely.prepare(polygon)
    inside = benchmark(shapely.contains_xy, polygon, near_zone_deg[:, 1], near_zone_deg[:, 0])
    assert 0 < inside.sum() < LINKS


@pytest.mark.benchmark(group="5,000 places against a zone of 64 corners")
def test_zone_shapely_distance(benchmark: BenchmarkFixture, outline_deg: Floats, near_zone_deg: Floats) -> None:
    """Shapely, prepared, whole arrays in one call: the distance to the boundary, in degrees and without a sign."""
    boundary = shapely.LinearRing(outline_deg)
    shapely.prepare(boundary)
    places = shapely.points(near_zone_deg[:, 1], near_zone_deg[:, 0])
    distances_deg = benchmark(shapely.distance, boundary, places)
    assert 0.0 < distances_deg.min() < distances_deg.max() < FARTHEST_DEG
