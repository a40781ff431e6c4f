# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The victim-proximity monitor authors
"""Schedules: weekly hours in local time, and dates on which other hours hold (decision 0013)."""

import datetime as dt
import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from proximity.model.orders import DayException, Hours, Schedule
from proximity.settings.checks import YEARS, Check, Range, Wrong
from proximity.settings.faults import cut, listed, nearest, shown
from proximity.settings.table import MISSING, Table
from proximity.settings.time_zones import EXAMPLE, time_zone

DAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
HOUR_MIN: Final = 60
DAY_MIN: Final = 1440
CLOCK: Final = re.compile(r"([01][0-9]|2[0-4]):([0-5][0-9])")
WINDOWS: Final = Range(1, 64, "entries")
DATES: Final = Range(1, 1_000, "entries")
FIRST_DATE: Final = dt.date(1970, 1, 1)
ALL_DAY: Final = Hours(0, DAY_MIN)


def read_schedule(parent: Table, zone: str | None) -> Schedule | None:
    """The schedule of a zone or a separation; None where there is none, or where it has a fault.

    `zone` is the order's time zone, for schedules that name none of their own.
    """
    table = parent.table("schedule")
    if table is None:
        return None
    name = table.get("time_zone", time_zone, zone)
    if name is None and "time_zone" not in table:
        table.fault("time_zone", f"{MISSING}: write it here or in the order, {EXAMPLE}")
    weekly: list[set[Hours]] = [set() for _ in DAYS]
    for entry in table.tables("weekly", WINDOWS):
        days = entry.need("days", week_days)
        hours = _read_hours(entry)
        entry.done()
        for day in days or ():
            weekly[day] |= hours or set()
    exceptions = _read_exceptions(table.tables("exceptions", DATES))
    table.done()
    if "weekly" not in table and "exceptions" not in table:
        table.fault("weekly", f"{MISSING}: write the hours in which it holds, or leave the schedule out: always")
    if name is None:
        return None
    return Schedule(
        time_zone=name,
        weekly=tuple(tuple(sorted(hours)) for hours in weekly),
        exceptions=tuple(DayException(day, tuple(sorted(hours))) for day, hours in sorted(exceptions.items())),
    )


def _read_hours(table: Table) -> set[Hours] | None:
    """From when until when, over midnight where that is earlier; None where it is at fault."""
    from_min, until_min = table.need("from", clock(0, DAY_MIN - 1)), table.need("until", clock(0, DAY_MIN))
    if from_min is None or until_min is None:
        return None
    if from_min == until_min:
        table.fault("until", 'from and until are the same: write from = "00:00" and until = "24:00" for a whole day')
        return None
    return {Hours(from_min, until_min if until_min > from_min else until_min + DAY_MIN)}


def _read_exceptions(tables: list[Table]) -> Mapping[int, set[Hours]]:
    """The hours of each date that has its own."""
    found: dict[int, set[Hours]] = {}
    whole: set[int] = set()
    for table in tables:
        day, holds = table.need("date", date), table.get("holds", flag, None)
        timed = "from" in table or "until" in table
        hours = (_read_hours(table) or set()) if timed else ({ALL_DAY} if holds else set())
        if timed and holds is False:
            table.fault(
                "holds", "it does not hold on this date, so it has no hours: leave out from and until, or holds"
            )
        if not timed and "holds" not in table:
            table.fault("holds", f"{MISSING}: write false, or true for the whole day, or from and until")
        table.done()
        if day is None:
            continue
        if day in whole or (day in found and not timed):
            table.fault("date", "another exception is for this date too: keep one, or write hours in both")
        whole |= set() if timed else {day}
        found.setdefault(day, set()).update(hours)
    return MappingProxyType(found)


def week_days(raw: object) -> tuple[int, ...] | Wrong:
    """An array of distinct days, as numbers from Monday, 0."""
    example = 'such as ["mon", "tue"]'
    if not isinstance(raw, list) or not raw or not all(isinstance(entry, str) for entry in raw):
        return Wrong(f"write an array of days, {example}")
    for entry in raw:
        if entry not in DAYS:
            meant = nearest(entry.lower(), DAYS)
            hint = f'did you mean "{meant}"?' if meant else f"write {', '.join(DAYS)}"
            return Wrong(f'"{cut(entry)}" is no day: {hint}')
    twice = {entry for entry in raw if raw.count(entry) > 1}
    return Wrong(f"{listed(twice)} stands there twice: write it once") if twice else tuple(map(DAYS.index, raw))


def clock(earliest_min: int, latest_min: int) -> Check[int]:
    """A time on the clock, as minutes since midnight."""

    def check(raw: object) -> int | Wrong:
        found = CLOCK.fullmatch(raw) if isinstance(raw, str) else None
        minutes = int(found[1]) * HOUR_MIN + int(found[2]) if found else -1
        if isinstance(raw, dt.time) and not raw.second and not raw.microsecond:
            minutes = raw.hour * HOUR_MIN + raw.minute
        if earliest_min <= minutes <= latest_min:
            return minutes
        last = f"{latest_min // HOUR_MIN:02}:{latest_min % HOUR_MIN:02}"
        return Wrong(f'write a time of day in hours and minutes, such as "08:30", from "00:00" to "{last}"')

    return check


def date(raw: object) -> int | Wrong:
    """A date, as days since 1970-01-01."""
    example = "such as 2026-12-25"
    if isinstance(raw, str):
        return Wrong(f"this is a string: write a date without quotes, {example}")
    if not isinstance(raw, dt.date) or isinstance(raw, dt.datetime):
        return Wrong(f"write a date without a time, {example}")
    if raw.year not in YEARS:
        return Wrong(f"the year must be from {YEARS[0]} to {YEARS[-1]}")
    return (raw - FIRST_DATE).days


def flag(raw: object) -> bool | Wrong:
    """True or false."""
    return raw if isinstance(raw, bool) else Wrong(f"write true or false, not {shown(raw)}")
