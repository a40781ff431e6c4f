# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The victim-proximity monitor authors
"""What our engine says of a pair's day: the same fixes through `proximity replay`."""

from collections.abc import Callable, Iterable, Iterator
from typing import Final

import msgspec
from msgspec import Struct

from proximity.model.judging import Judging
from proximity.model.units import MILLIS_PER_SECOND, Millis
from proximity.model.words import Level
from proximity.service.pipeline import Message, Naming, Pipeline, orders_message
from proximity.service.replay import replay_trace
from simulators.devices.fixes import payload, utc_ms, utc_text
from simulators.devices.links import Arrival
from simulators.devices.reception import PHONE, TAG, Cadence
from simulators.devices.topics import fix_topic, status_topic
from simulators.scores.pairs import PairDay
from simulators.scores.scoring import Limits, Said

NAMES: Final = ("w", "p", "pair")  # of the wearer, the protected person and the order
QUIET: Final = ("lowered", "updated")
LEVELS: Final = {level.word: level for level in Level}
Cadences = tuple[Cadence, Cadence]  # of his tag and her phone
DECLARED: Final[Cadences] = (TAG, PHONE)


class Incident(Struct, frozen=True):
    """The part of an alert that is looked at here."""

    incident: str
    kind: str
    level: str
    cause: str
    late: bool = False
    folded_into: str | None = None


class Event(Struct, frozen=True):
    """A transition as `proximity replay` writes it."""

    type: str
    time: str
    data: Incident


class Heard(Struct, frozen=True):
    """A transition: when, of what, and whether it asks something of someone."""

    at_ms: Millis
    about: str  # {order}:{kind}:{what}
    kind: str
    change: str
    level: Level
    cause: str
    late: bool = False
    folded: bool = False  # another incident is told instead

    @property
    def loud(self) -> bool:
        """Whether it goes to the alerts topic."""
        return self.change not in QUIET and not self.folded


def orders(
    limits: Limits,
    cadences: Cadences = DECLARED,
    names: tuple[str, str, str] = NAMES,
    valid_from: str = "2026-01-01T00:00:00Z",
) -> str:
    """The orders of one pair; `names` are the wearer's, the protected person's and the order's."""
    wearer, protected, order = names
    tag, phone = cadences
    return f"""
[[parties]]
id = "{wearer}"
devices = [{{id = "{wearer}", kind = "tag", interval_s = {tag.moving_s}, rest_interval_s = {tag.resting_s}}}]
[[parties]]
id = "{protected}"
devices = [{{id = "{protected}", kind = "phone", interval_s = {phone.moving_s}, rest_interval_s = {phone.resting_s}}}]
[[orders]]
id = "{order}"
region = "r"
supervisor = "s"
valid_from = {valid_from}
wearers = ["{wearer}"]
protected = ["{protected}"]
separation = {{limit_m = {limits.limit_m}, warning_m = {limits.warning_m}}}
"""


def trace(day: PairDay, names: tuple[str, str, str] = NAMES) -> Iterator[bytes]:
    """The day as lines of a trace."""
    arrivals = [(one.at_ms, names[0], one) for one in day.wearer]
    arrivals += [(one.at_ms, names[1], one) for one in day.protected]
    for _, device, arrival in sorted(arrivals, key=lambda one: one[:2]):
        for topic, sent in letters(device, arrival):
            line = {"received_at": utc_text(arrival.at_ms), "topic": topic, "payload": msgspec.Raw(sent)}
            yield msgspec.json.encode(line)


def letters(device: str, arrival: Arrival) -> Iterator[tuple[str, bytes]]:
    """A message as it goes to the broker: topic and payload."""
    if arrival.event is not None:
        said = {"event": arrival.event, "at": utc_text(arrival.at_ms)}
        yield status_topic(device), msgspec.json.encode(said)
    if arrival.fixes:
        content = [payload(fix) for fix in arrival.fixes]
        yield fix_topic(device), msgspec.json.encode(content[0] if len(content) == 1 else content)


def message_of(documents: str, judging: Judging | None = None) -> Message:
    """Orders as the engine is given them."""
    return orders_message({"pair.toml": documents}, judging or Judging(), Naming("score", "urn:score"))


def read_event(line: bytes) -> Heard:
    """A transition from its line."""
    event = msgspec.json.decode(line, type=Event)
    data = event.data
    return Heard(
        at_ms=utc_ms(event.time), about=data.incident.rpartition(":")[0], kind=data.kind,
        change=event.type.rpartition(".")[2], level=LEVELS[data.level], cause=data.cause, late=data.late,
        folded=data.folded_into is not None,
    )  # fmt: skip


def hear(
    day: PairDay, first: Message, names: tuple[str, str, str] = NAMES,
    look: Callable[[Pipeline, Millis], None] = lambda _pipeline, _at_ms: None,
) -> list[Heard]:  # fmt: skip
    """Every transition of the day. One whose devices sent nothing has none.

    `look` is shown the engine after the messages of every instant.
    """
    arrived = [one.at_ms for one in (*day.wearer, *day.protected)]
    if not arrived:
        return []
    tail_s = max(0, (day.truth.until_ms - max(arrived)) // MILLIS_PER_SECOND)
    pipeline = Pipeline()
    lines = replay_trace(
        trace(day, names), "the pair's day", first, tail_s, lambda at_ms: look(pipeline, at_ms), pipeline
    )
    return [read_event(line) for line in lines]


def said_of(heard: Iterable[Heard]) -> list[Said]:
    """What a supervisor was told of the separation as it is, not as it was."""
    return [
        Said(one.at_ms, one.level, one.loud, steady=one.cause == "near_steady")
        for one in heard
        if one.kind == "separation" and not one.late
    ]


def ours(day: PairDay, limits: Limits) -> list[Said]:
    """What a supervisor was told of the separation."""
    return said_of(hear(day, message_of(orders(limits))))
