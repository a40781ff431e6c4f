# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The victim-proximity monitor authors
"""Transitions to tell of, made by hand."""

from typing import Any

from msgspec.structs import replace

from proximity.model.incidents import Episode, Evidence, Incident, Transition
from proximity.model.words import Cause, Certainty, Change, Kind, Level, Severity

Fields = dict[str, Any]  # of an incident

TYPE_PREFIX = "nl.contactverboden"
SOURCE = "urn:nld:oin:00000000000000000000:systeem:proximity"
REVISION = "sha256:" + "0" * 64

INCIDENT = Incident(
    id="rtm-2026-0001:separation:w-17_p-04:1717867444000",
    kind=Kind.SEPARATION,
    order="rtm-2026-0001",
    region="rotterdam",
    supervisor="team-a",
    wearer="w-17",
    protected="p-04",
    device=None,
    zone=None,
    opened_ms=1_717_867_444_000,
    seq=2,
    level=Level.BREACH,
    certainty=Certainty.CERTAIN,
    possible_level=Level.BREACH,
    severity=Severity.MAJOR,
    cause=Cause.LIMIT_CROSSED,
)
EVIDENCE = Evidence(
    expected_m=447.3,
    low_m=401.9,
    high_m=492.2,
    probability=0.9649,
    wearer_fix_age_s=0.4,
    protected_fix_age_s=1.9,
)
RAISED = Transition(INCIDENT, Change.RAISED, 1_717_868_822_000, Level.WARNING, EVIDENCE, REVISION)


def told(change: Change = Change.RAISED, evidence: Evidence = EVIDENCE, **changes: object) -> Transition:
    """The transition above, with another change, evidence or incident."""
    return replace(RAISED, change=change, evidence=evidence, incident=replace(INCIDENT, **changes))


# known at 17:47:02, of a time from 14:03:04 to 14:21:30, at the nearest at 14:12:00
EPISODE = Episode(1_717_855_384_000, 1_717_856_490_000, 1_717_855_920_000, Level.BREACH, certain=False)
JOINED = replace(RAISED, change=Change.UPDATED, previous_level=Level.BREACH, episode=EPISODE)
LATE = replace(
    RAISED,
    incident=replace(INCIDENT, late=True, episodes=(EPISODE,), cause=Cause.LATE_FIXES, seq=1),
    change=Change.OPENED,
    previous_level=Level.CLEAR,
    evidence=Evidence(expected_m=447.3, low_m=401.9, high_m=492.2, probability=0.9649),
    episode=EPISODE,
)

ZONE: Fields = {
    "kind": Kind.ZONE,
    "protected": None,
    "zone": "home",
    "id": "rtm-2026-0001:zone:w-17_home:1717867444000",
}
DEVICE: Fields = {
    "kind": Kind.DEVICE,
    "wearer": None,
    "protected": None,
    "device": "ank-001",
    "id": "rtm-2026-0001:device:ank-001:1717867444000",
    "level": Level.CLEAR,
    "possible_level": Level.CLEAR,
    "certainty": None,
    "cause": Cause.STRAP_CUT,
    "troubles": (Cause.STRAP_CUT, Cause.SILENT),
}
SYSTEM: Fields = {
    "kind": Kind.SYSTEM,
    "order": "system",
    "wearer": None,
    "protected": None,
    "id": "system:system:engine:1717867444000",
    "level": Level.CLEAR,
    "certainty": None,
    "cause": Cause.ENGINE_FAULT,
}
