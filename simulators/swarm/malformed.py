# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The victim-proximity monitor authors
"""Messages that nobody can take: each must be refused with a reason, and cost nothing else."""

from typing import Final, NamedTuple

import numpy as np

from simulators.devices.fixes import FIXES_MAX
from simulators.devices.topics import fix_topic, status_topic

TOO_LARGE_BYTES: Final = 65_537
TOO_DEEP: Final = 10_000
GOOD: Final = b'{"fixed_at":"2026-06-01T12:00:00Z","lat":51.92,"lon":4.48}'
FIXES: Final = (
    b"",
    b"{",
    b"null",
    b'"51.92"',
    b"\xff\xfe",
    b"[]",
    b"[" * TOO_DEEP,
    b'{"fixed_at":"2026-06-01T12:00:00Z","lat":NaN,"lon":4.48}',
    b'{"fixed_at":"2026-06-01T12:00:00Z","lat":51.92,"lon":1e999}',
    b'{"fixed_at":"2026-06-01T12:00:00Z","lat":91.0,"lon":4.48}',
    b'{"fixed_at":"2026-06-01T12:00:00Z","lat":51.92,"lon":4.48,"accuracy_m":-5.0}',
    b'{"fixed_at":"2026-06-01T12:00:00Z","lat":"51.92","lon":4.48}',
    b'{"fixed_at":"2026-06-01T12:00:00","lat":51.92,"lon":4.48}',
    b'{"fixed_at":"1980-01-06T00:00:00Z","lat":51.92,"lon":4.48}',
    b'{"lat":51.92,"lon":4.48}',
    GOOD[:-1] + b" " * TOO_LARGE_BYTES + b"}",
    b"[" + b",".join([GOOD] * (FIXES_MAX + 1)) + b"]",
)
STATUSES: Final = (b"{", b'{"event":"on_fire"}', b'{"event":"sos","at":NaN}', b'{"at":"2026-06-01T12:00:00Z"}')
ELEMENTS: Final = (b"{}", b"[]", b"7", b'{"fixed_at":"2026-06-01T12:00:00Z","lat":NaN,"lon":4.48}')  # of an array
ELSEWHERE: Final = (
    ("proximity/v1/devices/nobody/fix", GOOD),
    ("proximity/v1/devices/UPPER/fix", GOOD),
    ("proximity/v2/devices/nobody/fix", GOOD),
    ("owntracks/nobody/phone", b'{"_type":"location","tst":1780300800,"lat":51.92,"lon":4.48}'),
    ("reclassering/v1/r/s/commands", b'{"command":"acknowledge","incident":"none:separation:a_b:1","by":"x"}'),
    ("reclassering/v1/r/s/commands", b"{"),
)


class Malformed(NamedTuple):
    """A message that is refused, once."""

    topic: str
    payload: bytes


def draw_malformed(devices: tuple[str, ...], chance: np.random.Generator) -> Malformed:
    """Any of them, as if from one of the devices or from nobody."""
    device = devices[int(chance.integers(len(devices)))]
    kinds = [
        *(Malformed(fix_topic(device), payload) for payload in FIXES),
        *(Malformed(status_topic(device), payload) for payload in STATUSES),
        *(Malformed(*one) for one in ELSEWHERE),
    ]
    return kinds[int(chance.integers(len(kinds)))]


def spoilt(payload: bytes, chance: np.random.Generator) -> bytes:
    """An array of fixes with one element, somewhere at its ends, that is none."""
    element = ELEMENTS[int(chance.integers(len(ELEMENTS)))]
    if chance.random() < 1 / 2:
        return b"[" + element + b"," + payload[1:]
    return payload[:-1] + b"," + element + b"]"
