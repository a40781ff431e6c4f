# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The victim-proximity monitor authors
"""Which devices are asked to report more often, and for how long (docs/wanted.md)."""

from math import inf, isnan
from typing import NamedTuple

from proximity.kernels.arrays import Flags, Floats, Ints, Longs, Records
from proximity.kernels.blindness import OFF_WEARER
from proximity.kernels.columns import NEVER_MS, UNKNOWN_MS, Numbers
from proximity.kernels.compiled import compiled
from proximity.kernels.levels import second_after
from proximity.kernels.measure import NOWHERE, is_known, slack_m
from proximity.kernels.tracks import A_SECOND_MS, is_stale

HOUR_MS = 3_600_000
UNWEIGHED_S = -1.0  # of a row: no fix has said anything yet
LIMIT = 1  # the column of the limit itself


class WishTable(NamedTuple):
    """What is asked of each device, and how much of it has been granted."""

    soonest_s: Floats  # how soon somebody could be at a limit, over its party's rows; 0: it is asked at once
    wanted: Flags  # some row asks that it reports more often
    idle_ms: Longs  # since when none does
    short: Flags  # the short interval holds
    since_ms: Longs  # since when, of the present hour
    hour_ms: Longs  # when that hour of grants began
    spent_ms: Longs  # what of it had been used before `since_ms`
    served: Flags  # an order that it serves is in force
    told_ms: Longs  # the interval that stands on its topic; 0: none
    told_rest_ms: Longs  # likewise at rest
    declared_ms: Longs  # the declared interval that held when it was last looked at
    due_ms: Longs  # when it must be looked at again, if nothing else changes


class WishNumbers(NamedTuple):
    """The settings (proximity.model.judging.Wanting)."""

    shortest_ms: int
    granted_ms: int
    hold_ms: int
    back_intervals: float


@compiled
def soonest_of(
    row: int, wearer: int, protected: int, now_ms: int, still_mps: float, limits_m: Floats, parties: Records,
    numbers: Numbers, rows: Records,
) -> float:  # fmt: skip
    """How soon the parties could be at the limit: from the nearest that they may be, as fast as both have been.

    NaN where that is not known; never where both together are slower than `still_mps`.
    """
    beyond_m = rows[row]["distance_m"] - slack_m(row, wearer, protected, now_ms, parties, numbers, rows)
    beyond_m -= limits_m[row, LIMIT]
    pace_mps = 0.0
    for party in (wearer, protected):
        if party != NOWHERE:
            stale = is_stale(parties, party, now_ms)
            pace_mps += max(numbers.reach_mps, parties[party]["pace_mps"]) if stale else parties[party]["pace_mps"]
    if pace_mps < still_mps:
        return inf
    return 0.0 if beyond_m <= 0.0 else float(beyond_m / pace_mps)


@compiled
def asks_within_s(row: int, wearer: int, protected: int, parties: Records, rows: Records) -> float:
    """Whose next fix must come sooner than this, the row asks to report more often; 0: everybody's."""
    if rows[row]["level"] > 0 and not rows[row]["quiet"]:
        return 0.0
    untold = rows[row]["doubt_ms"] != UNKNOWN_MS and rows[row]["doubt_why"] != OFF_WEARER
    if untold and (rows[row]["blind"] or is_known(parties, wearer, protected)):
        return 0.0
    soonest_s = rows[row]["soonest_s"]
    if soonest_s == UNWEIGHED_S:
        return inf
    return 0.0 if isnan(soonest_s) else float(soonest_s)


@compiled
def weigh(
    chosen: Ints, now_ms: int, wearer: Ints, protected: Ints, limits_m: Floats, from_ms: Longs, until_ms: Longs,
    area_from: int, party_of: Ints, parties: Records, numbers: Numbers, rows: Records, weighed: Flags,
    within_s: Floats, wishes: WishTable, still_mps: float,
) -> None:  # fmt: skip
    """After the judgement of the chosen rows: what all rows ask of the devices of their parties.

    Rows from `area_from` on, about area-wide zones, ask by their level alone. `weighed` and `within_s` (parties,) are
    worked on: parties that have a new position are marked already.
    """
    for place in range(chosen.shape[0]):
        row = chosen[place]
        one, other = wearer[row], protected[row]
        weighed[one] = True
        news = parties[one]["touched"]
        if other != NOWHERE:
            weighed[other] = True
            news = news or parties[other]["touched"]
        if not from_ms[row] <= now_ms < until_ms[row]:
            rows[row]["soonest_s"] = UNWEIGHED_S
        elif row < area_from and is_known(parties, one, other) and (news or rows[row]["soonest_s"] == UNWEIGHED_S):
            rows[row]["soonest_s"] = soonest_of(row, one, other, now_ms, still_mps, limits_m, parties, numbers, rows)
    within_s[:] = inf
    for row in range(wearer.shape[0]):
        one, other = wearer[row], protected[row]
        if weighed[one] or (other != NOWHERE and weighed[other]):
            soon_s = asks_within_s(row, one, other, parties, rows)
            within_s[one] = min(within_s[one], soon_s)
            if other != NOWHERE:
                within_s[other] = min(within_s[other], soon_s)
    for device in range(party_of.shape[0]):
        if weighed[party_of[device]]:
            wishes.soonest_s[device] = within_s[party_of[device]]
            wishes.due_ms[device] = 0


@compiled
def keep_wanted(device: int, now_ms: int, declared_ms: int, wishes: WishTable, numbers: WishNumbers) -> None:
    """Whether somebody wants the device to report more often than the interval that holds; longer once it does."""
    within_ms = declared_ms * (numbers.back_intervals if wishes.wanted[device] else 1.0)
    wanted = declared_ms > numbers.shortest_ms and not wishes.soonest_s[device] * A_SECOND_MS >= within_ms
    if wishes.wanted[device] and not wanted:
        wishes.idle_ms[device] = now_ms
    wishes.wanted[device] = wanted


@compiled
def over_ms(device: int, wishes: WishTable, numbers: WishNumbers) -> int:
    """Until when the short interval holds: what was granted is used up, or nobody has wanted it for long enough."""
    used_ms = wishes.since_ms[device] + numbers.granted_ms - wishes.spent_ms[device]
    if wishes.wanted[device]:
        return int(used_ms)
    return int(min(used_ms, wishes.idle_ms[device] + numbers.hold_ms))


@compiled
def keep_short(
    device: int, now_ms: int, second_ms: int, heard_ms: int, wishes: WishTable, numbers: WishNumbers
) -> int:  # fmt: skip
    """Begin or end the short interval of a device; give when time alone can do either.

    Who has not been heard in the whole hour of a grant has none in the next one, until it is heard.
    """
    while wishes.short[device]:
        ends_ms, hour_over_ms = over_ms(device, wishes, numbers), wishes.hour_ms[device] + HOUR_MS
        if not heard_ms > wishes.hour_ms[device]:
            ends_ms = min(ends_ms, hour_over_ms)
        elif hour_over_ms <= min(second_ms, ends_ms):  # it goes on into another hour, which has grants of its own
            wishes.hour_ms[device] = wishes.since_ms[device] = hour_over_ms
            wishes.spent_ms[device] = 0
            continue
        if wishes.served[device] and second_ms < ends_ms:
            return int(min(ends_ms, hour_over_ms))
        wishes.short[device] = False
        wishes.spent_ms[device] += min(second_after(ends_ms), now_ms) - wishes.since_ms[device]
    if not wishes.wanted[device] or not wishes.served[device] or numbers.granted_ms <= 0:
        return NEVER_MS
    hour_over_ms = wishes.hour_ms[device] + HOUR_MS
    if wishes.hour_ms[device] == UNKNOWN_MS or (second_ms >= hour_over_ms and heard_ms > wishes.hour_ms[device]):
        wishes.hour_ms[device] = now_ms
        wishes.spent_ms[device] = 0
    elif second_ms >= hour_over_ms:
        return NEVER_MS
    elif wishes.spent_ms[device] + min(numbers.hold_ms, numbers.granted_ms) > numbers.granted_ms:
        return int(hour_over_ms)
    wishes.since_ms[device] = now_ms
    wishes.short[device] = True
    return int(min(over_ms(device, wishes, numbers), wishes.hour_ms[device] + HOUR_MS))


@compiled
def wish_of(
    device: int, interval_ms: int, rest_interval_ms: int, wishes: WishTable, numbers: WishNumbers
) -> tuple[int, int]:  # fmt: skip
    """What should stand on the device's topic: the intervals moving and at rest; 0 for nothing."""
    if not wishes.served[device] or (wishes.told_ms[device] == 0 and not wishes.short[device]):
        return 0, 0
    if wishes.short[device]:
        return min(interval_ms, numbers.shortest_ms), min(rest_interval_ms, numbers.shortest_ms)
    return interval_ms, rest_interval_ms


@compiled
def follow_wishes(
    now_ms: int, second_ms: int, heard_ms: Longs, moving: Flags, interval_ms: Longs, rest_interval_ms: Longs,
    wishes: WishTable, numbers: WishNumbers, differs: Ints,
) -> tuple[int, int]:  # fmt: skip
    """Bring every device's wish up to date; give how many must be told and when time alone changes one.

    `differs` (devices,) begins with those that must be told.
    """
    count, due_ms = 0, NEVER_MS
    for device in range(moving.shape[0]):
        declared_ms = interval_ms[device] if moving[device] else rest_interval_ms[device]
        waits_ms = wishes.hour_ms[device] if wishes.wanted[device] and not wishes.short[device] else NEVER_MS
        again = heard_ms[device] > waits_ms and second_ms >= waits_ms + HOUR_MS
        if wishes.due_ms[device] > second_ms and wishes.declared_ms[device] == declared_ms and not again:
            due_ms = min(due_ms, wishes.due_ms[device])
            continue
        wishes.declared_ms[device] = declared_ms
        keep_wanted(device, now_ms, declared_ms, wishes, numbers)
        wishes.due_ms[device] = keep_short(device, now_ms, second_ms, heard_ms[device], wishes, numbers)
        due_ms = min(due_ms, wishes.due_ms[device])
        wish = wish_of(device, interval_ms[device], rest_interval_ms[device], wishes, numbers)
        if wish[0] != wishes.told_ms[device] or wish[1] != wishes.told_rest_ms[device]:
            differs[count] = device
            count += 1
    return count, due_ms
