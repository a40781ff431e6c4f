# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The victim-proximity monitor authors
"""Real brokers without users: what a simulated device does is tested against them."""

import getpass
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from simulators.live.connection import Broker

NATS_SERVER = Path(sys.executable).parent / "nats-server"
MOSQUITTO = Path("/usr/sbin/mosquitto")


class BareBroker:
    """A broker on a port of its own that can be stopped and started again; it lets anybody in."""

    def __init__(self, kind: str, folder: Path) -> None:
        self.kind = kind
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.broker = Broker("127.0.0.1", probe.getsockname()[1])
        self._folder = folder
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        port = self.broker.port
        config = self._folder / "broker.conf"
        if self.kind == "nats":
            config.write_text(
                f'server_name: t\nhost: 127.0.0.1\nport: -1\njetstream {{ store_dir: "{self._folder}" }}\n'
                f'mqtt {{ host: 127.0.0.1, port: {port}, ack_wait: "2s" }}\nmax_payload: 66000\n'
            )
            command = [str(NATS_SERVER), "-c", str(config)]
        else:
            # a restart keeps the sessions, as NATS does: else what comes before the others are back is nobody's
            config.write_text(
                f"listener {port} 127.0.0.1\nallow_anonymous true\nmax_queued_messages 100000\n"
                f"user {getpass.getuser()}\npersistence true\npersistence_location {self._folder}/\n"
            )
            command = [str(MOSQUITTO), "-c", str(config)]
        with (self._folder / "broker.log").open("ab") as log:
            self._process = subprocess.Popen(command, stdout=log, stderr=log)
        deadline_s = time.monotonic() + 10
        while True:
            try:
                socket.create_connection((self.broker.host, port), timeout=1).close()
                return
            except OSError:
                assert time.monotonic() < deadline_s, (self._folder / "broker.log").read_text()
                time.sleep(0.02)

    def stop(self) -> None:
        if self._process is not None:
            self._process.terminate()
            self._process.wait(10)
            self._process = None


@pytest.fixture(params=["nats", pytest.param("mosquitto", marks=pytest.mark.mosquitto)])
def bare_broker(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[BareBroker]:
    started = BareBroker(request.param, tmp_path)
    started.start()
    yield started
    started.stop()
