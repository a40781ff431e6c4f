# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The victim-proximity monitor authors
"""A supervisor's client; notes when alerts and beats come: `python -m benchmarks.watcher CONNECTION SEEN.jsonl`."""

import json
import sys
import time
from pathlib import Path
from typing import Any, BinaryIO

import msgspec
from paho.mqtt.client import Client, ConnectFlags, MQTTMessage
from paho.mqtt.enums import CallbackAPIVersion
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode

from benchmarks.plan import ALERTS_TOPIC, STATE_TOPIC
from benchmarks.records import Arrival, Connection, Heartbeat, Seen


def seen(topic: str, payload: dict[str, Any], at_ms: float) -> Seen | None:
    """What a message means to the bench: an alert (the service's CloudEvent, or the script's) or a heartbeat."""
    if topic == ALERTS_TOPIC:
        facts = payload.get("data", payload)
        return Arrival(at_ms, facts.get("order", ""), facts.get("kind", ""))
    if payload.get("state") != "running":
        return None
    return Heartbeat(
        at_ms,
        payload["now_ms"],
        payload["accepted"],
        sum(payload.get("refused", {}).values()),
        payload.get("queued", 0),
    )


def watch(connection: Connection, out: BinaryIO) -> None:
    """Write what arrives, a JSON line each, until stopped."""

    def on_connect(
        client: Client, _data: object, _flags: ConnectFlags, _code: ReasonCode, _more: Properties | None
    ) -> None:
        client.subscribe([(ALERTS_TOPIC, 1), (STATE_TOPIC, 1)])

    def on_message(_client: Client, _data: object, message: MQTTMessage) -> None:
        at_ms = time.time() * 1000.0
        what = seen(message.topic, json.loads(message.payload), at_ms)
        if what is not None:
            out.write(msgspec.json.encode(what) + b"\n")

    client = Client(CallbackAPIVersion.VERSION2, client_id="watcher")
    if connection.username:
        client.username_pw_set(connection.username, connection.password)
    client.on_connect = on_connect
    client.on_message = on_message
    client.connect(connection.host, connection.port)
    client.loop_forever()


def main() -> None:
    """Run until stopped."""
    connection = msgspec.json.decode(Path(sys.argv[1]).read_bytes(), type=Connection)
    with Path(sys.argv[2]).open("wb", buffering=0) as out:
        watch(connection, out)


if __name__ == "__main__":
    main()
