# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The victim-proximity monitor authors
"""The rules of DESIGN 6 by example, worked out by hand. Tracks that move are in test_twin_rules.

Limits are 1000, 500 and 150 m; fixes of 5 m count with the floor of 10 m an axis, so a distance has a standard
deviation of sqrt(10^2 + 10^2) = 14.1 m: within a limit is certain from 23.3 m inside it, probable from the limit
itself, and improbable from 23.3 m outside (1.645 standard deviations). A zone's has 10 m: 16.4 m. Devices say that they
stand still: no velocity; and whatever their steps say of their pace, 0.3 m an axis more for each second of age. Steps
leave 1.5 x 14.1 = 21.2 m for noise.
The phone is stale after max(90, 2 x 15) = 90 s, the tag after 2 x 60 = 120 s, at rest after 2 x 100 = 200 s. The
phone is silent after 90 s too, the tag, moving or not, after 2 x 100 + 60 = 260 s, or 200 s once its last will stands.
"""

from collections.abc import Iterable

import pytest
from scipy.stats import ncx2

from proximity.model.inputs import Acknowledgement, Fix, Input, Revision, Status
from proximity.model.judging import Judging
from proximity.model.orders import Order
from proximity.model.words import Certainty, Change, Severity, StatusEvent
from tests.engine.scenes import HOME, REGION, START_MS, SUPERVISOR, Played, Step, book_of, fix, of_devices, order, play

LINK = "separation:w-1_p-1"
AREA = "zone:w-1_home"
STILL = {"speed_mps": 0.0}
JUDGING = Judging(growth_walking_mps=0.3, growth_cycling_mps=0.3, growth_driving_mps=0.3)


def wearer(*spots: tuple[float, float], **facts: float) -> list[Fix]:
    """The tag's fixes: (seconds, metres from the protected person)."""
    return [fix("ank-1", at_s, east_m, **(STILL | facts)) for at_s, east_m in spots]


def protected(*at_s: float) -> list[Fix]:
    """The phone's fixes, in the middle of the scene."""
    return [fix("vic-1", second, 0.0, **STILL) for second in at_s]


def phone_until(end_s: int) -> list[Fix]:
    return protected(*range(0, end_s + 1, 15))


def run(fixes: Iterable[Fix], *others: tuple[float, Input], until_s: float, orders: tuple[Order, ...] = ()) -> Played:
    """Every fix arrives when it is made; `others` at their seconds."""
    given: dict[int, list[Input]] = {START_MS - 500: [Revision(book_of(*(orders or (order(),))), JUDGING)]}
    for one in fixes:
        given.setdefault(one.fixed_at_ms, []).append(one)
    for at_s, other in others:
        given.setdefault(START_MS + round(at_s * 1000), []).append(other)
    steps = [Step(now_ms, tuple(inputs)) for now_ms, inputs in sorted(given.items())]
    played = play(steps, until_s=until_s)
    assert play(steps, until_s=until_s, every_second=True).transitions == played.transitions
    return played


def test_walking_in() -> None:
    tag = wearer((1, 1500), (60, 1010), (120, 990), (180, 970), (240, 470), (300, 490), (360, 145), (420, 100))
    played = run(phone_until(420) + tag, until_s=430)
    assert played.told() == [
        (135, LINK, "opened", "warning", "confirmed"),  # 990 m is probable at 120 by fixes of both; hers at 135 agrees
        (180, LINK, "updated", "warning", "confirmed"),  # 970 m is certain
        (240, LINK, "raised", "breach", "limit_crossed"),  # 470 m is certain: at once
        (360, LINK, "raised", "emergency", "limit_crossed"),  # 145 m is probable: at once all the same
        (420, LINK, "updated", "emergency", "confirmed"),
    ]
    certainty = [transition.incident.certainty for transition in played.transitions]
    sure, likely = Certainty.CERTAIN, Certainty.PROBABLE
    assert certainty == [likely, sure, sure, likely, sure]
    severity = [transition.incident.severity for transition in played.transitions]
    assert severity == [Severity.MINOR, Severity.MINOR, Severity.MAJOR, Severity.CRITICAL, Severity.CRITICAL]


def test_walking_out() -> None:
    tag = wearer((1, 100), (60, 100), (120, 620), (180, 620), (240, 620), (300, 1100), (360, 1100), (420, 1100))
    played = run(phone_until(435) + tag, until_s=436)
    assert played.told() == [
        (1, LINK, "opened", "emergency", "first_judgement"),
        (240, LINK, "lowered", "warning", "apart"),  # 120 s after 120; 620 m is within the warning distance
        (420, LINK, "resolved", "clear", "apart"),
    ]
    assert played.transitions[1].incident.certainty is Certainty.CERTAIN
    assert [int(transition.previous_level) for transition in played.transitions] == [0, 3, 1]


def test_falling_takes_120_s_to_the_second() -> None:
    tag = wearer((1, 100), (60, 1100), (100, 1100), (170, 1100))
    assert run(phone_until(180) + tag, until_s=179).told()[1:] == []
    assert run(phone_until(180) + tag, until_s=181).told()[1:] == [(180, LINK, "resolved", "clear", "apart")]


def test_falling_takes_a_further_fix_of_each() -> None:
    tag = wearer((1, 100), (60, 1100))
    assert run(phone_until(300) + tag, until_s=255).told()[1:] == []  # one fix of his says so: not enough
    late = run(phone_until(300) + tag + wearer((255, 1100)), until_s=256).told()
    assert late[1:] == [(255, LINK, "resolved", "clear", "apart")]


def test_a_stale_fix_lets_nothing_fall() -> None:
    tag = wearer((1, 100), (60, 1100), (120, 1100), (180, 1100))
    told = run(protected(0, 50, 89) + tag, until_s=200).told()
    assert told[1:] == [(179, "device:vic-1", "opened", "clear", "silent")]  # hers is stale from 179 on
    told = run(protected(0, 50, 91) + tag, until_s=200).told()
    assert told[1:] == [
        (180, LINK, "resolved", "clear", "apart"), (181, "device:vic-1", "opened", "clear", "silent")
    ]  # fmt: skip


def test_coming_back_starts_the_clock_anew() -> None:
    tag = wearer((1, 100), (60, 1100), (120, 1015), (150, 1100), (200, 1100))
    # 1015 m is 15 m outside: within it with a probability of 0.14, so not improbable; apart from emergency all along
    assert run(phone_until(300) + tag, until_s=300).told()[1:] == [
        (180, LINK, "resolved", "clear", "apart"),  # the level is emergency, and that has been improbable since 60
    ]
    near = wearer((1, 900), (60, 1100), (120, 1015), (150, 1100), (200, 1100))
    assert run(phone_until(300) + near, until_s=300).told()[1:] == [(270, LINK, "resolved", "clear", "apart")]


def test_one_probable_fix_that_is_contradicted_is_nothing() -> None:
    assert run(protected(0, 62, 82) + wearer((60, 1500), (70, 990), (80, 1500)), until_s=100).told() == []


def test_one_probable_fix_that_is_not_contradicted_counts_after_20_s() -> None:
    played = run(protected(0, 62, 95) + wearer((60, 1500), (70, 990)), until_s=94)
    assert played.told() == [(90, LINK, "opened", "warning", "uncontradicted")]
    assert played.transitions[0].incident.certainty is Certainty.PROBABLE


def test_one_certain_fix_counts_at_once() -> None:
    # (1100 - 21.2) m in 20 s are 54 m/s, no jump; hers is 18 s old: 400 m is 100 m inside with hypot(10, 15.4) = 18.4
    played = run(protected(0, 62) + wearer((60, 1500), (80, 400), (100, 1500)), until_s=110)
    assert played.told() == [(80, LINK, "opened", "breach", "limit_crossed")]


def test_a_fix_from_ahead_is_at_most_probable_and_never_at_once() -> None:
    # (1100 - 21.2) m in the 30 s until 70 are 36 m/s: no jump. What his fix began at 70, another fix of his confirms
    ahead, again = wearer((75, 400), (90, 400))
    before = wearer((40, 1500))
    played = run(protected(0, 62, 85) + before, (70, ahead), until_s=89)
    assert played.told() == []  # hers is not his
    played = run(protected(0, 62, 85) + before, (70, ahead), until_s=91)
    assert played.told() == [(90, LINK, "opened", "breach", "uncontradicted")]
    played = run(protected(0, 62, 85) + before, (70, ahead), (85, again), until_s=86)
    assert played.told() == [(85, LINK, "opened", "breach", "confirmed")]
    assert played.transitions[0].incident.certainty is Certainty.PROBABLE
    first = run(protected(0), (10, wearer((15, 400))[0]), until_s=29)
    assert first.told() == []
    assert run(protected(0), (10, wearer((15, 400))[0]), until_s=31).told() == [
        (30, LINK, "opened", "breach", "uncontradicted")
    ]


def test_a_fix_from_ahead_never_lowers() -> None:
    ahead = [(second, wearer((second + 5, 1100))[0]) for second in (60, 90, 120, 150, 180)]
    played = run(phone_until(300) + wearer((1, 100)), *ahead, until_s=300)
    assert [line[1:3] for line in played.told() if line[1] == LINK] == [(LINK, "opened")]


def test_a_clock_far_ahead_is_an_incident_of_the_device() -> None:
    ahead, right = wearer((131, 1500))[0], wearer((160, 1500))[0]
    played = run(phone_until(165), (100, ahead), (160, right), until_s=165)
    assert played.told() == [
        (100, "device:ank-1", "opened", "clear", "clock"), (160, "device:ank-1", "resolved", "clear", "clock_right")
    ]  # fmt: skip
    assert run(phone_until(165), (101, ahead), until_s=165).told() == []  # 30 s ahead, not more


def test_a_stored_fix_says_nothing_of_the_clock() -> None:
    stored = wearer((50, 1500))[0]
    played = run(phone_until(120), (100, wearer((140, 1500))[0]), (110, stored), until_s=120)
    assert played.told() == [(100, "device:ank-1", "opened", "clear", "clock")]
    assert played.state.counts.late == 1


def test_a_late_fix_says_nothing_of_the_present() -> None:  # what it says of the past: test_late
    late = wearer((30, 100))[0]
    played = run(phone_until(120) + wearer((60, 1500)), (70, late), until_s=120)
    assert [line for line, one in zip(played.told(), played.transitions, strict=True) if not one.late] == []
    assert not played.state.rows.level.any()
    assert (played.state.counts.late, played.state.counts.refused) == (1, {})


def test_a_coarse_fix_cannot_raise_a_limit_finer_than_itself() -> None:
    # 600 m accuracy is 397 m an axis: within 1000 m with 1 - exp(-1000^2 / 2 / 397.5^2) = 0.958, 500 m with 0.547
    played = run(protected(0) + wearer((1, 0.0), accuracy_m=600.0), until_s=60)
    assert played.told() == [(1, LINK, "opened", "warning", "first_judgement")]
    assert played.transitions[0].incident.certainty is Certainty.CERTAIN
    assert int(played.transitions[0].incident.possible_level) == 3  # within 150 m with 0.069


def test_the_evidence() -> None:
    played = run(protected(0) + wearer((10, 450), accuracy_m=30.2), until_s=11)
    evidence = played.transitions[0].evidence
    assert (evidence.wearer_fix_age_s, evidence.protected_fix_age_s) == (0.0, 10.0)
    assert evidence.expected_m == pytest.approx(450.0, abs=1e-3)
    variance = 20.0**2 + 13.0**2  # 30.2 / 1.51 = 20; hers is 10 s old: 10 + 10 x 0.3
    noncentrality = 450.0**2 / variance
    assert evidence.probability == pytest.approx(ncx2.cdf(500.0**2 / variance, 2, noncentrality), abs=1e-6)
    assert evidence.low_m == pytest.approx((variance * ncx2.ppf(0.025, 2, noncentrality)) ** 0.5, abs=0.01)
    assert evidence.high_m == pytest.approx((variance * ncx2.ppf(0.975, 2, noncentrality)) ** 0.5, abs=0.01)
    assert played.transitions[0].orders_revision == "sha256:a"


def test_a_zone() -> None:
    # its middle is 200 m east, its radius 250 m, its buffer 100 m: warning within 550 m, breach within 450 m
    zoned = order(separation=None, zones=(HOME,))
    tag = wearer((1, 700), (60, 560), (120, 530), (180, 445), (205, 430), (240, 200), (300, 700), (360, 700))
    played = run(phone_until(450) + tag, until_s=425, orders=(zoned,))
    assert played.told() == [
        (120, AREA, "opened", "warning", "limit_crossed"),  # 20 m inside the buffer's edge: 2 standard deviations
        (200, AREA, "raised", "breach", "uncontradicted"),  # 5 m inside is probable: 20 s later
        (205, AREA, "updated", "breach", "confirmed"),  # 20 m inside is certain
        (420, AREA, "resolved", "clear", "apart"),  # in the very middle it was no emergency: a zone knows none
    ]
    assert played.transitions[0].evidence.expected_m == pytest.approx(80.0, abs=1e-3)
    assert played.transitions[0].evidence.low_m == pytest.approx(80.0 - 19.6, abs=1e-2)
    assert played.transitions[0].incident.protected is None
    assert played.transitions[0].incident.zone == "home"


def test_silence_and_hearing_again() -> None:
    played = run(protected(0, 200) + wearer((0, 1500), (100, 1500), (290, 1500)), until_s=290)
    assert of_devices(played) == [
        (90, "device:vic-1", "opened", "clear", "silent"),
        (200, "device:vic-1", "resolved", "clear", "heard_again"),
        (290, "device:vic-1", "opened", "clear", "silent"),
    ]
    assert played.transitions[0].incident.severity is Severity.MINOR
    assert played.transitions[0].evidence.protected_fix_age_s == 90.0


def test_silence_waits_for_the_resting_interval_and_for_what_is_under_way() -> None:
    # so far away that no breach is possible before it is silent: 14 m/s x 260 s + 1.96 x (10 + 1.5 x 260) m is 4424 m
    for tag in (wearer((0, 6100), (60, 6000)), wearer((60, 6000), speed_mps=1.0), wearer((60, 6000), speed_mps=0.4)):
        assert run(phone_until(330) + tag, until_s=319).told() == []
        told = run(phone_until(330) + tag, until_s=320).told()
        assert told == [(320, "device:ank-1", "opened", "clear", "silent")]


def test_after_a_last_will_nothing_is_under_way() -> None:
    will = (100, Status("ank-1", StatusEvent.OFFLINE, -1))
    assert run(phone_until(330) + wearer((60, 1500)), will, until_s=265).told() == [
        (260, "device:ank-1", "opened", "clear", "silent")
    ]
    again = (150, Status("ank-1", StatusEvent.ONLINE, -1))
    assert run(phone_until(330) + wearer((60, 1500)), will, again, until_s=319).told() == []


def test_a_phone_that_rests_is_not_silent_because_one_message_is_slow() -> None:
    # p-2's: 30 s, at rest 60 s: 2 x 60 + 60
    beside = order(protected=("p-2",))
    told = run([fix("vic-2", 0, 0.0), fix("vic-3", 0, 0.0)], until_s=180, orders=(beside,)).told()
    assert (180, "device:vic-2", "opened", "clear", "silent") in told
    assert [line for line in told if line[1] == "device:vic-2"] == [(180, "device:vic-2", "opened", "clear", "silent")]


def test_never_heard_is_silent_too() -> None:
    # expected from the step that brought the orders, half a second before the scene
    assert of_devices(run([], until_s=260)) == [
        (90, "device:vic-1", "opened", "clear", "silent"), (260, "device:ank-1", "opened", "clear", "silent")
    ]  # fmt: skip


def test_a_cut_strap() -> None:
    cut = Status("ank-1", StatusEvent.STRAP_CUT, START_MS + 60_000)
    tag = wearer(*[(second, 100 if second < 60 else 2000) for second in range(1, 400, 30)])
    played = run(phone_until(390) + tag, (61, cut), until_s=390)
    assert played.told() == [
        (1, LINK, "opened", "emergency", "first_judgement"),
        (61, "device:ank-1", "opened", "clear", "strap_cut"),  # from here on its fixes are not his: no fall,
        (61, "blind:w-1_p-1", "opened", "clear", "off_wearer"),  # and he could be anywhere
    ]
    assert played.transitions[1].incident.severity is Severity.CRITICAL


def test_what_was_seen_before_the_cut_lowers_nothing_after_it() -> None:
    cut = Status("ank-1", StatusEvent.STRAP_CUT, -1)
    tag = wearer((1, 100), (30, 2000), (60, 2000))
    whole = run(phone_until(180) + tag, until_s=170)
    assert whole.told()[1:] == [(150, LINK, "resolved", "clear", "apart")]
    played = run(phone_until(180) + tag, (149, cut), until_s=170)
    assert [line for line in played.told()[1:] if line[1] == LINK] == []


def test_a_phone_has_no_strap() -> None:
    played = run(phone_until(30), (10, Status("vic-1", StatusEvent.STRAP_CUT, -1)), until_s=30)
    assert played.told() == []


def test_sos_again_asks_again() -> None:
    sos = Status("vic-1", StatusEvent.SOS, START_MS + 10_000)
    again = Status("vic-1", StatusEvent.SOS, START_MS + 20_000)
    seen = Acknowledgement(REGION, SUPERVISOR, "0", "anna")
    played = run(
        phone_until(45), (10, sos), (12, sos), (15, seen), (16, seen), (20, again), (30, again), (31, sos), until_s=40
    )
    name = "device:vic-1"
    assert played.told() == [
        (10, name, "opened", "clear", "sos"), (15, name, "acknowledged", "clear", "command"),
        (20, name, "raised", "clear", "sos"),
    ]  # fmt: skip
    assert [transition.incident.acknowledged for transition in played.transitions] == [False, True, False]
    assert {transition.incident.severity for transition in played.transitions} == {Severity.CRITICAL}
    assert played.state.counts.refused == {"duplicate": 3}


def test_troubles_that_come_and_go_within_one_incident() -> None:
    sos = Status("vic-1", StatusEvent.SOS, -1)
    played = run(protected(0, 100), (120, sos), until_s=101)
    assert [line[2] for line in played.told()] == ["opened", "resolved"]
    played = run(protected(0, 100), (95, sos), until_s=101)
    assert played.told() == [
        (90, "device:vic-1", "opened", "clear", "silent"), (95, "device:vic-1", "raised", "clear", "sos"),
        (100, "device:vic-1", "updated", "clear", "heard_again"),
    ]  # fmt: skip


def test_an_order_holds_from_its_beginning_to_its_end() -> None:
    short = order(valid_from_ms=START_MS + 60_000, valid_until_ms=START_MS + 120_500)
    played = run(
        phone_until(300) + wearer(*[(second, 100) for second in range(1, 300, 30)]), until_s=290, orders=(short,)
    )
    assert played.told() == [
        (60, LINK, "opened", "emergency", "first_judgement"), (121, LINK, "resolved", "clear", "order_changed")
    ]  # fmt: skip


def test_an_order_that_judges_nothing_begins_and_ends_as_well() -> None:
    bare = order(separation=None, valid_from_ms=START_MS + 60_000, valid_until_ms=START_MS + 70_000)
    played = run([], (10, Status("vic-1", StatusEvent.SOS, -1)), until_s=80, orders=(bare,))
    assert played.told() == [
        (60, "device:vic-1", "opened", "clear", "sos"), (70, "device:vic-1", "resolved", "clear", "order_changed")
    ]  # fmt: skip


def test_only_the_own_supervisor_acknowledges() -> None:
    others = Acknowledgement(REGION, "team-z", "0", "bob")
    unknown = Acknowledgement(REGION, SUPERVISOR, "no-such-incident", "anna")
    played = run(phone_until(15) + wearer((1, 100)), (5, others), (6, unknown), until_s=10)
    assert [line[2] for line in played.told()] == ["opened"]
    assert played.state.counts.refused == {"unknown_incident": 2}


def test_a_rise_in_the_same_step_was_not_seen() -> None:
    seen = Acknowledgement(REGION, SUPERVISOR, "0", "anna")
    played = run(phone_until(15) + wearer((1, 900), (10, 400)), (10, seen), until_s=12)
    changes = [(transition.change, transition.incident.acknowledged) for transition in played.transitions]
    assert changes == [(Change.OPENED, False), (Change.ACKNOWLEDGED, True), (Change.RAISED, False)]


def test_a_level_left_not_long_ago_asks_nothing_again() -> None:
    seen = Acknowledgement(REGION, SUPERVISOR, "0", "anna")
    tag = wearer((1, 100), (60, 620), (120, 620), (200, 100), (230, 100))
    played = run(phone_until(240) + tag, (10, seen), until_s=240)
    changes = [(transition.change, transition.incident.acknowledged) for transition in played.transitions]
    assert changes == [
        (Change.OPENED, False), (Change.ACKNOWLEDGED, True), (Change.LOWERED, True), (Change.UPDATED, True)
    ]  # fmt: skip
    assert played.transitions[-1].incident.id == played.transitions[0].incident.id


def test_refusals_have_their_reasons() -> None:
    stranger = fix("nobody", 5, 0.0)
    two_days = fix("ank-1", 5 + 2 * 86_400, 0.0)
    own = fix("ank-1", 5, 1500.0)
    played = run(
        [], (5, stranger), (5, own), (6, two_days), (7, own), (8, Status("nobody", StatusEvent.SOS, -1)), until_s=9
    )
    assert [str(refusal.reason) for refusal in played.refusals] == [
        "unknown_device",
        "ahead",
        "duplicate",
        "unknown_device",
    ]
    assert played.state.counts.refused == {"unknown_device": 2, "ahead": 1, "duplicate": 1}
    assert played.state.counts.accepted == 1


def test_a_fix_sent_thrice_in_one_step_counts_once() -> None:
    thrice = wearer((70, 990)) * 3
    played = run(protected(0, 62) + wearer((60, 1500)) + thrice, until_s=75)
    assert played.told() == []
    assert played.state.counts.refused == {"duplicate": 2}
