# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The victim-proximity monitor authors
"""How far the parties of a row are apart at an instant, how sure that is, and which levels cannot be ruled out.

docs/judgement.md, section 3, says the rules.
"""

from math import hypot, isnan

import numpy as np

from proximity.kernels.arrays import Floats
from proximity.kernels.columns import UNKNOWN_MS, Numbers, PartyTable, RowTable
from proximity.kernels.compiled import compiled
from proximity.kernels.geodesy import distance_m, latitude_longitude
from proximity.kernels.probability import normal_below, within_probability
from proximity.kernels.tracks import goes_on_s, is_missed, place_of, reach_m, sigma_of
from proximity.kernels.zones import ZoneArrays, allowed_m

LEVELS = 3  # warning, breach, emergency: level k has the columns k - 1
NOWHERE = -1  # no such party, no such zone


@compiled
def apart_m(parties: PartyTable, one: int, one_s: float, other: int, other_s: float) -> float:
    """The distance of two parties, each moved so many seconds along its velocity."""
    x, y, z = place_of(parties, one, one_s)
    other_x, other_y, other_z = place_of(parties, other, other_s)
    return distance_m(x, y, z, other_x, other_y, other_z)


@compiled
def measure_link(
    row: int, wearer: int, protected: int, now_ms: int, limits_m: Floats, parties: PartyTable, numbers: Numbers,
    rows: RowTable,
) -> None:  # fmt: skip
    """Distance, uncertainty and probabilities of a link; where a party is stale, also as it was last seen."""
    wearer_s, protected_s = goes_on_s(parties, wearer, now_ms, numbers), goes_on_s(parties, protected, now_ms, numbers)
    rows.distance_m[row] = apart_m(parties, wearer, wearer_s, protected, protected_s)
    wearer_sigma_m, protected_sigma_m = sigma_of(parties, wearer, now_ms), sigma_of(parties, protected, now_ms)
    rows.sigma_m[row] = hypot(wearer_sigma_m, protected_sigma_m)
    for column in range(LEVELS):
        rows.probability[row, column] = within_probability(
            rows.distance_m[row], rows.sigma_m[row], limits_m[row, column]
        )
        rows.held[row, column] = 0.0
    wearer_stale, protected_stale = is_missed(parties, wearer, now_ms), is_missed(parties, protected, now_ms)
    wearer_stale, protected_stale = (
        wearer_stale and not parties.marked[wearer],
        (protected_stale and not parties.marked[protected]),
    )
    if not (wearer_stale or protected_stale):
        return
    if wearer_stale:
        wearer_s, wearer_sigma_m = 0.0, parties.sigma_m[wearer]
    if protected_stale:
        protected_s, protected_sigma_m = 0.0, parties.sigma_m[protected]
    held_m = apart_m(parties, wearer, wearer_s, protected, protected_s)
    for column in range(LEVELS):
        held = within_probability(held_m, hypot(wearer_sigma_m, protected_sigma_m), limits_m[row, column])
        rows.held[row, column] = 0.0 if isnan(held) else held


@compiled
def measure_zone(
    row: int, wearer: int, zone: int, now_ms: int, limits_m: Floats, parties: PartyTable, zones: ZoneArrays,
    numbers: Numbers, rows: RowTable,
) -> None:  # fmt: skip
    """Distance (`allowed_m`), uncertainty and probabilities of a wearer and a zone; a zone knows no emergency."""
    x, y, z = place_of(parties, wearer, goes_on_s(parties, wearer, now_ms, numbers))
    lat_deg, lon_deg = parties.lat_deg[wearer], parties.lon_deg[wearer]
    if x != parties.position[wearer, 0] or y != parties.position[wearer, 1] or z != parties.position[wearer, 2]:
        lat_deg, lon_deg = latitude_longitude(x, y, z)
    rows.distance_m[row] = allowed_m(zones, zone, lat_deg, lon_deg, x, y, z)
    rows.sigma_m[row] = sigma_of(parties, wearer, now_ms)
    for column in range(LEVELS - 1):
        deviation = (limits_m[row, column] - rows.distance_m[row]) / rows.sigma_m[row]
        rows.probability[row, column] = normal_below(deviation)
    rows.probability[row, LEVELS - 1] = np.nan if isnan(rows.distance_m[row]) else 0.0
    for column in range(LEVELS):
        rows.held[row, column] = 0.0


@compiled
def slack_m(
    row: int, wearer: int, protected: int, now_ms: int, parties: PartyTable, numbers: Numbers, rows: RowTable
) -> float:  # fmt: skip
    """How far beyond a limit the distance may lie while the limit is still possible."""
    slack = numbers.possible_sigmas * rows.sigma_m[row] + reach_m(parties, wearer, now_ms, numbers)
    if protected != NOWHERE:
        slack += reach_m(parties, protected, now_ms, numbers)
    return float(slack)


@compiled
def measure(
    row: int, wearer: int, protected: int, zone: int, now_ms: int, limits_m: Floats, parties: PartyTable,
    zones: ZoneArrays, numbers: Numbers, rows: RowTable,
) -> None:  # fmt: skip
    """All that is measured of a row at an instant; NaN where a party is not known: then every level is possible."""
    if zone == NOWHERE:
        measure_link(row, wearer, protected, now_ms, limits_m, parties, numbers, rows)
    else:
        measure_zone(row, wearer, zone, now_ms, limits_m, parties, zones, numbers, rows)
    slack = slack_m(row, wearer, protected, now_ms, parties, numbers, rows)
    off_wearer = parties.off_wearer[wearer]  # then they could be anywhere
    if protected != NOWHERE:
        off_wearer = off_wearer or parties.off_wearer[protected]
    rows.possible[row] = 0
    for column in range(LEVELS if zone == NOWHERE else LEVELS - 1):
        if off_wearer or not rows.distance_m[row] - slack > limits_m[row, column]:  # NaN is possible
            rows.possible[row] = column + 1


@compiled
def is_known(parties: PartyTable, wearer: int, protected: int) -> bool:
    """Whether every party of a row has been seen."""
    return parties.fixed_ms[wearer] != UNKNOWN_MS and (
        protected == NOWHERE or parties.fixed_ms[protected] != UNKNOWN_MS
    )


@compiled
def is_coarse(
    row: int, wearer: int, protected: int, zone: int, column: int, limits_m: Floats, parties: PartyTable,
    numbers: Numbers,
) -> bool:  # fmt: skip
    """Whether the newest fix of any party is too coarse to tell of a limit."""
    coarse_m = too_coarse_m(row, zone, column, limits_m, numbers)
    if parties.accuracy_m[wearer] > coarse_m:
        return True
    return bool(protected != NOWHERE and parties.accuracy_m[protected] > coarse_m)


@compiled
def too_coarse_m(row: int, zone: int, column: int, limits_m: Floats, numbers: Numbers) -> float:
    """The accuracy beyond which a fix cannot tell of a limit."""
    if zone == NOWHERE:
        return float(limits_m[row, column])
    return float(max(limits_m[row, 0], numbers.coarse_zone_m))
