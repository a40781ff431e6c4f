# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The victim-proximity monitor authors
"""Compiles every kernel, or loads it from the cache, before time starts to run."""

from typing import Final

from proximity.engine.snapshot import pack, unpack
from proximity.kernels.history import forget_history
from proximity.model.judging import Judging
from proximity.service.pipeline import Message, Naming, Pipeline, orders_message
from proximity.wire.topics import fix_topic

ORDERS: Final = """
[[orders]]
id = "warm"
region = "warm"
supervisor = "warm"
valid_from = 2024-01-01T00:00:00Z
wearers = ["w"]
protected = ["p"]
separation = {limit_m = 500}
[[orders.zones]]
id = "z"
kind = "exclusion"
circle = {lat = 52.0, lon = 5.0, radius_m = 100}
[[area_zones]]
id = "a"
kind = "exclusion"
circle = {lat = 52.0, lon = 5.0, radius_m = 50}
"""
AT_MS: Final = 1_717_862_000_000
MINUTES: Final = 6


def warm_up() -> None:
    """Run the engine through an approach and a parting that nobody hears of, and a fix that comes late."""
    pipeline = Pipeline()
    first = [orders_message({"warm.toml": ORDERS}, Judging(), Naming("warm", "warm"))]
    for minute in range(MINUTES):
        now_ms = AT_MS + minute * 60_000
        lat = 52.0 + (0.0 if minute < MINUTES // 2 else 0.2)
        fixes = [
            Message(fix_topic(device), b'{"fixed_at": %d, "lat": %f, "lon": 5.0, "accuracy_m": 5}' % (now_ms, here))
            for device, here in (("w", lat), ("p", 52.001))
        ]
        list(pipeline.ticks(now_ms))
        pipeline.advance([*first, *fixes], now_ms)
        first = []
    late = Message(fix_topic("w"), b'{"fixed_at": %d, "lat": 52.0, "lon": 5.0, "accuracy_m": 5}' % (AT_MS + 61_000))
    pipeline.advance([late], AT_MS + MINUTES * 60_000)
    forget_history(unpack(pack(pipeline.state)).history, 0)
    list(pipeline.ticks(AT_MS + (MINUTES + 10) * 60_000))
