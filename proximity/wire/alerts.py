# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The victim-proximity monitor authors
"""Transitions as they leave: CloudEvents 1.0 by the NL GOV profile 1.1 (DESIGN 4.4). Same facts, same bytes.

No coordinates, no bearing, no exact distance: a transition has none of the former, and `proximity.wire.bands` takes
the latter.
"""

from math import isnan
from typing import Final, Generic, TypeVar

import msgspec
from msgspec import Struct

from proximity.model.incidents import Evidence, Incident, Share, Transition
from proximity.model.inputs import Refusal
from proximity.model.units import Millis
from proximity.model.words import QUIET_CHANGES, Kind, ZoneKind
from proximity.wire.bands import Separation, band_nearest_m, separation_of
from proximity.wire.dataschemas import INCIDENT_SCHEMA, REFUSAL_SCHEMA
from proximity.wire.instants import utc_second, utc_text, whole_seconds
from proximity.wire.texts import Text, refusal_text_of, text_of
from proximity.wire.topics import SYSTEM_ALERTS, alerts_topic, incident_topic

_encoder: Final = msgspec.json.Encoder()


class Moved(Struct, frozen=True):
    """How far each party has moved during an approach."""

    wearer: int | None
    protected: int | None


class LateEpisode(Struct, frozen=True):
    """When what is told late was, to the second."""

    begin: str = msgspec.field(name="from")
    until: str
    nearest_at: str


class JournalPlace(Struct, frozen=True):
    """Where the journal has it."""

    offset: int


class ExtentData(Struct, frozen=True):
    """How much an incident stands for. None: does not apply."""

    devices: int | None
    of_devices: int | None
    links: int


class OwnData(Struct, frozen=True):
    """What of it is the reader's own."""

    devices: int
    links: int


class IncidentData(Struct, frozen=True, kw_only=True):
    """The incident after a transition. None: not known, or not measured by this version."""

    incident: str
    seq: int
    kind: str
    order: str
    wearer: str | None
    protected: str | None
    device: str | None
    zone: str | None
    zone_kind: str | msgspec.UnsetType = msgspec.UNSET  # where there is a zone
    level: str
    previous_level: str
    certainty: str | None
    possible_level: str
    severity: str
    separation: Separation | None
    probability: float | None
    closing_mps: float | None = None
    time_to_limit_s: int | None = None
    time_to_contact_s: int | None = None
    moving: str | None = None
    moved_m: Moved | None = None
    wearer_fix_age_s: int | None
    protected_fix_age_s: int | None
    late: bool = False
    episode: LateEpisode | msgspec.UnsetType = msgspec.UNSET  # where late fixes have shown one now
    cause: str
    troubles: list[str]  # of a device incident: what is wrong now, worst first
    acknowledged: bool
    resolved: bool
    folded_into: str | msgspec.UnsetType = msgspec.UNSET  # where it is not told by itself: what is told instead
    extent: ExtentData | msgspec.UnsetType = msgspec.UNSET  # where it stands for more than it names
    own: OwnData | msgspec.UnsetType = msgspec.UNSET  # of a supervisor's copy of a system incident with an extent
    text: Text
    orders_revision: str
    journal: JournalPlace | None


class RefusalData(Struct, frozen=True, kw_only=True):
    """A command that could not be carried out."""

    region: str
    supervisor: str
    incident: str | None
    reason: str
    detail: str
    text: Text


Data = TypeVar("Data", IncidentData, RefusalData)


class CloudEvent(Struct, Generic[Data], frozen=True, kw_only=True):
    """The envelope; only incidents are numbered."""

    specversion: str = "1.0"
    id: str
    source: str
    type: str
    subject: str
    time: str
    sequence: str | msgspec.UnsetType = msgspec.UNSET
    sequencetype: str | msgspec.UnsetType = msgspec.UNSET
    datacontenttype: str = "application/json"
    dataschema: str
    data: Data


def cloud_event(
    transition: Transition, *, type_prefix: str, source: str, journal_offset: int | None,
    reader: tuple[str, str] | None = None,
) -> bytes:  # fmt: skip
    """The event that tells of a transition. `journal_offset` is None where no journal has it.

    `reader` is the (region, supervisor) whose copy it is, where a system incident tells each of his own.
    """
    incident = transition.incident
    event = CloudEvent(
        id=f"{incident.id}:{incident.seq}",
        source=source,
        type=f"{type_prefix}.incident.{transition.change}",
        subject=incident.order,
        time=utc_text(transition.at_ms),
        sequence=str(incident.seq),
        sequencetype="integer",
        dataschema=INCIDENT_SCHEMA,
        data=_incident_data(transition, journal_offset, share_of(transition, reader)),
    )
    return _encoder.encode(event)


def event_topics(transition: Transition) -> list[tuple[str, bool]]:
    """Where a transition goes, and whether it is retained there. A quiet change asks nothing of anyone: no alert."""
    incident = transition.incident
    loud = transition.change not in QUIET_CHANGES and not transition.folded
    if incident.kind is Kind.SYSTEM:
        return [(SYSTEM_ALERTS, False)] if loud else []
    alerts = [(alerts_topic(incident.region, incident.supervisor), False)] if loud else []
    return [*alerts, (incident_topic(incident.region, incident.supervisor, incident.id), True)]


def share_of(transition: Transition, reader: tuple[str, str] | None) -> Share | None:
    """What of its extent is a supervisor's; None where it says nothing of supervisors, or it is nobody's copy."""
    extent = transition.extent
    if reader is None or extent is None or transition.incident.kind is not Kind.SYSTEM:
        return None
    own = (share for share in extent.shares if (share.region, share.supervisor) == reader)
    return next(own, Share(*reader, 0, 0))


def refusal_event(
    refusal: Refusal, *, region: str, supervisor: str, incident: str | None, at_ms: Millis, type_prefix: str,
    source: str,
) -> bytes:  # fmt: skip
    """The event that tells a supervisor that a command was not carried out. `incident` is None where it named none."""
    facts = (region, supervisor, str(at_ms), str(refusal.reason), refusal.detail, incident or "")
    event = CloudEvent(
        id=":".join(("refused", *facts)),
        source=source,
        type=f"{type_prefix}.command.refused",
        subject=f"{region}/{supervisor}",
        time=utc_text(at_ms),
        dataschema=REFUSAL_SCHEMA,
        data=RefusalData(
            region=region,
            supervisor=supervisor,
            incident=incident,
            reason=refusal.reason,
            detail=refusal.detail,
            text=refusal_text_of(refusal.reason),
        ),
    )
    return _encoder.encode(event)


def _incident_data(transition: Transition, journal_offset: int | None, own: Share | None) -> IncidentData:
    incident, evidence, extent = transition.incident, transition.evidence, transition.extent
    return IncidentData(
        incident=incident.id,
        seq=incident.seq,
        kind=incident.kind,
        order=incident.order,
        wearer=incident.wearer,
        protected=incident.protected,
        device=incident.device,
        zone=incident.zone,
        zone_kind=_zone_kind(incident),
        level=incident.level.word,
        previous_level=transition.previous_level.word,
        certainty=incident.certainty,
        possible_level=incident.possible_level.word,
        severity=incident.severity.word,
        separation=separation_of(evidence),
        probability=_rounded(evidence.probability),
        wearer_fix_age_s=whole_seconds(evidence.wearer_fix_age_s),
        protected_fix_age_s=whole_seconds(evidence.protected_fix_age_s),
        closing_mps=None if evidence.closing_mps is None else round(evidence.closing_mps, 1),
        time_to_limit_s=whole_seconds(evidence.time_to_limit_s),
        time_to_contact_s=whole_seconds(evidence.time_to_contact_s),
        moving=evidence.moving,
        moved_m=_moved(evidence),
        late=transition.late,
        episode=_episode(transition),
        cause=incident.cause,
        troubles=[str(cause) for cause in incident.troubles],
        acknowledged=incident.acknowledged,
        resolved=incident.resolved,
        folded_into=incident.folded_into or msgspec.UNSET,
        extent=msgspec.UNSET if extent is None else ExtentData(extent.devices, extent.of_devices, extent.links),
        own=msgspec.UNSET if own is None else OwnData(own.devices, own.links),
        text=text_of(transition, own),
        orders_revision=transition.orders_revision,
        journal=None if journal_offset is None else JournalPlace(journal_offset),
    )


def _moved(evidence: Evidence) -> Moved | None:
    if evidence.moved_m is None:
        return None
    return Moved(*map(band_nearest_m, evidence.moved_m))


def _episode(transition: Transition) -> LateEpisode | msgspec.UnsetType:
    episode = transition.episode
    if episode is None:
        return msgspec.UNSET
    return LateEpisode(*map(utc_second, (episode.from_ms, episode.until_ms, episode.nearest_ms)))


def _zone_kind(incident: Incident) -> str | msgspec.UnsetType:
    if incident.zone is None:
        return msgspec.UNSET
    return ZoneKind.INCLUSION if incident.inclusion else ZoneKind.EXCLUSION


def _rounded(probability: float | None) -> float | None:
    return None if probability is None or isnan(probability) else round(probability, 2)
