# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The victim-proximity monitor authors
"""What researchers use: distances and zones as the engine has them; also as `proximity.separation_m` and `.Zone`."""

from collections.abc import Mapping
from typing import Final, overload

import numpy as np
from numpy.typing import ArrayLike, NDArray
from pyproj import Geod

from proximity.geo.shapes import read_polygons
from proximity.geo.zones import compile_zones
from proximity.kernels.arrays import Floats
from proximity.kernels.geodesy import ecefs, separations_m
from proximity.kernels.zones import signed_distances_m
from proximity.model.orders import Circle, Polygons
from proximity.model.orders import Zone as OrderZone
from proximity.model.units import Degrees, Metres
from proximity.model.words import ZoneKind

GEOD: Final = Geod(ellps="WGS84")
CHORD_TO_M: Final[Metres] = 50_000.0
LAT_MAX_DEG: Final[Degrees] = 90.0
LON_MAX_DEG: Final[Degrees] = 180.0
TURN_DEG: Final[Degrees] = 360.0


@overload
def separation_m(lat1: float, lon1: float, lat2: float, lon2: float) -> float: ...
@overload
def separation_m(lat1: ArrayLike, lon1: ArrayLike, lat2: ArrayLike, lon2: ArrayLike) -> NDArray[np.float64]: ...
def separation_m(lat1: ArrayLike, lon1: ArrayLike, lat2: ArrayLike, lon2: ArrayLike) -> float | NDArray[np.float64]:
    """Distance in metres along the WGS84 ellipsoid between positions in degrees, anywhere on Earth.

    Scalars give a float, arrays (which broadcast) an array. To 50 km by the engine's chord, within 1e-5 m; beyond, the
    geodesic of pyproj. NaN gives NaN; a latitude beyond 90 degrees or what is not finite gives NaN.

    >>> round(separation_m(51.9225, 4.47917, 52.0907, 5.1214), 3)
    47907.201
    """
    given = np.broadcast_arrays(*map(as_degrees, (lat1, lon1, lat2, lon2)))
    flat = [np.ascontiguousarray(values).reshape(-1) for values in given]
    found_m = np.empty(flat[0].shape)
    separations_m(earth_centred(*flat[:2]).T.copy(), earth_centred(*flat[2:]).T.copy(), found_m)
    far = found_m > CHORD_TO_M
    if far.any():
        found_m[far] = GEOD.inv(flat[1][far], flat[0][far], flat[3][far], flat[2][far])[2]
    return float(found_m[0]) if given[0].ndim == 0 else found_m.reshape(given[0].shape)


class Zone:
    """An area on the ground: `Zone.circle(...)` or `Zone.from_geojson(...)`. It does not change."""

    def __init__(self, shape: Circle | Polygons, buffer_m: Metres = 0.0) -> None:
        if not 0.0 <= buffer_m < np.inf:
            raise ValueError(f"buffer_m: got {buffer_m}: write 0 or more metres")
        self._buffer_m = float(buffer_m)
        self._zones = compile_zones([OrderZone("zone", ZoneKind.EXCLUSION, (), shape, self._buffer_m)])

    @classmethod
    def circle(cls, lat: float, lon: float, radius_m: float, buffer_m: float = 0.0) -> "Zone":
        """All places within `radius_m` metres of one, in degrees. ValueError where it is no place or no radius."""
        if not (abs(lat) <= LAT_MAX_DEG and abs(lon) <= LON_MAX_DEG):
            raise ValueError(f"lat, lon: got {lat}, {lon}: write degrees, latitude -90 to 90, longitude -180 to 180")
        if not 0.0 < radius_m < np.inf:
            raise ValueError(f"radius_m: got {radius_m}: write more than 0 metres")
        return cls(Circle(float(lat), float(lon), float(radius_m)), buffer_m)

    @classmethod
    def from_geojson(cls, obj: Mapping[str, object], buffer_m: float = 0.0) -> "Zone":
        """A zone from a GeoJSON Polygon or MultiPolygon, or a Feature of one (RFC 7946), grown by `buffer_m` metres.

        `ShapeFault`, a ValueError, says where it is no valid area: path of ring and position, and the mend.
        """
        return cls(read_polygons(obj.get("geometry") if obj.get("type") == "Feature" else obj), buffer_m)

    @overload
    def signed_distance_m(self, lat: float, lon: float) -> float: ...
    @overload
    def signed_distance_m(self, lat: ArrayLike, lon: ArrayLike) -> NDArray[np.float64]: ...
    def signed_distance_m(self, lat: ArrayLike, lon: ArrayLike) -> float | NDArray[np.float64]:
        """Metres along the ground to the zone's boundary less its buffer, negative inside, 0 on it; NaN gives NaN.

        Within 1 cm to 10 km, 1e-5 of it beyond. Scalars give a float, arrays (which broadcast) an array.
        """
        lat_deg, lon_deg = np.broadcast_arrays(as_degrees(lat), as_degrees(lon))
        flat_lat = np.ascontiguousarray(lat_deg).reshape(-1)
        flat_lon = within_half_turn(np.ascontiguousarray(lon_deg).reshape(-1))
        position, found_m = earth_centred(flat_lat, flat_lon), np.empty(flat_lat.shape)
        signed_distances_m(self._zones, 0, flat_lat, flat_lon, position, found_m)
        found_m -= self._buffer_m
        return float(found_m[0]) if lat_deg.ndim == 0 else found_m.reshape(lat_deg.shape)

    @overload
    def contains(self, lat: float, lon: float) -> bool: ...
    @overload
    def contains(self, lat: ArrayLike, lon: ArrayLike) -> NDArray[np.bool_]: ...
    def contains(self, lat: ArrayLike, lon: ArrayLike) -> bool | NDArray[np.bool_]:
        """Whether positions lie in the zone or its buffer, its boundary included; NaN counts as within."""
        inside = ~(np.asarray(self.signed_distance_m(lat, lon)) > 0.0)
        return bool(inside) if inside.ndim == 0 else inside


def as_degrees(values: ArrayLike) -> Floats:
    """As an array of floats."""
    return np.asarray(values, np.float64)


def within_half_turn(lon_deg: Floats) -> Floats:
    """Longitudes as the kernels take them, -180 to 180; whole turns are taken off, what lies within is not touched."""
    return np.where(
        np.abs(lon_deg) <= LON_MAX_DEG, lon_deg, np.remainder(lon_deg + LON_MAX_DEG, TURN_DEG) - LON_MAX_DEG
    )


def earth_centred(lat_deg: Floats, lon_deg: Floats) -> Floats:
    """Earth-centred positions (n, 3); NaN for what is no position."""
    out_m = np.empty((len(lat_deg), 3))
    ecefs(np.where(np.abs(lat_deg) <= LAT_MAX_DEG, lat_deg, np.nan), lon_deg, out_m)
    return out_m
