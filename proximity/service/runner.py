# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The victim-proximity monitor authors
"""The loop of the service: take in, step, journal, acknowledge, publish. One thread does it all, in that order."""

import gc
import threading
from collections.abc import Sequence
from typing import Final, NamedTuple, Protocol

import structlog

from proximity.engine.system import ORDERS_KEY
from proximity.model.orders import OrderBook
from proximity.model.units import Millis, Seconds
from proximity.service.clock import ServiceClock, steady_ms
from proximity.service.heart import Heart
from proximity.service.ingest import Ingest
from proximity.service.journal import Journal, Letter
from proximity.service.logs import where_raised
from proximity.service.orders import Orders, new_orders
from proximity.service.pipeline import (
    Message,
    Pipeline,
    Told,
    connection_message,
    orders_faults_message,
    outside,
    refused_message,
)
from proximity.service.publisher import Publisher
from proximity.service.watch import OrdersWatch
from proximity.settings.service import Settings
from proximity.wire.system import LAST_WILL, STOPPED
from proximity.wire.topics import SYSTEM_STATE

IDLE_S: Final[Seconds] = 0.2  # a stop and the broker's health are seen at least this often
ARCHIVED_AT_A_TIME: Final = 1000
ARCHIVE_EVERY_MS: Final = 5000
FLUSH_WAIT_MS: Final = 500

log = structlog.get_logger("service")


class EngineFault(Exception):
    """The engine failed without an input to blame: nothing can be judged any more."""


class Broker(Protocol):
    """What the loop asks of a broker that the service keeps itself."""

    def keep_up(self) -> None:
        """Start it again where it has ended."""

    def follow(self, book: OrderBook) -> None:
        """Let in whom new orders name, and nobody else."""

    def refusals(self) -> dict[str, int]:
        """What it refused since the last call, by reason."""


class Parts(NamedTuple):
    """What the loop works with; all are started."""

    settings: Settings
    clock: ServiceClock
    journal: Journal
    ingest: Ingest
    publisher: Publisher
    broker: Broker | None
    watch: OrdersWatch | None


class Runner:
    """The service at work."""

    def __init__(self, parts: Parts, pipeline: Pipeline, restore: "Restore", snapshot: "TakeSnapshot") -> None:
        self._parts = parts
        self._pipeline = pipeline
        self._restore = restore
        self._snapshot = snapshot
        self._heart = Heart(parts.clock.speed)
        self._behind_ms: Millis = 0
        self._confirmed: list[int] = []
        self._snapshot_thread: threading.Thread | None = None
        self._unconfirmed = parts.journal.count_unconfirmed()
        now_ms = steady_ms()
        self._up_to_ms: Millis = pipeline.state.now_ms  # everything that was due until then has been run
        self._awake_ms = now_ms  # when this loop ran last: steady,
        self._awake_at_ms: Millis = 0  # and engine time
        self._beat_at_ms = now_ms
        self._archive_at_ms = now_ms
        self._snapshot_at_ms = now_ms + round(parts.settings.journal.snapshot_every_s * 1000)

    def begin(self, orders: Message | None) -> None:
        """What comes before the first message: the orders where they are new, and letters that wait.

        And before all: whenever the service ended, nobody was heard since its last step.
        """
        if self._parts.journal.tail.number > 0:
            self._go_deaf()
        if orders is not None:
            self._work([orders])
        self._parts.publisher.begin(self._parts.journal)
        self._stay_awake()

    def run(self, stop: threading.Event) -> None:
        """Until `stop` is set. JournalFault, EngineFault or BrokerFault where the service cannot go on."""
        parts = self._parts
        while not stop.is_set():
            batch = parts.ingest.take(min(parts.clock.wait_s(self._pipeline.due_ms), IDLE_S))
            messages = self._stood_still()
            if parts.watch is not None and (orders := parts.watch.take()) is not None:
                self._revise(orders)
            messages += self._own_messages()
            messages += [Message(outside(arrived.topic), arrived.payload) for arrived in batch]
            self._work(messages)
            if batch:
                parts.ingest.acknowledge(batch)
                self._behind_ms = steady_ms() - batch[0].at_ms
            self._keep_house()

    def end(self, *, in_order: bool) -> None:
        """Say that the service stops, or that it is lost; wait a little for confirmations, and write them down."""
        parts = self._parts
        parts.publisher.say(SYSTEM_STATE, STOPPED if in_order else LAST_WILL)
        deadline_ms = steady_ms() + FLUSH_WAIT_MS
        while parts.publisher.under_way and parts.publisher.connected and steady_ms() < deadline_ms:
            self._confirmed += parts.publisher.confirmed()
            threading.Event().wait(0.01)
        parts.journal.write((), (), confirmed=self._confirmed + parts.publisher.confirmed())

    def _revise(self, orders: Orders) -> None:
        """Put new orders in force: a step of their own, and then the broker lets in whom they name."""
        message = new_orders(self._parts.settings, orders, self._pipeline)
        if message is None:
            return
        self._work([message])
        revision = self._pipeline.state.world.book.revision
        if revision != orders.book.revision:
            log.error("the engine failed on the new orders: those before stay in force", revision=revision)
            return
        log.info("new orders are in force", revision=revision, orders=len(orders.book.orders))
        if self._parts.broker is not None:
            self._parts.broker.follow(orders.book)
        settle_memory()

    def _go_deaf(self) -> None:
        """A step that says so at the instant from which on nobody was heard: before anything that is due after it."""
        self._work([connection_message(connected=False)], at_ms=self._up_to_ms + 1)

    def _stay_awake(self) -> None:
        self._awake_ms, self._awake_at_ms = steady_ms(), self._parts.clock.now_ms()

    def _stood_still(self) -> list[Message]:
        """Where this loop did not run for long: nobody was heard meanwhile; gives what says that we hear again."""
        for_ms = steady_ms() - self._awake_ms
        if self._parts.clock.follows_system:  # which goes on while the machine sleeps
            for_ms = max(for_ms, self._parts.clock.now_ms() - self._awake_at_ms)
        if for_ms <= self._parts.settings.judging.floods.disconnected_s * 1000:
            return []
        log.error("the service stood still: ages do not count that time", for_ms=for_ms)
        self._go_deaf()
        return [connection_message(connected=True)] if self._parts.ingest.listening else []

    def _own_messages(self) -> list[Message]:
        messages = [connection_message(connected=connected) for connected in self._parts.ingest.changes()]
        if self._parts.broker is not None and (refused := self._parts.broker.refusals()):
            messages.append(refused_message(refused))
        told = ORDERS_KEY in self._pipeline.state.incidents
        if self._parts.watch is not None and (self._parts.watch.faults > 0) is not told:
            messages.append(orders_faults_message(self._parts.watch.faults))
        return messages

    def _work(self, messages: Sequence[Message], at_ms: Millis | None = None) -> None:
        """Everything that is due, then the messages; halved where the engine fails, down to the one at fault."""
        now_ms = max(self._parts.clock.now_ms() if at_ms is None else at_ms, self._pipeline.state.now_ms + 1)
        told: list[Told] = []
        try:
            told += self._pipeline.ticks(now_ms if messages else now_ms + 1)
        except Exception as error:
            raise EngineFault(
                f"the engine failed at a whole second, without an input ({where_raised(error)})"
            ) from error
        self._write(told, letters=self._pipeline.take_wishes())
        self._up_to_ms = now_ms
        self._stay_awake()
        if not messages:
            return
        try:
            told = [self._pipeline.advance(messages, now_ms)]
        except Exception as error:  # noqa: BLE001 - whatever it is, the others must go on
            log.error(  # noqa: TRY400 - a traceback's message may quote a place
                "the engine failed", inputs=len(messages), kind=type(error).__name__, where=where_raised(error)
            )
            self._pipeline = self._restore()
            self._isolate(messages)
        else:
            self._write(told, letters=self._pipeline.take_wishes())

    def _isolate(self, messages: Sequence[Message]) -> None:
        if len(messages) == 1:
            only = messages[0]
            if only.at_fault:
                raise EngineFault("the engine failed on an input that it was not even given")
            self._work([only._replace(at_fault=True)])
            return
        half = len(messages) // 2
        self._work(messages[:half])
        self._work(messages[half:])

    def _write(self, told: Sequence[Told], archived: Sequence[str] = (), letters: Sequence[Letter] = ()) -> None:
        """To disk, and then out."""
        letters = [*letters, *(letter for one in told for letter in one.letters)]
        self._confirmed += self._parts.publisher.confirmed()
        if told or letters or archived:
            numbered = self._parts.journal.write(
                [one.step for one in told], letters, confirmed=self._confirmed, archived=archived
            )
            self._unconfirmed += len(numbered) - len(self._confirmed)
            self._confirmed = []
            self._parts.publisher.send(numbered)

    def _keep_house(self) -> None:
        parts, now_ms = self._parts, steady_ms()
        if now_ms >= self._beat_at_ms:
            self._beat_at_ms = now_ms + round(parts.settings.heartbeat.every_s * 1000)
            self._beat(now_ms)
            if parts.broker is not None:
                parts.broker.keep_up()
            parts.publisher.resume(parts.journal)
        if now_ms >= self._archive_at_ms:
            self._archive_at_ms = now_ms + ARCHIVE_EVERY_MS
            self._archive()
        if now_ms >= self._snapshot_at_ms:
            self._snapshot_at_ms = now_ms + round(parts.settings.journal.snapshot_every_s * 1000)
            if self._snapshot_thread is None or not self._snapshot_thread.is_alive():  # two would spoil one another
                self._snapshot_thread = self._snapshot(self._pipeline)

    def _beat(self, now_ms: Millis) -> None:
        parts = self._parts
        self._confirmed += parts.publisher.confirmed()
        if self._confirmed:
            parts.journal.write((), (), confirmed=self._confirmed)
            self._unconfirmed -= len(self._confirmed)
            self._confirmed = []
        parts.publisher.say(
            SYSTEM_STATE,
            self._heart.beat(
                self._pipeline.state,
                orders_faults=0 if parts.watch is None else parts.watch.faults,
                listening=parts.ingest.listening,
                now_ms=parts.clock.now_ms(),
                steady_ms=now_ms,
                behind_ms=self._behind_ms,
                queued=parts.ingest.queued,
                unconfirmed=self._unconfirmed,
            ),
        )

    def _archive(self) -> None:
        """Clear the retained topics of incidents that were resolved long ago."""
        before_ms = self._parts.clock.now_ms() - round(self._parts.settings.alerts.archive_after_s * 1000)
        incidents = self._parts.journal.to_archive(before_ms, ARCHIVED_AT_A_TIME)
        if incidents:
            letters = [Letter(topic, b"", retain=True) for _, topic in incidents if topic]
            self._write((), [incident for incident, _ in incidents], letters)


def settle_memory() -> None:
    """Take what the orders brought out of the garbage collector's rounds: with 10,000 devices one held us up 230 ms."""
    gc.unfreeze()
    gc.collect()
    gc.freeze()


class Restore(Protocol):
    """Builds the pipeline anew from the journal."""

    def __call__(self) -> Pipeline:
        """The pipeline at the end of the journal."""


class TakeSnapshot(Protocol):
    """Keeps the state for a quick restart."""

    def __call__(self, pipeline: Pipeline) -> threading.Thread:
        """Take it now; the thread that writes it meanwhile."""
