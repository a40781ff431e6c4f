# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The victim-proximity monitor authors
"""Single rules of rise and fall, by hand (docs/judgement.md, 5, 6 and 8)."""

from math import nan

import numpy as np
import pytest

from proximity.engine.state import new_parties, new_rows, numbers_of
from proximity.geo.world import compile_world
from proximity.kernels.columns import NEVER_MS, PartyTable, RowTable, records_of
from proximity.kernels.levels import confirm_wait_ms, falls_ms, level_that_holds, second_after
from proximity.model.judging import Judging
from tests.engine.scenes import START_MS, book_of, order

NUMBERS = numbers_of(Judging())
ROW, WEARER, PROTECTED = 0, 0, 1


def tables() -> tuple[PartyTable, RowTable]:
    return new_parties(compile_world(book_of(order())), NUMBERS), new_rows(1)


@pytest.mark.parametrize(("instant_ms", "second_ms"), [(0, 0), (1, 1000), (999, 1000), (1000, 1000), (1001, 2000)])
def test_the_whole_second_is_not_before(instant_ms: int, second_ms: int) -> None:
    assert second_after(instant_ms) == second_ms


@pytest.mark.parametrize(
    ("level", "probability", "holds"),
    [
        (3, (0.9, 0.05, 0.0), 2),  # 0.05 is not below 0.05
        (3, (0.9, 0.049, 0.0), 1),
        (3, (0.049, 0.01, 0.0), 0),
        (3, (0.9, nan, 0.0), 2),  # unknown is never safe
        (2, (0.9, 0.9, 0.0), 1),  # a lower one than the present
        (1, (0.9, 0.9, 0.9), 0),
    ],
)
def test_a_fall_ends_at_the_level_that_is_not_improbable(
    level: int, probability: tuple[float, float, float], holds: int
) -> None:  # fmt: skip
    parties, rows = tables()
    rows.level[ROW] = level
    rows.probability[ROW] = probability
    people, limits_m = records_of(parties), np.array([[1000.0, 500.0, 150.0]])
    assert level_that_holds(ROW, WEARER, PROTECTED, limits_m, people, NUMBERS, records_of(rows)) == holds


@pytest.mark.parametrize(
    ("doubted", "by", "wait_ms"), [(False, 1, 20_000), (True, 1, 200_000), (True, 2, 90_000), (True, 3, 90_000)]
)
def test_doubt_waits_until_the_doubted_is_stale(by: int, wait_ms: int, *, doubted: bool) -> None:
    parties, rows = tables()
    parties.stale_ms[WEARER], parties.stale_ms[PROTECTED] = 200_000, 90_000
    rows.doubted[ROW, 0], rows.pending_by[ROW, 0] = doubted, by
    assert confirm_wait_ms(ROW, 0, WEARER, PROTECTED, records_of(parties), NUMBERS, records_of(rows)) == wait_ms


@pytest.mark.parametrize(
    ("level", "wearer", "protected", "agreed_s", "falls_s"),
    [
        (0, 2, 2, None, None),  # nothing to fall from
        (3, 2, 2, None, None),  # not apart from that
        (1, 1, 2, None, None),  # one more fix of each
        (1, 2, 1, None, None),
        (1, 2, 2, None, 120),
        (1, 2, 2, 30, 150),  # who approached: 120 s after the last that agreed
    ],
)
def test_a_fall_is_due_120_s_after_it_began(
    level: int, wearer: int, protected: int, agreed_s: int | None, falls_s: int | None
) -> None:  # fmt: skip
    parties, rows = tables()
    rows.level[ROW] = level
    rows.apart_ms[ROW, 0] = START_MS
    rows.apart_wearer[ROW, 0] = rows.apart_protected[ROW, 0] = 1
    parties.good_fixes[WEARER], parties.good_fixes[PROTECTED] = wearer, protected
    if agreed_s is not None:
        rows.approached[ROW], rows.agreed_ms[ROW] = True, START_MS + agreed_s * 1000
    due_ms = falls_ms(ROW, WEARER, PROTECTED, records_of(parties), NUMBERS, records_of(rows))
    assert due_ms == (NEVER_MS if falls_s is None else START_MS + falls_s * 1000)


def test_columns_that_are_not_over_records_are_no_table_for_kernels() -> None:
    _, rows = tables()
    assert records_of(rows).shape == rows.level.shape
    with pytest.raises(ValueError, match="not packed"):
        records_of(rows._replace(level=rows.level.copy()))
