# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The victim-proximity monitor authors
"""Which incidents are not told by themselves, because another one is told instead (decision 0017).

A silence, and what is blind for it, folds into the mass silence that it belongs to. What is blind folds into a blind
incident of the same supervisor that is told and blames the same parties, and more. When what it is folded into
no longer stands for it, it is told.
"""

from typing import Final, NamedTuple

import numpy as np
from msgspec.structs import replace

from proximity.engine.device import device_evidence
from proximity.engine.flood import Gone
from proximity.engine.incident import told
from proximity.engine.judge import DOUBTS, evidence_of
from proximity.engine.state import IncidentKey, State
from proximity.kernels.blindness import PROTECTED, STALE, WEARER
from proximity.model.incidents import Extent, Incident, Transition
from proximity.model.units import Millis
from proximity.model.words import Cause, Change, Kind, Level

FOLDING: Final = (Kind.BLIND, Kind.DEVICE)
Supervisor = tuple[str, str]  # region, supervisor


class Blind(NamedTuple):
    """A row that is blind."""

    row: int
    key: IncidentKey
    incident: Incident
    blames: frozenset[int]  # parties
    why: int
    flooded: bool  # the mass silence stands for it

    @property
    def supervisor(self) -> Supervisor:
        """Who is told."""
        return self.incident.region, self.incident.supervisor

    def covers(self, other: "Blind") -> bool:
        """Whether who is told of this one knows of the other."""
        return self.blames >= other.blames and self.why >= other.why


def blind_rows(state: State, gone: Gone) -> list[Blind]:
    """All that are blind, by row."""
    rows, columns = state.rows, state.columns
    found: list[Blind] = []
    for row in np.flatnonzero(rows.blind).tolist():
        by, why = int(rows.doubt_by[row]), int(rows.doubt_why[row])
        both = ((WEARER, int(columns.wearer[row])), (PROTECTED, int(columns.protected[row])))
        blames = frozenset(party for bit, party in both if by & bit)
        silent = [party for party in blames if gone.missed[party]]
        flooded = why == STALE and bool(silent) and all(gone.members[party] for party in silent)
        key = state.subjects[row].blind_key
        found.append(Blind(row, key, state.incidents[key], blames, why, flooded))
    return found


def plain_order(blind: Blind) -> tuple[int, bool, IncidentKey]:
    """Who blames more is told rather than who blames less, a link rather than a zone."""
    return -len(blind.blames), blind.incident.zone is not None, blind.key


class Told:
    """The blind incidents that are told, to be found by supervisor and party."""

    def __init__(self) -> None:
        self._found: dict[tuple[Supervisor, int], list[Blind]] = {}
        self.links: dict[str, int] = {}  # how many newly fold into each

    def add(self, blind: Blind) -> None:
        """This one is told."""
        for party in blind.blames:
            self._found.setdefault((blind.supervisor, party), []).append(blind)

    def standing_for(self, blind: Blind) -> str | None:
        """The incident that is told instead of one: that which was, if it still is; else the first that can be."""
        candidates = self._found.get((blind.supervisor, min(blind.blames)), ())
        names = [one.incident.id for one in sorted(candidates, key=lambda one: one.key) if one.covers(blind)]
        if not names:
            return None
        return blind.incident.folded_into if blind.incident.folded_into in names else names[0]


def fold_blind(state: State, transitions: list[Transition], gone: Gone, now_ms: Millis) -> None:
    """Decide of every blind incident that is new, or not told by itself, whether it is; change `transitions` so."""
    opened = {
        one.incident.id: place
        for place, one in enumerate(transitions)
        if one.change is Change.OPENED and one.incident.kind is Kind.BLIND
    }
    everyone = blind_rows(state, gone)
    known, untold = Told(), list[Blind]()
    for blind in everyone:
        if blind.incident.folded_into is None and blind.incident.id not in opened:
            known.add(blind)
        else:
            untold.append(blind)
    for blind in sorted(untold, key=plain_order):
        flood = state.flood.id if state.flood is not None and blind.flooded else None  # nobody is a member without one
        target = flood or known.standing_for(blind)
        if target is None:
            known.add(blind)
        else:
            known.links[target] = known.links.get(target, 0) + (blind.incident.folded_into != target)
        place = opened.get(blind.incident.id)
        if place is not None:
            incident = replace(blind.incident, folded_into=target)
            transitions[place] = replace(transitions[place], incident=incident, folded=target is not None)
        elif target != blind.incident.folded_into:
            incident = turned(blind.incident, target, DOUBTS[blind.why])
            evidence = evidence_of(state, blind.row, Level.BREACH, now_ms)
            change = Change.RAISED if target is None else Change.UPDATED
            told_now = told(incident, change, now_ms, Level.CLEAR, evidence, state.world.book.revision)
            transitions.append(replace(told_now, folded=target is not None))
        else:
            continue
        state.keep(blind.key, incident)
    say_how_many(transitions, known.links, now_ms)


def turned(incident: Incident, target: str | None, cause: Cause | None) -> Incident:
    """The incident folded into another one, or told by itself from now on: then nobody has seen it yet."""
    acknowledged = incident.acknowledged and target is not None
    cause = cause or incident.cause
    return replace(incident, seq=incident.seq + 1, folded_into=target, cause=cause, acknowledged=acknowledged)


def say_how_many(transitions: list[Transition], links: dict[str, int], now_ms: Millis) -> None:
    """Blind incidents that are told at this step say for how many links and zones they stand."""
    for place, one in enumerate(transitions):
        more = links.get(one.incident.id, 0)
        if more and one.at_ms == now_ms and one.change in (Change.OPENED, Change.RAISED):
            transitions[place] = replace(one, extent=Extent(links=1 + more))


def fold_devices(state: State, transitions: list[Transition], gone: Gone, now_ms: Millis) -> None:
    """What is told of devices at this step: silence that belongs to the flood is not; anything else is."""
    for place, one in enumerate(transitions):
        incident = one.incident
        if incident.kind is not Kind.DEVICE or incident.device is None or incident.resolved:
            continue
        if state.incidents.get((incident.order, str(incident.kind), incident.device)) != incident:
            continue  # it has gone on since, in the same step
        row = state.world.device_row[incident.device]
        silence = one.change in (Change.OPENED, Change.RAISED) and incident.cause is Cause.SILENT
        if silence and state.flood is not None and gone.member[row]:
            incident = replace(incident, folded_into=state.flood.id)
            transitions[place] = replace(one, incident=incident, folded=True)
        elif one.change is Change.RAISED or Cause.SILENT not in incident.troubles:
            incident = replace(incident, folded_into=None)
            transitions[place] = replace(one, incident=incident)
        state.keep((incident.order, str(incident.kind), incident.device or ""), incident)
    if state.flood is None:
        transitions += [
            silence_told(state, key, incident, now_ms)
            for key, incident in sorted(state.incidents.items())
            if incident.kind is Kind.DEVICE and incident.folded_into is not None
        ]


def silence_told(state: State, key: IncidentKey, incident: Incident, now_ms: Millis) -> Transition:
    """The silence of one device that the flood no longer stands for."""
    incident = turned(incident, None, Cause.SILENT)
    state.keep(key, incident)
    evidence = device_evidence(state, state.world.device_row[key[2]], now_ms)
    return told(incident, Change.RAISED, now_ms, Level.CLEAR, evidence, state.world.book.revision)


def end_quietly(transitions: list[Transition]) -> None:
    """What ends without having been told is not told."""
    for place, one in enumerate(transitions):
        if one.incident.folded_into is not None and one.incident.resolved:
            transitions[place] = replace(one, folded=True)


def basis(state: State, gone: Gone) -> bytes:
    """All that folding depends on, besides what happens at the step itself."""
    blind = np.flatnonzero(state.rows.blind)
    flood = "" if state.flood is None else state.flood.id
    parts = (blind, state.rows.doubt_by[blind], state.rows.doubt_why[blind], gone.missed & gone.members)
    return b"".join([flood.encode(), state.world.book.revision.encode(), *(part.tobytes() for part in parts)])


def fold(state: State, transitions: list[Transition], gone: Gone | None, now_ms: Millis) -> None:
    """At the end of a step: decide what of it is told by itself, and what no longer is folded; in place."""
    end_quietly(transitions)
    if gone is None:
        state.folds_seen = b""
        return
    seen = basis(state, gone)
    if seen == state.folds_seen and not any(one.incident.kind in FOLDING for one in transitions):
        return
    state.folds_seen = seen
    fold_devices(state, transitions, gone, now_ms)
    fold_blind(state, transitions, gone, now_ms)
