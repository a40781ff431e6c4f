# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The victim-proximity monitor authors
"""A device's fixes, and the messages that carry them (DESIGN 4.2)."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Final

import msgspec
from msgspec import Struct

from proximity.model.units import MILLIS_PER_SECOND, Degrees, Metres, MetresPerSecond, Millis

FIXES_MAX: Final = 500  # in one message
PAYLOAD_BYTES_MAX: Final = 60_000  # the contract says 64 KiB

_encoder: Final = msgspec.json.Encoder()


class DeviceFix(Struct, frozen=True):
    """One fix as the device knows it; None where it does not say."""

    fixed_at_ms: Millis
    lat_deg: Degrees
    lon_deg: Degrees
    accuracy_m: Metres | None = None
    speed_mps: MetresPerSecond | None = None
    course_deg: Degrees | None = None
    seq: int | None = None
    source: str = "gnss"
    battery_pct: int | None = None


class Payload(Struct, omit_defaults=True):
    """The fix on the wire."""

    fixed_at: str
    lat: float
    lon: float
    accuracy_m: float | None = None
    speed_mps: float | None = None
    course_deg: float | None = None
    source: str = msgspec.field(default_factory=lambda: "gnss")  # a factory: always written
    seq: int | None = None
    battery_pct: int | None = None


def utc_text(at_ms: Millis) -> str:
    """RFC 3339 in UTC, with milliseconds only where there are any."""
    spec = "milliseconds" if at_ms % MILLIS_PER_SECOND else "seconds"
    return datetime.fromtimestamp(at_ms / MILLIS_PER_SECOND, UTC).isoformat(timespec=spec).replace("+00:00", "Z")


def utc_ms(text: str) -> Millis:
    """Epoch milliseconds of an RFC 3339 instant; ValueError where it is none or has no offset."""
    at = datetime.fromisoformat(text)
    if at.tzinfo is None:
        raise ValueError(f"{text!r} has no offset: end it with Z")
    return round(at.timestamp() * MILLIS_PER_SECOND)


def payload(fix: DeviceFix) -> Payload:
    """The fix as the contract writes it."""
    return Payload(
        fixed_at=utc_text(fix.fixed_at_ms),
        lat=fix.lat_deg,
        lon=fix.lon_deg,
        accuracy_m=fix.accuracy_m,
        speed_mps=fix.speed_mps,
        course_deg=fix.course_deg,
        source=fix.source,
        seq=fix.seq,
        battery_pct=fix.battery_pct,
    )


def messages(fixes: Sequence[DeviceFix]) -> Iterator[tuple[int, bytes]]:
    """Pack fixes, in order, into as few messages as the limits allow: how many are in it, and its bytes.

    One fix goes by itself, as a device sends it; more go as an array, as a device sends what it has stored.
    """
    if len(fixes) == 1:
        yield 1, _encoder.encode(payload(fixes[0]))
        return
    parts: list[bytes] = []
    size = 1
    for part in (_encoder.encode(payload(fix)) for fix in fixes):
        if parts and (len(parts) == FIXES_MAX or size + len(part) + 1 > PAYLOAD_BYTES_MAX):
            yield len(parts), b"[" + b",".join(parts) + b"]"
            parts, size = [], 1
        parts.append(part)
        size += len(part) + 1
    if parts:
        yield len(parts), b"[" + b",".join(parts) + b"]"
