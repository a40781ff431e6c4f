# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The victim-proximity monitor authors
"""An order book compiled into rows and columns: what the engine looks up and the kernels read."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from proximity.geo.grid import compile_grid
from proximity.geo.zones import compile_zones
from proximity.kernels.arrays import Floats, Ints, Longs
from proximity.kernels.columns import NEVER_MS, UNKNOWN_MS
from proximity.kernels.grid import GridArrays
from proximity.kernels.zones import ZoneArrays
from proximity.model.orders import Order, OrderBook, Schedule, Zone
from proximity.model.units import MILLIS_PER_SECOND, Metres, Millis, Seconds
from proximity.model.words import DeviceKind, Kind, ZoneKind


class Subject(NamedTuple):
    """What one judged row is about: a link (wearer and protected) or a zone (wearer and zone) of an order."""

    kind: Kind
    order: Order
    wearer: str
    protected: str | None
    zone: str | None

    @property
    def what(self) -> str:
        """The part of an incident's id that names it."""
        return f"{self.wearer}_{self.protected or self.zone}"

    @property
    def schedule(self) -> Schedule | None:
        """When it holds while its order does; None: always."""
        if self.kind is Kind.SEPARATION:
            return None if self.order.separation is None else self.order.separation.schedule
        return next((zone.schedule for zone in self.order.zones if zone.id == self.zone), None)

    @property
    def inclusion(self) -> bool:
        """Whether it is a zone that the wearer must be in."""
        return any(zone.id == self.zone and zone.kind is ZoneKind.INCLUSION for zone in self.order.zones)

    @property
    def key(self) -> tuple[str, str, str]:
        """What stays the same over revisions of the orders."""
        return (self.order.id, self.kind, self.what)

    @property
    def blind_key(self) -> tuple[str, str, str]:
        """That of its incident when nobody can tell."""
        return (self.order.id, Kind.BLIND, self.what)


class DeviceColumns(NamedTuple):
    """(devices,) each: the party that carries it, and the intervals it declares."""

    party: Ints
    interval_ms: Longs
    rest_interval_ms: Longs
    from_ms: Longs  # when the first order that it serves begins
    until_ms: Longs  # when the last one ends


class RowColumns(NamedTuple):
    """(rows,) each: judged rows, links and zones alike."""

    wearer: Ints  # party row
    protected: Ints  # party row, -1 for a zone
    zone: Ints  # zone row, -1 for a link
    limits_m: Floats  # (rows, 3) the limits of warning, breach, emergency; -1 where there is none
    reaction_s: Floats  # of a link: how soon before its limit an approach is told
    from_ms: Longs  # the order's, or the hours of its schedule that hold or come next
    until_ms: Longs


@dataclass(frozen=True)
class World:
    """One revision of the orders, compiled."""

    book: OrderBook
    device_ids: tuple[str, ...]
    device_row: dict[str, int]
    device_is_tag: tuple[bool, ...]
    device_is_wearers: tuple[bool, ...]  # carried by a party that is a wearer in some order
    device_orders: tuple[tuple[Order, ...], ...]
    order_devices: dict[str, tuple[int, ...]]
    subjects: tuple[Subject, ...]  # those that the orders name; area-wide zones come in as wearers come near
    wearer_orders: tuple[tuple[Order, ...], ...]  # (parties,) those in which the party is a wearer
    devices: DeviceColumns
    rows: RowColumns
    schedules: tuple[tuple[int, Schedule], ...]  # the rows that have one; proximity.engine.schedule keeps their hours
    offsets: dict[str, tuple[tuple[Millis, Millis], ...]]  # by time zone: (from when, offset from UTC)
    parties: int
    zones: ZoneArrays  # the orders' own, then the area-wide ones
    area_from: int  # the row of the first area-wide zone
    area_grid: GridArrays  # of the area-wide zones


def zone_limits_m(zone: Zone) -> tuple[Metres, Metres, Metres]:
    """Signed distances at which warning (the buffer) and breach (the boundary) begin; a zone knows no emergency."""
    return (zone.buffer_m, 0.0, -1.0)


def list_subjects(book: OrderBook) -> tuple[list[Subject], list[tuple[Metres, Metres, Metres]], list[Zone]]:
    """All judged rows in the book's order, with their limits, and the zones in the order in which rows name them."""
    subjects: list[Subject] = []
    limits: list[tuple[Metres, Metres, Metres]] = []
    zones: list[Zone] = []
    for order in book.orders:
        if order.separation is not None:
            distances = (order.separation.warning_m, order.separation.limit_m, order.separation.emergency_m)
            links = [(wearer, protected) for wearer in order.wearers for protected in order.protected]
            subjects += [Subject(Kind.SEPARATION, order, *link, None) for link in links]
            limits += [distances] * len(links)
        for zone in order.zones:
            subjects += [Subject(Kind.ZONE, order, wearer, None, zone.id) for wearer in zone.applies_to]
            limits += [zone_limits_m(zone)] * len(zone.applies_to)
            zones.append(zone)
    return subjects, limits, zones


def compile_rows(
    subjects: Sequence[Subject], limits: Sequence[tuple[Metres, Metres, Metres]], book: OrderBook
) -> RowColumns:
    """The columns of the judged rows."""
    party_row = {party.id: row for row, party in enumerate(book.parties)}
    zone_keys = [(order.id, zone.id) for order in book.orders for zone in order.zones]
    zone_row = {key: row for row, key in enumerate(zone_keys)}
    scheduled = np.array([subject.schedule is not None for subject in subjects], np.bool_)
    from_ms = np.array([subject.order.valid_from_ms for subject in subjects], np.int64)
    until = np.array([until_ms(subject.order) for subject in subjects], np.int64)
    return RowColumns(
        wearer=np.array([party_row[subject.wearer] for subject in subjects], np.int32),
        protected=np.array([party_row[s.protected] if s.protected else -1 for s in subjects], np.int32),
        zone=np.array([zone_row[s.order.id, s.zone] if s.zone else -1 for s in subjects], np.int32),
        limits_m=np.array(limits, np.float64).reshape(-1, 3),
        reaction_s=np.array([reaction_of(subject.order) for subject in subjects], np.float64),
        from_ms=np.where(scheduled, UNKNOWN_MS, from_ms),
        until_ms=np.where(scheduled, UNKNOWN_MS, until),
    )


def area_columns(world: World, subjects: Sequence[tuple[Subject, int, int]]) -> RowColumns:
    """The columns of rows about area-wide zones, given (subject, party row of the wearer, place of the zone)."""
    zones = [world.book.area_zones[zone] for _, _, zone in subjects]
    return RowColumns(
        wearer=np.array([party for _, party, _ in subjects], np.int32),
        protected=np.full(len(subjects), -1, np.int32),
        zone=np.array([world.area_from + zone for _, _, zone in subjects], np.int32),
        limits_m=np.array([zone_limits_m(zone) for zone in zones], np.float64).reshape(-1, 3),
        reaction_s=np.zeros(len(subjects)),
        from_ms=np.array([subject.order.valid_from_ms for subject, _, _ in subjects], np.int64),
        until_ms=np.array([until_ms(subject.order) for subject, _, _ in subjects], np.int64),
    )


def reaction_of(order: Order) -> Seconds:
    """How soon before its limit an approach is told; 0 where the order knows no separation."""
    return 0.0 if order.separation is None else order.separation.reaction_s


def until_ms(order: Order) -> Millis:
    """When the order ends, `NEVER_MS` where it does not say."""
    return NEVER_MS if order.valid_until_ms is None else order.valid_until_ms


def devices_by_order(book: OrderBook, device_orders: Sequence[Sequence[Order]]) -> dict[str, tuple[int, ...]]:
    """The rows of the devices that serve each order."""
    rows: dict[str, list[int]] = {order.id: [] for order in book.orders}
    for row, orders in enumerate(device_orders):
        for order in orders:
            rows[order.id].append(row)
    return {order: tuple(own) for order, own in rows.items()}


def compile_world(book: OrderBook) -> World:
    """Compile a validated order book."""
    subjects, limits, zones = list_subjects(book)
    devices = [(device, row) for row, party in enumerate(book.parties) for device in party.devices]
    orders_of: dict[str, list[Order]] = {party.id: [] for party in book.parties}
    for order in book.orders:
        for party in sorted({*order.wearers, *order.protected}):
            orders_of[party].append(order)
    device_orders = tuple(tuple(orders_of[book.parties[party].id]) for _, party in devices)
    wearers = {wearer for order in book.orders for wearer in order.wearers}
    return World(
        book=book,
        device_ids=tuple(device.id for device, _ in devices),
        device_row={device.id: row for row, (device, _) in enumerate(devices)},
        device_is_tag=tuple(device.kind is DeviceKind.TAG for device, _ in devices),
        device_is_wearers=tuple(book.parties[party].id in wearers for _, party in devices),
        device_orders=device_orders,
        order_devices=devices_by_order(book, device_orders),
        subjects=tuple(subjects),
        devices=DeviceColumns(
            party=np.array([party for _, party in devices], np.int32),
            interval_ms=np.array([d.interval_s * MILLIS_PER_SECOND for d, _ in devices], np.int64),
            rest_interval_ms=np.array([d.rest_interval_s * MILLIS_PER_SECOND for d, _ in devices], np.int64),
            from_ms=np.array(
                [min((o.valid_from_ms for o in own), default=NEVER_MS) for own in device_orders], np.int64
            ),
            until_ms=np.array([max(map(until_ms, own), default=UNKNOWN_MS) for own in device_orders], np.int64),
        ),
        rows=compile_rows(subjects, limits, book),
        schedules=tuple((row, own) for row, subject in enumerate(subjects) if (own := subject.schedule) is not None),
        offsets={zone.name: zone.changes for zone in book.time_zones},
        wearer_orders=tuple(
            tuple(order for order in orders_of[party.id] if party.id in order.wearers) for party in book.parties
        ),
        parties=len(book.parties),
        zones=compile_zones([*zones, *book.area_zones]),
        area_from=len(zones),
        area_grid=compile_grid(book.area_zones),
    )
