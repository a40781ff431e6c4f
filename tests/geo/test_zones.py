# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The victim-proximity monitor authors
"""How zones are compiled: pieces close to their edges, balls round their blocks, no seam where a band closes."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyproj import Transformer

from proximity.geo import zones as compiling
from proximity.geo.zones import TooLarge, chords_of, compile_zones, pieces_an_edge, without_seam
from proximity.kernels.zones import BLOCK, CIRCLE, POLYGONS
from proximity.model.orders import Circle, Polygons
from tests.geo.places import GEOD, closed, compiled, distance_m, distances_m, nearest_boundary_m, polygon, star

TO_DEGREES = Transformer.from_crs("EPSG:4978", "EPSG:4979", always_xy=True)


@given(lat=st.floats(-89.0, 89.0), up=st.floats(-0.2, 0.2), across=st.floats(-0.4, 0.4))
def test_the_chords_of_an_edge_keep_to_it(lat: float, up: float, across: float) -> None:
    edge = np.array([[4.0, lat, 4.0 + across, float(np.clip(lat + up, -89.5, 89.5))]])
    chords = chords_of(edge)
    assert len(chords) == pieces_an_edge(edge)[0]
    middles = chords[:, :3] + chords[:, 3:6] / 2
    lons, lats, heights_m = np.array(TO_DEGREES.transform(*middles.T))
    assert heights_m.min() > -0.0101, "below the ground"
    # where the edge, straight in lon/lat, has the same part of its way
    parts = (np.arange(len(chords)) + 0.5) / len(chords)
    on_edge = edge[0, :2] + parts[:, None] * (edge[0, 2:] - edge[0, :2])
    beside = GEOD.inv(lons, lats, on_edge[:, 0], on_edge[:, 1])
    towards, off_m = beside[0], beside[2]
    along = GEOD.inv(np.full(len(chords), edge[0, 0]), np.full(len(chords), edge[0, 1]), on_edge[:, 0], on_edge[:, 1])[
        0
    ]
    assert off_m.max() < 0.0035, "a part of it along the edge, the rest beside it"
    assert np.abs(off_m * np.sin(np.radians(towards - along))).max() < 0.0012 or abs(across) + abs(up) < 1e-6


def test_pieces_follow_one_another_to_the_end_of_the_edge() -> None:
    edges = np.array([[4.0, 52.0, 4.1, 52.05], [4.1, 52.05, 4.1, 52.05], [4.1, 52.05, 4.0, 52.0]])
    chords = chords_of(edges)
    ends = chords[:, :3] + chords[:, 3:6]
    assert np.abs(ends[:-1] - chords[1:, :3]).max() < 1e-8
    assert np.abs(ends[-1] - chords[0, :3]).max() < 1e-8
    still = np.flatnonzero(np.abs(chords[:, 3:6]).sum(axis=1) == 0.0)
    assert list(chords[still, 6]) == [0.0]
    moving = np.delete(chords, still, axis=0)
    assert np.sum(moving[:, 3:6] ** 2, axis=1) * moving[:, 6] == pytest.approx(1.0)


def test_blocks_hold_what_is_in_them() -> None:
    two = Polygons((*polygon(star(51.9, 4.4, [900.0] * 9)).parts, *polygon(star(52.0, 4.4, [90.0] * 3)).parts))
    zones = compiled(Circle(51.92, 4.48, 100.0), two, Circle(0.0, 180.0, 5.0))
    assert list(zones.shape) == [CIRCLE, POLYGONS, CIRCLE]
    assert list(zones.radius_m) == [100.0, 0.0, 5.0]
    assert list(zones.first_edges) == [0, 0, 3, 3], "two blocks of nine edges, one of three"
    assert zones.first_pieces[1] == 0
    assert len(zones.pieces) == BLOCK * zones.first_pieces[-1]
    for block, (*centre, radius_m) in enumerate(zones.piece_balls):
        own = zones.pieces[block * BLOCK : (block + 1) * BLOCK]
        ends = np.concatenate([own[:, :3], own[:, :3] + own[:, 3:6]])
        assert np.linalg.norm(ends - centre, axis=1).max() <= radius_m + 1e-9
    for block, (south, north, east) in enumerate(zones.edge_boxes):
        own = zones.edges[block * BLOCK : (block + 1) * BLOCK]
        assert (own[:, 1] <= own[:, 3]).all()
        assert (own[:, 1].min(), own[:, 3].max(), own[:, ::2].max()) == (south, north, east)
    assert zones.edges[BLOCK - 1].tolist() != zones.edges[BLOCK + 1].tolist()


def test_no_zones_are_empty_arrays() -> None:
    zones = compile_zones([])
    assert (len(zones.shape), len(zones.edges), len(zones.pieces), list(zones.first_edges)) == (0, 0, 0, [0])


def test_a_band_round_the_earth_has_no_seam() -> None:
    band = Polygons(((closed([(-180, 40), (180, 40), (180, 50), (-180, 50)]),),))
    north_m = GEOD.inv(180.0, 45.0, 180.0, 50.0)[2]
    for lon in (179.99, -179.99, 0.0):
        south_m = GEOD.inv(lon, 45.0, lon, 40.0)[2]
        assert distance_m(band, 45.0, lon) == pytest.approx(-min(south_m, north_m), rel=1e-6)
    assert distance_m(band, 39.0, -179.999) == pytest.approx(GEOD.inv(0, 39, 0, 40)[2], rel=1e-6)


def test_a_band_with_unequal_ends_keeps_what_is_boundary() -> None:
    # from 40 to 50 degrees where it begins, to 48 where it ends: two degrees of the meridian are boundary
    edges = np.array([[-180, 40, 180, 40], [180, 40, 180, 48], [180, 48, -180, 50], [-180, 50, -180, 40]], np.float64)
    left, sides = without_seam(edges)
    (kept,) = [sorted((float(edge[1]), float(edge[3]))) for edge in left if edge[0] == edge[2]]
    assert kept == [48.0, 50.0]
    assert len(left) == 3
    assert {tuple(edge) for edge in sides} >= {(180.0, 40.0, 180.0, 48.0), *map(tuple, left)}, "where a way east ends"


BOXES = {"west": (-180, 0, -179, 1.5), "east": (179, 0, 180, 1), "middle": (-1, 0, 1, 1), "alone": (-180, 3, -179, 4)}


def box(west: float, south: float, east: float, north: float) -> list[tuple[float, float]]:
    return [(west, south), (east, south), (east, north), (west, north)]


def test_at_the_seam_itself_the_boundary_is_where_it_is() -> None:
    # from 1 to 5 degrees where the band begins, to 4 where it ends
    band = polygon([(-180, 1), (180, 1), (180, 4), (-180, 5)])
    lats, lons = [2.25, 1.0, 4.0, 4.5, 5.0, 5.5, 0.5], [180.0, -180.0]
    found_m = distances_m(band, lats * 2, np.repeat(lons, len(lats)))
    expected_m = [-GEOD.inv(0, 2.25, 0, 1)[2], 0, 0, 0, 0, GEOD.inv(0, 5.5, 0, 5)[2], GEOD.inv(0, 0.5, 0, 1)[2]]
    assert found_m == pytest.approx(expected_m * 2, rel=1e-5)
    assert list(found_m == 0.0) == [far_m == 0 for far_m in expected_m * 2]


@pytest.mark.parametrize("lon", [180.0, -180.0])
def test_parts_that_meet_at_the_seam_of_their_frame_are_whole_there(lon: float) -> None:
    shape = Polygons(tuple((closed(box(*BOXES[name])),) for name in ("middle", "east", "west")))
    assert distance_m(shape, 0.5, lon) == pytest.approx(-GEOD.inv(180, 0.5, 180, 0)[2], rel=1e-6)
    assert distance_m(shape, 1.25, 179.9) == pytest.approx(GEOD.inv(179.9, 1.25, 180, 1.25)[2], rel=1e-5)
    for lat in (0.0, 1.0, 1.25, 1.5):
        assert distance_m(shape, lat, lon) == 0.0
    assert distance_m(shape, 1.75, lon) > 0.0


@pytest.mark.parametrize("lon", [180.0, -180.0])
def test_a_tip_at_the_seam_is_on_the_boundary(lon: float) -> None:
    tip = closed([(179, 0), (180, 0.5), (179, 1)])
    shape = Polygons(((tip,), *((closed(box(*BOXES[name])),) for name in ("middle", "alone"))))
    assert distance_m(shape, 0.5, lon) == 0.0
    assert distance_m(shape, 0.5625, lon) == pytest.approx(nearest_boundary_m(shape, 0.5625, 180.0, 100.0), abs=0.002)
    assert distance_m(shape, 3.5, lon) == 0.0


@pytest.mark.parametrize("west", [-170.0, -10.0])
def test_a_band_may_begin_anywhere(west: float) -> None:
    band = polygon([(west, 1), (west + 360, 1), (west + 360, 5), (west, 5)])
    lons = [west, float(np.nextafter(west, -np.inf)), 180.0, -180.0, 20.0] * 2
    found_m = distances_m(band, [2.0] * 5 + [0.0] * 5, lons)
    degree_m = [GEOD.inv(0, 2, 0, 1)[2], GEOD.inv(0, 0, 0, 1)[2]]
    assert found_m == pytest.approx([-degree_m[0]] * 5 + [degree_m[1]] * 5, rel=1e-6)


def test_an_outline_that_is_too_long_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compiling, "PIECES_MAX", 10)
    with pytest.raises(TooLarge, match="pieces of some 200 m"):
        compiled(polygon(star(51.9, 4.4, [3000.0] * 4)))
