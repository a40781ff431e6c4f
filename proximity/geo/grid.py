# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The victim-proximity monitor authors
"""The grid that finds zones near a position (`proximity.kernels.grid`), and the zones that overlap (rtree)."""

from collections.abc import Iterator, Sequence
from typing import Final

import numpy as np
import shapely
from rtree.index import Index
from shapely.affinity import translate

from proximity.kernels.arrays import Floats, Ints, Longs
from proximity.kernels.grid import LEAST_METRES_PER_DEGREE, TURN_DEG, GridArrays, half_width_deg
from proximity.model.orders import Circle, Zone
from proximity.model.units import Degrees, Metres

CELLS_A_ZONE: Final = 4
CELLS_MAX: Final = 2**20
MEMBERS_A_CELL: Final = 8  # on average, at most: else the cells grow
CELL_LEAST_DEG: Final[Degrees] = 1e-4
ROUND_DEG: Final[Degrees] = 1e-9  # a box is that much larger than the zone


def box_deg(zone: Zone) -> tuple[Degrees, Degrees, Degrees, Degrees]:
    """West, south, east, north of a box round the zone and its buffer; longitudes may run on past 180."""
    shape = zone.shape
    if isinstance(shape, Circle):
        return widened(shape.lon_deg, shape.lat_deg, shape.lon_deg, shape.lat_deg, shape.radius_m + zone.buffer_m)
    corners = np.array([corner for part in shape.parts for corner in part[0]])
    (west, south), (east, north) = corners.min(axis=0), corners.max(axis=0)
    return widened(float(west), float(south), float(east), float(north), zone.buffer_m)


def widened(
    west_deg: Degrees, south_deg: Degrees, east_deg: Degrees, north_deg: Degrees, by_m: Metres
) -> tuple[Degrees, Degrees, Degrees, Degrees]:  # fmt: skip
    """A box with everything that is that near to it."""
    up_deg = by_m / LEAST_METRES_PER_DEGREE + ROUND_DEG
    wide_deg = max(half_width_deg(lat_deg, by_m) for lat_deg in (south_deg, north_deg)) + ROUND_DEG
    return west_deg - wide_deg, south_deg - up_deg, east_deg + wide_deg, north_deg + up_deg


def compile_grid(zones: Sequence[Zone]) -> GridArrays:
    """The grid of some zones, some four cells a zone, fewer where zones are so large that most would stand in most."""
    boxes = np.array([box_deg(zone) for zone in zones], np.float64).reshape(-1, 4)
    if not zones:
        return grid_of(boxes, np.zeros(2), np.ones(2), np.ones(2, np.int32))
    origin_deg, end_deg = boxes[:, :2].min(axis=0), boxes[:, 2:].max(axis=0)
    span_deg = np.maximum(end_deg - origin_deg, CELL_LEAST_DEG)
    narrowing = np.array([np.cos(np.radians(np.abs([origin_deg[1], end_deg[1]]).min())), 1.0])
    wanted = min(CELLS_MAX, CELLS_A_ZONE * len(zones))
    while True:
        side_deg = np.sqrt(np.prod(span_deg * narrowing) / wanted) / narrowing  # cells about as wide as high
        cells = np.clip(np.ceil(span_deg / side_deg), 1, wanted).astype(np.int32)
        cell_deg = span_deg / cells
        touched = np.floor((boxes[:, 2:] - boxes[:, :2]) / cell_deg) + 2.0
        if np.sum(np.prod(np.minimum(touched, cells), axis=1)) <= MEMBERS_A_CELL * max(len(zones), int(np.prod(cells))):
            return grid_of(boxes, origin_deg, cell_deg, cells)
        wanted = max(1, wanted // 4)


def grid_of(boxes: Floats, origin_deg: Floats, cell_deg: Floats, cells: Ints) -> GridArrays:
    """The grid with these cells: each zone in every cell that its box touches."""
    columns, rows = int(cells[0]), int(cells[1])
    places = np.clip(
        np.floor((boxes.reshape(-1, 2, 2) - origin_deg) / cell_deg).astype(np.int64), 0, np.array([columns, rows]) - 1
    )
    found: list[tuple[Longs, Longs]] = [(np.zeros(0, np.int64), np.zeros(0, np.int64))]
    for zone, ((west, south), (east, north)) in enumerate(places):
        own = (np.arange(south, north + 1)[:, None] * columns + np.arange(west, east + 1)).reshape(-1)
        found.append((own, np.full(len(own), zone)))
    cell_of, member = (np.concatenate(parts) for parts in zip(*found, strict=True))
    order = np.lexsort((member, cell_of))
    first = np.searchsorted(cell_of[order], np.arange(columns * rows + 1))
    return GridArrays(origin_deg, cell_deg, cells, first.astype(np.int32), member[order].astype(np.int32), boxes)


def overlapping(zones: Sequence[Zone]) -> Iterator[tuple[int, int]]:
    """The pairs of zones, lower place first, that have ground in common; buffers do not count."""
    areas = [outline(zone) for zone in zones]
    index = Index((place, area.bounds, None) for place, area in enumerate(areas)) if areas else Index()
    for place, area in enumerate(areas):
        for turn_deg in (-TURN_DEG, 0.0, TURN_DEG):
            moved = translate(area, turn_deg)
            for other in sorted(index.intersection(moved.bounds)):
                if place < other and shapely.relate_pattern(moved, areas[other], "T********"):
                    yield place, other


def outline(zone: Zone) -> shapely.Polygon | shapely.MultiPolygon:
    """The zone in longitude and latitude; a circle as a polygon of 64 corners."""
    shape = zone.shape
    if not isinstance(shape, Circle):
        return shapely.MultiPolygon([shapely.Polygon(part[0], part[1:]) for part in shape.parts])
    wide_deg, up_deg = half_width_deg(shape.lat_deg, shape.radius_m), shape.radius_m / LEAST_METRES_PER_DEGREE
    angles = np.linspace(0.0, 2.0 * np.pi, 65)
    return shapely.Polygon(
        np.column_stack([shape.lon_deg + wide_deg * np.cos(angles), shape.lat_deg + up_deg * np.sin(angles)])
    )
