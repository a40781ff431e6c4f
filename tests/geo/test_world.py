# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The victim-proximity monitor authors
"""What an order book is compiled into, by example."""

import numpy as np
from msgspec.structs import replace

from proximity.geo.world import Subject, area_columns, compile_world, until_ms
from proximity.kernels.columns import NEVER_MS
from proximity.model.orders import Circle, Device, Order, OrderBook, Party, Separation, Zone
from proximity.model.words import DeviceKind, Kind, ZoneKind

TAG = Device("ank", DeviceKind.TAG, 60.0, 300.0)
SPARE = Device("idle", DeviceKind.TAG, 60.0, 300.0)
PARTIES = (
    Party("p-1", (Device("vic", DeviceKind.PHONE, 15.0, 20.0), Device("bag", DeviceKind.TAG, 30.0, 30.0))),
    Party("p-2", (Device("far", DeviceKind.PHONE, 60.0, 60.0),)),
    Party("w-1", (TAG,)),
    Party("w-2", (Device("ank-2", DeviceKind.TAG, 60.0, 60.0),)),
    Party("z-9", (SPARE,)),
)


def zone(name: str, *wearers: str) -> Zone:
    return Zone(name, ZoneKind.EXCLUSION, wearers, Circle(51.92, 4.48, 300.0), 75.0)


BOOK = OrderBook(
    "sha256:1",
    PARTIES,
    (
        Order("o-1", "r", "a", 5000, 9000, ("w-1", "w-2"), ("p-1",), Separation(500.0, 1000.0, 150.0, 480.0),
              (zone("home", "w-1", "w-2"), zone("work", "w-2"))),
        Order("o-2", "r", "b", 2000, None, ("w-1",), ("p-1", "p-2"), None, (zone("home", "w-1"),)),
    ),
)  # fmt: skip


def test_rows_are_links_then_zones_of_each_order() -> None:
    world = compile_world(BOOK)
    assert [(subject.kind, subject.order.id, subject.what) for subject in world.subjects] == [
        (Kind.SEPARATION, "o-1", "w-1_p-1"), (Kind.SEPARATION, "o-1", "w-2_p-1"), (Kind.ZONE, "o-1", "w-1_home"),
        (Kind.ZONE, "o-1", "w-2_home"), (Kind.ZONE, "o-1", "w-2_work"), (Kind.ZONE, "o-2", "w-1_home"),
    ]  # fmt: skip
    assert list(world.rows.wearer) == [2, 3, 2, 3, 3, 2]
    assert list(world.rows.protected) == [0, 0, -1, -1, -1, -1]
    assert list(world.rows.zone) == [-1, -1, 0, 0, 1, 2]
    link, area = [1000.0, 500.0, 150.0], [75.0, 0.0, -1.0]
    assert world.rows.limits_m.tolist() == [link, link, area, area, area, area]
    assert list(world.rows.from_ms) == [5000] * 5 + [2000]
    assert list(world.rows.until_ms) == [9000] * 5 + [NEVER_MS]
    assert len(world.zones.radius_m) == 3


def test_devices_know_their_party_and_orders() -> None:
    world = compile_world(BOOK)
    assert world.device_ids == ("vic", "bag", "far", "ank", "ank-2", "idle")
    assert [world.device_row[name] for name in world.device_ids] == list(range(6))
    assert list(world.devices.party) == [0, 0, 1, 2, 3, 4]
    assert list(world.devices.interval_ms) == [15_000, 30_000, 60_000, 60_000, 60_000, 60_000]
    assert list(world.devices.rest_interval_ms) == [20_000, 30_000, 60_000, 300_000, 60_000, 300_000]
    assert list(world.devices.from_ms) == [2000, 2000, 2000, 2000, 5000, NEVER_MS]
    assert world.device_is_tag == (False, True, False, True, True, True)
    assert world.device_is_wearers == (False, False, False, True, True, False)
    served = [[order.id for order in orders] for orders in world.device_orders]
    assert served == [["o-1", "o-2"], ["o-1", "o-2"], ["o-2"], ["o-1", "o-2"], ["o-1"], []]
    assert world.order_devices == {"o-1": (0, 1, 3, 4), "o-2": (0, 1, 2, 3)}


def test_an_empty_book_is_an_empty_world() -> None:
    world = compile_world(OrderBook("none", (), ()))
    assert (world.subjects, world.device_ids, world.order_devices) == ((), (), {})
    assert world.rows.limits_m.shape == (0, 3)
    assert [column.dtype for column in world.devices] == [np.int32, *[np.int64] * 4]
    assert list(world.zones.first_edges) == [0]


def test_area_wide_zones_stand_behind_the_orders_own() -> None:
    shelters = tuple(Zone(name, ZoneKind.EXCLUSION, (), Circle(51.9, 4.5, 50.0), 25.0) for name in ("a", "b"))
    world = compile_world(replace(BOOK, area_zones=shelters))
    own = sum(len(order.zones) for order in world.book.orders)
    assert world.area_from == own
    assert list(world.zones.radius_m[own:]) == [50.0, 50.0]
    wearing = [[order.id for order in orders] for orders in world.wearer_orders]
    assert [len(orders) for orders in wearing] == [
        sum(party.id in order.wearers for order in world.book.orders) for party in world.book.parties
    ]
    order = world.book.orders[0]
    subject = Subject(Kind.ZONE, order, order.wearers[0], None, "b")
    assert subject.key == (order.id, "zone", f"{order.wearers[0]}_b")
    columns = area_columns(world, [(subject, 3, 1)])
    assert (columns.wearer[0], columns.protected[0], columns.zone[0]) == (3, -1, own + 1)
    assert list(columns.limits_m[0]) == [25.0, 0.0, -1.0]
    assert (columns.from_ms[0], columns.until_ms[0]) == (order.valid_from_ms, until_ms(order))
    assert area_columns(world, []).limits_m.shape == (0, 3)
