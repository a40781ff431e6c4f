# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The victim-proximity monitor authors
"""Nothing that the bench starts outlives it."""

import sys
import time
from pathlib import Path

import psutil
import pytest

from benchmarks import processes as processes_module
from benchmarks.processes import BenchError, Processes

SLEEPER = "import time; print('up', flush=True); time.sleep(600)"
STUBBORN = (
    "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('up', flush=True); time.sleep(600)"
)
PARENT = (
    "import subprocess, sys, time; child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)']);"
    "print(child.pid, flush=True); time.sleep(600)"
)


def says(folder: Path, name: str) -> str | None:
    return (folder / f"{name}.log").read_text().strip() or None


def gone(pid: int) -> bool:
    return not psutil.pid_exists(pid) or psutil.Process(pid).status() == psutil.STATUS_ZOMBIE


@pytest.mark.parametrize("program", [SLEEPER, STUBBORN])
def test_leaving_ends_what_was_started_also_on_an_error(
    tmp_path: Path, program: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(processes_module, "STOP_WITHIN_S", 0.5)
    pid = 0
    with pytest.raises(KeyboardInterrupt), Processes(tmp_path) as processes:  # noqa: PT012
        pid = processes.start("one", [sys.executable, "-c", program])
        processes.wait_for("one", lambda: says(tmp_path, "one"), 20.0)
        raise KeyboardInterrupt
    assert gone(pid)


def test_leaving_ends_descendants_too(tmp_path: Path) -> None:
    with Processes(tmp_path) as processes:
        processes.start("parent", [sys.executable, "-c", PARENT])
        child = int(processes.wait_for("parent", lambda: says(tmp_path, "parent"), 20.0))
        assert not gone(child)
    assert gone(child)


def test_a_process_that_fails_is_named_with_its_last_word(tmp_path: Path) -> None:
    with Processes(tmp_path) as processes:
        processes.start("bad", [sys.executable, "-c", "raise SystemExit('no such luck')"])
        with pytest.raises(
            BenchError, match=r"bad: ended with exit code 1, its last word: no such luck - see .*bad\.log"
        ):
            processes.wait_for("something", lambda: None, 20.0)


def test_waiting_has_an_end(tmp_path: Path) -> None:
    began_s = time.monotonic()
    with Processes(tmp_path) as processes, pytest.raises(BenchError, match="a thing: not there within"):
        processes.wait_for("a thing", lambda: None, 0.2)
    assert time.monotonic() - began_s < 5.0


def test_a_process_that_ends_by_itself_is_no_longer_running(tmp_path: Path) -> None:
    with Processes(tmp_path) as processes:
        processes.start("short", [sys.executable, "-c", "pass"])
        until_s = time.monotonic() + 20.0
        while processes.running(["short"]) and time.monotonic() < until_s:
            time.sleep(0.05)
        assert not processes.running(["short"])
        processes.check(but=["short"])
        with pytest.raises(BenchError, match="short: ended with exit code 0"):
            processes.check()
