# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The victim-proximity monitor authors
"""What `explain` reads of the engine's state; the only part of it that knows how the engine keeps things."""

from typing import Final, NamedTuple

from msgspec import Struct

from proximity.engine.judge import evidence_of
from proximity.engine.state import State
from proximity.geo.world import Subject
from proximity.model.incidents import Evidence
from proximity.model.units import Metres, Millis
from proximity.model.words import Level

NO_LIMIT_M: Final = -1.0


class Matter(NamedTuple):
    """A link (wearer and protected) or a zone (wearer and zone) of an order, over all revisions of the orders."""

    order: str
    wearer: str
    protected: str | None
    zone: str | None


class Reading(Struct, frozen=True):
    """What the engine knew of a link or zone at an instant. No places."""

    at_ms: Millis
    evidence: Evidence
    level: Level
    certain: bool
    possible: Level
    wearer_silent_ms: Millis | None  # since when its newest position is stale; None: it is not
    protected_silent_ms: Millis | None


def find_row(state: State, matter: Matter, guess: int) -> int | None:
    """The row that judges it, the `guess` where that is still right; None: there is none now."""
    if 0 <= guess < len(state.subjects) and _matter_of(state.subjects[guess]) == matter:
        return guess
    return next((row for row, subject in enumerate(state.subjects) if _matter_of(subject) == matter), None)


def read_row(state: State, row: int, at_ms: Millis) -> Reading:
    """The judgement of a row as it stands at an instant from the last step on and before the next."""
    level = Level(int(state.rows.level[row]))
    wearer, protected = int(state.columns.wearer[row]), int(state.columns.protected[row])
    return Reading(
        at_ms,
        evidence_of(state, row, level, at_ms),
        level,
        bool(state.rows.certain[row]),
        Level(max(int(state.rows.possible[row]), level)),
        _silent_since(state, wearer, at_ms),
        _silent_since(state, protected, at_ms) if protected >= 0 else None,
    )


def limits_of(state: State, row: int) -> dict[Level, Metres]:
    """The distance at which each level of a row begins; of a zone, to its boundary."""
    limits_m = state.columns.limits_m[row]
    return {
        level: float(limits_m[level - 1])
        for level in (Level.WARNING, Level.BREACH, Level.EMERGENCY)
        if limits_m[level - 1] != NO_LIMIT_M
    }


def devices_of(state: State, party: str | None) -> frozenset[str]:
    """The devices that a party carries under the orders in force."""
    return frozenset(device.id for one in state.world.book.parties if one.id == party for device in one.devices)


def _matter_of(subject: Subject) -> Matter:
    return Matter(subject.order.id, subject.wearer, subject.protected, subject.zone)


def _silent_since(state: State, party: int, at_ms: Millis) -> Millis | None:
    fixed_ms = int(state.parties.fixed_ms[party])
    if fixed_ms < 0:
        return 0  # never heard
    since_ms = fixed_ms + int(state.parties.stale_ms[party])
    return since_ms if at_ms >= since_ms else None
