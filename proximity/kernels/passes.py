# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The victim-proximity monitor authors
"""What lies between two fixes of a link's parties: how near they came to each other on the way.

docs/judgement.md, section 7, says the rules.
"""

from math import hypot, inf

import numpy as np

from proximity.kernels.arrays import Floats
from proximity.kernels.columns import UNKNOWN_MS, Numbers, PartyTable
from proximity.kernels.compiled import compiled
from proximity.kernels.geodesy import closest_approach
from proximity.kernels.tracks import A_SECOND_MS, AT_REST_MPS, goes_on_s, noise_m, place_of


@compiled
def moves(parties: PartyTable, party: int, numbers: Numbers) -> bool:
    """Whether the newest position of a party tells of a way that can be trusted."""
    if not parties.touched[party] or parties.marked[party] or parties.settled[party]:
        return False
    elapsed_ms = parties.fixed_ms[party] - parties.before_ms[party]
    if parties.before_ms[party] == UNKNOWN_MS or not 0 < elapsed_ms <= numbers.pass_within_ms:
        return False
    return (parties.step_m[party] - noise_m(parties, party)) * A_SECOND_MS > AT_REST_MPS * elapsed_ms


@compiled
def put_place(parties: PartyTable, party: int, at_ms: int, numbers: Numbers, out_m: Floats) -> None:
    """Fill `out_m` (3,) with where the party is taken to have been at an instant since the position before."""
    elapsed_ms = parties.fixed_ms[party] - parties.before_ms[party]
    if at_ms < parties.fixed_ms[party] and elapsed_ms > 0 and parties.before_ms[party] != UNKNOWN_MS:
        part = (at_ms - parties.before_ms[party]) / elapsed_ms
        for axis in range(3):
            start = parties.before_position[party, axis]
            out_m[axis] = start + part * (parties.position[party, axis] - start)
    else:
        out_m[0], out_m[1], out_m[2] = place_of(parties, party, goes_on_s(parties, party, at_ms, numbers))


@compiled
def begins_ms(parties: PartyTable, party: int) -> int:
    """From when on the way of a party is known."""
    return parties.fixed_ms[party] if parties.before_ms[party] == UNKNOWN_MS else parties.before_ms[party]


@compiled
def nearest_pass_m(parties: PartyTable, wearer: int, protected: int, now_ms: int, numbers: Numbers) -> float:
    """The least distance of two parties since both ways are known; infinite where there is no such time."""
    start_ms = max(begins_ms(parties, wearer), begins_ms(parties, protected))
    turns = np.empty(6, np.int64)  # between two of them each goes evenly
    turns[0], turns[1] = start_ms, now_ms
    for place, party in enumerate((wearer, protected)):
        turns[2 + 2 * place] = parties.fixed_ms[party]
        turns[3 + 2 * place] = parties.fixed_ms[party] + numbers.extrapolate_ms
    turns.sort()
    nearest_m = inf
    wearer_from, wearer_to, protected_from, protected_to = np.empty(3), np.empty(3), np.empty(3), np.empty(3)
    for turn in range(5):
        from_ms, to_ms = max(turns[turn], start_ms), min(turns[turn + 1], now_ms)
        if from_ms >= to_ms:
            continue
        put_place(parties, wearer, from_ms, numbers, wearer_from)
        put_place(parties, wearer, to_ms, numbers, wearer_to)
        put_place(parties, protected, from_ms, numbers, protected_from)
        put_place(parties, protected, to_ms, numbers, protected_to)
        _, found_m = closest_approach(wearer_from, wearer_to, protected_from, protected_to)
        nearest_m = min(nearest_m, found_m)
    return nearest_m


@compiled
def pass_sigma_m(parties: PartyTable, wearer: int, protected: int) -> float:
    """The uncertainty of a pass: of each party that of the worse of its two ends."""
    sigma_m = np.zeros(2)
    for place, party in enumerate((wearer, protected)):
        sigma_m[place] = parties.sigma_m[party]
        if parties.before_ms[party] != UNKNOWN_MS:
            sigma_m[place] = max(sigma_m[place], parties.before_sigma_m[party])
    return hypot(sigma_m[0], sigma_m[1])
