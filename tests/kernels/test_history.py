# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The victim-proximity monitor authors
"""The fixes of the last hours against a plain sorted list for each device."""

from collections.abc import Sequence
from math import nan
from random import Random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from proximity.engine.history import blank_fixes, from_one_piece, in_one_piece, new_history, with_room
from proximity.kernels.columns import NEVER_MS, FixColumns
from proximity.kernels.history import (
    BLOCK,
    DOUBTFUL,
    FREE,
    KEPT,
    NO_BLOCK,
    REPEATED,
    TOO_OLD,
    History,
    compare,
    copy_all,
    copy_out,
    doubt,
    drop_oldest,
    earlier_ms,
    expire,
    find,
    forget_history,
    keep_all,
    keep_fix,
    keep_fixes,
    make_room,
    move,
    next_after_ms,
    take_block,
)
from tests.twins import twin_of

DEVICES = 2
Row = tuple[int, float, float, float, float, float, int]  # fixed_ms, lat, lon, accuracy, speed, course, flags


def row_of(fixed_ms: int, spot: int) -> Row:
    """Few places, so that some fixes differ only in one of their columns; the rest follows from the time."""
    return fixed_ms, 51.0 + spot % 2, 4.0 + spot // 2, float(fixed_ms % 9), fixed_ms % 4 / 2, nan, fixed_ms % 3


class Plain:
    """The same without blocks."""

    def __init__(self) -> None:
        self.fixes: list[list[Row]] = [[] for _ in range(DEVICES)]
        self.dropped = [0] * DEVICES

    @twin_of(keep_fix, keep_fixes, keep_all, take_block, drop_oldest, expire, compare, find, move, make_room)
    def keep(self, device: int, row: Row, oldest_ms: int, limit: int) -> int:
        if row[0] < oldest_ms:
            return TOO_OLD
        own = [one for one in self.fixes[device] if one[0] >= oldest_ms]
        self.fixes[device] = own
        if row[:3] in [one[:3] for one in own]:
            return REPEATED
        if len(own) >= limit:
            if row[:3] < own[0][:3]:
                return TOO_OLD
            over = len(own) - limit + 1
            del own[:over]
            self.dropped[device] += over
        own.append(row)
        own.sort(key=lambda one: one[:3])
        return KEPT

    @twin_of(doubt)
    def doubt(self, device: int, row: Row) -> None:
        own = self.fixes[device]
        place = [one[:3] for one in own].index(row[:3])
        own[place] = (*own[place][:6], own[place][6] | DOUBTFUL)

    @twin_of(forget_history)
    def forget(self, device: int) -> None:
        self.fixes[device] = []

    @twin_of(earlier_ms)
    def earlier(self, device: int, at_ms: int, number: int) -> int:
        before = [row[0] for row in self.fixes[device] if row[0] < at_ms]
        return before[-number:][0] if before else NEVER_MS

    @twin_of(next_after_ms)
    def later(self, device: int, at_ms: int) -> int:
        return min((row[0] for row in self.fixes[device] if row[0] > at_ms), default=NEVER_MS)

    @twin_of(copy_out, copy_all)
    def between(self, device: int, from_ms: int, until_ms: int) -> list[Row]:
        return [row for row in self.fixes[device] if from_ms <= row[0] <= until_ms]


def columns_of(device: int, rows: Sequence[Row]) -> FixColumns:
    fixes, _ = blank_fixes(len(rows))
    fixes.device[:] = device
    for place, row in enumerate(rows):
        for column, value in zip(fixes[1:], row[:6], strict=False):
            column[place] = value
    return fixes


def rows_of(fixes: FixColumns, flags: Sequence[int], count: int) -> list[Row]:
    return [
        (int(fixes.fixed_ms[place]), *(float(column[place]) for column in fixes[2:7]), int(flags[place]))  # type: ignore[misc]
        for place in range(count)
    ]


def same(rows: Sequence[Row], others: Sequence[Row]) -> bool:
    return repr(list(rows)) == repr(list(others))  # NaN is NaN


def all_of(history: History, device: int) -> list[Row]:
    count = copy_out(history, device, 0, NEVER_MS, 7, *blank_fixes(0), 0)
    fixes, flags = blank_fixes(count)
    assert copy_out(history, device, 0, NEVER_MS, 7, fixes, flags, 0) == count
    assert (fixes.device == 7).all()
    return rows_of(fixes, list(flags), count)


def check(history: History, plain: Plain) -> None:
    blocks = 0
    for device in range(DEVICES):
        assert same(all_of(history, device), plain.fixes[device])
        assert (history.kept[device], history.dropped[device]) == (len(plain.fixes[device]), plain.dropped[device])
        block, before = int(history.head[device]), NO_BLOCK
        while block != NO_BLOCK:  # the chain is whole both ways, and no block is empty
            assert history.before[block] == before
            assert 0 <= history.begin[block] < history.end[block] <= BLOCK
            block, before, blocks = int(history.after[block]), block, blocks + 1
        assert history.tail[device] == before
    assert history.free[FREE] == len(history.begin) - blocks


def keep_both(history: History, plain: Plain, device: int, rows: Sequence[Row], oldest_ms: int, limit: int) -> History:
    fixes = columns_of(device, rows)
    history = with_room(history, fixes.device)
    flags, kept = np.array([row[6] for row in rows], np.int8), np.full(len(rows), -1, np.int8)
    keep_fixes(history, fixes, flags, oldest_ms, NEVER_MS, limit, kept)
    assert list(kept) == [plain.keep(device, row, oldest_ms, limit) for row in rows]
    return history


batches = st.lists(
    st.tuples(
        st.integers(0, DEVICES - 1),
        st.integers(0, 4000),  # from when on
        st.sampled_from((1, 2, 5, 40, 150)),  # how many
        st.sampled_from((-7, -1, 0, 1, 3, 50)),  # how far apart
        st.integers(0, 3),
        st.sampled_from((0, 0, 0, 900, 2500)),  # what is older goes
        st.sampled_from((1, 70, 200, 10**6)),  # no more than these
    ),
    min_size=1,
    max_size=12,
)


@settings(max_examples=60, deadline=None)
@given(given_batches=batches)
def test_a_history_is_a_sorted_list(given_batches: list[tuple[int, int, int, int, int, int, int]]) -> None:
    history, plain = new_history(DEVICES), Plain()
    for device, from_ms, count, apart_ms, spot, oldest_ms, limit in given_batches:
        rows = [row_of(max(0, from_ms + place * apart_ms), spot + place % 2) for place in range(count)]
        history = keep_both(history, plain, device, rows, oldest_ms, limit)
    check(history, plain)
    for device in range(DEVICES):
        for at_ms in (0, given_batches[0][1], given_batches[-1][1] + 1, 10**6):
            assert next_after_ms(history, device, at_ms) == plain.later(device, at_ms)
            for number in (1, 2, 100):
                assert earlier_ms(history, device, at_ms, number) == plain.earlier(device, at_ms, number)
    forget_history(history, 0)
    plain.forget(0)
    check(history, plain)


@pytest.mark.parametrize("seed", range(6))
def test_every_way_to_make_room(seed: int) -> None:
    """Thousands of fixes of one device, mostly in order, at times from the end or anywhere, with a limit or none."""
    chance, history, plain, now_ms = Random(seed), new_history(DEVICES), Plain(), 10_000
    limit = (10**6, 10**6, 300)[seed % 3]
    for _ in range(30):
        now_ms += 1000
        anywhere = [row_of(chance.randrange(now_ms), chance.randrange(4)) for _ in range(chance.choice((0, 3, 40)))]
        falling = [row_of(now_ms - place, 0) for place in range(chance.choice((0, 0, 100)))]
        rising = [row_of(now_ms + place, 1) for place in range(chance.choice((1, 30, 70)))]
        oldest_ms = now_ms - chance.choice((10**6, 15_000))
        history = keep_both(history, plain, 0, anywhere + falling + rising, oldest_ms, limit)
        check(history, plain)


@pytest.mark.parametrize("count", [0, 1, BLOCK, BLOCK + 1, 1000])
def test_what_is_taken_out_between_two_instants(count: int) -> None:
    history, plain = new_history(DEVICES), Plain()
    history = keep_both(history, plain, 1, [row_of(10 * place, 0) for place in range(count)], 0, 10**6)
    for from_ms, until_ms in ((0, 10**6), (15, 15), (15, 645), (640, 640), (9990, 10**6)):
        expected = plain.between(1, from_ms, until_ms)
        fixes, flags = blank_fixes(max(0, len(expected) - 1))  # one too few: it is counted all the same
        assert copy_out(history, 1, from_ms, until_ms, 0, fixes, flags, 0) == len(expected)
        assert same(rows_of(fixes, list(flags), len(flags)), expected[: len(flags)])


def test_a_fix_that_is_there_can_be_doubted() -> None:
    chance, history, plain = Random(2), new_history(DEVICES), Plain()
    rows = [row_of(chance.randrange(500), chance.randrange(4)) for _ in range(300)]
    history = keep_both(history, plain, 0, rows, 0, 10**6)
    fixes = columns_of(0, rows)
    for place, row in enumerate(rows):
        if place % 3 == 0:
            doubt(history, 0, fixes, place)
            plain.doubt(0, row)
    check(history, plain)


def test_in_one_piece_and_back() -> None:
    chance, history, plain = Random(1), new_history(DEVICES), Plain()
    rows = [row_of(chance.randrange(100_000), chance.randrange(4)) for _ in range(2000)]
    history = keep_both(history, plain, 0, rows, 0, 1500)
    history = keep_both(history, plain, 1, rows[:3], 0, 10)
    pieces = in_one_piece(history)
    again = from_one_piece(pieces)
    check(again, plain)
    for piece, twin in zip(pieces, in_one_piece(again), strict=True):
        assert piece.dtype == twin.dtype
        assert piece.tobytes() == twin.tobytes()
    used = [len(one.begin) - one.free[FREE] for one in (again, history)]
    assert used[0] == -(-1500 // BLOCK) + 1 < used[1]  # what comes back is packed
    with pytest.raises(ValueError, match="counted"):
        from_one_piece((pieces[0] + 1, *pieces[1:]))


def test_a_device_without_history_takes_little_and_a_fix_at_most_40_bytes() -> None:
    history = new_history(1000)
    assert sum(column.nbytes for column in history) <= 1000 * 100
    history = with_room(history, np.zeros(1000, np.int32))
    of_fixes = sum(column.nbytes for column in history[:7])
    assert of_fixes <= 40 * BLOCK * len(history.begin)
