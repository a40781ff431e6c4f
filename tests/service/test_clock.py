# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The victim-proximity monitor authors
import pytest

from proximity.service.clock import ServiceClock
from proximity.settings.service import Clock

DAY_MS = 1_717_862_400_000  # 2024-06-08T16:00:00Z


class Hands:
    """The two clocks of a machine, moved by the test."""

    def __init__(self, wall_ms: int) -> None:
        self.wall_ms = wall_ms
        self.steady_ms = 5_000

    def pass_ms(self, span_ms: int) -> None:
        self.wall_ms += span_ms
        self.steady_ms += span_ms

    def clock(self, settings: Clock) -> ServiceClock:
        return ServiceClock(settings, lambda: self.wall_ms * 1_000_000, lambda: self.steady_ms * 1_000_000)


def test_the_system_clock_is_followed() -> None:
    hands = Hands(DAY_MS)
    clock = hands.clock(Clock())
    assert clock.start(0) == DAY_MS
    hands.pass_ms(1_500)
    assert clock.now_ms() == DAY_MS + 1_500
    assert clock.wait_s(DAY_MS + 2_000) == pytest.approx(0.5)
    assert clock.wait_s(DAY_MS) == 0.0


def test_a_system_clock_that_jumps_ahead_is_followed() -> None:
    hands = Hands(DAY_MS)
    clock = hands.clock(Clock())
    clock.start(0)
    hands.wall_ms += 60_000
    assert clock.now_ms() == DAY_MS + 60_000
    hands.pass_ms(1_000)
    assert clock.now_ms() == DAY_MS + 61_000


def test_a_system_clock_set_back_neither_goes_back_nor_stands_still() -> None:
    hands = Hands(DAY_MS)
    clock = hands.clock(Clock())
    clock.start(0)
    hands.wall_ms -= 3_600_000
    hands.pass_ms(10_000)
    assert clock.now_ms() == DAY_MS + 10_000


def test_a_recorded_day_runs_at_a_multiple_with_its_own_dates() -> None:
    hands = Hands(1_000)
    clock = hands.clock(Clock(start_at_ms=DAY_MS, speed=120.0))
    clock.start(0)
    hands.pass_ms(500)
    assert clock.now_ms() == DAY_MS + 60_000
    assert clock.wait_s(DAY_MS + 120_000) == pytest.approx(0.5)


@pytest.mark.parametrize("settings", [Clock(), Clock(start_at_ms=DAY_MS, speed=2.0)])
def test_after_a_restart_time_goes_on_behind_what_is_journaled(settings: Clock) -> None:
    hands = Hands(DAY_MS)
    clock = hands.clock(settings)
    assert clock.start(DAY_MS + 7_000) == DAY_MS + 7_000
    hands.pass_ms(1_000)
    assert clock.now_ms() == DAY_MS + 7_000 + 1_000 * settings.speed


def test_it_knows_how_far_a_journal_has_brought_it_ahead() -> None:
    hands = Hands(DAY_MS)
    clock = hands.clock(Clock())
    clock.start(DAY_MS + 7_000)
    assert clock.ahead_ms() == 7_000
    hands.wall_ms += 8_000
    assert clock.ahead_ms() == 0
    recorded = hands.clock(Clock(start_at_ms=DAY_MS + 7_000))
    recorded.start(0)
    assert recorded.ahead_ms() == 0, "it is not meant to be the time of day"


def test_time_stands_still_until_it_is_started() -> None:
    with pytest.raises(RuntimeError, match="not started"):
        ServiceClock(Clock()).now_ms()
