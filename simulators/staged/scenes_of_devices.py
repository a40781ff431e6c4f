# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The victim-proximity monitor authors
"""Scenes of devices, links, limits and clocks that go wrong."""

from simulators.staged.street import HOME, Street, beside

MINUTE = 60.0


def a_dead_battery(street: Street) -> None:
    """His tag runs flat 4 km away, saying so before, and is charged an hour later."""
    street.lasts(2 * 3_600)
    street.wearer.is_at(beside(HOME, 4_000))
    street.tag.runs_flat(40 * MINUTE, until_s=100 * MINUTE, lasts_h=3.0)


def her_battery_dies_as_he_comes(street: Street) -> None:
    """Her phone runs flat while he is 1.5 km away and coming."""
    street.wearer.is_at(beside(HOME, 3_000)).stays_until(10 * MINUTE).walks(towards=HOME)
    street.phone.runs_flat(28 * MINUTE, lasts_h=4.0)


def a_frozen_position(street: Street) -> None:
    """His tag repeats its position at 3 km for half an hour while he cycles to her door."""
    street.wearer.is_at(beside(HOME, 3_000)).stays_until(10 * MINUTE).cycles(towards=HOME).stays(10 * MINUTE)
    street.tag.freezes(9 * MINUTE, 40 * MINUTE)


def a_wifi_jump(street: Street) -> None:
    """He is at home, 1.5 km off; for one fix of many his tag believes to be at her door, 40 m accurate."""
    street.wearer.is_at(beside(HOME, 1_500))
    street.tag.reports(10)
    street.tag.jumps(20 * MINUTE, 20 * MINUTE + 6, by_m=1_480, accuracy_m=40, bearing_deg=90)


def a_jump_of_her_phone(street: Street) -> None:
    """For two minutes her phone believes to be 2 km nearer to him than it is, 1,500 m accurate: a mast."""
    street.wearer.is_at(beside(HOME, 2_500))
    street.phone.jumps(20 * MINUTE, 22 * MINUTE, by_m=2_000, accuracy_m=1_500, bearing_deg=270)


def coarse_fixes_only(street: Street) -> None:
    """From ten minutes on his tag knows its place by masts alone, 900 m accurate; he comes by bicycle."""
    street.wearer.is_at(beside(HOME, 4_000)).stays_until(12 * MINUTE).cycles(towards=HOME)
    street.tag.jumps(10 * MINUTE, 60 * MINUTE, by_m=700, accuracy_m=900, bearing_deg=200)


def stored_and_forwarded(street: Street) -> None:
    """Her phone has no connection for twenty minutes and stores; he comes at its end."""
    street.phone.is_cut_off(5 * MINUTE, 25 * MINUTE)
    street.wearer.is_at(beside(HOME, 3_000)).stays_until(22 * MINUTE).cycles(towards=HOME)


def a_breach_in_the_stored_hours(street: Street) -> None:
    """His tag stores for 90 minutes, in which he was at her door; when it comes back he is 4 km away."""
    street.lasts(3 * 3_600)
    street.wearer.is_at(beside(HOME, 4_000)).stays_until(40 * MINUTE).cycles(towards=HOME).stays(5 * MINUTE)
    street.wearer.cycles(towards=beside(HOME, 4_000))
    street.tag.is_cut_off(30 * MINUTE, 120 * MINUTE)


def the_broker_restarts(street: Street) -> None:
    """The broker is away for 40 s just as he crosses the limit."""
    street.wearer.cycles(towards=HOME, from_m=3_000)
    for carried in (street.tag, street.phone):
        carried.loses_its_broker(530, 570)


def everything_twice_and_out_of_order(street: Street) -> None:
    """Half of all messages come twice, and lags are ten times as long, up to a minute."""
    street.wearer.cycles(towards=HOME, from_m=3_000)
    for carried in (street.tag, street.phone):
        carried.repeats(0.5)
        carried.is_slow(10.0, 60.0)


def a_clock_ahead(street: Street) -> None:
    """His tag's clock is two minutes ahead."""
    street.wearer.cycles(towards=HOME, from_m=3_000)
    street.tag.clock_is_ahead(120)


def a_clock_behind(street: Street) -> None:
    """Her phone's clock is two minutes behind; he comes on foot."""
    street.wearer.walks(towards=HOME, from_m=2_000)
    street.phone.clock_is_ahead(-120)


def a_limit_of_100_m(street: Street) -> None:
    """The court set 100 m; he walks to her door."""
    street.limits(limit_m=100)
    street.wearer.walks(towards=HOME, from_m=1_000)


def a_limit_of_2_km(street: Street) -> None:
    """The court set 2 km; he drives to 1.5 km and stays there."""
    street.limits(limit_m=2_000)
    street.wearer.is_at(beside(HOME, 8_000)).drives(towards=beside(HOME, 1_500)).stays(10 * MINUTE)


def a_limit_of_10_km(street: Street) -> None:
    """The court set 10 km; he comes by car at 100 km/h from 25 km, and turns at 9 km."""
    street.limits(limit_m=10_000)
    street.wearer.is_at(beside(HOME, 25_000)).drives(towards=beside(HOME, 9_000), at_mps=27.8)
    street.wearer.drives(towards=beside(HOME, 25_000), at_mps=27.8)


def the_daylight_saving_night(street: Street) -> None:
    """In the night in which 02:00 to 03:00 comes twice he walks to her door, from one into the other."""
    street.begins("2026-10-25T00:35:00Z")
    street.wearer.walks(towards=HOME, from_m=2_000)


def at_midnight(street: Street) -> None:
    """He crosses the limit as the day ends in the Netherlands."""
    street.begins("2026-10-24T21:45:00Z")
    street.wearer.walks(towards=HOME, from_m=2_000, at_mps=1.67)


def sos_at_home(street: Street) -> None:
    """She presses the button; he is 5 km away."""
    street.wearer.is_at(beside(HOME, 5_000))
    street.phone.says("sos", 20 * MINUTE)


def a_slow_tag(street: Street) -> None:
    """The tag reports every three minutes, as some do to spare the battery; he comes by bicycle."""
    street.tag.reports(180, 300)
    street.wearer.cycles(towards=HOME, from_m=4_000)
