# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The victim-proximity monitor authors
"""An alert as a supervisor's client reads it: a CloudEvent (DESIGN 4.4)."""

from typing import Final

import msgspec
from msgspec import Struct

from proximity.model.units import Metres, Millis
from proximity.model.words import Level
from simulators.devices.fixes import utc_ms

LEVELS: Final = {level.word: level for level in Level}


class Bounds(Struct, frozen=True):
    """How far apart, in the bands that leave the service."""

    expected_m: Metres | None = None
    low_m: Metres | None = None
    high_m: Metres | None = None


class Told(Struct, frozen=True):
    """The part of an incident that is looked at here."""

    incident: str
    kind: str
    level: str
    cause: str
    text: dict[str, str]
    severity: str = "info"
    certainty: str | None = None
    separation: Bounds | None = None
    late: bool = False


class Event(Struct, frozen=True):
    """A CloudEvent that carries an incident."""

    id: str
    type: str
    time: str
    data: Told


class Alert(Struct, frozen=True):
    """What a supervisor was told, at which engine time, and when it reached them."""

    id: str
    about: str  # {order}:{kind}:{what}
    kind: str
    change: str
    level: Level
    certainty: str | None
    severity: str
    cause: str
    expected_m: Metres | None
    text: str
    at_ms: Millis  # engine time of the transition
    came_ms: Millis  # engine time when it reached the supervisor
    late: bool = False  # it tells of what was, by fixes that came late


def read_alert(message: bytes, came_ms: Millis) -> Alert | None:
    """The alert in a message of the alerts topic; None where it is something else (a command refused, say)."""
    try:
        event = msgspec.json.decode(message, type=Event)
        told = event.data
        return Alert(
            id=event.id,
            about=told.incident.rpartition(":")[0],
            kind=told.kind,
            change=event.type.rpartition(".")[2],
            level=LEVELS[told.level],
            certainty=told.certainty,
            severity=told.severity,
            cause=told.cause,
            expected_m=told.separation.expected_m if told.separation else None,
            text=told.text.get("en", ""),
            at_ms=utc_ms(event.time),
            came_ms=came_ms,
            late=told.late,
        )
    except (msgspec.DecodeError, KeyError, ValueError):
        return None
