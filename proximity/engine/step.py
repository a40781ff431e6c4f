# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The victim-proximity monitor authors
"""The engine is one function."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from proximity.engine.admit import admit_fixes, admit_statuses, follow_tags
from proximity.engine.area import follow_area_zones
from proximity.engine.command import acknowledge_all, end_troubles
from proximity.engine.device import device_transitions, orders_turning
from proximity.engine.health import count_refused
from proximity.engine.judge import judge_rows
from proximity.engine.late import end_unjudged, judge_late
from proximity.engine.levels import forget_levels
from proximity.engine.revise import revise
from proximity.engine.schedule import follow_schedules
from proximity.engine.state import State, ceil_to_second, floor_to_second
from proximity.engine.system import system_transitions
from proximity.kernels.admission import notice_silence
from proximity.kernels.columns import NEVER_MS
from proximity.model.incidents import Transition
from proximity.model.inputs import Acknowledgement, Fix, Input, Refit, Refusal, Resolution, Revision, Status
from proximity.model.orders import Order
from proximity.model.units import Millis


class Events(NamedTuple):
    """What a step has to tell: to people, and of inputs that were not taken."""

    transitions: tuple[Transition, ...]
    refusals: tuple[Refusal, ...]


def precedence(revision: Revision) -> tuple[str, str]:
    """Which of several revisions in one step holds: any, but the same whatever their order."""
    return revision.book.revision, repr(revision.judging)


def step(state: State, inputs: Sequence[Input], now_ms: Millis) -> tuple[State, Events, Millis]:
    """Admit everything, then judge once. Gives the state, the events, and the whole second that is due next.

    The state is changed in place. `now_ms` must be later than at the step before: else ValueError. Permuting `inputs`
    changes no transition. A step without inputs before the due second would change nothing.
    """
    if now_ms <= state.now_ms:
        raise ValueError(f"time must rise: {now_ms} after {state.now_ms}")
    before_ms, world_before = state.now_ms, state.world
    transitions: list[Transition] = []
    revisions = [given for given in inputs if isinstance(given, Revision)]
    if revisions:
        state, transitions = revise(state, max(revisions, key=precedence), now_ms)
    seen, refusals = acknowledge_all(state, [given for given in inputs if isinstance(given, Acknowledgement)], now_ms)
    transitions += seen  # before the judgement: nobody has seen what it brings
    troubles = state.devices.troubles.copy()
    # before what devices say: unknown is never safe, so what they say in the same step holds
    refusals += end_troubles(state, [given for given in inputs if isinstance(given, Refit | Resolution)], now_ms)
    reported, refused = admit_statuses(state, [given for given in inputs if isinstance(given, Status)], now_ms)
    follow_tags(state)
    refusals += refused + [given for given in inputs if isinstance(given, Refusal)]
    refused, late = admit_fixes(state, [given for given in inputs if isinstance(given, Fix)], now_ms)
    refusals += refused
    end_unjudged(state, now_ms)
    # time alone changes things at whole seconds: an input of one group must not hasten another's (DESIGN 5)
    offline_ms = state.health.shown["offline_ms"]
    silence_ms = notice_silence(floor_to_second(now_ms), state.devices, state.silent_after_ms, offline_ms)
    state.now_ms = now_ms
    turned: Sequence[Order] = state.world.book.orders if revisions else ()
    place = int(np.searchsorted(state.boundaries_ms, now_ms, side="right"))
    boundary_ms = int(state.boundaries_ms[place]) if place < len(state.boundaries_ms) else NEVER_MS
    if not revisions and place > int(np.searchsorted(state.boundaries_ms, before_ms, side="right")):
        turned = orders_turning(state.world.book, before_ms, now_ms)
    transitions += device_transitions(state, troubles, reported, turned, now_ms)
    follow_area_zones(state, world_before, before_ms)
    follow_schedules(state, now_ms)
    judged, rows_ms = judge_rows(state, now_ms)
    transitions += judged
    transitions += judge_late(state, late, now_ms)
    forget_levels(state, before_ms, now_ms)
    transitions += system_transitions(state, refusals, now_ms)
    count_refused(state.world, state.health.refused, refusals)
    state.counts.refuse(str(refusal.reason) for refusal in refusals)
    due_ms = ceil_to_second(min(int(silence_ms), rows_ms, boundary_ms, state.hours_ms, state.late_due_ms))
    return state, Events(tuple(transitions), tuple(refusals)), due_ms
