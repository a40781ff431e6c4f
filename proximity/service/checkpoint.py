# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The victim-proximity monitor authors
"""Keeps the journal's write-ahead log short, beside the writer."""

import contextlib
import sqlite3
import threading
from pathlib import Path
from typing import Final

import structlog

from proximity.model.units import Seconds

EVERY_S: Final[Seconds] = 1.0
BUSY_WAIT_S: Final[Seconds] = 0.1  # where others read the journal for long: the writer waits with us
LOG_LARGE_BYTES: Final = 32 * 1024**2

log = structlog.get_logger("checkpoint")


def checkpoint(path: Path) -> None:
    """Copy what is on disk in the write-ahead log into the journal itself, on a connection of its own.

    The writer goes on meanwhile; only where the log has grown large does it wait for the last pages, for a moment.
    """
    with contextlib.closing(sqlite3.connect(path, timeout=BUSY_WAIT_S, isolation_level=None)) as connection:
        connection.execute("PRAGMA wal_checkpoint(PASSIVE)")
        write_ahead = path.with_name(f"{path.name}-wal")
        if write_ahead.exists() and write_ahead.stat().st_size > LOG_LARGE_BYTES:
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")


class Checkpointer:
    """Does it every second, on a thread of its own."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="checkpoint", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> None:
        """End, after the checkpoint under way."""
        self._stopping.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._stopping.wait(EVERY_S):
            try:
                checkpoint(self._path)
            except (sqlite3.Error, OSError) as error:  # the next one catches up; a full disk stops the writer itself
                log.warning("no checkpoint", error=str(error))
