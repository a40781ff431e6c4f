# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The victim-proximity monitor authors
"""Everything that the world can do wrong with a fix, and the reason that it is refused for."""

import msgspec
import pytest

from proximity.model.inputs import Refusal
from proximity.model.judging import DefaultAccuracy
from proximity.model.words import Refused
from proximity.wire.inputs import decode

TOPIC = "proximity/v1/devices/vic-001/fix"
AT = '"fixed_at": 1717867444000'
GOOD = f'{{{AT}, "lat": 1, "lon": 2}}'


def refused(payload: bytes, topic: str = TOPIC) -> Refusal:
    (refusal,) = decode(topic, payload, 5, DefaultAccuracy(), {})
    assert isinstance(refusal, Refusal), refusal
    assert refusal.place == 5
    return refusal


def wrapped(depth: int) -> bytes:
    """An array in an array, so deep."""
    return b"[" * depth + b"]" * depth


@pytest.mark.parametrize(
    ("payload", "reason"),
    [
        (b"x" * 65_537, Refused.TOO_LARGE),
        (b'{"a":' * 2_000_000, Refused.TOO_LARGE),  # 10 MB
        (b"[" * 100_000, Refused.TOO_LARGE),
        (b"[" * 65_536, Refused.TOO_DEEP),
        (b'{"a":' * 13_107, Refused.TOO_DEEP),
        (b"[1," * 20_000, Refused.TOO_DEEP),
        (wrapped(32_768), Refused.TOO_DEEP),
        (wrapped(1000), Refused.TOO_DEEP),
        (wrapped(17), Refused.TOO_DEEP),
        (wrapped(16), Refused.WRONG_TYPE),
        (f'{{{AT}, "lat": 1, "lon": 2, "x": {"[" * 16}{"]" * 16}}}'.encode(), Refused.TOO_DEEP),
        (f'[{{{AT}, "lat": 1, "lon": 2, "x": {"[" * 15}{"]" * 15}}}]'.encode(), Refused.TOO_DEEP),
        (b'["]]]]", [[[[[[[[["[", [[[[[[[', Refused.TOO_DEEP),
        (b"[" + GOOD[:-1].encode() + b', "x": ' + b'{"x": ' * 15 + b"0" + b"}" * 16 + b"]", Refused.TOO_DEEP),
        (b"\xff\xfe{}", Refused.NOT_UTF8),
        (GOOD.encode("utf-16"), Refused.NOT_UTF8),
        (b'{"fixed_at": 1717867444000, "lat": 1, "lon": 2, "x": "\xc3\x28"}', Refused.NOT_UTF8),
        (b'[{"fixed_at": 1717867444000, "lat": 1, "lon": 2, "x": "\xff"}]', Refused.NOT_UTF8),
        (b'"\xed\xa0\x80"', Refused.NOT_UTF8),  # a surrogate
        (b"", Refused.NOT_JSON),
        (b" ", Refused.NOT_JSON),
        (b"hello", Refused.NOT_JSON),
        (b"<fix/>", Refused.NOT_JSON),
        (b"\xef\xbb\xbf" + GOOD.encode(), Refused.NOT_JSON),  # a byte order mark
        (GOOD[:-1].encode(), Refused.NOT_JSON),
        (GOOD.encode() * 2, Refused.NOT_JSON),
        (GOOD.replace('"', "'").encode(), Refused.NOT_JSON),
        (f"[{GOOD},]".encode(), Refused.NOT_JSON),
        (f"[{GOOD}".encode(), Refused.NOT_JSON),
        (f"[{GOOD}] x".encode(), Refused.NOT_JSON),
        (b'{"a": NaN', Refused.NOT_JSON),
        (b"[NaN, ", Refused.NOT_JSON),
        (b"\x00" * 10, Refused.NOT_JSON),
        (b"NaN", Refused.NOT_FINITE),
        (b"1e999", Refused.NOT_FINITE),
        (b"[]", Refused.EMPTY),
        (b" [ ] ", Refused.EMPTY),
        (f"[{','.join([GOOD] * 501)}]".encode(), Refused.TOO_MANY),
        (f"[{','.join(['1'] * 501)}]".encode(), Refused.TOO_MANY),
        (b"null", Refused.WRONG_TYPE),
        (b"true", Refused.WRONG_TYPE),
        (b"17", Refused.WRONG_TYPE),
        (b'"fix"', Refused.WRONG_TYPE),
    ],
)
def test_a_message_that_is_wrong_as_a_whole(payload: bytes, reason: Refused) -> None:
    assert (refused(payload).reason, refused(payload).device) == (reason, "vic-001")


@pytest.mark.parametrize(
    "number", ["NaN", "Infinity", "-Infinity", "1e999", "-1e999", "nan", "inf", "-inf", "1" + "0" * 400]
)
@pytest.mark.parametrize("field", ["lat", "lon", "accuracy_m", "speed_mps", "course_deg"])
def test_numbers_that_are_not_finite(number: str, field: str) -> None:
    fields = {"lat": "1", "lon": "2"} | {field: number}
    written = ", ".join(f'"{name}": {value}' for name, value in fields.items())
    assert refused(f"{{{AT}, {written}}}".encode()).reason is Refused.NOT_FINITE


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("lat", "51.9"),
        ("lat", True),
        ("lat", [51.9]),
        ("lon", {}),
        ("accuracy_m", "8.5"),
        ("speed_mps", False),
        ("course_deg", "N"),
        ("source", 1),
        ("source", "compass"),
        ("seq", 1.5),
        ("seq", "4711"),
        ("seq", True),
        ("fixed_at", True),
        ("fixed_at", 1_717_867_444_000.5),
        ("fixed_at", "yesterday"),
        ("fixed_at", "1717867444000"),
        ("fixed_at", "2024-06-08"),
        ("fixed_at", "2024-06-08T17:24:04"),  # without an offset it is no instant
        ("fixed_at", "2024-02-30T00:00:00Z"),
        ("fixed_at", "2016-12-31T23:59:60Z"),  # a leap second
        ("fixed_at", ""),
        ("fixed_at", []),
    ],
)
def test_a_wrong_type_names_its_field(field: str, value: object) -> None:
    payload = msgspec.json.encode({"fixed_at": 1_717_867_444_000, "lat": 1, "lon": 2} | {field: value})
    assert refused(payload) == Refusal(Refused.WRONG_TYPE, "vic-001", field, 5)


@pytest.mark.parametrize("field", ["fixed_at", "lat", "lon"])
@pytest.mark.parametrize("absent", ["left out", "null"])
def test_a_missing_field_is_named(field: str, absent: str) -> None:
    whole = {"fixed_at": 1_717_867_444_000, "lat": 1, "lon": 2}
    without = {name: value for name, value in whole.items() if name != field}
    payload = msgspec.json.encode(without if absent == "left out" else whole | {field: None})
    assert refused(payload) == Refusal(Refused.MISSING_FIELD, "vic-001", field, 5)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("lat", 91),
        ("lat", -90.000001),
        ("lon", 180.5),
        ("lon", -181),
        ("accuracy_m", 0),
        ("accuracy_m", -5),
        ("accuracy_m", 20_000_001),
        ("speed_mps", -0.1),
        ("speed_mps", 1e9),
        ("course_deg", -1),
        ("course_deg", 360.1),
        ("seq", -1),
        ("seq", 2**63),
        ("seq", 10**30),
        ("fixed_at", -1),
        ("fixed_at", 0),
        ("fixed_at", 1_717_867_444),  # seconds
        ("fixed_at", 1_717_867_444_000_000),  # microseconds
        ("fixed_at", 10**30),
        ("fixed_at", "0001-01-01T00:00:00+14:00"),
        ("fixed_at", "1999-12-31T23:59:59Z"),
        ("fixed_at", "2100-01-01T00:00:00Z"),
        ("fixed_at", "9999-12-31T23:59:59-14:00"),
    ],
)
def test_a_value_out_of_range_names_its_field(field: str, value: object) -> None:
    payload = msgspec.json.encode({"fixed_at": 1_717_867_444_000, "lat": 1, "lon": 2} | {field: value})
    assert refused(payload) == Refusal(Refused.OUT_OF_RANGE, "vic-001", field, 5)


def test_bytes_that_are_no_text_cost_the_whole_array() -> None:
    bad = GOOD.encode()[:-1] + b', "x": "\xff"}'
    assert refused(b"[" + GOOD.encode() + b"," + bad + b"]") == Refusal(Refused.NOT_UTF8, "vic-001", "message", 5)


def test_a_wrong_type_comes_before_a_missing_field_before_a_range() -> None:
    assert refused(b'{"lat": 91, "lon": "x"}') == Refusal(Refused.WRONG_TYPE, "vic-001", "lon", 5)
    assert refused(b'{"lat": 91, "lon": 1}') == Refusal(Refused.MISSING_FIELD, "vic-001", "fixed_at", 5)


@pytest.mark.parametrize(
    "topic",
    ["proximity/v1/devices/VIC/fix", "proximity/v1/devices/vic-001/config", "?$proximity/orders", "", "a" * 70_000],
)
@pytest.mark.parametrize("payload", [GOOD.encode(), b"", b"x" * 100_000])
def test_an_unknown_topic_comes_before_everything(topic: str, payload: bytes) -> None:
    assert refused(payload, topic) == Refusal(Refused.UNKNOWN_TOPIC, "", "topic", 5)


@pytest.mark.parametrize("secret", ["51.92251", "secret", "1717867444999"])
def test_a_detail_never_quotes_the_payload(secret: str) -> None:
    for field in ("lat", "fixed_at", "source", "seq", "secret"):
        for payload in (f'{{"{field}": "{secret}"}}', f'{{{AT}, "lat": 95.{secret}', f'[{{"{field}": "{secret}"}}]'):
            assert secret not in refused(payload.encode()).detail
