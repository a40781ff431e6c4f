# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The victim-proximity monitor authors
"""What lies between two fixes: how near parties came to each other, or a wearer to a zone, on the way.

docs/judgement.md, section 7, says the rules.
"""

from math import hypot, inf

import numpy as np

from proximity.kernels.arrays import Floats, Records
from proximity.kernels.columns import UNKNOWN_MS, Numbers
from proximity.kernels.compiled import compiled, compiled_with_memory
from proximity.kernels.crossing import distance_at, passes_zone
from proximity.kernels.geodesy import closest_approach, latitude_longitude, separation_m
from proximity.kernels.measure import LEVELS, NOWHERE, is_coarse
from proximity.kernels.probability import normal_below, rules_out, within_probability
from proximity.kernels.tracks import A_SECOND_MS, goes_on_s, noise_m, place_of, speed_of
from proximity.kernels.zones import ZoneArrays

WITHIN_M = 0.1  # how exactly the nearest place of a way to a zone is found


@compiled
def moves(parties: Records, party: int, numbers: Numbers) -> bool:
    """Whether the newest position of a party tells of a way that can be trusted."""
    if not parties[party]["touched"] or parties[party]["marked"] or parties[party]["settled"]:
        return False
    elapsed_ms = parties[party]["fixed_ms"] - parties[party]["before_ms"]
    if parties[party]["before_ms"] == UNKNOWN_MS or not 0 < elapsed_ms <= numbers.pass_within_ms:
        return False
    return bool(
        (parties[party]["step_m"] - noise_m(parties, party, numbers)) * A_SECOND_MS > numbers.at_rest_mps * elapsed_ms
    )


@compiled
def put_place(parties: Records, party: int, at_ms: int, numbers: Numbers, out_m: Floats) -> None:
    """Fill `out_m` (3,) with where the party is taken to be at an instant; before its position before it was there."""
    elapsed_ms = parties[party]["fixed_ms"] - parties[party]["before_ms"]
    if at_ms < parties[party]["fixed_ms"] and elapsed_ms > 0 and parties[party]["before_ms"] != UNKNOWN_MS:
        part = max(0.0, (at_ms - parties[party]["before_ms"]) / elapsed_ms)
        for axis in range(3):
            start = parties[party]["before_position"][axis]
            out_m[axis] = start + part * (parties[party]["position"][axis] - start)
    else:
        out_m[0], out_m[1], out_m[2] = place_of(parties, party, goes_on_s(parties, party, at_ms, numbers))


@compiled
def begins_ms(parties: Records, wearer: int, protected: int, now_ms: int, numbers: Numbers) -> int:
    """From when on a way is looked at: the earliest beginning of the steps that tell of one; `now_ms` without any."""
    start_ms = now_ms
    if moves(parties, wearer, numbers):
        start_ms = min(start_ms, parties[wearer]["before_ms"])
    if protected != NOWHERE and moves(parties, protected, numbers):
        start_ms = min(start_ms, parties[protected]["before_ms"])
    return int(start_ms)


@compiled_with_memory
def nearest_pass_m(
    parties: Records, wearer: int, protected: int, start_ms: int, now_ms: int, numbers: Numbers
) -> float:  # fmt: skip
    """The least distance of two parties on their ways between two instants; infinite where it is that of an end.

    What is at an end has been, or is, judged for itself.
    """
    turns = np.empty(8, np.int64)  # between two of them each goes evenly
    turns[0], turns[1] = start_ms, now_ms
    for place, party in enumerate((wearer, protected)):
        turns[2 + 3 * place] = parties[party]["before_ms"]
        turns[3 + 3 * place] = parties[party]["fixed_ms"]
        turns[4 + 3 * place] = parties[party]["fixed_ms"] + numbers.extrapolate_ms
    turns.sort()
    wearer_from, wearer_to, protected_from, protected_to = np.empty(3), np.empty(3), np.empty(3), np.empty(3)
    put_place(parties, wearer, start_ms, numbers, wearer_from)
    put_place(parties, protected, start_ms, numbers, protected_from)
    put_place(parties, wearer, now_ms, numbers, wearer_to)
    put_place(parties, protected, now_ms, numbers, protected_to)
    ends_m = min(separation_m(wearer_from, protected_from), separation_m(wearer_to, protected_to))
    nearest_m = inf
    for turn in range(7):
        from_ms, to_ms = max(turns[turn], start_ms), min(turns[turn + 1], now_ms)
        if from_ms >= to_ms:
            continue
        put_place(parties, wearer, from_ms, numbers, wearer_from)
        put_place(parties, wearer, to_ms, numbers, wearer_to)
        put_place(parties, protected, from_ms, numbers, protected_from)
        put_place(parties, protected, to_ms, numbers, protected_to)
        nearest_m = min(nearest_m, closest_approach(wearer_from, wearer_to, protected_from, protected_to)[1])
    return nearest_m if nearest_m < ends_m - numbers.pass_nearer_m else inf


@compiled_with_memory
def pass_sigma_m(parties: Records, wearer: int, protected: int, start_ms: int) -> float:
    """The uncertainty of a pass: of each party that of the worse of the two positions it lies between."""
    sigma_m = np.zeros(2)
    for place, party in enumerate((wearer, protected)):
        sigma_m[place] = parties[party]["sigma_m"]
        if start_ms < parties[party]["fixed_ms"] and parties[party]["before_ms"] not in (
            UNKNOWN_MS,
            parties[party]["fixed_ms"],
        ):
            sigma_m[place] = max(sigma_m[place], parties[party]["before_sigma_m"])
    return hypot(sigma_m[0], sigma_m[1])


@compiled_with_memory
def nearest_zone_pass_m(
    parties: Records, wearer: int, start_ms: int, now_ms: int, zones: ZoneArrays, zone: int, numbers: Numbers
) -> float:  # fmt: skip
    """How far a wearer was from where he may not be, the least on his way between two instants; infinite as above."""
    here, sense = np.empty(3), float(zones.sense[zone])
    put_place(parties, wearer, now_ms, numbers, here)
    lat_deg, lon_deg = latitude_longitude(here[0], here[1], here[2])
    ends_m = sense * distance_at(zones, zone, lat_deg, lon_deg)
    put_place(parties, wearer, start_ms, numbers, here)
    lat_deg, lon_deg = latitude_longitude(here[0], here[1], here[2])
    ends_m, nearest_m = min(ends_m, sense * distance_at(zones, zone, lat_deg, lon_deg)), inf
    for turn in range(2):  # to the newest position, and on from there
        to_ms = min(now_ms, parties[wearer]["fixed_ms"] + turn * numbers.extrapolate_ms)
        if to_ms <= start_ms:
            continue
        put_place(parties, wearer, to_ms, numbers, here)
        to_lat_deg, to_lon_deg = latitude_longitude(here[0], here[1], here[2])
        nearest_m = min(nearest_m, passes_zone(zones, zone, lat_deg, lon_deg, to_lat_deg, to_lon_deg, WITHIN_M)[0])
        lat_deg, lon_deg = to_lat_deg, to_lon_deg
    return nearest_m if nearest_m < ends_m - numbers.pass_nearer_m else inf


@compiled
def way_begins_ms(
    row: int, wearer: int, protected: int, now_ms: int, from_ms: int, limits_m: Floats, parties: Records,
    numbers: Numbers, rows: Records,
) -> int:  # fmt: skip
    """From when on the way of a row is to be looked at; `now_ms` where it cannot have led within any limit."""
    start_ms = max(from_ms, begins_ms(parties, wearer, protected, now_ms, numbers))
    reach_m = parties[wearer]["step_m"] + speed_of(parties, wearer) * numbers.extrapolate_ms / A_SECOND_MS
    if protected != NOWHERE:
        reach_m += parties[protected]["step_m"] + speed_of(parties, protected) * numbers.extrapolate_ms / A_SECOND_MS
    lowest_m = limits_m[row, min(rows[row]["level"], LEVELS - 1)]
    return now_ms if rows[row]["distance_m"] - reach_m > lowest_m else min(start_ms, now_ms)


@compiled
def passed(
    row: int, wearer: int, protected: int, zone: int, start_ms: int, now_ms: int, limits_m: Floats, parties: Records,
    zones: ZoneArrays, numbers: Numbers, rows: Records,
) -> int:  # fmt: skip
    """The highest level above the present one that was probable on the way here alone; 0 where there is none."""
    if zone == NOWHERE:
        nearest_m = nearest_pass_m(parties, wearer, protected, start_ms, now_ms, numbers)
        sigma_m = pass_sigma_m(parties, wearer, protected, start_ms)
    else:
        nearest_m = nearest_zone_pass_m(parties, wearer, start_ms, now_ms, zones, zone, numbers)
        sigma_m = parties[wearer]["sigma_m"]
    for column in range((LEVELS if zone == NOWHERE else LEVELS - 1) - 1, rows[row]["level"] - 1, -1):
        if rows[row]["probability"][column] >= numbers.probable_at or rows[row]["held"][column] >= numbers.probable_at:
            continue
        if is_coarse(row, wearer, protected, zone, column, limits_m, parties, numbers):
            continue
        if rules_out(nearest_m, limits_m[row, column], numbers.probable_at):
            continue
        if zone == NOWHERE:
            probability = within_probability(nearest_m, sigma_m, limits_m[row, column])
        else:
            probability = normal_below((limits_m[row, column] - nearest_m) / sigma_m)
        if probability >= numbers.probable_at:
            return column + 1
    return 0
