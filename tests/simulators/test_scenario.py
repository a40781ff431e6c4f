# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The victim-proximity monitor authors
from pathlib import Path

import numpy as np
import pytest
import shapely
from pyproj import Geod

from proximity.settings.check import check
from proximity.settings.orders import read_orders
from proximity.settings.service import read_settings
from simulators.demo.story import (
    HOME,
    INTERVAL_S,
    PARK,
    SCHOOL,
    SCHOOL_RADIUS_M,
    demo_tracks,
    expectations,
    simulated_people,
    write_scenario,
)
from simulators.devices.fixes import utc_ms
from simulators.devices.receiver import receive

WGS84 = Geod(ellps="WGS84")


def at(clock: str) -> int:
    return utc_ms(f"2024-06-08T{clock}Z")


def test_the_settings_and_orders_are_without_fault_and_name_every_device(tmp_path: Path) -> None:
    settings_file, orders = write_scenario(tmp_path, 120.0, at("15:58:00"))
    assert check(orders, settings_file).faults == ()
    settings, _ = read_settings(settings_file)
    assert settings is not None
    assert (settings.clock.start_at_ms, settings.clock.speed) == (at("15:58:00"), 120.0)
    book, _ = read_orders(orders)
    assert book is not None
    assert {device.id for party in book.parties for device in party.devices} == set(demo_tracks())
    limits = {o.id: (o.separation.limit_m, o.separation.warning_m) for o in book.orders if o.separation is not None}
    assert limits["recorded"] == (500.0, 2000.0)


def test_the_recorded_pair_has_the_windows_of_the_issue_a_minute_wider() -> None:
    pair = [e for e in expectations() if e.about == "recorded:separation:utrecht1_utrecht2"]
    together, apart, warning, breach = pair
    assert (together.from_ms, together.until_ms) == (at("15:58:28"), at("15:59:28"))
    assert apart.from_ms == at("16:15:00")
    assert (warning.from_ms, warning.until_ms) == (at("17:23:00"), at("17:25:30"))
    assert breach.until_ms == at("17:48:04")


def test_silence_is_expected_90_s_after_the_last_fix_and_within_each_gap() -> None:
    silent = [e for e in expectations() if e.cause == "silent"]
    heard = [e for e in expectations() if e.cause == "heard_again"]
    assert [e.due_ms for e in silent] == [at("17:13:32"), at("17:21:35"), at("17:37:21"), at("17:42:33")]
    assert [e.due_ms for e in heard] == [at("17:19:07"), at("17:24:02"), at("17:40:46"), at("17:47:02")]
    assert all(gap.until_ms <= end.from_ms for gap, end in zip(silent, heard, strict=True))


def due_ms(what: str) -> int:
    [found] = [e for e in expectations() if e.what == what]
    assert found.from_ms <= found.due_ms <= found.until_ms
    return found.due_ms


@pytest.mark.parametrize(("level", "limit_m"), [("warning", 1000.0), ("breach", 500.0), ("emergency", 150.0)])
def test_the_car_is_expected_when_it_truly_comes_within_the_limit(level: str, limit_m: float) -> None:
    crossed_ms = due_ms(f"the car and the home: {level}")
    truth = simulated_people()["rtm-car"].journey.at(np.array([crossed_ms - 1000, crossed_ms], np.int64))
    before_m, then_m = WGS84.inv(truth.lon_deg, truth.lat_deg, [HOME[0]] * 2, [HOME[1]] * 2)[2]
    assert then_m < limit_m <= before_m


def test_the_walker_is_expected_when_truly_at_the_edge_of_the_zones() -> None:
    walker = simulated_people()["rtm-walker"].journey
    school_ms, park_ms = (
        due_ms("the walker and the school (circle): breach"),
        due_ms("the walker and the park (polygon): breach"),
    )
    truth = walker.at(np.array([school_ms - 1000, school_ms, park_ms - 1000, park_ms], np.int64))
    before_m, then_m = WGS84.inv(truth.lon_deg[:2], truth.lat_deg[:2], [SCHOOL[0]] * 2, [SCHOOL[1]] * 2)[2]
    assert then_m < SCHOOL_RADIUS_M <= before_m
    # GeoJSON edges are straight in lon/lat
    inside = shapely.contains_xy(shapely.Polygon(PARK), truth.lon_deg[2:], truth.lat_deg[2:])
    assert list(inside) == [False, True]


def test_the_simulated_go_on_after_the_recording() -> None:
    who = simulated_people()["rtm-home"]
    fixes = receive(who.journey, who.seed, from_ms=who.first_fix_ms, until_ms=None, interval_s=INTERVAL_S)
    assert any(fix.fixed_at_ms > at("18:30:00") for fix, _ in zip(fixes, range(1000), strict=False))
