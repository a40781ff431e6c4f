# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The victim-proximity monitor authors
"""The engine's state as bytes and back, so that a restart need not replay the whole journal."""

from collections.abc import Sequence
from struct import Struct as Header
from typing import Final, NoReturn
from zlib import crc32

import msgspec
import numpy as np

from proximity.engine.area import append_by_name, rows_by_name
from proximity.engine.deaf import Hearing
from proximity.engine.history import from_one_piece, in_one_piece, new_history
from proximity.engine.late import late_due_ms
from proximity.engine.state import Counts, Flood, IncidentKey, State, state_of
from proximity.geo.world import compile_world
from proximity.kernels.arrays import Array
from proximity.kernels.history import History
from proximity.model.incidents import Incident
from proximity.model.judging import Judging
from proximity.model.orders import OrderBook
from proximity.model.units import Millis

SNAPSHOT_VERSION: Final = 9  # raise it with every change of State, of its tables, or of what they mean
MAGIC: Final = b"proximity-state"
HEADER: Final = Header(">15sHI")  # magic, version, CRC-32 of the body


class SnapshotFault(ValueError):
    """The bytes are not a snapshot of this version: damaged, cut short, or another version's. Replay from the start."""


class Column(msgspec.Struct, frozen=True, array_like=True):
    """One array of a table."""

    dtype: str
    shape: tuple[int, ...]
    data: memoryview


class Body(msgspec.Struct, frozen=True, array_like=True):
    """The state, what can be compiled from its orders left out; what has no order of its own is sorted."""

    now_ms: Millis
    book: OrderBook
    judging: Judging
    devices: tuple[Column, ...]
    history: tuple[Column, ...]  # fixes by device and time
    health: tuple[Column, ...]
    parties: tuple[Column, ...]
    rows: tuple[Column, ...]
    wishes: tuple[Column, ...]
    area_rows: tuple[tuple[str, str, str], ...]  # order, wearer, area-wide zone
    incidents: tuple[tuple[IncidentKey, Incident], ...]
    levels: tuple[tuple[IncidentKey, tuple[tuple[Millis, int], ...]], ...]
    status_at_ms: tuple[tuple[tuple[str, str], tuple[Millis, ...]], ...]
    accepted: int
    late: int
    marked: int
    unjudged: int
    alone: int
    refused: tuple[tuple[str, int], ...]
    hearing: Hearing
    flood: Flood | None


def columns_of(table: Sequence[Array]) -> tuple[Column, ...]:
    """The columns of a table, in their order."""
    return tuple(
        Column(column.dtype.str, column.shape, np.ascontiguousarray(column).reshape(-1).view(np.uint8).data)
        for column in table
    )


def pack(state: State) -> bytes:
    """The whole state. Equal states give equal bytes, whatever the order in which they came about."""
    body = msgspec.msgpack.encode(
        Body(
            now_ms=state.now_ms,
            book=state.world.book,
            judging=state.judging,
            devices=columns_of(state.devices),
            history=columns_of(in_one_piece(state.history)),
            health=columns_of(state.health),
            parties=columns_of(state.parties),
            rows=columns_of(state.rows),
            wishes=columns_of(state.wishes),
            area_rows=tuple(rows_by_name(state)),
            incidents=tuple(sorted(state.incidents.items(), key=lambda item: item[0])),
            levels=tuple(sorted(state.levels.items())),
            status_at_ms=tuple(sorted(state.status_at_ms.items())),
            accepted=state.counts.accepted,
            late=state.counts.late,
            marked=state.counts.marked,
            unjudged=state.counts.unjudged,
            alone=state.counts.alone,
            refused=tuple(sorted(state.counts.refused.items())),
            hearing=state.hearing,
            flood=state.flood,
        )
    )
    return HEADER.pack(MAGIC, SNAPSHOT_VERSION, crc32(body)) + body


def refuse(why: str) -> NoReturn:
    """Say why the bytes are no snapshot."""
    raise SnapshotFault(f"snapshot: {why}: replay the journal from its start")


def restore(table: Sequence[Array], columns: Sequence[Column]) -> None:
    """Copy the columns into a table that was made for the same orders."""
    if len(table) != len(columns):
        refuse(f"{len(columns)} columns instead of {len(table)}")
    for own, column in zip(table, columns, strict=True):
        if (column.dtype, column.shape, len(column.data)) != (own.dtype.str, own.shape, own.nbytes):
            refuse(f"a column of {column.dtype}{column.shape} instead of {own.dtype.str}{own.shape}")
        own[...] = np.frombuffer(column.data, own.dtype).reshape(own.shape)


def history_of(columns: Sequence[Column], devices: int) -> History:
    """The fixes of so many devices, in blocks again."""
    kinds = [column.dtype.str for column in in_one_piece(new_history(0))]
    if [column.dtype for column in columns] != kinds or {column.shape for column in columns[:2]} != {(devices,)}:
        refuse("a history of other devices, or of another kind")
    try:
        return from_one_piece(tuple(np.frombuffer(column.data, column.dtype) for column in columns))
    except ValueError as fault:
        raise SnapshotFault(f"snapshot: {fault}: replay the journal from its start") from fault


def body_of(data: bytes) -> Body:
    """The body of a snapshot of this version; SnapshotFault where it is none."""
    if len(data) < HEADER.size:
        refuse(f"{len(data)} bytes, shorter than its header")
    magic, version, checksum = HEADER.unpack_from(data)
    body = memoryview(data)[HEADER.size :]
    if magic != MAGIC:
        refuse("these bytes are something else")
    if version != SNAPSHOT_VERSION:
        refuse(f"version {version}, not {SNAPSHOT_VERSION}")
    if crc32(body) != checksum:
        refuse("damaged")
    try:
        return msgspec.msgpack.decode(body, type=Body)
    except (msgspec.MsgspecError, UnicodeDecodeError) as fault:
        raise SnapshotFault(f"snapshot: {fault}: replay the journal from its start") from fault


def unpack(data: bytes) -> State:
    """The state that was packed; the orders are compiled anew. SnapshotFault where these bytes do not give it."""
    body = body_of(data)
    state = state_of(compile_world(body.book), body.judging, body.now_ms)
    restore(state.devices, body.devices)
    state.history = history_of(body.history, len(state.world.device_ids))
    restore(state.health, body.health)
    restore(state.parties, body.parties)
    restore(state.wishes, body.wishes)
    append_by_name(state, body.area_rows)
    restore(state.rows, body.rows)
    state.incidents.update(body.incidents)
    state.late_due_ms = late_due_ms(state)
    state.levels.update(body.levels)
    state.status_at_ms.update(body.status_at_ms)
    state.counts = Counts(
        body.accepted, body.late, body.marked, body.unjudged, body.alone, dict(body.refused)
    )  # fmt: skip
    state.hearing, state.flood = body.hearing, body.flood
    return state
