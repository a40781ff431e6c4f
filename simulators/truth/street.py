# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The victim-proximity monitor authors
"""Walkers and cars on streets: where they truly are at any instant, by pyproj alone."""

from pathlib import Path
from typing import Final, NamedTuple

import msgspec
import numpy as np
from msgspec import Struct
from numpy.typing import NDArray
from pyproj import Geod

from proximity.model.units import MILLIS_PER_SECOND, MetresPerSecond, Millis

Floats = NDArray[np.float64]
Longs = NDArray[np.int64]

WGS84: Final = Geod(ellps="WGS84")
ROUTES_FILE: Final = Path(__file__).parent / "routes" / "rotterdam.geojson"


class Line(Struct, frozen=True):
    """A GeoJSON LineString."""

    type: str
    coordinates: tuple[tuple[float, float], ...]


class Feature(Struct, frozen=True):
    """A GeoJSON feature that is a route."""

    id: str
    geometry: Line


class Features(Struct, frozen=True):
    """A GeoJSON feature collection of routes."""

    features: tuple[Feature, ...]


Waypoints = tuple[tuple[float, float], ...]  # (lon, lat), degrees


class Leg(NamedTuple):
    """A way along waypoints at one speed."""

    start_ms: Millis
    waypoints: Waypoints
    speed_mps: MetresPerSecond
    mode: str = ""  # how one moves, where that matters


class Truth(NamedTuple):
    """Where somebody is, and how they move, at each of some instants."""

    lon_deg: Floats
    lat_deg: Floats
    speed_mps: Floats
    course_deg: Floats


class Journey:
    """Somebody's whole day: along the legs, at rest before, between and after them.

    Each leg begins where the one before has ended; ValueError where it would begin before that.
    """

    def __init__(self, *legs: Leg) -> None:
        self.legs = legs
        times: list[Floats] = []
        places: list[Waypoints] = []
        modes: list[str] = [""]
        for leg in legs:
            lons, lats = zip(*leg.waypoints, strict=True)
            lengths_m = np.asarray(WGS84.line_lengths(lons, lats), np.float64)
            passed_m = np.concatenate([[0.0], np.cumsum(lengths_m)])
            start_ms = float(leg.start_ms)
            if times and start_ms < times[-1][-1]:
                raise ValueError(f"a leg begins at {leg.start_ms} ms, before the one ahead of it has ended")
            times.append(start_ms + passed_m / leg.speed_mps * MILLIS_PER_SECOND)
            places.append(leg.waypoints)
            modes += [leg.mode] * (len(leg.waypoints) - 1) + [""]
        # a first knot long before all else, so that every instant lies behind one
        self._knot_ms = np.concatenate([[-np.inf], *times])
        self._mode = np.array(modes)
        knots = np.array([places[0][0], *(place for leg_places in places for place in leg_places)], np.float64)
        self._lon_deg, self._lat_deg = knots[:, 0], knots[:, 1]
        azimuth_deg, _, length_m = WGS84.inv(
            self._lon_deg[:-1], self._lat_deg[:-1], self._lon_deg[1:], self._lat_deg[1:]
        )
        lasting_ms = np.diff(self._knot_ms)
        moves = (length_m > 0) & (lasting_ms > 0)
        self._azimuth_deg = np.append(azimuth_deg, 0.0)
        self._mpms = np.append(np.where(moves, length_m / np.where(moves, lasting_ms, 1.0), 0.0), 0.0)

    @classmethod
    def resting(cls, lon_deg: float, lat_deg: float) -> "Journey":
        """Somebody who stays where they are."""
        return cls(Leg(0, ((lon_deg, lat_deg),), 1.0))

    @property
    def end_ms(self) -> Millis:
        """When the last leg is done."""
        return int(np.ceil(self._knot_ms[-1]))

    def mode_at(self, times_ms: Longs) -> NDArray[np.str_]:
        """How they move at these instants; empty at rest, or where no leg says it."""
        behind = np.searchsorted(self._knot_ms, times_ms, side="right") - 1
        return np.asarray(self._mode[behind], np.str_)

    def speed_mps_at(self, times_ms: Longs) -> Floats:
        """How fast they go at these instants: the truth's, without where they are."""
        behind = np.searchsorted(self._knot_ms, times_ms, side="right") - 1
        return np.asarray(self._mpms[behind] * MILLIS_PER_SECOND, np.float64)

    def at(self, times_ms: Longs) -> Truth:
        """The truth at these instants."""
        behind = np.searchsorted(self._knot_ms, times_ms, side="right") - 1
        speed = self._mpms[behind]
        since_ms = np.where(speed > 0, times_ms - self._knot_ms[behind], 0.0)
        lon_deg, lat_deg, _ = WGS84.fwd(
            self._lon_deg[behind], self._lat_deg[behind], self._azimuth_deg[behind], speed * since_ms
        )
        course_deg = np.mod(self._azimuth_deg[behind], 360.0)
        return Truth(np.asarray(lon_deg), np.asarray(lat_deg), speed * MILLIS_PER_SECOND, course_deg)


def read_routes() -> dict[str, Waypoints]:
    """The routes in Rotterdam by name."""
    features = msgspec.json.decode(ROUTES_FILE.read_bytes(), type=Features).features
    return {feature.id: feature.geometry.coordinates for feature in features}
