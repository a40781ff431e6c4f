# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The victim-proximity monitor authors
"""What can be wrong with a device, as bits of `DeviceTable.troubles`, worst first."""

from typing import Final, NamedTuple

from proximity.kernels.admission import CLOCK_BIT, OFF_WEARER_BITS, SILENT_BIT
from proximity.model.words import Cause, Severity, StatusEvent


class Trouble(NamedTuple):
    """One kind of trouble: its bit, what it is called, how much it asks, the status that reports it, how it ends."""

    bit: int
    cause: Cause
    severity: Severity
    status: StatusEvent | None  # None: the engine notices it itself
    ended: Cause | None  # None: only a recorded act ends it


TROUBLES: Final = (
    Trouble(32, Cause.SOS, Severity.CRITICAL, StatusEvent.SOS, None),
    Trouble(4, Cause.STRAP_CUT, Severity.CRITICAL, StatusEvent.STRAP_CUT, None),
    Trouble(8, Cause.CASE_OPEN, Severity.CRITICAL, StatusEvent.CASE_OPEN, None),
    Trouble(16, Cause.POWER_OFF, Severity.CRITICAL, StatusEvent.POWER_OFF, None),
    Trouble(SILENT_BIT, Cause.SILENT, Severity.MINOR, None, Cause.HEARD_AGAIN),
    Trouble(CLOCK_BIT, Cause.CLOCK, Severity.MINOR, None, Cause.CLOCK_RIGHT),
)
BY_STATUS: Final = {trouble.status: trouble for trouble in TROUBLES if trouble.status is not None}
BY_CAUSE: Final = {trouble.cause: trouble for trouble in TROUBLES}
OFF_WEARER: Final = frozenset({Cause.STRAP_CUT, Cause.CASE_OPEN, Cause.POWER_OFF})

if sum(BY_CAUSE[cause].bit for cause in OFF_WEARER) != OFF_WEARER_BITS:
    raise AssertionError("the kernels and this table disagree about which bits mean: off its wearer")


def causes_of(bits: int) -> tuple[Cause, ...]:
    """The troubles that the bits stand for, worst first."""
    return tuple(trouble.cause for trouble in TROUBLES if bits & trouble.bit)
