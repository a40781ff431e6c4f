# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The victim-proximity monitor authors
"""Schedules: from hours by the clock on the wall to instants, with the offsets that the order book brings along.

Hours begin at the first instant at which the clock reads their beginning or later, and end after the last at which it
reads less than their end. So hours that the clock goes through twice hold from the first time to the second, and an
hour that it leaps over is the instant of the leap (decision 0013).
"""

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple, TypeAlias

from proximity.engine.state import State, floor_to_second
from proximity.geo.world import until_ms
from proximity.kernels.columns import NEVER_MS
from proximity.model.orders import Order, Schedule
from proximity.model.units import DAY_MS, Millis

MINUTE_MS: Final = 60_000
WEEK_DAYS: Final = 7
THURSDAY: Final = 3  # 1970-01-01 was one
# Hours last up to two days; the clock on the wall is up to a day from UTC.
BACK_DAYS: Final = 3
AHEAD_DAYS: Final = BACK_DAYS + 15  # a week, and one more where a clock leapt over the only hours of the first

Changes: TypeAlias = Sequence[tuple[Millis, Millis]]  # of a time zone: (from when, offset from UTC)


class Span(NamedTuple):
    """From when until when something holds."""

    from_ms: Millis
    until_ms: Millis


NEVER: Final = Span(NEVER_MS, NEVER_MS)


def first_reading(changes: Changes, local_ms: Millis) -> Millis:
    """The first instant at which the clock on the wall reads a time, or later."""
    place = max(0, bisect_right(changes, (local_ms - DAY_MS, NEVER_MS)) - 1)
    while True:
        since_ms, offset_ms = changes[place]
        instant_ms = max(since_ms, local_ms - offset_ms)
        place += 1
        if place == len(changes) or instant_ms < changes[place][0]:
            return instant_ms


def last_reading(changes: Changes, local_ms: Millis) -> Millis:
    """The end of the last stretch in which the clock on the wall reads less than a time."""
    place = bisect_right(changes, (local_ms + DAY_MS, NEVER_MS)) - 1
    while place > 0 and changes[place][0] + changes[place][1] >= local_ms:
        place -= 1
    end_ms = changes[place + 1][0] if place + 1 < len(changes) else NEVER_MS
    return min(end_ms, local_ms - changes[place][1])


def days_of(schedule: Schedule, first: int) -> Iterator[int]:
    """The days from one on, rising, on which hours may begin; those after the last repeat the week."""
    dates = [exception.day for exception in schedule.exceptions if exception.day >= first]
    if any(schedule.weekly):
        yield from range(first, max([first, *dates]) + AHEAD_DAYS)
    else:
        yield from dates


def spans_of(schedule: Schedule, changes: Changes, instant_ms: Millis) -> Iterator[Span]:
    """The hours that begin from some days before an instant on, one after another; they may touch and overlap."""
    exceptions = {exception.day: exception.hours for exception in schedule.exceptions}
    for day in days_of(schedule, instant_ms // DAY_MS - BACK_DAYS):
        for hours in exceptions.get(day, schedule.weekly[(day + THURSDAY) % WEEK_DAYS]):
            midnight_ms = day * DAY_MS
            span = Span(
                first_reading(changes, midnight_ms + hours.from_min * MINUTE_MS),
                last_reading(changes, midnight_ms + hours.until_min * MINUTE_MS),
            )
            if span.from_ms < span.until_ms:
                yield span


def hours_at(schedule: Schedule, changes: Changes, instant_ms: Millis) -> Span:
    """The hours that hold at an instant, or else the next; NEVER where none come.

    Hours that touch or overlap are one, but no longer than some days before and after the instant: as they end, the
    rest is found.
    """
    found = NEVER
    for span in spans_of(schedule, changes, instant_ms):
        ahead = found is not NEVER and found.until_ms > instant_ms
        if ahead and (span.from_ms > found.until_ms or found.until_ms > instant_ms + WEEK_DAYS * DAY_MS):
            break
        joins = found is not NEVER and span.from_ms <= found.until_ms
        found = Span(found.from_ms, max(found.until_ms, span.until_ms)) if joins else span
    return found if found.until_ms > instant_ms else NEVER


def in_order(order: Order, span: Span, instant_ms: Millis) -> Span:
    """What of hours, at an instant or at the beginning of the order if that is later, lies within the order."""
    span = Span(max(span.from_ms, order.valid_from_ms), min(span.until_ms, until_ms(order)))
    return span if span.from_ms < span.until_ms and instant_ms < span.until_ms else NEVER


def follow_schedules(state: State, now_ms: Millis) -> None:
    """Before a judgement: rows whose hours are over get those that hold now, or the next."""
    second_ms = floor_to_second(now_ms)
    if second_ms < state.hours_ms or not state.world.schedules:
        state.hours_ms = state.hours_ms if state.world.schedules else NEVER_MS
        return
    columns = state.columns
    columns = columns._replace(from_ms=columns.from_ms.copy(), until_ms=columns.until_ms.copy())
    found: dict[tuple[Schedule, Millis], Span] = {}  # most orders have the same few
    for row, schedule in state.world.schedules:
        if columns.until_ms[row] > second_ms:
            continue
        order = state.subjects[row].order
        from_ms = max(second_ms, order.valid_from_ms)
        span = found.get((schedule, from_ms))
        if span is None:
            span = found[schedule, from_ms] = hours_at(schedule, state.world.offsets[schedule.time_zone], from_ms)
        columns.from_ms[row], columns.until_ms[row] = in_order(order, span, second_ms)
        # It is due since its hours have ended, or as the snapshot says; but not where its own fix has judged it since.
        if state.rows.due_ms[row] > columns.until_ms[row]:
            state.rows.due_ms[row] = 0
    state.columns = columns
    state.hours_ms = min(int(columns.until_ms[row]) for row, _ in state.world.schedules)
