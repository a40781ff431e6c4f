# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The victim-proximity monitor authors
"""The service as a process of its own: started, waited for, and stopped without leaving anything behind."""

import asyncio
import contextlib
import signal
import sys
from asyncio.subprocess import Process
from pathlib import Path
from typing import Final

import msgspec

from proximity.model.units import Seconds
from simulators.live.connection import Broker, read_endpoint, read_passwords

STOPPED_WITHIN_S: Final[Seconds] = 1.5


class ServiceError(Exception):
    """The service did not start, or ended by itself; the text says what it said last."""


class ServiceProcess:
    """`proximity run` below a folder of its own."""

    def __init__(self, folder: Path, settings: Path, orders: Path) -> None:
        self.state_dir = folder / "state"
        self.log = folder / "service.log"
        self._settings = settings
        self._orders = orders
        self._process: Process | None = None

    async def start(self) -> None:
        """Start it; it is not ready yet."""
        with self.log.open("wb") as log:
            self._process = await asyncio.create_subprocess_exec(
                sys.executable, "-m", "proximity", "run",
                "--settings", str(self._settings), "--orders", str(self._orders),
                stdin=asyncio.subprocess.DEVNULL, stdout=log, stderr=log,
                start_new_session=True,  # Ctrl-C reaches us alone: we stop it in order
            )  # fmt: skip

    def broker(self) -> Broker | None:
        """Where its broker listens; None until it does."""
        try:
            return read_endpoint(self.state_dir)
        except (OSError, msgspec.DecodeError):
            return None

    def passwords(self) -> dict[str, str]:
        """The passwords of its broker's users."""
        return read_passwords(self.state_dir / "broker" / "credentials.json")

    def check(self) -> None:
        """ServiceError when the service has ended by itself."""
        if self._process is not None and self._process.returncode is not None:
            raise ServiceError(f"the service ended with {self._process.returncode}; {self.said_last()}")

    def said_last(self) -> str:
        """The last line of its log."""
        lines = self.log.read_text(encoding="utf-8", errors="replace").strip().splitlines()
        return f"it said last: {lines[-1]}" if lines else "it said nothing"

    async def stop(self) -> None:
        """Stop it and wait for its end; kill it where that takes too long."""
        process = self._process
        if process is None or process.returncode is not None:
            return
        with contextlib.suppress(ProcessLookupError):
            process.send_signal(signal.SIGTERM)
        try:
            async with asyncio.timeout(STOPPED_WITHIN_S):
                await process.wait()
        except TimeoutError:
            with contextlib.suppress(ProcessLookupError):
                process.kill()
            await process.wait()
