# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The victim-proximity monitor authors
"""The real service as a process of its own, and clients of its broker."""

import contextlib
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

import msgspec
import psutil
from paho.mqtt.client import Client, ConnectFlags, MQTTMessage
from paho.mqtt.enums import CallbackAPIVersion
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode

READY_WITHIN_S = 90.0
HEARTBEAT = "proximity/v1/system/state"
Value = TypeVar("Value")


class Place(NamedTuple):
    """Where a broker listens, and the passwords of its users."""

    host: str
    port: int
    passwords: Mapping[str, str]


def wait_for(look: Callable[[], Value | None], what: str, within_s: float = 60.0) -> Value:
    """What `look` gives as soon as that is something true."""
    deadline_s = time.monotonic() + within_s
    while time.monotonic() < deadline_s:
        if found := look():
            return found
        time.sleep(0.02)
    raise AssertionError(f"waited {within_s:g} s in vain for: {what}")


def close_wake_up_pair(client: Client) -> None:
    """Of a client whose loop has ended: paho closes these sockets when it is collected; they may warn first."""
    client._reset_sockets(sockpair_only=True)


class Mailbox:
    """A client that keeps every message it gets, and publishes."""

    def __init__(self, place: Place, user: str, topics: tuple[str, ...] = (), *, keep: str | None = None) -> None:
        self.messages: list[tuple[str, bytes, bool]] = []
        self._topics = topics
        self._ready = threading.Event()
        self.client = Client(CallbackAPIVersion.VERSION2, client_id=keep or "", clean_session=keep is None)
        self.client.username_pw_set(user, place.passwords[user])
        self.client.on_connect = self._on_connect
        self.client.on_subscribe = lambda *_: self._ready.set()
        self.client.on_message = self._on_message
        self.client.reconnect_delay_set(1, 1)
        self.client.max_inflight_messages_set(200)
        self.client.connect(place.host, place.port, 30)
        self.client.loop_start()
        assert self._ready.wait(10), f"{user} was not let in"

    def _on_connect(
        self, client: Client, _data: object, _flags: ConnectFlags, code: ReasonCode, _more: Properties | None
    ) -> None:
        assert not code.is_failure, str(code)
        if self._topics:
            client.subscribe([(topic, 1) for topic in self._topics])
        else:
            self._ready.set()

    def _on_message(self, _client: Client, _data: object, message: MQTTMessage) -> None:
        self.messages.append((message.topic, bytes(message.payload), message.retain))

    def send(self, topic: str, payload: bytes | dict[str, Any] | list[Any]) -> None:
        """Publish and wait until the broker has it."""
        wait_for(self.client.is_connected, "the connection")
        content = payload if isinstance(payload, bytes) else msgspec.json.encode(payload)
        self.client.publish(topic, content, qos=1).wait_for_publish(20)

    def json(self, ending: str = "") -> list[Any]:
        """The messages on topics that end so, decoded."""
        return [msgspec.json.decode(body) for topic, body, _ in self.messages if topic.endswith(ending) and body]

    def close(self) -> None:
        """Leave."""
        self.client.disconnect()
        self.client.loop_stop()
        close_wake_up_pair(self.client)


class Service:
    """`proximity run` in a folder of its own."""

    def __init__(self, folder: Path, orders: str, settings: str = "", env: Mapping[str, str] | None = None) -> None:
        self.folder = folder
        self.state_dir = folder / "state"
        self.journal = self.state_dir / "journal.sqlite3"
        self.log = folder / "service.log"
        (folder / "orders").mkdir(parents=True, exist_ok=True)
        (folder / "orders" / "orders.toml").write_text(orders, encoding="utf-8")
        self.settings = folder / "settings.toml"
        self.settings.write_text(settings, encoding="utf-8")
        self._env = {**os.environ, **(env or {})}
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it; it is not ready yet."""
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "proximity", "run", "--settings", str(self.settings)],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=self._env, start_new_session=True,
            )  # fmt: skip

    def place(self) -> Place | None:
        """Where its embedded broker listens; None while it does not."""
        self.check()
        with contextlib.suppress(FileNotFoundError):
            endpoint = msgspec.json.decode((self.state_dir / "broker" / "endpoint.json").read_bytes())
            users = msgspec.json.decode((self.state_dir / "broker" / "credentials.json").read_bytes())
            with contextlib.suppress(ProcessLookupError):
                os.kill(endpoint["pid"], 0)  # a killed service leaves its file behind
                return Place(endpoint["host"], endpoint["port"], users["users"])
        return None

    def ready(self) -> Place:
        """Wait until it is running; gives its embedded broker."""
        place = wait_for(self.place, "the embedded broker", READY_WITHIN_S)
        self.await_heartbeat(place, "engine")
        return place

    def await_heartbeat(self, place: Place, user: str) -> dict[str, Any]:
        """Wait for a heartbeat of a running service that is new; gives it."""
        mailbox = Mailbox(place, user, (HEARTBEAT,))
        try:

            def fresh() -> dict[str, Any] | None:
                self.check()
                beats = [msgspec.json.decode(body) for _, body, retained in mailbox.messages if not retained]
                return next((beat for beat in beats if beat["state"] == "running"), None)

            return wait_for(fresh, "a heartbeat", READY_WITHIN_S)
        finally:
            mailbox.close()

    def check(self) -> None:
        """Fail when it has ended."""
        assert self.process is not None
        assert self.process.poll() is None, f"the service ended with {self.process.returncode}: {self.said()}"

    def said(self) -> str:
        """Its log."""
        return self.log.read_text(encoding="utf-8", errors="replace")

    def stop(self, number: signal.Signals = signal.SIGTERM, within_s: float = 2.0) -> int:
        """Stop it in order; gives its exit code. Fails where that takes too long."""
        assert self.process is not None
        if self.process.poll() is None:
            self.process.send_signal(number)
        return self.process.wait(within_s)

    def kill(self) -> None:
        """`kill -9`; returns when its broker is gone too, so that nobody takes it for the next one's."""
        if self.process is None:
            return
        brokers = _children(self.process.pid)
        with contextlib.suppress(ProcessLookupError):
            self.process.kill()
        self.process.wait()
        _, alive = psutil.wait_procs(brokers, timeout=5)
        assert not alive, "the broker outlives the service"


def _children(pid: int) -> list[psutil.Process]:
    with contextlib.suppress(psutil.NoSuchProcess):
        return psutil.Process(pid).children(recursive=True)
    return []


@contextlib.contextmanager
def running(service: Service) -> Iterator[Service]:
    """The service started; killed at the end where it still runs."""
    service.start()
    try:
        yield service
    finally:
        service.kill()
