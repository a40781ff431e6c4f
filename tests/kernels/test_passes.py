# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The victim-proximity monitor authors
"""Passes by a zone on the way that a party goes on, by hand (docs/judgement.md, 7)."""

from math import inf, nan

import pytest

from proximity.engine.state import new_parties, numbers_of
from proximity.geo.world import compile_world
from proximity.kernels.columns import records_of
from proximity.kernels.passes import nearest_zone_pass_m
from proximity.kernels.tracks import follow_track
from proximity.model.judging import Judging
from tests.engine.scenes import HOME, START_MS, book_of, order
from tests.kernels.people import stand

NUMBERS = numbers_of(Judging())
WORLD = compile_world(book_of(order(separation=None, zones=(HOME,))))
WEARER = int(WORLD.rows.wearer[0])


@pytest.mark.parametrize(
    ("start_s", "now_s", "nearest_m"),
    [
        (2, 12, 50.0),  # from 300 m west of its middle to 200 m east of it: by 300 m north of it, 50 m from its edge
        (2, 5, inf),  # still coming: the end is the nearest
        (9, 12, inf),  # going away since before
        (9, 60, inf),  # carried on for 15 s only
    ],
)
def test_a_zone_is_passed_after_the_newest_position(start_s: int, now_s: int, nearest_m: float) -> None:
    # HOME: 250 m round 200 m east. He is 400 m west of its middle and 300 m north of it, going east at 50 m/s
    parties = new_parties(WORLD, NUMBERS)
    stand(parties, WEARER, START_MS, -200.0, 300.0)
    assert not follow_track(records_of(parties), WEARER, 50.0, 90.0, -1, awake=False, numbers=NUMBERS)
    nearest = nearest_zone_pass_m(
        records_of(parties), WEARER, START_MS + start_s * 1000, START_MS + now_s * 1000, WORLD.zones, 0, NUMBERS
    )
    assert nearest == pytest.approx(nearest_m, abs=0.2)
    stand(parties, WEARER, START_MS, -200.0, 300.0)
    follow_track(records_of(parties), WEARER, 0.0, nan, -1, awake=False, numbers=NUMBERS)
    assert nearest_zone_pass_m(records_of(parties), WEARER, START_MS, START_MS + 12_000, WORLD.zones, 0, NUMBERS) == inf
