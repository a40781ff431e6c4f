# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The victim-proximity monitor authors
"""Real brokers with the users and rights of an order book: the embedded one and Mosquitto, in one shape.

`@pytest.mark.parametrize("kind", BROKERS)` runs a test on both.
"""

import contextlib
import getpass
import os
import socket
import subprocess
import threading
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Final, NamedTuple

import psutil
import pytest
from paho.mqtt.client import Client, MQTTMessage
from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion
from paho.mqtt.reasoncodes import ReasonCode

from proximity.model.orders import Device, Order, OrderBook, Party
from proximity.model.words import DeviceKind
from proximity.service.access import mosquitto_acl, mosquitto_passwords, users_of
from proximity.service.broker import EmbeddedBroker
from proximity.settings.service import Broker
from tests.live import HEARTBEAT, Place, close_wake_up_pair, wait_for

MOSQUITTO: Final = Path("/usr/sbin/mosquitto")
HOST: Final = "127.0.0.1"
REGION: Final = "rotterdam"
BROKERS: Final = ["embedded", pytest.param("mosquitto", marks=pytest.mark.mosquitto)]
MOSQUITTO_CONF: Final = """\
user {user}
listener {port} {host}
allow_anonymous false
password_file {folder}/passwords
acl_file {folder}/acl
persistence true
persistence_location {folder}/
max_queued_messages {max_queued_messages}
max_inflight_messages {max_inflight_messages}
message_size_limit {message_size_limit}
set_tcp_nodelay true
"""


class RunningBroker(NamedTuple):
    """A broker that listens on loopback."""

    kind: str
    host: str
    port: int
    passwords: Mapping[str, str]
    pid: int

    @property
    def place(self) -> Place:
        """The same for the clients of tests.live."""
        return Place(self.host, self.port, self.passwords)


def book(
    *devices: str, supervisors: Iterable[str] = ("team-a", "team-b"), owntracks: Mapping[str, str] | None = None
) -> OrderBook:
    """An order book that gives users to these devices, each with a party of its own, and to these supervisors."""
    phones = owntracks or {}
    parties = tuple(
        Party(f"of-{name}", (Device(name, DeviceKind.PHONE, 60.0, 60.0, phones.get(name)),)) for name in sorted(devices)
    )
    orders = tuple(Order(f"o-{name}", REGION, name, 0, None, (), (), None) for name in sorted(supervisors))
    return OrderBook(f"of {devices} {orders}", parties, orders)


def free_port() -> int:
    """A port of the loopback interface that nobody listens on just now."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])


def listens(port: int) -> bool:
    """Whether somebody listens on the port."""
    with socket.socket() as probe:
        probe.settimeout(1.0)
        return probe.connect_ex((HOST, port)) == 0


def runs(pid: int) -> bool:
    """Whether the process runs; one that has ended and was not asked for yet does not."""
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


@contextlib.contextmanager
def running_mosquitto(
    folder: Path,
    orders: OrderBook,
    gateways: Iterable[str] = (),
    *,
    port: int = 0,
    max_queued_messages: int = 0,  # 0: no limit
    max_inflight_messages: int = 1000,
    message_size_limit: int = 256 * 1024,
) -> Iterator[RunningBroker]:
    """Mosquitto with the users of the order book; started again in the same folder it knows its sessions."""
    folder.mkdir(parents=True, exist_ok=True)
    users = users_of(orders, gateways)
    passwords = {user.name: f"secret of {user.name}" for user in users}
    (folder / "acl").write_text(mosquitto_acl(users), encoding="utf-8")
    (folder / "passwords").write_text(mosquitto_passwords(passwords, lambda _name: os.urandom(12)), encoding="utf-8")
    own_port = port or free_port()
    config = folder / "mosquitto.conf"
    config.write_text(
        MOSQUITTO_CONF.format(
            user=getpass.getuser(), host=HOST, port=own_port, folder=folder, max_queued_messages=max_queued_messages,
            max_inflight_messages=max_inflight_messages, message_size_limit=message_size_limit,
        ),
        encoding="utf-8",
    )  # fmt: skip
    with (folder / "mosquitto.log").open("ab") as log:
        process = subprocess.Popen(
            [MOSQUITTO, "-c", config], stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True
        )
    try:
        wait_for(lambda: listens(own_port) or process.poll() is not None, "mosquitto", 10.0)
        assert process.poll() is None, (folder / "mosquitto.log").read_text(encoding="utf-8")
        yield RunningBroker("mosquitto", HOST, own_port, passwords, process.pid)
    finally:
        process.terminate()
        try:
            process.wait(5.0)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


@contextlib.contextmanager
def running_embedded(
    folder: Path, orders: OrderBook, gateways: Iterable[str] = (), *, port: int = 0
) -> Iterator[RunningBroker]:
    """The embedded broker of this process with the users of the order book."""
    settings = Broker(host=HOST, port=port, gateways=tuple(gateways))
    broker = EmbeddedBroker(settings, folder, orders, lambda _reason: None, lambda _line: None)
    endpoint = broker.start()
    try:
        yield RunningBroker("embedded", endpoint.host, endpoint.port, broker.credentials.users, endpoint.pid)
    finally:
        broker.stop()


def running_broker(
    kind: str, folder: Path, orders: OrderBook, gateways: Iterable[str] = (), *, port: int = 0
) -> contextlib.AbstractContextManager[RunningBroker]:
    """One of BROKERS."""
    start = {"embedded": running_embedded, "mosquitto": running_mosquitto}[kind]
    return start(folder, orders, gateways, port=port)


class Visitor:
    """A client that remembers what it was told, and does not come back by itself when it is cut off.

    Unlike `tests.live.Mailbox` it may be refused: `answer` is what the broker said to the login, "" for yes.
    """

    def __init__(
        self,
        place: Place | RunningBroker,
        user: str,
        password: str | None = None,
        *,
        keep: str | None = None,
        will: tuple[str, bytes] | None = None,
        ca_file: Path | None = None,
        answer_within_s: float = 10.0,
    ) -> None:
        self.got: list[tuple[str, bytes]] = []
        self.answer: str | None = None
        self.cut = threading.Event()
        self._granted: dict[int, bool] = {}
        self.client = Client(
            CallbackAPIVersion.VERSION2, keep or "", clean_session=keep is None, protocol=MQTTProtocolVersion.MQTTv311,
            reconnect_on_failure=False,
        )  # fmt: skip
        self.client.username_pw_set(user, place.passwords[user] if password is None else password)
        if will is not None:
            self.client.will_set(*will, qos=1)
        if ca_file is not None:
            self.client.tls_set(str(ca_file))
        self.client.on_connect = self._on_connect
        self.client.on_disconnect = lambda *_: self.cut.set()
        self.client.on_subscribe = self._on_subscribe
        self.client.on_message = self._on_message
        self.client.connect(place.host, place.port, 30)
        self.client.loop_start()
        try:
            wait_for(lambda: self.answer is not None, f"an answer to the login of {user}", answer_within_s)
        except AssertionError:
            self.leave()
            raise

    def _on_connect(self, _client: object, _data: object, _flags: object, code: ReasonCode, _more: object) -> None:
        self.answer = str(code) if code.is_failure else ""

    def _on_subscribe(
        self, _client: object, _data: object, number: int, codes: list[ReasonCode], _more: object
    ) -> None:
        self._granted[number] = not codes[0].is_failure

    def _on_message(self, _client: object, _data: object, message: MQTTMessage) -> None:
        self.got.append((message.topic, bytes(message.payload)))

    def subscribe(self, topic: str, qos: int = 1) -> bool:
        """Ask for a topic; whether that was granted. Mosquitto grants all, and delivers only what is allowed."""
        _, number = self.client.subscribe(topic, qos)
        assert number is not None
        wait_for(lambda: number in self._granted, f"an answer about {topic}")
        return self._granted[number]

    def send(self, topic: str, payload: bytes = b"{}", *, qos: int = 1, retain: bool = False) -> None:
        """Publish and wait until the broker has confirmed it."""
        sent = self.client.publish(topic, payload, qos, retain)
        sent.wait_for_publish(10)
        assert sent.is_published(), f"{topic} was not confirmed"

    def offer(self, topic: str, payload: bytes, *, qos: int, retain: bool) -> None:
        """Publish what may be denied, and wait until the broker has dealt with it: it answers what comes next, or cuts.

        The embedded broker confirms what it denies; Mosquitto 2.0 cuts the line.
        """
        self.client.publish(topic, payload, qos, retain)
        _, number = self.client.subscribe(HEARTBEAT, 1)
        wait_for(lambda: number in self._granted or self.cut.is_set(), f"an end to {topic}")

    def leave(self) -> None:
        """Say goodbye."""
        self.client.disconnect()
        self.client.loop_stop()
        close_wake_up_pair(self.client)

    def vanish(self) -> None:
        """Cut the line without a goodbye, as a device out of power does."""
        self.client.loop_stop()
        line = self.client.socket()
        assert line is not None
        line.close()


@contextlib.contextmanager
def visiting(
    place: Place | RunningBroker, user: str, *topics: str, keep: str | None = None
) -> Iterator[Visitor]:  # fmt: skip
    """A visitor who is let in and gets these topics."""
    visitor = Visitor(place, user, keep=keep)
    try:
        assert visitor.answer == "", visitor.answer
        for topic in topics:
            assert visitor.subscribe(topic), topic
        yield visitor
    finally:
        visitor.leave()
