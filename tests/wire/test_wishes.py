# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The victim-proximity monitor authors
"""The wanted interval as devices read it (DESIGN 4.1)."""

import pytest

from proximity.model.wishes import Wish
from proximity.wire.topics import config_topic
from proximity.wire.wishes import encode_wish


@pytest.mark.parametrize(
    ("interval_ms", "rest_interval_ms", "payload"),
    [
        (15_000, 15_000, b'{"interval_s":15,"rest_interval_s":15}'),
        (60_000, 300_000, b'{"interval_s":60,"rest_interval_s":300}'),
        (7_500, 15_000, b'{"interval_s":7.5,"rest_interval_s":15}'),
        (0, 0, b""),  # clears what was retained
    ],
)
def test_a_wish_on_the_wire(interval_ms: int, rest_interval_ms: int, payload: bytes) -> None:
    assert encode_wish(Wish("ank-001", interval_ms, rest_interval_ms)) == payload


def test_the_topic_is_the_contracts() -> None:
    assert config_topic("ank-001") == "proximity/v1/devices/ank-001/config"
