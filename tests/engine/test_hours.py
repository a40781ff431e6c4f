# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The victim-proximity monitor authors
"""Zones with hours, and zones that must be stayed in: what is told of them over days and over restarts."""

import pytest
from msgspec.structs import replace

from proximity.engine.snapshot import pack, unpack
from proximity.model.inputs import Fix, Input, Revision
from proximity.model.judging import Judging
from proximity.model.orders import Circle, DayException, Hours, OrderBook, Schedule, Zone
from proximity.model.words import ZoneKind
from proximity.settings.time_zones import offsets_of
from tests.engine.scenes import START_MS, Played, Step, book_of, fix, order, place, play

# A scene begins on Thursday 28 May 2026 at 22:26:40 in Amsterdam.
FRIDAY_S = 5600  # until its midnight
HOUR_S, DAY_S = 3600, 86_400
AMSTERDAM = "Europe/Amsterdam"
SHOPS = Hours(8 * 60 + 30, 17 * 60)
WEEKDAYS = Schedule(AMSTERDAM, (*[(SHOPS,)] * 5, (), ()))
SQUARE = Zone("square", ZoneKind.EXCLUSION, ("w-1",), Circle(*place(0.0, 0.0), 300.0), 50.0)
ROOM = replace(SQUARE, id="room", kind=ZoneKind.INCLUSION)
MONDAY_TOO = DayException(20_605, ())  # 1 June 2026
Line = tuple[float, str, str, str, str]


def book(*zones: Zone, name: str = "a") -> OrderBook:
    made = book_of(order(zones=zones, separation=None, protected=()), name=name)
    return replace(made, time_zones=(offsets_of(AMSTERDAM),))


def run(books: dict[float, OrderBook], fixes: list[Fix], until_s: float) -> Played:
    given: dict[int, list[Input]] = {
        START_MS + round(at_s * 1000): [Revision(own, Judging())] for at_s, own in books.items()
    }
    for one in fixes:
        given.setdefault(one.fixed_at_ms, []).append(one)
    return play([Step(now_ms, tuple(own)) for now_ms, own in sorted(given.items())], until_s=until_s)


def told(played: Played) -> list[Line]:
    """Of zones only: the tag's silences in between are told too."""
    return [line for line in played.told() if line[1].startswith("zone")]


def stays(east_m: float, from_s: float, until_s: float) -> list[Fix]:
    """At rest, within half a metre: a position that is the same to the last digit would be a frozen one."""
    seconds = range(round(from_s), round(until_s), 60)
    return [fix("ank-1", second, east_m + second // 60 % 5 / 10, speed_mps=0.0) for second in seconds]


def days_in_the_square() -> list[Fix]:
    """In it about each opening and closing from Friday to Monday."""
    return [
        one
        for day in range(4)
        for hour in (8.5, 17.0)
        for one in stays(0.0, FRIDAY_S + day * DAY_S + hour * HOUR_S - 90, FRIDAY_S + day * DAY_S + hour * HOUR_S + 90)
    ]


OPENS_S, ENDS_S = FRIDAY_S + 8.5 * HOUR_S, FRIDAY_S + 17 * HOUR_S
IN_SQUARE = "zone:w-1_square"
WEEK = [
    (OPENS_S, IN_SQUARE, "opened", "breach", "first_judgement"),
    (ENDS_S, IN_SQUARE, "resolved", "clear", "schedule"),
    (OPENS_S + 3 * DAY_S, IN_SQUARE, "opened", "breach", "first_judgement"),
    (ENDS_S + 3 * DAY_S, IN_SQUARE, "resolved", "clear", "schedule"),
]


def test_a_zone_that_holds_on_weekdays_opens_ends_and_opens_again() -> None:
    scheduled = replace(SQUARE, schedule=WEEKDAYS)
    played = run({-1: book(scheduled)}, days_in_the_square(), until_s=4 * DAY_S)
    assert told(played) == WEEK
    ids = [one.incident.id for one in played.transitions if str(one.incident.kind) == "zone"]
    assert ids[0] == ids[1] != ids[2] == ids[3]


def test_a_date_off_is_off() -> None:
    scheduled = replace(SQUARE, schedule=replace(WEEKDAYS, exceptions=(MONDAY_TOO,)))
    assert told(run({-1: book(scheduled)}, days_in_the_square(), until_s=4 * DAY_S)) == WEEK[:2]


@pytest.mark.parametrize("break_s", [FRIDAY_S, OPENS_S - 1, OPENS_S, OPENS_S + 1, ENDS_S - 1, ENDS_S, 2 * DAY_S])
def test_a_restart_in_between_changes_nothing(break_s: float) -> None:
    scheduled, fixes = book(replace(SQUARE, schedule=WEEKDAYS)), days_in_the_square()
    cut_ms = START_MS + round(break_s * 1000)
    one = run({-1: scheduled}, [own for own in fixes if own.fixed_at_ms <= cut_ms], until_s=break_s)
    given: dict[int, list[Input]] = {cut_ms + 1000: []}  # the service keeps beside it what is due
    for own in fixes:
        if own.fixed_at_ms > cut_ms:
            given.setdefault(own.fixed_at_ms, []).append(own)
    steps = [Step(now_ms, tuple(inputs)) for now_ms, inputs in sorted(given.items())]
    other = play(steps, until_s=4 * DAY_S, state=unpack(pack(one.state)))
    assert told(one) + told(other) == WEEK


def test_hours_that_touch_or_overlap_are_one_incident() -> None:
    touching = Schedule(AMSTERDAM, ((), (), (), (Hours(1350, 1365), Hours(1360, 1440)), (Hours(0, 30),), (), ()))
    fixes = stays(0.0, 0, 3 * HOUR_S)
    assert told(run({-1: book(replace(SQUARE, schedule=touching))}, fixes, until_s=3 * HOUR_S)) == [
        (200, IN_SQUARE, "opened", "breach", "first_judgement"),
        (FRIDAY_S + 1800, IN_SQUARE, "resolved", "clear", "schedule"),
    ]


def test_revised_hours_hold_from_that_step_on() -> None:
    never = replace(SQUARE, schedule=Schedule(AMSTERDAM, ((),) * 7, (MONDAY_TOO,)))
    fixes = stays(0.0, 0, 900)
    played = run({-1: book(SQUARE), 300.5: book(never, name="b"), 600.5: book(SQUARE, name="c")}, fixes, until_s=900)
    assert told(played) == [
        (0, IN_SQUARE, "opened", "breach", "first_judgement"),
        (300.5, IN_SQUARE, "resolved", "clear", "schedule"),
        (600.5, IN_SQUARE, "opened", "breach", "first_judgement"),
    ]


IN_ROOM = "zone:w-1_room"


def test_a_zone_to_stay_in_is_left_and_entered_again() -> None:
    fixes = [*stays(0.0, 0, 60), *stays(275.0, 60, 180), *stays(500.0, 180, 300), *stays(0.0, 300, 600)]
    played = run({-1: book(ROOM)}, fixes, until_s=600)
    assert told(played) == [
        (60, IN_ROOM, "opened", "warning", "limit_crossed"),
        (180, IN_ROOM, "raised", "breach", "limit_crossed"),
        (420, IN_ROOM, "resolved", "clear", "apart"),
    ]
    assert all(one.incident.inclusion for one in played.transitions if one.incident.zone)


def test_a_zone_to_stay_in_by_hand() -> None:
    """275 m from the middle of 300 m is 25 m within, 2.5 times the uncertainty of 10 m: near the edge, surely in it."""
    played = run({-1: book(ROOM)}, [fix("ank-1", 0, 275.0)], until_s=1)
    (opened,) = played.transitions
    assert opened.evidence.expected_m == pytest.approx(25.0, abs=0.01)
    assert opened.evidence.probability == pytest.approx(0.99379, abs=1e-5)  # the normal distribution at 2.5
    assert str(opened.incident.possible_level) == str(opened.incident.level)


def test_nobody_knows_is_not_inside() -> None:
    state = run({-1: book(ROOM)}, [], until_s=1).state
    assert state.rows.possible[0] >= 2
    lost = replace(fix("ank-1", 2, 0.0), accuracy_m=3000.0)
    assert run({-1: book(ROOM)}, [lost], until_s=3).state.rows.possible[0] == 2


def test_a_zone_turned_round_by_new_orders_says_so() -> None:
    inside_out = replace(SQUARE, kind=ZoneKind.INCLUSION)
    fixes = stays(500.0, 0, 300)
    played = run({-1: book(SQUARE), 100.5: book(inside_out, name="b")}, fixes, until_s=200)
    assert told(played) == [(100.5, IN_SQUARE, "opened", "breach", "limit_crossed")]
    assert played.transitions[-1].incident.inclusion


def test_who_falls_silent_in_a_zone_to_stay_in_may_have_left_it() -> None:
    played = run({-1: book(ROOM)}, stays(0.0, 0, 600), until_s=3 * HOUR_S)
    (blind,) = (one.incident for one in played.transitions if str(one.incident.kind) == "blind")
    assert (str(blind.cause), blind.possible_level.word, blind.inclusion) == ("stale", "breach", True)
    assert told(played) == []


def test_hours_that_end_while_nobody_can_tell_end_that_too() -> None:
    evening = Schedule(AMSTERDAM, ((), (), (), (Hours(22 * 60, 24 * 60),), (), (), ()))
    played = run({-1: book(replace(ROOM, schedule=evening))}, stays(0.0, 0, 600), until_s=3 * HOUR_S)
    assert [line[2:] for line in played.told() if line[1].startswith("blind")] == [
        ("opened", "clear", "stale"), ("resolved", "clear", "schedule")
    ]  # fmt: skip
    assert played.transitions[-1].at_ms == START_MS + FRIDAY_S * 1000
