# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The victim-proximity monitor authors
"""Zones of an order: circles, and areas from the GeoJSON files beside the orders."""

import re
from collections.abc import Mapping
from typing import Final

from proximity.model.orders import Circle, Polygons, Zone
from proximity.model.words import ZoneKind
from proximity.settings.area import NETHERLANDS, Area
from proximity.settings.checks import (
    ID_MEND,
    ID_PATTERN,
    Check,
    Range,
    Wrong,
    choice,
    identifier,
    identifiers,
    number,
    text,
)
from proximity.settings.documents import ZONE_SUFFIXES
from proximity.settings.faults import Fault, cut, listed, nearest
from proximity.settings.geojson import find_feature, read_features, read_polygons
from proximity.settings.schedules import read_schedule
from proximity.settings.table import Table

AREA_SCHEDULE: Final = "an area-wide zone always holds: leave this out, or write the zone in an order"
AREA_INCLUSION: Final = (
    "an area-wide zone is for every wearer, and nobody can be in all of them:"
    ' write "exclusion", or the zone in an order'
)
REFERENCE: Final[Check[str]] = text(
    re.compile(r"[^#/\\]+#[^#]+"),
    'write "file#feature", such as "zones.geojson#home"; the file stands in the folder of the orders, not elsewhere',
)
AREA_REFERENCE: Final = re.compile(r"[^#/\\\\]+(#[^#]+)?")
AREA_REFERENCE_MEND: Final = (
    'write "file" for all of its features, such as "schools.geojson", or "file#feature"; it stands beside the orders'
)
LAT: Final = number(Range(-90, 90, "degrees"))
LON: Final = number(Range(-180, 180, "degrees"))
RADIUS: Final = number(Range(1, 50_000, "metres"))
BUFFER: Final = number(Range(0, 50_000, "metres"))
APPLIES_TO: Final = identifiers(Range(1, 64, "ids"))


class Shapes:
    """The GeoJSON documents of a run, each read when the first zone names it."""

    def __init__(self, documents: Mapping[str, str], faults: list[Fault], area: Area = NETHERLANDS) -> None:
        self.area = area
        self._texts = {name: body for name, body in documents.items() if name.lower().endswith(ZONE_SUFFIXES)}
        self._features: dict[str, Mapping[str, list[Mapping[str, object]]] | None] = {}
        self._faults = faults

    def names(self, file: str) -> tuple[str, ...] | Wrong | None:
        """The names of all features of a file; the mend where there is no such file, None where it is at fault."""
        absent = self._absent(file)
        if absent is not None:
            return absent
        by_name = self._open(file)
        return None if by_name is None else tuple(sorted(by_name))

    def find(self, reference: str) -> Polygons | Wrong | None:
        """The area that `file#feature` names, or the mend of the reference; None where the file itself is at fault."""
        file, _, name = reference.partition("#")
        absent = self._absent(file)
        if absent is not None:
            return absent
        by_name = self._open(file)
        if by_name is None:
            return None
        feature = find_feature(by_name, file, name)
        if isinstance(feature, str):
            return Wrong(feature)
        shape = read_polygons(file, name, feature, self.area)
        if isinstance(shape, Fault):
            self._faults.append(shape)
            return None
        return shape

    def _absent(self, file: str) -> Wrong | None:
        if file not in self._texts:
            meant = nearest(file, self._texts)
            hint = f"did you mean {cut(meant)}? " if meant else ""
            there = f"there are {listed(self._texts)}" if self._texts else "there is no *.geojson file at all"
            return Wrong(f"no file of this name stands beside the orders: {hint}{there}")
        return None

    def _open(self, file: str) -> Mapping[str, list[Mapping[str, object]]] | None:
        if file not in self._features:
            features = read_features(file, self._texts[file])
            if isinstance(features, Fault):
                self._faults.append(features)
            self._features[file] = None if isinstance(features, Fault) else features
        return self._features[file]


def read_zone(
    table: Table, wearers: tuple[str, ...] | None, shapes: Shapes, time_zone: str | None = None
) -> Zone | None:  # fmt: skip
    """One zone; None where it has a fault. `wearers` are the order's, None where they are themselves at fault."""
    own_id = table.need("id", identifier)
    kind = table.need("kind", choice(ZoneKind))
    schedule = read_schedule(table, time_zone)
    applies_to = table.get("applies_to", APPLIES_TO, wearers)
    buffer_m = table.get("buffer_m", BUFFER, 0.0)
    shape = _read_shape(table, shapes)
    table.done()
    strangers = set(applies_to or ()) - set(wearers or applies_to or ())
    if strangers:
        table.fault(
            "applies_to", f"no wearer of this order: {listed(strangers)}; its wearers are {listed(wearers or ())}"
        )
    if own_id is None or kind is None or shape is None or applies_to is None:
        return None
    if kind is ZoneKind.INCLUSION and isinstance(shape, Circle) and buffer_m >= shape.radius_m:
        mend = f"not less than radius_m, {shape.radius_m:g}: the wearer would be warned of leaving wherever he is in it"
        table.fault("buffer_m", f"{mend}: write less")
    return Zone(own_id, kind, applies_to, shape, buffer_m, schedule)


def read_area_zones(table: Table, shapes: Shapes) -> list[Zone]:
    """The zones of one [[area_zones]] entry: one, or one for each feature of a file, its id `{id}-{feature}`."""
    own_id = table.need("id", identifier)
    kind = table.need("kind", choice(ZoneKind))
    if kind is ZoneKind.INCLUSION:
        table.fault("kind", AREA_INCLUSION)
    table.refuse("schedule", AREA_SCHEDULE)
    table.refuse("applies_to", "an area-wide zone is for every wearer: leave this out, or write the zone in an order")
    buffer_m = table.get("buffer_m", BUFFER, 0.0)
    file = table.get("geojson", text(AREA_REFERENCE, AREA_REFERENCE_MEND), None)
    whole = file is not None and "#" not in file
    found = _read_features(table, own_id or "", file or "", shapes) if whole else [(own_id, _read_shape(table, shapes))]
    table.done()
    return [
        Zone(name, kind, (), shape, buffer_m)
        for name, shape in found
        if name is not None and kind is not None and shape is not None
    ]


def _read_features(
    table: Table, own_id: str, file: str, shapes: Shapes
) -> list[tuple[str | None, Circle | Polygons | None]]:  # fmt: skip
    if "circle" in table:
        table.refuse("circle", "a zone has exactly one of circle and geojson: leave one out")
    names = shapes.names(file)
    if isinstance(names, Wrong):
        table.fault("geojson", names.mend)
    if not isinstance(names, tuple):
        return []
    found: list[tuple[str | None, Circle | Polygons | None]] = []
    for name in names:
        zone_id = f"{own_id}-{name}"
        if not ID_PATTERN.fullmatch(zone_id):
            table.fault("geojson", f'feature "{cut(name)}" would be zone "{cut(zone_id)}": {ID_MEND}')
            continue
        shape = shapes.find(f"{file}#{name}")
        if isinstance(shape, Wrong):
            table.fault("geojson", shape.mend)
            shape = None
        found.append((zone_id, shape))
    if not names:
        table.fault("geojson", "no feature of the file has an id: give each its own")
    return found


def _read_shape(table: Table, shapes: Shapes) -> Circle | Polygons | None:
    circle = table.table("circle")
    reference = table.get("geojson", REFERENCE, None)
    if ("circle" in table) == ("geojson" in table):
        mend = "a zone has exactly one of circle and geojson: " + (
            "leave one out" if "circle" in table else "write one"
        )
        table.fault("geojson" if "geojson" in table else "circle", mend)
        # Fall through: what stands in the two is still worth checking.
    area = shapes.find(reference) if reference is not None else None
    if isinstance(area, Wrong):
        table.fault("geojson", area.mend)
        area = None
    return area if circle is None else _read_circle(circle, shapes.area)


def _read_circle(table: Table, area: Area) -> Circle | None:
    lat_deg, lon_deg = table.need("lat", LAT), table.need("lon", LON)
    radius_m = table.need("radius_m", RADIUS)
    table.done()
    if lat_deg is None or lon_deg is None or radius_m is None:
        return None
    misplaced = area.misplaced(lon_deg, lat_deg)
    if misplaced is not None:
        table.fault("lat", misplaced)
    return Circle(lat_deg, lon_deg, radius_m)
