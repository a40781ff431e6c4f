# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The victim-proximity monitor authors
"""Whatever is sent to the live service is taken or refused with a counted reason, and the service goes on."""

import json
import time
from collections.abc import Iterator

import pytest

from tests.live import HEARTBEAT, Mailbox, Place, Service, running, wait_for
from tests.traffic import GATEWAY, SETTINGS, fix_topic, orders

DEVICE = "w-0"
LATITUDE = 52.513579
GOOD = {"lat": LATITUDE, "lon": 4.0, "accuracy_m": 5.0}


def now_ms(ahead_s: float = 0.0) -> int:
    return int((time.time() + ahead_s) * 1000)


def fix(**more: object) -> bytes:
    return json.dumps({"fixed_at": now_ms(), **GOOD, **more}).encode()


def without(field: str) -> bytes:
    return json.dumps({key: value for key, value in json.loads(fix()).items() if key != field}).encode()


def raw(field: str, text: str) -> bytes:
    return fix(**{field: "HERE"}).replace(b'"HERE"', text.encode())


BAD: list[tuple[str, bytes, str]] = [
    ("not JSON", b"{fixed_at: now}", "not_json"),
    ("nothing at all", b"", "not_json"),
    ("latitude as text", fix(lat="52.0"), "wrong_type"),
    ("a text", b'"here"', "wrong_type"),
    ("null", b"null", "wrong_type"),
    ("no time", without("fixed_at"), "missing_field"),
    ("no latitude", without("lat"), "missing_field"),
    ("NaN", raw("lat", "NaN"), "not_finite"),
    ("Infinity", raw("lon", "Infinity"), "not_finite"),
    ("minus Infinity", raw("accuracy_m", "-Infinity"), "not_finite"),
    ("latitude 91", fix(lat=91), "out_of_range"),
    ("longitude -181", fix(lon=-181), "out_of_range"),
    ("accuracy below 0", fix(accuracy_m=-1), "out_of_range"),
    ("two days ahead", fix(fixed_at=now_ms(2 * 86_400)), "ahead"),
    ("64 KiB and one byte", fix(note="x" * 65_536), "too_large"),
    ("100,000 deep", b"[" * 100_000 + b"]" * 100_000, "too_large"),
    ("30,000 deep", b"[" * 30_000 + b"]" * 30_000, "too_deep"),
    ("invalid UTF-8", fix().replace(b"}", b', "note": "\xff\xfe"}'), "not_utf8"),
    ("an empty array", b"[]", "empty"),
    ("501 fixes", b"[" + b",".join([b"{}"] * 501) + b"]", "too_many"),
]


@pytest.fixture(scope="module")
def live(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Service, Place]]:
    service = Service(tmp_path_factory.mktemp("bad-input"), orders(1), SETTINGS)
    with running(service):
        yield service, service.ready()


@pytest.fixture(scope="module")
def beats(live: tuple[Service, Place]) -> Iterator[Mailbox]:
    mailbox = Mailbox(live[1], "engine", (HEARTBEAT,))
    yield mailbox
    mailbox.close()


@pytest.fixture(scope="module")
def gateway(live: tuple[Service, Place]) -> Iterator[Mailbox]:
    mailbox = Mailbox(live[1], GATEWAY)
    yield mailbox
    mailbox.close()


def refused(beats: Mailbox, reason: str) -> int:
    return int(beats.json()[-1]["refused"].get(reason, 0)) if beats.messages else 0


def settled(live: tuple[Service, Place], beats: Mailbox) -> None:
    """Wait for a heartbeat that was made after now."""
    live[0].check()
    count = len(beats.messages)
    wait_for(lambda: len(beats.messages) > count + 1, "two heartbeats")


@pytest.mark.parametrize(("payload", "reason"), [pytest.param(body, why, id=name) for name, body, why in BAD])
def test_bad_input_is_refused_with_its_reason(
    live: tuple[Service, Place], beats: Mailbox, gateway: Mailbox, payload: bytes, reason: str
) -> None:
    settled(live, beats)
    before = refused(beats, reason)
    accepted = beats.json()[-1]["accepted"]
    gateway.send(fix_topic(DEVICE), payload)
    wait_for(lambda: refused(beats, reason) == before + 1, f"one more {reason}")
    gateway.send(fix_topic(DEVICE), fix(lat=52.6))
    wait_for(lambda: beats.json()[-1]["accepted"] == accepted + 1, "a good fix taken after it")


@pytest.mark.parametrize(
    ("topic", "reason"),
    [
        (fix_topic("nobody"), "unknown_device"),
        (fix_topic("Not-An-Id"), "unknown_topic"),
        ("proximity/v1/devices/w-0/status", "missing_field"),
    ],
)
def test_a_topic_or_device_that_is_not_known_is_refused(
    live: tuple[Service, Place], beats: Mailbox, gateway: Mailbox, topic: str, reason: str
) -> None:
    settled(live, beats)
    before = refused(beats, reason)
    gateway.send(topic, fix())
    wait_for(lambda: refused(beats, reason) == before + 1, f"one more {reason}")


def test_ten_megabytes_are_counted_by_the_broker_and_by_us(live: tuple[Service, Place], beats: Mailbox) -> None:
    settled(live, beats)
    before = refused(beats, "too_large")
    mailbox = Mailbox(live[1], GATEWAY)
    mailbox.client.publish(fix_topic(DEVICE), bytes(10_000_000), qos=1)
    wait_for(lambda: refused(beats, "too_large") > before, "too_large counted")
    mailbox.close()


def test_who_writes_where_they_may_not_is_counted(live: tuple[Service, Place], beats: Mailbox) -> None:
    settled(live, beats)
    before = refused(beats, "forbidden")
    mailbox = Mailbox(live[1], "device/p-0")
    accepted = beats.json()[-1]["accepted"]
    mailbox.send(fix_topic(DEVICE), fix())
    mailbox.send("proximity/v1/devices/p-0/position", fix())
    wait_for(lambda: refused(beats, "forbidden") == before + 2, "forbidden counted")
    mailbox.close()
    assert beats.json()[-1]["accepted"] == accepted


def test_good_fixes_in_an_array_with_bad_ones_are_taken(
    live: tuple[Service, Place], beats: Mailbox, gateway: Mailbox
) -> None:
    settled(live, beats)
    accepted, missing = beats.json()[-1]["accepted"], refused(beats, "missing_field")
    good = [json.loads(fix(lat=52.7, fixed_at=now_ms(-10 + second))) for second in range(3)]
    gateway.send(fix_topic(DEVICE), [*good, {"lat": 1.0}])
    wait_for(lambda: beats.json()[-1]["accepted"] == accepted + 3, "three fixes taken")
    wait_for(lambda: refused(beats, "missing_field") == missing + 1, "one refused")


def test_the_log_tells_no_place(live: tuple[Service, Place]) -> None:
    said = live[0].said()
    assert str(LATITUDE)[:5] not in said
    assert "running" in said
    assert "Traceback" not in said
