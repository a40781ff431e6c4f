# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The victim-proximity monitor authors
"""Devices that do as they are asked."""

from itertools import pairwise

from proximity.model.judging import Judging
from simulators.devices.fixes import DeviceFix
from simulators.devices.links import Arrival
from simulators.devices.obedient import Obedient
from simulators.devices.reception import Cadence
from simulators.scores.judged import hear, message_of, orders
from simulators.scores.obeying import events_of, obeyed, obeying_day
from simulators.scores.pairs import LIMITS, pair_day
from simulators.staged.obeying import DEAF, dense, obey

SHORT = b'{"interval_s":15,"rest_interval_s":15}'
BACK = b'{"interval_s":60,"rest_interval_s":300}'


def sent_s(device: Obedient, from_s: int, until_s: int, heard: dict[int, bytes], moves: range = range(0)) -> list[int]:
    """When it sends, where it finds its place every 15 s, wishes come at some seconds, and it moves at some."""
    before = set(device.taken)
    for second in range(from_s, until_s, 15):
        if second in heard:
            device.hear(heard[second])
        device.find(second * 1000, DeviceFix(second * 1000, 52.0, 4.0, seq=second), moves=second in moves)
    return [at_ms // 1000 for at_ms in device.taken if at_ms not in before]


def test_it_reports_as_it_declares_until_it_is_asked_and_hears_that_when_it_reports() -> None:
    at_rest = Obedient(Cadence(60.0, 300.0))
    # asked at 315 s, heard at 600 s; asked back at 690 s, heard at once, for it reports
    times = sent_s(at_rest, 0, 1300, {315: SHORT, 690: BACK})
    assert times == [0, 300, 600, 615, 630, 645, 660, 675, 690, 990, 1290]
    assert [fix.seq for fix in at_rest.taken.values()] == list(range(11))
    # nothing on the topic is what it declares
    assert sent_s(at_rest, 1305, 2500, {1305: SHORT, 1590: b""}) == [1590, 1890, 2190, 2490]


def test_it_reports_more_often_while_it_moves_and_as_it_sets_out() -> None:
    walks = Obedient(Cadence(60.0, 300.0))
    assert sent_s(walks, 0, 560, {}, moves=range(400, 560)) == [0, 300, 405, 465, 525]


def test_what_it_does_not_send_is_not_in_its_messages() -> None:
    device = Obedient(Cadence(60.0, 60.0))
    fixes = tuple(DeviceFix(second * 1000, 52.0, 4.0, seq=second) for second in (0, 15, 60))
    for fix in fixes:
        device.find(fix.fixed_at_ms, fix, moves=False)
    stored = device.send(Arrival(90_000, fixes))
    assert [(fix.fixed_at_ms, fix.seq) for fix in stored.fixes] == [(0, 0), (60_000, 1)]


def test_a_scene_has_a_place_every_15_s_and_nothing_is_sent_yet() -> None:
    _, senders = dense("by-bicycle", 1)
    found_ms = [at_ms for at_ms, kind, place, _ in events_of(senders) if (kind, place) == (0, 0)]
    assert {later - one for one, later in pairwise(found_ms)} <= {15_000, 30_000, 45_000}
    assert [one.device.taken for one in senders] == [{}, {}]


def test_who_obeys_is_heard_more_often_and_told_no_worse() -> None:
    asked, deaf = obey("by-car-to-her-door", 0, Judging()), obey("by-car-to-her-door", 0, DEAF)
    assert asked.sent > 2 * deaf.sent  # a scene of an hour, an incident for most of it; half an hour is granted
    assert set(asked.outcome.unmet) < set(deaf.outcome.unmet)


def test_a_pairs_day_goes_the_same_ways_and_is_heard_oftener_only_where_it_is_asked() -> None:
    declared, asked = pair_day(1, 3), obeying_day(1, 3)
    assert (declared.truth.distance_m == asked.truth.distance_m).all()
    for before, after in ((declared.wearer, asked.wearer), (declared.protected, asked.protected)):
        sent = [{fix.fixed_at_ms for one in side for fix in one.fixes} for side in (before, after)]
        assert 0.8 * len(sent[0]) < len(sent[1]) < 2.5 * len(sent[0])


def test_what_was_told_while_a_day_was_played_is_what_its_fixes_tell() -> None:
    asked, said = obeyed(1, 8)
    assert said == hear(asked, message_of(orders(LIMITS)))
    assert any(one.kind == "separation" for one in said)
