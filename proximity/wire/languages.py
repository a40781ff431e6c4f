# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The victim-proximity monitor authors
"""The phrases that alerts are made of, a table a language; `proximity.wire.texts` fills in what stands in braces."""

from collections.abc import Mapping
from typing import Final

from msgspec import Struct

from proximity.model.words import Cause, Certainty, Change, Kind, Level, Refused

PlaceKey = tuple[Kind, Level]


class Language(Struct, frozen=True, kw_only=True):
    """All phrases of one language. Every table with a fallback beside it may lack keys; the others are whole."""

    thousands: str
    near: str  # {band}: the distance, when it is in the lowest band
    about: str  # {band}
    levels: Mapping[Level, str]
    certainties: Mapping[Certainty | None, str]
    placed: Mapping[PlaceKey, str]  # where they are, with {distance}
    unplaced: Mapping[PlaceKey, str]  # the same where the distance is not known
    judged: str  # {level}, {certainty}: behind it
    inside: Mapping[Level, str]  # of a zone that the wearer must be in: in or out is all there is to say
    late: str  # {begin}, {until}, {what}, {nearest}: known only now
    then: Mapping[PlaceKey, str]  # where they were
    then_inside: Mapping[Level, str]  # likewise of a zone that the wearer must be in
    nearest: str  # {distance}
    joins: str  # {level}: it belongs to what is going on
    blind: Mapping[bool, str]  # True: of a link, False: of a zone
    device: str  # {device}, {troubles}
    troubles: Mapping[Cause, str]
    trouble: str  # any other
    system: Mapping[Cause, str]
    system_other: str
    subjects: Mapping[Kind, str]  # of what ends
    ended: str  # {subject}, {ending}
    endings: Mapping[Cause, str]
    ending: str  # any other
    inside_again: str  # of a zone that the wearer must be in, instead of being apart
    causes: Mapping[Cause, str]  # a sentence of its own, where there is more to say than the first sentence says
    changes: Mapping[Change, str]  # likewise
    manners: tuple[str, str, str]  # how they go, slow, faster, fast
    to_limit: str  # {manner}, {time}
    to_contact: str  # likewise
    before: str  # {level}
    ages: Mapping[tuple[bool, bool], str]  # by whether the {wearer_age} and the {protected_age} are known
    device_age: str  # {age}
    units: tuple[str, str, str]  # {number} of seconds, minutes, hours
    refused: Mapping[Refused, str]
    refused_other: str


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
        Cause.ENGINE_FAULT: "The service could not judge what a device sent and has set it aside; the rest goes on"
    },
    system_other="The service reports a fault of its own",
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

DUTCH: Final = Language(
    thousands=".",
    near="minder dan {band} m",
    about="ongeveer {band} m",
    levels={
        Level.CLEAR: "vrij",
        Level.WARNING: "waarschuwing",
        Level.BREACH: "overtreding",
        Level.EMERGENCY: "noodgeval",
    },
    certainties={Certainty.CERTAIN: "zeker", Certainty.PROBABLE: "waarschijnlijk", None: "zekerheid onbekend"},
    placed={
        (Kind.SEPARATION, Level.CLEAR): "Drager {wearer} is op {distance} van beschermde persoon {protected}",
        (Kind.SEPARATION, Level.WARNING): (
            "Drager {wearer} is op {distance} van beschermde persoon {protected}, binnen de waarschuwingsafstand"
        ),
        (Kind.SEPARATION, Level.BREACH): (
            "Drager {wearer} is op {distance} van beschermde persoon {protected}, binnen de grens"
        ),
        (Kind.SEPARATION, Level.EMERGENCY): (
            "Drager {wearer} is op {distance} van beschermde persoon {protected}, binnen de noodafstand"
        ),
        (Kind.ZONE, Level.CLEAR): "Drager {wearer} is op {distance} van zone {zone}",
        (Kind.ZONE, Level.WARNING): "Drager {wearer} is op {distance} van zone {zone}",
        (Kind.ZONE, Level.BREACH): "Drager {wearer} is in zone {zone}",
        (Kind.ZONE, Level.EMERGENCY): "Drager {wearer} is ver in zone {zone}",
    },
    unplaced={
        (Kind.SEPARATION, Level.CLEAR): "Drager {wearer} is buiten de grenzen van beschermde persoon {protected}",
        (
            Kind.SEPARATION,
            Level.WARNING,
        ): "Drager {wearer} is binnen de waarschuwingsafstand van beschermde persoon {protected}",
        (Kind.SEPARATION, Level.BREACH): "Drager {wearer} is binnen de grens van beschermde persoon {protected}",
        (Kind.SEPARATION, Level.EMERGENCY): (
            "Drager {wearer} is binnen de noodafstand van beschermde persoon {protected}"
        ),
        (Kind.ZONE, Level.CLEAR): "Drager {wearer} is buiten zone {zone}",
        (Kind.ZONE, Level.WARNING): "Drager {wearer} is dicht bij zone {zone}",
        (Kind.ZONE, Level.BREACH): "Drager {wearer} is in zone {zone}",
        (Kind.ZONE, Level.EMERGENCY): "Drager {wearer} is ver in zone {zone}",
    },
    inside={
        Level.CLEAR: "Drager {wearer} is in zone {zone}",
        Level.WARNING: "Drager {wearer} is aan de rand van zone {zone}, waar die volgens de maatregel in moet blijven",
        Level.BREACH: "Drager {wearer} is buiten zone {zone}, waar die volgens de maatregel in moet blijven",
        Level.EMERGENCY: "Drager {wearer} is ver buiten zone {zone}, waar die volgens de maatregel in moet blijven",
    },
    late="Nu pas bekend, door posities die laat kwamen: van {begin} tot {until} UTC {what}{nearest}.",
    then={
        (Kind.SEPARATION, Level.CLEAR): "was drager {wearer} buiten de grenzen van beschermde persoon {protected}",
        (Kind.SEPARATION, Level.WARNING): (
            "was drager {wearer} binnen de waarschuwingsafstand van beschermde persoon {protected}"
        ),
        (Kind.SEPARATION, Level.BREACH): "was drager {wearer} binnen de grens van beschermde persoon {protected}",
        (
            Kind.SEPARATION,
            Level.EMERGENCY,
        ): "was drager {wearer} binnen de noodafstand van beschermde persoon {protected}",
        (Kind.ZONE, Level.CLEAR): "was drager {wearer} buiten zone {zone}",
        (Kind.ZONE, Level.WARNING): "was drager {wearer} dicht bij zone {zone}",
        (Kind.ZONE, Level.BREACH): "was drager {wearer} in zone {zone}",
        (Kind.ZONE, Level.EMERGENCY): "was drager {wearer} ver in zone {zone}",
    },
    then_inside={
        Level.CLEAR: "was drager {wearer} in zone {zone}",
        Level.WARNING: "was drager {wearer} aan de rand van zone {zone}, waar die volgens de maatregel in moet blijven",
        Level.BREACH: "was drager {wearer} buiten zone {zone}, waar die volgens de maatregel in moet blijven",
        Level.EMERGENCY: "was drager {wearer} ver buiten zone {zone}, waar die volgens de maatregel in moet blijven",
    },
    nearest=", op het dichtst {distance}",
    joins="Het hoort bij wat nu gaande is, op niveau {level}.",
    judged=" ({level}, {certainty})",
    blind={
        True: "Niet te zeggen hoe dicht drager {wearer} bij beschermde persoon {protected} is",
        False: "Niet te zeggen of drager {wearer} in zone {zone} is",
    },
    device="Apparaat {device}: {troubles}",
    troubles={
        Cause.SOS: "SOS ingedrukt",
        Cause.STRAP_CUT: "band doorgeknipt",
        Cause.CASE_OPEN: "behuizing geopend",
        Cause.POWER_OFF: "uitgezet",
        Cause.SILENT: "stil, zendt geen posities",
        Cause.CLOCK: "de klok loopt verkeerd",
        Cause.JAMMING: "gestoord, meldt het zelf",
        Cause.SHIELDING: "afgeschermd, meldt het zelf",
        Cause.FROZEN: "herhaalt één positie, kan elders zijn",
        Cause.BATTERY_CRITICAL: "batterij bijna leeg",
        Cause.BATTERY_LOW: "batterij zwak",
        Cause.LEFT_AT_HOME: "ligt al uren aan de lader, misschien zonder de eigenaar",
        Cause.UNJUDGED: "zond posities die te oud zijn om te beoordelen",
    },
    trouble="meldt een storing",
    system={
        Cause.ENGINE_FAULT: (
            "De dienst kon niet beoordelen wat een apparaat zond en heeft het apart gezet; de rest gaat door"
        )
    },
    system_other="De dienst meldt een eigen storing",
    subjects={
        Kind.SEPARATION: "Drager {wearer} en beschermde persoon {protected}",
        Kind.ZONE: "Drager {wearer} en zone {zone}",
        Kind.BLIND: "Geen zicht op drager {wearer}",
        Kind.DEVICE: "Apparaat {device}",
        Kind.SYSTEM: "De dienst",
    },
    ended="{subject}: {ending}",
    endings={
        Cause.APART: "weer uit elkaar",
        Cause.NEAR_STEADY: "al lang dicht bij elkaar en niet dichterbij, niet meer gemeld tot dat verandert",
        Cause.RULED_OUT: "weer te zeggen",
        Cause.ORDER_CHANGED: "niet langer bewaakt, de maatregel is gewijzigd of beëindigd",
        Cause.SCHEDULE: "op dit uur niet bewaakt, volgens het rooster van de maatregel",
        Cause.HEARD_AGAIN: "weer gehoord",
        Cause.CLOCK_RIGHT: "de klok loopt weer goed",
        Cause.CHARGED: "opgeladen of aan de lader",
        Cause.MOVED_ON: "de positie verandert weer",
        Cause.TAKEN_ALONG: "verplaatst of van de lader",
        Cause.REFITTED: "weer om bij de drager, meldt een toezichthouder",
        Cause.NOTHING_MORE: "daarvan is niets meer binnengekomen",
        Cause.COMMAND: "gesloten door een toezichthouder",
    },
    ending="voorbij",
    inside_again="weer binnen",
    causes={
        Cause.FIRST_JUDGEMENT: "Eerste beoordeling onder deze maatregel.",
        Cause.CONFIRMED: "Bevestigd door een tweede positie.",
        Cause.UNCONTRADICTED: "Geen latere positie spreekt dit tegen.",
        Cause.LAST_KNOWN_PLACE: "Volgens de laatst bekende plaats van wie stil is.",
        Cause.PASSED: "Volgens de weg tussen twee posities.",
        Cause.APPROACHING: "Beiden gaan zo dat zij binnen de grens komen.",
        Cause.NEARER: "Tot nu toe buren, dit komt dichterbij.",
        Cause.STALE: "Iemand is te lang stil.",
        Cause.COARSE: "Een positie is te grof om het te zeggen.",
        Cause.OFF_WEARER: "De band zit niet om bij de drager.",
    },
    changes={
        Change.ACKNOWLEDGED: "Gezien door een toezichthouder.",
        Change.ESCALATED: "Nog door niemand bevestigd.",
    },
    manners=("te voet", "op de fiets", "met auto of trein"),
    to_limit="Komt dichterbij, {manner}: binnen de grens over ongeveer {time} als dit zo doorgaat.",
    to_contact="Komt dichterbij, {manner}: samen over ongeveer {time} als dit zo doorgaat.",
    before="Eerder: {level}.",
    ages={
        (True, True): "Positie van de drager {wearer_age} oud, van de beschermde persoon {protected_age}.",
        (True, False): "Positie van de drager {wearer_age} oud.",
        (False, True): "Positie van de beschermde persoon {protected_age} oud.",
        (False, False): "",
    },
    device_age="Laatste positie {age} oud.",
    units=("{number} s", "{number} min", "{number} uur"),
    refused={
        Refused.UNKNOWN_INCIDENT: "Niet uitgevoerd: u heeft geen open incident met dat kenmerk.",
        Refused.UNKNOWN_DEVICE: "Niet uitgevoerd: geen van uw maatregelen kent dat apparaat.",
        Refused.NOT_RESOLVABLE: "Niet uitgevoerd: dit incident eindigt vanzelf, met waar het over gaat.",
        Refused.WRONG_TYPE: "Niet uitgevoerd: dit commando is onbekend of niet geschreven zoals het moet.",
        Refused.MISSING_FIELD: "Niet uitgevoerd: er ontbreekt iets aan het commando.",
    },
    refused_other="Niet uitgevoerd: het commando is niet te lezen.",
)
