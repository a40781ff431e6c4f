# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The victim-proximity monitor authors
"""Claims beside the truth, and maps."""

from pathlib import Path

import numpy as np
import pytest
from scipy.stats import binomtest

from simulators.devices.fixes import DeviceFix
from simulators.devices.links import Arrival
from simulators.scores.calibration import NOTHING, Bin, Claims, Reliability, Row, rows, together
from simulators.scores.judged import hear, message_of, orders
from simulators.scores.maps import Shown, choose, draw
from simulators.scores.pairs import LIMITS, MONDAY_MS, PairDay, pair_day
from simulators.scores.score import AS_SET, ENGINES, OURS, Judged
from simulators.scores.scoring import Alerting, Approach, PairScore, Told, Truth, approaches
from simulators.truth.street import WGS84

HOME = (4.48, 51.92)
MINUTES = 30


def apart(far_m: float, true_m: float) -> PairDay:
    """Both report every minute for half an hour, so far apart; the truth may be another."""
    lon, lat, _ = WGS84.fwd(*HOME, 90.0, far_m)

    def side(at_s: float, place: tuple[float, float]) -> tuple[Arrival, ...]:
        times = [MONDAY_MS + round((at_s + 60.0 * minute) * 1000) for minute in range(MINUTES)]
        return tuple(Arrival(at_ms, (DeviceFix(at_ms, place[1], place[0], 10.0),)) for at_ms in times)

    return PairDay(
        Truth(MONDAY_MS, np.full(60 * MINUTES, true_m)), side(0.0, (float(lon), float(lat))), side(30.0, HOME)
    )


def reliability(day: PairDay) -> Reliability:
    """The claims of a day beside its truth."""
    claims = Claims(day, LIMITS)
    hear(day, message_of(orders(LIMITS)), look=claims.look)
    return claims.found


def test_claims_are_counted_beside_the_truth() -> None:
    # from the first minute in which both are known: one claim a minute
    near, far = reliability(apart(100.0, 100.0)), reliability(apart(3_000.0, 3_000.0))
    assert (near[-1].claims, near[-1].within) == (MINUTES - 1, MINUTES - 1)
    assert near[-1].claimed == pytest.approx(MINUTES - 1, abs=0.01)
    assert (far[0].claims, far[0].within) == (MINUTES - 1, 0)
    wrong = reliability(apart(100.0, 3_000.0))
    assert (wrong[-1].claims, wrong[-1].within) == (MINUTES - 1, 0)
    both = together([near, far])
    assert (both[0].claims, both[-1].claims) == (MINUTES - 1, MINUTES - 1)
    assert together([]) == NOTHING
    assert Bin(1, 0.5, 1).plus(Bin(2, 0.25, 0)) == Bin(3, 0.75, 1)


def test_a_claim_is_what_a_normal_error_gives() -> None:
    """10 m accuracy is less than the floor of 10 m an axis: at the limit itself about half, by symmetry."""
    found = [one for one in reliability(apart(500.0, 500.0)) if one.claims]
    assert sum(one.claims for one in found) == MINUTES - 1
    assert all(one.claimed / one.claims == pytest.approx(0.5, abs=0.05) for one in found)


def one_bin(*days: Bin) -> list[Reliability]:
    return [(day, *NOTHING[1:]) for day in days]


def test_bins_have_intervals_over_pair_days() -> None:
    # a claim a day, right on 60 of 200: as the binomial has it, about 0.24 to 0.37
    single = rows(one_bin(*[Bin(1, 0.25, 1)] * 60, *[Bin(1, 0.25, 0)] * 140))
    assert single[1:] == [None] * 9
    assert single[0] is not None
    assert single[0][:4] == (200, 200, 0.25, 0.3)
    expected = binomtest(60, 200).proportion_ci()
    assert single[0].interval == pytest.approx((expected.low, expected.high), abs=0.015)
    # the same claims on four days, each all right or all wrong, say much less
    whole = rows(one_bin(Bin(50, 12.5, 50), *[Bin(50, 12.5, 0)] * 3))[0]
    assert whole is not None
    assert whole.interval[0] == 0.0
    assert whole.interval[1] >= 0.75
    assert rows(one_bin(Bin(1_000, 20.0, 0))) == [Row(1_000, 1, 0.02, 0.0, (0.0, 1.0)), *[None] * 9]


def test_nothing_of_n_pair_days_is_at_most_three_nths() -> None:
    never, always = (rows(one_bin(*[Bin(60, 3.0, within)] * 100))[0] for within in (0, 60))
    assert never is not None
    assert always is not None
    assert (never.interval, always.interval) == ((0.0, 0.03), (0.97, 1.0))


def judged(number: int, *told: Told) -> Judged:
    return Judged(number, {(name, AS_SET): PairScore(told if name == OURS else (), 0, 0, 0, 1.0) for name in ENGINES})


def test_the_maps_are_of_the_worst_miss_and_the_first_caught() -> None:
    minute_ms = 60_000

    def approach(minutes: int, *, crossed: bool = True) -> Approach:
        return Approach(MONDAY_MS, MONDAY_MS + minutes * minute_ms, None, crossed)

    short, long = (Told(approach(minutes), Alerting.MISSED, None, None) for minutes in (2, 9))
    began_within = Told(approach(99, crossed=False), Alerting.MISSED, None, None)
    late = Told(approach(30), Alerting.PARTLY, 700.0, None)
    caught, caught_later = (Told(approach(20), Alerting.FULLY, 5.0, warned_s) for warned_s in (300.0, 400.0))
    days = [judged(0, short, began_within), judged(4, late, caught), judged(5, long, caught_later)]
    shown = choose(days, 7)
    assert [(one.number, one.approach, one.title) for one in shown] == [
        (5, long.approach, "missed: pair-day 5, within 500 m for 9 min"),
        (4, caught.approach, "caught: pair-day 4, told 300 s before they met"),
    ]
    assert {one.seed for one in shown} == {7}
    assert (
        choose([judged(4, late, caught)], 7)[0].title == "told latest, after 700 s: pair-day 4, within 500 m for 30 min"
    )
    assert choose([judged(0, began_within)], 7) == []


def test_a_map_is_drawn(tmp_path: Path) -> None:
    number, day = next(
        (number, day)
        for number in range(20)
        if approaches((day := pair_day(1, number)).truth, LIMITS.limit_m) and day.journeys
    )
    approach = approaches(day.truth, LIMITS.limit_m)[-1]
    draw([Shown(1, number, approach, "one")], tmp_path / "map.png")
    assert (tmp_path / "map.png").read_bytes().startswith(b"\x89PNG")
