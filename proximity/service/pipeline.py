# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The victim-proximity monitor authors
"""From messages to what is told: the one way that `run` and `replay` share. It does no I/O and reads no clock."""

from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Final, NamedTuple, TypedDict

import msgspec
from msgspec import Struct

from proximity.engine.state import State, empty_state
from proximity.engine.step import Events, step
from proximity.kernels.columns import NEVER_MS
from proximity.model.incidents import Transition
from proximity.model.inputs import Acknowledgement, Connection, Input, OrdersFaults, Refusal, Resolution, Revision
from proximity.model.judging import Judging
from proximity.model.orders import OrderBook
from proximity.model.units import Millis
from proximity.model.words import Kind, Refused
from proximity.service import journal
from proximity.settings.orders import parse_orders
from proximity.settings.service import judging_from_text, judging_text
from proximity.wire.alerts import cloud_event, event_topics, refusal_event
from proximity.wire.inputs import PAYLOAD_MAX_BYTES, decode
from proximity.wire.topics import alerts_topic, command_of, config_topic
from proximity.wire.wishes import encode_wish

# Topics of the service's own inputs: no broker's, for what begins with $ matches none of our subscriptions.
ORDERS: Final = "$proximity/orders"
CONNECTION: Final = "$proximity/connection"
REFUSED: Final = "$proximity/refused"
ORDERS_FAULTS: Final = "$proximity/orders_faults"
OWN: Final = "$"
COUNTED_AT_MOST: Final = 1000  # refusals of the broker's own that one message may report
PAYLOAD_KEPT_BYTES: Final = PAYLOAD_MAX_BYTES + 1  # of a payload that is too large, enough to say so again
NONE_NAMED: Final[Mapping[int, str]] = MappingProxyType({})


class RevisionFault(Exception):
    """Orders in a journal that this version cannot read; the message is one line."""


class Naming(Struct, frozen=True):
    """How alerts name themselves."""

    type_prefix: str
    source: str


class Named(TypedDict):
    """The same, as arguments."""

    type_prefix: str
    source: str


class OrdersMessage(Struct, frozen=True):
    """The payload on ORDERS: everything that alerts depend on besides fixes, so that a journal explains itself."""

    documents: dict[str, str]
    judging: str
    naming: Naming


class Message(NamedTuple):
    """One message of a step; one that is `at_fault` failed the engine before and is not given to it again.

    A revision may bring what its documents say: reading thousands of orders once more would hold the loop up.
    """

    topic: str
    payload: bytes
    at_fault: bool = False
    book: OrderBook | None = None


class Told(NamedTuple):
    """One step as the journal keeps it, and the letters that leave after it."""

    step: journal.Step
    letters: list[journal.Letter]
    transitions: tuple[Transition, ...]
    refusals: tuple[Refusal, ...]


def orders_message(
    documents: dict[str, str], judging: Judging, naming: Naming, book: OrderBook | None = None
) -> Message:  # fmt: skip
    """A revision as an input of the service's own; `book`, where it is known, is what the documents say."""
    content = OrdersMessage(documents, judging_text(judging), naming)
    return Message(ORDERS, msgspec.json.encode(content, order="sorted"), book=book)


def connection_message(*, connected: bool) -> Message:
    """That the service can hear from now on, or could not from now on."""
    return Message(CONNECTION, msgspec.json.encode({"connected": connected}))


def orders_faults_message(faults: int) -> Message:
    """How many faults the newest orders have, 0 where they are in force."""
    return Message(ORDERS_FAULTS, msgspec.json.encode({"faults": faults}))


def refused_message(counts: dict[str, int]) -> Message:
    """What the broker itself refused, by reason."""
    return Message(REFUSED, msgspec.json.encode(counts, order="sorted"))


def outside(topic: str) -> str:
    """A topic from outside, which cannot be one of the service's own."""
    return f"?{topic}" if topic.startswith(OWN) else topic


class Pipeline:
    """The engine with its inputs read and its events written. `numbered` is the number of the last step told of."""

    def __init__(
        self, state: State | None = None, due_ms: Millis = NEVER_MS, naming: Naming | None = None, numbered: int = 0
    ) -> None:
        self.state = empty_state() if state is None else state
        self.due_ms = due_ms
        self.naming = naming
        self.numbered = numbered
        self._wishes: dict[str, bytes] = {}
        self._read_book()

    def ticks(self, before_ms: Millis) -> Iterator[Told]:
        """Run the whole seconds that are due before an instant; gives those at which something happened."""
        while self.due_ms < min(before_ms, NEVER_MS):
            at_ms = self.due_ms
            events = self._step([], at_ms)
            if events.transitions:
                yield self._told((), events, at_ms)

    def advance(self, messages: Sequence[Message], now_ms: Millis) -> Told:
        """One step with inputs; everything due before must have been run. Same messages, same bytes."""
        if self.due_ms < now_ms:
            raise ValueError(f"{self.due_ms} is due before {now_ms}")
        inputs: list[Input] = []
        for place, message in enumerate(messages):
            if message.topic == ORDERS and not message.at_fault:
                inputs.append(self._revision(message, place))
        for place, message in enumerate(messages):
            inputs += self._inputs_of(message, place)
        named = {given.place: given.incident for given in inputs if isinstance(given, Acknowledgement | Resolution)}
        return self._told(messages, self._step(inputs, now_ms), now_ms, named)

    def take_wishes(self) -> list[journal.Letter]:
        """What devices are asked for since the last call, by topic: of what replaced one another, the last.

        They are no steps of the journal: its inputs say them again. After a restart they are all told once more.
        """
        letters = [journal.Letter(topic, body, retain=True) for topic, body in sorted(self._wishes.items())]
        self._wishes.clear()
        return letters

    def _step(self, inputs: Sequence[Input], now_ms: Millis) -> Events:
        self.state, events, self.due_ms = step(self.state, inputs, now_ms)
        for wish in events.wishes:
            self._wishes[config_topic(wish.device)] = encode_wish(wish)
        return events

    def _read_book(self) -> None:
        book = self.state.world.book
        self._listen(book, self.state.judging)

    def _listen(self, book: OrderBook, judging: Judging) -> None:
        """How messages are read from now on."""
        self._defaults = judging.default_accuracy
        self._phones = {
            device.owntracks: device.id for party in book.parties for device in party.devices if device.owntracks
        }
        self._supervisors = sorted({(order.region, order.supervisor) for order in book.orders})

    def _revision(self, message: Message, place: int) -> Revision:
        try:
            content = msgspec.json.decode(message.payload, type=OrdersMessage)
            judging = judging_from_text(content.judging)
        except msgspec.MsgspecError as error:
            raise RevisionFault(f"the settings in the journal are not accepted by this version: {error}") from error
        book, faults = (message.book, ()) if message.book else parse_orders(content.documents)
        if book is None:
            raise RevisionFault(f"the orders in the journal are not accepted by this version: {faults[0].where}")
        revision = Revision(book, judging, place)
        self.naming = content.naming
        self._listen(revision.book, revision.judging)
        return revision

    def _inputs_of(self, message: Message, place: int) -> list[Input]:
        if message.at_fault:
            return [Refusal(Refused.ENGINE_FAULT, "", place=place)]
        if message.topic == ORDERS:
            return []
        if message.topic == CONNECTION:
            return [Connection(msgspec.json.decode(message.payload, type=dict[str, bool])["connected"], place)]
        if message.topic == ORDERS_FAULTS:
            return [OrdersFaults(msgspec.json.decode(message.payload, type=dict[str, int])["faults"], place)]
        if message.topic == REFUSED:
            counts = msgspec.json.decode(message.payload, type=dict[Refused, int])
            return [
                Refusal(reason, "", place=place)
                for reason, count in counts.items()
                for _ in range(min(count, COUNTED_AT_MOST))
            ]
        return decode(message.topic, message.payload, place, self._defaults, self._phones)

    def _told(
        self, messages: Sequence[Message], events: Events, now_ms: Millis, named: Mapping[int, str] = NONE_NAMED
    ) -> Told:
        self.numbered += 1
        letters: list[journal.Letter] = []
        stored: list[journal.Event] = []
        for transition in events.transitions:
            incident = transition.incident
            body = cloud_event(transition, **self._named(), journal_offset=self.numbered)
            topics = event_topics(transition)
            letters += [journal.Letter(topic, body, retain) for topic, retain in topics]
            if incident.kind is Kind.SYSTEM:
                letters += self._copies(transition, body)
            retained = next((topic for topic, retain in topics if retain), "")
            stored.append(journal.Event(incident.id, incident.seq, body, retained, incident.resolved))
        letters += self._command_refusals(messages, events.refusals, now_ms, named)
        reasons: dict[int, str] = {}
        for refusal in events.refusals:
            reasons.setdefault(refusal.place, str(refusal.reason))
        inputs = tuple(
            journal.Input(message.topic, message.payload, reasons.get(place)) for place, message in enumerate(messages)
        )
        return Told(journal.Step(now_ms, inputs, tuple(stored)), letters, events.transitions, events.refusals)

    def _copies(self, transition: Transition, body: bytes) -> Iterator[journal.Letter]:
        """A system incident for every supervisor; where it counts, each learns what of it is his."""
        for region, supervisor in self._supervisors:
            if transition.extent is not None:
                reader = region, supervisor
                body = cloud_event(transition, **self._named(), journal_offset=self.numbered, reader=reader)
            yield journal.Letter(alerts_topic(region, supervisor), body, retain=False)

    def _named(self) -> Named:
        if self.naming is None:
            raise RuntimeError("a transition before the first orders")
        return Named(type_prefix=self.naming.type_prefix, source=self.naming.source)

    def _command_refusals(
        self, messages: Sequence[Message], refusals: Sequence[Refusal], now_ms: Millis, named: Mapping[int, str]
    ) -> list[journal.Letter]:
        """Commands that cannot be carried out are refused visibly, to whoever gave them."""
        letters = []
        for refusal in refusals:
            given_by = command_of(messages[refusal.place].topic) if messages else None
            if given_by is None or given_by not in self._supervisors:
                continue
            region, supervisor = given_by
            body = refusal_event(
                refusal,
                region=region,
                supervisor=supervisor,
                incident=named.get(refusal.place),
                at_ms=now_ms,
                **self._named(),
            )
            letters.append(journal.Letter(alerts_topic(region, supervisor), body, retain=False))
        return letters
