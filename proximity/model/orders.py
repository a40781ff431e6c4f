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


class Hours(Struct, frozen=True, order=True):
    """Hours of one day, in minutes since its midnight by the clock on the wall; past 1440 they go on the day after."""

    from_min: int  # 0 to 1439
    until_min: int  # after it, by a day at most


class DayException(Struct, frozen=True):
    """A date on which other hours begin than those of its weekday; no hours: none begin."""

    day: int  # days since 1970-01-01
    hours: tuple[Hours, ...]


class Schedule(Struct, frozen=True):
    """When something holds, by the clock on the wall. Hours belong to the day on which they begin."""

    time_zone: str  # its offsets stand in the order book
    weekly: tuple[tuple[Hours, ...], ...]  # of Monday to Sunday, each sorted
    exceptions: tuple[DayException, ...] = ()  # sorted, one a date


class TimeZone(Struct, frozen=True):
    """The offsets from UTC of a time zone over all years that orders can name."""

    name: str
    changes: tuple[tuple[Millis, Millis], ...]  # (from when, offset), rising; the first is before those years


class Separation(Struct, frozen=True):
    """The distances of an order: warning_m > limit_m > emergency_m > 0."""

    limit_m: Metres
    warning_m: Metres
    emergency_m: Metres
    reaction_s: Seconds
    schedule: Schedule | None = None  # None: it always holds


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
    """A fixed area that some of the order's wearers, or every wearer, must keep out of, or (inclusion) stay within."""

    id: str
    kind: ZoneKind
    applies_to: tuple[str, ...]  # party ids of wearers
    shape: Circle | Polygons
    buffer_m: Metres  # a warning this near the boundary, on the side where the wearer may be
    schedule: Schedule | None = None  # None: it always holds


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
    time_zones: tuple[TimeZone, ...] = ()  # those of the schedules, sorted by name
