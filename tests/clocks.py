# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The victim-proximity monitor authors
"""Schedules again, slow and obvious: every minute the clock on the wall is read, by zoneinfo."""

import datetime as dt
from functools import lru_cache
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from proximity.model.orders import Schedule

MARGIN_MIN = 4 * 1440
FIRST_DATE = dt.date(1970, 1, 1)


@lru_cache(maxsize=64)
def walls(name: str, first_min: int, count: int) -> NDArray[np.datetime64]:
    """What the clock on the wall reads in each of these minutes."""
    zone = ZoneInfo(name)
    read = [dt.datetime.fromtimestamp(60 * (first_min + place), zone).replace(tzinfo=None) for place in range(count)]
    return np.array(read, "datetime64[m]")


def held(schedule: Schedule, first_min: int, count: int) -> NDArray[np.bool_]:
    """In which of `count` minutes since the epoch from one on the schedule holds.

    It holds from the first minute in which the clock reads the beginning of hours, or later, until after the last in
    which it reads less than their end.
    """
    read = walls(schedule.time_zone, first_min - MARGIN_MIN, count + 2 * MARGIN_MIN)
    holds = np.zeros(len(read), np.bool_)
    exceptions = {exception.day: exception.hours for exception in schedule.exceptions}
    day, last = read[0].item().date(), read[-1].item().date()
    while day <= last:
        for hours in exceptions.get((day - FIRST_DATE).days, schedule.weekly[day.weekday()]):
            begins = np.datetime64(day, "m") + hours.from_min
            ends = np.datetime64(day, "m") + hours.until_min
            begun, before = np.flatnonzero(read >= begins), np.flatnonzero(read < ends)
            if len(begun) and len(before):
                holds[begun[0] : before[-1] + 1] = True
        day += dt.timedelta(days=1)
    return holds[MARGIN_MIN : MARGIN_MIN + count]


def holds_at(schedule: Schedule | None, now_ms: int) -> bool:
    """Whether it holds at an instant; nothing said is always."""
    if schedule is None:
        return True
    minute = now_ms // 60_000
    hour = minute - minute % 60  # the same hour again and again: one look at the clock does
    return bool(held_in_hour(schedule, hour)[minute - hour])


def held_since(schedule: Schedule, now_ms: int) -> int:
    """Since when it has held without a break, at an instant at which it does; a day back at most."""
    minute = now_ms // 60_000
    first = (minute // 60 - 24) * 60
    holds = np.concatenate([held_in_hour(schedule, hour) for hour in range(first, minute + 1, 60)])
    breaks = np.flatnonzero(~holds[: minute - first + 1])
    return int(first + (breaks[-1] + 1 if len(breaks) else 0)) * 60_000


@lru_cache(maxsize=256)
def held_in_hour(schedule: Schedule, hour: int) -> NDArray[np.bool_]:
    return held(schedule, hour, 60)
