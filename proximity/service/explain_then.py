# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The victim-proximity monitor authors
"""What late fixes have shown of a time that had passed: as it was told, and as it is known now.

For the latter the engine is given every fix at its own time, whenever it came.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from itertools import groupby
from typing import Final, NamedTuple, Protocol

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from proximity.engine.state import State, empty_state
from proximity.engine.step import Events, step
from proximity.model.inputs import Fix, Input, Revision
from proximity.model.judging import Judging
from proximity.model.orders import OrderBook
from proximity.model.units import DAY_MS, MILLIS_PER_SECOND, Millis
from proximity.wire.instants import to_ms

BEFORE_MS: Final = 30 * 60 * MILLIS_PER_SECOND  # of an episode, that are shown as well
AFTER_MS: Final = 5 * 60 * MILLIS_PER_SECOND
LEAD_MS: Final = 60 * 60 * MILLIS_PER_SECOND  # before that, so that tracks are known
LEAD_FIXES: Final = 2  # of each device, however much earlier they were

Span = tuple[Millis, Millis]
FixKey = tuple[str, Millis, float, float]  # what is sent twice is one fix


class Episode(Struct, frozen=True):
    """When what was told late was, as it was told."""

    begin: datetime = msgspec.field(name="from")
    until: datetime
    nearest_at: datetime

    @property
    def span(self) -> Span:
        """From its beginning to its end."""
        return to_ms(self.begin), to_ms(self.until)


class Rules(NamedTuple):
    """By what the engine judged."""

    book: OrderBook
    judging: Judging


class Watcher(Protocol):
    """Who is shown each step."""

    def before_step(self, state: State, now_ms: Millis) -> None:
        """Nothing has happened since the last one."""

    def after_step(self, state: State, inputs: Iterable[Input], events: Events, now_ms: Millis) -> None:
        """What the step has brought."""


def joined(spans: Iterable[Span]) -> tuple[Span, ...]:
    """Spans in the order of time, those that touch as one: an episode is told again when more of it is known."""
    found: list[Span] = []
    for begin_ms, end_ms in sorted(spans):
        if found and begin_ms <= found[-1][1]:
            found[-1] = (found[-1][0], max(found[-1][1], end_ms))
        else:
            found.append((begin_ms, end_ms))
    return tuple(found)


def stretch_of(episodes: Sequence[Span], end_ms: Millis) -> Span | None:
    """The time of some episodes, and a while before and after, though not after `end_ms`; None: there are none."""
    if not episodes:
        return None
    return min(begin for begin, _ in episodes) - BEFORE_MS, min(max(end for _, end in episodes) + AFTER_MS, end_ms)


class Collected:
    """The fixes by which a stretch of time is judged anew."""

    def __init__(self, stretch: Span | None) -> None:
        self._from_ms, self._until_ms = (0, -1) if stretch is None else (stretch[0] - LEAD_MS, stretch[1])
        self._fixes: dict[FixKey, Fix] = {}

    def take(self, key: FixKey, fix: Fix, now_ms: Millis) -> None:
        """One that has come; not from ahead of our clock: nobody knows when it was."""
        if self._from_ms - DAY_MS <= fix.fixed_at_ms <= min(self._until_ms, now_ms):
            self._fixes.setdefault(key, fix)

    def in_order(self) -> list[Fix]:
        """Those of the stretch, and what leads in."""
        early: Mapping[str, list[FixKey]] = {device: [] for device, *_ in self._fixes}
        for key in sorted(self._fixes):
            if key[1] < self._from_ms:
                early[key[0]].append(key)
        left_out = {key for keys in early.values() for key in keys[:-LEAD_FIXES]}
        chosen = [fix for key, fix in self._fixes.items() if key not in left_out]
        return sorted(chosen, key=lambda fix: (fix.fixed_at_ms, fix.device))


def relive(rules: Rules, order: str, fixes: Sequence[Fix], until_ms: Millis, watcher: Watcher) -> None:
    """Judge under one order as if all fixes had come at their own time, `fixes` being in the order of that."""
    if not fixes:
        return
    book = replace(rules.book, orders=tuple(one for one in rules.book.orders if one.id == order))
    state, _, due_ms = step(empty_state(), [Revision(book, rules.judging)], fixes[0].fixed_at_ms - 1)
    for at_ms, group in groupby(fixes, key=lambda fix: fix.fixed_at_ms):
        due_ms = _tick(state, due_ms, at_ms, watcher)
        inputs = list(group)
        watcher.before_step(state, at_ms)
        state, events, due_ms = step(state, inputs, at_ms)
        watcher.after_step(state, inputs, events, at_ms)
    _tick(state, due_ms, until_ms + 1, watcher)
    watcher.before_step(state, until_ms + 1)


def _tick(state: State, due_ms: Millis, before_ms: Millis, watcher: Watcher) -> Millis:
    """Run the whole seconds that are due before an instant; the state is changed in place."""
    while due_ms < before_ms:
        watcher.before_step(state, due_ms)
        now_ms = due_ms
        _, events, due_ms = step(state, (), now_ms)
        watcher.after_step(state, (), events, now_ms)
    return due_ms
