# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The victim-proximity monitor authors
"""How the level of a row rises and falls, and when time alone may change it.

docs/judgement.md, sections 5, 6, 8 and 11, says the rules.
"""

from math import hypot

from proximity.kernels.arrays import Floats
from proximity.kernels.blindness import PROTECTED, WEARER
from proximity.kernels.columns import NEVER_MS, UNKNOWN_MS, Numbers, PartyTable, RowTable
from proximity.kernels.compiled import compiled
from proximity.kernels.measure import LEVELS, NOWHERE, is_coarse
from proximity.kernels.probability import normal_below, within_probability
from proximity.kernels.tracks import A_SECOND_MS, goes_on_s, noise_m, speed_of

EMERGENCY = 3
WARNING = 1
AGREEING_FIXES = 2

# causes, in the order of proximity.engine.judge.CAUSES
UNCHANGED = 0
FIRST_JUDGEMENT = 1
LIMIT_CROSSED = 2
CONFIRMED = 3
UNCONTRADICTED = 4
APART = 5
ORDER_ENDED = 6
LAST_KNOWN_PLACE = 7
PASSED = 8
APPROACHING = 9
NEAR_STEADY = 10
NEARER = 11
TRAVELLING_TOGETHER = 12


@compiled
def second_after(instant_ms: int) -> int:
    """The first whole second that is not before an instant."""
    return -(-instant_ms // A_SECOND_MS) * A_SECOND_MS


@compiled
def party_of(bit: int, wearer: int, protected: int) -> int:
    """The party that a bit of `pending_by` stands for."""
    return wearer if bit == WEARER else protected


@compiled
def flips(parties: PartyTable, party: int, beyond_m: float) -> bool:
    """Whether the newest fix of a party may be nothing but another anchor of a tag at rest."""
    return bool(parties.settled[party] and parties.step_m[party] > beyond_m)


@compiled
def touched_bits(wearer: int, protected: int, parties: PartyTable) -> int:
    """Who has a new position in this step."""
    bits = WEARER if parties.touched[wearer] else 0
    if protected != NOWHERE and parties.touched[protected]:
        bits |= PROTECTED
    return bits


@compiled
def begin_pending(
    row: int, column: int, wearer: int, protected: int, now_ms: int, parties: PartyTable, numbers: Numbers,
    rows: RowTable,
) -> None:  # fmt: skip
    """A level has become probable: since when, by whose fix, and whether that is to be doubted."""
    new = touched_bits(wearer, protected, parties)
    doubted = 0
    for bit in (WEARER, PROTECTED):
        if new & bit and rows.judged[row] and flips(parties, party_of(bit, wearer, protected), numbers.doubt_step_m):
            doubted |= bit
    everyone = WEARER if protected == NOWHERE else WEARER | PROTECTED
    rows.pending_ms[row, column] = now_ms
    rows.pending_fixes[row, column] = 1
    rows.doubted[row, column] = doubted != 0
    rows.pending_by[row, column] = doubted if doubted != 0 else (new if new != 0 else everyone)


@compiled
def keep_pending(
    row: int, column: int, wearer: int, protected: int, now_ms: int, marked: bool, parties: PartyTable,
    numbers: Numbers, rows: RowTable,
) -> None:  # fmt: skip
    """Begin, count or give up what is pending of a limit."""
    new = touched_bits(wearer, protected, parties)
    raised = rows.probability[row, column] >= numbers.probable_at or rows.held[row, column] >= numbers.probable_at
    if not raised:
        if new != 0 and not marked:
            rows.pending_ms[row, column] = UNKNOWN_MS
    elif rows.pending_ms[row, column] == UNKNOWN_MS:
        begin_pending(row, column, wearer, protected, now_ms, parties, numbers, rows)
    elif new & rows.pending_by[row, column]:
        rows.pending_fixes[row, column] += 1


@compiled
def confirm_wait_ms(
    row: int, column: int, wearer: int, protected: int, parties: PartyTable, numbers: Numbers, rows: RowTable
) -> int:  # fmt: skip
    """How long a limit must be pending before it counts without a second fix."""
    if not rows.doubted[row, column]:
        return numbers.confirm_after_ms
    wait_ms = NEVER_MS
    for bit in (WEARER, PROTECTED):
        if rows.pending_by[row, column] & bit:
            wait_ms = min(wait_ms, parties.stale_ms[party_of(bit, wearer, protected)])
    return wait_ms


@compiled
def route_of(
    row: int, column: int, wearer: int, protected: int, now_ms: int, marked: bool, parties: PartyTable,
    numbers: Numbers, rows: RowTable,
) -> int:  # fmt: skip
    """By which route a pending limit is reached now; UNCHANGED where by none."""
    if not rows.judged[row] and not marked:
        return FIRST_JUDGEMENT
    sure = rows.probability[row, column] >= numbers.certain_at
    if column + 1 == EMERGENCY:  # probable is enough, be it by the last known place
        sure = max(rows.probability[row, column], rows.held[row, column]) >= numbers.probable_at
    doubted = rows.doubted[row, column]
    for bit in (WEARER, PROTECTED):
        if rows.pending_by[row, column] & bit:
            party = party_of(bit, wearer, protected)
            doubted = doubted or flips(parties, party, noise_m(parties, party, numbers))
    if sure and not marked and not doubted:
        return LIMIT_CROSSED
    if rows.pending_fixes[row, column] >= AGREEING_FIXES:
        return CONFIRMED
    wait_ms = confirm_wait_ms(row, column, wearer, protected, parties, numbers, rows)
    return UNCONTRADICTED if now_ms - rows.pending_ms[row, column] >= wait_ms else UNCHANGED


@compiled
def rise(
    row: int, wearer: int, protected: int, zone: int, now_ms: int, marked: bool, limits_m: Floats, parties: PartyTable,
    numbers: Numbers, rows: RowTable,
) -> tuple[int, int]:  # fmt: skip
    """The highest level above the present one that is reached, and by which route; also keeps what is pending."""
    target, cause = 0, UNCHANGED
    for column in range(LEVELS if zone == NOWHERE else LEVELS - 1):
        if is_coarse(row, wearer, protected, zone, column, limits_m, parties, numbers):
            continue
        keep_pending(row, column, wearer, protected, now_ms, marked, parties, numbers, rows)
        if rows.pending_ms[row, column] == UNKNOWN_MS or column + 1 <= rows.level[row]:
            continue
        route = route_of(row, column, wearer, protected, now_ms, marked, parties, numbers, rows)
        if route != UNCHANGED:
            target = column + 1
            unseen = not rows.probability[row, column] >= numbers.probable_at
            cause = LAST_KNOWN_PLACE if unseen and rows.held[row, column] >= numbers.probable_at else route
    return target, cause


@compiled
def forget_apart(row: int, rows: RowTable) -> None:
    """A level has risen: what parted them before says nothing any more."""
    for column in range(LEVELS):
        rows.apart_ms[row, column] = UNKNOWN_MS


@compiled
def forget_pending(row: int, rows: RowTable) -> None:
    """The level has fallen: what once spoke for those above it has been seen to be over."""
    for column in range(rows.level[row], LEVELS):
        rows.pending_ms[row, column] = UNKNOWN_MS


@compiled
def within(row: int, column: int, protected: int, sigma_m: float, limits_m: Floats, rows: RowTable) -> float:
    """The probability of being within a limit at the measured distance, were that so uncertain."""
    if protected != NOWHERE:
        return within_probability(rows.distance_m[row], sigma_m, limits_m[row, column])
    if column == LEVELS - 1:
        return float(rows.probability[row, column])
    return normal_below((limits_m[row, column] - rows.distance_m[row]) / sigma_m)


@compiled
def keep_apart(
    row: int, now_ms: int, wearer: int, protected: int, sure: bool, limits_m: Floats, parties: PartyTable,
    numbers: Numbers, rows: RowTable,
) -> None:  # fmt: skip
    """By a fix: since when, and since which good fixes, each limit has been improbable.

    That uncertainty grows between fixes says nothing against it: only what the fixes themselves say does.
    """
    sigma_m = parties.sigma_m[wearer]
    if protected != NOWHERE:
        sigma_m = hypot(sigma_m, parties.sigma_m[protected])
    for column in range(LEVELS):
        if not within(row, column, protected, sigma_m, limits_m, rows) < numbers.apart_below:
            rows.apart_ms[row, column] = UNKNOWN_MS
        elif not rows.probability[row, column] < numbers.apart_below:
            continue
        elif rows.apart_ms[row, column] == UNKNOWN_MS and sure:
            rows.apart_ms[row, column] = now_ms
            rows.apart_wearer[row, column] = parties.good_fixes[wearer]
            rows.apart_protected[row, column] = 0 if protected == NOWHERE else parties.good_fixes[protected]


@compiled
def falls_ms(row: int, wearer: int, protected: int, parties: PartyTable, numbers: Numbers, rows: RowTable) -> int:
    """From when on the level may fall, as far as fixes go: NEVER_MS before one more good fix of each party."""
    column = rows.level[row] - 1
    if column < 0 or rows.apart_ms[row, column] == UNKNOWN_MS:
        return NEVER_MS
    if parties.good_fixes[wearer] <= rows.apart_wearer[row, column]:
        return NEVER_MS
    if protected != NOWHERE and parties.good_fixes[protected] <= rows.apart_protected[row, column]:
        return NEVER_MS
    since_ms = rows.apart_ms[row, column]
    if rows.approached[row]:
        since_ms = max(since_ms, rows.agreed_ms[row])
    return int(since_ms + numbers.apart_for_ms)


@compiled
def is_gone(
    row: int, wearer: int, protected: int, now_ms: int, sure: bool, by_fix: bool, parties: PartyTable,
    numbers: Numbers, rows: RowTable,
) -> bool:  # fmt: skip
    """Whether the level falls now: by a fix, or at the one whole second at which its time is over."""
    over_ms = falls_ms(row, wearer, protected, parties, numbers, rows)
    due = now_ms >= over_ms if by_fix else now_ms == second_after(over_ms)
    return due and sure and rows.probability[row, rows.level[row] - 1] < numbers.apart_below


@compiled
def level_that_holds(row: int, numbers: Numbers, rows: RowTable) -> int:
    """The highest level below the present one that is not improbable now."""
    for column in range(rows.level[row] - 2, -1, -1):
        if not rows.probability[row, column] < numbers.apart_below:
            return column + 1
    return 0


@compiled
def keep_steady(
    row: int, before: int, now_ms: int, sure: bool, by_fix: bool, comes: bool, numbers: Numbers, rows: RowTable
) -> int:  # fmt: skip
    """Neighbours: NEAR_STEADY when a warning has stood for long and come no nearer, NEARER when it does after that.

    `comes`: velocities agree that they approach.
    """
    if rows.level[row] != WARNING or before != WARNING or rows.near_ms[row] == UNKNOWN_MS:
        rows.near_ms[row] = now_ms if rows.level[row] == WARNING else UNKNOWN_MS
        rows.near_m[row] = rows.distance_m[row]
        rows.quiet[row] = False
        return UNCHANGED
    nearer = rows.distance_m[row] + rows.sigma_m[row] < rows.near_m[row] - numbers.steady_m
    if by_fix and (nearer or comes):
        rows.near_ms[row] = now_ms
        rows.near_m[row] = rows.distance_m[row]
        was_quiet = rows.quiet[row]
        rows.quiet[row] = False
        return NEARER if was_quiet else UNCHANGED
    over_ms = rows.near_ms[row] + numbers.steady_ms
    due = now_ms >= over_ms if by_fix else now_ms == second_after(over_ms)
    if rows.quiet[row] or not due or not sure:
        return UNCHANGED
    rows.quiet[row] = True
    return NEAR_STEADY


@compiled
def level_due_ms(
    row: int, wearer: int, protected: int, zone: int, now_ms: int, limits_m: Floats, parties: PartyTable,
    numbers: Numbers, rows: RowTable,
) -> int:  # fmt: skip
    """When time alone can change the level: what is pending, a fall, a steady warning, a party that is carried on."""
    due_ms = NEVER_MS
    over_ms = falls_ms(row, wearer, protected, parties, numbers, rows)
    if second_after(over_ms) > now_ms:
        due_ms = min(due_ms, over_ms)
    if zone == NOWHERE and rows.level[row] == WARNING and not rows.quiet[row]:
        steady_ms = rows.near_ms[row] + numbers.steady_ms
        if second_after(steady_ms) > now_ms:
            due_ms = min(due_ms, steady_ms)
    travel_m = 0.0
    for party in (wearer, protected):
        if party != NOWHERE:
            left_s = numbers.extrapolate_ms / A_SECOND_MS - goes_on_s(parties, party, now_ms, numbers)
            travel_m += left_s * speed_of(parties, party)
    for column in range(rows.level[row], LEVELS if zone == NOWHERE else LEVELS - 1):
        coarse = is_coarse(row, wearer, protected, zone, column, limits_m, parties, numbers)
        if rows.pending_ms[row, column] != UNKNOWN_MS and not coarse:
            wait_ms = confirm_wait_ms(row, column, wearer, protected, parties, numbers, rows)
            due_ms = min(due_ms, rows.pending_ms[row, column] + wait_ms)
        if travel_m > 0.0 and not rows.distance_m[row] - travel_m > limits_m[row, column]:
            due_ms = min(due_ms, now_ms + 1)
    return due_ms
