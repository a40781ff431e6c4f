# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The victim-proximity monitor authors
"""How often devices are asked to report, as they hear it from the real service over real brokers (docs/wanted.md)."""

import contextlib
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from proximity.settings.orders import parse_orders
from tests.brokers import BROKERS, running_mosquitto
from tests.live import HEARTBEAT, Mailbox, Place, Service, running, wait_for
from tests.traffic import METRES_PER_DEGREE, SETTINGS, fix_topic

ORDERS = """
[[parties]]
id = "w-17"
devices = [{id = "ank-001", kind = "tag", interval_s = 60, rest_interval_s = 300}]
[[parties]]
id = "p-04"
devices = [{id = "vic-001", kind = "phone", interval_s = 15, rest_interval_s = 60}]
[[orders]]
id = "o-1"
region = "test"
supervisor = "team-a"
valid_from = 2024-01-01T00:00:00Z
wearers = ["w-17"]
protected = ["p-04"]
separation = {limit_m = 500}
"""
OVER = ORDERS.replace("valid_from", "valid_until = 2025-01-01T00:00:00Z\nvalid_from")
DEVICES = ("ank-001", "vic-001")
SHORT = {"interval_s": 15, "rest_interval_s": 15}


@contextlib.contextmanager
def behind(broker: str, folder: Path) -> Iterator[tuple[Service, Place]]:
    """A service and the broker that it uses."""
    if broker == "embedded":
        service = Service(folder, ORDERS, SETTINGS)
        with running(service):
            yield service, service.ready()
        return
    book, faults = parse_orders({"orders.toml": ORDERS})
    assert book is not None, faults
    with running_mosquitto(folder / "mosquitto", book) as found:
        password = folder / "password"
        password.write_text(found.passwords["engine"], encoding="utf-8")
        url = f'[mqtt]\nurl = "mqtt://{found.host}:{found.port}"\nusername = "engine"\npassword_file = "{password}"\n'
        service = Service(folder, ORDERS, url + SETTINGS)
        with running(service):
            service.await_heartbeat(found.place, "engine")
            yield service, found.place


def started_again(service: Service, place: Place, broker: str) -> Place:
    """An embedded broker is another one, which knows what stood on its topics."""
    service.start()
    if broker == "embedded":
        return service.ready()
    service.await_heartbeat(place, "engine")
    return place


def config(device: str) -> str:
    return f"proximity/v1/devices/{device}/config"


def listen(place: Place) -> dict[str, Mailbox]:
    """Every device at its own topic, and at the heartbeat's: when that has come, what stood on the first has come."""
    return {device: Mailbox(place, f"device/{device}", (config(device), HEARTBEAT)) for device in DEVICES}


def asked_of(mailbox: Mailbox) -> list[Any]:
    """What it was asked for until now, once it has heard a heartbeat."""
    wait_for(lambda: any(topic == HEARTBEAT for topic, _, _ in mailbox.messages), "a heartbeat")
    return mailbox.json("/config")


def leave(devices: dict[str, Mailbox]) -> None:
    for mailbox in devices.values():
        mailbox.close()


def cleared(place: Place) -> bool:
    """Whether nothing stands on any topic of theirs."""
    later = listen(place)
    kept = [wish for mailbox in later.values() for wish in asked_of(mailbox)]
    leave(later)
    return not kept


def report(devices: dict[str, Mailbox], apart_m: float) -> None:
    for device, off_m in zip(DEVICES, (apart_m, 0.0), strict=True):
        fix = {"fixed_at": time.time_ns() // 1_000_000, "lat": 40.0 + off_m / METRES_PER_DEGREE, "lon": 4.0}
        devices[device].send(fix_topic(device), {**fix, "accuracy_m": 8, "speed_mps": 0})


@pytest.mark.parametrize("broker", BROKERS)
def test_devices_hear_how_often_they_are_wanted_until_their_order_ends(tmp_path: Path, broker: str) -> None:
    with behind(broker, tmp_path) as (service, place):
        devices = listen(place)
        report(devices, 9_000.0)
        time.sleep(1.5)
        assert [asked_of(mailbox) for mailbox in devices.values()] == [[], []]  # nothing is asked of who is far away
        report(devices, 100.0)
        wait_for(lambda: [asked_of(mailbox) for mailbox in devices.values()] == [[SHORT], [SHORT]], "both asked")
        leave(devices)
        assert not cleared(place)
        time.sleep(1.2)  # a snapshot
        service.kill()
        (service.folder / "orders" / "orders.toml").write_text(OVER, encoding="utf-8")
        place_again = started_again(service, place, broker)
        wait_for(lambda: cleared(place_again), "nothing on the topics of devices that serve no order")


@pytest.mark.parametrize("broker", BROKERS)
def test_a_device_that_comes_later_hears_what_is_wanted_of_it_alone(tmp_path: Path, broker: str) -> None:
    with behind(broker, tmp_path) as (service, place):
        devices = listen(place)
        report(devices, 100.0)
        wait_for(lambda: all(map(asked_of, devices.values())), "both asked")
        leave(devices)
        service.kill()
        place_again = started_again(service, place, broker)
        later = listen(place_again)
        wait_for(lambda: all(map(asked_of, later.values())), "both told again")
        for device, mailbox in later.items():
            wishes = [message for message in mailbox.messages if message[0] != HEARTBEAT]
            assert {topic for topic, _, _ in wishes} == {config(device)}
            assert asked_of(mailbox) == [SHORT] * len(wishes)
            assert wishes[0][2]  # it stood there
        leave(later)
