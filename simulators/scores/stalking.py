# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The victim-proximity monitor authors
"""What a wearer does who means it: waits just outside the limit, circles, follows her, comes when his tag is dark."""

from collections.abc import Callable
from typing import Final

import numpy as np

from proximity.model.units import MILLIS_PER_SECOND, Metres, Millis
from simulators.devices.reception import Span
from simulators.truth.city import Mode, network
from simulators.truth.people import HOUR_MS, Diary, Person, Place, go
from simulators.truth.street import WGS84, Journey, Leg

OUTSIDE: Final = (1.06, 1.24)  # of the limit
CORNERS: Final = 8
FOLLOWS_AFTER_MS: Final = (60 * MILLIS_PER_SECOND, 300 * MILLIS_PER_SECOND)
DARK_BEFORE_MS: Final = 600 * MILLIS_PER_SECOND


def corner_at(centre: Place, bearing_deg: float, far_m: Metres) -> Place:
    """The street corner nearest to what lies so far in a direction."""
    lon, lat, _ = WGS84.fwd(*centre, bearing_deg, far_m)
    ways = network(Mode.FOOT)
    found_lon, found_lat = ways.places[ways.nearest(float(lon), float(lat))]
    return float(found_lon), float(found_lat)


def waits_outside(
    diary: Diary, wearer: Person, hers: Journey, home: Place, limit_m: Metres, chance: np.random.Generator
) -> tuple[Span, ...]:
    """An hour or three in the evening, a little further off than the limit."""
    del hers
    diary.wait_until(diary.at_ms + round(chance.uniform(0.2, 1.0) * HOUR_MS))
    go(diary, wearer, corner_at(home, chance.uniform(0.0, 360.0), limit_m * chance.uniform(*OUTSIDE)))
    diary.wait_until(diary.at_ms + round(chance.uniform(1.0, 3.0) * HOUR_MS))
    go(diary, wearer, wearer.home)
    return ()


def circles(
    diary: Diary, wearer: Person, hers: Journey, home: Place, limit_m: Metres, chance: np.random.Generator
) -> tuple[Span, ...]:
    """Twice about her home by bicycle, a little further off than the limit where the streets allow it."""
    del hers
    first_deg = chance.uniform(0.0, 360.0)
    for corner in range(2 * CORNERS):
        to = corner_at(home, first_deg + corner * 360.0 / CORNERS, limit_m * chance.uniform(*OUTSIDE))
        diary.go(Mode.BICYCLE, to)
        diary.wait_until(diary.at_ms + round(chance.uniform(5.0, 90.0) * MILLIS_PER_SECOND))
    go(diary, wearer, wearer.home)
    return ()


def follows(
    diary: Diary, wearer: Person, hers: Journey, home: Place, limit_m: Metres, chance: np.random.Generator
) -> tuple[Span, ...]:
    """Waits out of sight, then goes the way she goes in the evening, some minutes behind."""
    later_ms = round(chance.uniform(*FOLLOWS_AFTER_MS))
    go(diary, wearer, corner_at(home, chance.uniform(0.0, 360.0), limit_m * chance.uniform(*OUTSIDE)))
    for leg in hers.legs:
        if leg.start_ms + later_ms >= diary.at_ms:
            diary.step(leg.waypoints[0])
            start_ms = max(diary.at_ms, leg.start_ms + later_ms)
            diary.legs.append(Leg(start_ms, leg.waypoints, leg.speed_mps, leg.mode))
            diary.at_ms, diary.place = Journey(diary.legs[-1]).end_ms + 1, leg.waypoints[-1]
    go(diary, wearer, wearer.home)
    return ()


def comes_dark(
    diary: Diary, wearer: Person, hers: Journey, home: Place, limit_m: Metres, chance: np.random.Generator
) -> tuple[Span, ...]:
    """Wraps his tag in foil, comes to her door, goes home, and unwraps it."""
    del hers, limit_m
    from_ms: Millis = diary.at_ms + round(chance.uniform(0.2, 1.5) * HOUR_MS)
    diary.wait_until(from_ms + DARK_BEFORE_MS)
    go(diary, wearer, home)
    diary.wait_until(diary.at_ms + round(chance.uniform(3.0, 15.0) * 60 * MILLIS_PER_SECOND))
    go(diary, wearer, wearer.home)
    return ((from_ms, diary.at_ms + DARK_BEFORE_MS),)


Stalking = Callable[[Diary, Person, Journey, Place, Metres, np.random.Generator], tuple[Span, ...]]
WAYS: Final[tuple[Stalking, ...]] = (waits_outside, circles, follows, comes_dark)
