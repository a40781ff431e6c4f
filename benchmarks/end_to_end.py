# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The victim-proximity monitor authors
"""The end-to-end bench: `python -m benchmarks.end_to_end`.

The service, the script a user would write and a bare subscriber take the same load through the embedded broker and
through Mosquitto, one case after the other.
"""

import shutil
import signal
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from types import FrameType
from typing import Annotated

import msgspec
import psutil
import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TaskID, TextColumn, TimeElapsedColumn

from benchmarks import brokers
from benchmarks.case import run_case
from benchmarks.figures import Broker, Consumer, Figures, verdicts
from benchmarks.plan import Plan, faults
from benchmarks.processes import BenchError
from benchmarks.report import BEGIN, END, Report, machine, marked, table, verdict_line, written

QUICK = Plan(devices=2_000, rate_per_s=2_000, seconds=10, warm_up_s=4)
IN_MEMORY = frozenset({"tmpfs", "ramfs"})
TABLE_WIDTH = 170  # where there is no terminal
EXIT_INPUT = 1
EXIT_FAILED = 3
EXIT_INTERRUPTED = 130


def filesystem(folder: Path) -> str:
    """The kind of file system that holds a folder."""
    mounts = {part.mountpoint: part.fstype for part in psutil.disk_partitions(all=True)}
    at = folder.resolve()
    return next((mounts[str(path)] for path in (at, *at.parents) if str(path) in mounts), "unknown")


def missing(cases: list[tuple[Consumer, Broker]], under: Path) -> list[str]:
    """What the machine lacks for these cases, one line each."""
    lacks = []
    if any(broker is Broker.MOSQUITTO for _, broker in cases) and not brokers.MOSQUITTO.exists():
        lacks.append(f"{brokers.MOSQUITTO}: not there, install Debian's mosquitto or give --broker embedded")
    if not under.is_dir():
        lacks.append(f"{under}: no such folder, give another with --under")
    elif filesystem(under) in IN_MEMORY:
        lacks.append(f"{under}: kept in memory, which flatters the journal, give a folder on a disk with --under")
    return lacks


def unwritable(json: Path | None, page: Path | None) -> list[str]:
    """What stands in the way of writing the results, before minutes are spent on them."""
    lacks = []
    if json is not None and not json.parent.is_dir():
        lacks.append(f"{json.parent}: no such folder, give another with --json")
    if page is not None and not (page.is_file() and marked(page.read_text())):
        lacks.append(f"{page}: no page with the lines {BEGIN} and {END}, give one with --write")
    return lacks


def run_cases(cases: list[tuple[Consumer, Broker]], plan: Plan, folder: Path) -> list[Figures]:
    """Run the cases one after the other, showing how far each is."""
    columns = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
    rows = []
    with Progress(*columns, console=Console(stderr=True)) as progress:
        for consumer, broker in cases:
            name = f"{consumer.value} / {broker.value}"
            task = progress.add_task(name, total=1.0)

            def tell(phase: str, share: float, name: str = name, task: TaskID = task) -> None:
                progress.update(task, description=f"{name}: {phase}", completed=share)

            rows.append(run_case(folder / f"{consumer.value}-{broker.value}", plan, consumer, broker, tell))
            tell("done", 1.0)
    return rows


def interrupt(_signal: int, _frame: FrameType | None) -> None:
    """Treat a request to end like Ctrl-C: what was started is stopped."""
    raise KeyboardInterrupt


def bench(plan: Plan, cases: list[tuple[Consumer, Broker]], under: Path, *, keep: bool) -> Report:
    """Run everything in a folder of its own, which stays only if something fails or `keep` says so."""
    folder = Path(tempfile.mkdtemp(prefix="proximity-bench-", dir=under))
    rows = run_cases(cases, plan, folder)
    if not keep:
        shutil.rmtree(folder)
    now = datetime.now(UTC).isoformat(timespec="seconds")
    return Report(now, machine(), plan, rows, verdicts(rows))


def show(report: Report) -> None:
    """Print the table, the verdicts and, as the last line, the report as JSON."""
    console = Console(width=None if Console().is_terminal else TABLE_WIDTH)
    console.print(table(report))
    for verdict in report.verdicts:
        console.print(verdict_line(verdict), highlight=False)
    typer.echo(msgspec.json.encode(report))


def main(  # noqa: PLR0913 - each option is an argument
    *,
    devices: Annotated[int, typer.Option(help="Devices: half wearers, half protected, a link for each two.")] = 10_000,
    rate: Annotated[int, typer.Option(help="Fixes a second, of all devices together.")] = 10_000,
    seconds: Annotated[int, typer.Option(help="Length of the measured window.")] = 60,
    warm_up: Annotated[int, typer.Option(help="Seconds before the window.")] = 10,
    crossings: Annotated[int, typer.Option(help="Crossings a second, each of another link.")] = 10,
    consumer: Annotated[list[Consumer] | None, typer.Option(help="Only this one; may be repeated.")] = None,
    broker: Annotated[list[Broker] | None, typer.Option(help="Only this one; may be repeated.")] = None,
    json: Annotated[Path | None, typer.Option(help="Write the JSON to a file too.")] = None,
    write: Annotated[Path | None, typer.Option(help="Replace the figures in this page: docs/benchmarks.md.")] = None,
    under: Annotated[Path, typer.Option(help="Folder on a disk for journals and logs.")] = Path("/var/tmp"),  # noqa: S108
    keep: Annotated[bool, typer.Option("--keep", help="Keep journals, logs and what the watcher saw.")] = False,
    quick: Annotated[bool, typer.Option("--quick", help="A small load for a short time: does it work?")] = False,
) -> None:
    """Measure the service against a script a user would write and a bare subscriber, at the same load."""
    plan = QUICK if quick else Plan(devices, rate, seconds, warm_up, crossings)
    cases = [(who, via) for via in broker or list(Broker) for who in consumer or list(Consumer)]
    wrong = [f"--{fault}" for fault in faults(plan)] + missing(cases, under) + unwritable(json, write)
    for line in wrong:
        typer.echo(line, err=True)
    if wrong:
        raise typer.Exit(EXIT_INPUT)
    signal.signal(signal.SIGTERM, interrupt)
    try:
        report = bench(plan, cases, under, keep=keep)
    except BenchError as fault:
        typer.echo(str(fault), err=True)
        raise typer.Exit(EXIT_FAILED) from None
    except KeyboardInterrupt:
        typer.echo("stopped; everything that was started has been ended", err=True)
        raise typer.Exit(EXIT_INTERRUPTED) from None
    show(report)
    if json is not None:
        json.write_bytes(msgspec.json.format(msgspec.json.encode(report), indent=2) + b"\n")
    if write is not None:
        write.write_text(written(write.read_text(), report))


if __name__ == "__main__":
    typer.run(main)
