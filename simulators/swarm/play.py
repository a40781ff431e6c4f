# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The victim-proximity monitor authors
"""A pair's day through the engine, again and again: as it is, restarted, in other orders, and with other pairs."""

from collections.abc import Container, Mapping, Sequence
from typing import Final, NamedTuple

import msgspec
import numpy as np
from msgspec.structs import replace

from proximity.model.incidents import Transition
from proximity.model.units import Millis
from proximity.service.pipeline import Pipeline, Told
from simulators.scores.pairs import END_MS
from simulators.swarm import inside
from simulators.swarm.days import TAIL_MS, Batch, Letter, SwarmDay, batches, doubled, shuffled
from simulators.swarm.inside import Size

WEIGHED_EVERY: Final = 50  # steps
SHUFFLE, DOUBLE = 1, 2  # what a generator is for

Lines = tuple[bytes, ...]


class Step(NamedTuple):
    """One step with messages: what went in, and what the engine made of it."""

    at_ms: Millis
    letters: tuple[Letter, ...]
    refused: tuple[tuple[int, str], ...]  # (the message's place, why)
    accepted: int  # fixes
    counted_refused: int  # as the engine counts them
    newest_ms: tuple[Millis, Millis]  # his and hers
    judged: bool
    size: Size | None = None  # of the state, now and then


class Play(NamedTuple):
    """A run of the engine to the end of the day, and until all that was stored has come."""

    transitions: tuple[Transition, ...]
    alerts: Lines  # as they leave
    steps: tuple[Step, ...] = ()
    states: tuple[tuple[Millis, int], ...] = ()  # after steps with several inputs: (when, the state's digest)


class Record(NamedTuple):
    """Everything that the invariants are about."""

    day: SwarmDay
    alone: Play
    replayed: Lines  # alerts
    restarted: Lines  # alerts
    shuffled: Lines  # told
    shuffled_states: tuple[tuple[Millis, int], ...]
    doubled: Lines  # told
    together: Lines  # told


def watch(pipeline: Pipeline, day: SwarmDay, batch: Batch, told: Told, before: tuple[int, int], weigh: bool) -> Step:  # noqa: FBT001
    """What the engine made of a batch; `before` is what it had accepted and refused."""
    newest = inside.newest_ms(pipeline)
    his, hers = day.devices
    return Step(
        batch.at_ms,
        batch.letters,
        tuple((one.place, str(one.reason)) for one in told.refusals),
        inside.accepted(pipeline) - before[0],
        inside.refused(pipeline) - before[1],
        (newest[his], newest[hers]),
        inside.judged(pipeline, day.order),
        inside.size(pipeline) if weigh else None,
    )


def several(given: Sequence[Batch]) -> frozenset[Millis]:
    """The steps whose inputs have an order."""
    return frozenset(one.at_ms for one in given if sum(max(1, len(letter.fixes)) for letter in one.letters) > 1)


def play(
    given: Sequence[Batch],
    restarts_ms: Sequence[Millis] = (),
    watched: SwarmDay | None = None,
    looked_at: Container[Millis] = frozenset(),
) -> Play:
    """Through a new engine, restarted before these instants.

    `watched`: what is looked at after every step; `looked_at`: the steps after which the state is.
    """
    pipeline, waiting = Pipeline(), list(restarts_ms)
    told: list[Told] = []
    steps: list[Step] = []
    states: list[tuple[Millis, int]] = []
    for place, batch in enumerate(given):
        while waiting and waiting[0] <= batch.at_ms:
            pipeline = inside.restarted(pipeline)
            del waiting[0]
        told += pipeline.ticks(batch.at_ms)
        before = inside.accepted(pipeline), inside.refused(pipeline)
        told.append(pipeline.advance([one.message for one in batch.letters], batch.at_ms))
        if batch.at_ms in looked_at:
            states.append((batch.at_ms, inside.digest(pipeline)))
        if watched is not None:
            weigh = place % WEIGHED_EVERY == 0 or place + 1 == len(given)
            steps.append(watch(pipeline, watched, batch, told[-1], before, weigh))
    told += pipeline.ticks(END_MS + TAIL_MS)  # the same end for all, whoever else is there
    return Play(
        tuple(transition for one in told for transition in one.transitions),
        tuple(event.body for one in told for event in one.step.events),
        tuple(steps),
        tuple(states),
    )


def told_of(transitions: Sequence[Transition], order: str) -> Lines:
    """What was told under one order, exactly, whatever other orders stand beside it."""
    return tuple(
        msgspec.msgpack.encode(replace(one, orders_revision="")) for one in transitions if one.incident.order == order
    )


def crowd(days: Sequence[SwarmDay]) -> Mapping[int, Lines]:
    """What is told of each of several pairs that share an engine, by number."""
    transitions = play(batches(days)).transitions
    return {day.number: told_of(transitions, day.order) for day in days}


def record(day: SwarmDay, together: Lines) -> Record:
    """Play a day in every way. Where two ways at once give the same as none, each of them does."""
    given = batches([day])
    looked_at = several(given)
    alone = play(given, watched=day, looked_at=looked_at)
    restarts_ms = day.faults.engine_restarts_ms
    replayed = restarted = play(given, restarts_ms).alerts
    if restarted != alone.alerts:
        replayed = play(given).alerts
    said = told_of(alone.transitions, day.order)
    mixed = shuffled(given, _chance(day, SHUFFLE))
    share = day.faults.doubled
    both = play(doubled(mixed, share, _chance(day, DOUBLE)), looked_at=looked_at)
    once = twice = told_of(both.transitions, day.order)
    states = both.states
    if (once, states) != (said, alone.states):
        one = play(mixed, looked_at=looked_at)
        other = told_of(play(doubled(given, share, _chance(day, DOUBLE))).transitions, day.order)
        states = one.states
        if once == said or (told_of(one.transitions, day.order), other) != (said, said):
            once, twice = told_of(one.transitions, day.order), other
    return Record(day, alone, replayed, restarted, once, states, twice, together)


def _chance(day: SwarmDay, purpose: int) -> np.random.Generator:
    return np.random.default_rng([day.seed, day.number, purpose])
