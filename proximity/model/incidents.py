# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The victim-proximity monitor authors
"""Incidents and their transitions: what the engine tells."""

from msgspec import Struct

from proximity.model.units import EarthCentred, Metres, MetresPerSecond, Millis, Seconds
from proximity.model.words import Cause, Certainty, Change, Kind, Level, Moving, Severity


class Evidence(Struct, frozen=True):
    """The judgement behind a transition, exact; `proximity.wire` coarsens it before it leaves. None: not known."""

    expected_m: Metres | None = None
    low_m: Metres | None = None
    high_m: Metres | None = None
    probability: float | None = None
    wearer_fix_age_s: Seconds | None = None
    protected_fix_age_s: Seconds | None = None
    closing_mps: MetresPerSecond | None = None  # negative: they part
    time_to_limit_s: Seconds | None = None  # at this closing speed; 0 within the limit
    time_to_contact_s: Seconds | None = None
    moving: Moving | None = None
    pace_mps: MetresPerSecond | None = None  # of the faster one
    moved_m: tuple[Metres | None, Metres | None] | None = None  # wearer's, protected's, since the incident opened


class Episode(Struct, frozen=True):
    """What late fixes show of a time that has passed."""

    from_ms: Millis  # the level rose
    until_ms: Millis  # they were seen to be apart; else the last that is known
    nearest_ms: Millis
    level: Level  # the highest
    certain: bool


class Incident(Struct, frozen=True):
    """One episode on one link, zone or device, from first sign to close."""

    id: str  # {order}:{kind}:{what}:{opened_ms}
    kind: Kind
    order: str
    region: str
    supervisor: str
    wearer: str | None
    protected: str | None
    device: str | None
    zone: str | None
    opened_ms: Millis
    seq: int  # number of its last transition, from 1
    level: Level
    certainty: Certainty | None
    possible_level: Level
    severity: Severity
    cause: Cause
    acknowledged: bool = False
    resolved: bool = False
    left_ms: tuple[Millis, Millis, Millis, Millis] = (-1, -1, -1, -1)  # when each level was last left, -1: never
    troubles: tuple[Cause, ...] = ()  # of a device incident: what is wrong now, worst first
    origin: tuple[EarthCentred | None, EarthCentred | None] = (None, None)  # where both were then; never leaves
    inclusion: bool = False  # about a zone that the wearer must be in
    folded_into: str | None = None  # the incident that is told instead of this one
    late: bool = False  # known only by fixes that came late: nothing is said of the present
    episodes: tuple[Episode, ...] = ()  # what late fixes have shown of it, by time
    late_ms: Millis = -1  # when they last did


class Share(Struct, frozen=True):
    """What of an extent is one supervisor's."""

    region: str
    supervisor: str
    devices: int
    links: int


class Extent(Struct, frozen=True):
    """How much an incident stands for besides what it names. Links and zones are counted alike."""

    links: int
    devices: int | None = None
    of_devices: int | None = None  # that serve an order in force
    shares: tuple[Share, ...] = ()  # by region and supervisor


class Transition(Struct, frozen=True):
    """One numbered change of one incident; the incident is as it stands after the change."""

    incident: Incident
    change: Change
    at_ms: Millis
    previous_level: Level
    evidence: Evidence
    orders_revision: str
    folded: bool = False  # not told loudly: another incident is told instead
    extent: Extent | None = None
    episode: Episode | None = None  # what late fixes have shown now

    @property
    def late(self) -> bool:
        """Whether it tells of a time that has passed."""
        return self.incident.late or self.episode is not None
