# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The victim-proximity monitor authors
"""The embedded broker's life: start, users, limits, loss and end, with the real server."""

import os
import signal
import socket
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import msgspec
import psutil
import pytest

from proximity.model.orders import OrderBook
from proximity.service import broker as broker_module
from proximity.service import broker_login
from proximity.service.broker import EmbeddedBroker, Endpoint
from proximity.service.credentials import BrokerFault
from proximity.settings.service import Broker
from tests.brokers import HOST, RunningBroker, Visitor, book, free_port, listens, runs, visiting
from tests.live import wait_for

ROOT = Path(__file__).parents[2]
TLS = Path(__file__).parent / "tls"
FIX = "proximity/v1/devices/a/fix"
A_TEAM = "supervisor/rotterdam/team-a"
ALERTS = "reclassering/v1/rotterdam/team-a/alerts"
# A service that starts a broker, says its process, and waits.
SERVICE = """
import sys, time
from pathlib import Path
from proximity.service.broker import EmbeddedBroker
from proximity.settings.service import Broker
from tests.brokers import book
broker = EmbeddedBroker(Broker(), Path(sys.argv[1]), book("a"), print, print)
print(broker.start().pid, flush=True)
time.sleep(60)
"""


class Kept:
    """A broker, with what it said."""

    def __init__(self, folder: Path, orders: OrderBook | None = None, settings: Broker | None = None) -> None:
        self.folder = folder / "broker"
        self.refused: list[str] = []
        self.said: list[str] = []
        self.broker = EmbeddedBroker(
            settings or Broker(), folder, orders or book("a", "b"), self.refused.append, self.said.append
        )

    def start(self) -> RunningBroker:
        return self._as_running(self.broker.start())

    def restart(self) -> RunningBroker:
        return self._as_running(self.broker.restart())

    def _as_running(self, endpoint: Endpoint) -> RunningBroker:
        return RunningBroker(
            "embedded", endpoint.host, endpoint.port, self.broker.credentials.users, endpoint.pid
        )  # fmt: skip


@pytest.fixture
def kept(tmp_path: Path) -> Iterator[Kept]:
    made = Kept(tmp_path)
    yield made
    made.broker.stop()


def fault_of(broker: EmbeddedBroker) -> str:
    """What it says instead of starting; nothing is left running and no address is told."""
    with pytest.raises(BrokerFault) as fault:
        broker.start()
    assert not broker.alive()
    assert not psutil.Process().children()
    assert "\n" not in str(fault.value)
    return str(fault.value)


def test_its_files_say_where_it_listens_and_who_may_log_in(kept: Kept) -> None:
    running = kept.start()
    endpoint, credentials = kept.folder / "endpoint.json", kept.folder / "credentials.json"
    assert msgspec.json.decode(endpoint.read_bytes()) == {
        "host": "127.0.0.1", "port": running.port, "pid": running.pid, "tls": False,
    }  # fmt: skip
    assert set(msgspec.json.decode(credentials.read_bytes())["users"]) == {
        "engine", "device/a", "device/b", A_TEAM, "supervisor/rotterdam/team-b",
    }  # fmt: skip
    assert credentials.stat().st_mtime_ns <= endpoint.stat().st_mtime_ns
    secret = [file for file in kept.folder.iterdir() if file.is_file()]
    assert {stat.S_IMODE(file.stat().st_mode) for file in secret} == {0o600}
    assert stat.S_IMODE(kept.folder.stat().st_mode) == 0o700


def test_stopping_takes_less_than_two_seconds_and_leaves_nothing(kept: Kept) -> None:
    running = kept.start()
    visitors = [Visitor(running, "device/a", keep=f"phone-{number}") for number in range(20)]
    assert all(visitor.subscribe("proximity/v1/system/state") for visitor in visitors)
    began_s = time.monotonic()
    kept.broker.stop()
    assert time.monotonic() - began_s < 2.0
    assert not psutil.pid_exists(running.pid)
    assert not listens(running.port)
    assert not (kept.folder / "endpoint.json").exists()
    assert not kept.broker.alive()
    kept.broker.stop()
    for visitor in visitors:
        visitor.leave()


def test_it_cannot_be_started_twice(kept: Kept, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    kept.start()
    with pytest.raises(RuntimeError, match="started already"):
        kept.broker.start()
    monkeypatch.setattr(broker_module, "RELEASE_WAIT_S", 0.2)
    second = Kept(tmp_path)
    with pytest.raises(BrokerFault, match="another broker works on this store"):
        second.broker.start()
    assert kept.broker.alive()


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_it_ends_when_the_service_is_killed_and_the_next_one_takes_its_place(
    tmp_path: Path, number: signal.Signals
) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", SERVICE, str(tmp_path)], cwd=ROOT, stdout=subprocess.PIPE, text=True
    ) as service:
        assert service.stdout is not None
        pid = int(service.stdout.readline())
        before = msgspec.json.decode((tmp_path / "broker" / "endpoint.json").read_bytes())
        assert before["pid"] == pid
        assert listens(before["port"])
        service.send_signal(number)
        service.wait(5)
        wait_for(lambda: not runs(pid), "the broker's end", 2.0)
    kept = Kept(tmp_path, book("a"))
    try:
        assert kept.start().port == before["port"]
    finally:
        kept.broker.stop()


def test_nats_own_protocol_lets_nobody_in(kept: Kept) -> None:
    running = kept.start()
    ports = {line.laddr.port for line in psutil.Process(running.pid).net_connections() if line.status == "LISTEN"}
    assert running.port in ports
    others = ports - {running.port}
    assert others
    users = [None, *running.passwords.items()]
    for port in others:
        for user in users:
            login = {} if user is None else {"user": user[0], "pass": user[1]}
            with socket.create_connection((HOST, port), 5) as line, line.makefile("rb") as answers:
                assert answers.readline().startswith(b"INFO ")
                line.sendall(b"CONNECT " + msgspec.json.encode({"verbose": True, **login}) + b"\r\nPING\r\n")
                assert answers.readline().startswith(b"-ERR 'Authorization Violation'"), user


def test_new_orders_add_and_cut_users_and_leave_the_others_alone(kept: Kept) -> None:
    running = kept.start()
    with visiting(running, "engine", "#") as engine, visiting(running, "device/a", keep="a") as stays:
        goes = Visitor(running, "device/b")
        kept.broker.update(book("a", "c", supervisors=["team-b", "team-c"]))
        users = dict(kept.broker.credentials.users)
        assert set(users) == {
            "engine", "device/a", "device/c", "supervisor/rotterdam/team-b", "supervisor/rotterdam/team-c",
        }  # fmt: skip
        assert goes.cut.wait(2), "who is gone is still connected"
        assert Visitor(running, "device/b").answer == "Not authorized"
        now = running._replace(passwords=users)
        with visiting(now, "device/c") as comes:
            comes.send("proximity/v1/devices/c/fix", b"new")
            stays.send(FIX, b"old")
        wait_for(lambda: len(engine.got) == 2, "both fixes")
        assert not stays.cut.is_set()
        assert not engine.cut.is_set()
    assert msgspec.json.decode((kept.folder / "credentials.json").read_bytes())["users"] == users


def test_new_rights_of_a_user_hold_at_once(kept: Kept) -> None:
    running = kept.start()
    with visiting(running, "engine", "owntracks/#") as engine:
        kept.broker.update(book("a", "b", owntracks={"a": "p04/phone"}))
        with visiting(running, "device/a") as phone:
            phone.send("owntracks/p04/phone", b"here")
            wait_for(lambda: engine.got == [("owntracks/p04/phone", b"here")], "the phone's message")
        kept.broker.update(book("a", "b"))
        with visiting(running, "device/a") as phone, visiting(running, "device/b") as other:
            phone.send("owntracks/p04/phone", b"again")
            other.send("proximity/v1/devices/b/fix")
        wait_for(lambda: "forbidden" in kept.refused, "the refusal")
        assert len(engine.got) == 1


def test_new_orders_reach_a_broker_that_is_down_when_it_is_back(kept: Kept) -> None:
    running = kept.start()
    os.kill(running.pid, signal.SIGKILL)
    wait_for(lambda: not kept.broker.alive(), "its end")
    kept.broker.update(book("c"))
    with visiting(kept.restart(), "device/c") as comes:
        comes.send("proximity/v1/devices/c/fix")


def test_a_killed_server_is_seen_and_what_it_confirmed_is_there_again_on_the_same_port(kept: Kept) -> None:
    running = kept.start()
    with visiting(running, "engine", "proximity/v1/devices/+/fix", keep="ingest"):
        pass
    sent = [f"{number}".encode() for number in range(300)]
    device = Visitor(running, "device/a")
    for body in sent:
        device.client.publish(FIX, body, 1)
    device.send(FIX, b"last")  # confirmed in order: all are
    assert kept.broker.alive()
    os.kill(running.pid, signal.SIGKILL)
    wait_for(lambda: not kept.broker.alive(), "its end")
    device.leave()
    again = kept.restart()
    assert (again.port, again.passwords) == (running.port, running.passwords)
    assert again.pid != running.pid
    with visiting(again, "engine", keep="ingest") as engine:
        wait_for(lambda: len(engine.got) >= len(sent) + 1, "what was confirmed")
        assert [body for _, body in engine.got] == [*sent, b"last"]


def test_what_was_not_acknowledged_comes_again_after_two_seconds(kept: Kept) -> None:
    running = kept.start()
    with visiting(running, "engine", keep="ingest") as engine:
        engine.client.manual_ack_set(on=True)
        assert engine.subscribe(FIX)
        with visiting(running, "device/a") as device:
            device.send(FIX, b"once")
        wait_for(lambda: engine.got, "the fix")
    began_s = time.monotonic()
    with visiting(running, "engine", keep="ingest") as again:
        wait_for(lambda: again.got == [(FIX, b"once")], "the fix again", 4.0)
    assert time.monotonic() - began_s < 4.0  # the server's own default is 30 s


def test_what_is_refused_is_told(kept: Kept) -> None:
    running = kept.start()
    with visiting(running, "device/a") as device:
        device.send("proximity/v1/devices/b/fix")
        assert not device.subscribe("#")
    wait_for(lambda: kept.refused == ["forbidden", "forbidden"], "two topics of others")
    Visitor(running, "device/a", "wrong").leave()
    wait_for(lambda: kept.refused[2:] == ["unauthorized"], "a wrong password")
    assert Visitor(running, "device/a", keep="maximum payload exceeded").answer == "Client identifier not valid"
    Visitor(running, "device/a", "wrong", keep="long" * 10_000).leave()
    wait_for(lambda: kept.refused[3:] == ["unauthorized"], "a wrong password with a long client id")
    with visiting(running, "device/a") as device:
        device.client.publish("a topic/with spaces", b"", 1)
        assert device.cut.wait(5)
    wait_for(lambda: kept.refused[4:] == ["unknown_topic"], "a topic that cannot be")
    assert max(len(line) for line in kept.said) <= 500


@pytest.mark.parametrize(("size", "taken"), [(255 * 1024, True), (257 * 1024, False), (10_000_000, False)])
def test_a_payload_over_the_limit_is_told_and_reaches_nobody(kept: Kept, size: int, taken: bool) -> None:  # noqa: FBT001
    running = kept.start()
    with visiting(running, "engine", "#") as engine, visiting(running, "device/a") as device:
        device.client.publish(FIX, bytes(size), 1)
        if taken:
            wait_for(lambda: len(engine.got) == 1, "the payload")
        else:
            wait_for(lambda: kept.refused == ["too_large"], "the refusal")
            assert device.cut.wait(5)
            assert engine.got == []
            with visiting(running, "device/b") as other:
                other.send("proximity/v1/devices/b/fix", b"small")
            wait_for(lambda: engine.got, "another's fix")


def test_a_full_queue_confirms_nothing_and_the_engine_can_empty_it(kept: Kept, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(broker_module, "QUEUE_MAX_BYTES", 1024 * 1024)
    running = kept.start()
    with visiting(running, "engine", FIX, keep="ingest"):
        pass
    confirmed: list[int] = []
    device = Visitor(running, "device/a")
    device.client.on_publish = lambda _client, _data, number, *_: confirmed.append(number)
    for _ in range(40):
        device.client.publish(FIX, bytes(50_000), 1)
    assert device.cut.wait(5), "the device was not told"
    device.leave()
    assert 10 < len(confirmed) < 22
    assert any("maximum bytes exceeded" in line for line in kept.said)
    with visiting(running, "engine", keep="ingest") as engine:
        wait_for(lambda: len(engine.got) >= len(confirmed), "what was confirmed")
        with visiting(running, "device/a") as device:
            device.send(FIX, b"room again")
        wait_for(lambda: (FIX, b"room again") in engine.got, "the next fix")


def test_a_session_that_stays_away_misses_the_oldest_and_gets_the_newest(
    kept: Kept, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(broker_login, "QUEUE_MAX_S", 1)
    running = kept.start()
    with visiting(running, A_TEAM, ALERTS, keep="team"):
        pass
    with visiting(running, "engine") as engine:
        engine.send(ALERTS, b"old")
        time.sleep(2.5)
        engine.send(ALERTS, b"new")
    with visiting(running, A_TEAM, keep="team") as team:
        wait_for(lambda: team.got, "the alert")
        assert team.got == [(ALERTS, b"new")]


def test_by_default_a_session_may_stay_away_for_a_week(kept: Kept) -> None:
    kept.start()
    limits = msgspec.json.decode(
        (kept.folder / "jetstream" / "$G" / "streams" / "$MQTT_msgs" / "meta.inf").read_bytes()
    )
    assert limits["max_age"] == 7 * 24 * 3600 * 10**9
    assert (limits["max_bytes"], limits["discard"]) == (4 * 2**30, "new")
    assert limits["retention"] == "interest"


def test_a_chosen_port_is_used(tmp_path: Path) -> None:
    port = free_port()
    kept = Kept(tmp_path, settings=Broker(port=port))
    try:
        assert kept.start().port == port
        assert listens(port)
    finally:
        kept.broker.stop()


def test_a_chosen_port_that_is_taken_is_a_fault(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(broker_module, "RELEASE_WAIT_S", 0.2)
    with socket.create_server((HOST, 0)) as other:
        port = other.getsockname()[1]
        said = fault_of(Kept(tmp_path, settings=Broker(port=port)).broker)
    assert said == f"[broker] port {port} on 127.0.0.1 is taken: stop what listens there, or choose another port"


def test_a_host_that_is_not_this_machines_is_a_fault(tmp_path: Path) -> None:
    said = fault_of(Kept(tmp_path, settings=Broker(host="192.0.2.1")).broker)
    assert said.startswith("[broker] cannot listen on 192.0.2.1 port 0 (")


def test_a_state_folder_that_cannot_be_written_is_a_fault(tmp_path: Path) -> None:
    (tmp_path / "state").write_text("a file", encoding="utf-8")
    said = fault_of(Kept(tmp_path / "state").broker)
    assert said.startswith(f"{tmp_path}/state/broker: cannot be written (")
    assert said.endswith("): choose another state_dir")


@pytest.mark.parametrize("content", [b"", b"{", b"\xff", b'{"host": "h", "port": 99999, "pid": 1, "tls": false}'])
def test_a_broken_endpoint_file_is_replaced(kept: Kept, content: bytes) -> None:
    kept.folder.mkdir(parents=True)
    (kept.folder / "endpoint.json").write_bytes(content)
    running = kept.start()
    assert msgspec.json.decode((kept.folder / "endpoint.json").read_bytes())["port"] == running.port


def test_a_state_folder_may_have_any_name(tmp_path: Path) -> None:
    kept = Kept(tmp_path / 'dossier\'s "Zuid" $HOME é {x}')
    try:
        assert listens(kept.start().port)
        assert (kept.folder / "jetstream").is_dir()
    finally:
        kept.broker.stop()


def with_tls(host: str = HOST) -> Broker:
    return Broker(host=host, tls_certificate_file=TLS / "broker.pem", tls_key_file=TLS / "broker.key")


@pytest.mark.parametrize("host", [HOST, "0.0.0.0"])  # noqa: S104 - with TLS
def test_with_a_certificate_it_speaks_tls_only(tmp_path: Path, host: str) -> None:
    kept = Kept(tmp_path, settings=with_tls(host))
    try:
        running = kept.start()
        assert msgspec.json.decode((kept.folder / "endpoint.json").read_bytes())["tls"] is True
        visitor = Visitor(running, "device/a", ca_file=TLS / "broker.pem")
        assert visitor.answer == ""
        kept.broker.update(book("a", "c"))
        visitor.send(FIX)
        assert not visitor.cut.is_set()
        visitor.leave()
        with pytest.raises(AssertionError, match="an answer to the login"):
            Visitor(running, "device/a", answer_within_s=1.0)
    finally:
        kept.broker.stop()


def test_a_certificate_that_cannot_be_used_is_a_fault(tmp_path: Path) -> None:
    certificate = tmp_path / "bad.pem"
    certificate.write_text("no certificate", encoding="utf-8")
    said = fault_of(Kept(tmp_path, settings=Broker(tls_certificate_file=certificate, tls_key_file=certificate)).broker)
    assert "the broker did not start" in said
    assert "certificate" in said


@pytest.mark.slow
def test_ten_thousand_devices(tmp_path: Path) -> None:
    names = [f"ank-{number}" for number in range(10_000)]
    kept = Kept(tmp_path, book(*names))
    try:
        running = kept.start()
        assert (kept.folder / "nats.conf").stat().st_size < 8_000_000
        with visiting(running, "device/ank-9999") as last:
            began_s = time.monotonic()
            kept.broker.update(book(*names[1:]))
            assert time.monotonic() - began_s < 10.0
            last.send("proximity/v1/devices/ank-9999/fix")
            assert not last.cut.is_set()
            assert Visitor(running, "device/ank-0").answer == "Not authorized"
    finally:
        kept.broker.stop()
