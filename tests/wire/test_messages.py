# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The victim-proximity monitor authors
"""OwnTracks, status and commands."""

from math import isnan

import msgspec
import pytest

from proximity.model.inputs import Acknowledgement, Fix, Input, Refit, Refusal, Resolution, Status
from proximity.model.judging import DefaultAccuracy
from proximity.model.words import Refused, StatusEvent
from proximity.wire.inputs import decode

PHONES = {"p04/phone": "vic-001"}
OWNTRACKS, STATUS = "owntracks/p04/phone", "proximity/v1/devices/ank-001/status"
COMMANDS = "reclassering/v1/rotterdam/team-a/commands"
INCIDENT = "rtm-2026-0001:separation:w-17_p-04:1717867444000"
# real messages of the app, from ../shared/data/mqtt_payloads (traccar's decoder tests, Apache-2.0)
MOVING = (
    b'{"cog":271,"lon":2.29513,"acc":5,"vel":61,"vac":21,"lat":48.85833,"tst":1497349316,"alt":167,'
    b'"_type":"location","tid":"JJ","t":"u","batt":67}'
)
BARE = b'{"lat":48.85,"lon":2.295,"_type":"location","tid":"JJ","tst":1497476456}'


def read(topic: str, payload: bytes | object) -> Input:
    given = payload if isinstance(payload, bytes) else msgspec.json.encode(payload)
    (taken,) = decode(topic, given, 7, DefaultAccuracy(unknown_m=55.0), PHONES)
    return taken


def test_an_owntracks_location_is_a_fix_of_the_phones_device() -> None:
    taken = read(OWNTRACKS, MOVING)
    assert isinstance(taken, Fix)
    assert (taken.device, taken.fixed_at_ms, taken.place, taken.seq) == ("vic-001", 1_497_349_316_000, 7, -1)
    assert (taken.lat_deg, taken.lon_deg, taken.accuracy_m, taken.course_deg) == (48.85833, 2.29513, 5.0, 271.0)
    assert taken.speed_mps == pytest.approx(16.944, abs=0.001)  # 61 km/h


@pytest.mark.parametrize("unknown", [{}, {"acc": 0, "vel": -1, "cog": -1}, {"acc": -1}, {"acc": None, "cog": None}])
def test_what_owntracks_does_not_know_is_absent(unknown: dict[str, object]) -> None:
    taken = read(OWNTRACKS, msgspec.json.decode(BARE) | unknown)
    assert isinstance(taken, Fix)
    assert taken.accuracy_m == 55.0
    assert isnan(taken.speed_mps)
    assert isnan(taken.course_deg)


def test_the_last_will_of_owntracks_says_that_the_phone_is_gone_but_not_when() -> None:
    assert read(OWNTRACKS, b'{"_type":"lwt","tst":1497476456}') == Status("vic-001", StatusEvent.OFFLINE, -1, 7)


@pytest.mark.parametrize(
    ("payload", "reason", "detail"),
    [
        (b'{"_type":"transition","tst":1497476456,"event":"enter"}', Refused.WRONG_TYPE, "_type"),
        (b'{"_type":"waypoint"}', Refused.WRONG_TYPE, "_type"),
        (b'{"_type":"encrypted","data":"..."}', Refused.WRONG_TYPE, "_type"),
        (b'{"_type":5}', Refused.WRONG_TYPE, "_type"),
        (b'{"tst":1497476456,"lat":1,"lon":2}', Refused.MISSING_FIELD, "_type"),
        (b"[" + BARE + b"]", Refused.WRONG_TYPE, "message"),
        (b'{"_type":"location","lat":1,"lon":2}', Refused.MISSING_FIELD, "tst"),
        (b'{"_type":"location","tst":1497476456,"lat":91,"lon":2}', Refused.OUT_OF_RANGE, "lat"),
        (b'{"_type":"location","tst":1497476456000,"lat":1,"lon":2}', Refused.OUT_OF_RANGE, "tst"),
        (b'{"_type":"location","tst":1497476456,"lat":1,"lon":2,"vel":1e7}', Refused.OUT_OF_RANGE, "vel"),
        (b'{"_type":"location","tst":1497476456,"lat":1,"lon":2,"acc":Infinity}', Refused.NOT_FINITE, "message"),
        (b'{"_type":"location","tst":"1497476456","lat":1,"lon":2}', Refused.WRONG_TYPE, "tst"),
        (b"", Refused.NOT_JSON, "message"),
        (b"\xff", Refused.NOT_UTF8, "message"),
        (b"[" * 65_536, Refused.TOO_DEEP, "message"),
        (b"[" * 65_537, Refused.TOO_LARGE, "message"),
    ],
)
def test_what_owntracks_sends_besides_is_refused(payload: bytes, reason: Refused, detail: str) -> None:
    assert read(OWNTRACKS, payload) == Refusal(reason, "vic-001", detail, 7)


def test_an_owntracks_phone_that_no_order_names_is_unknown() -> None:
    assert read("owntracks/p04/tablet", MOVING) == Refusal(Refused.UNKNOWN_DEVICE, "", "topic", 7)
    assert read("owntracks/p04/tablet", b"garbage") == Refusal(Refused.UNKNOWN_DEVICE, "", "topic", 7)


# the list of DESIGN 4.1
@pytest.mark.parametrize(
    "word",
    [
        "strap_cut", "case_open", "battery_low", "battery_critical", "charging", "jamming", "shielding", "power_off",
        "sos", "online", "offline",
    ],
)  # fmt: skip
def test_every_status_of_the_contract_is_read(word: str) -> None:
    assert read(STATUS, {"event": word, "at": "2024-06-08T19:24:04+02:00"}) == Status(
        "ank-001", StatusEvent(word), 1_717_867_444_000, 7
    )
    assert read(STATUS, {"event": word}) == Status("ank-001", StatusEvent(word), -1, 7)
    assert read(STATUS, {"event": word, "at": None, "more": {}}) == Status("ank-001", StatusEvent(word), -1, 7)


@pytest.mark.parametrize(
    ("message", "reason", "detail"),
    [
        ({"event": "exploded"}, Refused.WRONG_TYPE, "event"),
        ({"event": 1}, Refused.WRONG_TYPE, "event"),
        ({"at": 1_717_867_444_000}, Refused.MISSING_FIELD, "event"),
        ({"event": "sos", "at": "now"}, Refused.WRONG_TYPE, "at"),
        ({"event": "sos", "at": 5}, Refused.OUT_OF_RANGE, "at"),
        ({"event": "sos", "at": "1970-01-01T00:00:00Z"}, Refused.OUT_OF_RANGE, "at"),
        ([{"event": "sos"}], Refused.WRONG_TYPE, "message"),
        ("sos", Refused.WRONG_TYPE, "message"),
        (b"sos", Refused.NOT_JSON, "message"),
    ],
)
def test_a_status_that_is_none(message: object, reason: Refused, detail: str) -> None:
    assert read(STATUS, message) == Refusal(reason, "ank-001", detail, 7)


def test_an_acknowledgement() -> None:
    command = {"command": "acknowledge", "incident": INCIDENT, "by": "J. de Vries"}
    assert read(COMMANDS, command) == Acknowledgement("rotterdam", "team-a", INCIDENT, "J. de Vries", 7)


def test_an_incident_is_resolved_and_a_tag_is_on_its_wearer_again() -> None:
    resolve = {"command": "resolve", "incident": INCIDENT, "by": "J. de Vries"}
    assert read(COMMANDS, resolve) == Resolution("rotterdam", "team-a", INCIDENT, "J. de Vries", 7)
    refit = {"command": "refit", "device": "ank-001", "by": "J. de Vries"}
    assert read(COMMANDS, refit) == Refit("rotterdam", "team-a", "ank-001", "J. de Vries", 7)


@pytest.mark.parametrize(
    ("message", "reason", "detail"),
    [
        ({"command": "refit", "incident": INCIDENT, "by": "x"}, Refused.MISSING_FIELD, "device"),
        ({"command": "refit", "device": "ank-001"}, Refused.MISSING_FIELD, "by"),
        ({"command": "refit", "device": "Ank 1", "by": "x"}, Refused.OUT_OF_RANGE, "device"),
        ({"command": "refit", "device": 5, "by": "x"}, Refused.WRONG_TYPE, "device"),
        ({"command": "resolve", "by": "x"}, Refused.MISSING_FIELD, "incident"),
        ({"command": "pause", "order": "rtm-2026-0001"}, Refused.WRONG_TYPE, "command"),
        ({"command": "note", "incident": INCIDENT, "by": "x"}, Refused.WRONG_TYPE, "command"),
        ({"command": None}, Refused.MISSING_FIELD, "command"),
        ({"incident": INCIDENT, "by": "x"}, Refused.MISSING_FIELD, "command"),
        ({"command": "acknowledge", "by": "x"}, Refused.MISSING_FIELD, "incident"),
        ({"command": "acknowledge", "incident": INCIDENT}, Refused.MISSING_FIELD, "by"),
        ({"command": "acknowledge", "incident": 5, "by": "x"}, Refused.WRONG_TYPE, "incident"),
        ({"command": "acknowledge", "incident": "", "by": "x"}, Refused.OUT_OF_RANGE, "incident"),
        ({"command": "acknowledge", "incident": "x" * 401, "by": "x"}, Refused.OUT_OF_RANGE, "incident"),
        ({"command": "acknowledge", "incident": INCIDENT, "by": "x" * 129}, Refused.OUT_OF_RANGE, "by"),
        ([], Refused.WRONG_TYPE, "message"),
        (b"acknowledge", Refused.NOT_JSON, "message"),
        (b"\xff", Refused.NOT_UTF8, "message"),
    ],
)
def test_a_command_that_cannot_be_carried_out(message: object, reason: Refused, detail: str) -> None:
    assert read(COMMANDS, message) == Refusal(reason, "", detail, 7)
