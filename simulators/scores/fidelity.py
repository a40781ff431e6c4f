# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The victim-proximity monitor authors
"""The simulators judged: what a simulated month does beside what others measured (`error_numbers.md`)."""

from itertools import starmap
from typing import Final, NamedTuple

import numpy as np

from proximity.model.units import MILLIS_PER_SECOND, Seconds
from simulators.devices.errors import (
    APART_MOVING,
    AT_REST,
    MOVING_TAU_S,
    RESTING_TAU_S,
    Class,
    draw_errors,
    draw_lags_s,
    process,
)
from simulators.devices.reception import DAY_MS, TAG, Device, reports
from simulators.truth.street import WGS84, Floats, Journey

MONTH_S: Final = 30 * 86_400.0
RECEIVERS: Final = 8
EVERY_S: Final[Seconds] = 120.0
LAGS: Final = 300_000
JUMP_M, BACK_M = 100.0, 30.0
SHARES: Final = (50, 68, 90, 95)
PLACE: Final = (4.48, 51.90)

# written out once more, from the tables: reported accuracy over, up to, and the errors at `SHARES`
MEASURED_AT_REST: Final = (
    (5, 10, (4.2, 6.9, 14.3, 17.3)), (10, 20, (3.4, 4.4, 5.8, 7.5)), (20, 50, (5.4, 7.4, 16.9, 24.6)),
    (50, 100, (28.3, 32.2, 39.6, 44.7)), (500, 5000, (708.0, 717.0, 788.0, 816.0)),
)  # fmt: skip
MEASURED_APART: Final = (
    (0, 5, (4.8, 6.4, 9.9, 11.5)), (5, 10, (5.7, 7.8, 13.0, 16.1)), (10, 20, (7.4, 9.7, 15.6, 19.5)),
    (20, 50, (16.8, 22.9, 41.6, 53.3)), (50, 100, (26.9, 37.9, 63.3, 80.0)),
)  # fmt: skip


class Row(NamedTuple):
    """One figure of others, and ours."""

    what: str
    measured: float
    simulated: float

    @property
    def off(self) -> float:
        """By how much ours differs, as a share of theirs."""
        return abs(self.simulated / self.measured - 1.0)


def month(classes: tuple[Class, ...], tau_s: Seconds) -> tuple[Floats, Floats]:
    """Errors and reported accuracies of some receivers in a month."""
    times_s = np.arange(0.0, MONTH_S, EVERY_S)
    drawn = [draw_errors(np.random.default_rng(seed), times_s, classes, 3600.0, tau_s) for seed in range(RECEIVERS)]
    error_m = np.concatenate([np.hypot(east, north) for east, north, _ in drawn])
    return error_m, np.concatenate([accuracy for *_, accuracy in drawn])


def of_errors() -> list[Row]:
    """Percentiles of errors by reported accuracy, at rest and moving."""
    rows = []
    for what, classes, tau_s, measured in (
        ("error at rest", AT_REST, RESTING_TAU_S, MEASURED_AT_REST),
        ("two phones of one person, apart", APART_MOVING, MOVING_TAU_S, MEASURED_APART),
    ):
        error_m, accuracy_m = month(classes, tau_s)
        for low_m, high_m, theirs in measured:
            own = error_m[(accuracy_m > low_m) & (accuracy_m <= high_m)]
            rows += [
                Row(f"{what}, accuracy {low_m}-{high_m} m, p{share}, m", figure, float(np.percentile(own, share)))
                for share, figure in zip(SHARES, theirs, strict=True)
            ]
    return rows


def of_claims() -> list[Row]:
    """How often the error is within the accuracy that is reported, at rest."""
    error_m, accuracy_m = month(AT_REST, RESTING_TAU_S)
    rows = []
    for low_m, high_m, theirs in ((5, 10, 0.77), (10, 20, 0.99), (20, 50, 0.97), (50, 100, 1.00), (500, 5000, 0.94)):
        own = (accuracy_m > low_m) & (accuracy_m <= high_m)
        share = float(np.mean(error_m[own] <= accuracy_m[own]))
        rows.append(Row(f"within the accuracy reported, {low_m}-{high_m} m, share", theirs, share))
    return rows


def lasts_s(tau_s: Seconds) -> Seconds:
    """When the correlation of an error falls to 1/e."""
    step_s = tau_s / 10
    values = process(np.random.default_rng(3), np.arange(200_000, dtype=np.float64) * step_s, tau_s)
    lagged = np.array([np.corrcoef(values[:-lag], values[lag:])[0, 1] for lag in range(1, 30)])
    return step_s * (1 + int(np.argmax(lagged < np.exp(-1.0))))


def of_correlation() -> list[Row]:
    """How long errors last."""
    return [
        Row("error at rest lasts (1/e), s", 2_200.0, lasts_s(RESTING_TAU_S)),
        Row("error on the move lasts (1/e), s", 13.0, lasts_s(MOVING_TAU_S)),
    ]


def of_lags() -> list[Row]:
    """How late fixes come."""
    lags_s = draw_lags_s(np.random.default_rng(4), LAGS)
    figures = ((50.0, 0.7), (90.0, 21.0), (99.0, 70.0), (99.9, 1_340.0))
    return [
        Row(f"delivery lag, p{share:g}, s", theirs, float(np.percentile(lags_s, share))) for share, theirs in figures
    ]


def of_tags() -> list[Row]:
    """A real tag at rest, most of the time by Wi-Fi (table D)."""
    lon, lat, accuracy, every = [], [], [], []
    jumps, spikes = [], []
    for seed in range(RECEIVERS):
        made = reports(Journey.resting(*PLACE), Device(TAG, flips=True), 0, 30 * DAY_MS, np.random.default_rng(seed))
        fixes = [one.fix for one in made if one.fix]
        lon, lat = [one.lon_deg for one in fixes], [one.lat_deg for one in fixes]
        step_m = np.asarray(WGS84.inv(lon[:-1], lat[:-1], lon[1:], lat[1:])[2])
        back_m = np.asarray(WGS84.inv(lon[:-2], lat[:-2], lon[2:], lat[2:])[2])
        jumps.append(float(np.mean(step_m > JUMP_M)))
        spikes.append(float(np.mean((step_m[:-1] > JUMP_M) & (back_m < BACK_M))))
        accuracy += [one.accuracy_m or 0.0 for one in fixes]
        every += (np.diff([one.fixed_at_ms for one in fixes]) / MILLIS_PER_SECOND).tolist()
    return list(
        starmap(
            Row,
            (
                ("tag at rest: steps over 100 m, share", 0.118, float(np.mean(jumps))),
                ("tag at rest: there and back in one fix, share", 463 / 9_061, float(np.mean(spikes))),
                ("tag at rest: reported accuracy, p50, m", 58.0, float(np.percentile(accuracy, 50))),
                ("tag at rest: reported accuracy, p95, m", 729.0, float(np.percentile(accuracy, 95))),
                ("tag at rest: interval, p50, s", 296.0, float(np.percentile(every, 50))),
                ("tag at rest: interval, p95, s", 344.0, float(np.percentile(every, 95))),
            ),
        )
    )


def rows() -> list[Row]:
    """All of it; some seconds."""
    return [*of_errors(), *of_claims(), *of_correlation(), *of_lags(), *of_tags()]
