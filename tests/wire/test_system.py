# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The victim-proximity monitor authors
import json

from msgspec.structs import replace

from proximity.wire.system import LAST_WILL, STOPPED, Heartbeat, encode_heartbeat

BEAT = Heartbeat(
    state="running",
    now_ms=1_717_862_281_000,
    speed=120.0,
    version="0.1.0",
    orders_revision="sha256:00",
    orders_faults=2,
    fixes_per_s=1.9,
    accepted=123,
    late=7,
    unjudged=1,
    dropped=12,
    dropped_devices=3,
    refused={"duplicate": 2, "ahead": 1},
    behind_ms=3,
    queued=0,
    unconfirmed_alerts=0,
    wishes_waiting=4,
)


def test_the_heartbeat_as_it_was_agreed() -> None:
    assert json.loads(encode_heartbeat(BEAT)) == {
        "state": "running",
        "now": "2024-06-08T15:58:01.000Z",
        "now_ms": 1717862281000,
        "speed": 120.0,
        "version": "0.1.0",
        "orders_revision": "sha256:00",
        "orders_faults": 2,
        "fixes_per_s": 1.9,
        "accepted": 123,
        "late": 7,
        "unjudged": 1,
        "dropped": 12,
        "dropped_devices": 3,
        "refused": {"duplicate": 2, "ahead": 1},
        "behind_ms": 3,
        "queued": 0,
        "unconfirmed_alerts": 0,
        "wishes_waiting": 4,
    }
    assert encode_heartbeat(BEAT).startswith(b'{"state":"running","now":"2024-06-08T15:58:01.000Z","now_ms":')


def test_the_order_in_which_refusals_came_does_not_show() -> None:
    turned = replace(BEAT, refused={"ahead": 1, "duplicate": 2})
    assert encode_heartbeat(turned) == encode_heartbeat(BEAT)


def test_a_service_that_is_gone() -> None:
    assert json.loads(LAST_WILL) == {"state": "lost"}
    assert json.loads(STOPPED) == {"state": "stopped"}
