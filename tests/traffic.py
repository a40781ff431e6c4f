# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The victim-proximity monitor authors
"""Pairs that part and meet all the time, so that there is something to tell every second."""

import math
import random
import threading
import time
from collections.abc import Callable
from typing import Any, Final

import msgspec

from tests.live import Mailbox, Place

REGION: Final = "test"
SUPERVISOR: Final = "team-a"
ALERTS: Final = f"reclassering/v1/{REGION}/{SUPERVISOR}/alerts"
INCIDENTS: Final = f"reclassering/v1/{REGION}/{SUPERVISOR}/incidents/+"
COMMANDS: Final = f"reclassering/v1/{REGION}/{SUPERVISOR}/commands"
USER: Final = f"supervisor/{REGION}/{SUPERVISOR}"
GATEWAY: Final = "gateway/load"
SETTINGS: Final = """
[broker]
gateways = ["load"]
[heartbeat]
every_s = 0.2
[journal]
snapshot_every_s = 1
[judging]
apart_for_s = 1
confirm_after_s = 1
"""
METRES_PER_DEGREE: Final = 111_320.0
SWING_M: Final = 1_500.0


def orders(pairs: int) -> str:
    """An order for each pair, w-N and p-N: limit 500 m; and a zone that the first wearer runs into."""
    texts = [
        f"""
[[orders]]
id = "o-{pair}"
region = "{REGION}"
supervisor = "{SUPERVISOR}"
valid_from = 2024-01-01T00:00:00Z
wearers = ["w-{pair}"]
protected = ["p-{pair}"]
separation = {{limit_m = 500}}
"""
        for pair in range(pairs)
    ]
    zone = """[[orders.zones]]
id = "park"
kind = "exclusion"
circle = {lat = 40.0, lon = 4.0, radius_m = 400}
buffer_m = 200
"""
    return texts[0] + zone + "".join(texts[1:])


def fix_topic(device: str) -> str:
    """Where the device sends its fixes."""
    return f"proximity/v1/devices/{device}/fix"


def fix(pair: int, phase_s: float, fixed_at_ms: int, seq: int) -> dict[str, Any]:
    """A wearer's fix: it swings between 0 and 3 km from the protected person, in 8 s to 15 s."""
    off_m = SWING_M * (1 - math.cos(phase_s / (1.3 + 0.1 * pair)))
    return {
        "fixed_at": fixed_at_ms,
        "lat": 40.0 + 0.2 * pair + off_m / METRES_PER_DEGREE,
        "lon": 4.0,
        "accuracy_m": 8,
        "seq": seq,
    }


class Traffic:
    """Sends fixes of all pairs in real time until it is stopped; remembers what the broker has confirmed."""

    def __init__(self, place: Place, pairs: int, per_s: float, now_ms: Callable[[], int]) -> None:
        self._confirmed: list[int] = []  # packets; at most 65,535 fixes, or their ids come again
        self._sent: dict[int, bytes] = {}
        self._pairs = pairs
        self._pause_s = 1 / per_s
        self._now_ms = now_ms
        self._stopping = threading.Event()
        self._chance = random.Random(7)
        self._mailbox = Mailbox(place, GATEWAY)
        self._mailbox.client.on_publish = self._on_publish
        self._thread = threading.Thread(target=self._run, daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self, wait_s: float = 30.0) -> None:
        """End, when the broker has confirmed everything that was sent."""
        self._stopping.set()
        self._thread.join()
        deadline_s = time.monotonic() + wait_s
        while len(self._confirmed) < len(self._sent) and time.monotonic() < deadline_s:
            time.sleep(0.05)
        assert len(self._confirmed) == len(self._sent), "the broker has not confirmed every fix"
        self._mailbox.close()

    @property
    def confirmed(self) -> list[bytes]:
        """The fixes that the broker has confirmed."""
        return [self._sent[packet] for packet in self._confirmed]

    def _on_publish(self, _client: object, _data: object, packet: int, *_more: object) -> None:
        self._confirmed.append(packet)

    def _run(self) -> None:
        began_s, seq = time.monotonic(), 0
        while not self._stopping.is_set():
            pair = self._chance.randrange(self._pairs)
            seq += 1
            if self._chance.random() < 0.5:
                device, content = f"p-{pair}", fix(pair, 0.0, self._now_ms(), seq)
            else:
                device, content = f"w-{pair}", fix(pair, time.monotonic() - began_s, self._now_ms(), seq)
            body = msgspec.json.encode(content)
            self._sent[self._mailbox.client.publish(fix_topic(device), body, qos=1).mid] = body
            time.sleep(self._pause_s)
