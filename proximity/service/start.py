# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The victim-proximity monitor authors
"""The service put together: what is started in which order, and stopped in the reverse."""

import contextlib
import fcntl
import os
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

import structlog

from proximity.model.orders import OrderBook
from proximity.service.checkpoint import Checkpointer
from proximity.service.clock import ServiceClock, steady_ms
from proximity.service.ingest import Ingest
from proximity.service.journal import FILE as JOURNAL_FILE
from proximity.service.journal import Journal
from proximity.service.kept_broker import KeptBroker
from proximity.service.mqtt import Server, server_of
from proximity.service.orders import Orders, new_orders
from proximity.service.pipeline import PAYLOAD_KEPT_BYTES, Pipeline
from proximity.service.publisher import Publisher
from proximity.service.replay import rerun
from proximity.service.runner import Parts, Runner, settle_memory
from proximity.service.snapshots import FILE as SNAPSHOT_FILE
from proximity.service.snapshots import load_pipeline, write_snapshot
from proximity.service.warm import warm_up
from proximity.service.watch import OrdersWatch
from proximity.settings.service import Settings

LOCK_FILE: Final = "service.lock"
AHEAD_TOLD_MS: Final = 1000

log = structlog.get_logger("service")


class StateFault(Exception):
    """The state folder cannot be used; the message is one line: what, where, the mend."""


def serve(
    settings: Settings,
    orders: Orders,
    stop: threading.Event,
    *,
    watch: OrdersWatch | None = None,
    begins: Callable[[], None] = lambda: None,
) -> None:
    """Run until `stop` is set. JournalFault, BrokerFault, MqttFault, StateFault, EngineFault: it cannot go on.

    `begins` is called when it has compiled and replayed: until then, which may take long, it does not look at `stop`,
    and the process may just as well be ended. What `watch` brings takes the place of `orders`.
    """
    began_ms = steady_ms()
    path = settings.state_dir / JOURNAL_FILE
    with contextlib.ExitStack() as stack:
        stack.enter_context(_only_service(settings.state_dir))
        warm_up()
        journal = Journal(path)
        stack.callback(journal.close)
        snapshot = settings.state_dir / SNAPSHOT_FILE
        pipeline = restore(snapshot, journal)
        checkpointer = Checkpointer(path)
        checkpointer.start()
        stack.callback(checkpointer.stop)
        begins()
        if stop.is_set():
            return
        broker, server = _broker(settings, orders.book, stack)
        clock = ServiceClock(settings.clock)
        clock.start(journal.tail.now_ms + 1)
        if (ahead_ms := clock.ahead_ms()) > AHEAD_TOLD_MS:
            log.error(
                "the journal is ahead of the system's clock: ages are wrong until it has caught up: "
                "set the clock right, or choose another state_dir",
                ahead_ms=ahead_ms,
            )
        publisher = Publisher(server)
        publisher.start()
        stack.callback(publisher.stop)
        ingest = Ingest(server, settings.ingest, PAYLOAD_KEPT_BYTES)
        ingest.start()
        stack.callback(ingest.stop)
        runner = Runner(
            Parts(settings, clock, journal, ingest, publisher, broker, watch),
            pipeline,
            lambda: restore(snapshot, journal),
            lambda pipeline: write_snapshot(snapshot, pipeline, journal.tail),
        )
        stack.push(lambda kind, _error, _trace: runner.end(in_order=kind is None))
        runner.begin(new_orders(settings, orders, pipeline))
        settle_memory()
        if watch is not None:
            watch.start(orders.book.revision)
            stack.callback(watch.stop)
        log.info("running", after_ms=steady_ms() - began_ms, steps=journal.tail.number)
        runner.run(stop)
        log.info("stopping")


def restore(snapshot: Path, journal: Journal) -> Pipeline:
    """The pipeline at the end of the journal: the snapshot, and the rest replayed."""
    pipeline, after = load_pipeline(snapshot, journal)
    if journal.tail.number > after:
        log.info("replaying the journal", from_step=after, to_step=journal.tail.number)
    otherwise = 0
    for stored, told in rerun(pipeline, journal, after):
        otherwise += stored.bodies != tuple(event.body for event in told.step.events)
    if otherwise:
        log.warning("this version judges steps of the journal otherwise than the one that wrote them", steps=otherwise)
    return pipeline


def _broker(
    settings: Settings, book: OrderBook, stack: contextlib.ExitStack
) -> tuple[KeptBroker | None, Server]:  # fmt: skip
    if settings.mqtt.url is not None:
        return None, server_of(settings.mqtt)
    broker = KeptBroker(settings, book)
    stack.callback(broker.stop)
    return broker, broker.start()


@contextlib.contextmanager
def _only_service(state_dir: Path) -> Iterator[None]:
    """Hold the state folder: two services on one journal would break it."""
    try:
        state_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor = os.open(state_dir / LOCK_FILE, os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:
        raise StateFault(f"{state_dir}: cannot be written ({error.strerror}): choose another state_dir") from error
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        raise StateFault(f"{state_dir}: another service runs there: stop it, or choose another state_dir") from error
    else:
        yield
    finally:
        os.close(descriptor)
