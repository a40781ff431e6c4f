# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The victim-proximity monitor authors
"""Two recorded Dutch phones that part and meet again, through `proximity replay`: what must be told, and when, exactly.

The facts are those of the data's own README, computed with pyproj by whoever collected it, not by us.
"""

import gzip
import json
import math
import random
import subprocess
import sys
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path
from typing import Any

import pytest
from pyproj import Geod
from scipy.stats import ncx2

from simulators.devices.fixes import utc_ms
from simulators.devices.recorded import recorded_pair, to_trace

DEVICES = """
[[parties]]
id = "utrecht1"
devices = [{id = "utrecht1", kind = "phone", interval_s = 15}]
[[parties]]
id = "utrecht2"
devices = [{id = "utrecht2", kind = "phone", interval_s = 15}]
[[orders]]
id = "recorded"
region = "demo"
supervisor = "team-a"
valid_from = 2024-06-08T15:58:28Z
wearers = ["utrecht1"]
protected = ["utrecht2"]
"""
GAPS = [("17:12:02", "17:19:07"), ("17:20:05", "17:24:02"), ("17:35:51", "17:40:46"), ("17:41:03", "17:47:02")]


def on_the_day(clock: str) -> int:
    return utc_ms(f"2024-06-08T{clock}Z")


def clock(transition: dict[str, Any]) -> str:
    return str(transition["time"])[11:19]


@pytest.fixture(scope="module")
def trace(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("recorded") / "trace.jsonl"
    path.write_bytes(b"".join(to_trace(recorded_pair())))
    return path


def replay(trace: Path, folder: Path, limits: str, *more: str) -> bytes:
    folder.mkdir(exist_ok=True)
    (folder / "orders.toml").write_text(f"{DEVICES}separation = {limits}\n", encoding="utf-8")
    command = [sys.executable, "-m", "proximity", "replay", "--orders", str(folder), str(trace), *more]
    done = subprocess.run(command, capture_output=True, check=False)
    assert (done.returncode, done.stderr) == (0, b"")
    return done.stdout


def transitions(lines: bytes, kind: str) -> list[dict[str, Any]]:
    events = [json.loads(line) for line in lines.splitlines()]
    return [event for event in events if event["data"]["kind"] == kind]


@pytest.fixture(scope="module")
def told(trace: Path, tmp_path_factory: pytest.TempPathFactory) -> bytes:
    return replay(trace, tmp_path_factory.mktemp("orders"), "{limit_m = 500, warning_m = 2000}")


def test_the_separation_incidents_are_these_two(told: bytes) -> None:
    found = transitions(told, "separation")
    episodes = [list(group) for _, group in groupby(found, key=lambda event: event["data"]["incident"])]
    assert len(episodes) == 2, "no other separation incident"
    together, again = episodes
    assert clock(together[0]) == "15:58:28", "they are together from the first step on"
    assert together[0]["data"]["level"] == "emergency"
    assert together[0]["type"].endswith(".opened")
    assert together[-1]["type"].endswith(".resolved")
    assert on_the_day(clock(together[-1])) > on_the_day("16:15:00")
    assert "17:24:00" <= clock(again[0]) <= "17:24:30"
    assert again[0]["data"]["level"] == "warning"
    breach = next(event for event in again if event["data"]["level"] in ("breach", "emergency"))
    assert clock(breach) <= "17:47:04"


def test_each_long_silence_of_the_second_phone_is_told_while_it_lasts(told: bytes) -> None:
    found = transitions(told, "device")
    assert {event["data"]["device"] for event in found} == {"utrecht2"}
    spans = [
        (clock(first), clock(last))
        for first, last in zip(found[::2], found[1::2], strict=True)
        if first["data"]["cause"] == "silent" and last["type"].endswith(".resolved")
    ]
    assert len(spans) * 2 == len(found)
    for last_fix, next_fix in GAPS:
        inside = [span for span in spans if last_fix < span[0] < next_fix]
        assert len(inside) == 1
        silent, heard = inside[0]
        assert on_the_day(silent) - on_the_day(last_fix) == 90_000, "two intervals of 15 s, at least 90 s"
        assert heard == next_fix


def test_while_the_second_phone_is_silent_and_he_closes_in_it_is_blind_and_its_last_place_counts(told: bytes) -> None:
    blind = [event for event in transitions(told, "blind") if "17:41:03" < clock(event) < "17:47:02"]
    assert blind[0]["type"].endswith(".opened")
    assert clock(blind[0]) <= "17:44:30"
    breach = next(event for event in transitions(told, "separation") if event["data"]["cause"] == "last_known_place")
    assert (breach["data"]["level"], breach["data"]["certainty"]) == ("breach", "probable")
    assert "17:46:08" <= clock(breach) <= "17:46:40", "he comes within 500 m of it at 17:46:08"


@pytest.mark.parametrize(
    ("threshold_m", "leaves", "back"),
    [
        (100, "16:11:00", []), (300, "16:11:25", []), (500, "16:11:51", ["17:46:08"]),
        (1000, "16:12:34", ["17:42:04"]), (2000, "16:15:00", ["17:24:04"]),
    ],
)  # fmt: skip
def test_the_table_of_the_data_holds_for_every_threshold(
    trace: Path, tmp_path: Path, threshold_m: int, leaves: str, back: list[str]
) -> None:
    """Each threshold as the emergency distance, which is told at the first fix that makes it probable: at the table's
    very second. It is left 120 s after the separation has become too great for it."""
    limits = f"{{emergency_m = {threshold_m}, limit_m = 10000, warning_m = 20000}}"
    found = transitions(replay(trace, tmp_path / "orders", limits), "separation")
    levels = [(clock(event), event["data"]["level"], event["data"]["previous_level"]) for event in found]
    entered = [at for at, level, before in levels if level == "emergency" != before]
    left = [at for at, level, before in levels if level != "emergency" == before]
    assert entered == ["15:58:28", *back]
    assert [on_the_day(at) for at in left] == [apart_since_ms(threshold_m, leaves) + 120_000]


def apart_since_ms(threshold_m: float, leaves: str) -> int:
    """When both, at 10 m an axis each (the floor of the uncertainty), have less than 5 % chance of being so near."""
    sigma_m = math.hypot(10, 10)
    for at_ms in range(on_the_day(leaves), on_the_day("16:20:00"), 1000):
        (lat1, lon1), (lat2, lon2) = (newest(device, at_ms) for device in ("utrecht1", "utrecht2"))
        apart_m = Geod(ellps="WGS84").inv(lon1, lat1, lon2, lat2)[2]
        if ncx2.cdf((threshold_m / sigma_m) ** 2, 2, (apart_m / sigma_m) ** 2) < 0.05:
            return at_ms
    raise AssertionError(f"never {threshold_m} m apart after {leaves}")


def newest(device: str, at_ms: int) -> tuple[float, float]:
    """Latitude and longitude of the device's newest fix; at one time the first counts, the other is no newer."""
    fixes = [fix for fix in recorded_pair()[device] if fix.fixed_at_ms <= at_ms]
    last = max(fix.fixed_at_ms for fix in fixes)
    found = next(fix for fix in fixes if fix.fixed_at_ms == last)
    return found.lat_deg, found.lon_deg


def test_two_replays_are_the_same_bytes_and_so_is_one_of_permuted_instants(
    trace: Path, told: bytes, tmp_path: Path
) -> None:
    limits = "{limit_m = 500, warning_m = 2000}"
    assert replay(trace, tmp_path / "again", limits) == told
    chance = random.Random(5)
    lines = trace.read_bytes().splitlines(keepends=True)
    shuffled = [chance.sample(block, len(block)) for block in instants(lines)]
    permuted = tmp_path / "permuted.jsonl.gz"
    permuted.write_bytes(gzip.compress(b"".join(line for block in shuffled for line in block)))
    assert replay(permuted, tmp_path / "permuted", limits) == told


def instants(lines: list[bytes]) -> Iterator[list[bytes]]:
    """The lines of each received_at."""
    for _, block in groupby(lines, key=lambda line: json.loads(line)["received_at"]):
        yield list(block)
