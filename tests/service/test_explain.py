# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The victim-proximity monitor authors
"""`proximity explain` over a journal of the recorded pair: their second incident, with its silences."""

import contextlib
import hashlib
import json
import re
import sqlite3
import struct
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from itertools import groupby, pairwise
from pathlib import Path
from xml.etree import ElementTree as ET
from zoneinfo import ZoneInfo

import msgspec
import pytest
from pyproj import Geod
from scipy.stats import ncx2

from proximity.model.judging import Judging
from proximity.model.words import Kind, Level
from proximity.service import audit
from proximity.service.audit import Look, entries, record
from proximity.service.explain import Explanation, blind_spans, explain, silent_spans
from proximity.service.explain_picture import draw
from proximity.service.explain_table import cells_of
from proximity.service.journal import Input, Journal, JournalFault, Step
from proximity.service.pipeline import Message, Naming, Pipeline, orders_message
from simulators.devices.fixes import utc_ms
from simulators.devices.recorded import gaps, recorded_pair, to_trace
from tests.traffic import METRES_PER_DEGREE, fix_topic, orders

ORDERS = """
[[parties]]
id = "utrecht1"
devices = [{id = "utrecht1", kind = "phone", interval_s = 15}]
[[parties]]
id = "utrecht2"
devices = [{id = "utrecht2", kind = "phone", interval_s = 15}]
[[orders]]
id = "recorded"
region = "demo"
supervisor = "team-a"
valid_from = 2024-06-08T15:58:28Z
wearers = ["utrecht1"]
protected = ["utrecht2"]
separation = {limit_m = 500, warning_m = 2000}
"""
LINK = "recorded:separation:utrecht1_utrecht2:"
WHO = ("--by", "j.doe", "--reason", "hearing 12")
HALF_HOUR_MS = 1_800_000
LOOK = Look(1_717_900_000_000, "j.doe", "o:separation:w_p:1", "hearing 12")
AMSTERDAM = ZoneInfo("Europe/Amsterdam")


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What a service would have in its journal."""
    path = tmp_path_factory.mktemp("state") / "journal.sqlite3"
    pipeline = Pipeline()
    steps: list[Step] = []
    lines = [json.loads(line) for line in to_trace(recorded_pair())]
    for received_at, group in groupby(lines, key=lambda line: line["received_at"]):
        messages = [Message(line["topic"], msgspec.json.encode(line["payload"])) for line in group]
        if not steps:
            messages.insert(0, orders_message({"o.toml": ORDERS}, Judging(), Naming("a.b", "c")))
        now_ms = utc_ms(received_at)
        steps += [told.step for told in (*pipeline.ticks(now_ms), pipeline.advance(messages, now_ms))]
    with contextlib.closing(Journal(path)) as journal:
        journal.write(steps, [])
    return path


@pytest.fixture
def path(recorded: Path, tmp_path: Path) -> Path:
    copy = tmp_path / "journal.sqlite3"
    with contextlib.closing(sqlite3.connect(recorded)) as one, contextlib.closing(sqlite3.connect(copy)) as other:
        one.backup(other)
    return copy


@pytest.fixture(scope="module")
def told(recorded: Path) -> dict[str, list[dict[str, object]]]:
    """The data of every event that was told, by incident, as another reader of the file finds them."""
    with contextlib.closing(sqlite3.connect(recorded)) as reader:
        bodies = [json.loads(body) for (body,) in reader.execute("SELECT body FROM events ORDER BY step, place")]
    found: dict[str, list[dict[str, object]]] = {}
    for body in bodies:
        change = body["type"].rpartition(".")[2]
        found.setdefault(body["data"]["incident"], []).append(body["data"] | {"change": change, "time": body["time"]})
    return found


def links(told: dict[str, list[dict[str, object]]]) -> list[str]:
    return [incident for incident in told if incident.startswith(LINK)]


@pytest.fixture(scope="module")
def explained(recorded: Path, told: dict[str, list[dict[str, object]]]) -> Explanation:
    """The pair's second incident."""
    with contextlib.closing(Journal(recorded, read_only=True)) as journal:
        return explain(journal, "journal", links(told)[1])


def run(*arguments: object) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-m", "proximity", "explain", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)


def place_of(device: str, at_ms: int, age_s: float | None) -> tuple[float, float]:
    """Where the device was at its newest fix, which was that old; at one time the first counts."""
    assert age_s is not None
    fixes = [fix for fix in recorded_pair()[device] if fix.fixed_at_ms <= at_ms]
    newest = max(fix.fixed_at_ms for fix in fixes)
    assert at_ms - newest == age_s * 1000
    found = next(fix for fix in fixes if fix.fixed_at_ms == newest)
    return found.lat_deg, found.lon_deg


def test_the_table_has_the_transitions_that_were_told(
    explained: Explanation, told: dict[str, list[dict[str, object]]]
) -> None:
    events = told[links(told)[1]]
    assert len(events) == 4
    for move, event in zip(explained.moves, events, strict=True):
        cells = cells_of(move, AMSTERDAM)
        seq, at, change, level, certainty, possible, cause = cells[:7]
        moved = event["previous_level"] != event["level"]
        assert (seq, change, cause) == (str(event["seq"]), event["change"], event["cause"])
        assert level == (f"{event['previous_level']} > {event['level']}" if moved else event["level"])
        assert (certainty, possible) == (event["certainty"], event["possible_level"])
        utc = str(event["time"])[11:19]
        assert at == f"{int(utc[:2]) + 2}{utc[2:]}", "summer time"
        assert {"nl", "en"} == set(move.facts.text)
        assert dict(move.facts.text) == event["text"]
        bands, exact = event["separation"], move.evidence
        assert exact is not None
        assert isinstance(bands, dict)
        assert exact.low_m is not None
        assert exact.high_m is not None
        assert bands["low_m"] <= exact.low_m < exact.high_m <= bands["high_m"]


def test_the_exact_figures_are_those_of_pyproj_and_scipy(explained: Explanation) -> None:
    """At the first transition both are fresh; every row's ages say which fixes it was judged by."""
    move = explained.moves[0]
    exact = move.evidence
    assert exact is not None
    (lat1, lon1) = place_of("utrecht1", move.at_ms, exact.wearer_fix_age_s)
    (lat2, lon2) = place_of("utrecht2", move.at_ms, exact.protected_fix_age_s)
    apart_m = Geod(ellps="WGS84").inv(lon1, lat1, lon2, lat2)[2]
    sigma_m = (10**2 + 10**2) ** 0.5  # both at the floor
    assert exact.expected_m == pytest.approx(apart_m, abs=0.1)
    assert exact.probability == pytest.approx(ncx2.cdf((2000 / sigma_m) ** 2, 2, (apart_m / sigma_m) ** 2), abs=0.01)
    low_m, high_m = (sigma_m * ncx2.ppf(share, 2, (apart_m / sigma_m) ** 2) ** 0.5 for share in (0.025, 0.975))
    assert exact.low_m == pytest.approx(low_m, abs=0.2)
    assert exact.high_m == pytest.approx(high_m, abs=0.2)


def test_readings_fixes_and_silences_are_those_of_the_recording(explained: Explanation) -> None:
    opened_ms = int(explained.about.incident.rpartition(":")[2])
    assert explained.from_ms == opened_ms - HALF_HOUR_MS
    pair = recorded_pair()
    assert explained.until_ms == max(fix.fixed_at_ms for fixes in pair.values() for fix in fixes)
    assert explained.limits_m == {Level.WARNING: 2000, Level.BREACH: 500, Level.EMERGENCY: 150}
    instants = [reading.at_ms for reading in explained.readings]
    assert instants == sorted(set(instants))
    assert 300 < len(instants) < 650
    assert {move.at_ms for move in explained.moves} <= set(instants)
    assert max(b - a for a, b in pairwise(instants)) <= 2 * 7_000
    for device, seen in (("utrecht1", explained.wearer_fixes), ("utrecht2", explained.protected_fixes)):
        distinct = {fix for fix in pair[device] if explained.from_ms <= fix.fixed_at_ms <= explained.until_ms}
        assert [fix.fixed_ms for fix in seen] == sorted(fix.fixed_at_ms for fix in distinct)
        assert not any(fix.late for fix in seen)
    long = [(last + 90_000, first) for last, first in gaps(pair["utrecht2"], 90_000) if first > explained.from_ms]
    tail = max(fix.fixed_at_ms for fix in pair["utrecht2"]) + 90_000
    assert tail > explained.until_ms, "it is not silent at the end"
    assert len(long) == 4
    assert list(explained.protected_silent) == long
    assert explained.wearer_silent == ()


def test_a_resolved_incident_is_shown_until_some_minutes_after(
    recorded: Path, told: dict[str, list[dict[str, object]]]
) -> None:
    first = links(told)[0]
    with contextlib.closing(Journal(recorded, read_only=True)) as journal:
        found = explain(journal, "journal", first)
    resolved_ms = utc_ms(str(told[first][-1]["time"]))
    assert found.about.resolved
    assert found.until_ms == resolved_ms + 300_000
    assert found.from_ms == utc_ms("2024-06-08T15:58:28Z"), "before it nothing was judged"
    assert max(reading.at_ms for reading in found.readings) <= found.until_ms


def test_the_command_shows_draws_and_records(path: Path, told: dict[str, list[dict[str, object]]]) -> None:
    incident, picture = links(told)[1], path.parent / "picture.png"
    began_ms = time.time_ns() // 1_000_000
    done = run(incident, "--journal", path, *WHO, "--picture", picture)
    assert (done.returncode, done.stderr) == (0, "")
    rows = [line.split() for line in done.stdout.splitlines() if re.match(r" ?\d+ +\d\d:\d\d:\d\d ", line)]
    assert [row[:3] for row in rows] == [
        [str(event["seq"]), f"19{str(event['time'])[13:19]}", event["change"]] for event in told[incident]
    ]
    words = " ".join(done.stdout.split())
    assert all(event["text"]["en"] in words for event in told[incident])  # type: ignore[index]
    content = picture.read_bytes()
    assert content.startswith(b"\x89PNG\r\n\x1a\n")
    assert struct.unpack(">II", content[16:24]) == (1950, 1125), "13 by 7.5 inches at 150 dots"
    assert picture.stat().st_mode & 0o077 == 0, "exact values: for the owner only"
    (entry,) = entries(path)
    assert (entry.look.who, entry.look.incident, entry.look.reason) == ("j.doe", incident, "hearing 12")
    assert began_ms <= entry.look.at_ms <= time.time_ns() // 1_000_000
    with contextlib.closing(Journal(path, read_only=True)) as journal:
        assert (entry.step, entry.step_hash) == (journal.tail.number, journal.tail.hash)


def test_nothing_that_is_shown_has_a_place(path: Path, told: dict[str, list[dict[str, object]]]) -> None:
    picture = path.parent / "picture.svg"
    done = run(links(told)[1], "--journal", path, *WHO, "--picture", picture)
    shown = done.stdout + " ".join(texts(ET.parse(picture)))  # noqa: S314 - our own file
    numbers = [float(number) for number in re.findall(r"(?<![\w:,.])\d+\.\d+", shown)]
    assert numbers
    fixes = [fix for track in recorded_pair().values() for fix in track]
    for low, high in (
        (min(fix.lat_deg for fix in fixes), max(fix.lat_deg for fix in fixes)),
        (min(fix.lon_deg for fix in fixes), max(fix.lon_deg for fix in fixes)),
    ):
        assert not [number for number in numbers if low <= number <= high]


def texts(tree: "ET.ElementTree[ET.Element]") -> list[str]:
    return ["".join(node.itertext()).strip() for node in tree.iter() if node.tag.endswith("}text")]


def count_ticks(tree: "ET.ElementTree[ET.Element]", name: str) -> int:
    (group,) = [node for node in tree.iter() if node.get("id") == name]
    return sum(node.tag.endswith("}use") for node in group.iter())


def test_the_drawing_has_every_part_by_name(explained: Explanation, tmp_path: Path) -> None:
    one, other = tmp_path / "one.svg", tmp_path / "other.svg"
    draw(explained, one, AMSTERDAM)
    draw(explained, other, AMSTERDAM)
    assert one.read_bytes() == other.read_bytes()
    tree = ET.parse(one)  # noqa: S314 - our own file
    names = {str(node.get("id")) for node in tree.iter()}
    assert {"expected", "bounds", "limit-warning", "limit-breach", "limit-emergency"} <= names
    assert {name for name in names if name.startswith("transition-")} == {f"transition-{seq}" for seq in (1, 2, 3, 4)}
    assert {name for name in names if name.startswith("silent-")} == {f"silent-protected-{n}" for n in range(4)}
    for device, who in (("utrecht1", "wearer"), ("utrecht2", "protected")):
        fixes = {
            fix for fix in recorded_pair()[device] if explained.from_ms <= fix.fixed_at_ms <= explained.until_ms
        }  # fmt: skip
        assert count_ticks(tree, f"fixes-{who}") == len(fixes)
    said = texts(tree)
    assert {"warning 2,000 m", "breach 500 m", "emergency 150 m"} <= set(said)
    assert {explained.about.incident, "local time (Europe/Amsterdam)", "level", "possible level"} <= set(said)
    assert any("19:25" in text for text in said)


def test_late_fixes_and_blind_spans_are_drawn_apart(explained: Explanation, tmp_path: Path) -> None:
    late = tuple(msgspec.structs.replace(fix, late=True) for fix in explained.protected_fixes[:7])
    blind = ((explained.until_ms - 600_000, explained.until_ms - 300_000),)
    fixes = late + explained.protected_fixes[7:]
    draw(msgspec.structs.replace(explained, protected_fixes=fixes, blind=blind), tmp_path / "a.svg", AMSTERDAM)
    tree = ET.parse(tmp_path / "a.svg")  # noqa: S314 - our own file
    assert count_ticks(tree, "late-fixes-protected") == 7
    assert count_ticks(tree, "fixes-protected") == len(fixes) - 7
    assert [node.get("id") for node in tree.iter()].count("blind-0") == 2, "in both panels"
    assert {"blind", "fix that came late"} <= set(texts(tree))


def test_of_a_zone_the_distance_is_to_its_boundary_below_zero_inside(tmp_path: Path) -> None:
    """A walk of 4 m/s from 700 m south of a zone's middle (radius 400 m, buffer 200 m) to 700 m north of it."""
    path, begin_ms = tmp_path / "journal.sqlite3", utc_ms("2024-06-08T12:00:00Z")
    pipeline = Pipeline()
    steps: list[Step] = []
    for second in range(0, 700, 10):
        now_ms, off_m = begin_ms + second * 1000, min(-700 + 4 * second, 700)
        fix = {"fixed_at": now_ms, "lat": 40 + off_m / METRES_PER_DEGREE, "lon": 4, "accuracy_m": 8}
        messages = [Message(fix_topic("w-0"), msgspec.json.encode(fix))]
        if not steps:
            messages.insert(0, orders_message({"o.toml": orders(1)}, Judging(), Naming("a.b", "c")))
        steps += [told.step for told in (*pipeline.ticks(now_ms), pipeline.advance(messages, now_ms))]
    with contextlib.closing(Journal(path)) as journal:
        journal.write(steps, [])
        (incident,) = [one for one in journal.incidents() if ":zone:" in one]
        found = explain(journal, "journal", incident)
    assert found.limits_m == {Level.WARNING: 200, Level.BREACH: 0}
    assert [move.facts.level for move in found.moves] == ["warning", "breach", "clear"]
    for move in found.moves:
        assert move.evidence is not None
        along_m = min(-700 + 4 * (move.at_ms - begin_ms) / 1000, 700)
        assert move.evidence.expected_m == pytest.approx(abs(along_m) - 400, abs=4), (
            "a degree is not the same everywhere"
        )
    draw(found, tmp_path / "zone.svg", AMSTERDAM)
    tree = ET.parse(tmp_path / "zone.svg")  # noqa: S314 - our own file
    assert count_ticks(tree, "fixes-wearer") == 1 + (found.until_ms - begin_ms) // 10_000
    assert {"warning 200 m", "breach 0 m", "distance to the zone (below 0: inside), m"} <= set(texts(tree))
    assert "protected's fixes" not in texts(tree)


def test_spans_are_cut_to_the_window() -> None:
    found = [(10, None), (20, 15), (30, 15), (40, 38), (50, None), (60, 55)]
    assert silent_spans(found, (17, 70)) == ((17, 40), (38, 50), (55, 70))
    assert silent_spans([(10, 0)], (5, 20)) == ((5, 20),)
    assert silent_spans([], (5, 20)) == ()
    assert blind_spans([(1, False), (3, True), (4, False), (6, False), (8, True), (9, False)], (5, 20)) == (
        (5, 8), (9, 20),
    )  # fmt: skip
    assert blind_spans([(2, False), (30, True)], (5, 20)) == ((5, 20),)
    assert blind_spans([(21, False), (30, True), (40, False)], (5, 20)) == ()


def test_what_has_no_distance_has_a_table_but_no_picture(path: Path, told: dict[str, list[dict[str, object]]]) -> None:
    device = next(incident for incident in told if f":{Kind.DEVICE}:" in incident)
    done = run(device, "--journal", path, *WHO)
    assert done.returncode == 0
    assert "silent, sends no positions" in done.stdout
    done = run(device, "--journal", path, *WHO, "--picture", path.parent / "a.png")
    assert (done.returncode, done.stderr.count("\n")) == (1, 1)
    assert "without --picture" in done.stderr
    assert len(entries(path)) == 1, "what was refused was not looked at"


def test_what_cannot_be_explained_is_said_in_one_line(path: Path, told: dict[str, list[dict[str, object]]]) -> None:
    incident = links(told)[1]
    none, other, new = path.parent / "none.sqlite3", path.parent / "other", path.parent / "new.sqlite3"
    other.write_text("not a journal", encoding="utf-8")
    with contextlib.closing(Journal(new)):
        pass
    cases: list[tuple[tuple[object, ...], int, str]] = [
        ((incident[:-1], "--journal", path, *WHO), 1, f"the nearest is {LINK}"),
        (("x", "--journal", path, *WHO), 1, f"among its {len(told)}"),
        (("x", "--journal", new, *WHO), 1, "none at all"),
        ((incident, "--journal", none, *WHO), 1, "no such journal"),
        ((incident, "--journal", other, *WHO), 1, "is it a journal"),
        ((incident, "--journal", path, *WHO, "--picture", "a.gif"), 2, ".png or .svg"),
        ((incident, "--journal", path, *WHO, "--time-zone", "Mars/Base"), 2, "Mars/Base"),
        ((incident, "--journal", path, "--by", " ", "--reason", "r"), 2, "--by"),
        ((incident, "--journal", path, "--by", "b", "--reason", "one\ntwo"), 2, "--reason"),
        ((incident, "--journal", path, "--by", "b", "--reason", "r" * 501), 2, "--reason"),
    ]
    for arguments, code, expected in cases:
        done = run(*arguments)
        assert (done.returncode, done.stdout, done.stderr.count("\n")) == (code, "", 1), arguments
        assert done.stderr.startswith("proximity: ")
        assert expected in done.stderr
    for missing in (WHO[:2], WHO[2:]):
        assert run(incident, "--journal", path, *missing).returncode == 2
    assert entries(path) == []


def test_a_journal_that_this_version_judges_otherwise_is_explained_without_exact_figures(
    path: Path, told: dict[str, list[dict[str, object]]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """As if another version had told the breach at another level."""
    incident = links(told)[1]
    honest = Journal.told_of

    def otherwise(self: Journal, incident: str) -> list[tuple[int, bytes]]:
        return [(at, body.replace(b'"level":"breach"', b'"level":"emergency"')) for at, body in honest(self, incident)]

    monkeypatch.setattr(Journal, "told_of", otherwise)
    with contextlib.closing(Journal(path, read_only=True)) as journal:
        moves = explain(journal, "journal", incident).moves
    assert [move.evidence is None for move in moves] == [False, False, True, True]
    assert cells_of(moves[2], AMSTERDAM)[7:] == ["-"] * 6


@pytest.fixture
def small(tmp_path: Path) -> Iterator[Path]:
    path = tmp_path / "small.sqlite3"
    with contextlib.closing(Journal(path)):
        yield path


def test_looks_are_chained(small: Path) -> None:
    record(small, LOOK)
    record(small, msgspec.structs.replace(LOOK, who="a.roe"))
    content = [1, 1_717_900_000_000, "j.doe", "o:separation:w_p:1", "hearing 12", 0, bytes(32)]
    first = hashlib.sha256(bytes(32) + msgspec.msgpack.encode(content)).digest()
    second = hashlib.sha256(first + msgspec.msgpack.encode([2, content[1], "a.roe", *content[3:]])).digest()
    assert [entry.hash for entry in entries(small)] == [first, second]


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE audit SET who = 'nobody' WHERE number = 1",
        "UPDATE audit SET reason = '' WHERE number = 2",
        "DELETE FROM audit WHERE number = 1",
        "UPDATE audit SET number = 7 WHERE number = 2",
    ],
)
def test_an_audit_is_only_added_to_and_a_change_is_noticed(small: Path, change: str) -> None:
    for _ in range(2):
        record(small, LOOK)
    with contextlib.closing(sqlite3.connect(small, isolation_level=None)) as forger:
        with pytest.raises(sqlite3.IntegrityError, match="only added to"):
            forger.execute(change)
        forger.execute("DROP TRIGGER audit_is_not_changed")
        forger.execute("DROP TRIGGER audit_is_not_cut")
        forger.execute(change)
    for use in (lambda: entries(small), lambda: record(small, LOOK)):
        with pytest.raises(JournalFault, match=r"entry [12] of the audit does not match its hash"):
            use()


def locked(path: Path) -> sqlite3.Connection:
    holder = sqlite3.connect(path, isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    return holder


def gone(path: Path) -> sqlite3.Connection:
    path.unlink()
    return sqlite3.connect(":memory:")


@pytest.mark.parametrize("hinder", [locked, gone])
def test_a_look_that_cannot_be_recorded_is_refused(
    small: Path, monkeypatch: pytest.MonkeyPatch, hinder: Callable[[Path], sqlite3.Connection]
) -> None:
    monkeypatch.setattr(audit, "BUSY_WAIT_S", 0.1)
    with (
        contextlib.closing(hinder(small)),
        pytest.raises(JournalFault, match=r"cannot be recorded .* nothing is shown") as fault,
    ):
        record(small, LOOK)
    assert "\n" not in str(fault.value)


def test_a_service_goes_on_writing_its_journal_beside_a_look(small: Path) -> None:
    with contextlib.closing(Journal(small)) as journal:
        journal.write([Step(1, (Input("a", b""),))], [])
        entry = record(small, LOOK)
        assert (entry.step, entry.step_hash) == (1, journal.tail.hash)
        journal.write([Step(2, ())], [])
        assert [step.number for step in journal.steps()] == [1, 2]
