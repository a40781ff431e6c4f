# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The victim-proximity monitor authors
"""The score on recorded people: its truth is that of the data README; thinning keeps the cadence."""

from itertools import pairwise

import pytest

from simulators.devices.fixes import utc_ms
from simulators.devices.recorded import recorded_pair
from simulators.scores.recorded import PHASES, judge, thin, thinned_day, truth_of
from simulators.scores.score import OURS
from simulators.scores.scoring import Alerting, Limits, approaches

TRACKS = recorded_pair()


def on_the_day(clock: str) -> int:
    return utc_ms(f"2024-06-08T{clock}Z")


# the table of the data's README, by pyproj: when they part, and when they come back while both phones report
PARTED = {100: "16:11:00", 300: "16:11:25", 500: "16:11:51", 1000: "16:12:34", 2000: "16:15:00"}


@pytest.mark.parametrize("limit_m", PARTED)
def test_the_truth_is_that_of_the_recording(limit_m: int) -> None:
    found = approaches(truth_of(TRACKS["utrecht1"], TRACKS["utrecht2"]), limit_m)
    assert not found[0].crossed, "they begin together"
    assert abs(found[0].left_ms - on_the_day(PARTED[limit_m])) <= 1_000
    back = [one.crossed_ms for one in found[1:]]
    if limit_m == 2000:
        assert [abs(at_ms - on_the_day("17:24:04")) <= 1_000 for at_ms in back] == [True]
    if limit_m in (500, 1000):  # the second phone is silent from 17:41:03 to 17:47:02: known again then
        assert [abs(at_ms - on_the_day("17:47:02")) <= 1_000 for at_ms in back] == [True]
    if limit_m in (100, 300):
        assert back == []


@pytest.mark.parametrize("every_ms", [15_000, 60_000, 180_000])
def test_thinning_keeps_the_cadence(every_ms: int) -> None:
    kept = [one.at_ms for one in thin(TRACKS["utrecht1"], every_ms, on_the_day("16:00:00"))]
    steps = [later - earlier for earlier, later in pairwise(kept)]
    assert sorted(steps)[len(steps) // 2] == every_ms
    slots = [(at_ms - on_the_day("16:00:00")) // every_ms for at_ms in kept]
    assert len(set(slots)) == len(slots), "one fix an interval at most"


def test_phases_differ_and_nothing_is_made_up() -> None:
    days = [thinned_day(60.0, phase) for phase in range(PHASES)]
    assert len({day.wearer[0].at_ms for day in days}) == PHASES
    known = {fix.fixed_at_ms for fix in TRACKS["utrecht1"]}
    assert all(one.at_ms in known for day in days for one in day.wearer)


def test_our_engine_hears_them() -> None:
    limits = Limits(2_000.0, 1_000.0, 480_000)
    found = judge(OURS, thinned_day(15.0, 0), limits, 15.0)
    assert [one.alerting for one in found.told] == [Alerting.FULLY, Alerting.FULLY]
