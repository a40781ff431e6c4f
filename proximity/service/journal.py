# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The victim-proximity monitor authors
"""The journal: what came in and what was told, on disk before anyone is told or acknowledged (DESIGN 7).

One transaction a batch. Every step's hash covers the one before, so that no line can be changed unseen.
"""

import contextlib
import hashlib
import os
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from importlib import resources
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import Any, Final

import msgspec
from msgspec import Struct

from proximity.model.units import Millis

FILE: Final = "journal.sqlite3"
SCHEMA: Final = "journal_schema.sql"
FORMAT: Final = 1
BUSY_WAIT_S: Final = 10.0
FIRST_HASH: Final = b"\0" * 32
READ_AHEAD: Final = 1000  # steps read at a time


class JournalFault(Exception):
    """The journal cannot be used; the message is one line: what, where, the mend."""


class Input(Struct, frozen=True, gc=False):
    """One message of a step, as it came; `refusal` is the reason it was not taken."""

    topic: str
    payload: bytes
    refusal: str | None = None


class Event(Struct, frozen=True, gc=False):
    """One transition as it is told; `topic` is where the state of its incident is retained."""

    incident: str
    seq: int
    body: bytes
    topic: str
    resolved: bool


class Letter(Struct, frozen=True, gc=False):
    """Something to publish until the broker confirms it; an empty payload clears a retained topic."""

    topic: str
    payload: bytes
    retain: bool
    number: int = 0  # its number in the outbox, once it is there


class Step(Struct, frozen=True):
    """One call of the engine: when, with what, and what came of it."""

    now_ms: Millis
    inputs: tuple[Input, ...]
    events: tuple[Event, ...] = ()


class Stored(Struct, frozen=True):
    """A step as it stands in the journal."""

    number: int
    now_ms: Millis
    hash: bytes
    inputs: tuple[Input, ...]
    bodies: tuple[bytes, ...]


class Tail(Struct, frozen=True):
    """The end of the chain; step 0 is before the first."""

    number: int = 0
    now_ms: Millis = -1
    hash: bytes = FIRST_HASH


def chained(before: bytes, number: int, now_ms: Millis, inputs: Iterable[Input], bodies: Sequence[bytes]) -> bytes:
    """The hash of a step: SHA-256 over the hash before it and all that it holds, as MessagePack."""
    content = (number, now_ms, [(given.topic, given.payload, given.refusal) for given in inputs], bodies)
    return hashlib.sha256(before + msgspec.msgpack.encode(content)).digest()


class Journal:
    """The journal of one service: written by one thread. JournalFault where it cannot be opened or written."""

    def __init__(self, path: Path, *, read_only: bool = False) -> None:
        self._path = path
        try:
            self._connection = _open(path, read_only=read_only)
            self.tail = self._read_tail()
        except (sqlite3.Error, OSError) as error:
            raise JournalFault(f"{path}: cannot be opened ({error}): is it a journal, may we write there?") from error

    def close(self) -> None:
        """Close it; again is harmless."""
        self._connection.close()

    def write(
        self,
        steps: Sequence[Step],
        letters: Sequence[Letter],
        *,
        confirmed: Iterable[int] = (),
        archived: Iterable[str] = (),
    ) -> list[Letter]:
        """One transaction, on disk when this returns; gives the letters with their numbers in the outbox.

        `confirmed` are numbers of letters that the broker has, `archived` incidents whose topics the letters clear.
        """
        tail = self.tail
        cursor = self._connection.cursor()
        try:
            cursor.execute("BEGIN IMMEDIATE")
            for step in steps:
                tail = _write_step(cursor, tail, step)
            numbered = [_write_letter(cursor, letter) for letter in letters]
            cursor.executemany("DELETE FROM outbox WHERE number = ?", [(number,) for number in confirmed])
            cursor.executemany("UPDATE incidents SET archived = 1 WHERE incident = ?", [(one,) for one in archived])
            cursor.execute("COMMIT")
        except sqlite3.Error as error:
            with contextlib.suppress(sqlite3.Error):
                cursor.execute("ROLLBACK")
            raise JournalFault(f"{self._path}: cannot be written ({error}): make room, then start again") from error
        self.tail = tail
        return numbered

    def unconfirmed(self, after: int, at_most: int) -> list[Letter]:
        """Letters that the broker has not confirmed, oldest first."""
        rows = self._read(
            "SELECT topic, payload, retain, number FROM outbox WHERE number > ? ORDER BY number LIMIT ?", after, at_most
        )
        return [Letter(topic, payload, bool(retain), number) for topic, payload, retain, number in rows]

    def count_unconfirmed(self) -> int:
        """How many letters the broker has not confirmed."""
        return int(self._read("SELECT count(*) FROM outbox")[0][0])

    def to_archive(self, resolved_before_ms: Millis, at_most: int) -> list[tuple[str, str]]:
        """Incidents (id, retained topic) that were resolved before that and are not archived."""
        return self._read(
            "SELECT incident, topic FROM incidents WHERE archived = 0 AND resolved_ms < ? ORDER BY resolved_ms LIMIT ?",
            resolved_before_ms,
            at_most,
        )

    def incidents(self) -> list[str]:
        """The ids of all incidents, sorted."""
        return [incident for (incident,) in self._read("SELECT incident FROM incidents ORDER BY incident")]

    def told_of(self, incident: str) -> list[tuple[Millis, bytes]]:
        """Every transition of an incident as it was told: when, and the event."""
        query = "SELECT now_ms, body FROM events JOIN steps USING (step) WHERE incident = ? ORDER BY seq"
        return self._read(query, incident)

    def hash_of(self, number: int) -> bytes | None:
        """The hash of a step; None where there is no such step."""
        if number == 0:
            return FIRST_HASH
        rows = self._read("SELECT hash FROM steps WHERE step = ?", number)
        return bytes(rows[0][0]) if rows else None

    def steps(self, after: int = 0) -> Iterator[Stored]:
        """The steps after one, oldest first. JournalFault at the first that does not match its hash."""
        before = self.hash_of(after)
        if before is None:
            raise JournalFault(f"{self._path}: step {after} is missing: restore the journal from a copy")
        number = after
        while block := self._read_block(number):
            for stored in block:
                if stored.number != number + 1 or stored.hash != chained(
                    before, stored.number, stored.now_ms, stored.inputs, stored.bodies
                ):
                    raise JournalFault(
                        f"{self._path}: step {number + 1} does not match its hash: "
                        "it was changed or is damaged: restore the journal from a copy"
                    )
                number, before = stored.number, stored.hash
                yield stored

    def _read_block(self, after: int) -> list[Stored]:
        span = (after, after + READ_AHEAD)
        try:
            run = self._connection.execute
            steps = run("SELECT step, now_ms, hash FROM steps WHERE step > ? AND step <= ? ORDER BY step", span)
            steps_read = steps.fetchall()
            inputs = run(
                "SELECT step, topic, payload, refusal FROM inputs WHERE step > ? AND step <= ? ORDER BY step, place",
                span,
            )
            inputs_of = {
                step: tuple(Input(topic, payload, refusal) for _, topic, payload, refusal in rows)
                for step, rows in groupby(inputs, itemgetter(0))
            }
            events = run("SELECT step, body FROM events WHERE step > ? AND step <= ? ORDER BY step, place", span)
            bodies_of = {step: tuple(body for _, body in rows) for step, rows in groupby(events, itemgetter(0))}
        except sqlite3.Error as error:
            raise self._unreadable(error) from error
        return [
            Stored(step, now_ms, hashed, inputs_of.get(step, ()), bodies_of.get(step, ()))
            for step, now_ms, hashed in steps_read
        ]

    def _read(self, query: str, *values: int | str) -> list[Any]:
        try:
            return self._connection.execute(query, values).fetchall()
        except sqlite3.Error as error:
            raise self._unreadable(error) from error

    def _unreadable(self, error: sqlite3.Error) -> JournalFault:
        return JournalFault(f"{self._path}: cannot be read ({error}): restore it from a copy")

    def _read_tail(self) -> Tail:
        row = self._connection.execute("SELECT step, now_ms, hash FROM steps ORDER BY step DESC LIMIT 1").fetchone()
        return Tail() if row is None else Tail(*row)


def _open(path: Path, *, read_only: bool) -> sqlite3.Connection:
    if read_only:
        if not os.path.isfile(path):  # noqa: PTH113 - Path.is_file raises where a name is too long or hidden from us
            raise JournalFault(f"{path}: there is no such journal: name the file journal.sqlite3 of a state folder")
        connection = sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True, isolation_level=None)
    else:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
        path.chmod(0o600)  # before SQLite makes its -wal and -shm, which get the same mode
        connection = sqlite3.connect(path, timeout=BUSY_WAIT_S, isolation_level=None)
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("PRAGMA wal_autocheckpoint = 0")  # checkpoint.py does it beside the writer
        _make_tables(connection)
    found = connection.execute("PRAGMA user_version").fetchone()[0]
    if found != FORMAT:
        raise JournalFault(f"{path}: is of format {found}, not {FORMAT}: open it with the version that wrote it")
    return connection


def _make_tables(connection: sqlite3.Connection) -> None:
    if connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()[0] == 0:
        schema = resources.files(__package__).joinpath(SCHEMA).read_text(encoding="utf-8")
        connection.executescript(f"BEGIN; {schema} PRAGMA user_version = {FORMAT}; COMMIT;")


def _write_step(cursor: sqlite3.Cursor, tail: Tail, step: Step) -> Tail:
    number = tail.number + 1
    hashed = chained(tail.hash, number, step.now_ms, step.inputs, [event.body for event in step.events])
    cursor.execute("INSERT INTO steps VALUES (?, ?, ?)", (number, step.now_ms, hashed))
    cursor.executemany(
        "INSERT INTO inputs VALUES (?, ?, ?, ?, ?)",
        [(number, place, given.topic, given.payload, given.refusal) for place, given in enumerate(step.inputs)],
    )
    if step.events:
        _write_events(cursor, number, step)
    return Tail(number, step.now_ms, hashed)


def _write_events(cursor: sqlite3.Cursor, number: int, step: Step) -> None:
    cursor.executemany(
        "INSERT INTO events VALUES (?, ?, ?, ?, ?)",
        [(number, place, event.incident, event.seq, event.body) for place, event in enumerate(step.events)],
    )
    cursor.executemany(
        "INSERT INTO incidents (incident, step, seq, topic, resolved_ms) VALUES (?, ?, ?, ?, ?)"
        " ON CONFLICT (incident) DO UPDATE SET step = excluded.step, seq = excluded.seq,"
        " resolved_ms = excluded.resolved_ms",
        [
            (event.incident, number, event.seq, event.topic, step.now_ms if event.resolved else None)
            for event in step.events
        ],
    )


def _write_letter(cursor: sqlite3.Cursor, letter: Letter) -> Letter:
    cursor.execute(
        "INSERT INTO outbox (topic, payload, retain) VALUES (?, ?, ?)", (letter.topic, letter.payload, letter.retain)
    )
    return msgspec.structs.replace(letter, number=cursor.lastrowid or 0)
