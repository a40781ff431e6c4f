# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The victim-proximity monitor authors
"""Area-wide zones from the orders' file to the alert: by `proximity replay`, as a user runs it."""

import json
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

BEGIN = datetime(2026, 6, 8, 12, tzinfo=UTC)
ORDERS = """
[[area_zones]]
id = "school"
kind = "exclusion"
geojson = "schools.geojson"
buffer_m = 100
[[orders]]
id = "o-1"
region = "rotterdam"
supervisor = "team-a"
valid_from = 2026-06-01T00:00:00+02:00
wearers = ["w-1"]
protected = ["p-1"]
separation = {limit_m = 500}
[[orders]]
id = "o-2"
region = "rotterdam"
supervisor = "team-b"
valid_from = 2026-06-01T00:00:00+02:00
wearers = ["w-1"]
protected = ["p-2"]
separation = {limit_m = 500}
"""


def schools(count: int) -> str:
    """Squares of 200 m, a kilometre apart going east along 52 degrees."""
    features = []
    for place in range(count):
        west, south = 4.0 + place * 0.0146, 52.0
        east, north = west + 0.00292, south + 0.0018
        ring = [[west, south], [east, south], [east, north], [west, north], [west, south]]
        area = {"type": "Polygon", "coordinates": [ring]}
        features.append({"type": "Feature", "id": f"n-{place}", "properties": {}, "geometry": area})
    return json.dumps({"type": "FeatureCollection", "features": features})


def test_a_wearer_who_passes_two_of_a_thousand_schools(tmp_path: Path) -> None:
    orders = tmp_path / "orders"
    orders.mkdir()
    (orders / "o.toml").write_text(ORDERS, encoding="utf-8")
    (orders / "schools.geojson").write_text(schools(1000), encoding="utf-8")
    lines = []
    for number in range(140):  # 14 m a fix, one every 10 s, from 500 m west of the first school
        at = (BEGIN + timedelta(seconds=10 * number)).strftime("%Y-%m-%dT%H:%M:%SZ")
        fix = {"fixed_at": at, "lat": 52.0009, "lon": 3.9927 + number * 0.0002044, "accuracy_m": 5}
        lines.append(json.dumps({"received_at": at, "topic": "proximity/v1/devices/w-1/fix", "payload": fix}))
    trace = tmp_path / "trace.jsonl"
    trace.write_text("\n".join(lines) + "\n", encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-m", "proximity", "replay", "--orders", str(orders), "--tail-s", "60", str(trace)],
        capture_output=True, text=True, check=False, timeout=120,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")
    told = [json.loads(line)["data"] for line in done.stdout.splitlines()]
    story = [(one["zone"], one["level"], one["order"]) for one in told if one["kind"] == "zone"]
    passed = [(zone, level) for zone in ("school-n-0", "school-n-1") for level in ("warning", "breach", "clear")]
    for order in ("o-1", "o-2"):
        assert [step[:2] for step in story if step[2] == order] == passed
    assert {one["incident"].rsplit(":", 1)[0] for one in told if one["kind"] == "zone"} == {
        f"{order}:zone:w-1_{zone}" for order in ("o-1", "o-2") for zone in ("school-n-0", "school-n-1")
    }
