# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The victim-proximity monitor authors
"""From what was noted during a run to the figures and verdicts that are reported; pure."""

from collections.abc import Iterable, Sequence
from enum import StrEnum
from itertools import pairwise
from math import ceil

from msgspec import Struct

from benchmarks.plan import Plan
from benchmarks.records import Arrival, Heartbeat, LoadReport, Seen

HELD_AT_LEAST = 0.99  # of the offered rate
DELAY_P99_BELOW_MS = 100.0
AT_LEAST_BEATS = 2  # heartbeats to tell a rate from
MICROS = 1e6
MIB = 1024.0 * 1024.0


class Consumer(StrEnum):
    """Who takes the fixes."""

    SERVICE = "service"
    SCRIPT = "script"
    BARE = "bare"


class Broker(StrEnum):
    """What the fixes go through."""

    EMBEDDED = "embedded"
    MOSQUITTO = "mosquitto"


class Sample(Struct, frozen=True):
    """What a consumer and its broker had used at one moment; children are not counted with their parents."""

    at_s: float
    consumer_cpu_s: float
    broker_cpu_s: float
    resident_bytes: int


class Delays(Struct, frozen=True):
    """From sending the fix that crosses to the alert in the supervisor's client."""

    p50_ms: float
    p99_ms: float
    max_ms: float


class Figures(Struct, frozen=True):
    """One row of the report."""

    consumer: Consumer
    broker: Broker
    offered_per_s: float
    sustained_per_s: float  # taken by the consumer in the measured window
    consumer_cpu_us: float  # a fix taken
    broker_cpu_us: float  # a fix taken
    delays: Delays | None  # None where no alert came
    crossings: int
    alerted: int  # crossings whose alert came
    uncalled: int  # separation alerts that no crossing explains
    resident_mib: float  # of the consumer, at most in the window
    refused: int  # in the whole run, warm-up included
    load_lag_max_ms: float  # how far the load fell behind its timetable: the sender felt the consumer
    load_unacknowledged: int
    load_cpu_us: float  # what the load itself costs a fix


class Verdict(Struct, frozen=True):
    """One claim about the service, and whether this run bears it out."""

    claim: str
    holds: bool
    because: str


def percentile(sorted_values: Sequence[float], share: float) -> float:
    """The nearest-rank percentile: the least value that `share` of all values do not exceed."""
    return sorted_values[max(0, ceil(share * len(sorted_values)) - 1)]


def count_at(points: Sequence[tuple[float, float]], at: float) -> float:
    """A growing count at a time, between the two points around it; the nearest point's outside of them."""
    if at <= points[0][0]:
        return points[0][1]
    for (early, low), (late, high) in pairwise(points):
        if at <= late:
            return low + (high - low) * (at - early) / (late - early)
    return points[-1][1]


def first_arrivals(seen: Iterable[Seen]) -> dict[str, float]:
    """When the first separation alert of each order came, epoch ms."""
    first: dict[str, float] = {}
    for what in seen:
        if isinstance(what, Arrival) and what.about == "separation":
            first.setdefault(what.order, what.at_ms)
    return first


def delays_ms(sent_ms: dict[str, float], arrived_ms: dict[str, float]) -> list[float]:
    """The delays of all crossings whose alert came after them, ascending."""
    both = ((arrived_ms[order], at_ms) for order, at_ms in sent_ms.items() if order in arrived_ms)
    return sorted(arrived - sent for arrived, sent in both if arrived >= sent)


def figures(
    consumer: Consumer, broker: Broker, plan: Plan, samples: Sequence[Sample], seen: Sequence[Seen],
    reports: Sequence[LoadReport],
) -> Figures:  # fmt: skip
    """The row of one case; `samples` begin and end with the measured window. ValueError without two heartbeats."""
    beats = [beat for beat in seen if isinstance(beat, Heartbeat)]
    if len(beats) < AT_LEAST_BEATS or len(samples) < AT_LEAST_BEATS:
        raise ValueError("the consumer was not heard of twice")
    first, last = samples[0], samples[-1]
    accepted = [(float(beat.now_ms), float(beat.accepted)) for beat in beats]
    taken = count_at(accepted, last.at_s * 1000.0) - count_at(accepted, first.at_s * 1000.0)
    sent_ms = {order: at_ms for report in reports for order, at_ms in report.crossings.items()}
    arrived_ms = first_arrivals(seen)
    delays = delays_ms(sent_ms, arrived_ms)
    return Figures(
        consumer=consumer,
        broker=broker,
        offered_per_s=float(plan.rate_per_s),
        sustained_per_s=taken / (last.at_s - first.at_s),
        consumer_cpu_us=MICROS * (last.consumer_cpu_s - first.consumer_cpu_s) / max(taken, 1.0),
        broker_cpu_us=MICROS * (last.broker_cpu_s - first.broker_cpu_s) / max(taken, 1.0),
        delays=Delays(percentile(delays, 0.5), percentile(delays, 0.99), delays[-1]) if delays else None,
        crossings=len(sent_ms),
        alerted=len(delays),
        uncalled=len(arrived_ms) - len(delays),
        resident_mib=max(sample.resident_bytes for sample in samples) / MIB,
        refused=beats[-1].refused,
        load_lag_max_ms=max(report.lag_max_ms for report in reports),
        load_unacknowledged=sum(report.sent - report.acknowledged for report in reports),
        load_cpu_us=MICROS * sum(report.cpu_s for report in reports) / max(1, sum(report.sent for report in reports)),
    )


def verdicts(rows: Sequence[Figures]) -> list[Verdict]:
    """What the run says of the service, broker by broker; nothing about a broker where the service did not run."""
    out: list[Verdict] = []
    by_case = {(row.consumer, row.broker): row for row in rows}
    for broker in Broker:
        service = by_case.get((Consumer.SERVICE, broker))
        if service is None:
            continue
        script = by_case.get((Consumer.SCRIPT, broker))
        if script is not None:
            out.append(cheaper(service, script))
        out += [held(service), prompt(service)]
    return out


def cheaper(service: Figures, script: Figures) -> Verdict:
    """Whether the service, judging and storing, costs less a fix than the script."""
    return Verdict(
        f"{service.broker}: the service costs less CPU a fix than the script",
        service.consumer_cpu_us < script.consumer_cpu_us,
        f"{service.consumer_cpu_us:.1f} us against {script.consumer_cpu_us:.1f} us",
    )


def held(row: Figures) -> Verdict:
    """Whether the service kept up with what was offered."""
    return Verdict(
        f"{row.broker}: {row.offered_per_s:,.0f} fixes/s are held",
        row.sustained_per_s >= HELD_AT_LEAST * row.offered_per_s,
        f"{row.sustained_per_s:,.0f} fixes/s",
    )


def prompt(row: Figures) -> Verdict:
    """Whether alerts came in time; one that did not come at all is not in time."""
    came = f"{row.alerted} of {row.crossings} alerts"
    p99_ms = row.delays.p99_ms if row.delays else float("inf")
    return Verdict(
        f"{row.broker}: every alert came, p99 from fix to alert under {DELAY_P99_BELOW_MS:.0f} ms",
        row.crossings > 0 and row.alerted == row.crossings and p99_ms < DELAY_P99_BELOW_MS,
        f"{p99_ms:.1f} ms, {came}",
    )
