# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The victim-proximity monitor authors
"""The life of an incident: pure functions from one to the next."""

from typing import Final, NamedTuple

from msgspec.structs import replace

from proximity.engine.trouble import BY_CAUSE
from proximity.model.incidents import Evidence, Incident, Transition
from proximity.model.orders import Order
from proximity.model.units import Millis
from proximity.model.words import Cause, Certainty, Change, Kind, Level, Severity

SEVERITY_OF: Final = {
    Level.CLEAR: Severity.INFO,
    Level.WARNING: Severity.MINOR,
    Level.BREACH: Severity.MAJOR,
    Level.EMERGENCY: Severity.CRITICAL,
}
NO_EVIDENCE: Final = Evidence()


def incident_id(order: str, kind: Kind, what: str, opened_ms: Millis) -> str:
    """The same facts give the same id (DESIGN 4.4)."""
    return f"{order}:{kind}:{what}:{opened_ms}"


class About(NamedTuple):
    """What an incident is about; `what` is the part of its id that names it."""

    what: str
    wearer: str | None = None
    protected: str | None = None
    device: str | None = None
    zone: str | None = None


def open_incident(
    order: Order, kind: Kind, about: About, now_ms: Millis, *, level: Level = Level.CLEAR, severity: Severity,
    cause: Cause,
) -> Incident:  # fmt: skip
    """A new incident, at its first transition."""
    return Incident(
        id=incident_id(order.id, kind, about.what, now_ms),
        kind=kind,
        order=order.id,
        region=order.region,
        supervisor=order.supervisor,
        wearer=about.wearer,
        protected=about.protected,
        device=about.device,
        zone=about.zone,
        opened_ms=now_ms,
        seq=1,
        level=level,
        certainty=None,
        possible_level=level,
        severity=severity,
        cause=cause,
    )


def levels_left(incident: Incident, level: Level, now_ms: Millis) -> tuple[Millis, Millis, Millis, Millis]:
    """When each level was last left, once the incident is at `level`."""
    clear, warning, breach, emergency = (
        now_ms if level < step <= incident.level else incident.left_ms[step] for step in Level
    )
    return clear, warning, breach, emergency


def change_level(
    incident: Incident, level: Level, cause: Cause, now_ms: Millis, rearm_after_ms: Millis, *, known: bool = False
) -> tuple[Incident, Change]:
    """The incident at another level. A rise asks anew, unless that level was left less than `rearm_after_ms` ago.

    Nor where it is `known` that they are together.
    """
    left_ms = incident.left_ms[level]
    recent = known or (left_ms >= 0 and now_ms - left_ms < rearm_after_ms)
    if level == Level.CLEAR:
        change = Change.RESOLVED
    elif level < incident.level:
        change = Change.LOWERED
    else:
        change = Change.UPDATED if recent else Change.RAISED
    return replace(
        incident,
        seq=incident.seq + 1,
        level=level,
        severity=SEVERITY_OF[level] if level else incident.severity,
        cause=cause,
        acknowledged=incident.acknowledged and change is not Change.RAISED,
        resolved=level == Level.CLEAR,
        left_ms=levels_left(incident, level, now_ms),
    ), change


def resolve(incident: Incident, cause: Cause) -> Incident:
    """The incident closed."""
    return replace(
        incident,
        seq=incident.seq + 1,
        level=Level.CLEAR,
        certainty=None,
        possible_level=Level.CLEAR,
        cause=cause,
        resolved=True,
    )


def change_troubles(
    incident: Incident, troubles: tuple[Cause, ...], reported: frozenset[Cause]
) -> tuple[Incident, Change] | None:
    """A device incident with other troubles; None where nothing is new. What is `reported` again is new again."""
    added = [cause for cause in troubles if cause not in incident.troubles or cause in reported]
    ended = [cause for cause in incident.troubles if cause not in troubles]
    if not added and not ended:
        return None
    if not troubles:
        cause = BY_CAUSE[incident.troubles[0]].ended
        return replace(resolve(incident, cause), troubles=()), Change.RESOLVED
    severity = max(BY_CAUSE[cause].severity for cause in troubles)
    cause = added[0] if added else BY_CAUSE[ended[0]].ended
    change = Change.RAISED if added else (Change.LOWERED if severity < incident.severity else Change.UPDATED)
    return replace(
        incident,
        seq=incident.seq + 1,
        severity=severity,
        cause=cause,
        troubles=troubles,
        acknowledged=incident.acknowledged and not added,
    ), change


def acknowledge(incident: Incident) -> Incident:
    """The incident as seen by a supervisor."""
    return replace(incident, seq=incident.seq + 1, cause=Cause.COMMAND, acknowledged=True)


def told(
    incident: Incident, change: Change, now_ms: Millis, previous: Level, evidence: Evidence, revision: str
) -> Transition:
    """The transition that tells of the incident."""
    return Transition(incident, change, now_ms, previous, evidence, revision)


def certainty_of(*, certain: bool, level: Level) -> Certainty | None:
    """How sure the level is; None where there is none."""
    if level == Level.CLEAR:
        return None
    return Certainty.CERTAIN if certain else Certainty.PROBABLE
