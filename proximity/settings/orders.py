# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The victim-proximity monitor authors
"""Orders from TOML (DESIGN 4.3): read entry by entry, then checked against one another, then one order book."""

import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Final, NamedTuple

import msgspec
from msgspec.structs import replace

from proximity.model.orders import Order, OrderBook, Party, Separation, Zone
from proximity.settings.area import NETHERLANDS, Area, read_area
from proximity.settings.checks import Check, Range, identifier, identifiers, instant, number
from proximity.settings.documents import decode_toml, is_order_file, read_documents
from proximity.settings.faults import Fault, listed
from proximity.settings.notes import unkeepable
from proximity.settings.parties import read_party, short_party
from proximity.settings.schedules import read_schedule
from proximity.settings.table import Table, refuse_twins
from proximity.settings.time_zones import offsets_of, time_zone
from proximity.settings.zones import Shapes, read_area_zones, read_zone

__all__ = ["Parsed", "in_folder", "parse", "parse_orders", "read_documents", "read_orders", "unkeepable"]

RESERVED_ORDER: Final = "system"  # stands for the order in the ids of system incidents
WARNING_LIMITS: Final = 2.0
EMERGENCY_LIMITS: Final = 0.3

ENTRIES: Final = Range(1, 1_000_000, "entries")
ZONES: Final = Range(1, 256, "zones")
WEARERS: Final = identifiers(Range(1, 64, "ids of wearers"))
PROTECTED: Final = identifiers(Range(1, 64, "ids of protected parties, or leave the key out"))
DISTANCES: Final[Mapping[str, Check[float]]] = MappingProxyType(
    {
        "limit_m": number(Range(1, 50_000, "metres")),
        "warning_m": number(Range(1, 100_000, "metres")),
        "emergency_m": number(Range(0.1, 50_000, "metres")),
        "reaction_s": number(Range(1, 86_400, "seconds")),
    }
)
REACTION_S: Final = 480.0


class Carrier(NamedTuple):
    """A party, and where it is first named: its own entry, or the key of an order that uses the short form."""

    table: Table
    key: str
    party: Party


class Parsed(NamedTuple):
    """What a set of documents holds: a book or faults, and which file each order stands in."""

    book: OrderBook | None
    faults: tuple[Fault, ...]
    file_of_order: Mapping[str, str]


def parse_orders(documents: Mapping[str, str]) -> tuple[OrderBook | None, tuple[Fault, ...]]:
    """The order book of these texts (name -> text), or every fault in them: never both, never an exception.

    The book does not depend on the names of the documents nor on the order of their entries, and its revision changes
    only when what the orders say changes, not with comments or layout.
    """
    parsed = parse(documents)
    return parsed.book, parsed.faults


def read_orders(folder: Path) -> tuple[OrderBook | None, tuple[Fault, ...]]:
    """`parse_orders` of a folder's files; faults name the files with the folder."""
    documents, faults = read_documents(folder)
    book, more = parse_orders(documents) if documents else (None, ())
    faults += in_folder(folder, more, documents)
    return (None if faults else book), faults


def in_folder(folder: Path, faults: Sequence[Fault], documents: Mapping[str, str]) -> tuple[Fault, ...]:
    """The faults of documents with the paths of their files; those of no one document are the folder's."""
    return tuple(
        replace(fault, file=str(folder / fault.file) if fault.file in documents else str(folder)) for fault in faults
    )


def parse(documents: Mapping[str, str]) -> Parsed:
    """`parse_orders`, and which file each order stands in."""
    faults: list[Fault] = []
    roots = _roots(documents, faults)
    shapes = Shapes(documents, faults, _only_area(roots))
    parties: list[Carrier] = []
    orders: list[tuple[Table, Order]] = []
    area_tables: list[Table] = []
    area_zones: list[Zone] = []
    for root in roots:
        parties += [Carrier(table, "devices", read_party(table)) for table in root.tables("parties", ENTRIES)]
        orders += [(table, read_order(table, shapes)) for table in root.tables("orders", ENTRIES)]
        own = root.tables("area_zones", ENTRIES)
        area_tables += own
        area_zones += [zone for table in own for zone in read_area_zones(table, shapes)]
        root.done()
    if not orders and not faults:
        faults.append(Fault("*.toml", "orders", "nothing", "no file holds an order: write one under [[orders]]"))
    refuse_twins([carrier.table for carrier in parties], "party")
    refuse_twins([table for table, _ in orders], "order")
    refuse_twins(area_tables, "area-wide zone")
    _refuse_same_zones(orders, area_zones, faults)
    parties += _short_parties({carrier.party.id for carrier in parties}, orders)
    _refuse_shared_devices(parties)
    files = MappingProxyType({order.id: table.file for table, order in orders})
    if faults:
        return Parsed(None, tuple(dict.fromkeys(faults)), files)
    book = make_book([carrier.party for carrier in parties], [order for _, order in orders], area_zones)
    return Parsed(book, (), files)


def _roots(documents: Mapping[str, str], faults: list[Fault]) -> list[Table]:
    """The order files that can be read."""
    roots: list[Table] = []
    for name in sorted(filter(is_order_file, documents)):
        raw = decode_toml(name, documents[name])
        if isinstance(raw, Fault):
            faults.append(raw)
        else:
            roots.append(Table(name, "", raw, faults))
    return roots


def _only_area(roots: Sequence[Table]) -> Area:
    """The [area] of the orders, which one file may have."""
    found = [(root, table) for root in roots if (table := root.table("area")) is not None]
    for root, _ in found[1:]:
        root.fault("area", f"{found[0][0].file} has an [area] too: keep one")
    return (read_area(found[0][1]) if found else None) or NETHERLANDS


def _refuse_same_zones(
    orders: Sequence[tuple[Table, Order]], area_zones: Sequence[Zone], faults: list[Fault]
) -> None:  # fmt: skip
    """A wearer's incident is named by the zone: an area-wide one may be called like no other."""
    names = Counter(zone.id for zone in area_zones)
    for name in sorted(name for name, times in names.items() if times > 1):
        mend = "two area-wide zones have this id: give each its own"
        faults.append(Fault("*.toml", "area_zones", f'"{name}"', mend))
    for table, order in orders:
        for zone in order.zones:
            if zone.id in names:
                table.fault("zones", f'an area-wide zone is called "{zone.id}" too: give one of the two another id')


def make_book(parties: Sequence[Party], orders: Sequence[Order], area_zones: Sequence[Zone] = ()) -> OrderBook:
    """The sorted book with its revision: the SHA-256 of its content as canonical JSON."""
    book = OrderBook(
        revision="",
        parties=tuple(sorted(parties, key=lambda party: party.id)),
        orders=tuple(sorted(orders, key=lambda order: order.id)),
        area_zones=tuple(sorted(area_zones, key=lambda zone: zone.id)),
        time_zones=tuple(offsets_of(name) for name in sorted(_time_zones(orders))),
    )
    digest = hashlib.sha256(msgspec.json.encode(book, order="sorted")).hexdigest()
    return replace(book, revision=f"sha256:{digest}")


def _time_zones(orders: Sequence[Order]) -> set[str]:
    """The names of the time zones of all schedules."""
    whats = [what for order in orders for what in (order.separation, *order.zones) if what is not None]
    return {what.schedule.time_zone for what in whats if what.schedule is not None}


def read_order(table: Table, shapes: Shapes) -> Order:
    """One order, its zones sorted by id. What is at fault in it stands empty: a fault anywhere voids the book."""
    own_id = table.need("id", identifier)
    if own_id == RESERVED_ORDER:
        table.fault("id", "this id is the service's own: give the order another")
    region, supervisor = table.need("region", identifier), table.need("supervisor", identifier)
    valid_from_ms = table.need("valid_from", instant)
    valid_until_ms = table.get("valid_until", instant, None)
    if valid_until_ms is not None and valid_from_ms is not None and valid_until_ms <= valid_from_ms:
        table.fault("valid_until", "the order ends before it begins: write a time after valid_from")
    wearers = table.need("wearers", WEARERS)
    protected = table.get("protected", PROTECTED, ())
    both = set(wearers or ()) & set(protected)
    if both:
        table.fault(
            "protected", f"{listed(both)} is both wearer and protected in this order: leave it in one of the two"
        )
    own_time_zone = table.get("time_zone", time_zone, None)
    separation = _read_separation(table, own_time_zone)
    rows = table.tables("zones", ZONES)
    zones = [zone for row in rows if (zone := read_zone(row, wearers, shapes, own_time_zone)) is not None]
    refuse_twins(rows, "zone")
    table.refuse("schedule", "what is it that holds at these times? write it in a zone or in the separation")
    table.done()
    _refuse_idle(table)
    return Order(
        id=own_id or "",
        region=region or "",
        supervisor=supervisor or "",
        valid_from_ms=valid_from_ms or 0,
        valid_until_ms=valid_until_ms,
        wearers=wearers or (),
        protected=protected,
        separation=separation,
        zones=tuple(sorted(zones, key=lambda zone: zone.id)),
    )


def _refuse_idle(table: Table) -> None:
    """An order must ask for something that can be judged."""
    if "separation" in table and "protected" not in table:
        table.fault("protected", "a separation from nobody: name who is protected, or leave [orders.separation] out")
    elif "separation" not in table and "zones" not in table:
        mend = "nothing to judge: write [orders.separation] with protected parties, or [[orders.zones]]"
        table.fault("separation", mend)


def _read_separation(parent: Table, own_time_zone: str | None) -> Separation | None:
    table = parent.table("separation")
    if table is None:
        return None
    limit_m = table.need("limit_m", DISTANCES["limit_m"])
    warning_m = table.get("warning_m", DISTANCES["warning_m"], None)
    emergency_m = table.get("emergency_m", DISTANCES["emergency_m"], None)
    reaction_s = table.get("reaction_s", DISTANCES["reaction_s"], REACTION_S)
    schedule = read_schedule(table, own_time_zone)
    table.done()
    if limit_m is None:
        return None
    if warning_m is not None and warning_m <= limit_m:
        table.fault("warning_m", f"not more than limit_m, {limit_m:g}: write more, or leave it out for twice limit_m")
    if emergency_m is not None and emergency_m >= limit_m:
        table.fault("emergency_m", f"not less than limit_m, {limit_m:g}: write less, or leave it out for 0.3 x limit_m")
    return Separation(
        limit_m=limit_m,
        warning_m=WARNING_LIMITS * limit_m if warning_m is None else warning_m,
        emergency_m=EMERGENCY_LIMITS * limit_m if emergency_m is None else emergency_m,
        reaction_s=reaction_s,
        schedule=schedule,
    )


def _short_parties(declared: set[str], orders: Sequence[tuple[Table, Order]]) -> list[Carrier]:
    """The parties that orders name without an entry of their own."""
    found: dict[str, Carrier] = {}
    for table, order in orders:
        named = [("wearers", name) for name in order.wearers]
        named += [("protected", name) for name in order.protected if name not in order.wearers]
        for key, name in named:
            if name in declared:
                continue
            before = found.setdefault(name, Carrier(table, key, short_party(name, is_wearer=key == "wearers")))
            if before.key != key:
                mend = f"{name} is a wearer in one order and protected in another: say its devices under [[parties]]"
                table.fault(key, mend)
    return list(found.values())


def _refuse_shared_devices(parties: Sequence[Carrier]) -> None:
    """A device, and an OwnTracks name, stands with one party once."""
    devices: dict[str, Carrier] = {}
    owntracks: dict[str, str] = {}
    for carrier in parties:
        for device in carrier.party.devices:
            first = devices.setdefault(device.id, carrier)
            if first is not carrier and first.party.id == carrier.party.id != "":
                continue  # two parties with one id: that is said already
            owner = owntracks.setdefault(device.owntracks, device.id) if device.owntracks else device.id
            if first is not carrier:
                mend = f"device {device.id} is also {first.table.path}'s: give it to one party, and name that party"
                carrier.table.fault(carrier.key, mend)
            elif owner != device.id:
                mend = f"OwnTracks name {device.owntracks} is also device {owner}'s: give each device its own"
                carrier.table.fault(carrier.key, mend)
