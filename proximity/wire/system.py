# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The victim-proximity monitor authors
"""What the service says of itself on `proximity/v1/system/state`."""

from typing import Final

import msgspec
from msgspec import Struct

from proximity.model.units import Millis
from proximity.wire.instants import utc_text


class Heartbeat(Struct, frozen=True, kw_only=True):
    """One heartbeat: the engine's time, and how it fares. On the wire `now` stands beside `now_ms`, as RFC 3339."""

    state: str
    now_ms: Millis
    speed: float  # seconds of the engine a second
    version: str
    orders_revision: str  # in force
    orders_faults: int  # of a newer revision, which is refused for them; 0 where none is
    fixes_per_s: float
    accepted: int  # fixes, since the engine's state began
    late: int  # of these, older than their device's newest, likewise
    unjudged: int  # of these, older than the history: nobody will judge them
    dropped: int  # that left a history which was full before they were old: late fixes of their time are judged without
    dropped_devices: int  # of so many devices; who they are is nothing for all who read this
    refused: dict[str, int]  # by reason, likewise
    behind_ms: Millis
    queued: int
    unconfirmed_alerts: int
    wishes_waiting: int  # devices that could not be told at once how often to report: too many at a time


def encode_heartbeat(heartbeat: Heartbeat) -> bytes:
    """The heartbeat as it goes out, refusals sorted by reason. Same heartbeat, same bytes."""
    fields = msgspec.structs.asdict(heartbeat)
    fields["refused"] = dict(sorted(heartbeat.refused.items()))
    return msgspec.json.encode({"state": heartbeat.state, "now": utc_text(heartbeat.now_ms)} | fields)


LAST_WILL: Final = msgspec.json.encode({"state": "lost"})  # said by the broker when the service is gone
STOPPED: Final = msgspec.json.encode({"state": "stopped"})
