# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The victim-proximity monitor authors
"""The demo as a user starts it: the real service, broker and devices."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

DEMO = [sys.executable, "-m", "proximity", "demo"]


def start(temp: Path, *arguments: str) -> subprocess.Popen[str]:
    environment = {**os.environ, "TMPDIR": str(temp)}
    return subprocess.Popen(
        [*DEMO, *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment
    )


def running_below(temp: Path) -> list[str]:
    """Processes that name a file of this demo."""
    lines = [" ".join(process.info["cmdline"] or ()) for process in psutil.process_iter(["cmdline"])]
    return [line for line in lines if str(temp) in line]


@pytest.mark.slow
def test_once_every_expected_alert_comes_in_its_window(tmp_path: Path) -> None:
    demo = start(tmp_path, "--once")
    out, err = demo.communicate(timeout=200)
    assert demo.returncode == 0, out + err
    assert "22 of 22 expected alerts came in their windows" in out
    assert "MISSING" not in out
    assert running_below(tmp_path) == []
    assert list(tmp_path.iterdir()) == []


@pytest.mark.slow
@pytest.mark.parametrize("after_ready_s", [None, 0.0, 3.0])
def test_ctrl_c_stops_everything_within_2_s(tmp_path: Path, after_ready_s: float | None) -> None:
    demo = start(tmp_path)
    assert demo.stdout is not None
    for line in demo.stdout:
        if after_ready_s is None or line.startswith("ready"):
            break
    time.sleep(after_ready_s or 0.0)
    begun_s = time.monotonic()
    demo.send_signal(signal.SIGINT)
    _, err = demo.communicate(timeout=20)
    assert time.monotonic() - begun_s < 2.0
    assert demo.returncode == 0
    assert "Traceback" not in err
    assert running_below(tmp_path) == []
    assert list(tmp_path.iterdir()) == []


@pytest.mark.slow
def test_when_the_service_dies_one_line_says_so(tmp_path: Path) -> None:
    demo = start(tmp_path, "--once")
    assert demo.stdout is not None
    for line in demo.stdout:
        if line.startswith("ready"):
            break
    [service] = [child for child in psutil.Process(demo.pid).children() if "run" in child.cmdline()]
    service.kill()
    _, err = demo.communicate(timeout=20)
    assert demo.returncode == 3
    assert err.startswith("proximity demo: the service ended")
    assert len(err.splitlines()) == 1


@pytest.mark.parametrize("speed", ["0", "-1", "nan", "inf"])
def test_a_speed_that_is_none_is_refused(speed: str) -> None:
    done = subprocess.run([*DEMO, "--speed", speed], capture_output=True, text=True, timeout=30, check=False)
    assert done.returncode == 2
    assert "--speed" in done.stderr
