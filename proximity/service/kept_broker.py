# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The victim-proximity monitor authors
"""The embedded broker as the service's loop sees it: kept up, and asked what it refused."""

import threading
from collections import Counter

import structlog

from proximity.model.orders import OrderBook
from proximity.model.words import Refused
from proximity.service.access import ENGINE
from proximity.service.broker import EmbeddedBroker
from proximity.service.mqtt import Server
from proximity.settings.service import Settings

log = structlog.get_logger("broker")


class KeptBroker:
    """An embedded broker that is started again when it dies."""

    def __init__(self, settings: Settings, book: OrderBook) -> None:
        self._settings = settings
        self._refused: Counter[str] = Counter()
        self._turn = threading.Lock()
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
        if not self._broker.alive():
            log.error("the broker has ended: it is started again")
            endpoint = self._broker.restart()
            log.info("listening", host=endpoint.host, port=endpoint.port, tls=endpoint.tls, process=endpoint.pid)

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
