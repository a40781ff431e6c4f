# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The victim-proximity monitor authors
"""Real people: the two recorded Dutch phones, thinned to the cadence of tags, against the truth of all their fixes.

The truth is interpolated between the fixes of a track, each second; a gap that is longer than `DENSE_MS` is no truth.
"""

from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from proximity.model.units import MILLIS_PER_SECOND, Millis, Seconds
from simulators.devices.fixes import DeviceFix, utc_text
from simulators.devices.links import Arrival
from simulators.devices.reception import Cadence
from simulators.devices.recorded import FROM_MS, UNTIL_MS, recorded_pair
from simulators.scores.judged import hear, message_of, orders, said_of
from simulators.scores.pairs import PairDay
from simulators.scores.rivals import RULES
from simulators.scores.score import OURS, Line, summarise
from simulators.scores.scoring import Limits, PairScore, Truth, score
from simulators.truth.street import WGS84, Floats, Longs

CADENCES_S: Final[tuple[Seconds, ...]] = (15.0, 60.0, 180.0)
LIMITS_M: Final = (300.0, 500.0, 1_000.0, 2_000.0)
PHASES: Final = 5  # when in the interval the first fix falls
DENSE_MS: Final = 60 * MILLIS_PER_SECOND
REACTION_MS: Final = 480 * MILLIS_PER_SECOND


class Thinned(NamedTuple):
    """One cadence, over all limits and phases."""

    every_s: Seconds
    lines: tuple[Line, ...]


def places(track: Sequence[DeviceFix], seconds: Longs) -> tuple[Floats, Floats, NDArray[np.bool_]]:
    """Longitude and latitude each second, and whether they are known there."""
    times, first = np.unique([fix.fixed_at_ms for fix in track], return_index=True)
    lon = np.interp(seconds, times, np.array([fix.lon_deg for fix in track])[first])
    lat = np.interp(seconds, times, np.array([fix.lat_deg for fix in track])[first])
    behind = np.clip(np.searchsorted(times, seconds, side="right") - 1, 0, len(times) - 2)
    return lon, lat, times[behind + 1] - times[behind] <= DENSE_MS


def truth_of(one: Sequence[DeviceFix], other: Sequence[DeviceFix]) -> Truth:
    """How far apart they were each second. Where a track is silent for long the last known distance is kept."""
    seconds = np.arange(FROM_MS, UNTIL_MS, MILLIS_PER_SECOND, dtype=np.int64)
    lon, lat, known = places(one, seconds)
    other_lon, other_lat, other_known = places(other, seconds)
    apart_m = np.asarray(WGS84.inv(lon, lat, other_lon, other_lat)[2], np.float64)
    last = np.maximum.accumulate(np.where(known & other_known, np.arange(len(seconds)), 0))
    return Truth(FROM_MS, apart_m[last])


def thin(track: Sequence[DeviceFix], every_ms: Millis, first_ms: Millis) -> Iterator[Arrival]:
    """The first fix at or after each instant of a cadence; received when it was fixed."""
    due_ms = first_ms
    for fix in track:
        if fix.fixed_at_ms >= due_ms:
            yield Arrival(fix.fixed_at_ms, (fix,))
            due_ms += -(-(fix.fixed_at_ms + 1 - due_ms) // every_ms) * every_ms


def thinned_day(every_s: Seconds, phase: int) -> PairDay:
    """Both tracks at a cadence; the first is the wearer's."""
    tracks = recorded_pair()
    one, other = tracks["utrecht1"], tracks["utrecht2"]
    every_ms = round(every_s * MILLIS_PER_SECOND)
    first_ms = FROM_MS + every_ms * phase // PHASES
    half_ms = first_ms + every_ms // 2
    return PairDay(truth_of(one, other), tuple(thin(one, every_ms, first_ms)), tuple(thin(other, every_ms, half_ms)))


def judge(engine: str, day: PairDay, limits: Limits, every_s: Seconds) -> PairScore:
    """One engine on one thinned pair."""
    if engine != OURS:
        return score(day.truth, RULES[engine](day, limits), limits)
    cadence = Cadence(every_s, every_s)
    return score(
        day.truth,
        said_of(hear(day, message_of(orders(limits, (cadence, cadence), valid_from=utc_text(FROM_MS))))),
        limits,
    )


def thinned(every_s: Seconds) -> Thinned:
    """All engines at one cadence."""
    found: dict[str, list[PairScore]] = {name: [] for name in (OURS, *RULES)}
    for phase in range(PHASES):
        day = thinned_day(every_s, phase)
        for limit_m in LIMITS_M:
            limits = Limits(2.0 * limit_m, limit_m, REACTION_MS)
            for name, own in found.items():
                own.append(judge(name, day, limits, every_s))
    return Thinned(every_s, tuple(summarise(name, own) for name, own in found.items()))
