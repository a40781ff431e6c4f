# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The victim-proximity monitor authors
"""When the service could hear nobody: ages stand still meanwhile, for nobody is silent because we are deaf."""

from typing import Final

import numpy as np
from msgspec import Struct

from proximity.kernels.arrays import Longs
from proximity.kernels.columns import NEVER_MS, UNKNOWN_MS
from proximity.model.units import Millis

SPANS_KEPT: Final = 32  # what is forgotten makes ages longer, never shorter


class Hearing(Struct, frozen=True):
    """The spans in which ages stand still, rising, apart; the last ends at NEVER_MS while the session is lost."""

    spans: tuple[tuple[Millis, Millis], ...] = ()
    lost_ms: Millis = UNKNOWN_MS  # since when the session is lost; UNKNOWN_MS: it stands

    @property
    def lost(self) -> bool:
        """Whether nothing can be heard now."""
        return self.lost_ms != UNKNOWN_MS


def lose(hearing: Hearing, now_ms: Millis) -> Hearing:
    """The session is lost: ages stand still from now on, or still."""
    if hearing.lost:
        return hearing
    spans = hearing.spans
    if spans and spans[-1][1] >= now_ms:
        spans = (*spans[:-1], (spans[-1][0], NEVER_MS))
    else:
        spans = (*spans, (now_ms, NEVER_MS))[-SPANS_KEPT:]
    return Hearing(spans, now_ms)


def resume(hearing: Hearing, now_ms: Millis, resume_ms: Millis) -> Hearing:
    """The session stands again: ages stand still for a little longer, while what was stored comes in."""
    if not hearing.lost:
        return hearing
    return Hearing((*hearing.spans[:-1], (hearing.spans[-1][0], now_ms + resume_ms)))


def deaf_until_ms(hearing: Hearing, instants_ms: Longs) -> Longs:
    """For how long ages have stood still, in all, until each instant."""
    from_ms, until_ms = np.array(hearing.spans, np.int64).reshape(-1, 2).T
    long_ms = until_ms - from_ms
    before_ms = np.concatenate([[0], np.cumsum(long_ms[:-1])]) if len(long_ms) else long_ms
    place = np.searchsorted(from_ms, instants_ms, side="right") - 1
    last = np.maximum(place, 0)
    deaf_ms = before_ms[last] + np.minimum(instants_ms - from_ms[last], long_ms[last])
    return np.where(place < 0, 0, deaf_ms).astype(np.int64)


def deaf_since_ms(hearing: Hearing, since_ms: Longs, now_ms: Millis) -> Longs:
    """For how long ages have stood still between each instant and now; 0 for an instant that is to come."""
    if not hearing.spans:
        return np.zeros(len(since_ms), np.int64)
    now_deaf_ms = deaf_until_ms(hearing, np.array([now_ms], np.int64))
    return np.asarray(np.maximum(now_deaf_ms - deaf_until_ms(hearing, since_ms), 0))
