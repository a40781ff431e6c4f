# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The victim-proximity monitor authors
"""Zones from GeoJSON (RFC 7946): a feature's polygons, checked position by position and then as a whole."""

import re
from collections.abc import Iterator, Mapping
from typing import Final

import msgspec
import shapely
from pyproj import Geod

from proximity.model.orders import Polygons, Ring
from proximity.model.units import Degrees, Metres
from proximity.settings.checks import finite_number
from proximity.settings.faults import Fault, cut, listed, nearest, shown

POSITIONS_MAX: Final = 10_000
RING_POSITIONS_MIN: Final = 4
POSITION_LENGTHS: Final = (2, 3)  # RFC 7946 allows an altitude; it is not used
LON_MAX_DEG: Final[Degrees] = 180.0
LAT_MAX_DEG: Final[Degrees] = 90.0
POLE_LAT_DEG: Final[Degrees] = 89.0
REACH_MAX_M: Final[Metres] = 50_000.0  # the engine lays a zone flat: half a metre off at this distance from its centre
GEOD: Final = Geod(ellps="WGS84")
REASON_PATTERN: Final = re.compile(r"(?P<what>[^\[]*)(?:\[(?P<lon>\S+) (?P<lat>\S+)\])?.*", re.DOTALL)
REASONS: Final[Mapping[str, str]] = {
    "Self-intersection": "the outline crosses or touches itself",
    "Ring Self-intersection": "the outline touches itself",
    "Hole lies outside shell": "a hole lies outside the polygon",
    "Nested holes": "a hole lies inside another",
    "Nested shells": "one part lies inside another: make them one",
    "Interior is disconnected": "the holes cut the polygon in two: write two polygons",
    "Too few points in geometry component": "a ring has no area: it needs three corners that differ",
}


class _Bad(Exception):
    """A fault at a path below the feature; ends the reading of that feature."""

    def __init__(self, path: str, value: str, mend: str) -> None:
        super().__init__(mend)
        self.path = path
        self.value = value
        self.mend = mend


def read_features(file: str, text: str) -> Mapping[str, list[Mapping[str, object]]] | Fault:
    """The features of a GeoJSON text by name, a name being a feature's `id` or its `properties.id`."""
    try:
        raw: object = msgspec.json.decode(text)
    except RecursionError:
        return Fault(file, "", "arrays in arrays", "nested too deep: write plain GeoJSON (RFC 7946)")
    except (msgspec.MsgspecError, ValueError) as error:
        return Fault(file, "", "no JSON", f"the file is not JSON: {cut(str(error))}")
    if not isinstance(raw, dict):
        return Fault(file, "", shown(raw), "write a GeoJSON FeatureCollection")
    features = [raw] if raw.get("type") == "Feature" else raw.get("features")
    if not isinstance(features, list):
        return Fault(file, "features", shown(features), "write a GeoJSON FeatureCollection with its features")
    by_name: dict[str, list[Mapping[str, object]]] = {}
    for feature in features:
        if isinstance(feature, dict):
            for name in sorted(_names(feature)):
                by_name.setdefault(name, []).append(feature)
    return by_name


def find_feature(by_name: Mapping[str, list[Mapping[str, object]]], file: str, name: str) -> Mapping[str, object] | str:
    """The one feature of that name, or the mend where there is none, or more than one."""
    found = by_name.get(name, [])
    if len(found) == 1:
        return found[0]
    if found:
        return f"{cut(file)} has {len(found)} features with this id: give each its own"
    meant = nearest(name, by_name)
    hint = f"did you mean {cut(meant)}? " if meant else ""
    there = f"there are {listed(by_name)}" if by_name else "no feature of it has an id"
    return f"{cut(file)} has no feature with this id: {hint}{there}"


def read_polygons(file: str, name: str, feature: Mapping[str, object]) -> Polygons | Fault:
    """The feature's polygons; a fault where they are no closed, valid area that the engine can judge."""
    try:
        shape = Polygons(tuple(_parts(feature.get("geometry"))))
        _check_extent(shape)
        _check_valid(shape)
    except _Bad as bad:
        return Fault(file, f'features["{cut(name)}"].geometry{bad.path}', bad.value, bad.mend)
    return shape


def _names(feature: Mapping[str, object]) -> set[str]:
    properties = feature.get("properties")
    ids = [feature.get("id"), properties.get("id") if isinstance(properties, dict) else None]
    return {str(own) for own in ids if isinstance(own, str) or finite_number(own) is not None}


def _parts(geometry: object) -> Iterator[tuple[Ring, ...]]:
    kind = geometry.get("type") if isinstance(geometry, dict) else None
    coordinates = geometry.get("coordinates") if isinstance(geometry, dict) else None
    if kind == "Polygon":
        yield _rings(coordinates, ".coordinates")
    elif kind == "MultiPolygon":
        for place, part in enumerate(_filled(coordinates, ".coordinates", "write the polygons")):
            yield _rings(part, f".coordinates[{place}]")
    else:
        raise _Bad(".type", shown(kind), 'a zone is an area: write a "Polygon" or a "MultiPolygon"')


def _filled(raw: object, path: str, mend: str) -> list[object]:
    if not isinstance(raw, list) or not raw:
        raise _Bad(path, shown(raw), mend)
    if len(raw) > POSITIONS_MAX:
        raise _Bad(path, shown(raw), f"at most {POSITIONS_MAX:,}: simplify the outline")
    return raw


def _rings(raw: object, path: str) -> tuple[Ring, ...]:
    rings = _filled(raw, path, "write the outline, and the holes after it, as arrays of positions")
    return tuple(_ring(ring, f"{path}[{place}]") for place, ring in enumerate(rings))


def _ring(raw: object, path: str) -> Ring:
    positions = _filled(raw, path, "write the positions of the ring")
    ring = tuple(_position(position, f"{path}[{place}]") for place, position in enumerate(positions))
    if len(ring) < RING_POSITIONS_MIN:
        raise _Bad(
            path, shown(raw), "a ring has at least 4 positions, the first repeated as the last: add what is missing"
        )
    if ring[0] != ring[-1]:
        raise _Bad(path, shown(raw), "the ring is not closed: repeat its first position as its last")
    return ring


def _position(raw: object, path: str) -> tuple[Degrees, Degrees]:
    if not isinstance(raw, list) or len(raw) not in POSITION_LENGTHS:
        raise _Bad(path, shown(raw), "write a position as [longitude, latitude]")
    lon_deg, lat_deg = finite_number(raw[0]), finite_number(raw[1])
    if lon_deg is None or lat_deg is None:
        raise _Bad(path, shown(raw), "write longitude and latitude as finite numbers")
    for axis, value, limit in ((0, lon_deg, LON_MAX_DEG), (1, lat_deg, LAT_MAX_DEG)):
        if abs(value) > limit:
            mend = f"{('longitude', 'latitude')[axis]} is from -{limit:.0f} to {limit:.0f} degrees: write WGS84, not RD"
            raise _Bad(f"{path}[{axis}]", shown(value), mend)
    return lon_deg, lat_deg


def _check_extent(shape: Polygons) -> None:
    """No pole, no antimeridian, and small enough for the engine's plane."""
    positions = [position for part in shape.parts for ring in part for position in ring]
    if len(positions) > POSITIONS_MAX:
        raise _Bad("", f"{len(positions):,} positions", f"at most {POSITIONS_MAX:,}: simplify the outlines")
    lons_deg, lats_deg = ([position[axis] for position in positions] for axis in (0, 1))
    if max(map(abs, lats_deg)) > POLE_LAT_DEG:
        raise _Bad("", "a zone at a pole", "this version judges no zone there: keep it below 89 degrees of latitude")
    west, east = min(lons_deg), max(lons_deg)
    if east - west > LON_MAX_DEG:
        mend = "split it there (RFC 7946, 3.1.9) into two zones, one on each side: this version judges none across it"
        raise _Bad("", "a zone across the antimeridian", mend)
    centre = ((west + east) / 2, (min(lats_deg) + max(lats_deg)) / 2)
    count = len(positions)
    reach_m = float(max(GEOD.inv([centre[0]] * count, [centre[1]] * count, lons_deg, lats_deg)[2]))
    if reach_m > REACH_MAX_M:
        mend = f"a zone may reach at most {REACH_MAX_M / 1000:.0f} km from its centre: split it into smaller ones"
        raise _Bad("", f"{reach_m / 1000:.0f} km", mend)


def _check_valid(shape: Polygons) -> None:
    """Valid as OGC has it: outlines that do not cross, holes inside, parts apart. A fault names the place."""
    parts = [shapely.Polygon(part[0], part[1:]) for part in shape.parts]
    for geometry in (*parts, shapely.MultiPolygon(parts)):
        if not geometry.is_valid:
            found = REASON_PATTERN.fullmatch(shapely.is_valid_reason(geometry))
            what = found["what"].strip() if found else ""
            place = f" at longitude {found['lon']}, latitude {found['lat']}" if found and found["lon"] else ""
            raise _Bad(
                ".coordinates", cut(what), f"{REASONS.get(what, 'the area is not valid')}{place}: draw it anew there"
            )
