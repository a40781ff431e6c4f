# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The victim-proximity monitor authors
"""Pair-days, rule models and the table of scores."""

import hashlib
import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from pyproj import Geod
from scipy.stats import binomtest

from proximity.model.words import Level
from simulators.devices.fixes import DeviceFix
from simulators.devices.links import Arrival
from simulators.scores import fidelity, maps, page, recorded
from simulators.scores.calibration import NOTHING, Bin, rows
from simulators.scores.fidelity import Row
from simulators.scores.judged import ours, trace
from simulators.scores.pairs import LIMITS, MONDAY_MS, PairDay, pair_day
from simulators.scores.recorded import Thinned
from simulators.scores.rivals import RULES, SOURCES
from simulators.scores.score import ENGINES, OURS, SCALES, Judged, Share, lines_of, reliabilities_of, run, summarise
from simulators.scores.scoring import Alerting, Blindness, Said, Truth, score
from simulators.staged.outcomes import Outcome
from simulators.staged.scenes import play
from simulators.truth.people import DAY_MS

GEOD = Geod(ellps="WGS84")
HOME = (4.48, 51.92)
DAYS_SHA256 = "83a7370ff57d01c7a2ea05c8e215caee4f0e5f341ef5c96abf051f089fa68050"
SCENES_SHA256 = "bbfda9b81fe113ca1d3e509851f124bcd008ba5205835040f640bd86b996ae4b"


def arrival(at_s: float, north_m: float, accuracy_m: float = 5.0, late_s: float = 0.0) -> Arrival:
    """A fix so far north of her home."""
    lon, lat, _ = GEOD.fwd(*HOME, 0.0, north_m)
    at_ms = MONDAY_MS + round(at_s * 1000)
    return Arrival(at_ms + round(late_s * 1000), (DeviceFix(at_ms, lat, lon, accuracy_m),))


def walk_by() -> PairDay:
    """He is at 3,000 m, 900, 450, 450, 3,000 m, a minute apart; she stays at home."""
    his = tuple(arrival(60.0 * place, far_m) for place, far_m in enumerate((3000.0, 900.0, 450.0, 450.0, 3000.0)))
    hers = tuple(arrival(30.0 + 60.0 * place, 0.0) for place in range(5))
    return PairDay(Truth(MONDAY_MS, np.full(300, 3000.0)), his, hers)


def told(name: str, day: PairDay) -> list[tuple[float, Level]]:
    return [((one.at_ms - MONDAY_MS) / 1000, one.level) for one in RULES[name](day, LIMITS)]


CLEAR, WARNING, BREACH = Level.CLEAR, Level.WARNING, Level.BREACH
AS_IT_WAS = [(60, WARNING), (120, BREACH), (240, CLEAR)]  # 900 m, 450 m, 3,000 m from her home


def test_a_threshold_on_last_positions_takes_whoever_reported_last() -> None:
    """Spain's protocol (2009, 2013, 2024): within the judge's distance of her device, the moving zone."""
    day = walk_by()
    assert told("threshold on last positions", day) == AS_IT_WAS
    # she walks 500 m towards him: 900 less 500 m as soon as her phone says so
    moving = day._replace(protected=(arrival(0.0, 0.0), arrival(90.0, 500.0), arrival(200.0, 0.0)))
    assert told("threshold on last positions", moving)[:2] == [(60, WARNING), (90, BREACH)]


def test_one_side_looks_when_his_device_reports() -> None:
    """NIJ Standard-1004.00 asks alerts of the tracked person's device alone."""
    day = walk_by()
    assert told("wearer's fixes only", day) == AS_IT_WAS
    moving = day._replace(protected=(arrival(0.0, 0.0), arrival(90.0, 500.0), arrival(200.0, 0.0)))
    assert told("wearer's fixes only", moving) == AS_IT_WAS, "at 90 s nobody looks; at 120 s he is 50 m from her"


def test_less_accuracy_counts_a_circle_that_touches() -> None:
    """The manuals of mapping toolkits: the position is buffered by its horizontal accuracy."""
    day = walk_by()
    assert told("threshold less accuracy", day) == AS_IT_WAS
    vague = day._replace(wearer=tuple(one._replace(fixes=tuple(map(_coarse, one.fixes))) for one in day.wearer))
    assert told("threshold less accuracy", vague) == [(60, BREACH), (240, CLEAR)], "900 m less 495 less 5"


def test_two_fixes_confirm_a_level_a_minute_later() -> None:
    """Advice against drift: a breach counts when it persists."""
    assert told("two fixes confirm", walk_by()) == [(120, WARNING), (180, BREACH), (240, CLEAR)]
    his = tuple(arrival(60.0 * place, far_m) for place, far_m in enumerate((3000.0, 450.0, 3000.0, 3000.0, 3000.0)))
    assert told("two fixes confirm", walk_by()._replace(wearer=his)) == [], "one fix within is drift to it"


def test_fixed_zones_know_her_home_and_not_her() -> None:
    """NIJ Standard-1004.00, 5.5 and 6.12: zones drawn on the map."""
    day = walk_by()
    assert told("fixed zones only", day) == [], "nobody has drawn a zone"
    assert told("fixed zones only", day._replace(home=HOME)) == AS_IT_WAS
    out = day._replace(home=HOME, protected=(arrival(0.0, 3_000.0),))
    assert told("fixed zones only", out) == AS_IT_WAS, "she is out, and with him at first and at last"


def test_every_rule_model_names_its_source() -> None:
    assert list(SOURCES) == list(RULES)
    text = (page.DOCS / "score.md").read_text(encoding="utf-8")
    assert all(f"| {name} | {source} |" in text for name, source in SOURCES.items())


def _coarse(fix: DeviceFix) -> DeviceFix:
    return DeviceFix(fix.fixed_at_ms, fix.lat_deg, fix.lon_deg, 495.0)


def test_an_older_fix_that_comes_late_changes_nothing() -> None:
    day = walk_by()
    late = day._replace(wearer=(*day.wearer, arrival(61.0, 100.0, late_s=300.0)))
    assert told("threshold on last positions", late) == told("threshold on last positions", day)


def test_a_box_takes_a_degree_east_for_as_long_as_one_north() -> None:
    """Bounding coordinates (Matuschek), taken for the distance."""
    assert told("bounding box", walk_by()) == AS_IT_WAS, "north it is right"
    lon, lat, _ = GEOD.fwd(*HOME, 90.0, 400.0)
    beside = (Arrival(MONDAY_MS, (DeviceFix(MONDAY_MS, lat, lon, 5.0),)),)
    day = PairDay(Truth(MONDAY_MS, np.zeros(1)), beside, (arrival(0.0, 0.0),))
    # 400 m at 51.92 degrees are 648 m of equator: the box does not see the breach
    assert told("bounding box", day) == [(0, Level.WARNING)]
    assert told("threshold on last positions", day) == [(0, Level.BREACH)]


def test_the_same_seed_gives_the_same_bytes_on_any_machine() -> None:
    """What devices send is rounded (places to a centimetre), so that another processor's last digit does not show."""
    days = b"\n".join(line for number in range(3) for line in trace(pair_day(1, number)))
    scenes = b"\n".join(
        line for name in ("on-foot-through-alleys", "the-festival") for line in trace(play(name, 1).day)
    )
    assert hashlib.sha256(days).hexdigest() == DAYS_SHA256, "people, devices or links have changed: the scores as well"
    assert hashlib.sha256(scenes).hexdigest() == SCENES_SHA256


def plain_day(number: int) -> PairDay:
    """The first day of two whose clocks are right."""
    return next(
        day
        for day in (pair_day(1, place) for place in range(number, number + 10))
        if not day.traits & {"wearer_clock_off", "protected_clock_off", "careless_charger", "stalks"}
    )


def test_a_pair_day_is_a_day_of_two_devices() -> None:
    day = plain_day(3)
    assert len(day.truth.distance_m) == 86_400
    for device in (day.wearer, day.protected):
        arrived = [one.at_ms for one in device]
        assert arrived == sorted(arrived)
        fixed = [fix.fixed_at_ms for one in device for fix in one.fixes]
        assert MONDAY_MS <= min(fixed) < max(fixed) < MONDAY_MS + DAY_MS
        assert all(one.at_ms >= fix.fixed_at_ms for one in device for fix in one.fixes)
    assert pair_day(1, 3).wearer == pair_day(1, 3).wearer
    assert pair_day(1, 4).wearer != pair_day(1, 3).wearer


def test_fixes_lie_about_the_truth() -> None:
    day = plain_day(3)
    # where both have a fix within half a minute, measured and true distance differ by the errors only
    hers = {fix.fixed_at_ms // 60_000: fix for one in day.protected for fix in one.fixes}
    off_m = []
    for his in (fix for one in day.wearer for fix in one.fixes):
        other = hers.get(his.fixed_at_ms // 60_000)
        if other is not None and abs(other.fixed_at_ms - his.fixed_at_ms) < 30_000:
            true_m = day.truth.distance_m[(his.fixed_at_ms - MONDAY_MS) // 1000]
            measured_m = GEOD.inv(his.lon_deg, his.lat_deg, other.lon_deg, other.lat_deg)[2]
            off_m.append(abs(measured_m - true_m))
    assert len(off_m) >= 50
    assert np.median(off_m) < 60.0


def test_our_engine_judges_the_very_same_fixes() -> None:
    near = tuple(arrival(60.0 * place, 100.0) for place in range(10))
    day = PairDay(
        Truth(MONDAY_MS, np.full(600, 100.0)), near, tuple(arrival(30.0 + 60.0 * place, 0.0) for place in range(10))
    )
    said = ours(day, LIMITS)
    assert (said[0].at_ms, said[0].level, said[0].loud) == (MONDAY_MS + 30_000, Level.EMERGENCY, True)
    assert score(day.truth, said, LIMITS).told[0].alerting is not Alerting.MISSED


def test_shares_have_wilsons_interval() -> None:
    for events, of in ((1, 10), (62, 80), (5, 5), (999, 1000)):
        expected = binomtest(events, of).proportion_ci(method="wilson")
        assert Share(events, of).interval == pytest.approx((expected.low, expected.high), abs=1e-6)
    assert Share(0, 1000).interval == (0.0, 0.003), "nothing of n is at most 3 / n"
    assert Share(0, 0).interval == (0.0, 1.0)


def test_lines_are_sums() -> None:
    truth = Truth(MONDAY_MS, np.concatenate([np.full(1000, 2000.0), np.full(500, 100.0), np.full(1000, 2000.0)]))
    good = score(truth, [Said(MONDAY_MS + 900_000, Level.WARNING), Said(MONDAY_MS + 1_030_000, Level.BREACH)], LIMITS)
    none = score(truth, [], LIMITS)
    line = summarise("x", [good, none, none])
    assert (line.approaches, line.fully.events, line.partly.events, line.missed.events) == (3, 1, 0, 2)
    assert line.delay_s == (30.0, 30.0, 30.0)
    assert (line.alerts, line.needless_breaches, line.pair_days) == (2, 0, 3)
    assert summarise("y", [none]).delay_s is None


@pytest.mark.slow
def test_the_command_prints_every_engine() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "simulators", "score", "--pair-days", "5", "--seed", "7", "--json"],
        capture_output=True, text=True, check=False, timeout=280,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    lines = found["engines"]
    assert [line["engine"] for line in lines] == list(ENGINES)
    assert lines[0]["engine"] == OURS
    heard: list[int] = []
    judged = run(7, 5, 1, heard.append)
    again = lines_of(judged)
    assert found["reliability"] == [
        row and json.loads(json.dumps(row._asdict())) for row in rows(reliabilities_of(judged))
    ]
    assert sum(row["claims"] for row in found["reliability"] if row) > 1_000, "a minute each, of the pair-days 0 and 4"
    assert json.loads(json.dumps([line.approaches for line in again])) == [line["approaches"] for line in lines]
    assert [line.needless_breaches for line in again] == [line["needless_breaches"] for line in lines]
    assert sum(heard) == 5


def test_the_page_is_filled_between_its_marks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(page, "DOCS", tmp_path)
    parts = "".join(
        f"<!-- {mark} -->\nwhat was\n<!-- /{mark} -->\nafter\n"
        for mark in ("pairs", "obeying", "reliability", "scenes", "recorded", "simulators")
    )
    (tmp_path / "score.md").write_text(f"before\n{parts}", encoding="utf-8")
    truth = Truth(MONDAY_MS, np.concatenate([np.full(1000, 2000.0), np.full(500, 100.0), np.full(1000, 2000.0)]))
    told_late = score(truth, [Said(MONDAY_MS + 1_030_000, Level.BREACH)], LIMITS)._replace(
        blind=Blindness(7200, 3600, 4)
    )
    silent = score(truth, [], LIMITS)
    scores = {(name, scale): told_late if name == OURS else silent for name in ENGINES for scale in SCALES}
    outcome = {3: Outcome(Alerting.PARTLY, ("breach", "blind"), 1, 1), 4: Outcome(Alerting.FULLY, (), 0)}
    bicycle = {"by-bicycle": outcome}
    monkeypatch.setattr(page, "staged", lambda _progress: (bicycle, bicycle, {"a rule": bicycle}))
    line = summarise("slow", [told_late])
    monkeypatch.setattr(recorded, "thinned", lambda every_s: Thinned(every_s, (line,)))
    monkeypatch.setattr(fidelity, "rows", lambda: [Row("a figure", 10.0, 11.0)])
    drawn: list[tuple[str, int]] = []
    monkeypatch.setattr(maps, "draw", lambda shown, path: drawn.extend((path.name, one.number) for one in shown))
    claimed = (Bin(4, 0.2, 0), *NOTHING[2:], Bin(2, 1.9, 1))
    steps: list[int] = []
    asked = {name: silent if name == OURS else told_late for name in ENGINES}
    page.write([Judged(3, scores, claimed, asked)], 5, steps.append)
    assert steps == [1] * 5, "three cadences, the simulators, the pictures"
    assert drawn == [("score-maps.png", 3)]
    text = (tmp_path / "score.md").read_text(encoding="utf-8")
    assert text.startswith("before\n")
    assert text.endswith("after\n")
    assert "what was" not in text
    assert "1 true approaches within 500 m on 1 pair-days, seed 5" in text
    row = "| **our engine** | 0 (0%; 0%-100%) | 1 (100%; 21%-100%) | 0 (0%; 0%-100%) | 30 / 30 / 30 | - |"
    assert f"{row} < 3.000 | < 3.000 | 1.000 | 2.00 | 50% |" in text
    obeying = text.partition("<!-- obeying -->")[2].partition("<!-- /obeying -->")[0]
    assert "| **our engine** | 0 (0%; 0%-100%) | 0 (0%; 0%-100%) | 1 (100%; 21%-100%) | - | - |" in obeying
    assert "| bounding box | 0 (0%; 0%-100%) | 1 (100%; 21%-100%) |" in obeying
    assert "6 claims on 1 of the pair-days (each 4th)." in text
    assert "| 0.0-0.1 | 4 | 1 | 0.050 | 0.000 | 0.000-1.000 |\n| 0.1-0.2 | 0 | 0 | - | - | - |" in text
    assert "| 0.9-1.0 | 2 | 1 | 0.950 | 0.500 | 0.000-1.000 |" in text
    assert (tmp_path / "score-reliability.svg").read_text(encoding="utf-8").startswith("<?xml")
    assert "| by-bicycle | 1 | 1 | 0 | 1 | blind, breach |" in text
    assert "| our engine, devices that do as they are asked | 2 | 1 (50%) | 1 (50%) | 0 (0%) | 1 |" in text
    assert "in their windows, our engine: 2. Of those, 1 are levels that no fix which had come by then" in text
    assert "| a rule | 2 | 1 (50%) | 1 (50%) | 0 (0%) | 1 |" in text
    assert "| 180 s | slow | 0 (0%; 0%-100%) | 1 (100%; 21%-100%) | 0 (0%; 0%-100%) | 30 / 30 / 30 |" in text
    assert "| a figure | 10 | 11 | 10% |" in text
    assert (tmp_path / "score.svg").read_text(encoding="utf-8").startswith("<?xml")


def test_a_page_without_a_part_is_said() -> None:
    with pytest.raises(ValueError, match="the page has no part <!-- pairs -->"):
        page.put("nothing", "pairs", "made")
