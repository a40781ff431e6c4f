# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The victim-proximity monitor authors
"""Whether two parties, going on as they go, will come within the limit, and how soon.

docs/judgement.md, section 10, says the rules.
"""

from math import hypot

from proximity.kernels.arrays import Floats
from proximity.kernels.columns import UNKNOWN_MS, Numbers, PartyTable, RowTable
from proximity.kernels.compiled import compiled
from proximity.kernels.probability import within_probability
from proximity.kernels.tracks import goes_on_s, is_stale, place_of, sigma_of, speed_of

LIMIT = 1  # the column of the limit itself


@compiled
def meeting(
    parties: PartyTable, wearer: int, protected: int, now_ms: int, within_s: float, numbers: Numbers
) -> tuple[float, float, float]:  # fmt: skip
    """(seconds until they are nearest, at most `within_s`; metres they are then apart; closing speed now).

    Each goes on along its velocity; the way is short enough for a straight line.
    """
    wearer_x, wearer_y, wearer_z = place_of(parties, wearer, goes_on_s(parties, wearer, now_ms, numbers))
    x, y, z = place_of(parties, protected, goes_on_s(parties, protected, now_ms, numbers))
    x, y, z = x - wearer_x, y - wearer_y, z - wearer_z
    vx = parties.velocity_mps[protected, 0] - parties.velocity_mps[wearer, 0]
    vy = parties.velocity_mps[protected, 1] - parties.velocity_mps[wearer, 1]
    vz = parties.velocity_mps[protected, 2] - parties.velocity_mps[wearer, 2]
    towards = -(x * vx + y * vy + z * vz)
    squared = vx * vx + vy * vy + vz * vz
    apart_m = hypot(hypot(x, y), z)
    closing_mps = towards / apart_m if apart_m > 0.0 else 0.0
    seconds = min(towards / squared, within_s) if squared > 0.0 and towards > 0.0 else 0.0
    return seconds, hypot(hypot(x + vx * seconds, y + vy * seconds), z + vz * seconds), closing_mps


@compiled
def approaches(
    row: int, wearer: int, protected: int, now_ms: int, reaction_s: Floats, limits_m: Floats, parties: PartyTable,
    numbers: Numbers,
) -> bool:  # fmt: skip
    """Whether both velocities, with their uncertainty, probably bring the parties within the limit in time."""
    for party in (wearer, protected):
        if parties.marked[party] or is_stale(parties, party, now_ms):
            return False
    seconds, nearest_m, _ = meeting(parties, wearer, protected, now_ms, reaction_s[row], numbers)
    if seconds <= 0.0:
        return False
    variance = 0.0
    for party in (wearer, protected):
        sigma_m = sigma_of(parties, party, now_ms)
        if speed_of(parties, party) > 0.0:
            sigma_m += numbers.heading_mps * seconds
        variance += sigma_m * sigma_m
    return within_probability(nearest_m, variance**0.5, limits_m[row, LIMIT]) >= numbers.probable_at


@compiled
def agree_on_approach(row: int, now_ms: int, agrees: bool, numbers: Numbers, rows: RowTable) -> bool:
    """Keep since when fixes have agreed that they approach; True where that is long enough for a warning."""
    if not agrees:
        rows.agreed_ms[row] = UNKNOWN_MS
        return False
    if rows.agreed_ms[row] == UNKNOWN_MS:
        rows.agreed_ms[row] = now_ms
    return now_ms - rows.agreed_ms[row] >= numbers.approach_fixes_ms
