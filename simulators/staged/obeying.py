# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The victim-proximity monitor authors
"""Staged scenes with devices that do as they are asked (docs/wanted.md): the engine's wishes decide what it hears.

Every device finds its place every 15 s, and sends what its present interval lets it send: the same errors are heard
oftener or less often. A wish is heard when the device next reports: until then its modem sleeps.
"""

from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from itertools import groupby
from typing import Final, NamedTuple

import msgspec
import numpy as np
from msgspec.structs import replace
from rich import box
from rich.table import Table

from proximity.model.judging import Judging, Wanting
from proximity.model.units import MILLIS_PER_SECOND, Millis, Seconds
from proximity.service.pipeline import Message, Pipeline, Told
from simulators.devices.fixes import DeviceFix, utc_text
from simulators.devices.links import Arrival
from simulators.devices.reception import Cadence, Wanted
from simulators.devices.topics import config_topic
from simulators.scores.judged import NAMES, Heard, letters, message_of, orders, read_event
from simulators.scores.scoring import Alerting
from simulators.staged.outcomes import Outcome, compare, read_expected
from simulators.staged.scenes import SCENES
from simulators.staged.street import Carried, Person, Staged, Street
from simulators.truth.street import Journey

EVERY_S: Final[Seconds] = 15.0
EARLY_MS: Final = MILLIS_PER_SECOND  # an interval is over a little before its end
DEAF: Final = Judging(wanted=Wanting(granted_s=0.0))  # nothing is asked
Event = tuple[Millis, int, int, DeviceFix | Arrival]  # when; 0 found, 1 arrived; whose; what


class Obeyed(NamedTuple):
    """How a scene went, and how many fixes were sent."""

    outcome: Outcome
    sent: int


class Wish(msgspec.Struct, frozen=True):
    """What stands on a device's topic."""

    interval_s: Seconds
    rest_interval_s: Seconds


class Obedient:
    """A device that does as it is asked."""

    def __init__(self, cadence: Cadence, journey: Journey) -> None:
        self._declared = self._asked = self._holds = cadence
        self._journey = journey
        self._sent_ms: Millis | None = None
        self.taken: dict[Millis, DeviceFix] = {}  # what it sends, by when it says that it was there

    def hear(self, body: bytes) -> None:
        """A wish, or that there is none any more."""
        wish = msgspec.json.decode(body, type=Wish) if body else None
        self._asked = self._declared if wish is None else Cadence(wish.interval_s, wish.rest_interval_s)

    def find(self, at_ms: Millis, fix: DeviceFix) -> None:
        """It has found its place: it sends it where its interval is over."""
        moves = bool(self._journey.at(np.array([at_ms], np.int64)).speed_mps[0] > 0.0)
        interval_s = self._holds.moving_s if moves else self._holds.resting_s
        if self._sent_ms is None or at_ms - self._sent_ms >= interval_s * MILLIS_PER_SECOND - EARLY_MS:
            self._sent_ms, self._holds = at_ms, self._asked
            self.taken[fix.fixed_at_ms] = replace(fix, seq=len(self.taken))

    def send(self, arrival: Arrival) -> Arrival:
        """Of a message what it does send."""
        return arrival._replace(
            fixes=tuple(self.taken[fix.fixed_at_ms] for fix in arrival.fixes if fix.fixed_at_ms in self.taken)
        )


def journey_of(person: Person, carried: Carried) -> Journey:
    """The way of what is carried, or left somewhere."""
    return person.journey if carried.lies_at is None else Journey.resting(*carried.lies_at)


def dense(name: str, seed: int) -> tuple[Staged, tuple[Obedient, Obedient], list[Event]]:
    """A scene, its devices, and all that they could send, in the order of time."""
    street = Street(seed)
    SCENES[name](street)
    devices, events = [], list[Event]()
    for carried, person in ((street.tag, street.wearer), (street.phone, street.protected)):
        cadence = carried.device.cadence
        often = Wanted(street.begins_ms, min(EVERY_S, cadence.moving_s, cadence.resting_s))
        carried.device = replace(carried.device, wanted=(often,))
        devices.append(Obedient(cadence, journey_of(person, carried)))
    staged = street.play()
    sides = ((street.tag, staged.day.wearer), (street.phone, staged.day.protected))
    for place, (carried, arrivals) in enumerate(sides):
        found = {fix.fixed_at_ms: fix for one in arrivals for fix in one.fixes}
        events += [(at_ms - carried.device.clock_ahead_ms, 0, place, fix) for at_ms, fix in found.items()]
        events += [(one.at_ms, 1, place, one) for one in arrivals]
    return staged, (devices[0], devices[1]), sorted(events, key=lambda event: event[:3])


def heard_of(told: Sequence[Told]) -> Iterator[Heard]:
    """Every transition of some steps."""
    return (read_event(event.body) for one in told for event in one.step.events)


def obey(name: str, seed: int, judging: Judging) -> Obeyed:
    """Play a scene: what devices send follows from what the engine has asked of them before."""
    staged, devices, events = dense(name, seed)
    pipeline, told = Pipeline(), list[Told]()
    first = [message_of(orders(staged.limits, staged.cadences, NAMES, utc_text(staged.begins_ms)), judging)]
    topics = {config_topic(party): device for party, device in zip(NAMES, devices, strict=False)}
    for at_ms, group in groupby(events, key=lambda event: event[0]):
        messages: list[Message] = []
        told += pipeline.ticks(at_ms)
        for letter in pipeline.take_wishes():
            topics[letter.topic].hear(letter.payload)
        for _, _, place, what in group:
            if isinstance(what, Arrival):
                messages += [Message(*letter) for letter in letters(NAMES[place], devices[place].send(what))]
            else:
                devices[place].find(at_ms, what)
        if messages:
            told.append(pipeline.advance(first + messages, at_ms))
            first = []
    told += pipeline.ticks(staged.day.truth.until_ms + 1)
    expected = read_expected(name)
    outcome = compare(expected, staged, list(heard_of(told)), expected.told)
    return Obeyed(outcome, sum(len(device.taken) for device in devices))


def obey_all(judging: Judging, name: str, seeds: Sequence[int]) -> list[Obeyed]:
    """One scene with every seed."""
    return [obey(name, seed, judging) for seed in seeds]


def obeyed_table(names: Sequence[str], seeds: Sequence[int], processes: int) -> Table:
    """Every scene with devices that are asked for nothing, and with devices that do as they are asked."""
    made = Table("scene", box=box.SIMPLE_HEAD)
    for heading in ("fully", "missed", "in vain", "fixes"):
        made.add_column(heading, justify="right")
    totals = [0] * 8
    with ProcessPoolExecutor(processes) as pool:
        plays = [pool.map(partial(obey_all, judging, seeds=seeds), names) for judging in (DEAF, Judging())]
        for name, *both in zip(names, *plays, strict=True):
            counts = [sum(figures(one)[column] for one in own) for column in range(4) for own in both]
            totals = [total + count for total, count in zip(totals, counts, strict=True)]
            made.add_row(name, *pairs(counts))
    made.add_row("all", *pairs(totals))
    return made


def figures(one: Obeyed) -> tuple[int, int, int, int]:
    """Told fully, missed, in vain, fixes sent."""
    alerting = one.outcome.alerting
    return int(alerting is Alerting.FULLY), int(alerting is Alerting.MISSED), one.outcome.needless, one.sent


def pairs(counts: Sequence[int]) -> Iterator[str]:
    """Before and after."""
    return (f"{before} > {after}" for before, after in zip(counts[::2], counts[1::2], strict=True))
