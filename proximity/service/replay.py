# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The victim-proximity monitor authors
"""Offline: a trace or a service's journal through the same pipeline, and every transition as a line."""

import gzip
import zlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import groupby
from pathlib import Path
from typing import BinaryIO, Final

from proximity.model.units import MILLIS_PER_SECOND, Millis
from proximity.service.journal import Input, Journal, Stored
from proximity.service.pipeline import PAYLOAD_KEPT_BYTES, Message, Pipeline, Told, outside
from proximity.wire.trace import TraceFault, TraceLine, parse_trace_line

LINE_MAX_BYTES: Final = 16 * 1024**2
GZIP_MAGIC: Final = b"\x1f\x8b"
ENGINE_FAULT: Final = "engine_fault"

Progress = Callable[[Millis], None]


class ReplayFault(Exception):
    """A trace that cannot be replayed; the message is one line: what, where, the mend."""


def replay_trace(
    lines: Iterable[bytes], name: str, first: Message, tail_s: int, progress: Progress | None = None,
    pipeline: Pipeline | None = None,
) -> Iterator[bytes]:  # fmt: skip
    """Every transition that a trace brings about, as a line; `first` is the revision of the orders it is judged by.

    It is played on `pipeline`, a new one where none is given: `progress`, called after every step with messages, may
    look at that. ReplayFault, naming the line, where one cannot be read or is older than the one before.
    """
    pipeline = Pipeline() if pipeline is None else pipeline
    last_ms: Millis | None = None
    for at_ms, group in groupby(_parsed(lines, name), key=lambda line: line.received_at_ms):
        messages = [Message(outside(line.topic), line.payload[:PAYLOAD_KEPT_BYTES]) for line in group]
        if last_ms is None:
            messages.insert(0, first)
        for told in pipeline.ticks(at_ms):
            yield from _lines(told)
        yield from _lines(pipeline.advance(messages, at_ms))
        last_ms = at_ms
        if progress is not None:
            progress(at_ms)
    if last_ms is not None:
        for told in pipeline.ticks(last_ms + tail_s * MILLIS_PER_SECOND + 1):
            yield from _lines(told)


def replay_journal(journal: Journal, progress: Progress | None = None) -> Iterator[bytes]:
    """Every transition that the inputs of a journal bring about, as a line. JournalFault where its chain is broken."""
    pipeline = Pipeline()
    for _, told in rerun(pipeline, journal, after=0):
        yield from _lines(told)
        if progress is not None:
            progress(told.step.now_ms)


def rerun(pipeline: Pipeline, journal: Journal, after: int) -> Iterator[tuple[Stored, Told]]:
    """Bring a pipeline, which stands after one step of the journal, to its end: each step, and what came of it."""
    for stored in journal.steps(after):
        pipeline.numbered = stored.number - 1  # where another version tells more or less, the numbers still hold
        ticked = list(pipeline.ticks(stored.now_ms if stored.inputs else stored.now_ms + 1))
        yield from ((stored, told) for told in ticked)
        if stored.inputs:
            pipeline.numbered = stored.number - 1
            yield stored, pipeline.advance(messages_of(stored.inputs), stored.now_ms)


def messages_of(inputs: Sequence[Input]) -> list[Message]:
    """The inputs of a stored step as they were given to the engine."""
    return [Message(given.topic, given.payload, given.refusal == ENGINE_FAULT) for given in inputs]


def open_trace(path: Path) -> BinaryIO:
    """A trace, gzipped or not. ReplayFault where it cannot be opened."""
    try:
        with path.open("rb") as file:
            zipped = file.read(len(GZIP_MAGIC)) == GZIP_MAGIC
        return gzip.open(path, "rb") if zipped else path.open("rb")  # type: ignore[return-value]
    except OSError as error:
        raise ReplayFault(f"{path}: cannot be read ({error.strerror}): name a trace of JSON lines") from error


def read_lines(file: BinaryIO, name: str) -> Iterator[bytes]:
    """The lines of a trace. ReplayFault where it cannot be read to its end, or a line has no end."""
    number = 0
    try:
        while line := file.readline(LINE_MAX_BYTES):
            number += 1
            if len(line) == LINE_MAX_BYTES:
                raise ReplayFault(f"{name}: line {number} is over {LINE_MAX_BYTES} bytes: write one input a line")
            yield line
    except (OSError, EOFError, zlib.error) as error:
        raise ReplayFault(f"{name}: cannot be read after line {number} ({error}): is it whole?") from error


def _parsed(lines: Iterable[bytes], name: str) -> Iterator[TraceLine]:
    last_ms: Millis | None = None
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            parsed = parse_trace_line(line)
        except TraceFault as error:
            raise ReplayFault(f"{name}: line {number}: {error}") from error
        if last_ms is not None and parsed.received_at_ms < last_ms:
            raise ReplayFault(f"{name}: line {number}: received_at is before the line before it: sort the trace")
        last_ms = parsed.received_at_ms
        yield parsed


def _lines(told: Told) -> Iterator[bytes]:
    for event in told.step.events:
        yield event.body + b"\n"
