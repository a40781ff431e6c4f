# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The victim-proximity monitor authors
"""Inputs into the tables: fixes in one pass of the gate, statuses one by one."""

from collections.abc import Sequence
from typing import Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from proximity.engine.health import to_ms
from proximity.engine.history import blank_fixes, with_room
from proximity.engine.state import State
from proximity.engine.trouble import BY_STATUS, DISTURBED, OFF_WEARER, Trouble
from proximity.kernels.admission import (
    ADMITTED,
    AHEAD,
    DUPLICATE,
    LATE,
    MARKED,
    OUTCOMES,
    UNJUDGED,
    admit,
    count_outcomes,
    follow_off_wearer,
    tell_past,
)
from proximity.kernels.columns import UNKNOWN_MS, FixColumns, records_of
from proximity.kernels.devices import (
    BATTERY_CRITICAL_BIT,
    BATTERY_LOW_BIT,
    DISTURBED_BITS,
    LEFT_HOME_BIT,
    UNJUDGED_BIT,
)
from proximity.model.inputs import Fix, Refusal, Status
from proximity.model.units import Millis
from proximity.model.words import Cause, Refused, Severity, StatusEvent

STATUSES_KEPT: Final = 8  # of a device and event, for duplicates: a broker may send several again
REASONS: Final = {DUPLICATE: Refused.DUPLICATE, AHEAD: Refused.AHEAD}
NO_FIXES: Final = blank_fixes(0)[0]

UNKNOWN_ROW: Final = -1

Order: TypeAlias = NDArray[np.intp]


def sorted_columns(rows: Sequence[int], fixes: Sequence[Fix]) -> tuple[FixColumns, Order]:
    """The fixes of devices in these rows as columns, sorted by device, fixed_at and content, and their order.

    That of arrival means nothing.
    """
    columns = FixColumns(
        device=np.array(rows, np.int32),
        fixed_ms=np.array([fix.fixed_at_ms for fix in fixes], np.int64),
        lat_deg=np.array([fix.lat_deg for fix in fixes], np.float64),
        lon_deg=np.array([fix.lon_deg for fix in fixes], np.float64),
        accuracy_m=np.array([fix.accuracy_m for fix in fixes], np.float64),
        speed_mps=np.array([fix.speed_mps for fix in fixes], np.float64),
        course_deg=np.array([fix.course_deg for fix in fixes], np.float64),
        seq=np.array([fix.seq for fix in fixes], np.int64),
        battery_pct=np.array([fix.battery_pct for fix in fixes], np.float64),
    )
    order = np.lexsort((columns.fixed_ms, columns.device))
    device, fixed_ms = columns.device[order], columns.fixed_ms[order]
    if ((device[1:] == device[:-1]) & (fixed_ms[1:] == fixed_ms[:-1])).any():  # seldom: then content tells
        order = np.lexsort(columns[::-1])  # by the first column first; NaN (no speed) comes last
    return FixColumns._make(column[order] for column in columns), order


def admit_fixes(state: State, fixes: Sequence[Fix], now_ms: Millis) -> tuple[list[Refusal], FixColumns]:
    """Pass all fixes of a step through the gate; the refusals say why. Also gives those that are to be judged late."""
    row_of = state.world.device_row.get
    rows, known, refusals = [row_of(fix.device, UNKNOWN_ROW) for fix in fixes], fixes, list[Refusal]()
    if UNKNOWN_ROW in rows:
        known = [fix for fix, row in zip(fixes, rows, strict=True) if row != UNKNOWN_ROW]
        strangers = [fix for fix, row in zip(fixes, rows, strict=True) if row == UNKNOWN_ROW]
        refusals = [Refusal(Refused.UNKNOWN_DEVICE, fix.device, place=fix.place) for fix in strangers]
        rows = [row for row in rows if row != UNKNOWN_ROW]
    if not known:
        return refusals, NO_FIXES
    columns, order = sorted_columns(rows, known)
    state.history = with_room(state.history, columns.device)
    outcome = np.zeros(len(known), np.int8)
    world = state.world.devices
    admit(
        columns, now_ms, state.kernel_numbers, world.party, world.interval_ms, world.rest_interval_ms,
        records_of(state.devices), state.history, records_of(state.parties), state.watching, outcome,
    )  # fmt: skip
    tally, past = np.zeros(OUTCOMES, np.int64), np.zeros(len(known), np.bool_)
    count_outcomes(columns.device, outcome, state.watching, tally)
    state.counts.accepted += int(tally[ADMITTED] + tally[LATE] + tally[MARKED] + tally[UNJUDGED])
    state.counts.late += int(tally[LATE])
    state.counts.marked += int(tally[MARKED])
    state.counts.unjudged += int(tally[UNJUDGED])
    if tally[UNJUDGED]:
        too_old = columns.device[outcome == UNJUDGED]
        state.devices.troubles[too_old] |= UNJUDGED_BIT
        state.health.shown["unjudged_ms"][too_old] = now_ms
        state.late_due_ms = min(state.late_due_ms, now_ms + to_ms(state.judging.late_for_s))
    if tally[DUPLICATE] or tally[AHEAD]:
        for place in np.flatnonzero((outcome == DUPLICATE) | (outcome == AHEAD)):
            fix = known[order[place]]
            refusals.append(Refusal(REASONS[int(outcome[place])], fix.device, place=fix.place))
    if not tell_past(columns, outcome, now_ms, records_of(state.devices), past):
        return refusals, NO_FIXES
    return refusals, FixColumns._make(column[past] for column in columns)


def take_trouble(state: State, row: int, trouble: Trouble, now_ms: Millis) -> None:
    """A device says what is wrong with it."""
    troubles = state.devices.troubles
    if trouble.cause is Cause.BATTERY_LOW and troubles[row] & BATTERY_CRITICAL_BIT:
        return  # that says more
    if trouble.bit in (BATTERY_LOW_BIT, BATTERY_CRITICAL_BIT):
        take_off_charger(state, row)
        troubles[row] &= ~BATTERY_LOW_BIT
    troubles[row] |= trouble.bit
    if trouble.cause in OFF_WEARER:  # where the wearer was last seen can no longer lower a level
        party = state.world.devices.party[row]
        state.parties.marked[party] = True
        state.parties.stirred[party] = True
    if trouble.cause in DISTURBED:
        state.health.shown["disturbed_ms"][row] = now_ms
        state.health.shown["steady_fixes"][row] = 0


def follow_tags(state: State) -> None:
    """Whose tag is off its wearer now: their links are judged anew where that has changed."""
    off = np.empty(state.world.parties, np.bool_)
    follow_off_wearer(state.world.devices.party, records_of(state.devices), records_of(state.parties), off)


def take_off_charger(state: State, row: int) -> None:
    """A device is not on its charger: it is not left there either."""
    state.health.shown["charging_ms"][row] = UNKNOWN_MS
    state.devices.troubles[row] &= ~LEFT_HOME_BIT


def take_news(state: State, row: int, event: StatusEvent, now_ms: Millis) -> None:
    """A device says what is right with it, or its last will that it is gone."""
    own, troubles = state.health.shown[row], state.devices.troubles
    if event is StatusEvent.CHARGING:
        troubles[row] &= ~(BATTERY_LOW_BIT | BATTERY_CRITICAL_BIT)
        if own["charging_ms"] == UNKNOWN_MS:
            own["charging_ms"] = now_ms
            own["charged_pct"] = np.nan
    elif event is StatusEvent.ONLINE:
        troubles[row] &= ~DISTURBED_BITS
        own["offline_ms"] = UNKNOWN_MS
    elif event is StatusEvent.OFFLINE:  # no incident: silence will tell
        own["offline_ms"] = now_ms


def admit_statuses(
    state: State, statuses: Sequence[Status], now_ms: Millis
) -> tuple[set[tuple[int, Cause]], list[Refusal]]:  # fmt: skip
    """Take what devices say of themselves; gives which troubles were reported, of which device row, and refusals."""
    reported: set[tuple[int, Cause]] = set()
    refusals: list[Refusal] = []
    for status in sorted(statuses, key=lambda status: (status.device, status.at_ms, status.event)):
        row = state.world.device_row.get(status.device)
        if row is None:
            refusals.append(Refusal(Refused.UNKNOWN_DEVICE, status.device, place=status.place))
            continue
        key = (status.device, str(status.event))
        earlier_ms = state.status_at_ms.get(key, ())
        if status.at_ms in earlier_ms:
            refusals.append(Refusal(Refused.DUPLICATE, status.device, place=status.place))
            continue
        if status.at_ms >= 0:
            state.status_at_ms[key] = (*earlier_ms, status.at_ms)[-STATUSES_KEPT:]
        trouble = BY_STATUS.get(status.event)
        if trouble is None:
            take_news(state, row, status.event, now_ms)
        elif state.world.device_is_tag[row] or trouble.cause not in OFF_WEARER:
            take_trouble(state, row, trouble, now_ms)
            if trouble.severity > Severity.MINOR:  # a battery that says again how low it is asks nothing anew
                reported.add((row, trouble.cause))
    return reported, refusals
