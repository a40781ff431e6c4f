# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The victim-proximity monitor authors
"""How far the parties of a row are apart at an instant, how sure that is, and which levels cannot be ruled out.

docs/judgement.md, section 3, says the rules.
"""

from math import hypot, isnan

import numpy as np

from proximity.kernels.arrays import Floats, Records
from proximity.kernels.columns import UNKNOWN_MS, Numbers
from proximity.kernels.compiled import compiled
from proximity.kernels.geodesy import distance_m, latitude_longitude
from proximity.kernels.probability import normal_below, within_probability
from proximity.kernels.tracks import goes_on_s, is_missed, place_of, reach_m, sigma_of
from proximity.kernels.zones import ZoneArrays, allowed_m

LEVELS = 3  # warning, breach, emergency: level k has the columns k - 1
NOWHERE = -1  # no such party, no such zone


@compiled
def apart_m(parties: Records, one: int, one_s: float, other: int, other_s: float) -> float:
    """The distance of two parties, each moved so many seconds along its velocity."""
    x, y, z = place_of(parties, one, one_s)
    other_x, other_y, other_z = place_of(parties, other, other_s)
    return distance_m(x, y, z, other_x, other_y, other_z)


@compiled
def put_within(row: int, distance_m: float, sigma_m: float, limits_m: Floats, out: Floats) -> None:
    """Fill `out` (3,) with the probability of being within each limit; what is 0 for one is so for those within it."""
    chance = 1.0
    for column in range(LEVELS):
        if chance != 0.0:  # NaN goes on
            chance = within_probability(distance_m, sigma_m, limits_m[row, column])
        out[column] = chance


@compiled
def measure_link(
    row: int, wearer: int, protected: int, now_ms: int, limits_m: Floats, parties: Records, numbers: Numbers,
    rows: Records,
) -> None:  # fmt: skip
    """Distance, uncertainty and probabilities of a link; where a party is stale, also as it was last seen."""
    wearer_s, protected_s = goes_on_s(parties, wearer, now_ms, numbers), goes_on_s(parties, protected, now_ms, numbers)
    rows[row]["distance_m"] = apart_m(parties, wearer, wearer_s, protected, protected_s)
    wearer_sigma_m, protected_sigma_m = sigma_of(parties, wearer, now_ms), sigma_of(parties, protected, now_ms)
    rows[row]["sigma_m"] = hypot(wearer_sigma_m, protected_sigma_m)
    put_within(row, rows[row]["distance_m"], rows[row]["sigma_m"], limits_m, rows[row]["probability"])
    for column in range(LEVELS):
        rows[row]["held"][column] = 0.0
    wearer_stale, protected_stale = is_missed(parties, wearer, now_ms), is_missed(parties, protected, now_ms)
    wearer_stale, protected_stale = (
        wearer_stale and not parties[wearer]["marked"],
        (protected_stale and not parties[protected]["marked"]),
    )
    if not (wearer_stale or protected_stale):
        return
    if wearer_stale:
        wearer_s, wearer_sigma_m = 0.0, parties[wearer]["sigma_m"]
    if protected_stale:
        protected_s, protected_sigma_m = 0.0, parties[protected]["sigma_m"]
    held_m = apart_m(parties, wearer, wearer_s, protected, protected_s)
    put_within(row, held_m, hypot(wearer_sigma_m, protected_sigma_m), limits_m, rows[row]["held"])
    for column in range(LEVELS):
        if isnan(rows[row]["held"][column]):
            rows[row]["held"][column] = 0.0


@compiled
def measure_zone(
    row: int, wearer: int, zone: int, now_ms: int, limits_m: Floats, parties: Records, zones: ZoneArrays,
    numbers: Numbers, rows: Records,
) -> None:  # fmt: skip
    """Distance (`allowed_m`), uncertainty and probabilities of a wearer and a zone; a zone knows no emergency."""
    x, y, z = place_of(parties, wearer, goes_on_s(parties, wearer, now_ms, numbers))
    lat_deg, lon_deg = parties[wearer]["lat_deg"], parties[wearer]["lon_deg"]
    if (
        x != parties[wearer]["position"][0]
        or y != parties[wearer]["position"][1]
        or z != parties[wearer]["position"][2]
    ):
        lat_deg, lon_deg = latitude_longitude(x, y, z)
    rows[row]["distance_m"] = allowed_m(zones, zone, lat_deg, lon_deg, x, y, z)
    rows[row]["sigma_m"] = sigma_of(parties, wearer, now_ms)
    for column in range(LEVELS - 1):
        deviation = (limits_m[row, column] - rows[row]["distance_m"]) / rows[row]["sigma_m"]
        rows[row]["probability"][column] = normal_below(deviation)
    rows[row]["probability"][LEVELS - 1] = np.nan if isnan(rows[row]["distance_m"]) else 0.0
    for column in range(LEVELS):
        rows[row]["held"][column] = 0.0


@compiled
def slack_m(
    row: int, wearer: int, protected: int, now_ms: int, parties: Records, numbers: Numbers, rows: Records
) -> float:  # fmt: skip
    """How far beyond a limit the distance may lie while the limit is still possible."""
    slack = numbers.possible_sigmas * rows[row]["sigma_m"] + reach_m(parties, wearer, now_ms, numbers)
    if protected != NOWHERE:
        slack += reach_m(parties, protected, now_ms, numbers)
    return float(slack)


@compiled
def measure_possible(
    row: int, wearer: int, protected: int, zone: int, now_ms: int, limits_m: Floats, parties: Records,
    numbers: Numbers, rows: Records,
) -> None:  # fmt: skip
    """The highest level that cannot be ruled out, once the rest is measured; NaN where a party is not known: every."""
    slack = slack_m(row, wearer, protected, now_ms, parties, numbers, rows)
    off_wearer = parties[wearer]["off_wearer"]  # then they could be anywhere
    if protected != NOWHERE:
        off_wearer = off_wearer or parties[protected]["off_wearer"]
    rows[row]["possible"] = 0
    for column in range(LEVELS if zone == NOWHERE else LEVELS - 1):
        if off_wearer or not rows[row]["distance_m"] - slack > limits_m[row, column]:  # NaN is possible
            rows[row]["possible"] = column + 1


@compiled
def is_known(parties: Records, wearer: int, protected: int) -> bool:
    """Whether every party of a row has been seen."""
    return parties[wearer]["fixed_ms"] != UNKNOWN_MS and (
        protected == NOWHERE or parties[protected]["fixed_ms"] != UNKNOWN_MS
    )


@compiled
def is_coarse(
    row: int, wearer: int, protected: int, zone: int, column: int, limits_m: Floats, parties: Records,
    numbers: Numbers,
) -> bool:  # fmt: skip
    """Whether the newest fix of any party is too coarse to tell of a limit."""
    coarse_m = too_coarse_m(row, zone, column, limits_m, numbers)
    if parties[wearer]["accuracy_m"] > coarse_m:
        return True
    return bool(protected != NOWHERE and parties[protected]["accuracy_m"] > coarse_m)


@compiled
def too_coarse_m(row: int, zone: int, column: int, limits_m: Floats, numbers: Numbers) -> float:
    """The accuracy beyond which a fix cannot tell of a limit."""
    if zone == NOWHERE:
        return float(limits_m[row, column])
    return float(max(limits_m[row, 0], numbers.coarse_zone_m))
