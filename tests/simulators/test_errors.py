# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The victim-proximity monitor authors
"""A month of drawn errors against the percentiles that others measured (gnss_error/error_numbers.md)."""

import numpy as np
import pytest

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
from simulators.truth.street import Floats

WITHIN = 0.20
MONTH_S = 30 * 86_400.0


def month(classes: tuple[Class, ...], every_s: float, tau_s: float, people: int) -> tuple[Floats, Floats]:
    """Errors and accuracies of some receivers for a month."""
    times_s = np.arange(0.0, MONTH_S, every_s)
    drawn = [draw_errors(np.random.default_rng(seed), times_s, classes, 3600.0, tau_s) for seed in range(people)]
    return (np.concatenate([np.hypot(east, north) for east, north, _ in drawn]),
            np.concatenate([accuracy for _, _, accuracy in drawn]))  # fmt: skip


# error_numbers.md, table A, written out once more: reported accuracy, p50, p68, p90, p95
REST = [((5, 10), 4.2, 6.9, 14.3, 17.3), ((10, 20), 3.4, 4.4, 5.8, 7.5), ((20, 50), 5.4, 7.4, 16.9, 24.6),
        ((50, 100), 28.3, 32.2, 39.6, 44.7), ((500, 5000), 708, 717, 788, 816)]  # fmt: skip
MOVING = [((0, 5), 4.8, 6.4, 9.9, 11.5), ((5, 10), 5.7, 7.8, 13.0, 16.1), ((10, 20), 7.4, 9.7, 15.6, 19.5),
          ((20, 50), 16.8, 22.9, 41.6, 53.3), ((50, 100), 26.9, 37.9, 63.3, 80.0)]  # fmt: skip


@pytest.mark.parametrize(
    ("classes", "tau_s", "table"), [(AT_REST, RESTING_TAU_S, REST), (APART_MOVING, MOVING_TAU_S, MOVING)]
)
def test_errors_have_the_measured_percentiles(
    classes: tuple[Class, ...], tau_s: float, table: list[tuple[tuple[float, float], float, float, float, float]]
) -> None:  # fmt: skip
    error_m, accuracy_m = month(classes, 120.0, tau_s, 8)
    for (low_m, high_m), *expected in table:
        own = error_m[(accuracy_m > low_m) & (accuracy_m <= high_m)]
        assert np.percentile(own, [50, 68, 90, 95]) == pytest.approx(expected, rel=WITHIN)


def test_all_fixes_at_rest_together() -> None:
    error_m, accuracy_m = month(AT_REST, 120.0, RESTING_TAU_S, 20)
    # table A: all p50 5.7, p90 37.7; fractions within the accuracy reported 0.99, 0.97 and 1.00
    assert np.percentile(error_m, [50, 90]) == pytest.approx([5.7, 37.7], rel=WITHIN)
    for low_m, high_m, share in ((10, 20, 0.99), (20, 50, 0.97), (50, 100, 1.00)):
        own = (accuracy_m > low_m) & (accuracy_m <= high_m)
        assert np.mean(error_m[own] <= accuracy_m[own]) == pytest.approx(share, abs=0.03)


@pytest.mark.parametrize("tau_s", [MOVING_TAU_S, RESTING_TAU_S])
def test_errors_last_as_long_as_measured(tau_s: float) -> None:
    step_s = tau_s / 10
    values = process(np.random.default_rng(3), np.arange(200_000, dtype=np.float64) * step_s, tau_s)
    lagged = [np.corrcoef(values[:-lag], values[lag:])[0, 1] for lag in range(1, 30)]
    falls_s = step_s * (1 + int(np.argmax(np.array(lagged) < np.exp(-1.0))))
    assert falls_s == pytest.approx(tau_s, rel=WITHIN)
    assert (values.mean(), values.std()) == (pytest.approx(0.0, abs=0.05), pytest.approx(1.0, rel=0.05))


def test_fixes_come_as_late_as_measured() -> None:
    lags_s = draw_lags_s(np.random.default_rng(4), 300_000)
    assert np.percentile(lags_s, [50, 90, 99, 99.9]) == pytest.approx([0.7, 21.0, 70.0, 1340.0], rel=WITHIN)


def test_the_same_seed_gives_the_same_bytes() -> None:
    times_s = np.arange(0.0, 3600.0, 15.0)
    one, again, other = (draw_errors(np.random.default_rng(seed), times_s, AT_REST, 600.0, 60.0) for seed in (1, 1, 2))
    assert [part.tobytes() for part in one] == [part.tobytes() for part in again]
    assert one[0].tobytes() != other[0].tobytes()
