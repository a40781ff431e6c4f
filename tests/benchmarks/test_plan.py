# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The victim-proximity monitor authors
"""The load is what the report says it is."""

import tomllib
from collections import Counter
from itertools import pairwise

import pytest
from pyproj import Geod

from benchmarks import plan
from benchmarks.plan import Plan, Slot

GEOD = Geod(ellps="WGS84")
SMALL = Plan(devices=400, rate_per_s=400, seconds=5, warm_up_s=2, crossings_per_s=20, processes=2, tail_s=1)


def separations_m(slots: list[Slot]) -> dict[int, dict[int, float]]:
    """Distance between the parties by link and round, from what is sent."""
    at = {(slot.device, slot.round): (slot.lon_deg, slot.lat_deg) for slot in slots}
    out: dict[int, dict[int, float]] = {}
    for slot in slots:
        one = at.get((plan.wearer(slot.link), slot.round))
        other = at.get((plan.protected(slot.link), slot.round))
        if one and other:
            _, _, distance_m = GEOD.inv(*one, *other)
            out.setdefault(slot.link, {})[slot.round] = distance_m
    return out


@pytest.fixture(scope="module")
def sent() -> list[Slot]:
    return [slot for process in range(SMALL.processes) for slot in plan.slots(SMALL, process)]


def test_every_device_sends_once_a_second_for_as_long_as_the_load_lasts(sent: list[Slot]) -> None:
    assert len(sent) == 400 * 8
    assert set(Counter(slot.device for slot in sent).values()) == {8}
    due_s: dict[str, list[float]] = {}
    for slot in sent:
        due_s.setdefault(slot.device, []).append(slot.due_s)
    gaps_s = [late - early for times_s in due_s.values() for early, late in pairwise(times_s)]
    assert gaps_s == pytest.approx([1.0] * len(gaps_s))


def test_no_device_stands_still(sent: list[Slot]) -> None:
    places: dict[str, list[tuple[float, float]]] = {}
    for slot in sent:
        places.setdefault(slot.device, []).append((slot.lat_deg, slot.lon_deg))
    assert all(early != late for track in places.values() for early, late in pairwise(track))


def test_crossings_come_at_the_rate_asked_for_and_only_in_the_window(sent: list[Slot]) -> None:
    crossings = [slot for slot in sent if slot.crosses]
    assert Counter(int(slot.due_s) for slot in crossings) == {second: 20 for second in range(2, 7)}
    assert len({slot.link for slot in crossings}) == 100
    assert all(slot.device == plan.wearer(slot.link) for slot in crossings)


def test_crossings_are_spread_over_the_second(sent: list[Slot]) -> None:
    due_s = sorted(slot.due_s for slot in sent if slot.crosses and slot.link % 2 == 0)
    assert max(late - early for early, late in pairwise(due_s)) < 0.25


def test_parties_are_far_apart_until_they_cross_and_together_from_then_on(sent: list[Slot]) -> None:
    turns = {slot.link: slot.round for slot in sent if slot.crosses}
    for link, by_round in separations_m(sent).items():
        for round_, distance_m in by_round.items():
            crossed = link in turns and round_ >= turns[link]
            assert distance_m < 100.0 if crossed else distance_m > 2900.0


def test_a_window_longer_than_there_are_links_crosses_each_link_once() -> None:
    long = Plan(devices=40, rate_per_s=40, seconds=30, warm_up_s=1, crossings_per_s=4, processes=1)
    crossings = [slot.link for slot in plan.slots(long, 0) if slot.crosses]
    assert sorted(crossings) == list(range(20))


def test_no_crossings_when_none_are_wanted() -> None:
    quiet = Plan(devices=40, rate_per_s=40, seconds=3, warm_up_s=1, crossings_per_s=0)
    assert not [slot for slot in plan.slots(quiet, 0) if slot.crosses]


def test_orders_name_the_parties_and_keep_zones_out_of_the_way() -> None:
    orders = tomllib.loads(plan.orders_toml(SMALL))["orders"]
    assert len(orders) == len({order["id"] for order in orders}) == 200
    assert orders[7]["wearers"] == [plan.wearer(7)]
    assert orders[7]["protected"] == [plan.protected(7)]
    assert orders[7]["separation"] == {"limit_m": 500, "warning_m": 1000}
    zoned = [order for order in orders if "zones" in order]
    assert len(zoned) == 20
    for order in zoned:
        circle = order["zones"][0]["circle"]
        for crossed in (False, True):
            at = plan.place(int(order["id"][2:]), 0, is_wearer=True, crossed=crossed)
            _, _, distance_m = GEOD.inv(circle["lon"], circle["lat"], at.lon_deg, at.lat_deg)
            assert distance_m > circle["radius_m"] + 1000


@pytest.mark.parametrize(
    ("wrong", "word"),
    [
        (Plan(devices=2), "devices"),
        (Plan(devices=10_001), "devices"),
        (Plan(rate_per_s=0), "rate"),
        (Plan(seconds=0), "seconds"),
        (Plan(warm_up_s=-1), "warm-up"),
        (Plan(devices=10_000, rate_per_s=100, warm_up_s=10), "warm-up"),
    ],
)
def test_a_plan_that_cannot_be_run_is_named(wrong: Plan, word: str) -> None:
    assert any(fault.startswith(word) for fault in plan.faults(wrong))


def test_the_plans_that_ship_can_be_run() -> None:
    assert plan.faults(Plan()) == []
