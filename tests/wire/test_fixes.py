# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The victim-proximity monitor authors
from datetime import datetime
from math import isnan
from typing import Any

import msgspec
import pytest

from proximity.model.inputs import Fix, Input, Refusal
from proximity.model.judging import DefaultAccuracy
from proximity.model.words import Refused
from proximity.wire.inputs import FIXES_MAX, PAYLOAD_MAX_BYTES, decode

TOPIC = "proximity/v1/devices/vic-001/fix"
DEFAULTS = DefaultAccuracy(gnss_m=11.0, wifi_m=22.0, cell_m=33.0, beacon_m=44.0, unknown_m=55.0)
EXAMPLE = b"""{"fixed_at": "2024-06-08T17:24:04Z", "lat": 51.9225, "lon": 4.47917, "accuracy_m": 8.5,
 "speed_mps": 1.3, "course_deg": 120.0, "source": "gnss", "battery_pct": 88, "seq": 4711}"""  # DESIGN 4.2
EXAMPLE_FIX = Fix("vic-001", 1_717_867_444_000, 51.9225, 4.47917, 8.5, 1.3, 120.0, 4711, 3, 88.0)
PLAIN: dict[str, Any] = {"fixed_at": 1_717_867_444_000, "lat": 51.9225, "lon": 4.47917}


def read(payload: bytes, place: int = 3) -> list[Input]:
    return decode(TOPIC, payload, place, DEFAULTS, {})


def fix_of(**fields: object) -> Fix:
    (taken,) = read(msgspec.json.encode(PLAIN | fields))
    assert isinstance(taken, Fix), taken
    return taken


def test_the_contracts_example() -> None:
    assert read(EXAMPLE) == [EXAMPLE_FIX]


def test_only_time_and_place_are_required() -> None:
    taken = fix_of()
    assert (taken.device, taken.fixed_at_ms, taken.lat_deg, taken.lon_deg) == (
        "vic-001",
        1717867444000,
        51.9225,
        4.47917,
    )
    assert isnan(taken.speed_mps)
    assert isnan(taken.course_deg)
    assert isnan(taken.battery_pct)
    assert (taken.seq, taken.place) == (-1, 3)


@pytest.mark.parametrize(
    ("source", "accuracy_m"),
    [("gnss", 11.0), ("wifi", 22.0), ("cell", 33.0), ("beacon", 44.0), (None, 55.0)],
)
def test_absent_accuracy_is_what_its_source_is_worth(source: str | None, accuracy_m: float) -> None:
    assert fix_of(source=source).accuracy_m == accuracy_m
    assert fix_of(source=source, accuracy_m=7).accuracy_m == 7.0
    if source is None:
        assert fix_of().accuracy_m == accuracy_m


def test_null_counts_as_absent() -> None:
    optional = ("accuracy_m", "speed_mps", "course_deg", "source", "seq")
    taken = fix_of(**dict.fromkeys(optional))
    assert (taken.accuracy_m, taken.seq) == (55.0, -1)
    assert isnan(taken.speed_mps)
    assert isnan(taken.course_deg)


@pytest.mark.parametrize(
    "text",
    [
        "2024-06-08T17:24:04Z",
        "2024-06-08T17:24:04.000Z",
        "2024-06-08t17:24:04.0004z",
        "2024-06-08T19:24:04+02:00",
        "2024-06-08T12:54:04.000-04:30",
        1_717_867_444_000,
    ],
)
def test_one_instant_in_many_spellings(text: str | int) -> None:
    assert fix_of(fixed_at=text).fixed_at_ms == 1_717_867_444_000


def test_fractions_of_a_second_count_to_the_millisecond() -> None:
    assert fix_of(fixed_at="2024-06-08T17:24:04.5Z").fixed_at_ms == 1_717_867_444_500
    assert fix_of(fixed_at="2024-06-08T17:24:04.123456Z").fixed_at_ms == 1_717_867_444_123
    at = datetime.fromisoformat("2024-02-29T23:59:59.999+00:00")
    assert fix_of(fixed_at="2024-02-29T23:59:59.999Z").fixed_at_ms == round(at.timestamp() * 1000)


@pytest.mark.parametrize("name", ["lat", "lon"])
@pytest.mark.parametrize("sign", [1, -1])
def test_the_ends_of_the_ranges_are_in(name: str, sign: int) -> None:
    most = {"lat": 90, "lon": 180}[name] * sign
    taken = fix_of(**{name: most})
    assert {"lat": taken.lat_deg, "lon": taken.lon_deg}[name] == most
    assert fix_of(course_deg=0).course_deg == 0
    assert fix_of(course_deg=360).course_deg == 360
    assert fix_of(speed_mps=0).speed_mps == 0
    assert fix_of(accuracy_m=20_000_000).accuracy_m == 20_000_000
    assert fix_of(seq=2**63 - 1).seq == 2**63 - 1


@pytest.mark.parametrize(
    "more",
    [
        b'"note": "caf\xc3\xa9"',
        b'"note": "{[{[{[{[{[{[{[{[{[{[{[{[{["',
        b'"note": "NaN, Infinity"',
        b'"extra": {"a": [1, 2, {"b": null}]}',
        b'"altitude_m": -3.5',
        b'"deep": ' + b"[" * 15 + b"]" * 15,
    ],
)
def test_fields_may_be_added(more: bytes) -> None:
    assert read(EXAMPLE.rstrip()[:-1] + b", " + more + b"}") == [EXAMPLE_FIX]
    assert read(
        b"[" + EXAMPLE.rstrip()[:-1] + b", " + more.replace(b"[" * 15, b"[" * 14).replace(b"]" * 15, b"]" * 14) + b"}]"
    ) == [EXAMPLE_FIX]


@pytest.mark.parametrize(
    ("said", "taken"),
    [
        (88, 88.0),
        (0, 0.0),
        (12.5, 12.5),
        (100, 100.0),
        (-1, None),
        (101, None),
        (True, None),
        ("full", None),
        ([], None),
    ],
)
def test_a_battery_that_is_no_percentage_costs_no_fix(said: object, taken: float | None) -> None:
    pct = fix_of(battery_pct=said).battery_pct
    assert isnan(pct) if taken is None else pct == taken


@pytest.mark.parametrize("wrapped", [b" %s", b"\r\n\t%s\n", b"%s "])
def test_space_around_it_changes_nothing(wrapped: bytes) -> None:
    assert read(wrapped % EXAMPLE) == [EXAMPLE_FIX]
    assert read(wrapped % (b"[" + EXAMPLE + b"]")) == [EXAMPLE_FIX]


def test_an_array_is_its_fixes_in_order() -> None:
    elements = [PLAIN | {"seq": number} for number in range(FIXES_MAX)]
    taken = read(msgspec.json.encode(elements))
    assert [fix.seq for fix in taken if isinstance(fix, Fix)] == list(range(500))
    assert {fix.place for fix in taken} == {3}


@pytest.mark.parametrize(
    ("bad", "reason", "detail"),
    [
        (b'{"lat": 1, "lon": 2}', Refused.MISSING_FIELD, "[1].fixed_at"),
        (b'{"fixed_at": 1717867444000, "lat": 91, "lon": 2}', Refused.OUT_OF_RANGE, "[1].lat"),
        (b'{"fixed_at": 1717867444000, "lat": "1", "lon": 2}', Refused.WRONG_TYPE, "[1].lat"),
        (b'{"fixed_at": 1717867444000, "lat": NaN, "lon": 2}', Refused.NOT_FINITE, "[1]"),
        (b'{"fixed_at": 1717867444000, "lat": 1, "lon": 2, "height": -Infinity}', Refused.NOT_FINITE, "[1]"),
        (b'{"fixed_at": 1717867444000, "lat": 1e999, "lon": 2}', Refused.NOT_FINITE, "[1]"),
        (b"[]", Refused.WRONG_TYPE, "[1]"),
        (b"null", Refused.WRONG_TYPE, "[1]"),
        (b"17", Refused.WRONG_TYPE, "[1]"),
        (b'"text"', Refused.WRONG_TYPE, "[1]"),
    ],
)
def test_a_bad_element_costs_the_others_nothing(bad: bytes, reason: Refused, detail: str) -> None:
    assert read(b"[" + EXAMPLE + b"," + bad + b"," + EXAMPLE + b"]") == [
        EXAMPLE_FIX,
        Refusal(reason, "vic-001", detail, 3),
        EXAMPLE_FIX,
    ]


def test_the_largest_message_is_taken() -> None:
    filling = PAYLOAD_MAX_BYTES - len(EXAMPLE) - len(b', "filling": ""')
    payload = EXAMPLE[:-1] + b', "filling": "' + b"x" * filling + b'"}'
    assert len(payload) == 65_536
    assert read(payload) == [EXAMPLE_FIX]
    assert read(payload + b" ") == [Refusal(Refused.TOO_LARGE, "vic-001", "message", 3)]
