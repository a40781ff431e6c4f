# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The victim-proximity monitor authors
"""Messages in: taken from the broker on a thread of their own, acknowledged after the journal has them.

paho's thread is not used: acknowledgements must go out on the very connection that their messages came in on, since
packet ids are used again after a reconnect. Here one thread both connects and acknowledges.
"""

import contextlib
import select
import socket
import threading
import time
from collections import deque
from collections.abc import Sequence
from typing import Final, NamedTuple

import structlog
from paho.mqtt.client import Client, ConnectFlags, DisconnectFlags, MQTTMessage
from paho.mqtt.enums import MQTTErrorCode
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode

from proximity.model.units import Millis, Seconds
from proximity.service.clock import steady_ms
from proximity.service.logs import where_raised
from proximity.service.mqtt import KEEPALIVE_S, Server, make_client, retry_s
from proximity.settings.service import Ingest as IngestSettings
from proximity.wire.topics import SUBSCRIPTIONS

LOOK_EVERY_S: Final[Seconds] = 1.0  # keepalives are sent, and a stop is seen, at least this often
GROWTH_LOOK_S: Final[Seconds] = 0.002
FULL_LOOK_S: Final[Seconds] = 0.01
STOP_WAIT_S: Final[Seconds] = 1.0
QOS: Final = 1

log = structlog.get_logger("ingest")


class Arrived(NamedTuple):
    """A message as it came, with what is needed to acknowledge it."""

    topic: str
    payload: bytes
    packet: int
    qos: int
    connection: int  # the how many-th it came on
    at_ms: Millis  # steady, not engine time


class Ingest:
    """The persistent session that takes everything in. One thread reads; one other calls `take` and `acknowledge`."""

    def __init__(self, server: Server, settings: IngestSettings, payload_kept_bytes: int) -> None:
        self._server = server
        self._settings = settings
        self._payload_kept_bytes = payload_kept_bytes
        self._queue: deque[Arrived] = deque()
        self._written: deque[tuple[int, list[int]]] = deque()  # (connection, packets) to acknowledge
        self._changes: deque[bool] = deque()  # True where everything can be heard from then on
        self._some = threading.Event()
        self._stopping = threading.Event()
        self._connection = 0
        self._connected = False
        self._granted = False
        self._wake_in, self._wake_out = socket.socketpair()
        self._wake_in.settimeout(0)
        self._wake_out.settimeout(0)
        self._client = make_client(server, "in", keep=True, manual_ack=True)
        self._client.on_connect = self._on_connect
        self._client.on_disconnect = self._on_disconnect
        self._client.on_subscribe = self._on_subscribe
        self._client.on_message = self._on_message
        self._client.on_socket_register_write = _write_later
        self._thread = threading.Thread(target=self._run, name="ingest", daemon=True)

    @property
    def queued(self) -> int:
        """Messages that wait for the engine."""
        return len(self._queue)

    @property
    def connected(self) -> bool:
        """Whether the session stands now."""
        return self._connected

    @property
    def listening(self) -> bool:
        """Whether the session stands now and the broker has granted all that we asked to hear."""
        return self._connected and self._granted

    def start(self) -> None:
        """Connect, and again whenever the connection is lost, until `stop`."""
        self._thread.start()

    def stop(self) -> None:
        """Leave; what was not acknowledged comes again at the next start."""
        self._stopping.set()
        self._wake()
        if self._thread.is_alive():
            self._thread.join(STOP_WAIT_S)
        self._wake_in.close()
        self._wake_out.close()

    def take(self, wait_s: Seconds) -> list[Arrived]:
        """Everything that has arrived, at most `batch_max`; waits up to `wait_s` for the first message.

        After the first it waits `batch_wait_ms` for more, but no longer than more keep coming: a broker that sends the
        next messages only after the acknowledgement of these would wait for us.
        """
        if not self._queue and not self._some.wait(wait_s):
            return []
        self._some.clear()
        if not self._queue:
            return []
        deadline_s = time.monotonic() + self._settings.batch_wait_ms / 1000
        size = 0
        while size < (found := len(self._queue)) < self._settings.batch_max and time.monotonic() < deadline_s:
            size = found
            time.sleep(GROWTH_LOOK_S)
        batch = [self._queue.popleft() for _ in range(min(len(self._queue), self._settings.batch_max))]
        if self._queue:
            self._some.set()
        return batch

    def changes(self) -> list[bool]:
        """What changed since the last call: True where we came to hear everything, False where we did no longer."""
        return [self._changes.popleft() for _ in range(len(self._changes))]

    def acknowledge(self, batch: Sequence[Arrived]) -> None:
        """Tell the broker that these are on disk, in the order of receipt; an earlier connection's are let go."""
        packets: dict[int, list[int]] = {}
        for message in batch:
            if message.qos == QOS:
                packets.setdefault(message.connection, []).append(message.packet)
        self._written.extend(packets.items())
        self._wake()

    def _wake(self) -> None:
        with contextlib.suppress(BlockingIOError, OSError):  # full: it is awake; closed: it is gone
            self._wake_in.send(b".")

    def _run(self) -> None:
        attempt = 0
        while not self._stopping.is_set():
            try:
                stood = self._connect() and self._serve()
            except Exception as error:  # noqa: BLE001 - whatever it is, a thread that ends would leave us deaf
                log.error(  # noqa: TRY400 - a traceback's message may quote a place
                    "taking in has failed", kind=type(error).__name__, where=where_raised(error)
                )
                stood = False
            attempt = 0 if stood else attempt + 1
            if attempt == 1 and self._connection == 0:  # never was there, so it cannot be lost
                self._changed(heard=False)
            if self._connected:
                self._lost("no answer")
            self._stopping.wait(retry_s(attempt))

    def _connect(self) -> bool:
        try:
            self._client.connect(self._server.host, self._server.port, KEEPALIVE_S)
        except (OSError, ValueError) as error:
            log.warning("cannot connect", host=self._server.host, port=self._server.port, error=str(error))
            return False
        return True

    def _serve(self) -> bool:
        """Read, acknowledge and keep alive until the connection ends; whether it ever stood."""
        stood = False
        while (sock := self._client.socket()) is not None and not self._stopping.is_set():
            writing = [sock] if self._client.want_write() else []
            hidden = bool(getattr(sock, "pending", int)())  # decrypted bytes that select cannot see
            try:
                readable, writable, _ = select.select(
                    [sock, self._wake_out], writing, [], 0 if hidden else LOOK_EVERY_S
                )
            except (OSError, ValueError):  # closed meanwhile
                break
            if self._wake_out in readable:
                with contextlib.suppress(BlockingIOError):
                    self._wake_out.recv(4096)
            ended = MQTTErrorCode.MQTT_ERR_SUCCESS
            if sock in readable or hidden:
                ended = self._client.loop_read()
            self._acknowledge_written()
            if writable or self._client.want_write():
                ended = ended or self._client.loop_write()
            ended = ended or self._client.loop_misc()
            stood = stood or self._connected
            if ended != MQTTErrorCode.MQTT_ERR_SUCCESS:
                break
        if self._stopping.is_set():
            self._acknowledge_written()
            self._client.disconnect()
            self._client.loop_write()
        return stood

    def _acknowledge_written(self) -> None:
        while self._written:
            connection, packets = self._written.popleft()
            if connection == self._connection and self._connected:
                for packet in packets:
                    self._client.ack(packet, QOS)

    def _on_connect(
        self,
        client: Client,
        _data: object,
        _flags: ConnectFlags,
        code: ReasonCode,
        _more: Properties | None,
    ) -> None:
        if code.is_failure:
            log.error("the broker refuses us", reason=str(code))
            return
        self._connection += 1
        self._granted = False
        client.subscribe([(topic, QOS) for topic in SUBSCRIPTIONS])
        self._connected = True
        log.info("connected", connection=self._connection)

    def _on_subscribe(
        self, _client: Client, _data: object, _packet: int, codes: list[ReasonCode], _more: Properties | None
    ) -> None:
        refused = [topic for topic, code in zip(SUBSCRIPTIONS, codes, strict=False) if code.is_failure]
        self._granted = not refused and len(codes) == len(SUBSCRIPTIONS)
        self._changed(heard=self._granted)
        if not self._granted:
            log.error("the broker lets us not hear everything: let the engine's user read it", refused=refused)

    def _on_disconnect(
        self,
        _client: Client,
        _data: object,
        _flags: DisconnectFlags,
        code: ReasonCode,
        _more: Properties | None,
    ) -> None:
        if self._connected:
            self._lost(str(code))

    def _lost(self, reason: str) -> None:
        self._connected = False
        self._changed(heard=False)
        if not self._stopping.is_set():
            log.warning("connection lost", reason=reason)

    def _changed(self, *, heard: bool) -> None:
        self._changes.append(heard)
        self._some.set()

    def _on_message(self, _client: Client, _data: object, message: MQTTMessage) -> None:
        try:
            topic = message.topic
        except UnicodeDecodeError:
            topic = ""
        if len(self._queue) >= self._settings.queue_max:
            self._wait_for_room()
        self._queue.append(
            Arrived(
                topic,
                bytes(message.payload[: self._payload_kept_bytes]),
                message.mid,
                message.qos,
                self._connection,
                steady_ms(),
            )
        )
        if not self._some.is_set():
            self._some.set()

    def _wait_for_room(self) -> None:
        """Read no further, so that the broker holds the rest and slows its senders."""
        log.warning("the queue is full: senders are slowed down", queue_max=self._settings.queue_max)
        while len(self._queue) >= self._settings.queue_max and not self._stopping.is_set():
            time.sleep(FULL_LOOK_S)


def _write_later(_client: Client, _data: object, _socket: object) -> None:
    """Tells paho that someone else writes: many acknowledgements then leave together."""
