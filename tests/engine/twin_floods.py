# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The victim-proximity monitor authors
"""The slow twin of decision 0017: ages that stand still, and one alert for one silence."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from proximity.model.inputs import Connection

FOREVER_MS = 10**15
TOLD_AFTER_MS = 5_000
GRACE_MS = 10_000
RANKS = ("coarse", "stale", "off_wearer")


@dataclass
class Ears:
    """When the service could hear."""

    spans: list[list[int]] = field(default_factory=list)  # [from, until) in which ages stand still
    lost_ms: int | None = None

    def take_all(self, given: Sequence[Connection], now_ms: int) -> None:
        for one in sorted(given, key=lambda one: one.place):
            self.take(one, now_ms)

    def take(self, given: Connection, now_ms: int) -> None:
        if given.connected and self.lost_ms is not None:
            self.lost_ms, self.spans[-1][1] = None, now_ms + GRACE_MS
        elif not given.connected and self.lost_ms is None:
            self.lost_ms = now_ms
            if self.spans and self.spans[-1][1] >= now_ms:
                self.spans[-1][1] = FOREVER_MS
            else:
                self.spans.append([now_ms, FOREVER_MS])

    def deaf_ms(self, since_ms: int, now_ms: int) -> int:
        """For how long of the time since then ages stood still."""
        return sum(max(0, min(until, now_ms) - max(begin, since_ms)) for begin, until in self.spans)

    def tells(self, second_ms: int, *, told: bool) -> str | None:
        """What is to be told at a whole second."""
        if not self.spans:
            return None
        begin_ms, until_ms = self.spans[-1]
        if second_ms >= until_ms:
            return "reconnected" if told else None
        lost = self.lost_ms is not None and second_ms >= self.lost_ms + TOLD_AFTER_MS
        again = second_ms >= begin_ms + TOLD_AFTER_MS + GRACE_MS
        return "disconnected" if not told and (lost or again) else None


@dataclass
class Case:
    """A blind incident, as far as folding goes."""

    id: str
    supervisor: tuple[str, str]
    key: tuple[str, str, str]
    zone: bool
    blames: Mapping[str, str]  # why it cannot be told where a party is
    new: bool
    into: str | None

    @property
    def worst(self) -> int:
        return max(map(RANKS.index, self.blames.values()))

    def knows_of(self, other: "Case") -> bool:
        return (
            self.supervisor == other.supervisor
            and set(self.blames) >= set(other.blames)
            and self.worst >= other.worst
        )  # fmt: skip


def folded(cases: Sequence[Case]) -> dict[str, str | None]:
    """Into which other each is folded, None where it is told: by id."""
    told = [case for case in cases if case.into is None and not case.new]
    into: dict[str, str | None] = {case.id: None for case in told}
    untold = [case for case in cases if case not in told]
    for case in sorted(untold, key=lambda case: (-len(case.blames), case.zone, case.key)):
        names = [other.id for other in sorted(told, key=lambda other: other.key) if other.knows_of(case)]
        into[case.id] = case.into if case.into in names else next(iter(names), None)
        if into[case.id] is None:
            told.append(case)
    return into
