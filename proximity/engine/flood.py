# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The victim-proximity monitor authors
"""Mass silence: many devices that fall silent together are one incident of the system (decision 0017).

A device is *gone* while it is silent, or while a link or zone is blind because its carrier is stale.
"""

from typing import Final, NamedTuple

import numpy as np

from proximity.engine.health import to_ms
from proximity.engine.incident import incident_id
from proximity.engine.state import Flood, State, floor_to_second
from proximity.kernels.admission import is_anyone_gone
from proximity.kernels.arrays import Flags, Longs
from proximity.kernels.blindness import PROTECTED, STALE, WEARER
from proximity.kernels.columns import UNKNOWN_MS, records_of
from proximity.kernels.devices import SILENT_BIT
from proximity.model.units import Millis
from proximity.model.words import Kind

NO_ORDER: Final = "system"  # stands for the order (DESIGN 4.4); no order may have this id
DEVICES: Final = "devices"  # what such an incident is about


class Gone(NamedTuple):
    """Who is gone at a step."""

    missed: Flags  # (parties,) stale, and not for want of our hearing
    serving: Flags  # (devices,) serves an order in force
    gone: Flags  # (devices,)
    member: Flags  # (devices,) of the flood
    members: Flags  # (parties,) carries a device that is


def missed_parties(state: State, now_ms: Millis) -> Flags:
    """Whose silence says something (kernels.tracks.is_missed), by the last whole second."""
    parties = state.parties
    age_ms = floor_to_second(now_ms) - parties.deaf_ms - parties.heard_ms
    return np.asarray((parties.fixed_ms == UNKNOWN_MS) | (age_ms >= parties.stale_ms))


def blamed_parties(state: State, missed: Flags) -> Flags:
    """Parties for whose silence a row is blind."""
    blamed = np.zeros(state.world.parties, np.bool_)
    rows, columns = state.rows, state.columns
    blind = np.flatnonzero(rows.blind & (rows.doubt_why == STALE))
    for bit, who in ((WEARER, columns.wearer), (PROTECTED, columns.protected)):
        blamed[who[blind[(rows.doubt_by[blind] & bit) != 0]]] = True
    return blamed & missed


def heard_ms(state: State) -> Longs:
    """(devices,) When each was heard last, or was expected to be from."""
    newest_ms = state.devices.newest_ms
    return np.where(newest_ms == UNKNOWN_MS, state.devices.since_ms, newest_ms)


def members_of(state: State, gone: Flags) -> Flags:
    """The devices that the flood is about; none where there is no flood."""
    flood = state.flood
    if flood is None:
        return np.zeros(len(gone), np.bool_)
    return np.asarray(gone & (state.devices.gone_ms >= flood.from_ms) & (heard_ms(state) <= flood.reach_ms))


def opens(state: State, serving: Flags, now_ms: Millis) -> Flood | None:
    """The flood that a device gone since this step brings about or carries on; else as it was."""
    numbers, gone_ms = state.judging.floods, state.devices.gone_ms
    within = (gone_ms != UNKNOWN_MS) & (gone_ms > now_ms - to_ms(numbers.flood_within_s))
    count = int(within.sum())
    if count <= numbers.flood_devices or count <= numbers.flood_share * int(serving.sum()):
        return state.flood
    if state.flood is not None:
        return Flood(state.flood.id, state.flood.from_ms, now_ms, state.flood.told)
    return Flood(incident_id(NO_ORDER, Kind.SYSTEM, DEVICES, now_ms), int(gone_ms[within].min()), now_ms, 0)


def is_over(state: State, serving: Flags, members: int) -> bool:
    """Whether so few of the flood are left that each can be told."""
    numbers = state.judging.floods
    least = max(float(numbers.flood_devices), numbers.flood_share * int(serving.sum()))
    return members < numbers.flood_over_share * least


def follow_gone(state: State, now_ms: Millis) -> Gone | None:
    """After a judgement: see who is gone, and whether that is a flood; None where nobody is, nor was."""
    devices, world = state.devices, state.world
    if state.flood is None and not is_anyone_gone(records_of(devices), records_of(state.rows)):
        return None
    silent = (devices.troubles & SILENT_BIT) != 0
    missed = missed_parties(state, now_ms)
    serving = (world.devices.from_ms <= now_ms) & (now_ms < world.devices.until_ms)
    gone = (silent | blamed_parties(state, missed)[world.devices.party]) & serving
    new = gone & (devices.gone_ms == UNKNOWN_MS)
    devices.gone_ms[new] = now_ms
    devices.gone_ms[~gone] = UNKNOWN_MS
    if new.any():
        state.flood = opens(state, serving, now_ms)
    member = members_of(state, gone)
    if state.flood is not None and is_over(state, serving, int(member.sum())):
        state.flood, member = None, np.zeros(len(gone), np.bool_)
    members = np.zeros(world.parties, np.bool_)
    np.logical_or.at(members, world.devices.party, member)
    return Gone(missed, serving, gone, member, members)
