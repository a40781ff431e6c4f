# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The victim-proximity monitor authors
"""What the service says of itself every second: the heartbeat on `proximity/v1/system/state`."""

from collections import deque
from typing import Final

import numpy as np

from proximity import __version__
from proximity.engine.state import State
from proximity.model.units import Millis
from proximity.wire.system import Heartbeat, encode_heartbeat

RATE_OVER: Final = 5  # heartbeats
RUNNING: Final = "running"
DEAF: Final = "deaf"


class Heart:
    """Makes heartbeats; remembers only what a rate needs."""

    def __init__(self, speed: float) -> None:
        self._speed = speed
        self._beats: deque[tuple[Millis, int]] = deque(maxlen=RATE_OVER)  # (steady time, fixes accepted)

    def beat(
        self,
        state: State,
        *,
        orders_faults: int,
        listening: bool,
        now_ms: Millis,
        steady_ms: Millis,
        behind_ms: Millis,
        queued: int,
        unconfirmed: int,
    ) -> bytes:
        """The heartbeat of this moment; `behind_ms` is how long the oldest message of the last batch waited.

        The state is "running" only while everything that is sent to us can reach us, else "deaf".
        """
        accepted = state.counts.accepted
        self._beats.append((steady_ms, accepted))
        first_ms, first = self._beats[0]
        span_ms = steady_ms - first_ms
        heartbeat = Heartbeat(
            state=RUNNING if listening else DEAF,
            now_ms=now_ms,
            speed=self._speed,
            version=__version__,
            orders_revision=state.world.book.revision,
            orders_faults=orders_faults,
            fixes_per_s=round((accepted - first) * 1000 / span_ms, 1) if span_ms else 0.0,
            accepted=accepted,
            late=state.counts.late,
            unjudged=state.counts.unjudged,
            dropped=int(state.history.dropped.sum()),
            dropped_devices=int(np.count_nonzero(state.history.dropped)),
            refused=dict(sorted(state.counts.refused.items())),
            behind_ms=behind_ms,
            queued=queued,
            unconfirmed_alerts=unconfirmed,
            wishes_waiting=state.wishes_waiting,
        )
        return encode_heartbeat(heartbeat)
