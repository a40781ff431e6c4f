# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The victim-proximity monitor authors
"""The script a user would write instead of the service: `python -m benchmarks.users_script CONNECTION ORDERS.toml`.

One fix at a time, the last position of each device in a dict, an alert when somebody comes inside a limit or a zone.
Nothing is stored, nothing is checked, accuracy and age count for nothing. The count it publishes every second is for
the bench.
"""

import asyncio
import json
import sys
import time
import tomllib
from collections import defaultdict
from pathlib import Path
from typing import Any

import aiomqtt
import shapely
from pyproj import Geod
from shapely.geometry import Point, Polygon

from benchmarks.plan import ALERTS_TOPIC, FIXES_TOPIC, STATE_TOPIC

GEOD = Geod(ellps="WGS84")
LEVELS = ("clear", "warning", "breach", "emergency")


def circle(lat: float, lon: float, radius_m: float) -> Polygon:
    """A zone's circle as a polygon of 64 corners, prepared for many questions."""
    lons, lats, _ = GEOD.fwd([lon] * 64, [lat] * 64, [360.0 * corner / 64 for corner in range(64)], [radius_m] * 64)
    polygon = Polygon(zip(lons, lats, strict=True))
    shapely.prepare(polygon)
    return polygon


class Watch:
    """The orders, and where everybody was last."""

    def __init__(self, orders: list[dict[str, Any]]) -> None:
        """Index the orders by device."""
        self.last: dict[str, dict[str, Any]] = {}
        self.level: dict[str, int] = defaultdict(int)
        self.inside: dict[str, bool] = defaultdict(bool)
        self.links: dict[str, list[tuple[str, str, str, list[float]]]] = defaultdict(list)
        self.zones: dict[str, list[tuple[str, Polygon]]] = defaultdict(list)
        for order in orders:
            limits = order["separation"]
            limits_m = [limits["warning_m"], limits["limit_m"], 0.3 * limits["limit_m"]]
            for wearer in order["wearers"]:
                for protected in order["protected"]:
                    link = (order["id"], wearer, protected, limits_m)
                    self.links[wearer].append(link)
                    self.links[protected].append(link)
            for zone in order.get("zones", []):
                shape = circle(zone["circle"]["lat"], zone["circle"]["lon"], zone["circle"]["radius_m"])
                for wearer in zone["applies_to"]:
                    self.zones[wearer].append((order["id"], shape))

    def take(self, device: str, fix: dict[str, Any]) -> list[dict[str, Any]]:
        """Remember the fix and say what alerts it makes."""
        self.last[device] = fix
        alerts = []
        for order, wearer, protected, limits_m in self.links[device]:
            one, other = self.last.get(wearer), self.last.get(protected)
            if one is None or other is None:
                continue
            _, _, distance_m = GEOD.inv(one["lon"], one["lat"], other["lon"], other["lat"])
            level = sum(distance_m <= limit_m for limit_m in limits_m)
            if level > self.level[order]:
                alerts.append({"kind": "separation", "order": order, "level": LEVELS[level], "distance": distance_m})
            self.level[order] = level
        for order, shape in self.zones[device]:
            inside = shape.contains(Point(fix["lon"], fix["lat"]))
            if inside and not self.inside[order]:
                alerts.append({"kind": "zone", "order": order, "level": "breach"})
            self.inside[order] = inside
        return alerts


async def beat(client: aiomqtt.Client, count: list[int]) -> None:
    """Publish the count every second."""
    while True:
        state = {"state": "running", "now_ms": int(time.time() * 1000), "accepted": count[0], "refused": {}}
        await client.publish(STATE_TOPIC, json.dumps(state), qos=1, retain=True)
        await asyncio.sleep(1.0)


async def run(connection: dict[str, Any], watch: Watch) -> None:
    """Run until stopped."""
    count = [0]
    async with aiomqtt.Client(
        connection["host"], connection["port"],
        username=connection["username"] or None, password=connection["password"] or None,
    ) as client:  # fmt: skip
        await client.subscribe(FIXES_TOPIC, qos=1)
        beating = asyncio.create_task(beat(client, count))
        async for message in client.messages:
            device = str(message.topic).split("/")[3]
            for alert in watch.take(device, json.loads(message.payload)):
                await client.publish(ALERTS_TOPIC, json.dumps(alert), qos=1)
            count[0] += 1
        beating.cancel()


def main() -> None:
    """Read the connection and the orders, and run."""
    connection = json.loads(Path(sys.argv[1]).read_text())
    asyncio.run(run(connection, Watch(tomllib.loads(Path(sys.argv[2]).read_text())["orders"])))


if __name__ == "__main__":
    main()
