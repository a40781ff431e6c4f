# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The victim-proximity monitor authors
"""What could leave the service looking alive while it takes nothing in, or tells nobody."""

import contextlib
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
from paho.mqtt.client import Client, MQTTMessage
from structlog.testing import capture_logs

from proximity.engine.state import empty_state
from proximity.model.inputs import Revision
from proximity.model.judging import Judging
from proximity.service.heart import Heart
from proximity.service.ingest import Ingest
from proximity.service.journal import Journal, Letter
from proximity.service.mqtt import Server
from proximity.service.publisher import Publisher
from proximity.settings.orders import parse_orders
from proximity.settings.service import Ingest as IngestSettings
from proximity.wire.topics import SUBSCRIPTIONS
from tests.brokers import RunningBroker, book, free_port, running_embedded, running_mosquitto
from tests.engine import scenes
from tests.live import HEARTBEAT, Mailbox, Service, running, wait_for
from tests.traffic import GATEWAY, SETTINGS, fix, fix_topic, orders

PAYLOAD_KEPT_BYTES = 1000


def now_ms() -> int:
    return time.time_ns() // 1_000_000


@contextlib.contextmanager
def taking_in(broker: RunningBroker, user: str) -> Iterator[Ingest]:
    server = Server(broker.host, broker.port, user, broker.passwords[user], "test", None)
    ingest = Ingest(server, IngestSettings(), PAYLOAD_KEPT_BYTES)
    ingest.start()
    try:
        yield ingest
    finally:
        ingest.stop()


def test_who_may_not_hear_everything_is_not_listening_and_says_so(tmp_path: Path) -> None:
    with running_embedded(tmp_path, book("w-0")) as broker, capture_logs() as logs:
        with taking_in(broker, "engine") as ingest:
            wait_for(lambda: ingest.listening, "the subscriptions granted")
            assert not logs[1:]
        with taking_in(broker, "device/w-0") as ingest:
            wait_for(lambda: len(logs) > 2, "the refusal")
            assert ingest.connected
            assert not ingest.listening
    (said,) = (line for line in logs if line["log_level"] == "error")
    assert set(said["refused"]) == set(SUBSCRIPTIONS)


@pytest.mark.parametrize(("listening", "state"), [(True, "running"), (False, "deaf")])
def test_a_heartbeat_says_running_only_while_we_hear(*, listening: bool, state: str) -> None:
    beat = Heart(1.0).beat(
        empty_state(), orders_faults=0, listening=listening, now_ms=1, steady_ms=1, behind_ms=0, queued=0, unconfirmed=0
    )
    assert json.loads(beat)["state"] == state


def test_a_heartbeat_counts_what_left_a_full_history_and_names_no_device() -> None:
    """Of five and three fixes in time two each are kept, of one device all that it sent."""
    sent = [scenes.fix("ank-1", second, 0.0) for second in (0, 60, 120, 180, 240)]
    sent += [scenes.fix("vic-1", second, 0.0) for second in (1, 61, 121)] + [scenes.fix("vic-2", 2, 0.0)]
    orders_of = Revision(scenes.book_of(scenes.order()), Judging(history_fixes=2))
    steps = [scenes.Step(scenes.START_MS - 1, (orders_of,))]
    steps += [scenes.Step(one.fixed_at_ms, (one,)) for one in sorted(sent, key=lambda one: one.fixed_at_ms)]
    beat = Heart(1.0).beat(
        scenes.play(steps, until_s=300).state, orders_faults=0, listening=True, now_ms=1, steady_ms=1, behind_ms=0,
        queued=0, unconfirmed=0,
    )  # fmt: skip
    said = json.loads(beat)
    assert (said["accepted"], said["dropped"], said["dropped_devices"]) == (9, 3 + 1, 2)
    assert not [device for device in (b"ank-1", b"vic-1", b"vic-2") if device in beat]


def test_an_unforeseen_error_while_taking_in_costs_a_connection_and_not_the_thread(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    failed: list[bytes] = []
    take = Ingest._on_message

    def fail_once(ingest: Ingest, client: Client, data: object, message: MQTTMessage) -> None:
        if not failed:
            failed.append(bytes(message.payload))
            raise ZeroDivisionError("at 52.513579, 4.123456")
        take(ingest, client, data, message)

    monkeypatch.setattr(Ingest, "_on_message", fail_once)
    with (
        running_embedded(tmp_path, book("w-0"), ("load",)) as broker,
        capture_logs() as logs,
        taking_in(broker, "engine") as ingest,
    ):
        wait_for(lambda: ingest.listening, "the subscriptions granted")
        gateway = Mailbox(broker.place, GATEWAY)
        gateway.send(fix_topic("w-0"), b"[1]")
        gateway.close()
        (message,) = wait_for(lambda: ingest.take(0.1), "the message again")
        assert ingest.listening
    assert failed == [message.payload] == [b"[1]"]
    assert [line["kind"] for line in logs if line["log_level"] == "error"] == ["ZeroDivisionError"]
    assert "52.5" not in repr(logs)


def test_letters_that_wait_from_before_go_out_before_those_of_new_orders(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "journal.sqlite3")
    journal.write((), [Letter(HEARTBEAT, b"1", retain=False), Letter(HEARTBEAT, b"2", retain=False)])
    with running_embedded(tmp_path / "broker", book("w-0")) as broker:
        reader = Mailbox(broker.place, "engine", (HEARTBEAT,))
        publisher = Publisher(
            Server(broker.host, broker.port, "engine", broker.passwords["engine"], "test", None),
        )
        publisher.send(journal.write((), [Letter(HEARTBEAT, b"3", retain=False)]))
        publisher.begin(journal)
        publisher.start()
        wait_for(lambda: len(reader.messages) == 3, "all of them")
        publisher.stop()
        reader.close()
    journal.close()
    assert [body for _, body, _ in reader.messages] == [b"1", b"2", b"3"]


@pytest.mark.mosquitto
def test_a_log_that_nobody_reads_any_more_leaves_the_service_hearing(tmp_path: Path) -> None:
    port = free_port()
    rights, faults = parse_orders({"orders.toml": orders(1)})
    assert rights is not None, faults
    with running_mosquitto(tmp_path / "mosquitto", rights, ("load",), port=port) as broker:
        password = tmp_path / "password"
        password.write_text(broker.passwords["engine"], encoding="utf-8")
        url = f'[mqtt]\nurl = "mqtt://127.0.0.1:{port}"\nusername = "engine"\npassword_file = "{password}"\n'
        service = Service(tmp_path, orders(1), url + SETTINGS)
        reading, writing = os.pipe()
        service.process = subprocess.Popen(
            [sys.executable, "-m", "proximity", "run", "--settings", str(service.settings)],
            stdin=subprocess.DEVNULL, stdout=writing, stderr=writing,
        )  # fmt: skip
        os.close(writing)
        service.log.touch()
        service.await_heartbeat(broker.place, "engine")
    os.close(reading)  # and the broker has gone: there is something to say
    try:
        with running_mosquitto(tmp_path / "mosquitto", rights, ("load",), port=port) as broker:
            service.await_heartbeat(broker.place, "engine")
            gateway = Mailbox(broker.place, GATEWAY)
            gateway.send(fix_topic("w-0"), fix(0, 0.0, now_ms(), 1))
            gateway.close()
            wait_for(lambda: service.await_heartbeat(broker.place, "engine")["accepted"] == 1, "the fix")
            service.stop()
    finally:
        service.kill()


@pytest.mark.mosquitto
def test_a_service_that_fails_is_lost_and_not_stopped(tmp_path: Path) -> None:
    rights, faults = parse_orders({"orders.toml": orders(1)})
    assert rights is not None, faults
    with running_mosquitto(tmp_path / "mosquitto", rights, ("load",)) as broker:
        password = tmp_path / "password"
        password.write_text(broker.passwords["engine"], encoding="utf-8")
        url = f'[mqtt]\nurl = "mqtt://{broker.host}:{broker.port}"\nusername = "engine"\npassword_file = "{password}"\n'
        service = Service(tmp_path, orders(1), url + SETTINGS)
        with running(service):
            service.await_heartbeat(broker.place, "engine")
            assert service.process is not None
            full = service.journal.with_name("journal.sqlite3-wal").stat().st_size
            psutil.Process(service.process.pid).rlimit(psutil.RLIMIT_FSIZE, (full, full))
            gateway = Mailbox(broker.place, GATEWAY)
            gateway.send(fix_topic("w-0"), fix(0, 0.0, now_ms(), 1))
            gateway.close()
            assert service.process.wait(20) == 3
        reader = Mailbox(broker.place, "engine", (HEARTBEAT,))
        wait_for(lambda: reader.messages, "what is retained")
        reader.close()
        assert reader.json()[-1] == {"state": "lost"}
