# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The victim-proximity monitor authors
"""JSON from the world: bytes to values, or the reason why not. Nothing here raises, whatever the bytes."""

import re
from datetime import datetime
from functools import lru_cache
from typing import Final, NamedTuple, TypeVar, get_type_hints

import msgspec
from msgspec import Struct

from proximity.model.words import Refused

DEPTH_MAX: Final = 16
WHOLE: Final = "message"  # the detail where no field is to blame

# what a decoder of ours may raise over what the world sent
UNREADABLE: Final = (msgspec.MsgspecError, UnicodeDecodeError, RecursionError)

# A string, or what opens or closes. A string without an end runs to the end, so that no byte is looked at twice.
_NESTING: Final = re.compile(rb'"(?:[^"\\]++|\\.)*+"?|[\[{]|[\]}]', re.DOTALL)
# A string, or a number that is none, as Python, JavaScript and C write it.
_NOT_FINITE: Final = re.compile(rb'"(?:[^"\\]++|\\.)*+"?|-?\b(?:nan|inf(?:inity)?)\b', re.DOTALL | re.IGNORECASE)

T = TypeVar("T", bound=Struct)


class Fault(NamedTuple):
    """Why something cannot be taken, and the field that is to blame."""

    reason: Refused
    detail: str = WHOLE


def read_json(payload: bytes) -> object:
    """The value of a JSON text; a Fault where it is none, is too deep or has a number that is not finite."""
    fault = unsound(payload)
    if fault is not None:
        return fault
    try:
        return msgspec.json.decode(payload)
    except msgspec.ValidationError:  # without a type to hold against: a number beyond what a float can be
        return Fault(Refused.NOT_FINITE)
    except UNREADABLE:
        mended = with_finite(payload, b"0")
        return Fault(Refused.NOT_FINITE if mended is not None and _is_json(mended) else Refused.NOT_JSON)


def unsound(payload: bytes) -> Fault | None:
    """What is wrong with a payload before it is JSON: no UTF-8, or too deep."""
    try:
        payload.decode()
    except UnicodeDecodeError:
        return Fault(Refused.NOT_UTF8)
    return Fault(Refused.TOO_DEEP) if is_deep(payload) else None


def is_deep(payload: bytes) -> bool:
    """True where arrays and objects are nested deeper than DEPTH_MAX."""
    depth = 0
    for match in _NESTING.finditer(payload):
        mark = payload[match.start()]
        if mark in b"[{":
            depth += 1
            if depth > DEPTH_MAX:
                return True
        elif mark in b"]}":
            depth -= 1
    return False


def with_finite(payload: bytes, number: bytes) -> bytes | None:
    """The text with a number for every bare NaN and Infinity; None where there are none."""
    mended = _NOT_FINITE.sub(lambda match: match[0] if match[0].startswith(b'"') else number, payload)
    return mended if mended != payload else None


def shaped(value: object, shape: type[T]) -> T | Fault:
    """A JSON value as a message of that shape, or what is wrong with it."""
    if isinstance(value, Fault):
        return value
    if not isinstance(value, dict):
        return Fault(Refused.WRONG_TYPE)
    try:
        return msgspec.convert(value, shape)
    except UNREADABLE:
        return misfit(value, shape)


def misfit(value: dict[str, object], shape: type[Struct]) -> Fault:
    """Why an object is not of that shape: a wrong type before a missing field before a value out of range."""
    fields = msgspec.structs.fields(shape)
    given = {field.encode_name: value.get(field.encode_name) for field in fields}
    for name, bare in _bare_types(shape).items():
        fault = None if given[name] is None else _mistyped(given[name], bare, name)
        if fault is not None:
            return fault
    for field in fields:
        if field.required and given[field.encode_name] is None:
            return Fault(Refused.MISSING_FIELD, field.encode_name)
    for field in fields:
        try:
            msgspec.convert(given[field.encode_name], field.type | None)
        except UNREADABLE:
            return Fault(Refused.OUT_OF_RANGE, field.encode_name)
    return Fault(Refused.WRONG_TYPE)


@lru_cache
def _bare_types(shape: type[Struct]) -> dict[str, object]:
    """The fields by their names on the wire, with their types without bounds."""
    hints = get_type_hints(shape)
    return {field.encode_name: hints[field.name] for field in msgspec.structs.fields(shape)}


def _mistyped(value: object, bare: object, name: str) -> Fault | None:
    try:
        plain: object = msgspec.convert(value, bare)
    except UNREADABLE:
        # an integer whose type is right but that no float can hold
        huge = isinstance(value, int) and value.bit_length() > _FLOAT_BITS
        return Fault(Refused.NOT_FINITE if huge else Refused.WRONG_TYPE, name)
    if isinstance(plain, datetime) and plain.tzinfo is None:
        return Fault(Refused.WRONG_TYPE, name)
    return None


_FLOAT_BITS: Final = 1024  # an integer with more is beyond the largest float


def _is_json(payload: bytes) -> bool:
    try:
        msgspec.json.decode(payload)
    except UNREADABLE:
        return False
    return True
