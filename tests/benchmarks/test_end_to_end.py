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

from benchmarks.figures import Consumer
from benchmarks.report import BEGIN, END, NAMES

SMALL = ("--devices", "200", "--rate", "200", "--seconds", "2", "--warm-up", "1")


def bench(*arguments: str | Path) -> list[str]:
    return [sys.executable, "-m", "benchmarks.end_to_end", *(str(argument) for argument in arguments)]


def started_in(folder: Path) -> list[int]:
    """Processes that name the folder on their command line."""
    return [
        process.pid
        for process in psutil.process_iter(["cmdline"])
        if any(str(folder) in argument for argument in process.info["cmdline"] or [])
    ]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("broker", "consumers"),
    [("embedded", ("service", "bare")), pytest.param("mosquitto", ("script",), marks=pytest.mark.mosquitto)],
)
def test_a_small_run_reports_every_fix_and_every_alert(tmp_path: Path, broker: str, consumers: tuple[str, ...]) -> None:
    under, out, page = tmp_path / "under", tmp_path / "report.json", tmp_path / "page.md"
    under.mkdir()
    page.write_text(f"{BEGIN}\n{END}\n")
    only = ["--broker", broker, *(word for consumer in consumers for word in ("--consumer", consumer))]
    done = subprocess.run(
        bench(*SMALL, *only, "--json", out, "--write", page, "--under", under),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    report = json.loads(out.read_text())
    assert json.loads(done.stdout.splitlines()[-1]) == report
    assert [row["consumer"] for row in report["figures"]] == list(consumers)
    for row in report["figures"]:
        assert row["sustained_per_s"] == pytest.approx(200.0, rel=0.05)
        assert (row["load_unacknowledged"], row["refused"]) == (0, 0)
        assert 1.0 < row["consumer_cpu_us"] < 5_000.0
        assert 0.0 <= row["broker_cpu_us"] < 5_000.0
        judges = row["consumer"] != "bare"
        assert (row["crossings"], row["alerted"], row["uncalled"]) == (20, 20 if judges else 0, 0)
        if judges:
            delays = row["delays"]
            assert 0.0 < delays["p50_ms"] <= delays["p99_ms"] <= delays["max_ms"] < 1_000.0
        assert NAMES[Consumer(row["consumer"])] in done.stdout
        assert f"| {NAMES[Consumer(row['consumer'])]} | {broker} |" in page.read_text()
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
        (("--under", "/dev/shm"), "/dev/shm: kept in memory"),  # noqa: S108 - that is the point
        (("--json", "/no/such/folder/report.json"), "/no/such/folder: no such folder, give another with --json"),
        (("--write", __file__), f"{__file__}: no page with the lines <!-- measured: begin"),
    ],
)
def test_what_cannot_be_run_is_said_in_a_line(arguments: tuple[str, ...], said: str) -> None:
    done = subprocess.run(
        bench(*arguments, "--broker", "embedded"), capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 1
    assert [line for line in done.stderr.splitlines() if line.startswith(said)]
    assert "Traceback" not in done.stderr
