# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The victim-proximity monitor authors
"""What late fixes show of a time that has passed, told as incidents of their own (docs/judgement.md, section 16).

They never touch what is judged of the present: neither a row's level nor what is pending or apart.
"""

from collections.abc import Sequence
from typing import Final

import numpy as np
from msgspec.structs import replace

from proximity.engine.health import to_ms
from proximity.engine.incident import NO_EVIDENCE, SEVERITY_OF, certainty_of, open_incident, resolve, told
from proximity.engine.judge import about_of, bounds_m
from proximity.engine.levels import had_since_ms, level_at
from proximity.engine.state import IncidentKey, State, floor_to_second
from proximity.engine.then import Span, area_subjects, in_force, judge_then, spans_of
from proximity.geo.world import RowColumns, Subject, area_columns
from proximity.kernels.columns import NEVER_MS, UNKNOWN_MS, FixColumns
from proximity.kernels.devices import UNJUDGED_BIT
from proximity.kernels.replay import Episodes
from proximity.model.incidents import Episode, Evidence, Incident, Transition
from proximity.model.units import Millis
from proximity.model.words import Cause, Change, Level

LATE: Final = "late"  # ends the kind in the key of a late incident: a row may have one beside that of the present


def late_key(subject: Subject) -> IncidentKey:
    """That of a row's incident of what is known only by late fixes."""
    return (subject.order.id, f"{subject.kind}-{LATE}", subject.what)


def late_due_ms(state: State) -> Millis:
    """When what was found late is over next: a late incident, or that a device sent what is older than the history."""
    wait_ms = to_ms(state.judging.late_for_s)
    due_ms = [incident.late_ms + wait_ms for incident in state.incidents.values() if incident.late]
    unjudged = state.devices.troubles & UNJUDGED_BIT != 0
    due_ms += (state.health.shown["unjudged_ms"][unjudged] + wait_ms).tolist()
    return min(due_ms, default=NEVER_MS)


def end_unjudged(state: State, now_ms: Millis) -> None:
    """Devices that have not sent anything older than the history for a while: that is over."""
    second_ms = floor_to_second(now_ms)
    if second_ms < state.late_due_ms:
        return
    until_ms = state.health.shown["unjudged_ms"] + to_ms(state.judging.late_for_s)
    state.devices.troubles[until_ms <= second_ms] &= ~UNJUDGED_BIT


def end_late(state: State, now_ms: Millis) -> list[Transition]:
    """Resolve the late incidents that nothing has joined for a while."""
    second_ms = floor_to_second(now_ms)
    if second_ms < state.late_due_ms:
        return []
    transitions = []
    for key, incident in sorted(state.incidents.items()):
        if incident.late and incident.late_ms + to_ms(state.judging.late_for_s) <= second_ms:
            closed = resolve(incident, Cause.NOTHING_MORE)
            state.keep(key, closed)
            revision = state.world.book.revision
            transitions.append(told(closed, Change.RESOLVED, now_ms, incident.level, NO_EVIDENCE, revision))
    state.late_due_ms = late_due_ms(state)
    return transitions


def judge_late(state: State, late: FixColumns, now_ms: Millis) -> list[Transition]:
    """After the judgement of the present: judge what came late at its own time, and tell what it shows."""
    transitions = end_late(state, now_ms)
    if not len(late.device):
        return transitions
    spans = spans_of(state, late, now_ms)
    for row in concerned(state, spans):
        transitions += judge_row(state, state.subjects[row], state.columns, row, spans, now_ms)
    for party, span in spans.items() if state.world.book.area_zones else ():
        for one in area_subjects(state, party, span, now_ms):
            transitions += judge_row(state, one[0], area_columns(state.world, [one]), 0, spans, now_ms)
    state.late_due_ms = late_due_ms(state)
    return transitions


def concerned(state: State, spans: dict[int, Span]) -> list[int]:
    """The rows about these parties."""
    parties = np.zeros(state.world.parties + 1, np.bool_)  # and nobody, who stands last
    parties[list(spans)] = True
    return [int(row) for row in np.flatnonzero(parties[state.columns.wearer] | parties[state.columns.protected])]


def judge_row(
    state: State, subject: Subject, columns: RowColumns, row: int, spans: dict[int, Span], now_ms: Millis
) -> list[Transition]:  # fmt: skip
    """What late fixes show of one row."""
    parties = (int(columns.wearer[row]), int(columns.protected[row]))
    own = [spans[party] for party in parties if party in spans]
    known = known_episodes(state, subject)
    span = stretched(
        Span(min(one.first_ms for one in own), max(one.last_ms for one in own)), known, slack_ms(state)
    )  # fmt: skip
    force = list(in_force(state, subject, span))
    if not force:
        return []
    level_then = level_at(state, subject.key, span.first_ms)
    found, both_known = judge_then(state, columns, row, force, span, level_then, now_ms)
    state.counts.alone += not both_known
    transitions = [tell(state, subject, one, known, span.last_ms, now_ms) for one in found]
    return [transition for transition in transitions if transition is not None]


def slack_ms(state: State) -> Millis:
    """What is no further apart in time is one."""
    return state.numbers.apart_for_ms


def known_episodes(state: State, subject: Subject) -> tuple[Episode, ...]:
    """What late fixes have shown before, of incidents that are open."""
    incidents = (state.incidents.get(late_key(subject)), state.incidents.get(subject.key))
    return tuple(episode for incident in incidents if incident is not None for episode in incident.episodes)


def overlap(episode: Episode | Span, other: Episode, slack: Millis) -> bool:
    """Whether two are no further apart in time than that."""
    begin_ms, end_ms = (
        (episode.first_ms, episode.last_ms) if isinstance(episode, Span) else (episode.from_ms, episode.until_ms)
    )
    return begin_ms - slack <= other.until_ms and other.from_ms <= end_ms + slack


def stretched(span: Span, known: Sequence[Episode], slack: Millis) -> Span:
    """The stretch of time with all known episodes that it touches, which are judged anew with what is known now."""
    while True:
        touched = [one for one in known if overlap(span, one, slack)]
        longer = Span(
            min([span.first_ms, *(one.from_ms for one in touched)]),
            max([span.last_ms, *(one.until_ms for one in touched)]),
        )
        if longer == span:
            return span
        span = longer


def episode_of(found: Episodes, place: int) -> Episode:
    """An episode as it is kept."""
    return Episode(
        from_ms=int(found.from_ms[place]),
        until_ms=int(found.until_ms[place]),
        nearest_ms=int(found.worst_ms[place]),
        level=Level(int(found.level[place])),
        certain=bool(found.certain[place]),
    )


def evidence_then(incident: Incident, found: Episodes, place: int) -> Evidence:
    """The judgement at the worst instant; nothing where the level stands for something else than where they were."""
    distance_m, sigma_m = float(found.distance_m[place]), float(found.sigma_m[place])
    if np.isnan(distance_m):
        return NO_EVIDENCE
    low_m, high_m = bounds_m(distance_m, sigma_m, link=incident.protected is not None)
    return Evidence(distance_m, low_m, high_m, float(found.probability[place]))


def was_told(state: State, subject: Subject, episode: Episode) -> bool:
    """Whether the row had that level at that time, as far as was known then, and not only from later on."""
    slack = slack_ms(state)
    since_ms = had_since_ms(
        state, subject.key, episode.level, episode.from_ms - slack, episode.until_ms + slack
    )  # fmt: skip
    return since_ms is not None and since_ms <= episode.from_ms + slack


def joins(state: State, incident: Incident | None, episode: Episode, now_ms: Millis) -> bool:
    """Whether an episode belongs to the incident of the present: it reaches into it, or would have its id."""
    if incident is None:
        return False
    return episode.until_ms + slack_ms(state) >= incident.opened_ms or incident.opened_ms == now_ms


def highest(incident: Incident) -> Level:
    """The highest level that an incident has had or that late fixes have shown of it."""
    had = [level for level in Level if incident.left_ms[level] >= 0]
    return max([incident.level, *had, *(episode.level for episode in incident.episodes)])


def left_to_present(state: State, subject: Subject, level: Level) -> bool:
    """Whether the judgement of the present tells of such a level: it stands, or is pending."""
    row = next((row for row, one in enumerate(state.subjects) if one.key == subject.key), None)
    if row is None:
        return False
    pending = state.rows.pending_ms[row, level - 1] != UNKNOWN_MS
    return bool(state.rows.level[row] >= level or pending)


def is_news(
    state: State, subject: Subject, episode: Episode, same: Sequence[Episode], now_ms: Millis, *, closed: bool
) -> bool:  # fmt: skip
    """Whether an episode says more than has been told: of the present, or before of the `same` time.

    One that goes on to the present is left to the judgement of the present, where that tells of such a level. One that
    only goes on is told of when it has gone on for a while, and at its end.
    """
    going_on = not closed and episode.until_ms >= now_ms - slack_ms(state)
    if going_on and left_to_present(state, subject, episode.level):
        return False
    if not same:
        return not was_told(state, subject, episode)
    if episode.level > max(one.level for one in same):
        return True
    slack, until_ms = slack_ms(state), max(one.until_ms for one in same)
    earlier_ms, later_ms = min(one.from_ms for one in same) - episode.from_ms, episode.until_ms - until_ms
    if later_ms > 0 and had_since_ms(state, subject.key, episode.level, until_ms, episode.until_ms + slack) is not None:
        later_ms = 0
    return max(earlier_ms, later_ms) > slack or (closed and (earlier_ms, later_ms) != (0, 0))


def merged(episode: Episode, same: Sequence[Episode]) -> Episode:
    """An episode as it is known now; what has been told of a higher level stays."""
    highest_one = max([episode, *same], key=lambda one: (one.level, one is episode))
    if highest_one is episode:
        return episode
    return replace(
        highest_one,
        from_ms=min(one.from_ms for one in (episode, *same)),
        until_ms=max(one.until_ms for one in (episode, *same)),
    )


def tell(
    state: State, subject: Subject, found: tuple[Episodes, int], known: Sequence[Episode], last_ms: Millis,
    now_ms: Millis,
) -> Transition | None:  # fmt: skip
    """Tell of an episode that late fixes show up to an instant; None where all of it has been told."""
    shown = episode_of(*found)
    late, live = state.incidents.get(late_key(subject)), state.incidents.get(subject.key)
    same = [one for one in known if overlap(shown, one, slack_ms(state))]
    if not is_news(state, subject, shown, same, now_ms, closed=shown.until_ms < last_ms):
        return None
    episode = merged(shown, same)
    if late is not None and any(one in late.episodes for one in same):
        key, incident = late_key(subject), late
    elif live is not None and joins(state, live, episode, now_ms):
        key, incident = subject.key, live
    elif late is not None:
        key, incident = late_key(subject), late
    else:
        incident = opened(subject, episode, now_ms)
        return told_of(state, late_key(subject), incident, Change.OPENED, episode, found, now_ms)
    anew = episode.level > highest(incident) or (incident.late and not same)
    oldest_ms = now_ms - state.numbers.history_ms  # nothing that comes can touch what is older
    kept = [one for one in incident.episodes if one not in same and one.until_ms >= oldest_ms]
    incident = replace(
        incident,
        seq=incident.seq + 1,
        cause=Cause.LATE_FIXES,
        severity=max(incident.severity, SEVERITY_OF[episode.level]),
        acknowledged=incident.acknowledged and not anew,
        episodes=tuple(sorted([*kept, episode], key=lambda one: (one.from_ms, one.until_ms))),
        late_ms=now_ms,
    )
    if incident.late:
        incident = with_level(incident, episode)
    return told_of(state, key, incident, Change.RAISED if anew else Change.UPDATED, episode, found, now_ms)


def with_level(incident: Incident, episode: Episode) -> Incident:
    """A late incident at the highest level that it has shown."""
    level = max(incident.level, episode.level)
    certain = any(one.certain for one in incident.episodes if one.level == level)
    return replace(
        incident,
        level=level,
        possible_level=level,
        severity=SEVERITY_OF[level],
        certainty=certainty_of(certain=certain, level=level),
    )


def opened(subject: Subject, episode: Episode, now_ms: Millis) -> Incident:
    """A late incident, at its first episode."""
    incident = open_incident(
        subject.order, subject.kind, about_of(subject), now_ms, level=episode.level,
        severity=SEVERITY_OF[episode.level], cause=Cause.LATE_FIXES,
    )  # fmt: skip
    incident = replace(incident, late=True, inclusion=subject.inclusion, episodes=(episode,), late_ms=now_ms)
    return with_level(incident, episode)


def told_of(
    state: State, key: IncidentKey, incident: Incident, change: Change, episode: Episode,
    found: tuple[Episodes, int], now_ms: Millis,
) -> Transition:  # fmt: skip
    """Keep the incident, and tell of the episode."""
    before = state.incidents.get(key)
    state.keep(key, incident)
    previous = Level.CLEAR if before is None else before.level
    evidence = evidence_then(incident, *found)
    return replace(told(incident, change, now_ms, previous, evidence, state.world.book.revision), episode=episode)
