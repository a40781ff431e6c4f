# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The victim-proximity monitor authors
"""What the fixes of a device show of the device itself: its clock, its battery, a position that hangs, gaps."""

from typing import NamedTuple

from numpy import isnan

from proximity.kernels.arrays import Flags, Floats, Ints, Longs
from proximity.kernels.columns import UNKNOWN_MS, DeviceTable, FixColumns
from proximity.kernels.compiled import compiled
from proximity.kernels.tracks import AT_REST_MPS

# bits of DeviceTable.troubles that kernels set or read; proximity.engine.trouble has the whole list
SILENT_BIT = 1
CLOCK_BIT = 2
OFF_WEARER_BITS = 4 | 8 | 16
BATTERY_LOW_BIT = 64
BATTERY_CRITICAL_BIT = 128
DISTURBED_BITS = 256 | 512  # jamming, shielding
FROZEN_BIT = 1024
LEFT_HOME_BIT = 2048

# columns of HealthTable.counts
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
COUNTS = 10

DAY_MS = 86_400_000
OF_ALL = 1.62  # the 95 % radius of a circular normal error in its 68 % radii


class HealthTable(NamedTuple):
    """What each device has shown of itself. UNKNOWN_MS: not, or never."""

    counts: Ints  # (devices, COUNTS)
    refused: Ints  # (devices, reasons) in the order of proximity.model.words.Refused
    seq: Longs  # of its newest fix, -1 where it never said
    lag_ms: Longs  # (devices, kept) how long its last messages took, a ring; UNKNOWN_MS: not so many yet
    lag_next: Ints
    lag_at_ms: Longs  # when the newest of them began
    lat_deg: Floats  # of its newest fix, to the last digit
    lon_deg: Floats
    same_since_ms: Longs  # since when it has been exactly there
    same_moving: Ints  # how many fixes in a row said exactly there that the device moves
    offline_ms: Longs  # since when its last will has stood
    disturbed_ms: Longs  # when it last said that it is jammed or shielded
    steady_fixes: Ints  # good fixes in time since then, counted no further than needed
    battery_pct: Floats
    charging_ms: Longs  # since when it has been on its charger
    charged_pct: Floats  # the most that its battery has had since then
    rest_position: Floats  # (devices, 3) where it came to rest
    rest_ms: Longs  # since when it has rested there


class DeviceNumbers(NamedTuple):
    """The settings about devices that kernels read (proximity.model.judging.DeviceJudging)."""

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

    health: HealthTable
    is_tag: Flags
    numbers: DeviceNumbers


@compiled
def set_bit(troubles: Ints, device: int, bit: int, on: bool) -> None:
    """Set or clear a trouble."""
    if on:
        troubles[device] |= bit
    else:
        troubles[device] &= ~bit


@compiled
def clock_is_behind(device: int, lag_ms: int, now_ms: int, watching: Watching) -> bool:
    """Note how long a message took; True when the shortest of the last ones says that the clock is behind."""
    health = watching.health
    kept = health.lag_ms.shape[1]
    begun_ms = health.lag_at_ms[device]
    # what was stored comes all at once, message by message: that says no more of the clock than one message
    if begun_ms != UNKNOWN_MS and now_ms - begun_ms < watching.numbers.behind_apart_ms:
        place = (health.lag_next[device] - 1) % kept
        health.lag_ms[device, place] = min(health.lag_ms[device, place], max(lag_ms, 0))
    else:
        health.lag_ms[device, health.lag_next[device]] = max(lag_ms, 0)
        health.lag_next[device] = (health.lag_next[device] + 1) % kept
        health.lag_at_ms[device] = now_ms
    least_ms = health.lag_ms[device, 0]
    for place in range(kept):
        least_ms = min(least_ms, health.lag_ms[device, place])
    return bool(least_ms > watching.numbers.behind_ms)


@compiled
def notice_frozen(fixes: FixColumns, fix: int, at_ms: int, troubles: Ints, watching: Watching) -> None:
    """A position that is the same to the last digit while the device moves, or for too long, hangs."""
    health, numbers = watching.health, watching.numbers
    device = fixes.device[fix]
    lat_deg, lon_deg = fixes.lat_deg[fix], fixes.lon_deg[fix]
    if lat_deg != health.lat_deg[device] or lon_deg != health.lon_deg[device]:
        health.lat_deg[device] = lat_deg
        health.lon_deg[device] = lon_deg
        health.same_since_ms[device] = at_ms
        health.same_moving[device] = 0
        troubles[device] &= ~FROZEN_BIT
        return
    if fixes.speed_mps[fix] > AT_REST_MPS:
        health.same_moving[device] += 1
    elif fixes.speed_mps[fix] <= AT_REST_MPS:  # NaN: it does not say
        health.same_moving[device] = 0
    longest_ms = numbers.frozen_tag_ms if watching.is_tag[device] else numbers.frozen_phone_ms
    if health.same_moving[device] >= numbers.frozen_fixes or at_ms - health.same_since_ms[device] > longest_ms:
        troubles[device] |= FROZEN_BIT


@compiled
def count_gaps(device: int, seq: int, health: HealthTable) -> None:
    """`seq` only counts what is missing; a smaller one than before is a restart."""
    if seq < 0:
        return
    before = health.seq[device]
    if before >= 0 and seq > before + 1:
        health.counts[device, GAPS_COUNT] += 1
    elif seq < before:
        health.counts[device, RESTARTS_COUNT] += 1
    health.seq[device] = seq


@compiled
def notice_battery(device: int, pct: float, troubles: Ints, watching: Watching) -> None:
    """Low, then critical, each ending only when it is better by a margin; on the charger neither."""
    health, numbers = watching.health, watching.numbers
    if isnan(pct):
        return
    health.battery_pct[device] = pct
    if health.charging_ms[device] != UNKNOWN_MS:
        if not pct <= health.charged_pct[device]:
            health.charged_pct[device] = pct
        if pct > health.charged_pct[device] - numbers.unplugged_pct:
            return
        health.charging_ms[device] = UNKNOWN_MS
    better_pct = numbers.battery_better_pct
    was_critical = troubles[device] & BATTERY_CRITICAL_BIT != 0
    was_low = was_critical or troubles[device] & BATTERY_LOW_BIT != 0
    critical = pct <= numbers.battery_critical_pct or (was_critical and pct < numbers.battery_critical_pct + better_pct)
    low = pct <= numbers.battery_low_pct or (was_low and pct < numbers.battery_low_pct + better_pct)
    set_bit(troubles, device, BATTERY_CRITICAL_BIT, critical)
    set_bit(troubles, device, BATTERY_LOW_BIT, low and not critical)


@compiled
def notice_left_home(
    device: int, at_ms: int, accuracy_m: float, devices: DeviceTable, watching: Watching
) -> None:  # fmt: skip
    """A phone that has rested on its charger for hours of the day is not with its owner, it seems."""
    health, numbers = watching.health, watching.numbers
    if watching.is_tag[device]:
        return
    squared = 0.0
    for axis in range(3):
        squared += (devices.position[device, axis] - health.rest_position[device, axis]) ** 2
    was_left = devices.troubles[device] & LEFT_HOME_BIT != 0
    bound_m = (numbers.left_home_moved_m if was_left else numbers.left_home_m) + OF_ALL * accuracy_m
    if health.rest_ms[device] == UNKNOWN_MS or squared > bound_m**2:
        health.rest_ms[device] = at_ms
        for axis in range(3):
            health.rest_position[device, axis] = devices.position[device, axis]
        was_left = False
    charging_ms = health.charging_ms[device]
    into_day_ms = (at_ms - numbers.left_home_from_ms) % DAY_MS
    is_day = into_day_ms < (numbers.left_home_until_ms - numbers.left_home_from_ms) % DAY_MS
    since_ms = max(health.rest_ms[device], charging_ms, at_ms - into_day_ms)
    left = was_left or (is_day and at_ms - since_ms >= numbers.left_home_ms)
    set_bit(devices.troubles, device, LEFT_HOME_BIT, left and charging_ms != UNKNOWN_MS)


@compiled
def watch(fixes: FixColumns, fix: int, now_ms: int, skew_ms: int, devices: DeviceTable, watching: Watching) -> None:
    """What a device's new newest fix shows of it, before it is decided what the fix is worth."""
    device = fixes.device[fix]
    ahead_ms = fixes.fixed_ms[fix] - now_ms
    behind = clock_is_behind(device, -ahead_ms, now_ms, watching)
    set_bit(devices.troubles, device, CLOCK_BIT, behind or ahead_ms > skew_ms)
    at_ms = min(fixes.fixed_ms[fix], now_ms)
    notice_frozen(fixes, fix, at_ms, devices.troubles, watching)
    count_gaps(device, fixes.seq[fix], watching.health)
    notice_battery(device, fixes.battery_pct[fix], devices.troubles, watching)
    if at_ms > watching.health.offline_ms[device]:
        watching.health.offline_ms[device] = UNKNOWN_MS


@compiled
def settle(
    fixes: FixColumns, fix: int, at_ms: int, before_ms: int, marked: bool, devices: DeviceTable,
    watching: Watching,
) -> None:  # fmt: skip
    """What the fix means once it is known what it is worth: `before_ms` is the newest one's instant before it."""
    health = watching.health
    device = fixes.device[fix]
    if not marked and at_ms > health.disturbed_ms[device]:
        enough = watching.numbers.heard_again_fixes
        in_time = at_ms - before_ms <= devices.stale_ms[device]
        health.steady_fixes[device] = min(health.steady_fixes[device] + 1, enough) if in_time else 1
        if health.steady_fixes[device] >= enough:
            devices.troubles[device] &= ~DISTURBED_BITS
    notice_left_home(device, at_ms, fixes.accuracy_m[fix], devices, watching)


@compiled
def count_marks(
    device: int, ahead: bool, late: bool, troubles: Ints, health: HealthTable
) -> bool:  # fmt: skip
    """Count why a fix is marked; False where there is no reason."""
    off_wearer = troubles[device] & OFF_WEARER_BITS != 0
    frozen = troubles[device] & FROZEN_BIT != 0
    health.counts[device, MARKED_AHEAD_COUNT] += ahead
    health.counts[device, MARKED_LATE_COUNT] += late
    health.counts[device, MARKED_OFF_WEARER_COUNT] += off_wearer
    health.counts[device, MARKED_FROZEN_COUNT] += frozen
    return ahead or late or off_wearer or frozen
