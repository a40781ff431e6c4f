# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The victim-proximity monitor authors
"""A transition in words that a supervisor understands at a glance, in Dutch and English. Distances are bands only."""

from bisect import bisect_right
from typing import TypedDict

from proximity.model.incidents import Episode, Incident, Share, Transition
from proximity.model.units import Seconds
from proximity.model.words import Cause, Certainty, Kind, Level, Refused
from proximity.wire.bands import Separation, separation_of
from proximity.wire.dutch import DUTCH
from proximity.wire.english import ENGLISH
from proximity.wire.instants import utc_text, whole_seconds
from proximity.wire.languages import Language

_MINUTE_S = 60
_HOUR_S = 3600
_SECONDS_BELOW_S = 120  # ages below it are told in seconds
_MINUTES_BELOW_S = 7200
_NEAREST_BAND_M = 50
_ROUGH_S = 10
_TO_MINUTES = len("2024-06-08T17:47")
_MANNERS_FROM_MPS = (2.5, 8.0)  # a bicycle, a car


class Text(TypedDict):
    """The same sentences in each language."""

    nl: str
    en: str


def text_of(transition: Transition, own: Share | None = None) -> Text:
    """What a transition says, to whom `own` of its extent is. There is a text for every transition that can be."""
    return Text(nl=_in(DUTCH, transition, own), en=_in(ENGLISH, transition, own))


def refusal_text_of(reason: Refused) -> Text:
    """Why a command was not carried out."""
    return Text(
        nl=DUTCH.refused.get(reason, DUTCH.refused_other), en=ENGLISH.refused.get(reason, ENGLISH.refused_other)
    )


def _in(language: Language, transition: Transition, own: Share | None) -> str:
    incident = transition.incident
    distance = "" if incident.inclusion else _distance(language, separation_of(transition.evidence))
    episode = transition.episode or (incident.episodes[-1] if incident.late and incident.episodes else None)
    if episode is not None and not incident.resolved:
        return _then(language, transition, episode, distance)
    first = _ending(language, incident, distance) if incident.resolved else _state(language, incident, distance)
    sentences = [
        first + ".",
        _extent(language, transition, own),
        _going(language, transition),
        _why(language, transition),
        language.changes.get(transition.change, ""),
        _before(language, transition),
        _ages(language, transition),
    ]
    return " ".join(sentence for sentence in sentences if sentence)


def _then(language: Language, transition: Transition, episode: Episode, distance: str) -> str:
    """How things stood at a time of which it is known only now, and where that belongs."""
    incident = transition.incident
    place = language.then_inside[episode.level] if incident.inclusion else language.then[incident.kind, episode.level]
    begin, until = utc_text(episode.from_ms)[:_TO_MINUTES], utc_text(episode.until_ms)[:_TO_MINUTES]
    certainty = language.certainties[Certainty.CERTAIN if episode.certain else Certainty.PROBABLE]
    what = _fill(place, incident) + language.judged.format(level=language.levels[episode.level], certainty=certainty)
    nearest = language.nearest.format(distance=distance) if distance else ""
    sentences = [
        language.late.format(begin=begin.replace("T", " "), until=until.replace("T", " "), what=what, nearest=nearest),
        "" if incident.late else language.joins.format(level=language.levels[incident.level]),
        language.changes.get(transition.change, ""),
    ]
    return " ".join(sentence for sentence in sentences if sentence)


def _state(language: Language, incident: Incident, distance: str) -> str:
    """How things stand."""
    if incident.kind is Kind.DEVICE:
        troubles = [language.troubles.get(cause, language.trouble) for cause in incident.troubles or (incident.cause,)]
        return _fill(language.device, incident, troubles="; ".join(troubles))
    if incident.kind is Kind.SYSTEM:
        return language.system.get(incident.cause, language.system_other)
    if incident.kind is Kind.BLIND:
        return _fill(language.blind[incident.protected is not None], incident)
    places = language.placed if distance else language.unplaced
    place = language.inside[incident.level] if incident.inclusion else places[incident.kind, incident.level]
    where = _fill(place, incident, distance=distance)
    if incident.level is Level.CLEAR:
        return where
    certainty = language.certainties[incident.certainty]
    return where + language.judged.format(level=language.levels[incident.level], certainty=certainty)


def _ending(language: Language, incident: Incident, distance: str) -> str:
    """How it came to its end."""
    ending = language.endings.get(incident.cause, language.ending)
    if incident.inclusion and incident.cause is Cause.APART:
        ending = language.inside_again
    told = language.ended.format(subject=_fill(language.subjects[incident.kind], incident), ending=ending)
    return f"{told}, {distance}" if distance else told


def _extent(language: Language, transition: Transition, own: Share | None) -> str:
    """How many it is about, or stands for."""
    incident, extent = transition.incident, transition.extent
    if extent is None:
        return ""
    if incident.kind is Kind.BLIND:
        return language.also.format(more=extent.links - 1)
    counted = language.counted[incident.cause].format(
        devices=extent.devices, of_devices=extent.of_devices, links=extent.links
    )
    return counted if own is None else f"{counted} {language.own.format(devices=own.devices, links=own.links)}"


def _fill(phrase: str, incident: Incident, **more: str) -> str:
    return phrase.format(
        wearer=incident.wearer, protected=incident.protected, device=incident.device, zone=incident.zone, **more
    )


def _distance(language: Language, separation: Separation | None) -> str:
    if separation is None or separation.expected_m is None:
        return ""
    if separation.expected_m < _NEAREST_BAND_M:
        return language.near.format(band=_NEAREST_BAND_M)
    return language.about.format(band=f"{separation.expected_m:,}".replace(",", language.thousands))


def _why(language: Language, transition: Transition) -> str:
    """Why the level moved; where it did not, the cause is still that of the last move and has been told."""
    incident = transition.incident
    moved = incident.level is not transition.previous_level or incident.cause is Cause.TRAVELLING_TOGETHER
    if incident.resolved or not (moved or incident.kind is Kind.BLIND):
        return ""
    return language.causes.get(incident.cause, "")


def _going(language: Language, transition: Transition) -> str:
    """That they come closer, how fast, and how soon they are within the limit or together."""
    evidence, incident = transition.evidence, transition.incident
    if incident.resolved or evidence.time_to_contact_s is None or evidence.pace_mps is None:
        return ""
    manner = language.manners[bisect_right(_MANNERS_FROM_MPS, evidence.pace_mps)]
    outside = incident.level < Level.BREACH and bool(evidence.time_to_limit_s)
    left_s = evidence.time_to_limit_s if outside else evidence.time_to_contact_s
    soon = language.to_limit if outside else language.to_contact
    return soon.format(manner=manner, time=_age(language, _rough_s(left_s)))


def _rough_s(left_s: Seconds | None) -> Seconds | None:
    """Nobody can know such a time to the second."""
    return None if left_s is None else max(_ROUGH_S, _ROUGH_S * round(left_s / _ROUGH_S))


def _before(language: Language, transition: Transition) -> str:
    if transition.previous_level in (Level.CLEAR, transition.incident.level):
        return ""
    return language.before.format(level=language.levels[transition.previous_level])


def _ages(language: Language, transition: Transition) -> str:
    evidence = transition.evidence
    wearer_age, protected_age = _age(language, evidence.wearer_fix_age_s), _age(language, evidence.protected_fix_age_s)
    if transition.incident.kind is Kind.DEVICE:
        age = wearer_age or protected_age
        return language.device_age.format(age=age) if age else ""
    phrase = language.ages[bool(wearer_age), bool(protected_age)]
    return phrase.format(wearer_age=wearer_age, protected_age=protected_age)


def _age(language: Language, age_s: Seconds | None) -> str:
    """An age as people say it; "" where it is not known."""
    full_s = whole_seconds(age_s)
    if full_s is None:
        return ""
    seconds, minutes, hours = language.units
    if full_s < _SECONDS_BELOW_S:
        return seconds.format(number=full_s)
    if full_s < _MINUTES_BELOW_S:
        return minutes.format(number=full_s // _MINUTE_S)
    return hours.format(number=full_s // _HOUR_S)
