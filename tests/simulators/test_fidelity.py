# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The victim-proximity monitor authors
"""The simulated month is within 20 % of what was measured, figure by figure."""

from simulators.scores.fidelity import rows

WITHIN = 0.20


def test_every_figure_is_within_a_fifth_of_the_measured_one() -> None:
    found = rows()
    assert len(found) >= 50
    assert not [row for row in found if row.off > WITHIN]
