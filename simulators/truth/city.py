# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The victim-proximity monitor authors
"""The middle of Rotterdam: where one can walk, cycle, drive and ride, and the quickest way from place to place.

Streets are OpenStreetMap's ((c) OpenStreetMap contributors, ODbL). Lengths are pyproj's, routes are scipy's.
"""

from enum import StrEnum
from functools import cache
from itertools import groupby
from pathlib import Path
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components, dijkstra
from scipy.spatial import cKDTree

from proximity.model.units import MILLIS_PER_SECOND, MetresPerSecond, Millis
from simulators.truth.street import WGS84, Floats, Leg, Waypoints

STREETS: Final = Path(__file__).parent / "rotterdam" / "streets.npz"
UNITS_A_DEGREE: Final = 1e7
EARTH_M: Final = 6_371_000.0  # only to find the nearest corner
KMH: Final = 1000.0 / 3600.0
WIDER: Final = (1.5, 3.0)  # times the least that a way can take
DRIVEN_SHARE: Final = 0.8  # of the speed limit: lights, corners, others


class Mode(StrEnum):
    """How one moves."""

    FOOT = "foot"
    BICYCLE = "bicycle"
    CAR = "car"
    TRAM = "tram"
    METRO = "metro"


SPEEDS_MPS: Final[dict[Mode, MetresPerSecond]] = {  # a car's is its street's; trams and metros with their stops
    Mode.FOOT: 1.35,
    Mode.BICYCLE: 4.6,
    Mode.TRAM: 5.5,
    Mode.METRO: 9.5,
}
CLOSED_TO: Final[dict[Mode, tuple[str, ...]]] = {
    Mode.FOOT: ("motorway", "trunk"),
    Mode.BICYCLE: ("motorway", "trunk", "footway", "pedestrian"),
}
# Where the sky is not seen, or hardly; boxes (west, south, east, north) that hold most of it, drawn by hand.
METRO_UNDER_GROUND: Final = (4.430, 51.903, 4.515, 51.945)
MAASTUNNEL: Final = (4.466, 51.899, 4.476, 51.9045)
TOWERS: Final = (4.470, 51.915, 4.490, 51.926)  # about Coolsingel and the station
RAILS: Final[dict[Mode, str]] = {Mode.TRAM: "tram", Mode.METRO: "metro"}

Ints = NDArray[np.int32]


class NoWay(ValueError):
    """There is no way between two places."""


class Network(NamedTuple):
    """Corners that are all connected, and the stretches between them."""

    places: Floats  # (corners, 2) lon, lat
    seconds: Any  # sparse (corners, corners): how long a stretch takes
    tree: cKDTree  # of the corners in space
    fastest_mps: MetresPerSecond  # nobody is there sooner than as the crow flies, so fast

    def nearest(self, lon_deg: float, lat_deg: float) -> int:
        """The corner nearest to a place."""
        return int(np.asarray(self.tree.query(in_space(np.array([[lon_deg, lat_deg]])))[1])[0])

    def route(self, start: int, end: int) -> Ints:
        """The corners of the quickest way. NoWay where there is none."""
        if start == end:
            return np.array([start], np.int32)
        least_s = float(np.linalg.norm(self.tree.data[start] - self.tree.data[end])) / self.fastest_mps
        for limit_s in (*(least_s * wide for wide in WIDER), np.inf):  # the streets near the way are searched first
            _, before = dijkstra(self.seconds, indices=[start], return_predecessors=True, limit=limit_s)
            if before[0, end] >= 0:
                break
        else:
            raise NoWay(f"from corner {start} to {end}")
        corners = [end]
        while corners[-1] != start:
            corners.append(int(before[0, corners[-1]]))
        return np.array(corners[::-1], np.int32)

    def legs(self, corners: Ints, start_ms: Millis, mode: Mode) -> list[Leg]:
        """The way along corners as legs of even speed, one after the other."""
        seconds = np.asarray(self.seconds[corners[:-1], corners[1:]]).ravel()
        lons, lats = self.places[corners].T
        lengths_m = np.asarray(WGS84.line_lengths(lons, lats), np.float64)
        speeds = [round(float(speed_mps), 3) for speed_mps in lengths_m / seconds]
        legs: list[Leg] = []
        at_ms, done = float(start_ms), 0
        for speed_mps, own in groupby(speeds):
            count = len(list(own))
            waypoints = tuple((float(lon), float(lat)) for lon, lat in self.places[corners[done : done + count + 1]])
            legs.append(Leg(int(np.ceil(at_ms)), waypoints, speed_mps, mode))
            at_ms = legs[-1].start_ms + lengths_m[done : done + count].sum() / speed_mps * MILLIS_PER_SECOND
            done += count
        return legs


def in_space(places: Floats) -> Floats:
    """Places (lon, lat) on a ball: near there is near here."""
    lon, lat = np.radians(places).T
    return EARTH_M * np.column_stack([np.cos(lat) * np.cos(lon), np.cos(lat) * np.sin(lon), np.sin(lat)])


def network_of(nodes: Ints, stretches: Ints, mps: Floats, one_way: NDArray[np.bool_]) -> Network:
    """The largest part in which every corner can be reached from every other."""
    places = nodes[:, ::-1] / UNITS_A_DEGREE
    one, other = stretches
    lengths_m = WGS84.inv(*places[one].T, *places[other].T)[2]
    seconds = np.maximum(lengths_m, 0.01) / mps
    back = ~one_way
    ways = coo_array(
        (np.concatenate([seconds, seconds[back]]),
         (np.concatenate([one, other[back]]), np.concatenate([other, one[back]]))), shape=(len(places), len(places)),
    ).tocsr()  # fmt: skip
    _, part = connected_components(ways, directed=True, connection="strong")
    kept = np.flatnonzero(part == np.bincount(part).argmax())
    return Network(places[kept], ways[kept][:, kept], cKDTree(in_space(places[kept])), float(mps.max()))


@cache
def network(mode: Mode) -> Network:
    """Where one can go in a way."""
    data = np.load(STREETS)
    if mode is Mode.CAR:
        mps = data["drive_speed_kmh"] * KMH * DRIVEN_SHARE
        return network_of(data["drive_node"], data["drive_stretch"], mps, data["drive_one_way"])
    if mode in RAILS:
        own = data["rail_kind"] == list(data["rail_names"]).index(RAILS[mode])
        node, stretch = data["rail_node"], data["rail_stretch"][:, own]
    else:
        closed = [list(data["class_names"]).index(name) for name in CLOSED_TO[mode]]
        own = ~np.isin(data["way_class"], closed)
        node, stretch = data["way_node"], data["way_stretch"][:, own]
    count = stretch.shape[1]
    return network_of(node, stretch, np.full(count, SPEEDS_MPS[mode]), np.zeros(count, np.bool_))


def travel(mode: Mode, start: tuple[float, float], end: tuple[float, float], start_ms: Millis) -> list[Leg]:
    """The quickest way between two places (lon, lat), from the corner nearest to one to that nearest to the other."""
    ways = network(mode)
    return ways.legs(ways.route(ways.nearest(*start), ways.nearest(*end)), start_ms, mode)


def inside(box: tuple[float, float, float, float], lon_deg: Floats, lat_deg: Floats) -> NDArray[np.bool_]:
    """Which places lie in a box."""
    west, south, east, north = box
    return np.asarray((lon_deg > west) & (lon_deg < east) & (lat_deg > south) & (lat_deg < north), np.bool_)


def under_ground(mode: NDArray[np.str_], lon_deg: Floats, lat_deg: Floats) -> NDArray[np.bool_]:
    """Which places are in a tunnel for whoever moves there in these ways."""
    metro = (mode == Mode.METRO) & inside(METRO_UNDER_GROUND, lon_deg, lat_deg)
    road = np.isin(mode, (Mode.CAR, Mode.BICYCLE, Mode.FOOT)) & inside(MAASTUNNEL, lon_deg, lat_deg)
    return np.asarray(metro | road, np.bool_)


def waypoints_of(legs: list[Leg]) -> Waypoints:
    """All places of some legs."""
    return tuple(place for leg in legs for place in leg.waypoints)
