# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The victim-proximity monitor authors
"""The service's clock as others can know it: from its heartbeats."""

from collections import deque
from math import floor
from typing import Final

import msgspec
from msgspec import Struct

from proximity.model.units import MILLIS_PER_SECOND, Millis, Seconds

REMEMBERED: Final = 8  # heartbeats; the quickest of them counts


class Heartbeat(Struct, frozen=True):
    """What of the heartbeat matters here; a last will has neither time nor speed."""

    state: str
    now_ms: Millis | None = None
    speed: float = 1.0
    fixes_per_s: float = 0.0
    accepted: int = 0


class ServiceClock:
    """An estimate of the service's time that is never ahead of it.

    A heartbeat reaches us after it was written, so time counted on from its arrival lags by its way through the broker.
    Of the last few heartbeats the one that came quickest lags least, and none can make the estimate early. Instants
    of ours (`at_s`) are seconds of one monotonic clock.
    """

    def __init__(self) -> None:
        self.speed = 1.0
        self.last: Heartbeat | None = None
        self._offsets_ms: deque[float] = deque(maxlen=REMEMBERED)

    def hear(self, message: bytes, at_s: Seconds) -> None:
        """Take in a heartbeat that arrived at `at_s`; one that cannot be read is as none."""
        try:
            beat = msgspec.json.decode(message, type=Heartbeat)
        except msgspec.DecodeError:
            return
        before, self.last = self.last, beat
        if beat.state != "running" or beat.now_ms is None or not beat.speed > 0:
            self._offsets_ms.clear()  # stopped or lost: its time is unknown until it runs again
            return
        restarted = before is not None and before.now_ms is not None and beat.now_ms < before.now_ms
        if restarted or beat.speed != self.speed:
            self._offsets_ms.clear()
        self.speed = beat.speed
        self._offsets_ms.append(beat.now_ms - self._scaled_ms(at_s))

    def now_ms(self, at_s: Seconds) -> Millis | None:
        """The service's time at `at_s`, or a little before it; None while it is not running."""
        if not self._offsets_ms:
            return None
        return floor(max(self._offsets_ms) + self._scaled_ms(at_s))

    def wait_s(self, until_ms: Millis, at_s: Seconds) -> Seconds:
        """How long, in our seconds from `at_s` on, until the service's time is `until_ms`; infinite while unknown."""
        now_ms = self.now_ms(at_s)
        if now_ms is None:
            return float("inf")
        return max(0.0, (until_ms - now_ms) / MILLIS_PER_SECOND / self.speed)

    def _scaled_ms(self, at_s: Seconds) -> float:
        return at_s * MILLIS_PER_SECOND * self.speed
