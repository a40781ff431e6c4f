# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The victim-proximity monitor authors
import pytest

from proximity.wire.topics import (
    SUBSCRIPTIONS,
    Address,
    Form,
    address_of,
    alerts_topic,
    command_of,
    fix_topic,
    incident_topic,
    status_topic,
)

ID_64 = "a" * 64


def test_the_contracts_topics_are_subscribed_to() -> None:
    assert set(SUBSCRIPTIONS) == {
        "proximity/v1/devices/+/fix",
        "proximity/v1/devices/+/status",
        "owntracks/+/+",
        "reclassering/v1/+/+/commands",
    }


def test_topics_are_named_as_the_contract_names_them() -> None:
    assert fix_topic("ank-001") == "proximity/v1/devices/ank-001/fix"
    assert status_topic("ank-001") == "proximity/v1/devices/ank-001/status"
    assert alerts_topic("rotterdam", "team-a") == "reclassering/v1/rotterdam/team-a/alerts"
    incident = "rtm-2026-0001:separation:w-17_p-04:1717867444000"
    assert incident_topic("rotterdam", "team-a", incident) == f"reclassering/v1/rotterdam/team-a/incidents/{incident}"


@pytest.mark.parametrize(
    ("topic", "expected"),
    [
        ("proximity/v1/devices/ank-001/fix", Address(Form.FIX, device="ank-001")),
        (f"proximity/v1/devices/{ID_64}/status", Address(Form.STATUS, device=ID_64)),
        ("owntracks/p04/phone", Address(Form.OWNTRACKS, phone="p04/phone")),
        ("owntracks/Jan de Vries/22A67880-15C3_é", Address(Form.OWNTRACKS, phone="Jan de Vries/22A67880-15C3_é")),
        ("reclassering/v1/rotterdam/team-a/commands", Address(Form.COMMAND, region="rotterdam", supervisor="team-a")),
    ],
)
def test_what_a_topic_says(topic: str, expected: Address) -> None:
    assert address_of(topic) == expected


@pytest.mark.parametrize(
    "topic",
    [
        "",
        "proximity/v1/devices/ank-001",
        "proximity/v1/devices/ank-001/fix/",
        "proximity/v1/devices/ank-001/fix\n",
        "/proximity/v1/devices/ank-001/fix",
        "proximity/v2/devices/ank-001/fix",
        "proximity/v1/devices/ank-001/config",
        "proximity/v1/devices//fix",
        "proximity/v1/devices/ANK-001/fix",
        "proximity/v1/devices/ank_001/fix",
        "proximity/v1/devices/ank.001/fix",
        "proximity/v1/devices/+/fix",
        "proximity/v1/devices/#",
        "proximity/v1/devices/٣/fix",  # a digit, but none of ours
        f"proximity/v1/devices/{ID_64}a/fix",
        "owntracks/p04",
        "owntracks/p04/phone/event",
        "owntracks//phone",
        "owntracks/p04/",
        "owntracks/+/phone",
        "owntracks/p04/" + "x" * 300,
        "reclassering/v1/rotterdam/commands",
        "reclassering/v1/rotterdam/team-a/alerts",
        "reclassering/v1/Rotterdam/team-a/commands",
        "proximity/v1/system/state",
        "$SYS/broker/version",
    ],
)
def test_a_topic_that_is_not_ours_says_nothing(topic: str) -> None:
    assert address_of(topic) is None


def test_who_gives_a_command() -> None:
    assert command_of("reclassering/v1/rotterdam/team-a/commands") == ("rotterdam", "team-a")
    assert command_of("reclassering/v1/rotterdam/team-a/alerts") is None
    assert command_of("proximity/v1/devices/ank-001/fix") is None
