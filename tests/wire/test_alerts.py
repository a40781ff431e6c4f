# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The victim-proximity monitor authors
import json
import re
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from msgspec.structs import replace

from proximity.model.incidents import Evidence, Extent, Incident, Share, Transition
from proximity.model.inputs import Refusal
from proximity.model.words import Cause, Change, Kind, Level, Refused
from proximity.wire.alerts import (
    cloud_event,
    event_topics,
    refusal_event,
)
from proximity.wire.dataschemas import INCIDENT_SCHEMA, REFUSAL_SCHEMA, schema_bytes
from tests.wire.told import DEVICE, EVIDENCE, INCIDENT, JOINED, LATE, RAISED, SOURCE, SYSTEM, TYPE_PREFIX, ZONE, told

# DESIGN 4.4, with null for what this version does not measure
CONTRACT = json.loads("""
{"specversion": "1.0", "id": "rtm-2026-0001:separation:w-17_p-04:1717867444000:2",
 "source": "urn:nld:oin:00000000000000000000:systeem:proximity", "type": "nl.contactverboden.incident.raised",
 "subject": "rtm-2026-0001", "time": "2024-06-08T17:47:02.000Z", "sequence": "2", "sequencetype": "integer",
 "datacontenttype": "application/json", "dataschema": "urn:proximity:schema:incident:v1",
 "data": {"incident": "rtm-2026-0001:separation:w-17_p-04:1717867444000", "seq": 2, "kind": "separation",
  "order": "rtm-2026-0001", "wearer": "w-17", "protected": "p-04", "device": null, "zone": null,
  "level": "breach", "previous_level": "warning", "certainty": "certain", "possible_level": "breach",
  "severity": "major", "separation": {"expected_m": 450, "low_m": 400, "high_m": 500}, "probability": 0.96,
  "closing_mps": null, "time_to_limit_s": null, "time_to_contact_s": null, "moving": null,
  "moved_m": null, "wearer_fix_age_s": 0, "protected_fix_age_s": 1, "late": false,
  "cause": "limit_crossed", "text": {"nl": "...", "en": "..."},
  "orders_revision": "sha256:...", "journal": {"offset": 18231}}}
""")
ALL = [
    RAISED,
    told(Change.OPENED, Evidence()),
    told(Change.RESOLVED, level=Level.CLEAR, certainty=None, resolved=True, cause=Cause.APART),
    told(Change.ACKNOWLEDGED, Evidence(), acknowledged=True, cause=Cause.COMMAND),
    told(Change.OPENED, Evidence(-130.0, -160.0, -100.0, 0.999, 2.0), **ZONE),
    told(Change.OPENED, Evidence(-130.0, -160.0, -100.0, 0.999, 2.0), **ZONE, inclusion=True),
    told(Change.OPENED, Evidence(wearer_fix_age_s=130.0), **DEVICE),
    told(Change.OPENED, Evidence(float("nan"), float("nan"), float("inf"), float("nan"), 2.0), **ZONE),
    told(Change.OPENED, Evidence(), **SYSTEM),
    replace(told(Change.OPENED, Evidence(), **SYSTEM | {"cause": Cause.DISCONNECTED}), extent=Extent(3, 2, 2)),
    replace(told(Change.OPENED, Evidence(), kind=Kind.BLIND, cause=Cause.STALE), extent=Extent(3)),
    told(Change.UPDATED, Evidence(), kind=Kind.BLIND, cause=Cause.STALE, folded_into="system:system:devices:1"),
    LATE,
    JOINED,
]


def read(
    transition: Transition, journal_offset: int | None = 18231, reader: tuple[str, str] | None = None
) -> dict[str, Any]:  # fmt: skip
    body = cloud_event(transition, type_prefix=TYPE_PREFIX, source=SOURCE, journal_offset=journal_offset, reader=reader)
    event: dict[str, Any] = json.loads(body, parse_constant=lambda name: pytest.fail(f"{name} is no JSON"))
    return event


def data_of(transition: Transition, reader: tuple[str, str] | None = None) -> dict[str, Any]:
    data: dict[str, Any] = read(transition, reader=reader)["data"]
    return data


def test_a_zone_says_of_which_kind_it_is() -> None:
    assert read(told(**ZONE))["data"]["zone_kind"] == "exclusion"
    assert read(told(**ZONE, inclusion=True))["data"]["zone_kind"] == "inclusion"
    assert "zone_kind" not in read(RAISED)["data"]


def test_what_is_known_only_now_says_when_it_was() -> None:
    when = {
        "from": "2024-06-08T14:03:04Z", "until": "2024-06-08T14:21:30Z",
        "nearest_at": "2024-06-08T14:12:00Z",
    }  # fmt: skip
    for transition in (LATE, JOINED):
        data = read(transition)["data"]
        assert (data["late"], data["episode"]) == (True, when)
    later = read(replace(LATE, change=Change.ACKNOWLEDGED, episode=None))["data"]
    assert later["late"] is True
    assert "episode" not in later
    assert "episode" not in read(RAISED)["data"]


def validator(name: str) -> Draft202012Validator:
    schema = json.loads(schema_bytes(name))
    Draft202012Validator.check_schema(schema)
    assert schema["$id"] == name
    return Draft202012Validator(schema)


def test_the_contracts_example() -> None:
    event = read(RAISED)
    data = event["data"]
    added = {"troubles": [], "acknowledged": False, "resolved": False}
    assert {name: data.pop(name) for name in added} == added
    assert data["text"].keys() == {"nl", "en"}
    data["text"], data["orders_revision"] = {"nl": "...", "en": "..."}, "sha256:..."
    assert event == CONTRACT
    assert list(event) == list(CONTRACT)
    assert list(data) == list(CONTRACT["data"])
    assert list(data["separation"]) == ["expected_m", "low_m", "high_m"]


@pytest.mark.parametrize("change", list(Change))
def test_the_type_says_what_changed(change: Change) -> None:
    assert read(told(change))["type"] == f"nl.contactverboden.incident.{change.value}"


def test_prefix_source_and_journal_are_the_settings_own() -> None:
    body = cloud_event(RAISED, type_prefix="org.example", source="urn:x", journal_offset=None)
    event = json.loads(body)
    assert (event["type"], event["source"]) == ("org.example.incident.raised", "urn:x")
    assert event["data"]["journal"] is None
    assert b"\n" not in body


def test_what_is_not_known_is_null() -> None:
    data = read(told(Change.ACKNOWLEDGED, Evidence(), acknowledged=True))["data"]
    unknown = ("separation", "probability", "wearer_fix_age_s", "protected_fix_age_s")
    assert {name: data[name] for name in unknown} == dict.fromkeys(unknown)
    assert data["acknowledged"] is True


def test_a_device_incident_says_what_is_wrong_now() -> None:
    data = read(told(Change.OPENED, Evidence(wearer_fix_age_s=130.0), **DEVICE))["data"]
    assert data["troubles"] == ["strap_cut", "silent"]
    assert (data["device"], data["wearer"], data["level"], data["severity"]) == ("ank-001", None, "clear", "major")


def test_within_a_zone_is_distance_zero() -> None:
    separation = read(told(Change.OPENED, Evidence(-130.0, -160.0, -100.0, 0.999, 2.0), **ZONE))["data"]["separation"]
    assert separation == {"expected_m": 0, "low_m": 0, "high_m": 0}


@pytest.mark.parametrize("transition", ALL)
def test_events_are_of_their_schema(transition: Transition) -> None:
    for offset in (18231, None):
        event = read(transition, offset)
        assert event["dataschema"] == INCIDENT_SCHEMA
        validator(INCIDENT_SCHEMA).validate(event["data"])


@pytest.mark.parametrize("name", [*CONTRACT["data"], "troubles", "acknowledged", "resolved"])
def test_the_schema_misses_every_field(name: str) -> None:
    data = read(RAISED)["data"]
    del data[name]
    assert not validator(INCIDENT_SCHEMA).is_valid(data)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("seq", 0),
        ("seq", "2"),
        ("kind", "approach"),
        ("level", "Breach"),
        ("level", None),
        ("certainty", 0.96),
        ("severity", 2),
        ("separation", {"expected_m": 447, "low_m": 400, "high_m": 500}),
        ("separation", {"expected_m": 1050, "low_m": 1000, "high_m": 1100}),
        ("separation", {"expected_m": 5100, "low_m": 5000, "high_m": 5500}),
        ("separation", {"expected_m": 450.5, "low_m": 400, "high_m": 500}),
        ("separation", {"expected_m": -50, "low_m": -50, "high_m": 0}),
        ("separation", {"expected_m": 450}),
        ("moved_m", {"wearer": 1633, "protected": 0}),
        ("probability", 1.01),
        ("wearer", "W 17"),
        ("wearer_fix_age_s", -1),
        ("wearer_fix_age_s", 0.5),
        ("text", {"nl": "..."}),
        ("text", {"nl": "", "en": ""}),
        ("orders_revision", "7"),
        ("journal", 18231),
        ("late", None),
        ("incident", "a/b"),
    ],
)
def test_the_schema_rejects_what_is_wrong(name: str, value: object) -> None:
    data = read(RAISED)["data"]
    validator(INCIDENT_SCHEMA).validate(data)
    assert not validator(INCIDENT_SCHEMA).is_valid(data | {name: value})


def test_the_schema_takes_the_contracts_example_and_fields_that_are_added() -> None:
    data = read(RAISED)["data"] | {
        "closing_mps": 2.4, "time_to_limit_s": 0, "time_to_contact_s": 200, "moving": "wearer",
        "moved_m": {"wearer": 1600, "protected": 0}, "more": [1],
    }  # fmt: skip
    validator(INCIDENT_SCHEMA).validate(data)


def numbers(value: object) -> list[float]:
    if isinstance(value, dict):
        return [number for inner in value.values() for number in numbers(inner)]
    if isinstance(value, list):
        return [number for inner in value for number in numbers(inner)]
    return [value] if isinstance(value, int | float) and not isinstance(value, bool) else []


@pytest.mark.parametrize("transition", ALL)
def test_no_event_says_where_anyone_is(transition: Transition) -> None:
    event = read(transition)
    body = json.dumps(event)
    assert not re.search(r'"(lat|lon|latitude|longitude|bearing|course|azimuth|position|coordinates)(_\w+)?"', body)
    assert all(number == int(number) for number in numbers(event) if number != event["data"]["probability"])
    exact = [transition.evidence.expected_m, transition.evidence.low_m, transition.evidence.high_m]
    for distance_m in exact:
        if distance_m is not None and distance_m == distance_m and abs(distance_m) != float("inf"):  # noqa: PLR0124
            assert f"{abs(distance_m):.0f}" not in re.findall(r"\d+", body)


def test_same_facts_same_bytes() -> None:
    def body() -> bytes:
        return cloud_event(told(), type_prefix=TYPE_PREFIX, source=SOURCE, journal_offset=1)

    assert body() == body()


def test_what_asks_something_goes_to_the_supervisor_and_every_state_is_retained() -> None:
    alerts = "reclassering/v1/rotterdam/team-a/alerts"
    state = "reclassering/v1/rotterdam/team-a/incidents/rtm-2026-0001:separation:w-17_p-04:1717867444000"
    for change in Change:
        quiet = change.value in ("lowered", "updated")
        assert event_topics(told(change)) == ([] if quiet else [(alerts, False)]) + [(state, True)]


def test_a_system_incident_goes_to_its_topic() -> None:
    assert event_topics(told(Change.OPENED, **SYSTEM)) == [("proximity/v1/system/alerts", False)]


def test_what_is_folded_goes_to_its_retained_topic_only_and_says_into_what() -> None:
    folded = replace(told(Change.OPENED, folded_into="system:system:devices:1"), folded=True)
    state = "reclassering/v1/rotterdam/team-a/incidents/rtm-2026-0001:separation:w-17_p-04:1717867444000"
    assert event_topics(folded) == [(state, True)]
    assert data_of(folded)["folded_into"] == "system:system:devices:1"
    assert "folded_into" not in data_of(told())


def test_each_supervisor_learns_what_of_a_mass_silence_is_his() -> None:
    extent = Extent(links=7, devices=25, of_devices=300, shares=(Share("rotterdam", "team-a", 3, 2),))
    silence = replace(told(Change.OPENED, **{**SYSTEM, "cause": Cause.MASS_SILENCE}), extent=extent)
    everyone = {"devices": 25, "of_devices": 300, "links": 7}
    for reader, own in (
        (("rotterdam", "team-a"), {"devices": 3, "links": 2}),
        (("rotterdam", "team-b"), {"devices": 0, "links": 0}),
    ):
        data = data_of(silence, reader)
        assert data["extent"] == everyone
        assert data["own"] == own
        assert f"Yours: {own['devices']} devices, {own['links']} links" in data["text"]["en"]
    assert data_of(silence)["extent"] == everyone
    assert "own" not in data_of(silence)


UNKNOWN = Refusal(Refused.UNKNOWN_INCIDENT, "", "incident", 3)


def refused(incident: str | None = None, refusal: Refusal = UNKNOWN) -> bytes:
    return refusal_event(
        refusal, region="rotterdam", supervisor="team-a", incident=incident, at_ms=1_717_868_822_000,
        type_prefix=TYPE_PREFIX, source=SOURCE,
    )  # fmt: skip


def test_a_command_that_was_not_carried_out_is_told() -> None:
    event = json.loads(refused(INCIDENT.id))
    assert event["type"] == "nl.contactverboden.command.refused"
    assert (event["specversion"], event["time"]) == ("1.0", "2024-06-08T17:47:02.000Z")
    assert event["dataschema"] == REFUSAL_SCHEMA
    data = event["data"]
    validator(REFUSAL_SCHEMA).validate(data)
    assert (data["reason"], data["detail"], data["incident"]) == ("unknown_incident", "incident", INCIDENT.id)
    assert not validator(REFUSAL_SCHEMA).is_valid({name: data[name] for name in data if name != "reason"})


def test_a_refusals_id_is_made_of_the_facts() -> None:
    assert refused() == refused()
    # where the command stood in its step is no fact: permuting a step changes nothing
    assert refused() == refused(refusal=Refusal(Refused.UNKNOWN_INCIDENT, "", "incident", 9))
    others = [refused(INCIDENT.id), refused(refusal=Refusal(Refused.NOT_JSON, "", "message", 3))]
    assert len({json.loads(body)["id"] for body in [refused(), *others]}) == 3


def test_schemas_that_we_do_not_have() -> None:
    with pytest.raises(KeyError):
        schema_bytes("urn:proximity:schema:incident:v2")


def test_every_word_of_the_model_is_in_the_schema() -> None:
    schema = json.loads(schema_bytes(INCIDENT_SCHEMA))
    assert set(schema["properties"]["kind"]["enum"]) == {kind.value for kind in Kind}
    assert schema["$defs"]["level"]["enum"] == ["clear", "warning", "breach", "emergency"]
    for cause in Cause:
        incident: Incident = replace(INCIDENT, cause=cause)
        validator(INCIDENT_SCHEMA).validate(read(replace(RAISED, incident=incident, evidence=EVIDENCE))["data"])
