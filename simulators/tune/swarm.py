# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The victim-proximity monitor authors
"""Simulated pair-days, judged at every point on the very same fixes; the truth is of the court's limit all along."""

from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from typing import Final, NamedTuple

from proximity.model.judging import Judging
from simulators.scores.judged import hear, message_of, orders, said_of
from simulators.scores.pairs import LIMITS, PairDay, pair_day
from simulators.scores.score import PUBLISHED_SEED, Line, summarise
from simulators.scores.scoring import Alerting, Limits, PairScore, Said, score
from simulators.tune.gain import Gain
from simulators.tune.grid import AS_SET, Point, TuneFault

BETTER: Final = {Alerting.MISSED: 0, Alerting.PARTLY: 1, Alerting.FULLY: 2}

Progress = Callable[[int], None]


class Row(NamedTuple):
    """One point over all pair-days."""

    point: Point
    line: Line
    gain: Gain


def limits_at(point: Point) -> Limits:
    """The distances that the engine is told."""
    if point.limit_m is None or point.warning_m is None:
        return LIMITS
    return LIMITS._replace(limit_m=point.limit_m, warning_m=point.warning_m)


def points_of(grid: Sequence[Point]) -> list[Point]:
    """The settings as they are, and all points that are not the same."""
    found: dict[tuple[Limits, Judging], Point] = {}
    for point in (AS_SET, *grid):
        found.setdefault((limits_at(point), point.judging(Judging())), point)
    return list(found.values())


def said_at(day: PairDay, point: Point) -> list[Said]:
    """What a supervisor would be told."""
    return said_of(hear(day, message_of(orders(limits_at(point)), point.judging(Judging()))))


def scores_of(seed: int, points: Sequence[Point], number: int) -> list[PairScore]:
    """One pair-day at every point."""
    day = pair_day(seed, number)
    return [score(day.truth, said_at(day, point), LIMITS) for point in points]


def gain_of(scores: Sequence[PairScore], as_set: Sequence[PairScore]) -> Gain:
    """The same pair-days at a point and as set: approach by approach."""
    now = [one.alerting for pair in scores for one in pair.told]
    before = [one.alerting for pair in as_set for one in pair.told]
    pairs = list(zip(before, now, strict=True))
    return Gain(
        what="true approach",
        alerts=sum(pair.alerts for pair in scores),
        alerts_as_set=sum(pair.alerts for pair in as_set),
        told_as_set=sum(one is not Alerting.MISSED for one in before),
        lost=sum(two is Alerting.MISSED and one is not two for one, two in pairs),
        less=sum(one is Alerting.FULLY and two is Alerting.PARTLY for one, two in pairs),
        better=sum(BETTER[two] > BETTER[one] for one, two in pairs),
    )


def rows_of(points: Sequence[Point], scores: Sequence[Sequence[PairScore]]) -> list[Row]:
    """A row a point; `scores` are of one pair-day each, in the order of the points. The first point is as set."""
    columns = list(zip(*scores, strict=True))
    return [
        Row(point, summarise(point.name, own), gain_of(own, columns[0]))
        for point, own in zip(points, columns, strict=True)
    ]


def run(seed: int, pair_days: int, grid: Sequence[Point], processes: int, progress: Progress) -> list[Row]:
    """Try a grid on so many pair-days; `progress` hears of each. The same seed gives the same. TuneFault."""
    if seed == PUBLISHED_SEED:
        raise TuneFault(f"--seed {seed} is the published score's, which nobody tunes on: take another")
    points = points_of(grid)
    scores = []
    with ProcessPoolExecutor(processes) as pool:
        for found in pool.map(partial(scores_of, seed, points), range(pair_days)):
            scores.append(found)
            progress(1)
    return rows_of(points, scores)
