# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The victim-proximity monitor authors
"""What must be told of a scene, and how what was told compares with it."""

from collections.abc import Iterable, Sequence
from math import inf
from pathlib import Path
from typing import Final, Literal, NamedTuple

import msgspec
from msgspec import Struct

from proximity.model.units import MILLIS_PER_SECOND, Millis, Seconds
from proximity.model.words import Level
from simulators.devices.fixes import utc_text
from simulators.scores.judged import LEVELS, NAMES, Heard, hear, message_of, orders, said_of
from simulators.scores.rivals import RULES
from simulators.scores.scoring import ALERTED_WITHIN_MS, Alerting, Said, first_at, needless, rises
from simulators.staged.scenes import play
from simulators.staged.street import Staged

FOLDER: Final = Path(__file__).parent / "expected"
SEEDS: Final = range(20)
WARNING, BREACH = Level.WARNING, Level.BREACH
EMERGENCY_SHARE: Final = 0.3  # of the limit, where an order says no other (DESIGN 4.3)
What = Literal[
    "warning", "breach", "emergency", "blind", "late",
    "battery", "strap_cut", "sos", "clock", "jamming", "frozen", "left_at_home",
]  # fmt: skip
RULES_TELL: Final = ("warning", "breach")
CAUSES: Final[dict[str, frozenset[str]]] = {  # of a device's incident, where its name is another
    "blind": frozenset({"silent"}),
    "battery": frozenset({"battery", "battery_low", "battery_critical"}),
}


class Told(Struct, frozen=True, forbid_unknown_fields=True):
    """One thing that must be told, and when at the earliest and the latest."""

    what: What
    between_s: tuple[Seconds, Seconds]

    def window(self, begins_ms: Millis) -> tuple[Millis, Millis]:
        """In instants."""
        from_s, until_s = self.between_s
        return begins_ms + round(from_s * MILLIS_PER_SECOND), begins_ms + round(until_s * MILLIS_PER_SECOND)


class Expected(Struct, frozen=True, forbid_unknown_fields=True):
    """A scene's file: why it is hard, what must be told, and which level never."""

    hard: str
    told: tuple[Told, ...] = ()
    never: Literal["warning", "breach", "emergency"] | None = None


class Outcome(NamedTuple):
    """How one engine did in one scene with one seed."""

    alerting: Alerting
    unmet: tuple[str, ...]
    needless: int
    unshown: int = 0  # of the levels that are unmet: no fix that could have shown it had come when its window was over


def read_expected(name: str) -> Expected:
    """The file of a scene."""
    return msgspec.toml.decode((FOLDER / f"{name}.toml").read_bytes(), type=Expected)


def met(told: Told, heard: Sequence[Heard], said: Sequence[Said], begins_ms: Millis, grace_ms: Millis = 0) -> bool:
    """Whether it was told in its window, or so long after it. A level that stands is told."""
    from_ms, until_ms = told.window(begins_ms)
    if told.what in LEVELS:
        return first_at(said, LEVELS[told.what], from_ms, until_ms + grace_ms) is not None
    causes = CAUSES.get(told.what, frozenset({told.what}))
    return any(
        (told.what == "late" and one.late)
        or (told.what == one.kind == "blind")
        or (one.kind == "device" and one.cause in causes)
        for one in heard
        if one.loud and from_ms <= one.at_ms <= until_ms + grace_ms
    )


def is_shown(staged: Staged, level: str, until_ms: Millis) -> bool:
    """Whether any fix that had come by an instant was made within a level's distance, and could tell so.

    A fix coarser than the distance raises nothing for it (DESIGN 6), whichever of the two it is.
    """
    limit_m = {WARNING: staged.limits.warning_m, BREACH: staged.limits.limit_m}.get(
        LEVELS[level], EMERGENCY_SHARE * staged.limits.limit_m
    )
    came = sorted(
        (one.at_ms, place, fix.fixed_at_ms, fix.accuracy_m or 0.0)
        for place, side in enumerate((staged.day.wearer, staged.day.protected))
        for one in side
        for fix in one.fixes
    )
    newest_ms, accuracy_m, truth = [-1, -1], [inf, inf], staged.day.truth
    for at_ms, place, fixed_ms, own_m in came:
        if at_ms <= until_ms and fixed_ms > newest_ms[place]:
            newest_ms[place], accuracy_m[place] = fixed_ms, own_m
            if max(accuracy_m) <= limit_m and truth.least_m(fixed_ms, fixed_ms) <= limit_m:
                return True
    return False


def compare(expected: Expected, staged: Staged, heard: Sequence[Heard], told: Iterable[Told]) -> Outcome:
    """Fully: everything in its window. Partly: something, or up to four minutes later. Missed: nothing of it."""
    said, must = said_of(heard), tuple(told)
    unmet = [one for one in must if not met(one, heard, said, staged.begins_ms)]
    later = [one for one in must if met(one, heard, said, staged.begins_ms, ALERTED_WITHIN_MS)]
    alerting = Alerting.FULLY if not unmet else Alerting.PARTLY if later else Alerting.MISSED
    never = LEVELS[expected.never] if expected.never else max(Level) + 1
    vain = [
        one
        for one, before in rises(said)
        if one.level >= never or needless(staged.day.truth, one, before, staged.limits)
    ]
    levels = [one for one in unmet if one.what in LEVELS]
    unshown = sum(not is_shown(staged, one.what, one.window(staged.begins_ms)[1]) for one in levels)
    return Outcome(alerting, tuple(one.what for one in unmet), len(vain), unshown)


def hear_staged(staged: Staged, names: tuple[str, str, str] = NAMES) -> list[Heard]:
    """What our engine tells of a scene, through `proximity replay`."""
    documents = orders(staged.limits, staged.cadences, names, utc_text(staged.begins_ms))
    return hear(staged.day, message_of(documents), names)


def of_ours(name: str, seed: int) -> Outcome:
    """Our engine."""
    staged, expected = play(name, seed), read_expected(name)
    return compare(expected, staged, hear_staged(staged), expected.told)


def of_rule(rule: str, name: str, seed: int) -> Outcome | None:
    """A rule model; it knows a limit and a warning before it, and None is said where only other things are expected."""
    staged, expected = play(name, seed), read_expected(name)
    levels = [one for one in expected.told if one.what in RULES_TELL]
    if expected.told and not levels:
        return None
    said = RULES[rule](staged.day, staged.limits)
    heard = [
        Heard(one.at_ms, "", "separation", "raised" if one.loud else "lowered", one.level, "rule") for one in said
    ]  # fmt: skip
    return compare(expected, staged, heard, levels)
