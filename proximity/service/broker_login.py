# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The victim-proximity monitor authors
"""The first login at a broker that has just started: that it answers, and that what it queues has limits.

The NATS server keeps what a persistent session has not taken for ever. One lost phone with a session on the heartbeat
would fill the store in months, and a full store lets nobody log in, not even the engine that could empty it. Limits of
that queue can be had only from the server's own interface, which the engine's user reaches over MQTT.
"""

import secrets
import ssl
import time
from typing import Any, Final

import msgspec
from paho.mqtt import client as mqtt
from paho.mqtt.enums import CallbackAPIVersion, MQTTErrorCode

from proximity.service.access import ENGINE

ANSWER_WAIT_S: Final = 30.0
QUEUE_MAX_S: Final = 7 * 86_400  # a session that stays away longer misses the oldest; incidents are retained anyway
QUEUE_STREAM: Final = "$MQTT_msgs"
UPDATE_TOPIC: Final = f"$JS/API/STREAM/UPDATE/{QUEUE_STREAM}"
UPDATED_TOPIC: Final = f"$JS/EVENT/ADVISORY/STREAM/UPDATED/{QUEUE_STREAM}"
NANOS_PER_S: Final = 1_000_000_000


def first_login(host: str, port: int, password: str, tls: ssl.SSLContext | None, queue_max_bytes: int) -> str | None:
    """Log in as the engine, set the limits of the queue, and leave; what is wrong where that fails.

    A message that finds the queue full is not confirmed, and its sender is cut off and tries again.
    """
    limits = {
        "name": QUEUE_STREAM,
        "subjects": ["$MQTT.msgs.>"],
        "retention": "interest",
        "storage": "file",
        "num_replicas": 1,
        "max_age": QUEUE_MAX_S * NANOS_PER_S,
        "max_bytes": queue_max_bytes,
        "discard": "new",
    }
    login = _Login(msgspec.json.encode(limits))
    client = mqtt.Client(CallbackAPIVersion.VERSION2, client_id=f"ready-{secrets.token_hex(8)}")
    client.username_pw_set(ENGINE, password)
    if tls is not None:
        client.tls_set_context(tls)
    client.on_connect = login.on_connect
    client.on_subscribe = login.on_subscribe
    client.on_message = login.on_message
    deadline_s = time.monotonic() + ANSWER_WAIT_S
    try:
        client.connect(host, port)
        while login.lacks and not login.refusal and time.monotonic() < deadline_s:
            if client.loop(0.1) != MQTTErrorCode.MQTT_ERR_SUCCESS:
                break
        client.disconnect()
        client.loop(0.1)
    except (OSError, ValueError) as error:
        return f"no connection to {host} port {port}: {error}"
    return login.refusal or login.lacks


class _Login:
    """What has been answered so far."""

    def __init__(self, limits: bytes) -> None:
        self._limits = limits
        self.refusal: str | None = None
        self.lacks: str | None = "it takes connections and does not answer"

    def on_connect(self, client: mqtt.Client, _data: object, _flags: object, reason: Any, _more: object) -> None:  # noqa: ANN401
        if reason.is_failure:
            self.refusal = f"it does not let the engine in: {reason}"
        else:
            client.subscribe(UPDATED_TOPIC)

    def on_subscribe(self, client: mqtt.Client, *_more: object) -> None:
        self.lacks = f"it does not set the limits of {QUEUE_STREAM}"
        client.publish(UPDATE_TOPIC, self._limits)

    def on_message(self, _client: mqtt.Client, _data: object, _message: mqtt.MQTTMessage) -> None:
        self.lacks = None
