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
from simulators.devices.links import Arrival
from simulators.devices.reception import PHONE, TAG
from simulators.devices.topics import fix_topic, status_topic
from simulators.scores.pairs import PairDay
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
    arrivals = [(one.at_ms, WEARER, one) for one in day.wearer]
    arrivals += [(one.at_ms, PROTECTED, one) for one in day.protected]
    for _, device, arrival in sorted(arrivals, key=lambda one: one[:2]):
        yield from trace_lines(device, arrival)


def trace_lines(device: str, arrival: Arrival) -> Iterator[bytes]:
    """A message as a line of a trace."""
    received_at = utc_text(arrival.at_ms)
    if arrival.event is not None:
        said = {"event": arrival.event, "at": received_at}
        yield msgspec.json.encode({"received_at": received_at, "topic": status_topic(device), "payload": said})
    if arrival.fixes:
        content = [payload(fix) for fix in arrival.fixes]
        sent = content[0] if len(content) == 1 else content
        yield msgspec.json.encode({"received_at": received_at, "topic": fix_topic(device), "payload": sent})


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
