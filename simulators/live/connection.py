# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The victim-proximity monitor authors
"""How a device or a supervisor reaches the broker."""

import asyncio
import logging
import ssl
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import msgspec
from aiomqtt import Client, MqttError, Will
from msgspec import Struct

PORTS = {"mqtt": 1883, "mqtts": 8883}


class Broker(NamedTuple):
    """Where a broker listens, and whether and with which authority it speaks TLS."""

    host: str
    port: int
    tls: bool = False
    ca_file: str | None = None


class Endpoint(Struct, frozen=True):
    """`endpoint.json` of the embedded broker."""

    host: str
    port: int
    pid: int
    tls: bool


class Credentials(Struct, frozen=True):
    """`credentials.json` of the embedded broker: passwords by user name."""

    users: dict[str, str]


def broker_at(url: str, ca_file: str | None = None) -> Broker:
    """The broker that a `mqtt://` or `mqtts://` address names; ValueError, with the mend, where it names none."""
    parts = urlsplit(url)
    if parts.scheme not in PORTS or not parts.hostname:
        raise ValueError(f"{url!r} is no broker: write mqtt://host:1883 or mqtts://host:8883")
    return Broker(parts.hostname, parts.port or PORTS[parts.scheme], parts.scheme == "mqtts", ca_file)


def read_endpoint(state_dir: Path) -> Broker:
    """Where the embedded broker of this state folder listens; OSError where it does not run."""
    endpoint = msgspec.json.decode((state_dir / "broker" / "endpoint.json").read_bytes(), type=Endpoint)
    return Broker(endpoint.host, endpoint.port, endpoint.tls)


def read_passwords(file: Path) -> dict[str, str]:
    """Passwords by user name; OSError where there is no such file."""
    return msgspec.json.decode(file.read_bytes(), type=Credentials).users


def quiet_mqtt(loop: asyncio.AbstractEventLoop) -> None:
    """Let a lost or given up connection that nobody waits for pass: asyncio would print aiomqtt's traceback."""

    def handle(loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        if not isinstance(context.get("exception"), MqttError | asyncio.CancelledError):
            loop.default_exception_handler(context)

    loop.set_exception_handler(handle)


def client(
    broker: Broker, user: str, password: str | None, *, identifier: str, will: Will | None = None, keep: bool = False
) -> Client:
    """A client of our own; with `keep` the broker stores what arrives for it while it is away."""
    return Client(
        broker.host,
        broker.port,
        username=user,
        password=password,
        identifier=identifier,
        will=will,
        clean_session=not keep,
        keepalive=15,
        timeout=5,
        tls_context=ssl.create_default_context(cafile=broker.ca_file) if broker.tls else None,
        logger=_unheard(),
    )


def _unheard() -> logging.Logger:
    """Lost connections are told by exceptions; paho would write them to standard error as well."""
    logger = logging.getLogger("simulators.mqtt")
    logger.propagate = False
    if not logger.handlers:
        logger.addHandler(logging.NullHandler())
    return logger
