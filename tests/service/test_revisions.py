# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The victim-proximity monitor authors
"""Orders that change while the real service runs."""

import contextlib
import itertools
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from proximity.service import pipeline
from proximity.service.journal import Journal
from tests.brokers import Visitor, visiting
from tests.live import HEARTBEAT, Mailbox, Place, Service, running, wait_for
from tests.traffic import ALERTS, GATEWAY, METRES_PER_DEGREE, SETTINGS, USER, fix_topic

WELL_APART_M = 5_000.0
ORDERS = """
[[parties]]
id = "p-1"
devices = [{{id = "{phone}", kind = "phone", interval_s = 60}}]
[[orders]]
id = "o-1"
region = "test"
supervisor = "team-a"
valid_from = 2024-01-01T00:00:00Z
wearers = ["w-1"]
protected = ["p-1"]
separation = {{limit_m = {limit_m}, warning_m = 2000, emergency_m = 100}}
"""
ZONE = """[[orders.zones]]
id = "home"
kind = "exclusion"
circle = {lat = 519.2255, lon = 4.0, radius_m = 400}
"""


def text(limit_m: float = 500, phone: str = "vic-1") -> str:
    return ORDERS.format(limit_m=limit_m, phone=phone)


def put(service: Service, content: str) -> None:
    """As one should: written beside it, under a hidden name, and then put in its place."""
    beside = service.folder / "orders" / ".orders.toml.new"
    beside.write_text(content, encoding="utf-8")
    beside.replace(service.folder / "orders" / "orders.toml")


def now_ms() -> int:
    return time.time_ns() // 1_000_000


class Scene:
    """A service that judges one wearer and one protected person, and everyone who listens to it."""

    def __init__(self, service: Service, place: Place) -> None:
        self.service, self.place = service, place
        self.supervisor = Mailbox(place, USER, (ALERTS,))
        self.watcher = Mailbox(place, USER, (HEARTBEAT,))
        self.gateway = Mailbox(place, GATEWAY)
        self._seq = 0

    def stand(self, apart_m: float, phone: str = "vic-1") -> None:
        """Both report once."""
        self._seq += 1
        for device, off_m in (("w-1", apart_m), (phone, 0.0)):
            payload = {"fixed_at": now_ms(), "lat": 40.0 + off_m / METRES_PER_DEGREE, "lon": 4.0, "accuracy_m": 8}
            self.gateway.send(fix_topic(device), {**payload, "seq": self._seq})

    def stand_until(self, apart_m: float, look: Callable[[], object], what: str, phone: str = "vic-1") -> None:
        """Both report every tenth of a second."""

        def report() -> object:
            self.stand(apart_m, phone)
            time.sleep(0.1)
            return look()

        wait_for(report, what)

    @property
    def beat(self) -> dict[str, Any]:
        """The last heartbeat."""
        self.service.check()
        beats: list[dict[str, Any]] = wait_for(self.watcher.json, "a heartbeat")
        return beats[-1]

    def revised(self) -> Callable[[], bool]:
        """Whether other orders are in force than at this call."""
        before = self.beat["orders_revision"]
        return lambda: self.beat["orders_revision"] != before

    def told(self) -> list[tuple[str, str]]:
        """Every alert of the link, as its change and level."""
        events = [event for event in self.supervisor.json() if event["data"]["kind"] == "separation"]
        return [(event["type"].rpartition(".")[2], event["data"]["level"]) for event in events]

    def told_of_orders(self) -> list[str]:
        """The cause of every alert about the orders themselves."""
        return [event["data"]["cause"] for event in self.supervisor.json() if ":orders:" in event["id"]]

    def close(self) -> None:
        for mailbox in (self.supervisor, self.watcher, self.gateway):
            mailbox.close()


@contextlib.contextmanager
def scene(folder: Path) -> Iterator[Scene]:
    service = Service(folder, text(), SETTINGS)
    with running(service):
        made = Scene(service, service.ready())
        try:
            yield made
        finally:
            made.close()


def bodies(journal: Path) -> list[bytes]:
    with contextlib.closing(Journal(journal, read_only=True)) as opened:
        return [body for stored in opened.steps() for body in stored.bodies]


def revisions(journal: Path) -> int:
    with contextlib.closing(Journal(journal, read_only=True)) as opened:
        return sum(given.topic == pipeline.ORDERS for stored in opened.steps() for given in stored.inputs)


def replayed(journal: Path) -> list[bytes]:
    command = [sys.executable, "-m", "proximity", "replay", "--journal", str(journal)]
    return subprocess.run(command, capture_output=True, check=True).stdout.splitlines()


def test_a_changed_limit_takes_hold_without_a_restart_and_replays(tmp_path: Path) -> None:
    with scene(tmp_path) as played:
        played.stand_until(800.0, lambda: played.told() == [("opened", "warning")], "a warning at 800 m")
        revised = played.revised()
        put(played.service, text(limit_m=1_000))
        played.stand_until(800.0, lambda: ("raised", "breach") in played.told(), "a breach of the new limit")
        wait_for(revised, "the heartbeat to say so")
        now = played.beat
        put(played.service, "# why the limit is what it is\n" + text(limit_m=1_000))
        time.sleep(4)
        assert played.service.stop() == 0
        first, *_, last = played.supervisor.json()
    assert first["data"]["orders_revision"] != last["data"]["orders_revision"] == now["orders_revision"]
    assert now["orders_faults"] == 0
    assert first["data"]["incident"] == last["data"]["incident"], "the incident goes on"
    assert revisions(played.service.journal) == 2, "a comment is no revision"
    assert len(bodies(played.service.journal)) >= 2
    assert replayed(played.service.journal) == bodies(played.service.journal)


def test_faulty_orders_are_refused_whole_and_told_and_sighup_tells_them_again(tmp_path: Path) -> None:
    with scene(tmp_path) as played:
        service, revised = played.service, played.revised()
        put(service, text(limit_m=-5) + ZONE + text().replace('"o-1"', '"o-2"'))
        wait_for(lambda: played.beat["orders_faults"], "the heartbeat to say it")
        said = [line for line in service.said().splitlines() if 'what="a fault in the orders"' in line]
        assert played.beat["orders_faults"] == len(said)
        separation, circle = (next(line for line in said if part in line) for part in ("limit_m", "circle.lat"))
        assert "value=-5" in separation
        assert "metres" in separation
        assert 'orders[\\"o-1\\"].separation.limit_m' in separation
        assert f"file={service.folder / 'orders' / 'orders.toml'}" in separation
        assert "value=#" in circle
        said_of_places = re.sub(r"\b(at|port|process)=\S+", "", service.said())  # which may have any digits
        assert "519" not in said_of_places, "a log tells no place"
        assert not revised(), "and no part of them is in force"
        wait_for(lambda: played.told_of_orders() == ["orders_refused"], "an alert to every supervisor")
        assert service.process is not None
        service.process.send_signal(signal.SIGHUP)
        wait_for(lambda: service.said().count("a fault in the orders") == 2 * len(said), "them again")
        put(service, text())
        wait_for(lambda: played.beat["orders_faults"] == 0, "the old ones to be taken for what they are")
        assert not revised()
        service.process.send_signal(signal.SIGHUP)
        wait_for(lambda: service.said().count("are those that were taken before") == 2, "an answer to the signal")
        wait_for(lambda: played.told_of_orders() == ["orders_refused", "orders_taken"], "that they are well again")
        assert service.stop() == 0
    assert revisions(service.journal) == 1
    assert replayed(service.journal) == bodies(service.journal)


@pytest.mark.slow
def test_what_is_half_written_is_not_taken(tmp_path: Path) -> None:
    with scene(tmp_path) as played:
        file, revised = played.service.folder / "orders" / "orders.toml", played.revised()
        content = text() + text().replace('"p-1"', '"p-2"').replace("vic-1", "vic-2").replace('"o-1"', '"o-2"')
        size = len(content) // 7
        with file.open("w", encoding="utf-8") as slowly:
            for start in range(0, len(content), size):
                slowly.write(content[start : start + size])
                slowly.flush()
                (file.parent / ".orders.toml.swp").write_text("[[", encoding="utf-8")
                (file.parent / "orders.toml~").write_text("[[", encoding="utf-8")
                time.sleep(0.7)
                assert not revised()
        wait_for(revised, "the whole")
        assert "a fault in the orders" not in played.service.said()
        wait_for(lambda: "the users are those of the orders" in played.service.said(), "the broker")
        with visiting(wait_for(played.service.place, "its address"), "device/vic-2"):
            pass
        assert played.service.stop() == 0
    assert revisions(played.service.journal) == 2


def test_a_phone_replaced_in_the_middle_of_an_incident_carries_it_on(tmp_path: Path) -> None:
    with scene(tmp_path) as played:
        service = played.service
        old = Visitor(played.place, "device/vic-1")
        assert old.answer == ""
        played.stand_until(400.0, lambda: played.told() == [("opened", "breach")], "a breach")
        put(service, text(phone="vic-2"))
        assert old.cut.wait(20), "the old phone is still connected"
        assert Visitor(played.place, "device/vic-1").answer == "Not authorized"
        place = wait_for(service.place, "the broker")
        assert "device/vic-1" not in place.passwords
        with visiting(place, "device/vic-2") as new:
            before = played.beat["accepted"]
            payload = b'{"fixed_at": %d, "lat": 40.0, "lon": 4.0, "accuracy_m": 8}' % now_ms()
            new.send(fix_topic("vic-2"), payload)
            wait_for(lambda: played.beat["accepted"] > before, "the new phone's fix")
        played.gateway.send(fix_topic("vic-1"), payload)
        wait_for(lambda: played.beat["refused"].get("unknown_device") == 1, "the old phone's fix refused")
        assert played.told() == [("opened", "breach")], "nothing was closed, nothing opened anew"
        played.stand_until(50.0, lambda: ("raised", "emergency") in played.told(), "worse", "vic-2")
        played.stand_until(WELL_APART_M, lambda: ("resolved", "clear") in played.told(), "the end", "vic-2")
        assert service.stop() == 0
        events = [event["data"] for event in played.supervisor.json() if event["data"]["kind"] == "separation"]
    assert len({event["incident"] for event in events}) == 1
    assert len({event["orders_revision"] for event in events}) == 2
    assert replayed(service.journal) == bodies(service.journal)


# A service with a terminal of its own, which is taken away.
AT_TERMINAL = """
import fcntl, os, sys, termios
os.setsid()
fcntl.ioctl(0, termios.TIOCSCTTY, 0)
os.execv(sys.executable, [sys.executable, "-m", "proximity", "run", "--settings", sys.argv[1]])
"""


def test_it_ends_with_the_terminal_that_it_was_started_at(tmp_path: Path) -> None:
    service = Service(tmp_path, text(), SETTINGS)
    ours, its = os.openpty()
    with service.log.open("ab") as log:
        command = [sys.executable, "-c", AT_TERMINAL, str(service.settings)]
        service.process = subprocess.Popen(command, stdin=its, stdout=log, stderr=log)
    os.close(its)
    try:
        service.ready()
        service.process.send_signal(signal.SIGHUP)
        wait_for(lambda: "are those that were taken before" in service.said(), "an answer to the signal")
        os.close(ours)
        assert service.process.wait(5) == 0
    finally:
        service.kill()


@pytest.mark.slow
def test_thousands_of_orders_are_changed_without_a_pause_in_hearing(tmp_path: Path) -> None:
    many = text() + "".join(
        text().replace('"o-1"', f'"o-{number}"').replace("p-1", f"p-{number}").replace("vic-1", f"vic-{number}")
        for number in range(2, 5_000)
    )
    with scene(tmp_path) as played:
        revised = played.revised()
        put(played.service, many)
        wait_for(revised, "thousands of orders")
        wait_for(lambda: "device/vic-4999" in (played.service.place() or played.place).passwords, "their users")
        revised = played.revised()
        put(played.service, many.replace("limit_m = 500", "limit_m = 501", 1))
        wait_for(revised, "one changed limit")
        beats_ms = [beat["now_ms"] for beat in played.watcher.json()]
        assert max(later - sooner for sooner, later in itertools.pairwise(beats_ms)) < 5_000
        assert played.service.stop(within_s=10) == 0
