# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The victim-proximity monitor authors
"""Zones compiled once into the arrays that kernels read."""

from collections.abc import Sequence
from typing import Final, NamedTuple

import numpy as np
import shapely

from proximity.kernels.arrays import Floats, Ints, Longs
from proximity.kernels.geodesy import MEAN_RADIUS_M, ecef, ecefs
from proximity.kernels.zones import BLOCK, CIRCLE, POLYGONS, TURN_DEG, WITHIN, WITHOUT, ZoneArrays
from proximity.model.orders import Circle, Polygons, Zone
from proximity.model.units import Degrees, Metres
from proximity.model.words import ZoneKind

BOW_M: Final[Metres] = 0.001  # how far a chord may lie beside its edge, which is straight in lon/lat (RFC 7946, 3.1.1)
SAG_M: Final[Metres] = 0.01  # and below the ground, up to which its nearest point is lifted anyway
PIECES_MAX: Final = 1_000_000  # of one zone: 60 MB, an outline of some 200,000 km
STEEPEST: Final = (2 / 3) ** 0.5  # the sine at which s (2 - s^2) is largest
TINY_M: Final[Metres] = 1e-12
SHARE_LAST: Final = 1.0 - 1e-9  # the last piece of an edge ends where the edge does, not a rounding beside it


class TooLarge(ValueError):
    """A zone has so long an outline that it cannot be compiled."""


class Boundary(NamedTuple):
    """The arrays of one zone, in blocks; see `ZoneArrays`."""

    centre: Floats
    west_deg: Degrees
    edges: Floats
    pieces: Floats


def pieces_an_edge(edges_deg: Floats) -> Longs:
    """Into how many pieces each edge (lon, lat, lon, lat) is cut, so that their chords keep to `BOW_M` and `SAG_M`.

    A line straight in lon/lat bends from the geodesic by s (2 - s^2) tan(lat) / R, s the sine of its azimuth (on a
    sphere, by differentiating tan(azimuth) = cos(lat) dlon / dlat along it). The chord of a length l lies l^2 / 8 times
    that beside the line, and l^2 / 8 R below the ground.
    """
    lats = np.abs(np.radians(edges_deg[:, 1::2]))
    east_m = np.abs(np.radians(edges_deg[:, 2] - edges_deg[:, 0])) * MEAN_RADIUS_M * np.cos(lats.min(axis=1))
    north_m = np.abs(np.radians(edges_deg[:, 3] - edges_deg[:, 1])) * MEAN_RADIUS_M
    length_m = np.hypot(east_m, north_m)
    # s (2 - s^2) rises to there, and is larger nowhere
    sine = np.minimum(east_m / np.maximum(length_m, TINY_M), STEEPEST)
    bend = sine * (2.0 - sine * sine) * np.tan(lats.max(axis=1))
    longest_m = np.sqrt(8.0 * MEAN_RADIUS_M * np.minimum(BOW_M / np.maximum(bend, TINY_M), SAG_M))
    counts: Longs = np.maximum(1, np.ceil(length_m / longest_m)).astype(np.int64)
    return counts


def in_blocks(rows: Floats, filling: Floats) -> Floats:
    """The rows, and one that changes nothing until they fill blocks."""
    return np.concatenate([rows, np.repeat(filling[None], -len(rows) % BLOCK, axis=0)])


def chords_of(edges_deg: Floats) -> Floats:
    """The pieces of edges (lon, lat, lon, lat) as rows of `ZoneArrays.pieces`."""
    counts = pieces_an_edge(edges_deg)
    if int(counts.sum()) > PIECES_MAX:
        raise TooLarge(f"its outline is too long: it would be cut into {int(counts.sum()):,} pieces of some 200 m")
    first = np.repeat(np.cumsum(counts) - counts, counts)
    share = (np.arange(int(counts.sum())) - first)[:, None] / np.repeat(counts, counts)[:, None]
    own = np.repeat(edges_deg, counts, axis=0)
    step = np.repeat((edges_deg[:, 2:] - edges_deg[:, :2]) / counts[:, None], counts, axis=0)
    starts_deg = own[:, :2] + share * (own[:, 2:] - own[:, :2])
    ends_deg = np.where(share + 1.0 / np.repeat(counts, counts)[:, None] > SHARE_LAST, own[:, 2:], starts_deg + step)
    ends = np.empty((2, len(own), 3))
    ecefs(np.ascontiguousarray(starts_deg[:, 1]), np.ascontiguousarray(starts_deg[:, 0]), ends[0])
    ecefs(np.ascontiguousarray(ends_deg[:, 1]), np.ascontiguousarray(ends_deg[:, 0]), ends[1])
    run = ends[1] - ends[0]
    square = np.sum(run * run, axis=1)
    inverse = np.where(square > 0.0, 1.0 / np.maximum(square, TINY_M), 0.0)
    return np.column_stack([ends[0], run, inverse])


def without_seam(edges_deg: Floats) -> tuple[Floats, Floats]:
    """Of a zone round the whole earth the edges that are boundary, and those that tell inside from outside.

    Where its two ends meet, at its least and greatest longitude, what both have is no boundary; what one has is,
    and is told at the least, where positions there are looked for. The way east still ends at the greatest.
    """
    west_deg, east_deg = edges_deg[:, ::2].min(), edges_deg[:, ::2].max()
    at_west, at_east = ((edges_deg[:, 0] == end_deg) & (edges_deg[:, 2] == end_deg) for end_deg in (west_deg, east_deg))
    west, east = (shapely.union_all(shapely.linestrings(edges_deg[own][:, [1, 1, 3, 3]].reshape(-1, 2, 2) * [1, 0]))
                  for own in (at_west, at_east))  # fmt: skip
    left = [line for line in shapely.get_parts(west.symmetric_difference(east)) if line.length > 0.0]
    lats_deg = np.array([line.coords for line in left]).reshape(-1, 2, 2)[:, :, 0]
    across = edges_deg[~(at_west | at_east)]
    boundary = np.concatenate([across, meridian(west_deg, lats_deg)])
    corners = across.reshape(-1, 2)
    tips_deg = corners[corners[:, 0] == east_deg, 1]
    tips = meridian(west_deg, np.column_stack([tips_deg, tips_deg]))
    return boundary, np.concatenate([boundary, tips, edges_deg[at_east]])


def meridian(lon_deg: Degrees, lats_deg: Floats) -> Floats:
    """Edges along a meridian between pairs of latitudes."""
    lons_deg = np.full(len(lats_deg), lon_deg)
    return np.column_stack([lons_deg, lats_deg[:, 0], lons_deg, lats_deg[:, 1]])


def compile_boundary(shape: Polygons) -> Boundary:
    """The boundary of one zone."""
    rings = [np.array(ring, np.float64) for part in shape.parts for ring in part]
    edges_deg = [np.column_stack([ring[:-1], ring[1:]]) for ring in rings]
    corners = np.concatenate(rings)
    middle_deg = (corners.min(axis=0) + corners.max(axis=0)) / 2
    west_deg, outline = float(middle_deg[0]) - TURN_DEG / 2, edges_deg
    if np.ptp(corners[:, 0]) >= TURN_DEG:
        boundary, sides = without_seam(np.concatenate(edges_deg))
        west_deg, outline, edges_deg = float(corners[:, 0].min()), [boundary], [sides]
    pieces = [chords_of(edges) for edges in outline]
    upward = [np.where(edges[:, 1:2] <= edges[:, 3:4], edges, edges[:, [2, 3, 0, 1]]) for edges in edges_deg]
    return Boundary(
        centre=np.array(ecef(float(middle_deg[1]), float(middle_deg[0]))),
        west_deg=west_deg,
        edges=np.concatenate([in_blocks(edges, edges[-1, [2, 3, 2, 3]]) for edges in upward]),
        pieces=np.concatenate([in_blocks(own, own[-1]) for own in pieces]),
    )


def boxes_of(edges: Floats) -> Floats:
    """The boxes of blocks of edges, as `ZoneArrays.edge_boxes`."""
    blocks = edges.reshape(-1, BLOCK, 4)
    lats_deg, lons_deg = blocks[:, :, 1::2], blocks[:, :, ::2]
    return np.column_stack([lats_deg.min(axis=(1, 2)), lats_deg.max(axis=(1, 2)), lons_deg.max(axis=(1, 2))])


def balls_of(pieces: Floats) -> Floats:
    """The balls of blocks of pieces, as `ZoneArrays.piece_balls`."""
    blocks = pieces.reshape(-1, BLOCK, 7)
    ends = np.concatenate([blocks[:, :, :3], blocks[:, :, :3] + blocks[:, :, 3:6]], axis=1)
    centres = (ends.min(axis=1) + ends.max(axis=1)) / 2
    return np.column_stack([centres, np.sqrt(np.sum((ends - centres[:, None]) ** 2, axis=2)).max(axis=1)])


def compile_zones(zones: Sequence[Zone]) -> ZoneArrays:
    """Flat arrays of all zones, in their order. TooLarge where one cannot be compiled."""
    count = len(zones)
    centre, radius_m, west_deg = np.zeros((count, 3)), np.zeros(count), np.zeros(count)
    edges: list[Floats] = [np.zeros((0, 4))]
    pieces: list[Floats] = [np.zeros((0, 7))]
    own_edges, own_pieces = np.zeros(count, np.int64), np.zeros(count, np.int64)
    for row, zone in enumerate(zones):
        if isinstance(zone.shape, Circle):
            centre[row] = ecef(zone.shape.lat_deg, zone.shape.lon_deg)
            radius_m[row] = zone.shape.radius_m
            continue
        boundary = compile_boundary(zone.shape)
        centre[row], west_deg[row] = boundary.centre, boundary.west_deg
        edges.append(boundary.edges)
        pieces.append(boundary.pieces)
        own_edges[row], own_pieces[row] = len(boundary.edges) // BLOCK, len(boundary.pieces) // BLOCK
    all_edges, all_pieces = np.concatenate(edges), np.concatenate(pieces)
    return ZoneArrays(
        shape=np.array([CIRCLE if isinstance(zone.shape, Circle) else POLYGONS for zone in zones], np.int8),
        centre=centre,
        radius_m=radius_m,
        west_deg=west_deg,
        first_edges=first_of(own_edges),
        edge_boxes=boxes_of(all_edges),
        edges=all_edges,
        first_pieces=first_of(own_pieces),
        piece_balls=balls_of(all_pieces),
        pieces=all_pieces,
        sense=np.array([WITHIN if zone.kind is ZoneKind.INCLUSION else WITHOUT for zone in zones], np.float64),
    )


def first_of(counts: Longs) -> Ints:
    """Where the blocks of each zone begin, and after the last where they end."""
    return np.concatenate([[0], np.cumsum(counts)]).astype(np.int32)
