# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The victim-proximity monitor authors
"""Schedules as people write them, and every fault in them; offsets against the tables of the clock changes."""

import datetime as dt
from zoneinfo import ZoneInfo

import pytest

from proximity.model.orders import DayException, Hours, OrderBook, Schedule
from proximity.model.words import ZoneKind
from proximity.settings.orders import parse_orders
from proximity.settings.time_zones import offsets_of

ORDERS = """
[[orders]]
id = "o-1"
region = "r"
supervisor = "s"
valid_from = 2026-06-01T00:00:00+02:00
time_zone = "Europe/Amsterdam"
wearers = ["w-1"]
protected = ["p-1"]
[orders.separation]
limit_m = 1000
schedule = {time_zone = "America/New_York", exceptions = [{date = 2026-07-04, holds = true}]}
[[orders.zones]]
id = "home"
kind = "inclusion"
circle = {lat = 51.92, lon = 4.48, radius_m = 100}
buffer_m = 20
[orders.zones.schedule]
weekly = [
  {days = ["mon", "tue"], from = "08:30", until = "17:00"},
  {days = ["tue", "sun"], from = "22:00", until = 06:00:00},
]
exceptions = [
  {date = 2026-12-31, from = "20:00", until = "24:00"},
  {date = 2026-12-25, holds = false},
  {date = 2026-12-31, from = "06:00", until = "09:00"},
]
"""
AT = 'orders["o-1"].zones["home"].schedule'
WEEKDAY, NIGHT = Hours(510, 1020), Hours(1320, 1800)
CHRISTMAS = 20_812  # date -ud 2026-12-25 +%s / 86400
EMPTY_WEEK: tuple[tuple[Hours, ...], ...] = ((), (), (), (), (), (), ())


def book_of(text: str) -> OrderBook:
    book, faults = parse_orders({"a.toml": text})
    assert faults == ()
    assert book is not None
    return book


def test_a_schedule_is_read() -> None:
    book = book_of(ORDERS)
    (zone,) = book.orders[0].zones
    assert zone.kind is ZoneKind.INCLUSION
    assert zone.schedule == Schedule(
        "Europe/Amsterdam",
        ((WEEKDAY,), (WEEKDAY, NIGHT), (), (), (), (), (NIGHT,)),
        (DayException(CHRISTMAS, ()), DayException(CHRISTMAS + 6, (Hours(360, 540), Hours(1200, 1440)))),
    )
    separation = book.orders[0].separation
    assert separation is not None
    fourth = DayException(20_638, (Hours(0, 1440),))
    assert separation.schedule == Schedule("America/New_York", EMPTY_WEEK, (fourth,))
    assert [zone.name for zone in book.time_zones] == ["America/New_York", "Europe/Amsterdam"]


def test_without_schedules_the_book_has_no_time_zones() -> None:
    plain = ORDERS.split("[orders.zones.schedule]", maxsplit=1)[0]
    plain = "\n".join(line for line in plain.splitlines() if not line.startswith("schedule"))
    assert book_of(plain).time_zones == ()


def test_the_revision_is_of_what_is_said_not_how() -> None:
    same = ORDERS.replace('["tue", "sun"]', '["sun", "tue"]').replace("06:00:00", '"06:00"')
    assert same != ORDERS
    assert book_of(same).revision == book_of(ORDERS).revision
    other = ORDERS.replace('"08:30"', '"08:31"')
    assert book_of(other).revision != book_of(ORDERS).revision


# fmt: off
FAULTS = [
    ('time_zone = "Europe/Amsterdam"\n', "", f"{AT}.time_zone", "missing: write it here or in the order"),
    ('"Europe/Amsterdam"', '"Europe/Amsterdm"', 'orders["o-1"].time_zone', "did you mean Europe/Amsterdam?"),
    ('"Europe/Amsterdam"', '"CET"', 'orders["o-1"].time_zone', "IANA name"),
    ('"Europe/Amsterdam"', '"../../etc/passwd"', 'orders["o-1"].time_zone', "IANA name"),
    ('"Europe/Amsterdam"', "1", 'orders["o-1"].time_zone', "IANA name"),
    ('"America/New_York"', '"America/Argentina"', 'orders["o-1"].separation.schedule.time_zone', "no time zone"),
    ('["mon", "tue"]', '["mon", "tues"]', f"{AT}.weekly[0].days", 'did you mean "tue"?'),
    ('["mon", "tue"]', '["mon", "x"]', f"{AT}.weekly[0].days", "write mon, tue, wed"),
    ('["mon", "tue"]', '["mon", "mon"]', f"{AT}.weekly[0].days", "mon stands there twice"),
    ('["mon", "tue"]', '"mon"', f"{AT}.weekly[0].days", "an array of days"),
    ('["mon", "tue"]', "[]", f"{AT}.weekly[0].days", "an array of days"),
    ('days = ["mon", "tue"], ', "", f"{AT}.weekly[0].days", "missing"),
    ('from = "08:30"', 'from = "24:00"', f"{AT}.weekly[0].from", 'from "00:00" to "23:59"'),
    ('from = "08:30"', 'from = "8:30"', f"{AT}.weekly[0].from", 'such as "08:30"'),
    ('from = "08:30"', "from = 830", f"{AT}.weekly[0].from", 'such as "08:30"'),
    ('from = "08:30"', "from = 08:30:30", f"{AT}.weekly[0].from", "in hours and minutes"),
    ('from = "08:30", ', "", f"{AT}.weekly[0].from", "missing"),
    ('until = "17:00"', 'until = "24:01"', f"{AT}.weekly[0].until", 'to "24:00"'),
    ('until = "17:00"', 'until = "17:60"', f"{AT}.weekly[0].until", 'such as "08:30"'),
    ('until = "17:00"', 'until = "08:30"', f"{AT}.weekly[0].until", "from and until are the same"),
    ('until = "17:00"', 'until = "17:00", to = "18:00"', f"{AT}.weekly[0].to", "unknown key"),
    ("2026-12-25", '"2026-12-25"', f"{AT}.exceptions[1].date", "without quotes"),
    ("2026-12-25", "2026-12-25T00:00:00", f"{AT}.exceptions[1].date", "a date without a time"),
    ("2026-12-25", "1999-12-25", f"{AT}.exceptions[1].date", "from 2000 to 2200"),
    ("date = 2026-12-25, ", "", f"{AT}.exceptions[1].date", "missing"),
    ("2026-12-25", "2026-12-31", f"{AT}.exceptions[1].date", "another exception is for this date"),
    ("date = 2026-12-31, from", "date = 2026-12-25, from", f"{AT}.exceptions[1].date", "another exception"),
    ("date = 2026-12-25, holds = false", "date = 2026-12-25", f"{AT}.exceptions[1].holds", "missing"),
    ("holds = false", 'holds = "no"', f"{AT}.exceptions[1].holds", "true or false"),
    ("holds = false", 'holds = false, from = "01:00", until = "02:00"', f"{AT}.exceptions[1].holds", "no hours"),
    ('until = "24:00"', "holds = true", f"{AT}.exceptions[0].until", "missing"),
    ("exceptions = [\n", "exception = [\n", f"{AT}.exception", "did you mean exceptions?"),
    ("[orders.zones.schedule]", "[orders.zones.schedule.x]", f"{AT}.weekly", "leave the schedule out: always"),
]
# fmt: on


@pytest.mark.parametrize(("old", "new", "path", "mend"), FAULTS, ids=[f"{row[2]} {row[3]}" for row in FAULTS])
def test_a_fault_has_its_place_and_mend(old: str, new: str, path: str, mend: str) -> None:
    assert old in ORDERS
    book, faults = parse_orders({"a.toml": ORDERS.replace(old, new, 1)})
    assert book is None
    assert all(fault.file == "a.toml" and fault.line.isprintable() for fault in faults)
    assert [(fault.path, mend in fault.mend) for fault in faults if fault.path == path] == [(path, True)], faults


@pytest.mark.parametrize(
    ("zone", "instants"),
    [
        ("Europe/Amsterdam", {"2026-03-29T01:00:00Z": 120, "2026-10-25T01:00:00Z": 60}),
        ("America/New_York", {"2026-03-08T07:00:00Z": -240, "2026-11-01T06:00:00Z": -300}),
        ("Australia/Lord_Howe", {"2026-04-04T15:00:00Z": 630, "2026-10-03T15:30:00Z": 660}),
        ("Pacific/Apia", {"2011-12-30T10:00:00Z": 840}),
    ],
)
def test_offsets_change_when_the_law_says(zone: str, instants: dict[str, int]) -> None:
    changes = dict(offsets_of(zone).changes)
    for text, offset_min in instants.items():
        assert changes[round(dt.datetime.fromisoformat(text).timestamp() * 1000)] == offset_min * 60_000


def test_offsets_are_those_of_the_time_zone_between_the_changes_too() -> None:
    for name in ("Europe/Amsterdam", "Europe/Dublin", "UTC"):
        changes = offsets_of(name).changes
        assert list(changes) == sorted(changes)
        for second in range(946_684_800, 7_258_118_400, 9_876_543):
            (*_, (_, offset_ms)) = (change for change in changes if change[0] <= second * 1000)
            read = dt.datetime.fromtimestamp(second, ZoneInfo(name)).replace(tzinfo=dt.UTC)
            assert read.timestamp() - second == offset_ms / 1000
