# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The victim-proximity monitor authors
"""The numbers of the judgement (DESIGN section 6). All are settings; these defaults are placeholders until scored."""

from msgspec import Struct

from proximity.model.units import Metres, MetresPerSecond, Seconds


class DefaultAccuracy(Struct, frozen=True):
    """`accuracy_m` of a fix that does not say: absent is not accurate."""

    gnss_m: Metres = 15.0
    wifi_m: Metres = 60.0
    cell_m: Metres = 1500.0
    beacon_m: Metres = 15.0
    unknown_m: Metres = 15.0


class DeviceJudging(Struct, frozen=True):
    """What is held against a device: when it is silent, and what is wrong with what it says."""

    silent_lag_s: Seconds = 60.0  # beyond two of its longer intervals, for messages that come late,
    silent_lag_above_s: Seconds = 30.0  # where that interval is longer than this
    behind_messages: int = 20  # the quickest of so many messages tells whether a clock is behind, at most 20
    behind_s: Seconds = 60.0  # all of its last messages took longer: its clock is behind
    behind_apart_s: Seconds = 10.0  # messages that come sooner after each other count as one
    frozen_fixes: int = 2  # the same place to the last digit, while the device says that it moves
    frozen_phone_s: Seconds = 10_800.0  # the same place to the last digit for longer than this
    frozen_tag_s: Seconds = 43_200.0
    battery_low_pct: float = 20.0
    battery_critical_pct: float = 10.0
    battery_better_pct: float = 10.0  # what ends either without a charger: so much more than that
    unplugged_pct: float = 3.0  # so much less than it had on the charger: it is not on it any more
    heard_again_fixes: int = 2  # good ones, in time: neither jammed nor shielded any more
    left_home_s: Seconds = 14_400.0  # a phone on its charger at rest for so long
    left_home_m: Metres = 50.0  # within this, beside its 95 % radius,
    left_home_moved_m: Metres = 100.0  # until it has moved further than this
    left_home_from_h: float = 7.0  # hours of the day in UTC; equal: never
    left_home_until_h: float = 20.0


class Wanting(Struct, frozen=True):
    """When devices are asked to report more often (docs/wanted.md), and for how long."""

    shortest_s: Seconds = 15.0  # the interval that is asked for
    granted_s: Seconds = 1800.0  # so much of an hour, to spare the battery; 0: never
    hold_s: Seconds = 120.0  # it goes back when nobody has wanted it for so long
    back_intervals: float = 1.5  # once it is wanted, it is so until they are so much further from the limit
    still_mps: MetresPerSecond = 0.5  # who together are slower come to no limit soon
    at_most: int = 500  # devices told in one step; the others at the next second


class FloodJudging(Struct, frozen=True):
    """When many silences are one incident of the system, and for how long ages stand still."""

    disconnected_s: Seconds = 5.0  # the service has heard nothing, or stood still, for so long: that is told
    resume_s: Seconds = 10.0  # ages stand still for so long after the session has come to stand again
    flood_devices: int = 20  # more devices than this,
    flood_share: float = 0.05  # and than this share of all that serve an order in force,
    flood_within_s: Seconds = 60.0  # fall silent within so long: one incident
    flood_over_share: float = 0.5  # it is over when fewer than this share of what makes one are silent
    flood_grows: float = 2.0  # it is told anew when so many times as many are silent as were told


class Judging(Struct, frozen=True):
    """Every number the engine judges by."""

    certain_at: float = 0.95
    probable_at: float = 0.5
    possible_at: float = 0.025  # low_m is the 2.5 % quantile: a limit below it is ruled out
    apart_below: float = 0.05
    apart_for_s: Seconds = 120.0
    confirm_after_s: Seconds = 20.0
    rearm_after_s: Seconds = 1800.0
    sigma_floor_m: Metres = 10.0
    accuracy_per_sigma: float = 1.51  # 68 % radius of a circular normal error, in standard deviations per axis
    stale_intervals: float = 2.0
    stale_at_least_s: Seconds = 90.0
    skew_s: Seconds = 30.0  # a clock further ahead than this is a device incident
    ahead_tolerance_s: Seconds = 1.0  # a fix this little ahead of us is not marked
    refuse_ahead_s: Seconds = 86_400.0
    moved_m: Metres = 50.0  # two consecutive fixes further apart than this: the device is not at rest
    at_rest_mps: MetresPerSecond = 0.5  # who is slower is at rest, or still,
    cycling_from_mps: MetresPerSecond = 2.5  # who is slower than this walks,
    driving_from_mps: MetresPerSecond = 8.0  # than this cycles
    step_noise: float = 1.5  # up to so many times the uncertainty of both ends a step is nothing but error
    fine_accuracy_m: Metres = 25.0  # up to this a fix is a satellite's
    pace_half_life_s: Seconds = 60.0  # how slowly it is forgotten that a track has been faster
    growth_still_mps: MetresPerSecond = 0.3  # by which uncertainty grows while nothing is heard,
    growth_walking_mps: MetresPerSecond = 1.5
    growth_cycling_mps: MetresPerSecond = 5.0
    growth_driving_mps: MetresPerSecond = 15.0
    velocity_within_s: Seconds = 120.0  # two fixes further apart in time give no velocity
    extrapolate_s: Seconds = 15.0  # a track goes on along its velocity for so long
    vmax_mps: MetresPerSecond = 70.0  # nobody is faster: a jump
    reach_mps: MetresPerSecond = 14.0  # a stale party may have travelled so fast at least
    coarse_zone_m: Metres = 200.0  # a fix coarser than this, and than the buffer, does not raise a zone's level
    doubt_step_m: Metres = 60.0  # a longer step of a track at rest, known coarsely, has to be said twice
    held_vague_s: Seconds = 3600.0  # for so long at most, where that is coarser than coarse_zone_m:
    held_asked_s: Seconds = 600.0  # and no longer without one that knows better, where it is asked for all of them;
    held_sigmas: float = 2.45  # a coarser fix within so many standard deviations tells a tag at rest nothing new
    pass_within_s: Seconds = 150.0  # between fixes further apart in time nothing is said of what was between
    pass_nearer_m: Metres = 1.0  # nearer than at both ends of the way, else it is judged there
    heading_mps: MetresPerSecond = 2.0  # how much less is known of a velocity's outcome each second
    approach_fixes_s: Seconds = 20.0  # two fixes so far apart must agree that they approach
    steady_m: Metres = 200.0  # neighbours: a warning that comes no nearer than this
    steady_s: Seconds = 1800.0  # for so long is told no more
    blind_still_s: Seconds = 600.0  # who was at rest when last known may be untold for so long
    blind_lag_s: Seconds = 60.0  # so long after its resting interval who moved can no longer have come to rest
    blind_asked_s: Seconds = 900.0  # so long after a fix that knew its place, or came unasked, who rested may have gone
    together_mps: MetresPerSecond = 2.5  # both are as fast at least,
    together_m: Metres = 100.0  # and as near, known as well,
    together_s: Seconds = 120.0  # for so long: they travel together
    history_s: Seconds = 86_400.0  # so far back fixes are kept, and late ones are judged at their own time,
    history_fixes: int = 10_000  # but no more than this a device
    late_lead_s: Seconds = 600.0  # from so long before a late fix on tracks are followed anew
    late_for_s: Seconds = 1800.0  # what was found late is told of as one for so long
    default_accuracy: DefaultAccuracy = DefaultAccuracy()
    devices: DeviceJudging = DeviceJudging()
    wanted: Wanting = Wanting()
    floods: FloodJudging = FloodJudging()
