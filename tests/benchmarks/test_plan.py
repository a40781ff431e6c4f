# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The victim-proximity monitor authors
"""The load is what the report says it is."""

import tomllib
from collections import Counter
from itertools import pairwise

import pytest
from pyproj import Geod
from scipy.stats import ncx2

from benchmarks import plan
from benchmarks.end_to_end import QUICK
from benchmarks.plan import Plan, Slot

GEOD = Geod(ellps="WGS84")
SMALL = Plan(devices=400, rate_per_s=400, seconds=5, warm_up_s=2, crossings_per_s=20, processes=2, tail_s=1)


def separations_m(slots: list[Slot]) -> dict[int, dict[int, float]]:
    """Distance between the parties by link and round, from what is sent."""
    at = {(slot.device, slot.round): (slot.at.lon_deg, slot.at.lat_deg) for slot in slots}
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
        places.setdefault(slot.device, []).append((slot.at.lat_deg, slot.at.lon_deg))
    assert all(early != late for track in places.values() for early, late in pairwise(track))


def test_crossings_come_at_the_rate_asked_for_and_only_in_the_window(sent: list[Slot]) -> None:
    crossings = [slot for slot in sent if slot.crosses]
    assert Counter(int(slot.due_s) for slot in crossings) == dict.fromkeys(range(2, 7), 20)
    assert len({slot.link for slot in crossings}) == 100
    assert all(slot.device == plan.wearer(slot.link) for slot in crossings)


def test_crossings_are_spread_over_the_second(sent: list[Slot]) -> None:
    due_s = sorted(slot.due_s for slot in sent if slot.crosses and slot.link % 2 == 0)
    assert max(late - early for early, late in pairwise(due_s)) < 0.25


def within_warning(distance_m: float, accuracy_m: float) -> float:
    """Probability that both are within the warning distance, both fixes so accurate (68 % radius), by scipy."""
    sigma_m = max(10.0, accuracy_m / 1.51) * 2.0**0.5
    return float(ncx2.cdf((plan.WARNING_M / sigma_m) ** 2, 2, (distance_m / sigma_m) ** 2))


def test_it_is_the_crossing_fix_that_makes_the_warning_certain_and_none_before_it_makes_it_probable(
    sent: list[Slot],
) -> None:
    turns = {slot.link: slot.round for slot in sent if slot.crosses}
    assert len(turns) == 100
    for link, by_round in separations_m(sent).items():
        if link not in turns:
            assert min(by_round.values()) > 2900.0
            continue
        turn = turns[link]
        mixed_m = separation_to_the_round_before(sent, link, turn)
        assert within_warning(mixed_m, 15.0) > 0.95
        for round_, distance_m in by_round.items():
            if round_ < turn:
                assert within_warning(distance_m, 15.0) < 0.5
            else:
                assert within_warning(distance_m, 15.0) > 0.95


def separation_to_the_round_before(sent: list[Slot], link: int, turn: int) -> float:
    """Between the wearer in the round and the protected person in the round before, whichever sends first."""
    at = {(slot.device, slot.round): (slot.at.lon_deg, slot.at.lat_deg) for slot in sent if slot.link == link}
    _, _, distance_m = GEOD.inv(*at[plan.wearer(link), turn], *at[plan.protected(link), turn - 1])
    return float(distance_m)


def test_every_device_moves_as_fast_as_it_says() -> None:
    walked = [plan.walker(3, round_, plan.APART_M) for round_ in range(9)]
    driven = [plan.driver(3, rounds) for rounds in range(40, -60, -1)]
    for track in (walked, driven):
        for early, late in pairwise(track):
            azimuth_deg, _, moved_m = GEOD.inv(early.lon_deg, early.lat_deg, late.lon_deg, late.lat_deg)
            assert moved_m == pytest.approx(late.moved_m, rel=0.05, abs=0.1)
            if moved_m > 1.0:
                off_deg = (azimuth_deg - (early.course_deg + late.course_deg) / 2.0) % 180.0
                assert min(off_deg, 180.0 - off_deg) < 1.0


def test_a_driver_goes_on_to_the_door_and_stays_there() -> None:
    at = plan.driver(3, -200)
    her = plan.walker(3, 0, plan.APART_M)
    _, _, distance_m = GEOD.inv(at.lon_deg, at.lat_deg, her.lon_deg, her.lat_deg)
    assert (distance_m, at.moved_m) == (pytest.approx(50.0, abs=2.0), 0.0)


def test_accuracies_are_5_to_15_m_and_every_device_has_many(sent: list[Slot]) -> None:
    assert {slot.accuracy_m for slot in sent} == {5.0 + step / 2.0 for step in range(21)}
    of_one = [slot.accuracy_m for slot in sent if slot.device == "w-00007"]
    assert len(set(of_one)) == len(of_one) == 8


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
        for turn in (None, 0):
            at = plan.wearers_place(int(order["id"][2:]), 0, turn)
            _, _, distance_m = GEOD.inv(circle["lon"], circle["lat"], at.lon_deg, at.lat_deg)
            assert distance_m > circle["radius_m"] + 1000


@pytest.mark.parametrize(
    ("wrong", "word"),
    [
        (Plan(devices=2), "devices"),
        (Plan(devices=10_001), "devices"),
        (Plan(devices=400_000, rate_per_s=400_000), "devices"),
        (Plan(rate_per_s=0), "rate"),
        (Plan(seconds=0), "seconds"),
        (Plan(warm_up_s=-1), "warm-up"),
        (Plan(devices=10_000, rate_per_s=100, warm_up_s=10), "warm-up"),
    ],
)
def test_a_plan_that_cannot_be_run_is_named(wrong: Plan, word: str) -> None:
    assert any(fault.startswith(word) for fault in plan.faults(wrong))


def test_the_plans_that_ship_can_be_run() -> None:
    assert plan.faults(Plan()) + plan.faults(QUICK) == []
