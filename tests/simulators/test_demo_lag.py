# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The victim-proximity monitor authors
"""The demo's windows hold on a machine that halts for a moment: at 120x a tenth of a second is 12 s of the engine's."""

from itertools import takewhile

import msgspec
import pytest

from proximity.model.judging import Judging
from proximity.model.units import Millis
from proximity.model.words import Level
from proximity.service.pipeline import Naming, orders_message
from proximity.service.replay import replay_trace
from simulators.demo.expected import compare
from simulators.demo.story import demo_tracks, expectations, orders_toml, zones_geojson
from simulators.devices.fixes import messages, utc_ms, utc_text
from simulators.devices.topics import fix_topic
from simulators.live.alerts import Alert, read_alert

LAG_MS = 700
UNTIL_MS = utc_ms("2024-06-08T17:00:00Z")
LIMITED = ("rtm-car", "rtm-home")


def told(halt_at_ms: Millis, halt_ms: Millis) -> list[Alert]:
    """Of the car and the home, where nothing is taken in during a halt."""
    lines = []
    for device in LIMITED:
        for fix in takewhile(lambda fix: fix.fixed_at_ms < UNTIL_MS, demo_tracks()[device]):
            at_ms = fix.fixed_at_ms + LAG_MS
            if halt_at_ms <= at_ms < halt_at_ms + halt_ms:
                at_ms = halt_at_ms + halt_ms
            for _, message in messages([fix]):
                line = {"received_at": utc_text(at_ms), "topic": fix_topic(device), "payload": msgspec.Raw(message)}
                lines.append((at_ms, msgspec.json.encode(line)))
    first = orders_message(
        {"demo.toml": orders_toml(), "zones.geojson": zones_geojson()}, Judging(), Naming("t", "urn:t")
    )
    trace = [line for _, line in sorted(lines)]
    return [alert for line in replay_trace(trace, "the demo", first, 0) if (alert := read_alert(line, 0)) is not None]


@pytest.mark.parametrize("halt_s", [0, 12, 30, 60])
@pytest.mark.parametrize("second", ["16:50:20", "16:51:20", "16:52:20"])
def test_a_halt_of_half_a_second_or_less_keeps_every_alert_in_its_window(second: str, halt_s: int) -> None:
    alerts = told(utc_ms(f"2024-06-08T{second}Z"), halt_s * 1000)
    loud = [alert for alert in alerts if alert.change in {"opened", "raised", "resolved"}]
    expected = [one for one in expectations() if one.about == "approach:separation:rtm-car_rtm-home"]
    verdict = compare(expected, loud)
    assert len(expected) == 4
    assert [outcome.expectation.what for outcome in verdict.outcomes if not outcome.met] == []
    assert max(alert.level for alert in loud) == Level.EMERGENCY
