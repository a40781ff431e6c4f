# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The victim-proximity monitor authors
"""The fixes of the last hours, device by device in the order of their own time (docs/judgement.md, section 16).

A pool of blocks, chained a device: a fix that comes in time is put at the end of the last block, a late one is put in
between, and a block that is full is cut in two. Which blocks hold a fix says nothing: only what is in them counts.
"""

from typing import NamedTuple

from proximity.kernels.arrays import Bytes, Floats, Ints, Longs, Singles
from proximity.kernels.columns import NEVER_MS, FixColumns
from proximity.kernels.compiled import compiled

BLOCK = 64  # fixes
HALF = BLOCK // 2
NO_BLOCK = -1
FIRST_FREE, FREE = 0, 1  # places in `free`

# what became of a fix
KEPT = 0
REPEATED = 1  # the same device, time and place is there already
TOO_OLD = 2
TOO_FAR_AHEAD = 3

# flags of a fix
DOUBTFUL = 1  # it was marked, not for being late
AHEAD_OF_US = 2  # nobody knows when it was


class History(NamedTuple):
    """37 bytes a fix, 16 a device, 16 a block."""

    fixed_ms: Longs  # (blocks, BLOCK)
    lat_deg: Floats
    lon_deg: Floats
    accuracy_m: Singles
    speed_mps: Singles
    course_deg: Singles
    flags: Bytes
    begin: Ints  # (blocks,) a block's fixes stand from here
    end: Ints  # to before here
    before: Ints  # the device's block before
    after: Ints  # the device's block after; of a free block another free one
    head: Ints  # (devices,) its first block
    tail: Ints
    kept: Ints  # its fixes
    dropped: Ints  # fixes that its limit has cost it
    free: Ints  # (2,) the first free block, and how many there are


@compiled
def take_block(history: History, device: int, before: int) -> int:
    """A free block, chained to the device after one of its blocks; there must be one."""
    block = history.free[FIRST_FREE]
    history.free[FIRST_FREE] = history.after[block]
    history.free[FREE] -= 1
    after = history.after[before] if before != NO_BLOCK else NO_BLOCK
    history.before[block] = before
    history.after[block] = after
    if before == NO_BLOCK:
        history.head[device] = block
    else:
        history.after[before] = block
    if after == NO_BLOCK:
        history.tail[device] = block
    else:
        history.before[after] = block
    history.begin[block] = 0
    history.end[block] = 0
    return int(block)


@compiled
def drop_oldest(history: History, device: int) -> None:
    """Give up the oldest fix of a device, and its block where that was the last one in it."""
    block = history.head[device]
    history.begin[block] += 1
    history.kept[device] -= 1
    if history.begin[block] < history.end[block]:
        return
    after = history.after[block]
    history.head[device] = after
    if after == NO_BLOCK:
        history.tail[device] = NO_BLOCK
    else:
        history.before[after] = NO_BLOCK
    history.after[block] = history.free[FIRST_FREE]
    history.free[FIRST_FREE] = block
    history.free[FREE] += 1


@compiled
def expire(history: History, device: int, oldest_ms: int) -> None:
    """Give up what is older than the history goes back."""
    while history.kept[device] > 0:
        block = history.head[device]
        if history.fixed_ms[block, history.begin[block]] >= oldest_ms:
            return
        drop_oldest(history, device)


@compiled
def compare(history: History, block: int, place: int, fixed_ms: int, lat_deg: float, lon_deg: float) -> int:
    """-1, 0 or 1: whether a kept fix comes before another, is the same, or comes after it."""
    if history.fixed_ms[block, place] != fixed_ms:
        return 1 if history.fixed_ms[block, place] > fixed_ms else -1
    if history.lat_deg[block, place] != lat_deg:
        return 1 if history.lat_deg[block, place] > lat_deg else -1
    if history.lon_deg[block, place] != lon_deg:
        return 1 if history.lon_deg[block, place] > lon_deg else -1
    return 0


@compiled
def find(history: History, device: int, fixed_ms: int, lat_deg: float, lon_deg: float) -> tuple[int, int, bool]:
    """The block and the place in it where a fix belongs, and whether it stands just before that already."""
    block = history.tail[device]
    while block != NO_BLOCK and compare(history, block, history.begin[block], fixed_ms, lat_deg, lon_deg) > 0:
        block = history.before[block]
    if block == NO_BLOCK:
        block = history.head[device]
        return int(block), int(history.begin[block]) if block != NO_BLOCK else 0, False
    place = int(history.end[block])
    while compare(history, block, place - 1, fixed_ms, lat_deg, lon_deg) > 0:
        place -= 1
    return int(block), place, compare(history, block, place - 1, fixed_ms, lat_deg, lon_deg) == 0


@compiled
def move(history: History, block: int, place: int, to_block: int, to_place: int) -> None:
    """Copy one fix."""
    history.fixed_ms[to_block, to_place] = history.fixed_ms[block, place]
    history.lat_deg[to_block, to_place] = history.lat_deg[block, place]
    history.lon_deg[to_block, to_place] = history.lon_deg[block, place]
    history.accuracy_m[to_block, to_place] = history.accuracy_m[block, place]
    history.speed_mps[to_block, to_place] = history.speed_mps[block, place]
    history.course_deg[to_block, to_place] = history.course_deg[block, place]
    history.flags[to_block, to_place] = history.flags[block, place]


@compiled
def make_room(history: History, device: int, block: int, place: int) -> tuple[int, int]:
    """Where a fix that belongs there can be written now: everything after it has moved on."""
    if block == NO_BLOCK or (place == BLOCK and block == history.tail[device]):
        block, place = take_block(history, device, block), 0
    elif history.end[block] == BLOCK and history.begin[block] > 0:
        history.begin[block] -= 1
        for spot in range(history.begin[block], place - 1):
            move(history, block, spot + 1, block, spot)
        return block, place - 1
    elif history.end[block] == BLOCK:
        upper = take_block(history, device, block)
        for spot in range(HALF):
            move(history, block, HALF + spot, upper, spot)
        history.end[block] = HALF
        history.end[upper] = HALF
        if place > HALF:
            block, place = upper, place - HALF
    for spot in range(history.end[block], place, -1):
        move(history, block, spot - 1, block, spot)
    history.end[block] += 1
    return block, place


@compiled
def keep_fix(
    history: History, device: int, fixes: FixColumns, fix: int, flags: int, oldest_ms: int, limit: int
) -> int:  # fmt: skip
    """Put a fix where it belongs in the device's history; beyond `limit` the oldest one goes. A block must be free."""
    fixed_ms, lat_deg, lon_deg = fixes.fixed_ms[fix], fixes.lat_deg[fix], fixes.lon_deg[fix]
    if fixed_ms < oldest_ms:
        return TOO_OLD
    expire(history, device, oldest_ms)
    block, place, same = find(history, device, fixed_ms, lat_deg, lon_deg)
    if same:
        return REPEATED
    if history.kept[device] >= limit:
        if block == history.head[device] and place == history.begin[block]:
            return TOO_OLD
        while history.kept[device] >= limit:
            drop_oldest(history, device)
            history.dropped[device] += 1
        block, place, same = find(history, device, fixed_ms, lat_deg, lon_deg)
    block, place = make_room(history, device, block, place)
    history.fixed_ms[block, place] = fixed_ms
    history.lat_deg[block, place] = lat_deg
    history.lon_deg[block, place] = lon_deg
    history.accuracy_m[block, place] = fixes.accuracy_m[fix]
    history.speed_mps[block, place] = fixes.speed_mps[fix]
    history.course_deg[block, place] = fixes.course_deg[fix]
    history.flags[block, place] = flags
    history.kept[device] += 1
    return KEPT


@compiled
def keep_fixes(
    history: History, fixes: FixColumns, flags: Bytes, oldest_ms: int, latest_ms: int, limit: int, kept: Bytes
) -> None:  # fmt: skip
    """Put fixes into the histories of their devices, and fill `kept` (fixes,) with what became of each: `keep_fix`.

    One that is newer than all of its device's is written here: a call for each would cost more than the writing.
    """
    for fix in range(flags.shape[0]):
        device, fixed_ms = fixes.device[fix], fixes.fixed_ms[fix]
        if fixed_ms > latest_ms:
            kept[fix] = TOO_FAR_AHEAD
            continue
        head, tail = history.head[device], history.tail[device]
        last = history.end[tail] if tail != NO_BLOCK else BLOCK
        if (
            last == BLOCK
            or history.kept[device] >= limit
            or not oldest_ms <= history.fixed_ms[head, history.begin[head]]
            or not history.fixed_ms[tail, last - 1] < fixed_ms
        ):
            kept[fix] = keep_fix(history, device, fixes, fix, flags[fix], oldest_ms, limit)
            continue
        history.fixed_ms[tail, last] = fixed_ms
        history.lat_deg[tail, last] = fixes.lat_deg[fix]
        history.lon_deg[tail, last] = fixes.lon_deg[fix]
        history.accuracy_m[tail, last] = fixes.accuracy_m[fix]
        history.speed_mps[tail, last] = fixes.speed_mps[fix]
        history.course_deg[tail, last] = fixes.course_deg[fix]
        history.flags[tail, last] = flags[fix]
        history.end[tail] += 1
        history.kept[device] += 1
        kept[fix] = KEPT


@compiled
def doubt(history: History, device: int, fixes: FixColumns, fix: int) -> None:
    """Flag a fix that is there already as doubtful."""
    block, place, _ = find(history, device, fixes.fixed_ms[fix], fixes.lat_deg[fix], fixes.lon_deg[fix])
    history.flags[block, place - 1] |= DOUBTFUL


@compiled
def forget_history(history: History, device: int) -> None:
    """Give up all fixes of a device."""
    while history.kept[device] > 0:
        drop_oldest(history, device)


@compiled
def earlier_ms(history: History, device: int, at_ms: int, number: int) -> int:
    """When the `number`-th fix before an instant was, counted backwards, or the first one; NEVER_MS: there is none."""
    found_ms = NEVER_MS
    block = history.tail[device]
    while block != NO_BLOCK:
        if history.fixed_ms[block, history.begin[block]] < at_ms:
            for place in range(history.end[block] - 1, history.begin[block] - 1, -1):
                if history.fixed_ms[block, place] < at_ms:
                    found_ms = history.fixed_ms[block, place]
                    number -= 1
                    if number == 0:
                        return int(found_ms)
        block = history.before[block]
    return int(found_ms)


@compiled
def next_after_ms(history: History, device: int, at_ms: int) -> int:
    """When the first fix after an instant was; NEVER_MS: there is none."""
    found_ms = NEVER_MS
    block = history.tail[device]
    while block != NO_BLOCK and history.fixed_ms[block, history.end[block] - 1] > at_ms:
        for place in range(history.end[block] - 1, history.begin[block] - 1, -1):
            if history.fixed_ms[block, place] <= at_ms:
                break
            found_ms = history.fixed_ms[block, place]
        block = history.before[block]
    return int(found_ms)


@compiled
def copy_out(
    history: History, device: int, from_ms: int, until_ms: int, name: int, out: FixColumns, flags: Bytes, count: int
) -> int:  # fmt: skip
    """Write the device's fixes between two instants, both included, as those of device `name` from row `count` on.

    Gives the new count; what `out` has no room for is counted and not written.
    """
    block = history.head[device]
    while block != NO_BLOCK:
        last = history.end[block] - 1
        if history.fixed_ms[block, last] >= from_ms and history.fixed_ms[block, history.begin[block]] <= until_ms:
            for place in range(history.begin[block], last + 1):
                if not from_ms <= history.fixed_ms[block, place] <= until_ms:
                    continue
                if count < flags.shape[0]:
                    out.device[count] = name
                    out.fixed_ms[count] = history.fixed_ms[block, place]
                    out.lat_deg[count] = history.lat_deg[block, place]
                    out.lon_deg[count] = history.lon_deg[block, place]
                    out.accuracy_m[count] = history.accuracy_m[block, place]
                    out.speed_mps[count] = history.speed_mps[block, place]
                    out.course_deg[count] = history.course_deg[block, place]
                    flags[count] = history.flags[block, place]
                count += 1
        block = history.after[block]
    return count


@compiled
def keep_all(history: History, fixes: FixColumns, flags: Bytes) -> None:
    """Put fixes where they belong, however old; so many blocks must be free."""
    for fix in range(flags.shape[0]):
        keep_fix(history, fixes.device[fix], fixes, fix, flags[fix], 0, flags.shape[0])


@compiled
def copy_all(history: History, out: FixColumns, flags: Bytes) -> None:
    """Write all fixes by device and time; there must be room."""
    count = 0
    for device in range(history.head.shape[0]):
        count = copy_out(history, device, 0, NEVER_MS, device, out, flags, count)
