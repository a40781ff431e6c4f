# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The victim-proximity monitor authors
"""New orders between two steps: what stays stays, what is gone closes."""

from msgspec.structs import replace

from proximity.model.inputs import Fix, Input, Revision, Status
from proximity.model.judging import Judging
from proximity.model.orders import Device, OrderBook, Party, Separation
from proximity.model.words import DeviceKind, StatusEvent
from tests.engine.scenes import HOME, PARTIES, START_MS, Played, Step, book_of, fix, of_devices, order, play

LINK = "separation:w-1_p-1"


def revise(*books: tuple[float, OrderBook, Judging]) -> dict[int, list[Input]]:
    return {START_MS + round(at_s * 1000): [Revision(book, judging)] for at_s, book, judging in books}


def run(given: dict[int, list[Input]], fixes: list[Fix], until_s: float) -> Played:
    for one in fixes:
        given.setdefault(one.fixed_at_ms, []).append(one)
    steps = [Step(now_ms, tuple(inputs)) for now_ms, inputs in sorted(given.items())]
    played = play(steps, until_s=until_s)
    assert play(steps, until_s=until_s, every_second=True).transitions == played.transitions
    return played


def reports(tag_m: float, until_s: int, from_s: int = 0) -> list[Fix]:
    """Both report every 30 s, so far apart."""
    return [one for second in range(from_s, until_s, 30)
            for one in (fix("vic-1", second, 0.0), fix("ank-1", second, tag_m))]  # fmt: skip


def test_what_stays_goes_on_and_what_is_gone_closes() -> None:
    both = book_of(order(zones=(HOME,)))
    alone = book_of(order(zones=(HOME,), separation=None), name="b")
    played = run(revise((-1, both, Judging()), (60.5, alone, Judging())), reports(100.0, 120), until_s=110)
    assert played.told() == [
        (0, LINK, "opened", "emergency", "first_judgement"),
        (0, "zone:w-1_home", "opened", "breach", "first_judgement"),
        (60.5, LINK, "resolved", "clear", "order_changed"),
    ]
    assert played.transitions[-1].orders_revision == "sha256:b"
    assert [incident.kind for incident in played.state.incidents.values()] == ["zone"]


def test_another_supervisor_is_told_of_what_is_open_and_the_one_before_that_it_is_not_theirs() -> None:
    theirs = order(supervisor="team-b")
    played = run(
        revise((-1, book_of(order()), Judging()), (60.5, book_of(theirs, name="b"), Judging())), reports(100.0, 90),
        until_s=80,
    )  # fmt: skip
    assert played.told() == [
        (0, LINK, "opened", "emergency", "first_judgement"),
        (60.5, LINK, "resolved", "clear", "order_changed"),
        (60.5, LINK, "opened", "emergency", "first_judgement"),
    ]
    assert [one.incident.supervisor for one in played.transitions] == ["team-a", "team-a", "team-b"]
    assert len({one.incident.id for one in played.transitions}) == 2


def test_other_limits_hold_from_the_next_step_on() -> None:
    wide = order(separation=Separation(limit_m=2000.0, warning_m=4000.0, emergency_m=600.0, reaction_s=480.0))
    played = run(
        revise((-1, book_of(order()), Judging()), (60.5, book_of(wide, name="b"), Judging())), reports(1100.0, 90),
        until_s=80,
    )  # fmt: skip
    assert played.told() == [(60.5, LINK, "opened", "breach", "limit_crossed")]


def test_being_apart_from_other_limits_does_not_count() -> None:
    near = order(separation=Separation(limit_m=400.0, warning_m=800.0, emergency_m=120.0, reaction_s=480.0))
    fixes = reports(100.0, 30) + reports(1100.0, 300, from_s=30)
    unchanged = run(revise((-1, book_of(order()), Judging())), list(fixes), until_s=290)
    assert unchanged.told()[-1] == (150, LINK, "resolved", "clear", "apart")
    played = run(
        revise((-1, book_of(order()), Judging()), (100, book_of(near, name="b"), Judging())), list(fixes), until_s=290
    )
    # new orders are no fix: the first fixes under them, at 120, begin the 120 s
    assert played.told()[-1] == (240, LINK, "resolved", "clear", "apart")


def test_an_order_that_now_begins_later_closes_everything() -> None:
    later = replace(order(), valid_from_ms=START_MS + 3_600_000)
    sos = Status("vic-1", StatusEvent.SOS, -1)
    given = revise((-1, book_of(order()), Judging()), (60.5, book_of(later, name="b"), Judging()))
    given[START_MS + 1500] = [sos]
    played = run(given, reports(100.0, 120), until_s=110)
    assert played.told()[2:] == [
        (60.5, "device:vic-1", "resolved", "clear", "order_changed"),
        (60.5, LINK, "resolved", "clear", "order_changed"),
    ]
    assert played.state.incidents == {}


def test_a_device_that_comes_to_serve_an_order_is_expected_to_report() -> None:
    second = order("o-2", wearers=("w-2",))
    given = revise((-1, book_of(order()), Judging()), (60, book_of(order(), second, name="b"), Judging()))
    played = run(given, reports(1500.0, 300), until_s=200)
    assert of_devices(played) == [
        (150, "device:ank-2", "opened", "clear", "silent")
    ]  # 90 s from when it began to serve


def test_a_new_interval_holds_at_once() -> None:
    slow = tuple(
        replace(party, devices=tuple(replace(own, interval_s=200.0, rest_interval_s=200.0) for own in party.devices))
        for party in PARTIES
    )
    book = replace(book_of(order(), name="b"), parties=slow)
    given = revise((-1, book_of(order()), Judging()), (60, book, Judging()))
    played = run(given, [fix("vic-1", 0, 0.0), fix("ank-1", 0, 1500.0)], until_s=470)
    assert of_devices(played) == [  # 2 x 200 s, and 60 s for messages under way
        (460, "device:vic-1", "opened", "clear", "silent"), (460, "device:ank-1", "opened", "clear", "silent")
    ]  # fmt: skip


def test_who_is_silent_already_is_stale_by_the_new_interval() -> None:
    seldom, often = (
        tuple(
            replace(party, devices=tuple(replace(own, rest_interval_s=every_s) for own in party.devices))
            if party.id == "w-1" else party
            for party in PARTIES
        )
        for every_s in (3600.0, 300.0)
    )  # fmt: skip
    before, after = (replace(book_of(order(), name=name), parties=own) for name, own in (("a", seldom), ("b", often)))
    given = revise((-1, before, Judging()), (60, after, Judging()))
    played = run(given, [fix("vic-1", 0, 0.0), fix("ank-1", 0, 1500.0)], until_s=61)
    wearer = [party.id for party in played.state.world.book.parties].index("w-1")
    assert played.state.parties.stale_ms[wearer] == 600_000


def test_a_party_keeps_its_place_when_its_device_is_replaced() -> None:
    others = tuple(
        replace(party, devices=(replace(party.devices[0], id="new-1"),)) if party.id == "w-1" else party
        for party in PARTIES
    )
    book = replace(book_of(order(), name="b"), parties=others)
    given = revise((-1, book_of(order()), Judging()), (60.5, book, Judging()))
    given[START_MS + 90_000] = [fix("new-1", 90, 90.0)]
    played = run(given, reports(100.0, 90), until_s=95)
    assert played.told() == [(0, LINK, "opened", "emergency", "first_judgement")]
    assert played.transitions[0].incident.id in {incident.id for incident in played.state.incidents.values()}


def test_of_two_revisions_in_one_step_the_same_holds_whatever_their_order() -> None:
    one, other = Revision(book_of(order()), Judging()), Revision(book_of(order()), Judging(confirm_after_s=99.0))
    first = play([Step(START_MS, (one, other))], until_s=1).state
    second = play([Step(START_MS, (other, one))], until_s=1).state
    assert first.judging == second.judging


def test_who_is_forgotten_with_his_tag_falls_and_rises_by_what_the_new_one_says() -> None:
    # at 300 m, apart by one fix, then cut; the new tag is 8 km away for half an hour, and then at 300 m
    hers_alone = tuple(party for party in PARTIES if party.id != "w-1")
    new = Party("w-1", (Device("ank-9", DeviceKind.TAG, 60.0, 100.0),))
    after = replace(book_of(order(), name="b"), parties=(*hers_alone, new))
    given = revise((-1, book_of(order()), Judging()), (800, after, Judging()))
    given[START_MS + 600_000] = [Status("ank-1", StatusEvent.STRAP_CUT, -1)]
    old = [fix("ank-1", at_s, 300.0 + at_s % 7) for at_s in range(0, 420, 60)] + [fix("ank-1", 480, 2500.0)]
    away = [fix("ank-9", at_s, 8000.0 + at_s % 7) for at_s in range(900, 1380, 60)]
    back = [fix("ank-9", at_s, 300.0 + at_s % 7) for at_s in (1500, 1560)]
    hers = [fix("vic-1", at_s, float(at_s % 3)) for at_s in range(0, 1600, 30)]
    told = [line for line in run(given, old + away + back + hers, 1600).told() if line[1] == LINK]
    assert told[0][:4] == (0, LINK, "opened", "breach")
    changes = [(at_s, change, level) for at_s, _, change, level, _ in told[1:] if change != "updated"]
    # apart anew by the fix at 900 s, 120 s later by one more; the return is a rise
    assert changes == [(1020, "resolved", "clear"), (1500, "opened", "breach")]
