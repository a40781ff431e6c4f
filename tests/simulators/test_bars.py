# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The victim-proximity monitor authors
"""What the plan asks, held against hand-made days."""

import numpy as np
import pytest
from msgspec.structs import replace
from scipy.stats import chi2

from proximity.model.words import Level
from simulators.devices.fixes import DeviceFix
from simulators.devices.links import Arrival
from simulators.scores.bars import Day, Missed, beating, blind_incidents, judge_day, missed_of, of_bars, rate_interval
from simulators.scores.calibration import NOTHING, Bin
from simulators.scores.judged import Heard
from simulators.scores.pairs import LIMITS, MONDAY_MS, PairDay
from simulators.scores.rivals import RULES
from simulators.scores.score import OURS, SCALES, summarise
from simulators.scores.scoring import PairScore, Said, Truth, score
from simulators.truth.street import Journey

HOME = (4.48, 51.92)


def truth(within_s: int) -> Truth:
    """Within the limit from 1,000 s on for so long."""
    far = np.full(1000, 2000.0)
    return Truth(MONDAY_MS, np.concatenate([far, np.full(within_s, 100.0), far]))


def reporting(until_s: int) -> tuple[Arrival, ...]:
    """A fix every half minute."""
    return tuple(
        Arrival(MONDAY_MS + at_s * 1000, (DeviceFix(MONDAY_MS + at_s * 1000, HOME[1], HOME[0]),))
        for at_s in range(0, until_s, 30)
    )


@pytest.mark.parametrize(
    ("within_s", "heard_until_s", "told_after_s", "missed"),
    [(81, 3000, None, True), (80, 3000, None, False), (81, 900, None, False), (81, 3000, 300, False)],
)
def test_a_long_breach_that_is_not_told_while_both_report_is_missed(
    within_s: int, heard_until_s: int, told_after_s: int | None, *, missed: bool
) -> None:
    # stale after 600 s at rest: of who is heard until 900 s nothing is known from 1,470 s on only; the phone's is 120 s
    said = [] if told_after_s is None else [Said(MONDAY_MS + (1000 + told_after_s) * 1000, Level.BREACH)]
    own = score(truth(within_s), said, LIMITS)
    journeys = (Journey.resting(*HOME), Journey.resting(*HOME))
    day = PairDay(truth(within_s), reporting(3000), reporting(heard_until_s), journeys)
    found = missed_of(7, day, own)
    assert found == ((Missed(7, float(within_s), 100.0, clear_s=float(within_s)),) if missed else ())


def test_who_knows_their_place_to_no_better_than_the_limit_cannot_tell() -> None:
    own = score(truth(200), [], LIMITS)
    fine = reporting(3000)
    # from 1,020 s on, and until the fix of 1,110 s, the newest one is of a cell: 90 of the 200 s
    vague = tuple(
        one._replace(fixes=(replace(one.fixes[0], accuracy_m=501.0),))
        if 1_020_000 <= one.at_ms - MONDAY_MS < 1_110_000 else one
        for one in fine
    )  # fmt: skip
    day = PairDay(truth(200), fine, vague, (Journey.resting(*HOME), Journey.resting(*HOME)))
    assert missed_of(7, day, own) == (Missed(7, 200.0, 100.0, clear_s=110.0),)
    exact = tuple(one._replace(fixes=(replace(one.fixes[0], accuracy_m=500.0),)) for one in fine)
    assert missed_of(7, day._replace(protected=exact), own)[0].clear_s == 200.0


def test_blindness_that_begins_after_the_day_is_not_of_it() -> None:
    own = truth(100)  # 2,100 s
    day = PairDay(own, (), ())
    told = [
        Heard(MONDAY_MS + at_s * 1000, "o:blind:w_p", kind, change, Level.CLEAR, "stale")
        for at_s, kind, change in (
            (500, "blind", "opened"), (600, "device", "opened"), (700, "blind", "resolved"), (2_099, "blind", "opened"),
            (2_100, "blind", "opened"),
        )
    ]  # fmt: skip
    assert blind_incidents(day, told) == 2


@pytest.mark.parametrize("events", [0, 1, 2, 5, 20, 200])
def test_the_interval_of_a_rate_is_that_of_chi_square_or_nearly(events: int) -> None:
    low, high = rate_interval(events, 100)
    exact = chi2.ppf(0.025, 2 * events) / 200 if events else 0.0, chi2.ppf(0.975, 2 * events + 2) / 200
    assert low == pytest.approx(exact[0], rel=0.1, abs=0.003)
    assert high == pytest.approx(exact[1], rel=0.2)


def pair(breaches: int, *, told: bool) -> PairScore:
    """One approach, told in time or never, and so many needless breaches."""
    said = [Said(MONDAY_MS + 900_000, Level.WARNING), Said(MONDAY_MS + 1_010_000, Level.BREACH)] if told else []
    return score(truth(200), said, LIMITS)._replace(needless_breaches=breaches)


def test_a_rule_model_beats_us_only_with_fewer_of_both() -> None:
    ours = summarise(OURS, [pair(1, told=False)])
    rules = {(0, True): True, (1, True): False, (0, False): False}
    for (breaches, told), beats in rules.items():
        line = summarise("a rule", [pair(breaches, told=told)])
        assert beating(ours, [("a rule", 0.8, line)]) == (["a rule x 0.8"] if beats else [])


def test_the_table_says_which_bars_hold() -> None:
    rules = {(name, scale): pair(3, told=False) for name in RULES for scale in SCALES}
    claimed = (*NOTHING[:3], Bin(10, 3.5, 6), *NOTHING[4:])
    told = of_bars([Day(pair(1, told=True), rules, 2, (), claimed)] * 25, 5)
    assert "25 true approaches on 25 pair-days, seed 5: 25 told fully, 0 partly, 0 missed." in told
    assert "| breaches over 80 s not told while both report | 0 | 0 | yes |" in told
    assert "| - of which both knew their place better than the limit for so long | 0 | 0 | yes |" in told
    assert "| delay, 95 % of those told | 82 s | 10 s | yes |" in told
    assert "| needless breaches a pair-day | 0.02 | 1.000 (" in told
    assert "| incidents of blindness a pair-day | 1 | 2.000 (" in told
    assert "| needless warnings a pair-day | 0.2 | 0.000 (0.000-0.120) | yes |" in told
    assert "claimed 0.35, true 0.60" in told
    assert told.count("**no**") == 3  # needless breaches, blindness, calibration
    assert "| rule models with fewer misses and fewer needless breaches | 0 of 30 | none | yes |" in told


def test_what_was_not_told_is_listed_with_how_long_it_could_have_been() -> None:
    rules = {(name, scale): pair(3, told=False) for name in RULES for scale in SCALES}
    missed = (Missed(3, 100.0, 40.0, 80.0), Missed(4, 200.0, 30.0, 81.0))
    told = of_bars([Day(pair(1, told=True), rules, 2, missed, NOTHING)], 5)
    assert "| breaches over 80 s not told while both report | 0 | 2 | **no** |" in told
    assert "| - of which both knew their place better than the limit for so long | 0 | 1 | **no** |" in told
    assert "Not told: pair-day 3, 100 s, nearest 40 m; for 80 s of it both knew" in told


def test_a_day_is_played_and_judged() -> None:
    day = judge_day(1, 0)
    assert set(day.rules) == {(name, scale) for name in RULES for scale in SCALES}
    assert sum(one.claims for one in day.claims) > 600  # of 1,440 minutes: at rest nothing may come for five
    assert 0 < len(day.ours.told) == len(day.rules["bounding box", 1.0].told)
