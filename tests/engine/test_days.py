# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The victim-proximity monitor authors
"""What holds of ten whole days of simulated people, whose devices err, fall silent, repeat, store and forward.

Two wearers and two protected persons a day, three links, through the pipeline that `run` and `replay` share. On one
day devices do as the engine asks. A day costs seconds, so the seeds are fixed.
"""

import contextlib
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from random import Random
from typing import Final, NamedTuple

import numba
import numpy as np
import pytest

from proximity.engine.snapshot import pack, unpack
from proximity.engine.state import State
from proximity.engine.step import Events
from proximity.kernels.columns import records_of
from proximity.kernels.history import expire
from proximity.kernels.measure import NOWHERE, measure_link, measure_possible
from proximity.model.incidents import Incident
from proximity.model.inputs import Input
from proximity.model.judging import Judging
from proximity.model.words import Cause, Kind, Level, Refused
from proximity.service.journal import Journal
from proximity.service.pipeline import OWN, Message, Naming, Pipeline, Told, orders_message
from proximity.service.replay import replay_journal
from proximity.service.snapshots import write_snapshot
from proximity.service.start import restore
from simulators.devices.links import Arrival
from simulators.devices.reception import PHONE, TAG
from simulators.scores.judged import letters
from simulators.scores.obeying import obeying_day
from simulators.scores.pairs import END_MS, LIMITS, MONDAY_MS, distances_m, pair_day
from simulators.scores.population import traits_of
from simulators.truth.street import Floats

SEED: Final = 2026
DAYS: Final = 1 if vars(numba.config)["DISABLE_JIT"] else 10
OBEYING: Final = (1,)
PAIRS: Final = 200  # of the population, among whom the days' pairs are
BATCH_MS: Final = 7_300  # what comes within so long is one step, at whole seconds and between them
HOUR_MS: Final = 3_600_000
DUPLICATE: Final = str(Refused.DUPLICATE)
TRANSACTION: Final = 200  # steps that the journal takes at a time
CADENCES: Final = {"w-0": TAG, "w-1": TAG, "p-0": PHONE, "p-1": PHONE}
LINKS: Final = (("w-0", "p-0"), ("w-1", "p-1"), ("w-0", "p-1"))
PARTY: Final = """
[[parties]]
id = "{0}"
devices = [{{id = "{0}", kind = "{1}", interval_s = {2.moving_s}, rest_interval_s = {2.resting_s}}}]
"""
ORDER: Final = """
[[orders]]
id = "o-{0}"
region = "rotterdam"
supervisor = "team-a"
valid_from = 2026-01-01T00:00:00Z
wearers = ["{1[0]}"]
protected = ["{1[1]}"]
separation = {{limit_m = {2.limit_m}, warning_m = {2.warning_m}}}
"""

Sent = Mapping[str, tuple[Arrival, ...]]  # by device
Link = tuple[str, str]


class Day(NamedTuple):
    """What the devices sent, and how far the parties of each link truly were apart, each second."""

    sent: Sent
    distance_m: Mapping[Link, Floats]


class Step(NamedTuple):
    """What comes at one `now`."""

    now_ms: int
    messages: tuple[Message, ...]


def orders() -> Message:
    parties = [PARTY.format(name, "tag" if one is TAG else "phone", one) for name, one in CADENCES.items()]
    documents = "".join([*parties, *(ORDER.format(number, link, LIMITS) for number, link in enumerate(LINKS))])
    return orders_message({"orders.toml": documents}, Judging(), Naming("a.b", "c"))


def day_of(number: int) -> Day:
    """The first pair meets, or means to; the second live or work near each other."""
    meeting = [one for one in range(PAIRS) if traits_of(SEED, one) & {"visits", "stalks"}]
    near = [one for one in range(PAIRS) if traits_of(SEED, one) & {"lives_near", "works_near"} and one not in meeting]
    make = obeying_day if number in OBEYING else pair_day
    first, second = make(SEED, meeting[number]), make(SEED, near[number])
    assert first.journeys is not None
    assert second.journeys is not None
    distances = first.truth.distance_m, second.truth.distance_m, distances_m(first.journeys[0], second.journeys[1])
    sent = {"w-0": first.wearer, "p-0": first.protected, "w-1": second.wearer, "p-1": second.protected}
    return Day(sent, dict(zip(LINKS, distances, strict=True)))


def batched(at_ms: int) -> int:
    return -(-at_ms // BATCH_MS) * BATCH_MS


def steps_of(sent: Sent) -> list[Step]:
    given: dict[int, list[Message]] = defaultdict(list)
    for device in sorted(sent):
        for one in sent[device]:
            given[batched(one.at_ms)] += [Message(*letter) for letter in letters(device, one)]
    steps = [Step(now_ms, tuple(messages)) for now_ms, messages in sorted(given.items())]
    return [Step(steps[0].now_ms, (orders(), *steps[0].messages)), *steps[1:]]


def play(pipeline: Pipeline, steps: Sequence[Step]) -> Iterator[Told]:
    """As the runner does: due seconds before what comes."""
    for given in steps:
        yield from pipeline.ticks(given.now_ms)
        yield pipeline.advance(given.messages, given.now_ms)


def play_every_second(pipeline: Pipeline, steps: Sequence[Step]) -> Iterator[Told]:
    """Every whole second, due or not."""
    for given in steps:
        begun_ms = pipeline.state.now_ms if pipeline.state.now_ms >= 0 else given.now_ms
        for second_ms in range((begun_ms // 1000 + 1) * 1000, given.now_ms, 1000):
            pipeline.due_ms = min(pipeline.due_ms, second_ms)
            yield from pipeline.ticks(second_ms + 1)
        yield pipeline.advance(given.messages, given.now_ms)


def bodies_of(told: Sequence[Told]) -> list[bytes]:
    return [event.body for one in told for event in one.step.events]


class Kept(NamedTuple):
    """A pipeline at an instant, to go on from."""

    state: bytes
    due_ms: int
    naming: Naming | None
    numbered: int

    @classmethod
    def of(cls, pipeline: Pipeline) -> "Kept":
        return cls(pack(pipeline.state), pipeline.due_ms, pipeline.naming, pipeline.numbered)

    def again(self) -> Pipeline:
        return Pipeline(unpack(self.state), self.due_ms, self.naming, self.numbered)


class Watched(Pipeline):
    """Remembers the levels of all links at each step."""

    def __init__(self) -> None:
        super().__init__()
        self.levels: list[tuple[int, list[int]]] = []

    def _step(self, inputs: Sequence[Input], now_ms: int) -> Events:
        events = super()._step(inputs, now_ms)
        self.levels.append((now_ms, self.state.rows.level.tolist()))
        return events


class Lived(NamedTuple):
    """A day as it was lived, its journal on disk up to a crash."""

    number: int
    day: Day
    steps: list[Step]
    told: list[list[Told]]  # by step, with the seconds before it
    levels: list[tuple[int, list[int]]]  # of all links
    hour: tuple[int, int]  # the steps between which every second is played
    crash: int  # the step after which the service ended
    kept: dict[int, Kept]
    folder: Path


def write(journal: Journal, told: Sequence[Sequence[Told]]) -> None:
    flat = [one for some in told for one in some]
    journal.write([one.step for one in flat], [letter for one in flat for letter in one.letters])


@pytest.fixture(
    scope="module", params=[pytest.param(day, marks=pytest.mark.slow) if day > 1 else day for day in range(DAYS)]
)
def lived(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Lived:
    number, folder = request.param, tmp_path_factory.mktemp("day")
    day, chance = day_of(number), Random(number)
    steps = steps_of(day.sent)
    from_ms = MONDAY_MS + chance.randrange(6 * HOUR_MS, 22 * HOUR_MS)
    after = [place for place, given in enumerate(steps) if given.now_ms >= from_ms]
    hour = after[0], next(place for place in after if steps[place].now_ms >= from_ms + HOUR_MS)
    saved, crash = (int(len(steps) * share) for share in (chance.uniform(0.6, 0.75), chance.uniform(0.8, 0.95)))
    pipeline, told, kept, written = Watched(), list[list[Told]](), dict[int, Kept](), 0
    with contextlib.closing(Journal(folder / "journal.sqlite3")) as journal:
        for place, given in enumerate(steps):
            told.append(list(play(pipeline, [given])))
            if place in (*hour, crash, len(steps) - 1):
                kept[place] = Kept.of(pipeline)
            if place <= crash and (place % TRANSACTION == 0 or place in (saved, crash)):
                write(journal, told[written:])
                written = place + 1
            if place == saved:
                write_snapshot(folder / "snapshot.bin", pipeline, journal.tail).join()
    return Lived(number, day, steps, told, pipeline.levels, hour, crash, kept, folder)


def flat(told: Sequence[Sequence[Told]]) -> list[Told]:
    return [one for some in told for one in some]


def known(state: State) -> bytes:
    """All of a state but what was refused, and fixes older than the history, which go when their device is heard."""
    for device in range(len(state.world.device_ids)):
        expire(state.history, device, state.now_ms - state.numbers.history_ms)
    state.health.refused[:] = 0
    state.counts.refused.clear()
    return pack(state)


def test_every_message_twice_and_in_any_order_within_one_now_changes_nothing(lived: Lived) -> None:
    """Fixes are shuffled in their arrays, messages in their step; they come again in that step or some later one."""
    chance, last = Random(lived.number), len(lived.steps) - 1
    sent = {
        device: tuple(one._replace(fixes=tuple(chance.sample(one.fixes, len(one.fixes)))) for one in arrivals)
        for device, arrivals in lived.day.sent.items()
    }
    given = [list(messages) for _, messages in steps_of(sent)]
    for place, step in enumerate(lived.steps):
        for message in step.messages:
            if not message.topic.startswith(OWN):
                given[min(place + chance.choice((0, 0, 1, 2, 9)), last)].append(message)
    pipeline = Pipeline()
    told = list(
        play(
            pipeline,
            [
                Step(step.now_ms, tuple(chance.sample(messages, len(messages))))
                for step, messages in zip(lived.steps, given, strict=True)
            ],
        )
    )
    assert bodies_of(told) == bodies_of(flat(lived.told))
    once = lived.kept[last].again().state
    said = sum(len(one.fixes) + (one.event is not None) for arrivals in sent.values() for one in arrivals)
    assert pipeline.state.counts.refused == {DUPLICATE: once.counts.refused[DUPLICATE] + said}
    assert pipeline.due_ms == lived.kept[last].due_ms
    assert known(pipeline.state) == known(once)


def test_an_hour_at_every_second_is_the_hour_at_the_due_ones(lived: Lived) -> None:
    first, last = lived.hour
    pipeline = lived.kept[first].again()
    told = list(play_every_second(pipeline, lived.steps[first + 1 : last + 1]))
    assert bodies_of(told) == bodies_of(flat(lived.told[first + 1 : last + 1]))
    assert Kept.of(pipeline) == lived.kept[last]


@pytest.mark.slow
@pytest.mark.parametrize("lived", range(3, DAYS)[:1], indirect=True)
def test_a_day_at_every_second_is_the_day_at_the_due_ones(lived: Lived) -> None:
    pipeline = Pipeline()
    told = list(play_every_second(pipeline, lived.steps))
    assert bodies_of(told) == bodies_of(flat(lived.told))
    assert Kept.of(pipeline) == lived.kept[len(lived.steps) - 1]


def test_a_journal_replays_and_a_service_goes_on_after_a_crash_as_if_there_had_been_none(lived: Lived) -> None:
    with contextlib.closing(Journal(lived.folder / "journal.sqlite3")) as journal:
        assert journal.tail.number == lived.kept[lived.crash].numbered
        replayed = [line.rstrip(b"\n") for line in replay_journal(journal)]
        assert replayed == bodies_of(flat(lived.told[: lived.crash + 1]))
        pipeline = restore(lived.folder / "snapshot.bin", journal)
        assert Kept.of(pipeline) == lived.kept[lived.crash]
        for place in range(lived.crash + 1, len(lived.steps)):
            assert (
                list(play(pipeline, [lived.steps[place]])) == lived.told[place]
            )  # inputs, bytes, letters, transitions
        assert Kept.of(pipeline) == lived.kept[len(lived.steps) - 1]


# When a danger must be told that only the missing fixes would have shown, by docs/judgement.md, of a tag that declares
# 60 s and 300 s at rest, and a phone that declares 15 s and 60 s. Section 2: a party is stale after two intervals, of
# rest at the latest (90 s at least). Until then a tag at rest may look clear: it would have said that it moves. Then
# it could have gone 14 m/s, 8,400 m and 1,680 m, further than these people go: a breach is possible.
STALE_S: Final = {TAG: 2 * 300, PHONE: 2 * 60}
# Decision 0012: a device is silent 60 s after two of its longer intervals.
SILENT_S: Final = {TAG: 2 * 300 + 60, PHONE: 2 * 60 + 60}
# Section 9: doubt begins then at the latest, sooner where what is heard is too coarse. The longest time granted is that
# of who was at rest: the stale age, or `blind_still_s` 600; what is left of a resting interval and 60 s is less.
GRANTED_S: Final = {TAG: max(2 * 300, 600), PHONE: max(2 * 60, 600)}
BLIND_S: Final = {cadence: STALE_S[cadence] + GRANTED_S[cadence] for cadence in (TAG, PHONE)}
LOOK_MS: Final = 5_000  # how often it is looked at
SECOND_MS: Final = 1_000  # what time alone changes is told at the whole second
LEADS_S: Final = (30, 240, 900)  # how long before he comes within the limit the hour begins in which nothing is heard


class Look(NamedTuple):
    """What is known of a link at an instant; `told`: that it is blind, or that one of its devices is silent."""

    at_ms: int
    level: Level
    possible: Level
    told: bool

    @property
    def clear(self) -> bool:
        return max(self.level, self.possible) < Level.BREACH

    @property
    def untold(self) -> bool:
        return self.level < Level.BREACH and (self.clear or not self.told)


class Looking(Pipeline):
    """Looks at links at some instants, by what the engine would measure at each and has told until then."""

    def __init__(self, instants: Mapping[int, Sequence[int]]) -> None:
        super().__init__()
        self.looks: dict[int, list[Look]] = {row: [] for row in instants}  # by row
        self._left = sorted(((at_ms, row) for row, own in instants.items() for at_ms in own), reverse=True)
        self._open: dict[str, Incident] = {}

    def look_until(self, now_ms: int) -> None:
        while self._left and self._left[-1][0] < now_ms:
            at_ms, row = self._left.pop()
            if at_ms >= self.state.now_ms:
                self.looks[row].append(self._look(row, at_ms))

    def _step(self, inputs: Sequence[Input], now_ms: int) -> Events:
        self.look_until(now_ms)
        events = super()._step(inputs, now_ms)
        for transition in events.transitions:
            self._open[transition.incident.id] = transition.incident
        return events

    def _look(self, row: int, at_ms: int) -> Look:
        state, rows = self.state, records_of(self.state.rows).copy()
        columns, subject = state.columns, state.subjects[row]
        parties, wearer, protected = records_of(state.parties), columns.wearer[row], columns.protected[row]
        measure_link(row, wearer, protected, at_ms, columns.limits_m, parties, state.numbers, rows)
        measure_possible(row, wearer, protected, NOWHERE, at_ms, columns.limits_m, parties, state.numbers, rows)
        of = (subject.wearer, subject.protected)
        told = any(
            not one.resolved
            and (
                (one.kind is Kind.BLIND and (one.wearer, one.protected) == of)
                or (Cause.SILENT in one.troubles and one.device in of)
            )
            for one in self._open.values()
        )
        return Look(at_ms, Level(int(state.rows.level[row])), Level(int(rows["possible"][row])), told)


def dangers_of(lived: Lived, row: int) -> list[int]:
    """When a link is said to be within the limit and truly is."""
    times_ms = np.array([now_ms for now_ms, _ in lived.levels])
    levels = np.array([levels[row] for _, levels in lived.levels])
    at_ms = np.arange(lived.steps[0].now_ms // LOOK_MS * LOOK_MS + LOOK_MS, END_MS, LOOK_MS)
    said = levels[np.searchsorted(times_ms, at_ms, side="right") - 1] >= Level.BREACH
    truly = lived.day.distance_m[LINKS[row]][(at_ms - MONDAY_MS) // 1000] <= LIMITS.limit_m
    found: list[int] = at_ms[said & truly].tolist()
    return found


def thinned(sent: Sent, device: str, keep: Callable[[int], bool]) -> Sent:
    """Without some of a device's fixes, by the instants at which they were fixed."""
    own = [one._replace(fixes=tuple(fix for fix in one.fixes if keep(fix.fixed_at_ms))) for one in sent[device]]
    return {**sent, device: tuple(one for one in own if one.fixes or one.event is not None)}


def ages_ms(arrivals: Sequence[Arrival], at_ms: Sequence[int]) -> list[int]:
    """How long ago the newest of what has come was fixed, at rising instants."""
    ages, newest_ms, place = list[int](), -1, 0
    for now_ms in at_ms:
        while place < len(arrivals) and batched(arrivals[place].at_ms) <= now_ms:
            come = batched(arrivals[place].at_ms)
            newest_ms = max([newest_ms, *(min(fix.fixed_at_ms, come) for fix in arrivals[place].fixes)])
            place += 1
        ages.append(now_ms - newest_ms)
    return ages


def stretches(looks: Sequence[Look]) -> list[int]:
    """For how long at a time nothing was told, in milliseconds."""
    found, last_ms = list[int](), 0
    for at_ms in (look.at_ms for look in looks if look.untold):
        if found and at_ms - last_ms == LOOK_MS:
            found[-1] += LOOK_MS
        else:
            found.append(0)
        last_ms = at_ms
    return found


def test_removing_fixes_never_makes_a_danger_look_clear_for_longer_than_is_granted(lived: Lived) -> None:
    """Of one link, in turns the one with the most dangers, an hour of his fixes or hers goes; of the other, 30 %."""
    number, chance = lived.number, Random(lived.number)
    dangers = {row: dangers_of(lived, row) for row in range(2)}
    rows = sorted(dangers, key=lambda row: len(dangers[row]), reverse=True)
    hour_row, share_row = rows if number % 2 == 0 else rows[::-1]
    side = number // 2 % 2
    hour_of, share_of = LINKS[hour_row][side], LINKS[share_row][1 - side]
    lead_s = LEADS_S[number % len(LEADS_S)]
    sent = thinned(lived.day.sent, share_of, lambda _: chance.random() >= 0.3)
    if dangers[hour_row]:
        from_ms = dangers[hour_row][0] - lead_s * 1000
        sent = thinned(sent, hour_of, lambda fixed_ms: not from_ms <= fixed_ms < from_ms + HOUR_MS)
    pipeline = Looking(dangers)
    for _ in play(pipeline, steps_of(sent)):
        pass
    pipeline.look_until(END_MS)
    assert sum(map(len, pipeline.looks.values())) > 0
    for row, device in ((hour_row, hour_of), (share_row, share_of)):
        cadence, looks = CADENCES[device], pipeline.looks[row]
        for look, age_ms in zip(looks, ages_ms(sent[device], [look.at_ms for look in looks]), strict=True):
            assert not (look.clear and age_ms > STALE_S[cadence] * 1000 + SECOND_MS), (device, look, age_ms)
            assert not (look.untold and age_ms > SILENT_S[cadence] * 1000 + SECOND_MS), (device, look, age_ms)
        assert max(stretches(looks), default=0) <= BLIND_S[cadence] * 1000, device
