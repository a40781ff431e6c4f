# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The victim-proximity monitor authors
"""What goes wrong on a pair's day, beyond the population's own faults: drawn from the seed and the number."""

from typing import Final

import msgspec
import numpy as np
from msgspec import Struct

from proximity.model.units import MILLIS_PER_SECOND, Millis, Seconds
from proximity.model.words import StatusEvent
from simulators.devices.links import Link
from simulators.devices.reception import Battery, Cadence, Device, Misplaced, Span
from simulators.scores.pairs import MONDAY_MS, draw_device, draw_link
from simulators.scores.population import traits_of
from simulators.truth.people import DAY_MS, HOUR_MS

TAGS: Final = (Cadence(60.0, 300.0), Cadence(60.0, 300.0), Cadence(30.0, 120.0), Cadence(180.0, 600.0))
PHONES: Final = (Cadence(15.0, 60.0), Cadence(60.0, 60.0), Cadence(60.0, 300.0), Cadence(120.0, 900.0))
CLOCKS_S: Final = (-10_800, -600, -65, -20, 5, 40, 3_600, 180_000)  # the last is refused: more than a day
GRIDS_MS: Final = (1, 250, 1_000, 5_000)  # how long the service gathers messages for one step
SHARES: Final = {  # of days, of devices and of links on which it happens
    "broker restarts": 0.2, "orders change": 0.4, "order pauses": 0.3, "flat": 0.1, "clock wrong": 0.15, "dark": 0.4,
    "frozen": 0.3, "misplaced": 0.3, "says something": 0.25, "slow": 0.3, "rough": 0.3, "outage": 0.3,
}  # fmt: skip
SPOILT: Final = 0.2  # of arrays
DOUBLED: Final = 0.1  # of messages
ROUGH: Final = 0.1  # of messages, lost and twice
EVENTS: Final = tuple(str(event) for event in StatusEvent)
SIDES: Final = ("wearer", "protected")
OUTAGE_S: Final[tuple[Seconds, Seconds]] = (30.0, 20_000.0)
DARK_S: Final[tuple[Seconds, Seconds]] = (60.0, 14_400.0)
RESTART_S: Final[tuple[Seconds, Seconds]] = (2.0, 120.0)
PAUSE_S: Final[tuple[Seconds, Seconds]] = (600.0, 10_800.0)


class Change(Struct, frozen=True):
    """The orders, changed in the middle: other distances, or not in force until later."""

    at_ms: Millis
    scale: float  # of the distances
    valid_from_ms: Millis | None  # None: as before


class Faults(Struct, frozen=True):
    """All that is drawn for a day; pairs are his and hers."""

    cadences: tuple[Cadence, Cadence]
    devices: tuple[Device, Device]
    links: tuple[Link, Link]
    grid_ms: Millis
    changes: tuple[Change, ...]
    engine_restarts_ms: tuple[Millis, ...]
    malformed_ms: tuple[Millis, ...]
    spoilt: float  # share of arrays with an element that is no fix
    doubled: float  # share of messages that come twice where duplicates are tried


def happens(what: str, chance: np.random.Generator) -> bool:
    """As often as its share says."""
    return bool(chance.random() < SHARES[what])


def instant(chance: np.random.Generator) -> Millis:
    """Any of the day."""
    return MONDAY_MS + int(chance.integers(DAY_MS))


def span(chance: np.random.Generator, length_s: tuple[Seconds, Seconds]) -> Span:
    """A time of the day; short ones as often as long ones."""
    low, high = np.log(length_s)
    from_ms = instant(chance)
    return from_ms, from_ms + round(float(np.exp(chance.uniform(low, high))) * MILLIS_PER_SECOND)


def spans(what: str, length_s: tuple[Seconds, Seconds], chance: np.random.Generator) -> tuple[Span, ...]:
    """None, or, as often as the share says, one to three."""
    return tuple(span(chance, length_s) for _ in range(int(chance.integers(1, 4)) if happens(what, chance) else 0))


def misplaced(chance: np.random.Generator) -> tuple[Misplaced, ...]:
    """Now and then the receiver believes to be elsewhere: near or far, and hardly ever says so."""
    return tuple(
        Misplaced(
            *one, float(chance.uniform(0.0, 360.0)), float(np.exp(chance.uniform(np.log(50.0), np.log(200_000.0)))),
            float(chance.choice([5.0, 30.0, 800.0])),
        )
        for one in spans("misplaced", (30.0, 3_600.0), chance)
    )  # fmt: skip


def draw_faulty_device(side: str, cadence: Cadence, traits: frozenset[str], chance: np.random.Generator) -> Device:
    """His tag or her phone: the population's faults and more."""
    device = draw_device(side, (), traits, chance)
    battery = device.battery
    if happens("flat", chance):
        flat_ms = instant(chance)
        battery = Battery(flat_ms - 20 * HOUR_MS, 20 * HOUR_MS, flat_ms + int(chance.integers(6 * HOUR_MS)))
    ahead_ms = device.clock_ahead_ms
    if happens("clock wrong", chance):
        ahead_ms = int(chance.choice(CLOCKS_S)) * MILLIS_PER_SECOND
    events = chance.choice(EVENTS, int(chance.integers(1, 6))).tolist() if happens("says something", chance) else []
    return msgspec.structs.replace(
        device,
        cadence=cadence,
        clock_ahead_ms=ahead_ms,
        battery=battery,
        dark=spans("dark", DARK_S, chance),
        frozen=spans("frozen", DARK_S, chance),
        misplaced=misplaced(chance),
        says=tuple((instant(chance), event) for event in events),
    )


def draw_faulty_link(
    side: str, restarts: tuple[Span, ...], traits: frozenset[str], chance: np.random.Generator
) -> Link:
    """A device's way to the broker; some are so slow that much comes out of order."""
    link = draw_link(side, restarts, traits, chance)
    rough = happens("rough", chance)
    return msgspec.structs.replace(
        link,
        slow=float(np.exp(chance.uniform(0.0, np.log(50.0)))) if happens("slow", chance) else link.slow,
        lost=ROUGH if rough else link.lost,
        twice=ROUGH if rough else link.twice,
        outages=(*link.outages, *spans("outage", OUTAGE_S, chance)),
    )


def draw_changes(chance: np.random.Generator) -> tuple[Change, ...]:
    """Other distances at some instant; at times the order pauses, and is in force again by itself."""
    if not happens("orders change", chance):
        return ()
    at_ms = instant(chance)
    again_ms = at_ms + round(chance.uniform(*PAUSE_S) * MILLIS_PER_SECOND) if happens("order pauses", chance) else None
    return (Change(at_ms, float(chance.choice([0.4, 0.8, 1.0, 1.5, 3.0])), again_ms),)


def draw_faults(seed: int, number: int, chance: np.random.Generator) -> Faults:
    """What goes wrong on this day."""
    traits = traits_of(seed, number)
    cadences = TAGS[int(chance.integers(len(TAGS)))], PHONES[int(chance.integers(len(PHONES)))]
    restarts = spans("broker restarts", RESTART_S, chance)
    devices = [draw_faulty_device(side, cadence, traits, chance) for side, cadence in zip(SIDES, cadences, strict=True)]
    links = [draw_faulty_link(side, restarts, traits, chance) for side in SIDES]
    return Faults(
        cadences=cadences,
        devices=(devices[0], devices[1]),
        links=(links[0], links[1]),
        grid_ms=int(chance.choice(GRIDS_MS)),
        changes=draw_changes(chance),
        engine_restarts_ms=tuple(sorted(instant(chance) for _ in range(int(chance.integers(1, 4))))),
        malformed_ms=tuple(instant(chance) for _ in range(int(chance.integers(20)))),
        spoilt=SPOILT,
        doubled=DOUBLED,
    )
