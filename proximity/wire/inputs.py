# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The victim-proximity monitor authors
"""A message as the engine's inputs. Whatever the bytes, nothing raises: what is not taken is a Refusal with a reason.

Of OwnTracks, `location` is a fix and `lwt`, the app's last will, is a status: offline (its `tst` is when the app
connected, so when it went is not known). All other types are refused: they are no fixes, and the app can be set not
to send them.
"""

from collections.abc import Mapping
from math import nan
from operator import attrgetter
from typing import Final

import msgspec

from proximity.model.inputs import Acknowledgement, Fix, Input, Refit, Refusal, Resolution, Status
from proximity.model.judging import DefaultAccuracy
from proximity.model.units import MILLIS_PER_SECOND
from proximity.model.words import Refused, Source, StatusEvent
from proximity.wire.instants import is_sane, to_ms
from proximity.wire.reading import UNREADABLE, WHOLE, Fault, read_json, shaped, unsound, with_finite
from proximity.wire.shapes import (
    KMH_PER_MPS,
    CommandMessage,
    DeviceCommand,
    FixMessage,
    IncidentCommand,
    LocationMessage,
    StatusMessage,
    TypedMessage,
)
from proximity.wire.topics import Address, Form, address_of

PAYLOAD_MAX_BYTES: Final = 65_536
FIXES_MAX: Final = 500  # in one message
_FULL_PCT: Final = 100

_fix_decoder: Final = msgspec.json.Decoder(FixMessage)
_array_decoder: Final = msgspec.json.Decoder(list[msgspec.Raw])
_SPACE: Final = b" \t\r\n"
_BEYOND_FLOAT: Final = b"1e999"  # JSON, but a number that no decoder takes: stands in for a bare NaN
_ACCURACY_OF: Final = {
    Source.GNSS: attrgetter("gnss_m"),
    Source.WIFI: attrgetter("wifi_m"),
    Source.CELL: attrgetter("cell_m"),
    Source.BEACON: attrgetter("beacon_m"),
    None: attrgetter("unknown_m"),
}


def decode(
    topic: str, payload: bytes, place: int, defaults: DefaultAccuracy, owntracks: Mapping[str, str]
) -> list[Input]:
    """The inputs of one message that arrived as number `place` of its step. Never raises.

    `owntracks` gives the device of "user/device". Whether a device is known otherwise is for the engine to say.
    """
    address = address_of(topic)
    if address is None:
        return [Refusal(Refused.UNKNOWN_TOPIC, "", "topic", place)]
    device = address.device
    if address.form is Form.OWNTRACKS:
        device = owntracks.get(address.phone, "")
    if len(payload) > PAYLOAD_MAX_BYTES:
        return [Refusal(Refused.TOO_LARGE, device, WHOLE, place)]
    if address.form is Form.FIX:
        if payload.lstrip(_SPACE).startswith(b"["):
            return _fixes(payload, device, place, defaults)
        taken: Input | Fault = _fix(payload, device, place, defaults)
    else:
        taken = _other(address, payload, device, place, defaults)
    return [_refusal(taken, device, place) if isinstance(taken, Fault) else taken]


def _refusal(fault: Fault, device: str, place: int, where: str = "") -> Refusal:
    detail = where if where and fault.detail == WHOLE else f"{where}.{fault.detail}" if where else fault.detail
    return Refusal(fault.reason, device, detail, place)


def _fix(
    payload: bytes, device: str, place: int, defaults: DefaultAccuracy, *, trusted: bool = True
) -> Fix | Fault:  # fmt: skip
    # Nearly every message is one flat object in plain ASCII: it cannot be too deep nor bad UTF-8, so it is decoded at
    # once. Whatever fails is looked at again, slowly, for the reason.
    if trusted:
        flat = payload.isascii() and payload.rfind(b"{") == 0 and b"[" not in payload
        fault = None if flat else unsound(payload)
        if fault:
            return fault
        try:
            return _to_fix(_fix_decoder.decode(payload), device, place, defaults)
        except UNREADABLE:
            pass
    message = shaped(read_json(payload), FixMessage)
    return message if isinstance(message, Fault) else _to_fix(message, device, place, defaults)


def _to_fix(message: FixMessage, device: str, place: int, defaults: DefaultAccuracy) -> Fix | Fault:
    fixed_at_ms = to_ms(message.fixed_at)
    if not is_sane(fixed_at_ms):
        return Fault(Refused.OUT_OF_RANGE, "fixed_at")
    return Fix(
        device,
        fixed_at_ms,
        message.lat,
        message.lon,
        _ACCURACY_OF[message.source](defaults) if message.accuracy_m is None else message.accuracy_m,
        nan if message.speed_mps is None else message.speed_mps,
        nan if message.course_deg is None else message.course_deg,
        -1 if message.seq is None else message.seq,
        place,
        _percentage(message.battery_pct),
    )


def _percentage(value: object) -> float:
    """What is left in a battery; NaN where that is not said: OwnTracks writes -1, others what they like."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return nan
    return float(value) if 0 <= value <= _FULL_PCT else nan


def _fixes(payload: bytes, device: str, place: int, defaults: DefaultAccuracy) -> list[Input]:
    """The fixes of an array; what is wrong with one of them costs the others nothing."""
    elements, trusted = _split(payload)
    if isinstance(elements, Fault):
        return [_refusal(elements, device, place)]
    if not elements:
        return [Refusal(Refused.EMPTY, device, WHOLE, place)]
    if len(elements) > FIXES_MAX:
        return [Refusal(Refused.TOO_MANY, device, WHOLE, place)]
    inputs: list[Input] = []
    for number, element in enumerate(elements):
        taken = _fix(bytes(element), device, place, defaults, trusted=trusted)
        inputs.append(_refusal(taken, device, place, f"[{number}]") if isinstance(taken, Fault) else taken)
    return inputs


def _split(payload: bytes) -> tuple[list[msgspec.Raw] | Fault, bool]:
    """The elements of an array as they stand; False where they must be read with care: one has a bare NaN."""
    try:
        elements = _array_decoder.decode(payload)
    except UNREADABLE:
        fault = unsound(payload)
        mended = None if fault else with_finite(payload, _BEYOND_FLOAT)
        if mended is None:
            return fault or Fault(Refused.NOT_JSON), True
        try:
            return _array_decoder.decode(mended), False
        except UNREADABLE:
            return Fault(Refused.NOT_JSON), True
    flat = payload.isascii() and payload.count(b"[") == 1 and payload.count(b"{") == len(elements)
    fault = None if flat else unsound(payload)
    return fault or elements, True


def _other(address: Address, payload: bytes, device: str, place: int, defaults: DefaultAccuracy) -> Input | Fault:
    if address.form is Form.OWNTRACKS:
        if not device:
            return Fault(Refused.UNKNOWN_DEVICE, "topic")
        return _owntracks(read_json(payload), device, place, defaults)
    if address.form is Form.STATUS:
        return _status(read_json(payload), device, place)
    return _command(read_json(payload), address.region, address.supervisor, place)


def _command(
    value: object, region: str, supervisor: str, place: int
) -> Acknowledgement | Resolution | Refit | Fault:  # fmt: skip
    command = shaped(value, CommandMessage)
    if isinstance(command, Fault):
        return command
    if command.command == "refit":
        of_device = shaped(value, DeviceCommand)
        if isinstance(of_device, Fault):
            return of_device
        return Refit(region, supervisor, of_device.device, of_device.by, place)
    of_incident = shaped(value, IncidentCommand)
    if isinstance(of_incident, Fault):
        return of_incident
    made = Acknowledgement if command.command == "acknowledge" else Resolution
    return made(region, supervisor, of_incident.incident, of_incident.by, place)


def _status(value: object, device: str, place: int) -> Status | Fault:
    message = shaped(value, StatusMessage)
    if isinstance(message, Fault):
        return message
    at_ms = -1 if message.at is None else to_ms(message.at)
    if message.at is not None and not is_sane(at_ms):
        return Fault(Refused.OUT_OF_RANGE, "at")
    return Status(device, message.event, at_ms, place)


def _owntracks(value: object, device: str, place: int, defaults: DefaultAccuracy) -> Fix | Status | Fault:
    message = shaped(value, TypedMessage)
    if isinstance(message, Fault):
        return message
    if message.type == "lwt":
        return Status(device, StatusEvent.OFFLINE, -1, place)
    if message.type != "location":
        return Fault(Refused.WRONG_TYPE, "_type")
    location = shaped(value, LocationMessage)
    if isinstance(location, Fault):
        return location
    return Fix(
        device,
        location.tst * MILLIS_PER_SECOND,
        location.lat,
        location.lon,
        location.acc if location.acc is not None and location.acc > 0 else defaults.unknown_m,
        location.vel / KMH_PER_MPS if location.vel is not None and location.vel >= 0 else nan,
        location.cog if location.cog is not None and location.cog >= 0 else nan,
        -1,
        place,
        _percentage(location.batt),
    )
