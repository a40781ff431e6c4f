# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The victim-proximity monitor authors
"""The trade-off tool from its options to what it prints."""

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final, NamedTuple

import msgspec
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn
from rich.table import Table

from simulators.scores.pairs import LIMITS
from simulators.scores.score import TUNING_SEED
from simulators.tune import journal, shown, swarm
from simulators.tune.grid import Point, TuneFault, read_grid

PAIR_DAYS: Final = 100
TABLE_WIDTH: Final = 200  # where nobody watches


class Asked(NamedTuple):
    """The options as they were given."""

    limits: str | None = None
    settings: Sequence[str] = ()
    warning_factor: float | None = None
    pair_days: int | None = None
    seed: int | None = None
    journal: Path | None = None
    processes: int = 2
    plot: Path | None = None
    as_json: bool = False


class Answer(NamedTuple):
    """What is shown."""

    title: str
    table: Table
    json: list[dict[str, Any]]
    picture: shown.Picture


def tune(asked: Asked) -> None:
    """Try the grid and print what it gave. TuneFault."""
    grid = read_grid(asked.limits, asked.warning_factor, asked.settings)
    if asked.plot is not None:
        shown.check_picture(asked.plot)
    answer = of_pairs(asked, grid) if asked.journal is None else of_journal(asked, asked.journal, grid)
    if asked.plot is not None:
        shown.draw(answer.picture, asked.plot)
        print(f"written: {asked.plot}", file=sys.stderr)
    if asked.as_json:
        sys.stdout.buffer.write(msgspec.json.encode(answer.json) + b"\n")
        return
    print(answer.title)
    Console(width=None if sys.stdout.isatty() else TABLE_WIDTH).print(answer.table)


def of_pairs(asked: Asked, grid: Sequence[Point]) -> Answer:
    """On simulated pair-days."""
    seed = TUNING_SEED if asked.seed is None else asked.seed
    pair_days = PAIR_DAYS if asked.pair_days is None else asked.pair_days
    with progress_bar("pair-days", pair_days) as advance:
        rows = swarm.run(seed, pair_days, grid, asked.processes, advance)
    approaches = rows[0].line.approaches
    title = f"{approaches} true approaches within {LIMITS.limit_m:g} m on {pair_days} pair-days, seed {seed}"
    return Answer(title, shown.of_pairs(rows), shown.pairs_json(rows), shown.pairs_picture(rows))


def of_journal(asked: Asked, path: Path, grid: Sequence[Point]) -> Answer:
    """On a service's journal."""
    if asked.pair_days is not None or asked.seed is not None:
        raise TuneFault("--journal has its own days: leave --pair-days and --seed out")
    notes: list[str] = []
    with progress_bar("points", 1 + len(grid)) as advance:
        rows = journal.run(path, grid, asked.processes, advance, notes.append)
    for note in notes:
        print(f"note: {note}", file=sys.stderr)
    title = f"{rows[0].gain.told_as_set} breaches told as set, {path}; what is lost is told by no warning either"
    return Answer(title, shown.of_journal(rows), shown.journal_json(rows), shown.journal_picture(rows))


@contextmanager
def progress_bar(what: str, total: int) -> Iterator[Callable[[int], None]]:
    """A bar on standard error, where somebody watches; gives what advances it."""
    columns = (
        TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(), TimeRemainingColumn(),
    )  # fmt: skip
    console = Console(stderr=True)
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task(what, total=total)
        yield lambda done: bar.advance(task, done)
