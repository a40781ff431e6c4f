# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The victim-proximity monitor authors
"""The orders' folder, watched: a revision is taken when it is whole and at rest, or refused with its faults.

Names, sizes and times are polled: that costs a few microseconds a file, and works on every file system, which
notifications of the kernel do not.
"""

import os
import threading
import time
from pathlib import Path
from typing import Final, TypeAlias

import structlog

from proximity.model.units import Seconds
from proximity.service.logs import where_raised
from proximity.service.orders import Orders, read_folder
from proximity.settings.faults import Fault, without_places

LOOK_EVERY_S: Final[Seconds] = 0.5
SETTLED_AFTER_S: Final[Seconds] = 2.0  # without a change: who still writes is not interrupted
AGAIN_AFTER_S: Final[Seconds] = 10.0  # a refused folder is read again: a disk that failed shows nothing when it is back
FAULTS_TOLD: Final = 50
STOP_WAIT_S: Final[Seconds] = 1.0

Stamp: TypeAlias = tuple[str, int, int, int, int]  # name, file, size, when its content and when anything changed
Look: TypeAlias = tuple[Stamp, ...] | str  # why it cannot be looked at

log = structlog.get_logger("orders")


class OrdersWatch:
    """A folder of orders, looked at on a thread of its own; one other calls `take`. Nothing it logs tells a place."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="orders", daemon=True)
        self._revision = ""  # the last that was handed over
        self._ready: Orders | None = None
        self._refused: tuple[Fault, ...] = ()
        self._asked = False
        self._seen: Look = ""
        self._seen_at_s = 0.0
        self._unread = True
        self._again_at_s = 0.0

    @property
    def faults(self) -> int:
        """How many faults the revision in the folder has that is refused; 0 where none is."""
        return len(self._refused)

    def start(self, revision: str) -> None:
        """Begin; orders of this revision are no news."""
        self._revision = revision
        self._thread.start()

    def stop(self) -> None:
        """End."""
        self._stopping.set()
        if self._thread.is_alive():
            self._thread.join(STOP_WAIT_S)

    def ask(self) -> None:
        """Read the folder anew, as soon as it is at rest, and say what is found. A signal's handler may call it."""
        self._asked = True

    def take(self) -> Orders | None:
        """A revision without faults that is new since the last call."""
        ready, self._ready = self._ready, None
        return ready

    def _run(self) -> None:
        while not self._stopping.wait(LOOK_EVERY_S):
            try:
                self._look(time.monotonic())
            except Exception as error:  # noqa: BLE001 - whatever it is, a thread that ends would miss what follows
                log.error(  # noqa: TRY400 - a traceback's message may quote a place
                    "looking at the orders has failed", kind=type(error).__name__, where=where_raised(error)
                )

    def _look(self, now_s: Seconds) -> None:
        found = look_at(self._folder)
        if found != self._seen:
            self._seen, self._seen_at_s, self._unread = found, now_s, True
            return
        asked = self._asked
        due = asked or self._unread or (self._refused and now_s >= self._again_at_s)
        if not due or now_s - self._seen_at_s < SETTLED_AFTER_S:
            return
        orders, faults = read_folder(self._folder)
        if look_at(self._folder) != found:
            return  # it changed while it was read: the next look sees that
        told = asked or self._unread
        self._unread = False
        self._asked = self._asked and not asked
        if orders is None:
            self._again_at_s = now_s + AGAIN_AFTER_S
            self._refuse(faults, told=told)
        else:
            self._accept(orders, asked=asked)

    def _refuse(self, faults: tuple[Fault, ...], *, told: bool) -> None:
        if not told and faults == self._refused:
            return
        self._refused = faults
        for fault in map(without_places, faults[:FAULTS_TOLD]):
            log.error("a fault in the orders", file=fault.file, path=fault.path, value=fault.value, mend=fault.mend)
        log.error(
            "the new orders are refused: those before stay in force: `proximity check` says every fault in full",
            folder=str(self._folder),
            faults=len(faults),
        )

    def _accept(self, orders: Orders, *, asked: bool) -> None:
        mended = bool(self._refused)
        self._refused = ()
        if orders.book.revision != self._revision:
            self._revision = orders.book.revision
            self._ready = orders
        elif mended or asked:
            log.info("the orders in the folder are those that were taken before", revision=self._revision)


def look_at(folder: Path) -> Look:
    """What tells whether anything in the folder has changed; its hidden files and folders are passed over."""
    try:
        stamps = [
            _stamp(Path(where) / name)
            for where, folders, files in os.walk(folder, topdown=True, onerror=_raise)
            for name in _shown(folders) + files
            if not name.startswith(".")
        ]
    except OSError as error:
        return str(error.errno)
    return tuple(sorted(stamps))


def _shown(folders: list[str]) -> list[str]:
    """The folders that are walked into: editors and version control keep theirs hidden."""
    folders[:] = [name for name in folders if not name.startswith(".")]
    return folders


def _stamp(path: Path) -> Stamp:
    """Of what a link leads to: whoever puts a whole folder in place by one link changes that."""
    try:
        found = path.stat()
    except OSError as error:
        return str(path), 0, -1, 0, error.errno or 0
    return str(path), found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns


def _raise(error: OSError) -> None:
    raise error
