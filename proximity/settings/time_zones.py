# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The victim-proximity monitor authors
"""Time zones by their IANA names, as the offsets that the engine reckons with: it knows no time zones of its own."""

import datetime as dt
import re
from functools import cache
from importlib.resources import files
from typing import Final
from zoneinfo import ZoneInfo

from proximity.model.orders import TimeZone
from proximity.model.units import MILLIS_PER_SECOND, Millis
from proximity.settings.checks import YEARS, Wrong
from proximity.settings.faults import cut, nearest

NAME: Final = re.compile(r"UTC|[A-Za-z_]{1,32}(/[A-Za-z0-9_+-]{1,32}){1,2}")  # not "CET" and its like: outdated
EXAMPLE: Final = 'such as "Europe/Amsterdam"'
DAY_S: Final = 86_400
# Hours that hold in the years of orders may begin and end some days beyond them.
FIRST_S: Final = round(dt.datetime(YEARS[0], 1, 1, tzinfo=dt.UTC).timestamp()) - 10 * DAY_S
LAST_S: Final = round(dt.datetime(YEARS[-1] + 1, 1, 1, tzinfo=dt.UTC).timestamp()) + 10 * DAY_S


def time_zone(raw: object) -> str | Wrong:
    """The name of a time zone that is known here."""
    if not isinstance(raw, str) or not NAME.fullmatch(raw):
        return Wrong(f"write the IANA name of a time zone, {EXAMPLE}")
    if raw not in names():
        meant = nearest(raw, names())
        hint = f"did you mean {cut(meant)}?" if meant else f"write an IANA name, {EXAMPLE}"
        return Wrong(f"no time zone is called so: {hint}")
    return raw


@cache
def names() -> frozenset[str]:
    """The names that the package tzdata knows: it is in the lock file, unlike the tables of the system.

    A journal that is replayed elsewhere reads its orders anew, and must find the same offsets.
    """
    return frozenset(files("tzdata").joinpath("zones").read_text(encoding="utf-8").split())


def zone_of(name: str) -> ZoneInfo:
    """The zone of a name that is known, whatever the system's tables say."""
    with files("tzdata").joinpath("zoneinfo", *name.split("/")).open("rb") as file:
        return ZoneInfo.from_file(file, name)


@cache
def offsets_of(name: str) -> TimeZone:
    """A zone's offsets over all years that orders can name. No zone changes twice within a day."""
    zone = zone_of(name)
    changes = [(FIRST_S * MILLIS_PER_SECOND, offset_at(zone, FIRST_S))]
    for day_s in range(FIRST_S, LAST_S, DAY_S):
        if offset_at(zone, day_s + DAY_S) != changes[-1][1]:
            change_s = first_change(zone, day_s, day_s + DAY_S)
            changes.append((change_s * MILLIS_PER_SECOND, offset_at(zone, change_s)))
    return TimeZone(name, tuple(changes))


def first_change(zone: ZoneInfo, before_s: int, after_s: int) -> int:
    """The second from which another offset holds, between two instants with different ones."""
    before_ms = offset_at(zone, before_s)
    while after_s - before_s > 1:
        middle_s = (before_s + after_s) // 2
        before_s, after_s = (middle_s, after_s) if offset_at(zone, middle_s) == before_ms else (before_s, middle_s)
    return after_s


def offset_at(zone: ZoneInfo, instant_s: int) -> Millis:
    """What the clock on the wall is ahead of UTC."""
    offset = dt.datetime.fromtimestamp(instant_s, zone).utcoffset() or dt.timedelta()
    return offset // dt.timedelta(milliseconds=1)
