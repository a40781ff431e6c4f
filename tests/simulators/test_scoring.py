# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The victim-proximity monitor authors
"""Scores of engines that are known to be bad: the figures are those that arithmetic gives."""

import numpy as np
import pytest

from proximity.model.words import Level
from simulators.scores.scoring import (
    Alerting,
    Approach,
    Limits,
    PairScore,
    Said,
    Truth,
    approaches,
    at_most,
    level_at,
    rises,
    score,
)

FROM_MS = 1_780_000_000_000
LIMITS = Limits(warning_m=1000.0, limit_m=500.0, reaction_ms=480_000)
HOUR_S = 3600


def at(second: float) -> int:
    return FROM_MS + round(second * 1000)


def day() -> Truth:
    """3 km apart; in the third hour he comes at 1 m/s, is with her for ten minutes, and goes again."""
    distance_m = np.full(24 * HOUR_S, 3000.0)
    start = 3 * HOUR_S
    distance_m[start : start + 3000] = 3000.0 - np.arange(3000)
    distance_m[start + 3000 : start + 3600] = 0.0
    distance_m[start + 3600 : start + 6600] = np.arange(3000)
    return Truth(FROM_MS, distance_m)


CROSSED_S = 3 * HOUR_S + 2500  # at 1 m/s from 3,000 m: 500 m after 2,500 s
LEFT_S = 3 * HOUR_S + 3600 + 501
CONTACT_S = 3 * HOUR_S + 2975


def perfect() -> list[Said]:
    return [
        Said(at(3 * HOUR_S + 2000), Level.WARNING), Said(at(CROSSED_S), Level.BREACH),
        Said(at(LEFT_S + 120), Level.WARNING, loud=False), Said(at(LEFT_S + 700), Level.CLEAR),
    ]  # fmt: skip


def later(said: list[Said], by_s: float) -> list[Said]:
    return [one._replace(at_ms=one.at_ms + round(by_s * 1000)) for one in said]


def neighbours(away_m: float) -> Truth:
    """They live 700 m apart; in the second hour he is `away_m` off for a minute, in the third within 400 m for ten."""
    distance_m = np.full(4 * HOUR_S, 700.0)
    distance_m[2 * HOUR_S : 2 * HOUR_S + 60] = away_m
    distance_m[3 * HOUR_S : 3 * HOUR_S + 600] = 400.0
    return Truth(FROM_MS, distance_m)


@pytest.mark.parametrize(("away_m", "steady", "how"), [
    (900.0, True, Alerting.FULLY), (1100.0, True, Alerting.PARTLY), (900.0, False, Alerting.PARTLY),
])  # fmt: skip
def test_neighbours_are_warned_of_as_long_as_they_are_neighbours(away_m: float, how: Alerting, *, steady: bool) -> None:
    said = [
        Said(at(0), Level.WARNING), Said(at(HOUR_S), Level.CLEAR, steady=steady),
        Said(at(3 * HOUR_S + 30), Level.BREACH),
    ]  # fmt: skip
    assert [one.alerting for one in score(neighbours(away_m), said, LIMITS).told] == [how]


@pytest.mark.parametrize(("least_m", "vain"), [(520.0, 0), (530.0, 1)])
def test_a_breach_so_near_the_limit_is_not_needless(least_m: float, vain: int) -> None:
    truth = Truth(FROM_MS, np.full(HOUR_S, least_m))  # 1.05 times 500 m are 525
    assert score(truth, [Said(at(600), Level.BREACH)], LIMITS).needless_breaches == vain


def test_the_truth_has_one_approach() -> None:
    assert approaches(day(), 500.0) == [Approach(at(CROSSED_S), at(LEFT_S), at(CONTACT_S))]
    assert approaches(day(), 5000.0)[0].crossed_ms == FROM_MS
    assert approaches(Truth(FROM_MS, np.full(10, 600.0)), 500.0) == []


def test_two_crossings_within_ten_minutes_are_one_approach() -> None:
    distance_m = np.full(5000, 900.0)
    distance_m[1000:1100] = distance_m[1699:1800] = distance_m[2401:2500] = 400.0
    found = approaches(Truth(FROM_MS, distance_m), 500.0)
    assert [(one.crossed_ms, one.left_ms, one.contact_ms) for one in found] == [
        (at(1000), at(1800), None), (at(2401), at(2500), None),
    ]  # fmt: skip


def summary(found: PairScore) -> tuple[list[Alerting], list[float | None], int, int, int]:
    return ([one.alerting for one in found.told], [one.delay_s for one in found.told], found.needless_breaches,
            found.needless_warnings, found.alerts)  # fmt: skip


def test_a_perfect_engine() -> None:
    found = score(day(), perfect(), LIMITS)
    assert summary(found) == ([Alerting.FULLY], [0.0], 0, 0, 3)
    assert found.told[0].warned_s == 975.0
    assert found.days == 1.0


def test_who_is_within_from_the_start_has_crossed_nothing() -> None:
    truth = Truth(FROM_MS, np.concatenate([np.full(1000, 400.0), np.full(1000, 3000.0)]))
    assert [(one.crossed_ms, one.crossed) for one in approaches(truth, 500.0)] == [(FROM_MS, False)]
    soon, late = [Said(at(200), Level.BREACH)], [Said(at(241), Level.BREACH)]
    assert summary(score(truth, soon, LIMITS))[:2] == ([Alerting.FULLY], [200.0]), "nobody could tell before"
    assert summary(score(truth, late, LIMITS))[:2] == ([Alerting.PARTLY], [241.0])


def test_one_that_never_alerts() -> None:
    assert summary(score(day(), [], LIMITS)) == ([Alerting.MISSED], [None], 0, 0, 0)


def test_one_that_always_alerts() -> None:
    # each hour a breach, and clear half an hour later; one of them within the time that he is there
    said = [
        Said(at(hour * HOUR_S + half * 1800), level)
        for hour in range(24) for half, level in ((0, Level.BREACH), (1, Level.CLEAR))
    ]  # fmt: skip
    found = score(day(), said, LIMITS)
    assert found.alerts == 48
    # at 4 h (14,400 s) he is 3,600 s into his visit, within 600 s of contact: the other 23 are needless
    assert (found.needless_breaches, found.needless_warnings) == (23, 0)
    assert found.told[0].alerting is Alerting.PARTLY, "at the crossing it was clear again"
    assert found.told[0].delay_s == 4 * HOUR_S - CROSSED_S


def test_one_whose_breach_stands_all_day() -> None:
    found = score(day(), [Said(FROM_MS, Level.BREACH)], LIMITS)
    assert summary(found) == ([Alerting.FULLY], [0.0], 1, 0, 1)


@pytest.mark.parametrize(("late_s", "alerting"), [(60, Alerting.FULLY), (240, Alerting.FULLY), (241, Alerting.PARTLY)])
def test_one_that_is_late(late_s: float, alerting: Alerting) -> None:
    found = score(day(), later(perfect(), late_s), LIMITS)
    assert summary(found) == ([alerting], [late_s], 0, 0, 3)


def test_one_that_only_warns() -> None:
    found = score(day(), perfect()[:1], LIMITS)
    assert summary(found) == ([Alerting.PARTLY], [None], 0, 0, 1)


def test_one_that_sees_one_party_only() -> None:
    # it thinks that she is at home, where he passes by in the tenth hour; she is not, nor when he comes to her
    said = [
        Said(at(10 * HOUR_S), Level.WARNING),
        Said(at(10 * HOUR_S + 300), Level.BREACH),
        Said(at(11 * HOUR_S), Level.CLEAR),
    ]
    assert summary(score(day(), said, LIMITS)) == ([Alerting.MISSED], [None], 1, 1, 3)


def test_a_warning_of_what_comes_is_not_needless() -> None:
    early = at(CROSSED_S - 470)
    assert score(day(), [Said(early, Level.WARNING)], LIMITS).needless_warnings == 0
    tighter = LIMITS._replace(warning_m=600.0, reaction_ms=300_000)
    assert score(day(), [Said(early, Level.WARNING)], tighter).needless_warnings == 1


def test_levels_and_rises() -> None:
    said = perfect()
    assert [int(level_at(said, at(second))) for second in (0, 3 * HOUR_S + 2000, CROSSED_S, LEFT_S + 120)] == [
        0,
        1,
        2,
        1,
    ]
    assert [(int(one.level), int(before)) for one, before in rises(said)] == [(1, 0), (2, 1)]
    assert rises([Said(0, Level.BREACH, loud=False)]) == []


def test_nothing_seen_is_not_nothing() -> None:
    assert at_most(0, 1000.0) == 0.003
    assert at_most(5, 1000.0) == 0.005
