# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The victim-proximity monitor authors
import pytest
from hypothesis import given
from hypothesis import strategies as st

from proximity.model.inputs import Fix
from proximity.model.judging import DefaultAccuracy
from proximity.wire.inputs import decode
from proximity.wire.trace import TraceFault, TraceLine, parse_trace_line
from simulators.devices.fixes import DeviceFix
from simulators.devices.recorded import to_trace

TOPIC = "proximity/v1/devices/vic-001/fix"


@pytest.mark.parametrize(
    "payload",
    [b'{"fixed_at": 1717867444000,  "lat":51.90}', b"[]", b"null", b'"text"', b"17", b'{"a": {"b": [1]}, "a": 2}'],
)
def test_the_payload_is_the_bytes_that_stand_in_the_line(payload: bytes) -> None:
    expected = TraceLine(1_717_867_444_000, TOPIC, payload)
    at = b'"2024-06-08T19:24:04+02:00"'
    assert parse_trace_line(b'{"received_at": %s, "topic": "%s", "payload": %s}\n' % (at, TOPIC.encode(), payload)) == (
        expected
    )
    assert parse_trace_line(
        b'{"payload":%s,"x":1,"topic":"%s","received_at":1717867444000}' % (payload, TOPIC.encode())
    ) == (expected)


def test_what_the_simulators_write_is_read() -> None:
    tracks = {"vic-001": [DeviceFix(1_717_867_444_000, 51.9225, 4.47917, 8.5, 1.3, 120.0, 4711)]}
    (line,) = to_trace(tracks)
    parsed = parse_trace_line(line)
    assert (parsed.received_at_ms, parsed.topic) == (1_717_867_444_000, TOPIC)
    assert decode(parsed.topic, parsed.payload, 0, DefaultAccuracy(), {}) == [
        Fix("vic-001", 1_717_867_444_000, 51.9225, 4.47917, 8.5, 1.3, 120.0, 4711, 0)
    ]


GOOD = '"received_at": 1717867444000, "topic": "t", "payload": {}'


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("", "not a JSON object"),
        ("hello", "not a JSON object"),
        ("[]", "not a JSON object"),
        ("17", "not a JSON object"),
        (f"{{{GOOD}", "not a JSON object"),
        (f"{{{GOOD}}} {{}}", "not a JSON object"),
        ('{"received_at": 1717867444000, "topic": "t", "payload": NaN}', "not a JSON object"),
        ('{"received_at": 1717867444000, "topic": "t", "payload": ' + "[" * 100_000 + "}", "not a JSON object"),
        ('{"topic": "t", "payload": {}}', "no received_at"),
        ('{"received_at": 1717867444000, "payload": {}}', "no topic"),
        ('{"received_at": 1717867444000, "topic": "t"}', "no payload"),
        ('{"received_at": 1717867444000, "topic": 5, "payload": {}}', "topic is not a text"),
        ('{"received_at": "noon", "topic": "t", "payload": {}}', "received_at is no instant"),
        ('{"received_at": null, "topic": "t", "payload": {}}', "received_at is no instant"),
        ('{"received_at": 1717867444.5, "topic": "t", "payload": {}}', "received_at is no instant"),
        ('{"received_at": "2024-06-08T17:24:04", "topic": "t", "payload": {}}', "received_at is no instant"),
        ('{"received_at": "1980-01-06T00:00:00Z", "topic": "t", "payload": {}}', "received_at is out of range"),
    ],
)
def test_a_fault_says_in_a_line_what_is_wrong_and_the_mend(line: str, reason: str) -> None:
    with pytest.raises(TraceFault) as caught:
        parse_trace_line(line.encode())
    message = str(caught.value)
    assert message.startswith(f"{reason}: write ")
    assert "\n" not in message
    assert isinstance(caught.value, ValueError)


@given(st.binary(max_size=200))
def test_random_bytes_are_a_fault(line: bytes) -> None:
    with pytest.raises(TraceFault):
        parse_trace_line(line)
