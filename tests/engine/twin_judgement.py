# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The victim-proximity monitor authors
"""The judgement of one row at one instant, written from docs/judgement.md (its sections stand in brackets).

Instants are milliseconds, probabilities are scipy's.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from math import hypot, nan

from scipy.special import chndtr, ndtr

from proximity.kernels import approach, blindness, judgement, levels, measure, passes, together, tracks
from proximity.model.orders import Zone
from tests.engine.twin_places import (
    NOWHERE,
    Vector,
    beyond_boundary_m,
    chord_m,
    comes_within,
    dot,
    least_m,
    on_ground,
    over_ground_m,
    plus,
)
from tests.engine.twin_tracks import EXTRAPOLATE_S, STILL_MPS, Here
from tests.twins import twin_of

HEADING_MPS, BLIND_STILL_MS, BLIND_ASKED_MS, COARSE_ZONE_M, DOUBT_STEP_M = 2.0, 600_000, 900_000, 200.0, 60.0
CERTAIN, PROBABLE, APART = 0.95, 0.5, 0.05
SURELY = 1.959963984540054  # standard deviations beyond which 2.5 % of a normal error lie
TOGETHER_MPS, TOGETHER_M, TOGETHER_MS = 2.5, 100.0, 120_000
APART_MS, CONFIRM_MS, APPROACH_MS, STEADY_MS, STEADY_M = 120_000, 20_000, 20_000, 1_800_000, 200.0

Key = tuple[str, str, str]


@dataclass(frozen=True)
class Subject:
    """What is judged: a link with its limits, or a zone with its buffer's edge and its own."""

    key: Key
    parties: tuple[str, ...]
    limits_m: dict[int, float]
    zone: Zone | None = None
    reaction_s: float = 0.0
    area_wide: bool = False
    from_ms: int = 0  # when the order begins

    def coarse(self, level: int, heres: Sequence[Here]) -> bool:
        bound_m = self.limits_m[level] if self.zone is None else max(self.zone.buffer_m, COARSE_ZONE_M)
        return any(here.position.accuracy_m > bound_m for here in heres if here.position is not None)

    def probabilities(self, seen: Sequence[tuple[Vector, float]]) -> dict[int, float]:
        """Of being within each limit. [3]"""
        distance_m, sigma_m = self.distance_m([place for place, _ in seen]), hypot(*(sigma_m for _, sigma_m in seen))
        if self.zone is not None:
            return {level: float(ndtr((limit_m - distance_m) / sigma_m)) for level, limit_m in self.limits_m.items()}
        return {level: within(limit_m, distance_m, sigma_m) for level, limit_m in self.limits_m.items()}

    def distance_m(self, places: Sequence[Vector]) -> float:
        if self.zone is not None:
            return beyond_boundary_m(self.zone, on_ground(places[0]))
        return over_ground_m(chord_m(places[0], places[1]))


def within(limit_m: float, distance_m: float, sigma_m: float) -> float:
    return float(chndtr((limit_m / sigma_m) ** 2, 2, (distance_m / sigma_m) ** 2))


@dataclass
class Pending:
    """A limit that is probable but not reached yet. [5]"""

    since_ms: int
    parties: set[int]  # places in the subject's parties
    doubted: set[int]
    count: int = 1


@dataclass
class Row:
    """What is remembered of a link or a zone with a wearer."""

    level: int = 0
    certain: bool = False
    judged: bool = False
    pending: dict[int, Pending] = field(default_factory=dict)
    apart: dict[int, tuple[int, list[int]]] = field(default_factory=dict)  # since when, good fixes then
    doubt_ms: int | None = None
    blamed_ms: dict[int, int] = field(default_factory=dict)  # since when, of each party that is to blame
    blind: bool = False
    blames: dict[str, str] = field(default_factory=dict)  # why it cannot be told where a party is
    agrees_ms: int | None = None  # the first fix of those that agree on an approach
    agreed_ms: int = 0  # the last one
    approached: bool = False  # the level is there by an approach
    steady: tuple[int, float] | None = None  # since when, the distance then
    hushed: bool = False  # near and steady: told no more
    along_ms: int | None = None  # the first fix of those that agree that they go together
    together: bool = False
    rearmed: bool = False


@dataclass
class Verdict:
    """What one judgement changed."""

    before: int
    possible: int = 0
    cause: str | None = None
    surer: bool = False
    steady: str | None = None  # near_steady, nearer
    blind: str | None = None  # why it is opened, or ruled_out
    together: bool = False  # from now on


def second_after(ms: float) -> int:
    return -(-round(ms) // 1000) * 1000


class Judge:
    """One row at one instant."""

    def __init__(self, row: Row, subject: Subject, heres: Sequence[Here]) -> None:
        self.row, self.subject, self.heres = row, subject, heres
        self.now_ms = heres[0].now_ms
        self.by_fix = any(here.new for here in heres)
        self.positions = [here.position for here in heres if here.position is not None]
        self.marked = any(position.marked for position in self.positions)
        self.sure = all(here.sure for here in heres)
        self.placed = len(self.positions) == len(heres)
        self.p = dict.fromkeys(subject.limits_m, nan)
        self.last = dict.fromkeys(subject.limits_m, 0.0)
        self.distance_m = nan
        self.comes = False  # velocities have agreed for long enough

    def judge(self) -> Verdict:
        verdict = Verdict(self.row.level)
        if self.placed:
            self.look()
            self.move(verdict)
            if self.subject.zone is None:
                verdict.steady = self.keep_steady(verdict.before)
                verdict.together = self.keep_together(nothing_else=verdict.cause is None and verdict.steady is None)
        verdict.possible = self.possible()
        verdict.blind = self.keep_blind(verdict.possible)
        return verdict

    @twin_of(
        measure.measure_possible,
        measure.measure_link,
        measure.put_within,
        measure.measure_zone,
        measure.apart_m,
        measure.is_known,
        tracks.place_of,
        tracks.goes_on_s,
        tracks.sigma_of,
        tracks.speed_of,
        tracks.is_stale,
        tracks.is_missed,
        tracks.is_sure,
        tracks.reach_m,
    )
    def look(self) -> None:
        now = [here.seen(held=False) for here in self.heres]
        self.p = self.subject.probabilities(now)
        self.distance_m = self.subject.distance_m([place for place, _ in now])
        held = [here.missed and here.position is not None and not here.position.marked for here in self.heres]
        if any(held) and self.subject.zone is None:
            self.last = self.subject.probabilities(
                [here.seen(held=holds) for here, holds in zip(self.heres, held, strict=True)]
            )

    @twin_of(measure.slack_m)
    def possible(self) -> int:
        """The highest level that is not ruled out. [3]"""
        if not self.placed or any(here.off_wearer for here in self.heres):
            return max(self.subject.limits_m)
        slack_m = SURELY * hypot(*(here.sigma_m for here in self.heres)) + sum(here.reach_m for here in self.heres)
        limits = self.subject.limits_m.items()
        return max((level for level, limit_m in limits if not self.distance_m - slack_m > limit_m), default=0)

    @twin_of(
        judgement.move_level, judgement.raised, levels.forget_apart, levels.forget_pending, levels.level_that_holds
    )
    def move(self, verdict: Verdict) -> None:
        row, before = self.row, self.row.level
        rises = [*self.up(), *self.passed()]
        row.judged = True
        rises += self.approaching(anything=bool(rises))
        if rises:
            row.level, verdict.cause = max(rises, key=lambda rise: rise[0])  # the first of equals
            row.certain, row.apart = False, {}
        self.keep_apart()
        if not rises and row.level and self.gone():
            lower = [level for level in range(1, row.level) if not self.p[level] < APART or self.vague(level)]
            row.level, row.certain, verdict.cause = max(lower, default=0), False, "apart"
            row.pending = {level: pending for level, pending in row.pending.items() if level <= row.level}
        if row.level != before:
            row.approached = verdict.cause == "approaching"
            row.agrees_ms = None
        may = verdict.cause not in ("passed", "approaching") and (self.by_fix or verdict.cause is not None)
        verdict.surer = bool(may and row.level and not row.certain and not self.marked and self.p[row.level] >= CERTAIN)
        row.certain = row.certain or verdict.surer

    # up: sections 5 and 6

    @twin_of(levels.rise, levels.nothing_speaks, measure.is_coarse, measure.too_coarse_m)
    def up(self) -> list[tuple[int, str]]:
        """Each limit above the present level that is reached, and by which route."""
        reached: list[tuple[int, str]] = []
        for level in self.subject.limits_m:
            if self.subject.coarse(level, self.heres):
                continue
            self.keep_pending(level)
            pending = self.row.pending.get(level)
            if pending is None or level <= self.row.level:
                continue
            route = self.route(level, pending)
            if route is not None:
                held = not self.p[level] >= PROBABLE and self.last[level] >= PROBABLE
                reached.append((level, "last_known_place" if held else route))
        return reached

    @twin_of(levels.keep_pending, levels.begin_pending, levels.carried_bits, levels.touched_bits, levels.party_of)
    def keep_pending(self, level: int) -> None:
        raised = self.p[level] >= PROBABLE or self.last[level] >= PROBABLE
        pending = self.row.pending.get(level)
        new = {place for place, here in enumerate(self.heres) if here.new}
        if not raised:
            if self.by_fix and not self.marked and (pending is None or self.is_given_up(level, pending, new)):
                self.row.pending.pop(level, None)
        elif pending is None:
            doubted = {place for place in new if self.row.judged and self.flips(place, DOUBT_STEP_M)}
            carried = {
                place for place, here in enumerate(self.heres)
                if not here.stale and here.position is not None and here.position.velocity != NOWHERE
            }  # fmt: skip
            self.row.pending[level] = Pending(self.now_ms, carried or new or set(range(len(self.heres))), doubted)
        elif new & (pending.doubted or pending.parties):
            pending.count += 1

    @twin_of(levels.is_given_up)
    def is_given_up(self, level: int, pending: Pending, new: set[int]) -> bool:
        """By whom it waits for, or because it would be improbable had nothing grown since the fixes. [5]"""
        if self.subject.zone is not None or new & (pending.doubted or pending.parties):
            return True
        sigma_m = hypot(*(position.sigma_m for position in self.positions))
        return not within(self.subject.limits_m[level], self.distance_m, sigma_m) >= PROBABLE

    @twin_of(levels.flips)
    def flips(self, place: int, beyond_m: float) -> bool:
        position = self.positions[place]
        return position.settled and position.step_m > beyond_m

    @twin_of(levels.route_of, levels.confirm_wait_ms)
    def route(self, level: int, pending: Pending) -> str | None:
        if not self.row.judged and not self.marked:
            return "first_judgement"
        sure = max(self.p[3], self.last[3]) >= PROBABLE if level == 3 else self.p[level] >= CERTAIN
        flips = any(self.flips(place, self.positions[place].noise_m) for place in pending.parties)
        if sure and not self.marked and not flips and not pending.doubted:
            return "limit_crossed"
        if pending.count >= 2:
            return "confirmed"
        wait_ms = min((self.positions[place].doubted_for_ms for place in pending.doubted), default=CONFIRM_MS)
        return "uncontradicted" if self.now_ms - pending.since_ms >= wait_ms else None

    # a pass: section 7

    @twin_of(passes.passed, passes.way_begins_ms, passes.moves, passes.put_place, passes.begins_ms)
    def passed(self) -> list[tuple[int, str]]:
        telling = [
            position for here, position in zip(self.heres, self.positions, strict=True)
            if here.new and position.tells_of_a_pass
        ]  # fmt: skip
        if not telling:
            return []
        begin_ms = max(self.subject.from_ms, min(position.before_ms for position in telling))
        if begin_ms >= self.now_ms:
            return []
        turns_ms = {self.now_ms, begin_ms} | {
            turn_ms for position in self.positions
            for turn_ms in (position.before_ms, position.at_ms, position.at_ms + round(EXTRAPOLATE_S * 1000))
            if begin_ms < turn_ms < self.now_ms
        }  # fmt: skip
        corners = [[position.place_at(turn_ms) for position in self.positions] for turn_ms in sorted(turns_ms)]
        levels = [
            level for level in self.subject.limits_m
            if level > self.row.level and self.p[level] < PROBABLE and self.last[level] < PROBABLE
            and not self.subject.coarse(level, self.heres)
        ]  # fmt: skip
        return [(level, "passed") for level in levels if self.came_within(level, corners, begin_ms)]

    @twin_of(passes.nearest_pass_m, passes.nearest_zone_pass_m, passes.pass_sigma_m)
    def came_within(self, level: int, corners: Sequence[Sequence[Vector]], begin_ms: int) -> bool:
        limit_m = self.subject.limits_m[level]
        if self.subject.zone is not None:  # of a normal error the half lies within exactly where the place does
            places = [corner[0] for corner in corners]
            ends_m = [beyond_boundary_m(self.subject.zone, on_ground(end)) for end in (places[0], places[-1])]
            return comes_within(self.subject.zone, pairwise(places), min(limit_m, *(end_m - 1.0 for end_m in ends_m)))
        between = [plus(other, one, -1.0) for one, other in corners]
        distance_m = over_ground_m(min(least_m(one, other) for one, other in pairwise(between)))
        if not distance_m < min(over_ground_m(chord_m(*corners[end])) for end in (0, -1)) - 1.0:
            return False  # at an end, which is judged for itself
        sigma_m = hypot(*(
            max(position.sigma_m, position.from_sigma_m if begin_ms < position.at_ms else 0.0)
            for position in self.positions
        ))  # fmt: skip
        return within(limit_m, distance_m, sigma_m) >= PROBABLE

    # approach: section 10

    @twin_of(approach.approaching)
    def approaching(self, *, anything: bool) -> list[tuple[int, str]]:
        row = self.row
        if (
            not self.by_fix
            or self.subject.zone is not None
            or not (row.level == 0 or (row.level == 1 and (row.approached or row.hushed)))
        ):
            return []
        goes = [position.velocity != NOWHERE for position in self.positions]
        if any(goes) and not any(here.new and gone for here, gone in zip(self.heres, goes, strict=True)):
            return []
        if not self.agrees():
            row.agrees_ms = None
            return []
        row.agreed_ms = self.now_ms
        row.agrees_ms = self.now_ms if row.agrees_ms is None else row.agrees_ms
        ready = self.now_ms - row.agrees_ms >= APPROACH_MS and not self.subject.coarse(1, self.heres)
        self.comes = ready
        return [(1, "approaching")] if ready and row.level == 0 and not anything else []

    @twin_of(approach.agree, approach.meeting)
    def agrees(self) -> bool:
        """Going on as they go brings them within the limit within the time to react."""
        one, other = self.positions
        speed = plus(other.velocity, one.velocity, -1.0)
        if not self.sure or speed == NOWHERE:
            return False
        (place, _), (other_place, _) = (here.seen(held=False) for here in self.heres)
        apart = plus(other_place, place, -1.0)
        after_s = min(self.subject.reaction_s, -dot(apart, speed) / dot(speed, speed))
        if after_s <= 0.0:
            return False
        grown = [
            position.sigma_m + HEADING_MPS * (here.age_ms / 1000 + after_s) if position.velocity != NOWHERE
            else here.sigma_m
            for here, position in zip(self.heres, (one, other), strict=True)
        ]  # fmt: skip
        distance_m = over_ground_m(hypot(*plus(apart, speed, after_s)))
        return within(self.subject.limits_m[2], distance_m, hypot(*grown)) >= PROBABLE

    # down: section 8

    @twin_of(levels.keep_apart, levels.within)
    def keep_apart(self) -> None:
        if not self.by_fix:
            return
        sigma_m = hypot(*(position.sigma_m for position in self.positions))
        for level, chance in self.p.items():
            limit_m = self.subject.limits_m[level]
            if self.subject.zone is None:
                told = within(limit_m, self.distance_m, sigma_m)
            else:
                told = float(ndtr((limit_m - self.distance_m) / sigma_m))
            if not told < APART or self.vague(level):
                self.row.apart.pop(level, None)
            elif chance < APART and level not in self.row.apart and self.sure:
                self.row.apart[level] = self.now_ms, [here.good for here in self.heres]

    @twin_of(levels.is_vague)
    def vague(self, level: int) -> bool:
        """It is possible, and somebody is too coarse to tell."""
        return self.subject.coarse(level, self.heres) and self.possible() >= level

    @twin_of(levels.is_gone, levels.falls_ms, levels.second_after)
    def gone(self) -> bool:
        """Improbable for long enough, on one more good fix of each since."""
        if self.row.level not in self.row.apart or not self.sure or not self.p[self.row.level] < APART:
            return False
        since_ms, good = self.row.apart[self.row.level]
        over_ms = APART_MS + max(since_ms, self.row.agreed_ms if self.row.approached else 0)
        heard = self.by_fix or any(here.heard for here in self.heres)
        due = self.now_ms >= over_ms if heard else self.now_ms == second_after(over_ms)
        return due and all(here.good > then for here, then in zip(self.heres, good, strict=True))

    # neighbours: section 11

    @twin_of(levels.keep_steady)
    def keep_steady(self, before: int) -> str | None:
        row = self.row
        if row.level != 1:
            row.steady, row.hushed = None, False
            return None
        if row.steady is None or before != 1:
            row.steady, row.hushed = (self.now_ms, self.distance_m), False
            return None
        since_ms, from_m = row.steady
        sigma_m = hypot(*(here.sigma_m for here in self.heres))
        comes = row.hushed and self.comes
        if self.by_fix and (self.distance_m + sigma_m < from_m - STEADY_M or comes):
            row.steady = self.now_ms, self.distance_m
            was_hushed, row.hushed = row.hushed, False
            return "nearer" if was_hushed else None
        over_ms = since_ms + STEADY_MS
        due = self.now_ms >= over_ms if self.by_fix else self.now_ms == second_after(over_ms)
        if row.hushed or not due or not self.sure:
            return None
        row.hushed = True
        return "near_steady"

    # together: section 14

    @twin_of(together.keep_together, together.part, together.says_together)
    def keep_together(self, *, nothing_else: bool) -> bool:
        """Whether they are together from now on."""
        row = self.row
        paces_mps = [position.pace_mps for position in self.positions]
        sigma_m = hypot(*(here.sigma_m for here in self.heres))
        says = (
            self.by_fix
            and max(here.age_ms for here in self.heres) <= EXTRAPOLATE_S * 1000
            and max(position.accuracy_m for position in self.positions) <= TOGETHER_M
        )
        stops = any(
            here.new and here.age_ms <= EXTRAPOLATE_S * 1000 and position.accuracy_m <= TOGETHER_M
            and position.pace_mps < TOGETHER_MPS
            for here, position in zip(self.heres, self.positions, strict=True)
        )  # fmt: skip
        agrees = says and min(paces_mps) >= TOGETHER_MPS and self.distance_m <= TOGETHER_M
        denies = stops or (says and (min(paces_mps) < TOGETHER_MPS or self.distance_m - sigma_m > TOGETHER_M))
        if row.level < 2 or not self.sure or denies:
            row.rearmed = row.rearmed or row.together
            row.together, row.along_ms = False, None
            return False
        if not agrees:
            return False
        row.along_ms = self.now_ms if row.along_ms is None else row.along_ms
        begins = not row.together and nothing_else and self.now_ms - row.along_ms >= TOGETHER_MS
        row.together = row.together or begins
        return begins

    # blind: section 9

    @twin_of(blindness.look_for_doubt)
    def keep_blind(self, possible: int) -> str | None:
        """Why it is blind from now on, or that it is so no more."""
        row = self.row
        causes = [self.to_blame(here) for here in self.heres]
        row.blames = {party: cause for party, cause in zip(self.subject.parties, causes, strict=True) if cause}
        told = possible >= 2 and any(causes) and (row.level > 0 or not self.subject.area_wide)
        if not told:
            row.doubt_ms, was_blind, row.blind, row.blamed_ms = None, row.blind, False, {}
            return "ruled_out" if was_blind else None
        row.doubt_ms = self.now_ms if row.doubt_ms is None else row.doubt_ms
        blamed = {place: here for place, here in enumerate(self.heres) if causes[place]}
        row.blamed_ms = {place: row.blamed_ms.get(place, self.now_ms) for place in blamed}
        wait_ms = max(self.granted_ms(here, row.doubt_ms) for here in blamed.values())
        over = self.lasts_ms(row.doubt_ms) >= wait_ms
        for place, here in blamed.items():
            since_ms = row.blamed_ms[place]
            over = over or self.lasts_ms(since_ms) >= self.granted_ms(here, since_ms)
        if row.blind or ("off_wearer" not in causes and not over):
            return None
        row.blind = True
        return next(cause for cause in ("off_wearer", "stale", "coarse") if cause in causes)

    def lasts_ms(self, since_ms: int) -> float:
        """For how long something has gone on while somebody could be heard."""
        return self.now_ms - since_ms - self.heres[0].deaf_ms(since_ms)

    @twin_of(blindness.blind_from_ms, blindness.granted_ms)
    def granted_ms(self, here: Here, since_ms: int) -> float:
        """How long a party may be untold since an instant."""
        position = here.position
        if position is None:
            return here.stale_ms
        if position.rests and position.obeys and here.missed:
            return position.stale_ms
        told_ms = position.awake_stale_ms if position.roused else here.stale_ms
        if position.rests and position.pace_mps < STILL_MPS and not position.roused:
            deaf_ms = here.deaf_ms(position.vouched_ms) - here.deaf_ms(since_ms)
            asked_ms = position.vouched_ms + BLIND_ASKED_MS + deaf_ms - since_ms
            if position.vouched_ms < position.heard_ms and asked_ms < BLIND_STILL_MS:
                return max(position.awake_stale_ms, asked_ms)
            return max(told_ms, BLIND_STILL_MS)
        if position.rests and here.missed:
            heard_ms = position.heard_ms
            deaf_ms = here.deaf_ms(heard_ms) - here.deaf_ms(since_ms)
            return max(told_ms, heard_ms + position.resting_ms + deaf_ms - since_ms)
        return told_ms

    @twin_of(blindness.why_untold)
    def to_blame(self, here: Here) -> str | None:
        if here.off_wearer:
            return "off_wearer"
        if here.missed:
            return "stale"
        return "coarse" if self.subject.coarse(2, [here]) else None
