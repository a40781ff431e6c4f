# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The victim-proximity monitor authors
"""A pair's day with its faults as the service is handed it: one batch of messages a step."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from operator import attrgetter
from typing import Final, NamedTuple

import msgspec
import numpy as np

from proximity.model.judging import Judging
from proximity.model.units import MILLIS_PER_SECOND, Millis
from proximity.service.pipeline import Message, Naming, orders_message
from simulators.devices.fixes import DeviceFix, messages, utc_text
from simulators.devices.links import Arrival, deliver
from simulators.devices.reception import Cadence, Span, reports
from simulators.devices.topics import fix_topic, status_topic
from simulators.scores.judged import orders
from simulators.scores.pairs import END_MS, LIMITS, MONDAY_MS, pair_day
from simulators.scores.score import scaled
from simulators.swarm.faults import SIDES, Faults, draw_faults
from simulators.swarm.malformed import draw_malformed, spoilt
from simulators.truth.people import HOUR_MS
from simulators.truth.street import Journey

DAYS_A_PAIR: Final = 4  # so often a pair's day is received anew, each time with other faults
FIRST_MS: Final = MONDAY_MS - MILLIS_PER_SECOND  # the orders come first
TAIL_MS: Final = 8 * HOUR_MS  # longer than the last outage and the slowest link together
NEVER_MS: Final = 2**62
VALID_FROM: Final = "2026-01-01T00:00:00Z"
AGAIN_WITHIN_MS: Final = 30 * MILLIS_PER_SECOND


class Letter(NamedTuple):
    """A message, and what is known of what it carries."""

    at_ms: Millis  # of the step that it is handed to the service in
    message: Message
    side: str = ""  # "" where it is nobody's of the pair
    fixes: tuple[DeviceFix, ...] = ()
    malformed: int = 0  # how many refusals it is worth
    event: str = ""


class Batch(NamedTuple):
    """The messages of one step."""

    at_ms: Millis
    letters: tuple[Letter, ...]


class Revised(NamedTuple):
    """The pair's orders from an instant on."""

    at_ms: Millis
    document: str


class SwarmDay(NamedTuple):
    """All that the service gets of one pair on one day, and what was drawn for it."""

    seed: int
    number: int
    faults: Faults
    letters: tuple[Letter, ...]  # sorted by time
    revisions: tuple[Revised, ...]

    @property
    def devices(self) -> tuple[str, str]:
        """His and hers, which are also the names of the parties."""
        return f"w{self.number}", f"p{self.number}"

    @property
    def order(self) -> str:
        """The id of the pair's order."""
        return f"o{self.number}"

    @property
    def in_force(self) -> tuple[Span, ...]:
        """When the order holds."""
        found, from_ms = [], FIRST_MS
        for change in self.faults.changes:
            if change.valid_from_ms is not None:
                found.append((from_ms, change.at_ms))
                from_ms = change.valid_from_ms
        return (*found, (from_ms, NEVER_MS))


def letters_of(arrivals: Iterable[Arrival], side: str, device: str) -> Iterator[Letter]:
    """A device's messages; what was stored goes in as few as the limits allow."""
    for one in arrivals:
        if one.event is not None:
            said = msgspec.json.encode({"event": one.event, "at": utc_text(one.at_ms)})
            yield Letter(one.at_ms, Message(status_topic(device), said), side, event=one.event)
        first = 0
        for count, sent in messages(one.fixes) if one.fixes else ():
            fixes = one.fixes[first : first + count]
            yield Letter(one.at_ms, Message(fix_topic(device), sent), side, fixes)
            first += count


def spoil(letter: Letter, share: float, chance: np.random.Generator) -> Letter:
    """Some arrays get an element that is no fix: it costs the others nothing."""
    if len(letter.fixes) < 2 or chance.random() >= share:  # noqa: PLR2004 - an array
        return letter
    payload = spoilt(letter.message.payload, chance)
    return letter._replace(message=letter.message._replace(payload=payload), malformed=1)


def revisions_of(faults: Faults, names: tuple[str, str, str]) -> tuple[Revised, ...]:
    """The orders at first, and as they are changed."""

    def revised(at_ms: Millis, scale: float, valid_from: str) -> Revised:
        return Revised(at_ms, orders(scaled(LIMITS, scale), faults.cadences, names, valid_from))

    found = [revised(FIRST_MS, 1.0, VALID_FROM)]
    for change in faults.changes:
        again = VALID_FROM if change.valid_from_ms is None else utc_text(change.valid_from_ms)
        found.append(revised(change.at_ms, change.scale, again))
    return tuple(found)


def swarm_day(seed: int, number: int, journeys: tuple[Journey, Journey]) -> SwarmDay:
    """One day of a pair with faults. The same seed, number and journeys give the same."""
    chance = np.random.default_rng([seed, number, DAYS_A_PAIR])
    faults = draw_faults(seed, number, chance)
    devices, letters = (f"w{number}", f"p{number}"), list[Letter]()
    for place, side in enumerate(SIDES):
        made = reports(journeys[place], faults.devices[place], MONDAY_MS, END_MS, chance)
        arrived = deliver(made, faults.links[place], chance)
        letters += [spoil(one, faults.spoilt, chance) for one in letters_of(arrived, side, devices[place])]
    for at_ms in faults.malformed_ms:
        letters.append(Letter(at_ms, Message(*draw_malformed(devices, chance)), malformed=1))
    grid_ms = faults.grid_ms
    gathered = [one._replace(at_ms=-(-one.at_ms // grid_ms) * grid_ms) for one in letters if one.at_ms > FIRST_MS]
    gathered.sort(key=attrgetter("at_ms"))
    return SwarmDay(seed, number, faults, tuple(gathered), revisions_of(faults, (*devices, f"o{number}")))


def days_of(seed: int, pair: int) -> list[SwarmDay]:
    """The days of one pair: lived once, received several times."""
    journeys = pair_day(seed, pair).journeys
    if journeys is None:
        raise AssertionError("the population's pairs have journeys")
    return [swarm_day(seed, pair * DAYS_A_PAIR + place, journeys) for place in range(DAYS_A_PAIR)]


def revision_letters(days: Sequence[SwarmDay]) -> Iterator[Letter]:
    """The orders of all these days together, whenever those of one change."""
    documents: dict[str, str] = {}
    changes = sorted((one.at_ms, day.order, one.document) for day in days for one in day.revisions)
    for at_ms, group in groupby(changes, key=lambda one: one[0]):
        documents |= {f"{order}.toml": document for _, order, document in group}
        yield Letter(at_ms, orders_message(documents, Judging(), Naming("swarm", "urn:swarm")))


def batches_of(letters: Iterable[Letter]) -> tuple[Batch, ...]:
    """Letters as steps."""
    by_time: dict[Millis, list[Letter]] = {}
    for letter in letters:
        by_time.setdefault(letter.at_ms, []).append(letter)
    return tuple(Batch(at_ms, tuple(by_time[at_ms])) for at_ms in sorted(by_time))


def batches(days: Sequence[SwarmDay]) -> tuple[Batch, ...]:
    """What the service gets of these days, all in one engine."""
    return batches_of([*revision_letters(days), *(letter for day in days for letter in day.letters)])


def shuffled(given: Sequence[Batch], chance: np.random.Generator) -> tuple[Batch, ...]:
    """The same, every step's messages in another order, and the fixes of every array too."""
    return tuple(
        one._replace(
            letters=tuple(_mixed(one.letters[place], chance) for place in chance.permutation(len(one.letters)))
        )
        for one in given
    )


def _mixed(letter: Letter, chance: np.random.Generator) -> Letter:
    if len(letter.fixes) < 2 or letter.malformed:  # noqa: PLR2004 - an array; one that is no JSON cannot be taken apart
        return letter
    parts = msgspec.json.decode(letter.message.payload, type=list[msgspec.Raw])
    mixed = msgspec.json.encode([parts[place] for place in chance.permutation(len(parts))])
    return letter._replace(message=letter.message._replace(payload=mixed))


def doubled(given: Sequence[Batch], share: float, chance: np.random.Generator) -> tuple[Batch, ...]:
    """The same, and some messages with fixes a second time: in the same step, or up to half a minute later."""
    letters = [letter for one in given for letter in one.letters]
    again = [letter for letter in letters if letter.fixes and chance.random() < share]
    late_ms = [int(chance.integers(AGAIN_WITHIN_MS)) * int(chance.integers(2)) for _ in again]
    twice = [one._replace(at_ms=one.at_ms + by_ms) for one, by_ms in zip(again, late_ms, strict=True)]
    return batches_of([*letters, *twice])


def cadence_of(day: SwarmDay) -> Mapping[str, Cadence]:
    """How often the devices declare to report, by side."""
    return dict(zip(SIDES, day.faults.cadences, strict=True))
