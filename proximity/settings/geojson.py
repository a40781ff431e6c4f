# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The victim-proximity monitor authors
"""Zones from GeoJSON (RFC 7946): features by name, and what is wrong with one as a fault."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from math import isfinite
from typing import Any

import msgspec

from proximity.geo import shapes as geo
from proximity.geo.zones import TooLarge, compile_boundary
from proximity.model.orders import Polygons
from proximity.model.units import Degrees
from proximity.settings.area import Area
from proximity.settings.checks import finite_number
from proximity.settings.faults import Fault, cut, listed, nearest, shown


class _Geometry(msgspec.Struct):
    type: str
    coordinates: Any


def read_features(file: str, text: str) -> Mapping[str, list[Mapping[str, object]]] | Fault:
    """The features of a GeoJSON text by name, a name being a feature's `id` or its `properties.id`."""
    try:
        raw: object = msgspec.json.decode(text)
    except RecursionError:
        return Fault(file, "", "arrays in arrays", "nested too deep: write plain GeoJSON (RFC 7946)")
    except (msgspec.MsgspecError, ValueError) as error:
        return _not_finite(file, text) or Fault(file, "", "no JSON", f"the file is not JSON: {cut(str(error))}")
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


def _not_finite(file: str, text: str) -> Fault | None:
    """Where a text is no JSON because a coordinate is NaN or infinite, the place of that."""
    try:
        raw: object = json.loads(text)
    except (RecursionError, ValueError):
        return None
    features = raw.get("features") if isinstance(raw, dict) else None
    for feature in features if isinstance(features, list) else []:
        if not isinstance(feature, dict):
            continue
        path, value = _first_not_finite(feature.get("geometry"), "")
        if path:
            name = cut(next(iter(sorted(_names(feature))), "?"))
            mend = "write longitude and latitude as finite numbers"
            return Fault(file, f'features["{name}"].geometry{path}', repr(value), mend)
    return None


def _first_not_finite(raw: object, path: str) -> tuple[str, float]:
    """The path and the value of the first number that is not finite; "" where there is none."""
    if isinstance(raw, float) and not isfinite(raw):
        return path, raw
    entries: Iterable[tuple[str, object]] = ()
    if isinstance(raw, dict):
        entries = ((f"{path}.{key}", value) for key, value in raw.items())
    elif isinstance(raw, list):
        entries = ((f"{path}[{place}]", value) for place, value in enumerate(raw))
    for own, value in entries:
        found = _first_not_finite(value, own)
        if found[0]:
            return found
    return "", 0.0


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


def read_polygons(file: str, name: str, feature: Mapping[str, object], area: Area) -> Polygons | Fault:
    """The feature's polygons; a fault where they are no closed, valid area, or one in another part of the world."""
    path = f'features["{cut(name)}"].geometry'
    try:
        shape = geo.read_polygons(feature.get("geometry"))
        compile_boundary(shape)
    except geo.ShapeFault as fault:
        value = str(fault.value) if isinstance(fault.value, geo.Reason) else shown(fault.value)
        return Fault(file, f"{path}{fault.path}", cut(value), fault.mend)
    except TooLarge as error:
        return Fault(file, f"{path}.coordinates", "a very large area", f"{error}: simplify or split it")
    for ring_path, ring in _rings_of(feature):
        for place, (lon_deg, lat_deg, *_) in enumerate(ring):
            mend = area.misplaced(lon_deg, lat_deg)
            if mend is not None:
                return Fault(file, f"{path}{ring_path}[{place}]", f"[{lon_deg:g}, {lat_deg:g}]", mend)
    return shape


def _rings_of(feature: Mapping[str, object]) -> Iterator[tuple[str, Sequence[Sequence[Degrees]]]]:
    """The rings of a geometry that has been read without a fault, with their paths."""
    geometry = msgspec.convert(feature.get("geometry"), _Geometry)
    polygon = geometry.type == "Polygon"
    for part, rings in enumerate([geometry.coordinates] if polygon else geometry.coordinates):
        for place, ring in enumerate(rings):
            yield f".coordinates[{place}]" if polygon else f".coordinates[{part}][{place}]", ring


def _names(feature: Mapping[str, object]) -> set[str]:
    properties = feature.get("properties")
    ids = [feature.get("id"), properties.get("id") if isinstance(properties, dict) else None]
    return {str(own) for own in ids if isinstance(own, str) or finite_number(own) is not None}
