# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The victim-proximity monitor authors
"""The twin's tracks: what a fix says of its party, and where that party is at an instant (docs/judgement.md, 1 and 2).

Vectors are earth-centred, instants are milliseconds.
"""

from collections.abc import Callable
from dataclasses import dataclass
from math import hypot, isnan

from proximity.kernels import positions
from proximity.model.inputs import Fix
from tests.engine.twin_places import NOWHERE, Spot, Vector, chord_m, dot, heading, in_space, plus
from tests.twins import twin_of

EXTRAPOLATE_S, VELOCITY_WITHIN_S, PASS_WITHIN_S, PACE_HALF_LIFE_S = 15.0, 120.0, 150.0, 60.0
STILL_MPS, VMAX_MPS, REACH_MPS = 0.5, 70.0, 14.0
GROWTHS = ((0.5, 0.3), (2.5, 1.5), (8.0, 5.0), (float("inf"), 15.0))  # below this pace: so many metres a second
SIGMA_FLOOR_M, ACCURACY_PER_SIGMA, FINE_M, VAGUE_M = 10.0, 1.51, 25.0, 200.0


@dataclass
class Position:
    """The track of a party: its newest position and what the step to it says. [1]"""

    at_ms: int
    heard_ms: int  # until when nothing else has been said
    spot: Spot
    accuracy_m: float
    stale_ms: float
    marked: bool
    place: Vector
    sigma_m: float
    from_place: Vector | None = None  # of the position before; None: no step
    from_sigma_m: float = 0.0
    took_s: float = 0.0
    step_m: float = 0.0
    noise_m: float = 0.0
    step_mps: float = 0.0
    pace_mps: float = 0.0
    shown_mps: float = 0.0  # its pace by its own speeds and by fine steps
    velocity: Vector = NOWHERE
    rests_after_ms: float | None = None  # it rests, and would have said by then that it moves
    says_moving: bool = False  # by its own speed
    awake: bool = False  # by its own cadence
    roused: bool = False  # it was so when that was last told
    obeys: bool = False  # it did as it was asked, and still is
    vouched_ms: int = 0  # the last fix that knew its place, or came unasked
    rests: bool = False  # has such a cadence
    awake_stale_ms: float = 0.0  # its stale age where it is awake
    resting_ms: float = 0.0  # the longest that it is not heard for at rest
    was_at_rest: bool = False

    @property
    def growth_mps(self) -> float:
        return next(growth for below, growth in GROWTHS if self.pace_mps < below)

    @property
    def there_until_ms(self) -> int:
        """Who rests is there for as long as nothing else is said; who moves was there. [1]"""
        return self.at_ms if self.rests_after_ms is None else self.heard_ms

    @property
    def doubted_for_ms(self) -> float:
        """How long a doubt of it lasts that nothing contradicts. [5]"""
        return max(self.stale_ms, self.resting_ms if self.rests else 0.0)

    def grown_m(self, now_ms: int) -> float:
        """The standard deviation of each axis at an instant. [2]"""
        grows_ms: float = now_ms - self.at_ms
        if self.rests_after_ms is not None:
            silent_ms = max(0, now_ms - self.heard_ms - self.stale_ms)
            grows_ms = min(grows_ms, min(grows_ms, self.rests_after_ms) + silent_ms)
        return self.sigma_m + self.growth_mps * grows_ms / 1000

    @property
    def settled(self) -> bool:
        at_rest = self.shown_mps < STILL_MPS or self.was_at_rest
        return at_rest and self.accuracy_m > FINE_M and not self.says_moving and not self.awake

    @property
    def tells_of_a_pass(self) -> bool:
        """Whether the step to it, where it is new, is a way. [7]"""
        short = self.from_place is not None and self.took_s <= PASS_WITHIN_S
        return short and not self.marked and not self.settled and self.step_mps > STILL_MPS

    @property
    def before_ms(self) -> int:
        return self.at_ms - round(self.took_s * 1000)

    def place_at(self, now_ms: float) -> Vector:
        after_s = (now_ms - self.at_ms) / 1000
        if after_s < 0.0:
            if self.from_place is None:
                return self.place
            return plus(self.place, plus(self.place, self.from_place, -1.0), max(-1.0, after_s / self.took_s))
        return plus(self.place, self.velocity, min(after_s, EXTRAPOLATE_S)) if self.velocity != NOWHERE else self.place


def sigma0_m(accuracy_m: float) -> float:
    return max(SIGMA_FLOOR_M, accuracy_m / ACCURACY_PER_SIGMA)


def takes_over(fix: Fix, at_ms: int, device_before_ms: int | None, present: Position) -> bool:
    """Whether a fix becomes its party's position: by the leading device, or by one that knows better by now. [1]"""
    unheard_ms = at_ms - present.heard_ms
    if unheard_ms < 0:
        return False
    led, stale = device_before_ms == present.heard_ms, unheard_ms >= present.stale_ms
    own_m, known_m = sigma0_m(fix.accuracy_m), present.grown_m(at_ms)
    better = own_m < known_m or (own_m == known_m and unheard_ms > 0)
    return led or stale or present.marked or contradicts(fix, at_ms, present) or better


def contradicts(fix: Fix, at_ms: int, present: Position) -> bool:
    """Whether a fix and the present position cannot both be right. [1]"""
    apart_m = chord_m(in_space((fix.lat_deg, fix.lon_deg)), present.place)
    return apart_m > 2.45 * hypot(sigma0_m(fix.accuracy_m), present.grown_m(at_ms))


def says_nothing_new(
    fix: Fix, at_ms: int, device_before_ms: int | None, present: Position, *, marked: bool, rest_interval_s: float,
    asked: bool,
) -> bool:  # fmt: skip
    """Whether the leading device, which rests, has sent a coarser fix that does not contradict. [1]"""
    if marked or present.marked or device_before_ms != present.heard_ms or present.rests_after_ms is None:
        return False
    if fix.speed_mps > STILL_MPS or (at_ms - present.heard_ms < 750.0 * rest_interval_s and not asked):
        return False
    asked_for_long = asked and at_ms - present.vouched_ms > 600_000
    if fix.accuracy_m > VAGUE_M and (at_ms - present.at_ms > 3_600_000 or asked_for_long):
        return False
    return sigma0_m(fix.accuracy_m) > present.grown_m(at_ms) and not contradicts(fix, at_ms, present)


def knows_less(fix: Fix, at_ms: int, device_before_ms: int | None, present: Position, *, marked: bool) -> bool:
    """Whether the leading device, which moves, has sent a coarser fix that does not contradict. [1]"""
    if marked or present.marked or device_before_ms != present.heard_ms or present.rests_after_ms is not None:
        return False
    known_m = present.grown_m(at_ms)
    if fix.speed_mps > 0.0 and next(growth for below, growth in GROWTHS if fix.speed_mps < below) > present.growth_mps:
        return False
    if present.pace_mps < STILL_MPS or known_m > VAGUE_M / ACCURACY_PER_SIGMA:
        return False
    return sigma0_m(fix.accuracy_m) > known_m and not contradicts(fix, at_ms, present)


def track(
    fix: Fix, at_ms: int, stale_ms: float, before: Position | None, *, marked: bool, awake_s: float | None, asked: bool
) -> Position:  # fmt: skip
    """The position that a fix gives a party. [1]"""
    spot, sigma_m = (fix.lat_deg, fix.lon_deg), sigma0_m(fix.accuracy_m)
    here = Position(at_ms, at_ms, spot, fix.accuracy_m, stale_ms, marked, in_space(spot), sigma_m)
    says_speed, jump = not isnan(fix.speed_mps), False
    if vouches(fix, asked=asked):
        here.vouched_ms = at_ms
    elif before is not None:
        here.vouched_ms = before.vouched_ms
    here.says_moving = says_speed and fix.speed_mps > STILL_MPS
    if before is not None:
        took_s = (at_ms - before.there_until_ms) / 1000
        unheard_ms = at_ms - before.heard_ms
        here.awake = awake_s is not None and 0.0 < unheard_ms <= awake_s * 1000 and not asked
        here.awake = here.awake or goes_on(here, before, at_ms)
        here.roused = here.awake or (before.roused and not vouches(fix, asked=asked))
        here.step_m, here.noise_m = chord_m(here.place, before.place), 1.5 * hypot(sigma_m, before.sigma_m)
        beyond_m = max(0.0, here.step_m - here.noise_m)
        jump = beyond_m / max(took_s, 1.0) > VMAX_MPS
        here.marked = marked or jump
        if took_s > 0.0:
            here.from_place, here.from_sigma_m, here.took_s = before.place, before.sigma_m, took_s
            here.step_mps = beyond_m / took_s
        else:
            here.step_m = here.noise_m = 0.0
    here.rests = awake_s is not None
    here.was_at_rest = before is not None and here.from_place is not None and before.shown_mps < STILL_MPS
    if jump and before is not None:
        here.pace_mps, here.shown_mps = before.pace_mps, before.shown_mps
        rest(here, awake_s)
        return here
    fine = before is not None and max(fix.accuracy_m, before.accuracy_m) <= FINE_M
    told = [fix.speed_mps] if says_speed else []
    told += [here.step_mps] if fine else []
    here.shown_mps = max(told, default=0.0)
    here.pace_mps = max(told, default=0.0) if says_speed else here.step_mps
    if before is not None and here.from_place is not None:
        kept = 0.5 ** (here.took_s / PACE_HALF_LIFE_S)
        here.shown_mps = max(here.shown_mps, before.shown_mps * kept)
        here.pace_mps = max(here.pace_mps, before.pace_mps * kept)
    rest(here, awake_s)
    if says_speed and fix.speed_mps <= STILL_MPS:
        return here
    if says_speed and not isnan(fix.course_deg):
        here.velocity = heading(spot, fix.speed_mps, fix.course_deg)
    elif fine and here.from_place is not None and here.took_s <= VELOCITY_WITHIN_S and here.step_mps > STILL_MPS:
        here.velocity = plus(NOWHERE, plus(here.place, here.from_place, -1.0), 1.0 / here.took_s)
    return here


def goes_on(here: Position, before: Position, at_ms: int) -> bool:
    """Whether two steps lately, both longer than error explains, lead the same way (within 60 degrees). [1]"""
    if before.from_place is None or max(before.took_s, (at_ms - before.at_ms) / 1000) > VELOCITY_WITHIN_S:
        return False
    step, step_before = plus(here.place, before.place, -1.0), plus(before.place, before.from_place, -1.0)
    lengths = hypot(*step), hypot(*step_before)
    noise_m = 1.5 * hypot(before.sigma_m, here.sigma_m), 1.5 * hypot(before.from_sigma_m, before.sigma_m)
    real = lengths[0] > noise_m[0] and lengths[1] > noise_m[1]
    return real and dot(step, step_before) > 0.5 * lengths[0] * lengths[1]


@twin_of(positions.is_vague_fix)
def vouches(fix: Fix, *, asked: bool) -> bool:
    """Whether a fix says where its device is, or by coming unasked whether it rests. [1]"""
    return fix.accuracy_m <= VAGUE_M or not asked


def rest(here: Position, awake_s: float | None) -> None:
    """Who rests would say that it moves. [1]"""
    if awake_s is not None and here.from_place is not None and here.shown_mps < STILL_MPS and not here.awake:
        here.rests_after_ms = awake_s * 1000


@dataclass(frozen=True)
class Here:
    """What is known of a party at an instant. [2]"""

    now_ms: int
    position: Position | None
    good: int  # its unmarked fixes so far
    new: bool  # it has a new position in this step
    heard: bool  # it was heard in this step to be where it was
    off_wearer: bool
    never_stale_ms: float  # its stale age as long as it was never seen
    deaf_ms: Callable[[int], int] = lambda _: 0  # for how long of the time since an instant ages stood still

    @property
    def age_ms(self) -> int:
        assert self.position is not None
        return self.now_ms - self.position.at_ms

    @property
    def unheard_ms(self) -> int:
        assert self.position is not None
        return self.now_ms - self.position.heard_ms

    @property
    def stale_ms(self) -> float:
        return self.never_stale_ms if self.position is None else self.position.stale_ms

    @property
    def stale(self) -> bool:
        return self.position is None or self.unheard_ms >= self.position.stale_ms

    @property
    def missed(self) -> bool:
        """Stale, and not for want of our hearing: decision 0017."""
        return self.position is None or self.unheard_ms - self.deaf_ms(self.position.heard_ms) >= self.position.stale_ms

    @property
    def sure(self) -> bool:
        return self.position is not None and not self.position.marked and not self.stale

    @property
    def sigma_m(self) -> float:
        assert self.position is not None
        return self.position.grown_m(self.now_ms)

    @property
    def reach_m(self) -> float:
        if self.position is None or not self.stale:
            return 0.0
        return max(REACH_MPS, self.position.pace_mps) * self.unheard_ms / 1000

    def seen(self, *, held: bool) -> tuple[Vector, float]:
        """Its place and uncertainty now, or where and as it was last seen."""
        assert self.position is not None
        if held:
            return self.position.place, self.position.sigma_m
        return self.position.place_at(self.now_ms), self.sigma_m
