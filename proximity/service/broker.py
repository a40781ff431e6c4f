# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The victim-proximity monitor authors
"""The embedded broker: the NATS server with MQTT, as a child process that starts and ends with the service."""

import contextlib
import errno
import fcntl
import os
import socket
import ssl
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import msgspec
from msgspec import Struct

from proximity.model.orders import OrderBook
from proximity.service.access import User, nats_user, users_of
from proximity.service.broker_login import first_login
from proximity.service.broker_process import POLL_S, BrokerProcess, Tell
from proximity.service.credentials import BrokerFault, Credentials, keep_credentials, keep_hashes, replace_file
from proximity.settings.service import Broker

FOLDER: Final = "broker"  # below state_dir
ENDPOINT_FILE: Final = "endpoint.json"
CONFIG_FILE: Final = "nats.conf"
LOCK_FILE: Final = "lock"
PAYLOAD_MAX_BYTES: Final = 256 * 1024  # four times what a fix message may be: those in between are refused by name
QUEUE_MAX_BYTES: Final = 4 * 1024**3  # messages that wait for someone; counted with what each takes beside its payload
STORE_MORE_BYTES: Final = (
    1024**3
)  # for sessions and retained messages: a full queue must not keep the engine from its session
SYNC_EVERY: Final = (
    "1s"  # a loss of power, not of the process, costs what was confirmed since; waiting costs 3/4 of the rate
)
MEMORY_MAX_BYTES: Final = 64 * 1024**2
RELEASE_WAIT_S: Final = 5.0  # for an earlier broker that is still ending
LAUNCH_TRIES: Final = 3
PORT_MAX: Final = 65_535
LOGIN_TIMEOUT_S: Final = 30  # 10,000 devices that come back at once wait for one another
REACHED_AT: Final = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - where this machine finds what listens everywhere


class Endpoint(Struct, frozen=True):
    """Where clients on this machine reach the broker, and its process."""

    host: str
    port: int
    pid: int
    tls: bool


class EmbeddedBroker:
    """The broker of one service. Its methods may be called from any thread; it ends when this process does, however.

    `on_refusal` is told "too_large", "unauthorized", "forbidden" or "unknown_topic", once for each refusal of the
    broker's own; `on_log` is told its warnings and errors, at most LOG_LINES_PER_S a second. Both are called from the
    thread that follows the log: they must return soon, and an exception in them ends the broker.
    """

    def __init__(self, settings: Broker, state_dir: Path, book: OrderBook, on_refusal: Tell, on_log: Tell) -> None:
        self._settings = settings
        self._folder = (state_dir / FOLDER).absolute()
        self._book = book
        self._on_refusal = on_refusal
        self._on_log = on_log
        self._turn = threading.RLock()
        self._server: BrokerProcess | None = None
        self._endpoint: Endpoint | None = None
        self._credentials = Credentials({})
        self._config = b""

    @property
    def credentials(self) -> Credentials:
        """The users' secrets, once started."""
        return self._credentials

    def tls_context(self) -> ssl.SSLContext | None:
        """How a client on this machine trusts the broker: by its own certificate, whatever host that names.

        None where there is no TLS. BrokerFault where the certificate cannot be read.
        """
        certificate = self._settings.tls_certificate_file
        if certificate is None:
            return None
        try:
            context = ssl.create_default_context(cafile=str(certificate))
        except OSError as error:
            raise BrokerFault(f"{certificate}: no certificate can be read ({error}): write one in PEM") from error
        context.check_hostname = False
        context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
        return context

    def start(self) -> Endpoint:
        """Start the server; returns when it takes MQTT connections. BrokerFault where it cannot."""
        with self._turn:
            if self._server is not None:
                raise RuntimeError("the broker is started already: call restart()")
            problem = None
            with _locked(self._folder / LOCK_FILE) as lock:
                self._prepare()
                remembered = _remembered_port(self._folder / ENDPOINT_FILE)
                for _ in range(LAUNCH_TRIES):
                    port = _choose_port(self._settings.host, self._settings.port, remembered)
                    self._write_config(port)
                    problem = self._launch(port, lock)
                    if problem is None or "address already in use" not in problem:
                        break
                    remembered = None  # someone took the port between our look and the server's
            if problem is not None or self._endpoint is None:
                raise BrokerFault(f"{self._folder / CONFIG_FILE}: the broker did not start: {problem}")
            replace_file(self._folder / ENDPOINT_FILE, msgspec.json.encode(self._endpoint))
            return self._endpoint

    def stop(self) -> None:
        """End the server, within 2 s; nothing is left running. Again is harmless."""
        with self._turn:
            self._end_server()
            if self._endpoint is not None:
                (self._folder / ENDPOINT_FILE).unlink(missing_ok=True)
            self._endpoint = None

    def restart(self) -> Endpoint:
        """Start the server again, after it died or to begin anew, on the port it had while that is free."""
        with self._turn:
            self._end_server()
            self._endpoint = None
            return self.start()

    def alive(self) -> bool:
        """Whether the server's process runs."""
        server = self._server
        return server is not None and server.process.poll() is None

    def update(self, book: OrderBook) -> None:
        """Give the broker the users of a new order book; who keeps their rights stays connected, who is gone is cut.

        BrokerFault where the server does not take it. A broker that is down takes it when it is started.
        """
        with self._turn:
            self._book = book
            if self._server is None or self._endpoint is None or not self.alive():
                return
            before = self._config
            self._prepare()
            self._write_config(self._endpoint.port)
            if self._config != before and (problem := self._server.reload()) is not None:
                self._config = before  # so that the next update asks again
                raise BrokerFault(f"{self._folder / CONFIG_FILE}: the broker keeps its earlier users: {problem}")

    def _prepare(self) -> None:
        self._users = users_of(self._book, self._settings.gateways)
        with _writing(self._folder):
            self._credentials = keep_credentials(self._folder, (user.name for user in self._users))
            self._hashes = keep_hashes(self._folder, self._credentials)

    def _write_config(self, port: int) -> None:
        self._config = server_config(self._settings, self._folder, port, self._users, self._hashes)
        with _writing(self._folder):
            replace_file(self._folder / CONFIG_FILE, self._config)

    def _launch(self, port: int, lock: int) -> str | None:
        """Start the server and wait until it takes a connection; what is wrong where it does not."""
        server = BrokerProcess(self._folder / CONFIG_FILE, lock, self._on_refusal, self._on_log)
        self._server = server
        host = REACHED_AT.get(self._settings.host, self._settings.host)
        problem = server.wait_ready() or self._log_in(host, port)
        if problem is None:
            tls = self._settings.tls_certificate_file is not None
            self._endpoint = Endpoint(host, port, server.process.pid, tls)
            return None
        self._end_server()
        return problem

    def _log_in(self, host: str, port: int) -> str | None:
        try:
            return first_login(host, port, self._credentials.engine, self.tls_context(), QUEUE_MAX_BYTES)
        except BrokerFault:
            self._end_server()
            raise

    def _end_server(self) -> None:
        if self._server is not None:
            self._server.end()
            self._server = None


def server_config(settings: Broker, folder: Path, port: int, users: tuple[User, ...], hashes: dict[str, str]) -> bytes:
    """The server's configuration, as JSON, which it reads as well as its own notation."""
    listener: dict[str, Any] = {"host": settings.host, "port": port, "ack_wait": "2s"}
    if settings.tls_certificate_file and settings.tls_key_file:
        listener["tls"] = {
            "cert_file": str(settings.tls_certificate_file.absolute()),
            "key_file": str(settings.tls_key_file.absolute()),
            "timeout": LOGIN_TIMEOUT_S,
        }
    config = {
        "server_name": "proximity",
        "host": "127.0.0.1",  # NATS' own protocol, which the server cannot do without: no user may log in there
        "port": -1,
        "logtime": False,
        "max_payload": PAYLOAD_MAX_BYTES,
        "jetstream": {
            "store_dir": str(folder),
            "max_memory_store": MEMORY_MAX_BYTES,
            "max_file_store": QUEUE_MAX_BYTES + STORE_MORE_BYTES,
            "sync_interval": SYNC_EVERY,
        },
        "mqtt": listener,
        "authorization": {
            "timeout": LOGIN_TIMEOUT_S,
            "users": [nats_user(user, hashes[user.name]) for user in users],
        },
    }
    return msgspec.json.format(msgspec.json.encode(config), indent=1)


@contextlib.contextmanager
def _writing(folder: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise BrokerFault(f"{folder}: cannot be written ({error.strerror}): choose another state_dir") from error


@contextlib.contextmanager
def _locked(path: Path) -> Iterator[int]:
    """The store's lock, as a descriptor for the server, which holds it on; an earlier server is given time to end."""
    with _writing(path.parent):
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        deadline = time.monotonic() + RELEASE_WAIT_S
        while not _lock(descriptor):
            if time.monotonic() > deadline:
                raise BrokerFault(f"{path}: another broker works on this store: stop it, or choose another state_dir")
            time.sleep(POLL_S)
        yield descriptor
    finally:
        os.close(descriptor)


def _lock(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _remembered_port(path: Path) -> int | None:
    """The port of a broker that did not end cleanly, whose devices look for it there; None where there is none."""
    try:
        port = msgspec.json.decode(path.read_bytes(), type=Endpoint).port
    except (OSError, msgspec.DecodeError, UnicodeDecodeError):
        return None
    return port if 0 < port <= PORT_MAX else None


def _choose_port(host: str, wanted: int, remembered: int | None) -> int:
    """The wanted port, waiting for it to be free; where any will do (0), the remembered one if it is free."""
    if wanted == 0:
        return (_free_port(host, remembered) if remembered else None) or _free_port(host, 0) or 0
    deadline = time.monotonic() + RELEASE_WAIT_S
    while _free_port(host, wanted) is None:
        if time.monotonic() > deadline:
            raise BrokerFault(
                f"[broker] port {wanted} on {host} is taken: stop what listens there, or choose another port"
            )
        time.sleep(POLL_S)
    return wanted


def _free_port(host: str, port: int) -> int | None:
    """The port if it can be listened on, any such for 0; None where it is taken."""
    try:
        family, kind, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
            return int(probe.getsockname()[1])
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            return None
        raise BrokerFault(f"[broker] cannot listen on {host} port {port} ({error.strerror}): choose another") from error
