# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The victim-proximity monitor authors
"""The numbers of the judgement (DESIGN section 6). All are settings; these defaults are placeholders until scored."""

from msgspec import Struct

from proximity.model.units import Metres, Seconds


class DefaultAccuracy(Struct, frozen=True):
    """`accuracy_m` of a fix that does not say: absent is not accurate."""

    gnss_m: Metres = 15.0
    wifi_m: Metres = 60.0
    cell_m: Metres = 1500.0
    beacon_m: Metres = 15.0
    unknown_m: Metres = 15.0


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
    default_accuracy: DefaultAccuracy = DefaultAccuracy()
