# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The victim-proximity monitor authors
"""The enumerations of DESIGN section 3."""

from enum import IntEnum, StrEnum


class Level(IntEnum):
    """How close they are: the highest limit that is at least probable."""

    CLEAR = 0
    WARNING = 1
    BREACH = 2
    EMERGENCY = 3

    @property
    def word(self) -> str:
        """The name on the wire."""
        return self.name.lower()


class Certainty(StrEnum):
    """How sure a level is: certain from 0.95 on, probable from 0.5 on."""

    CERTAIN = "certain"
    PROBABLE = "probable"


class Moving(StrEnum):
    """Who of a link moves."""

    WEARER = "wearer"
    PROTECTED = "protected"
    BOTH = "both"
    NOBODY = "none"


class Severity(IntEnum):
    """How much an incident asks of people; ordered."""

    INFO = 0
    MINOR = 1
    MAJOR = 2
    CRITICAL = 3

    @property
    def word(self) -> str:
        """The name on the wire."""
        return self.name.lower()


class Kind(StrEnum):
    """What an incident is about."""

    SEPARATION = "separation"
    ZONE = "zone"
    BLIND = "blind"
    DEVICE = "device"
    SYSTEM = "system"


class Change(StrEnum):
    """What a transition does to its incident: the last part of the alert's type."""

    OPENED = "opened"
    RAISED = "raised"
    LOWERED = "lowered"
    UPDATED = "updated"
    ACKNOWLEDGED = "acknowledged"
    ESCALATED = "escalated"
    RESOLVED = "resolved"


QUIET_CHANGES = frozenset({Change.LOWERED, Change.UPDATED})  # to the retained topic only: they ask nothing of anyone


class Cause(StrEnum):
    """Why a transition happened."""

    FIRST_JUDGEMENT = "first_judgement"
    LIMIT_CROSSED = "limit_crossed"
    CONFIRMED = "confirmed"
    UNCONTRADICTED = "uncontradicted"
    APART = "apart"
    LAST_KNOWN_PLACE = "last_known_place"
    PASSED = "passed"
    APPROACHING = "approaching"
    NEAR_STEADY = "near_steady"
    NEARER = "nearer"
    TRAVELLING_TOGETHER = "travelling_together"
    STALE = "stale"
    COARSE = "coarse"
    OFF_WEARER = "off_wearer"
    RULED_OUT = "ruled_out"
    ORDER_CHANGED = "order_changed"
    SCHEDULE = "schedule"
    SILENT = "silent"
    HEARD_AGAIN = "heard_again"
    STRAP_CUT = "strap_cut"
    CASE_OPEN = "case_open"
    POWER_OFF = "power_off"
    SOS = "sos"
    CLOCK = "clock"
    CLOCK_RIGHT = "clock_right"
    JAMMING = "jamming"
    SHIELDING = "shielding"
    BATTERY_LOW = "battery_low"
    BATTERY_CRITICAL = "battery_critical"
    CHARGED = "charged"
    FROZEN = "frozen"
    MOVED_ON = "moved_on"
    LEFT_AT_HOME = "left_at_home"
    TAKEN_ALONG = "taken_along"
    REFITTED = "refitted"
    UNJUDGED = "unjudged"
    LATE_FIXES = "late_fixes"
    NOTHING_MORE = "nothing_more"
    ENGINE_FAULT = "engine_fault"
    DISCONNECTED = "disconnected"
    RECONNECTED = "reconnected"
    MASS_SILENCE = "mass_silence"
    MASS_HEARD = "mass_heard"
    ORDERS_REFUSED = "orders_refused"
    ORDERS_TAKEN = "orders_taken"
    COMMAND = "command"


class DeviceKind(StrEnum):
    """What a party carries."""

    TAG = "tag"
    PHONE = "phone"


class ZoneKind(StrEnum):
    """Where a wearer may not be, or must be."""

    EXCLUSION = "exclusion"
    INCLUSION = "inclusion"


class Source(StrEnum):
    """Where a fix's position comes from."""

    GNSS = "gnss"
    WIFI = "wifi"
    CELL = "cell"
    BEACON = "beacon"


class StatusEvent(StrEnum):
    """What a device says of itself (DESIGN 4.1)."""

    STRAP_CUT = "strap_cut"
    CASE_OPEN = "case_open"
    BATTERY_LOW = "battery_low"
    BATTERY_CRITICAL = "battery_critical"
    CHARGING = "charging"
    JAMMING = "jamming"
    SHIELDING = "shielding"
    POWER_OFF = "power_off"
    SOS = "sos"
    ONLINE = "online"
    OFFLINE = "offline"


class Refused(StrEnum):
    """Why an input was refused."""

    UNKNOWN_TOPIC = "unknown_topic"
    UNKNOWN_DEVICE = "unknown_device"
    TOO_LARGE = "too_large"
    TOO_MANY = "too_many"
    TOO_DEEP = "too_deep"
    EMPTY = "empty"
    NOT_UTF8 = "not_utf8"
    NOT_JSON = "not_json"
    WRONG_TYPE = "wrong_type"
    MISSING_FIELD = "missing_field"
    NOT_FINITE = "not_finite"
    OUT_OF_RANGE = "out_of_range"
    AHEAD = "ahead"
    DUPLICATE = "duplicate"
    UNKNOWN_INCIDENT = "unknown_incident"
    NOT_RESOLVABLE = "not_resolvable"  # the incident ends by itself, when what it is about ends
    UNAUTHORIZED = "unauthorized"  # by the broker: who logs in is not who they say
    FORBIDDEN = "forbidden"  # by the broker: a topic that is not theirs
    ENGINE_FAULT = "engine_fault"
