# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The victim-proximity monitor authors
"""The script a user would write does its job: an unfair comparison would be one with a script that does not."""

import tomllib

from benchmarks import plan
from benchmarks.users_script import Watch

HERE = {"lat": 52.0, "lon": 5.0}
LOAD = plan.Plan(devices=4, rate_per_s=4)


def north(metres: float) -> dict[str, float]:
    return {"lat": 52.0 + metres / 111_260.0, "lon": 5.0}


def watch() -> Watch:
    return Watch(tomllib.loads(plan.orders_toml(LOAD))["orders"])


def test_it_alerts_at_each_nearer_limit_once() -> None:
    script = watch()
    assert script.take("p-00001", HERE) == []
    steps = [(3000, None), (990, "warning"), (980, None), (490, "breach"), (140, "emergency"), (100, None), (490, None)]
    for metres, level in steps:
        alerts = script.take("w-00001", north(metres))
        assert [alert["level"] for alert in alerts] == ([level] if level else [])
        assert all(alert["order"] == "o-00001" and alert["kind"] == "separation" for alert in alerts)
    assert [alert["level"] for alert in script.take("p-00001", north(480))] == ["emergency"]


def test_it_alerts_when_a_wearer_enters_a_zone() -> None:
    script = watch()
    circle = tomllib.loads(plan.orders_toml(LOAD))["orders"][0]["zones"][0]["circle"]
    outside = {"lat": circle["lat"] + 0.01, "lon": circle["lon"]}
    assert script.take("w-00000", outside) == []
    assert [alert["kind"] for alert in script.take("w-00000", circle)] == ["zone"]
    assert script.take("w-00000", circle) == []


def test_a_device_without_an_order_makes_no_alert() -> None:
    assert watch().take("stranger", HERE) == []
