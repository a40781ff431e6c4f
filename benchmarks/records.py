# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The victim-proximity monitor authors
"""What the bench's processes tell one another, as JSON in files of the bench's folder."""

from pathlib import Path
from typing import TypeAlias

import msgspec
from msgspec import Struct

from benchmarks.plan import Plan


class Connection(Struct, frozen=True):
    """Where a broker is and as whom to connect; an empty user name connects as no one."""

    host: str
    port: int
    username: str = ""
    password: str = ""


class LoadOrder(Struct, frozen=True):
    """What one load process is to do; `start_at_s` is a wall clock time (epoch seconds)."""

    plan: Plan
    process: int
    connection: Connection
    start_at_s: float


class LoadReport(Struct, frozen=True):
    """What one load process did; `crossings` says by order when its crossing fix was sent (epoch ms)."""

    sent: int
    acknowledged: int
    lag_max_ms: float  # how far it fell behind its own timetable
    cpu_s: float
    crossings: dict[str, float]


class Heartbeat(Struct, frozen=True, tag="heartbeat"):
    """A consumer's count of the fixes it has taken, as the watcher received it."""

    at_ms: float
    now_ms: int
    accepted: int
    refused: int
    queued: int = 0


class Arrival(Struct, frozen=True, tag="alert"):
    """An alert, when it reached the supervisor's client."""

    at_ms: float
    order: str
    about: str  # separation, zone, device, ...


Seen: TypeAlias = Heartbeat | Arrival


def write(path: Path, value: Struct) -> None:
    """Write one value, whole or not at all."""
    part = path.with_suffix(".part")
    part.write_bytes(msgspec.json.encode(value))
    part.rename(path)


def read_seen(path: Path) -> list[Seen]:
    """What the watcher has written so far, whole lines only; empty where it has not begun."""
    if not path.exists():
        return []
    whole, _, _ = path.read_bytes().rpartition(b"\n")
    decoder = msgspec.json.Decoder(Seen)
    return [decoder.decode(line) for line in whole.splitlines()]
