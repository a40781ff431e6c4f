# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The victim-proximity monitor authors
"""Rule models of what others do, written from what they publish of their behaviour; no product is tested here.

Each is given the fixes as they come in, and says the level that follows from the last ones. `SOURCES` says where each
is from; docs/score.md and the tests name it.
"""

from collections.abc import Callable, Iterator
from typing import Final

from proximity.model.units import Degrees, Metres, Millis
from proximity.model.words import Level
from simulators.devices.fixes import DeviceFix
from simulators.scores.pairs import PairDay
from simulators.scores.scoring import Limits, Said
from simulators.truth.street import WGS84

METRES_PER_DEGREE: Final = 111_320.0
Rule = Callable[[PairDay, Limits], list[Said]]


def level_of(distance_m: Metres, limits: Limits) -> Level:
    """The level of a distance."""
    if distance_m <= limits.limit_m:
        return Level.BREACH
    return Level.WARNING if distance_m <= limits.warning_m else Level.CLEAR


def changes(levels: Iterator[tuple[Millis, Level]]) -> list[Said]:
    """Only what changes; what falls asks nothing of anyone."""
    said: list[Said] = []
    for at_ms, level in levels:
        before = said[-1].level if said else Level.CLEAR
        if level != before:
            said.append(Said(at_ms, level, loud=level > before or level is Level.CLEAR))
    return said


def last_fixes(day: PairDay) -> Iterator[tuple[Millis, bool, DeviceFix, DeviceFix]]:
    """At each arrival: whether it was the wearer's, and the newest fix of both, once both are known."""
    arrivals = [(one.at_ms, True, fix) for one in day.wearer for fix in one.fixes]
    arrivals += [(one.at_ms, False, fix) for one in day.protected for fix in one.fixes]
    arrivals.sort(key=lambda one: one[:2])
    newest: dict[bool, DeviceFix] = {}
    for at_ms, is_wearers, fix in arrivals:
        if is_wearers not in newest or fix.fixed_at_ms >= newest[is_wearers].fixed_at_ms:
            newest[is_wearers] = fix
        if len(newest) == len((True, False)):
            yield at_ms, is_wearers, newest[True], newest[False]


def apart_m(one: DeviceFix, other: DeviceFix) -> Metres:
    """How far apart two fixes are."""
    return float(WGS84.inv(one.lon_deg, one.lat_deg, other.lon_deg, other.lat_deg)[2])


def threshold(day: PairDay, limits: Limits) -> list[Said]:
    """A threshold on the last positions of both."""
    return changes((at_ms, level_of(apart_m(his, hers), limits)) for at_ms, _, his, hers in last_fixes(day))


def one_side(day: PairDay, limits: Limits) -> list[Said]:
    """The same, looked at only when the wearer's device reports."""
    return changes(
        (at_ms, level_of(apart_m(his, hers), limits)) for at_ms, is_wearers, his, hers in last_fixes(day) if is_wearers
    )


def less_accuracy(day: PairDay, limits: Limits) -> list[Said]:
    """The threshold on the distance less what both devices claim for their accuracy."""
    return changes(
        (at_ms, level_of(apart_m(his, hers) - (his.accuracy_m or 0.0) - (hers.accuracy_m or 0.0), limits))
        for at_ms, _, his, hers in last_fixes(day)
    )


def bounding_box(day: PairDay, limits: Limits) -> list[Said]:
    """A box of so many degrees about her, as if a degree were the same everywhere."""

    def widest_m(his: DeviceFix, hers: DeviceFix) -> Metres:
        east_deg: Degrees = abs(his.lon_deg - hers.lon_deg)
        return max(east_deg, abs(his.lat_deg - hers.lat_deg)) * METRES_PER_DEGREE

    return changes((at_ms, level_of(widest_m(his, hers), limits)) for at_ms, _, his, hers in last_fixes(day))


def two_fixes(day: PairDay, limits: Limits) -> list[Said]:
    """A level holds when two fixes of the wearer, one after the other, say it or a higher one."""

    def levels() -> Iterator[tuple[Millis, Level]]:
        before = Level.CLEAR
        for at_ms, is_wearers, his, hers in last_fixes(day):
            if is_wearers:
                level = level_of(apart_m(his, hers), limits)
                yield at_ms, min(level, before)
                before = level

    return changes(levels())


def fixed_zones(day: PairDay, limits: Limits) -> list[Said]:
    """The limits as circles about her home alone, wherever she is."""
    home = day.home
    if home is None:
        return []
    arrivals = sorted(
        ((one.at_ms, fix) for one in day.wearer for fix in one.fixes), key=lambda one: (one[0], one[1].fixed_at_ms)
    )
    return changes(
        (at_ms, level_of(float(WGS84.inv(fix.lon_deg, fix.lat_deg, *home)[2]), limits)) for at_ms, fix in arrivals
    )


SOURCES: Final[dict[str, str]] = {
    "threshold on last positions": "Spain's protocol on telematic means in matters of distance orders (agreement of "
    "8 July 2009, renewed in 2013 and 2024): an alert when he is within the distance that the judge set of a fixed "
    "zone or of the moving one, which is where her device is",
    "wearer's fixes only": "NIJ Standard-1004.00 (2016) asks alerts of the tracked person's device alone; hers was the "
    "weak one in the police trial of 35 scenarios (Queensland Police Service, evaluation report, April 2019)",
    "threshold less accuracy": "the manuals of mapping toolkits: a fence is entered when the position, buffered by its "
    "horizontal accuracy, touches it",
    "bounding box": "the first cut of a query for places nearby (J. P. Matuschek, Finding points within a distance of "
    "a latitude/longitude using bounding coordinates), taken for the distance, a degree as long east as north",
    "two fixes confirm": "advice to probation services against drift (a breach counts when it persists, a dwell time), "
    "and what users of open tracking servers ask for: to disregard the first position across a fence",
    "fixed zones only": "NIJ Standard-1004.00 (5.5 and 6.12, by those who describe it): zones drawn on the map; and "
    "the reports on monitoring without a device for her",
}
RULES: Final[dict[str, Rule]] = {
    "threshold on last positions": threshold,
    "wearer's fixes only": one_side,
    "threshold less accuracy": less_accuracy,
    "bounding box": bounding_box,
    "two fixes confirm": two_fixes,
    "fixed zones only": fixed_zones,
}
