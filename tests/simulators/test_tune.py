# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The victim-proximity monitor authors
"""The trade-off tool: what other limits tell and lose, on days and journals where arithmetic says it."""

import contextlib
import json
import math
import tomllib
from collections import Counter
from pathlib import Path

import msgspec
import numpy as np
import pytest
from typer.testing import CliRunner, Result

from proximity.model.judging import Judging
from proximity.model.words import Level
from proximity.service.journal import FILE, Event, Journal, Step
from proximity.service.pipeline import (
    Message,
    Naming,
    Pipeline,
    RevisionFault,
    connection_message,
    orders_message,
)
from simulators.__main__ import app
from simulators.devices.fixes import DeviceFix
from simulators.devices.links import Arrival
from simulators.scores.judged import Heard, read_event
from simulators.scores.pairs import LIMITS, MONDAY_MS, PairDay
from simulators.scores.score import PUBLISHED_SEED
from simulators.scores.scoring import PairScore, Said, Truth, score
from simulators.tune import journal as of_journal
from simulators.tune import swarm
from simulators.tune.gain import Gain
from simulators.tune.grid import AS_SET, Point, read_grid
from simulators.tune.rewritten import with_limits
from tests.traffic import METRES_PER_DEGREE, fix_topic, orders

START_MS = 1_717_862_400_000  # 2024-06-08T16:00:00Z
MINUTE_MS = 60_000


def run(*arguments: str) -> Result:
    return CliRunner().invoke(app, ["tune", *arguments])


# --- the grid


def test_a_grid_is_every_limit_with_every_value() -> None:
    points = read_grid("400,700,400", 1.5, ["confirm_after_s=10,20", "default_accuracy.wifi_m=80"])
    assert [point.name for point in points] == [
        "400 m, confirm_after_s 10, default_accuracy.wifi_m 80",
        "400 m, confirm_after_s 20, default_accuracy.wifi_m 80",
        "700 m, confirm_after_s 10, default_accuracy.wifi_m 80",
        "700 m, confirm_after_s 20, default_accuracy.wifi_m 80",
    ]
    assert [(point.limit_m, point.warning_m) for point in points[1:3]] == [(400, 600), (700, 1050)]
    judging = points[0].judging(Judging(rearm_after_s=7.0))
    assert (judging.confirm_after_s, judging.default_accuracy.wifi_m, judging.rearm_after_s) == (10, 80, 7)
    assert read_grid("400", None, [])[0].warning_m == 800, "twice, as orders have it"


def test_what_is_as_set_is_tried_once() -> None:
    grid = read_grid("400,500", None, ["confirm_after_s=20"])
    assert [point.name for point in swarm.points_of(grid)] == ["as set", "400 m, confirm_after_s 20"]


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ((), "nothing to try: write --limits"),
        (("--limits", "400,x"), "--limits: got 'x': write numbers"),
        (("--limits", "nan"), "from 1 to 50,000 metres"),
        (("--limits", "0"), "from 1 to 50,000 metres"),
        (("--limits", "40000", "--warning-factor", "3"), "--warning-factor x 40000 m: got 120000"),
        (("--limits", "400", "--warning-factor", "1"), "write more than 1"),
        (("--set", "confirm_after_s=1", "--warning-factor", "3"), "write --limits too"),
        (("--set", "confirm_after=10"), "did you mean confirm_after_s?"),
        (("--set", "colour=10"), "choose of accuracy_per_sigma,"),
        (("--set", "confirm_after_s=soon"), "--set confirm_after_s: got 'soon'"),
        (("--set", "confirm_after_s=-1"), "from 0 to 600 seconds"),
        (("--set", "confirm_after_s"), "a setting and its values"),
        (("--set", "confirm_after_s=1", "--set", "confirm_after_s=2"), "stands there twice"),
        (("--set", "probable_at=0.5,0.99"), "probable_at 0.99 must be less than certain_at 0.95"),
        (("--limits", "1,2,3,4,5", "--set", f"confirm_after_s={','.join(map(str, range(13)))}"), "65 points are too"),
        (("--limits", "400", "--seed", str(PUBLISHED_SEED)), "nobody tunes on"),
        (("--limits", "400", "--journal", "/nowhere/j.sqlite3"), "/nowhere/j.sqlite3: there is no such journal"),
        (("--limits", "400", "--journal", __file__), "is it a journal"),
        (("--limits", "400", "--journal", "j", "--seed", "3"), "leave --pair-days and --seed out"),
        (("--limits", "400", "--plot", "a.pdf"), "a name that ends in .png or .svg"),
        (("--limits", "400", "--plot", "/nowhere/a.png"), "there is no folder /nowhere"),
    ],
)
def test_what_is_wrong_is_one_line_with_the_mend(arguments: tuple[str, ...], says: str) -> None:
    result = run(*arguments)
    assert result.exit_code == 1, result.output
    assert says in result.stderr
    assert len(result.stderr.splitlines()) == 1
    assert not result.stdout


# --- simulated days


def visit(near_m: float) -> Truth:
    """At 5 km; for ten minutes so near; at 5 km again."""
    return Truth(MONDAY_MS, np.concatenate([np.full(1200, 5000.0), np.full(600, near_m), np.full(1200, 5000.0)]))


def told(*levels: tuple[float, Level]) -> PairScore:
    return score(visit(100.0), [Said(MONDAY_MS + round(at_s * 1000), level) for at_s, level in levels], LIMITS)


FULLY = told((1100, Level.WARNING), (1210, Level.BREACH), (2000, Level.CLEAR))
PARTLY = told((1300, Level.WARNING))
MISSED = told()


def test_a_point_is_held_against_what_is_told_as_set_approach_by_approach() -> None:
    as_set = [FULLY, FULLY, PARTLY, PARTLY, MISSED]
    found = swarm.gain_of([MISSED, PARTLY, FULLY, MISSED, PARTLY], as_set)
    assert found == Gain("true approach", alerts=5, alerts_as_set=8, told_as_set=4, lost=2, less=1, better=2)
    assert found.words == "5 alerts instead of 8; 2 true approaches lost (of 4), 1 told less well, 2 told better"
    rows = swarm.rows_of([AS_SET, Point(400.0, 800.0)], [[FULLY, PARTLY], [FULLY, FULLY], [MISSED, MISSED]])
    assert [row.line.fully.events for row in rows] == [2, 1]
    assert rows[0].gain.counts == "6 alerts; 2 true approaches told"
    assert rows[1].gain.words == "4 alerts instead of 6; no true approach lost (of 2), 1 told less well"
    assert Gain("breach", 1, 1, 3, lost=1).words == "1 alert, as before; 1 breach lost (of 3)"


def day_of(near_m: float) -> PairDay:
    """The same with devices: a fix of each every 15 s, hers at 51.92 N, 4.48 E."""

    def arrival(at_ms: int, north_m: float) -> Arrival:
        return Arrival(at_ms, (DeviceFix(at_ms, 51.92 + north_m / METRES_PER_DEGREE, 4.48, 5.0),))

    truth = visit(near_m)
    seconds = range(0, len(truth.distance_m), 15)
    his = tuple(arrival(MONDAY_MS + 1000 * second, float(truth.distance_m[second])) for second in seconds)
    return PairDay(truth, his, tuple(arrival(MONDAY_MS + 1000 * second + 500, 0.0) for second in seconds))


def test_limits_beyond_everything_tell_of_all_and_tiny_ones_lose_all(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(swarm, "pair_day", lambda seed, number: day_of(300.0 + seed + number))
    points = [AS_SET, *read_grid("2,20000", None, [])]
    scores = [swarm.scores_of(1, points, number) for number in range(3)]
    as_set, tiny, huge = swarm.rows_of(points, scores)
    assert (as_set.line.approaches, as_set.gain.told_as_set) == (3, 3)
    assert (tiny.gain.alerts, tiny.gain.lost, tiny.line.missed.events) == (0, 3, 3)
    assert tiny.gain.words == f"0 alerts instead of {as_set.line.alerts}; 3 true approaches lost (of 3)"
    assert (huge.gain.lost, huge.line.fully.events, huge.line.needless_breaches) == (0, 3, 3)
    assert as_set.line.needless_breaches == 0


@pytest.mark.slow
def test_the_command_tries_pair_days(tmp_path: Path) -> None:
    picture = tmp_path / "a.png"
    result = run("--pair-days", "2", "--seed", "7", "--limits", "1", "--json", "--plot", str(picture))
    assert result.exit_code == 0, result.output
    as_set, tiny = json.loads(result.stdout)
    assert (as_set["point"], tiny["point"], tiny["warning_m"]) == ("as set", "1 m", 2.0)
    assert as_set["fully"] + as_set["partly"] + as_set["missed"] == as_set["approaches"]
    assert tiny["lost"] == as_set["told_as_set"] - tiny["fully"] - tiny["partly"]
    assert picture.read_bytes().startswith(b"\x89PNG")


# --- a service's journal


def journal_at(folder: Path, nearest_m: float, pairs: int = 2) -> Path:
    """What a service would keep of two hours of pairs that come twice so near, 2 km apart in between."""
    path = folder / FILE
    documents = {"orders.toml": orders(pairs), "zones.geojson": "{}"}
    pipeline = Pipeline()
    messages = [orders_message(documents, Judging(apart_for_s=30.0), Naming("n", "urn:n"))]
    messages.append(connection_message(connected=True))
    with contextlib.closing(Journal(path)) as journal:
        for second in range(0, 7200, 20):
            at_ms = START_MS + second * 1000
            journal.write([one.step for one in pipeline.ticks(at_ms)], [])
            away_m = nearest_m + (2000.0 - nearest_m) * (1 + math.cos(second / 3600 * 2 * math.pi)) / 2
            for pair in range(pairs):
                messages += [letter(f"p-{pair}", pair, 0.0, at_ms), letter(f"w-{pair}", pair, away_m, at_ms)]
            journal.write([pipeline.advance(messages, at_ms).step], [])
            messages = []
    return path


def letter(device: str, pair: int, north_m: float, at_ms: int) -> Message:
    lat = 45.0 + 0.2 * pair + north_m / METRES_PER_DEGREE
    body = {"fixed_at": at_ms, "lat": lat, "lon": 4.0, "accuracy_m": 8}
    return Message(fix_topic(device), msgspec.json.encode(body))


def kept_in(path: Path) -> list[Heard]:
    with contextlib.closing(Journal(path, read_only=True)) as journal:
        return [read_event(body) for step in journal.steps() for body in step.bodies]


def tried(path: Path, limits: str) -> tuple[list[of_journal.Row], list[str]]:
    notes: list[str] = []
    return of_journal.run(path, read_grid(limits, None, []), 1, lambda _done: None, notes.append), notes


def test_a_journal_with_its_own_settings_gives_what_was_told(tmp_path: Path) -> None:
    path = journal_at(tmp_path, nearest_m=400.0)
    before = path.read_bytes()
    last, _, count = of_journal.kept(path)
    told_then = kept_in(path)
    assert of_journal.heard_at(path, last, AS_SET) == told_then
    assert count == len(told_then) > 0
    own = Point(500.0, 1000.0, (("apart_for_s", 30.0),))
    assert of_journal.heard_at(path, last, own) == told_then, "written out, they are the same"
    other = Point(settings=(("apart_for_s", 600.0),))
    assert of_journal.heard_at(path, last, other) != told_then
    half = of_journal.heard_at(path, last // 2, AS_SET)
    assert 0 < len(half) < len(told_then)
    assert half == told_then[: len(half)]
    assert path.read_bytes() == before


def test_what_other_limits_tell_of_a_journal_and_lose(tmp_path: Path) -> None:
    # each of two pairs comes twice to 400 m from 2 km: four breaches of 500 m
    (as_set, near, warned, wide), notes = tried(journal_at(tmp_path, nearest_m=400.0), "100,300,700")
    assert notes == []
    assert as_set.gain.counts.endswith("; 4 breaches told")
    assert as_set.rises == Counter({("separation", "warning"): 4, ("separation", "breach"): 4})
    assert as_set.incidents == 4
    assert as_set.gain.alerts == 12, "opened, raised, resolved"
    assert near.gain.words == "0 alerts instead of 12; 4 breaches lost (of 4)", "warnings of 100 m are at 200 m"
    assert (near.incidents, near.rises) == (0, Counter())
    assert warned.rises == Counter({("separation", "warning"): 4}), "300 m warns at 600 m"
    assert warned.gain.words == "8 alerts instead of 12; no breach lost (of 4), 4 told less well"
    assert (wide.gain.told_as_set, wide.gain.lost, wide.gain.less) == (4, 0, 0)
    assert wide.rises["separation", "breach"] == 4


def test_a_breach_told_late_is_told_less_well() -> None:
    def heard(*levels: tuple[int, Level]) -> list[Heard]:
        return [
            Heard(START_MS + minute * MINUTE_MS, "o:separation:w_p", "separation", "raised", level, "confirmed")
            for minute, level in levels
        ]

    as_set = heard((10, Level.BREACH), (30, Level.CLEAR))
    end_ms = START_MS + 60 * MINUTE_MS
    for minute, expected in ((6, (0, 0)), (14, (0, 0)), (15, (0, 1)), (34, (0, 1)), (35, (1, 0))):
        gain = of_journal.gain_of(heard((minute, Level.BREACH)), as_set, end_ms)
        assert (gain.lost, gain.less) == expected, minute
    before = of_journal.gain_of(heard((1, Level.WARNING), (5, Level.CLEAR)), as_set, end_ms)
    assert (before.lost, before.less) == (1, 0), "it was over five minutes before"
    other = [msgspec.structs.replace(one, about="o:separation:w_q") for one in as_set]
    assert of_journal.gain_of(other, as_set, end_ms).lost == 1, "another link"


def test_orders_are_written_back_with_other_limits_and_nothing_else() -> None:
    text = orders(2).replace("limit_m = 500", 'limit_m = 500, "emergency_m" = 200, reaction_s = 60')
    text += 'note = "a\\"é\\u007f"\n'
    for limit_m, emergency_m in ((300.0, 200.0), (200.0, None)):
        expected = tomllib.loads(text)
        for order in expected["orders"]:
            order["separation"] |= {"limit_m": limit_m, "warning_m": 2 * limit_m}
            if emergency_m is None:
                del order["separation"]["emergency_m"]
        assert tomllib.loads(with_limits("o.toml", text, Point(limit_m, 2 * limit_m))) == expected
    assert with_limits("o.toml", text, AS_SET) == text
    with pytest.raises(RevisionFault, match=r"o\.toml"):
        with_limits("o.toml", "[[orders", Point(1.0, 2.0))


def test_the_command_tries_a_journal(tmp_path: Path) -> None:
    path = journal_at(tmp_path, nearest_m=400.0, pairs=1)
    picture = tmp_path / "a.svg"
    result = run("--journal", str(path), "--limits", "100", "--set", "confirm_after_s=5", "--plot", str(picture))
    assert result.exit_code == 0, result.output
    assert "100 m, confirm_after_s 5" in result.stdout
    assert "6 alerts; 2 breaches told" in result.stdout
    assert "0 alerts instead of 6; 2 breaches lost (of 2)" in result.stdout
    assert picture.read_text(encoding="utf-8").startswith("<?xml")
    assert result.stderr.splitlines() == [f"written: {picture}"]


def test_settings_of_a_journal_that_contradict_a_point_are_one_line(tmp_path: Path) -> None:
    result = run("--journal", str(journal_at(tmp_path, 400.0, pairs=1)), "--set", "certain_at=0.4")
    assert result.exit_code == 1
    assert "probable_at 0.5 must be less than certain_at 0.4" in result.stderr
    assert len(result.stderr.splitlines()) == 1


def test_a_service_of_another_version_is_noted(tmp_path: Path) -> None:
    path = journal_at(tmp_path, nearest_m=400.0, pairs=1)
    count = len(kept_in(path))
    with contextlib.closing(Journal(path)) as journal:
        body = next(body for step in journal.steps() for body in step.bodies)
        more = Event("o-0:separation:other:1", 1, body, "", resolved=False)
        journal.write([Step(journal.tail.now_ms + 1, (), (more,))], [])
    assert tried(path, "100")[1] == [
        f"the service told {count + 1} transitions, this version {count}: rows are compared with this version"
    ]
