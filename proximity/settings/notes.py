# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The victim-proximity monitor authors
"""What a court should know of orders that are right as they are written: no faults, `proximity check` says them."""

from collections.abc import Iterator, Mapping
from itertools import islice
from math import ceil, floor
from typing import Final

from proximity.geo.grid import overlapping
from proximity.model.orders import Order, OrderBook, Party
from proximity.model.units import Metres, MetresPerSecond, Seconds
from proximity.settings.faults import Fault, listed

CAR_MPS: Final[MetresPerSecond] = 33.3  # 120 km/h
ORDERS_FOLDER: Final = "orders"
OVERLAPS_TOLD: Final = 20


def unkeepable(book: OrderBook, file_of_order: Mapping[str, str] | None = None) -> tuple[Fault, ...]:
    """Notes on the orders that cannot be kept with the devices their parties carry.

    Between two fixes a party in a car covers `CAR_MPS` times the device's `interval_s`. Where that is more than the
    ring between `warning_m` and `limit_m`, it can go through the whole ring unseen: the first that anyone hears is a
    breach. One note for each such party of each order, by the quickest of its devices, with the interval or the
    distance that would do. The resting interval does not count: a device that begins to move reports at `interval_s`.
    It is the court's and the supplier's to decide, so these are notes: the orders are judged all the same.

    `file_of_order` names the file of each order; without it notes name "orders".
    """
    files = file_of_order or {}
    parties = {party.id: party for party in book.parties}
    return tuple(
        note
        for order in book.orders
        for name in sorted({*order.wearers, *order.protected})
        for note in _ring_notes(order, parties[name], files.get(order.id, ORDERS_FOLDER))
    )


def unjudged(book: OrderBook, file_of_order: Mapping[str, str] | None = None) -> tuple[Fault, ...]:
    """Notes on what is written but asks for no judgement: parties that no order names, people protected from nobody."""
    files = file_of_order or {}
    named = {name for order in book.orders for name in (*order.wearers, *order.protected)}
    idle = [
        Fault(ORDERS_FOLDER, f'parties["{party.id}"]', _devices(party), "no order names this party: it is not judged")
        for party in book.parties
        if party.id not in named
    ]
    near_nobody = [
        Fault(
            files.get(order.id, ORDERS_FOLDER),
            f'orders["{order.id}"].protected',
            listed(order.protected),
            "no distance to them is judged: write [orders.separation] if the court set one",
        )
        for order in book.orders
        if order.protected and order.separation is None
    ]
    return (*idle, *near_nobody)


def doubled(book: OrderBook) -> tuple[Fault, ...]:
    """Notes on area-wide zones that overlap: a step into both is two incidents."""
    pairs = list(islice(overlapping(book.area_zones), OVERLAPS_TOLD + 1))
    notes = [
        Fault(
            ORDERS_FOLDER,
            f'area_zones["{book.area_zones[one].id}"]',
            f"overlaps {book.area_zones[other].id}",
            "a step into both is two incidents: is it one place that is written twice?",
        )
        for one, other in pairs[:OVERLAPS_TOLD]
    ]
    more = "and more area-wide zones overlap: these are the first"
    return (*notes, *([Fault(ORDERS_FOLDER, "area_zones", "many overlaps", more)] if len(pairs) > len(notes) else []))


def _ring_notes(order: Order, party: Party, file: str) -> Iterator[Fault]:
    if order.separation is None:
        return
    ring_m: Metres = order.separation.warning_m - order.separation.limit_m
    quickest = min(party.devices, key=lambda device: (device.interval_s, device.id))
    covered_m: Metres = CAR_MPS * quickest.interval_s
    if covered_m <= ring_m:
        return
    enough_s: Seconds = floor(ring_m / CAR_MPS)
    interval = f"a device that reports every {enough_s} s" if enough_s >= 1 else "a device that reports continuously"
    yield Fault(
        file,
        f'orders["{order.id}"].separation',
        f"{quickest.id} every {quickest.interval_s:g} s",
        f"party {party.id} in a car covers {covered_m:.0f} m between two fixes, more than the {ring_m:g} m from"
        f" warning_m to limit_m, and may be heard of only within limit_m: this asks for {interval}"
        f" or a warning_m of {ceil(order.separation.limit_m + covered_m)}",
    )


def _devices(party: Party) -> str:
    return f"devices {listed(device.id for device in party.devices)}"
