# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The victim-proximity monitor authors
"""Signed distance to a zone's boundary: negative inside, 0 on it.

Whether a position is inside is decided in longitude and latitude, where GeoJSON's edges are straight (RFC 7946, 3.1.1),
and exactly. How far the boundary is, is decided in space: every edge is cut into pieces so short that their chords lie
within a millimetre of it on the map; the nearest point of the nearest chord is brought up to the ground, and the
distance to it taken as between two fixes. So no plane is laid on the ground, and the antimeridian is like any other.
"""

from math import inf, isnan, sqrt
from typing import NamedTuple

import numpy as np

from proximity.kernels.arrays import Bytes, Floats, Ints
from proximity.kernels.compiled import compiled
from proximity.kernels.geodesy import distance_m, lift
from proximity.kernels.plane import side as side_of_line

CIRCLE = 0
POLYGONS = 1
BLOCK = 8  # edges or pieces that are passed over together
TURN_DEG = 360.0
WITHOUT = 1.0  # senses: the wearer must stay out of the zone, or in it
WITHIN = -1.0
NOT_PASSED = 0
PASSED = 1
ON_EDGE = 2


class ZoneArrays(NamedTuple):
    """All zones, flat. Edges and pieces come in blocks of `BLOCK`, the last one of a zone filled up with its last."""

    shape: Bytes  # (zones,) CIRCLE or POLYGONS
    centre: Floats  # (zones, 3) earth-centred
    radius_m: Floats  # (zones,) of the circle, along the ground; 0 of polygons
    west_deg: Floats  # (zones,) all longitudes of the zone lie in west_deg .. west_deg + 360
    first_edges: Ints  # (zones + 1,) blocks of edges of zone i: first_edges[i] .. first_edges[i + 1]
    edge_boxes: Floats  # (edge blocks, 3) least and greatest latitude, greatest longitude of a block, degrees
    edges: Floats  # (edge blocks * BLOCK, 4) lon, lat, lon, lat in degrees, the second end not the lower
    first_pieces: Ints  # (zones + 1,) likewise of pieces
    piece_balls: Floats  # (piece blocks, 4) a ball round the block: its earth-centred centre and its radius, metres
    pieces: Floats  # (piece blocks * BLOCK, 7) a chord: start, run (earth-centred metres), 1 / its length squared
    sense: Floats  # (zones,) WITHOUT or WITHIN


@compiled
def within_frame(west_deg: float, lon_deg: float) -> float:
    """The longitude as a zone counts it, from west_deg to below west_deg + 360; NaN for NaN."""
    if lon_deg < west_deg:
        turned_deg = lon_deg + TURN_DEG
        return turned_deg if turned_deg < west_deg + TURN_DEG else west_deg  # rounded up to where a turn ends
    if lon_deg >= west_deg + TURN_DEG:
        return lon_deg - TURN_DEG
    return lon_deg


@compiled
def pass_of_edge(x1: float, y1: float, x2: float, y2: float, lat_deg: float, lon_deg: float) -> int:
    """Whether the way due east from a point passes an edge (lon, lat, lon, lat; the second end not the lower): exact.

    An edge's lower end belongs to it, its upper end does not, so that a corner is passed once.
    """
    if lat_deg < y1 or lat_deg > y2 or lon_deg > max(x1, x2):
        return NOT_PASSED
    if y1 == y2:
        return ON_EDGE if lon_deg >= min(x1, x2) else NOT_PASSED
    left = side_of_line(x1, y1, x2, y2, lon_deg, lat_deg)
    if left == 0.0:
        return ON_EDGE
    return PASSED if left > 0.0 and lat_deg < y2 else NOT_PASSED


@compiled
def side_of_edges(boxes: Floats, edges: Floats, first: int, last: int, lat_deg: float, lon_deg: float) -> float:
    """-1 inside the polygons of some blocks of edges, 1 outside, 0 on an edge: exact.

    By the number of edges that are passed on the way east, so that the order and the sense of rings do not matter.
    """
    passed = 0
    for block in range(first, last):
        if lat_deg < boxes[block, 0] or lat_deg > boxes[block, 1] or lon_deg > boxes[block, 2]:
            continue
        for edge in range(block * BLOCK, (block + 1) * BLOCK):
            how = pass_of_edge(edges[edge, 0], edges[edge, 1], edges[edge, 2], edges[edge, 3], lat_deg, lon_deg)
            if how == ON_EDGE:
                return 0.0
            passed += how
    return -1.0 if passed % 2 else 1.0


@compiled
def nearest_in_block(
    pieces: Floats, block: int, x: float, y: float, z: float, nearest: float, found: int
) -> tuple[float, int]:  # fmt: skip
    """The nearer of the nearest piece so far and those of one block: the square of its chord, and the piece."""
    for piece in range(block * BLOCK, (block + 1) * BLOCK):
        square = chord_squared(pieces, piece, x, y, z, part_of_piece(pieces, piece, x, y, z))
        if square < nearest:
            nearest = square
            found = piece
    return nearest, found


@compiled
def part_of_piece(pieces: Floats, piece: int, x: float, y: float, z: float) -> float:
    """Which part of a piece has been walked where it is nearest to an earth-centred position."""
    along = (
        (x - pieces[piece, 0]) * pieces[piece, 3]
        + (y - pieces[piece, 1]) * pieces[piece, 4]
        + (z - pieces[piece, 2]) * pieces[piece, 5]
    )
    return float(min(1.0, max(0.0, along * pieces[piece, 6])))


@compiled
def chord_squared(pieces: Floats, piece: int, x: float, y: float, z: float, part: float) -> float:
    """The square of the chord from an earth-centred position to a part of a piece."""
    dx = x - pieces[piece, 0] - part * pieces[piece, 3]
    dy = y - pieces[piece, 1] - part * pieces[piece, 4]
    dz = z - pieces[piece, 2] - part * pieces[piece, 5]
    return float(dx * dx + dy * dy + dz * dz)


@compiled
def to_ball_squared(balls: Floats, block: int, x: float, y: float, z: float) -> float:
    """The square of the chord from an earth-centred position to the centre of a block's ball."""
    dx = x - balls[block, 0]
    dy = y - balls[block, 1]
    dz = z - balls[block, 2]
    return float(dx * dx + dy * dy + dz * dz)


@compiled
def boundary_distance_m(
    balls: Floats, pieces: Floats, first: int, last: int, x: float, y: float, z: float
) -> float:  # fmt: skip
    """Distance along the ground in metres from an earth-centred position to the nearest of some blocks of pieces."""
    start = first
    least = inf
    for block in range(first, last):
        square = to_ball_squared(balls, block, x, y, z)
        if square < least:
            least = square
            start = block
    nearest, found = nearest_in_block(pieces, start, x, y, z, inf, start * BLOCK)
    nearest_m = sqrt(nearest)
    for block in range(first, last):
        reach_m = nearest_m + balls[block, 3]
        if block != start and to_ball_squared(balls, block, x, y, z) < reach_m * reach_m:
            nearest, found = nearest_in_block(pieces, block, x, y, z, nearest, found)
            nearest_m = sqrt(nearest)
    part = part_of_piece(pieces, found, x, y, z)
    near_x, near_y, near_z = lift(
        pieces[found, 0] + part * pieces[found, 3],
        pieces[found, 1] + part * pieces[found, 4],
        pieces[found, 2] + part * pieces[found, 5],
    )
    return distance_m(x, y, z, near_x, near_y, near_z)


@compiled
def signed_distance_m(
    zones: ZoneArrays, zone: int, lat_deg: float, lon_deg: float, x: float, y: float, z: float
) -> float:  # fmt: skip
    """Distance in metres along the ground from a position to the zone's boundary, negative inside; NaN gives NaN.

    The position stands twice: in degrees, longitude -180 to 180, and earth-centred. Of a polygon the sign is exact,
    the distance within 1 cm to 10 km and 1e-5 of it beyond.
    """
    if isnan(x + y + z):
        return np.nan
    if zones.shape[zone] == CIRCLE:
        centre = zones.centre
        return distance_m(x, y, z, centre[zone, 0], centre[zone, 1], centre[zone, 2]) - float(zones.radius_m[zone])
    blocks = zones.first_edges
    side = side_of_edges(
        zones.edge_boxes, zones.edges, blocks[zone], blocks[zone + 1], lat_deg,
        within_frame(zones.west_deg[zone], lon_deg),
    )  # fmt: skip
    blocks = zones.first_pieces
    return side * boundary_distance_m(zones.piece_balls, zones.pieces, blocks[zone], blocks[zone + 1], x, y, z)


@compiled
def allowed_m(
    zones: ZoneArrays, zone: int, lat_deg: float, lon_deg: float, x: float, y: float, z: float
) -> float:  # fmt: skip
    """How far a position is on the side of the boundary where the wearer may be, negative where not; NaN gives NaN."""
    return float(zones.sense[zone]) * signed_distance_m(zones, zone, lat_deg, lon_deg, x, y, z)


@compiled
def signed_distances_m(
    zones: ZoneArrays, zone: int, lat_deg: Floats, lon_deg: Floats, position: Floats, out_m: Floats
) -> None:  # fmt: skip
    """Fill `out_m` (n,) with the signed distances of n positions to one zone, as `signed_distance_m` has them.

    `position` is (n, 3). Takes the zone's arrays in hand once: that costs as much as the distance to a small zone.
    """
    boxes, edges, west_deg = zones.edge_boxes, zones.edges, zones.west_deg[zone]
    balls, pieces = zones.piece_balls, zones.pieces
    edge, last_edge = zones.first_edges[zone], zones.first_edges[zone + 1]
    piece, last_piece = zones.first_pieces[zone], zones.first_pieces[zone + 1]
    is_circle = zones.shape[zone] == CIRCLE
    for row in range(out_m.shape[0]):
        x, y, z = position[row, 0], position[row, 1], position[row, 2]
        if is_circle or isnan(x + y + z):
            out_m[row] = signed_distance_m(zones, zone, lat_deg[row], lon_deg[row], x, y, z)
            continue
        side = side_of_edges(boxes, edges, edge, last_edge, lat_deg[row], within_frame(west_deg, lon_deg[row]))
        out_m[row] = side * boundary_distance_m(balls, pieces, piece, last_piece, x, y, z)
