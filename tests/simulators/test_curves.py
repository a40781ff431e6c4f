# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The victim-proximity monitor authors
"""The table of settings that pull against each other: figures by hand, and one day played."""

from pathlib import Path
from typing import Final

import numpy as np

from proximity.model.words import Level
from simulators.devices.fixes import utc_ms
from simulators.scores.calibration import NOTHING, Bin
from simulators.scores.curves import VARIED, Played, is_set, of_curves, outcome_of, play, points
from simulators.scores.pairs import LIMITS
from simulators.scores.pictures import draw_contradictions
from simulators.scores.scoring import PairScore, Said, Truth, score

MONDAY_MS: Final = utc_ms("2026-06-01T00:00:00Z")


def pair(breach_s: int, needless: int) -> PairScore:
    """He is within the limit from 1,000 s on; a breach is told at a second, and so many are needless."""
    truth = Truth(MONDAY_MS, np.where(np.arange(3_000) < 1_000, 5_000.0, 100.0))
    said = [Said(MONDAY_MS + 900_000, Level.WARNING), Said(MONDAY_MS + breach_s * 1000, Level.BREACH)]
    return score(truth, said, LIMITS)._replace(needless_breaches=needless)


def test_each_setting_that_is_varied_is_tried_as_it_is_set_once() -> None:
    assert {name for name, _ in filter(is_set, points())} == set(VARIED)


def test_what_does_not_hold_its_bar_is_bold() -> None:
    claims = (*NOTHING[:3], Bin(10, 3.5, 6), *NOTHING[4:])
    good = [Played(pair(1_040, 0), 1, (*NOTHING[:3], Bin(10, 3.5, 4), *NOTHING[4:])) for _ in range(2)]
    bad = [Played(pair(1_090, 1), 2, claims) for _ in range(2)]
    told = of_curves([outcome_of(("probable_at", 0.5), good), outcome_of(("probable_at", 0.4), bad)], 7)
    assert "2 true approaches on 2 pair-days, seed 7" in told
    as_set, other = told.splitlines()[-2:]
    assert as_set.startswith("| probable_at 0.5, as set | 2 | 0 | 0 | 40 | 0.000 | 0.000 | 1.00 | 0.35, true 0.40 |")
    assert other.startswith("| probable_at 0.4 | 2 | 0 | 0 | **90** | **1.000** |")
    assert other.endswith("| **2.00** | **0.35, true 0.60** |")


def test_what_is_set_is_the_same_play_whatever_is_varied() -> None:
    played = dict(zip(points(), play(1, 0), strict=True))
    assert played["probable_at", 0.5] == played["accuracy_per_sigma", 1.51]
    approaches = {len(one.ours.told) for one in played.values()}
    assert len(approaches) == 1
    assert approaches.pop() > 0


def test_the_picture_has_a_line_for_each_setting(tmp_path: Path) -> None:
    days = [Played(pair(1_040, 1), 1, (*NOTHING[:3], Bin(10, 3.5, 4), *NOTHING[4:]))]
    draw_contradictions([outcome_of(point, days) for point in points()], tmp_path / "curves.svg")
    drawn = (tmp_path / "curves.svg").read_text(encoding="utf-8")
    assert all(f"<!-- {name} -->" in drawn for name in VARIED)
