# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The victim-proximity monitor authors
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from proximity.service import keeper
from tests.brokers import runs
from tests.live import wait_for

SLEEP = "/bin/sleep"
# A parent that starts a program through the keeper, says its number, and waits.
PARENT = """
import os, subprocess, sys, time
keeper, program, seconds = sys.argv[1:]
child = subprocess.Popen([sys.executable, "-S", "-E", "-s", keeper, str(os.getpid()), program, seconds])
print(child.pid, flush=True)
time.sleep(60)
"""


def name_of(pid: int) -> str:
    return Path(f"/proc/{pid}/comm").read_text(encoding="utf-8").strip()


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM, signal.SIGSEGV])
def test_the_program_ends_with_its_parent_however_that_ends(number: signal.Signals) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", PARENT, str(keeper.__file__), SLEEP, "60"], stdout=subprocess.PIPE, text=True
    ) as parent:
        assert parent.stdout is not None
        child = int(parent.stdout.readline())
        try:
            wait_for(lambda: name_of(child) == "sleep", "the keeper to become the program")
            parent.send_signal(number)
            parent.wait(5)
            wait_for(lambda: not runs(child), "the program's end", 2.0)
        finally:
            parent.kill()
            if runs(child):
                os.kill(child, signal.SIGKILL)


def test_a_parent_that_is_gone_already_leaves_no_program() -> None:
    nobody = 2**22 + 1  # above the highest number that Linux gives
    done = subprocess.run(
        [sys.executable, str(keeper.__file__), str(nobody), "/bin/echo", "started"],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stdout, done.stderr) == (1, "", "keeper: the service is gone\n")


def test_the_program_gets_its_arguments_as_they_are() -> None:
    done = subprocess.run(
        [sys.executable, str(keeper.__file__), str(os.getpid()), "/bin/echo", "a b", "$HOME", "*"],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert done.stdout == "a b $HOME *\n"
