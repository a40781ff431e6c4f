# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The victim-proximity monitor authors
"""How the service reaches its broker: the embedded one or one of the user's own."""

import ssl
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from msgspec import Struct
from paho.mqtt.client import Client
from paho.mqtt.enums import CallbackAPIVersion

from proximity.settings.service import Mqtt

PORTS: Final = {"mqtt": 1883, "mqtts": 8883}
KEEPALIVE_S: Final = 15
RETRY_S: Final = (0.1, 0.2, 0.5, 1.0, 2.0, 5.0)  # between attempts to connect; the last goes on


class MqttFault(Exception):
    """A broker cannot be reached as the settings say; the message is one line."""


class Server(Struct, frozen=True):
    """Where a broker listens, and how to log in there."""

    host: str
    port: int
    username: str | None
    password: str | None
    client_id: str  # ids of the sessions begin with it
    tls: ssl.SSLContext | None


def server_of(settings: Mqtt) -> Server:
    """The user's own broker. MqttFault where a file that it needs cannot be read."""
    parts = urlsplit(settings.url or "")
    password = None
    if settings.password_file is not None:
        password = _read_secret(settings.password_file)
    context = None
    if parts.scheme == "mqtts":
        try:
            context = ssl.create_default_context(cafile=settings.ca_file)
        except OSError as error:
            raise MqttFault(f"{settings.ca_file}: no certificate can be read ({error}): see mqtt.ca_file") from error
    return Server(
        parts.hostname or "",
        parts.port or PORTS[parts.scheme],
        settings.username,
        password,
        settings.client_id,
        context,
    )


def make_client(server: Server, role: str, *, keep: bool, **more: Any) -> Client:  # noqa: ANN401 - paho's own arguments
    """A client that is not connected yet; with `keep` the broker stores what arrives while it is away."""
    client = Client(CallbackAPIVersion.VERSION2, client_id=f"{server.client_id}-{role}", clean_session=not keep, **more)
    if server.username is not None:
        client.username_pw_set(server.username, server.password)
    if server.tls is not None:
        client.tls_set_context(server.tls)
    return client


def retry_s(attempt: int) -> float:
    """How long to wait after an attempt to connect has failed; the first is 0."""
    return RETRY_S[min(attempt, len(RETRY_S) - 1)]


def _read_secret(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise MqttFault(f"{file}: cannot be read ({error}): see mqtt.password_file") from error
