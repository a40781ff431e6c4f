# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The victim-proximity monitor authors
"""Ages of devices, parties and doubts, which stand still while the service can hear nobody (decision 0017)."""

from collections.abc import Sequence

import numpy as np

from proximity.engine.deaf import deaf_since_ms, deaf_until_ms, lose, resume
from proximity.engine.flood import heard_ms
from proximity.engine.health import to_ms
from proximity.engine.state import State, floor_to_second
from proximity.kernels.admission import notice_silence
from proximity.kernels.columns import NEVER_MS, UNKNOWN_MS, records_of
from proximity.model.inputs import Connection
from proximity.model.units import Millis


def hear(state: State, given: Sequence[Connection], now_ms: Millis) -> None:
    """What became of the session with the broker; of several at one step the last by place holds."""
    for one in sorted(given, key=lambda one: (one.place, one.connected)):
        if one.connected:
            if state.hearing.lost:  # from the next whole second on time counts again: look at every row once
                np.minimum(state.rows.due_ms, now_ms, out=state.rows.due_ms)
            state.hearing = resume(state.hearing, now_ms, to_ms(state.judging.floods.resume_s))
        else:
            state.hearing = lose(state.hearing, now_ms)


def look_for_silence(state: State, now_ms: Millis) -> Millis:
    """Set or clear who is silent; gives when time alone changes that next.

    Time alone changes things at whole seconds: an input of one group must not hasten another's (DESIGN 5).
    """
    second_ms = floor_to_second(now_ms)
    deaf_ms = np.zeros(len(state.world.device_ids), np.int64)
    if state.hearing.spans:
        deaf_ms = deaf_since_ms(state.hearing, heard_ms(state), second_ms)
    offline_ms = state.health.shown["offline_ms"]
    next_ms = notice_silence(
        second_ms, records_of(state.devices), state.world.devices.interval_ms, state.world.devices.rest_interval_ms,
        state.silent_after_ms, offline_ms, deaf_ms,
    )  # fmt: skip
    return NEVER_MS if state.hearing.lost else int(next_ms)


def stand_still(state: State, before_ms: Millis, now_ms: Millis) -> None:
    """Before a judgement: how much of each party's age nobody could be heard, and doubts that do not grow older."""
    if not state.hearing.spans:
        return
    state.parties.still[:] = state.hearing.lost
    state.parties.deaf_ms[:] = deaf_since_ms(state.hearing, state.parties.heard_ms, now_ms)
    state.parties.vouched_deaf_ms[:] = deaf_since_ms(state.hearing, state.parties.vouched_ms, now_ms)
    then_ms, until_now_ms = deaf_until_ms(state.hearing, np.array([before_ms, now_ms], np.int64)).tolist()
    for since_ms in (state.rows.doubt_ms, state.rows.blame_ms):
        since_ms[since_ms != UNKNOWN_MS] += until_now_ms - then_ms
