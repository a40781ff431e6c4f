# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The victim-proximity monitor authors
"""What alerts say, in Dutch."""

from typing import Final

from proximity.model.words import Cause, Certainty, Change, Kind, Level, Refused
from proximity.wire.languages import Language

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
        ),
        Cause.DISCONNECTED: "De dienst hoort geen apparaat: hij was van zijn broker gescheiden, of stond stil",
        Cause.MASS_SILENCE: "Veel apparaten zijn tegelijk stilgevallen: misschien is een netwerk of broker uitgevallen",
        Cause.ORDERS_REFUSED: "De nieuwste maatregelen bevatten fouten en zijn geweigerd; de vorige blijven van kracht",
    },
    system_other="De dienst meldt een eigen storing",
    counted={
        Cause.DISCONNECTED: (
            "Tot hij ze weer hoort wordt niemand bewaakt: {devices} apparaten, {links} koppelingen en zones; "
            "geen daarvan wordt hierom als stil gemeld."
        ),
        Cause.MASS_SILENCE: (
            "Stil: {devices} van {of_devices} apparaten, waar {links} koppelingen en zones van afhangen. "
            "Zij worden niet een voor een gemeld."
        ),
    },
    own="Van u: {devices} apparaten, {links} koppelingen en zones.",
    also="Om dezelfde reden ook niet van {more} andere koppelingen of zones.",
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
        Cause.RECONNECTED: "hoort de apparaten weer; wie stil blijft wordt gemeld",
        Cause.ORDERS_TAKEN: "de maatregelen die van kracht zijn, zijn weer de nieuwste",
        Cause.MASS_HEARD: "de meeste stilgevallen apparaten zijn weer gehoord; wie nog stil is wordt gemeld",
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
        Cause.TRAVELLING_TOGETHER: "Zij verplaatsen zich samen, bijvoorbeeld in dezelfde tram of auto.",
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
