# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The victim-proximity monitor authors
"""The messages that come in, field by field, as the contract has them (DESIGN 4.1 and 4.2).

Fields that are not named here are ignored: some may be added, and what nobody reads must not cost a fix. JSON `null`
counts as absent.
"""

from typing import Annotated, Final, Literal

from msgspec import Meta, Struct, field

from proximity.model.words import Source, StatusEvent
from proximity.wire.instants import EARLIEST_MS, END_MS, Instant

ACCURACY_MAX_M: Final = 20_000_000.0  # half way around the Earth
SPEED_MAX_MPS: Final = 1_000.0
KMH_PER_MPS: Final = 3.6
SEQ_MAX: Final = 2**63 - 1
INCIDENT_ID_MAX: Final = 400  # four ids, a kind and a time
NAME_MAX: Final = 128

Latitude = Annotated[float, Meta(ge=-90, le=90)]
Longitude = Annotated[float, Meta(ge=-180, le=180)]


class FixMessage(Struct, frozen=True, gc=False):
    """A native fix."""

    fixed_at: Instant
    lat: Latitude
    lon: Longitude
    accuracy_m: Annotated[float, Meta(gt=0, le=ACCURACY_MAX_M)] | None = None
    speed_mps: Annotated[float, Meta(ge=0, le=SPEED_MAX_MPS)] | None = None
    course_deg: Annotated[float, Meta(ge=0, le=360)] | None = None
    source: Source | None = None
    seq: Annotated[int, Meta(ge=0, le=SEQ_MAX)] | None = None
    battery_pct: object = None  # read as far as it is a percentage: a battery must not cost a fix


class LocationMessage(Struct, frozen=True):
    """OwnTracks `_type: location`. The app writes -1, or 0 for `acc`, where it does not know."""

    tst: Annotated[int, Meta(ge=EARLIEST_MS // 1000, lt=END_MS // 1000)]
    lat: Latitude
    lon: Longitude
    acc: Annotated[float, Meta(le=ACCURACY_MAX_M)] | None = None
    vel: Annotated[float, Meta(le=SPEED_MAX_MPS * KMH_PER_MPS)] | None = None  # km/h
    cog: Annotated[float, Meta(le=360)] | None = None
    batt: object = None


class StatusMessage(Struct, frozen=True):
    """What a device says of itself."""

    event: StatusEvent
    at: Instant | None = None


class CommandMessage(Struct, frozen=True):
    """What a supervisor wants, before what of. Notes and pausing come with a later issue."""

    command: Literal["acknowledge", "resolve", "refit"]


class IncidentCommand(Struct, frozen=True):
    """Of an incident: acknowledge, resolve."""

    incident: Annotated[str, Meta(min_length=1, max_length=INCIDENT_ID_MAX)]
    by: Annotated[str, Meta(min_length=1, max_length=NAME_MAX)]


class DeviceCommand(Struct, frozen=True):
    """Of a device: refit."""

    device: Annotated[str, Meta(pattern="^[a-z0-9-]{1,64}$")]
    by: Annotated[str, Meta(min_length=1, max_length=NAME_MAX)]


class TypedMessage(Struct, frozen=True):
    """What every OwnTracks message says of itself."""

    type: str = field(name="_type")
