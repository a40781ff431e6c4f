# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The victim-proximity monitor authors
"""The real service, its real brokers, and what happens to them."""

import contextlib
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from proximity.service.journal import Journal
from proximity.settings.orders import parse_orders
from tests.brokers import BROKERS, free_port, running_mosquitto, runs
from tests.live import Mailbox, Place, Service, running, wait_for
from tests.traffic import ALERTS, INCIDENTS, SETTINGS, USER, Traffic, orders

PAIRS = 40


def now_ms() -> int:
    return time.time_ns() // 1_000_000


@contextlib.contextmanager
def behind(broker: str, folder: Path) -> Iterator[tuple[Service, Place]]:
    """A running service and the broker it uses."""
    if broker == "embedded":
        service = Service(folder, orders(PAIRS), SETTINGS)
        with running(service):
            yield service, service.ready()
        return
    book, faults = parse_orders({"orders.toml": orders(PAIRS)})
    assert book is not None, faults
    with running_mosquitto(folder / "mosquitto", book, ("load",)) as found:
        place = found.place
        password = folder / "password"
        password.write_text(place.passwords["engine"], encoding="utf-8")
        url = f'[mqtt]\nurl = "mqtt://{place.host}:{place.port}"\nusername = "engine"\npassword_file = "{password}"\n'
        service = Service(folder, orders(PAIRS), url + SETTINGS)
        with running(service):
            service.await_heartbeat(place, "engine")
            yield service, place


def bodies(journal: Path) -> list[bytes]:
    with contextlib.closing(Journal(journal, read_only=True)) as opened:
        return [body for stored in opened.steps() for body in stored.bodies]


def replayed(journal: Path) -> list[bytes]:
    command = [sys.executable, "-m", "proximity", "replay", "--journal", str(journal)]
    return subprocess.run(command, capture_output=True, check=True).stdout.splitlines()


@pytest.mark.parametrize("broker", BROKERS)
def test_a_live_run_and_the_replay_of_its_journal_tell_the_same(tmp_path: Path, broker: str) -> None:
    with behind(broker, tmp_path) as (service, place):
        supervisor = Mailbox(place, USER, (ALERTS, INCIDENTS))
        traffic = Traffic(place, PAIRS, 300, now_ms)
        traffic.start()
        time.sleep(8)
        traffic.stop()
        time.sleep(1)
        assert service.stop() == 0
        supervisor.close()
    told = bodies(service.journal)
    assert len(told) > 20
    assert replayed(service.journal) == told
    received = [body for topic, body, _ in supervisor.messages if "/incidents/" in topic]
    assert received == told, "in their order, each once"


@pytest.mark.parametrize("broker", BROKERS)
def test_killed_and_started_again_it_goes_on_where_it_was(tmp_path: Path, broker: str) -> None:
    with behind(broker, tmp_path) as (service, place):
        traffic = Traffic(place, PAIRS, 300, now_ms)
        traffic.start()
        time.sleep(3)
        service.kill()
        service.start()
        if broker == "embedded":
            service.ready()
        else:
            service.await_heartbeat(place, "engine")
        time.sleep(3)
        traffic.stop()
        wait_for(lambda: everything(service.journal, traffic.confirmed), "every confirmed fix taken")
        assert service.stop() == 0
    assert replayed(service.journal) == bodies(service.journal)


def everything(journal: Path, fixes: list[bytes]) -> bool:
    """True when all of these were taken."""
    with contextlib.closing(Journal(journal, read_only=True)) as opened:
        taken = [given.payload for stored in opened.steps() for given in stored.inputs if given.refusal is None]
    return set(taken) >= set(fixes)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_stops_everything_within_two_seconds(tmp_path: Path, number: signal.Signals) -> None:
    service = Service(tmp_path, orders(PAIRS), SETTINGS)
    with running(service):
        place = service.ready()
        assert service.process is not None
        traffic = Traffic(place, PAIRS, 300, now_ms)
        traffic.start()
        time.sleep(1)
        children = psutil.Process(service.process.pid).children(recursive=True)
        assert [child.name() for child in children] == ["nats-server"]
        assert service.stop(number, within_s=2.0) == 0
        assert not any(runs(child.pid) for child in children)
        assert not (service.state_dir / "broker" / "endpoint.json").exists()
        with pytest.raises(AssertionError, match="has not confirmed"):
            traffic.stop(wait_s=0)
    assert "Traceback" not in service.said()


def test_a_broker_does_not_outlive_a_service_that_is_killed(tmp_path: Path) -> None:
    service = Service(tmp_path, orders(1), SETTINGS)
    with running(service):
        service.ready()
        assert service.process is not None
        (child,) = psutil.Process(service.process.pid).children(recursive=True)
        service.kill()
        wait_for(lambda: not runs(child.pid), "the end of the broker", 2.0)


def test_two_services_do_not_share_a_state_folder(tmp_path: Path) -> None:
    service = Service(tmp_path, orders(1), SETTINGS)
    with running(service):
        service.ready()
        command = [sys.executable, "-m", "proximity", "run", "--settings", str(service.settings)]
        second = subprocess.run(command, capture_output=True, text=True, check=False)
        service.check()
    assert second.returncode == 3
    assert second.stderr.splitlines()[-1].startswith(f"proximity: {service.state_dir}: another service runs there")


def test_a_disk_that_is_full_stops_the_service_and_loses_nothing(tmp_path: Path) -> None:
    """A limit on the size of files stands for the disk: SQLite cannot write on, and says so."""
    port = f"[broker]\nport = {free_port()}\n"  # a free one would be another after a stop in order
    service = Service(tmp_path, orders(PAIRS), SETTINGS.replace("[broker]\n", port))
    with running(service):
        place = service.ready()
        assert service.process is not None
        traffic = Traffic(place, PAIRS, 400, now_ms)
        traffic.start()
        time.sleep(1)
        full = service.journal.with_name("journal.sqlite3-wal").stat().st_size
        psutil.Process(service.process.pid).rlimit(psutil.RLIMIT_FSIZE, (full, full))
        assert service.process.wait(20) == 3
        last = service.said().splitlines()[-1]
        assert last.startswith(f"proximity: {service.journal}: cannot be written")
        assert "Traceback" not in service.said()
        service.start()
        service.ready()
        time.sleep(1)
        traffic.stop()
        wait_for(lambda: everything(service.journal, traffic.confirmed), "every confirmed fix taken")
        assert service.stop() == 0
    assert replayed(service.journal) == bodies(service.journal)
