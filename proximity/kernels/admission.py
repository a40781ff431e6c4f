# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The victim-proximity monitor authors
"""The gate that every fix passes, and the silence of those that do not come."""

from math import hypot

import numpy as np

from proximity.kernels.arrays import Bytes, Flags, Ints, Longs, Records
from proximity.kernels.columns import NEVER_MS, UNKNOWN_MS, FixColumns, Numbers
from proximity.kernels.compiled import compiled, compiled_with_memory
from proximity.kernels.devices import (
    ACCEPTED_COUNT,
    FROZEN_BIT,
    LATE_COUNT,
    LEFT_HOME_BIT,
    MARKED_COUNT,
    MARKED_JUMP_COUNT,
    OFF_WEARER_BITS,
    SILENT_BIT,
    UNJUDGED_COUNT,
    Watching,
    count_marks,
    is_left_home,
    settle,
    watch,
    with_bit,
)
from proximity.kernels.geodesy import ecef
from proximity.kernels.history import AHEAD_OF_US, DOUBTFUL, KEPT, History, doubt, keep_fixes
from proximity.kernels.positions import move_party, sigma_m, stale_after_ms

# outcomes
ADMITTED = 0
DUPLICATE = 1
AHEAD = 2
LATE = 3  # joins the history, is no news of the present
MARKED = 4
UNJUDGED = 5  # older than the history
OUTCOMES = 6
OUTCOME_OF = np.array([ADMITTED, DUPLICATE, UNJUDGED, AHEAD], np.int8)  # KEPT, REPEATED, TOO_OLD, TOO_FAR_AHEAD


@compiled
def follow(
    devices: Records, fixes: FixColumns, fix: int, interval_ms: Longs, rest_interval_ms: Longs, numbers: Numbers
) -> None:
    """Move the device to its newest fix, and see whether it moves: that decides which interval holds."""
    device = fixes.device[fix]
    x, y, z = ecef(fixes.lat_deg[fix], fixes.lon_deg[fix])
    before_x = devices[device]["position"][0]
    before_y = devices[device]["position"][1]
    before_z = devices[device]["position"][2]
    devices[device]["position"][0] = x
    devices[device]["position"][1] = y
    devices[device]["position"][2] = z
    squared = (x - before_x) ** 2 + (y - before_y) ** 2 + (z - before_z) ** 2
    own_m = sigma_m(fixes.accuracy_m[fix], numbers)
    moved_m = max(numbers.moved_m, numbers.step_noise * hypot(devices[device]["sigma_m"], own_m))
    devices[device]["sigma_m"] = own_m
    # its own speed where it says so; else a step longer than the noise. NaN (no speed, no fix before) is neither.
    devices[device]["moving"] = fixes.speed_mps[fix] > numbers.at_rest_mps or squared > moved_m**2
    interval = interval_ms[device] if devices[device]["moving"] else rest_interval_ms[device]
    devices[device]["stale_ms"] = stale_after_ms(interval, numbers)


@compiled_with_memory
def remember(
    fixes: FixColumns, now_ms: int, numbers: Numbers, devices: Records, history: History, kept: Bytes
) -> None:  # fmt: skip
    """Keep the fixes of a step; `kept` (fixes,) says what became of each. One from too far ahead is not kept."""
    flags = np.zeros(kept.shape[0], np.int8)
    for fix in range(kept.shape[0]):
        if devices[fixes.device[fix]]["troubles"] & OFF_WEARER_BITS:
            flags[fix] |= DOUBTFUL
        if fixes.fixed_ms[fix] - now_ms > numbers.ahead_tolerance_ms:
            flags[fix] |= AHEAD_OF_US
    latest_ms, oldest_ms = now_ms + numbers.refuse_ahead_ms, now_ms - numbers.history_ms
    keep_fixes(history, fixes, flags, oldest_ms, latest_ms, numbers.history_fixes, kept)


@compiled_with_memory
def admit(
    fixes: FixColumns, now_ms: int, numbers: Numbers, party_of: Ints, interval_ms: Longs, rest_interval_ms: Longs,
    devices: Records, history: History, parties: Records, watching: Watching, outcome: Bytes,
) -> None:  # fmt: skip
    """Take the sorted fixes of a step into the tables; `outcome` (fixes,) says what became of each.

    The history must have a free block for each fix that may need one.
    """
    kept = np.zeros(fixes.device.shape[0], np.int8)
    remember(fixes, now_ms, numbers, devices, history, kept)
    for fix in range(fixes.device.shape[0]):
        device = fixes.device[fix]
        fixed_ms = fixes.fixed_ms[fix]
        ahead_ms = fixed_ms - now_ms
        if kept[fix] != KEPT:
            outcome[fix] = OUTCOME_OF[kept[fix]]
            continue
        effective_ms = min(fixed_ms, now_ms)
        if effective_ms < devices[device]["newest_ms"]:
            outcome[fix] = LATE  # it says nothing of the clock as it is now
            continue
        own, is_tag = watching.shown[device], watching.is_tag[device]
        troubles = watch(
            own, fixed_ms, fixes.lat_deg[fix], fixes.lon_deg[fix], fixes.speed_mps[fix], fixes.seq[fix],
            fixes.battery_pct[fix], now_ms, numbers.skew_ms, is_tag, devices[device]["troubles"], watching.numbers,
        )  # fmt: skip
        if troubles & FROZEN_BIT:
            doubt(history, device, fixes, fix)
        before_ms = devices[device]["newest_ms"]
        devices[device]["newest_ms"] = effective_ms
        follow(devices, fixes, fix, interval_ms, rest_interval_ms, numbers)
        ahead, late = ahead_ms > numbers.ahead_tolerance_ms, -ahead_ms > devices[device]["stale_ms"]
        marked = count_marks(own, ahead, late, troubles)
        troubles = settle(own, effective_ms, before_ms, devices[device]["stale_ms"], marked, troubles, watching.numbers)
        if not is_tag:
            left = is_left_home(
                own, devices[device]["position"][0], devices[device]["position"][1], devices[device]["position"][2],
                effective_ms, fixes.accuracy_m[fix], watching.numbers, troubles & LEFT_HOME_BIT != 0,
            )  # fmt: skip
            troubles = with_bit(troubles, LEFT_HOME_BIT, left)
        devices[device]["troubles"] = troubles
        worth_less = move_party(
            devices, parties, party_of[device], fixes, fix, effective_ms, before_ms, interval_ms, rest_interval_ms,
            marked, numbers,
        )  # fmt: skip
        own["counts"][MARKED_JUMP_COUNT] += worth_less and not marked
        outcome[fix] = MARKED if worth_less else ADMITTED


@compiled
def count_outcomes(device: Ints, outcome: Bytes, watching: Watching, counted: Longs) -> None:
    """Count what became of each fix: in `counted` (OUTCOMES,), and of its device."""
    for fix in range(outcome.shape[0]):
        counted[outcome[fix]] += 1
        counts = watching.shown[device[fix]]["counts"]
        counts[ACCEPTED_COUNT] += outcome[fix] not in (DUPLICATE, AHEAD)
        counts[LATE_COUNT] += outcome[fix] == LATE
        counts[MARKED_COUNT] += outcome[fix] == MARKED
        counts[UNJUDGED_COUNT] += outcome[fix] == UNJUDGED


@compiled
def tell_past(fixes: FixColumns, outcome: Bytes, now_ms: int, devices: Records, past: Flags) -> int:
    """Fill `past` with the fixes of which the present judgement says nothing, or not of their own time; give how many.

    Those that are older than the device's newest, before or in this step, and those that were stale when they came.
    """
    found, next_taken = 0, UNKNOWN_MS
    for fix in range(outcome.shape[0] - 1, -1, -1):
        device, age_ms = fixes.device[fix], now_ms - fixes.fixed_ms[fix]
        is_past = outcome[fix] == LATE
        if outcome[fix] in (ADMITTED, MARKED):
            is_past = next_taken == device or (outcome[fix] == MARKED and age_ms > devices[device]["stale_ms"])
            next_taken = device
        past[fix] = is_past and age_ms >= 0
        found += past[fix]
    return found


@compiled
def follow_off_wearer(party_of: Ints, devices: Records, parties: Records, off: Flags) -> None:
    """Whose tag is off its wearer now; where that has changed, something about the party has. `off` is worked on."""
    off[:] = False
    for device in range(devices.shape[0]):
        if devices[device]["troubles"] & OFF_WEARER_BITS:
            off[party_of[device]] = True
    for party in range(parties.shape[0]):
        if parties[party]["off_wearer"] != off[party]:
            parties[party]["off_wearer"] = off[party]
            parties[party]["stirred"] = True


@compiled
def is_anyone_gone(devices: Records, rows: Records) -> bool:
    """Whether any device is silent or was told as gone, or any row is blind."""
    gone = False
    for device in range(devices.shape[0]):
        gone |= devices[device]["troubles"] & SILENT_BIT != 0 or devices[device]["gone_ms"] != UNKNOWN_MS
    for row in range(rows.shape[0]):
        gone |= rows[row]["blind"]
    return gone


@compiled
def notice_silence(
    now_ms: int, devices: Records, interval_ms: Longs, rest_interval_ms: Longs, silent_after_ms: Longs,
    offline_ms: Longs, deaf_ms: Longs,
) -> int:  # fmt: skip
    """Set or clear the silent bit of every device by the age of its newest fix; give when the next one is due.

    Who is silent stays so until a fix is not stale, nor so old that one more as late would come after it is silent
    again: of a clock that is behind, each fix would end and begin it anew.
    `silent_after_ms` (devices, 2): the age, and the one where its last will stands: then nothing is under way.
    `deaf_ms` (devices,): for how much of its age nobody could be heard.
    """
    next_ms = NEVER_MS
    for device in range(devices.shape[0]):
        newest_ms = devices[device]["newest_ms"]
        if newest_ms == UNKNOWN_MS:
            newest_ms = devices[device]["since_ms"]
        if newest_ms == NEVER_MS:  # serves no order
            devices[device]["troubles"] &= ~SILENT_BIT
            continue
        after_ms = silent_after_ms[device, int(offline_ms[device] != UNKNOWN_MS)]
        silent_ms = newest_ms + after_ms + deaf_ms[device]
        cadence_ms = interval_ms[device] if devices[device]["moving"] else rest_interval_ms[device]
        in_time_ms = max(after_ms - cadence_ms, cadence_ms // 2)  # by any settings some fix is
        heard_again_ms = newest_ms + min(in_time_ms, after_ms, devices[device]["stale_ms"]) + deaf_ms[device]
        if now_ms >= (heard_again_ms if devices[device]["troubles"] & SILENT_BIT else silent_ms):
            devices[device]["troubles"] |= SILENT_BIT
        else:
            devices[device]["troubles"] &= ~SILENT_BIT
            next_ms = min(next_ms, silent_ms)
    return next_ms
