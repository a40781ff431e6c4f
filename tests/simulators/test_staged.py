# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The victim-proximity monitor authors
"""Staged scenes: each has its file, the files agree with the truth, and nothing is missed that was not before."""

import subprocess
import sys

import numpy as np
import pytest

from proximity.model.words import Level
from simulators.devices.fixes import DeviceFix
from simulators.devices.links import Arrival
from simulators.devices.reception import PHONE, TAG
from simulators.scores.judged import Heard
from simulators.scores.pairs import PairDay
from simulators.scores.scoring import Alerting, Limits, Truth
from simulators.staged.known import Known, all_outcomes, known_of, read_known, worse
from simulators.staged.outcomes import FOLDER, Expected, Told, compare, is_shown, of_rule, read_expected
from simulators.staged.scenes import SCENES, play
from simulators.staged.street import BEGINS_MS, HOME, Staged, Street, beside
from simulators.truth.street import WGS84

AT_LEAST = 35
# he is there from the start, or a device hides where he is: what is told is not when he crosses
NOT_AT_A_CROSSING = {"living-at-600-m", "living-at-600-m-with-wifi", "a-frozen-position"}
BEFORE_THE_LIMIT_S = 480.0


def test_there_are_enough_and_each_has_its_file_and_its_reason() -> None:
    assert len(SCENES) >= AT_LEAST
    assert {path.stem for path in FOLDER.glob("*.toml")} == set(SCENES)
    reasons = [read_expected(name).hard for name in SCENES]
    assert all(len(reason) > 20 for reason in reasons)
    assert len(set(reasons)) == len(SCENES)
    assert all(scene.__doc__ for scene in SCENES.values())


@pytest.mark.parametrize("name", SCENES)
def test_windows_hold_the_true_crossings(name: str) -> None:
    """Each level is due when pyproj says so: its window begins before and ends after that, by four minutes or so."""
    staged, expected = play(name, 1), read_expected(name)
    limit_m = staged.limits.limit_m
    limits = {"warning": staged.limits.warning_m, "breach": limit_m, "emergency": limit_m * 0.3}
    for told in expected.told:
        if told.what not in limits or name in NOT_AT_A_CROSSING:
            continue
        within = np.concatenate([[False], staged.day.truth.distance_m <= limits[told.what]])
        crossed_s = np.flatnonzero(within[1:] & ~within[:-1])
        from_s, until_s = told.between_s
        assert any(from_s <= at_s <= until_s <= at_s + 400 for at_s in crossed_s), (told, crossed_s)
        early_s = BEFORE_THE_LIMIT_S + 120 if told.what == "warning" else 80
        assert any(at_s - early_s <= from_s for at_s in crossed_s)
    if expected.never and expected.never != "emergency" and name != "a-breach-in-the-stored-hours":
        assert staged.day.truth.distance_m.min() > limits[expected.never]


def test_a_scene_is_the_same_with_the_same_seed_and_another_with_another() -> None:
    one, again, other = play("by-bicycle", 3), play("by-bicycle", 3), play("by-bicycle", 4)
    assert (one.day.wearer, one.day.protected) == (again.day.wearer, again.day.protected)
    assert one.day.wearer != other.day.wearer
    assert np.array_equal(one.day.truth.distance_m, other.day.truth.distance_m), "only devices and links differ"


def test_the_language_does_what_it_says() -> None:
    street = Street(1)
    street.wearer.walks(towards=HOME, from_m=270, at_mps=1.35).stays(100).cycles(towards=beside(HOME, 460, 90))
    apart_m = street.play().day.truth.distance_m
    # 270 m at 1.35 m/s are 200 s; at her door for 100 s; 460 m at 4.6 m/s are 100 s
    assert apart_m[[0, 100, 200, 299]] == pytest.approx([270.0, 135.0, 0.0, 0.0], abs=0.1)
    assert apart_m[[350, 401, 3599]] == pytest.approx([230.0, 460.0, 460.0], abs=0.5)
    street = Street(1)
    street.tag.is_left(beside(HOME, 3_000))
    street.tag.says("strap_cut", 60)
    street.wearer.walks(towards=HOME, from_m=270)
    day = street.play().day
    assert day.truth.distance_m[-1] == pytest.approx(0.0, abs=0.1)
    fixes = [fix for one in day.wearer for fix in one.fixes]
    away_m = [WGS84.inv(fix.lon_deg, fix.lat_deg, *HOME)[2] for fix in fixes]
    assert min(away_m) > 2_000
    assert [round((one.at_ms - BEGINS_MS) / 1000) >= 60 for one in day.wearer if one.event == "strap_cut"] == [True]


def test_a_level_is_shown_by_a_fix_that_had_come_from_within_by_two_who_know_their_place() -> None:
    # He is within 500 m from 100 s on, within 150 m from 200 s on; she says where she is at 10 s.
    apart_m = np.where(np.arange(400) < 100, 900.0, np.where(np.arange(400) < 200, 400.0, 100.0))

    def shown(level: str, until_s: int, *his: tuple[int, int, float], hers_m: float = 10.0) -> bool:
        hers, mine = (
            tuple(
                Arrival(at_ms(came_s), (DeviceFix(at_ms(made_s), 0.0, 0.0, accuracy_m),))
                for came_s, made_s, accuracy_m in side
            )
            for side in (((10, 10, hers_m),), his)
        )
        day = PairDay(Truth(BEGINS_MS, apart_m), mine, hers)
        return is_shown(Staged(BEGINS_MS, Limits(1000.0, 500.0, 0), (TAG, PHONE), day), level, at_ms(until_s))

    assert shown("breach", 130, (120, 110, 10.0))
    assert not shown("breach", 119, (120, 110, 10.0)), "it had not come"
    assert not shown("breach", 130, (120, 90, 10.0)), "it was made before he crossed"
    assert not shown("breach", 130, (120, 110, 501.0)), "it knows its place to more than the limit"
    assert not shown("breach", 130, (120, 110, 10.0), hers_m=501.0), "and so does hers"
    assert shown("warning", 130, (120, 110, 10.0), hers_m=501.0)
    assert not shown("emergency", 190, (120, 110, 10.0), (180, 170, 10.0))
    assert shown("emergency", 230, (120, 110, 10.0), (230, 220, 150.0))


def at_ms(second: int) -> int:
    return BEGINS_MS + second * 1000


def stage() -> Staged:
    street = Street(1)
    street.wearer.walks(towards=HOME, from_m=2_000)
    return street.play()


def said(at_s: float, level: Level, change: str = "raised") -> Heard:
    return Heard(BEGINS_MS + round(at_s * 1000), "o:separation:x", "separation", change, level, "limit_crossed")


def test_outcomes_are_what_arithmetic_says() -> None:
    """He crosses 1,000 m after 741 s and 500 m after 1,111 s."""
    expected = Expected("x", (Told("warning", (700, 800)), Told("breach", (1_080, 1_200))))
    warning, breach = said(750, Level.WARNING), said(1_100, Level.BREACH)
    staged = stage()

    def outcome(*heard: Heard, what: Expected = expected) -> tuple[str, tuple[str, ...], int]:
        found = compare(what, staged, heard, what.told)
        return found.alerting.value, found.unmet, found.needless

    assert outcome(warning, breach) == ("fully", (), 0)
    assert outcome(breach) == ("partly", ("warning",), 0)
    assert outcome(warning, said(1_300, Level.BREACH)) == ("partly", ("breach",), 0)
    assert outcome(said(1_600, Level.BREACH)) == ("missed", ("warning", "breach"), 0), (
        "five minutes after either window"
    )
    assert outcome() == ("missed", ("warning", "breach"), 0)
    assert outcome(said(10, Level.BREACH), said(20, Level.CLEAR, "resolved"), warning, breach)[2] == 1, "1.9 km away"
    assert outcome(said(750, Level.EMERGENCY), breach)[:2] == ("fully", ()), "what stands higher stands"
    never = Expected("x", never="breach")
    assert outcome(warning, what=never) == ("fully", (), 0)
    assert outcome(warning, breach, what=never) == ("fully", (), 1)
    strap = Expected("x", (Told("strap_cut", (60, 90)),))
    cut = Heard(BEGINS_MS + 70_000, "o:device:w", "device", "opened", Level.CLEAR, "strap_cut")
    assert outcome(cut, what=strap) == ("fully", (), 0)
    assert outcome(warning, what=strap) == ("missed", ("strap_cut",), 0)


def test_a_rule_is_asked_for_distances_only() -> None:
    rule = "threshold on last positions"
    assert of_rule(rule, "sos-at-home", 1) is None
    found = of_rule(rule, "living-at-600-m-with-wifi", 3)
    assert found is not None
    plain = of_rule(rule, "on-foot", 1)
    assert plain is not None
    assert plain.alerting is Alerting.FULLY


def test_worse_is_what_was_not_there() -> None:
    before = Known(partly=(1, 2), missed=(3,), needless=(4,))
    assert worse(Known(partly=(1, 3), needless=(4,)), before) == [], "a miss that became a part is better"
    assert worse(Known(partly=(5,), missed=(1,), needless=(6,)), before) == [
        "seed 1 is missed", "seed 5 is told only partly", "seed 6 alarms in vain",
    ]  # fmt: skip


@pytest.mark.slow
def test_nothing_is_missed_that_was_not_missed_before() -> None:
    known = read_known()
    assert set(known) <= set(SCENES)
    found = all_outcomes(2)
    news = {name: worse(known_of(of), known.get(name, Known())) for name, of in found.items()}
    assert not {name: what for name, what in news.items() if what}, "if that is better on the whole: staged --record"


def test_a_scene_that_is_not_there_is_refused_in_one_line() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "simulators", "staged", "on-the-moon"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    assert done.stderr.startswith("python -m simulators: no scene 'on-the-moon': choose of ")
    assert len(done.stderr.splitlines()) == 1
