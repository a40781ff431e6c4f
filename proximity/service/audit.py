# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The victim-proximity monitor authors
"""Who looked at exact values in a journal, and why: a hash-chained table beside its steps (DESIGN 2, rule 7)."""

import contextlib
import hashlib
import sqlite3
from importlib import resources
from pathlib import Path
from typing import Final

import msgspec
from msgspec import Struct

from proximity.model.units import Millis
from proximity.service.journal import BUSY_WAIT_S, FIRST_HASH, JournalFault

SCHEMA: Final = "audit_schema.sql"
TEXT_MAX: Final = 500  # characters of a reason


class Look(Struct, frozen=True):
    """One look: when, by whom, at which incident, why."""

    at_ms: Millis
    who: str
    incident: str
    reason: str


class Entry(Struct, frozen=True):
    """A look as it stands in the journal, with the last step that the journal had then."""

    number: int
    look: Look
    step: int
    step_hash: bytes
    hash: bytes


def chained(before: bytes, number: int, look: Look, step: int, step_hash: bytes) -> bytes:
    """The hash of an entry: SHA-256 over the hash before it and all that it holds, as MessagePack."""
    content = (number, look.at_ms, look.who, look.incident, look.reason, step, step_hash)
    return hashlib.sha256(before + msgspec.msgpack.encode(content)).digest()


def record(path: Path, look: Look) -> Entry:
    """Add a look to a journal's audit: on disk when this returns. JournalFault where it cannot be, or was changed.

    The service may run and write meanwhile.
    """
    try:
        with contextlib.closing(_open(path, "rw")) as connection:
            schema = resources.files(__package__).joinpath(SCHEMA).read_text(encoding="utf-8")
            connection.execute("PRAGMA synchronous = FULL")
            connection.executescript(f"BEGIN IMMEDIATE; {schema} COMMIT;")
            connection.execute("BEGIN IMMEDIATE")  # closing without COMMIT takes everything back
            entry = _next(_read(connection, path), look, *_last_step(connection))
            row = (entry.number, *msgspec.structs.astuple(look), entry.step, entry.step_hash, entry.hash)
            connection.execute("INSERT INTO audit VALUES (?, ?, ?, ?, ?, ?, ?, ?)", row)
            connection.execute("COMMIT")
    except (sqlite3.Error, OSError) as error:
        raise JournalFault(
            f"{path}: the look cannot be recorded ({error}), so nothing is shown: may we write there?"
        ) from error
    return entry


def entries(path: Path) -> list[Entry]:
    """All looks that were recorded, oldest first. JournalFault at the first that does not match its hash."""
    try:
        with contextlib.closing(_open(path, "ro")) as connection:
            has = connection.execute("SELECT count(*) FROM sqlite_schema WHERE name = 'audit'").fetchone()[0]
            return _read(connection, path) if has else []
    except (sqlite3.Error, OSError) as error:
        raise JournalFault(f"{path}: the audit cannot be read ({error}): restore the journal from a copy") from error


def _open(path: Path, mode: str) -> sqlite3.Connection:
    address = f"{path.absolute().as_uri()}?mode={mode}"
    return sqlite3.connect(address, uri=True, timeout=BUSY_WAIT_S, isolation_level=None)


def _last_step(connection: sqlite3.Connection) -> tuple[int, bytes]:
    row = connection.execute("SELECT step, hash FROM steps ORDER BY step DESC LIMIT 1").fetchone()
    return (0, FIRST_HASH) if row is None else (row[0], row[1])


def _next(before: list[Entry], look: Look, step: int, step_hash: bytes) -> Entry:
    number, last = len(before) + 1, before[-1].hash if before else FIRST_HASH
    return Entry(number, look, step, step_hash, chained(last, number, look, step, step_hash))


def _read(connection: sqlite3.Connection, path: Path) -> list[Entry]:
    found: list[Entry] = []
    columns = "number, at_ms, who, incident, reason, step, step_hash, hash"
    for number, *facts, step, step_hash, hashed in connection.execute(f"SELECT {columns} FROM audit ORDER BY number"):  # noqa: S608 - constants
        entry = Entry(number, Look(*facts), step, step_hash, hashed)
        if entry != _next(found, entry.look, step, step_hash):
            raise JournalFault(
                f"{path}: entry {len(found) + 1} of the audit does not match its hash: "
                "it was changed or is damaged: restore the journal from a copy"
            )
        found.append(entry)
    return found
