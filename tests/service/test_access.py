# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The victim-proximity monitor authors
"""Who may write and read what, held against the real brokers: the same cases on both."""

import base64
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from proximity.model.orders import OrderBook
from proximity.service.access import User, mosquitto_acl, mosquitto_passwords, nats_subjects, nats_user, users_of
from tests.brokers import BROKERS, RunningBroker, Visitor, book, running_broker, visiting
from tests.live import wait_for

BOOK = book("ank-001", "vic-001", owntracks={"vic-001": "p.04/phone"})
A_DEVICE = "device/ank-001"
A_PHONE = "device/vic-001"
A_TEAM = "supervisor/rotterdam/team-a"
A_GATEWAY = "gateway/vendor"
END = "proximity/v1/system/end"  # the engine sends it last: what was to come before it has come
REFUSED = {"Not authorized", "Bad user name or password"}  # MQTT 3.1.1's codes 5 and 4

MAY_WRITE = [
    (A_DEVICE, "proximity/v1/devices/ank-001/fix"),
    (A_DEVICE, "proximity/v1/devices/ank-001/status"),
    (A_PHONE, "owntracks/p.04/phone"),
    (A_TEAM, "reclassering/v1/rotterdam/team-a/commands"),
    (A_GATEWAY, "proximity/v1/devices/ank-001/fix"),
    (A_GATEWAY, "proximity/v1/devices/vic-001/status"),
]
MAY_NOT_WRITE = [
    (A_DEVICE, "proximity/v1/devices/vic-001/fix"),
    (A_DEVICE, "proximity/v1/devices/ank-001"),
    (A_DEVICE, "proximity/v1/devices/ank-001/config"),
    (A_DEVICE, "proximity/v1/devices/ank-001/fix/more"),
    (A_DEVICE, "proximity/v1/protected/ank-001/state"),
    (A_DEVICE, "proximity/v1/system/state"),
    (A_DEVICE, "proximity/v1/system/alerts"),
    (A_DEVICE, "owntracks/p.04/phone"),
    (A_DEVICE, "reclassering/v1/rotterdam/team-a/commands"),
    (A_PHONE, "owntracks/p/04/phone"),
    (A_PHONE, "owntracks/p.04/other"),
    (A_TEAM, "reclassering/v1/rotterdam/team-b/commands"),
    (A_TEAM, "reclassering/v1/rotterdam/team-a/alerts"),
    (A_TEAM, "reclassering/v1/rotterdam/team-a/incidents/i-1"),
    (A_TEAM, "proximity/v1/devices/ank-001/fix"),
    (A_GATEWAY, "proximity/v1/devices/ank-001/config"),
    (A_GATEWAY, "reclassering/v1/rotterdam/team-a/commands"),
]
MAY_READ = [
    (A_DEVICE, "proximity/v1/devices/ank-001/config", "proximity/v1/devices/ank-001/config"),
    (A_PHONE, "proximity/v1/protected/vic-001/state", "proximity/v1/protected/vic-001/state"),
    (A_DEVICE, "proximity/v1/system/state", "proximity/v1/system/state"),
    (A_TEAM, "proximity/v1/system/state", "proximity/v1/system/state"),
    (A_GATEWAY, "proximity/v1/system/state", "proximity/v1/system/state"),
    (A_TEAM, "proximity/v1/system/alerts", "proximity/v1/system/alerts"),
    (A_TEAM, "reclassering/v1/rotterdam/team-a/#", "reclassering/v1/rotterdam/team-a/alerts"),
    (A_TEAM, "reclassering/v1/rotterdam/team-a/alerts", "reclassering/v1/rotterdam/team-a/alerts"),
    (A_TEAM, "reclassering/v1/rotterdam/team-a/incidents/+", "reclassering/v1/rotterdam/team-a/incidents/i-1"),
]
MAY_NOT_READ = [
    (A_DEVICE, "proximity/v1/devices/ank-001/fix", "proximity/v1/devices/ank-001/fix"),
    (A_DEVICE, "proximity/v1/devices/vic-001/config", "proximity/v1/devices/vic-001/config"),
    (A_DEVICE, "proximity/v1/devices/+/config", "proximity/v1/devices/vic-001/config"),
    (A_DEVICE, "+/v1/devices/vic-001/fix", "proximity/v1/devices/vic-001/fix"),
    (A_DEVICE, "#", "proximity/v1/devices/vic-001/fix"),
    (A_DEVICE, "owntracks/#", "owntracks/p.04/phone"),
    (A_DEVICE, "reclassering/#", "reclassering/v1/rotterdam/team-a/alerts"),
    (A_DEVICE, "proximity/v1/system/alerts", "proximity/v1/system/alerts"),
    (A_PHONE, "owntracks/p.04/phone", "owntracks/p.04/phone"),
    (A_TEAM, "reclassering/v1/rotterdam/team-b/#", "reclassering/v1/rotterdam/team-b/alerts"),
    (A_TEAM, "reclassering/v1/rotterdam/+/alerts", "reclassering/v1/rotterdam/team-b/alerts"),
    (A_TEAM, "reclassering/#", "reclassering/v1/rotterdam/team-b/incidents/i-1"),
    (A_TEAM, "proximity/v1/devices/+/fix", "proximity/v1/devices/vic-001/fix"),
    (A_TEAM, "proximity/v1/protected/vic-001/state", "proximity/v1/protected/vic-001/state"),
    (A_TEAM, "#", "proximity/v1/devices/vic-001/fix"),
    (A_GATEWAY, "proximity/v1/devices/+/fix", "proximity/v1/devices/vic-001/fix"),
    (A_GATEWAY, "reclassering/#", "reclassering/v1/rotterdam/team-a/alerts"),
]


@pytest.fixture(scope="module", params=BROKERS)
def broker(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningBroker]:
    with running_broker(request.param, tmp_path_factory.mktemp("access"), BOOK, ["vendor"]) as started:
        yield started


def received_until_end(engine: Visitor) -> list[str]:
    """The topics that the engine got before a message of its own."""
    engine.send(END)
    wait_for(lambda: any(topic == END for topic, _ in engine.got), "the last message")
    topics = [topic for topic, _ in engine.got]
    engine.got.clear()
    return topics[: topics.index(END)]


@pytest.mark.parametrize(("user", "topic"), MAY_WRITE)
@pytest.mark.parametrize("qos", [0, 1])
def test_what_may_be_written_arrives(broker: RunningBroker, user: str, topic: str, qos: int) -> None:
    with visiting(broker, "engine", "#") as engine, visiting(broker, user) as writer:
        writer.send(topic, b"good", qos=qos)
        wait_for(lambda: (topic, b"good") in engine.got, f"{topic} at the engine")


@pytest.mark.parametrize(
    ("user", "topic", "qos"),
    [*((user, topic, 1) for user, topic in MAY_NOT_WRITE), (*MAY_NOT_WRITE[0], 0), (*MAY_NOT_WRITE[0], 2)],
)
def test_what_may_not_be_written_reaches_nobody(broker: RunningBroker, user: str, topic: str, qos: int) -> None:
    with visiting(broker, "engine", "#") as engine:
        with visiting(broker, user) as writer:
            writer.offer(topic, b"bad", qos=qos, retain=True)
        assert received_until_end(engine) == []
    with visiting(broker, "engine", "#") as later:
        assert received_until_end(later) == []  # nor was it retained


@pytest.mark.parametrize(
    ("topic", "arrives"),
    [("proximity/v1/devices/ank-001/status", True), ("proximity/v1/devices/vic-001/status", False)],
)
def test_a_last_will_has_the_rights_of_its_device(broker: RunningBroker, topic: str, arrives: bool) -> None:  # noqa: FBT001
    with visiting(broker, "engine", "#") as engine:
        device = Visitor(broker, A_DEVICE, will=(topic, b"offline"))
        assert device.answer == ""
        device.vanish()
        if arrives:
            wait_for(lambda: (topic, b"offline") in engine.got, "the last will")
        else:
            allowed = Visitor(broker, A_PHONE, will=(topic, b"mine"))  # its own topic, and its will comes later
            allowed.vanish()
            wait_for(lambda: (topic, b"mine") in engine.got, "the other's last will")
            assert (topic, b"offline") not in engine.got


@pytest.mark.parametrize(("user", "asked", "topic"), MAY_READ)
def test_what_may_be_read_is_delivered(broker: RunningBroker, user: str, asked: str, topic: str) -> None:
    with visiting(broker, "engine") as engine, visiting(broker, user, asked) as reader:
        engine.send(topic, b"news")
        wait_for(lambda: reader.got == [(topic, b"news")], f"{topic} at {user}")


@pytest.mark.parametrize(("user", "asked", "topic"), MAY_NOT_READ)
def test_what_may_not_be_read_is_not_delivered(broker: RunningBroker, user: str, asked: str, topic: str) -> None:
    with visiting(broker, "engine") as engine, visiting(broker, user, "proximity/v1/system/state") as reader:
        granted = reader.subscribe(asked)
        assert not (granted and broker.kind == "embedded")
        engine.send(topic, b"secret")
        engine.send("proximity/v1/system/state", b"open")  # after it, on the same line
        wait_for(lambda: any(body == b"open" for _, body in reader.got), "what may be read")
        assert {body for _, body in reader.got} == {b"open"}


def test_who_takes_over_a_session_gets_none_of_its_messages(broker: RunningBroker) -> None:
    topic = "reclassering/v1/rotterdam/team-a/alerts"
    with visiting(broker, A_TEAM, "reclassering/v1/rotterdam/team-a/#", keep="the-team"):
        pass
    with visiting(broker, "engine") as engine, visiting(broker, A_DEVICE, keep="the-team") as thief:
        engine.send(topic, b"secret")
        assert thief.subscribe("proximity/v1/system/state")
        engine.send("proximity/v1/system/state", b"open")
        wait_for(lambda: ("proximity/v1/system/state", b"open") in thief.got, "what may be read")
        assert topic not in {got for got, _ in thief.got}


@pytest.mark.parametrize(
    ("user", "password"),
    [(A_DEVICE, "wrong"), (A_DEVICE, ""), ("device/nobody", "wrong"), ("", ""), ("engine", "engine")],
)
def test_who_is_unknown_or_gives_a_wrong_password_is_refused(broker: RunningBroker, user: str, password: str) -> None:
    visitor = Visitor(broker, user, password)
    assert visitor.answer in REFUSED
    visitor.leave()


def test_a_password_is_good_for_its_own_user_only(broker: RunningBroker) -> None:
    visitor = Visitor(broker, A_DEVICE, broker.passwords[A_PHONE])
    assert visitor.answer in REFUSED
    visitor.leave()


@pytest.mark.mosquitto
def test_mosquittos_own_program_makes_the_same_passwords(tmp_path: Path) -> None:
    mine = tmp_path / "mine"
    mine.write_text("device/a:plain text\n", encoding="utf-8")
    subprocess.run(["/usr/bin/mosquitto_passwd", "-U", str(mine)], check=True, capture_output=True)
    made = mine.read_text(encoding="utf-8")
    salt = base64.b64decode(made.split("$")[3])
    assert mosquitto_passwords({"device/a": "plain text"}, lambda _name: salt) == made


def test_every_party_of_the_orders_has_a_user_once() -> None:
    names = [user.name for user in users_of(BOOK, ["vendor", "vendor"])]
    assert names == [A_DEVICE, A_PHONE, "engine", A_GATEWAY, A_TEAM, "supervisor/rotterdam/team-b"]
    assert [user.name for user in users_of(OrderBook("empty", (), ()))] == ["engine"]


@pytest.mark.parametrize(
    ("topic", "subjects"),
    [
        ("a/b", ("a.b",)),
        ("a/+/c", ("a.*.c",)),
        ("a/#", ("a", "a.>")),
        ("#", (">",)),
        ("owntracks/p.04/phone", ("owntracks.p//04.phone",)),
    ],
)
def test_topic_filters_as_nats_writes_them(topic: str, subjects: tuple[str, ...]) -> None:
    assert nats_subjects(topic) == subjects


@pytest.mark.parametrize("topic", ["", "a//b", "/a", "a/", "a/b c", "a/*", "a/>", "a\n/b"])
def test_topic_filters_that_nats_would_read_otherwise_are_refused(topic: str) -> None:
    with pytest.raises(ValueError, match="has no NATS subject"):
        nats_subjects(topic)


def test_who_may_do_nothing_is_denied_all() -> None:
    entry = nats_user(User("device/mute", (), ()), "hash")
    assert entry["permissions"] == {"publish": {"deny": [">"]}, "subscribe": {"deny": [">"]}}


def test_mosquittos_rights_stand_below_each_user() -> None:
    text = mosquitto_acl([User("device/a", ("a/fix",), ("a/config",)), User("device/b", ("b/fix",), ())])
    assert text == "user device/a\ntopic write a/fix\ntopic read a/config\n\nuser device/b\ntopic write b/fix\n"
