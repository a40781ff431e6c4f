# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The victim-proximity monitor authors
"""Tracks by hand: pace, velocity, jump, and what is known as time passes (docs/judgement.md, 1 and 2)."""

from math import dist, isnan, nan

import pytest

from proximity.engine.state import new_parties, numbers_of
from proximity.geo.world import compile_world
from proximity.kernels.columns import PartyTable, records_of
from proximity.kernels.tracks import follow_track, goes_on_s, growth_of, is_stale, place_of, reach_m, sigma_of, speed_of
from proximity.model.judging import Judging
from tests.engine.scenes import START_MS, book_of, order
from tests.kernels.people import stand

NUMBERS = numbers_of(Judging())
PARTY = 0


def parties() -> PartyTable:
    return new_parties(compile_world(book_of(order())), NUMBERS)


def after_a_step(
    metres: float, seconds: float, speed_mps: float = nan, sigma_m: float = 10.0
) -> tuple[PartyTable, bool]:
    """Who went so far, and whether that is a jump."""
    table = parties()
    stand(table, PARTY, START_MS, 0.0)
    follow_track(records_of(table), PARTY, nan, nan, -1, awake=False, numbers=NUMBERS)
    stand(table, PARTY, START_MS + round(seconds * 1000), metres, sigma_m=sigma_m)
    return table, follow_track(records_of(table), PARTY, speed_mps, nan, -1, awake=False, numbers=NUMBERS)


@pytest.mark.parametrize(
    ("pace_mps", "growth_mps"),
    [(0.0, 0.3), (0.49, 0.3), (0.5, 1.5), (2.49, 1.5), (2.5, 5.0), (7.99, 5.0), (8.0, 15.0), (nan, 15.0)],
)
def test_uncertainty_grows_by_pace(pace_mps: float, growth_mps: float) -> None:
    assert growth_of(pace_mps, NUMBERS) == growth_mps


@pytest.mark.parametrize(
    ("metres", "seconds", "speed_mps", "sigma_m", "velocity_mps"),
    [
        (600.0, 60.0, nan, 10.0, 10.0),  # of the whole step, though 21.2 m of it may be noise
        (60.0, 60.0, nan, 10.0, 1.0),  # (60 - 21.2) / 60 is 0.65 m/s: a way
        (50.0, 60.0, nan, 10.0, 0.0),  # (50 - 21.2) / 60 is 0.48 m/s: none
        (600.0, 60.0, 0.5, 10.0, 0.0),  # it says that it stands
        (600.0, 60.0, nan, 16.5, 10.0),  # 25 m are 16.56 m an axis: the last that is fine
        (600.0, 60.0, nan, 16.6, 0.0),
        (600.0, 120.0, nan, 10.0, 5.0),
        (600.0, 120.1, nan, 10.0, 0.0),  # too long ago
        (4200.0, 60.0, nan, 10.0, 70.0),  # (4200 - 21.2) / 60 is 69.6 m/s: no jump
        (4300.0, 60.0, nan, 10.0, 0.0),  # 71.3 m/s: a jump tells no velocity
        (100.0, 0.0, nan, 10.0, 0.0),  # no time between: no step
    ],
)
def test_velocity_of_a_step(
    metres: float, seconds: float, speed_mps: float, sigma_m: float, velocity_mps: float
) -> None:  # fmt: skip
    table, jump = after_a_step(metres, seconds, speed_mps, sigma_m)
    assert speed_of(records_of(table), PARTY) == pytest.approx(velocity_mps, abs=1e-3)
    assert jump == (
        metres in (100.0, 4300.0)
    )  # 100 m at once are (100 - 21.2) m in the one second that counts at least


def test_a_first_fix_has_no_step_and_a_jump_no_pace() -> None:
    table = parties()
    stand(table, PARTY, START_MS, 0.0)
    assert not follow_track(records_of(table), PARTY, nan, nan, -1, awake=False, numbers=NUMBERS)
    assert (table.step_m[PARTY], table.pace_mps[PARTY]) == (0.0, 0.0)
    assert after_a_step(4300.0, 60.0)[0].pace_mps[PARTY] == 0.0


def test_who_has_been_faster_is_forgotten_slowly() -> None:
    table, _ = after_a_step(600.0, 60.0, 10.0)
    stand(table, PARTY, START_MS + 120_000, 600.0)
    follow_track(records_of(table), PARTY, 0.0, nan, -1, awake=False, numbers=NUMBERS)
    assert table.pace_mps[PARTY] == pytest.approx(5.0)  # half of it after 60 s
    assert table.growth_mps[PARTY] == 5.0


def test_a_place_goes_on_for_15_s() -> None:
    table, _ = after_a_step(600.0, 60.0)
    at_ms = START_MS + 60_000
    for later_s, on_s in ((-1, 0.0), (0, 0.0), (7, 7.0), (15, 15.0), (100, 15.0)):
        seconds = goes_on_s(records_of(table), PARTY, at_ms + later_s * 1000, NUMBERS)
        assert seconds == on_s
        assert dist(place_of(records_of(table), PARTY, seconds), table.position[PARTY]) == pytest.approx(
            10.0 * on_s, abs=1e-2
        )


def test_a_course_without_a_speed_is_none_and_a_speed_has_a_direction() -> None:
    table = parties()
    stand(table, PARTY, START_MS, 0.0)
    follow_track(records_of(table), PARTY, nan, 90.0, -1, awake=False, numbers=NUMBERS)
    assert speed_of(records_of(table), PARTY) == 0.0
    follow_track(records_of(table), PARTY, 8.0, 90.0, -1, awake=False, numbers=NUMBERS)
    there = place_of(records_of(table), PARTY, 10.0)
    stand(table, PARTY, START_MS + 1, 80.0)
    assert dist(there, table.position[PARTY]) < 0.01


def test_silence_is_stale_and_reaches_far() -> None:
    table = parties()
    assert is_stale(records_of(table), PARTY, START_MS)
    stand(table, PARTY, START_MS, 0.0)
    table.stale_ms[PARTY] = 90_000
    assert not is_stale(records_of(table), PARTY, START_MS + 89_999)
    assert reach_m(records_of(table), PARTY, START_MS + 89_999, NUMBERS) == 0.0
    assert is_stale(records_of(table), PARTY, START_MS + 90_000)
    assert reach_m(records_of(table), PARTY, START_MS + 90_000, NUMBERS) == 14.0 * 90
    table.pace_mps[PARTY] = 20.0
    assert reach_m(records_of(table), PARTY, START_MS + 90_000, NUMBERS) == 20.0 * 90
    assert sigma_of(records_of(table), PARTY, START_MS + 90_000) == pytest.approx(10.0 + 0.3 * 90)
    assert sigma_of(records_of(table), PARTY, START_MS - 5000) == 10.0
    assert isnan(sigma_of(records_of(parties()), PARTY, START_MS))
