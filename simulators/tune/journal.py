# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The victim-proximity monitor authors
"""A service's journal at every point. Nobody knows the truth there: a breach that was told is what can be lost."""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import closing
from functools import partial
from itertools import chain, takewhile
from pathlib import Path
from typing import Final, NamedTuple

from proximity.model.units import Millis
from proximity.model.words import Change, Kind, Level
from proximity.service.journal import Journal, JournalFault
from proximity.service.pipeline import RevisionFault
from proximity.service.replay import rerun
from simulators.scores.judged import Heard, read_event
from simulators.scores.scoring import ALERTED_WITHIN_MS, Said, first_at, rises
from simulators.tune.gain import Gain
from simulators.tune.grid import AS_SET, Point, TuneFault
from simulators.tune.rewritten import Retold

OF_LEVELS: Final = (Kind.SEPARATION, Kind.ZONE)
ANSWERED: Final = Change.ACKNOWLEDGED  # what a supervisor did is no alert, and names an incident that a point may lack

Span = tuple[Millis, Millis]
Progress = Callable[[int], None]


class Row(NamedTuple):
    """One point over the whole journal."""

    point: Point
    incidents: int
    rises: Counter[tuple[str, str]]  # alerts that open or raise, by kind and level
    gain: Gain


def heard_at(path: Path, until: int, point: Point) -> list[Heard]:
    """Every transition that the journal's inputs bring about at a point, up to one step of it."""
    with closing(Journal(path, read_only=True)) as journal:
        steps = takewhile(lambda one: one[0].number <= until, rerun(Retold(point), journal, after=0))
        return [read_event(event.body) for _, told in steps for event in told.step.events]


def kept(path: Path) -> tuple[int, Millis, int]:
    """The last step of a journal, its time, and how many transitions were told until then. TuneFault."""
    try:
        with closing(Journal(path, read_only=True)) as journal:
            last = journal.tail
            steps = takewhile(lambda one: one.number <= last.number, journal.steps())
            return last.number, last.now_ms, sum(len(one.bodies) for one in steps)
    except JournalFault as error:
        raise TuneFault(str(error)) from error


def links_of(heard: Iterable[Heard]) -> dict[str, list[Said]]:
    """What was told of each link and of each zone and wearer."""
    found: dict[str, list[Heard]] = {}
    for one in heard:
        if one.kind in OF_LEVELS and not one.late:
            found.setdefault(one.about, []).append(one)
    return {about: [Said(one.at_ms, one.level, one.loud) for one in of] for about, of in found.items()}


def breaches(said: Sequence[Said], end_ms: Millis) -> list[Span]:
    """From when to when a breach that was told stood."""
    began = [one.at_ms for one, before in rises(said) if one.level >= Level.BREACH > before]
    return [
        (from_ms, next((one.at_ms for one in said if one.at_ms > from_ms and one.level < Level.BREACH), end_ms))
        for from_ms in began
    ]


def gain_of(heard: Sequence[Heard], as_set: Sequence[Heard], end_ms: Millis) -> Gain:
    """Each breach that was told as set, at a point: lost where not even a warning stands within four minutes of it.

    It is told less well where that is all, or where the breach comes more than four minutes later.
    """
    here = links_of(heard)
    told = lost = less = 0
    for about, said in links_of(as_set).items():
        for from_ms, until_ms in breaches(said, end_ms):
            span = from_ms - ALERTED_WITHIN_MS, until_ms + ALERTED_WITHIN_MS
            own = here.get(about, [])
            breach_ms = first_at(own, Level.BREACH, *span)
            told += 1
            if first_at(own, Level.WARNING, *span) is None:
                lost += 1
            elif breach_ms is None or breach_ms > from_ms + ALERTED_WITHIN_MS:
                less += 1
    return Gain("breach", len(alerts_of(heard)), len(alerts_of(as_set)), told, lost, less)


def alerts_of(heard: Iterable[Heard]) -> list[Heard]:
    """What asked something of someone."""
    return [one for one in heard if one.loud and one.change != ANSWERED]


def row_of(point: Point, heard: Sequence[Heard], as_set: Sequence[Heard], end_ms: Millis) -> Row:
    """What is told at a point."""
    return Row(
        point=point,
        incidents=sum(one.change == Change.OPENED for one in heard),
        rises=Counter((one.kind, one.level.word) for one in alerts_of(heard) if one.change != Change.RESOLVED),
        gain=gain_of(heard, as_set, end_ms),
    )


def run(
    path: Path, grid: Sequence[Point], processes: int, progress: Progress, note: Callable[[str], None]
) -> list[Row]:
    """Try a grid on a journal; `progress` hears of each point, `note` what a reader should know. TuneFault."""
    until, end_ms, told = kept(path)
    points, rows = (AS_SET, *grid), list[Row]()
    try:
        with ProcessPoolExecutor(processes) as pool:
            found = pool.map(partial(heard_at, path, until), points)
            as_set = next(found)
            for point, heard in zip(points, chain([as_set], found), strict=True):
                rows.append(row_of(point, heard, as_set, end_ms))
                progress(1)
    except (JournalFault, RevisionFault) as error:
        raise TuneFault(f"{path}: {error}" if isinstance(error, RevisionFault) else str(error)) from error
    if len(as_set) != told:
        note(f"the service told {told} transitions, this version {len(as_set)}: rows are compared with this version")
    return rows
