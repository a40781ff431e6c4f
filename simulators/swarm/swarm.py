# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The victim-proximity monitor authors
"""Many pair-days, what broke on them, and how to see it again."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from typing import Final, NamedTuple

from rich import box
from rich.table import Table

from simulators.swarm.days import DAYS_A_PAIR, days_of
from simulators.swarm.invariants import INVARIANTS
from simulators.swarm.play import Record, crowd, record

RUNS_THROUGH: Final = "the engine runs through"
SHOWN_A_DAY: Final = 1  # findings of one invariant on one day: the rest seldom says more

Progress = Callable[[int], None]


class Broken(NamedTuple):
    """An invariant that did not hold on a pair-day."""

    seed: int
    number: int
    invariant: str
    finding: str

    @property
    def command(self) -> str:
        """Repeats exactly this pair-day."""
        return f"python -m simulators swarm --seed {self.seed} --number {self.number}"


class Checked(NamedTuple):
    """What was looked at on a pair-day."""

    number: int
    fixes: int
    times: Mapping[str, int]  # by invariant
    broken: tuple[Broken, ...]


def check(one: Record) -> Checked:
    """Hold every invariant against a record."""
    day, times, broken = one.day, {RUNS_THROUGH: 1}, list[Broken]()
    for name, invariant in INVARIANTS.items():
        findings = list(invariant(one))
        times[name] = len(findings)
        found = [finding for finding in findings if finding]
        broken += [Broken(day.seed, day.number, name, finding) for finding in found[:SHOWN_A_DAY]]
    fixes = sum(len(letter.fixes) for letter in day.letters)
    return Checked(day.number, fixes, times, tuple(broken))


def check_pair(seed: int, numbers: Sequence[int]) -> list[Checked]:
    """Some days of one pair, each alone and all days of the pair together. The same seed and numbers give the same."""
    days = days_of(seed, numbers[0] // DAYS_A_PAIR)
    checked = []
    failed, together = "", dict[int, tuple[bytes, ...]]()
    try:
        together = dict(crowd(days))
    except Exception as error:  # noqa: BLE001 - whatever the engine raises is the finding
        failed = f"together: {_raised(error)}"
    for day in days:
        if day.number not in numbers:
            continue
        finding = failed
        if not failed:
            try:
                checked.append(check(record(day, together[day.number])))
                continue
            except Exception as error:  # noqa: BLE001 - whatever the engine raises is the finding
                finding = _raised(error)
        broken = Broken(seed, day.number, RUNS_THROUGH, finding)
        checked.append(Checked(day.number, 0, {RUNS_THROUGH: 1}, (broken,)))
    return checked


def _raised(error: Exception) -> str:
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    where = "" if trace is None else f" ({trace.tb_frame.f_code.co_filename}:{trace.tb_lineno})"
    return f"{type(error).__name__}: {error}{where}"


def chunks_of(numbers: Iterable[int]) -> list[list[int]]:
    """The numbers by pair."""
    by_pair: dict[int, list[int]] = {}
    for number in numbers:
        by_pair.setdefault(number // DAYS_A_PAIR, []).append(number)
    return list(by_pair.values())


def run(seed: int, numbers: Iterable[int], processes: int, progress: Progress) -> Iterator[Checked]:
    """Check these pair-days, in their order; `progress` hears how many are done."""
    chunks = chunks_of(numbers)
    if processes == 1 or len(chunks) == 1:
        for chunk in chunks:
            found = check_pair(seed, chunk)
            progress(len(found))
            yield from found
        return
    with ProcessPoolExecutor(processes) as pool:
        for found in pool.map(check_pair, [seed] * len(chunks), chunks):
            progress(len(found))
            yield from found


def table(checked: Sequence[Checked]) -> Table:
    """What was checked how often, and on how many pair-days it broke."""
    made = Table(box=box.SIMPLE_HEAD)
    made.add_column("")
    for heading in ("checked", "pair-days it broke on"):
        made.add_column(heading, justify="right")
    for name in (RUNS_THROUGH, *INVARIANTS):
        times = sum(one.times.get(name, 0) for one in checked)
        days = {broken.number for one in checked for broken in one.broken if broken.invariant == name}
        made.add_row(name, f"{times:,}", str(len(days)) if days else "-")
    return made
