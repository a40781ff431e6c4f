# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The victim-proximity monitor authors
"""What must be told, when, and whether it was: tables and pure comparison."""

from collections.abc import Iterable, Sequence
from typing import Final

from msgspec import Struct

from proximity.model.units import MILLIS_PER_SECOND, Millis, Seconds
from proximity.model.words import Level
from simulators.live.alerts import Alert

WATCHED_KINDS: Final = frozenset({"separation", "zone"})  # none of these may open unless it is expected


class Expectation(Struct, frozen=True, kw_only=True):
    """One alert that must come, with the engine times between which its transition must lie."""

    what: str
    about: str  # {order}:{kind}:{what}: an incident's id without its time
    changes: frozenset[str]
    at_least: Level = Level.CLEAR
    at_most: Level = Level.EMERGENCY
    cause: str | None = None  # None: any
    from_ms: Millis
    due_ms: Millis  # when the thing itself happens, by the recording or the simulated truth
    until_ms: Millis

    def fits(self, alert: Alert) -> bool:
        """True for an alert that tells this, whenever it came."""
        return (
            alert.about == self.about
            and alert.change in self.changes
            and self.at_least <= alert.level <= self.at_most
            and self.cause in (None, alert.cause)
        )

    def off_ms(self, alert: Alert) -> Millis:
        """How far outside the window; 0 inside."""
        return max(self.from_ms - alert.at_ms, alert.at_ms - self.until_ms, 0)


class Outcome(Struct, frozen=True):
    """What came for one expectation: the first that fits in its window, else the nearest that fits, else None.

    What lies outside the window counts only where it meets no other expectation.
    """

    expectation: Expectation
    alert: Alert | None

    @property
    def met(self) -> bool:
        """True when it came in its window."""
        return self.alert is not None and self.expectation.off_ms(self.alert) == 0

    @property
    def late_s(self) -> Seconds | None:
        """Engine seconds from the thing itself until the supervisor was told; None when never."""
        if self.alert is None:
            return None
        return (self.alert.came_ms - self.expectation.due_ms) / MILLIS_PER_SECOND


class Verdict(Struct, frozen=True):
    """The whole comparison."""

    outcomes: tuple[Outcome, ...]
    unexpected: tuple[Alert, ...]  # separation and zone incidents that opened though nothing expected them

    @property
    def passed(self) -> bool:
        """True when everything expected came in its window, and no incident too many."""
        return not self.unexpected and all(outcome.met for outcome in self.outcomes)


def compare(expectations: Iterable[Expectation], alerts: Sequence[Alert]) -> Verdict:
    """Hold what came against what was expected. One alert may meet several expectations: a level can be skipped."""
    expected = tuple(expectations)
    nearest = [Outcome(expectation, _nearest(expectation, alerts)) for expectation in expected]
    used = {outcome.alert.id for outcome in nearest if outcome.alert is not None and outcome.met}
    unused = [alert for alert in alerts if alert.id not in used]
    outcomes = tuple(
        outcome if outcome.met else Outcome(outcome.expectation, _nearest(outcome.expectation, unused))
        for outcome in nearest
    )
    unexpected = tuple(alert for alert in unused if alert.change == "opened" and alert.kind in WATCHED_KINDS)
    return Verdict(outcomes, unexpected)


def _nearest(expectation: Expectation, alerts: Iterable[Alert]) -> Alert | None:
    fitting = [alert for alert in alerts if expectation.fits(alert)]
    return min(fitting, key=lambda alert: (expectation.off_ms(alert), alert.at_ms, alert.id), default=None)
