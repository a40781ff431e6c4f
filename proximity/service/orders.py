# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The victim-proximity monitor authors
"""Orders on their way from a folder to the engine."""

from collections.abc import Mapping
from pathlib import Path

from msgspec import Struct

from proximity.model.orders import OrderBook
from proximity.service.pipeline import Message, Naming, Pipeline, orders_message
from proximity.settings.faults import Fault
from proximity.settings.orders import in_folder, parse_orders, read_documents
from proximity.settings.service import Settings


class Orders(Struct, frozen=True):
    """One revision of the orders: as read, and what they say."""

    documents: Mapping[str, str]
    book: OrderBook


def read_folder(folder: Path) -> tuple[Orders | None, tuple[Fault, ...]]:
    """The orders in a folder, or every fault in them: never both."""
    documents, folder_faults = read_documents(folder)
    book, faults = parse_orders(documents) if documents else (None, ())
    all_faults = (*folder_faults, *in_folder(folder, faults, documents))
    return (None if book is None or all_faults else Orders(documents, book)), all_faults


def new_orders(settings: Settings, orders: Orders, pipeline: Pipeline) -> Message | None:
    """The orders as an input, where they, the numbers or the naming are not those in force."""
    naming = Naming(settings.alerts.type_prefix, settings.alerts.source)
    in_force = (pipeline.state.world.book.revision, pipeline.state.judging, pipeline.naming)
    if in_force == (orders.book.revision, settings.judging, naming):
        return None
    return orders_message(dict(orders.documents), settings.judging, naming, orders.book)
