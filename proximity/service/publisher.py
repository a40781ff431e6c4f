# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The victim-proximity monitor authors
"""Messages out: what the outbox holds, until the broker confirms it, and the heartbeat."""

import threading
from collections import deque
from collections.abc import Sequence
from typing import Final

import structlog
from paho.mqtt.client import Client, ConnectFlags, DisconnectFlags
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode

from proximity.model.units import Seconds
from proximity.service.journal import Journal, Letter
from proximity.service.mqtt import KEEPALIVE_S, Server, make_client
from proximity.wire.system import LAST_WILL
from proximity.wire.topics import SYSTEM_STATE

WINDOW: Final = 1000  # letters under way at a time
QOS: Final = 1
RECONNECT_S: Final = (1, 5)
STOP_WAIT_S: Final[Seconds] = 0.5

log = structlog.get_logger("publisher")


class Publisher:
    """Publishes letters and collects their confirmations. Its methods are for one thread, that of the engine.

    paho sends what is under way again after a reconnect;
    what was under way when the process ended, `begin` sends again.
    """

    def __init__(self, server: Server) -> None:
        self._server = server
        self._numbers: dict[int, int] = {}  # packet -> letter
        self._packets: deque[int] = deque()  # confirmed; filled by paho's thread
        self._sent = 0  # the number of the last letter that was handed over
        self._behind = True  # more wait in the journal; at the start perhaps from before
        self._connected = threading.Event()
        self._client = make_client(server, "out", keep=False)
        self._client.max_inflight_messages_set(WINDOW + 1)
        self._client.reconnect_delay_set(*RECONNECT_S)
        self._client.will_set(SYSTEM_STATE, LAST_WILL, QOS, retain=True)
        self._client.on_connect = self._on_connect
        self._client.on_disconnect = self._on_disconnect
        self._client.on_publish = self._on_publish

    @property
    def connected(self) -> bool:
        """Whether the connection stands now."""
        return self._connected.is_set()

    @property
    def under_way(self) -> int:
        """Letters that the broker has not confirmed, of those handed over."""
        return len(self._numbers)

    def start(self) -> None:
        """Connect, and again whenever the connection is lost, until `stop`."""
        self._client.connect_async(self._server.host, self._server.port, KEEPALIVE_S)
        self._client.loop_start()

    def stop(self) -> None:
        """Leave in order: no last will is published."""
        self._client.disconnect()
        ending = threading.Thread(target=self._client.loop_stop, name="publisher-end", daemon=True)
        ending.start()
        ending.join(STOP_WAIT_S)  # a broker that does not answer would hold us for the length of its silence

    def say(self, topic: str, payload: bytes) -> None:
        """Publish something retained that the next one replaces, while connected: it is in no journal."""
        if self.connected:
            self._client.publish(topic, payload, QOS, retain=True)

    def send(self, letters: Sequence[Letter]) -> None:
        """Publish letters that were just written, in order; what does not fit in the window stays in the journal.

        So does everything before `begin`: what waits from before goes first.
        """
        for letter in letters:
            if self._behind or len(self._numbers) >= WINDOW:
                self._behind = True
                return
            self._publish(letter)

    def resume(self, journal: Journal) -> None:
        """Publish what waits in the journal, as far as the window has room."""
        room = WINDOW - len(self._numbers)
        if not self._behind or room == 0:
            return
        waiting = journal.unconfirmed(self._sent, room)
        for letter in waiting:
            self._publish(letter)
        self._behind = len(waiting) == room

    def begin(self, journal: Journal) -> None:
        """At the start: everything that was not confirmed before is sent again."""
        self.resume(journal)

    def confirmed(self) -> list[int]:
        """The numbers of letters that the broker has confirmed since the last call."""
        packets = [self._packets.popleft() for _ in range(len(self._packets))]
        return [self._numbers.pop(packet) for packet in packets if packet in self._numbers]

    def _publish(self, letter: Letter) -> None:
        info = self._client.publish(letter.topic, letter.payload, QOS, letter.retain)
        self._numbers[info.mid] = letter.number
        self._sent = letter.number

    def _on_connect(
        self,
        _client: Client,
        _data: object,
        _flags: ConnectFlags,
        code: ReasonCode,
        _more: Properties | None,
    ) -> None:
        if code.is_failure:
            log.error("the broker refuses us", reason=str(code))
        else:
            self._connected.set()

    def _on_disconnect(
        self,
        _client: Client,
        _data: object,
        _flags: DisconnectFlags,
        _code: ReasonCode,
        _more: Properties | None,
    ) -> None:
        self._connected.clear()

    def _on_publish(
        self,
        _client: Client,
        _data: object,
        packet: int,
        _code: ReasonCode,
        _more: Properties | None,
    ) -> None:
        self._packets.append(packet)
