# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The victim-proximity monitor authors
"""Scenes of a wearer who means it, and of one who does not."""

from simulators.staged.street import HOME, Street, beside

MINUTE = 60.0


def waiting_just_outside(street: Street) -> None:
    """He comes to 560 m, 60 m outside the limit, waits for half an hour, and goes."""
    street.wearer.is_at(beside(HOME, 2_500)).cycles(towards=beside(HOME, 560)).stays(30 * MINUTE)
    street.wearer.cycles(towards=beside(HOME, 2_500))


def circling(street: Street) -> None:
    """He cycles about her home at 600 m, and does not come nearer."""
    street.wearer.is_at(beside(HOME, 2_500)).cycles(towards=beside(HOME, 600))
    for corner in range(1, 25):
        street.wearer.cycles(towards=beside(HOME, 600, 270 + 30 * corner))


def circling_and_then_in(street: Street) -> None:
    """He circles once at 700 m, and then comes to her door."""
    street.wearer.is_at(beside(HOME, 2_500)).cycles(towards=beside(HOME, 700))
    for corner in range(1, 13):
        street.wearer.cycles(towards=beside(HOME, 700, 270 + 30 * corner))
    street.wearer.cycles(towards=HOME)


def in_and_out_all_day(street: Street) -> None:
    """Four times in three hours he comes to 300 m and goes back to 2 km."""
    street.lasts(3 * 3_600)
    street.wearer.is_at(beside(HOME, 2_000))
    for hour in range(4):
        street.wearer.stays_until(hour * 42 * MINUTE).cycles(towards=beside(HOME, 300)).stays(4 * MINUTE)
        street.wearer.cycles(towards=beside(HOME, 2_000))


def in_for_a_minute(street: Street) -> None:
    """He cycles to 430 m, turns at once, and leaves: within the limit for half a minute."""
    street.wearer.is_at(beside(HOME, 3_000)).cycles(towards=beside(HOME, 430)).cycles(towards=beside(HOME, 3_000))


def following_her(street: Street) -> None:
    """She walks to the station; he follows 350 m behind, from 1.5 km off at first."""
    street.protected.stays_until(16 * MINUTE).walks(towards=beside(HOME, 2_200, 90))
    street.wearer.is_at(beside(HOME, 1_500)).stays_until(4 * MINUTE).cycles(towards=beside(HOME, 350), at_mps=2.0)
    street.wearer.stays_until(17 * MINUTE).walks(towards=beside(HOME, 1_850, 90))


def approaching_while_her_phone_is_dead(street: Street) -> None:
    """Her phone dies at home; ten minutes later he comes to the door."""
    street.phone.is_dark(5 * MINUTE, 50 * MINUTE)
    street.wearer.is_at(beside(HOME, 3_000)).stays_until(15 * MINUTE).cycles(towards=HOME)


def approaching_while_his_tag_is_dark(street: Street) -> None:
    """He wraps his tag in foil 3 km away, comes to her door, and leaves; the tag is never near her."""
    street.wearer.is_at(beside(HOME, 3_000)).stays_until(8 * MINUTE).cycles(towards=HOME).stays(5 * MINUTE)
    street.wearer.cycles(towards=beside(HOME, 3_000))
    street.tag.is_dark(7 * MINUTE, 45 * MINUTE)


def jamming_at_her_door(street: Street) -> None:
    """His tag says that it is jammed, and then nothing, while he comes nearer."""
    street.wearer.is_at(beside(HOME, 2_000)).stays_until(8 * MINUTE).walks(towards=HOME)
    street.tag.says("jamming", 7 * MINUTE)
    street.tag.is_dark(7 * MINUTE, 50 * MINUTE)


def cutting_the_strap(street: Street) -> None:
    """He cuts the strap at home, leaves the tag there, and goes to her."""
    street.tag.is_left(beside(HOME, 4_000))
    street.tag.says("strap_cut", 10 * MINUTE)
    street.wearer.is_at(beside(HOME, 4_000)).stays_until(11 * MINUTE).cycles(towards=HOME)


def leaving_her_phone_at_home(street: Street) -> None:
    """Her phone lies at home on the charger for six hours of the day while she is out; he stays 5 km away."""
    street.begins("2026-10-24T09:00:00Z")
    street.lasts(6 * 3_600)
    street.protected.stays_until(30 * MINUTE).walks(towards=beside(HOME, 2_500, 90)).stays(5 * 3_600)
    street.phone.is_left(HOME)
    street.phone.says("charging", 20 * MINUTE)
    street.wearer.is_at(beside(HOME, 5_000))


def living_at_600_m(street: Street) -> None:
    """He lives 600 m away and stays at home for three hours: no one is nearer than the limit."""
    street.lasts(3 * 3_600)
    street.wearer.is_at(beside(HOME, 600))


def living_at_600_m_with_wifi(street: Street) -> None:
    """The same, with a tag that flips 200 m at rest."""
    street.lasts(3 * 3_600)
    street.wearer.is_at(beside(HOME, 600))
    street.tag.flips()


def adjacent_offices(street: Street) -> None:
    """They work 1,150 m apart, just outside the warning distance, and go for lunch the other way."""
    street.lasts(3 * 3_600)
    street.wearer.is_at(beside(HOME, 1_150)).stays_until(90 * MINUTE).walks(towards=beside(HOME, 1_600))
    street.wearer.stays(20 * MINUTE).walks(towards=beside(HOME, 1_150))
    street.protected.stays_until(92 * MINUTE).walks(towards=beside(HOME, 400, 90)).stays(25 * MINUTE)
    street.protected.walks(towards=HOME)


def far_away_all_day(street: Street) -> None:
    """They are 4 km apart, and each goes about their business."""
    street.lasts(3 * 3_600)
    street.wearer.is_at(beside(HOME, 4_000)).stays_until(40 * MINUTE).walks(towards=beside(HOME, 5_000))
    street.wearer.stays(10 * MINUTE).cycles(towards=beside(HOME, 4_000))
    street.protected.stays_until(30 * MINUTE).walks(towards=beside(HOME, 1_000, 90)).stays(20 * MINUTE)
    street.protected.walks(towards=HOME)
