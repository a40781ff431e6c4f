# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The victim-proximity monitor authors
import json

import pytest

from proximity.model.orders import Circle, Device, Order, OrderBook, Party, Polygons, Separation, Zone
from proximity.model.words import DeviceKind, ZoneKind
from proximity.settings.faults import Fault
from proximity.settings.orders import parse_orders

# DESIGN 4.3's own example, and a second order in the short form with a zone from GeoJSON.
ORDERS = """
[[parties]]
id = "w-17"
devices = [{id = "ank-001", kind = "tag", interval_s = 60, rest_interval_s = 300}]
[[parties]]
id = "p-04"
devices = [{id = "vic-001", kind = "phone", interval_s = 15, owntracks = "p04/phone"}]

[[orders]]
id = "rtm-1"
region = "rotterdam"
supervisor = "team-a"
valid_from = 2026-06-01T00:00:00+02:00
wearers = ["w-17"]
protected = ["p-04"]
[orders.separation]
limit_m = 1000
warning_m = 2000
emergency_m = 300
reaction_s = 480
[[orders.zones]]
id = "home"
kind = "exclusion"
applies_to = ["w-17"]
circle = {lat = 51.9225, lon = 4.47917, radius_m = 500}
buffer_m = 100

[[orders]]
id = "rtm-2"
region = "rotterdam"
supervisor = "team-b"
valid_from = 2026-07-01T00:00:00+02:00
valid_until = 2026-08-01T00:00:00+02:00
wearers = ["ank-002"]
protected = ["vic-002"]
separation = {limit_m = 500}
[[orders.zones]]
id = "square"
kind = "exclusion"
geojson = "zones.geojson#square"
"""
SQUARE = [[4.40, 51.90], [4.41, 51.90], [4.41, 51.91], [4.40, 51.91], [4.40, 51.90]]
SQUARE_RING = tuple((lon, lat) for lon, lat in SQUARE)


def feature(coordinates: object, name: object = "square", kind: str = "Polygon") -> dict[str, object]:
    return {"type": "Feature", "id": name, "properties": {}, "geometry": {"type": kind, "coordinates": coordinates}}


def collection(*features: object) -> str:
    return json.dumps({"type": "FeatureCollection", "features": features})


ZONES = collection(feature([SQUARE]), {**feature([SQUARE]), "id": None, "properties": {"id": "by-property"}})


def book_of(orders: str = ORDERS, zones: str = ZONES) -> OrderBook:
    book, faults = parse_orders({"a.toml": orders, "zones.geojson": zones})
    assert faults == ()
    assert book is not None
    return book


def faults_of(orders: str = ORDERS, zones: str = ZONES) -> list[Fault]:
    book, faults = parse_orders({"a.toml": orders, "zones.geojson": zones})
    assert book is None
    assert faults
    return list(faults)


def test_reads_what_the_design_shows() -> None:
    book = book_of()
    assert book.parties == (
        Party("ank-002", (Device("ank-002", DeviceKind.TAG, 60, 300),)),
        Party("p-04", (Device("vic-001", DeviceKind.PHONE, 15, 15, "p04/phone"),)),
        Party("vic-002", (Device("vic-002", DeviceKind.PHONE, 60, 60),)),
        Party("w-17", (Device("ank-001", DeviceKind.TAG, 60, 300),)),
    )
    assert book.orders == (
        Order(
            id="rtm-1",
            region="rotterdam",
            supervisor="team-a",
            valid_from_ms=1_780_264_800_000,  # date -ud 2026-06-01T00:00:00+02:00 +%s
            valid_until_ms=None,
            wearers=("w-17",),
            protected=("p-04",),
            separation=Separation(limit_m=1000, warning_m=2000, emergency_m=300, reaction_s=480),
            zones=(Zone("home", ZoneKind.EXCLUSION, ("w-17",), Circle(51.9225, 4.47917, 500), 100),),
        ),
        Order(
            id="rtm-2",
            region="rotterdam",
            supervisor="team-b",
            valid_from_ms=1_782_856_800_000,
            valid_until_ms=1_785_535_200_000,
            wearers=("ank-002",),
            protected=("vic-002",),
            separation=Separation(limit_m=500, warning_m=1000, emergency_m=150, reaction_s=480),
            zones=(Zone("square", ZoneKind.EXCLUSION, ("ank-002",), Polygons(((SQUARE_RING,),)), 0),),
        ),
    )


def test_a_feature_may_have_a_number_for_id_and_parts_holes_and_altitudes() -> None:
    hole = [[4.402, 51.902, 3.0], [4.404, 51.902, 3.0], [4.404, 51.904, 3.0], [4.402, 51.902, 3.0]]
    east = [[lon + 0.1, lat] for lon, lat in SQUARE]
    zones = collection(feature([[SQUARE, hole], [east]], 7, "MultiPolygon"))
    assert book_of(ORDERS.replace("#square", "#7"), zones).orders[1].zones[0].shape == Polygons(
        (
            (SQUARE_RING, tuple((lon, lat) for lon, lat, _ in hole)),
            (tuple((lon, lat) for lon, lat in east),),
        )
    )


def test_a_feature_may_be_named_by_its_property_or_stand_alone() -> None:
    expected = Polygons(((SQUARE_RING,),))
    assert book_of(ORDERS.replace("#square", "#by-property")).orders[1].zones[0].shape == expected
    assert book_of(zones=json.dumps(feature([SQUARE]))).orders[1].zones[0].shape == expected


def test_two_people_may_be_kept_from_one_another() -> None:
    mutual = ORDERS.replace('wearers = ["ank-002"]', 'wearers = ["p-04"]')
    book = book_of(mutual.replace('protected = ["vic-002"]', 'protected = ["w-17"]'))
    assert [(order.wearers, order.protected) for order in book.orders] == [
        (("w-17",), ("p-04",)),
        (("p-04",), ("w-17",)),
    ]


R1, R2 = 'orders["rtm-1"]', 'orders["rtm-2"]'
W17, P04 = 'parties["w-17"]', 'parties["p-04"]'
ANK, VIC = f'{W17}.devices["ank-001"]', f'{P04}.devices["vic-001"]'
HOME, AREA = f'{R1}.zones["home"]', f'{R2}.zones["square"]'
LONG_ID = "x" * 65
SECOND_SQUARE = """
[[orders.zones]]
id = "square"
kind = "exclusion"
circle = {lat = 1, lon = 1, radius_m = 9}
"""
THIRD_ORDER = """
[[orders]]
id = "rtm-3"
region = "r"
supervisor = "s"
valid_from = 2026-07-01T00:00:00Z
wearers = ["vic-002"]
protected = ["p-04"]
separation = {limit_m = 9}
"""
# what stands in ORDERS, what is written instead, the path of the only fault, a piece of its mend
INSIDE_OUT = [
    f'kind = "{kind}"\napplies_to = ["w-17"]\ncircle = {{lat = 51.9225, lon = 4.47917, radius_m = 500}}\nbuffer_m = {m}'
    for kind, m in (("exclusion", 100), ("inclusion", 500))
]
# fmt: off
ONE_CHANGE = [
    # unknown keys, anywhere
    ("[[parties]]", "[[order]]\nid = 'x'\n[[parties]]", "order", "known here: area, area_zones, orders, parties"),
    ('id = "w-17"\n', 'id = "w-17"\nname = "x"\n', f"{W17}.name", "unknown key; known here: devices, id"),
    ("rest_interval_s", "rest_intervall_s", f"{ANK}.rest_intervall_s", "did you mean rest_interval_s?"),
    ("valid_until", "valid_untill", f"{R2}.valid_untill", "did you mean valid_until?"),
    ("reaction_s", "reacton_s", f"{R1}.separation.reacton_s", "did you mean reaction_s?"),
    ("buffer_m", "bufer_m", f"{HOME}.bufer_m", "did you mean buffer_m?"),
    ("radius_m = 500", "radius_m = 500, r = 1", f"{HOME}.circle.r", "unknown key"),
    ("reaction_s = 480", '"" = 1', f'{R1}.separation.""', "unknown key"),
    # ids
    ('id = "rtm-1"', 'id = "RTM-1"', "orders[0].id", "1 to 64 of a-z, 0-9 and -"),
    ('id = "rtm-1"', 'id = ""', "orders[0].id", "1 to 64"),
    ('id = "rtm-1"', f'id = "{LONG_ID}"', "orders[0].id", "1 to 64"),
    ('id = "rtm-1"', 'id = "rtm-1\\n"', "orders[0].id", "1 to 64"),
    ('id = "rtm-1"', 'id = "rtm+1"', "orders[0].id", "1 to 64"),
    ('id = "rtm-1"', "id = 1", "orders[0].id", "1 to 64"),
    ('id = "rtm-1"', "", "orders[0].id", "missing"),
    ('id = "rtm-1"', 'id = "system"', 'orders["system"].id', "the service's own"),
    ('"rotterdam"\nsupervisor = "team-a"', '"a/b"\nsupervisor = "team-a"', f"{R1}.region", "1 to 64"),
    ('"team-a"', '"#"', f"{R1}.supervisor", "1 to 64"),
    ('supervisor = "team-a"', "", f"{R1}.supervisor", "missing"),
    ('id = "home"', 'id = "h_me"', f"{R1}.zones[0].id", "1 to 64"),
    ('id = "ank-001"', 'id = "Ank"', f"{W17}.devices[0].id", "1 to 64"),
    ('wearers = ["ank-002"]', 'wearers = ["ANK"]', f"{R2}.wearers", '"ANK" is not an id'),
    # twins
    ('id = "rtm-2"', 'id = "rtm-1"', "orders[1].id", "a.toml has another order with this id, orders[0]"),
    ('id = "vic-001"', 'id = "ank-001"', f"{P04}.devices", "device ank-001 is also parties"),
    ('wearers = ["ank-002"]', 'wearers = ["ank-001"]', f"{R2}.wearers", f"device ank-001 is also {W17}'s"),
    ('[[orders.zones]]\nid = "square"', SECOND_SQUARE + '[[orders.zones]]\nid = "square"',
     f"{R2}.zones[1].id", "another zone with this id"),
    ('devices = [{id = "vic', 'devices = [{id = "x", kind = "phone", owntracks = "p04/phone"}, {id = "vic',
     f"{P04}.devices", "OwnTracks name p04/phone is also device vic-001's"),
    ('devices = [{id = "vic', 'devices = [{id = "vic-001", kind = "phone"}, {id = "vic',
     f"{P04}.devices[1].id", "another device with this id"),
    # parties and devices
    ('devices = [{id = "ank-001", kind = "tag", interval_s = 60, rest_interval_s = 300}]', "",
     f"{W17}.devices", "missing"),
    ('[{id = "ank-001", kind = "tag", interval_s = 60, rest_interval_s = 300}]', "[]",
     f"{W17}.devices", "from 1 to 16 devices"),
    ('[{id = "ank-001", kind = "tag", interval_s = 60, rest_interval_s = 300}]', '["ank-001"]',
     f"{W17}.devices", "not an array of tables: write [[parties.devices]]"),
    ('kind = "tag"', 'kind = "tagg"', f"{ANK}.kind", 'write one of "tag", "phone"; did you mean "tag"?'),
    ('kind = "tag", ', "", f"{ANK}.kind", "missing"),
    ("interval_s = 15", "interval_s = 0", f"{VIC}.interval_s", "from 1 to 3,600 seconds"),
    ("interval_s = 15", 'interval_s = "15"', f"{VIC}.interval_s", "write a number"),
    ("interval_s = 15", "interval_s = true", f"{VIC}.interval_s", "write a number"),
    ("rest_interval_s = 300", "rest_interval_s = 30", f"{ANK}.rest_interval_s",
     "no more often than its interval_s of 60"),
    ("p04/phone", "p04", f"{VIC}.owntracks", '"user/device"'),
    ("p04/phone", "p04/#", f"{VIC}.owntracks", '"user/device"'),
    ("p04/phone", "p04/phone/x", f"{VIC}.owntracks", '"user/device"'),
    # who
    ('wearers = ["w-17"]', "", f"{R1}.wearers", "missing"),
    ('wearers = ["ank-002"]', "wearers = []", f"{R2}.wearers", "from 1 to 64 ids of wearers"),
    ('wearers = ["ank-002"]', 'wearers = "ank-002"', f"{R2}.wearers", "an array of ids"),
    ('wearers = ["ank-002"]', "wearers = [1]", f"{R2}.wearers", "an array of ids"),
    ('wearers = ["ank-002"]', 'wearers = ["ank-002", "ank-002"]', f"{R2}.wearers", "ank-002 stands there twice"),
    ('protected = ["vic-002"]', 'protected = ["vic-002", "ank-002"]', f"{R2}.protected",
     "ank-002 is both wearer and protected"),
    ('protected = ["vic-002"]', "protected = []", f"{R2}.protected", "from 1 to 64 ids of protected"),
    ('protected = ["vic-002"]', "", f"{R2}.protected", "a separation from nobody"),
    ('[[orders]]\nid = "rtm-1"', f'{THIRD_ORDER}[[orders]]\nid = "rtm-1"', f"{R2}.protected",
     "vic-002 is a wearer in one order and protected in another: say its devices under [[parties]]"),
    ('applies_to = ["w-17"]', 'applies_to = ["w-18"]', f"{HOME}.applies_to", "no wearer of this order: w-18"),
    ('applies_to = ["w-17"]', 'applies_to = ["p-04"]', f"{HOME}.applies_to", "its wearers are w-17"),
    ('applies_to = ["w-17"]', "applies_to = []", f"{HOME}.applies_to", "from 1 to 64 ids"),
    # when
    ("valid_from = 2026-06-01T00:00:00+02:00", "", f"{R1}.valid_from", "missing"),
    ("2026-06-01T00:00:00+02:00", "2026-06-01T00:00:00", f"{R1}.valid_from", "without an offset"),
    ("2026-06-01T00:00:00+02:00", "2026-06-01", f"{R1}.valid_from", "a date-time with its offset"),
    ("2026-06-01T00:00:00+02:00", "00:00:00", f"{R1}.valid_from", "a date-time with its offset"),
    ("2026-06-01T00:00:00+02:00", '"2026-06-01T00:00:00+02:00"', f"{R1}.valid_from", "without quotes"),
    ("2026-06-01T00:00:00+02:00", "0001-01-01T00:00:00+23:59", f"{R1}.valid_from", "from 2000 to 2200"),
    ("valid_until = 2026-08", "valid_until = 2026-06", f"{R2}.valid_until", "ends before it begins"),
    ("valid_until = 2026-08-01T00:00:00+02:00", "valid_until = 2026-06-30T22:00:00Z", f"{R2}.valid_until", "ends"),
    # how far
    ("limit_m = 1000\n", "", f"{R1}.separation.limit_m", "missing"),
    ("limit_m = 1000\n", "limit_m = 0\n", f"{R1}.separation.limit_m", "from 1 to 50,000 metres"),
    ("limit_m = 1000\n", "limit_m = 50001\n", f"{R1}.separation.limit_m", "from 1 to 50,000 metres"),
    ("limit_m = 1000\n", "limit_m = nan\n", f"{R1}.separation.limit_m", "write a number"),
    ("limit_m = 1000\n", "limit_m = inf\n", f"{R1}.separation.limit_m", "write a number"),
    ("limit_m = 1000\n", f"limit_m = 0x{'f' * 9000}\n", f"{R1}.separation.limit_m", "write a number"),
    ("warning_m = 2000", "warning_m = 1000", f"{R1}.separation.warning_m", "not more than limit_m, 1000"),
    ("warning_m = 2000", "warning_m = nan", f"{R1}.separation.warning_m", "write a number"),
    ("emergency_m = 300", "emergency_m = 1000", f"{R1}.separation.emergency_m", "not less than limit_m, 1000"),
    ("emergency_m = 300", "emergency_m = 0", f"{R1}.separation.emergency_m", "from 0.1 to"),
    ("reaction_s = 480", "reaction_s = -1", f"{R1}.separation.reaction_s", "from 1 to 86,400 seconds"),
    ("separation = {limit_m = 500}", "separation = 500", f"{R2}.separation", "not a table: write [orders.separation]"),
    # zones
    (INSIDE_OUT[0], INSIDE_OUT[1], f"{HOME}.buffer_m", "not less than radius_m, 500"),
    ('kind = "exclusion"\napplies_to', 'kind = "exlusion"\napplies_to', f"{HOME}.kind", 'did you mean "exclusion"?'),
    ('kind = "exclusion"\napplies_to', "applies_to", f"{HOME}.kind", "missing"),
    ("buffer_m = 100", 'schedule = "x"', f"{HOME}.schedule", "not a table: write [orders.zones.schedule]"),
    ('wearers = ["ank-002"]', 'wearers = ["ank-002"]\nschedule = []', f"{R2}.schedule", "in a zone or in the"),
    ("buffer_m = 100", "buffer_m = -1", f"{HOME}.buffer_m", "from 0 to 50,000 metres"),
    ("lat = 51.9225", "lat = 90.5", f"{HOME}.circle.lat", "from -90 to 90 degrees"),
    ("lat = 51.9225", "lat = nan", f"{HOME}.circle.lat", "from -90 to 90 degrees"),
    ("lon = 4.47917", "lon = -181", f"{HOME}.circle.lon", "from -180 to 180 degrees"),
    ("lon = 4.47917, ", "", f"{HOME}.circle.lon", "missing"),
    ("radius_m = 500", "radius_m = 50001", f"{HOME}.circle.radius_m", "from 1 to 50,000 metres"),
    ("circle = {lat = 51.9225, lon = 4.47917, radius_m = 500}", "", f"{HOME}.circle",
     "exactly one of circle and geojson"),
    ("circle = {lat = 51.9225, lon = 4.47917, radius_m = 500}", "circle = 500", f"{HOME}.circle", "not a table"),
    ("buffer_m = 100", 'geojson = "zones.geojson#square"', f"{HOME}.geojson", "exactly one of circle and geojson"),
    ("zones.geojson#square", "zones.geojson", f"{AREA}.geojson", '"file#feature"'),
    ("zones.geojson#square", "../zones.geojson#square", f"{AREA}.geojson", "in the folder of the orders"),
    ("zones.geojson#square", "/etc/passwd#root", f"{AREA}.geojson", "not elsewhere"),
    ("zones.geojson#square", "a.toml#square", f"{AREA}.geojson", "no file of this name"),
    ("zones.geojson#square", "zone.geojson#square", f"{AREA}.geojson", "did you mean zones.geojson?"),
    ("zones.geojson#square", "zones.geojson#sqare", f"{AREA}.geojson",
     "has no feature with this id: did you mean square? there are by-property, square"),
]
# fmt: on


@pytest.mark.parametrize(("old", "new", "path", "mend"), ONE_CHANGE, ids=[f"{row[2]} {row[3]}" for row in ONE_CHANGE])
def test_one_change_is_one_fault(old: str, new: str, path: str, mend: str) -> None:
    assert ORDERS.count(old) >= 1
    (fault,) = faults_of(ORDERS.replace(old, new, 1))
    assert fault.file == "a.toml"
    assert fault.path == path
    assert mend in fault.mend
    assert len(fault.value) <= 80
    assert fault.line.isprintable()


NORTH = [[lon, lat + 0.02] for lon, lat in SQUARE]
BOW_TIE = [[4.0, 51.0], [4.2, 51.2], [4.2, 51.0], [4.0, 51.2], [4.0, 51.0]]
POLE = [[-180, 80], [180, 80], [180, 90], [-180, 90], [-180, 80]]
HOLE_OUTSIDE = [[lon + 1, lat] for lon, lat in SQUARE]
AT = 'features["square"].geometry'
# fmt: off
AREAS = [
    ([BOW_TIE], "Polygon", f"{AT}.coordinates[0][0]", "crosses or touches itself at longitude 4.1, latitude 51.1"),
    ([SQUARE, HOLE_OUTSIDE], "Polygon", f"{AT}.coordinates[1][0]", "a hole lies outside the polygon"),
    ([[SQUARE], [SQUARE]], "MultiPolygon", f"{AT}.coordinates[0][0][1]", "crosses or touches itself"),
    ([[[4.4, 51.9]] * 4], "Polygon", f"{AT}.coordinates[0][0]", "no area"),
    ([SQUARE[:-1]], "Polygon", f"{AT}.coordinates[0]", "not closed"),
    ([[SQUARE], [NORTH[:-1]]], "MultiPolygon", f"{AT}.coordinates[1][0]", "not closed"),
    ([[SQUARE[0], SQUARE[1], SQUARE[0]]], "Polygon", f"{AT}.coordinates[0]", "at least 4 positions"),
    ([SQUARE, [[4.4, 91.0], *SQUARE]], "Polygon", f"{AT}.coordinates[1][0][1]", "latitude is from -90 to 90"),
    ([[[92_000, 437_000], *SQUARE]], "Polygon", f"{AT}.coordinates[0][0][0]", "write WGS84, not RD"),
    ([[[4.4], *SQUARE]], "Polygon", f"{AT}.coordinates[0][0]", "[longitude, latitude]"),
    ([[[4.4, None], *SQUARE]], "Polygon", f"{AT}.coordinates[0][0]", "finite numbers"),
    ([[[4.4, 10**400], *SQUARE]], "Polygon", f"{AT}.coordinates[0][0]", "finite numbers"),
    ([[4.4, 51.9]], "Polygon", f"{AT}.coordinates[0][0]", "[longitude, latitude]"),
    ([], "Polygon", f"{AT}.coordinates", "write the outline"),
    (None, "Polygon", f"{AT}.coordinates", "write the outline"),
    ([[]], "MultiPolygon", f"{AT}.coordinates[0]", "write the outline"),
    (SQUARE, "LineString", f"{AT}.type", '"Polygon" or a "MultiPolygon"'),
    ([POLE], "Polygon", f"{AT}.coordinates[0][2][1]", "a corner at a pole"),
    ([[[0, 80], [120, 80], [-120, 80], [0, 80]]], "Polygon", f"{AT}.coordinates[0]", "round a pole"),
    ([[*[[4.4 + i / 1e6, 51.9] for i in range(6000)], [4.4, 51.8], [4.4, 51.9]]] * 2, "Polygon", AT, "at most 10,000"),
]
# fmt: on


@pytest.mark.parametrize(("coordinates", "kind", "path", "mend"), AREAS, ids=[row[3] for row in AREAS])
def test_a_bad_area_is_one_fault_in_its_own_file(coordinates: object, kind: str, path: str, mend: str) -> None:
    (fault,) = faults_of(zones=collection(feature(coordinates, kind=kind)))
    assert fault.file == "zones.geojson"
    assert fault.path == path
    assert mend in fault.mend


@pytest.mark.parametrize(
    ("zones", "file", "path", "mend"),
    [
        ("{", "zones.geojson", "", "the file is not JSON"),
        ('{"features": NaN}', "zones.geojson", "", "the file is not JSON"),
        ("[" * 100_000, "zones.geojson", "", "nested too deep"),
        ("[]", "zones.geojson", "", "FeatureCollection"),
        ("{}", "zones.geojson", "features", "FeatureCollection"),
        (collection(), "a.toml", f"{AREA}.geojson", "no feature of it has an id"),
        (collection(7, None), "a.toml", f"{AREA}.geojson", "no feature of it has an id"),
        (collection(feature([SQUARE]), feature([NORTH])), "a.toml", f"{AREA}.geojson", "2 features with this id"),
        (collection({"id": "square"}), "zones.geojson", f"{AT}.type", '"Polygon"'),
    ],
)
def test_a_bad_geojson_file_is_one_fault(zones: str, file: str, path: str, mend: str) -> None:
    (fault,) = faults_of(zones=zones)
    assert (fault.file, fault.path) == (file, path)
    assert mend in fault.mend


def test_a_bad_area_that_two_zones_name_is_said_once() -> None:
    both = ORDERS.replace("circle = {lat = 51.9225, lon = 4.47917, radius_m = 500}", 'geojson = "zones.geojson#square"')
    assert len(faults_of(both, collection(feature([BOW_TIE])))) == 1


@pytest.mark.parametrize(
    ("text", "path", "value"),
    [
        ("[[orders]]\nid = ", "end of file", '"id ="'),
        ("x = 1\nid rtm", "line 2, column 4", '"id rtm"'),
        ("x = 1\nx = 2", "end of file", '"x = 2"'),
        ("password = hunter2", "line 1, column 12", "(not shown)"),
        (f"x = {'[' * 5000}", "", "arrays in arrays"),
        (f"x = {'9' * 5000}", "", "no TOML"),
    ],
)
def test_what_is_no_toml_names_the_place(text: str, path: str, value: str) -> None:
    book, (fault,) = parse_orders({"a.toml": text})
    assert book is None
    assert (fault.file, fault.path, fault.value) == ("a.toml", path, value)


@pytest.mark.parametrize("documents", [{}, {"a.toml": ""}, {"zones.geojson": ZONES}, {"a.toml": "orders = []"}])
def test_no_order_at_all_is_a_fault(documents: dict[str, str]) -> None:
    book, faults = parse_orders(documents)
    assert book is None
    assert [fault.path for fault in faults] == ["orders"]


@pytest.mark.parametrize("entries", ['orders = "x"', "[orders]\nid = 'x'", "orders = [1]", "parties = 1"])
def test_entries_that_are_no_tables_say_how_to_write_them(entries: str) -> None:
    _, (fault,) = parse_orders({"a.toml": entries})
    assert fault.mend == f"this is not an array of tables: write [[{fault.path}]] before each entry"


def test_all_faults_of_all_files_come_in_one_run() -> None:
    bad = ORDERS
    for old, new in (
        ('kind = "tag"', 'kind = "tga"'),
        ("+02:00", ""),
        ("warning_m = 2000", "warning_m = 900"),
        ("emergency_m = 300", "emergency_m = 3000"),
        ("lat = 51.9225", "lat = 151.9225"),
        ("buffer_m", "bufer_m"),
        ("limit_m = 500", "limit_m = 5000000"),
        ('wearers = ["ank-002"]', 'wearers = ["ank-001"]'),
    ):
        bad = bad.replace(old, new, 1)
    other = '[[orders]]\nid = "rtm-1"\n'
    _, faults = parse_orders({"b.toml": other, "a.toml": bad, "zones.geojson": collection(feature([BOW_TIE]))})
    assert sorted((fault.file, fault.path) for fault in faults) == sorted(
        [
            ("a.toml", f"{ANK}.kind"),
            ("a.toml", f"{R1}.valid_from"),
            ("a.toml", f"{R1}.separation.warning_m"),
            ("a.toml", f"{R1}.separation.emergency_m"),
            ("a.toml", f"{HOME}.circle.lat"),
            ("a.toml", f"{HOME}.bufer_m"),
            ("a.toml", f"{R2}.separation.limit_m"),
            ("zones.geojson", f"{AT}.coordinates[0][0]"),
            ("b.toml", f"{R1}.id"),
            ("b.toml", f"{R1}.region"),
            ("b.toml", f"{R1}.supervisor"),
            ("b.toml", f"{R1}.valid_from"),
            ("b.toml", f"{R1}.wearers"),
            ("b.toml", f"{R1}.separation"),
            ("a.toml", f"{R2}.wearers"),
        ]
    )
