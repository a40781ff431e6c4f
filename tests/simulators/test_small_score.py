# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The victim-proximity monitor authors
"""CI's small fixed score: nothing is missed that was not missed before."""

import pytest

from simulators.scores.known import Known, read_known, small_score, worse


@pytest.mark.slow
def test_nothing_is_missed_that_was_not_missed_before() -> None:
    assert worse(small_score(2), read_known()) == [], "if that is better on the whole: score --record"


def test_worse_is_what_was_not_there() -> None:
    before = Known(5, partly=("1 a", "2 b"), missed=("3 c",), needless_breaches=1, needless_warnings=2)
    assert worse(before, before) == []
    better = Known(5, partly=("3 c",), missed=(), needless_breaches=0, needless_warnings=0)
    assert worse(better, before) == []
    bad = Known(6, partly=("4 d",), missed=("1 a",), needless_breaches=2, needless_warnings=3)
    assert worse(bad, before) == [
        "pair 1 a: missed", "pair 4 d: told only partly", "2 needless breaches, 1 before",
        "3 needless warnings, 2 before", "6 true approaches, 5 before: people or streets have changed",
    ]  # fmt: skip
