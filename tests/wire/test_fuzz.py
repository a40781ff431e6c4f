# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The victim-proximity monitor authors
"""Whatever arrives, something comes of it that the engine can take, and nothing raises."""

import json
from math import isfinite, isnan
from time import process_time

from hypothesis import assume, given
from hypothesis import strategies as st

from proximity.model.inputs import Acknowledgement, Fix, Input, Refusal, Status
from proximity.model.judging import DefaultAccuracy
from proximity.model.words import Refused
from proximity.wire.inputs import PAYLOAD_MAX_BYTES, decode

TOPICS = [
    "proximity/v1/devices/vic-001/fix",
    "proximity/v1/devices/vic-001/status",
    "owntracks/p04/phone",
    "reclassering/v1/rotterdam/team-a/commands",
]
WORST_S = 0.5  # measured: 0.02; what looks at bytes twice takes minutes
PHONES = {"p04/phone": "vic-001"}
VALID = [
    b'{"fixed_at": "2024-06-08T17:24:04Z", "lat": 51.9225, "lon": 4.47917, "accuracy_m": 8.5, "seq": 4711}',
    b'[{"fixed_at": 1717867444000, "lat": 51.9, "lon": 4.4, "source": "cell"}, {"fixed_at": 1, "lat": NaN}]',
    b'{"event": "strap_cut", "at": "2024-06-08T17:24:04+02:00", "more": {"a": [1, "\\"]"]}}',
    b'{"cog":271,"lon":2.29513,"acc":5,"vel":61,"lat":48.85833,"tst":1497349316,"_type":"location"}',
    b'{"command": "acknowledge", "incident": "a:separation:b_c:1", "by": "J. de Vries \xc3\xa9"}',
]
FIELDS = ["fixed_at", "lat", "lon", "accuracy_m", "speed_mps", "course_deg", "source", "seq", "event", "at", "_type",
          "tst", "acc", "vel", "cog", "command", "incident", "by", "x"]  # fmt: skip
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20)
    | st.sampled_from(["gnss", "sos", "location", "acknowledge", "2024-06-08T17:24:04Z", 1_717_867_444_000, 51.9]),
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(st.sampled_from(FIELDS), inner, max_size=10),
    max_leaves=30,
)  # fmt: skip


@st.composite
def mutated(draw: st.DrawFn) -> bytes:
    """A valid message, cut off, with bytes changed, or with a piece of itself or another put in."""
    payload = bytearray(draw(st.sampled_from(VALID)))
    for _ in range(draw(st.integers(1, 4))):
        place = draw(st.integers(0, len(payload)))
        kind = draw(st.sampled_from(["cut", "change", "insert", "double"]))
        if kind == "cut":
            del payload[place : place + draw(st.integers(1, 40))]
        elif kind == "change" and place < len(payload):
            payload[place] = draw(st.integers(0, 255))
        elif kind == "insert":
            pieces = [b"NaN", b"-Infinity", b"1e999", b"null", b"[", b"{", b'"', b"\\", b"\xff", b",", b"9" * 30]
            payload[place:place] = draw(st.sampled_from(pieces))
        else:
            payload[place:place] = draw(st.sampled_from(VALID))
    return bytes(payload)


def check(inputs: list[Input], place: int) -> None:
    """What the engine relies on."""
    assert inputs
    for taken in inputs:
        assert isinstance(taken, Fix | Status | Acknowledgement | Refusal)
        assert taken.place == place
        if isinstance(taken, Fix):
            assert taken.device == "vic-001"
            assert 946_684_800_000 <= taken.fixed_at_ms < 4_102_444_800_000
            assert -90 <= taken.lat_deg <= 90
            assert -180 <= taken.lon_deg <= 180
            assert 0 < taken.accuracy_m <= 20_000_000
            assert isnan(taken.speed_mps) or (taken.speed_mps >= 0 and isfinite(taken.speed_mps))
            assert isnan(taken.course_deg) or 0 <= taken.course_deg <= 360
            assert -1 <= taken.seq < 2**63


@given(st.sampled_from(TOPICS), st.binary(max_size=300), st.integers(0, 500))
def test_random_bytes(topic: str, payload: bytes, place: int) -> None:
    check(decode(topic, payload, place, DefaultAccuracy(), PHONES), place)


@given(st.sampled_from(TOPICS), mutated())
def test_mutated_messages(topic: str, payload: bytes) -> None:
    check(decode(topic, payload, 1, DefaultAccuracy(), PHONES), 1)


@given(st.sampled_from(TOPICS), JSON)
def test_json_of_any_shape(topic: str, value: object) -> None:
    inputs = decode(topic, json.dumps(value).encode(), 1, DefaultAccuracy(), PHONES)
    check(inputs, 1)
    reasons = {taken.reason for taken in inputs if isinstance(taken, Refusal)}
    assert not reasons & {Refused.NOT_JSON, Refused.NOT_UTF8, Refused.UNKNOWN_TOPIC}


@given(st.text(max_size=300), st.binary(max_size=50))
def test_random_topics(topic: str, payload: bytes) -> None:
    assume(not topic.startswith(("proximity/", "owntracks/", "reclassering/")))
    (refusal,) = decode(topic, payload, 1, DefaultAccuracy(), PHONES)
    assert refusal == Refusal(Refused.UNKNOWN_TOPIC, "", "topic", 1)


@given(st.sampled_from(TOPICS), mutated(), st.integers(0, 3))
def test_space_around_a_message_changes_nothing(topic: str, payload: bytes, spaces: int) -> None:
    bare = decode(topic, payload, 1, DefaultAccuracy(), PHONES)
    assert repr(decode(topic, b" " * spaces + payload + b"\n", 1, DefaultAccuracy(), PHONES)) == repr(bare)


@given(st.lists(st.sampled_from([VALID[0], b"{}", b"[1]", b'{"lat": 91}', b"null"]), min_size=1, max_size=20))
def test_an_element_is_judged_as_it_would_be_by_itself(elements: list[bytes]) -> None:
    together = decode(TOPICS[0], b"[" + b",".join(elements) + b"]", 1, DefaultAccuracy(), PHONES)
    assert len(together) == len(elements)
    for element, taken in zip(elements, together, strict=True):
        if element == b"[1]":  # by itself it would be an array
            assert isinstance(taken, Refusal)
            continue
        (alone,) = decode(TOPICS[0], element, 1, DefaultAccuracy(), PHONES)
        reason = alone.reason if isinstance(alone, Refusal) else None
        assert (taken.reason if isinstance(taken, Refusal) else None) == reason


def test_the_worst_that_fits_is_read_in_good_time() -> None:
    worst = [b'"\\', b"[]", b'"a', b'["', b"nan", b"-", b"[NaN,", b"{}", b'"",', b"[[]],", b'\\"', b"1e9", b"[1e999,"]
    for piece in worst:
        for start in (b"", b"[", b'"', b'{"a":'):
            payload = (start + piece * PAYLOAD_MAX_BYTES)[:PAYLOAD_MAX_BYTES]
            began_s = process_time()
            check(decode(TOPICS[0], payload, 1, DefaultAccuracy(), PHONES), 1)
            assert process_time() - began_s < WORST_S, payload[:20]
