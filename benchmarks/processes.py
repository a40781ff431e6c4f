# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The victim-proximity monitor authors
"""Processes of the bench: started, watched, measured, and stopped by id, whatever happens."""

import contextlib
import subprocess
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self, TypeVar

import psutil

STOP_WITHIN_S = 5.0
POLL_S = 0.05

Value = TypeVar("Value")


class BenchError(Exception):
    """The bench cannot go on; the message says what, where and the mend, in one line."""


class Processes:
    """What a case has started. On leaving, everything is stopped, the last first, with whatever they started."""

    def __init__(self, folder: Path) -> None:
        """Each process writes `{folder}/{name}.log`."""
        self.folder = folder
        self.started: list[tuple[str, subprocess.Popen[bytes]]] = []

    def __enter__(self) -> Self:
        """Nothing has been started."""
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        """Stop everything."""
        while self.started:
            _, process = self.started.pop()
            stop(process)

    def start(self, name: str, arguments: Sequence[str | Path]) -> int:
        """Start a program and give its process id. It has its own session: Ctrl-C reaches only the bench."""
        with (self.folder / f"{name}.log").open("wb") as log:
            process = subprocess.Popen(
                [str(argument) for argument in arguments],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        self.started.append((name, process))
        return process.pid

    def running(self, names: Sequence[str]) -> bool:
        """True while any of them has not ended by itself; BenchError if one ended in failure."""
        ended = {name: process.poll() for name, process in self.started if name in names}
        for name, code in ended.items():
            if code not in {None, 0}:
                raise BenchError(self.ended(name, code))
        return any(code is None for code in ended.values())

    def check(self, but: Sequence[str] = ()) -> None:
        """BenchError if any process other than `but` has ended."""
        for name, process in self.started:
            if name not in but and process.poll() is not None:
                raise BenchError(self.ended(name, process.returncode))

    def ended(self, name: str, code: int | None) -> str:
        """The message for a process that should not have ended."""
        log = self.folder / f"{name}.log"
        lines = log.read_text(errors="replace").strip().splitlines() or ["nothing"]
        return f"{name}: ended with exit code {code}, its last word: {lines[-1][:200]} - see {log}"

    def wait_for(self, what: str, look: Callable[[], Value | None], within_s: float) -> Value:
        """What `look` gives as soon as it is not None; BenchError if it takes too long or a process ends meanwhile."""
        until_s = time.monotonic() + within_s
        while time.monotonic() < until_s:
            value = look()
            if value is not None:
                return value
            self.check()
            time.sleep(POLL_S)
        raise BenchError(f"{what}: not there within {within_s:.0f} s - see the logs in {self.folder}")


def stop(process: subprocess.Popen[bytes]) -> None:
    """End a process and its descendants: asked first, made to when it does not."""
    with contextlib.suppress(psutil.NoSuchProcess):
        descendants = psutil.Process(process.pid).children(recursive=True)
        process.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(STOP_WITHIN_S)
        for left in descendants:
            with contextlib.suppress(psutil.NoSuchProcess):
                left.terminate()
        _, alive = psutil.wait_procs(descendants, timeout=STOP_WITHIN_S)
        for left in alive:
            with contextlib.suppress(psutil.NoSuchProcess):
                left.kill()
    if process.poll() is None:
        process.kill()
    process.wait()
