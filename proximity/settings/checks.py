# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The victim-proximity monitor authors
"""What a value must be: each check gives the value in its type, or says what is wrong with it and the mend."""

import datetime as dt
import math
import re
from collections.abc import Callable
from enum import StrEnum
from typing import Final, TypeAlias, TypeVar

from msgspec import Struct

from proximity.model.units import Millis
from proximity.settings.faults import cut, listed, nearest

T = TypeVar("T")
Word = TypeVar("Word", bound=StrEnum)


class Wrong(Struct, frozen=True):
    """Why a value is not taken, and what to write instead."""

    mend: str


Check: TypeAlias = Callable[[object], T | Wrong]


class Range(Struct, frozen=True):
    """The sane values of a number, both ends included."""

    lowest: float
    highest: float
    unit: str = ""

    @property
    def text(self) -> str:
        """Such as `from 1 to 50,000 metres`."""
        unit = f" {self.unit}" if self.unit else ""
        return f"from {self.lowest:,.10g} to {self.highest:,.10g}{unit}"


ID_PATTERN: Final = re.compile(r"[a-z0-9-]{1,64}")
ID_MEND: Final = "an id is 1 to 64 of a-z, 0-9 and -: it stands in topics"
EPOCH: Final = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
YEARS: Final = range(2000, 2201)


def finite_number(raw: object) -> float | None:
    """The number, or None where it is none, not finite, or beyond what a float holds."""
    if isinstance(raw, bool) or not isinstance(raw, int | float):
        return None
    if isinstance(raw, int) and raw.bit_length() > 1000:  # noqa: PLR2004 - a float ends at 2 ** 1024
        return None
    return float(raw) if math.isfinite(raw) else None


def number(within: Range) -> Check[float]:
    """A finite number in a range."""

    def check(raw: object) -> float | Wrong:
        value = finite_number(raw)
        if value is None or not within.lowest <= value <= within.highest:
            return Wrong(f"write a number {within.text}")
        return value

    return check


def whole(within: Range) -> Check[int]:
    """A whole number in a range."""

    def check(raw: object) -> int | Wrong:
        if isinstance(raw, bool) or not isinstance(raw, int) or not within.lowest <= raw <= within.highest:
            return Wrong(f"write a whole number {within.text}")
        return raw

    return check


def text(pattern: re.Pattern[str], mend: str) -> Check[str]:
    """A string that the whole pattern matches."""

    def check(raw: object) -> str | Wrong:
        return raw if isinstance(raw, str) and pattern.fullmatch(raw) else Wrong(mend)

    return check


identifier: Final[Check[str]] = text(ID_PATTERN, ID_MEND)


def choice(words: type[Word]) -> Check[Word]:
    """One of the words of an enumeration."""

    def check(raw: object) -> Word | Wrong:
        for word in words:
            if raw == word.value:
                return word
        meant = nearest(raw, [word.value for word in words]) if isinstance(raw, str) else None
        hint = f'; did you mean "{meant}"?' if meant else ""
        return Wrong(f"write one of {', '.join(chr(34) + word.value + chr(34) for word in words)}{hint}")

    return check


def identifiers(within: Range) -> Check[tuple[str, ...]]:
    """An array of distinct ids, sorted."""

    def check(raw: object) -> tuple[str, ...] | Wrong:
        example = 'such as ["w-17"]'
        if not isinstance(raw, list) or not all(isinstance(entry, str) for entry in raw):
            return Wrong(f"write an array of ids, {example}")
        if not within.lowest <= len(raw) <= within.highest:
            return Wrong(f"write {within.text}, {example}")
        for entry in raw:
            if not ID_PATTERN.fullmatch(entry):
                return Wrong(f'"{cut(entry)}" is not an id: {ID_MEND}')
        twice = {entry for entry in raw if raw.count(entry) > 1}
        return Wrong(f"{listed(twice)} stands there twice: write it once") if twice else tuple(sorted(raw))

    return check


def instant(raw: object) -> Millis | Wrong:
    """A date-time with an offset, as epoch milliseconds."""
    example = "such as 2026-06-01T00:00:00+02:00"
    if isinstance(raw, str):
        return Wrong(f"this is a string: write a date-time without quotes, {example}")
    if not isinstance(raw, dt.datetime):
        return Wrong(f"write a date-time with its offset, {example}")
    if raw.tzinfo is None:
        return Wrong(f"a time without an offset is a different instant in winter and summer: add it, {example}")
    if raw.year not in YEARS:
        return Wrong(f"the year must be from {YEARS[0]} to {YEARS[-1]}")
    return (raw - EPOCH) // dt.timedelta(milliseconds=1)
