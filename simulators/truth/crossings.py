# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The victim-proximity monitor authors
"""When simulated people truly cross a distance, by pyproj and shapely; never by what is to be judged."""

from collections.abc import Callable, Iterable
from typing import Final

import numpy as np
import shapely
from pyproj import Transformer
from shapely.geometry import Point, Polygon

from proximity.model.units import MILLIS_PER_SECOND, Metres, Millis
from simulators.truth.street import WGS84, Floats, Journey, Longs, Waypoints

STEP_MS: Final = MILLIS_PER_SECOND
Distance = Callable[[Longs], Floats]  # metres at each instant; negative inside an area


def between(one: Journey, other: Journey) -> Distance:
    """How far two people are apart."""

    def distance_m(times_ms: Longs) -> Floats:
        here, there = one.at(times_ms), other.at(times_ms)
        return np.asarray(WGS84.inv(here.lon_deg, here.lat_deg, there.lon_deg, there.lat_deg)[2], np.float64)

    return distance_m


def to_circle(one: Journey, lon_deg: float, lat_deg: float, radius_m: Metres) -> Distance:
    """How far somebody is from a circle's edge."""
    centre = between(one, Journey.resting(lon_deg, lat_deg))
    return lambda times_ms: centre(times_ms) - radius_m


def to_polygon(one: Journey, ring: Waypoints) -> Distance:
    """How far somebody is from a small polygon's edge, in a plane that touches the ellipsoid at its first corner."""
    lon_deg, lat_deg = ring[0]
    plane = Transformer.from_crs(
        "EPSG:4326", f"+proj=aeqd +lon_0={lon_deg} +lat_0={lat_deg} +ellps=WGS84", always_xy=True
    )
    area = Polygon([plane.transform(*corner) for corner in ring])

    def distance_m(times_ms: Longs) -> Floats:
        truth = one.at(times_ms)
        east_m, north_m = plane.transform(truth.lon_deg, truth.lat_deg)
        points = [Point(*place) for place in zip(east_m, north_m, strict=True)]
        edge_m = np.asarray(shapely.distance(area.exterior, points), np.float64)
        return np.where(shapely.contains(area, points), -edge_m, edge_m)

    return distance_m


class Crossings:
    """A distance followed second by second between two instants."""

    def __init__(self, distance: Distance, from_ms: Millis, until_ms: Millis) -> None:
        self._times_ms = np.arange(from_ms, until_ms + 1, STEP_MS, dtype=np.int64)
        self._distance_m = distance(self._times_ms)

    def comes_within_ms(self, limit_m: Metres) -> Millis:
        """The first second within the limit; ValueError when it never comes."""
        within = np.flatnonzero(self._distance_m < limit_m)
        if within.size == 0:
            raise ValueError(f"never within {limit_m:g} m: the nearest is {self._distance_m.min():.0f} m")
        return int(self._times_ms[within[0]])

    def leaves_ms(self, limit_m: Metres) -> Millis:
        """The first second after the last one within the limit; ValueError when it is never within, or to the end."""
        within = np.flatnonzero(self._distance_m < limit_m)
        if within.size == 0 or within[-1] + 1 == self._times_ms.size:
            raise ValueError(f"does not leave {limit_m:g} m")
        return int(self._times_ms[within[-1] + 1])

    def closes_ms(
        self, limits_m: Iterable[Metres], held_ms: Millis, farther_m: Metres = 0.0, unseen_ms: Millis = 0
    ) -> Millis:
        """When an episode that reached every limit is over, each limit taken as that much farther.

        A level is left when its limit has been left for `held_ms`, straight to the level that then holds. Whoever was
        last seen `unseen_ms` ago may still be where he was: a limit that was left since then still holds. ValueError
        where that is not less than `held_ms`: nothing would ever be over.
        """
        if not 0 <= unseen_ms < held_ms:
            raise ValueError(f"need 0 <= unseen_ms < held_ms, got {unseen_ms} and {held_ms}")
        left_ms = [self.leaves_ms(limit_m + farther_m) for limit_m in sorted(limits_m)]
        at_ms = left_ms[0] + held_ms
        while not_left := [instant_ms for instant_ms in left_ms if instant_ms + unseen_ms > at_ms]:
            at_ms = not_left[0] + held_ms
        return at_ms
