# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The victim-proximity monitor authors
"""Whether probabilities hold: when the engine says 0.7, seven in ten should truly be within the limit."""

from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple

import numpy as np

from proximity.model.units import MILLIS_PER_SECOND, Millis
from proximity.service.pipeline import Pipeline
from simulators.scores.pairs import PairDay
from simulators.scores.scoring import Limits
from simulators.truth.street import Longs

BINS: Final = 10
MINUTE_MS: Final = 60 * MILLIS_PER_SECOND
BREACH: Final = 1  # the column of the limit itself
DRAWS: Final = 2_000
DRAWN_FROM: Final = 7  # the seed of the intervals


class Bin(NamedTuple):
    """Some claims of about the same probability: how many, their sum, and how many were within the limit."""

    claims: int = 0
    claimed: float = 0.0
    within: int = 0

    def plus(self, other: "Bin") -> "Bin":
        """Both together."""
        return Bin(self.claims + other.claims, self.claimed + other.claimed, self.within + other.within)


Reliability = tuple[Bin, ...]
NOTHING: Final[Reliability] = (Bin(),) * BINS


class Row(NamedTuple):
    """A bin over some pair-days: what was claimed on average, what was true, and the 95 % interval of that."""

    claims: int
    pair_days: int
    claimed: float
    within: float
    interval: tuple[float, float]


def claim_of(pipeline: Pipeline) -> float | None:
    """The probability of being within the limit that the one link is given; None where there is none."""
    probability = float(pipeline.state.rows.probability[0, BREACH])
    return probability if pipeline.state.rows.judged[0] and not np.isnan(probability) else None


def with_claim(
    found: Reliability, day: PairDay, limits: Limits, at_ms: Millis, probability: float | None
) -> Reliability:
    """Some claims and one more, where it is one and of the day."""
    place = (at_ms - day.truth.from_ms) // MILLIS_PER_SECOND
    if probability is None or not 0 <= place < len(day.truth.distance_m):
        return found
    bin_of = min(BINS - 1, int(probability * BINS))
    more = found[bin_of].plus(Bin(1, probability, int(day.truth.distance_m[place] <= limits.limit_m)))
    return (*found[:bin_of], more, *found[bin_of + 1 :])


class Claims:
    """What is claimed at the first message of every minute, beside the truth."""

    def __init__(self, day: PairDay, limits: Limits) -> None:
        self.found: Reliability = NOTHING
        self._day, self._limits, self._minute = day, limits, -1

    def look(self, pipeline: Pipeline, at_ms: Millis) -> None:
        """After a step."""
        if at_ms // MINUTE_MS != self._minute:
            self._minute = at_ms // MINUTE_MS
            self.found = with_claim(self.found, self._day, self._limits, at_ms, claim_of(pipeline))


def together(many: Iterable[Reliability]) -> Reliability:
    """Many days as one."""
    found = NOTHING
    for one in many:
        found = tuple(mine.plus(other) for mine, other in zip(found, one, strict=True))
    return found


def interval(claimed: Longs, within: Longs) -> tuple[float, float]:
    """The 95 % interval of the share within, of pair-days with so many claims each.

    Minutes of one day are like one another, so whole pair-days are drawn (a bootstrap). All or nothing of n pair-days
    is as much as 3 / n says; one pair-day alone says nothing.
    """
    pair_days = len(claimed)
    if pair_days == 1:
        return 0.0, 1.0
    unseen = min(1.0, 3.0 / pair_days)
    if within.sum() in (0, claimed.sum()):
        return (0.0, unseen) if within.sum() == 0 else (1.0 - unseen, 1.0)
    draws = np.random.default_rng(DRAWN_FROM).multinomial(pair_days, np.full(pair_days, 1.0 / pair_days), DRAWS)
    low, high = np.percentile((draws @ within) / (draws @ claimed), (2.5, 97.5))
    return float(low), float(high)


def rows(days: Sequence[Reliability]) -> list[Row | None]:
    """Every bin over all pair-days; None where nothing was claimed."""
    found: list[Row | None] = []
    for one, own in zip(together(days), zip(*days, strict=True), strict=True):
        some = [of for of in own if of.claims]
        counts, within = (np.array([of[field] for of in some], np.int64) for field in (0, 2))
        found.append(
            Row(one.claims, len(some), one.claimed / one.claims, one.within / one.claims, interval(counts, within))
            if some
            else None
        )
    return found
