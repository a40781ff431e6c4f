# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The victim-proximity monitor authors
"""Instants on the wire: RFC 3339 with an offset, or integer epoch milliseconds."""

from datetime import UTC, datetime, timedelta
from math import isfinite
from typing import Annotated, Final, TypeAlias

from msgspec import Meta

from proximity.model.units import Millis, Seconds

EARLIEST_MS: Final = 946_684_800_000  # 2000-01-01: a receiver that reports earlier has lost count of its weeks
END_MS: Final = 4_102_444_800_000  # 2100-01-01
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND: Final = timedelta(milliseconds=1)

Instant: TypeAlias = Annotated[datetime, Meta(tz=True)] | Annotated[int, Meta(ge=EARLIEST_MS, lt=END_MS)]


def to_ms(instant: datetime | int) -> Millis:
    """Epoch milliseconds, what is finer cut off. A datetime must have an offset."""
    return instant if isinstance(instant, int) else (instant - _EPOCH) // _MILLISECOND


def is_sane(at_ms: Millis) -> bool:
    """True for an instant that a device of ours can mean."""
    return EARLIEST_MS <= at_ms < END_MS


def utc_text(at_ms: Millis) -> str:
    """RFC 3339 in UTC with milliseconds: 2024-06-08T17:47:02.000Z. OverflowError beyond the years 1 to 9999."""
    at = _EPOCH + at_ms * _MILLISECOND
    return at.replace(tzinfo=None).isoformat(timespec="milliseconds") + "Z"


def utc_second(at_ms: Millis) -> str:
    """The same without what is finer than a second: 2024-06-08T17:47:02Z."""
    return utc_text(at_ms).partition(".")[0] + "Z"


def whole_seconds(age_s: Seconds | None) -> int | None:
    """An age in full seconds; a fix from ahead of us is 0 old. None where it is not known."""
    return None if age_s is None or not isfinite(age_s) else max(0, int(age_s))
