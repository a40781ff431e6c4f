# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The victim-proximity monitor authors
"""The embedded broker as the service's loop sees it: kept up, and asked what it refused."""

import threading
from collections import Counter
from typing import Final

import structlog

from proximity.model.orders import OrderBook
from proximity.model.units import Millis
from proximity.model.words import Refused
from proximity.service.access import ENGINE
from proximity.service.broker import EmbeddedBroker
from proximity.service.clock import steady_ms
from proximity.service.credentials import BrokerFault
from proximity.service.mqtt import Server
from proximity.settings.service import Settings

AGAIN_AFTER_MS: Final[Millis] = 5000

log = structlog.get_logger("broker")


class KeptBroker:
    """An embedded broker that is started again when it dies."""

    def __init__(self, settings: Settings, book: OrderBook) -> None:
        self._settings = settings
        self._refused: Counter[str] = Counter()
        self._turn = threading.Lock()
        self._wanted = book  # whose users are to be let in: the loop's
        self._given = book  # whose users the broker has taken: the updater's
        self._updater: threading.Thread | None = None
        self._update_at_ms: Millis = 0
        self._broker = EmbeddedBroker(settings.broker, settings.state_dir, book, self._count, self._hear)

    def start(self) -> Server:
        """Start it; gives how the engine reaches it. BrokerFault where it cannot be started."""
        endpoint = self._broker.start()
        log.info("listening", host=endpoint.host, port=endpoint.port, tls=endpoint.tls, process=endpoint.pid)
        credentials = self._broker.credentials
        return Server(
            endpoint.host,
            endpoint.port,
            ENGINE,
            credentials.engine,
            f"{self._settings.mqtt.client_id}-{credentials.session}",
            self._broker.tls_context(),
        )

    def stop(self) -> None:
        """End it."""
        self._broker.stop()

    def keep_up(self) -> None:
        """Start it again where it has ended, on the port it had. BrokerFault where that fails."""
        if self._updater is not None and self._updater.is_alive():
            return
        if not self._broker.alive():
            log.error("the broker has ended: it is started again")
            endpoint = self._broker.restart()
            log.info("listening", host=endpoint.host, port=endpoint.port, tls=endpoint.tls, process=endpoint.pid)

        if self._given is not self._wanted and steady_ms() >= self._update_at_ms:
            self._start_update()

    def follow(self, book: OrderBook) -> None:
        """Let in whom new orders name, and cut who is gone, on a thread: with 10,000 users it takes seconds.

        Where the broker does not take them, that is logged, and tried again.
        """
        self._wanted = book
        if self._updater is None or not self._updater.is_alive():
            self._start_update()

    def _start_update(self) -> None:
        self._update_at_ms = steady_ms() + AGAIN_AFTER_MS
        self._updater = threading.Thread(target=self._update, args=(self._wanted,), name="broker-users", daemon=True)
        self._updater.start()

    def _update(self, book: OrderBook) -> None:
        try:
            self._broker.update(book)
        except BrokerFault as error:
            log.error("the users of the new orders are not let in yet: it is tried again", error=str(error))  # noqa: TRY400 - one line
        else:
            self._given = book
            log.info(
                "the users are those of the orders", revision=book.revision, users=len(self._broker.credentials.users)
            )

    def refusals(self) -> dict[str, int]:
        """What it refused since the last call, by reason."""
        if not self._refused:
            return {}
        with self._turn:
            refused, self._refused = self._refused, Counter()
        return dict(refused)

    def _count(self, reason: str) -> None:
        with self._turn:
            self._refused[str(Refused(reason))] += 1

    def _hear(self, line: str) -> None:
        log.warning("says", line=line)
