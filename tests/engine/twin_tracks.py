# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The victim-proximity monitor authors
"""The twin's tracks: what a fix says of its party, and where that party is at an instant (docs/judgement.md, 1 and 2).

Vectors are earth-centred, instants are milliseconds.
"""

from collections.abc import Callable
from dataclasses import dataclass
from math import hypot, isnan

from proximity.model.inputs import Fix
from tests.engine.twin_places import NOWHERE, Spot, Vector, chord_m, heading, in_space, plus

EXTRAPOLATE_S, VELOCITY_WITHIN_S, PASS_WITHIN_S, PACE_HALF_LIFE_S = 15.0, 120.0, 150.0, 60.0
STILL_MPS, VMAX_MPS, REACH_MPS = 0.5, 70.0, 14.0
GROWTHS = ((0.5, 0.3), (2.5, 1.5), (8.0, 5.0), (float("inf"), 15.0))  # below this pace: so many metres a second
SIGMA_FLOOR_M, ACCURACY_PER_SIGMA, FINE_M = 10.0, 1.51, 25.0


@dataclass
class Position:
    """The track of a party: its newest position and what the step to it says. [1]"""

    at_ms: int
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
    velocity: Vector = NOWHERE
    says_moving: bool = False  # by its own speed
    awake: bool = False  # by its own cadence
    rests: bool = False  # has such a cadence
    was_at_rest: bool = False

    @property
    def growth_mps(self) -> float:
        return next(growth for below, growth in GROWTHS if self.pace_mps < below)

    @property
    def settled(self) -> bool:
        at_rest = self.pace_mps < STILL_MPS or self.was_at_rest
        return at_rest and self.accuracy_m > FINE_M and not self.says_moving and not self.awake

    @property
    def passes_from_ms(self) -> int:
        """From when on a pass may be looked for. [7]"""
        short = self.from_place is not None and self.took_s <= PASS_WITHIN_S
        return self.at_ms - round(self.took_s * 1000) if short else self.at_ms

    def place_at(self, now_ms: float) -> Vector:
        after_s = (now_ms - self.at_ms) / 1000
        if after_s < 0.0:
            assert self.from_place is not None
            return plus(self.place, plus(self.place, self.from_place, -1.0), after_s / self.took_s)
        return plus(self.place, self.velocity, min(after_s, EXTRAPOLATE_S)) if self.velocity != NOWHERE else self.place


def track(
    fix: Fix, at_ms: int, stale_ms: float, before: Position | None, *, marked: bool, awake_s: float | None
) -> Position:  # fmt: skip
    """The position that a fix gives a party. [1]"""
    spot, sigma_m = (fix.lat_deg, fix.lon_deg), max(SIGMA_FLOOR_M, fix.accuracy_m / ACCURACY_PER_SIGMA)
    here = Position(at_ms, spot, fix.accuracy_m, stale_ms, marked, in_space(spot), sigma_m)
    says_speed, jump = not isnan(fix.speed_mps), False
    here.says_moving = says_speed and fix.speed_mps > STILL_MPS
    if before is not None:
        took_s = (at_ms - before.at_ms) / 1000
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
    here.awake = awake_s is not None and 0.0 < here.took_s <= awake_s
    here.was_at_rest = before is not None and here.from_place is not None and before.pace_mps < STILL_MPS
    if jump and before is not None:
        here.pace_mps = before.pace_mps
        return here
    here.pace_mps = fix.speed_mps if says_speed else here.step_mps
    if before is not None and here.from_place is not None:
        here.pace_mps = max(here.pace_mps, before.pace_mps * 0.5 ** (here.took_s / PACE_HALF_LIFE_S))
    if says_speed and fix.speed_mps <= STILL_MPS:
        return here
    if says_speed and not isnan(fix.course_deg):
        here.velocity = heading(spot, fix.speed_mps, fix.course_deg)
    elif (
        before is not None and here.from_place is not None and here.took_s <= VELOCITY_WITHIN_S
        and here.step_mps > STILL_MPS and max(fix.accuracy_m, before.accuracy_m) <= FINE_M
    ):  # fmt: skip
        here.velocity = plus(NOWHERE, plus(here.place, here.from_place, -1.0), 1.0 / here.took_s)
    return here


@dataclass(frozen=True)
class Here:
    """What is known of a party at an instant. [2]"""

    now_ms: int
    position: Position | None
    good: int  # its unmarked fixes so far
    new: bool  # it has a new position in this step
    off_wearer: bool
    never_stale_ms: float  # its stale age as long as it was never seen
    deaf_ms: Callable[[int], int] = lambda _: 0  # for how long of the time since an instant ages stood still

    @property
    def age_ms(self) -> int:
        assert self.position is not None
        return self.now_ms - self.position.at_ms

    @property
    def stale_ms(self) -> float:
        return self.never_stale_ms if self.position is None else self.position.stale_ms

    @property
    def stale(self) -> bool:
        return self.position is None or self.age_ms >= self.position.stale_ms

    @property
    def missed(self) -> bool:
        """Stale, and not for want of our hearing: decision 0017."""
        return self.position is None or self.age_ms - self.deaf_ms(self.position.at_ms) >= self.position.stale_ms

    @property
    def sure(self) -> bool:
        return self.position is not None and not self.position.marked and not self.stale

    @property
    def sigma_m(self) -> float:
        assert self.position is not None
        return self.position.sigma_m + self.position.growth_mps * self.age_ms / 1000

    @property
    def reach_m(self) -> float:
        if self.position is None or not self.stale:
            return 0.0
        return max(REACH_MPS, self.position.pace_mps) * self.age_ms / 1000

    def seen(self, *, held: bool) -> tuple[Vector, float]:
        """Its place and uncertainty now, or where and as it was last seen."""
        assert self.position is not None
        if held:
            return self.position.place, self.position.sigma_m
        return self.position.place_at(self.now_ms), self.sigma_m
