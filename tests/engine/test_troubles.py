# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The victim-proximity monitor authors
"""The troubles of devices by example: when each begins, how it ends, what it does to a fix, what is counted."""

from collections.abc import Iterable
from math import nan

import pytest
from msgspec.structs import replace

from proximity.engine.health import REASON_PLACE
from proximity.kernels.devices import (
    ACCEPTED_COUNT,
    GAPS_COUNT,
    LATE_COUNT,
    MARKED_AHEAD_COUNT,
    MARKED_COUNT,
    MARKED_FROZEN_COUNT,
    MARKED_JUMP_COUNT,
    MARKED_LATE_COUNT,
    MARKED_OFF_WEARER_COUNT,
    RESTARTS_COUNT,
)
from proximity.model.inputs import Fix, Input, Refit, Refusal, Resolution, Revision, Status
from proximity.model.judging import DeviceJudging, Judging
from proximity.model.words import Refused, Severity, StatusEvent
from tests.engine.scenes import REGION, START_MS, SUPERVISOR, Played, Step, book_of, fix, order, play

TAG, PHONE = "device:ank-1", "device:vic-1"
LINK = "separation:w-1_p-1"
USUAL = DeviceJudging()
ALL_DAY = DeviceJudging(left_home_s=600.0, left_home_from_h=20.0, left_home_until_h=22.0)  # the scene is at 20:26 UTC


def run(
    given: Iterable[tuple[float, Input]], until_s: float, judging: DeviceJudging | None = None
) -> Played:  # fmt: skip
    """Inputs at their seconds; both devices are quiet otherwise, and expected late."""
    made: dict[int, list[Input]] = {
        START_MS - 500: [
            Revision(book_of(order()), Judging(stale_at_least_s=3600.0, devices=judging or DeviceJudging()))
        ]
    }
    for at_s, one in given:
        made.setdefault(START_MS + round(at_s * 1000), []).append(one)
    return play([Step(now_ms, tuple(inputs)) for now_ms, inputs in sorted(made.items())], until_s=until_s)


def tag(*at_s: float, far_m: float = 3000.0, **facts: float) -> list[tuple[float, Fix]]:
    """The tag's fixes, each a metre from the one before."""
    return [(second, fix("ank-1", second, far_m + number, **facts)) for number, second in enumerate(at_s)]


def phone(*at_s: float, far_m: float = 0.0, pct: float = nan) -> list[tuple[float, Fix]]:
    """The phone's, likewise."""
    fixes = [fix("vic-1", second, far_m + 0.1 * number) for number, second in enumerate(at_s)]
    return [(second, replace(one, battery_pct=pct)) for second, one in zip(at_s, fixes, strict=True)]


def says(device: str, event: StatusEvent, at_s: float) -> tuple[float, Status]:
    return at_s, Status(device, event, START_MS + round(at_s * 1000))


def told(played: Played, what: str) -> list[tuple[float, str, str]]:
    return [(at_s, change, cause) for at_s, subject, change, _, cause in played.told() if subject == what]


@pytest.mark.parametrize("event", [StatusEvent.STRAP_CUT, StatusEvent.CASE_OPEN, StatusEvent.POWER_OFF])
def test_a_recorded_refit_ends_what_took_the_tag_off_its_wearer(event: StatusEvent) -> None:
    refit = Refit(REGION, SUPERVISOR, "ank-1", "anna")
    played = run([*tag(1, 30, 90), says("ank-1", event, 20), (60, refit)], until_s=100)
    assert told(played, TAG) == [(20, "opened", str(event)), (60, "resolved", "refitted")]
    assert played.transitions[0].incident.severity is Severity.CRITICAL
    row = played.state.world.device_row["ank-1"]
    counts = played.state.health.shown["counts"][row]
    assert (counts[ACCEPTED_COUNT], counts[MARKED_COUNT], counts[MARKED_OFF_WEARER_COUNT]) == (3, 1, 1)
    assert not played.state.parties.marked[played.state.world.devices.party[row]]  # the fix of 90 s is his again


def test_a_refit_counts_for_nothing_against_what_the_tag_says_in_the_same_step() -> None:
    refit = Refit(REGION, SUPERVISOR, "ank-1", "anna")
    played = run([says("ank-1", StatusEvent.STRAP_CUT, 20), (60, refit), says("ank-1", StatusEvent.STRAP_CUT, 60)], 70)
    assert told(played, TAG) == [(20, "opened", "strap_cut"), (60, "raised", "strap_cut")]


@pytest.mark.parametrize(
    "refit", [Refit(REGION, "team-z", "ank-1", "x"), Refit("utrecht", SUPERVISOR, "ank-1", "x"),
              Refit(REGION, SUPERVISOR, "ank-2", "x"), Refit(REGION, SUPERVISOR, "nobody", "x")]
)  # fmt: skip
def test_only_who_has_an_order_with_the_tag_records_a_refit(refit: Refit) -> None:
    played = run([says("ank-1", StatusEvent.STRAP_CUT, 20), (60, refit)], until_s=70)
    assert told(played, TAG) == [(20, "opened", "strap_cut")]
    assert [(one.reason, one.detail) for one in played.refusals] == [(Refused.UNKNOWN_DEVICE, "device")]


def test_a_supervisor_resolves_an_sos_and_nothing_else() -> None:
    own, others = Resolution(REGION, SUPERVISOR, "0", "anna"), Resolution(REGION, "team-z", "0", "bob")
    played = run([says("vic-1", StatusEvent.SOS, 20), (30, others), (40, own), (50, own)], until_s=70)
    assert told(played, PHONE) == [(20, "opened", "sos"), (40, "resolved", "command")]
    assert [one.reason for one in played.refusals] == [Refused.UNKNOWN_INCIDENT] * 2  # the second is over
    played = run([says("ank-1", StatusEvent.STRAP_CUT, 20), (40, own)], until_s=70)
    assert told(played, TAG) == [(20, "opened", "strap_cut")]
    assert [one.reason for one in played.refusals] == [Refused.NOT_RESOLVABLE]


@pytest.mark.parametrize("event", [StatusEvent.JAMMING, StatusEvent.SHIELDING])
def test_interference_is_major_until_fixes_come_again(event: StatusEvent) -> None:
    jammed = says("ank-1", event, 20)
    played = run([*tag(1, 15, 300, 390), jammed], until_s=400)
    assert told(played, TAG) == [(20, "opened", str(event)), (390, "resolved", "heard_again")]
    assert played.transitions[0].incident.severity is Severity.MAJOR
    under_way = [(25, fix("ank-1", 18, 2000.0)), (26, fix("ank-1", 19, 2001.0))]  # made before it said so
    assert told(run([*tag(1), jammed, *under_way], until_s=100), TAG) == [(20, "opened", str(event))]
    assert told(run([jammed, says("ank-1", StatusEvent.ONLINE, 50)], until_s=60), TAG)[1:] == [
        (50, "resolved", "heard_again")
    ]


def test_a_battery_says_so_once_and_is_better_only_by_a_margin() -> None:
    falling: list[tuple[float, Input]] = [
        *phone(10, pct=21.0), *phone(20, pct=20.0), *phone(30, pct=29.0), *phone(40, pct=9.0), *phone(50, pct=19.0),
        *phone(60, pct=20.0), *phone(70, pct=30.0),
    ]  # fmt: skip
    again = [says("vic-1", StatusEvent.BATTERY_LOW, at_s) for at_s in (22, 26, 44)]  # 44: critical says more
    played = run([*falling, *again], until_s=80)
    assert told(played, PHONE) == [
        (20, "opened", "battery_low"), (40, "raised", "battery_critical"), (60, "raised", "battery_low"),
        (70, "resolved", "charged"),
    ]  # fmt: skip
    assert {one.incident.severity for one in played.transitions} == {Severity.MINOR}


def test_a_charger_ends_it_until_it_is_pulled() -> None:
    plugged = says("vic-1", StatusEvent.CHARGING, 30)
    given: list[tuple[float, Input]] = [
        says("vic-1", StatusEvent.BATTERY_CRITICAL, 20),
        plugged,
        *phone(40, pct=6.0),
        *phone(50, pct=9.0),
    ]
    assert told(run(given, until_s=55), PHONE) == [(20, "opened", "battery_critical"), (30, "resolved", "charged")]
    pulled = [*phone(60, pct=7.0), *phone(70, pct=6.0)]  # 3 less than the 9 it has had
    assert told(run([*given, *pulled], until_s=80), PHONE)[2:] == [(70, "opened", "battery_critical")]


def test_a_clock_behind_takes_twenty_messages_and_one_quick_one_ends_it() -> None:
    slow = [(second, fix("vic-1", second - 61, 0.01 * second)) for second in range(100, 400, 15)]
    assert told(run(slow[:19], until_s=400), PHONE) == []
    quick = (400, fix("vic-1", 340, 0.5))
    assert told(run([*slow, quick], until_s=410), PHONE) == [(385, "opened", "clock"), (400, "resolved", "clock_right")]
    at_once = [(500 + 0.1 * number, fix("vic-1", 10 * number, 0.1 * number)) for number in range(40)]
    assert told(run(at_once, until_s=600), PHONE) == []  # stored and forwarded one by one


def test_a_position_that_hangs_while_the_tag_moves_lowers_nothing() -> None:
    near = tag(1, far_m=100.0)
    hangs = [(float(second), fix("ank-1", second, 1200.0, speed_mps=3.0)) for second in range(60, 400, 30)]
    moves = [(float(second), fix("ank-1", second, 1200.0 + second, speed_mps=3.0)) for second in range(60, 400, 30)]
    hers = phone(*range(0, 400, 15))
    played = run([*hers, *near, *hangs], until_s=400)
    assert told(played, TAG) == [(120, "opened", "frozen")]  # the second that is where the one before was
    assert told(played, LINK) == [(1, "opened", "first_judgement")]
    assert told(run([*hers, *near, *moves], until_s=400), LINK)[1:] == [(180, "resolved", "apart")]
    assert told(run([*hers, *near, *hangs, *tag(410)], until_s=415), TAG)[1:] == [(410, "resolved", "moved_on")]


def test_a_phone_left_on_its_charger_by_day() -> None:
    plugged = says("vic-1", StatusEvent.CHARGING, 60)
    rests = phone(*range(0, 900, 60))
    played = run([*rests, plugged], until_s=900, judging=ALL_DAY)
    assert told(played, PHONE) == [(660, "opened", "left_at_home")]
    assert told(run(rests, until_s=900, judging=ALL_DAY), PHONE) == []  # on no charger
    by_night = DeviceJudging(left_home_s=600.0, left_home_from_h=4.0, left_home_until_h=20.0)
    assert told(run([*rests, plugged], until_s=900, judging=by_night), PHONE) == []
    goes = phone(900, far_m=120.0)  # 100 m and the 8 m that 95 % of its positions lie within
    assert told(run([*rests, plugged, *goes], until_s=910, judging=ALL_DAY), PHONE)[1:] == [
        (900, "resolved", "taken_along")
    ]
    stays = phone(900, far_m=105.0)
    assert told(run([*rests, plugged, *stays], until_s=910, judging=ALL_DAY), PHONE)[1:] == []
    pulled = [*phone(720, pct=90.0), *phone(840, pct=87.0)]
    assert told(run([*rests, plugged, *pulled], until_s=850, judging=ALL_DAY), PHONE)[1:] == [
        (840, "resolved", "taken_along")
    ]


def test_what_passes_the_gate_is_counted_by_device() -> None:
    ahead, older, stale = fix("ank-1", 25, 3000.0), fix("ank-1", 5, 3001.0), fix("ank-1", 15, 3002.0)
    gate = Judging().refuse_ahead_s + 100
    given: list[tuple[float, Input]] = [
        *tag(10), (20, ahead), (30, older), (40, older), (41, fix("ank-1", gate, 0.0)),
        (9000, fix("ank-1", 50, 3003.0)),
        (50, Refusal(Refused.NOT_JSON, "ank-1")),
    ]  # fmt: skip
    played = run([*given, (16, stale)], until_s=9001)
    counts = played.state.health.shown["counts"][played.state.world.device_row["ank-1"]]
    refused = played.state.health.refused[played.state.world.device_row["ank-1"]]
    assert (counts[ACCEPTED_COUNT], counts[LATE_COUNT], counts[MARKED_COUNT]) == (5, 1, 2)
    assert (counts[MARKED_AHEAD_COUNT], counts[MARKED_LATE_COUNT], counts[MARKED_FROZEN_COUNT]) == (1, 1, 0)
    reasons = {str(reason): int(refused[place]) for reason, place in REASON_PLACE.items() if refused[place]}
    assert reasons == {"ahead": 1, "duplicate": 1, "not_json": 1}
    assert not played.state.health.shown["counts"][played.state.world.device_row["vic-1"]].any()


def test_a_jump_is_counted_and_the_fix_after_it_is_none() -> None:
    there, away = fix("ank-1", 10, 3000.0), fix("ank-1", 20, 4000.0)  # 1,000 m in 10 s: over 70 m/s
    played = run([(10, there), (20, away), (30, fix("ank-1", 30, 4000.0))], until_s=31)
    counts = played.state.health.shown["counts"][played.state.world.device_row["ank-1"]]
    assert (counts[ACCEPTED_COUNT], counts[MARKED_COUNT], counts[MARKED_JUMP_COUNT]) == (3, 1, 1)


def test_gaps_and_restarts_are_counted_and_nothing_more() -> None:
    numbers = (4, 5, 8, 9, 0, 1, 3, -1, 4)
    given = [(at_s, replace(one, seq=seq)) for seq, (at_s, one) in zip(numbers, tag(*range(1, 10)), strict=True)]
    late = (20.0, replace(fix("ank-1", 0.5, 0.0), seq=100))  # what was overtaken is no restart and no gap
    played = run([*given, late], until_s=21)
    counts = played.state.health.shown["counts"][played.state.world.device_row["ank-1"]]
    assert (counts[GAPS_COUNT], counts[RESTARTS_COUNT]) == (2, 1)
    assert told(played, TAG) == []
