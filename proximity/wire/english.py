# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The victim-proximity monitor authors
"""What alerts say, in English."""

from typing import Final

from proximity.model.words import Cause, Certainty, Change, Kind, Level, Refused
from proximity.wire.languages import Language

ENGLISH: Final = Language(
    thousands=",",
    near="less than {band} m",
    about="about {band} m",
    levels={
        Level.CLEAR: "clear",
        Level.WARNING: "warning",
        Level.BREACH: "breach",
        Level.EMERGENCY: "emergency",
    },
    certainties={Certainty.CERTAIN: "certain", Certainty.PROBABLE: "probable", None: "certainty not known"},
    placed={
        (Kind.SEPARATION, Level.CLEAR): "Wearer {wearer} is {distance} from protected person {protected}",
        (Kind.SEPARATION, Level.WARNING): (
            "Wearer {wearer} is {distance} from protected person {protected}, within the warning distance"
        ),
        (Kind.SEPARATION, Level.BREACH): (
            "Wearer {wearer} is {distance} from protected person {protected}, within the limit"
        ),
        (Kind.SEPARATION, Level.EMERGENCY): (
            "Wearer {wearer} is {distance} from protected person {protected}, within the emergency distance"
        ),
        (Kind.ZONE, Level.CLEAR): "Wearer {wearer} is {distance} from zone {zone}",
        (Kind.ZONE, Level.WARNING): "Wearer {wearer} is {distance} from zone {zone}",
        (Kind.ZONE, Level.BREACH): "Wearer {wearer} is in zone {zone}",
        (Kind.ZONE, Level.EMERGENCY): "Wearer {wearer} is far into zone {zone}",
    },
    unplaced={
        (Kind.SEPARATION, Level.CLEAR): "Wearer {wearer} is outside the limits of protected person {protected}",
        (
            Kind.SEPARATION,
            Level.WARNING,
        ): "Wearer {wearer} is within the warning distance of protected person {protected}",
        (Kind.SEPARATION, Level.BREACH): "Wearer {wearer} is within the limit of protected person {protected}",
        (Kind.SEPARATION, Level.EMERGENCY): (
            "Wearer {wearer} is within the emergency distance of protected person {protected}"
        ),
        (Kind.ZONE, Level.CLEAR): "Wearer {wearer} is outside zone {zone}",
        (Kind.ZONE, Level.WARNING): "Wearer {wearer} is near zone {zone}",
        (Kind.ZONE, Level.BREACH): "Wearer {wearer} is in zone {zone}",
        (Kind.ZONE, Level.EMERGENCY): "Wearer {wearer} is far into zone {zone}",
    },
    inside={
        Level.CLEAR: "Wearer {wearer} is in zone {zone}",
        Level.WARNING: "Wearer {wearer} is at the edge of zone {zone}, to which the order keeps them",
        Level.BREACH: "Wearer {wearer} is outside zone {zone}, to which the order keeps them",
        Level.EMERGENCY: "Wearer {wearer} is far outside zone {zone}, to which the order keeps them",
    },
    late="Known only now, by positions that came late: from {begin} to {until} UTC {what}{nearest}.",
    then={
        (Kind.SEPARATION, Level.CLEAR): "wearer {wearer} was outside the limits of protected person {protected}",
        (
            Kind.SEPARATION,
            Level.WARNING,
        ): "wearer {wearer} was within the warning distance of protected person {protected}",
        (Kind.SEPARATION, Level.BREACH): "wearer {wearer} was within the limit of protected person {protected}",
        (Kind.SEPARATION, Level.EMERGENCY): (
            "wearer {wearer} was within the emergency distance of protected person {protected}"
        ),
        (Kind.ZONE, Level.CLEAR): "wearer {wearer} was outside zone {zone}",
        (Kind.ZONE, Level.WARNING): "wearer {wearer} was near zone {zone}",
        (Kind.ZONE, Level.BREACH): "wearer {wearer} was in zone {zone}",
        (Kind.ZONE, Level.EMERGENCY): "wearer {wearer} was far into zone {zone}",
    },
    then_inside={
        Level.CLEAR: "wearer {wearer} was in zone {zone}",
        Level.WARNING: "wearer {wearer} was at the edge of zone {zone}, to which the order keeps them",
        Level.BREACH: "wearer {wearer} was outside zone {zone}, to which the order keeps them",
        Level.EMERGENCY: "wearer {wearer} was far outside zone {zone}, to which the order keeps them",
    },
    nearest=", at the nearest {distance}",
    joins="It belongs to what is going on, now at level {level}.",
    judged=" ({level}, {certainty})",
    blind={
        True: "It cannot be told how close wearer {wearer} is to protected person {protected}",
        False: "It cannot be told whether wearer {wearer} is in zone {zone}",
    },
    device="Device {device}: {troubles}",
    troubles={
        Cause.SOS: "SOS pressed",
        Cause.STRAP_CUT: "strap cut",
        Cause.CASE_OPEN: "case opened",
        Cause.POWER_OFF: "switched off",
        Cause.SILENT: "silent, sends no positions",
        Cause.CLOCK: "its clock is wrong",
        Cause.JAMMING: "jammed, it says",
        Cause.SHIELDING: "shielded, it says",
        Cause.FROZEN: "repeats one position, it may be elsewhere",
        Cause.BATTERY_CRITICAL: "battery nearly empty",
        Cause.BATTERY_LOW: "battery low",
        Cause.LEFT_AT_HOME: "lies on its charger for hours, perhaps without its owner",
        Cause.UNJUDGED: "sent positions too old to be judged",
    },
    trouble="reports a fault",
    system={
        Cause.ENGINE_FAULT: "The service could not judge what a device sent and has set it aside; the rest goes on",
        Cause.DISCONNECTED: "The service hears no device: it was cut off from its broker, or it stood still",
        Cause.MASS_SILENCE: "Many devices have fallen silent together: a network or a broker may have failed",
        Cause.ORDERS_REFUSED: "The newest orders have faults and are refused; those before stay in force",
    },
    system_other="The service reports a fault of its own",
    counted={
        Cause.DISCONNECTED: (
            "Until it hears them again nobody is watched: {devices} devices, {links} links and zones; "
            "none of them is reported silent for that."
        ),
        Cause.MASS_SILENCE: (
            "Silent: {devices} of {of_devices} devices, on which {links} links and zones depend. "
            "They are not reported one by one."
        ),
    },
    own="Yours: {devices} devices, {links} links and zones.",
    also="Nor of {more} more links or zones, for the same reason.",
    subjects={
        Kind.SEPARATION: "Wearer {wearer} and protected person {protected}",
        Kind.ZONE: "Wearer {wearer} and zone {zone}",
        Kind.BLIND: "Blind for wearer {wearer}",
        Kind.DEVICE: "Device {device}",
        Kind.SYSTEM: "The service",
    },
    ended="{subject}: {ending}",
    endings={
        Cause.APART: "apart again",
        Cause.NEAR_STEADY: "near each other for long and no nearer, told no more until that changes",
        Cause.RULED_OUT: "it can be told again",
        Cause.ORDER_CHANGED: "no longer watched, the order has changed or ended",
        Cause.SCHEDULE: "not watched at this hour, by the order's schedule",
        Cause.HEARD_AGAIN: "heard again",
        Cause.CLOCK_RIGHT: "its clock is right again",
        Cause.CHARGED: "charged or charging",
        Cause.MOVED_ON: "its position changes again",
        Cause.TAKEN_ALONG: "moved or off its charger",
        Cause.REFITTED: "on its wearer again, says a supervisor",
        Cause.RECONNECTED: "hears its devices again; who stays silent is reported",
        Cause.ORDERS_TAKEN: "the orders in force are the newest again",
        Cause.MASS_HEARD: "most of the devices that had fallen silent are heard again; who is still silent is reported",
        Cause.NOTHING_MORE: "nothing more of that has come in",
        Cause.COMMAND: "closed by a supervisor",
    },
    ending="over",
    inside_again="inside again",
    causes={
        Cause.FIRST_JUDGEMENT: "First judgement under this order.",
        Cause.CONFIRMED: "Confirmed by a second position.",
        Cause.UNCONTRADICTED: "No later position contradicts it.",
        Cause.LAST_KNOWN_PLACE: "By the last known place of who is silent.",
        Cause.PASSED: "By the way between two positions.",
        Cause.APPROACHING: "Both go so that they will come within the limit.",
        Cause.NEARER: "Neighbours until now, this comes nearer.",
        Cause.TRAVELLING_TOGETHER: "They are moving together, for example in the same tram or car.",
        Cause.STALE: "Somebody has been silent for too long.",
        Cause.COARSE: "A position is too coarse to tell.",
        Cause.OFF_WEARER: "The tag is off its wearer.",
    },
    changes={
        Change.ACKNOWLEDGED: "Seen by a supervisor.",
        Change.ESCALATED: "Nobody has acknowledged this yet.",
    },
    manners=("on foot", "by bicycle", "by car or train"),
    to_limit="Coming closer, {manner}: within the limit in about {time} if this goes on.",
    to_contact="Coming closer, {manner}: together in about {time} if this goes on.",
    before="Before: {level}.",
    ages={
        (True, True): "Wearer's position {wearer_age} old, protected person's {protected_age}.",
        (True, False): "Wearer's position {wearer_age} old.",
        (False, True): "Protected person's position {protected_age} old.",
        (False, False): "",
    },
    device_age="Last position {age} old.",
    units=("{number} s", "{number} min", "{number} h"),
    refused={
        Refused.UNKNOWN_INCIDENT: "Not done: no open incident of yours has that id.",
        Refused.UNKNOWN_DEVICE: "Not done: none of your orders has that device.",
        Refused.NOT_RESOLVABLE: "Not done: this incident ends by itself, when what it is about ends.",
        Refused.WRONG_TYPE: "Not done: this command is not known or not written as it must be.",
        Refused.MISSING_FIELD: "Not done: something is missing from the command.",
    },
    refused_other="Not done: the command cannot be read.",
)
