# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The victim-proximity monitor authors
"""What the court set, as frozen values (DESIGN 4.3). `proximity.settings` makes and validates them."""

from msgspec import Struct

from proximity.model.units import Degrees, Metres, Millis, Seconds
from proximity.model.words import DeviceKind, ZoneKind


class Device(Struct, frozen=True):
    """One device a party carries, with the reporting intervals it declares."""

    id: str
    kind: DeviceKind
    interval_s: Seconds
    rest_interval_s: Seconds  # equal to interval_s where the device has no resting cadence
    owntracks: str | None = None  # "user/device" of the phone app


class Party(Struct, frozen=True):
    """A wearer or a protected person, by an opaque id."""

    id: str
    devices: tuple[Device, ...]


class Separation(Struct, frozen=True):
    """The distances of an order: warning_m > limit_m > emergency_m > 0."""

    limit_m: Metres
    warning_m: Metres
    emergency_m: Metres
    reaction_s: Seconds


class Circle(Struct, frozen=True, tag="circle"):
    """A circular zone."""

    lat_deg: Degrees
    lon_deg: Degrees
    radius_m: Metres


Ring = tuple[tuple[Degrees, Degrees], ...]  # (lon, lat) positions, the first repeated as the last


class Polygons(Struct, frozen=True, tag="polygons"):
    """One polygon or more; each is its outer ring followed by its holes, in GeoJSON's axis order (lon, lat)."""

    parts: tuple[tuple[Ring, ...], ...]


class Zone(Struct, frozen=True):
    """A fixed area that some of the order's wearers, or every wearer, must keep out of."""

    id: str
    kind: ZoneKind
    applies_to: tuple[str, ...]  # party ids of wearers
    shape: Circle | Polygons
    buffer_m: Metres


class Order(Struct, frozen=True):
    """One court order; it holds from valid_from_ms, until valid_until_ms where that is set."""

    id: str
    region: str
    supervisor: str
    valid_from_ms: Millis
    valid_until_ms: Millis | None
    wearers: tuple[str, ...]
    protected: tuple[str, ...]
    separation: Separation | None
    zones: tuple[Zone, ...] = ()


class OrderBook(Struct, frozen=True):
    """All orders in force or to come, one revision of them; parties and orders are sorted by id."""

    revision: str  # "sha256:" and 64 hex digits of the canonical content
    parties: tuple[Party, ...]
    orders: tuple[Order, ...]
    area_zones: tuple[Zone, ...] = ()  # for every wearer, whatever the order; sorted by id; `applies_to` stands empty
