# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The victim-proximity monitor authors
"""An incident explained from the journal: what the engine knew before, at and between its transitions.

The journal is replayed by the same engine. Everything here is exact, but there are distances only, no places.
"""

from collections.abc import Callable, Iterable, Sequence
from difflib import get_close_matches
from typing import Final

import msgspec
from msgspec import Struct

from proximity.engine.state import State
from proximity.engine.step import Events
from proximity.model.incidents import Evidence, Transition
from proximity.model.inputs import Fix, Input
from proximity.model.units import MILLIS_PER_SECOND, Metres, Millis
from proximity.model.words import Kind, Level
from proximity.service.explain_state import Matter, Reading, devices_of, find_row, limits_of, read_row
from proximity.service.explain_then import Collected, Episode, Rules, Span, joined, relive, stretch_of
from proximity.service.journal import Journal, JournalFault
from proximity.service.pipeline import Pipeline
from proximity.service.replay import rerun
from proximity.wire.texts import Text

BEFORE_MS: Final = 30 * 60 * MILLIS_PER_SECOND
AFTER_MS: Final = 5 * 60 * MILLIS_PER_SECOND
READINGS_WANTED: Final = 500
LATE_MS: Final = 90 * MILLIS_PER_SECOND  # a fix that came later than this was not known when it was fixed

Progress = Callable[[int, int], None]  # steps replayed, of how many


class ExplainFault(Exception):
    """An incident that cannot be explained; the message is one line: what, where, the mend."""


class Facts(Struct, frozen=True):
    """What `explain` takes from an event as it was told."""

    incident: str
    seq: int
    kind: Kind
    order: str
    wearer: str | None
    protected: str | None
    device: str | None
    zone: str | None
    level: str
    previous_level: str
    certainty: str | None
    possible_level: str
    cause: str
    resolved: bool
    text: Text
    late: bool = False
    episode: Episode | None = None  # where late fixes showed one now


class Event(Struct, frozen=True):
    """An event as it was told."""

    type: str
    data: Facts


class Move(Struct, frozen=True):
    """One transition: as it was told, and exactly what stood behind it; None where this version judges otherwise."""

    at_ms: Millis
    change: str
    facts: Facts
    evidence: Evidence | None


class Seen(Struct, frozen=True):
    """A fix of one of the parties, by its times only."""

    fixed_ms: Millis
    late: bool


class Explanation(Struct, frozen=True):
    """All that table and picture need.

    What is known only by late fixes is shown at its own time, as it is known now: of a late incident that is all.
    """

    moves: tuple[Move, ...]
    from_ms: Millis
    until_ms: Millis
    limits_m: dict[Level, Metres]  # those of the last reading
    readings: tuple[Reading, ...]
    wearer_fixes: tuple[Seen, ...]
    protected_fixes: tuple[Seen, ...]
    wearer_silent: tuple[Span, ...]
    protected_silent: tuple[Span, ...]
    blind: tuple[Span, ...]
    episodes: tuple[Span, ...] = ()  # that late fixes have shown
    then: tuple[Reading, ...] = ()  # of an incident that is not late: what is known now of the time about these

    @property
    def about(self) -> Facts:
        """The incident at its last transition."""
        return self.moves[-1].facts

    @property
    def late(self) -> bool:
        """Whether the incident is known only by late fixes: from its first transition on, not just by one of them."""
        return self.moves[0].facts.late


def explain(journal: Journal, name: str, incident: str, progress: Progress | None = None) -> Explanation:
    """What the engine knew of an incident. ExplainFault: there is none of that id; JournalFault: a broken chain."""
    told = journal.told_of(incident)
    if not told:
        raise ExplainFault(_unknown(journal.incidents(), name, incident))
    try:
        events = [(at_ms, msgspec.json.decode(body, type=Event)) for at_ms, body in told]
    except msgspec.MsgspecError as error:
        raise JournalFault(
            f"{name}: an event of {incident} cannot be read ({error}): use the version that wrote it"
        ) from error
    (first_ms, first), (last_ms, last) = events[0], events[-1]
    episodes = joined(event.data.episode.span for _, event in events if event.data.episode is not None)
    end_ms = min(last_ms + AFTER_MS if last.data.resolved else journal.tail.now_ms, journal.tail.now_ms)
    stretch = stretch_of(episodes, end_ms)
    from_ms = first_ms - BEFORE_MS
    if stretch is not None and not first.data.late:
        from_ms = min(from_ms, stretch[0])
    watch = Watch(_matter(last.data), incident, (from_ms, end_ms), stretch)
    for stored, _ in rerun(Watched(watch), journal, after=0):
        if progress is not None:
            progress(stored.number, journal.tail.number)
        if stored.now_ms > end_ms:
            break
    moves = [_move(at_ms, event, watch.transitions.get(event.data.seq)) for at_ms, event in events]
    if stretch is None:
        return _explanation(watch, moves)
    then = watch.then(stretch)
    if not first.data.late:
        return msgspec.structs.replace(_explanation(watch, moves), episodes=episodes, then=tuple(then.readings))
    then.fixes, then.blind = watch.fixes, watch.blind
    return msgspec.structs.replace(_explanation(then, moves), episodes=episodes)


class Watched(Pipeline):
    """A pipeline that is watched while it runs."""

    def __init__(self, watch: "Watch") -> None:
        super().__init__()
        self.watch = watch

    def _step(self, inputs: Sequence[Input], now_ms: Millis) -> Events:
        self.watch.before_step(self.state, now_ms)
        events = super()._step(inputs, now_ms)
        self.watch.after_step(self.state, inputs, events, now_ms)
        return events


class Watch:
    """Reads one link or zone within a window: at the steps of a pipeline, and at whole seconds between them."""

    def __init__(self, matter: Matter | None, incident: str, window: Span, stretch: Span | None = None) -> None:
        """`stretch`: the time about what late fixes have shown."""
        self.matter = matter
        self.window = window
        self._spans = (window,) if stretch is None else (window, stretch)  # of what is shown
        self.readings: list[Reading] = []
        self.limits_m: dict[Level, Metres] = {}
        self.transitions: dict[int, Transition] = {}  # of the incident, by number
        self.blind: list[tuple[Millis, bool]] = []  # when a blind incident of the same matter opened or was resolved
        self.fixes: dict[str, dict[tuple[str, Millis, float, float], Seen]] = {}  # by party
        self._incident = incident
        self._row = -1
        self._carriers: dict[str, str] = {}  # party by device
        self._revision = ""
        self._collected = Collected(stretch)
        self._rules: Rules | None = None  # by which late fixes were judged last
        self._every_ms = -(-(window[1] - window[0]) // (READINGS_WANTED * MILLIS_PER_SECOND)) * MILLIS_PER_SECOND

    def before_step(self, state: State, now_ms: Millis) -> None:
        """Between the last step and this one nothing has happened but that time passed."""
        first_ms, end_ms = max(state.now_ms + 1, self.window[0]), min(now_ms, self.window[1] + 1)
        for at_ms in range(-(-first_ms // self._every_ms) * self._every_ms, end_ms, self._every_ms):
            self._read(state, at_ms, always=False)

    def after_step(self, state: State, inputs: Iterable[Input], events: Events, now_ms: Millis) -> None:
        """Keep what the step brought that matters."""
        moved = False
        for transition in events.transitions:
            incident = transition.incident
            if incident.id == self._incident:
                self.transitions[incident.seq] = transition
                moved = True
                if transition.episode is not None:
                    self._rules = Rules(state.world.book, state.judging)
            about = (incident.order, incident.wearer, incident.protected, incident.zone)
            if incident.kind is Kind.BLIND and about == self.matter:
                self.blind.append((transition.at_ms, incident.resolved))
        if now_ms <= self.window[1]:
            self._see(state, inputs, now_ms)
            if now_ms >= self.window[0]:
                self._read(state, now_ms, always=moved)

    def _read(self, state: State, at_ms: Millis, *, always: bool) -> None:
        row = None if self.matter is None else find_row(state, self.matter, self._row)
        if row is None:
            return
        self._row, self.limits_m = row, limits_of(state, row)
        reading = read_row(state, row, at_ms)
        last = self.readings[-1] if self.readings else None
        if always or last is None or at_ms - last.at_ms >= self._every_ms or _otherwise(reading, last):
            self.readings.append(reading)

    def _see(self, state: State, inputs: Iterable[Input], now_ms: Millis) -> None:
        if self.matter is None:
            return
        if self._revision != state.world.book.revision:
            self._revision = state.world.book.revision
            parties = [party for party in (self.matter.wearer, self.matter.protected) if party]
            self._carriers = {device: party for party in parties for device in devices_of(state, party)}
        for fix in inputs:
            party = self._carriers.get(fix.device) if isinstance(fix, Fix) else None
            if not isinstance(fix, Fix) or party is None:
                continue
            key = (fix.device, fix.fixed_at_ms, fix.lat_deg, fix.lon_deg)  # what is sent twice is one fix
            self._collected.take(key, fix, now_ms)
            if any(begin_ms <= fix.fixed_at_ms <= end_ms for begin_ms, end_ms in self._spans):
                seen = Seen(fix.fixed_at_ms, now_ms - fix.fixed_at_ms > LATE_MS)
                self.fixes.setdefault(party, {}).setdefault(key, seen)

    def then(self, stretch: Span) -> "Watch":
        """What would have been seen in the stretch about late fixes, had all that is known now come in time."""
        watch = Watch(self.matter, "", stretch)
        if self._rules is not None and self.matter is not None:
            relive(self._rules, self.matter.order, self._collected.in_order(), stretch[1], watch)
        return watch


def _otherwise(one: Reading, other: Reading) -> bool:
    """True where more than distances and ages differ."""

    def kept(reading: Reading) -> tuple[object, ...]:
        silent = (reading.wearer_silent_ms, reading.protected_silent_ms)
        return (reading.level, reading.certain, reading.possible, reading.evidence.expected_m is None, *silent)

    return kept(one) != kept(other)


def _explanation(watch: Watch, moves: Sequence[Move]) -> Explanation:
    readings = watch.readings
    from_ms, until_ms = watch.window
    if readings:
        from_ms = max(from_ms, readings[0].at_ms)  # before it nothing was judged
    window = (from_ms, until_ms)
    wearer, protected = (watch.matter.wearer, watch.matter.protected) if watch.matter else ("", None)
    return Explanation(
        moves=tuple(moves),
        from_ms=from_ms,
        until_ms=until_ms,
        limits_m=watch.limits_m,
        readings=tuple(readings),
        wearer_fixes=_in_order(watch.fixes.get(wearer, {}).values(), window),
        protected_fixes=_in_order(watch.fixes.get(protected or "", {}).values(), window),
        wearer_silent=silent_spans([(one.at_ms, one.wearer_silent_ms) for one in readings], window),
        protected_silent=silent_spans([(one.at_ms, one.protected_silent_ms) for one in readings], window),
        blind=blind_spans(watch.blind, window),
    )


def silent_spans(found: Iterable[tuple[Millis, Millis | None]], window: Span) -> tuple[Span, ...]:
    """From (instant, silent since) in order: the spans of silence, cut to the window."""
    spans: list[Span] = []
    since_ms: Millis | None = None
    for at_ms, silent_ms in found:
        if since_ms is not None and silent_ms != since_ms:
            spans.append((since_ms, at_ms))
        since_ms = silent_ms
    if since_ms is not None:
        spans.append((since_ms, window[1]))
    return tuple((max(begin, window[0]), end) for begin, end in spans if end > window[0])


def blind_spans(found: Iterable[tuple[Millis, bool]], window: Span) -> tuple[Span, ...]:
    """From (instant, resolved) of blind incidents in order: the spans of blindness, cut to the window."""
    spans: list[Span] = []
    since_ms: Millis | None = None
    for at_ms, resolved in found:
        if resolved and since_ms is not None:
            spans.append((since_ms, at_ms))
        since_ms = None if resolved else at_ms if since_ms is None else since_ms
    if since_ms is not None:
        spans.append((since_ms, window[1]))
    cut = ((max(begin, window[0]), min(end, window[1])) for begin, end in spans)
    return tuple((begin, end) for begin, end in cut if begin < end)


def _in_order(fixes: Iterable[Seen], window: Span) -> tuple[Seen, ...]:
    own = [seen for seen in fixes if window[0] <= seen.fixed_ms <= window[1]]
    return tuple(sorted(own, key=lambda seen: seen.fixed_ms))


def _matter(facts: Facts) -> Matter | None:
    """The link or zone that an incident is about; a device or the system has none."""
    if facts.wearer is None or (facts.protected is None and facts.zone is None):
        return None
    return Matter(facts.order, facts.wearer, facts.protected, facts.zone)


def _move(at_ms: Millis, event: Event, found: Transition | None) -> Move:
    facts, change = event.data, event.type.rpartition(".")[2]
    same = found is not None and (
        (found.at_ms, str(found.change), found.incident.level.word, str(found.incident.cause))
        == (at_ms, change, facts.level, facts.cause)
    )
    return Move(at_ms, change, facts, found.evidence if same and found is not None else None)


def _unknown(known: Sequence[str], name: str, incident: str) -> str:
    if not known:
        return f"{name}: no incident {incident!r}: it has none at all"
    near = get_close_matches(incident, known, n=1)
    hint = f"the nearest is {near[0]}" if near else "proximity replay --journal lists them"
    return f"{name}: no incident {incident!r} among its {len(known)}: {hint}"
