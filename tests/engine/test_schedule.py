# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The victim-proximity monitor authors
"""Hours by the clock on the wall as instants: by hand where clocks change, and minute by minute with zoneinfo."""

import datetime as dt

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from proximity.engine.schedule import NEVER, Span, hours_at, in_order
from proximity.kernels.columns import NEVER_MS
from proximity.model.orders import DayException, Hours, Schedule
from proximity.settings.time_zones import offsets_of
from tests.clocks import held
from tests.engine.scenes import order

MON, TUE, WED, THU, FRI, SAT, SUN = range(7)
AMSTERDAM, NEW_YORK, LORD_HOWE, APIA = (
    "Europe/Amsterdam", "America/New_York", "Australia/Lord_Howe", "Pacific/Apia"
)  # fmt: skip


def ms(text: str) -> int:
    return round(dt.datetime.fromisoformat(text).timestamp() * 1000)


def minutes(text: str) -> int:
    return int(text[:2]) * 60 + int(text[3:])


def hours(text: str) -> Hours:
    """Such as 22:00-06:00."""
    begin, end = map(minutes, text.split("-"))
    return Hours(begin, end if end > begin else end + 1440)


def weekly(zone: str, days: dict[int, str], **dates: str) -> Schedule:
    """`dates` are such as d2026_12_25="" or "08:00-09:00"."""
    week = tuple((hours(days[day]),) if day in days else () for day in range(7))
    exceptions = []
    for name, text in sorted(dates.items()):
        day = (dt.date.fromisoformat(name[1:].replace("_", "-")) - dt.date(1970, 1, 1)).days
        exceptions.append(DayException(day, tuple(map(hours, text.split()))))
    return Schedule(zone, week, tuple(exceptions))


def found(schedule: Schedule, at: str) -> Span:
    return hours_at(schedule, offsets_of(schedule.time_zone).changes, ms(at))


# fmt: off
BY_HAND = [
    # winter and summer
    (AMSTERDAM, {MON: "08:30-17:00"}, "2026-01-05T00:00Z", "2026-01-05T07:30Z", "2026-01-05T16:00Z"),
    (AMSTERDAM, {MON: "08:30-17:00"}, "2026-07-06T06:30Z", "2026-07-06T06:30Z", "2026-07-06T15:00Z"),
    (AMSTERDAM, {MON: "08:30-17:00"}, "2026-07-06T15:00Z", "2026-07-13T06:30Z", "2026-07-13T15:00Z"),
    # over midnight: seen on the evening, after midnight, and on the morning as they end
    (AMSTERDAM, {FRI: "22:00-06:00"}, "2026-07-10T19:59Z", "2026-07-10T20:00Z", "2026-07-11T04:00Z"),
    (AMSTERDAM, {FRI: "22:00-06:00"}, "2026-07-11T03:59Z", "2026-07-10T20:00Z", "2026-07-11T04:00Z"),
    (AMSTERDAM, {FRI: "22:00-06:00"}, "2026-07-11T04:00Z", "2026-07-17T20:00Z", "2026-07-18T04:00Z"),
    # 29 March 2026, 02:00 is 03:00 at 01:00 UTC
    (AMSTERDAM, {SAT: "22:00-02:30"}, "2026-03-28T22:00Z", "2026-03-28T21:00Z", "2026-03-29T01:00Z"),
    (AMSTERDAM, {SUN: "02:30-08:00"}, "2026-03-28T22:00Z", "2026-03-29T01:00Z", "2026-03-29T06:00Z"),
    (AMSTERDAM, {SUN: "02:15-02:45"}, "2026-03-28T22:00Z", "2026-04-05T00:15Z", "2026-04-05T00:45Z"),
    (AMSTERDAM, {SAT: "22:00-06:00"}, "2026-03-28T22:00Z", "2026-03-28T21:00Z", "2026-03-29T04:00Z"),
    # 25 October 2026, 03:00 is 02:00 at 01:00 UTC
    (AMSTERDAM, {SAT: "22:00-02:30"}, "2026-10-25T00:45Z", "2026-10-24T20:00Z", "2026-10-25T01:30Z"),
    (AMSTERDAM, {SUN: "02:30-08:00"}, "2026-10-24T22:00Z", "2026-10-25T00:30Z", "2026-10-25T07:00Z"),
    (AMSTERDAM, {SUN: "02:15-02:45"}, "2026-10-25T01:05Z", "2026-10-25T00:15Z", "2026-10-25T01:45Z"),
    (AMSTERDAM, {SUN: "01:00-02:00"}, "2026-10-24T22:00Z", "2026-10-24T23:00Z", "2026-10-25T00:00Z"),
    (AMSTERDAM, {SUN: "03:00-04:00"}, "2026-10-24T22:00Z", "2026-10-25T02:00Z", "2026-10-25T03:00Z"),
    # 8 March 2026 at 07:00 UTC, 1 November 2026 at 06:00 UTC
    (NEW_YORK, {SUN: "01:30-02:30"}, "2026-03-08T00:00Z", "2026-03-08T06:30Z", "2026-03-08T07:00Z"),
    (NEW_YORK, {SUN: "01:30-02:30"}, "2026-11-01T00:00Z", "2026-11-01T05:30Z", "2026-11-01T07:30Z"),
    # half an hour: 5 April 2026 at 15:00 UTC the day before, 4 October 2026 at 15:30 UTC the day before
    (LORD_HOWE, {SUN: "01:45-03:00"}, "2026-04-04T15:10Z", "2026-04-04T14:45Z", "2026-04-04T16:30Z"),
    (LORD_HOWE, {SUN: "02:15-03:00"}, "2026-10-03T12:00Z", "2026-10-03T15:30Z", "2026-10-03T16:00Z"),
    # there was no Friday 30 December 2011: midnight after Thursday was that before Saturday, 10:00 UTC
    (APIA, {THU: "20:00-06:00"}, "2011-12-30T08:00Z", "2011-12-30T06:00Z", "2011-12-30T10:00Z"),
    (APIA, {FRI: "08:00-17:00"}, "2011-12-30T08:00Z", "2012-01-05T18:00Z", "2012-01-06T03:00Z"),
    (APIA, {SAT: "00:00-06:00"}, "2011-12-30T08:00Z", "2011-12-30T10:00Z", "2011-12-30T16:00Z"),
]
# fmt: on


@pytest.mark.parametrize(("zone", "days", "at", "begins", "ends"), BY_HAND)
def test_hours_by_hand(zone: str, days: dict[int, str], at: str, begins: str, ends: str) -> None:
    assert found(weekly(zone, days), at) == (ms(begins), ms(ends))


def test_hours_on_a_date_instead_of_those_of_its_weekday() -> None:
    every = dict.fromkeys(range(7), "08:00-10:00")
    schedule = weekly(
        AMSTERDAM, every, d2026_12_25="", d2026_12_26="00:00-24:00", d2026_12_27="01:00-02:00 03:00-04:00"
    )
    assert found(schedule, "2026-12-24T09:00Z") == (ms("2026-12-25T23:00Z"), ms("2026-12-26T23:00Z"))
    assert found(schedule, "2026-12-26T23:00Z") == (ms("2026-12-27T00:00Z"), ms("2026-12-27T01:00Z"))
    assert found(schedule, "2026-12-27T01:00Z") == (ms("2026-12-27T02:00Z"), ms("2026-12-27T03:00Z"))
    assert found(schedule, "2026-12-27T03:00Z") == (ms("2026-12-28T07:00Z"), ms("2026-12-28T09:00Z"))


def test_a_night_that_reaches_into_a_date_on_which_none_begins_is_not_cut_short() -> None:
    schedule = weekly(AMSTERDAM, dict.fromkeys(range(7), "20:00-06:00"), d2026_12_25="")
    assert found(schedule, "2026-12-25T04:00Z") == (ms("2026-12-24T19:00Z"), ms("2026-12-25T05:00Z"))
    assert found(schedule, "2026-12-25T05:00Z") == (ms("2026-12-26T19:00Z"), ms("2026-12-27T05:00Z"))


def test_dates_alone_end_and_many_dates_off_are_passed_over() -> None:
    alone = weekly(AMSTERDAM, {}, d2026_12_31="20:00-24:00")
    assert found(alone, "2020-01-01T00:00Z") == (ms("2026-12-31T19:00Z"), ms("2026-12-31T23:00Z"))
    assert found(alone, "2026-12-31T23:00Z") == NEVER
    off = {f"d{day.isoformat().replace('-', '_')}": ""
           for day in (dt.date(2026, 6, 1) + dt.timedelta(days=n) for n in range(90))}  # fmt: skip
    summer = weekly(AMSTERDAM, dict.fromkeys(range(7), "08:00-10:00"), **off)
    assert found(summer, "2026-06-01T00:00Z") == (ms("2026-08-30T06:00Z"), ms("2026-08-30T08:00Z"))


def test_hours_that_the_clock_leaps_over_come_again_a_week_later_after_many_dates_off() -> None:
    off = {f"d2026_03_{day:02}": "" for day in range(1, 29)}
    assert found(weekly(AMSTERDAM, {SUN: "02:15-02:45"}, **off), "2026-03-01T00:00Z") == (
        ms("2026-04-05T00:15Z"), ms("2026-04-05T00:45Z")
    )  # fmt: skip


def test_an_order_bounds_the_hours() -> None:
    schedule = weekly(AMSTERDAM, {MON: "08:00-17:00"})
    changes = offsets_of(AMSTERDAM).changes
    within = order(valid_from_ms=ms("2026-01-05T10:00:00.5Z"), valid_until_ms=ms("2026-01-12T10:00Z"))
    bounded = [
        in_order(within, hours_at(schedule, changes, max(ms(at), within.valid_from_ms)), ms(at))
        for at in ("2026-01-01T00:00Z", "2026-01-05T16:00Z", "2026-01-12T10:00Z")
    ]
    assert bounded == [
        (ms("2026-01-05T10:00:00.5Z"), ms("2026-01-05T16:00Z")),
        (ms("2026-01-12T07:00Z"), ms("2026-01-12T10:00Z")),
        (NEVER_MS, NEVER_MS),
    ]


ZONES = (AMSTERDAM, NEW_YORK, LORD_HOWE, APIA, "Europe/Dublin", "America/St_Johns", "UTC", "Pacific/Kiritimati")
some_hours = st.builds(
    lambda begin, length: Hours(begin, begin + length),
    st.integers(0, 1439) | st.sampled_from([0, 90, 120, 135, 150, 180, 1380]),
    st.integers(1, 1440) | st.sampled_from([15, 30, 60, 1440]),
).filter(lambda own: own.until_min < own.from_min + 1440 or own == Hours(0, 1440))
days_hours = st.lists(some_hours, max_size=2, unique=True).map(lambda own: tuple(sorted(own)))


@st.composite
def cases(draw: st.DrawFn) -> tuple[Schedule, int]:
    """A schedule, and a minute, most often about a change of the clock."""
    zone = draw(st.sampled_from(ZONES))
    changes = [at_ms for at_ms, _ in offsets_of(zone).changes[1:] if at_ms < ms("2040-01-01T00:00Z")]
    changes.append(ms("2026-05-28T00:00Z"))
    if zone == APIA:
        changes += [ms("2011-12-30T10:00Z")] * 20
    minute = draw(st.sampled_from(changes)) // 60_000 + draw(st.integers(-3000, 3000))
    week = tuple(draw(days_hours) for _ in range(7))
    dates = draw(st.lists(st.integers(-3, 4), max_size=3, unique=True))
    exceptions = tuple(DayException(minute // 1440 + day, draw(days_hours)) for day in sorted(dates))
    return Schedule(zone, week, exceptions), minute


@settings(deadline=None, max_examples=150)
@given(cases())
def test_the_hours_are_those_of_a_clock_that_is_read_every_minute(case: tuple[Schedule, int]) -> None:
    schedule, first = case
    count = 3 * 1440
    changes = offsets_of(schedule.time_zone).changes
    walked = np.zeros(count, np.bool_)
    at = first
    while at < first + count:
        span = hours_at(schedule, changes, at * 60_000)
        if span == NEVER:
            break
        assert span.from_ms % 60_000 == span.until_ms % 60_000 == 0
        assert span.until_ms > at * 60_000
        begins, at = max(at, span.from_ms // 60_000), span.until_ms // 60_000
        walked[max(0, begins - first) : max(0, at - first)] = True
    assert np.array_equal(walked, held(schedule, first, count))
