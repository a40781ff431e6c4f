# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The victim-proximity monitor authors
"""When a device is silent (decision 0012), reckoned from what came in alone; and when that was told."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Final, NamedTuple

from proximity.model.incidents import Incident, Transition
from proximity.model.units import DAY_MS, MILLIS_PER_SECOND, Millis, Seconds
from proximity.model.words import Cause, Kind
from simulators.devices.reception import Cadence, Span
from simulators.scores.blindness import AT_LEAST_S, INTERVALS
from simulators.swarm.days import FIRST_MS, NEVER_MS, Letter

GRACE_MS: Final = 10 * MILLIS_PER_SECOND
NEVER_HEARD_MS: Final = -1  # expected from when its order holds
UNDER_WAY_S: Final[Seconds] = 60.0  # what a message may take,
NEVER_UNDER_WAY_S: Final[Seconds] = 30.0  # unless the device reports at least so often


class Silent(NamedTuple):
    """A time in which it must be told that a device is silent."""

    from_ms: Millis
    until_ms: Millis
    still_comes: bool  # fixes come, but old ones: that its clock is wrong says it as well


class Known(NamedTuple):
    """What has been heard of a device."""

    newest_ms: Millis
    came_ms: Millis


def allowed_ms(cadence: Cadence) -> Millis:
    """Two of the longer intervals and what is under way, at least 90 s."""
    longer_s = max(cadence)
    under_way_s = UNDER_WAY_S if longer_s > NEVER_UNDER_WAY_S else 0.0
    return round(max(AT_LEAST_S, INTERVALS * longer_s + under_way_s) * MILLIS_PER_SECOND)


def hear(known: Known, letter: Letter) -> Known:
    """What is known after a message."""
    at_ms = letter.at_ms
    for fix in letter.fixes:
        if fix.fixed_at_ms - at_ms > DAY_MS:  # refused
            continue
        known = Known(max(known.newest_ms, min(fix.fixed_at_ms, at_ms)), at_ms)
    return known


def silent_spans(
    letters: Iterable[Letter], cadence: Cadence, in_force: Sequence[Span], until_ms: Millis
) -> Iterator[Silent]:
    """When one device (whose letters these are) must be told to be silent, ten seconds granted."""
    known, longest_ms = Known(NEVER_HEARD_MS, NEVER_HEARD_MS), allowed_ms(cadence)
    from_ms = FIRST_MS
    for letter in (*letters, None):
        next_ms = until_ms if letter is None else letter.at_ms
        for holds_ms, ends_ms in in_force:
            expected_ms = holds_ms if known.newest_ms == NEVER_HEARD_MS else known.newest_ms
            stale_ms = max(from_ms, expected_ms + longest_ms, holds_ms) + GRACE_MS
            quiet_ms = max(stale_ms, known.came_ms + longest_ms + GRACE_MS)
            last_ms = min(next_ms, ends_ms)
            if stale_ms < min(quiet_ms, last_ms):
                yield Silent(stale_ms, min(quiet_ms, last_ms), still_comes=True)
            if quiet_ms < last_ms:
                yield Silent(quiet_ms, last_ms, still_comes=False)
        if letter is not None:
            known, from_ms = hear(known, letter), letter.at_ms


def spans_where(transitions: Iterable[Transition], says: Callable[[Incident], bool]) -> list[Span]:
    """From when to when an incident that says so stood open."""
    since: dict[str, Millis] = {}
    found: list[Span] = []
    for one in transitions:
        if not one.incident.resolved and says(one.incident):
            since.setdefault(one.incident.id, one.at_ms)
        elif one.incident.id in since:
            found.append((since.pop(one.incident.id), one.at_ms))
    return sorted([*found, *((from_ms, NEVER_MS) for from_ms in since.values())])


def told_silent(device: str, *, or_clock: bool) -> Callable[[Incident], bool]:
    """Whether an incident says that a device is silent or its link blind, or, where that will do, its clock wrong."""
    causes = {Cause.SILENT, Cause.CLOCK} if or_clock else {Cause.SILENT}

    def says(incident: Incident) -> bool:
        silent = incident.kind is Kind.DEVICE and incident.device == device and not causes.isdisjoint(incident.troubles)
        return silent or incident.kind is Kind.BLIND

    return says


def untold_ms(spans: Iterable[Span], from_ms: Millis, until_ms: Millis) -> Millis | None:
    """The first instant of a time that none of the sorted spans covers; None where there is none."""
    for begins_ms, ends_ms in spans:
        if begins_ms > from_ms:
            break
        from_ms = max(from_ms, ends_ms)
    return from_ms if from_ms < until_ms else None
