# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The victim-proximity monitor authors
"""Rows judged by the kernels, and what their changes mean for incidents."""

from math import dist
from typing import Final

import numpy as np
from msgspec.structs import replace

from proximity.engine.health import to_ms
from proximity.engine.incident import (
    SEVERITY_OF,
    About,
    certainty_of,
    change_level,
    open_incident,
    resolve,
    told,
)
from proximity.engine.levels import note_levels
from proximity.engine.state import State, floor_to_second
from proximity.engine.wanted import weigh_rows
from proximity.geo.world import Subject, until_ms
from proximity.kernels.approach import meeting
from proximity.kernels.columns import records_of
from proximity.kernels.judgement import judge, select
from proximity.kernels.probability import quantile_m
from proximity.model.incidents import Evidence, Incident, Transition
from proximity.model.units import MILLIS_PER_SECOND, EarthCentred, Metres, Millis, Seconds
from proximity.model.words import Cause, Change, Kind, Level, Moving, Severity

# in the order of the numbers in proximity.kernels.levels; 0 is "no change"
CAUSES: Final = (
    None,
    Cause.FIRST_JUDGEMENT,
    Cause.LIMIT_CROSSED,
    Cause.CONFIRMED,
    Cause.UNCONTRADICTED,
    Cause.APART,
    Cause.ORDER_CHANGED,
    Cause.LAST_KNOWN_PLACE,
    Cause.PASSED,
    Cause.APPROACHING,
    Cause.NEAR_STEADY,
    Cause.NEARER,
    Cause.TRAVELLING_TOGETHER,
)
# in the order of the numbers in proximity.kernels.blindness; 0 is "it can be told"
DOUBTS: Final = (None, Cause.COARSE, Cause.STALE, Cause.OFF_WEARER)
MOVING: Final = {
    (True, True): Moving.BOTH,
    (True, False): Moving.WEARER,
    (False, True): Moving.PROTECTED,
    (False, False): Moving.NOBODY,
}
LOW_QUANTILE: Final = 0.025
HIGH_QUANTILE: Final = 0.975
NORMAL_BOUND: Final = 1.96  # standard deviations to the 97.5 % quantile of a normal distribution


def judge_rows(state: State, now_ms: Millis) -> tuple[list[Transition], Millis]:
    """Judge what has news or was due at the last whole second: the transitions by row, and when next."""
    columns, rows = state.columns, state.rows
    people, records = records_of(state.parties), records_of(rows)
    chosen = np.zeros(len(columns.wearer), np.int32)
    second_ms = floor_to_second(now_ms)
    chosen = chosen[: select(second_ms, columns.wearer, columns.protected, people, records, chosen)]
    before_level, before_certain = rows.level[chosen], rows.certain[chosen]
    before_blind, before_quiet = rows.blind[chosen], rows.quiet[chosen]
    cause = np.zeros(len(chosen), np.int8)
    next_ms = judge(
        chosen, now_ms, state.kernel_numbers, columns.wearer, columns.protected, columns.zone, columns.limits_m,
        columns.reaction_s, columns.from_ms, columns.until_ms, len(state.world.subjects), people,
        state.world.zones, records, cause,
    )  # fmt: skip
    weigh_rows(state, chosen, now_ms)
    note_levels(state, chosen[rows.level[chosen] != before_level].tolist(), now_ms)
    state.parties.touched[:] = False
    state.parties.stirred[:] = False
    hushed = before_quiet & (rows.quiet[chosen] | (rows.level[chosen] == 0))  # told no more, and not told anew
    moved = ((cause != 0) | (rows.certain[chosen] & ~before_certain)) & ~hushed
    transitions: list[Transition] = []
    for place in np.flatnonzero(moved | (rows.blind[chosen] != before_blind)).tolist():
        row = int(chosen[place])
        if moved[place]:
            level = Level(int(before_level[place]))
            transitions.append(row_transition(state, row, level, CAUSES[int(cause[place])], now_ms))
        if rows.blind[row] != before_blind[place]:
            transitions.append(blind_transition(state, row, now_ms))
    return transitions, int(next_ms)


def age_s(state: State, party: int, now_ms: Millis) -> Seconds | None:
    """How long ago the party was heard, by the device that leads; None where it never was."""
    heard_ms = int(state.parties.heard_ms[party])
    return (now_ms - heard_ms) / MILLIS_PER_SECOND if heard_ms >= 0 else None


def bounds_m(distance_m: Metres, sigma_m: Metres, *, link: bool) -> tuple[Metres, Metres]:
    """Between what a distance lies with 95 %: of two parties, or of one and a zone."""
    if link:
        return quantile_m(distance_m, sigma_m, LOW_QUANTILE), quantile_m(distance_m, sigma_m, HIGH_QUANTILE)
    return distance_m - NORMAL_BOUND * sigma_m, distance_m + NORMAL_BOUND * sigma_m


def evidence_of(state: State, row: int, level: Level, now_ms: Millis) -> Evidence:
    """The judgement of a row as it stands. The probability is that of `level`, of warning where there is none."""
    columns = state.columns
    wearer, protected = int(columns.wearer[row]), int(columns.protected[row])
    distance_m, sigma_m = float(state.rows.distance_m[row]), float(state.rows.sigma_m[row])
    ages = age_s(state, wearer, now_ms), age_s(state, protected, now_ms) if protected >= 0 else None
    if np.isnan(distance_m):
        return Evidence(wearer_fix_age_s=ages[0], protected_fix_age_s=ages[1])
    low_m, high_m = bounds_m(distance_m, sigma_m, link=protected >= 0)
    return Evidence(
        expected_m=distance_m,
        low_m=low_m,
        high_m=high_m,
        probability=float(state.rows.probability[row, max(level, Level.WARNING) - 1]),
        wearer_fix_age_s=ages[0],
        protected_fix_age_s=ages[1],
    )


def place_of(state: State, party: int) -> EarthCentred | None:
    """Where a party was last seen; None where it never was."""
    if party < 0 or state.parties.fixed_ms[party] < 0:
        return None
    x, y, z = state.parties.position[party].tolist()
    return x, y, z


def going_of(state: State, row: int, incident: Incident, evidence: Evidence, now_ms: Millis) -> Evidence:
    """The evidence, with how the parties of a link move: towards each other or not, and since the incident opened."""
    wearer, protected = int(state.columns.wearer[row]), int(state.columns.protected[row])
    places = place_of(state, wearer), place_of(state, protected)
    moved_m = tuple(
        None if then is None or now is None else dist(then, now)
        for then, now in zip(incident.origin, places, strict=True)
    )
    evidence = replace(evidence, moved_m=(moved_m[0], moved_m[1]))
    if protected < 0 or evidence.expected_m is None:
        return evidence
    _, _, closing_mps = meeting(records_of(state.parties), wearer, protected, now_ms, 0.0, state.kernel_numbers)
    beyond_m = max(0.0, evidence.expected_m - float(state.columns.limits_m[row, 1]))
    at_rest_mps = state.numbers.at_rest_mps
    comes = closing_mps >= at_rest_mps
    paces_mps = float(state.parties.pace_mps[wearer]), float(state.parties.pace_mps[protected])
    return replace(
        evidence,
        closing_mps=float(closing_mps),
        time_to_limit_s=beyond_m / closing_mps if comes else None,
        time_to_contact_s=evidence.expected_m / closing_mps if comes else None,
        moving=MOVING[paces_mps[0] >= at_rest_mps, paces_mps[1] >= at_rest_mps],
        pace_mps=max(paces_mps),
    )


def row_transition(state: State, row: int, before: Level, cause: Cause | None, now_ms: Millis) -> Transition:
    """Carry a row's change over to its incident. No cause: the same level has become certain."""
    subject = state.subjects[row]
    level = Level(int(state.rows.level[row]))
    incident = state.incidents.get(subject.key)
    if incident is None:
        if cause is None or level is Level.CLEAR:
            raise AssertionError(f"row {row} changed from {before} to {level} without an incident")
        before, change = Level.CLEAR, Change.OPENED
        incident = open_incident(
            subject.order,
            subject.kind,
            about_of(subject),
            now_ms,
            level=level,
            severity=SEVERITY_OF[level],
            cause=cause,
        )
        wearer, protected = int(state.columns.wearer[row]), int(state.columns.protected[row])
        incident = replace(incident, origin=(place_of(state, wearer), place_of(state, protected)))
    elif cause is None or cause is Cause.TRAVELLING_TOGETHER:
        change = Change.UPDATED
        incident = replace(incident, seq=incident.seq + 1, cause=cause or Cause.CONFIRMED)
    elif cause in (Cause.ORDER_CHANGED, Cause.NEAR_STEADY):
        level, change = Level.CLEAR, Change.RESOLVED
        incident = resolve(incident, cause if cause is Cause.NEAR_STEADY else out_of_force(subject, now_ms))
    else:
        rearm_ms = 0 if state.rows.rearmed[row] else to_ms(state.judging.rearm_after_s)
        known = bool(state.rows.together[row])
        incident, change = change_level(incident, level, cause, now_ms, rearm_ms, known=known)
    incident = replace(
        incident,
        certainty=certainty_of(certain=bool(state.rows.certain[row]), level=level),
        possible_level=Level.CLEAR if incident.resolved else Level(max(int(state.rows.possible[row]), level)),
        inclusion=subject.inclusion,
    )
    state.rows.rearmed[row] &= level <= before
    state.keep(subject.key, incident)
    evidence = going_of(state, row, incident, evidence_of(state, row, max(level, before), now_ms), now_ms)
    return told(incident, change, now_ms, before, evidence, state.world.book.revision)


def about_of(subject: Subject) -> About:
    """What an incident on a row is about."""
    return About(subject.what, subject.wearer, subject.protected, zone=subject.zone)


def out_of_force(subject: Subject, now_ms: Millis) -> Cause:
    """Why a row is not judged: its order is not in force, or else these are not its hours."""
    in_force = subject.order.valid_from_ms <= now_ms < until_ms(subject.order)
    return Cause.SCHEDULE if in_force else Cause.ORDER_CHANGED


def blind_transition(state: State, row: int, now_ms: Millis) -> Transition:
    """Open the incident of a row that nobody can tell of, or close it."""
    subject = state.subjects[row]
    incident = state.incidents.get(subject.blind_key)
    if incident is None:
        cause = DOUBTS[int(state.rows.doubt_why[row])]
        if cause is None:
            raise AssertionError(f"row {row} is blind for no reason")
        opened = open_incident(
            subject.order, Kind.BLIND, about_of(subject), now_ms, severity=Severity.MINOR, cause=cause
        )
        possible = Level(int(state.rows.possible[row]))
        incident = replace(opened, possible_level=possible, inclusion=subject.inclusion)
        change = Change.OPENED
    else:
        in_force = state.columns.from_ms[row] <= now_ms < state.columns.until_ms[row]
        incident = resolve(incident, Cause.RULED_OUT if in_force else out_of_force(subject, now_ms))
        change = Change.RESOLVED
    state.keep(subject.blind_key, incident)
    evidence = evidence_of(state, row, Level.BREACH, now_ms)
    return told(incident, change, now_ms, Level.CLEAR, evidence, state.world.book.revision)
