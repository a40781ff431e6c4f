# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The victim-proximity monitor authors
import json
import math

from hypothesis import given
from hypothesis import strategies as st

from simulators.live.clock import ServiceClock

START_MS = 1717862280000


def beat(now_ms: int, speed: float = 120.0, state: str = "running") -> bytes:
    return json.dumps({"state": state, "now_ms": now_ms, "speed": speed}).encode()


def test_before_the_first_heartbeat_the_time_is_unknown() -> None:
    clock = ServiceClock()
    assert clock.now_ms(5.0) is None
    assert clock.wait_s(START_MS, 5.0) == math.inf


def test_between_heartbeats_time_runs_at_the_services_speed() -> None:
    clock = ServiceClock()
    clock.hear(beat(START_MS), 10.0)
    assert clock.now_ms(10.5) == START_MS + 60_000
    assert clock.wait_s(START_MS + 120_000, 10.5) == 0.5
    assert clock.wait_s(START_MS, 10.5) == 0.0


def test_the_quickest_heartbeat_counts() -> None:
    clock = ServiceClock()
    clock.hear(beat(START_MS), 10.3)  # 0.3 s on its way
    clock.hear(beat(START_MS + 120_000), 11.0)  # none
    clock.hear(beat(START_MS + 240_000), 12.2)
    assert clock.now_ms(12.5) == START_MS + 300_000


@given(
    st.lists(st.floats(0, 0.9), min_size=1, max_size=40),
    st.sampled_from([0.5, 1.0, 120.0, 1000.0]),
    st.floats(0, 3),
)
def test_it_never_runs_ahead_and_lags_no_more_than_the_quickest_heartbeat(
    delays_s: list[float], speed: float, later_s: float
) -> None:
    clock = ServiceClock()
    for second, delay_s in enumerate(delays_s):
        clock.hear(beat(START_MS + round(second * speed * 1000), speed), 100.0 + second + delay_s)
    at_s = 100.0 + len(delays_s) + later_s
    true_ms = START_MS + (at_s - 100.0) * speed * 1000
    now_ms = clock.now_ms(at_s)
    assert now_ms is not None
    assert now_ms <= true_ms + 1  # rounding
    assert now_ms >= true_ms - min(delays_s[-8:]) * speed * 1000 - 2


def test_a_lost_service_has_no_time_until_it_runs_again() -> None:
    clock = ServiceClock()
    clock.hear(beat(START_MS), 10.0)
    clock.hear(b'{"state": "lost"}', 11.0)
    assert clock.now_ms(11.5) is None
    clock.hear(beat(START_MS + 5000), 20.0)
    assert clock.now_ms(20.0) == START_MS + 5000


def test_a_service_started_again_at_an_earlier_time_is_followed_back() -> None:
    clock = ServiceClock()
    clock.hear(beat(START_MS + 600_000), 10.0)
    clock.hear(beat(START_MS), 11.0)
    assert clock.now_ms(11.0) == START_MS


def test_a_change_of_speed_is_followed() -> None:
    clock = ServiceClock()
    clock.hear(beat(START_MS), 10.0)
    clock.hear(beat(START_MS + 120_000, 1.0), 11.0)
    assert clock.now_ms(12.0) == START_MS + 121_000


def test_what_is_no_heartbeat_changes_nothing() -> None:
    clock = ServiceClock()
    clock.hear(beat(START_MS), 10.0)
    for other in (b"", b"[]", b'{"now_ms": 5}', b'{"state": 1}', b"\xff"):
        clock.hear(other, 10.5)
    assert clock.now_ms(11.0) == START_MS + 120_000
