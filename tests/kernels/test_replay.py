# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The victim-proximity monitor authors
"""What late fixes show is what the ordinary engine judges when they come in time."""

from functools import cache
from math import isnan
from typing import Final, NamedTuple

import numba
import pytest

from proximity.engine.history import blank_fixes, with_room
from proximity.engine.state import State
from proximity.engine.then import Span, judge_then
from proximity.kernels.columns import UNKNOWN_MS
from proximity.kernels.history import AHEAD_OF_US, keep_fix
from proximity.kernels.replay import note, note_end, replay, take_until
from proximity.model.inputs import Fix, Revision
from proximity.model.judging import Judging, Wanting
from proximity.model.units import Millis
from tests.engine.scenes import HOME, LENGTH_S, START_MS, Step, book_of, half_hour, order, place, play
from tests.twins import twin_of

END_MS = START_MS + LENGTH_S * 1000
NOTHING_ASKED: Final = Wanting(granted_s=0.0)  # of the past it is not known what a device was asked for
MODES = vars(numba.config)
FEW = 2
SEEDS = FEW if MODES["DISABLE_JIT"] else 60
ROWS = 3  # two links and a zone


class Sample(NamedTuple):
    """What a row was judged to be after a step."""

    now_ms: Millis
    level: int
    certain: bool
    apart_ms: Millis
    distance_m: float
    probability: float  # of the level


class Found(NamedTuple):
    from_ms: Millis
    until_ms: Millis | None  # None: it was not over
    level: int
    certain: bool
    worst_ms: Millis
    distance_m: float | None
    probability: float | None


@twin_of(replay, note, note_end, take_until)
def episodes_plainly(samples: list[Sample]) -> list[Found]:
    """Every stretch of samples with a level, told by all of its samples at once."""
    stretches: list[list[Sample]] = []
    ends: list[Millis | None] = []
    for before, sample in zip([None, *samples], samples, strict=False):
        if sample.level and (before is None or not before.level):
            stretches.append([])
            ends.append(None)
        if sample.level:
            stretches[-1].append(sample)
            ends[-1] = None if sample.apart_ms == UNKNOWN_MS else sample.apart_ms
        elif before is not None and before.level:
            ends[-1] = sample.now_ms if sample.apart_ms == UNKNOWN_MS else sample.apart_ms
    found = []
    for stretch, end_ms in zip(stretches, ends, strict=True):
        level = max(sample.level for sample in stretch)
        highest = [sample for sample in stretch if sample.level == level]
        seen = [sample for sample in highest if sample.probability >= 0.5]
        worst = min(seen, key=lambda sample: sample.distance_m) if seen else highest[0]
        found.append(
            Found(
                stretch[0].now_ms,
                end_ms,
                level,
                any(sample.certain for sample in highest),
                worst.now_ms,
                worst.distance_m if seen else None,
                worst.probability if seen else None,
            )
        )
    return found


@cache
def in_time(seed: int, begins_s: int) -> tuple[State, list[list[Sample]], list[Fix]]:
    """The fixes of a half-hour, each at its own time, under one order: the state, what each row was, and the fixes."""
    fixes = {
        (one.device, one.fixed_at_ms): one
        for given in half_hour(seed)
        for one in given.inputs
        if isinstance(one, Fix) and START_MS <= one.fixed_at_ms <= END_MS and one.device != "nobody"
    }
    book = book_of(order(protected=("p-1", "p-2"), zones=(HOME,), valid_from_ms=START_MS + begins_s * 1000))
    given: dict[Millis, list[Fix | Revision]] = {
        START_MS - 1: [Revision(book, Judging(late_lead_s=86_400.0, wanted=NOTHING_ASKED))]
    }
    for (_, at_ms), one in sorted(fixes.items()):
        given.setdefault(at_ms, []).append(one)
    samples: list[list[Sample]] = [[] for _ in range(ROWS)]

    def look(state: State) -> State:
        for row in range(len(state.subjects)):
            rows, level = state.rows, int(state.rows.level[row])
            samples[row].append(
                Sample(
                    state.now_ms,
                    level,
                    bool(rows.certain[row]),
                    int(rows.apart_ms[row, 0]),
                    float(rows.distance_m[row]),
                    float(rows.probability[row, max(level, 1) - 1]),
                )
            )
        return state

    played = play([Step(now_ms, tuple(inputs)) for now_ms, inputs in sorted(given.items())], before=look)
    look(played.state)
    return played.state, samples, sorted(fixes.values(), key=lambda one: one.fixed_at_ms)


def found_by_kernel(state: State, row: int, first_ms: Millis, level_then: int = 3) -> list[Found]:
    until_ms = int(state.columns.until_ms[row])
    force = [(int(state.columns.from_ms[row]), until_ms)]
    episodes, _ = judge_then(state, state.columns, row, force, Span(first_ms, END_MS), level_then, END_MS)
    told = []
    for own, at in episodes:
        nearest_m = float(own.distance_m[at])
        told.append(
            Found(
                int(own.from_ms[at]),
                int(own.until_ms[at]),
                int(own.level[at]),
                bool(own.certain[at]),
                int(own.worst_ms[at]),
                None if isnan(nearest_m) else nearest_m,
                None if isnan(nearest_m) else float(own.probability[at]),
            )
        )
    return told


def assert_same(found: list[Found], expected: list[Found], last_fix_ms: Millis) -> None:
    """Equal; of what is not over, the end is the last instant that was judged."""
    assert len(found) == len(expected)
    for one, twin in zip(found, expected, strict=True):
        if twin.until_ms is None:
            assert one.until_ms is not None
            assert min(last_fix_ms, END_MS) <= one.until_ms <= END_MS
        else:
            assert one.until_ms == max(twin.until_ms, twin.from_ms)
        assert one._replace(until_ms=None, distance_m=None, probability=None) == twin._replace(
            until_ms=None, distance_m=None, probability=None
        )
        assert (one.distance_m is None) == (twin.distance_m is None)
        if one.distance_m is not None:
            assert one.distance_m == pytest.approx(twin.distance_m, abs=0.01)  # accuracies are kept in single precision
            assert one.probability == pytest.approx(twin.probability, abs=1e-4)


@pytest.mark.parametrize("seed", range(1, SEEDS + 1))
def test_what_was_is_what_would_have_been_told_in_time(seed: int) -> None:
    state, samples, fixes = in_time(seed, begins_s=300)
    for row in range(ROWS):
        own = {state.subjects[row].wearer, state.subjects[row].protected}
        parties = [party for party in state.world.book.parties if party.id in own]
        devices = {device.id for party in parties for device in party.devices}
        instants = [one.fixed_at_ms for one in fixes if one.device in devices]
        if not instants:
            continue
        middle_ms = instants[len(instants) // 2]  # what comes before leads in
        for first_ms in (START_MS, middle_ms):
            expected = episodes_plainly([sample for sample in samples[row] if sample.now_ms >= first_ms])
            assert_same(found_by_kernel(state, row, first_ms), expected, instants[-1])
        lower = found_by_kernel(state, row, middle_ms, level_then=0)
        assert all(one.from_ms >= middle_ms for one in lower)


def test_the_scenes_show_every_level_and_what_goes_on_at_the_end() -> None:
    found = [
        one
        for seed in range(1, SEEDS + 1)
        for samples in in_time(seed, begins_s=300)[1]
        for one in episodes_plainly(samples)
    ]
    assert {one.level for one in found} >= ({1, 2, 3} if SEEDS > FEW else set())
    assert {one.until_ms is None for one in found} >= ({True, False} if SEEDS > FEW else set())
    assert {one.distance_m is None for one in found} >= ({True, False} if SEEDS > FEW else set())
    assert found


def test_a_fix_of_which_nobody_knows_when_it_was_shows_nothing() -> None:
    state, _, _ = in_time.__wrapped__(1, begins_s=300)
    before = [found_by_kernel(state, row, START_MS) for row in range(ROWS)]
    fixes, _ = blank_fixes(1)
    fixes.device[0], fixes.fixed_ms[0] = state.world.device_row["ank-1"], START_MS + 700_001
    fixes.lat_deg[0], fixes.lon_deg[0] = place(0.0, 0.0)
    state.history = with_room(state.history, fixes.device)
    keep_fix(state.history, int(fixes.device[0]), fixes, 0, AHEAD_OF_US, 0, 10**6)
    assert [found_by_kernel(state, row, START_MS) for row in range(ROWS)] == before
    assert any(before)
