# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The victim-proximity monitor authors
"""The figures, from runs made up so that the answers can be counted on fingers."""

import pytest
from msgspec.structs import replace

from benchmarks.figures import (
    Broker,
    Consumer,
    Delays,
    Figures,
    Sample,
    count_at,
    delays_ms,
    figures,
    first_arrivals,
    percentile,
    verdicts,
)
from benchmarks.plan import Plan
from benchmarks.records import Arrival, Heartbeat, LoadReport, Seen

ROW = Figures(
    consumer=Consumer.SERVICE,
    broker=Broker.EMBEDDED,
    offered_per_s=1000.0,
    sustained_per_s=1000.0,
    consumer_cpu_us=50.0,
    broker_cpu_us=30.0,
    delays=Delays(5.0, 20.0, 30.0),
    crossings=10,
    alerted=10,
    uncalled=0,
    resident_mib=100.0,
    refused=0,
    load_lag_max_ms=1.0,
    load_unacknowledged=0,
    load_cpu_us=5.0,
)
SCRIPT = replace(ROW, consumer=Consumer.SCRIPT, consumer_cpu_us=60.0)


def test_percentile_is_the_nearest_rank() -> None:
    hundred = [float(value) for value in range(1, 101)]
    assert (percentile(hundred, 0.5), percentile(hundred, 0.99), percentile(hundred, 1.0)) == (50.0, 99.0, 100.0)
    assert percentile([7.0], 0.99) == 7.0
    assert percentile([1.0, 2.0], 0.99) == 2.0


def test_a_count_between_two_heartbeats_is_their_share_and_outside_it_is_the_nearest() -> None:
    points = [(10.0, 100.0), (20.0, 300.0), (30.0, 400.0)]
    assert [count_at(points, at) for at in (0.0, 10.0, 15.0, 25.0, 30.0, 99.0)] == [100, 100, 200, 350, 400, 400]


def test_a_delay_is_from_the_crossing_to_the_first_alert_on_separation_after_it() -> None:
    arrived = first_arrivals(
        [
            Arrival(1015.0, "o-1", "device"),
            Arrival(1020.0, "o-1", "separation"),
            Arrival(1090.0, "o-1", "separation"),
            Arrival(1500.0, "o-2", "separation"),
        ]
    )
    sent_ms = {"o-1": 1010.0, "o-2": 1600.0, "o-3": 1000.0}
    assert delays_ms(sent_ms, arrived) == [10.0]


def test_a_case_is_counted_over_the_window_alone() -> None:
    seen: list[Seen] = [
        Heartbeat(9_500.0, 9_500, 0, 0),
        Heartbeat(10_500.0, 10_500, 1_000, 1),
        Arrival(10_620.0, "o-1", "separation"),
        Heartbeat(11_500.0, 11_500, 2_000, 1),
        Arrival(11_900.0, "o-9", "separation"),
        Heartbeat(12_500.0, 12_500, 3_000, 4),
    ]
    samples = [Sample(10.0, 5.0, 2.0, 1 << 20), Sample(11.0, 5.05, 2.01, 3 << 20), Sample(12.0, 5.1, 2.02, 2 << 20)]
    reports = [
        LoadReport(1_600, 1_600, 3.0, 0.1, {"o-1": 10_600.0}),
        LoadReport(1_600, 1_599, 8.0, 0.1, {"o-2": 10_700.0}),
    ]
    row = figures(Consumer.SERVICE, Broker.MOSQUITTO, Plan(rate_per_s=1000), samples, seen, reports)
    assert row.sustained_per_s == pytest.approx(1000.0)
    assert row.consumer_cpu_us == pytest.approx(50.0)
    assert row.broker_cpu_us == pytest.approx(10.0)
    assert row.delays == Delays(20.0, 20.0, 20.0)
    assert (row.crossings, row.alerted, row.uncalled) == (2, 1, 1)
    assert row.resident_mib == 3.0
    assert row.refused == 4
    assert row.load_cpu_us == pytest.approx(62.5)
    assert (row.load_lag_max_ms, row.load_unacknowledged) == (8.0, 1)


def test_a_consumer_that_was_not_heard_of_has_no_figures() -> None:
    samples = [Sample(10.0, 0.0, 0.0, 0), Sample(11.0, 0.0, 0.0, 0)]
    with pytest.raises(ValueError, match="not heard"):
        figures(Consumer.BARE, Broker.EMBEDDED, Plan(), samples, [], [])


def test_a_good_run_holds_every_claim() -> None:
    found = verdicts([ROW, SCRIPT])
    assert [verdict.holds for verdict in found] == [True, True, True]


@pytest.mark.parametrize(
    ("row", "failing"),
    [
        (replace(ROW, consumer_cpu_us=60.0), 0),
        (replace(ROW, sustained_per_s=989.0), 1),
        (replace(ROW, delays=Delays(5.0, 100.0, 100.0)), 2),
        (replace(ROW, alerted=9), 2),
        (replace(ROW, delays=None, alerted=0), 2),
        (replace(ROW, crossings=0, alerted=0), 2),
    ],
)
def test_each_claim_fails_for_its_own_reason(row: Figures, failing: int) -> None:
    holds = [verdict.holds for verdict in verdicts([row, SCRIPT])]
    assert holds == [claim != failing for claim in range(3)]


def test_nothing_is_claimed_of_a_broker_where_the_service_did_not_run() -> None:
    assert verdicts([SCRIPT]) == []
    assert all("embedded" in verdict.claim for verdict in verdicts([ROW, replace(SCRIPT, broker=Broker.MOSQUITTO)]))
