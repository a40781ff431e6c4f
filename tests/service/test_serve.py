# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The victim-proximity monitor authors
"""The service in this process, where a test can make the engine fail."""

import contextlib
import json
import os
import signal
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import msgspec
import pytest
from structlog.testing import capture_logs

from proximity.engine.state import State
from proximity.engine.step import Events, step
from proximity.model.inputs import Fix, Input, Revision
from proximity.model.judging import Judging
from proximity.service import pipeline
from proximity.service.journal import Journal
from proximity.service.orders import Orders
from proximity.service.start import serve
from proximity.service.watch import OrdersWatch
from proximity.settings.orders import parse_orders
from proximity.settings.service import Alerts, Broker, Heartbeat, Settings
from tests.live import HEARTBEAT, Mailbox, Place, wait_for
from tests.traffic import ALERTS, COMMANDS, GATEWAY, INCIDENTS, USER, fix, fix_topic, orders

POISON = 666


def now_ms() -> int:
    return time.time_ns() // 1_000_000


@contextlib.contextmanager
def serving(
    state_dir: Path, alerts: Alerts | None = None, judging: Judging | None = None, watch: OrdersWatch | None = None
) -> Iterator[Place]:
    documents = {"orders.toml": orders(3)}
    book, faults = parse_orders(documents)
    assert book is not None, faults
    settings = Settings(
        state_dir=state_dir,
        broker=Broker(gateways=("load",)),
        heartbeat=Heartbeat(every_s=0.1),
        alerts=alerts or Alerts(),
        judging=judging or Judging(),
    )
    stop = threading.Event()
    thread = threading.Thread(target=serve, args=(settings, Orders(documents, book), stop), kwargs={"watch": watch})
    thread.start()
    try:
        yield place_of(state_dir)
    finally:
        stop.set()
        thread.join(10)
        assert not thread.is_alive()


def place_of(state_dir: Path) -> Place:
    endpoint = state_dir / "broker" / "endpoint.json"
    wait_for(endpoint.exists, "the broker", 60)
    found = msgspec.json.decode(endpoint.read_bytes())
    users = msgspec.json.decode((state_dir / "broker" / "credentials.json").read_bytes())
    return Place(found["host"], found["port"], users["users"])


def poisoned(state: State, inputs: Sequence[Input], at_ms: int) -> tuple[State, Events, int]:
    """The engine, but it fails on one fix, when half its work is done."""
    result = step(state, inputs, at_ms)
    if any(isinstance(given, Fix) and given.seq == POISON for given in inputs):
        raise ZeroDivisionError("at 52.513579, 4.123456")
    return result


def test_an_input_that_breaks_the_engine_is_put_aside_and_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pipeline, "step", poisoned)
    with capture_logs() as logs, serving(tmp_path / "state") as place:
        supervisor = Mailbox(place, USER, (ALERTS,))
        system = Mailbox(place, USER, ("proximity/v1/system/alerts", HEARTBEAT))
        gateway = Mailbox(place, GATEWAY)
        near = [fix(pair, 0.0, now_ms() + pair, seq) for pair, seq in ((0, 1), (1, POISON), (2, 3))]
        for pair, payload in enumerate(near):
            gateway.client.publish(fix_topic(f"w-{pair}"), msgspec.json.encode(payload), qos=1)
            gateway.client.publish(fix_topic(f"p-{pair}"), msgspec.json.encode({**payload, "seq": 9}), qos=1)
        subjects = {"system", "o-0", "o-2"}
        wait_for(lambda: {event["subject"] for event in supervisor.json()} == subjects, "two orders, and the fault")
        wait_for(
            lambda: any("engine_fault" in heartbeat["refused"] for heartbeat in system.json("state")[-1:]),
            "the fault counted",
        )
        beat = system.json("state")[-1]
        wait_for(lambda: system.json("system/alerts"), "told to everyone")
        for mailbox in (supervisor, system, gateway):
            mailbox.close()
    faults = [event for event in supervisor.json() if event["subject"] == "system"]
    assert [(event["data"]["severity"], event["data"]["cause"]) for event in faults] == [("critical", "engine_fault")]
    assert beat["refused"] == {"engine_fault": 1}
    assert beat["accepted"] == 5
    with contextlib.closing(Journal(tmp_path / "state" / "journal.sqlite3", read_only=True)) as journal:
        kept = [given for stored in journal.steps() for given in stored.inputs if given.refusal is not None]
    assert [(json.loads(given.payload)["seq"], given.refusal) for given in kept] == [(POISON, "engine_fault")]
    assert {line["event"] for line in logs if line["log_level"] == "error"} == {"the engine failed"}
    assert "52.5" not in repr(logs)


def test_orders_that_break_the_engine_leave_the_old_ones_in_force(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def poisoned_by_orders(state: State, inputs: Sequence[Input], at_ms: int) -> tuple[State, Events, int]:
        result = step(state, inputs, at_ms)
        if any(isinstance(given, Revision) and len(given.book.orders) == 2 for given in inputs):
            raise ZeroDivisionError("at 52.513579, 4.123456")
        return result

    monkeypatch.setattr(pipeline, "step", poisoned_by_orders)
    folder = tmp_path / "orders"
    folder.mkdir()
    (folder / "orders.toml").write_text(orders(3), encoding="utf-8")
    with capture_logs() as logs, serving(tmp_path / "state", watch=OrdersWatch(folder)) as place:
        watcher = Mailbox(place, USER, (HEARTBEAT, "proximity/v1/system/alerts"))
        before = wait_for(lambda: watcher.json("state"), "a heartbeat")[-1]["orders_revision"]
        (folder / "orders.toml").write_text(orders(2), encoding="utf-8")
        wait_for(lambda: watcher.json("alerts"), "told to everyone")
        wait_for(lambda: any("engine failed on the new orders" in line["event"] for line in logs), "the log")
        assert watcher.json("state")[-1]["orders_revision"] == before
        assert "device/w-2" in place_of(tmp_path / "state").passwords
        (folder / "orders.toml").write_text(orders(1), encoding="utf-8")
        wait_for(lambda: watcher.json("state")[-1]["orders_revision"] != before, "orders that do not break it")
        wait_for(lambda: "device/w-2" not in place_of(tmp_path / "state").passwords, "their users")
        watcher.close()
    (fault,) = watcher.json("alerts")
    assert (fault["data"]["severity"], fault["data"]["cause"]) == ("critical", "engine_fault")
    assert "52.5" not in repr(logs)


def keep_sending(gateway: Mailbox, off: float, until: Callable[[], object], what: str) -> None:
    """Both parties of one order report every tenth of a second."""

    def look() -> object:
        for device, phase in (("w-1", off), ("p-1", 0.0)):
            gateway.send(fix_topic(device), fix(1, phase, now_ms(), 1))
        time.sleep(0.1)
        return until()

    wait_for(look, what)


def changes(mailbox: Mailbox) -> list[str]:
    return [event["type"].rpartition(".")[2] for event in mailbox.json("/alerts")]


def test_what_was_resolved_long_ago_leaves_its_retained_topic(tmp_path: Path) -> None:
    with serving(tmp_path / "state", Alerts(archive_after_s=1.0), Judging(apart_for_s=1.0)) as place:
        supervisor = Mailbox(place, USER, (INCIDENTS, ALERTS))
        gateway = Mailbox(place, GATEWAY)
        keep_sending(gateway, 0.0, lambda: changes(supervisor) == ["opened"], "opened")
        keep_sending(gateway, 4.0, lambda: changes(supervisor) == ["opened", "resolved"], "resolved")
        topic = next(topic for topic, body, _ in supervisor.messages if "/incidents/" in topic and body)
        wait_for(lambda: (topic, b"", False) in supervisor.messages, "the retained topic cleared")
        late = Mailbox(place, USER, (INCIDENTS, HEARTBEAT))
        wait_for(lambda: late.messages, "what is retained")
        time.sleep(0.5)
        assert {topic for topic, _, _ in late.messages} == {HEARTBEAT}
        for mailbox in (supervisor, gateway, late):
            mailbox.close()


def test_a_broker_that_dies_is_started_again_and_everyone_comes_back(tmp_path: Path) -> None:
    with serving(tmp_path / "state") as place:
        supervisor = Mailbox(place, USER, (ALERTS, HEARTBEAT), keep="the-supervisor")
        gateway = Mailbox(place, GATEWAY)
        wait_for(lambda: any(beat["state"] == "running" for beat in supervisor.json("state")), "that we are heard")
        endpoint = tmp_path / "state" / "broker" / "endpoint.json"
        before = msgspec.json.decode(endpoint.read_bytes())["pid"]
        os.kill(before, signal.SIGKILL)
        wait_for(lambda: msgspec.json.decode(endpoint.read_bytes())["pid"] != before, "another broker")
        assert place_of(tmp_path / "state").port == place.port
        keep_sending(gateway, 0.0, lambda: changes(supervisor) == ["opened"], "an alert through the new broker")
        supervisor.close()
        gateway.close()
    with contextlib.closing(Journal(tmp_path / "state" / "journal.sqlite3", read_only=True)) as journal:
        topics = [
            json.loads(given.payload)["connected"]
            for stored in journal.steps()
            for given in stored.inputs
            if given.topic == pipeline.CONNECTION
        ]
    assert topics == [True, False, True], "that we could not hear is in the journal"


def test_a_supervisor_acknowledges_their_own_incidents_only(tmp_path: Path) -> None:
    with serving(tmp_path / "state") as place:
        supervisor = Mailbox(place, USER, (ALERTS,))
        gateway = Mailbox(place, GATEWAY)
        keep_sending(gateway, 0.0, lambda: changes(supervisor) == ["opened"], "opened")
        opened = supervisor.json("/alerts")[0]
        supervisor.send(COMMANDS, {"command": "acknowledge", "incident": opened["data"]["incident"], "by": "s-1"})
        wait_for(lambda: changes(supervisor) == ["opened", "acknowledged"], "acknowledged")
        seen = supervisor.json("/alerts")[1]["data"]
        assert seen["acknowledged"] is True
        assert seen["separation"] == opened["data"]["separation"], "what was known is not forgotten"
        supervisor.send(COMMANDS, {"command": "acknowledge", "incident": "o-0:separation:w_p:1", "by": "s-1"})
        supervisor.send(COMMANDS, b"what?")
        wait_for(lambda: len(supervisor.messages) == 4, "both refused, visibly")
        refused = supervisor.json("/alerts")[2:]
        assert [event["type"] for event in refused] == ["nl.contactverboden.command.refused"] * 2
        assert [event["data"]["reason"] for event in refused] == ["unknown_incident", "not_json"]
        assert [event["data"]["incident"] for event in refused] == ["o-0:separation:w_p:1", None]
        supervisor.close()
        gateway.close()
