# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The victim-proximity monitor authors
"""A service that could not hear says so, once, whatever the reason (decision 0017)."""

import contextlib
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from proximity.service.journal import Journal
from proximity.settings.orders import parse_orders
from tests.brokers import free_port, running_mosquitto
from tests.live import Mailbox, Service, running, wait_for
from tests.traffic import ALERTS, GATEWAY, SETTINGS, USER, fix, fix_topic, orders

FLOODS = "[judging.floods]\ndisconnected_s = 2\nresume_s = 1\n"
AWAY_S = 5.0
ONE = [("opened", "disconnected"), ("resolved", "reconnected")]


def told(mailbox: Mailbox) -> list[tuple[str, str]]:
    """Change and cause of what is told of the system; an alert may be sent twice."""
    events = {event["id"]: event for event in mailbox.json("/alerts") if event["subject"] == "system"}
    return [(event["type"].rpartition(".")[2], event["data"]["cause"]) for event in events.values()]


def assert_replay_says_the_same(path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "proximity", "replay", "--journal", str(path)], capture_output=True, check=True
    )
    with contextlib.closing(Journal(path, read_only=True)) as journal:
        assert done.stdout.splitlines() == [body for stored in journal.steps() for body in stored.bodies]


def report(gateway: Mailbox, seq: int) -> None:
    """Both parties of the order report, at one place."""
    for device in ("w-0", "p-0"):
        gateway.send(fix_topic(device), fix(0, 0.0, time.time_ns() // 1_000_000, seq))


def test_a_service_that_stood_still_or_was_down_says_so_once_each_time(tmp_path: Path) -> None:
    service = Service(tmp_path, orders(1), SETTINGS + FLOODS)
    with running(service):
        place = service.ready()
        supervisor = Mailbox(place, USER, (ALERTS,), keep="the-supervisor")
        gateway = Mailbox(place, GATEWAY)
        report(gateway, 1)
        wait_for(lambda: supervisor.json("/alerts"), "they are together")
        assert told(supervisor) == [], "a start is no loss"
        assert service.process is not None
        os.kill(service.process.pid, signal.SIGSTOP)
        time.sleep(AWAY_S)
        os.kill(service.process.pid, signal.SIGCONT)
        wait_for(lambda: told(supervisor) == ONE, "that it stood still")
        service.kill()
        time.sleep(AWAY_S)
        service.start()
        service.ready()
        wait_for(lambda: told(supervisor) == [*ONE, *ONE], "that it was down")
        (counted,) = {str(event["data"]["own"]) for event in supervisor.json("/alerts") if "own" in event["data"]}
        assert counted == "{'devices': 2, 'links': 2}", "a link and a zone"
        gateway.close()
        supervisor.close()
        assert service.stop() == 0
    assert_replay_says_the_same(service.journal)


@pytest.mark.mosquitto
def test_a_broker_that_is_away_is_one_incident(tmp_path: Path) -> None:
    port = free_port()
    rights, faults = parse_orders({"orders.toml": orders(1)})
    assert rights is not None, faults
    with running_mosquitto(tmp_path / "mosquitto", rights, ("load",), port=port) as broker:
        password = tmp_path / "password"
        password.write_text(broker.passwords["engine"], encoding="utf-8")
        url = f'[mqtt]\nurl = "mqtt://127.0.0.1:{port}"\nusername = "engine"\npassword_file = "{password}"\n'
        service = Service(tmp_path, orders(1), url + SETTINGS + FLOODS)
        service.start()
        service.await_heartbeat(broker.place, "engine")
        supervisor = Mailbox(broker.place, USER, (ALERTS,), keep="the-supervisor")
        gateway = Mailbox(broker.place, GATEWAY)
        report(gateway, 1)
        wait_for(lambda: supervisor.json("/alerts"), "they are together")
    try:
        time.sleep(AWAY_S)
        with running_mosquitto(tmp_path / "mosquitto", rights, ("load",), port=port):
            wait_for(lambda: told(supervisor) == ONE, "that nobody was heard")
            report(gateway, 2)
            gateway.close()
            supervisor.close()
            assert service.stop() == 0
    finally:
        service.kill()
    assert len({event["id"] for event in supervisor.json("/alerts")}) == len(ONE) + 2, "a link and a zone beside it"
    assert_replay_says_the_same(service.journal)
