# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The victim-proximity monitor authors
"""How long nobody could tell where one of a pair was, and whether that was said."""

from collections.abc import Iterable
from typing import Final

import numpy as np
from numpy.typing import NDArray

from proximity.model.units import MILLIS_PER_SECOND, Metres, Millis, Seconds
from simulators.devices.links import Arrival
from simulators.devices.reception import Cadence
from simulators.scores.judged import Heard
from simulators.scores.pairs import PairDay
from simulators.scores.scoring import Blindness
from simulators.truth.street import Journey, Longs

INTERVALS: Final = 2.0  # DESIGN 6: stale after two declared intervals,
AT_LEAST_S: Final[Seconds] = 90.0  # and never before that

Flags = NDArray[np.bool_]


def stale(arrivals: Iterable[Arrival], journey: Journey, cadence: Cadence, seconds: Longs) -> Flags:
    """The seconds at which a device's newest known fix was older than its carrier's way of moving allows."""
    newest = np.full(len(seconds), np.iinfo(np.int64).min // 2, np.int64)
    for one in arrivals:
        if one.fixes and one.at_ms <= seconds[-1]:
            place = int(np.searchsorted(seconds, one.at_ms))
            newest[place] = max(newest[place], *(min(fix.fixed_at_ms, one.at_ms) for fix in one.fixes))
    newest = np.maximum.accumulate(newest)
    moved = np.concatenate([[0], np.cumsum(journey.speed_mps_at(seconds) > 0.0)])
    since = np.clip((newest - seconds[0]) // MILLIS_PER_SECOND, 0, len(seconds) - 1)
    moving = moved[np.arange(len(seconds)) + 1] > moved[since]
    allowed_s = np.maximum(AT_LEAST_S, INTERVALS * np.where(moving, cadence.moving_s, cadence.resting_s))
    return np.asarray(seconds - newest > allowed_s * MILLIS_PER_SECOND, np.bool_)


def coarse(arrivals: Iterable[Arrival], limit_m: Metres, seconds: Longs) -> Flags:
    """The seconds at which a device's newest known fix was coarser than a limit: for that it may raise nothing."""
    found, newest_ms = np.zeros(len(seconds), np.bool_), np.iinfo(np.int64).min
    for one in sorted(arrivals, key=lambda one: one.at_ms):
        for fix in one.fixes:
            if fix.fixed_at_ms >= newest_ms:
                newest_ms = fix.fixed_at_ms
                found[np.searchsorted(seconds, one.at_ms) :] = fix.accuracy_m is not None and fix.accuracy_m > limit_m
    return found


def told_spans(heard: Iterable[Heard]) -> list[tuple[Millis, Millis | None]]:
    """From when to when a supervisor knew that something was blind or silent."""
    open_since: dict[str, Millis] = {}
    found: list[tuple[Millis, Millis | None]] = []
    for one in heard:
        if one.kind == "blind" or (one.kind == "device" and (one.cause == "silent" or one.about in open_since)):
            if one.change == "resolved":
                found.append((open_since.pop(one.about, one.at_ms), one.at_ms))
            else:
                open_since.setdefault(one.about, one.at_ms)
    return found + [(from_ms, None) for from_ms in open_since.values()]


def stale_flags(day: PairDay, cadences: tuple[Cadence, Cadence]) -> Flags:
    """The seconds of a day whose journeys are known at which either device was stale."""
    seconds = np.arange(day.truth.from_ms, day.truth.until_ms, MILLIS_PER_SECOND, dtype=np.int64)
    unheard = np.zeros(len(seconds), np.bool_)
    for arrivals, journey, cadence in zip((day.wearer, day.protected), day.journeys or (), cadences, strict=True):
        unheard |= stale(arrivals, journey, cadence, seconds)
    return unheard


def blindness(day: PairDay, cadences: tuple[Cadence, Cadence], heard: Iterable[Heard]) -> Blindness:
    """Of a day whose journeys are known; nothing where they are not.

    What begins after the day is not of it: nobody sends any more, but what came late is still played.
    """
    if day.journeys is None:
        return Blindness()
    seconds = np.arange(day.truth.from_ms, day.truth.until_ms, MILLIS_PER_SECOND, dtype=np.int64)
    blind = stale_flags(day, cadences)
    said = np.zeros(len(seconds), np.bool_)
    spans = [span for span in told_spans(heard) if span[0] < day.truth.until_ms]
    for from_ms, until_ms in spans:
        said |= (seconds >= from_ms) & (seconds < (until_ms or day.truth.until_ms))
    return Blindness(int(blind.sum()), int((blind & said).sum()), len(spans))
