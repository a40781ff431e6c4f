# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The victim-proximity monitor authors
"""The service's time. Nothing else in the service asks what time it is."""

import time
from collections.abc import Callable
from typing import Final

from proximity.model.units import MILLIS_PER_SECOND, Millis, Seconds
from proximity.settings.service import Clock as ClockSettings

NANOS_PER_MILLI: Final = 1_000_000

Nanos = Callable[[], int]


class ServiceClock:
    """Engine time: the system's, or one that starts anywhere and runs at a multiple. It never goes back.

    It stands still until `start`. The system's clock is followed forward; where it is set back, time goes on at its
    own pace until the system has caught up, so that no age ever shrinks.
    """

    def __init__(
        self, settings: ClockSettings, wall_ns: Nanos = time.time_ns, steady_ns: Nanos = time.monotonic_ns
    ) -> None:
        self._start_at_ms = settings.start_at_ms
        self._speed = settings.speed
        self._wall_ns = wall_ns
        self._steady_ns = steady_ns
        self._anchor_ms: float = 0.0  # engine time at
        self._anchor_ns: int | None = None  # this steady time

    @property
    def speed(self) -> float:
        """Engine seconds in a second."""
        return self._speed

    @property
    def follows_system(self) -> bool:
        """True where engine time is meant to be the time of day."""
        return self._start_at_ms is None and self._speed == 1.0

    def start(self, not_before_ms: Millis) -> Millis:
        """Let time run, from `not_before_ms` at the earliest; gives the time now."""
        begin_ms = self._wall_ms() if self._start_at_ms is None else self._start_at_ms
        self._anchor_ms = float(max(begin_ms, not_before_ms))
        self._anchor_ns = self._steady_ns()
        return int(self._anchor_ms)

    def now_ms(self) -> Millis:
        """Engine time, whole milliseconds."""
        if self._anchor_ns is None:
            raise RuntimeError("the clock was not started")
        steady_ns = self._steady_ns()
        now_ms = self._anchor_ms + (steady_ns - self._anchor_ns) / NANOS_PER_MILLI * self._speed
        if self.follows_system and (wall_ms := self._wall_ms()) > now_ms:
            self._anchor_ms, self._anchor_ns = float(wall_ms), steady_ns
            return wall_ms
        return int(now_ms)

    def ahead_ms(self) -> Millis:
        """How far engine time is ahead of the time of day it is meant to be; 0 where it is not, or not meant to be."""
        return max(0, self.now_ms() - self._wall_ms()) if self.follows_system else 0

    def wait_s(self, until_ms: Millis) -> Seconds:
        """How long to wait, in real seconds, until engine time is `until_ms`; 0 where that is past."""
        return max(0.0, (until_ms - self.now_ms()) / MILLIS_PER_SECOND / self._speed)

    def _wall_ms(self) -> Millis:
        return self._wall_ns() // NANOS_PER_MILLI


def steady_ms() -> Millis:
    """Real milliseconds since some instant: for how long things take, and for nothing else."""
    return time.monotonic_ns() // NANOS_PER_MILLI


def wall_ms() -> Millis:
    """The time of day: for what people do outside the service."""
    return time.time_ns() // NANOS_PER_MILLI
