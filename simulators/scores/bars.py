# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The victim-proximity monitor authors
"""What the plan asks of the engine, held against days that nobody tuned on, with devices that do as they are asked."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from math import sqrt
from typing import Final, NamedTuple

import numpy as np

from proximity.model.units import MILLIS_PER_SECOND, Metres, Seconds
from simulators.devices.reception import TAG
from simulators.scores.blindness import coarse, stale_flags
from simulators.scores.calibration import Claims, Reliability, Row, rows
from simulators.scores.judged import DECLARED, Heard, said_of
from simulators.scores.obeying import heard_of, play_day
from simulators.scores.pairs import LIMITS, PairDay, pair_day
from simulators.scores.rivals import RULES
from simulators.scores.score import NORMAL_95, OURS, SCALES, Line, scaled, summarise
from simulators.scores.scoring import PairScore, Said, score

SEED: Final = 20_261_125  # nobody tunes on it, and the score does not use it
PAIR_DAYS: Final = 2000
CHUNK: Final = 4
LONG_S: Final[Seconds] = TAG.moving_s + 20.0  # a breach so long while both report may not be missed
DELAY_S: Final[Seconds] = TAG.moving_s + 22.0  # 95 % of breaches are told by then
BREACHES, WARNINGS, BLIND = 0.02, 0.2, 1.0  # needless, and incidents of blindness, a pair-day at most
CALIBRATED: Final = 0.1  # a claimed probability may be off by that


class Missed(NamedTuple):
    """A breach that was never told though both reported all the time."""

    number: int
    lasted_s: Seconds
    least_m: Metres
    clear_s: Seconds  # of it both knew their place no coarser than the limit


class Day(NamedTuple):
    """A pair-day: our engine, the rule models at every scale, and what else is asked of ours."""

    ours: PairScore
    rules: Mapping[tuple[str, float], PairScore]
    blind: int
    missed: tuple[Missed, ...]
    claims: Reliability


def missed_of(number: int, day: PairDay, ours: PairScore) -> tuple[Missed, ...]:
    """The long breaches of a day that were not told though both reported."""
    unheard, found = stale_flags(day, DECLARED), []
    seconds = np.arange(day.truth.from_ms, day.truth.until_ms, MILLIS_PER_SECOND, dtype=np.int64)
    vague = coarse(day.wearer, LIMITS.limit_m, seconds) | coarse(day.protected, LIMITS.limit_m, seconds)
    for one in ours.told:
        first, last = ((at - day.truth.from_ms) // MILLIS_PER_SECOND for at in one.approach[:2])
        lasted_s = float(last - first)
        if one.delay_s is None and lasted_s > LONG_S and not unheard[first:last].any():
            least_m, clear_s = float(day.truth.distance_m[first:last].min()), float((~vague[first:last]).sum())
            found.append(Missed(number, lasted_s, least_m, clear_s))
    return tuple(found)


def blind_incidents(day: PairDay, heard: Iterable[Heard]) -> int:
    """How many incidents of blindness began in the day: after it nobody sends any more."""
    return sum(one.kind == "blind" and one.change == "opened" and one.at_ms < day.truth.until_ms for one in heard)


def judge_day(seed: int, number: int) -> Day:
    """One pair-day."""
    dense = pair_day(seed, number, dense=True)
    claims = Claims(dense, LIMITS)
    played = play_day(dense, claims.look)
    heard = list(heard_of(played.told))
    day = dense._replace(wearer=played.came[0], protected=played.came[1])
    ours = score(day.truth, said_of(heard), LIMITS)
    rules: dict[tuple[str, float], PairScore] = {}
    for name, rule in RULES.items():
        for scale in SCALES:
            said: list[Said] = rule(day, scaled(LIMITS, scale))
            rules[name, scale] = score(day.truth, said, LIMITS)
    return Day(ours, rules, blind_incidents(day, heard), missed_of(number, day, ours), claims.found)


def judge_days(seed: int, numbers: Sequence[int]) -> list[Day]:
    """Some pair-days."""
    return [judge_day(seed, number) for number in numbers]


def run(seed: int, pair_days: int, processes: int, progress: Callable[[int], None]) -> list[Day]:
    """So many pair-days; `progress` hears how many are done. The same seed gives the same."""
    chunks = [range(first, min(first + CHUNK, pair_days)) for first in range(0, pair_days, CHUNK)]
    days: list[Day] = []
    with ProcessPoolExecutor(processes) as pool:
        for found in pool.map(partial(judge_days, seed), chunks):
            days += found
            progress(len(found))
    return days


def rate_interval(events: int, of: int) -> tuple[float, float]:
    """The 95 % interval of a rate (Poisson, by its square root; nothing of n is at most 3 / n)."""
    if events == 0:
        return 0.0, 3.0 / of
    half = NORMAL_95 / 2
    return max(0.0, sqrt(events) - half) ** 2 / of, (sqrt(events + 1) + half) ** 2 / of


def beating(ours: Line, rules: Sequence[tuple[str, float, Line]]) -> list[str]:
    """The rule models that have both fewer misses and fewer needless breaches."""
    return [
        f"{name} x {scale:g}"
        for name, scale, line in rules
        if line.missed.events < ours.missed.events and line.needless_breaches < ours.needless_breaches
    ]


def worst_claim(days: Sequence[Day]) -> Row | None:
    """The tenth of all claims whose share truly within is furthest from what was claimed on average."""
    found = [row for row in rows([day.claims for day in days]) if row is not None]
    return max(found, key=lambda row: abs(row.claimed - row.within), default=None)


def met(rate: float, bar: float) -> str:
    """Whether a bar holds."""
    return "yes" if rate <= bar else "**no**"


def of_bars(days: Sequence[Day], seed: int) -> str:
    """The table, in Markdown."""
    count = len(days)
    ours = summarise(OURS, [day.ours for day in days])
    rules = [
        (name, scale, summarise(name, [day.rules[name, scale] for day in days])) for name in RULES for scale in SCALES
    ]
    missed = [one for day in days for one in day.missed]
    clear = sum(one.clear_s > LONG_S for one in missed)
    p95_s = ours.delay_s[1] if ours.delay_s else np.nan
    better, worst = beating(ours, rules), worst_claim(days)
    told = f"{ours.fully.events:,} told fully, {ours.partly.events} partly, {ours.missed.events} missed"
    lines = [
        f"{ours.approaches:,} true approaches on {count:,} pair-days, seed {seed:,}: {told}.\n",
        "| asked | bar | measured | met |",
        "|---|---|---|---|",
        f"| breaches over {LONG_S:g} s not told while both report | 0 | {len(missed)} | {met(len(missed), 0)} |",
        f"| - of which both knew their place better than the limit for so long | 0 | {clear} | {met(clear, 0)} |",
        f"| delay, 95 % of those told | {DELAY_S:g} s | {p95_s:.0f} s | {met(p95_s, DELAY_S)} |",
    ]
    for what, bar, events in (
        ("needless breaches a pair-day", BREACHES, ours.needless_breaches),
        ("needless warnings a pair-day", WARNINGS, ours.needless_warnings),
        ("incidents of blindness a pair-day", BLIND, sum(day.blind for day in days)),
    ):
        low, high = rate_interval(events, count)
        lines.append(f"| {what} | {bar:g} | {events / count:.3f} ({low:.3f}-{high:.3f}) | {met(events / count, bar)} |")
    if worst is not None:
        low, high = worst.interval
        claim = f"claimed {worst.claimed:.2f}, true {worst.within:.2f} ({low:.2f}-{high:.2f})"
        off = met(abs(worst.claimed - worst.within), CALIBRATED)
        lines.append(f"| probabilities calibrated: the worst tenth is off by | {CALIBRATED:g} | {claim} | {off} |")
    lines.append(
        f"| rule models with fewer misses and fewer needless breaches | 0 of {len(rules)} | "
        f"{', '.join(better) or 'none'} | {met(len(better), 0)} |"
    )
    lines += [
        f"\nNot told: pair-day {one.number}, {one.lasted_s:g} s, nearest {one.least_m:.0f} m; "
        f"for {one.clear_s:g} s of it both knew their place better than the limit."
        for one in missed
    ]
    return "\n".join(lines)
