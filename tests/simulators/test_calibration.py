# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The victim-proximity monitor authors
"""Claims beside the truth, and maps."""

from pathlib import Path

import numpy as np
import pytest

from simulators.devices.fixes import DeviceFix
from simulators.devices.links import Arrival
from simulators.scores.calibration import NOTHING, Bin, claims, reliability, together
from simulators.scores.maps import Shown, draw
from simulators.scores.pairs import LIMITS, MONDAY_MS, PairDay, pair_day
from simulators.scores.scoring import Truth, approaches
from simulators.truth.street import WGS84

HOME = (4.48, 51.92)
MINUTES = 30


def apart(far_m: float, true_m: float) -> PairDay:
    """Both report every minute for half an hour, so far apart; the truth may be another."""
    lon, lat, _ = WGS84.fwd(*HOME, 90.0, far_m)

    def side(at_s: float, place: tuple[float, float]) -> tuple[Arrival, ...]:
        times = [MONDAY_MS + round((at_s + 60.0 * minute) * 1000) for minute in range(MINUTES)]
        return tuple(Arrival(at_ms, (DeviceFix(at_ms, place[1], place[0], 10.0),)) for at_ms in times)

    return PairDay(
        Truth(MONDAY_MS, np.full(60 * MINUTES, true_m)), side(0.0, (float(lon), float(lat))), side(30.0, HOME)
    )


def test_claims_are_counted_beside_the_truth() -> None:
    # from the first minute in which both are known: one claim a minute
    near, far = reliability(apart(100.0, 100.0), LIMITS), reliability(apart(3_000.0, 3_000.0), LIMITS)
    assert (near[-1].claims, near[-1].within) == (MINUTES - 1, MINUTES - 1)
    assert near[-1].claimed == pytest.approx(MINUTES - 1, abs=0.01)
    assert (far[0].claims, far[0].within) == (MINUTES - 1, 0)
    wrong = reliability(apart(100.0, 3_000.0), LIMITS)
    assert (wrong[-1].claims, wrong[-1].within) == (MINUTES - 1, 0)
    both = together([near, far])
    assert (both[0].claims, both[-1].claims) == (MINUTES - 1, MINUTES - 1)
    assert together([]) == NOTHING
    assert Bin(1, 0.5, 1).plus(Bin(2, 0.25, 0)) == Bin(3, 0.75, 1)


def test_a_claim_is_what_a_normal_error_gives() -> None:
    """10 m accuracy is less than the floor of 10 m an axis: at the limit itself about half, by symmetry."""
    assert [claim for _, claim in claims(apart(500.0, 500.0), LIMITS)][-1] == pytest.approx(0.5, abs=0.05)


def test_a_map_is_drawn(tmp_path: Path) -> None:
    number, day = next(
        (number, day)
        for number in range(20)
        if approaches((day := pair_day(1, number)).truth, LIMITS.limit_m) and day.journeys
    )
    approach = approaches(day.truth, LIMITS.limit_m)[-1]
    draw([Shown(1, number, approach, "one")], tmp_path / "map.png")
    assert (tmp_path / "map.png").read_bytes().startswith(b"\x89PNG")
