# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The victim-proximity monitor authors
"""The two brokers, as the bench starts them for a consumer that does not bring its own."""

import socket
import sysconfig
from pathlib import Path

from benchmarks.plan import REGION, SUPERVISOR
from benchmarks.processes import Processes
from benchmarks.records import Connection
from proximity.service import broker

HOST = "127.0.0.1"
MOSQUITTO = Path("/usr/sbin/mosquitto")
NATS_SERVER = Path(sysconfig.get_path("scripts")) / "nats-server"
LISTENS_WITHIN_S = 20.0
PASSWORD = "bench"  # noqa: S105 - on loopback, for the minutes that the bench takes
ENGINE = "engine"
LOAD = "gateway/load"
WATCHER = f"supervisor/{REGION}/{SUPERVISOR}"

NATS_CONF = """\
server_name: proximity
host: "{host}"
port: -1
jetstream {{ store_dir: "{store}", max_memory_store: {memory_max_bytes}, sync_interval: "{sync_every}" }}
mqtt {{ host: "{host}", port: {port}, ack_wait: "2s" }}
max_payload: {payload_max_bytes}
authorization {{ users = [
  {{ user: "{engine}", password: "{password}" }}
  {{ user: "{load}", password: "{password}", permissions: {{ publish: ["proximity.v1.devices.>"] }} }}
  {{ user: "{watcher}", password: "{password}" }}
] }}
"""

MOSQUITTO_CONF = """\
listener {port} {host}
allow_anonymous true
persistence false
max_inflight_messages 0
max_queued_messages 100000
set_tcp_nodelay true
"""


def free_port() -> int:
    """A port of the loopback interface that nobody listens on just now."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])


def answers(port: int) -> bool | None:
    """True when something listens on the port, otherwise None."""
    with socket.socket() as probe:
        probe.settimeout(1.0)
        return True if probe.connect_ex((HOST, port)) == 0 else None


def start_nats(processes: Processes, folder: Path) -> tuple[int, int]:
    """Start the server that the service embeds, with the same settings; gives its process id and its MQTT port."""
    port = free_port()
    conf = folder / "nats.conf"
    conf.write_text(
        NATS_CONF.format(
            host=HOST,
            port=port,
            store=folder / "nats",
            memory_max_bytes=broker.MEMORY_MAX_BYTES,
            sync_every=broker.SYNC_EVERY,
            payload_max_bytes=broker.PAYLOAD_MAX_BYTES,
            engine=ENGINE,
            load=LOAD,
            watcher=WATCHER,
            password=PASSWORD,
        )
    )
    pid = processes.start("broker", [NATS_SERVER, "-c", conf])
    processes.wait_for("nats-server", lambda: answers(port), LISTENS_WITHIN_S)
    return pid, port


def start_mosquitto(processes: Processes, folder: Path) -> tuple[int, int]:
    """Start Mosquitto; gives its process id and its port."""
    port = free_port()
    conf = folder / "mosquitto.conf"
    conf.write_text(MOSQUITTO_CONF.format(host=HOST, port=port))
    pid = processes.start("broker", [MOSQUITTO, "-c", conf])
    processes.wait_for("mosquitto", lambda: answers(port), LISTENS_WITHIN_S)
    return pid, port


def as_user(port: int, username: str) -> Connection:
    """A connection to the server that `start_nats` started."""
    return Connection(HOST, port, username, PASSWORD)


def as_nobody(port: int) -> Connection:
    """A connection to the broker that `start_mosquitto` started."""
    return Connection(HOST, port)
