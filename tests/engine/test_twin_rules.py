# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The victim-proximity monitor authors
"""The rules of docs/judgement.md by example, worked out by hand; every implementation in `JUDGED_BY` tells the same.

Limits are 1000, 500 and 150 m. A fix of 5 m counts with the floor of 10 m an axis, so a distance has a standard
deviation of 14.1 m: certain from 23.3 m inside a limit, improbable from 23.3 m outside. A fix of 58 m has 38.4 m an
axis, a distance to a good one 39.7 m. The phone is stale after max(90, 2 x 15) = 90 s, the tag at rest after
2 x 100 = 200 s, moving after 120 s.
Devices say that they stand still (growth 0.3 m/s, no velocity) unless a case is about moving.
"""

from collections.abc import Callable, Iterable
from math import nan

import pytest
from msgspec.structs import replace

from proximity.model.inputs import Fix, Input, Revision, Status
from proximity.model.judging import Judging
from proximity.model.orders import Device, Order, Party, Separation
from proximity.model.words import DeviceKind, Level, StatusEvent
from tests.engine.scenes import HOME, PARTIES, START_MS, Step, book_of, fix, order, play
from tests.engine.twin_wishes import WishingTwin

Line = tuple[float, str, str, str, str]  # seconds, subject without its order, change, level, cause
Run = Callable[..., list[Line]]

LINK, AREA, BLIND = "separation:w-1_p-1", "zone:w-1_home", "blind:w-1_p-1"
STILL = {"speed_mps": 0.0}
WIFI = {"speed_mps": 0.0, "accuracy_m": 58.0}
CUT = Status("ank-1", StatusEvent.STRAP_CUT, -1)


def by_twin(steps: list[Step], until_s: float) -> list[Line]:
    end_ms = START_MS + round(until_s * 1000)
    told = WishingTwin().run([step for step in steps if step.now_ms <= end_ms], end_ms)
    return [
        (
            (one.at_ms - START_MS) / 1000, ":".join(one.incident.split(":")[1:3]), one.change, Level(one.level).word,
            one.cause,
        )
        for one in told
    ]  # fmt: skip


def by_engine(steps: list[Step], until_s: float) -> list[Line]:
    told = play(steps, until_s=until_s).told()
    assert play(steps, until_s=until_s, every_second=True).told() == told
    return told


IMPLEMENTATIONS = {"twin": by_twin, "engine": by_engine}
JUDGED_BY = ("twin", "engine")


@pytest.fixture(params=JUDGED_BY)
def run(request: pytest.FixtureRequest) -> Run:
    """What is told of a subject (or of everything) when every fix arrives as it is made, `others` at their seconds."""

    def told(
        fixes: Iterable[Fix], *others: tuple[float, Input], until_s: float, subject: str = LINK,
        orders: tuple[Order, ...] = (), parties: tuple[Party, ...] = PARTIES,
    ) -> list[Line]:  # fmt: skip
        book = replace(book_of(*(orders or (order(),))), parties=parties)
        given: dict[int, list[Input]] = {START_MS - 500: [Revision(book, Judging())]}
        for at_s, other in [((one.fixed_at_ms - START_MS) / 1000, one) for one in fixes] + list(others):
            given.setdefault(START_MS + round(at_s * 1000), []).append(other)
        steps = [Step(now_ms, tuple(inputs)) for now_ms, inputs in sorted(given.items())]
        return [line for line in IMPLEMENTATIONS[request.param](steps, until_s) if line[1] == subject]

    return told


def wearer(*spots: tuple[float, float], **facts: float) -> list[Fix]:
    """The tag's fixes: (seconds, metres from the protected person)."""
    return [fix("ank-1", at_s, east_m, **(STILL | facts)) for at_s, east_m in spots]


def phone(*at_s: float, **facts: float) -> list[Fix]:
    """The protected person's fixes, in the middle of the scene."""
    return [fix("vic-1", second, 0.0, **(STILL | facts)) for second in at_s]


def phone_until(end_s: int) -> list[Fix]:
    return phone(*range(0, end_s + 1, 15))


@pytest.mark.parametrize(
    ("speed_mps", "inside_m", "certain"),
    [(0.4, 60, True), (1, 60, False), (1, 400, True), (5, 400, False), (5, 1000, True), (20, 1000, False)],
)
def test_uncertainty_grows_by_pace(run: Run, speed_mps: float, inside_m: float, *, certain: bool) -> None:
    # first judged at 60 s: 10 + 60 x (0.3, 1.5, 5, 15) is 28, 100, 310, 910 m; 1.645 times that is 46, 165, 510, 1497 m
    wide = order(valid_from_ms=START_MS + 60_000, separation=Separation(500.0, 3000.0, 150.0, 480.0))
    fixes = phone(0, 60) + wearer((0, 3000 - inside_m), speed_mps=speed_mps) + wearer((70, 2000))
    told = run(fixes, until_s=71, orders=(wide,))
    later = [] if certain else [(70.0, LINK, "updated", "warning", "confirmed")]
    assert told == [(60.0, LINK, "opened", "warning", "first_judgement"), *later]


def driving_west(*spots: tuple[float, float], speed_mps: float) -> list[Fix]:
    return wearer(*spots, speed_mps=speed_mps, course_deg=270.0)


NO_APPROACH = order(separation=Separation(500.0, 1000.0, 150.0, 1.0))  # of a second ahead nothing is told


def test_a_place_is_carried_on_for_15_s(run: Run) -> None:
    # 1100 m at 60 s, 20 m/s: 1000 m at 65 (uncertain by 85 m: not yet probable), 980 m at 66: probable
    fixes = phone(0, 50) + driving_west((0, 2300), (60, 1100), speed_mps=20.0)
    told = run(fixes, until_s=100, orders=(NO_APPROACH,))
    assert told == [(86, LINK, "opened", "warning", "uncontradicted")]


def test_and_held_after_that(run: Run) -> None:
    fixes = phone(0, 50) + driving_west((0, 2510), (60, 1310), speed_mps=20.0)  # held at 1010 m
    assert run(fixes, until_s=110, orders=(NO_APPROACH,)) == []


def test_what_is_stale_could_be_anywhere_within_reach(run: Run) -> None:
    # 500 + 14 x age against 5000 - 1.96 x (10 + 0.3 x age): from an age of 308 s on; blind 600 s later, as he was still
    told = run(phone_until(920) + wearer((0, 5000)), until_s=920, subject=BLIND)
    assert told == [(908, BLIND, "opened", "clear", "stale")]


def test_who_was_still_is_blind_600_s_after_it_is_stale_until_it_is_ruled_out(run: Run) -> None:
    fixes = phone_until(860) + wearer((0, 1200), (850, 1200))  # stale at 200 s: 2800 m of reach
    told = run(fixes, until_s=860, subject=BLIND)
    assert told == [(800, BLIND, "opened", "clear", "stale"), (850, BLIND, "resolved", "clear", "ruled_out")]


def test_who_reports_as_often_at_rest_is_granted_no_more(run: Run) -> None:
    # her phone: every 15 s, always; stale at 90 s: 1260 m of reach; his tag in time
    told = run(phone(0) + wearer(*[(at_s, 1200) for at_s in range(0, 200, 90)]), until_s=190, subject=BLIND)
    assert told == [(180, BLIND, "opened", "clear", "stale")]


def test_who_moved_is_blind_two_intervals_after_it_is_stale(run: Run) -> None:
    told = run(phone_until(250) + wearer((0, 1200), speed_mps=2.0), until_s=250, subject=BLIND)
    assert told == [(240, BLIND, "opened", "clear", "stale")]  # stale at 120 s


SELDOM = Party("w-1", (Device("ank-1", DeviceKind.TAG, 60.0, 300.0),))


def test_who_moved_and_may_have_come_to_rest_is_blind_60_s_after_the_resting_interval(run: Run) -> None:
    people = (*(party for party in PARTIES if party.id != "w-1"), SELDOM)
    fixes = wearer((0, 1200), (60, 1200), speed_mps=2.0)  # stale at 180 s, two intervals after that are over at 300 s
    told = run(phone_until(430) + fixes, until_s=425, subject=BLIND, parties=people)
    assert told == [(420, BLIND, "opened", "clear", "stale")]


def test_coarse_is_blind_too(run: Run) -> None:
    spots = [(second, 900.0) for second in range(0, 240, 60)]  # 397 m an axis: within 500 m at 1 sigma
    fixes = phone_until(250) + wearer(*spots, accuracy_m=600.0) + wearer((240, 900))
    told = run(fixes, until_s=250, subject=BLIND)  # by its cadence it moves: two intervals of 60 s
    assert told == [(120, BLIND, "opened", "clear", "coarse"), (240, BLIND, "resolved", "clear", "ruled_out")]


def test_never_heard_is_blind_from_the_beginning(run: Run) -> None:
    told = run(phone_until(210), until_s=210, subject=BLIND)
    assert told == [(200, BLIND, "opened", "clear", "stale")]  # since -0.5 s


def test_off_its_wearer_is_blind_at_once_wherever_the_tag_is(run: Run) -> None:
    fixes = phone_until(200) + wearer(*[(second, 9000.0) for second in range(0, 200, 50)])
    told = run(fixes, (61.3, CUT), until_s=200, subject=BLIND)
    assert told == [(61.3, BLIND, "opened", "clear", "off_wearer")]


def test_blindness_ends_with_the_order(run: Run) -> None:
    short = order(valid_until_ms=START_MS + 300_000)
    told = run(phone_until(310), until_s=310, subject=BLIND, orders=(short,))
    assert told[1:] == [(300, BLIND, "resolved", "clear", "order_changed")]


def test_at_the_last_known_place_of_a_dead_phone(run: Run) -> None:
    # hers moved by car: 10 + 15 x 300 m, so that nothing is probable; but where it was seen he is 300 m from
    fixes = phone(0, speed_mps=20.0) + wearer((0, 3000), (100, 3000), (200, 3000), (300, 300))
    assert run(fixes, until_s=319) == []
    assert run(fixes, until_s=325) == [(320, LINK, "opened", "breach", "last_known_place")]
    assert run(fixes + wearer((310, 300)), until_s=325) == [(310, LINK, "opened", "breach", "last_known_place")]


FLIPS = [(0, LINK, "opened", "warning", "first_judgement")]  # 640 m


def test_a_tag_that_flips_by_wifi_raises_nothing(run: Run) -> None:
    fixes = phone_until(400) + wearer((0, 640), (100, 440), (200, 640), (300, 640), **WIFI)
    assert run(fixes, until_s=310) == FLIPS  # 440 m is probable (60 / 39.7 is 1.5 sigma), and hers agree


def test_a_flip_that_looks_certain_is_still_a_flip(run: Run) -> None:
    fixes = phone_until(400) + wearer((0, 640), (100, 350), (200, 640), (300, 640), **WIFI)
    assert run(fixes, until_s=310) == FLIPS


@pytest.mark.parametrize("speed_mps", [0.0, nan])
def test_nor_does_one_that_flips_at_every_fix(run: Run, speed_mps: float) -> None:
    fixes = wearer(*((100 * flip, 640 - 200 * (flip % 2)) for flip in range(8)), accuracy_m=58.0, speed_mps=speed_mps)
    assert run(phone_until(750) + fixes, until_s=710) == FLIPS


def test_two_fixes_of_the_tag_are_no_flip(run: Run) -> None:
    fixes = phone_until(400) + wearer((0, 640), (100, 440), (200, 440), **WIFI)
    assert run(fixes, until_s=210) == [*FLIPS, (200, LINK, "raised", "breach", "confirmed")]


def test_nor_is_one_that_nothing_contradicts_for_longer_than_it_rests(run: Run) -> None:
    fixes = phone_until(400) + wearer(
        (0, 640), (100, 440), **WIFI
    )  # stale after 120 s, but at rest it may take 100 + 60 s
    assert run(fixes, until_s=270) == [*FLIPS, (260, LINK, "raised", "breach", "uncontradicted")]


# 30 m: 19.9 m an axis, 22.2 m of a distance; a step of 45 m is more than its noise (1.5 x 28.1 m) and no doubt
DRIFT = wearer((0, 1030), (60, 1030), (70, 985), accuracy_m=30.0)


def test_one_probable_fix_that_is_contradicted_is_nothing(run: Run) -> None:
    assert run(phone(0, 62, 95) + DRIFT + wearer((80, 1030), accuracy_m=30.0), until_s=100) == []


def test_one_probable_fix_counts_after_20_s_or_with_a_second_of_its_party(run: Run) -> None:
    assert run(phone(0, 62, 82) + DRIFT, until_s=95) == [(90, LINK, "opened", "warning", "uncontradicted")]
    again = wearer((82, 985), accuracy_m=30.0)
    assert run(phone(0, 62) + DRIFT + again, until_s=95) == [(82, LINK, "opened", "warning", "confirmed")]


def test_one_certain_fix_counts_at_once(run: Run) -> None:
    told = run(phone(0, 62) + wearer((0, 3000), (60, 1500), (80, 400)), until_s=85)
    assert told == [(80, LINK, "opened", "breach", "limit_crossed")]


def test_a_jump_is_never_at_once(run: Run) -> None:
    told = run(phone(0, 15, 45) + wearer((0, 3000), (30, 400)), until_s=60)  # 86 m/s
    assert told == [(50, LINK, "opened", "breach", "uncontradicted")]


def test_a_jump_away_does_not_begin_a_fall(run: Run) -> None:
    away = wearer((1, 100), *[(second, 5100.0) for second in range(30, 200, 30)])  # the first of them at 172 m/s
    told = run(phone_until(190) + away, until_s=190)
    assert told[1:] == [(180, LINK, "resolved", "clear", "apart")]  # 120 s after the second


def test_a_fix_from_ahead_never_lowers(run: Run) -> None:
    ahead = [(second, wearer((second + 5, 1500))[0]) for second in (60, 90, 120, 150, 180)]
    told = run(phone_until(300) + wearer((1, 100)), *ahead, until_s=300)
    assert told == [(1, LINK, "opened", "emergency", "first_judgement")]


def test_a_fall_takes_120_s_and_a_further_fix_of_each(run: Run) -> None:
    away = wearer((1, 100), (60, 1500))
    assert run(phone_until(280) + away + wearer((170, 1500)), until_s=179)[1:] == []
    told = run(phone_until(280) + away + wearer((170, 1500)), until_s=181)
    assert told[1:] == [(180, LINK, "resolved", "clear", "apart")]
    assert run(phone_until(280) + away, until_s=254)[1:] == []  # one fix of his says so: not enough
    told = run(phone_until(280) + away + wearer((255, 1500)), until_s=256)
    assert told[1:] == [(255, LINK, "resolved", "clear", "apart")]


def test_a_stale_party_lets_nothing_fall(run: Run) -> None:
    away = wearer((1, 100), (60, 1500), (120, 1500), (180, 1500))
    assert run(phone(0, 50, 65, 89) + away, until_s=240)[1:] == []  # hers is stale from 179 on
    told = run(phone(0, 50, 65, 91) + away, until_s=240)
    assert told[1:] == [(180, LINK, "resolved", "clear", "apart")]


def test_a_coarse_fix_raises_no_limit_finer_than_itself(run: Run) -> None:
    told = run(phone(0) + wearer((1, 0), accuracy_m=600.0), until_s=60)  # within 500 m with 0.55
    assert told == [(1, LINK, "opened", "warning", "first_judgement")]


def past(offset_m: float) -> list[Fix]:
    """By car along a road so far from her: 1980 m in each minute."""
    spots = ((0, -3470.0), (60, -1490.0), (120, 490.0))
    return [fix("ank-1", at_s, east_m, offset_m) for at_s, east_m in spots]


def test_a_pass_at_33_mps_between_two_fixes(run: Run) -> None:
    told = run(phone(0, 60) + past(100.0), until_s=121)  # at 120 s he is 500 m away again
    assert told == [(120, LINK, "opened", "emergency", "passed")]


@pytest.mark.parametrize("back_m", [0.0, 0.5])
def test_an_outlier_that_the_next_fix_contradicts_is_no_pass(run: Run, back_m: float) -> None:
    # 990 m is probable, no more (10 m inside at 14 m); the way back begins there, and is nowhere nearer
    told = run(phone(0, 10, 65) + wearer((0, 1500), (60, 990), (70, 1500 + back_m)), until_s=79)
    assert told == []


def test_a_pass_of_one_whose_phone_reports_seldom(run: Run) -> None:
    assert run(phone(50) + past(100.0), until_s=121) == [(120, LINK, "opened", "emergency", "passed")]


def test_a_pass_of_one_whose_phone_reports_often(run: Run) -> None:
    assert run(phone_until(120) + past(100.0), until_s=121) == [(120, LINK, "opened", "emergency", "passed")]


def test_a_pass_of_one_whose_phone_comes_between(run: Run) -> None:
    told = run(phone(0, 60, 90, 119) + past(100.0), until_s=121)  # nothing of hers says anything of his way
    assert told == [(120, LINK, "opened", "emergency", "passed")]


def test_a_pass_by_where_a_dead_phone_was_last_seen(run: Run) -> None:
    later = [replace(one, fixed_at_ms=one.fixed_at_ms + 200_000) for one in past(100.0)]
    told = run(phone(0, speed_mps=20.0) + later, until_s=321)
    assert told == [(320, LINK, "opened", "emergency", "passed")]


def test_a_pass_falls_120_s_after_it(run: Run) -> None:
    on = [fix("ank-1", at_s, at_s * 33.0 - 3470.0, 100.0) for at_s in (180, 240)]
    told = run(phone(0, 60, *range(125, 261, 15)) + past(100.0) + on, until_s=299)
    assert (told[-1][0], told[-1][2], told[-1][4]) == (240, "resolved", "apart")  # apart from 150 m at 120 s as well


def test_a_pass_through_a_zone(run: Run) -> None:
    zoned = order(separation=None, zones=(HOME,))
    assert run(past(300.0), until_s=121, subject=AREA, orders=(zoned,)) == [(120, AREA, "opened", "warning", "passed")]
    assert run(past(240.0), until_s=121, subject=AREA, orders=(zoned,)) == [(120, AREA, "opened", "breach", "passed")]
    assert run(past(360.0), until_s=121, subject=AREA, orders=(zoned,)) == []


def test_a_zone_of_a_coarse_fix(run: Run) -> None:
    zoned = order(separation=None, zones=(HOME,))
    assert run(wearer((1, 200), accuracy_m=201.0), until_s=30, subject=AREA, orders=(zoned,)) == []
    told = run(wearer((1, 200), accuracy_m=199.0), until_s=30, subject=AREA, orders=(zoned,))
    assert told == [(1, AREA, "opened", "breach", "first_judgement")]  # 250 / 132 is 1.9 sigma


def resting(*fixes: tuple[float, float, float]) -> list[Fix]:
    """The tag's fixes at its cadence of 100 s: (seconds, metres from her, accuracy)."""
    return [fix("ank-1", at_s, east_m, accuracy_m=accuracy_m, **STILL) for at_s, east_m, accuracy_m in fixes]


AT_HOME = resting((0, 800, 20), (100, 800, 20))  # 13 m an axis; from 190 s on 13 + 0.3 x 90 = 40 m, were it not heard
NEAR_HOME = [(0, LINK, "opened", "warning", "first_judgement")]


def test_a_coarse_fix_of_a_tag_at_rest_that_says_nothing_new_leaves_it_where_it_was(run: Run) -> None:
    # 600 m are 397 m an axis: 400 m away is within 2.45 x 399 m, and coarser than the limit of 500 m
    coarse = resting(*((at_s, 400, 600) for at_s in range(200, 2400, 100)))
    assert run(phone_until(2400) + AT_HOME + coarse, until_s=2399, subject=BLIND) == []
    assert run(phone_until(2400) + AT_HOME + coarse, until_s=1799) == NEAR_HOME


def test_but_not_where_it_contradicts(run: Run) -> None:
    coarse = resting(*((at_s, -200, 600) for at_s in range(200, 1300, 100)))  # 1000 m away: more than 979 m
    told = run(phone_until(1300) + AT_HOME + coarse, until_s=1299, subject=BLIND)
    assert told == [(800, BLIND, "opened", "clear", "coarse")]  # 600 s at rest


def test_nor_where_the_tag_is_awake(run: Run) -> None:
    walks = resting(*((at_s, 400, 600) for at_s in range(160, 400, 60)))  # by its cadence: told after 2 x 60 s
    told = run(phone_until(400) + AT_HOME + walks, until_s=399, subject=BLIND)
    assert told == [(280, BLIND, "opened", "clear", "coarse")]


def test_who_is_asked_to_report_oftener_is_not_awake_for_doing_so(run: Run) -> None:
    # 800 m is a warning: asked from the first step on to report every 15 s; known to 600 m only from 115 s on
    obeys = resting(*((at_s, -200, 600) for at_s in range(115, 800, 15)))
    told = run(phone_until(800) + AT_HOME + obeys, until_s=799, subject=BLIND)
    assert told == [(715, BLIND, "opened", "clear", "coarse")]  # 600 s at rest; awake it would be 120 s
    stubborn = resting(*((at_s, -200, 600) for at_s in range(146, 400, 46)))  # a fix is lost, but two are not
    told = run(phone_until(400) + AT_HOME + stubborn, until_s=399, subject=BLIND)
    assert told == [(266, BLIND, "opened", "clear", "coarse")]


def test_nor_where_it_was_silent_for_too_long(run: Run) -> None:
    told = run(phone_until(900) + AT_HOME + resting((200, 400, 600)), until_s=1010, subject=BLIND)
    assert told == [
        (1000, BLIND, "opened", "clear", "stale")
    ]  # heard at 200 s, stale after 200 s, told after 600 s more


def test_nor_where_it_came_sooner_than_at_rest(run: Run) -> None:
    lost = resting(*((at_s, 400, 600) for at_s in range(172, 480, 72)))  # 72 s: under 0.75 x 100 s, over 1.5 x 60 s
    lost = [replace(one, fixed_at_ms=one.fixed_at_ms + 20_000 * place) for place, one in enumerate(lost)]
    people = (*(party for party in PARTIES if party.id != "w-1"), SELDOM)  # 300 s at rest: 92 s is not its cadence
    told = run(phone_until(1100) + AT_HOME + lost, until_s=1099, subject=BLIND, parties=people)
    assert [line[2:] for line in told] == [("opened", "clear", "coarse")]


def test_nor_for_longer_than_an_hour_where_it_knows_next_to_nothing(run: Run) -> None:
    people = (*(party for party in PARTIES if party.id != "w-1"), SELDOM)
    coarse = resting((0, 2000, 5), (300, 2000, 5), *((at_s, 2000, 1500) for at_s in range(600, 4801, 300)))
    told = run(phone_until(4810) + coarse, until_s=4805, subject=BLIND, parties=people)
    assert told == [(4800, BLIND, "opened", "clear", "coarse")]  # taken at 4200 s, and 600 s more at rest


def test_who_goes_on_the_same_way_is_no_tag_that_flips(run: Run) -> None:
    """Asked, so not awake by its cadence; it says no speed, and 40 m are no satellite's: past her at 15 m/s."""
    unsaid = {"speed_mps": nan, "accuracy_m": 40.0}  # 26.5 m an axis: a step of 56 m may be error
    rests = wearer((0, 880), (100, 880), (200, 880), (300, 880), (315, 880), **unsaid)
    drives = [fix("ank-1", 315.0 + 15 * place, 880.0 - 225 * place, 60.0, **unsaid) for place in range(1, 6)]
    # 434 m is 2.3 x 28 m inside the limit: certain at the second step; 63 m away at the fourth
    assert run(phone_until(390) + rests + drives, until_s=390) == [
        (0, LINK, "opened", "warning", "first_judgement"),
        (345, LINK, "raised", "breach", "limit_crossed"),
        (375, LINK, "raised", "emergency", "limit_crossed"),
    ]
    flips = [fix("ank-1", 315.0 + 15 * place, 880.0 - 450 * (place % 2), **unsaid) for place in range(1, 6)]
    assert run(phone_until(390) + rests + flips, until_s=390)[1:] == []


def test_a_clock_that_is_behind_does_not_end_silence_at_every_fix(run: Run) -> None:
    """Silent after 2 x 100 + 60 s, stale after 200 s: what comes 180 s late is neither, but the next one would be."""
    tag = "device:ank-1"
    late = [(at_s, fix("ank-1", at_s - 180.0, 2000.0, **STILL)) for at_s in (480, 580, 680, 780)]
    told = run(wearer((0, 2000), (100, 2000), (200, 2000)), *late, until_s=859, subject=tag)
    assert told == [(460, tag, "opened", "clear", "silent")]
    sooner = [(at_s, fix("ank-1", at_s - 150.0, 2000.0, **STILL)) for at_s in (480, 580, 680, 780)]
    told = run(wearer((0, 2000), (100, 2000), (200, 2000)), *sooner, until_s=859, subject=tag)
    assert told == [(460, tag, "opened", "clear", "silent"), (480, tag, "resolved", "clear", "heard_again")]


def test_a_fix_of_who_moves_that_knows_less_leaves_it_where_it_was(run: Run) -> None:
    # he walks at 1.15 m/s and is carried on to 683 m; she comes at 4 m/s, is 483 m away at 150 s: her fix confirms
    unsaid = {"speed_mps": nan}
    he = wearer((0, 790), (60, 790), (120, 700), **unsaid)
    lost = wearer((135, 700), (150, 500), (165, 900), accuracy_m=1300.0, **unsaid)
    she = [fix("vic-1", at_s, max(0.0, 4.0 * (at_s - 100)), **unsaid) for at_s in range(0, 170, 15)]
    told = run(he + lost + she, until_s=169)
    assert told[1:] == [(150, LINK, "raised", "breach", "confirmed")]
    contradicting = wearer((135, 5000), (150, 5000), accuracy_m=1300.0, **unsaid)  # 4300 m: over 2.45 x 862 m
    assert run(he + contradicting + she, until_s=169)[1:] == []


def test_what_is_carried_on_is_confirmed_by_who_is(run: Run) -> None:
    # carried on at 2 m/s from 520 m to 490 m: probable from 131 s on; fixes of her who rests say nothing of that
    he = wearer((0, 760), (60, 640), (120, 520), speed_mps=2.0, course_deg=270.0)
    told = run(he + phone(*range(0, 200, 15)), until_s=199)
    assert (151, LINK, "raised", "breach", "uncontradicted") in told


def test_that_uncertainty_has_grown_gives_up_nothing_that_waits_for_another(run: Run) -> None:
    # carried on at 12 m/s from 566 m: probable at 67 s (482 m, 116 m), no more at 84 s (386 m, 370 m) by her fix
    he = wearer((0, 1286), (60, 566), speed_mps=12.0, course_deg=270.0)
    told = run(he + phone(0, 15, 30, 45, 60, 84), until_s=100)
    assert (87, LINK, "raised", "breach", "uncontradicted") in told


def test_a_coarse_fix_of_who_moves_that_says_he_goes_faster_is_taken(run: Run) -> None:
    walks = {"speed_mps": 1.4, "course_deg": 270.0}
    he = wearer((0, 1868), (60, 1784), (120, 1700), **walks)
    drives = wearer(*((at_s, 1680) for at_s in range(135, 300, 15)), accuracy_m=1000.0, speed_mps=18.0)
    told = run(he + drives + phone_until(300), until_s=299, subject=BLIND)
    assert told == [(255, BLIND, "opened", "clear", "coarse")]  # 2 x 60 s, awake: 1680 m are 382 m at least


def test_who_moved_is_missed_no_later_for_a_fix_that_knows_less(run: Run) -> None:
    people = (*(party for party in PARTIES if party.id != "w-1"), SELDOM)
    walks = wearer(*((at_s, 1000.0 + at_s) for at_s in range(0, 361, 60)), speed_mps=1.0, course_deg=90.0)
    cell = wearer((420, 1400), accuracy_m=1300.0, speed_mps=nan)
    told = run(phone_until(900) + walks + cell, until_s=899, subject=BLIND, parties=people)
    assert told == [(780, BLIND, "opened", "clear", "stale")]  # heard at 420 s, 300 s at rest and 60 s more


def test_what_leaves_a_place_as_it_is_counts_as_a_fix_that_lets_a_level_fall(run: Run) -> None:
    # her phone, 300 s at rest, knows its place by Wi-Fi after two good fixes; he comes by twice
    people = (Party("p-1", (Device("vic-1", DeviceKind.PHONE, 15.0, 300.0),)), *PARTIES[1:])
    hers = phone(0, 300) + phone(*range(600, 8000, 300), accuracy_m=60.0)
    visit = [(0, 3000), (60, 2000), (120, 1000), (180, 100), (240, 1000), (300, 2000), (360, 3000)]
    ways = [(start_s + at_s, east_m) for start_s in (700, 4400) for at_s, east_m in visit]
    waits = [(at_s, 3000) for at_s in (*range(0, 700, 100), *range(1160, 4400, 100), *range(4860, 6000, 100))]
    told = run(hers + wearer(*sorted(ways + waits)), until_s=6000, parties=people)
    assert [line[2] for line in told if line[3] == "emergency" and line[2] != "updated"] == ["opened", "opened"]
    assert told[-1][2] == "resolved"


def test_a_fix_that_knows_nothing_lets_nothing_fall(run: Run) -> None:
    fixes = wearer((0, 60), (60, 60)) + wearer(*((at_s, 60) for at_s in range(120, 900, 60)), accuracy_m=6000.0)
    told = run(phone_until(900) + fixes, until_s=899)
    assert {line[2] for line in told} <= {"opened", "updated"}
    assert told[-1][3] == "emergency"


def test_who_may_have_come_to_rest_is_blind_after_600_s_however_seldom_it_reports(run: Run) -> None:
    seldom = Party("w-1", (Device("ank-1", DeviceKind.TAG, 60.0, 3600.0),))
    people = (*(party for party in PARTIES if party.id != "w-1"), seldom)
    fixes = driving_west((0, 5400), (60, 4500), speed_mps=15.0)
    told = run(phone_until(700) + fixes, until_s=699, subject=BLIND, parties=people)
    assert told == [(660, BLIND, "opened", "clear", "stale")]


def test_the_uncertainty_of_who_rests_grows_no_further(run: Run) -> None:
    # 1075 m: 40 m with hers of 10 m are 41.7 m, and 1.645 times that 68.6 m; grown for 99 s it would be 72.7 m
    fixes = resting((0, 990, 20), (100, 990, 20), (200, 1070, 20), (300, 1070, 20))
    assert run(phone_until(420) + fixes, until_s=419)[1:] == [(320, LINK, "resolved", "clear", "apart")]


def test_growing_uncertainty_says_nothing_against_a_fall(run: Run) -> None:
    # walking at 1.3 m/s by its own word: 1060 m is apart at its fix, no more from 12 s on; 120 s later it is over
    fixes = wearer((0, 900), (60, 980), (120, 1060), (180, 1140), (240, 1220), speed_mps=1.3)
    assert run(phone_until(250) + fixes, until_s=249) == [
        (0, LINK, "opened", "warning", "first_judgement"), (240, LINK, "resolved", "clear", "apart"),
    ]  # fmt: skip


# 14 m/s towards her from 2500 m: at her in 179 s, by then uncertain by 189 m; from a fix 15 s old 10 + 15 x 15 + 164 m:
# within 500 m with 1 - exp(-(500 / 399)^2 / 2) = 0.54
COMING = [(at_s, 2500.0 - 14.0 * at_s) for at_s in (0, 30)]


def test_an_approach_is_told_by_two_fixes_20_s_apart(run: Run) -> None:
    fixes = phone(0, 15) + driving_west(*COMING, speed_mps=14.0)
    assert run(fixes, until_s=29) == []
    assert run(fixes, until_s=31) == [(30, LINK, "opened", "warning", "approaching")]


def test_an_approach_is_not_told_where_a_fix_between_says_otherwise(run: Run) -> None:
    between = wearer((14, 2304.0))
    assert run(phone(0, 15) + driving_west(*COMING, speed_mps=14.0) + between, until_s=31) == []


def test_an_approach_falls_120_s_after_the_last_fix_that_agreed(run: Run) -> None:
    turned = wearer(*[(at_s, 2080.0) for at_s in (60, 90, 120, 150)])
    told = run(phone_until(180) + driving_west(*COMING, speed_mps=14.0) + turned, until_s=180)
    assert told[1:] == [(150, LINK, "resolved", "clear", "apart")]  # his at 30 s was the last that agreed


def living(*spots: tuple[float, float], end_s: int = 2500) -> list[Fix]:
    """At rest at 900 m, from the seconds on elsewhere; both report in time."""
    moves = [(0.0, 900.0), *spots]
    tag = [(at_s, [east_m for since_s, east_m in moves if since_s <= at_s][-1]) for at_s in range(0, end_s, 100)]
    return phone(*range(0, end_s, 60)) + wearer(*tag)


NEAR = [
    (0, LINK, "opened", "warning", "first_judgement"), (1800, LINK, "resolved", "clear", "near_steady")
]  # fmt: skip


def test_neighbours_are_told_no_more_after_30_min(run: Run) -> None:
    assert run(living(), until_s=2400) == NEAR


def test_who_comes_200_m_nearer_is_told_again(run: Run) -> None:
    # 700 m are to be undercut by more than what a distance is uncertain by: 14 m at the least; at 1900 s, with hers of
    # 40 s ago, hypot(10, 10 + 0.3 x 40) is 24 m
    assert run(living((1900, 690.0)), until_s=2400) == NEAR
    assert run(living((1900, 670.0)), until_s=2400) == [*NEAR, (1900, LINK, "opened", "warning", "nearer")]
    # at 600 s both have a fix: 14 m of a distance
    assert run(living((600, 680.0)), until_s=2450) == [NEAR[0], (2400, LINK, "resolved", "clear", "near_steady")]


def test_a_neighbour_who_comes_within_the_limit_is_told(run: Run) -> None:
    assert run(living((1900, 400.0)), until_s=2000) == [*NEAR, (1900, LINK, "opened", "breach", "limit_crossed")]


def test_a_neighbour_who_leaves_is_told_when_he_is_back(run: Run) -> None:
    told = run(living((1900, 1500.0), (2300, 900.0)), until_s=2400)
    assert told == [*NEAR, (2300, LINK, "opened", "warning", "limit_crossed")]


def test_silence_makes_no_neighbour(run: Run) -> None:
    quiet = [
        one for one in living() if one.device != "vic-1" or not 1700 < one.fixed_at_ms / 1000 - START_MS / 1000 < 1860
    ]
    assert run(quiet, until_s=1900) == [NEAR[0], (1860, LINK, "resolved", "clear", "near_steady")]


# at 60 s he is first judged, 2800 m from her: 14 m an axis where he stands still, 910 m where he drives
@pytest.mark.parametrize(("before_m", "certain"), [(2800.0, True), (3700.0, False)])
def test_a_device_that_says_it_stands_is_not_believed_against_its_steps(
    run: Run, before_m: float, *, certain: bool
) -> None:
    wide = order(valid_from_ms=START_MS + 120_000, separation=Separation(500.0, 3000.0, 150.0, 480.0))
    fixes = phone(0, 120) + wearer((0, before_m), (60, 2800), (130, 2000))
    later = [] if certain else [(130.0, LINK, "updated", "warning", "confirmed")]
    assert run(fixes, until_s=131, orders=(wide,)) == [(120.0, LINK, "opened", "warning", "first_judgement"), *later]


TWO = order(protected=("p-2",))  # who carries vic-2, 30 s or 60 s at rest, and vic-3, always 60 s
PAIR = "separation:w-1_p-2"


def second(device: str, *spots: tuple[float, float], **facts: float) -> list[Fix]:
    return [fix(device, at_s, east_m, **(STILL | facts)) for at_s, east_m in spots]


def test_of_two_devices_the_better_one_leads(run: Run) -> None:
    him = wearer((0, 800), (60, 800), (70, 800))
    good, bad = second("vic-2", (0, 0), (60, 0)), second("vic-3", (50, 400), (65, 400), accuracy_m=40.0)
    assert run(him + good + bad, until_s=80, subject=PAIR, orders=(TWO,)) == [
        (0, PAIR, "opened", "warning", "first_judgement")
    ]
    told = run(him + second("vic-3", (0, 0), accuracy_m=40.0) + second("vic-2", (50, 400)), until_s=60, subject=PAIR,
               orders=(TWO,))  # fmt: skip
    assert told[-1] == (50, PAIR, "raised", "breach", "limit_crossed")


def test_of_two_devices_a_stale_one_leads_no_more(run: Run) -> None:
    him = wearer(*((at_s, 650) for at_s in range(0, 300, 60)))
    # hers is stale at 120 s, and 46 m uncertain by then: 79 m are worse, 200 m away no contradiction (2.45 x 91 m), and
    # such a step has to be said twice
    good, bad = second("vic-2", (0, 0)), second("vic-3", (119, 200), (121, 200), (181, 200), accuracy_m=120.0)
    told = run(him + good + bad, until_s=200, subject=PAIR, orders=(TWO,))
    assert told == [
        (0, PAIR, "opened", "warning", "first_judgement"), (181, PAIR, "raised", "breach", "confirmed"),
    ]  # fmt: skip


def test_of_two_devices_that_contradict_each_other_neither_silences_the_other(run: Run) -> None:
    # her good phone stays at home while her watch walks to him at 1.4 m/s
    him, at_home = (
        wearer(*((at_s, 3000) for at_s in range(0, 2500, 60))),
        second("vic-2", *((s, 0) for s in range(0, 2500, 60))),
    )
    walks = second(
        "vic-3", *((at_s, min(3000.0, 1.4 * at_s)) for at_s in range(30, 2500, 60)), accuracy_m=20.0, speed_mps=nan
    )
    told = run(him + at_home + walks, until_s=2500, subject=PAIR, orders=(TWO,))
    assert "emergency" in {level for _, _, _, level, _ in told}


def test_a_device_that_says_nothing_of_its_speed_is_measured(run: Run) -> None:
    # 14 m/s by its steps: the noise of 21 m off 420 m leaves 13.3 m/s, but the velocity is the whole step's
    spots = [(at_s, 2920.0 - 14.0 * at_s) for at_s in (0, 30, 60)]
    told = run(phone(0, 15, 45) + wearer(*spots, speed_mps=nan), until_s=61)
    assert told == [(60, LINK, "opened", "warning", "approaching")]


EACH_MINUTE = (0, 60, 120, 180, 240)
RIDING = {"speed_mps": 10.0, "course_deg": 90.0}


def riding(device: str, *at_s: float, beside_m: float = 0.0, **facts: float) -> list[Fix]:
    """Eastwards at 10 m/s, so far beside the way."""
    return [fix(device, second, 10.0 * second, beside_m, **(RIDING | facts)) for second in at_s]


def ride(*at_s: float, beside_m: float = 20.0) -> list[Fix]:
    return riding("ank-1", *at_s, beside_m=beside_m) + riding("vic-1", *at_s)


ABOARD = [
    (0, LINK, "opened", "emergency", "first_judgement"), (120, LINK, "updated", "emergency", "travelling_together")
]  # fmt: skip


def test_who_travel_together_are_told_so_once(run: Run) -> None:
    assert run(ride(*EACH_MINUTE), until_s=300) == ABOARD


def test_only_positions_that_are_hardly_older_than_each_other_say_so(run: Run) -> None:
    # hers are 10 s old at his, so from 60 s on; his are 50 s old at hers: he is held, and seems to be 350 m behind
    fixes = riding("ank-1", *EACH_MINUTE, beside_m=20.0) + riding("vic-1", 50, 110, 170, 230)
    assert [line[:1] + line[4:] for line in run(fixes, until_s=240)][-1] == (180, "travelling_together")
    apart = riding("ank-1", *EACH_MINUTE, beside_m=20.0) + riding("vic-1", 30, 90, 150, 210)
    assert "travelling_together" not in [line[4] for line in run(apart, until_s=240)]


@pytest.mark.parametrize("facts", [{"speed_mps": 2.4}, {"accuracy_m": 101.0}])
def test_walkers_and_coarse_positions_do_not(run: Run, facts: dict[str, float]) -> None:
    spots = [(second, 2.0 * second) for second in EACH_MINUTE]
    fixes = [
        fix(device, second, east_m, **(RIDING | facts)) for device in ("ank-1", "vic-1") for second, east_m in spots
    ]
    assert "travelling_together" not in [line[4] for line in run(fixes, until_s=240)]


def test_a_rise_after_one_got_off_asks_anew(run: Run) -> None:
    hers = [fix("vic-1", second, 2400.0, **STILL) for second in (300, 360, 420, 480)]
    his = [fix("ank-1", second, 2800.0, **STILL) for second in (300, 360, 420)] + [fix("ank-1", 480, 2420.0, **STILL)]
    told = run(ride(*EACH_MINUTE) + hers + his, until_s=500)
    back = [(420, LINK, "lowered", "breach", "apart"), (480, LINK, "raised", "emergency", "limit_crossed")]
    assert told == ABOARD + back
    # where they only stood together it is the same episode
    stood = [fix(device, second, 2400.0, **STILL) for device in ("ank-1", "vic-1") for second in EACH_MINUTE]
    told = run(stood + hers + his, until_s=500)
    assert told == [ABOARD[0], back[0], (480, LINK, "updated", "emergency", "limit_crossed")]


def test_a_rise_while_they_are_together_asks_nobody_anew(run: Run) -> None:
    # within 40 m is an emergency: at 80 m with a probability of 0.002, at 5 m of 0.97
    close = order(separation=Separation(500.0, 1000.0, 40.0, 480.0))
    fixes = ride(0, 60, 120, beside_m=80.0) + ride(180, beside_m=5.0)
    assert run(fixes, until_s=200, orders=(close,)) == [
        (0, LINK, "opened", "breach", "first_judgement"), (120, LINK, "updated", "breach", "travelling_together"),
        (180, LINK, "updated", "emergency", "limit_crossed"),
    ]  # fmt: skip
    alone = ride(0, 60, beside_m=80.0) + ride(120, beside_m=5.0)
    assert run(alone, until_s=121, orders=(close,))[1] == (120, LINK, "raised", "emergency", "limit_crossed")


def test_silence_is_no_company(run: Run) -> None:
    # his at 120 s is stale at 240 s; from 300 s on it takes 120 s again
    fixes = riding("ank-1", 0, 60, 120, 300, 360, 420, beside_m=20.0) + riding("vic-1", *range(0, 421, 60))
    told = run(fixes, until_s=430)
    assert told == [*ABOARD, (420, LINK, "updated", "emergency", "travelling_together")]
