# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The victim-proximity monitor authors
"""The engine's state: tables of arrays, and objects only for what is open."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from statistics import NormalDist
from typing import Final, TypeAlias

import numpy as np
from msgspec import Struct

from proximity.engine.deaf import Hearing
from proximity.engine.health import new_health, silent_after_ms, to_ms, watching_of
from proximity.engine.history import new_history
from proximity.geo.world import RowColumns, Subject, World, compile_world
from proximity.kernels.arrays import Longs
from proximity.kernels.columns import (
    NEVER_MS,
    UNKNOWN_MS,
    DeviceTable,
    Numbers,
    PartyTable,
    RowTable,
    as_record,
    packed,
)
from proximity.kernels.devices import HealthTable, Watching
from proximity.kernels.history import History
from proximity.kernels.wanted import UNWEIGHED_S, WishNumbers, WishTable
from proximity.model.incidents import Incident
from proximity.model.judging import Judging, Wanting
from proximity.model.orders import OrderBook
from proximity.model.units import MILLIS_PER_SECOND, Millis

ASKED_STEPS: Final = 2  # of the shortest interval: one fix may have been lost
EMPTY_BOOK: Final = OrderBook(revision="none", parties=(), orders=())

IncidentKey: TypeAlias = tuple[str, str, str]  # order, kind, what


@dataclass
class Counts:
    """What has passed the gate since the journal began."""

    accepted: int = 0
    late: int = 0
    marked: int = 0
    unjudged: int = 0  # fixes older than the history
    alone: int = 0  # links that late fixes could not be judged of: the other party was not known then
    refused: dict[str, int] = field(default_factory=dict)

    def refuse(self, reasons: Iterable[str]) -> None:
        """Count refusals."""
        for reason in reasons:
            self.refused[reason] = self.refused.get(reason, 0) + 1


class Flood(Struct, frozen=True):
    """Many devices that have fallen silent together."""

    id: str  # of its incident
    from_ms: Millis  # it is about those silent since then,
    reach_ms: Millis  # and not heard since
    told: int  # how many devices were told of


@dataclass
class State:
    """Everything the engine knows. `step` changes it in place and gives it back: nobody else may keep it."""

    now_ms: Millis
    world: World
    judging: Judging
    numbers: Numbers
    kernel_numbers: Numbers  # the same, as kernels take them
    devices: DeviceTable
    history: History  # of devices
    health: HealthTable
    watching: Watching  # over the same records
    silent_after_ms: Longs  # (devices, 2) the age of its newest fix from which a device is silent: online, offline
    parties: PartyTable
    subjects: list[Subject]  # what each row is about: the world's, then (wearer, area-wide zone) of who is near one
    columns: RowColumns  # likewise
    rows: RowTable
    boundaries_ms: Longs  # sorted instants at which an order begins or ends
    hours_ms: Millis  # when the hours of a schedule are over next, UNKNOWN_MS before they have been looked up
    incidents: dict[IncidentKey, Incident]
    levels: dict[IncidentKey, tuple[tuple[Millis, int], ...]]  # (since when, level) that each row has had lately
    late_due_ms: Millis  # when what was found late is over next
    status_at_ms: dict[
        tuple[str, str], tuple[Millis, ...]
    ]  # of a device and event: the last few; a repeat is a duplicate
    counts: Counts
    wishes: WishTable  # of devices: how often they are asked to report
    wish_numbers: WishNumbers
    wishes_waiting: int = 0  # how many could not be told in the last step: that many are too many for one
    hearing: Hearing = field(default_factory=Hearing)
    flood: Flood | None = None
    folds_seen: bytes = b""  # what folding depended on when it was last looked at; may be lost

    def keep(self, key: IncidentKey, incident: Incident) -> None:
        """Keep an incident while it is open."""
        if incident.resolved:
            self.incidents.pop(key, None)
        else:
            self.incidents[key] = incident


def numbers_of(judging: Judging) -> Numbers:
    """The settings as kernels read them."""
    return Numbers(
        certain_at=judging.certain_at,
        probable_at=judging.probable_at,
        possible_at=judging.possible_at,
        apart_below=judging.apart_below,
        apart_for_ms=to_ms(judging.apart_for_s),
        confirm_after_ms=to_ms(judging.confirm_after_s),
        sigma_floor_m=judging.sigma_floor_m,
        accuracy_per_sigma=judging.accuracy_per_sigma,
        stale_intervals=judging.stale_intervals,
        stale_at_least_ms=to_ms(judging.stale_at_least_s),
        skew_ms=to_ms(judging.skew_s),
        ahead_tolerance_ms=to_ms(judging.ahead_tolerance_s),
        refuse_ahead_ms=to_ms(judging.refuse_ahead_s),
        moved_m=judging.moved_m,
        possible_sigmas=NormalDist().inv_cdf(1.0 - judging.possible_at),
        at_rest_mps=judging.at_rest_mps,
        cycling_from_mps=judging.cycling_from_mps,
        driving_from_mps=judging.driving_from_mps,
        step_noise=judging.step_noise,
        fine_accuracy_m=judging.fine_accuracy_m,
        pace_half_life_s=judging.pace_half_life_s,
        growth_still_mps=judging.growth_still_mps,
        growth_walking_mps=judging.growth_walking_mps,
        growth_cycling_mps=judging.growth_cycling_mps,
        growth_driving_mps=judging.growth_driving_mps,
        velocity_within_s=judging.velocity_within_s,
        extrapolate_ms=to_ms(judging.extrapolate_s),
        asked_step_ms=ASKED_STEPS * to_ms(judging.wanted.shortest_s),
        vmax_mps=judging.vmax_mps,
        reach_mps=judging.reach_mps,
        coarse_zone_m=judging.coarse_zone_m,
        doubt_step_m=judging.doubt_step_m,
        held_vague_ms=to_ms(judging.held_vague_s),
        held_asked_ms=to_ms(judging.held_asked_s),
        held_sigmas=judging.held_sigmas,
        pass_within_ms=to_ms(judging.pass_within_s),
        pass_nearer_m=judging.pass_nearer_m,
        heading_mps=judging.heading_mps,
        approach_fixes_ms=to_ms(judging.approach_fixes_s),
        steady_m=judging.steady_m,
        steady_ms=to_ms(judging.steady_s),
        blind_still_ms=to_ms(judging.blind_still_s),
        blind_lag_ms=to_ms(judging.blind_lag_s),
        blind_asked_ms=to_ms(judging.blind_asked_s),
        together_mps=judging.together_mps,
        together_m=judging.together_m,
        together_after_ms=to_ms(judging.together_s),
        history_ms=to_ms(judging.history_s),
        history_fixes=judging.history_fixes,
    )


def stale_after_ms(interval_ms: Longs, numbers: Numbers) -> Longs:
    """The age from which devices that declare these intervals are stale."""
    return np.maximum(numbers.stale_at_least_ms, (interval_ms * numbers.stale_intervals).astype(np.int64))


def blank_devices(stale_ms: Longs, since_ms: Longs) -> DeviceTable:
    """Devices that have not been heard yet, with their stale ages and from when they are expected."""
    count = len(stale_ms)
    return packed(
        DeviceTable(
            newest_ms=np.full(count, UNKNOWN_MS, np.int64),
            position=np.full((count, 3), np.nan),
            sigma_m=np.full(count, np.nan),
            moving=np.zeros(count, np.bool_),
            stale_ms=stale_ms,
            troubles=np.zeros(count, np.int32),
            since_ms=since_ms,
            gone_ms=np.full(count, UNKNOWN_MS, np.int64),
            asked_ms=np.full(count, UNKNOWN_MS, np.int64),
        )
    )


def new_devices(world: World, numbers: Numbers, now_ms: Millis) -> DeviceTable:
    """The devices of a world, of which nothing has been heard."""
    stale_ms = stale_after_ms(world.devices.rest_interval_ms, numbers)
    return blank_devices(stale_ms, np.maximum(world.devices.from_ms, now_ms))


def never_heard_stale_ms(world: World, numbers: Numbers) -> Longs:
    """(parties,) The stale age of parties who have not been heard yet: the shortest of their devices at rest."""
    ages_ms = np.full(world.parties, NEVER_MS, np.int64)
    np.minimum.at(ages_ms, world.devices.party, stale_after_ms(world.devices.rest_interval_ms, numbers))
    return ages_ms


def blank_parties(stale_ms: Longs, numbers: Numbers) -> PartyTable:
    """Parties of whom nothing is known, with their stale ages."""
    count = len(stale_ms)
    return packed(
        PartyTable(
            fixed_ms=np.full(count, UNKNOWN_MS, np.int64),
            heard_ms=np.full(count, UNKNOWN_MS, np.int64),
            position=np.full((count, 3), np.nan),
            lat_deg=np.full(count, np.nan),
            lon_deg=np.full(count, np.nan),
            sigma_m=np.full(count, np.nan),
            accuracy_m=np.full(count, np.nan),
            before_ms=np.full(count, UNKNOWN_MS, np.int64),
            before_position=np.full((count, 3), np.nan),
            before_sigma_m=np.full(count, np.nan),
            velocity_mps=np.zeros((count, 3)),
            pace_mps=np.zeros(count),
            shown_mps=np.zeros(count),
            growth_mps=np.full(count, numbers.growth_still_mps),
            grows_ms=np.full(count, NEVER_MS, np.int64),
            step_m=np.zeros(count),
            resting_ms=np.zeros(count, np.int64),
            awake=np.zeros(count, np.bool_),
            roused=np.zeros(count, np.bool_),
            obeys=np.zeros(count, np.bool_),
            vouched_ms=np.full(count, UNKNOWN_MS, np.int64),
            vouched_deaf_ms=np.zeros(count, np.int64),
            settled=np.zeros(count, np.bool_),
            awake_stale_ms=np.zeros(count, np.int64),
            stale_ms=stale_ms,
            deaf_ms=np.zeros(count, np.int64),
            still=np.zeros(count, np.bool_),
            marked=np.zeros(count, np.bool_),
            off_wearer=np.zeros(count, np.bool_),
            fixes=np.zeros(count, np.int64),
            good_fixes=np.zeros(count, np.int64),
            touched=np.zeros(count, np.bool_),
            stirred=np.zeros(count, np.bool_),
            looked=np.zeros(count, np.bool_),
        )
    )


def new_parties(world: World, numbers: Numbers) -> PartyTable:
    """The parties of a world, of whom nothing is known."""
    return blank_parties(never_heard_stale_ms(world, numbers), numbers)


def new_rows(count: int) -> RowTable:
    """Links and zones that have not been judged; all are due, so that the first step looks at each."""
    return packed(
        RowTable(
            level=np.zeros(count, np.int8),
            certain=np.zeros(count, np.bool_),
            possible=np.full(count, 3, np.int8),
            judged=np.zeros(count, np.bool_),
            distance_m=np.full(count, np.nan),
            sigma_m=np.full(count, np.nan),
            probability=np.full((count, 3), np.nan),
            held=np.zeros((count, 3)),
            pending_ms=np.full((count, 3), UNKNOWN_MS, np.int64),
            pending_by=np.zeros((count, 3), np.int8),
            pending_fixes=np.zeros((count, 3), np.int64),
            doubted=np.zeros((count, 3), np.int8),
            apart_ms=np.full((count, 3), UNKNOWN_MS, np.int64),
            apart_wearer=np.zeros((count, 3), np.int64),
            apart_protected=np.zeros((count, 3), np.int64),
            doubt_ms=np.full(count, UNKNOWN_MS, np.int64),
            blame_ms=np.full((count, 2), UNKNOWN_MS, np.int64),
            doubt_by=np.zeros(count, np.int8),
            doubt_why=np.zeros(count, np.int8),
            blind=np.zeros(count, np.bool_),
            agrees_ms=np.full(count, UNKNOWN_MS, np.int64),
            agreed_ms=np.full(count, UNKNOWN_MS, np.int64),
            approached=np.zeros(count, np.bool_),
            near_ms=np.full(count, UNKNOWN_MS, np.int64),
            near_m=np.full(count, np.nan),
            quiet=np.zeros(count, np.bool_),
            along_ms=np.full(count, UNKNOWN_MS, np.int64),
            together=np.zeros(count, np.bool_),
            rearmed=np.zeros(count, np.bool_),
            soonest_s=np.full(count, UNWEIGHED_S),
            due_ms=np.zeros(count, np.int64),
        )
    )


def new_wishes(count: int) -> WishTable:
    """Devices of which nothing is asked."""
    return WishTable(
        soonest_s=np.full(count, np.inf),
        wanted=np.zeros(count, np.bool_),
        idle_ms=np.full(count, UNKNOWN_MS, np.int64),
        short=np.zeros(count, np.bool_),
        since_ms=np.full(count, UNKNOWN_MS, np.int64),
        hour_ms=np.full(count, UNKNOWN_MS, np.int64),
        spent_ms=np.zeros(count, np.int64),
        served=np.zeros(count, np.bool_),
        told_ms=np.zeros(count, np.int64),
        told_rest_ms=np.zeros(count, np.int64),
        declared_ms=np.zeros(count, np.int64),
        due_ms=np.zeros(count, np.int64),
    )


def wish_numbers_of(wanting: Wanting) -> WishNumbers:
    """The settings of wishes as kernels read them."""
    return WishNumbers(
        shortest_ms=to_ms(wanting.shortest_s),
        granted_ms=to_ms(wanting.granted_s),
        hold_ms=to_ms(wanting.hold_s),
        back_intervals=wanting.back_intervals,
    )


def boundaries_of(world: World) -> Longs:
    """The sorted instants at which an order begins or ends."""
    instants = {order.valid_from_ms for order in world.book.orders}
    instants |= {order.valid_until_ms for order in world.book.orders if order.valid_until_ms is not None}
    return np.array(sorted(instants), np.int64)


def state_of(world: World, judging: Judging, now_ms: Millis) -> State:
    """The state of a world of which nothing has been heard."""
    numbers = numbers_of(judging)
    health = new_health(len(world.device_ids))
    return State(
        now_ms=now_ms,
        world=world,
        judging=judging,
        numbers=numbers,
        kernel_numbers=as_record(numbers),
        devices=new_devices(world, numbers, now_ms),
        history=new_history(len(world.device_ids)),
        health=health,
        watching=watching_of(world, health, judging),
        silent_after_ms=silent_after_ms(world, judging),
        parties=new_parties(world, numbers),
        subjects=list(world.subjects),
        columns=world.rows,
        rows=new_rows(len(world.subjects)),
        boundaries_ms=boundaries_of(world),
        hours_ms=UNKNOWN_MS,
        incidents={},
        levels={},
        late_due_ms=NEVER_MS,
        status_at_ms={},
        counts=Counts(),
        wishes=new_wishes(len(world.device_ids)),
        wish_numbers=as_record(wish_numbers_of(judging.wanted)),
    )


def empty_state() -> State:
    """The state before the first order book."""
    return state_of(compile_world(EMPTY_BOOK), Judging(), -1)


def ceil_to_second(instant_ms: Millis) -> Millis:
    """The first whole second that is not before the instant."""
    if instant_ms >= NEVER_MS:
        return NEVER_MS
    return -(-instant_ms // MILLIS_PER_SECOND) * MILLIS_PER_SECOND


def floor_to_second(instant_ms: Millis) -> Millis:
    """The last whole second that is not after the instant."""
    return instant_ms - instant_ms % MILLIS_PER_SECOND
