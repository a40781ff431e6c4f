# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The victim-proximity monitor authors
"""A device that reports as often as it is asked (docs/wanted.md).

It finds its place every 15 s, and sends what its present interval lets it send: the same errors are heard oftener or
less often. A wish is heard when the device next reports: until then its modem sleeps.
"""

from typing import Final

import msgspec
from msgspec.structs import replace

from proximity.model.units import MILLIS_PER_SECOND, Millis, Seconds
from simulators.devices.fixes import DeviceFix
from simulators.devices.links import Arrival
from simulators.devices.reception import Cadence, Device, Wanted

EVERY_S: Final[Seconds] = 15.0
EARLY_MS: Final = MILLIS_PER_SECOND  # an interval is over a little before its end


class Wish(msgspec.Struct, frozen=True):
    """What stands on a device's topic."""

    interval_s: Seconds
    rest_interval_s: Seconds


class Obedient:
    """A device that does as it is asked."""

    def __init__(self, cadence: Cadence) -> None:
        self._declared = self._asked = self._holds = cadence
        self._sent_ms: Millis | None = None
        self.taken: dict[Millis, DeviceFix] = {}  # what it sends, by when it says that it was there

    def hear(self, body: bytes) -> None:
        """A wish, or that there is none any more."""
        wish = msgspec.json.decode(body, type=Wish) if body else None
        self._asked = self._declared if wish is None else Cadence(wish.interval_s, wish.rest_interval_s)

    def find(self, at_ms: Millis, fix: DeviceFix, *, moves: bool) -> None:
        """It has found its place: it sends it where its interval is over."""
        interval_s = self._holds.moving_s if moves else self._holds.resting_s
        if self._sent_ms is None or at_ms - self._sent_ms >= interval_s * MILLIS_PER_SECOND - EARLY_MS:
            self._sent_ms, self._holds = at_ms, self._asked
            self.taken[fix.fixed_at_ms] = replace(fix, seq=len(self.taken))

    def send(self, arrival: Arrival) -> Arrival:
        """Of a message what it does send."""
        return arrival._replace(
            fixes=tuple(self.taken[fix.fixed_at_ms] for fix in arrival.fixes if fix.fixed_at_ms in self.taken)
        )


def often(device: Device, from_ms: Millis) -> Device:
    """The same device, finding its place as often as anybody could ask."""
    every_s = min(EVERY_S, device.cadence.moving_s, device.cadence.resting_s)
    return replace(device, wanted=(Wanted(from_ms, every_s),))
