# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The victim-proximity monitor authors
"""What can be wrong with a device, as bits of `DeviceTable.troubles`, worst first."""

from typing import Final, NamedTuple

from proximity.kernels.devices import (
    BATTERY_CRITICAL_BIT,
    BATTERY_LOW_BIT,
    CLOCK_BIT,
    DISTURBED_BITS,
    FROZEN_BIT,
    LEFT_HOME_BIT,
    OFF_WEARER_BITS,
    SILENT_BIT,
    UNJUDGED_BIT,
)
from proximity.model.words import Cause, Severity, StatusEvent


class Trouble(NamedTuple):
    """One kind of trouble: its bit, what it is called, how much it asks, the status that reports it, how it ends."""

    bit: int
    cause: Cause
    severity: Severity
    status: StatusEvent | None  # None: the engine notices it itself
    ended: Cause


SOS_BIT: Final = 32
TROUBLES: Final = (
    Trouble(SOS_BIT, Cause.SOS, Severity.CRITICAL, StatusEvent.SOS, Cause.COMMAND),
    Trouble(4, Cause.STRAP_CUT, Severity.CRITICAL, StatusEvent.STRAP_CUT, Cause.REFITTED),
    Trouble(8, Cause.CASE_OPEN, Severity.CRITICAL, StatusEvent.CASE_OPEN, Cause.REFITTED),
    Trouble(16, Cause.POWER_OFF, Severity.CRITICAL, StatusEvent.POWER_OFF, Cause.REFITTED),
    # somebody may be doing that
    Trouble(256, Cause.JAMMING, Severity.MAJOR, StatusEvent.JAMMING, Cause.HEARD_AGAIN),
    Trouble(512, Cause.SHIELDING, Severity.MAJOR, StatusEvent.SHIELDING, Cause.HEARD_AGAIN),
    Trouble(SILENT_BIT, Cause.SILENT, Severity.MINOR, None, Cause.HEARD_AGAIN),
    Trouble(FROZEN_BIT, Cause.FROZEN, Severity.MINOR, None, Cause.MOVED_ON),
    Trouble(BATTERY_CRITICAL_BIT, Cause.BATTERY_CRITICAL, Severity.MINOR, StatusEvent.BATTERY_CRITICAL, Cause.CHARGED),
    Trouble(CLOCK_BIT, Cause.CLOCK, Severity.MINOR, None, Cause.CLOCK_RIGHT),
    Trouble(LEFT_HOME_BIT, Cause.LEFT_AT_HOME, Severity.MINOR, None, Cause.TAKEN_ALONG),
    # what it sent is older than the history: nobody will ever know what it would have shown
    Trouble(UNJUDGED_BIT, Cause.UNJUDGED, Severity.MINOR, None, Cause.NOTHING_MORE),
    Trouble(BATTERY_LOW_BIT, Cause.BATTERY_LOW, Severity.MINOR, StatusEvent.BATTERY_LOW, Cause.CHARGED),
)
BY_STATUS: Final = {trouble.status: trouble for trouble in TROUBLES if trouble.status is not None}
BY_CAUSE: Final = {trouble.cause: trouble for trouble in TROUBLES}
OFF_WEARER: Final = frozenset({Cause.STRAP_CUT, Cause.CASE_OPEN, Cause.POWER_OFF})
DISTURBED: Final = frozenset({Cause.JAMMING, Cause.SHIELDING})

for causes, bits in ((OFF_WEARER, OFF_WEARER_BITS), (DISTURBED, DISTURBED_BITS)):
    if sum(BY_CAUSE[cause].bit for cause in causes) != bits:
        raise AssertionError(f"the kernels and this table disagree about which bits mean: {sorted(causes)}")


def causes_of(bits: int) -> tuple[Cause, ...]:
    """The troubles that the bits stand for, worst first."""
    return tuple(trouble.cause for trouble in TROUBLES if bits & trouble.bit)
