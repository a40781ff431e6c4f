# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The victim-proximity monitor authors
"""Whether the parties of a link go on together, in the same tram or car.

docs/judgement.md, section 14, says the rules.
"""

from proximity.kernels.columns import UNKNOWN_MS, Numbers, PartyTable, RowTable
from proximity.kernels.compiled import compiled

BREACH = 2


@compiled
def part(row: int, rows: RowTable) -> None:
    """They are together no more: the next rise asks anew."""
    rows.along_ms[row] = UNKNOWN_MS
    if rows.together[row]:
        rows.together[row] = False
        rows.rearmed[row] = True


@compiled
def says_together(
    row: int, wearer: int, protected: int, now_ms: int, parties: PartyTable, numbers: Numbers, rows: RowTable
) -> int:  # fmt: skip
    """What a fix says of it: 1 that they go together, -1 that they do not, 0 nothing."""
    for party in (wearer, protected):
        if now_ms - parties.fixed_ms[party] > numbers.extrapolate_ms:
            return 0
        if not parties.accuracy_m[party] <= numbers.together_m:
            return 0
    for party in (wearer, protected):
        if not parties.pace_mps[party] >= numbers.together_mps:
            return -1
    if rows.distance_m[row] <= numbers.together_m:
        return 1
    return 0 if rows.distance_m[row] - rows.sigma_m[row] <= numbers.together_m else -1


@compiled
def keep_together(
    row: int, wearer: int, protected: int, now_ms: int, sure: bool, by_fix: bool, may_tell: bool, parties: PartyTable,
    numbers: Numbers, rows: RowTable,
) -> bool:  # fmt: skip
    """Keep whether they are together; True where that is to be told now, for which nothing else may be."""
    if rows.level[row] < BREACH or not sure:
        part(row, rows)
        return False
    says = says_together(row, wearer, protected, now_ms, parties, numbers, rows) if by_fix else 0
    if says < 0:
        part(row, rows)
    if says <= 0:
        return False
    if rows.along_ms[row] == UNKNOWN_MS:
        rows.along_ms[row] = now_ms
    if rows.together[row] or not may_tell or now_ms - rows.along_ms[row] < numbers.together_after_ms:
        return False
    rows.together[row] = True
    return True
