# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The victim-proximity monitor authors
import gzip
import json
import random
import subprocess
import sys
from itertools import groupby
from pathlib import Path

import pytest

from tests.traffic import fix, fix_topic, orders

PAIRS = 3
BEGIN_MS = 1_717_862_400_000  # 2024-06-08T16:00:00Z


def make_lines(seconds: int = 600) -> list[bytes]:
    """Three pairs that swing, two lines and more for each received_at, duplicates and nonsense among them."""
    lines = []
    for second in range(0, seconds, 2):
        at_ms = BEGIN_MS + second * 1000
        for pair in range(PAIRS):
            for device, phase in ((f"w-{pair}", second / 20), (f"p-{pair}", 0.0)):
                payload = fix(pair, phase, at_ms, second)
                lines.append({"received_at": at_ms, "topic": fix_topic(device), "payload": payload})
        lines.append(lines[-1])
        lines.append({"received_at": at_ms, "topic": "$proximity/orders", "payload": {"documents": {}}})
        lines.append({"received_at": at_ms, "topic": fix_topic("w-0"), "payload": {"lat": "here"}})
    end_ms = BEGIN_MS + seconds * 1000
    lines.append({"received_at": end_ms, "topic": "proximity/v1/devices/w-1/status", "payload": {"event": "sos"}})
    return [json.dumps(line).encode() + b"\n" for line in lines]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    path = tmp_path / "orders"
    path.mkdir()
    (path / "orders.toml").write_text(orders(PAIRS), encoding="utf-8")
    return path


def replay(folder: Path, trace: str, *more: str, given: bytes = b"") -> bytes:
    command = [sys.executable, "-m", "proximity", "replay", "--orders", str(folder), trace, *more]
    return subprocess.run(command, input=given, capture_output=True, check=True).stdout


def test_two_replays_are_the_same_bytes_however_the_trace_comes(folder: Path, tmp_path: Path) -> None:
    content = b"".join(make_lines())
    plain, zipped = tmp_path / "trace.jsonl", tmp_path / "trace.jsonl.gz"
    plain.write_bytes(content)
    zipped.write_bytes(gzip.compress(content))
    told = replay(folder, str(plain))
    assert told.count(b"\n") > 20
    assert replay(folder, str(plain)) == told
    assert replay(folder, str(zipped)) == told
    assert replay(folder, "-", given=content) == told


def test_permuting_the_lines_of_one_instant_changes_no_byte(folder: Path) -> None:
    lines = make_lines()
    chance = random.Random(3)
    told = replay(folder, "-", given=b"".join(lines))
    for _ in range(3):
        shuffled = []
        for _, group in groupby(lines, key=lambda line: json.loads(line)["received_at"]):
            block = list(group)
            chance.shuffle(block)
            shuffled += block
        assert shuffled != lines
        assert replay(folder, "-", given=b"".join(shuffled)) == told


def test_time_passes_after_the_last_line_as_long_as_is_said(folder: Path) -> None:
    content = b"".join(make_lines(20))
    told = replay(folder, "-", given=content)
    # phones are silent 180 s after their last fix (two intervals of 60 s, and 60 s), tags 660 s
    later = replay(folder, "-", "--tail-s", "661", given=content)
    assert later.startswith(told)
    silent = [json.loads(line) for line in later.splitlines()[told.count(b"\n") :]]
    assert {event["data"]["device"] for event in silent if event["data"]["cause"] == "silent"} == {
        "w-0", "w-1", "w-2", "p-0", "p-1", "p-2",
    }  # fmt: skip
    assert replay(folder, "-", "--tail-s", "30", given=content) == told


def test_settings_are_judged_by(folder: Path, tmp_path: Path) -> None:
    settings = tmp_path / "settings.toml"
    settings.write_text('[alerts]\ntype_prefix = "org.example"\n', encoding="utf-8")
    told = replay(folder, "-", "--settings", str(settings), given=b"".join(make_lines(60)))
    assert {json.loads(line)["type"].rpartition(".incident.")[0] for line in told.splitlines()} == {"org.example"}
