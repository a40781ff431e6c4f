# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The victim-proximity monitor authors
"""What each device has shown of itself, and the settings by which that is held against it."""

from collections.abc import Iterable
from typing import Final

import numpy as np

from proximity.geo.world import World
from proximity.kernels.arrays import Ints, Longs
from proximity.kernels.columns import UNKNOWN_MS, as_record
from proximity.kernels.devices import HEALTH, DeviceNumbers, HealthTable, Watching
from proximity.model.inputs import Refusal
from proximity.model.judging import DeviceJudging, Judging
from proximity.model.units import MILLIS_PER_SECOND, MetresPerSecond, Millis, Seconds
from proximity.model.words import Refused

MILLIS_PER_HOUR: Final = 3_600_000
REASON_PLACE: Final = {reason: place for place, reason in enumerate(Refused)}


def to_ms(seconds: Seconds) -> Millis:
    """Whole milliseconds."""
    return round(seconds * MILLIS_PER_SECOND)


def device_numbers_of(judging: DeviceJudging, at_rest_mps: MetresPerSecond) -> DeviceNumbers:
    """The settings about devices as kernels read them."""
    return DeviceNumbers(
        at_rest_mps=at_rest_mps,
        behind_messages=judging.behind_messages,
        behind_ms=to_ms(judging.behind_s),
        behind_apart_ms=to_ms(judging.behind_apart_s),
        frozen_fixes=judging.frozen_fixes,
        frozen_phone_ms=to_ms(judging.frozen_phone_s),
        frozen_tag_ms=to_ms(judging.frozen_tag_s),
        battery_low_pct=judging.battery_low_pct,
        battery_critical_pct=judging.battery_critical_pct,
        battery_better_pct=judging.battery_better_pct,
        unplugged_pct=judging.unplugged_pct,
        heard_again_fixes=judging.heard_again_fixes,
        left_home_ms=to_ms(judging.left_home_s),
        left_home_m=judging.left_home_m,
        left_home_moved_m=judging.left_home_moved_m,
        left_home_from_ms=round(judging.left_home_from_h * MILLIS_PER_HOUR),
        left_home_until_ms=round(judging.left_home_until_h * MILLIS_PER_HOUR),
    )


def silent_after_ms(world: World, judging: Judging) -> Longs:
    """(devices, 2) the age of its newest fix from which each device is silent, moving or not (decision 0012).

    The first while messages may be under way, the second while its last will stands.
    """
    longer_ms = np.maximum(world.devices.interval_ms, world.devices.rest_interval_ms)
    slow = longer_ms > to_ms(judging.devices.silent_lag_above_s)
    sharp_ms = (longer_ms * judging.stale_intervals).astype(np.int64)
    own_ms = np.column_stack((sharp_ms + slow * to_ms(judging.devices.silent_lag_s), sharp_ms))
    after_ms: Longs = np.maximum(to_ms(judging.stale_at_least_s), own_ms)
    return after_ms


def new_health(count: int) -> HealthTable:
    """Devices that have shown nothing yet."""
    shown = np.zeros(count, HEALTH)
    for name in (
        "lag_ms", "lag_at_ms", "same_since_ms", "offline_ms", "disturbed_ms", "charging_ms", "rest_ms",
        "unjudged_ms",
    ):  # fmt: skip
        shown[name] = UNKNOWN_MS
    for name in ("lat_deg", "lon_deg", "battery_pct", "charged_pct", "rest_position"):
        shown[name] = np.nan
    shown["seq"] = -1
    return HealthTable(shown, np.zeros((count, len(Refused)), np.int32))


def watching_of(world: World, health: HealthTable, judging: Judging) -> Watching:
    """What the kernels need to watch over the devices of a world."""
    return Watching(
        health.shown,
        np.array(world.device_is_tag, np.bool_),
        as_record(device_numbers_of(judging.devices, judging.at_rest_mps)),
    )


def count_refused(world: World, refused: Ints, refusals: Iterable[Refusal]) -> None:
    """Count refusals by device and reason; those of no known device are counted together elsewhere."""
    for refusal in refusals:
        row = world.device_row.get(refusal.device)
        if row is not None:
            refused[row, REASON_PLACE[refusal.reason]] += 1
