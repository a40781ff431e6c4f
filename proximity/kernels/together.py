# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The victim-proximity monitor authors
"""Whether the parties of a link go on together, in the same tram or car.

docs/judgement.md, section 14, says the rules.
"""

from proximity.kernels.arrays import Records
from proximity.kernels.columns import UNKNOWN_MS, Numbers
from proximity.kernels.compiled import compiled

BREACH = 2


@compiled
def part(row: int, rows: Records) -> None:
    """They are together no more: the next rise asks anew."""
    rows[row]["along_ms"] = UNKNOWN_MS
    if rows[row]["together"]:
        rows[row]["together"] = False
        rows[row]["rearmed"] = True


@compiled
def says_together(
    row: int, wearer: int, protected: int, now_ms: int, parties: Records, numbers: Numbers, rows: Records
) -> int:  # fmt: skip
    """What a fix says of it: 1 that they go together, -1 that they do not, 0 nothing."""
    for party in (wearer, protected):  # who has stopped says so, however old the other's position is
        fresh = parties[party]["touched"] and now_ms - parties[party]["fixed_ms"] <= numbers.extrapolate_ms
        fine = parties[party]["accuracy_m"] <= numbers.together_m
        if fresh and fine and not parties[party]["pace_mps"] >= numbers.together_mps:
            return -1
    for party in (wearer, protected):
        if now_ms - parties[party]["fixed_ms"] > numbers.extrapolate_ms:
            return 0
        if not parties[party]["accuracy_m"] <= numbers.together_m:
            return 0
    for party in (wearer, protected):
        if not parties[party]["pace_mps"] >= numbers.together_mps:
            return -1
    if rows[row]["distance_m"] <= numbers.together_m:
        return 1
    return 0 if rows[row]["distance_m"] - rows[row]["sigma_m"] <= numbers.together_m else -1


@compiled
def keep_together(
    row: int, wearer: int, protected: int, now_ms: int, sure: bool, by_fix: bool, may_tell: bool, parties: Records,
    numbers: Numbers, rows: Records,
) -> bool:  # fmt: skip
    """Keep whether they are together; True where that is to be told now, for which nothing else may be."""
    if rows[row]["level"] < BREACH or not sure:
        part(row, rows)
        return False
    says = says_together(row, wearer, protected, now_ms, parties, numbers, rows) if by_fix else 0
    if says < 0:
        part(row, rows)
    if says <= 0:
        return False
    if rows[row]["along_ms"] == UNKNOWN_MS:
        rows[row]["along_ms"] = now_ms
    if rows[row]["together"] or not may_tell or now_ms - rows[row]["along_ms"] < numbers.together_after_ms:
        return False
    rows[row]["together"] = True
    return True
