# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The victim-proximity monitor authors
"""A supervisor's client: takes in alerts, each once, and keeps the service's clock."""

import asyncio
import time
from collections.abc import Callable
from typing import Final

from aiomqtt import MqttError

from simulators.devices.topics import HEARTBEAT, alerts_topic, supervisor_user
from simulators.live.alerts import Alert, read_alert
from simulators.live.clock import ServiceClock
from simulators.live.connection import Broker, client

RECONNECT_S: Final = 0.5


class Supervisor:
    """One supervisor, with a session that the broker keeps while it is away."""

    def __init__(
        self, region: str, supervisor: str, broker: Broker, password: str | None, on_alert: Callable[[Alert], None]
    ) -> None:
        self.clock = ServiceClock()
        self.alerts: list[Alert] = []
        self.connected = asyncio.Event()
        self._user = supervisor_user(region, supervisor)
        self._topic = alerts_topic(region, supervisor)
        self._identifier = f"watch-{region}-{supervisor}"
        self._broker = broker
        self._password = password
        self._on_alert = on_alert
        self._known: set[str] = set()

    async def watch(self) -> None:
        """Take in what comes, for ever; reconnects as often as needed."""
        while True:
            try:
                async with client(
                    self._broker, self._user, self._password, identifier=self._identifier, keep=True
                ) as connected:
                    await connected.subscribe([(self._topic, 1), (HEARTBEAT, 1)])
                    self.connected.set()
                    async for message in connected.messages:
                        if isinstance(message.payload, bytes):
                            self._take(message.topic.value, message.payload)
            except MqttError:
                self.connected.clear()
            await asyncio.sleep(RECONNECT_S)

    def _take(self, topic: str, payload: bytes) -> None:
        at_s = time.monotonic()
        if topic == HEARTBEAT:
            self.clock.hear(payload, at_s)
            return
        alert = read_alert(payload, self.clock.now_ms(at_s) or 0)
        if alert is not None and alert.id not in self._known:
            self._known.add(alert.id)
            self.alerts.append(alert)
            self._on_alert(alert)
