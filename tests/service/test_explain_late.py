# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The victim-proximity monitor authors
"""`proximity explain` of what late fixes have shown: at its own time, as it is known now.

His tag stores for hours and sends it all in one message; her phone is at home and sends every minute. He is 3 km away
but for ten minutes at 400 m. An accuracy of 8 m is the least error, 10 m an axis; of both 14.1 m.
"""

import contextlib
from collections.abc import Mapping
from pathlib import Path
from xml.etree import ElementTree as ET
from zoneinfo import ZoneInfo

import msgspec
import pytest
from pyproj import Geod
from rich.console import Console

from proximity.model.judging import Judging
from proximity.model.words import Level
from proximity.service.explain import Explanation, explain
from proximity.service.explain_picture import draw
from proximity.service.explain_table import cells_then, render
from proximity.service.explain_then import joined, stretch_of
from proximity.service.journal import Journal, Step
from proximity.service.pipeline import Message, Naming, Pipeline, orders_message
from simulators.devices.fixes import utc_ms
from tests.traffic import fix_topic

ORDERS = """
[[orders]]
id = "o"
region = "r"
supervisor = "s"
valid_from = 2026-06-01T00:00:00+02:00
wearers = ["w"]
protected = ["p"]
separation = {limit_m = 500}
"""
BEGIN_MS = utc_ms("2026-06-01T08:00:00Z")
AMSTERDAM = ZoneInfo("Europe/Amsterdam")
FAR_M, NEAR_M = 3000.0, 400.0
SIGMA_M = 10.0 * 2**0.5
BOUND_M = 1.96 * SIGMA_M  # so many standard deviations away that the distance is as good as normal,
ASIDE_M = SIGMA_M**2 / 2  # over the distance: by so much what lies aside makes it longer
VISIT_S = range(7800, 8401, 60)
STORED_S = range(60, 21_601, 60)
COMES_S = 21_630  # the message, six hours later


def fix(second: float, east_m: float) -> dict[str, object]:
    lon, lat, _ = Geod(ellps="WGS84").fwd(4.48, 51.92, 90.0, east_m)
    return {"fixed_at": at(second), "lat": lat, "lon": lon, "accuracy_m": 8, "speed_mps": 0}


def at(second: float) -> int:
    return BEGIN_MS + round(second * 1000)


def explained(folder: Path, his: Mapping[int, Mapping[int, float]], until_s: int) -> Explanation:
    """What is said of the first incident of the link. Of his messages: when each comes, and where he was when."""
    given = {at(second): [("p", [fix(second, 0.0)])] for second in range(0, until_s, 60)}
    for comes_s, places in his.items():
        given.setdefault(at(comes_s), []).append(("w", [fix(second, east_m) for second, east_m in places.items()]))
    pipeline, steps = Pipeline(), list[Step]()
    for now_ms, sent in sorted(given.items()):
        messages = [Message(fix_topic(device), msgspec.json.encode(fixes)) for device, fixes in sent]
        if not steps:
            messages.insert(0, orders_message({"o.toml": ORDERS}, Judging(), Naming("a.b", "c")))
        steps += [told.step for told in (*pipeline.ticks(now_ms), pipeline.advance(messages, now_ms))]
    with contextlib.closing(Journal(folder / "journal.sqlite3")) as journal:
        journal.write(steps, [])
        incident, *_ = [one for one in journal.incidents() if ":separation:" in one]
        return explain(journal, "journal", incident)


@pytest.fixture(scope="module")
def late(tmp_path_factory: pytest.TempPathFactory) -> Explanation:
    folder = tmp_path_factory.mktemp("late")
    stored = {second: NEAR_M if second in VISIT_S else FAR_M for second in STORED_S}
    return explained(folder, {0: {0: FAR_M}, COMES_S: stored}, COMES_S + 2400)


def drawn(explanation: Explanation, path: Path) -> "ET.ElementTree[ET.Element]":
    draw(explanation, path, AMSTERDAM)
    return ET.parse(path)  # noqa: S314 - our own file


def names(tree: "ET.ElementTree[ET.Element]") -> list[str]:
    return [str(node.get("id")) for node in tree.iter()]


def ticks(tree: "ET.ElementTree[ET.Element]", name: str) -> int:
    (group,) = [node for node in tree.iter() if node.get("id") == name]
    return sum(node.tag.endswith("}use") for node in group.iter())


def texts(tree: "ET.ElementTree[ET.Element]") -> set[str]:
    return {"".join(node.itertext()).strip() for node in tree.iter() if node.tag.endswith("}text")}


def test_a_late_incident_is_shown_at_the_time_of_which_it_tells_as_it_is_known_now(late: Explanation) -> None:
    assert late.late
    assert [move.change for move in late.moves] == ["opened", "resolved"]
    assert late.episodes == ((at(7800), at(8460)),), "until the first fix that shows them apart"
    assert (late.from_ms, late.until_ms) == (at(7800 - 1800), at(8460 + 300))
    assert late.then == ()
    assert [reading.at_ms for reading in late.readings] == sorted({reading.at_ms for reading in late.readings})
    for second in range(6000, 8761, 60):
        reading = next(one for one in late.readings if one.at_ms == at(second))
        off_m = NEAR_M if second in VISIT_S else FAR_M
        assert reading.evidence.expected_m == pytest.approx(off_m, abs=0.01)
        assert reading.evidence.low_m == pytest.approx(off_m + ASIDE_M / off_m - BOUND_M, abs=0.05)
        assert reading.evidence.high_m == pytest.approx(off_m + ASIDE_M / off_m + BOUND_M, abs=0.05)
        assert (reading.level, reading.certain) == (
            (Level.BREACH, True) if 7800 <= second < 8460 + 120 else (Level.CLEAR, False)
        ), "it falls when they have been apart for 120 s"
    assert late.limits_m == {Level.WARNING: 1000, Level.BREACH: 500, Level.EMERGENCY: 150}
    assert [fix.fixed_ms for fix in late.wearer_fixes] == [at(second) for second in range(6000, 8761, 60)]
    assert all(fix.late for fix in late.wearer_fixes)
    assert [fix.fixed_ms for fix in late.protected_fixes] == [fix.fixed_ms for fix in late.wearer_fixes]
    assert not any(fix.late for fix in late.protected_fixes)
    assert late.blind == ((at(6000), at(8760)),), "nobody could tell then"
    assert late.wearer_silent == ()


def test_its_table_says_from_when_until_when(late: Explanation) -> None:
    console = Console(width=200)
    with console.capture() as shown:
        console.print(render(late, AMSTERDAM))
    opened = next(line for line in shown.get().splitlines() if " opened " in line and "late_fixes" in line)
    assert opened.split()[1] == "16:00:30", "when it was told"
    words = " ".join(opened.split())
    assert words.endswith(" 12:10:00 12:21:00 12:10:00")
    middle_m = NEAR_M + ASIDE_M / NEAR_M
    assert f" 400.0 {middle_m - BOUND_M:.1f} {middle_m + BOUND_M:.1f} 1.000 - - " in words
    resolved = next(line for line in shown.get().splitlines() if "nothing_more" in line)
    assert "12:10:00" not in resolved
    assert cells_then(late.moves[0], ZoneInfo("Pacific/Auckland"))[0] == "01 Jun 22:10:00", (
        "told on 2 June, at 02:00:30"
    )


@pytest.mark.parametrize("ending", ["svg", "png"])
def test_its_picture_shades_the_episode(late: Explanation, tmp_path: Path, ending: str) -> None:
    path = tmp_path / f"a.{ending}"
    if ending == "png":
        draw(late, path, AMSTERDAM)
        plain = tmp_path / "b.png"
        draw(msgspec.structs.replace(late, episodes=()), plain, AMSTERDAM)
        assert path.read_bytes().startswith(b"\x89PNG\r\n\x1a\n")
        assert path.read_bytes() != plain.read_bytes()
        return
    tree = drawn(late, path)
    assert names(tree).count("episode-0") == 2, "in both panels"
    assert {"expected", "bounds", "limit-breach", "blind-0"} <= set(names(tree))
    assert not [name for name in names(tree) if name.startswith("transition-")], "it was told hours later"
    every = len(range(6000, 8761, 60))
    assert (ticks(tree, "late-fixes-wearer"), ticks(tree, "fixes-protected")) == (every, every)
    assert "fixes-wearer" not in names(tree)
    assert {"told late", "fix that came late"} <= texts(tree)
    assert any("as it is known now" in text and "16:00:30" in text for text in texts(tree))


def test_an_episode_that_reaches_into_an_incident_is_drawn_beside_what_was_known_in_time(tmp_path: Path) -> None:
    """In time he is known to be at 900 m, which is a warning; what comes later shows that he was at 400 m meanwhile."""
    in_time = {second: {second: 900.0} for second in (*range(0, 541, 60), *range(780, 1501, 60))}
    found = explained(tmp_path, {**in_time, 1000: dict.fromkeys((600, 660, 720), NEAR_M)}, 1500)
    assert not found.late
    assert [(move.at_ms, move.change, move.facts.level) for move in found.moves] == [
        (at(0), "opened", "warning"), (at(1000), "raised", "warning")
    ]  # fmt: skip
    assert found.moves[0].facts.episode is None
    assert found.moves[1].facts.episode is not None
    assert found.episodes == (found.moves[1].facts.episode.span,)
    assert found.episodes[0][0] <= at(600) < at(720) <= found.episodes[0][1]
    for readings, off_m, level in ((found.then, NEAR_M, Level.BREACH), (found.readings, 900.0, Level.WARNING)):
        own = [one for one in readings if at(660) <= one.at_ms < at(780)]
        assert len(own) > 5
        assert {one.level for one in own} == {level}
        assert [one.evidence.expected_m for one in own] == pytest.approx([off_m] * len(own), abs=0.01)
    tree = drawn(found, tmp_path / "a.svg")
    assert {"expected", "expected-then", "bounds-then", "episode-0", "transition-1", "transition-2"} <= set(names(tree))
    assert "as it is known now" in texts(tree)
    assert (ticks(tree, "late-fixes-wearer"), ticks(tree, "fixes-wearer")) == (3, len(in_time))


def test_spans_that_touch_are_one_and_a_stretch_has_room_about_them() -> None:
    assert joined([(50, 60), (10, 20), (15, 30), (30, 40)]) == ((10, 40), (50, 60))
    assert joined([(10, 60), (20, 30)]) == ((10, 60),)
    assert stretch_of([], 5) is None
    assert stretch_of([(10_000_000, 20_000_000)], 99_000_000) == (10_000_000 - 1_800_000, 20_300_000)
    assert stretch_of([(10_000_000, 20_000_000)], 20_100_000) == (10_000_000 - 1_800_000, 20_100_000)
