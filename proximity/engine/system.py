# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The victim-proximity monitor authors
"""Incidents of the system itself: they belong to no order and go to everyone."""

from collections.abc import Iterable
from typing import Final

from msgspec.structs import replace

from proximity.engine.incident import NO_EVIDENCE, incident_id, told
from proximity.engine.state import IncidentKey, State
from proximity.model.incidents import Incident, Transition
from proximity.model.inputs import Refusal
from proximity.model.units import Millis
from proximity.model.words import Cause, Change, Kind, Level, Refused, Severity

NO_ORDER: Final = "system"  # stands for the order (DESIGN 4.4); no order may have this id
ENGINE: Final = "engine"
FAULT_KEY: Final[IncidentKey] = (NO_ORDER, str(Kind.SYSTEM), ENGINE)


def system_transitions(state: State, refusals: Iterable[Refusal], now_ms: Millis) -> list[Transition]:
    """Inputs that the engine failed on: one critical incident, raised anew by every step with more of them."""
    if not any(refusal.reason is Refused.ENGINE_FAULT for refusal in refusals):
        return []
    incident = state.incidents.get(FAULT_KEY)
    if incident is None:
        incident, change = _fault(now_ms), Change.OPENED
    else:
        incident, change = replace(incident, seq=incident.seq + 1, acknowledged=False), Change.RAISED
    state.keep(FAULT_KEY, incident)
    return [told(incident, change, now_ms, Level.CLEAR, NO_EVIDENCE, state.world.book.revision)]


def _fault(now_ms: Millis) -> Incident:
    return Incident(
        id=incident_id(NO_ORDER, Kind.SYSTEM, ENGINE, now_ms),
        kind=Kind.SYSTEM,
        order=NO_ORDER,
        region="",
        supervisor="",
        wearer=None,
        protected=None,
        device=None,
        zone=None,
        opened_ms=now_ms,
        seq=1,
        level=Level.CLEAR,
        certainty=None,
        possible_level=Level.CLEAR,
        severity=Severity.CRITICAL,
        cause=Cause.ENGINE_FAULT,
    )
