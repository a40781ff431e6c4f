# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The victim-proximity monitor authors
"""The tables that the engine keeps: one row a device, a party, a judged link or zone. Field names are the columns.

A table is columns to numpy and records to kernels, over the same memory: a kernel that is handed thirty arrays at every
call spends its time on handing them on.
"""

from typing import NamedTuple, TypeVar, cast

import numpy as np

from proximity.kernels.arrays import Array, Bytes, Flags, Floats, Ints, Longs, Records
from proximity.kernels.compiled import INTERPRETED

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
    course_deg: Floats
    seq: Longs  # -1 where absent
    battery_pct: Floats


class DeviceTable(NamedTuple):
    """What is known of each device."""

    newest_ms: Longs  # fixed_at of its newest fix, never after the step that admitted it
    position: Floats  # (devices, 3) of that fix
    sigma_m: Floats  # standard deviation of each axis of that fix
    moving: Flags  # not at rest: its resting interval does not hold
    stale_ms: Longs  # the age from which it is stale
    troubles: Ints  # bits, see proximity.engine.trouble
    since_ms: Longs  # from when it is expected to report, where it never has
    gone_ms: Longs  # since when it is silent, or a link is blind because it is; UNKNOWN_MS: it is not
    asked_ms: Longs  # until when it was asked to report oftener; NEVER_MS: it still is, UNKNOWN_MS: it never was


class PartyTable(NamedTuple):
    """The track of each party (docs/judgement.md, 1), whichever device its newest position comes from."""

    fixed_ms: Longs
    heard_ms: Longs  # until when its device has said nothing else: later fixes that knew less leave the position
    position: Floats  # (parties, 3) earth-centred; NaN: unknown
    lat_deg: Floats
    lon_deg: Floats
    sigma_m: Floats  # standard deviation of each axis, at `fixed_ms`
    accuracy_m: Floats
    before_ms: Longs  # until when it was at the position before
    before_position: Floats  # (parties, 3)
    before_sigma_m: Floats
    velocity_mps: Floats  # (parties, 3) earth-centred
    pace_mps: Floats  # how fast it has been lately
    shown_mps: Floats  # the same by its own speed and by fine steps only
    growth_mps: Floats  # by which the uncertainty of each axis grows
    grows_ms: Longs  # for so long: who rests would have said by then that it moves; NEVER_MS: on and on
    step_m: Floats  # from the position before; 0 without one
    resting_ms: Longs  # the longest that its device, at rest, is not heard for; 0 where it reports as often at rest
    awake: Flags  # it reports as often as its device does when it moves
    roused: Flags  # it did when it was last known whether it does, or where it is
    obeys: Flags  # its leading device does as it is asked: it is heard as often at rest, too
    vouched_ms: Longs  # the last fix that knew its place, or that it rests, without having been asked for
    settled: Flags  # still, and known only coarsely: what it says of a move counts when it says so again
    awake_stale_ms: Longs  # of its leading device, where that is awake
    stale_ms: Longs  # of its leading device; before its first fix the shortest of its devices at rest
    deaf_ms: Longs  # for how much of its age nobody could be heard
    vouched_deaf_ms: Longs  # for how much of the time since it was vouched for
    still: Flags  # nobody can be heard now: time alone makes it no older
    marked: Flags
    off_wearer: Flags  # its tag is
    fixes: Longs  # how many distinct fixes there were
    good_fixes: Longs  # those of them that were not marked
    touched: Flags  # has a new position in this step
    stirred: Flags  # something else about it has changed in this step
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
    held: Floats  # (rows, 3) the same with stale parties where they were last seen; 0 where none is stale
    pending_ms: Longs  # (rows, 3) since when the level has been probable
    pending_by: Bytes  # (rows, 3) whose fix began that: bits of WEARER and PROTECTED
    pending_fixes: Longs  # (rows, 3) how many fixes of theirs have said so
    doubted: Bytes  # (rows, 3) 1: they flip at rest, and only another fix of theirs tells
    apart_ms: Longs  # (rows, 3) since when the level has been improbable
    apart_wearer: Longs  # (rows, 3) the wearer's good fixes at that time
    apart_protected: Longs
    doubt_ms: Longs  # since when a breach is possible because somebody cannot be told
    blame_ms: Longs  # (rows, 2) since when the wearer, and the protected person, has been to blame for that
    doubt_by: Bytes  # who: bits of WEARER and PROTECTED
    doubt_why: Bytes  # COARSE, STALE or OFF_WEARER
    blind: Flags
    agrees_ms: Longs  # since when velocities have agreed that they approach
    agreed_ms: Longs  # when they did last
    approached: Flags  # the warning stands for that
    near_ms: Longs  # since when the warning has been steady
    near_m: Floats  # and how near they were then
    quiet: Flags  # neighbours: the warning stands, and is told no more
    along_ms: Longs  # since when fixes have agreed that they go together
    together: Flags  # that has been told
    rearmed: Flags  # they were together: the next rise asks anew
    soonest_s: Floats  # by the newest fixes, how soon they could be at the limit; -1 before any
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
    possible_sigmas: float  # by which a limit may lie below the distance and still be possible
    at_rest_mps: float
    cycling_from_mps: float
    driving_from_mps: float
    step_noise: float
    fine_accuracy_m: float
    pace_half_life_s: float
    growth_still_mps: float
    growth_walking_mps: float
    growth_cycling_mps: float
    growth_driving_mps: float
    velocity_within_s: float
    extrapolate_ms: int
    asked_step_ms: int  # who does as it is asked reports no less often, even when a fix is lost
    vmax_mps: float
    reach_mps: float
    coarse_zone_m: float
    doubt_step_m: float
    held_vague_ms: int
    held_asked_ms: int
    held_sigmas: float  # two positions further apart than this contradict each other
    pass_within_ms: int
    pass_nearer_m: float
    heading_mps: float
    approach_fixes_ms: int
    steady_m: float
    steady_ms: int
    blind_still_ms: int
    blind_lag_ms: int
    blind_asked_ms: int
    together_mps: float
    together_m: float
    together_after_ms: int
    history_ms: int
    history_fixes: int


Settings = TypeVar("Settings", bound=NamedTuple)


def as_record(numbers: Settings) -> Settings:
    """The same numbers over one record: a kernel hands on where they are, instead of each of them at every call.

    Where kernels are interpreted the numbers themselves: Python knows no attributes of a record.
    """
    kinds = [
        (name, np.float64 if isinstance(number, float) else np.int64) for name, number in numbers._asdict().items()
    ]
    record = np.array([tuple(numbers)], np.dtype(kinds))[0]
    return numbers if INTERPRETED else cast("Settings", record)


Table = TypeVar("Table", DeviceTable, PartyTable, RowTable)


def packed(table: Table) -> Table:
    """The same table with its columns over one array of records; the space between them is zero."""
    columns: dict[str, Array] = table._asdict()
    wide_first = sorted(columns, key=lambda name: -columns[name].dtype.itemsize)
    kinds = [(name, columns[name].dtype, columns[name].shape[1:]) for name in wide_first]
    records = np.zeros(len(table[0]), np.dtype(kinds, align=True))
    for name, column in columns.items():
        records[name] = column
    return type(table)(**{name: records[name] for name in table._fields})


def records_of(table: DeviceTable | PartyTable | RowTable) -> Records:
    """A packed table as kernels take it; ValueError where it is not packed."""
    records = table[0].base
    if records is None or records.dtype.names is None:
        raise ValueError("the table is not packed")
    return records
