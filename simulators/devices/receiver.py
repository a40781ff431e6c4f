# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The victim-proximity monitor authors
"""What a receiver makes of the truth: errors that last, and an accuracy that is only nearly right."""

from collections.abc import Iterator
from typing import Final

import numpy as np

from proximity.model.units import MILLIS_PER_SECOND, Metres, Millis, Seconds
from simulators.devices.fixes import DeviceFix
from simulators.truth.street import WGS84, Journey

SIGMA_M: Final[Metres] = 3.0  # an axis
MOVING_TAU_S: Final[Seconds] = 20.0
RESTING_TAU_S: Final[Seconds] = 1200.0
REPORTED_M: Final[tuple[Metres, Metres]] = (4.0, 12.0)  # the accuracy it claims, evenly spread


def receive(
    journey: Journey, seed: int, *, from_ms: Millis, until_ms: Millis | None, interval_s: Seconds
) -> Iterator[DeviceFix]:
    """A fix every interval; the error is an Ornstein-Uhlenbeck process an axis. The same seed gives the same fixes.

    Without `until_ms` it goes on for ever.
    """
    rng = np.random.default_rng(seed)
    interval_ms = round(interval_s * MILLIS_PER_SECOND)
    error_m = rng.normal(0.0, SIGMA_M, 2)
    at_ms, seq = from_ms, 0
    while until_ms is None or at_ms <= until_ms:
        truth = journey.at(np.array([at_ms], np.int64))
        speed_mps = float(truth.speed_mps[0])
        kept = float(np.exp(-interval_s / (MOVING_TAU_S if speed_mps > 0 else RESTING_TAU_S)))
        error_m = kept * error_m + np.sqrt(1.0 - kept**2) * rng.normal(0.0, SIGMA_M, 2)
        east_m, north_m = float(error_m[0]), float(error_m[1])
        lon_deg, lat_deg, _ = WGS84.fwd(
            float(truth.lon_deg[0]), float(truth.lat_deg[0]),
            float(np.degrees(np.arctan2(east_m, north_m))), float(np.hypot(east_m, north_m)),
        )  # fmt: skip
        accuracy_m = float(rng.uniform(*REPORTED_M))
        yield DeviceFix(
            fixed_at_ms=at_ms,
            lat_deg=round(float(lat_deg), 7),
            lon_deg=round(float(lon_deg), 7),
            accuracy_m=round(accuracy_m, 1),
            speed_mps=round(speed_mps, 1),
            course_deg=round(float(truth.course_deg[0]), 1) if speed_mps > 0 else None,
            seq=seq,
        )
        at_ms, seq = at_ms + interval_ms, seq + 1
