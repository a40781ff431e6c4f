# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The victim-proximity monitor authors
"""The tables that the engine keeps: one row a device, a party, a judged link or zone. Field names are the columns."""

from typing import NamedTuple

from proximity.kernels.arrays import Bytes, Flags, Floats, Ints, Longs

NEVER_MS = 2**62  # later than any instant
UNKNOWN_MS = -1  # has not happened


class FixColumns(NamedTuple):
    """The fixes of one step, sorted by device, fixed_at and content."""

    device: Ints
    fixed_ms: Longs
    lat_deg: Floats
    lon_deg: Floats
    accuracy_m: Floats
    speed_mps: Floats
    seq: Longs  # -1 where absent
    battery_pct: Floats


class DeviceTable(NamedTuple):
    """What is known of each device."""

    newest_ms: Longs  # fixed_at of its newest fix, never after the step that admitted it
    position: Floats  # (devices, 3) of that fix
    moving: Flags  # not at rest: its resting interval does not hold
    stale_ms: Longs  # the age from which it is stale
    troubles: Ints  # bits, see proximity.engine.trouble
    since_ms: Longs  # from when it is expected to report, where it never has
    history_ms: Longs  # (devices, kept) fixed_at of its last fixes, a ring
    history_lat_deg: Floats
    history_lon_deg: Floats
    history_next: Ints


class PartyTable(NamedTuple):
    """The newest position of each party, whichever device it comes from."""

    fixed_ms: Longs
    position: Floats  # (parties, 3) earth-centred; NaN: unknown
    lat_deg: Floats
    lon_deg: Floats
    sigma_m: Floats  # standard deviation of each axis
    accuracy_m: Floats
    stale_ms: Longs
    marked: Flags
    fixes: Longs  # how many distinct fixes there were
    good_fixes: Longs  # those of them that were not marked
    touched: Flags  # has a new position in this step
    looked: Flags  # the area-wide zones near it have been looked up before


class RowTable(NamedTuple):
    """The judgement of each link and zone; columns of three are for warning, breach, emergency."""

    level: Bytes
    certain: Flags
    possible: Bytes
    judged: Flags  # both positions have been known at least once
    distance_m: Floats
    sigma_m: Floats
    probability: Floats  # (rows, 3)
    pending_ms: Longs  # (rows, 3) since when the level has been probable
    pending_fixes: Longs  # (rows, 3) how many fixes have said so
    apart_ms: Longs  # (rows, 3) since when the level has been improbable
    apart_wearer: Longs  # (rows, 3) the wearer's good fixes at that time
    apart_protected: Longs
    due_ms: Longs  # when time alone can change it


class Numbers(NamedTuple):
    """The settings that kernels read (proximity.model.judging.Judging)."""

    certain_at: float
    probable_at: float
    possible_at: float
    apart_below: float
    apart_for_ms: int
    confirm_after_ms: int
    sigma_floor_m: float
    accuracy_per_sigma: float
    stale_intervals: float
    stale_at_least_ms: int
    skew_ms: int
    ahead_tolerance_ms: int
    refuse_ahead_ms: int
    moved_m: float
