# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The victim-proximity monitor authors
"""Parties and their devices."""

import re
from typing import Final

from proximity.model.orders import Device, Party
from proximity.model.units import Seconds
from proximity.model.words import DeviceKind
from proximity.settings.checks import Check, Range, choice, identifier, number, text
from proximity.settings.table import Table, refuse_twins

INTERVAL_S: Final[Seconds] = 60.0
TAG_REST_INTERVAL_S: Final[Seconds] = 300.0

DEVICES: Final = Range(1, 16, "devices: a party without one cannot be judged")
INTERVAL: Final = number(Range(1, 3600, "seconds"))
REST_INTERVAL: Final = number(Range(1, 86_400, "seconds"))
OWNTRACKS: Final[Check[str]] = text(
    re.compile(r"[A-Za-z0-9._@-]{1,64}/[A-Za-z0-9._@-]{1,64}"),
    'write "user/device" as the app has them, such as "p04/phone": letters, digits and . _ @ - only',
)


def read_party(table: Table) -> Party:
    """One party with its devices, sorted by id. What is at fault in it is left out: a fault anywhere voids the book."""
    own_id = table.need("id", identifier)
    rows = table.tables("devices", DEVICES)
    if "devices" not in table:
        table.fault("devices", 'this key is missing: write such as [{id = "ank-001", kind = "tag", interval_s = 60}]')
    devices = [device for row in rows if (device := _read_device(row)) is not None]
    refuse_twins(rows, "device")
    table.done()
    return Party(own_id or "", tuple(sorted(devices, key=lambda device: device.id)))


def short_party(own_id: str, *, is_wearer: bool) -> Party:
    """The party that a name without an entry stands for: one device of that id, a wearer's tag or a phone."""
    if is_wearer:
        return Party(own_id, (Device(own_id, DeviceKind.TAG, INTERVAL_S, TAG_REST_INTERVAL_S),))
    return Party(own_id, (Device(own_id, DeviceKind.PHONE, INTERVAL_S, INTERVAL_S),))


def _read_device(table: Table) -> Device | None:
    own_id = table.need("id", identifier)
    kind = table.need("kind", choice(DeviceKind))
    interval_s = table.get("interval_s", INTERVAL, INTERVAL_S)
    rest_interval_s = table.get("rest_interval_s", REST_INTERVAL, None)
    owntracks = table.get("owntracks", OWNTRACKS, None)
    table.done()
    if rest_interval_s is not None and rest_interval_s < interval_s:
        mend = f"a device at rest reports no more often than its interval_s of {interval_s:g}: write that or more"
        table.fault("rest_interval_s", mend)
    if own_id is None:
        return None
    return Device(
        own_id,
        kind or DeviceKind.TAG,
        interval_s,
        interval_s if rest_interval_s is None else rest_interval_s,
        owntracks,
    )
