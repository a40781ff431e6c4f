# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The victim-proximity monitor authors
"""Which fix becomes its party's position, and what the others say of it (docs/judgement.md, section 1)."""

from math import hypot, sqrt

from proximity.kernels.arrays import Longs, Records
from proximity.kernels.columns import NEVER_MS, UNKNOWN_MS, FixColumns, Numbers
from proximity.kernels.compiled import compiled
from proximity.kernels.tracks import A_SECOND_MS, awake_within_ms, follow_track, growth_of, is_stale, noise_m, sigma_of

SAME_WAY = 0.5  # the cosine of 60 degrees
AT_REST_PARTS = (3, 4)  # of its resting interval: what comes sooner is not at its resting cadence


@compiled
def stale_after_ms(interval_ms: int, numbers: Numbers) -> int:
    """The age from which a device with this interval is stale."""
    return max(numbers.stale_at_least_ms, int(numbers.stale_intervals * interval_ms))


@compiled
def sigma_m(accuracy_m: float, numbers: Numbers) -> float:
    """The standard deviation of each axis of a fix."""
    return max(numbers.sigma_floor_m, accuracy_m / numbers.accuracy_per_sigma)


@compiled
def is_vague_fix(own_m: float, numbers: Numbers) -> bool:
    """Whether a fix of such an uncertainty says next to nothing of where its device is."""
    return own_m > numbers.coarse_zone_m / numbers.accuracy_per_sigma


@compiled
def does_as_asked(
    devices: Records, device: int, parties: Records, party: int, at_ms: int, numbers: Numbers
) -> bool:  # fmt: skip
    """Whether a device that reports now reports so soon, it seems, because it has been asked to."""
    before_ms = parties[party]["heard_ms"]
    return bool(before_ms < devices[device]["asked_ms"] and at_ms - before_ms <= numbers.asked_step_ms)


@compiled
def follow_obedience(
    devices: Records, parties: Records, party: int, device: int, asked: bool, stale_ms: int, awake_stale_ms: int
) -> None:
    """Of a device that does as it is asked, and still is, the next fix is due as soon at rest as when it moves."""
    parties[party]["obeys"] = asked and devices[device]["asked_ms"] == NEVER_MS
    parties[party]["stale_ms"] = min(stale_ms, awake_stale_ms) if parties[party]["obeys"] else stale_ms


@compiled
def goes_on(
    devices: Records, device: int, parties: Records, party: int, at_ms: int, own_m: float, numbers: Numbers
) -> bool:  # fmt: skip
    """Whether the step to a device's newest fix, and the party's before it, are no error and lead the same way.

    A tag at rest goes back and forth between its anchors; NaN (no step) does not go on.
    """
    dot, before_squared, squared = 0.0, 0.0, 0.0
    for axis in range(3):
        before = parties[party]["position"][axis] - parties[party]["before_position"][axis]
        step = devices[device]["position"][axis] - parties[party]["position"][axis]
        dot += before * step
        before_squared += before**2
        squared += step**2
    within_ms = numbers.velocity_within_s * A_SECOND_MS
    began_ms = parties[party]["before_ms"]
    if at_ms - parties[party]["fixed_ms"] > within_ms or parties[party]["fixed_ms"] - began_ms > within_ms:
        return False
    noise = numbers.step_noise * hypot(parties[party]["sigma_m"], own_m)
    real = squared > noise**2 and before_squared > noise_m(parties, party, numbers) ** 2
    return bool(real and dot > SAME_WAY * sqrt(squared * before_squared))


@compiled
def there_until_ms(parties: Records, party: int) -> int:
    """Until when a party was where it is known to have been: who rests, for as long as it has said nothing else."""
    at_rest = parties[party]["grows_ms"] != NEVER_MS
    return int(parties[party]["heard_ms"] if at_rest else parties[party]["fixed_ms"])


@compiled
def take_position(
    devices: Records, parties: Records, party: int, device: int, effective_ms: int, lat_deg: float,
    lon_deg: float, accuracy_m: float, speed_mps: float, course_deg: float, interval_ms: int, rest_interval_ms: int,
    marked: bool, numbers: Numbers,
) -> bool:  # fmt: skip
    """Make the device's newest position the party's; True where that is marked, for it may be a jump."""
    unheard_ms, awake_ms = effective_ms - parties[party]["heard_ms"], awake_within_ms(interval_ms, rest_interval_ms)
    asked = does_as_asked(devices, device, parties, party, effective_ms, numbers)
    awake = 0 < unheard_ms <= awake_ms and not asked
    awake = awake or goes_on(devices, device, parties, party, effective_ms, sigma_m(accuracy_m, numbers), numbers)
    says_nothing = asked and is_vague_fix(sigma_m(accuracy_m, numbers), numbers)
    parties[party]["roused"] = awake or (says_nothing and parties[party]["roused"])
    if not says_nothing:
        parties[party]["vouched_ms"] = effective_ms
    parties[party]["before_ms"] = there_until_ms(parties, party)
    parties[party]["before_sigma_m"] = parties[party]["sigma_m"]
    parties[party]["fixed_ms"] = parties[party]["heard_ms"] = effective_ms
    for axis in range(3):
        parties[party]["before_position"][axis] = parties[party]["position"][axis]
        parties[party]["position"][axis] = devices[device]["position"][axis]
    parties[party]["lat_deg"] = lat_deg
    parties[party]["lon_deg"] = lon_deg
    parties[party]["accuracy_m"] = accuracy_m
    parties[party]["sigma_m"] = sigma_m(accuracy_m, numbers)
    parties[party]["awake_stale_ms"] = stale_after_ms(interval_ms, numbers)
    follow_obedience(
        devices, parties, party, device, asked, devices[device]["stale_ms"], parties[party]["awake_stale_ms"]
    )  # fmt: skip
    longest_ms = min(rest_interval_ms + numbers.blind_lag_ms, numbers.blind_still_ms)
    parties[party]["resting_ms"] = longest_ms if awake_ms >= 0 else 0
    jump = follow_track(parties, party, speed_mps, course_deg, awake_ms, awake, numbers)
    parties[party]["marked"] = marked or jump
    parties[party]["fixes"] += 1
    if not parties[party]["marked"]:
        parties[party]["good_fixes"] += 1
    parties[party]["touched"] = True
    return bool(parties[party]["marked"])


@compiled
def contradicts(
    devices: Records, device: int, parties: Records, party: int, own_m: float, known_m: float, numbers: Numbers
) -> bool:  # fmt: skip
    """Whether a device's newest fix and its party's position cannot both be right; NaN: they cannot."""
    squared = 0.0
    for axis in range(3):
        squared += (devices[device]["position"][axis] - parties[party]["position"][axis]) ** 2
    return not squared <= (numbers.held_sigmas * hypot(known_m, own_m)) ** 2


@compiled
def leads(
    devices: Records, device: int, parties: Records, party: int, before_ms: int, at_ms: int, numbers: Numbers
) -> bool:  # fmt: skip
    """Whether a device's fix becomes its party's position; `before_ms` is the instant of the device's fix before it.

    Of a party's devices the one that leads goes on leading until it is stale or marked, or another one says something
    else or knows better by now: of two that contradict each other neither may silence the other.
    """
    if at_ms < parties[party]["heard_ms"]:
        return False
    if before_ms == parties[party]["heard_ms"] or is_stale(parties, party, at_ms):
        return True
    own_m, known_m = devices[device]["sigma_m"], sigma_of(parties, party, at_ms)
    if parties[party]["marked"] or contradicts(devices, device, parties, party, own_m, known_m, numbers):
        return True
    return bool(own_m < known_m if at_ms == parties[party]["heard_ms"] else not own_m > known_m)


@compiled
def leaves_position(
    devices: Records, parties: Records, party: int, device: int, at_ms: int, speed_mps: float, rest_interval_ms: int,
    numbers: Numbers,
) -> bool:  # fmt: skip
    """Whether an unmarked fix of the leading device, which rests, knows less than is known and says nothing else.

    One that knows next to nothing is believed in that for a while only.
    """
    at_rest = parties[party]["grows_ms"] != NEVER_MS and not speed_mps > numbers.at_rest_mps
    if parties[party]["marked"] or not at_rest:
        return False
    sooner = (at_ms - parties[party]["heard_ms"]) * AT_REST_PARTS[1] < rest_interval_ms * AT_REST_PARTS[0]
    asked = does_as_asked(devices, device, parties, party, at_ms, numbers)
    if sooner and not asked:
        return False  # sooner than at rest: some of what it sent may have been lost
    known_m, own_m = sigma_of(parties, party, at_ms), devices[device]["sigma_m"]
    too_long = at_ms - parties[party]["fixed_ms"] > numbers.held_vague_ms
    too_long = too_long or (asked and at_ms - parties[party]["vouched_ms"] > numbers.held_asked_ms)
    if not own_m > known_m or (too_long and is_vague_fix(own_m, numbers)):
        return False
    return not contradicts(devices, device, parties, party, own_m, known_m, numbers)


@compiled
def knows_less(
    devices: Records, parties: Records, party: int, device: int, at_ms: int, speed_mps: float, numbers: Numbers
) -> bool:  # fmt: skip
    """Whether an unmarked fix of the leading device, which moves, knows less than is known and says nothing else.

    What is known fades while it is not renewed, until it is vague itself. That it goes faster is something else.
    """
    moves = parties[party]["grows_ms"] == NEVER_MS and parties[party]["pace_mps"] >= numbers.at_rest_mps
    faster = speed_mps > 0.0 and growth_of(speed_mps, numbers) > parties[party]["growth_mps"]
    if parties[party]["marked"] or not moves or faster:
        return False
    known_m, own_m = sigma_of(parties, party, at_ms), devices[device]["sigma_m"]
    if not known_m <= numbers.coarse_zone_m / numbers.accuracy_per_sigma or not own_m > known_m:
        return False
    return not contradicts(devices, device, parties, party, own_m, known_m, numbers)


@compiled
def move_party(
    devices: Records, parties: Records, party: int, fixes: FixColumns, fix: int, effective_ms: int,
    before_ms: int, interval_ms: Longs, rest_interval_ms: Longs, marked: bool, numbers: Numbers,
) -> bool:  # fmt: skip
    """Make a device's newest fix its party's position, unless another leads or it says nothing new; is it marked?

    `before_ms` is the instant of the device's fix before it.
    """
    device = fixes.device[fix]
    led = before_ms == parties[party]["heard_ms"] and before_ms != UNKNOWN_MS and not marked
    asked = does_as_asked(devices, device, parties, party, effective_ms, numbers)
    vouches = not (asked and is_vague_fix(devices[device]["sigma_m"], numbers))
    awake_stale_ms = parties[party]["awake_stale_ms"]
    if led and leaves_position(
        devices, parties, party, device, effective_ms, fixes.speed_mps[fix], rest_interval_ms[device], numbers
    ):  # fmt: skip
        parties[party]["heard_ms"] = effective_ms
        follow_obedience(devices, parties, party, device, asked, devices[device]["stale_ms"], awake_stale_ms)
        parties[party]["stirred"] = True
        parties[party]["fixes"] += 1
        parties[party]["good_fixes"] += 1
        if vouches:
            parties[party]["vouched_ms"] = effective_ms
        return marked
    if led and knows_less(devices, parties, party, device, effective_ms, fixes.speed_mps[fix], numbers):
        parties[party]["heard_ms"] = effective_ms
        stale_ms = min(parties[party]["stale_ms"], devices[device]["stale_ms"])  # it moves still
        follow_obedience(devices, parties, party, device, asked, stale_ms, awake_stale_ms)
        parties[party]["stirred"] = True
        parties[party]["fixes"] += 1
        if vouches:
            parties[party]["vouched_ms"] = effective_ms
        return marked
    if not leads(devices, device, parties, party, before_ms, effective_ms, numbers):
        return marked
    return take_position(
        devices, parties, party, device, effective_ms, fixes.lat_deg[fix], fixes.lon_deg[fix], fixes.accuracy_m[fix],
        fixes.speed_mps[fix], fixes.course_deg[fix], interval_ms[device], rest_interval_ms[device], marked, numbers,
    )  # fmt: skip
