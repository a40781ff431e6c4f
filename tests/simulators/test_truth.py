# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The victim-proximity monitor authors
import numpy as np
import pytest
from pyproj import Geod

from simulators.truth.crossings import Crossings, between, to_circle, to_polygon
from simulators.truth.street import Journey, Leg

WGS84 = Geod(ellps="WGS84")
HOME = (4.48, 51.92)
SOUTH_OF_HOME = WGS84.fwd(*HOME, 180.0, 2000.0)[:2]
NORTH_OF_HOME = WGS84.fwd(*HOME, 0.0, 2000.0)[:2]
STRAIGHT_THROUGH = Journey(Leg(0, (SOUTH_OF_HOME, NORTH_OF_HOME), 10.0))  # home after 200 s


def test_a_straight_way_crosses_a_distance_when_arithmetic_says() -> None:
    crossings = Crossings(between(STRAIGHT_THROUGH, Journey.resting(*HOME)), 0, 400_000)
    assert crossings.comes_within_ms(505.0) == 150_000  # 1,495 m at 10 m/s, the next whole second
    assert crossings.leaves_ms(505.0) == 251_000


def test_a_circle_is_entered_at_its_edge() -> None:
    crossings = Crossings(to_circle(STRAIGHT_THROUGH, *HOME, 300.0), 0, 400_000)
    assert crossings.comes_within_ms(0.5) == 170_000
    assert crossings.comes_within_ms(100.5) == 160_000


def test_a_polygon_is_measured_from_its_edge_negative_inside() -> None:
    corners = [WGS84.fwd(*HOME, azimuth, 200.0 * 2**0.5)[:2] for azimuth in (45.0, 135.0, 225.0, 315.0, 45.0)]
    distance_m = to_polygon(STRAIGHT_THROUGH, tuple(corners))(np.array([0, 160_000, 200_000], np.int64))
    assert distance_m == pytest.approx([1800.0, 200.0, -200.0], abs=0.05)


def test_what_never_comes_or_never_goes_is_said() -> None:
    crossings = Crossings(between(STRAIGHT_THROUGH, Journey.resting(*HOME)), 0, 180_000)
    with pytest.raises(ValueError, match="never within 100 m"):
        crossings.comes_within_ms(100.0)
    with pytest.raises(ValueError, match="does not leave"):
        crossings.leaves_ms(500.0)


def test_an_episode_ends_a_while_after_its_limit_is_left_straight_to_what_then_holds() -> None:
    crossings = Crossings(between(STRAIGHT_THROUGH, Journey.resting(*HOME)), 0, 400_000)
    # 105 m is left at 211 s; 60 s later it is 710 m away, so nothing holds any more
    assert crossings.closes_ms((105.0, 505.0), 60_000) == 271_000
    # 30 s later it is 410 m away: that level holds, and is left for 30 s at 251 + 30 s
    assert crossings.closes_ms((105.0, 505.0), 30_000) == 281_000
    assert crossings.closes_ms((505.0, 105.0), 30_000, 100.0) == 291_000


def test_the_level_that_holds_may_be_two_lower() -> None:
    crossings = Crossings(between(STRAIGHT_THROUGH, Journey.resting(*HOME)), 0, 400_000)
    # 105 m is left at 211 s; 35 s later it is 460 m away: 305 m, left for 15 s only, does not hold
    assert crossings.closes_ms((105.0, 305.0, 505.0), 35_000) == 286_000


def test_who_was_last_seen_within_a_limit_is_still_held_to_be_there() -> None:
    crossings = Crossings(between(STRAIGHT_THROUGH, Journey.resting(*HOME)), 0, 400_000)
    # 505 m is left at 251 s; at 271 s who was last seen 20 s ago was seen outside it, who was seen 25 s ago was not
    assert crossings.closes_ms((105.0, 505.0), 60_000, unseen_ms=20_000) == 271_000
    assert crossings.closes_ms((105.0, 505.0), 60_000, unseen_ms=25_000) == 311_000
    with pytest.raises(ValueError, match="unseen_ms"):
        crossings.closes_ms((105.0, 505.0), 60_000, unseen_ms=60_000)
