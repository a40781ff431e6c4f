# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The victim-proximity monitor authors
"""The track of a party: where it is, how fast it goes, and how much is known of that as time passes.

docs/judgement.md, sections 1 and 2, says the rules.
"""

from math import cos, hypot, inf, isnan, radians, sin, sqrt

from proximity.kernels.arrays import Records
from proximity.kernels.columns import NEVER_MS, UNKNOWN_MS, Numbers
from proximity.kernels.compiled import compiled

A_SECOND_MS = 1000


@compiled
def growth_of(pace_mps: float, numbers: Numbers) -> float:
    """By how many metres a second the uncertainty of a track of such a pace grows; NaN counts as driving."""
    if pace_mps < numbers.at_rest_mps:
        return numbers.growth_still_mps
    if pace_mps < numbers.cycling_from_mps:
        return numbers.growth_walking_mps
    if pace_mps < numbers.driving_from_mps:
        return numbers.growth_cycling_mps
    return numbers.growth_driving_mps


@compiled
def noise_m(parties: Records, party: int, numbers: Numbers) -> float:
    """Up to this the step to the newest position may be nothing but error."""
    return numbers.step_noise * hypot(parties[party]["before_sigma_m"], parties[party]["sigma_m"])


@compiled
def head(parties: Records, party: int, speed_mps: float, course_deg: float) -> None:
    """Set the velocity to a speed in a direction, in the plane that touches the ellipsoid at the newest position."""
    lat, lon = radians(parties[party]["lat_deg"]), radians(parties[party]["lon_deg"])
    north_mps, east_mps = speed_mps * cos(radians(course_deg)), speed_mps * sin(radians(course_deg))
    parties[party]["velocity_mps"][0] = -sin(lon) * east_mps - sin(lat) * cos(lon) * north_mps
    parties[party]["velocity_mps"][1] = cos(lon) * east_mps - sin(lat) * sin(lon) * north_mps
    parties[party]["velocity_mps"][2] = cos(lat) * north_mps


@compiled
def awake_within_ms(interval_ms: int, rest_interval_ms: int) -> int:
    """Two reports so near in time show that a device moves; -1 where they show nothing: it reports as often at rest."""
    awake_ms = interval_ms + interval_ms // 2
    return awake_ms if rest_interval_ms > awake_ms else -1


@compiled
def is_fine(sigma_m: float, numbers: Numbers) -> bool:
    """Whether a fix of such an uncertainty is a satellite's."""
    return sigma_m <= max(numbers.sigma_floor_m, numbers.fine_accuracy_m / numbers.accuracy_per_sigma)


@compiled
def is_fine_step(parties: Records, party: int, numbers: Numbers) -> bool:
    """Whether both ends of the step to the newest position are satellite fixes."""
    return is_fine(parties[party]["sigma_m"], numbers) and is_fine(parties[party]["before_sigma_m"], numbers)


@compiled
def step_velocity(parties: Records, party: int, seconds: float) -> None:
    """Set the velocity to that of the step from the position before."""
    for axis in range(3):
        step_m = parties[party]["position"][axis] - parties[party]["before_position"][axis]
        parties[party]["velocity_mps"][axis] = step_m / seconds


@compiled
def follow_track(
    parties: Records, party: int, speed_mps: float, course_deg: float, awake_ms: int, awake: bool, numbers: Numbers
) -> bool:  # fmt: skip
    """Fill what follows from the step to the newest position, which stands there already; True where it is a jump.

    A device that is `awake` knows that it moves: one at rest says so within `awake_ms`, -1 where it never would.
    """
    known = parties[party]["before_ms"] != UNKNOWN_MS
    seconds = (parties[party]["fixed_ms"] - parties[party]["before_ms"]) / A_SECOND_MS if known else 0.0
    squared = 0.0
    for axis in range(3):
        squared += (parties[party]["position"][axis] - parties[party]["before_position"][axis]) ** 2
        parties[party]["velocity_mps"][axis] = 0.0
    beyond_m = max(0.0, sqrt(squared) - noise_m(parties, party, numbers)) if known else 0.0
    parties[party]["step_m"] = sqrt(squared) if seconds > 0.0 else 0.0
    step_mps = beyond_m / seconds if seconds > 0.0 else 0.0
    pace_before_mps = parties[party]["pace_mps"] if seconds > 0.0 else inf
    shown_before_mps = parties[party]["shown_mps"] if seconds > 0.0 else inf
    fine_mps = step_mps if is_fine_step(parties, party, numbers) else 0.0
    jump = beyond_m / max(seconds, 1.0) > numbers.vmax_mps
    if not jump:
        shown_mps = fine_mps if isnan(speed_mps) else max(speed_mps, fine_mps)
        pace_mps = max(shown_mps, step_mps) if isnan(speed_mps) else shown_mps
        if seconds > 0.0:
            kept = 0.5 ** (seconds / numbers.pace_half_life_s)
            pace_mps, shown_mps = max(pace_mps, pace_before_mps * kept), max(shown_mps, shown_before_mps * kept)
        parties[party]["pace_mps"], parties[party]["shown_mps"] = pace_mps, shown_mps
        lately = seconds <= numbers.velocity_within_s
        if speed_mps > numbers.at_rest_mps and not isnan(course_deg):
            head(parties, party, speed_mps, course_deg)
        elif not speed_mps <= numbers.at_rest_mps and fine_mps > numbers.at_rest_mps and lately:
            step_velocity(parties, party, seconds)
    parties[party]["growth_mps"] = growth_of(parties[party]["pace_mps"], numbers)
    parties[party]["awake"] = awake
    at_rest = parties[party]["shown_mps"] < numbers.at_rest_mps or shown_before_mps < numbers.at_rest_mps
    at_rest_now = seconds > 0.0 and parties[party]["shown_mps"] < numbers.at_rest_mps and not parties[party]["awake"]
    parties[party]["grows_ms"] = awake_ms if awake_ms >= 0 and at_rest_now else NEVER_MS
    tells = is_fine(parties[party]["sigma_m"], numbers) or speed_mps > numbers.at_rest_mps or parties[party]["awake"]
    parties[party]["settled"] = at_rest and not tells
    return jump


@compiled
def speed_of(parties: Records, party: int) -> float:
    """How fast the party is taken to go."""
    squared = 0.0
    for axis in range(3):
        squared += parties[party]["velocity_mps"][axis] ** 2
    return sqrt(squared)


@compiled
def goes_on_s(parties: Records, party: int, now_ms: int, numbers: Numbers) -> float:
    """For how many seconds the party has gone on along its velocity."""
    return float(min(max(now_ms - parties[party]["fixed_ms"], 0), numbers.extrapolate_ms) / A_SECOND_MS)


@compiled
def place_of(parties: Records, party: int, seconds: float) -> tuple[float, float, float]:
    """Where the party is taken to be so many seconds along its velocity, earth-centred."""
    return (
        parties[party]["position"][0] + seconds * parties[party]["velocity_mps"][0],
        parties[party]["position"][1] + seconds * parties[party]["velocity_mps"][1],
        parties[party]["position"][2] + seconds * parties[party]["velocity_mps"][2],
    )


@compiled
def grown_ms(parties: Records, party: int, now_ms: int) -> int:
    """For how long uncertainty has grown: of who rests until it would have said that it moves, and when it is stale."""
    age_ms = max(now_ms - parties[party]["fixed_ms"], 0)
    stale_for_ms = max(now_ms - parties[party]["heard_ms"] - parties[party]["stale_ms"], 0)
    return int(min(age_ms, min(age_ms, parties[party]["grows_ms"]) + stale_for_ms))


@compiled
def sigma_of(parties: Records, party: int, now_ms: int) -> float:
    """The standard deviation of each axis at an instant, grown by age."""
    return float(
        parties[party]["sigma_m"] + parties[party]["growth_mps"] * grown_ms(parties, party, now_ms) / A_SECOND_MS
    )


@compiled
def is_stale(parties: Records, party: int, now_ms: int) -> bool:
    """Whether the party has been silent for longer than its device may be; who has never been heard is stale."""
    if parties[party]["fixed_ms"] == UNKNOWN_MS:
        return True
    return bool(now_ms - parties[party]["heard_ms"] >= parties[party]["stale_ms"])


@compiled
def is_missed(parties: Records, party: int, now_ms: int) -> bool:
    """Whether the party is stale without the time in which we could hear nobody: then its silence says something."""
    return is_stale(parties, party, now_ms - parties[party]["deaf_ms"])


@compiled
def reach_m(parties: Records, party: int, now_ms: int, numbers: Numbers) -> float:
    """How far a stale party may have gone since it was seen; 0 for others."""
    if not is_stale(parties, party, now_ms):
        return 0.0
    return float(
        max(numbers.reach_mps, parties[party]["pace_mps"]) * (now_ms - parties[party]["heard_ms"]) / A_SECOND_MS
    )


@compiled
def is_sure(parties: Records, party: int, now_ms: int) -> bool:
    """Whether what the party's newest fix says may lower a level."""
    return not parties[party]["marked"] and not is_stale(parties, party, now_ms)
