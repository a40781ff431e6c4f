# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The victim-proximity monitor authors
"""When nobody can tell: a breach is possible because a party is silent, known too coarsely, or without its tag.

docs/judgement.md, section 9, says the rules.
"""

from math import isnan

from proximity.kernels.arrays import Floats, Records
from proximity.kernels.columns import NEVER_MS, UNKNOWN_MS, Numbers
from proximity.kernels.compiled import compiled
from proximity.kernels.measure import NOWHERE, slack_m, too_coarse_m
from proximity.kernels.tracks import A_SECOND_MS, goes_on_s, is_missed, is_stale, speed_of

BREACH = 2
LONG_MS = 1e12
LIMIT = 1  # the column of the limit itself
WEARER, PROTECTED = 1, 2  # bits
BITS = (WEARER, PROTECTED)
COARSE, STALE, OFF_WEARER = 1, 2, 3  # worse and worse; the order of proximity.engine.judge.DOUBTS


@compiled
def why_untold(party: int, now_ms: int, coarse_m: float, parties: Records) -> int:
    """Why it cannot be told where a party is; 0 where it can."""
    if parties[party]["off_wearer"]:
        return OFF_WEARER
    if is_missed(parties, party, now_ms):
        return STALE
    return COARSE if parties[party]["accuracy_m"] > coarse_m else 0


@compiled
def look_for_doubt(
    row: int, wearer: int, protected: int, zone: int, now_ms: int, limits_m: Floats, parties: Records,
    numbers: Numbers, rows: Records, area_wide: bool,
) -> None:  # fmt: skip
    """Keep since when, by whom and why a breach cannot be ruled out, and whether that makes the row blind."""
    coarse_m = too_coarse_m(row, zone, LIMIT, limits_m, numbers)
    why = why_untold(wearer, now_ms, coarse_m, parties)
    by = WEARER if why != 0 else 0
    if protected != NOWHERE:
        other = why_untold(protected, now_ms, coarse_m, parties)
        by |= PROTECTED if other != 0 else 0
        why = max(why, other)
    rows[row]["doubt_by"] = by
    rows[row]["doubt_why"] = why
    untold = why != 0 and rows[row]["possible"] >= BREACH and not (area_wide and rows[row]["level"] == 0)
    for place in range(2):
        if not (untold and by & BITS[place]):
            rows[row]["blame_ms"][place] = UNKNOWN_MS
        elif rows[row]["blame_ms"][place] == UNKNOWN_MS:
            rows[row]["blame_ms"][place] = now_ms
    if not untold:
        rows[row]["doubt_ms"] = UNKNOWN_MS
        rows[row]["blind"] = False
        return
    if rows[row]["doubt_ms"] == UNKNOWN_MS:
        rows[row]["doubt_ms"] = now_ms
    if why == OFF_WEARER or now_ms >= blind_from_ms(row, wearer, protected, now_ms, parties, numbers, rows):
        rows[row]["blind"] = True


@compiled
def granted_ms(party: int, now_ms: int, since_ms: int, parties: Records, numbers: Numbers) -> int:
    """How long a party may be untold since an instant."""
    wait_ms = parties[party]["awake_stale_ms"] if parties[party]["roused"] else parties[party]["stale_ms"]
    if parties[party]["resting_ms"] == 0:
        return int(wait_ms)
    if parties[party]["obeys"] and is_missed(parties, party, now_ms):
        return int(parties[party]["stale_ms"])
    if parties[party]["pace_mps"] < numbers.at_rest_mps and not parties[party]["roused"]:
        vouched_ms = parties[party]["vouched_ms"] + parties[party]["vouched_deaf_ms"]
        asked_ms = vouched_ms + numbers.blind_asked_ms - since_ms
        vague = parties[party]["vouched_ms"] < parties[party]["heard_ms"]  # asked for, and it told little
        if vague and asked_ms < numbers.blind_still_ms:
            return int(max(parties[party]["awake_stale_ms"], asked_ms))
        return int(max(wait_ms, numbers.blind_still_ms))
    if is_missed(parties, party, now_ms):  # it may have come to rest
        untold_ms = parties[party]["resting_ms"] + parties[party]["deaf_ms"]
        return int(max(wait_ms, parties[party]["heard_ms"] + untold_ms - since_ms))
    return int(wait_ms)


@compiled
def blind_from_ms(
    row: int, wearer: int, protected: int, now_ms: int, parties: Records, numbers: Numbers, rows: Records
) -> int:  # fmt: skip
    """From when on a row in doubt is blind: one of those to blame has been so for as long as it is granted.

    Or the doubt itself, whoever began it, has lasted for the longest that one of those to blame now is granted.
    """
    doubt_ms, wait_ms, from_ms = rows[row]["doubt_ms"], 0, NEVER_MS
    for place, party in enumerate((wearer, protected)):
        if rows[row]["doubt_by"] & BITS[place]:
            since_ms = rows[row]["blame_ms"][place]
            wait_ms = max(wait_ms, granted_ms(party, now_ms, doubt_ms, parties, numbers))
            from_ms = min(from_ms, since_ms + granted_ms(party, now_ms, since_ms, parties, numbers))
    return int(min(from_ms, doubt_ms + wait_ms))


@compiled
def doubt_due_ms(
    row: int, wearer: int, protected: int, now_ms: int, limits_m: Floats, parties: Records, numbers: Numbers,
    rows: Records,
) -> int:  # fmt: skip
    """When time alone can begin a doubt or make it blind; never too late, perhaps too early."""
    due_ms, rate_mps, travel_m, still = NEVER_MS, 0.0, 0.0, False
    for party in (wearer, protected):
        if party == NOWHERE:
            continue
        still = parties[party]["still"]
        if not is_stale(parties, party, now_ms):
            due_ms = min(due_ms, parties[party]["heard_ms"] + parties[party]["stale_ms"])
        elif not is_missed(parties, party, now_ms) and not still:
            due_ms = min(due_ms, parties[party]["heard_ms"] + parties[party]["stale_ms"] + parties[party]["deaf_ms"])
        if is_stale(parties, party, now_ms):
            rate_mps += max(numbers.reach_mps, parties[party]["pace_mps"])
        rate_mps += numbers.possible_sigmas * parties[party]["growth_mps"]
        left_s = numbers.extrapolate_ms / A_SECOND_MS - goes_on_s(parties, party, now_ms, numbers)
        travel_m += speed_of(parties, party) * left_s
    if rows[row]["doubt_why"] != 0 and travel_m > 0.0:
        return min(due_ms, now_ms + 1)
    doubted = rows[row]["doubt_ms"] != UNKNOWN_MS
    if rows[row]["doubt_why"] == 0 or rows[row]["blind"] or (doubted and still):
        return due_ms
    if doubted:
        return int(min(due_ms, blind_from_ms(row, wearer, protected, now_ms, parties, numbers, rows)))
    beyond_m = rows[row]["distance_m"] - slack_m(row, wearer, protected, now_ms, parties, numbers, rows)
    beyond_m -= limits_m[row, LIMIT]
    wait_ms = beyond_m * A_SECOND_MS / rate_mps if rate_mps > 0.0 else 1.0
    if isnan(wait_ms) or wait_ms < 1.0:
        wait_ms = 1.0
    return min(due_ms, now_ms + int(min(wait_ms, LONG_MS)))
