# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The victim-proximity monitor authors
"""Room for the fixes of the last hours, and the same fixes in one piece, whichever blocks hold them."""

from typing import Final

import numpy as np

from proximity.kernels.arrays import Array, Bytes, Ints
from proximity.kernels.columns import FixColumns
from proximity.kernels.history import BLOCK, FIRST_FREE, FREE, HALF, NO_BLOCK, History, copy_all, keep_all

GROWTH: Final = 4  # a quarter more at a time: a pool may be large
POOL: Final = 11  # the columns of blocks; those of devices stand after them
FEW: Final = 16  # fixes: a block for each of them is nothing


def new_history(devices: int) -> History:
    """Devices of which nothing is kept."""
    return History(
        fixed_ms=np.zeros((0, BLOCK), np.int64),
        lat_deg=np.zeros((0, BLOCK), np.float64),
        lon_deg=np.zeros((0, BLOCK), np.float64),
        accuracy_m=np.zeros((0, BLOCK), np.float32),
        speed_mps=np.zeros((0, BLOCK), np.float32),
        course_deg=np.zeros((0, BLOCK), np.float32),
        flags=np.zeros((0, BLOCK), np.int8),
        begin=np.zeros(0, np.int32),
        end=np.zeros(0, np.int32),
        before=np.zeros(0, np.int32),
        after=np.zeros(0, np.int32),
        head=np.full(devices, NO_BLOCK, np.int32),
        tail=np.full(devices, NO_BLOCK, np.int32),
        kept=np.zeros(devices, np.int32),
        dropped=np.zeros(devices, np.int32),
        free=np.array([NO_BLOCK, 0], np.int32),
    )


def blocks_at_most(history: History, device: Ints) -> int:
    """How many blocks fixes of these devices (one a fix) can take: a new one at the end, or half of a full one."""
    if len(device) <= FEW:
        return len(device)
    devices, fixes = np.unique(device, return_counts=True)
    full = history.kept[devices] // BLOCK + 1
    return int(np.minimum(fixes, full + fixes // HALF + 1).sum())


def with_room(history: History, device: Ints) -> History:
    """The same history with so many free blocks that fixes of these devices fit in, whichever they are."""
    free = int(history.free[FREE])
    missing = blocks_at_most(history, device) - free
    if missing <= 0:
        return history
    blocks = len(history.begin)
    more = max(missing, blocks // GROWTH)
    longer = [np.concatenate([column, np.zeros((more, *column.shape[1:]), column.dtype)]) for column in history[:POOL]]
    history = History._make([*longer, *history[POOL:]])
    history.after[blocks:] = np.arange(blocks + 1, blocks + more + 1)
    history.after[-1] = history.free[FIRST_FREE]
    history.free[FIRST_FREE], history.free[FREE] = blocks, free + more
    return history


def blank_fixes(count: int) -> tuple[FixColumns, Bytes]:
    """Room for so many fixes and their flags."""
    fixes = FixColumns(
        device=np.zeros(count, np.int32),
        fixed_ms=np.zeros(count, np.int64),
        lat_deg=np.zeros(count),
        lon_deg=np.zeros(count),
        accuracy_m=np.zeros(count),
        speed_mps=np.zeros(count),
        course_deg=np.zeros(count),
        seq=np.full(count, -1, np.int64),
        battery_pct=np.full(count, np.nan),
    )
    return fixes, np.zeros(count, np.int8)


def in_one_piece(history: History) -> tuple[Array, ...]:
    """How many fixes each device has and has lost, and all fixes by device and time."""
    fixes, flags = blank_fixes(int(history.kept.sum()))
    copy_all(history, fixes, flags)
    singles = [column.astype(np.float32) for column in (fixes.accuracy_m, fixes.speed_mps, fixes.course_deg)]
    return (history.kept, history.dropped, fixes.fixed_ms, fixes.lat_deg, fixes.lon_deg, *singles, flags)


def from_one_piece(pieces: tuple[Array, ...]) -> History:
    """The history that was in one piece; ValueError where the pieces do not fit each other."""
    counts, dropped, fixed_ms, lat_deg, lon_deg, accuracy_m, speed_mps, course_deg, flags = pieces
    lengths = {len(column) for column in pieces[2:]}
    if lengths != {int(counts.sum())} or (counts < 0).any():
        raise ValueError(f"{sorted(lengths)} fixes, {counts.sum()} counted")
    device = np.repeat(np.arange(len(counts), dtype=np.int32), counts)
    history = with_room(new_history(len(counts)), device)
    fixes, _ = blank_fixes(len(device))
    fixes.device[:] = device
    told = (fixed_ms, lat_deg, lon_deg, accuracy_m, speed_mps, course_deg)
    for own, column in zip(fixes[1:], told, strict=False):
        own[:] = column
    keep_all(history, fixes, flags)
    history.dropped[:] = dropped
    return history
