# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The victim-proximity monitor authors
"""Which of thousands of zones may be near a position: a flat grid of longitude and latitude, looked up cell by cell."""

from math import cos, inf, isnan, radians
from typing import NamedTuple

from proximity.kernels.arrays import Flags, Floats, Ints
from proximity.kernels.compiled import compiled

LEAST_METRES_PER_DEGREE = 110_500.0  # of latitude anywhere on the ellipsoid, and of longitude at the equator
TURN_DEG = 360.0
QUARTER_TURN_DEG = 90.0


class GridArrays(NamedTuple):
    """Boxes of zones, buffer included, and the cells that each touches. Columns run east, rows north."""

    origin_deg: Floats  # (2,) west and south edge
    cell_deg: Floats  # (2,) width and height of a cell
    cells: Ints  # (2,) columns and rows
    first: Ints  # (columns * rows + 1,) members of cell i: first[i] .. first[i + 1]; i = row * columns + column
    members: Ints  # zones
    boxes: Floats  # (zones, 4) west, south, east, north in degrees; longitudes may run on past 180


@compiled
def cell_of(value_deg: float, origin_deg: float, cell_deg: float, cells: int) -> int:
    """The row or column of a longitude or latitude, the outermost one where it lies outside."""
    return int(min(max((value_deg - origin_deg) / cell_deg, 0.0), cells - 1.0))  # infinity has no whole number


@compiled
def half_width_deg(lat_deg: float, radius_m: float) -> float:
    """How many degrees of longitude a circle on the ground reaches east and west; half a turn where it holds a pole."""
    furthest_deg = abs(lat_deg) + radius_m / LEAST_METRES_PER_DEGREE
    if furthest_deg >= QUARTER_TURN_DEG:
        return TURN_DEG / 2.0
    return min(TURN_DEG / 2.0, radius_m / (LEAST_METRES_PER_DEGREE * cos(radians(furthest_deg))))


@compiled
def look_up(grid: GridArrays, west_deg: float, south_deg: float, east_deg: float, north_deg: float, found: Ints,
            count: int) -> int:  # fmt: skip
    """Add to the `count` zones in `found` those whose boxes touch a box; each once, in the cell where the two begin.

    Gives the new count; what does not fit in `found` is counted and not written.
    """
    west, south = grid.origin_deg[0], grid.origin_deg[1]
    width_deg, height_deg = grid.cell_deg[0], grid.cell_deg[1]
    columns, rows = grid.cells[0], grid.cells[1]
    first_column = cell_of(west_deg, west, width_deg, columns)
    first_row = cell_of(south_deg, south, height_deg, rows)
    for row in range(first_row, cell_of(north_deg, south, height_deg, rows) + 1):
        for column in range(first_column, cell_of(east_deg, west, width_deg, columns) + 1):
            cell = row * columns + column
            for member in range(grid.first[cell], grid.first[cell + 1]):
                zone = grid.members[member]
                if grid.boxes[zone, 0] > east_deg or grid.boxes[zone, 2] < west_deg:
                    continue
                if grid.boxes[zone, 1] > north_deg or grid.boxes[zone, 3] < south_deg:
                    continue
                own_column = cell_of(grid.boxes[zone, 0], west, width_deg, columns)
                own_row = cell_of(grid.boxes[zone, 1], south, height_deg, rows)
                if column == max(first_column, own_column) and row == max(first_row, own_row):
                    if count < found.shape[0]:
                        found[count] = zone
                    count += 1
    return count


@compiled
def nearby(grid: GridArrays, lat_deg: float, lon_deg: float, radius_m: float, found: Ints) -> int:
    """Fill `found` with every zone whose box lies within `radius_m` of a position (-180 to 180), perhaps a few more.

    Gives how many there are, which may be more than `found` holds: ask again with a larger one. NaN in: all of them.
    Where the search goes round a pole, or a zone round the earth, a zone may be found more than once.
    """
    if isnan(lat_deg + lon_deg + radius_m):
        return look_up(grid, -inf, -inf, inf, inf, found, 0)
    half_deg = half_width_deg(lat_deg, radius_m)
    up_deg = radius_m / LEAST_METRES_PER_DEGREE
    count = 0
    for turn in (-TURN_DEG, 0.0, TURN_DEG):
        west_deg, east_deg = lon_deg + turn - half_deg, lon_deg + turn + half_deg
        if east_deg >= grid.origin_deg[0] and west_deg <= grid.origin_deg[0] + grid.cell_deg[0] * grid.cells[0]:
            count = look_up(grid, west_deg, lat_deg - up_deg, east_deg, lat_deg + up_deg, found, count)
    return count


@compiled
def nearby_all(
    grid: GridArrays, chosen: Flags, lat_deg: Floats, lon_deg: Floats, radius_m: Floats, found: Ints, who: Ints
) -> int:  # fmt: skip
    """`nearby` of every chosen position: fills `found` with zones and `who` (as long) with the positions' places."""
    count = 0
    for place in range(chosen.shape[0]):
        if chosen[place]:
            more = nearby(grid, lat_deg[place], lon_deg[place], radius_m[place], found[count:])
            who[count : count + more] = place
            count += more
    return count
