# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The victim-proximity monitor authors
"""What is asked of devices."""

from msgspec import Struct

from proximity.model.units import Millis


class Wish(Struct, frozen=True):
    """How often a device is asked to report, moving and at rest; 0 both: nothing is asked, and nothing stands."""

    device: str
    interval_ms: Millis
    rest_interval_ms: Millis
