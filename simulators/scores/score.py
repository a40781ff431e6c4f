# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The victim-proximity monitor authors
"""Our engine and rule models of others on the very same fixes: how much is missed, how much is needless, how late."""

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from math import sqrt
from typing import Final, NamedTuple

import numpy as np
from rich import box
from rich.table import Table

from proximity.model.units import Seconds
from simulators.scores.blindness import blindness
from simulators.scores.calibration import Claims, Reliability
from simulators.scores.judged import DECLARED, Heard, hear, message_of, orders, said_of
from simulators.scores.obeying import obeyed
from simulators.scores.pairs import LIMITS, PairDay, pair_day
from simulators.scores.rivals import RULES
from simulators.scores.scoring import Alerting, Blindness, Limits, PairScore, score

OURS: Final = "our engine"
ENGINES: Final = (OURS, *RULES)
AS_SET: Final = 1.0
SCALES: Final = (0.6, 0.8, AS_SET, 1.25, 1.6)  # of the distances an engine is told; the truth stays what it is
PART_EVERY: Final = 4  # pair-days: the curve and the reliability are of a part of them
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
    blind: Blindness = Blindness()


class Judged(NamedTuple):
    """A pair-day as every engine did, at every scale that was tried."""

    number: int
    scores: Mapping[tuple[str, float], PairScore]
    reliability: Reliability | None = None  # of our engine; None where it was not looked at
    obeying: Mapping[str, PairScore] | None = None  # of the same day with devices that do as our engine asks


def scaled(limits: Limits, scale: float) -> Limits:
    """The same order with other distances."""
    return limits._replace(warning_m=limits.warning_m * scale, limit_m=limits.limit_m * scale)


def judge(engine: str, day: PairDay, scale: float, heard: Sequence[Heard] | None = None) -> PairScore:
    """One engine, told so many times the distances, held against the truth; `heard`: what ours has said of the day."""
    told = scaled(LIMITS, scale)
    if engine != OURS:
        return score(day.truth, RULES[engine](day, told), LIMITS)
    if heard is None:
        heard = hear(day, message_of(orders(told)))
    found = score(day.truth, said_of(heard), LIMITS)
    return found if scale != AS_SET else found._replace(blind=blindness(day, DECLARED, heard))


def judge_all(
    day: PairDay, scales: Sequence[float], heard: Sequence[Heard] | None = None
) -> dict[tuple[str, float], PairScore]:
    """Every engine on the same fixes; `heard` is what ours has said of the day where it was told what is set."""
    scores = {
        (name, scale): judge(name, day, scale, heard if scale == AS_SET else None)
        for name in ENGINES for scale in scales
    }  # fmt: skip
    rules_blind = Blindness(scores[OURS, AS_SET].blind.seconds)  # they see no more, and say nothing
    return scores | {key: one._replace(blind=rules_blind) for key, one in scores.items() if key[0] != OURS}


def score_days(seed: int, numbers: Sequence[int], tried: Sequence[float], *, obey: bool) -> list[Judged]:
    """Some pair-days, each judged by every engine; a part of them at every scale that is tried.

    `obey`: that part also with devices that do as our engine asks.
    """
    found = []
    for number in numbers:
        day = pair_day(seed, number)
        if number % PART_EVERY:
            found.append(Judged(number, judge_all(day, (AS_SET,))))
            continue
        asked_day, said = obeyed(seed, number) if obey else (None, None)
        obeying = {} if asked_day is None else judge_all(asked_day, (AS_SET,), said)
        asked = {name: one for (name, _), one in obeying.items()}
        claims = Claims(day, LIMITS)
        heard = hear(day, message_of(orders(LIMITS)), look=claims.look)
        found.append(Judged(number, judge_all(day, tried, heard), claims.found, asked or None))
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
        blind=Blindness(*(sum(pair.blind[field] for pair in scores) for field in range(len(Blindness._fields)))),
    )


def run(
    seed: int, pair_days: int, processes: int, progress: Progress, tried: Sequence[float] = SCALES, *,
    obey: bool = False,
) -> list[Judged]:  # fmt: skip
    """Score so many pair-days; `progress` hears how many are done. The same seed gives the same."""
    chunks = [range(first, min(first + CHUNK, pair_days)) for first in range(0, pair_days, CHUNK)]
    judged: list[Judged] = []
    with ProcessPoolExecutor(processes) as pool:
        for found in pool.map(partial(score_days, seed, tried=tried, obey=obey), chunks):
            judged += found
            progress(len(found))
    return judged


def lines_of(judged: Sequence[Judged]) -> list[Line]:
    """Every engine, told the distances as they are set."""
    return [summarise(name, [one.scores[name, AS_SET] for one in judged]) for name in ENGINES]


def obeying_lines_of(judged: Sequence[Judged]) -> list[Line]:
    """Every engine with devices that do as ours asks, on the pair-days that were played so; none where none was."""
    own = [one.obeying for one in judged if one.obeying is not None]
    return [summarise(name, [scores[name] for scores in own]) for name in ENGINES] if own else []


def curves_of(judged: Sequence[Judged]) -> dict[str, list[Line]]:
    """Every engine at every scale, on the pair-days that were judged at all of them."""
    own = [one for one in judged if (OURS, SCALES[0]) in one.scores]
    return {name: [summarise(name, [one.scores[name, scale] for one in own]) for scale in SCALES] for name in ENGINES}


def reliabilities_of(judged: Sequence[Judged]) -> list[Reliability]:
    """Those that were looked at, one a pair-day."""
    return [one.reliability for one in judged if one.reliability is not None]


def percent(share: Share) -> str:
    """With its interval."""
    low, high = share.interval
    of = share.events / share.of if share.of else 0.0
    return f"{share.events} ({of:.0%}; {low:.0%}-{high:.0%})"


def said_share(blind: Blindness) -> str:
    """How much of the blindness was said."""
    return f"{blind.said_seconds / blind.seconds:.0%}" if blind.seconds else "-"


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
        "blind, h /day",
        "said",
    ):
        made.add_column(heading, justify="right")
    for line in lines:
        delay = "/".join(f"{value:.0f}" for value in line.delay_s) if line.delay_s else "-"
        made.add_row(
            line.engine, percent(line.fully), percent(line.partly), percent(line.missed), delay,
            "-" if line.warned_s is None else f"{line.warned_s:.0f}", f"{line.needless_breaches / line.pair_days:.3f}",
            f"{line.needless_warnings / line.pair_days:.3f}", f"{line.alerts / line.pair_days:.2f}",
            f"{line.blind.seconds / line.pair_days / 3600:.2f}", said_share(line.blind),
        )  # fmt: skip
    return made
