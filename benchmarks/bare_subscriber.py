# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The victim-proximity monitor authors
"""A bare paho subscriber: takes fixes and acknowledges them. `python -m benchmarks.bare_subscriber CONNECTION`.

It acknowledges by hand, as the service must, but each fix at once, in paho's callback: the plain way to use paho. That
is a write to the socket for each; the service, which commits many fixes at once, sends their acknowledgements together.
"""

import sys
import time
from pathlib import Path

import msgspec
from paho.mqtt.client import Client, ConnectFlags, MQTTMessage
from paho.mqtt.enums import CallbackAPIVersion
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode

from benchmarks.plan import FIXES_TOPIC, STATE_TOPIC
from benchmarks.records import Connection

HEARTBEAT_S = 1.0


def main() -> None:
    """Run until stopped."""
    connection = msgspec.json.decode(Path(sys.argv[1]).read_bytes(), type=Connection)
    taken = 0

    def on_connect(
        client: Client, _data: object, _flags: ConnectFlags, _code: ReasonCode, _more: Properties | None
    ) -> None:
        client.subscribe(FIXES_TOPIC, qos=1)

    def on_message(client: Client, _data: object, message: MQTTMessage) -> None:
        nonlocal taken
        client.ack(message.mid, message.qos)
        taken += 1

    client = Client(CallbackAPIVersion.VERSION2, client_id="bare", clean_session=False, manual_ack=True)
    if connection.username:
        client.username_pw_set(connection.username, connection.password)
    client.on_connect = on_connect
    client.on_message = on_message
    client.connect(connection.host, connection.port)
    client.loop_start()
    while True:
        state = {"state": "running", "now_ms": int(time.time() * 1000), "accepted": taken, "refused": {}}
        client.publish(STATE_TOPIC, msgspec.json.encode(state), qos=1, retain=True)
        time.sleep(HEARTBEAT_S)


if __name__ == "__main__":
    main()
