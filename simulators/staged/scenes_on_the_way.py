# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The victim-proximity monitor authors
"""Scenes of people on the way: on foot, by bicycle, by car, by tram, by chance."""

from simulators.staged.street import HOME, Street, beside
from simulators.truth.city import Mode

MINUTE = 60.0


def on_foot(street: Street) -> None:
    """He walks from 2 km to her door."""
    street.wearer.walks(towards=HOME, from_m=2_000)


def on_foot_through_alleys(street: Street) -> None:
    """He walks to her door by the streets of the centre, among towers, never straight."""
    street.wearer.is_at((4.4600, 51.9150)).keeps_to_streets(HOME, Mode.FOOT)


def by_bicycle(street: Street) -> None:
    """He cycles from 3 km to her door."""
    street.wearer.cycles(towards=HOME, from_m=3_000)


def by_bicycle_past(street: Street) -> None:
    """He cycles past her home, 300 m off, and on."""
    street.wearer.is_at(beside(beside(HOME, 300, 0), 3_000)).cycles(towards=beside(beside(HOME, 300, 0), 3_000, 90))


def by_car_to_her_door(street: Street) -> None:
    """He drives from 4 km to her door."""
    street.wearer.drives(towards=HOME, from_m=4_000)


def on_the_motorway_past_her_home(street: Street) -> None:
    """He drives past at 120 km/h, 200 m off: within the limit for under half a minute."""
    road = beside(HOME, 200, 0)
    street.wearer.is_at(beside(road, 12_000)).drives(towards=beside(road, 12_000, 90), at_mps=33.3)
    street.lasts(25 * MINUTE)


def she_walks_towards_him(street: Street) -> None:
    """He sits on a bench; she walks towards it, knowing nothing."""
    street.protected.is_at(HOME)
    street.wearer.is_at(beside(HOME, 2_000))
    street.protected.walks(towards=beside(HOME, 1_950))


def both_walk_towards_each_other(street: Street) -> None:
    """Both walk, and meet half way."""
    street.wearer.is_at(beside(HOME, 3_000)).walks(towards=beside(HOME, 1_500))
    street.protected.walks(towards=beside(HOME, 1_500))


def a_chance_meeting_in_a_crowd(street: Street) -> None:
    """Both go to the same market; so do thousands, and the network is full."""
    market = beside(HOME, 900, 110)
    street.protected.walks(towards=market)
    street.wearer.is_at(beside(market, 2_500, 150)).cycles(towards=market).stays(15 * MINUTE)
    for carried in (street.tag, street.phone):
        carried.loses(0.15)
        carried.is_slow(3.0, 45.0)


def the_festival(street: Street) -> None:
    """She is at a festival in the park from the start; he comes on foot, and every message is slow or lost."""
    street.wearer.walks(towards=HOME, from_m=2_500)
    for carried in (street.tag, street.phone):
        carried.loses(0.25)
        carried.is_slow(5.0, 60.0)


def the_same_tram(street: Street) -> None:
    """She boards a tram; two stops on he boards the same one."""
    east = beside(HOME, 4_000, 90)
    street.protected.stays_until(10 * MINUTE).rides(east, Mode.TRAM, 6.0)
    stop = beside(HOME, 2_000, 90)
    street.wearer.is_at(beside(stop, 1_800, 0)).stays_until(MINUTE)
    street.wearer.cycles(towards=stop, at_mps=4.2).stays_until(10 * MINUTE + 2_000 / 6.0).rides(east, Mode.TRAM, 6.0)


def under_ground_to_her_stop(street: Street) -> None:
    """He takes the metro: four kilometres without the sky, and comes up 800 m from her door."""
    stop = beside(HOME, 800, 180)
    start = beside(stop, 3_800, 265)
    street.wearer.is_at(start).stays_until(6 * MINUTE).rides(stop, Mode.METRO, 9.5).stays(MINUTE).walks(towards=HOME)


def through_the_tunnel(street: Street) -> None:
    """He drives towards her; his tag sees no sky for 90 s, and comes out within the warning distance."""
    street.wearer.drives(towards=HOME, from_m=4_000, at_mps=14.0)
    street.tag.is_dark(130, 220)


def by_the_ferry(street: Street) -> None:
    """He crosses the river on a ferry, waits at the quay, and walks the rest."""
    quay = beside(HOME, 1_500, 170)
    street.wearer.is_at(beside(quay, 3_000, 200)).stays_until(4 * MINUTE).rides(quay, Mode.TRAM, 8.0)
    street.wearer.stays(5 * MINUTE).walks(towards=HOME)


def a_river_between_them(street: Street) -> None:
    """He sits down on the other bank, 420 m off as the crow flies, half an hour away by the bridge."""
    bank = beside(HOME, 420, 180)
    street.wearer.is_at(beside(bank, 2_500, 180)).cycles(towards=bank).stays(20 * MINUTE)
