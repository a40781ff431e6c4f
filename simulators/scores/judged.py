# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The victim-proximity monitor authors
"""What our engine says of a pair's day: the same fixes through `proximity replay`."""

from collections.abc import Iterator
from typing import Any, Final

import msgspec

from proximity.model.judging import Judging
from proximity.model.units import MILLIS_PER_SECOND
from proximity.model.words import Level
from proximity.service.pipeline import Naming, orders_message
from proximity.service.replay import replay_trace
from simulators.devices.fixes import payload, utc_ms, utc_text
from simulators.scores.pairs import PHONE, TAG, PairDay
from simulators.scores.scoring import Limits, Said

WEARER, PROTECTED = "w", "p"
QUIET: Final = ("lowered", "updated")
LEVELS: Final = {level.word: level for level in Level}


def orders(limits: Limits) -> str:
    """The orders of one pair."""
    return f"""
[[parties]]
id = "{WEARER}"
devices = [{{id = "{WEARER}", kind = "tag", interval_s = {TAG.moving_s}, rest_interval_s = {TAG.resting_s}}}]
[[parties]]
id = "{PROTECTED}"
devices = [{{id = "{PROTECTED}", kind = "phone", interval_s = {PHONE.moving_s}, rest_interval_s = {PHONE.resting_s}}}]
[[orders]]
id = "pair"
region = "r"
supervisor = "s"
valid_from = 2026-01-01T00:00:00Z
wearers = ["{WEARER}"]
protected = ["{PROTECTED}"]
separation = {{limit_m = {limits.limit_m}, warning_m = {limits.warning_m}}}
"""


def trace(day: PairDay) -> Iterator[bytes]:
    """The day as lines of a trace."""
    arrivals = [(one.at_ms, WEARER, one.fix) for one in day.wearer]
    arrivals += [(one.at_ms, PROTECTED, one.fix) for one in day.protected]
    for at_ms, device, fix in sorted(arrivals, key=lambda one: (one[0], one[1], one[2].seq)):
        line = {"received_at": utc_text(at_ms), "topic": f"proximity/v1/devices/{device}/fix", "payload": payload(fix)}
        yield msgspec.json.encode(line)


def ours(day: PairDay, limits: Limits) -> list[Said]:
    """What a supervisor was told of the separation."""
    first = orders_message({"pair.toml": orders(limits)}, Judging(), Naming("score", "urn:score"))
    last_ms = max(day.wearer[-1].at_ms, day.protected[-1].at_ms)
    tail_s = max(0, (day.truth.until_ms - last_ms) // MILLIS_PER_SECOND)
    said = []
    for line in replay_trace(trace(day), "the pair's day", first, tail_s):
        event: dict[str, Any] = msgspec.json.decode(line)
        if event["data"]["kind"] == "separation":
            change = event["type"].rpartition(".")[2]
            said.append(Said(utc_ms(event["time"]), LEVELS[event["data"]["level"]], change not in QUIET))
    return said
