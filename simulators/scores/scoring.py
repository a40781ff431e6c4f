# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The victim-proximity monitor authors
"""How well alerts match the truth: approaches missed, alarms that were needless, how late, how long before contact.

The truth is a distance each second; what an engine says is when its level changed, as a supervisor was told.
"""

from collections.abc import Iterable, Sequence
from enum import StrEnum
from typing import Final, NamedTuple

import numpy as np

from proximity.model.units import MILLIS_PER_SECOND, Metres, Millis, Seconds
from proximity.model.words import Level
from simulators.truth.street import Floats

ALERTED_WITHIN_MS: Final = 240 * MILLIS_PER_SECOND  # what standards ask for (NIJ 1004.00)
SAME_APPROACH_MS: Final = 600 * MILLIS_PER_SECOND  # two crossings so near in time are one approach
JUSTIFIED_WITHIN_MS: Final = 60 * MILLIS_PER_SECOND  # an alert is about the truth of so long before and after
NEARLY: Final = 1.05  # of the limit: so near it, a breach is not called needless
CONTACT_M: Final[Metres] = 25.0


class Limits(NamedTuple):
    """The distances of an order, and how soon before `limit_m` a warning is asked for."""

    warning_m: Metres
    limit_m: Metres
    reaction_ms: Millis


class Truth(NamedTuple):
    """How far apart two people truly were, each second from `from_ms` on."""

    from_ms: Millis
    distance_m: Floats

    @property
    def until_ms(self) -> Millis:
        """The end of the last second."""
        return self.from_ms + len(self.distance_m) * MILLIS_PER_SECOND

    def least_m(self, from_ms: Millis, until_ms: Millis) -> Metres:
        """The least distance of a time; infinite where nothing is known of it."""
        first = max(0, (from_ms - self.from_ms) // MILLIS_PER_SECOND)
        last = (until_ms - self.from_ms) // MILLIS_PER_SECOND + 1
        own = self.distance_m[first : max(first, last)]
        return float(own.min()) if own.size else float("inf")

    def most_m(self, from_ms: Millis, until_ms: Millis) -> Metres:
        """The greatest distance of a time; infinite where nothing is known of it."""
        first = max(0, (from_ms - self.from_ms) // MILLIS_PER_SECOND)
        last = (until_ms - self.from_ms) // MILLIS_PER_SECOND + 1
        own = self.distance_m[first : max(first, last)]
        return float(own.max()) if own.size else float("inf")


class Said(NamedTuple):
    """A change of level, when the supervisor had it, and whether it asks something of someone."""

    at_ms: Millis
    level: Level
    loud: bool = True
    steady: bool = False  # a warning of neighbours: told no more, for as long as they are


class Approach(NamedTuple):
    """A time within the limit."""

    crossed_ms: Millis
    left_ms: Millis
    contact_ms: Millis | None  # when they were within `CONTACT_M`
    crossed: bool = True  # False where they were within it when the truth begins: nothing could be told before


class Alerting(StrEnum):
    """How an approach was told."""

    FULLY = "fully"  # a warning before the crossing, a breach within four minutes of it
    PARTLY = "partly"  # something, but later, or a warning only
    MISSED = "missed"


class Told(NamedTuple):
    """What became of an approach."""

    approach: Approach
    alerting: Alerting
    delay_s: Seconds | None  # from the crossing to a breach; 0 where that stood already, None where none came
    warned_s: Seconds | None  # from the first word to the contact; None where either is missing


class Blindness(NamedTuple):
    """Seconds in which a party was stale, how many of them somebody had been told of, and how often they were."""

    seconds: int = 0
    said_seconds: int = 0
    incidents: int = 0


class PairScore(NamedTuple):
    """One pair over some days."""

    told: tuple[Told, ...]
    needless_breaches: int
    needless_warnings: int
    alerts: int
    days: float
    blind: Blindness = Blindness()


def approaches(truth: Truth, limit_m: Metres) -> list[Approach]:
    """The times within a limit; what is left for less than ten minutes is not left."""
    within = np.concatenate([[False], truth.distance_m <= limit_m, [False]])
    edges = np.flatnonzero(within[1:] != within[:-1])
    found: list[list[int]] = []
    for start, end in edges.reshape(-1, 2).tolist():
        if found and (start - found[-1][1]) * MILLIS_PER_SECOND < SAME_APPROACH_MS:
            found[-1][1] = end
        else:
            found.append([start, end])
    return [_approach(truth, start, end) for start, end in found]


def _approach(truth: Truth, start: int, end: int) -> Approach:
    near = np.flatnonzero(truth.distance_m[start:end] <= CONTACT_M)
    contact_ms = truth.from_ms + (start + int(near[0])) * MILLIS_PER_SECOND if near.size else None
    from_ms, until_ms = (truth.from_ms + place * MILLIS_PER_SECOND for place in (start, end))
    return Approach(from_ms, until_ms, contact_ms, crossed=start > 0)


def level_at(said: Sequence[Said], at_ms: Millis) -> Level:
    """The level that held at an instant."""
    return next((one.level for one in reversed(said) if one.at_ms <= at_ms), Level.CLEAR)


def first_at(said: Sequence[Said], level: Level, from_ms: Millis, until_ms: Millis) -> Millis | None:
    """When a level or a higher one held first in a time; its beginning where it held already."""
    if level_at(said, from_ms) >= level:
        return from_ms
    return next((one.at_ms for one in said if from_ms < one.at_ms <= until_ms and one.level >= level), None)


def standing_since(said: Sequence[Said], level: Level, at_ms: Millis) -> Millis:
    """Since when a level or a higher one has held without a break, given that it does at an instant."""
    since_ms = at_ms
    for one in reversed([one for one in said if one.at_ms <= at_ms]):
        if one.level < level:
            break
        since_ms = one.at_ms
    return since_ms


def steady_since(said: Sequence[Said], truth: Truth, at_ms: Millis, warning_m: Metres) -> Millis | None:
    """Since when it is known that they are neighbours, who have truly stayed within the warning distance since."""
    last = next((one for one in reversed(said) if one.at_ms <= at_ms), None)
    if last is None or not last.steady or truth.most_m(last.at_ms, at_ms) > warning_m:
        return None
    return last.at_ms


def tell(said: Sequence[Said], approach: Approach, limits: Limits, truth: Truth) -> Told:
    """What became of an approach."""
    ends_ms = approach.left_ms + ALERTED_WITHIN_MS
    breach_ms = first_at(said, Level.BREACH, approach.crossed_ms, ends_ms)
    word_ms = first_at(said, Level.WARNING, approach.crossed_ms - limits.reaction_ms, ends_ms)
    if steady_since(said, truth, approach.crossed_ms, limits.warning_m) is not None:
        word_ms = approach.crossed_ms - limits.reaction_ms
    warned_late = approach.crossed and word_ms is not None and word_ms > approach.crossed_ms
    if word_ms is None:
        alerting = Alerting.MISSED
    elif warned_late or breach_ms is None or breach_ms > approach.crossed_ms + ALERTED_WITHIN_MS:
        alerting = Alerting.PARTLY
    else:
        alerting = Alerting.FULLY
    delay_s = None if breach_ms is None else (breach_ms - approach.crossed_ms) / MILLIS_PER_SECOND
    warned_s = None
    if word_ms is not None and approach.contact_ms is not None:
        warned_s = (approach.contact_ms - standing_since(said, Level.WARNING, word_ms)) / MILLIS_PER_SECOND
    return Told(approach, alerting, delay_s, warned_s)


def rises(said: Iterable[Said]) -> list[tuple[Said, Level]]:
    """The loud changes to a higher level, with the level before."""
    found, before = [], Level.CLEAR
    for one in said:
        if one.loud and one.level > before:
            found.append((one, before))
        before = one.level
    return found


def needless(truth: Truth, one: Said, before: Level, limits: Limits) -> Level | None:
    """The level that was told in vain; None where the truth (nearly) had it, within a minute, or was about to."""
    from_ms, until_ms = one.at_ms - JUSTIFIED_WITHIN_MS, one.at_ms + JUSTIFIED_WITHIN_MS
    least_m = truth.least_m(from_ms, until_ms)
    if one.level >= Level.BREACH:
        return Level.BREACH if least_m > NEARLY * limits.limit_m else None
    soon_m = truth.least_m(from_ms, one.at_ms + limits.reaction_ms)
    return Level.WARNING if before < Level.WARNING and least_m > limits.warning_m and soon_m > limits.limit_m else None


def score(truth: Truth, said: Sequence[Said], limits: Limits) -> PairScore:
    """One pair: `said` in the order of time."""
    vain = [needless(truth, one, before, limits) for one, before in rises(said)]
    return PairScore(
        told=tuple(tell(said, approach, limits, truth) for approach in approaches(truth, limits.limit_m)),
        needless_breaches=vain.count(Level.BREACH),
        needless_warnings=vain.count(Level.WARNING),
        alerts=sum(one.loud for one in said),
        days=len(truth.distance_m) / 86_400,
    )


def at_most(events: int, of: float) -> float:
    """The upper bound of a rate of which nothing was seen: 3 / n, 95 %; else the rate."""
    return events / of if events else 3.0 / of
