# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The victim-proximity monitor authors
"""Seconds blind, by arithmetic."""

import numpy as np

from proximity.model.words import Level
from simulators.devices.fixes import DeviceFix
from simulators.devices.links import Arrival
from simulators.devices.reception import PHONE, TAG
from simulators.scores.blindness import blindness
from simulators.scores.judged import Heard
from simulators.scores.pairs import PairDay
from simulators.scores.scoring import Blindness, Truth
from simulators.truth.street import Journey, Leg

HOUR_S = 3_600
AT_HOME = Journey.resting(4.48, 51.92)


def fixes(*times_s: float, late_s: float = 0.0) -> tuple[Arrival, ...]:
    return tuple(
        Arrival(round((at_s + late_s) * 1000), (DeviceFix(round(at_s * 1000), 51.92, 4.48),)) for at_s in times_s
    )


def heard(at_s: float, change: str, kind: str = "device", cause: str = "silent") -> Heard:
    return Heard(round(at_s * 1000), "o:device:w", kind, change, Level.CLEAR, cause)


def day(his: tuple[Arrival, ...], walks: Journey = AT_HOME) -> PairDay:
    truth = Truth(0, np.full(HOUR_S, 2_000.0))
    hers = fixes(*range(0, HOUR_S, 60))
    return PairDay(truth, his, hers, (walks, AT_HOME))


def test_a_resting_tag_is_stale_after_ten_minutes() -> None:
    whole = tuple(range(0, HOUR_S, 300))
    assert blindness(day(fixes(*whole)), (TAG, PHONE), []) == Blindness(0, 0, 0)
    silent = day(fixes(0, 300, 600, 3_000, 3_300))
    # the fix of 600 is too old after 1,200, and the next comes at 3,000
    assert blindness(silent, (TAG, PHONE), []) == Blindness(1_799, 0, 0)
    told = [heard(1_300, "opened"), heard(3_000, "resolved", cause="heard_again")]
    assert blindness(silent, (TAG, PHONE), told) == Blindness(1_799, 1_700, 1)
    assert blindness(silent, (TAG, PHONE), told[:1]) == Blindness(1_799, 1_700, 1), "what stays open stays said"
    after = [*told, heard(HOUR_S, "opened")]
    assert blindness(silent, (TAG, PHONE), after) == Blindness(1_799, 1_700, 1), "the day is over: nobody sends"
    other = [heard(1_300, "opened", cause="clock")]
    assert blindness(silent, (TAG, PHONE), other) == Blindness(1_799, 0, 0)


def test_who_has_moved_is_expected_to_report_as_who_moves() -> None:
    lon, lat = 4.4802, 51.92
    walk = Journey(Leg(700_000, ((4.48, 51.92), (lon, lat)), 1.0))
    silent = day(fixes(0, 300, 600, 900, 1_200, 1_500), walk)
    # the fix of 600 is allowed 120 s after the first step at 700: from 721 on, until 900
    found = blindness(silent, (TAG, PHONE), [])
    assert found.seconds == (900 - 721) + (HOUR_S - 1 - 2_100)


def test_a_fix_counts_when_it_has_come_and_is_as_old_as_it_is() -> None:
    late = day(fixes(0, 300) + fixes(600, late_s=700.0))
    # the fix of 300 is too old after 900; that of 600 comes at 1,300, when it is 700 s old
    assert blindness(late, (TAG, PHONE), []).seconds == HOUR_S - 1 - 900
