# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The victim-proximity monitor authors
"""`proximity demo`: the real service, devices that play at speed, and a supervisor who watches."""

import asyncio
import contextlib
import signal
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final, TypeVar

from proximity.model.units import MILLIS_PER_SECOND, Millis, Seconds
from simulators.demo.expected import Expectation, Verdict, compare
from simulators.demo.story import REGION, SUPERVISOR, demo_tracks, expectations, write_scenario
from simulators.demo.view import View, clock_text, make_console, make_view, verdict_table
from simulators.devices.recorded import FROM_MS, UNTIL_MS
from simulators.devices.topics import device_user, supervisor_user
from simulators.live.alerts import Alert
from simulators.live.connection import quiet_mqtt
from simulators.live.player import Player
from simulators.live.service_process import ServiceError, ServiceProcess
from simulators.live.supervisor import Supervisor

Value = TypeVar("Value")

DONE: Final = 0
FAULT: Final = 1
SERVICE_FAILED: Final = 3
READY_WITHIN_S: Final[Seconds] = 120.0  # the first run compiles
LOOK_EVERY_S: Final[Seconds] = 0.01
EARLY_MS: Final[Millis] = 28_000  # the clock starts at least this long before the first fix,
EARLY_WALL_S: Final[Seconds] = 1.0  # and early enough for everyone to connect
AFTER_MS: Final[Millis] = 15_000  # what is under way at the end may still arrive
AFTER_WALL_S: Final[Seconds] = 0.5
REFRESH_S: Final[Seconds] = 0.2
DISCONNECTED_WITHIN_S: Final[Seconds] = 0.3


def main(once: bool, speed: float = 120.0) -> int:  # noqa: FBT001 - the command line's own flag
    """Run the demo until it is interrupted, or with `once` until the recording has ended; gives the exit code.

    0: stopped by hand, or with `once` everything expected came in its window; 1: with `once` something did not,
    or it was stopped before it could; 2: no usable speed; 3: the service failed.
    """
    if not 0 < speed < float("inf"):
        print(f"proximity demo: --speed {speed:g} is no speed: give a number above 0", file=sys.stderr)
        return 2
    try:
        with tempfile.TemporaryDirectory(prefix="proximity-demo-", ignore_cleanup_errors=True) as folder:
            return asyncio.run(Demo(Path(folder), once=once, speed=speed).run())
    except ServiceError as error:
        print(f"proximity demo: {error}", file=sys.stderr)
        return SERVICE_FAILED
    except KeyboardInterrupt:
        return FAULT if once else DONE


class Demo:
    """One run: everything it starts, it stops."""

    def __init__(self, folder: Path, *, once: bool, speed: float) -> None:
        self._folder = folder
        self._once = once
        self._speed = speed
        self._console = make_console()
        self._stop = asyncio.Event()
        self._expected = expectations()
        self._reached_ms: Millis = 0  # engine time

    async def run(self) -> int:
        """Start, watch, stop, sum up; gives the exit code. ServiceError when the service does not hold."""
        started_s = time.monotonic()
        quiet_mqtt(asyncio.get_running_loop())
        start_ms = FROM_MS - max(EARLY_MS, round(EARLY_WALL_S * self._speed * MILLIS_PER_SECOND))
        settings, orders = write_scenario(self._folder, self._speed, start_ms)
        service = ServiceProcess(self._folder, settings, orders)
        self._console.print(f"starting the service and its broker (state in {self._folder})", highlight=False)
        with self._stopping_on_signals():
            try:
                await service.start()
                alerts = await self._play(service, started_s)
            finally:
                await service.stop()
        return self._sum_up(compare(self._expected, alerts))

    @contextlib.contextmanager
    def _stopping_on_signals(self) -> Iterator[None]:
        loop = asyncio.get_running_loop()
        signals = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
        for number in signals:
            loop.add_signal_handler(number, self._stop.set)
        try:
            yield
        finally:
            for number in signals:
                loop.remove_signal_handler(number)

    async def _play(self, service: ServiceProcess, started_s: Seconds) -> list[Alert]:
        """Everything between the service's start and its end; gives what the supervisor was told."""
        broker = await self._wait_for(service, service.broker, "its broker does not listen")
        if broker is None:
            return []
        passwords = service.passwords()
        view = make_view(self._console)
        user = supervisor_user(REGION, SUPERVISOR)
        supervisor = Supervisor(REGION, SUPERVISOR, broker, passwords[user], view.show)
        players = [
            Player(device, fixes, broker, passwords[device_user(device)], view.say)
            for device, fixes in demo_tracks().items()
        ]
        tasks = [asyncio.create_task(supervisor.watch())]
        try:
            # who is told comes first, before there is anything to tell
            await self._wait_for(service, lambda: supervisor.connected.is_set() or None, "nobody could log in")
            tasks += [asyncio.create_task(player.play()) for player in players]
            await self._wait_for(service, lambda: supervisor.clock.now_ms(time.monotonic()), "it sent no heartbeat")
            view.say(f"ready after {time.monotonic() - started_s:.1f} s; the clock runs at {self._speed:g}x")
            await self._until_done(service, supervisor, players, view)
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.wait(tasks, timeout=DISCONNECTED_WITHIN_S)
            view.close()
        return supervisor.alerts

    async def _wait_for(self, service: ServiceProcess, look: Callable[[], Value | None], missing: str) -> Value | None:
        """What `look` gives as soon as that is something; None when the demo is stopped before."""
        deadline_s = time.monotonic() + READY_WITHIN_S
        while not self._stop.is_set():
            found = look()
            if found is not None:
                return found
            service.check()
            if time.monotonic() > deadline_s:
                raise ServiceError(
                    f"the service was not ready in {READY_WITHIN_S:g} s: {missing}; {service.said_last()}"
                )
            await asyncio.sleep(LOOK_EVERY_S)
        return None

    async def _until_done(
        self, service: ServiceProcess, supervisor: Supervisor, players: list[Player], view: View
    ) -> None:
        end_ms = _end_ms(self._expected, self._speed)
        told = False
        while not self._stop.is_set():
            service.check()
            now_ms = supervisor.clock.now_ms(time.monotonic())
            self._reached_ms = now_ms or self._reached_ms
            over = self._reached_ms >= end_ms
            if over and self._once:
                return
            if over and not told:
                told = True
                view.say("the recording has ended; Ctrl-C stops the demo and sums up")
            view.progress(
                now_ms, f"{sum(player.sent for player in players)} fixes sent, {len(supervisor.alerts)} alerts"
            )
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._stop.wait(), REFRESH_S)

    def _sum_up(self, verdict: Verdict) -> int:
        """Show what was expected and what came; gives the exit code."""
        self._console.print(verdict_table(verdict, self._speed, self._reached_ms))
        met = sum(outcome.met for outcome in verdict.outcomes)
        self._console.print(f"{met} of {len(verdict.outcomes)} expected alerts came in their windows", highlight=False)
        for alert in verdict.unexpected:
            self._console.print(
                f"not expected: {alert.kind} {alert.about} at {clock_text(alert.at_ms)}", highlight=False, markup=False
            )
        if self._once and not verdict.passed:
            how = (
                "stopped before its end"
                if self._stop.is_set()
                else "not everything came as expected: see the table above"
            )
            print(f"proximity demo: {how}", file=sys.stderr)
            return FAULT
        return DONE


def _end_ms(expected: list[Expectation], speed: float) -> Millis:
    """When everything expected must have come."""
    last_ms = max(UNTIL_MS, *(expectation.until_ms for expectation in expected))
    return last_ms + max(AFTER_MS, round(AFTER_WALL_S * speed * MILLIS_PER_SECOND))
