# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The victim-proximity monitor authors
"""The topics of DESIGN 4.1, as devices and supervisors outside the product write them."""

from typing import Final

HEARTBEAT: Final = "proximity/v1/system/state"


def fix_topic(device: str) -> str:
    """Where the device sends its fixes."""
    return f"proximity/v1/devices/{device}/fix"


def status_topic(device: str) -> str:
    """Where the device says how it is, and its last will goes."""
    return f"proximity/v1/devices/{device}/status"


def config_topic(device: str) -> str:
    """Where a device is asked how often to report."""
    return f"proximity/v1/devices/{device}/config"


def alerts_topic(region: str, supervisor: str) -> str:
    """Where a supervisor is told."""
    return f"reclassering/v1/{region}/{supervisor}/alerts"


def device_user(device: str) -> str:
    """The name by which the embedded broker knows a device."""
    return f"device/{device}"


def supervisor_user(region: str, supervisor: str) -> str:
    """The name by which the embedded broker knows a supervisor."""
    return f"supervisor/{region}/{supervisor}"
