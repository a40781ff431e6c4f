# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The victim-proximity monitor authors
"""The way from a device to the broker: late, lost, twice, out of order, stored and forwarded."""

from typing import Final, NamedTuple

import numpy as np
from msgspec import Struct

from proximity.model.units import MILLIS_PER_SECOND, Millis, Seconds
from simulators.devices.errors import draw_lags_s
from simulators.devices.fixes import FIXES_MAX, DeviceFix
from simulators.devices.reception import Report, Span

AGAIN_WITHIN_S: Final[tuple[Seconds, Seconds]] = (0.5, 30.0)  # a repeat comes so long after the first
WILL_AFTER_MS: Final = 90 * MILLIS_PER_SECOND  # one and a half keep-alives of a minute: the broker gives a device up
UNCONFIRMED_MS: Final = 2 * MILLIS_PER_SECOND  # what came so shortly before a broker's end is sent again


class Link(Struct, frozen=True):
    """How a device is connected."""

    slow: float = 1.0  # the measured lags, so many times over
    longest_s: Seconds = 3_600.0  # and never later than this
    lost: float = 0.0  # share of fixes that never come: a queue that was full; what it says of itself it says again
    twice: float = 0.0  # share that come again
    outages: tuple[Span, ...] = ()  # no connection: fixes are stored, and sent together afterwards
    restarts: tuple[Span, ...] = ()  # the broker is away: likewise, and what it had not confirmed comes again


class Arrival(NamedTuple):
    """A message, and when it came in: fixes, or what a device (or its last will) says."""

    at_ms: Millis
    fixes: tuple[DeviceFix, ...] = ()
    event: str | None = None


def deliver(reports: list[Report], link: Link, chance: np.random.Generator) -> tuple[Arrival, ...]:
    """What comes in, in the order in which it does. The same draws give the same."""
    lags_s = np.minimum(draw_lags_s(chance, len(reports)) * link.slow, link.longest_s)
    lags_ms = np.round(lags_s * MILLIS_PER_SECOND).astype(np.int64)
    lost, twice = chance.random(len(reports)) < link.lost, chance.random(len(reports)) < link.twice
    away = (*link.outages, *link.restarts)
    stored: dict[Span, list[DeviceFix]] = {span: [] for span in away}
    found: list[Arrival] = []
    for place, report in enumerate(reports):
        span = next((one for one in away if one[0] <= report.at_ms < one[1]), None)
        if report.event == "offline":  # the broker says it in the device's place
            found.append(Arrival(report.at_ms, event=report.event))
            continue
        if span is not None and report.fix is not None:
            stored[span].append(report.fix)
            continue
        if lost[place] and report.fix is not None:
            continue
        at_ms = (report.at_ms if span is None else span[1]) + int(lags_ms[place])
        one = Arrival(at_ms, (report.fix,) if report.fix else (), report.event)
        found.append(one)
        if twice[place]:
            found.append(one._replace(at_ms=at_ms + round(chance.uniform(*AGAIN_WITHIN_S) * MILLIS_PER_SECOND)))
    for span, fixes in stored.items():
        found += forward(span, fixes, chance)
    found += wills(link)
    for restart_ms, back_ms in link.restarts:
        again = [one for one in found if restart_ms - UNCONFIRMED_MS <= one.at_ms < restart_ms]
        found += [one._replace(at_ms=back_ms) for one in again]
        found = [one._replace(at_ms=back_ms) if restart_ms <= one.at_ms < back_ms else one for one in found]
    return tuple(sorted(found, key=lambda one: (one.at_ms, one.event or "", [fix.seq or 0 for fix in one.fixes])))


def forward(span: Span, fixes: list[DeviceFix], chance: np.random.Generator) -> list[Arrival]:
    """What was stored in an outage, in as few messages as may be, a few seconds after it."""
    at_ms = span[1] + round(chance.uniform(0.2, 5.0) * MILLIS_PER_SECOND)
    return [
        Arrival(at_ms + first // FIXES_MAX, tuple(fixes[first : first + FIXES_MAX]))
        for first in range(0, len(fixes), FIXES_MAX)
    ]


def wills(link: Link) -> list[Arrival]:
    """The broker gives up a device that has been away for long; the device says when it is back."""
    found: list[Arrival] = []
    for from_ms, until_ms in link.outages:
        if until_ms - from_ms > WILL_AFTER_MS:
            found += [Arrival(from_ms + WILL_AFTER_MS, event="offline"), Arrival(until_ms, event="online")]
    return found
