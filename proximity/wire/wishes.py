# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The victim-proximity monitor authors
"""The wanted reporting interval on `proximity/v1/devices/{device}/config`."""

import msgspec

from proximity.model.units import MILLIS_PER_SECOND, Millis
from proximity.model.wishes import Wish


def encode_wish(wish: Wish) -> bytes:
    """`{"interval_s": 15, "rest_interval_s": 15}`; nothing, which clears a retained topic, where nothing is asked."""
    if wish.interval_ms == 0:
        return b""
    return msgspec.json.encode(
        {"interval_s": _seconds(wish.interval_ms), "rest_interval_s": _seconds(wish.rest_interval_ms)}
    )


def _seconds(interval_ms: Millis) -> int | float:
    """Seconds, as a whole number where they are one."""
    whole, rest_ms = divmod(interval_ms, MILLIS_PER_SECOND)
    return interval_ms / MILLIS_PER_SECOND if rest_ms else whole
