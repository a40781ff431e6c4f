# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The victim-proximity monitor authors
"""The bench itself, small: real brokers, real consumers, nothing left behind."""

import json
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

SMALL = ("--devices", "200", "--rate", "200", "--seconds", "3", "--warm-up", "1")


def bench(*arguments: str | Path) -> list[str]:
    return [sys.executable, "-m", "benchmarks.end_to_end", *(str(argument) for argument in arguments)]


def started_in(folder: Path) -> list[int]:
    """Processes that name the folder on their command line."""
    found = []
    for process in psutil.process_iter(["cmdline"]):
        if any(str(folder) in argument for argument in process.info["cmdline"] or []):
            found.append(process.pid)
    return found


@pytest.mark.slow
@pytest.mark.parametrize("broker", ["embedded", pytest.param("mosquitto", marks=pytest.mark.mosquitto)])
def test_a_small_run_reports_every_fix_and_every_alert(tmp_path: Path, broker: str) -> None:
    under = tmp_path / "under"
    under.mkdir()
    out = tmp_path / "report.json"
    only = ("--broker", broker, "--consumer", "script", "--consumer", "bare")
    done = subprocess.run(
        bench(*SMALL, *only, "--json", out, "--under", under), capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stderr
    script, bare = json.loads(out.read_text())["figures"]
    for row in (script, bare):
        assert row["sustained_per_s"] == pytest.approx(200.0, rel=0.03)
        assert row["load_unacknowledged"] == 0
        assert 1.0 < row["consumer_cpu_us"] < 5_000.0
        assert 1.0 < row["broker_cpu_us"] < 5_000.0
    assert (script["alerted"], script["uncalled"]) == (60, 0)
    assert 0.0 < script["delays"]["p50_ms"] <= script["delays"]["p99_ms"] <= script["delays"]["max_ms"] < 1_000.0
    assert bare["delays"] is None
    assert "a user's script" in done.stdout
    assert started_in(under) == []
    assert list(under.iterdir()) == []


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
def test_stopping_it_leaves_nothing_running(tmp_path: Path, how: signal.Signals) -> None:
    only = ("--broker", "embedded", "--consumer", "bare")
    with subprocess.Popen(bench(*SMALL, *only, "--under", tmp_path), stderr=subprocess.PIPE, text=True) as process:
        until_s = time.monotonic() + 30.0
        while not list(tmp_path.glob("*/*/load-0.log")) and time.monotonic() < until_s:
            time.sleep(0.05)
        assert len(started_in(tmp_path)) >= 4  # the bench, the broker, the consumer, the watcher
        process.send_signal(how)
        _, said = process.communicate(timeout=20.0)
    assert process.returncode == 130
    assert "stopped; everything that was started has been ended" in said
    assert "Traceback" not in said
    assert started_in(tmp_path) == []


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--devices", "7"), "--devices: 7 must divide by 4"),
        (("--under", "/no/such/folder"), "/no/such/folder: no such folder, give another with --under"),
        (("--under", "/dev/shm"), "/dev/shm: kept in memory"),
    ],
)
def test_what_cannot_be_run_is_said_in_a_line(arguments: tuple[str, ...], said: str) -> None:
    done = subprocess.run(
        bench(*arguments, "--broker", "embedded"), capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 1
    assert [line for line in done.stderr.splitlines() if line.startswith(said)]
    assert "Traceback" not in done.stderr
