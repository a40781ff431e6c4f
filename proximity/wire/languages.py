# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The victim-proximity monitor authors
"""The phrases that alerts are made of, a table a language; `proximity.wire.texts` fills in what stands in braces."""

from collections.abc import Mapping

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
    counted: Mapping[Cause, str]  # {devices}, {of_devices}, {links} that a system incident is about
    own: str  # {devices}, {links} of them that are the reader's
    also: str  # {more} links and zones that a blind incident stands for
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
