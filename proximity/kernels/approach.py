# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The victim-proximity monitor authors
"""Whether two parties, going on as they go, will come within the limit, and how soon.

docs/judgement.md, section 10, says the rules.
"""

from math import hypot

from proximity.kernels.arrays import Floats, Records
from proximity.kernels.columns import UNKNOWN_MS, Numbers
from proximity.kernels.compiled import compiled
from proximity.kernels.probability import rules_out, within_probability
from proximity.kernels.tracks import A_SECOND_MS, goes_on_s, is_sure, place_of, sigma_of, speed_of

LIMIT = 1  # the column of the limit itself


@compiled
def meeting(
    parties: Records, wearer: int, protected: int, now_ms: int, within_s: float, numbers: Numbers
) -> tuple[float, float, float]:  # fmt: skip
    """(seconds until they are nearest, at most `within_s`; metres they are then apart; closing speed now).

    Each goes on along its velocity; the way is short enough for a straight line.
    """
    wearer_x, wearer_y, wearer_z = place_of(parties, wearer, goes_on_s(parties, wearer, now_ms, numbers))
    x, y, z = place_of(parties, protected, goes_on_s(parties, protected, now_ms, numbers))
    x, y, z = x - wearer_x, y - wearer_y, z - wearer_z
    vx = parties[protected]["velocity_mps"][0] - parties[wearer]["velocity_mps"][0]
    vy = parties[protected]["velocity_mps"][1] - parties[wearer]["velocity_mps"][1]
    vz = parties[protected]["velocity_mps"][2] - parties[wearer]["velocity_mps"][2]
    towards = -(x * vx + y * vy + z * vz)
    squared = vx * vx + vy * vy + vz * vz
    apart_m = hypot(hypot(x, y), z)
    closing_mps = towards / apart_m if apart_m > 0.0 else 0.0
    seconds = min(towards / squared, within_s) if squared > 0.0 and towards > 0.0 else 0.0
    return seconds, hypot(hypot(x + vx * seconds, y + vy * seconds), z + vz * seconds), closing_mps


@compiled
def agree(
    wearer: int, protected: int, now_ms: int, reaction_s: float, limit_m: float, parties: Records,
    numbers: Numbers,
) -> bool:  # fmt: skip
    """Whether both velocities, with their uncertainty, probably bring the parties within the limit in time."""
    if not (is_sure(parties, wearer, now_ms) and is_sure(parties, protected, now_ms)):
        return False
    seconds, nearest_m, _ = meeting(parties, wearer, protected, now_ms, reaction_s, numbers)
    if seconds <= 0.0 or rules_out(nearest_m, limit_m, numbers.probable_at):
        return False
    variance = 0.0
    for party in (wearer, protected):
        if speed_of(parties, party) > 0.0:
            on_the_way_s = (now_ms - parties[party]["fixed_ms"]) / A_SECOND_MS + seconds
            sigma_m = parties[party]["sigma_m"] + numbers.heading_mps * on_the_way_s
        else:
            sigma_m = sigma_of(parties, party, now_ms)
        variance += sigma_m * sigma_m
    return within_probability(nearest_m, variance**0.5, limit_m) >= numbers.probable_at


@compiled
def approaching(
    row: int, wearer: int, protected: int, now_ms: int, reaction_s: Floats, limits_m: Floats, parties: Records,
    numbers: Numbers, rows: Records,
) -> bool:  # fmt: skip
    """By a fix: keep since when fixes have agreed on an approach; True where that is long enough for a warning.

    The fix of a party that stands still says nothing of the other's way, as long as that one goes.
    """
    wearer_goes, protected_goes = speed_of(parties, wearer) > 0.0, speed_of(parties, protected) > 0.0
    tells = (parties[wearer]["touched"] and wearer_goes) or (parties[protected]["touched"] and protected_goes)
    if (wearer_goes or protected_goes) and not tells:
        return False
    if not agree(wearer, protected, now_ms, reaction_s[row], limits_m[row, LIMIT], parties, numbers):
        rows[row]["agrees_ms"] = UNKNOWN_MS
        return False
    rows[row]["agreed_ms"] = now_ms
    if rows[row]["agrees_ms"] == UNKNOWN_MS:
        rows[row]["agrees_ms"] = now_ms
    return bool(now_ms - rows[row]["agrees_ms"] >= numbers.approach_fixes_ms)
