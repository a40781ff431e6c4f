# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The victim-proximity monitor authors
import contextlib
import json
import random
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import pytest

from proximity.service.journal import Journal
from tests.live import Mailbox, Service, running, wait_for
from tests.traffic import ALERTS, INCIDENTS, SETTINGS, USER, Traffic, orders

PAIRS = 40  # a device keeps 32 fixes to know duplicates by: here those of the last six seconds
KILLS = 10
QUIET = ("lowered", "updated")


def replayed(journal: Path) -> list[bytes]:
    done = subprocess.run(
        [sys.executable, "-m", "proximity", "replay", "--journal", str(journal)], capture_output=True, check=True
    )
    return done.stdout.splitlines()


def now_ms() -> int:
    return time.time_ns() // 1_000_000


@pytest.mark.slow
def test_killed_ten_times_under_load_nothing_is_lost_and_nothing_doubled(tmp_path: Path) -> None:
    chance = random.Random(11)
    service = Service(tmp_path, orders(PAIRS), SETTINGS)
    with running(service):
        place = service.ready()
        subscriber = Mailbox(place, USER, (ALERTS, INCIDENTS), keep="the-supervisor")
        traffic = Traffic(place, PAIRS, 400, now_ms)
        traffic.start()
        for _ in range(KILLS):
            time.sleep(chance.uniform(0.1, 2.0))
            service.kill()
            service.start()
            assert service.ready().port == place.port
        time.sleep(3)
        traffic.stop()
        confirmed = traffic.confirmed
        wait_for(lambda: taken(service.journal) >= set(confirmed), "every confirmed fix in the journal")
        wait_for(lambda: quiet_beat(service), "no letter unconfirmed")
        wait_for(
            lambda: told_to(subscriber) == loud(service.journal), "every alert, though some only after the ack_wait"
        )
        subscriber.close()
        assert service.stop() == 0
    with contextlib.closing(Journal(service.journal, read_only=True)) as journal:
        stored = list(journal.steps())
    fixes = Counter(given.payload for step in stored for given in step.inputs if given.refusal is None)
    assert len(confirmed) > 1_000
    assert {fixes[body] for body in confirmed} == {1}, "a fix is missing, or was taken twice"
    bodies = [body for step in stored for body in step.bodies]
    assert replayed(service.journal) == bodies
    events = [json.loads(body) for body in bodies]
    assert len(events) > 20
    told = Counter(event["id"] for event in events)
    assert set(told.values()) == {1}
    assert told_to(subscriber) <= loud(service.journal)


def told_to(subscriber: Mailbox) -> set[str]:
    return {event["id"] for event in subscriber.json("/alerts")}


def loud(journal: Path) -> set[str]:
    """The events that ask something of someone."""
    with contextlib.closing(Journal(journal, read_only=True)) as opened:
        events = [json.loads(body) for stored in opened.steps() for body in stored.bodies]
    asking = [event for event in events if "folded_into" not in event["data"]]
    return {event["id"] for event in asking if event["type"].rpartition(".")[2] not in QUIET}


def taken(journal: Path) -> set[bytes]:
    with contextlib.closing(Journal(journal, read_only=True)) as opened:
        return {given.payload for step in opened.steps() for given in step.inputs if given.refusal is None}


def quiet_beat(service: Service) -> dict[str, int] | None:
    place = service.place()
    assert place is not None
    beat = service.await_heartbeat(place, "engine")
    return beat if beat["unconfirmed_alerts"] == 0 and beat["queued"] == 0 else None
