# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The victim-proximity monitor authors
"""What a tag or a phone reports of the truth: when, how wrong, and what it says of itself.

The errors are the measured ones of `simulators.devices.errors`. Tags that flip between Wi-Fi anchors are measured too
(`error_numbers.md`, table D). What is ours, for want of measurements, says so.
"""

from typing import Final, NamedTuple

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from proximity.model.units import MILLIS_PER_SECOND, Metres, Millis, Seconds
from simulators.devices.errors import (
    APART_MOVING,
    AT_REST,
    MOVING_TAU_S,
    PERCENTILES,
    RESTING_TAU_S,
    draw_errors,
)
from simulators.devices.fixes import DeviceFix
from simulators.truth.city import TOWERS, inside, under_ground
from simulators.truth.street import WGS84, Floats, Journey, Longs

Flags = NDArray[np.bool_]
Span = tuple[Millis, Millis]  # from, until

DAY_MS: Final = 86_400 * MILLIS_PER_SECOND

ROOM_TAU_S: Final[Seconds] = 1_800.0  # how long a receiver stays in one class of accuracy at rest; ours
STREET_TAU_S: Final[Seconds] = 120.0  # and on the move; ours
ONE_OF_TWO: Final = 2.0**0.5  # table B is the distance of two such receivers
NARROW_SKY: Final = 1.0  # standard deviations towards coarse classes among towers; ours
FROM_CELLS_UNDER_GROUND: Final = 0.5  # of the reports; the others find nothing; ours
WIFI_FROM_M: Final[Metres] = 20.0  # an accuracy from which a position is not a satellite's
CELL_FROM_M: Final[Metres] = 100.0
COLD_AFTER_MS: Final = 900 * MILLIS_PER_SECOND  # without the sky: satellites are searched anew; ours
COLD_S: Final[tuple[Seconds, Seconds]] = (20.0, 110.0)  # until the first fix: at most 2 min (NIJ 1004.00)
INTERVALS: Final = (
    0.99,
    0.09,
)  # mean and spread of a resting tag's, in its declared one (table D: 60..344 s, median 296)
LEAVES_HOME, COMES_BACK = 0.064, 0.87  # an anchor for another, a report: 11.8 % of steps jump, 5.1 % are there and back
NEAR_ANCHOR_M: Final[tuple[Metres, Metres]] = (30.0, 90.0)
FAR_ANCHOR_M: Final[tuple[Metres, Metres]] = (170.0, 230.0)
NEAR_ANCHORS: Final = 0.1  # of the other anchors
ANCHORS: Final = 4  # beside the usual one; ours
WIFI_SHARES: Final = (0.0, 0.5, 0.95, 1.0)
WIFI_ACCURACY_M: Final[tuple[Metres, ...]] = (12.0, 58.0, 729.0, 1_598.0)
SPEED_ERROR_MPS: Final = 0.3  # ours
LOW_PCT, CRITICAL_PCT = 20, 10


class Cadence(NamedTuple):
    """How often a device reports."""

    moving_s: Seconds
    resting_s: Seconds


TAG: Final = Cadence(60.0, 300.0)
PHONE: Final = Cadence(15.0, 60.0)


class Battery(Struct, frozen=True):
    """Falls evenly from `full_ms` on; flat until it is charged again."""

    full_ms: Millis
    lasts_ms: Millis
    charged_ms: Millis

    def pct(self, at_ms: Millis) -> int:
        """What is left, from 0 to 100."""
        if at_ms >= self.charged_ms:
            return 100
        return int(np.clip(100 - 100 * (at_ms - self.full_ms) // self.lasts_ms, 0, 100))


class Wanted(NamedTuple):
    """The engine's wish, from an instant on (`devices/{device}/config`); None takes it back."""

    from_ms: Millis
    interval_s: Seconds | None


class Misplaced(NamedTuple):
    """A time in which the receiver believes to be elsewhere: a Wi-Fi anchor that has moved house, a cell's mast."""

    from_ms: Millis
    until_ms: Millis
    bearing_deg: float
    by_m: Metres
    accuracy_m: Metres


class Device(Struct, frozen=True):
    """A device and its faults."""

    cadence: Cadence
    flips: bool = False  # between Wi-Fi anchors, at rest
    clock_ahead_ms: Millis = 0
    battery: Battery | None = None
    dark: tuple[Span, ...] = ()  # shielded, jammed or off: nothing is reported
    frozen: tuple[Span, ...] = ()  # the position of the beginning is repeated to the last digit
    misplaced: tuple[Misplaced, ...] = ()
    wanted: tuple[Wanted, ...] = ()
    says: tuple[tuple[Millis, str], ...] = ()  # events beside its battery's


class Report(NamedTuple):
    """What a device has to send, at its true time: a fix, or what it says of itself."""

    at_ms: Millis
    fix: DeviceFix | None = None
    event: str | None = None


class Readings(NamedTuple):
    """What the receiver finds, a row a report."""

    lon_deg: Floats
    lat_deg: Floats
    accuracy_m: Floats
    found: Flags


def within(spans: tuple[Span, ...], times_ms: Longs) -> Flags:
    """Which instants lie in any of some spans."""
    own = np.zeros(len(times_ms), np.bool_)
    for from_ms, until_ms in spans:
        own |= (times_ms >= from_ms) & (times_ms < until_ms)
    return own


def off_spans(device: Device) -> tuple[Span, ...]:
    """When the device reports nothing."""
    battery = device.battery
    flat = () if battery is None else ((battery.full_ms + battery.lasts_ms, battery.charged_ms),)
    return (*device.dark, *(span for span in flat if span[0] < span[1]))


def report_times(
    journey: Journey, device: Device, from_ms: Millis, until_ms: Millis, chance: np.random.Generator
) -> Longs:
    """When a device reports: more often while it moves, and as often as it is told to."""
    seconds = np.arange(from_ms, until_ms + MILLIS_PER_SECOND, MILLIS_PER_SECOND, dtype=np.int64)
    moves = journey.speed_mps_at(seconds) > 0.0
    cadence = device.cadence
    times: list[Millis] = []
    at_ms = from_ms + round(chance.uniform(0.0, cadence.moving_s) * MILLIS_PER_SECOND)
    while at_ms < until_ms:
        times.append(at_ms)
        wanted_s = next((one.interval_s for one in reversed(device.wanted) if one.from_ms <= at_ms), None)
        uneven = float(np.clip(chance.normal(*INTERVALS), 0.7, 1.3))
        resting = not moves[(at_ms - from_ms) // MILLIS_PER_SECOND]
        interval_s = wanted_s or (cadence.resting_s * uneven if resting else cadence.moving_s)
        next_ms = at_ms + round(interval_s * MILLIS_PER_SECOND)
        if resting and wanted_s is None:
            next_ms = min(next_ms, _sets_out(moves, at_ms, from_ms) + round(cadence.moving_s * MILLIS_PER_SECOND))
        at_ms = next_ms
    own = np.array(times, np.int64)
    return own[~within(off_spans(device), own)]


def _sets_out(moves: Flags, at_ms: Millis, from_ms: Millis) -> Millis:
    """When a resting device moves again: its accelerometer wakes it."""
    place = (at_ms - from_ms) // MILLIS_PER_SECOND
    ahead = np.flatnonzero(moves[place : place + 600])
    return at_ms + int(ahead[0]) * MILLIS_PER_SECOND if ahead.size else at_ms + DAY_MS


def flipping(chance: np.random.Generator, resting: Flags) -> tuple[Floats, Floats, Floats]:
    """East, north and accuracy of a tag that knows its place by Wi-Fi: a few anchors, now one, now another."""
    count = len(resting)
    near, far = chance.uniform(*NEAR_ANCHOR_M, ANCHORS), chance.uniform(*FAR_ANCHOR_M, ANCHORS)
    far = np.where(chance.random(ANCHORS) < NEAR_ANCHORS, near, far)
    bearing = chance.uniform(0.0, 2.0 * np.pi, ANCHORS)
    east = np.concatenate([[chance.normal(0.0, 8.0)], far * np.sin(bearing)])
    north = np.concatenate([[chance.normal(0.0, 8.0)], far * np.cos(bearing)])
    at, anchor = np.zeros(count, np.int64), 0
    luck = chance.random(count)
    for place in range(count):
        if anchor == 0 and luck[place] < LEAVES_HOME:
            anchor = int(chance.integers(1, ANCHORS + 1))
        elif anchor and luck[place] < COMES_BACK:
            anchor = 0
        at[place] = anchor
    accuracy = np.exp(np.interp(chance.random(count), WIFI_SHARES, np.log(WIFI_ACCURACY_M)))
    return east[at], north[at], accuracy


def read(journey: Journey, times_ms: Longs, device: Device, chance: np.random.Generator) -> Readings:
    """What the receiver finds at some rising instants."""
    truth, mode = journey.at(times_ms), journey.mode_at(times_ms)
    since_s = (times_ms - times_ms[0]) / MILLIS_PER_SECOND
    moves = truth.speed_mps > 0.0
    narrow = np.where(inside(TOWERS, truth.lon_deg, truth.lat_deg), NARROW_SKY, 0.0)
    rest = draw_errors(chance, since_s, AT_REST, ROOM_TAU_S, RESTING_TAU_S)
    if device.flips:
        rest = flipping(chance, ~moves)
    move = draw_errors(chance, since_s, APART_MOVING, STREET_TAU_S, MOVING_TAU_S, narrow)
    east = np.where(moves, move[0] / ONE_OF_TWO, rest[0])
    north = np.where(moves, move[1] / ONE_OF_TWO, rest[1])
    accuracy_m = np.where(moves, move[2], rest[2])
    hidden = under_ground(mode, truth.lon_deg, truth.lat_deg)
    found = ~hidden | (chance.random(len(times_ms)) < FROM_CELLS_UNDER_GROUND)
    cold = cold_starts(times_ms, hidden, chance)
    found &= ~cold | (chance.random(len(times_ms)) < FROM_CELLS_UNDER_GROUND)
    coarse = hidden | cold
    cells = APART_MOVING[-1]
    size_m = np.interp(chance.random(len(times_ms)), PERCENTILES, cells.error_m) / ONE_OF_TWO
    bearing = chance.uniform(0.0, 2.0 * np.pi, len(times_ms))
    east = np.where(coarse, size_m * np.sin(bearing), east)
    north = np.where(coarse, size_m * np.cos(bearing), north)
    accuracy_m = np.where(coarse, chance.uniform(*cells.accuracy_m, len(times_ms)), accuracy_m)
    for wrong in device.misplaced:
        own = within(((wrong.from_ms, wrong.until_ms),), times_ms)
        east = np.where(own, wrong.by_m * np.sin(np.radians(wrong.bearing_deg)), east)
        north = np.where(own, wrong.by_m * np.cos(np.radians(wrong.bearing_deg)), north)
        accuracy_m = np.where(own, wrong.accuracy_m, accuracy_m)
    lon, lat, _ = WGS84.fwd(truth.lon_deg, truth.lat_deg, np.degrees(np.arctan2(east, north)), np.hypot(east, north))
    return Readings(np.asarray(lon), np.asarray(lat), accuracy_m, found)


def cold_starts(times_ms: Longs, hidden: Flags, chance: np.random.Generator) -> Flags:
    """Which reports come while satellites are searched anew: after long without the sky, for a minute or so."""
    cold = np.zeros(len(times_ms), np.bool_)
    seen_ms, ready_ms = times_ms[0], times_ms[0]
    for place, at_ms in enumerate(times_ms):
        if hidden[place]:
            continue
        if at_ms - seen_ms > COLD_AFTER_MS:
            ready_ms = at_ms + round(chance.uniform(*COLD_S) * MILLIS_PER_SECOND)
        cold[place] = at_ms < ready_ms
        seen_ms = at_ms
    return cold


def source_of(accuracy_m: Metres) -> str:
    """Where a position of such an accuracy comes from."""
    return "gnss" if accuracy_m < WIFI_FROM_M else "wifi" if accuracy_m < CELL_FROM_M else "cell"


def reports(
    journey: Journey, device: Device, from_ms: Millis, until_ms: Millis, chance: np.random.Generator
) -> list[Report]:
    """All that a device has to send in a time, in the order of true time. The same draws give the same."""
    times = report_times(journey, device, from_ms, until_ms, chance)
    said = battery_events(device, from_ms, until_ms)
    said = sorted([*said, *(Report(at_ms, event=event) for at_ms, event in device.says)], key=lambda one: one.at_ms)
    if not times.size:
        return said
    found = read(journey, times, device, chance)
    truth = journey.at(times)
    speed = np.maximum(0.0, truth.speed_mps + chance.normal(0.0, SPEED_ERROR_MPS, len(times)))
    frozen = frozen_places(device, times)
    made: list[Report] = []
    for place, at_ms in enumerate(times.tolist()):
        if not found.found[place]:
            continue
        accuracy_m = round(float(found.accuracy_m[place]), 1)
        measured = accuracy_m < WIFI_FROM_M and bool(truth.speed_mps[place] > 0.0)
        shown = int(frozen[place])
        fix = DeviceFix(
            fixed_at_ms=at_ms + device.clock_ahead_ms,
            lat_deg=round(float(found.lat_deg[shown]), 7),
            lon_deg=round(float(found.lon_deg[shown]), 7),
            accuracy_m=accuracy_m,
            speed_mps=round(float(speed[place]), 1) if measured else None,
            course_deg=round(float(truth.course_deg[place]), 1) % 360.0 if measured else None,
            seq=len(made),
            source=source_of(accuracy_m),
            battery_pct=None if device.battery is None else device.battery.pct(at_ms),
        )
        made.append(Report(at_ms, fix))
    return sorted(made + said, key=lambda one: one.at_ms)


def frozen_places(device: Device, times_ms: Longs) -> Longs:
    """Whose position each report shows: its own, or that of the first in the same frozen time."""
    shown = np.arange(len(times_ms), dtype=np.int64)
    for from_ms, until_ms in device.frozen:
        own = (times_ms >= from_ms) & (times_ms < until_ms)
        if own.any():
            shown[own] = int(np.argmax(own))
    return shown


def battery_events(device: Device, from_ms: Millis, until_ms: Millis) -> list[Report]:
    """What a device says as its battery falls; nobody hears it switch off but the broker (its last will)."""
    battery = device.battery
    if battery is None:
        return []
    found = [
        (battery.full_ms + battery.lasts_ms * (100 - LOW_PCT) // 100, "battery_low"),
        (battery.full_ms + battery.lasts_ms * (100 - CRITICAL_PCT) // 100, "battery_critical"),
        (battery.full_ms + battery.lasts_ms, "offline"),
        (battery.charged_ms, "charging"),
        (battery.charged_ms, "online"),
    ]
    return [Report(at_ms, event=event) for at_ms, event in found if from_ms <= at_ms < until_ms and (
        at_ms >= battery.charged_ms or at_ms <= battery.full_ms + battery.lasts_ms
    )]  # fmt: skip
