# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The victim-proximity monitor authors
"""What a link loses, repeats, stores and delays; and the pairs' shares."""

from collections import Counter

import numpy as np
import pytest

from simulators.devices.fixes import DeviceFix
from simulators.devices.links import Arrival, Link, deliver
from simulators.devices.reception import Report
from simulators.scores.population import POPULATION, TRAITS, traits_of

SECOND_MS, COUNT = 1000, 20_000


def sent(count: int = COUNT, every_s: float = 10.0) -> list[Report]:
    times = [round(place * every_s * SECOND_MS) for place in range(count)]
    return [Report(at_ms, DeviceFix(at_ms, 52.0, 4.0, seq=seq)) for seq, at_ms in enumerate(times)]


def through(link: Link, reports: list[Report], seed: int = 1) -> tuple[Arrival, ...]:
    return deliver(reports, link, np.random.default_rng(seed))


def test_lags_are_the_measured_ones_and_order_is_lost() -> None:
    """error_numbers.md, E2, Android."""
    found = through(Link(), sent())
    lags_s = [(one.at_ms - one.fixes[0].fixed_at_ms) / SECOND_MS for one in found]
    assert np.percentile(lags_s, [50, 90, 99]) == pytest.approx([0.7, 21.0, 70.0], rel=0.2)
    assert [one.at_ms for one in found] == sorted(one.at_ms for one in found)
    order = [one.fixes[0].seq for one in found]
    assert order != sorted(order)  # type: ignore[type-var]
    assert sorted(order) == list(range(COUNT)), "nothing is lost and nothing comes twice"  # type: ignore[type-var]


def test_losses_and_repeats_are_as_many_as_asked_for() -> None:
    lossy = through(Link(lost=0.2), sent())
    assert len(lossy) == pytest.approx(0.8 * COUNT, rel=0.02)
    twice = Counter(one.fixes[0].seq for one in through(Link(twice=0.1), sent()))
    assert sum(count == 2 for count in twice.values()) == pytest.approx(0.1 * COUNT, rel=0.1)
    assert set(twice.values()) == {1, 2}


def test_an_outage_stores_and_forwards_and_the_broker_gives_the_device_up() -> None:
    outage = (100 * SECOND_MS, 7_300 * SECOND_MS)
    found = through(Link(slow=0.0, outages=(outage,)), sent(1_000))
    stored = [one for one in found if len(one.fixes) > 1]
    assert [len(one.fixes) for one in stored] == [500, 220], "72 minutes, a fix every 10 s, at most 500 a message"
    assert all(outage[1] < one.at_ms < outage[1] + 6 * SECOND_MS for one in stored)
    assert [fix.seq for one in stored for fix in one.fixes] == list(range(10, 730))
    assert [(one.at_ms, one.event) for one in found if one.event] == [
        (outage[0] + 90 * SECOND_MS, "offline"), (outage[1], "online"),
    ]  # fmt: skip


def test_a_brokers_restart_delays_and_repeats_what_it_had_not_confirmed() -> None:
    restart = (1_001 * SECOND_MS, 1_031 * SECOND_MS)
    found = through(Link(slow=0.0, restarts=(restart,)), sent(200))
    seqs = Counter(fix.seq for one in found for fix in one.fixes)
    assert [seq for seq, count in seqs.items() if count == 2] == [100], "what came one second before it"
    assert set(seqs) == set(range(200))
    assert not [one for one in found if restart[0] <= one.at_ms < restart[1]]


def test_every_hundred_pairs_have_exactly_the_shares_of_the_file() -> None:
    for first in (0, 500):
        counts = Counter(trait for number in range(first, first + 100) for trait in traits_of(7, number))
        assert counts["lives_near"] == 30
        assert counts["works_near"] == 20
        assert counts["wifi_flips"] == 20
        assert counts["careless_charger"] == 10
        assert counts["stalks"] == 5
        assert set(counts) == set(TRAITS)
    assert POPULATION.limit_m < POPULATION.warning_m
    assert traits_of(7, 3) == traits_of(7, 3)
