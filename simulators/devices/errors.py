# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The victim-proximity monitor authors
"""How wrong positions are, how wrong they say they are, and how late they come: measured percentiles of others.

From the tables of `gnss_error/error_numbers.md`: A, phones at rest (MobilityNet calibration); B, two phones that one
person carries, moving; E2, delivery. Percentiles are joined by straight lines. Errors last: what is drawn is a place in
the table, by a normal process whose correlation is the measured one.
"""

from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr

from proximity.model.units import Metres, Seconds

Floats = NDArray[np.float64]

PERCENTILES: Final = (0.0, 0.50, 0.68, 0.90, 0.95, 0.99, 1.0)
RESTING_TAU_S: Final[Seconds] = 2_200.0  # table A: 1/e, median of 14 stretches
MOVING_TAU_S: Final[Seconds] = 13.0  # table B: likewise, of 140


class Class(NamedTuple):
    """Fixes that report an accuracy in a range: how many of all there are, and the percentiles of their errors."""

    accuracy_m: tuple[Metres, Metres]
    fixes: int
    error_m: tuple[Metres, ...]  # at `PERCENTILES`


AT_REST: Final = (
    Class((3.0, 5.0), 39, (0.0, 7.9, 8.8, 10.3, 18.0, 18.7, 19.0)),
    Class((5.0, 10.0), 609, (0.0, 4.2, 6.9, 14.3, 17.3, 28.5, 31.0)),
    Class((10.0, 20.0), 4359, (0.0, 3.4, 4.4, 5.8, 7.5, 16.9, 63.0)),
    Class((20.0, 50.0), 839, (0.0, 5.4, 7.4, 16.9, 24.6, 36.1, 68.0)),
    Class((50.0, 100.0), 3193, (0.0, 28.3, 32.2, 39.6, 44.7, 52.5, 69.0)),
    Class((100.0, 500.0), 30, (0.0, 26.0, 31.8, 38.3, 71.6, 97.7, 102.0)),
    Class((500.0, 1500.0), 532, (0.0, 708.0, 717.0, 788.0, 816.0, 821.0, 838.0)),
)
APART_MOVING: Final = (  # the distance of two phones of one person, by the worse accuracy
    Class((3.0, 5.0), 7956, (0.0, 4.8, 6.4, 9.9, 11.5, 16.2, 30.0)),
    Class((5.0, 10.0), 31882, (0.0, 5.7, 7.8, 13.0, 16.1, 23.2, 35.0)),
    Class((10.0, 20.0), 6793, (0.0, 7.4, 9.7, 15.6, 19.5, 29.6, 54.0)),
    Class((20.0, 50.0), 3546, (0.0, 16.8, 22.9, 41.6, 53.3, 145.0, 289.0)),
    Class((50.0, 100.0), 5492, (0.0, 26.9, 37.9, 63.3, 80.0, 143.0, 299.0)),
    Class((100.0, 500.0), 2244, (0.0, 62.5, 99.9, 284.0, 441.0, 802.0, 1454.0)),
    Class((500.0, 5000.0), 951, (0.0, 865.0, 1560.0, 10998.0, 27072.0, 43613.0, 51160.0)),
)
LAG_SHARES: Final = (0.0, 0.50, 0.90, 0.99, 0.999, 1.0)
LAG_S: Final[tuple[Seconds, ...]] = (0.0, 0.7, 21.0, 70.0, 1340.0, 3600.0)  # table E2, Android


def process(chance: np.random.Generator, times_s: Floats, tau_s: Seconds) -> Floats:
    """A normal process of mean 0 and deviation 1 at some rising instants, whose correlation falls to 1/e in `tau_s`."""
    kept = np.exp(-np.diff(times_s, prepend=-np.inf) / tau_s)
    fresh = chance.normal(size=len(times_s)) * np.sqrt(1.0 - kept**2)
    values = np.empty(len(times_s))
    before = 0.0
    for place in range(len(times_s)):
        before = kept[place] * before + fresh[place]
        values[place] = before
    return values


def table_place(values: Floats) -> Floats:
    """Normal values as shares from 0 to 1: how many are less."""
    return np.asarray(ndtr(values), np.float64)


def draw_errors(
    chance: np.random.Generator,
    times_s: Floats,
    classes: tuple[Class, ...],
    class_tau_s: Seconds,
    tau_s: Seconds,
    worse: Floats | float = 0.0,
) -> tuple[Floats, Floats, Floats]:  # fmt: skip
    """Errors east and north and the accuracies reported, at some rising instants: as often as the classes have them.

    The class of a fix lasts `class_tau_s`, its error `tau_s`: a room of a building, and the satellites that are seen.
    `worse`, in standard deviations, makes coarse classes more frequent where the sky is narrow.
    """
    shares = np.cumsum([one.fixes for one in classes]) / sum(one.fixes for one in classes)
    which = np.searchsorted(shares[:-1], table_place(process(chance, times_s, class_tau_s) + worse), side="right")
    # the distance from two normal axes keeps direction and size together as long as they last
    east, north = process(chance, times_s, tau_s), process(chance, times_s, tau_s)
    size_share = 1.0 - np.exp(-(east**2 + north**2) / 2.0)
    claim_share = table_place(process(chance, times_s, class_tau_s))
    error_m = np.empty(len(times_s))
    for place, one in enumerate(classes):
        own = which == place
        error_m[own] = np.interp(size_share[own], PERCENTILES, one.error_m)
    low_m, high_m = np.array([one.accuracy_m for one in classes]).T
    length = np.maximum(np.hypot(east, north), np.finfo(np.float64).tiny)
    return error_m * east / length, error_m * north / length, low_m[which] + claim_share * (high_m - low_m)[which]


def draw_lags_s(chance: np.random.Generator, count: int) -> Floats:
    """How long after its time each of some fixes arrives."""
    return np.asarray(np.interp(chance.random(count), LAG_SHARES, LAG_S), np.float64)
