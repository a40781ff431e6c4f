# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The victim-proximity monitor authors
"""Our engine and rule models of others on the very same fixes: how much is missed, how much is needless, how late."""

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from math import sqrt
from typing import Final, NamedTuple

import numpy as np
from rich import box
from rich.table import Table

from proximity.model.units import Seconds
from simulators.scores.judged import ours
from simulators.scores.pairs import LIMITS, pair_day
from simulators.scores.rivals import RULES, Rule
from simulators.scores.scoring import Alerting, PairScore, score

OURS: Final = "our engine"
ENGINES: Final[Mapping[str, Rule]] = {OURS: ours, **RULES}
NORMAL_95: Final = 1.959964  # standard deviations either side that hold 95 %
PUBLISHED_SEED: Final = 20_261_124  # nobody tunes on it
TUNING_SEED: Final = 1
CHUNK: Final = 4

Progress = Callable[[int], None]


class Share(NamedTuple):
    """How many of how many, with its 95 % interval (E. B. Wilson, 1927); nothing of n is at most 3 / n."""

    events: int
    of: int

    @property
    def interval(self) -> tuple[float, float]:
        """The lower and the upper bound."""
        if self.of == 0:
            return 0.0, 1.0
        if self.events == 0:
            return 0.0, min(1.0, 3.0 / self.of)
        share, square = self.events / self.of, NORMAL_95**2
        middle = (share + square / (2 * self.of)) / (1 + square / self.of)
        half = NORMAL_95 * sqrt(share * (1 - share) / self.of + square / (4 * self.of**2)) / (1 + square / self.of)
        return max(0.0, middle - half), min(1.0, middle + half)


class Line(NamedTuple):
    """One engine over all pair-days."""

    engine: str
    pair_days: int
    approaches: int
    fully: Share
    partly: Share
    missed: Share
    delay_s: tuple[Seconds, Seconds, Seconds] | None  # median, p95, longest, of those that were told
    warned_s: Seconds | None  # median, from the first word to contact
    needless_breaches: int
    needless_warnings: int
    alerts: int
    delays_s: tuple[Seconds, ...] = ()  # of all that were told, sorted


def score_days(seed: int, numbers: Sequence[int]) -> list[dict[str, PairScore]]:
    """Some pair-days, each judged by every engine."""
    found = []
    for number in numbers:
        day = pair_day(seed, number)
        found.append({name: score(day.truth, rule(day, LIMITS), LIMITS) for name, rule in ENGINES.items()})
    return found


def summarise(engine: str, scores: Sequence[PairScore]) -> Line:
    """All pair-days of one engine."""
    told = [one for pair in scores for one in pair.told]
    share = {how: Share(sum(one.alerting is how for one in told), len(told)) for how in Alerting}
    delays = [one.delay_s for one in told if one.delay_s is not None]
    warned = [one.warned_s for one in told if one.warned_s is not None]
    return Line(
        engine=engine,
        pair_days=len(scores),
        approaches=len(told),
        fully=share[Alerting.FULLY],
        partly=share[Alerting.PARTLY],
        missed=share[Alerting.MISSED],
        delay_s=(float(np.median(delays)), float(np.percentile(delays, 95)), max(delays)) if delays else None,
        warned_s=float(np.median(warned)) if warned else None,
        needless_breaches=sum(pair.needless_breaches for pair in scores),
        needless_warnings=sum(pair.needless_warnings for pair in scores),
        alerts=sum(pair.alerts for pair in scores),
        delays_s=tuple(sorted(delays)),
    )


def run(seed: int, pair_days: int, processes: int, progress: Progress) -> list[Line]:
    """Score so many pair-days; `progress` hears how many are done. The same seed gives the same lines."""
    chunks = [range(first, min(first + CHUNK, pair_days)) for first in range(0, pair_days, CHUNK)]
    scores: list[dict[str, PairScore]] = []
    with ProcessPoolExecutor(processes) as pool:
        for found in pool.map(score_days, [seed] * len(chunks), chunks):
            scores += found
            progress(len(found))
    return [summarise(name, [one[name] for one in scores]) for name in ENGINES]


def percent(share: Share) -> str:
    """With its interval."""
    low, high = share.interval
    of = share.events / share.of if share.of else 0.0
    return f"{share.events} ({of:.0%}; {low:.0%}-{high:.0%})"


def table(lines: Sequence[Line]) -> Table:
    """As people read it."""
    made = Table(box=box.SIMPLE_HEAD)
    for heading in ("", "fully", "partly", "missed"):
        made.add_column(heading)
    for heading in (
        "delay p50/p95/max, s",
        "warned, s",
        "needless breaches /day",
        "needless warnings /day",
        "alerts /day",
    ):
        made.add_column(heading, justify="right")
    for line in lines:
        delay = "/".join(f"{value:.0f}" for value in line.delay_s) if line.delay_s else "-"
        made.add_row(
            line.engine, percent(line.fully), percent(line.partly), percent(line.missed), delay,
            "-" if line.warned_s is None else f"{line.warned_s:.0f}", f"{line.needless_breaches / line.pair_days:.3f}",
            f"{line.needless_warnings / line.pair_days:.3f}", f"{line.alerts / line.pair_days:.2f}",
        )  # fmt: skip
    return made
