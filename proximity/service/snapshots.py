# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The victim-proximity monitor authors
"""Snapshots of the engine's state, so that a restart need not replay the whole journal. They may be deleted."""

import contextlib
import hashlib
import threading
from pathlib import Path
from typing import Final

import msgspec
import structlog
from msgspec import Struct

from proximity import __version__
from proximity.engine.snapshot import SnapshotFault, pack, unpack
from proximity.engine.state import State
from proximity.model.units import Millis
from proximity.service.credentials import replace_file
from proximity.service.journal import Journal, Tail
from proximity.service.pipeline import Naming, Pipeline

FILE: Final = "snapshot.bin"
DIGEST_BYTES: Final = 32

log = structlog.get_logger("snapshots")


class Snapshot(Struct, frozen=True, array_like=True):
    """A state, and after which step of which journal it stands."""

    version: str
    step: int
    hash: bytes
    due_ms: Millis
    naming: Naming | None
    state: bytes


def write_snapshot(path: Path, pipeline: Pipeline, tail: Tail) -> threading.Thread:
    """Pack the state now, and write it beside the engine; the thread ends when it is on disk."""
    snapshot = Snapshot(__version__, tail.number, tail.hash, pipeline.due_ms, pipeline.naming, pack(pipeline.state))
    thread = threading.Thread(target=_write, args=(path, snapshot), name="snapshot", daemon=True)
    thread.start()
    return thread


def _write(path: Path, snapshot: Snapshot) -> None:
    content = msgspec.msgpack.encode(snapshot)
    try:
        replace_file(path, hashlib.sha256(content).digest() + content)
    except OSError as error:
        log.warning("no snapshot: the next start takes longer", file=str(path), error=str(error))


def load_pipeline(path: Path, journal: Journal) -> tuple[Pipeline, int]:
    """The pipeline as the snapshot has it, and the step it stands after; a new one where none can be trusted."""
    snapshot = _read(path)
    if snapshot is None or journal.hash_of(snapshot.step) != snapshot.hash:
        return Pipeline(), 0
    try:
        state: State = unpack(snapshot.state)
    except SnapshotFault as error:
        log.warning("snapshot not used: the journal is replayed", reason=str(error))
        return Pipeline(), 0
    return Pipeline(state, snapshot.due_ms, snapshot.naming, snapshot.step), snapshot.step


def _read(path: Path) -> Snapshot | None:
    """The snapshot of this version; None where it is absent, damaged or another version's."""
    with contextlib.suppress(FileNotFoundError, msgspec.DecodeError):
        content = path.read_bytes()
        if hashlib.sha256(content[DIGEST_BYTES:]).digest() == content[:DIGEST_BYTES]:
            snapshot = msgspec.msgpack.decode(content[DIGEST_BYTES:], type=Snapshot)
            return snapshot if snapshot.version == __version__ else None
        log.warning("snapshot damaged: the journal is replayed", file=str(path))
    return None
