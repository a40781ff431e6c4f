# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The victim-proximity monitor authors
"""The swarm: a small one holds, every invariant can break, and a failure is repeated by its command."""

import shlex
from collections.abc import Callable, Iterator, Sequence

import msgspec
import numpy as np
import pytest
from msgspec.structs import replace
from typer.testing import CliRunner, Result

from proximity.model.incidents import Incident, Transition
from proximity.model.words import Cause, Kind
from proximity.service.pipeline import Message, Pipeline
from simulators.__main__ import app
from simulators.devices.fixes import DeviceFix
from simulators.devices.reception import TAG
from simulators.devices.topics import fix_topic, status_topic
from simulators.scores.pairs import MONDAY_MS
from simulators.swarm import inside, swarm
from simulators.swarm.days import DAYS_A_PAIR, FIRST_MS, NEVER_MS, Letter, SwarmDay, days_of, revision_letters
from simulators.swarm.inside import Size
from simulators.swarm.invariants import INVARIANTS
from simulators.swarm.malformed import ELEMENTS, ELSEWHERE, FIXES, STATUSES, spoilt
from simulators.swarm.play import Record, Step, crowd, record
from simulators.swarm.silence import silent_spans, untold_ms

SEED = 7
ACCOUNTED, JUDGED, SILENCE = "every fix is accounted for", "every accepted fix is judged", "silence is told"
MEMORY, REPLAY, RESTART = "memory is bounded", "a replay tells the same", "a restart changes nothing"
ORDER, DUPLICATE = "the order of a step's inputs changes nothing", "a duplicate changes nothing"
TOGETHER, FORM, PLACES = "other pairs change nothing", "transitions are well-formed", "no place leaves"


@pytest.fixture(scope="module")
def days() -> list[SwarmDay]:
    return days_of(SEED, 0)


@pytest.fixture(scope="module")
def good(days: list[SwarmDay]) -> Record:
    """A day that has everything that is broken below: arrays of stored fixes, silence, malformed messages."""
    day = next(day for day in days if any(len(letter.fixes) > 1 for letter in day.letters))
    return record(day, crowd(days)[day.number])


def findings(name: str, one: Record) -> list[str]:
    return [finding for finding in INVARIANTS[name](one) if finding]


def stepwise(one: Record, change: Callable[[Step], Step]) -> Record:
    return one._replace(alone=one.alone._replace(steps=tuple(map(change, one.alone.steps))))


def first_step(change: Callable[[Step], Step], which: Callable[[Step], bool]) -> Callable[[Record], Record]:
    """Breaks the first step that is such a one."""

    def broken(one: Record) -> Record:
        steps = list(one.alone.steps)
        place = next(place for place, step in enumerate(steps) if which(step))
        steps[place] = change(steps[place])
        return one._replace(alone=one.alone._replace(steps=tuple(steps)))

    return broken


def told(one: Record, change: Callable[[list[Transition]], Sequence[Transition]]) -> Record:
    """Other transitions; the alerts stay."""
    return one._replace(alone=one.alone._replace(transitions=tuple(change(list(one.alone.transitions)))))


def carries(step: Step) -> bool:
    return any(letter.fixes for letter in step.letters)


def changed_incident(place: int, change: Callable[[Incident], Incident]) -> Callable[[Record], Record]:
    def changed(transitions: list[Transition]) -> list[Transition]:
        transitions[place] = replace(transitions[place], incident=change(transitions[place].incident))
        return transitions

    return lambda one: told(one, changed)


def never_silent(transitions: list[Transition]) -> list[Transition]:
    return [one for one in transitions if Cause.SILENT not in one.incident.troubles and one.incident.kind != Kind.BLIND]


def after_the_end(transitions: list[Transition]) -> list[Transition]:
    place = next(place for place, one in enumerate(transitions) if one.incident.resolved)
    again = transitions[place]
    return [*transitions[:-1], replace(again, incident=replace(again.incident, seq=again.incident.seq + 1))]


def with_her_place(one: Record) -> Record:
    fix = next(letter.fixes[0] for letter in one.day.letters if letter.fixes)
    spoken = one.alone.alerts[0].replace(b'"text":{"nl":"', f'"text":{{"nl":"op {fix.lat_deg:.4f} NB '.encode())
    return one._replace(alone=one.alone._replace(alerts=(spoken, *one.alone.alerts[1:])))


BROKEN: dict[str, tuple[str, Callable[[Record], Record]]] = {
    "a fix is dropped": (ACCOUNTED, first_step(lambda step: step._replace(accepted=step.accepted - 1), carries)),
    "a refusal is not counted": (
        ACCOUNTED, first_step(lambda step: step._replace(counted_refused=0), lambda step: bool(step.refused)),
    ),
    "what is malformed is taken": (
        ACCOUNTED,
        first_step(
            lambda step: step._replace(refused=(), counted_refused=0, accepted=step.accepted + len(step.refused)),
            lambda step: any(letter.malformed for letter in step.letters),
        ),
    ),
    "a new fix is called a duplicate": (
        ACCOUNTED,
        first_step(
            lambda step: step._replace(accepted=0, refused=((0, "duplicate"),), counted_refused=1),
            lambda step: step.accepted == 1 and len(step.letters) == 1,
        ),
    ),
    "a fix is not judged": (
        JUDGED, lambda one: stepwise(one, lambda step: step._replace(newest_ms=(step.newest_ms[0], -1))),
    ),
    "the link is not judged": (JUDGED, lambda one: stepwise(one, lambda step: step._replace(judged=False))),
    "silence is not told": (SILENCE, lambda one: told(one, never_silent)),
    "the state grows": (
        MEMORY, lambda one: stepwise(one, lambda step: step._replace(size=step.size and Size(2_000_000, 10))),
    ),
    "an incident a fix is kept": (
        MEMORY, lambda one: stepwise(one, lambda step: step._replace(size=step.size and Size(10, 5_000))),
    ),
    "a replay forgets": (REPLAY, lambda one: one._replace(replayed=one.replayed[:-1])),
    "a restart tells again": (RESTART, lambda one: one._replace(restarted=(one.restarted[0], *one.restarted))),
    "the order matters": (ORDER, lambda one: one._replace(shuffled=one.shuffled[::-1])),
    "the order is remembered": (
        ORDER, lambda one: one._replace(shuffled_states=tuple((at_ms, 1) for at_ms, _ in one.shuffled_states)),
    ),
    "a duplicate tells": (DUPLICATE, lambda one: one._replace(doubled=(*one.doubled, one.doubled[-1]))),
    "others tell": (TOGETHER, lambda one: one._replace(together=one.together[1:])),
    "a seq comes twice": (FORM, changed_incident(-1, lambda incident: replace(incident, seq=incident.seq - 1))),
    "an id is another's": (FORM, changed_incident(0, lambda incident: replace(incident, id=incident.id + "0"))),
    "time falls": (FORM, lambda one: told(one, lambda told: [*told[:-1], replace(told[-1], at_ms=MONDAY_MS - 9_999)])),
    "it goes on after its end": (FORM, lambda one: told(one, after_the_end)),
    "an alert has another's number": (
        FORM, lambda one: one._replace(alone=one.alone._replace(alerts=one.alone.alerts[::-1])),
    ),
    "a place leaves": (PLACES, with_her_place),
}  # fmt: skip


@pytest.mark.parametrize("what", BROKEN)
def test_every_invariant_can_break(what: str, good: Record) -> None:
    name, broken = BROKEN[what]
    assert findings(name, good) == []
    assert findings(name, broken(good)), "it should have been noticed"


def test_no_invariant_is_without_its_failure() -> None:
    assert {name for name, _ in BROKEN.values()} == set(INVARIANTS)


@pytest.mark.slow
def test_a_small_swarm_holds() -> None:
    heard: list[int] = []
    checked = list(swarm.run(SEED, range(20), 2, heard.append))
    assert [one.number for one in checked] == list(range(20))
    assert [broken for one in checked for broken in one.broken] == []
    assert sum(heard) == 20
    for name in INVARIANTS:
        assert sum(one.times[name] for one in checked) >= 20, f"{name}: hardly ever looked at"


def test_the_same_seed_gives_the_same_day(days: list[SwarmDay], good: Record) -> None:
    again = days_of(SEED, 0)
    assert again == days
    assert record(again[good.day.number], good.together) == good
    assert len({day.letters for day in days}) == DAYS_A_PAIR
    assert days_of(SEED + 1, 0)[0].letters != days[0].letters


def run(*arguments: str) -> Result:
    return CliRunner().invoke(app, ["swarm", *arguments])


@pytest.mark.slow
def test_what_breaks_is_repeated_by_its_command(monkeypatch: pytest.MonkeyPatch) -> None:
    def nothing_is_told(one: Record) -> Iterator[str]:
        yield f"{len(one.alone.alerts)} alerts" if one.day.number == 2 else ""

    monkeypatch.setattr(swarm, "INVARIANTS", {"nothing is told": nothing_is_told})
    result = run("--pair-days", "3", "--seed", str(SEED), "--processes", "1")
    assert result.exit_code == 1
    said, command = result.stderr.strip().splitlines()
    assert said.startswith(f"seed {SEED}, number 2: nothing is told: ")
    assert command.strip() == f"repeat: python -m simulators swarm --seed {SEED} --number 2"
    again = run(*shlex.split(command)[5:])
    assert again.exit_code == 1
    assert again.stderr.strip().splitlines()[0] == said
    assert "1 pair-days" in again.stdout
    fine = run("--seed", str(SEED), "--number", "1")
    assert (fine.exit_code, fine.stderr.strip()) == (0, "")


def test_an_engine_that_stumbles_is_a_finding(monkeypatch: pytest.MonkeyPatch) -> None:
    def stumbles(_pipeline: object) -> object:
        raise ZeroDivisionError("over a restart")

    monkeypatch.setattr(inside, "restarted", stumbles)
    checked = swarm.check_pair(SEED, [0])
    assert [one.invariant for one in checked[0].broken] == [swarm.RUNS_THROUGH]
    assert "over a restart" in checked[0].broken[0].finding


def letter(at_s: float, *fixed_s: float, speed_mps: float | None = None) -> Letter:
    fixes = tuple(DeviceFix(round(one * 1000), 51.92, 4.48, speed_mps=speed_mps) for one in fixed_s)
    return Letter(round(at_s * 1000), Message("t", b""), "wearer", fixes)


def test_silence_by_arithmetic() -> None:
    start_s = MONDAY_MS / 1000 + 1
    in_force = [(FIRST_MS, FIRST_MS + 50_000), (FIRST_MS + 90_000, NEVER_MS)]
    never = [tuple(one) for one in silent_spans([], TAG, in_force, FIRST_MS + 800_000)]
    assert never == [(FIRST_MS + 760_000, FIRST_MS + 800_000, False)], (
        "one that was never heard is expected from when the order holds"
    )

    def after(*letters: Letter) -> list[tuple[float, float, bool]]:
        found = silent_spans(letters, TAG, [(0, NEVER_MS)], round((start_s + 3_000) * 1000))
        return [(one.from_ms / 1000 - start_s, one.until_ms / 1000 - start_s, one.still_comes) for one in found]

    for speed_mps in (None, 3.0):
        assert after(letter(start_s, start_s, speed_mps=speed_mps)) == [(670.0, 3_000.0, False)], (
            "twice 300 s, 60 s for what is under way, and ten seconds, whether it moves or not"
        )
    old = after(letter(start_s, start_s), letter(start_s + 900, start_s + 200))
    # at 900 comes a fix of 200, which is too old: it is heard, but nobody knows where it is
    assert old == [(670.0, 900.0, False), (910.0, 1_570.0, True), (1_570.0, 3_000.0, False)]


def test_a_gap_in_what_was_told_is_found() -> None:
    spans = [(10, 20), (15, 30), (31, 40)]
    assert untold_ms(spans, 12, 30) is None
    assert untold_ms(spans, 12, 32) == 30
    assert untold_ms(spans, 5, 12) == 5
    assert untold_ms([], 5, 6) == 5


def test_what_is_malformed_is_refused_once_each(days: list[SwarmDay]) -> None:
    device = days[0].devices[0]
    sent = [Message(fix_topic(device), payload) for payload in FIXES]
    sent += [Message(fix_topic(device), b"[" + element + b"]") for element in ELEMENTS]
    sent += [Message(status_topic(device), payload) for payload in STATUSES]
    sent += [Message(*one) for one in ELSEWHERE]
    orders = next(revision_letters(days)).message
    for message in sent:
        pipeline = Pipeline()
        assert len(pipeline.advance([orders, message], MONDAY_MS).refusals) == 1, message
        assert inside.accepted(pipeline) == 0


def test_an_array_with_an_element_that_is_none_keeps_the_others() -> None:
    chance = np.random.default_rng(1)
    for _ in range(20):
        parts = msgspec.json.decode(spoilt(b"[1,2,3]", chance).replace(b"NaN", b"0"), type=list[msgspec.Raw])
        assert [bytes(one) for one in parts if len(one) == 1 and bytes(one) in b"123"] == [b"1", b"2", b"3"]
