# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The victim-proximity monitor authors
"""The engine is one function."""

from collections import defaultdict
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from proximity.engine.admit import admit_fixes, admit_statuses, follow_tags
from proximity.engine.area import follow_area_zones
from proximity.engine.command import acknowledge_all, end_troubles
from proximity.engine.device import device_transitions, orders_turning
from proximity.engine.flood import follow_gone
from proximity.engine.fold import fold
from proximity.engine.health import count_refused
from proximity.engine.hearing import hear, look_for_silence, stand_still
from proximity.engine.judge import judge_rows
from proximity.engine.late import end_unjudged, judge_late
from proximity.engine.levels import forget_levels
from proximity.engine.revise import revise
from proximity.engine.schedule import follow_schedules
from proximity.engine.state import State, ceil_to_second
from proximity.engine.system import flood_transitions, hearing_transitions, orders_transitions, system_transitions
from proximity.engine.wanted import follow_wanted
from proximity.kernels.columns import NEVER_MS
from proximity.model.incidents import Transition
from proximity.model.inputs import (
    Acknowledgement,
    Connection,
    Fix,
    Input,
    OrdersFaults,
    Refit,
    Refusal,
    Resolution,
    Revision,
    Status,
)
from proximity.model.orders import Order
from proximity.model.units import Millis
from proximity.model.wishes import Wish


class Events(NamedTuple):
    """What a step has to tell: to people, of inputs that were not taken, and to devices."""

    transitions: tuple[Transition, ...]
    refusals: tuple[Refusal, ...]
    wishes: tuple[Wish, ...] = ()  # what devices are asked for, where that has changed


def precedence(revision: Revision) -> tuple[str, str]:
    """Which of several revisions in one step holds: any, but the same whatever their order."""
    return revision.book.revision, repr(revision.judging)


def by_kind(inputs: Sequence[Input]) -> defaultdict[type[Input], list[Any]]:
    """The inputs by what they are, each kind in the order given: nearly all are fixes, so they are looked at once."""
    kinds: defaultdict[type[Input], list[Any]] = defaultdict(list)
    for given in inputs:
        kinds[type(given)].append(given)
    return kinds


def step(state: State, inputs: Sequence[Input], now_ms: Millis) -> tuple[State, Events, Millis]:
    """Admit everything, then judge once. Gives the state, the events, and the whole second that is due next.

    The state is changed in place. `now_ms` must be later than at the step before: else ValueError. Permuting `inputs`
    changes no transition. A step without inputs before the due second would change nothing.
    """
    if now_ms <= state.now_ms:
        raise ValueError(f"time must rise: {now_ms} after {state.now_ms}")
    before_ms, world_before, wishes_before = state.now_ms, state.world, state.wishes
    transitions: list[Transition] = []
    given = by_kind(inputs)
    revisions = given[Revision]
    if revisions:
        state, transitions = revise(state, max(revisions, key=precedence), now_ms)
    seen, refusals = acknowledge_all(state, given[Acknowledgement], now_ms)
    transitions += seen  # before the judgement: nobody has seen what it brings
    troubles = state.devices.troubles.copy()
    # before what devices say: unknown is never safe, so what they say in the same step holds
    refusals += end_troubles(state, given[Refit] + given[Resolution], now_ms)
    reported, refused = admit_statuses(state, given[Status], now_ms)
    follow_tags(state)
    refusals += refused + given[Refusal]
    refused, late = admit_fixes(state, given[Fix], now_ms)
    refusals += refused
    end_unjudged(state, now_ms)
    hear(state, given[Connection], now_ms)
    silence_ms = look_for_silence(state, now_ms)
    state.now_ms = now_ms
    turned: Sequence[Order] = state.world.book.orders if revisions else ()
    place = int(np.searchsorted(state.boundaries_ms, now_ms, side="right"))
    boundary_ms = int(state.boundaries_ms[place]) if place < len(state.boundaries_ms) else NEVER_MS
    if not revisions and place > int(np.searchsorted(state.boundaries_ms, before_ms, side="right")):
        turned = orders_turning(state.world.book, before_ms, now_ms)
    transitions += device_transitions(state, troubles, reported, turned, now_ms)
    stand_still(state, before_ms, now_ms)
    follow_area_zones(state, world_before, before_ms)
    follow_schedules(state, now_ms)
    judged, rows_ms = judge_rows(state, now_ms)
    transitions += judged
    transitions += judge_late(state, late, now_ms)
    forget_levels(state, before_ms, now_ms)
    flood = state.flood
    gone = follow_gone(state, now_ms)
    fold(state, transitions, gone, now_ms)
    transitions += system_transitions(state, refusals, now_ms)
    transitions += orders_transitions(state, given[OrdersFaults], now_ms)
    transitions += flood_transitions(state, flood, gone, now_ms)
    told, hearing_ms = hearing_transitions(state, now_ms)
    transitions += told
    count_refused(state.world, state.health.refused, refusals)
    state.counts.refuse(str(refusal.reason) for refusal in refusals)
    wishes, wishes_ms = follow_wanted(state, world_before, wishes_before, turned, now_ms)
    due_ms = ceil_to_second(
        min(silence_ms, rows_ms, boundary_ms, state.hours_ms, hearing_ms, wishes_ms, state.late_due_ms)
    )
    return state, Events(tuple(transitions), tuple(refusals), tuple(wishes)), due_ms
