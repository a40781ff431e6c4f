# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The victim-proximity monitor authors
"""A trace: what arrived, when and where, a JSON object a line (DESIGN 4.5)."""

from typing import Final

import msgspec
from msgspec import Struct

from proximity.model.units import Millis
from proximity.wire.instants import Instant, is_sane, to_ms
from proximity.wire.reading import UNREADABLE

_WANTED: Final = 'write {"received_at": ..., "topic": "...", "payload": {...}}'
_WANTED_TIME: Final = "write RFC 3339 with an offset, or integer epoch milliseconds, of the years 2000 to 2099"


class TraceFault(ValueError):
    """A line that is none of a trace; the message is one line: what, and the mend."""


class TraceLine(Struct, frozen=True):
    """One message as it arrived; the payload is the bytes that stand in the line."""

    received_at_ms: Millis
    topic: str
    payload: bytes


class _Line(Struct, frozen=True):
    received_at: Instant
    topic: str
    payload: msgspec.Raw


_decoder: Final = msgspec.json.Decoder(_Line)
_object_decoder: Final = msgspec.json.Decoder(dict[str, msgspec.Raw])


def parse_trace_line(line: bytes) -> TraceLine:
    """The message in a line. TraceFault where there is none."""
    try:
        read = _decoder.decode(line)
    except UNREADABLE:
        raise TraceFault(_why_not(line)) from None
    received_at_ms = to_ms(read.received_at)
    if not is_sane(received_at_ms):
        raise TraceFault(f"received_at is out of range: {_WANTED_TIME}")
    return TraceLine(received_at_ms, read.topic, bytes(read.payload))


def _why_not(line: bytes) -> str:
    try:
        fields = _object_decoder.decode(line)
    except UNREADABLE:
        return f"not a JSON object: {_WANTED}"
    for name in ("received_at", "topic", "payload"):
        if name not in fields:
            return f"no {name}: {_WANTED}"
    try:
        msgspec.json.decode(fields["topic"], type=str)
    except UNREADABLE:
        return f"topic is not a text: {_WANTED}"
    return f"received_at is no instant: {_WANTED_TIME}"
