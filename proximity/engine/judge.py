# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The victim-proximity monitor authors
"""Rows judged by the kernels, and what their changes mean for incidents."""

from typing import Final

import numpy as np
from msgspec.structs import replace

from proximity.engine.incident import (
    SEVERITY_OF,
    About,
    certainty_of,
    change_level,
    open_incident,
    resolve,
    told,
)
from proximity.engine.state import State, floor_to_second, to_ms
from proximity.geo.world import until_ms
from proximity.kernels.judgement import judge, select
from proximity.kernels.probability import quantile_m
from proximity.kernels.zones import WITHIN
from proximity.model.incidents import Evidence, Transition
from proximity.model.units import MILLIS_PER_SECOND, Millis, Seconds
from proximity.model.words import Cause, Change, Level

# in the order of the numbers in proximity.kernels.judgement; 0 is "no change"
CAUSES: Final = (
    None,
    Cause.FIRST_JUDGEMENT,
    Cause.LIMIT_CROSSED,
    Cause.CONFIRMED,
    Cause.UNCONTRADICTED,
    Cause.APART,
    Cause.ORDER_CHANGED,
)
LOW_QUANTILE: Final = 0.025
HIGH_QUANTILE: Final = 0.975
NORMAL_BOUND: Final = 1.96  # standard deviations to the 97.5 % quantile of a normal distribution


def judge_rows(state: State, now_ms: Millis) -> tuple[list[Transition], Millis]:
    """Judge what has new positions or was due at the last whole second: the transitions by row, and when next."""
    columns = state.columns
    chosen = np.zeros(len(columns.wearer), np.int32)
    second_ms = floor_to_second(now_ms)
    chosen = chosen[: select(second_ms, columns.wearer, columns.protected, state.parties, state.rows, chosen)]
    before_level = state.rows.level[chosen]
    before_certain = state.rows.certain[chosen]
    cause = np.zeros(len(chosen), np.int8)
    next_ms = judge(
        chosen, now_ms, state.numbers, columns.wearer, columns.protected, columns.zone, columns.limits_m,
        columns.from_ms, columns.until_ms, state.parties, state.world.zones, state.rows, cause,
    )  # fmt: skip
    state.parties.touched[:] = False
    surer = state.rows.certain[chosen] & ~before_certain
    moved = np.flatnonzero((cause != 0) | surer)
    transitions = [
        row_transition(state, int(chosen[place]), Level(int(before_level[place])), CAUSES[int(cause[place])], now_ms)
        for place in moved
    ]
    return transitions, int(next_ms)


def age_s(state: State, party: int, now_ms: Millis) -> Seconds | None:
    """How old the party's newest position is; None where there is none."""
    fixed_ms = int(state.parties.fixed_ms[party])
    return (now_ms - fixed_ms) / MILLIS_PER_SECOND if fixed_ms >= 0 else None


def evidence_of(state: State, row: int, level: Level, now_ms: Millis) -> Evidence:
    """The judgement of a row as it stands. The probability is that of `level`, of warning where there is none."""
    columns = state.columns
    wearer, protected = int(columns.wearer[row]), int(columns.protected[row])
    distance_m, sigma_m = float(state.rows.distance_m[row]), float(state.rows.sigma_m[row])
    ages = age_s(state, wearer, now_ms), age_s(state, protected, now_ms) if protected >= 0 else None
    if np.isnan(distance_m):
        return Evidence(wearer_fix_age_s=ages[0], protected_fix_age_s=ages[1])
    if protected >= 0:
        bounds_m = quantile_m(distance_m, sigma_m, LOW_QUANTILE), quantile_m(distance_m, sigma_m, HIGH_QUANTILE)
    else:
        bounds_m = distance_m - NORMAL_BOUND * sigma_m, distance_m + NORMAL_BOUND * sigma_m
    return Evidence(
        expected_m=distance_m,
        low_m=bounds_m[0],
        high_m=bounds_m[1],
        probability=float(state.rows.probability[row, max(level, Level.WARNING) - 1]),
        wearer_fix_age_s=ages[0],
        protected_fix_age_s=ages[1],
    )


def row_transition(state: State, row: int, before: Level, cause: Cause | None, now_ms: Millis) -> Transition:
    """Carry a row's change over to its incident. No cause: the same level has become certain."""
    subject = state.subjects[row]
    level = Level(int(state.rows.level[row]))
    incident = state.incidents.get(subject.key)
    if incident is None:
        if cause is None or level is Level.CLEAR:
            raise AssertionError(f"row {row} changed from {before} to {level} without an incident")
        change = Change.OPENED
        about = About(subject.what, subject.wearer, subject.protected, zone=subject.zone)
        severity = SEVERITY_OF[level]
        incident = open_incident(
            subject.order, subject.kind, about, now_ms, level=level, severity=severity, cause=cause
        )
    elif cause is None:
        change = Change.UPDATED
        incident = replace(incident, seq=incident.seq + 1, cause=Cause.CONFIRMED)
    elif cause is Cause.ORDER_CHANGED:
        change = Change.RESOLVED
        in_force = subject.order.valid_from_ms <= now_ms < until_ms(subject.order)
        incident = resolve(incident, Cause.SCHEDULE if in_force else cause)
    else:
        incident, change = change_level(incident, level, cause, now_ms, to_ms(state.judging.rearm_after_s))
    incident = replace(
        incident,
        certainty=certainty_of(certain=bool(state.rows.certain[row]), level=level),
        possible_level=Level(max(int(state.rows.possible[row]), level)) if not incident.resolved else Level.CLEAR,
        inclusion=subject.zone is not None and bool(state.world.zones.sense[state.columns.zone[row]] == WITHIN),
    )
    state.keep(subject.key, incident)
    return told(
        incident, change, now_ms, before, evidence_of(state, row, max(level, before), now_ms), state.world.book.revision
    )
