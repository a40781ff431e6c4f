# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The victim-proximity monitor authors
"""Which level each row has had lately, and since when: what late fixes show may have been told already."""

from collections.abc import Iterable
from typing import Final

from proximity.engine.state import IncidentKey, State
from proximity.model.units import Millis

HOUR_MS: Final = 3_600_000


def note_levels(state: State, rows: Iterable[int], now_ms: Millis) -> None:
    """Keep that these rows have another level from now on; what is older than the history goes."""
    for row in rows:
        key = state.subjects[row].key
        kept = (*state.levels.get(key, ()), (now_ms, int(state.rows.level[row])))
        oldest_ms = now_ms - state.numbers.history_ms
        while len(kept) > 1 and kept[1][0] <= oldest_ms:
            kept = kept[1:]
        state.levels[key] = kept


def forget_levels(state: State, before_ms: Millis, now_ms: Millis) -> None:
    """Once an hour: rows that have been clear for longer than the history goes back."""
    hour = now_ms // HOUR_MS
    if hour == before_ms // HOUR_MS:
        return
    oldest_ms = hour * HOUR_MS - state.numbers.history_ms
    over = [key for key, kept in state.levels.items() if kept[-1][1] == 0 and kept[-1][0] <= oldest_ms]
    for key in over:
        del state.levels[key]


def level_at(state: State, key: IncidentKey, at_ms: Millis) -> int:
    """The level that a row had just before an instant, as far as is remembered."""
    level = 0
    for since_ms, then in state.levels.get(key, ()):
        if since_ms >= at_ms:
            break
        level = then
    return level


def had_since_ms(state: State, key: IncidentKey, level: int, from_ms: Millis, until_ms: Millis) -> Millis | None:
    """Since when a row had at least a level at some time between two instants; None: it had not."""
    began_ms: Millis | None = None
    for since_ms, then in state.levels.get(key, ()):
        if since_ms > until_ms:
            break
        if then < level:
            began_ms = None if since_ms <= from_ms else began_ms
        elif began_ms is None:
            began_ms = since_ms
    return began_ms
