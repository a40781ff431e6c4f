# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The victim-proximity monitor authors
"""Which bars pull against each other: the same tuning days, judged by one setting after another."""

from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from typing import Final, NamedTuple

from msgspec.structs import replace

from proximity.model.judging import Judging
from simulators.scores.bars import BLIND, BREACHES, CALIBRATED, DELAY_S, WARNINGS, blind_incidents
from simulators.scores.calibration import Claims, Reliability, Row, rows
from simulators.scores.judged import said_of
from simulators.scores.obeying import heard_of, play_day
from simulators.scores.pairs import LIMITS, pair_day
from simulators.scores.score import OURS, Line, summarise
from simulators.scores.scoring import PairScore, score

PAIR_DAYS: Final = 300
AS_SET: Final = Judging()
VARIED: Final = {  # what a level asks of a probability, and how much less devices err than they say
    "probable_at": (0.4, 0.5, 0.55, 0.6, 0.7),
    "accuracy_per_sigma": (1.2, 1.51, 2.0, 2.5),
}
HEADINGS: Final = (
    "fully", "partly", "missed", "delay, 95 %, s", "needless breaches", "needless warnings", "blind", "worst claim",
)  # fmt: skip
Point = tuple[str, float]


class Played(NamedTuple):
    """A pair-day by one setting."""

    ours: PairScore
    blind: int
    claims: Reliability


class Outcome(NamedTuple):
    """All pair-days by one setting."""

    point: Point
    line: Line
    blind: float  # incidents a pair-day
    worst: Row | None  # the tenth of all claims that is furthest off


def points() -> list[Point]:
    """Every setting that is tried."""
    return [(name, value) for name, values in VARIED.items() for value in values]


def is_set(point: Point) -> bool:
    """Whether a point is what is set."""
    return bool(getattr(AS_SET, point[0]) == point[1])


def play(seed: int, number: int) -> list[Played]:
    """One pair-day by every setting; its devices do as they are asked each time. What is set is played once."""
    dense, found = pair_day(seed, number, dense=True), dict[Judging, Played]()
    played: list[Played] = []
    for name, value in points():
        judging = replace(AS_SET, **{name: value})
        if judging not in found:
            claims = Claims(dense, LIMITS)
            day = play_day(dense, claims.look, judging)
            heard = list(heard_of(day.told))
            ours = score(dense.truth, said_of(heard), LIMITS)
            found[judging] = Played(ours, blind_incidents(dense, heard), claims.found)
        played.append(found[judging])
    return played


def outcome_of(point: Point, days: Sequence[Played]) -> Outcome:
    """What all days say of a setting."""
    claims = [row for row in rows([one.claims for one in days]) if row is not None]
    worst = max(claims, key=lambda row: abs(row.claimed - row.within), default=None)
    line = summarise(OURS, [one.ours for one in days])
    return Outcome(point, line, sum(one.blind for one in days) / len(days), worst)


def run(seed: int, pair_days: int, processes: int, progress: Callable[[int], None]) -> list[Outcome]:
    """So many pair-days by every setting; `progress` hears of each day. The same seed gives the same."""
    days: list[list[Played]] = []
    with ProcessPoolExecutor(processes) as pool:
        for one in pool.map(partial(play, seed), range(pair_days), chunksize=2):
            days.append(one)
            progress(1)
    return [outcome_of(point, own) for point, own in zip(points(), zip(*days, strict=True), strict=True)]


def held(value: float, bar: float, shown: str) -> str:
    """A figure, in bold where its bar does not hold."""
    return shown if value <= bar else f"**{shown}**"


def of_curves(outcomes: Sequence[Outcome], seed: int) -> str:
    """The table, in Markdown."""
    line = outcomes[0].line
    days = f"{line.pair_days:,} pair-days, seed {seed} (tuned on)"
    lines = [
        f"{line.approaches:,} true approaches on {days}; what does not hold its bar is bold.\n",
        f"| setting | {' | '.join(HEADINGS)} |",
        f"|---|{'---|' * len(HEADINGS)}",
    ]
    for one in outcomes:
        p95_s = one.line.delay_s[1] if one.line.delay_s else 0.0
        breaches, warnings = (count / one.line.pair_days for count in needless_of(one.line))
        off = abs(one.worst.claimed - one.worst.within) if one.worst else 0.0
        claim = f"{one.worst.claimed:.2f}, true {one.worst.within:.2f}" if one.worst else "-"
        lines.append(
            f"| {one.point[0]} {one.point[1]:g}{', as set' if is_set(one.point) else ''} | {one.line.fully.events} "
            f"| {one.line.partly.events} | {one.line.missed.events} | {held(p95_s, DELAY_S, f'{p95_s:.0f}')} "
            f"| {held(breaches, BREACHES, f'{breaches:.3f}')} | {held(warnings, WARNINGS, f'{warnings:.3f}')} "
            f"| {held(one.blind, BLIND, f'{one.blind:.2f}')} | {held(off, CALIBRATED, claim)} |"
        )
    return "\n".join(lines)


def needless_of(line: Line) -> tuple[int, int]:
    """Breaches and warnings."""
    return line.needless_breaches, line.needless_warnings
