# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The victim-proximity monitor authors
"""A fault in a file: where it stands, what stands there, and what to write instead."""

import datetime as dt
import difflib
import re
from collections.abc import Iterable
from typing import Final

from msgspec import Struct

SHOWN_CHARACTERS: Final = 80
SECRET_WORDS: Final = ("password", "secret", "token", "credential", "passphrase", "key")
USER_PATTERN: Final = re.compile(r"//.*@")  # the name and password that some write into an address
NUMBER_PATTERN: Final = re.compile(r"\d+(?:\.\d+)?")
# Keys whose values and mends are never a place, even where they are wrong.
PLACELESS_KEYS: Final = frozenset(
    {
        *("limit_m", "warning_m", "emergency_m", "reaction_s", "interval_s", "rest_interval_s", "valid_from"),
        *("valid_until", "wearers", "protected", "devices", "applies_to", "kind", "region", "supervisor"),
    }
)
DIGITS_SHOWN_BITS: Final = 128  # Python refuses to print whole numbers of thousands of digits


class Fault(Struct, frozen=True):
    """One fault. `value` and `mend` may tell where a zone is: they are for who keeps the orders.

    A log gets `where`, or what `without_places` leaves.
    """

    file: str
    path: str  # such as orders["rtm-1"].zones["home"].circle.radius_m
    value: str  # at most 80 characters
    mend: str  # what is wrong, and what to write instead

    @property
    def where(self) -> str:
        """File and path alone: fit for a log, for no coordinates stand in it."""
        return f"{one_line(self.file)}: {one_line(self.path)}"

    @property
    def line(self) -> str:
        """The whole fault on one line."""
        return f"{self.where}: got {one_line(self.value)}: {one_line(self.mend)}"


def without_places(fault: Fault) -> Fault:
    """The fault, fit for a log: unless its key can tell no place, every number in value and mend is a #."""
    plain = fault.path.rpartition(".")[2] in PLACELESS_KEYS
    value, mend = (text if plain else NUMBER_PATTERN.sub("#", text) for text in (fault.value, fault.mend))
    return Fault(one_line(fault.file), one_line(fault.path), one_line(value), one_line(mend))


def one_line(text: str) -> str:
    """The text with every character escaped that does not print on one line."""
    return text if text.isprintable() else "".join(c if c.isprintable() else ascii(c)[1:-1] for c in text)


def cut(text: str) -> str:
    """The text on one line, at most 80 characters of it."""
    line = one_line(text[: SHOWN_CHARACTERS + 1])
    return line if len(line) <= SHOWN_CHARACTERS else line[: SHOWN_CHARACTERS - 3] + "..."


def shown(value: object) -> str:
    """A value as its writer would know it again, at most 80 characters; tables and arrays by what they hold."""
    match value:
        case None:
            text = "nothing"
        case bool():
            text = "true" if value else "false"
        case str():
            text = f'"{USER_PATTERN.sub("//(not shown)@", value)[: SHOWN_CHARACTERS + 1]}"'
        case int() if value.bit_length() > DIGITS_SHOWN_BITS:
            text = f"a whole number of {value.bit_length()} bits"
        case int() | float():
            text = repr(value)
        case dt.date() | dt.time():
            text = value.isoformat()
        case dict():
            text = f"a table with {', '.join(map(str, value)) or 'nothing in it'}"
        case list():
            text = f"an array of {len(value)}" if value else "an empty array"
        case _:
            text = type(value).__name__
    return cut(text)


def hidden(key: str, value: object) -> str:
    """`shown`, but not what may be a secret."""
    secret = any(word in key.lower() for word in SECRET_WORDS) and not key.endswith("_file")
    return "(not shown)" if secret else shown(value)


def listed(names: Iterable[str], at_most: int = 10) -> str:
    """Names for a mend: sorted, with commas; where there are more than `at_most`, how many more."""
    ordered = sorted(names)
    more = f" and {len(ordered) - at_most} more" if len(ordered) > at_most else ""
    return ", ".join(cut(name) for name in ordered[:at_most]) + more


def nearest(word: str, known: Iterable[str]) -> str | None:
    """The known word that was probably meant."""
    return next(iter(difflib.get_close_matches(word[:SHOWN_CHARACTERS], sorted(known), n=1)), None)
