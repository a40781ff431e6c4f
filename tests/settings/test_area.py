# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The victim-proximity monitor authors
"""The part of the world that orders are for, and the zones that apply to every wearer."""

import json
from pathlib import Path

import pytest

from proximity.model.orders import Circle, Polygons
from proximity.settings.check import check
from proximity.settings.orders import parse_orders

ORDER = """
[[orders]]
id = "o-1"
region = "r"
supervisor = "s"
valid_from = 2026-06-01T00:00:00+02:00
wearers = ["w-1"]
[[orders.zones]]
id = "home"
kind = "exclusion"
"""
CIRCLE = "circle = {lat = 51.92, lon = 4.48, radius_m = 100}\n"
SWAPPED_CIRCLE = "circle = {lat = 4.48, lon = 51.92, radius_m = 100}\n"
SOMALIA = "circle = {lat = 2.0, lon = 45.3, radius_m = 100}\n"
RING = [[4.47, 51.92], [4.48, 51.92], [4.48, 51.93], [4.47, 51.92]]


def collection(**rings: list[list[float]]) -> str:
    return json.dumps({"type": "FeatureCollection", "features": [
        {"type": "Feature", "id": name, "properties": {},
         "geometry": {"type": "MultiPolygon", "coordinates": [[ring]]}} for name, ring in rings.items()]})  # fmt: skip


def faults_of(**documents: str) -> list[tuple[str, str, str]]:
    names = {"a": "a.toml", "b": "b.toml", "zones": "zones.geojson"}
    _, faults = parse_orders({names[name]: text for name, text in documents.items()})
    return [(fault.file, fault.path, fault.mend) for fault in faults]


def test_swapped_coordinates_are_seen_without_an_area() -> None:
    ((_, path, mend),) = faults_of(a=ORDER + SWAPPED_CIRCLE)
    assert path == 'orders["o-1"].zones["home"].circle.lat'
    assert "look swapped" in mend
    swapped = [[lat, lon] for lon, lat in RING]
    ((file, path, mend),) = faults_of(a=ORDER + 'geojson = "zones.geojson#x"\n', zones=collection(x=swapped))
    assert (file, path) == ("zones.geojson", 'features["x"].geometry.coordinates[0][0][0]')
    assert "longitude 51.92, latitude 4.47 lies outside the Netherlands" in mend


def test_one_corner_that_is_swapped_is_named() -> None:
    ring = [RING[0], RING[1], RING[2][::-1], RING[0]]
    ((_, path, _),) = faults_of(a=ORDER + 'geojson = "zones.geojson#x"\n', zones=collection(x=ring))
    assert path == 'features["x"].geometry.coordinates[0][0][2]'


def test_elsewhere_is_right_unless_the_orders_say_where_they_are_for() -> None:
    assert faults_of(a=ORDER + CIRCLE) == faults_of(a=ORDER + SOMALIA) == []
    area = "[area]\nwest = 3\neast = 8\nsouth = 50\nnorth = 54\n"
    assert faults_of(a=ORDER + CIRCLE, b=area) == []
    ((file, _, mend),) = faults_of(a=ORDER + SOMALIA, b=area)
    assert file == "a.toml"
    assert "outside [area] (longitude 3 to 8, latitude 50 to 54): correct it, or widen [area]" in mend
    ((_, _, mend),) = faults_of(a=ORDER + SWAPPED_CIRCLE, b=area)
    assert "look swapped" in mend


def test_an_area_across_the_antimeridian() -> None:
    area = "[area]\nwest = 175\neast = 185\nsouth = -20\nnorth = -10\n"
    for lon in (179.5, -179.5):
        assert faults_of(a=ORDER + f"circle = {{lat = -17, lon = {lon}, radius_m = 100}}\n", b=area) == []
    assert len(faults_of(a=ORDER + "circle = {lat = -17, lon = -174, radius_m = 100}\n", b=area)) == 1


@pytest.mark.parametrize(
    ("area", "path", "mend"),
    [
        ("[area]\nwest = 8\neast = 3\nsouth = 50\nnorth = 54\n", "area.east", "not east of west, 8"),
        ("[area]\nwest = 3\neast = 8\nsouth = 54\nnorth = 50\n", "area.north", "not north of south, 54"),
        ("[area]\nwest = 3\neast = 8\nsouth = 50\n", "area.north", "missing"),
        ("[area]\nwest = 3\neast = 800\nsouth = 50\nnorth = 54\n", "area.east", "-180 to 360"),
        ("[area]\nwest = 3\neast = 8\nsouth = 50\nnorth = 54\nup = 1\n", "area.up", "unknown key"),
    ],
)
def test_a_faulty_area(area: str, path: str, mend: str) -> None:
    ((_, found, said),) = faults_of(a=ORDER + CIRCLE, b=area)
    assert found == path
    assert mend in said


def test_there_is_one_area() -> None:
    area = "[area]\nwest = 3\neast = 8\nsouth = 50\nnorth = 54\n"
    ((file, path, mend),) = faults_of(a=area + ORDER + CIRCLE, b=area)
    assert (file, path, mend) == ("b.toml", "area", "a.toml has an [area] too: keep one")


AREA_ZONES = """
[[area_zones]]
id = "school"
kind = "exclusion"
geojson = "zones.geojson"
buffer_m = 50
[[area_zones]]
id = "shelter"
kind = "exclusion"
circle = {lat = 51.9, lon = 4.5, radius_m = 200}
"""


def test_area_wide_zones_are_read_with_ids_of_their_features() -> None:
    book, faults = parse_orders(
        {"a.toml": ORDER + CIRCLE, "b.toml": AREA_ZONES, "zones.geojson": collection(two=RING, one=RING)}
    )
    assert faults == ()
    assert book is not None
    assert [(zone.id, zone.buffer_m, zone.applies_to) for zone in book.area_zones] == [
        ("school-one", 50.0, ()), ("school-two", 50.0, ()), ("shelter", 0.0, ()),
    ]  # fmt: skip
    assert isinstance(book.area_zones[0].shape, Polygons)
    assert book.area_zones[2].shape == Circle(51.9, 4.5, 200.0)
    without, _ = parse_orders({"a.toml": ORDER + CIRCLE})
    assert without is not None
    assert without.revision != book.revision


@pytest.mark.parametrize(
    ("old", "new", "path", "mend"),
    [
        ('"zones.geojson"', '"zones.geojson#one"', None, ""),
        ('"zones.geojson"', '"other.geojson"', 'area_zones["school"].geojson', "no file of this name"),
        ('"zones.geojson"', '"zones.geojson#three"', 'area_zones["school"].geojson', "no feature with this id"),
        ('"zones.geojson"', '"../zones.geojson"', 'area_zones["school"].geojson', "beside the orders"),
        ('"school"', '"s"', None, ""),
        ('"school"', '"shelter"', "area_zones[1].id", "another area-wide zone"),
        ('id = "shelter"', 'id = "school-one"', "area_zones", "two area-wide zones have this id"),
        ('id = "shelter"', 'id = "home"', 'orders["o-1"].zones', 'called "home" too'),
        ('id = "school"', f'id = "{"s" * 62}"', 'area_zones["' + "s" * 62 + '"].geojson', "an id is 1 to 64"),
        ("buffer_m = 50", 'applies_to = ["w-1"]', 'area_zones["school"].applies_to', "for every wearer"),
        ("buffer_m = 50", "circle = {}", 'area_zones["school"].circle', "exactly one of circle and geojson"),
        ("buffer_m = 50", "schedule = 1", 'area_zones["school"].schedule', "always holds"),
        ('"exclusion"', '"inclusion"', 'area_zones["school"].kind', "nobody can be in all of them"),
        ("circle = {lat = 51.9, lon = 4.5, radius_m = 200}", "", 'area_zones["shelter"].circle', "exactly one"),
    ],
)
def test_faults_of_area_wide_zones(old: str, new: str, path: str | None, mend: str) -> None:
    assert old in AREA_ZONES
    found = faults_of(
        a=ORDER + CIRCLE, b=AREA_ZONES.replace(old, new, 1), zones=collection(two=RING, one=RING)
    )  # fmt: skip
    if path is None:
        assert found == []
        return
    assert path in {fault_path for _, fault_path, _ in found}
    assert mend in " ".join(said for _, _, said in found)


def test_a_file_without_ids_has_no_zones() -> None:
    nameless = json.dumps({"type": "FeatureCollection", "features": []})
    found = faults_of(a=ORDER + CIRCLE, b=AREA_ZONES, zones=nameless)
    assert [mend for _, _, mend in found] == ["no feature of the file has an id: give each its own"]


def test_a_number_that_is_none_has_its_place() -> None:
    for word, value in (("NaN", "nan"), ("Infinity", "inf"), ("-Infinity", "-inf")):
        text = collection(x=RING).replace("51.93", word)
        _, (fault,) = parse_orders({"a.toml": ORDER + 'geojson = "zones.geojson#x"\n', "zones.geojson": text})
        assert (fault.path, fault.value) == ('features["x"].geometry.coordinates[0][0][2][1]', value)


def test_zones_that_overlap_are_noted(tmp_path: Path) -> None:
    shelters = "".join(
        f'[[area_zones]]\nid = "s-{n}"\nkind = "exclusion"\ncircle = {{lat = 51.9, lon = 4.5, radius_m = {n + 10}}}\n'
        for n in range(8)
    )
    (tmp_path / "o.toml").write_text(ORDER + CIRCLE + shelters, encoding="utf-8")
    checked = check(tmp_path, None)
    assert checked.faults == ()
    assert checked.counts["area-wide zones"] == 8
    told = [(note.path, note.value) for note in checked.notes]
    assert told[:2] == [('area_zones["s-0"]', "overlaps s-1"), ('area_zones["s-0"]', "overlaps s-2")]
    assert len(told) == 21, "the first twenty, and that there are more"
    (tmp_path / "o.toml").write_text(ORDER + CIRCLE + AREA_ZONES.split("[[")[2].join(["[[", ""]), encoding="utf-8")
    assert check(tmp_path, None).notes == ()
