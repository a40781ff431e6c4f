# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The victim-proximity monitor authors
"""What holds of every half-hour, whatever comes in."""

from collections import Counter
from collections.abc import Iterator
from itertools import chain
from random import Random

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from proximity.engine.history import in_one_piece
from proximity.engine.snapshot import pack, unpack
from proximity.engine.state import State, state_of
from proximity.engine.step import step
from proximity.geo.world import compile_world
from proximity.kernels.arrays import Array
from proximity.kernels.columns import UNKNOWN_MS, records_of
from proximity.kernels.devices import HEALTH
from proximity.kernels.measure import NOWHERE, measure_link, measure_possible, measure_zone
from proximity.model.incidents import Incident, Transition
from proximity.model.inputs import Fix, Revision, Status
from proximity.model.judging import Judging
from proximity.model.words import Change, Kind, Level, Refused
from tests.engine.scenes import HOME, PARTIES, START_MS, Played, Step, book_of, half_hour, order, play
from tests.kernels.people import stand

SHOWN = HEALTH.names or ()
seeds = st.integers(0, 10**9)
scenes = settings(max_examples=60, deadline=None)


def arrays_of(state: State) -> Iterator[tuple[str, Array]]:
    shown = state.health.shown  # not what was refused: a refusal is counted there, and changes nothing else
    tables = (state.devices, state.parties, state.rows, state.wishes)
    columns: tuple[Array, ...] = (*chain(*tables), *(shown[name] for name in SHOWN))
    names = (*chain(*(table._fields for table in tables)), *SHOWN)
    return zip(names, columns, strict=True)


def assert_same_state(one: State, other: State) -> None:
    for (name, column), (_, twin) in zip(arrays_of(one), arrays_of(other), strict=True):
        assert np.array_equal(column, twin, equal_nan=column.dtype.kind == "f"), name
    assert one.incidents == other.incidents
    assert one.status_at_ms == other.status_at_ms
    assert (one.levels, one.late_due_ms) == (other.levels, other.late_due_ms)
    for column, twin in zip(in_one_piece(one.history), in_one_piece(other.history), strict=True):
        assert np.array_equal(column, twin, equal_nan=column.dtype.kind == "f")


def assert_same(one: Played, other: Played) -> None:
    assert one.transitions == other.transitions
    assert one.wishes == other.wishes
    assert_same_state(one.state, other.state)
    assert one.state.counts == other.state.counts


@scenes
@given(seed=seeds, shuffled=st.integers(0, 10**9))
def test_permuting_the_inputs_of_one_now_changes_nothing(seed: int, shuffled: int) -> None:
    chance = Random(shuffled)
    scene = half_hour(seed)
    # several minutes arrive in one step, as after an outage, some fixes in several versions: there is much to permute
    at_once = [one for given_step in scene[1:40] for one in given_step.inputs]
    for made in [one for one in at_once if isinstance(one, Fix)]:
        version = chance.choice(
            ({}, {"accuracy_m": 77.0}, {"speed_mps": 3.0}, {"lat_deg": made.lat_deg + 0.001, "accuracy_m": 9.0})
        )
        at_once += [replace(made, **version)] if version else []
    scene = [scene[0], Step(scene[40].now_ms - 1, tuple(at_once)), *scene[40:]] if len(scene) > 41 else scene
    permuted = [Step(now_ms, tuple(chance.sample(inputs, len(inputs)))) for now_ms, inputs in scene]
    one, other = play(scene), play(permuted)
    assert_same(one, other)
    assert Counter(str(refusal.reason) for refusal in one.refusals) == Counter(
        str(refusal.reason) for refusal in other.refusals
    )


@scenes
@given(seed=seeds, repeats=st.integers(0, 10**9))
def test_a_duplicate_changes_nothing_but_the_refused_count(seed: int, repeats: int) -> None:
    chance = Random(repeats)
    scene = half_hour(seed)
    doubled, recent = [], list[Fix]()
    added = 0
    for now_ms, inputs in scene:
        recent = (recent + [one for one in inputs if isinstance(one, Fix) and one.device != "nobody"])[-8:]
        taken = [one for one in recent if one.fixed_at_ms - now_ms < 80_000_000]
        again = chance.sample(taken, min(len(taken), chance.choice((0, 1, 4))))
        said = [one for one in inputs if isinstance(one, Status) and one.at_ms >= 0]
        added += len(again) + len(said)
        doubled.append(Step(now_ms, (*inputs, *again, *said)))
    one, other = play(scene), play(doubled)
    assert one.transitions == other.transitions
    assert_same_state(one.state, other.state)
    count = one.state.counts.refused.pop(str(Refused.DUPLICATE), 0)
    assert other.state.counts.refused.pop(str(Refused.DUPLICATE), 0) == count + added
    assert one.state.counts == other.state.counts


@scenes
@given(seed=seeds)
def test_stepping_every_second_changes_nothing(seed: int) -> None:
    scene = half_hour(seed)
    due, every = play(scene), play(scene, every_second=True)
    assert len(every.steps) > len(due.steps)
    assert_same(due, every)
    assert pack(due.state) == pack(every.state)


@scenes
@given(seed=seeds)
def test_packing_and_unpacking_between_all_steps_changes_nothing(seed: int) -> None:
    scene = half_hour(seed)
    chance = Random(seed)
    plain = play(scene)
    packed = play(scene, before=lambda state: unpack(pack(state)) if chance.random() < 0.1 else state)
    assert_same(plain, packed)
    assert pack(plain.state) == pack(packed.state)


@scenes
@given(seed=seeds)
def test_a_step_without_inputs_before_the_due_second_changes_nothing(seed: int) -> None:
    scene = [given_step for given_step in half_hour(seed) if given_step.now_ms < START_MS + 600_000]
    state = play(scene, until_s=600).state
    state, _, due_ms = step(state, (), START_MS + 601_000)
    for now_ms in range(START_MS + 602_000, min(due_ms, START_MS + 900_000), 1000):
        before = unpack(pack(state))
        state, events, _ = step(state, (), now_ms)
        assert (events.transitions, events.wishes) == ((), ())
        assert_same_state(before, state)


def without_number(incident: Incident) -> Incident:
    return replace(incident, seq=0)


def check_lives(played: Played) -> None:
    """The life of every incident, from its transitions alone."""
    lives: dict[str, list[Transition]] = {}
    statuses = {(one.device, str(one.event)) for given_step in played.steps for one in given_step.inputs
                if isinstance(one, Status)}  # fmt: skip
    for transition in played.transitions:
        lives.setdefault(transition.incident.id, []).append(transition)
    for name, life in lives.items():
        assert life[0].change is Change.OPENED
        assert name.endswith(f":{life[0].at_ms}")
        assert life[0].incident.opened_ms == life[0].at_ms
        assert [transition.incident.seq for transition in life] == list(range(1, len(life) + 1))
        assert [transition.change is Change.OPENED for transition in life[1:]] == [False] * (len(life) - 1)
        assert [transition.change is Change.RESOLVED for transition in life[:-1]] == [False] * (len(life) - 1)
        level = Level.CLEAR
        for number, transition in enumerate(life):
            check_one(transition, level)
            level = transition.incident.level
            if number and without_number(life[number - 1].incident) == without_number(transition.incident):
                # nothing but the number changed: the device said so again
                assert (transition.incident.device, str(transition.incident.cause)) in statuses
        still_open = [incident for incident in played.state.incidents.values() if incident.id == name]
        assert still_open == ([] if life[-1].incident.resolved else [life[-1].incident])


def check_one(transition: Transition, level: Level) -> None:
    incident, change = transition.incident, transition.change
    assert transition.previous_level == level
    assert incident.resolved == (change is Change.RESOLVED)
    assert (incident.certainty is None) == (incident.level is Level.CLEAR)
    assert incident.possible_level >= incident.level
    if incident.kind in (Kind.DEVICE, Kind.BLIND):
        assert incident.level is Level.CLEAR
        return
    if transition.episode is not None:
        check_late(transition, level)
        return
    rises = {Change.OPENED: incident.level > level, Change.LOWERED: Level.CLEAR < incident.level < level,
             Change.RAISED: incident.level > level, Change.UPDATED: incident.level >= level > Level.CLEAR,
             Change.ACKNOWLEDGED: incident.level == level,
             Change.RESOLVED: incident.level is Level.CLEAR < level}  # fmt: skip
    assert rises[change], (change, level, incident.level)
    if change is Change.RAISED:
        assert not incident.acknowledged
    if incident.level and not incident.episodes:
        assert int(incident.severity) == int(incident.level)


def check_late(transition: Transition, level: Level) -> None:
    """What late fixes show is of the past; of an incident of the present it changes no level."""
    incident, episode = transition.incident, transition.episode
    assert episode is not None
    assert episode in incident.episodes
    assert episode.from_ms <= min(episode.until_ms, episode.nearest_ms)
    assert max(episode.until_ms, episode.nearest_ms) <= transition.at_ms
    assert int(incident.severity) >= int(episode.level)
    assert incident.level == (max(level, episode.level) if incident.late else level)
    assert transition.change in (Change.OPENED, Change.RAISED, Change.UPDATED)


@scenes
@given(seed=seeds)
def test_incidents_live_as_they_should(seed: int) -> None:
    played = play(half_hour(seed))
    check_lives(played)
    times = [transition.at_ms for transition in played.transitions]
    assert times == sorted(times)
    opened: dict[str, str] = {}
    for transition in played.transitions:  # one incident at a time on one subject
        subject = f"{transition.incident.late} {transition.incident.id.rsplit(':', 1)[0]}"
        assert opened.get(subject, transition.incident.id) == transition.incident.id
        opened[subject] = transition.incident.id
        if transition.change is Change.RESOLVED:
            del opened[subject]


@scenes
@given(seed=seeds)
def test_what_is_late_leaves_the_present_alone(seed: int) -> None:
    scene = half_hour(seed)
    played = play(scene)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("proximity.engine.step.judge_late", lambda *_: [])
        without = play(scene)

    def of_the_present(one: Played) -> list[tuple[object, ...]]:
        return [
            (this.at_ms, this.incident.id, this.change, this.incident.level, this.incident.certainty,
             this.incident.cause)
            for this in one.transitions if not this.late and this.change is not Change.ACKNOWLEDGED
        ]  # fmt: skip

    assert of_the_present(played) == of_the_present(without)
    for (name, column), (_, twin) in zip(arrays_of(played.state), arrays_of(without.state), strict=True):
        assert np.array_equal(column, twin, equal_nan=column.dtype.kind == "f"), name


def in_force(state: State, row: int) -> bool:
    return bool(state.columns.from_ms[row] <= state.now_ms < state.columns.until_ms[row])


def row_of(state: State, key: tuple[str, str, str]) -> int:
    return [subject.key for subject in state.subjects].index(key)


@scenes
@given(seed=seeds, chosen=st.integers(0, 10**9), hers=st.booleans())
def test_removing_fixes_never_makes_a_dangerous_situation_look_clear(seed: int, chosen: int, *, hers: bool) -> None:
    begin, *later = half_hour(seed)
    scene = [begin, *(Step(now_ms, tuple(one for one in inputs if not isinstance(one, Revision)))
                      for now_ms, inputs in later)]  # fmt: skip
    dangers: list[tuple[int, tuple[str, str, str], int]] = []

    def note(state: State) -> State:
        for row, subject in enumerate(state.subjects):
            level = int(state.rows.level[row])
            # where nothing has begun to say that they part: else the fixes until now may be reason enough to fall
            if subject.protected and level >= Level.BREACH and state.rows.apart_ms[row, level - 1] == UNKNOWN_MS:
                dangers.append((state.now_ms, subject.key, level))
        return state

    play(scene, before=note)
    assume(dangers)
    cut_ms, key, level = dangers[chosen % len(dangers)]
    silenced = set[str]()

    def watch(state: State) -> State:
        if state.now_ms < cut_ms:
            return state
        row = row_of(state, key)
        if in_force(state, row):
            assert state.rows.level[row] >= level
            assert max(state.rows.possible[row], state.rows.level[row]) >= Level.BREACH
        return state

    _, _, what = key
    wearer, protected = what.split("_")
    for party in PARTIES:
        if party.id == (protected if hers else wearer):
            silenced |= {device.id for device in party.devices}
    silent = [
        Step(now_ms, tuple(one for one in inputs if not (isinstance(one, Fix) and one.device in silenced)))
        if now_ms > cut_ms else Step(now_ms, inputs)
        for now_ms, inputs in scene
    ]  # fmt: skip
    watch(play(silent, before=watch).state)


NOW_MS = START_MS + 7_200_000
WORSE = ("sigma", "growth", "age", "sooner stale", "faster", "off its wearer", "unknown")


def make_worse(state: State, party: int, what: str, by: float) -> None:
    parties = state.parties
    if what == "sigma":
        parties.sigma_m[party] += 1000.0 * by
    elif what == "growth":
        parties.growth_mps[party] += 15.0 * by
    elif what == "age":
        parties.fixed_ms[party] -= int(1_800_000 * by)
    elif what == "sooner stale":
        parties.stale_ms[party] = int(parties.stale_ms[party] * (1.0 - by))
    elif what == "faster":
        parties.pace_mps[party] += 50.0 * by
    elif what == "off its wearer":
        parties.off_wearer[party] = True
    else:
        parties.fixed_ms[party] = UNKNOWN_MS
        parties.position[party] = parties.lat_deg[party] = parties.lon_deg[party] = parties.sigma_m[party] = np.nan


def possible_levels(state: State) -> list[int]:
    """Of the link and the zone."""
    columns, rows = state.columns, state.rows
    for row in range(len(state.subjects)):
        wearer, protected, zone = columns.wearer[row], columns.protected[row], columns.zone[row]
        parties, numbers, records = records_of(state.parties), state.numbers, records_of(rows)
        if zone == NOWHERE:
            measure_link(row, wearer, protected, NOW_MS, columns.limits_m, parties, numbers, records)
        else:
            zones = state.world.zones
            measure_zone(row, wearer, zone, NOW_MS, columns.limits_m, parties, zones, numbers, records)
        measure_possible(row, wearer, protected, zone, NOW_MS, columns.limits_m, parties, numbers, records)
    return [int(level) for level in rows.possible]


sigmas = st.tuples(st.floats(10.0, 1000.0), st.floats(10.0, 1000.0))
growths = st.tuples(st.sampled_from((0.3, 1.5, 5.0, 15.0)), st.sampled_from((0.3, 1.5, 5.0, 15.0)))
ages = st.tuples(st.integers(0, 600), st.integers(0, 600))
steps_worse = st.lists(st.tuples(st.booleans(), st.sampled_from(WORSE), st.floats(0.0, 1.0)), min_size=1, max_size=4)


@given(east_m=st.floats(0.0, 9000.0), sigma_m=sigmas, growth_mps=growths, age_s=ages, worse=steps_worse)
def test_more_uncertainty_never_lowers_the_possible_level(
    east_m: float, sigma_m: tuple[float, float], growth_mps: tuple[float, float], age_s: tuple[int, int],
    worse: list[tuple[bool, str, float]],
) -> None:  # fmt: skip
    state = state_of(compile_world(book_of(order(zones=(HOME,)))), Judging(), START_MS)
    wearer, protected = int(state.columns.wearer[0]), int(state.columns.protected.max())
    for number, (party, at_m) in enumerate(((wearer, east_m), (protected, 0.0))):
        stand(state.parties, party, NOW_MS - age_s[number] * 1000, at_m, sigma_m=sigma_m[number])
        state.parties.growth_mps[party] = growth_mps[number]
    levels = possible_levels(state)
    for hers, what, by in worse:
        make_worse(state, protected if hers else wearer, what, by)
        now = possible_levels(state)
        assert all(after >= before for before, after in zip(levels, now, strict=True)), (what, levels, now)
        levels = now


def test_time_must_rise() -> None:
    played = play(half_hour(0), until_s=10)
    with pytest.raises(ValueError, match="time must rise"):
        step(played.state, (), played.state.now_ms)
