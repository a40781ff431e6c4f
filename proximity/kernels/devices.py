# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The victim-proximity monitor authors
"""What the fixes of a device show of the device itself: its clock, its battery, a position that hangs, gaps."""

from typing import Any, Final, NamedTuple, TypeAlias

import numpy as np
from numpy import isnan

from proximity.kernels.arrays import Array, Flags, Ints
from proximity.kernels.columns import UNKNOWN_MS
from proximity.kernels.compiled import compiled

# bits of DeviceTable.troubles that kernels set or read; proximity.engine.trouble has the whole list
SILENT_BIT = 1
CLOCK_BIT = 2
OFF_WEARER_BITS = 4 | 8 | 16
BATTERY_LOW_BIT = 64
BATTERY_CRITICAL_BIT = 128
DISTURBED_BITS = 256 | 512  # jamming, shielding
FROZEN_BIT = 1024
LEFT_HOME_BIT = 2048
UNJUDGED_BIT = 4096

# places in the counts of HEALTH
ACCEPTED_COUNT = 0
LATE_COUNT = 1
MARKED_COUNT = 2
MARKED_AHEAD_COUNT = 3  # why it was marked; a fix may have several reasons
MARKED_LATE_COUNT = 4
MARKED_OFF_WEARER_COUNT = 5
MARKED_FROZEN_COUNT = 6
MARKED_JUMP_COUNT = 7
GAPS_COUNT = 8  # in `seq`: something was lost on the way
RESTARTS_COUNT = 9  # `seq` began anew: the device did
UNJUDGED_COUNT = 10  # older than the history
COUNTS = 11

DAY_MS = 86_400_000
OF_ALL = 1.62  # the 95 % radius of a circular normal error in its 68 % radii
LAGS_KEPT = 20  # the most messages of which the quickest can tell whether a clock is behind

# What a device has shown of itself, a record each: a kernel that takes twenty arrays at every call spends its time on
# handing them on. UNKNOWN_MS: not, or never.
HEALTH: Final = np.dtype(
    [
        ("counts", np.int32, (COUNTS,)),
        ("seq", np.int64),  # of its newest fix, -1 where it never said
        ("lag_ms", np.int64, (LAGS_KEPT,)),  # how long its last messages took, a ring; UNKNOWN_MS: not so many yet
        ("lag_next", np.int32),
        ("same_moving", np.int32),  # how many fixes in a row said exactly there that the device moves
        ("lag_at_ms", np.int64),  # when the newest of them began
        ("lat_deg", np.float64),  # of its newest fix, to the last digit
        ("lon_deg", np.float64),
        ("same_since_ms", np.int64),  # since when it has been exactly there
        ("offline_ms", np.int64),  # since when its last will has stood
        ("disturbed_ms", np.int64),  # when it last said that it is jammed or shielded
        ("steady_fixes", np.int64),  # good fixes in time since then, counted no further than needed
        ("battery_pct", np.float64),
        ("charging_ms", np.int64),  # since when it has been on its charger
        ("charged_pct", np.float64),  # the most that its battery has had since then
        ("rest_position", np.float64, (3,)),  # where it came to rest
        ("rest_ms", np.int64),  # since when it has rested there
        ("unjudged_ms", np.int64),  # when it last sent what is older than the history
    ]
)
Own: TypeAlias = Any  # the record of one device: a void of numpy's, a record of numba's


class HealthTable(NamedTuple):
    """What each device has shown of itself."""

    shown: Array  # (devices,) of HEALTH
    refused: Ints  # (devices, reasons) in the order of proximity.model.words.Refused


class DeviceNumbers(NamedTuple):
    """The settings about devices that kernels read (proximity.model.judging.DeviceJudging)."""

    at_rest_mps: float
    behind_messages: int  # at most LAGS_KEPT
    behind_ms: int
    behind_apart_ms: int
    frozen_fixes: int
    frozen_phone_ms: int
    frozen_tag_ms: int
    battery_low_pct: float
    battery_critical_pct: float
    battery_better_pct: float
    unplugged_pct: float
    heard_again_fixes: int
    left_home_ms: int
    left_home_m: float
    left_home_moved_m: float
    left_home_from_ms: int  # of the UTC day
    left_home_until_ms: int


class Watching(NamedTuple):
    """All that watching over devices needs."""

    shown: Array  # (devices,) of HEALTH
    is_tag: Flags
    numbers: DeviceNumbers


@compiled
def with_bit(troubles: int, bit: int, on: bool) -> int:
    """The troubles with one set or cleared."""
    return troubles | bit if on else troubles & ~bit


@compiled
def clock_is_behind(own: Own, lag_ms: int, now_ms: int, numbers: DeviceNumbers) -> bool:
    """Note how long a message took; True when the shortest of the last ones says that the clock is behind."""
    kept_ms = own["lag_ms"][: numbers.behind_messages]
    begun_ms = own["lag_at_ms"]
    # what was stored comes all at once, message by message: that says no more of the clock than one message
    if begun_ms != UNKNOWN_MS and now_ms - begun_ms < numbers.behind_apart_ms:
        place = (own["lag_next"] - 1) % numbers.behind_messages
        kept_ms[place] = min(kept_ms[place], max(lag_ms, 0))
    else:
        kept_ms[own["lag_next"] % numbers.behind_messages] = max(lag_ms, 0)
        own["lag_next"] = (own["lag_next"] + 1) % numbers.behind_messages
        own["lag_at_ms"] = now_ms
    shortest_ms = kept_ms[0]
    for place in range(1, numbers.behind_messages):
        shortest_ms = min(shortest_ms, kept_ms[place])
    return bool(shortest_ms > numbers.behind_ms)


@compiled
def is_frozen(
    own: Own, lat_deg: float, lon_deg: float, speed_mps: float, at_ms: int, longest_ms: int, numbers: DeviceNumbers,
    was_frozen: bool,
) -> bool:  # fmt: skip
    """A position that is the same to the last digit while the device moves, or for too long, hangs."""
    if lat_deg != own["lat_deg"] or lon_deg != own["lon_deg"]:
        own["lat_deg"] = lat_deg
        own["lon_deg"] = lon_deg
        own["same_since_ms"] = at_ms
        own["same_moving"] = 0
        return False
    if speed_mps > numbers.at_rest_mps:
        own["same_moving"] += 1
    elif speed_mps <= numbers.at_rest_mps:  # NaN: it does not say
        own["same_moving"] = 0
    return bool(was_frozen or own["same_moving"] >= numbers.frozen_fixes or at_ms - own["same_since_ms"] > longest_ms)


@compiled
def count_gaps(own: Own, seq: int) -> None:
    """`seq` only counts what is missing; a smaller one than before is a restart."""
    if seq < 0:
        return
    before = own["seq"]
    if before >= 0 and seq > before + 1:
        own["counts"][GAPS_COUNT] += 1
    elif seq < before:
        own["counts"][RESTARTS_COUNT] += 1
    own["seq"] = seq


@compiled
def notice_battery(own: Own, pct: float, troubles: int, numbers: DeviceNumbers) -> int:
    """The troubles with low, then critical, each ending only when it is better by a margin; on the charger neither."""
    if isnan(pct):
        return troubles
    own["battery_pct"] = pct
    if own["charging_ms"] != UNKNOWN_MS:
        if not pct <= own["charged_pct"]:
            own["charged_pct"] = pct
        if pct > own["charged_pct"] - numbers.unplugged_pct:
            return troubles
        own["charging_ms"] = UNKNOWN_MS
    better_pct = numbers.battery_better_pct
    was_critical = troubles & BATTERY_CRITICAL_BIT != 0
    was_low = was_critical or troubles & BATTERY_LOW_BIT != 0
    critical = pct <= numbers.battery_critical_pct or (was_critical and pct < numbers.battery_critical_pct + better_pct)
    low = pct <= numbers.battery_low_pct or (was_low and pct < numbers.battery_low_pct + better_pct)
    return with_bit(with_bit(troubles, BATTERY_CRITICAL_BIT, critical), BATTERY_LOW_BIT, low and not critical)


@compiled
def is_left_home(
    own: Own, x: float, y: float, z: float, at_ms: int, accuracy_m: float, numbers: DeviceNumbers, was_left: bool
) -> bool:  # fmt: skip
    """A phone that has rested on its charger for hours of the day is not with its owner, it seems."""
    rest = own["rest_position"]
    squared = (x - rest[0]) ** 2 + (y - rest[1]) ** 2 + (z - rest[2]) ** 2
    bound_m = (numbers.left_home_moved_m if was_left else numbers.left_home_m) + OF_ALL * accuracy_m
    stays = was_left
    if own["rest_ms"] == UNKNOWN_MS or squared > bound_m**2:
        own["rest_ms"] = at_ms
        rest[0] = x
        rest[1] = y
        rest[2] = z
        stays = False
    charging_ms = own["charging_ms"]
    into_day_ms = (at_ms - numbers.left_home_from_ms) % DAY_MS
    is_day = into_day_ms < (numbers.left_home_until_ms - numbers.left_home_from_ms) % DAY_MS
    since_ms = max(own["rest_ms"], charging_ms, at_ms - into_day_ms)
    return bool(charging_ms != UNKNOWN_MS and (stays or (is_day and at_ms - since_ms >= numbers.left_home_ms)))


@compiled
def watch(
    own: Own, fixed_ms: int, lat_deg: float, lon_deg: float, speed_mps: float, seq: int, battery_pct: float,
    now_ms: int, skew_ms: int, is_tag: bool, troubles: int, numbers: DeviceNumbers,
) -> int:  # fmt: skip
    """The troubles of a device after its new newest fix, before it is decided what the fix is worth."""
    at_ms = min(fixed_ms, now_ms)
    behind = clock_is_behind(own, now_ms - fixed_ms, now_ms, numbers)
    troubles = with_bit(troubles, CLOCK_BIT, behind or fixed_ms - now_ms > skew_ms)
    longest_ms = numbers.frozen_tag_ms if is_tag else numbers.frozen_phone_ms
    was_frozen = troubles & FROZEN_BIT != 0
    frozen = is_frozen(own, lat_deg, lon_deg, speed_mps, at_ms, longest_ms, numbers, was_frozen)
    count_gaps(own, seq)
    if at_ms > own["offline_ms"]:
        own["offline_ms"] = UNKNOWN_MS
    return notice_battery(own, battery_pct, with_bit(troubles, FROZEN_BIT, frozen), numbers)


@compiled
def settle(
    own: Own, at_ms: int, before_ms: int, stale_ms: int, marked: bool, troubles: int, numbers: DeviceNumbers
) -> int:  # fmt: skip
    """The troubles once it is known what the fix is worth: `before_ms` is the newest one's instant before it."""
    if marked or at_ms <= own["disturbed_ms"]:
        return troubles
    in_time = at_ms - before_ms <= stale_ms
    own["steady_fixes"] = min(own["steady_fixes"] + 1, numbers.heard_again_fixes) if in_time else 1
    return troubles & ~DISTURBED_BITS if own["steady_fixes"] >= numbers.heard_again_fixes else troubles


@compiled
def count_marks(own: Own, ahead: bool, late: bool, troubles: int) -> bool:
    """Count why a fix is marked; False where there is no reason."""
    off_wearer = troubles & OFF_WEARER_BITS != 0
    frozen = troubles & FROZEN_BIT != 0
    counts = own["counts"]
    counts[MARKED_AHEAD_COUNT] += ahead
    counts[MARKED_LATE_COUNT] += late
    counts[MARKED_OFF_WEARER_COUNT] += off_wearer
    counts[MARKED_FROZEN_COUNT] += frozen
    return ahead or late or off_wearer or frozen
