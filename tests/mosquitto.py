# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The victim-proximity monitor authors
"""Mosquitto with the users and rights that the service would give its own broker."""

import contextlib
import os
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path

from proximity.service.access import mosquitto_acl, mosquitto_passwords, users_of
from proximity.settings.orders import parse_orders
from tests.conftest import MOSQUITTO
from tests.live import Place, wait_for

SECRET = "a secret of this test"


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextlib.contextmanager
def running_mosquitto(folder: Path, orders: str, gateways: tuple[str, ...] = ()) -> Iterator[Place]:
    """Mosquitto on a free loopback port, as docs/brokers.md sets it up."""
    book, faults = parse_orders({"orders.toml": orders})
    assert book is not None, faults
    users = users_of(book, gateways)
    passwords = {user.name: SECRET for user in users}
    port = free_port()
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "acl").write_text(mosquitto_acl(users), encoding="utf-8")
    (folder / "passwords").write_text(mosquitto_passwords(passwords, lambda _: os.urandom(12)), encoding="utf-8")
    (folder / "acl").chmod(0o600)
    (folder / "passwords").chmod(0o600)
    (folder / "mosquitto.conf").write_text(
        f"""listener {port} 127.0.0.1
allow_anonymous false
acl_file {folder}/acl
password_file {folder}/passwords
persistence true
persistence_location {folder}/
max_queued_messages 100000
max_inflight_messages 1000
message_size_limit 262144
user {"root" if os.geteuid() == 0 else "mosquitto"}
""",
        encoding="utf-8",
    )
    with (folder / "mosquitto.log").open("wb") as log:
        process = subprocess.Popen([MOSQUITTO, "-c", folder / "mosquitto.conf"], stdout=log, stderr=log)
    try:
        wait_for(lambda: _listens(port), "mosquitto")
        yield Place("127.0.0.1", port, passwords)
    finally:
        process.terminate()
        process.wait(10)


def _listens(port: int) -> bool:
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
        return True
    return False
