# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The victim-proximity monitor authors
"""What comes in, after `proximity.wire` has read it. Every input knows where it stands in its step (`place`)."""

from math import nan
from typing import TypeAlias

from msgspec import Struct

from proximity.model.judging import Judging
from proximity.model.orders import OrderBook
from proximity.model.units import Degrees, Metres, MetresPerSecond, Millis
from proximity.model.words import Refused, StatusEvent


class Fix(Struct, frozen=True, gc=False):
    """One timestamped position of one device, in range and finite; NaN where the device did not say."""

    device: str
    fixed_at_ms: Millis
    lat_deg: Degrees
    lon_deg: Degrees
    accuracy_m: Metres
    speed_mps: MetresPerSecond
    course_deg: Degrees
    seq: int  # -1 where absent
    place: int = 0  # index of the message in its step
    battery_pct: float = nan


class Status(Struct, frozen=True, gc=False):
    """What a device says of itself; `at_ms` is -1 where it does not say when (a last will cannot)."""

    device: str
    event: StatusEvent
    at_ms: Millis
    place: int = 0


class Refusal(Struct, frozen=True, gc=False):
    """An input that was not taken, with its reason; `device` is "" where unknown. `detail` never quotes the payload."""

    reason: Refused
    device: str
    detail: str = ""
    place: int = 0


class Acknowledgement(Struct, frozen=True, gc=False):
    """A supervisor has seen an incident."""

    region: str
    supervisor: str
    incident: str
    by: str
    place: int = 0


class Resolution(Struct, frozen=True, gc=False):
    """A supervisor ends an incident that nothing else ends."""

    region: str
    supervisor: str
    incident: str
    by: str
    place: int = 0


class Refit(Struct, frozen=True, gc=False):
    """A supervisor records that a tag is on its wearer again."""

    region: str
    supervisor: str
    device: str
    by: str
    place: int = 0


class Connection(Struct, frozen=True, gc=False):
    """That the service can hear, or cannot: its session with the broker, or the service itself, stood still."""

    connected: bool
    place: int = 0


class OrdersFaults(Struct, frozen=True, gc=False):
    """How many faults newer orders have, which are refused for them; 0: those in force are the newest."""

    faults: int
    place: int = 0


class Revision(Struct, frozen=True):
    """The whole new order book and the numbers to judge it by; the old ones no longer hold."""

    book: OrderBook
    judging: Judging
    place: int = 0


Input: TypeAlias = Fix | Status | Refusal | Acknowledgement | Resolution | Refit | Connection | OrdersFaults | Revision
