# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The victim-proximity monitor authors
"""A GeoJSON geometry (RFC 7946) into polygons that can be compiled: checked, never mended.

Two things are done that change no place: longitudes of a ring run on past 180 degrees where it crosses the
antimeridian, and parts that were cut there (RFC 7946, 3.1.9) are one again. All else that is odd is refused.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from math import isfinite
from typing import Final

import numpy as np
import shapely
from shapely.affinity import translate

from proximity.model.orders import Polygons, Ring
from proximity.model.units import Degrees

POSITIONS_MAX: Final = 10_000
RING_POSITIONS_MIN: Final = 4
POSITION_LENGTHS: Final = (2, 3)  # RFC 7946 allows an altitude; it is not used
INTEGER_BITS_MAX: Final = 1000  # a float ends at 2 ** 1024
LAT_MAX_DEG: Final[Degrees] = 90.0
HALF_TURN_DEG: Final[Degrees] = 180.0
TURN_DEG: Final[Degrees] = 360.0
AREA_LEAST: Final = 1e-16  # square degrees: a square millimetre
INSIDES_MEET: Final = "T********"  # DE-9IM
NEAR_DEG: Final[Degrees] = 1e-9
NUMBER_PATTERN: Final = re.compile(r"-?[0-9][-+.0-9e]*")
REASONS: Final[Mapping[str, str]] = {
    "Self-intersection": "the outline crosses or touches itself",
    "Ring Self-intersection": "the outline touches itself",
    "Hole lies outside shell": "a hole lies outside the polygon",
    "Holes are nested": "a hole lies inside another",
    "Nested holes": "a hole lies inside another",
    "Nested shells": "one part lies inside another: make them one",
    "Interior is disconnected": "the holes cut the polygon in two: write two polygons",
    "Too few points in geometry component": "a ring has no area: it needs three corners that differ",
}


class ShapeFault(ValueError):
    """What is wrong with a geometry: the path of it below the geometry, the value there, and the mend."""

    def __init__(self, path: str, value: object, mend: str) -> None:
        super().__init__(f"{path or 'geometry'}: {mend}")
        self.path = path
        self.value = value
        self.mend = mend


class Reason(str):
    """A value of a fault that is no value from the document but a word for it."""

    __slots__ = ()


def read_polygons(geometry: object) -> Polygons:
    """The polygons of a GeoJSON Polygon or MultiPolygon, in one frame of longitudes. ShapeFault where it is no area.

    Valid as OGC has it: closed rings of four positions and more that do not cross, holes inside, parts apart.
    """
    kind = geometry.get("type") if isinstance(geometry, dict) else None
    coordinates = geometry.get("coordinates") if isinstance(geometry, dict) else None
    if kind == "Polygon":
        parts = [_rings(coordinates, ".coordinates")]
    elif kind == "MultiPolygon":
        found = _filled(coordinates, ".coordinates", "write the polygons")
        parts = [_rings(part, f".coordinates[{place}]") for place, part in enumerate(found)]
    else:
        raise ShapeFault(".type", kind, 'a zone is an area: write a "Polygon" or a "MultiPolygon"')
    count = sum(len(ring) for part in parts for ring in part)
    if count > POSITIONS_MAX:
        raise ShapeFault("", Reason(f"{count:,} positions"), f"at most {POSITIONS_MAX:,}: simplify the outlines")
    paths = [".coordinates" if kind == "Polygon" else f".coordinates[{place}]" for place in range(len(parts))]
    polygons = [_polygon(part, path) for part, path in zip(parts, paths, strict=True)]
    return _together(polygons)


def _filled(raw: object, path: str, mend: str) -> list[object]:
    if not isinstance(raw, list | tuple) or not raw:
        raise ShapeFault(path, raw, mend)
    if len(raw) > POSITIONS_MAX:
        raise ShapeFault(path, raw, f"at most {POSITIONS_MAX:,}: simplify the outline")
    return list(raw)


def _rings(raw: object, path: str) -> list[Ring]:
    rings = _filled(raw, path, "write the outline, and the holes after it, as arrays of positions")
    return [_ring(ring, f"{path}[{place}]") for place, ring in enumerate(rings)]


def _ring(raw: object, path: str) -> Ring:
    """A closed ring with its longitudes in one run; it may go on past 180 degrees, never round a pole."""
    positions = _filled(raw, path, "write the positions of the ring")
    ring = [_position(position, f"{path}[{place}]") for place, position in enumerate(positions)]
    if len(ring) < RING_POSITIONS_MIN:
        mend = "a ring has at least 4 positions, the first repeated as the last: add what is missing"
        raise ShapeFault(path, raw, mend)
    lons_deg = [lon_deg for lon_deg, _ in ring]
    if min(lons_deg) > HALF_TURN_DEG or max(lons_deg) < -HALF_TURN_DEG:
        mend = "the whole ring lies beyond 180 degrees of longitude: write it between -180 and 180"
        raise ShapeFault(path, Reason(f"longitude {min(lons_deg):g} to {max(lons_deg):g}"), mend)
    around_deg = ring[-1][0] - ring[0][0]
    if ring[-1][1] != ring[0][1] or around_deg % TURN_DEG != 0:
        (lon_deg, lat_deg), (last_lon_deg, last_lat_deg) = ring[0], ring[-1]
        mend = f"the ring is not closed: position {len(ring) - 1} is not position 0: repeat the first as the last"
        raise ShapeFault(path, Reason(f"[{lon_deg}, {lat_deg}] to [{last_lon_deg}, {last_lat_deg}]"), mend)
    own = _run_on(ring)
    if own[-1][0] != own[0][0]:
        mend = "the ring goes round a pole: a zone that holds a pole is not judged, leave a gap there"
        raise ShapeFault(path, Reason("a ring round a pole"), mend)
    if shapely.Polygon(own).area < AREA_LEAST < shapely.Polygon(ring).area and around_deg == 0:
        own = tuple(ring)  # a band round the whole earth
    west_deg, east_deg = _ends_deg(own)
    if east_deg - west_deg > TURN_DEG:
        mend = "the ring goes round the earth more than once: write several polygons"
        raise ShapeFault(path, Reason(f"{east_deg - west_deg:g} degrees of longitude"), mend)
    return own


def _position(raw: object, path: str) -> tuple[Degrees, Degrees]:
    if not isinstance(raw, list | tuple) or len(raw) not in POSITION_LENGTHS:
        raise ShapeFault(path, raw, "write a position as [longitude, latitude]")
    lon_deg, lat_deg = _finite(raw[0]), _finite(raw[1])
    if lon_deg is None or lat_deg is None:
        raise ShapeFault(path, raw, "write longitude and latitude as finite numbers")
    if abs(lon_deg) > TURN_DEG:
        mend = "longitude is from -180 to 180 degrees (to 360 for what crosses 180): write WGS84, not RD"
        raise ShapeFault(f"{path}[0]", raw[0], mend)
    if abs(lat_deg) > LAT_MAX_DEG:
        swapped = "; the two look swapped: longitude comes first" if abs(lon_deg) <= LAT_MAX_DEG else ""
        mend = f"latitude is from -90 to 90 degrees: write WGS84, not RD{swapped}"
        raise ShapeFault(f"{path}[1]", raw[1], mend)
    if abs(lat_deg) == LAT_MAX_DEG:
        raise ShapeFault(f"{path}[1]", raw[1], "a corner at a pole: a zone there is not judged, leave a gap")
    return lon_deg, lat_deg


def _finite(raw: object) -> float | None:
    if isinstance(raw, bool) or not isinstance(raw, int | float):
        return None
    if isinstance(raw, int) and raw.bit_length() > INTEGER_BITS_MAX:
        return None
    return float(raw) if isfinite(raw) else None


def _run_on(ring: Sequence[tuple[Degrees, Degrees]]) -> Ring:
    """The ring with no step of more than half a turn: each edge is the shorter way round, straight in lon/lat."""
    lon_deg = ring[0][0]
    positions = [ring[0]]
    for one, other in pairwise(ring):
        step_deg = other[0] - one[0]
        if abs(step_deg) > HALF_TURN_DEG:
            step_deg -= TURN_DEG * round(step_deg / TURN_DEG)
        lon_deg += step_deg
        turns = round((lon_deg - other[0]) / TURN_DEG)
        lon_deg = other[0] + TURN_DEG * turns  # the corner's own longitude: no rounding adds up
        positions.append((lon_deg, other[1]))
    return tuple(positions)


def _ends_deg(ring: Ring) -> tuple[Degrees, Degrees]:
    lons_deg = [lon_deg for lon_deg, _ in ring]
    return min(lons_deg), max(lons_deg)


def _middle_deg(ring: Ring) -> Degrees:
    return sum(_ends_deg(ring)) / 2


def _moved(ring: Ring, towards_deg: Degrees) -> Ring:
    """The ring, whole turns further, where its middle is nearest to a longitude."""
    turns = round((towards_deg - _middle_deg(ring)) / TURN_DEG)
    return tuple((lon_deg + TURN_DEG * turns, lat_deg) for lon_deg, lat_deg in ring) if turns else ring


def _polygon(rings: Sequence[Ring], path: str) -> shapely.Polygon:
    """One valid polygon, its holes in the frame of its outline, the middle of that within a turn of Greenwich."""
    outline = _moved(rings[0], 0.0)
    polygon = shapely.Polygon(outline, [_moved(hole, _middle_deg(outline)) for hole in rings[1:]])
    if not polygon.is_valid:
        raise _invalid(polygon, path)
    return polygon


def _invalid(geometry: shapely.Geometry, path: str) -> ShapeFault:
    """Why a geometry is not valid, at which ring and position."""
    reason = shapely.is_valid_reason(geometry)  # such as "Self-intersection[4.45 51.95]"
    what = reason.partition("[")[0].strip()
    spot = [float(number) for number in NUMBER_PATTERN.findall(reason.partition("[")[2])]
    places = list(_edges_at(geometry, path, shapely.Point(*spot))) or [path]
    where = ", ".join(
        f"{axis} {value - TURN_DEG * round(value / TURN_DEG):.9g}"
        for axis, value in zip(("longitude", "latitude"), spot, strict=False)
    )
    mend = f"{REASONS.get(what, 'the area is not valid')} at {where}, on the edges from {' and from '.join(places[:2])}"
    return ShapeFault(places[0], Reason(what), f"{mend}: draw it anew there")


def _edges_at(geometry: shapely.Geometry, path: str, at: shapely.Point) -> Iterator[str]:
    """The paths of the positions at which the edges through a point begin."""
    parts = shapely.get_parts(geometry)
    for part, polygon in enumerate(parts):
        own = path if len(parts) == 1 else f"{path}[{part}]"
        for place, ring in enumerate([polygon.exterior, *polygon.interiors]):
            edges = list(pairwise(ring.coords))
            with np.errstate(invalid="ignore", divide="ignore", over="ignore"):  # an edge may be a point
                apart_deg = shapely.distance(shapely.linestrings(edges), at)
            yield from (f"{own}[{place}][{edge}]" for edge in range(len(edges)) if apart_deg[edge] <= NEAR_DEG)


def _together(polygons: Sequence[shapely.Polygon]) -> Polygons:
    """Parts in one frame of longitudes; where they were cut at the antimeridian, joined there."""
    if len(polygons) == 1:
        return _parts_of(polygons)
    placed = [translate(part, TURN_DEG * turns) if turns else part
              for part, turns in zip(polygons, _turns_of(polygons), strict=True)]  # fmt: skip
    whole = shapely.MultiPolygon(placed)
    if whole.is_valid:
        return _parts_of(placed)
    if _cut_at_antimeridian(placed) and not _overlap(placed):
        joined = shapely.union_all(placed)
        return _parts_of([part for part in shapely.get_parts(joined) if isinstance(part, shapely.Polygon)])
    raise _invalid(whole, ".coordinates")


def _turns_of(polygons: Sequence[shapely.Polygon]) -> list[int]:
    """How many turns each part is moved, so that all lie within one: near the first, else as any part leaves room."""
    wests_deg, easts_deg = shapely.bounds(polygons)[:, [0, 2]].T
    middles_deg = (wests_deg + easts_deg) / 2
    tries = [np.round((middles_deg[0] - middles_deg) / TURN_DEG)]
    tries += [np.ceil((start_deg - wests_deg) / TURN_DEG) for start_deg in np.unique(wests_deg)]
    for turns in tries:
        if np.max(easts_deg + TURN_DEG * turns) - np.min(wests_deg + TURN_DEG * turns) <= TURN_DEG:
            return [int(turn) for turn in turns]
    mend = "the parts go round the earth more than once in longitude: make them several zones"
    raise ShapeFault(".coordinates", Reason("more than 360 degrees of longitude"), mend)


def _overlap(polygons: Sequence[shapely.Polygon]) -> bool:
    """Whether the insides of two parts meet: exact, whatever their size."""
    pairs = shapely.STRtree(polygons).query(polygons, predicate="intersects")
    ones, others = np.array(polygons)[pairs[:, pairs[0] < pairs[1]]]
    return bool(shapely.relate_pattern(ones, others, INSIDES_MEET).any())


def _cut_at_antimeridian(polygons: Sequence[shapely.Polygon]) -> bool:
    """Whether parts end at 180 degrees from both sides."""
    ends_deg = [polygon.bounds[side] % TURN_DEG == HALF_TURN_DEG and side for polygon in polygons for side in (0, 2)]
    return 0 in [end for end in ends_deg if end is not False] and 2 in ends_deg  # noqa: PLR2004 - west and east


def _parts_of(polygons: Sequence[shapely.Polygon]) -> Polygons:
    return Polygons(
        tuple(
            tuple(
                tuple((float(lon_deg), float(lat_deg)) for lon_deg, lat_deg in ring.coords)
                for ring in (polygon.exterior, *polygon.interiors)
            )
            for polygon in polygons
        )
    )
