# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The victim-proximity monitor authors
"""Everything that can be said of orders and settings before anything runs."""

from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple

from proximity.model.orders import OrderBook
from proximity.settings.faults import Fault
from proximity.settings.notes import doubled, unjudged, unkeepable
from proximity.settings.orders import Parsed, in_folder, parse, read_documents
from proximity.settings.service import read_settings


class Checked(NamedTuple):
    """Faults keep the service from starting, notes do not. Counts are empty where the orders are at fault."""

    faults: tuple[Fault, ...]
    notes: tuple[Fault, ...]
    counts: Mapping[str, int]


def check(orders: Path, settings: Path | None) -> Checked:
    """Every fault in a folder of orders and in a settings file, and what else a court or an operator should know."""
    _, settings_faults = read_settings(settings)
    documents, folder_faults = read_documents(orders)
    parsed = parse(documents) if documents else Parsed(None, (), {})
    faults = (*settings_faults, *folder_faults, *in_folder(orders, parsed.faults, documents))
    if parsed.book is None:
        return Checked(faults, (), MappingProxyType({}))
    files = parsed.file_of_order
    notes = (*unkeepable(parsed.book, files), *unjudged(parsed.book, files), *doubled(parsed.book))
    return Checked(faults, in_folder(orders, notes, documents), count(parsed.book))


def count(book: OrderBook) -> Mapping[str, int]:
    """How many orders, parties, devices, links and zones a book has."""
    links = sum(len(order.wearers) * len(order.protected) for order in book.orders if order.separation is not None)
    return MappingProxyType(
        {
            "orders": len(book.orders),
            "parties": len(book.parties),
            "devices": sum(len(party.devices) for party in book.parties),
            "links": links,
            "zones": sum(len(order.zones) for order in book.orders),
            "area-wide zones": len(book.area_zones),
        }
    )
