# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The victim-proximity monitor authors
"""The only look into the engine's state that the swarm takes: change it here when the state changes."""

import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Final, NamedTuple
from zlib import crc32

import numpy as np
from msgspec import Struct

from proximity.model.units import Millis
from proximity.service.journal import Journal
from proximity.service.pipeline import Pipeline
from proximity.service.snapshots import load_pipeline, write_snapshot

COMPILED: Final = frozenset({"world", "judging", "numbers", "columns", "subjects", "boundaries_ms"})  # from the orders
COUNTS: Final = "counts"


class Size(NamedTuple):
    """How much the engine keeps besides what it compiled from the orders."""

    array_bytes: int = 0
    items: int = 0  # in dicts, lists, tuples and sets

    def plus(self, other: "Size") -> "Size":
        """Both together."""
        return Size(self.array_bytes + other.array_bytes, self.items + other.items)


def accepted(pipeline: Pipeline) -> int:
    """How many fixes have passed the gate."""
    return pipeline.state.counts.accepted


def refused(pipeline: Pipeline) -> int:
    """How many refusals have been counted."""
    return sum(pipeline.state.counts.refused.values())


def newest_ms(pipeline: Pipeline) -> Mapping[str, Millis]:
    """Until when each party has been heard, as the judgement takes it."""
    parties = pipeline.state.world.book.parties
    return {party.id: int(at_ms) for party, at_ms in zip(parties, pipeline.state.parties.heard_ms, strict=True)}


def judged(pipeline: Pipeline, order: str) -> bool:
    """Whether the link of an order has been judged."""
    return any(
        bool(flag)
        for subject, flag in zip(pipeline.state.subjects, pipeline.state.rows.judged, strict=True)
        if subject.order.id == order
    )


def size(pipeline: Pipeline) -> Size:
    """All that the state holds, whatever it is made of."""
    total = Size()
    for name, value in vars(pipeline.state).items():
        if name not in COMPILED:
            total = total.plus(_size_of(value))
    return total


def _size_of(value: object) -> Size:
    if isinstance(value, np.ndarray):
        return Size(value.nbytes, 1)
    if isinstance(value, dict):
        parts: list[object] = [*value.keys(), *value.values()]
    elif isinstance(value, list | tuple | set | frozenset):
        parts = list(value)
    elif isinstance(value, str | int | float | None):  # enumerations too
        return Size(0, 1)
    elif hasattr(value, "__dict__"):
        parts = list(vars(value).values())
    elif hasattr(value, "__struct_fields__"):
        parts = [getattr(value, name) for name in value.__struct_fields__]
    else:
        return Size(0, 1)
    total = Size()
    for part in parts:
        total = total.plus(_size_of(part))
    return total


def digest(pipeline: Pipeline) -> int:
    """A number for all that the state holds but what it has counted: equal states give equal ones."""
    found = 0
    for name, value in sorted(vars(pipeline.state).items()):
        if name in COMPILED or name == COUNTS:
            continue
        if isinstance(value, dict):  # its order means nothing
            found = crc32(repr(sorted(value.items(), key=repr)).encode(), found)
            continue
        if value is None or isinstance(value, Struct | bytes):
            found = crc32(repr(value).encode(), found)
            continue
        for column in value if isinstance(value, tuple) else (value,):
            found = crc32(np.asarray(column).tobytes(), found)
    return found


def restarted(pipeline: Pipeline) -> Pipeline:
    """The engine after a restart of the service: its snapshot written to disk and read again, as the service does."""
    with tempfile.TemporaryDirectory(prefix="proximity-swarm-") as folder:
        journal = Journal(Path(folder) / "journal.sqlite")
        snapshot = Path(folder) / "snapshot.bin"
        write_snapshot(snapshot, pipeline, journal.tail).join()
        loaded, _ = load_pipeline(snapshot, journal)
        journal.close()
    loaded.numbered = pipeline.numbered
    return loaded
