# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The victim-proximity monitor authors
"""How the level of a row rises and falls, and when time alone may change it.

docs/judgement.md, sections 5, 6, 8 and 11, says the rules.
"""

from math import hypot

from proximity.kernels.arrays import Floats, Records
from proximity.kernels.blindness import PROTECTED, WEARER
from proximity.kernels.columns import NEVER_MS, UNKNOWN_MS, Numbers
from proximity.kernels.compiled import compiled
from proximity.kernels.measure import LEVELS, NOWHERE, is_coarse
from proximity.kernels.probability import normal_below, within_probability
from proximity.kernels.tracks import A_SECOND_MS, goes_on_s, is_stale, noise_m, speed_of

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
def flips(parties: Records, party: int, beyond_m: float) -> bool:
    """Whether the newest fix of a party may be nothing but another anchor of a tag at rest."""
    return bool(parties[party]["settled"] and parties[party]["step_m"] > beyond_m)


@compiled
def touched_bits(wearer: int, protected: int, parties: Records) -> int:
    """Who has a new position in this step."""
    bits = WEARER if parties[wearer]["touched"] else 0
    if protected != NOWHERE and parties[protected]["touched"]:
        bits |= PROTECTED
    return bits


@compiled
def carried_bits(wearer: int, protected: int, now_ms: int, parties: Records) -> int:
    """Who is taken to be on along a velocity: only what they say themselves can agree with that."""
    bits = WEARER if speed_of(parties, wearer) > 0.0 and not is_stale(parties, wearer, now_ms) else 0
    if protected != NOWHERE and speed_of(parties, protected) > 0.0 and not is_stale(parties, protected, now_ms):
        bits |= PROTECTED
    return bits


@compiled
def begin_pending(
    row: int, column: int, wearer: int, protected: int, now_ms: int, parties: Records, numbers: Numbers,
    rows: Records,
) -> None:  # fmt: skip
    """A level has become probable: since when, by whose fix, and whether that is to be doubted."""
    new = touched_bits(wearer, protected, parties)
    doubted = 0
    for bit in (WEARER, PROTECTED):
        if new & bit and rows[row]["judged"] and flips(parties, party_of(bit, wearer, protected), numbers.doubt_step_m):
            doubted |= bit
    everyone = WEARER if protected == NOWHERE else WEARER | PROTECTED
    carried = carried_bits(wearer, protected, now_ms, parties)
    others = carried if carried != 0 else (new if new != 0 else everyone)
    rows[row]["pending_ms"][column] = now_ms
    rows[row]["pending_fixes"][column] = 1
    rows[row]["doubted"][column] = doubted != 0
    rows[row]["pending_by"][column] = doubted if doubted != 0 else others


@compiled
def is_given_up(
    row: int, column: int, new: int, wearer: int, protected: int, limits_m: Floats, parties: Records,
    numbers: Numbers, rows: Records,
) -> bool:  # fmt: skip
    """Whether an unmarked fix by which a limit is not probable gives up what is pending of it.

    Not that of another one than it waits for, where only what uncertainty has grown to since makes it improbable.
    """
    if protected == NOWHERE or new & rows[row]["pending_by"][column]:
        return True
    sigma_m = hypot(parties[wearer]["sigma_m"], parties[protected]["sigma_m"])
    return not within_probability(rows[row]["distance_m"], sigma_m, limits_m[row, column]) >= numbers.probable_at


@compiled
def keep_pending(
    row: int, column: int, wearer: int, protected: int, now_ms: int, marked: bool, limits_m: Floats,
    parties: Records, numbers: Numbers, rows: Records,
) -> None:  # fmt: skip
    """Begin, count or give up what is pending of a limit."""
    new = touched_bits(wearer, protected, parties)
    raised = rows[row]["probability"][column] >= numbers.probable_at or rows[row]["held"][column] >= numbers.probable_at
    if not raised:
        told = new != 0 and not marked and rows[row]["pending_ms"][column] != UNKNOWN_MS
        if told and is_given_up(row, column, new, wearer, protected, limits_m, parties, numbers, rows):
            rows[row]["pending_ms"][column] = UNKNOWN_MS
    elif rows[row]["pending_ms"][column] == UNKNOWN_MS:
        begin_pending(row, column, wearer, protected, now_ms, parties, numbers, rows)
    elif new & rows[row]["pending_by"][column]:
        rows[row]["pending_fixes"][column] += 1


@compiled
def confirm_wait_ms(
    row: int, column: int, wearer: int, protected: int, parties: Records, numbers: Numbers, rows: Records
) -> int:  # fmt: skip
    """How long a limit must be pending before it counts without a second fix."""
    if not rows[row]["doubted"][column]:
        return numbers.confirm_after_ms
    wait_ms = NEVER_MS
    for bit in (WEARER, PROTECTED):
        if rows[row]["pending_by"][column] & bit:
            party = party_of(bit, wearer, protected)
            wait_ms = min(wait_ms, max(parties[party]["stale_ms"], parties[party]["resting_ms"]))
    return wait_ms


@compiled
def route_of(
    row: int, column: int, wearer: int, protected: int, now_ms: int, marked: bool, parties: Records,
    numbers: Numbers, rows: Records,
) -> int:  # fmt: skip
    """By which route a pending limit is reached now; UNCHANGED where by none."""
    if not rows[row]["judged"] and not marked:
        return FIRST_JUDGEMENT
    sure = rows[row]["probability"][column] >= numbers.certain_at
    if column + 1 == EMERGENCY:  # probable is enough, be it by the last known place
        sure = max(rows[row]["probability"][column], rows[row]["held"][column]) >= numbers.probable_at
    doubted = rows[row]["doubted"][column] != 0
    for bit in (WEARER, PROTECTED):
        if rows[row]["pending_by"][column] & bit:
            party = party_of(bit, wearer, protected)
            doubted = doubted or flips(parties, party, noise_m(parties, party, numbers))
    if sure and not marked and not doubted:
        return LIMIT_CROSSED
    if rows[row]["pending_fixes"][column] >= AGREEING_FIXES:
        return CONFIRMED
    wait_ms = confirm_wait_ms(row, column, wearer, protected, parties, numbers, rows)
    return UNCONTRADICTED if now_ms - rows[row]["pending_ms"][column] >= wait_ms else UNCHANGED


@compiled
def nothing_speaks(row: int, numbers: Numbers, rows: Records) -> bool:
    """Whether no limit is probable nor pending: nothing can rise."""
    for column in range(LEVELS):
        raised = (
            rows[row]["probability"][column] >= numbers.probable_at or rows[row]["held"][column] >= numbers.probable_at
        )
        if raised or rows[row]["pending_ms"][column] != UNKNOWN_MS:
            return False
    return True


@compiled
def rise(
    row: int, wearer: int, protected: int, zone: int, now_ms: int, marked: bool, limits_m: Floats, parties: Records,
    numbers: Numbers, rows: Records,
) -> tuple[int, int]:  # fmt: skip
    """The highest level above the present one that is reached, and by which route; also keeps what is pending."""
    target, cause = 0, UNCHANGED
    if nothing_speaks(row, numbers, rows):
        return target, cause
    for column in range(LEVELS if zone == NOWHERE else LEVELS - 1):
        if is_coarse(row, wearer, protected, zone, column, limits_m, parties, numbers):
            continue
        keep_pending(row, column, wearer, protected, now_ms, marked, limits_m, parties, numbers, rows)
        if rows[row]["pending_ms"][column] == UNKNOWN_MS or column + 1 <= rows[row]["level"]:
            continue
        route = route_of(row, column, wearer, protected, now_ms, marked, parties, numbers, rows)
        if route != UNCHANGED:
            target = column + 1
            unseen = not rows[row]["probability"][column] >= numbers.probable_at
            cause = LAST_KNOWN_PLACE if unseen and rows[row]["held"][column] >= numbers.probable_at else route
    return target, cause


@compiled
def forget_apart(row: int, rows: Records) -> None:
    """A level has risen: what parted them before says nothing any more."""
    for column in range(LEVELS):
        rows[row]["apart_ms"][column] = UNKNOWN_MS


@compiled
def forget_pending(row: int, rows: Records) -> None:
    """The level has fallen: what once spoke for those above it has been seen to be over."""
    for column in range(rows[row]["level"], LEVELS):
        rows[row]["pending_ms"][column] = UNKNOWN_MS


@compiled
def within(row: int, column: int, protected: int, sigma_m: float, limits_m: Floats, rows: Records) -> float:
    """The probability of being within a limit at the measured distance, were that so uncertain."""
    if protected != NOWHERE:
        return within_probability(rows[row]["distance_m"], sigma_m, limits_m[row, column])
    if column == LEVELS - 1:
        return float(rows[row]["probability"][column])
    return normal_below((limits_m[row, column] - rows[row]["distance_m"]) / sigma_m)


@compiled
def is_vague(
    row: int, column: int, wearer: int, protected: int, limits_m: Floats, parties: Records, numbers: Numbers,
    rows: Records,
) -> bool:  # fmt: skip
    """Whether a limit is possible while somebody is too coarse for it: that it is improbable says nothing then."""
    zone = NOWHERE if protected != NOWHERE else 0  # any: only whether there is one counts
    coarse = is_coarse(row, wearer, protected, zone, column, limits_m, parties, numbers)
    return bool(coarse and rows[row]["possible"] > column)


@compiled
def keep_apart(
    row: int, now_ms: int, wearer: int, protected: int, sure: bool, limits_m: Floats, parties: Records,
    numbers: Numbers, rows: Records,
) -> None:  # fmt: skip
    """By a fix: since when, and since which good fixes, each limit has been improbable.

    That uncertainty grows between fixes says nothing against it: only what the fixes themselves say does.
    """
    sigma_m = parties[wearer]["sigma_m"]
    if protected != NOWHERE:
        sigma_m = hypot(sigma_m, parties[protected]["sigma_m"])
    for column in range(LEVELS):
        vague = is_vague(row, column, wearer, protected, limits_m, parties, numbers, rows)
        if vague or not within(row, column, protected, sigma_m, limits_m, rows) < numbers.apart_below:
            rows[row]["apart_ms"][column] = UNKNOWN_MS
        elif not rows[row]["probability"][column] < numbers.apart_below:
            continue
        elif rows[row]["apart_ms"][column] == UNKNOWN_MS and sure:
            rows[row]["apart_ms"][column] = now_ms
            rows[row]["apart_wearer"][column] = parties[wearer]["good_fixes"]
            rows[row]["apart_protected"][column] = 0 if protected == NOWHERE else parties[protected]["good_fixes"]


@compiled
def falls_ms(row: int, wearer: int, protected: int, parties: Records, numbers: Numbers, rows: Records) -> int:
    """From when on the level may fall, as far as fixes go: NEVER_MS before one more good fix of each party."""
    column = rows[row]["level"] - 1
    if column < 0 or rows[row]["apart_ms"][column] == UNKNOWN_MS:
        return NEVER_MS
    if parties[wearer]["good_fixes"] <= rows[row]["apart_wearer"][column]:
        return NEVER_MS
    if protected != NOWHERE and parties[protected]["good_fixes"] <= rows[row]["apart_protected"][column]:
        return NEVER_MS
    since_ms = rows[row]["apart_ms"][column]
    if rows[row]["approached"]:
        since_ms = max(since_ms, rows[row]["agreed_ms"])
    return int(since_ms + numbers.apart_for_ms)


@compiled
def is_gone(
    row: int, wearer: int, protected: int, now_ms: int, sure: bool, by_fix: bool, parties: Records,
    numbers: Numbers, rows: Records,
) -> bool:  # fmt: skip
    """Whether the level falls now: by a fix, or at the one whole second at which its time is over."""
    over_ms = falls_ms(row, wearer, protected, parties, numbers, rows)
    due = now_ms >= over_ms if by_fix else now_ms == second_after(over_ms)
    return due and sure and rows[row]["probability"][rows[row]["level"] - 1] < numbers.apart_below


@compiled
def level_that_holds(
    row: int, wearer: int, protected: int, limits_m: Floats, parties: Records, numbers: Numbers, rows: Records
) -> int:  # fmt: skip
    """The highest level below the present one that is not improbable now, or that nobody can tell."""
    for column in range(rows[row]["level"] - 2, -1, -1):
        vague = is_vague(row, column, wearer, protected, limits_m, parties, numbers, rows)
        if vague or not rows[row]["probability"][column] < numbers.apart_below:
            return column + 1
    return 0


@compiled
def keep_steady(
    row: int, before: int, now_ms: int, sure: bool, by_fix: bool, comes: bool, numbers: Numbers, rows: Records
) -> int:  # fmt: skip
    """Neighbours: NEAR_STEADY when a warning has stood for long and come no nearer, NEARER when it does after that.

    `comes`: velocities agree that they approach.
    """
    if rows[row]["level"] != WARNING or before != WARNING or rows[row]["near_ms"] == UNKNOWN_MS:
        rows[row]["near_ms"] = now_ms if rows[row]["level"] == WARNING else UNKNOWN_MS
        rows[row]["near_m"] = rows[row]["distance_m"]
        rows[row]["quiet"] = False
        return UNCHANGED
    nearer = rows[row]["distance_m"] + rows[row]["sigma_m"] < rows[row]["near_m"] - numbers.steady_m
    if by_fix and (nearer or comes):
        rows[row]["near_ms"] = now_ms
        rows[row]["near_m"] = rows[row]["distance_m"]
        was_quiet = rows[row]["quiet"]
        rows[row]["quiet"] = False
        return NEARER if was_quiet else UNCHANGED
    over_ms = rows[row]["near_ms"] + numbers.steady_ms
    due = now_ms >= over_ms if by_fix else now_ms == second_after(over_ms)
    if rows[row]["quiet"] or not due or not sure:
        return UNCHANGED
    rows[row]["quiet"] = True
    return NEAR_STEADY


@compiled
def level_due_ms(
    row: int, wearer: int, protected: int, zone: int, now_ms: int, limits_m: Floats, parties: Records,
    numbers: Numbers, rows: Records,
) -> int:  # fmt: skip
    """When time alone can change the level: what is pending, a fall, a steady warning, a party that is carried on."""
    due_ms = NEVER_MS
    over_ms = falls_ms(row, wearer, protected, parties, numbers, rows)
    if second_after(over_ms) > now_ms:
        due_ms = min(due_ms, over_ms)
    if zone == NOWHERE and rows[row]["level"] == WARNING and not rows[row]["quiet"]:
        steady_ms = rows[row]["near_ms"] + numbers.steady_ms
        if second_after(steady_ms) > now_ms:
            due_ms = min(due_ms, steady_ms)
    travel_m = 0.0
    for party in (wearer, protected):
        if party != NOWHERE:
            left_s = numbers.extrapolate_ms / A_SECOND_MS - goes_on_s(parties, party, now_ms, numbers)
            travel_m += left_s * speed_of(parties, party)
    for column in range(rows[row]["level"], LEVELS if zone == NOWHERE else LEVELS - 1):
        coarse = is_coarse(row, wearer, protected, zone, column, limits_m, parties, numbers)
        if rows[row]["pending_ms"][column] != UNKNOWN_MS and not coarse:
            wait_ms = confirm_wait_ms(row, column, wearer, protected, parties, numbers, rows)
            due_ms = min(due_ms, rows[row]["pending_ms"][column] + wait_ms)
        if travel_m > 0.0 and not rows[row]["distance_m"] - travel_m > limits_m[row, column]:
            due_ms = min(due_ms, now_ms + 1)
    return due_ms
