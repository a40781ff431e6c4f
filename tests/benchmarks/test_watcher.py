# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The victim-proximity monitor authors
"""What the supervisor's client notes."""

from benchmarks.plan import ALERTS_TOPIC, STATE_TOPIC
from benchmarks.records import Arrival, Heartbeat
from benchmarks.watcher import seen


def test_an_alert_of_the_service_is_a_cloud_event() -> None:
    event = {"specversion": "1.0", "data": {"order": "o-1", "kind": "separation", "level": "emergency"}}
    assert seen(ALERTS_TOPIC, event, 12.5) == Arrival(12.5, "o-1", "separation")


def test_an_alert_of_the_script_is_flat() -> None:
    assert seen(ALERTS_TOPIC, {"kind": "zone", "order": "o-2"}, 1.0) == Arrival(1.0, "o-2", "zone")


def test_a_heartbeat_counts_all_refusals() -> None:
    state = {"state": "running", "now_ms": 5, "accepted": 7, "refused": {"duplicate": 2, "ahead": 1}, "queued": 4}
    assert seen(STATE_TOPIC, state, 6.0) == Heartbeat(6.0, 5, 7, 3, 4)


def test_a_service_that_is_lost_is_not_ready() -> None:
    assert seen(STATE_TOPIC, {"state": "lost"}, 6.0) is None
