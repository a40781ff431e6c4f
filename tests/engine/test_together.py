# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The victim-proximity monitor authors
"""Rides drawn from a seed, of two people who get on and off together or not: engine and twin tell the same."""

from random import Random

import numba
import pytest

from proximity.model.inputs import Input, Revision
from proximity.model.judging import Judging
from proximity.model.orders import Separation
from tests.engine.scenes import START_MS, Step, book_of, fix, order, play
from tests.engine.test_twin import ordered, told
from tests.engine.twin_wishes import WishingTwin

LENGTH_S = 1500
RIDES = 6 if vars(numba.config)["DISABLE_JIT"] else 60


def way(pace_mps: float, own_mps: float, off_s: int, on_s: int) -> list[tuple[float, float]]:
    """(metres, m/s) of every second: a ride that stops for half a minute now and then, left for a while."""
    spots, east_m = [], 0.0
    for second in range(LENGTH_S):
        speed_mps = own_mps if off_s <= second < on_s else pace_mps if second % 180 >= 30 else 0.0
        spots.append((east_m, speed_mps))
        east_m += speed_mps
    return spots


def ride(seed: int) -> list[Step]:
    """Both go along one line, he by a pace of his own for a while; their fixes have errors and come late."""
    chance = Random(seed)
    pace_mps, own_mps = chance.choice((1.4, 3.0, 6.0, 12.0)), chance.choice((0.0, 0.0, 1.4, -3.0))
    off_s = chance.randrange(300, 900)
    ways = way(pace_mps, own_mps, off_s, off_s + chance.randrange(60, 500)), way(pace_mps, 0.0, LENGTH_S, LENGTH_S)
    spread_m, accuracies_m = chance.choice((3.0, 20.0, 60.0)), chance.choice(((5.0,), (8.0, 30.0), (8.0, 120.0)))
    limits = Separation(500.0, 1000.0, chance.choice((30.0, 60.0, 150.0)), 480.0)
    given: dict[int, list[Input]] = {START_MS: [Revision(book_of(order(separation=limits)), Judging())]}
    says_speed, aside_m = chance.random() < 0.5, chance.uniform(0.0, 90.0)
    for device, every_s, spots, north_m in (
        ("ank-1", chance.choice((15, 60)), ways[0], 0.0), ("vic-1", 15, ways[1], aside_m)
    ):  # fmt: skip
        at_s = chance.uniform(1.0, 15.0)
        while at_s < LENGTH_S:
            east_m, speed_mps = spots[int(at_s)]
            facts = {"speed_mps": abs(speed_mps), "course_deg": 90.0 if speed_mps > 0 else 270.0} if says_speed else {}
            made = fix(
                device, round(at_s, 1), chance.gauss(east_m, spread_m), chance.gauss(north_m, spread_m),
                accuracy_m=chance.choice(accuracies_m), **facts,
            )  # fmt: skip
            if chance.random() > 0.05:
                came_ms = START_MS + round((at_s + chance.choice((0.0, 0.2, 1.5, 8.0))) * 10) * 100
                given.setdefault(came_ms, []).append(made)
            at_s += every_s * chance.choice((1.0, 1.0, 1.0, 2.0, 4.0))
    return [Step(now_ms, tuple(inputs)) for now_ms, inputs in sorted(given.items())]


@pytest.mark.parametrize("first", range(0, RIDES, 20))
def test_the_twin_tells_the_same_of_rides(first: int) -> None:
    causes, changes = set[str](), set[str]()
    for seed in range(first, min(first + 20, RIDES)):
        played = play(ride(seed), until_s=LENGTH_S)
        expected = WishingTwin().run(played.steps, START_MS + LENGTH_S * 1000)
        assert ordered(told(played.transitions)) == ordered(expected), f"ride {seed}"
        causes |= {line.cause for line in expected}
        changes |= {line.change for line in expected if line.level == 3}
    if RIDES > 20:
        assert "travelling_together" in causes
        assert changes >= {"raised", "updated"}
