# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The victim-proximity monitor authors
import json

from proximity.model.words import Level
from simulators.live.alerts import read_alert

EVENT = {
    "specversion": "1.0", "id": "rtm-2026-0001:separation:w-17_p-04:1717867444000:2",
    "source": "urn:nld:oin:00000000000000000000:systeem:proximity", "type": "nl.contactverboden.incident.raised",
    "subject": "rtm-2026-0001", "time": "2024-06-08T17:47:02.000Z", "sequence": "2", "sequencetype": "integer",
    "data": {
        "incident": "rtm-2026-0001:separation:w-17_p-04:1717867444000", "seq": 2, "kind": "separation",
        "order": "rtm-2026-0001", "wearer": "w-17", "protected": "p-04", "device": None, "zone": None,
        "level": "breach", "previous_level": "warning", "certainty": "certain", "severity": "major",
        "separation": {"expected_m": 450, "low_m": 400, "high_m": 500}, "cause": "limit_crossed",
        "text": {"nl": "Binnen", "en": "Within"},
    },
}  # fmt: skip


def test_the_contracts_example_is_read() -> None:
    alert = read_alert(json.dumps(EVENT).encode(), 1717868823500)
    assert alert is not None
    assert alert.about == "rtm-2026-0001:separation:w-17_p-04"
    assert (alert.change, alert.level, alert.certainty, alert.expected_m) == ("raised", Level.BREACH, "certain", 450)
    assert alert.at_ms == 1717868822000  # `date -u -d 2024-06-08T17:47:02Z +%s`
    assert alert.came_ms == 1717868823500
    assert alert.text == "Within"


def test_what_is_no_incident_is_passed_over() -> None:
    for message in (b"", b"{}", b'{"id": "1", "type": "x", "time": "then", "data": {}}', b"\xff"):
        assert read_alert(message, 0) is None
