# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The victim-proximity monitor authors
"""Devices that do as our engine asks: its wishes decide what it, and then everybody, hears (docs/wanted.md)."""

from collections.abc import Callable, Iterator, Sequence
from itertools import groupby
from typing import NamedTuple

import numpy as np

from proximity.model.judging import Judging
from proximity.model.units import Millis
from proximity.service.pipeline import Message, Pipeline, Told
from simulators.devices.fixes import DeviceFix
from simulators.devices.links import Arrival
from simulators.devices.obedient import Obedient
from simulators.devices.topics import config_topic
from simulators.scores.judged import NAMES, Heard, letters, message_of, orders, read_event
from simulators.scores.pairs import LIMITS, PairDay, pair_day
from simulators.truth.street import Journey


class Found(NamedTuple):
    """A place that a device has found, and whether it moves."""

    fix: DeviceFix
    moves: bool


Event = tuple[Millis, int, int, Found | Arrival]  # when; 0 found, 1 arrived; whose; what


class Sender(NamedTuple):
    """A device, all that it could have sent, and how far its clock is ahead."""

    device: Obedient
    journey: Journey
    arrivals: Sequence[Arrival]
    clock_ahead_ms: Millis = 0


class Played(NamedTuple):
    """What was told, and what came of his device and of hers."""

    told: list[Told]
    came: tuple[tuple[Arrival, ...], tuple[Arrival, ...]]


def events_of(senders: Sequence[Sender]) -> list[Event]:
    """All that the devices find, and all that could come in, in the order of time."""
    events: list[Event] = []
    for place, own in enumerate(senders):
        found = {fix.fixed_at_ms - own.clock_ahead_ms: fix for one in own.arrivals for fix in one.fixes}
        times = sorted(found)
        moves = (own.journey.speed_mps_at(np.array(times, np.int64)) > 0.0).tolist()
        events += [(time, 0, place, Found(found[time], moving)) for time, moving in zip(times, moves, strict=True)]
        events += [(one.at_ms, 1, place, one) for one in own.arrivals]
    return sorted(events, key=lambda event: event[:3])


def play(
    senders: Sequence[Sender], orders_of: Message, until_ms: Millis,
    look: Callable[[Pipeline, Millis], None] = lambda _pipeline, _at_ms: None,
) -> Played:  # fmt: skip
    """Play his device and hers: what they send follows from what the engine has asked of them before.

    `look` is shown the engine after every message.
    """
    pipeline, told, first = Pipeline(), list[Told](), [orders_of]
    came: tuple[list[Arrival], list[Arrival]] = ([], [])
    topics = {config_topic(party): own.device for party, own in zip(NAMES, senders, strict=False)}
    for at_ms, group in groupby(events_of(senders), key=lambda event: event[0]):
        messages: list[Message] = []
        told += pipeline.ticks(at_ms)
        for letter in pipeline.take_wishes():
            topics[letter.topic].hear(letter.payload)
        for _, _, place, what in group:
            if isinstance(what, Found):
                senders[place].device.find(at_ms, what.fix, moves=what.moves)
            elif (sent := senders[place].device.send(what)).fixes or sent.event is not None:
                came[place].append(sent)
                messages += [Message(*letter) for letter in letters(NAMES[place], sent)]
        if messages:
            told.append(pipeline.advance(first + messages, at_ms))
            look(pipeline, at_ms)
            first = []
    told += pipeline.ticks(until_ms + 1)
    return Played(told, (tuple(came[0]), tuple(came[1])))


def heard_of(told: Sequence[Told]) -> Iterator[Heard]:
    """Every transition of some steps."""
    return (read_event(event.body) for one in told for event in one.step.events)


def play_day(
    day: PairDay, look: Callable[[Pipeline, Millis], None] = lambda _pipeline, _at_ms: None,
    judging: Judging | None = None,
) -> Played:  # fmt: skip
    """Play a dense pair-day with devices that do as our engine asks."""
    if day.journeys is None or day.devices is None:
        raise AssertionError("a simulated day has journeys and devices")
    senders = [
        Sender(Obedient(device.cadence), journey, arrivals, device.clock_ahead_ms)
        for device, journey, arrivals in zip(day.devices, day.journeys, (day.wearer, day.protected), strict=True)
    ]
    return play(senders, message_of(orders(LIMITS), judging), day.truth.until_ms, look)


def obeying_day(seed: int, number: int) -> PairDay:
    """A pair's day as it comes from devices that do as our engine asks; people go the ways of `pair_day`."""
    return obeyed(seed, number)[0]


def obeyed(seed: int, number: int) -> tuple[PairDay, list[Heard]]:
    """The same, and what our engine has said of it while it was played: until the day, and all that came, was over."""
    day = pair_day(seed, number, dense=True)
    played = play_day(day)
    over_ms = max(day.truth.until_ms, *(one.at_ms for side in played.came for one in side))
    said = [one for one in heard_of(played.told) if one.at_ms <= over_ms]
    return day._replace(wearer=played.came[0], protected=played.came[1]), said
