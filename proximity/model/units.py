# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The victim-proximity monitor authors
"""Units as types. They are aliases: a reader sees the unit, arithmetic stays plain."""

from typing import Final, TypeAlias

Metres: TypeAlias = float
Seconds: TypeAlias = float
MetresPerSecond: TypeAlias = float
Degrees: TypeAlias = float
EarthCentred: TypeAlias = tuple[float, float, float]  # x, y, z in metres
Millis: TypeAlias = int  # epoch milliseconds UTC, or a span of them

MILLIS_PER_SECOND: Final = 1000
DAY_MS: Final = 86_400_000
