# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The victim-proximity monitor authors
import asyncio
import contextlib
import json
import signal
import sys
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest
from aiomqtt import Client, MqttError

from simulators.devices.fixes import DeviceFix, utc_ms
from simulators.devices.recorded import FROM_MS
from simulators.live.connection import client, quiet_mqtt
from simulators.live.player import Player, Track

if TYPE_CHECKING:
    from tests.simulators.conftest import BareBroker

START_MS = utc_ms("2024-06-08T15:58:00Z")
SPEED = 120.0
WITHIN_S = 90.0


@dataclass
class FakeEngine:
    """A clock that is told by heartbeats, and an ear on all devices' topics. Everything else is the real thing."""

    start_ms: int = START_MS
    speed: float = SPEED
    begun_s: float = field(default_factory=time.monotonic)
    heard: list[tuple[str, Any, int]] = field(default_factory=list)
    connections: int = 0

    def now_ms(self) -> int:
        return self.start_ms + round((time.monotonic() - self.begun_s) * 1000 * self.speed)

    def __str__(self) -> str:
        """What a test that waited in vain says."""
        last = [f"{topic} {str(payload)[:80]}" for topic, payload, _ in self.heard if not topic.endswith("/fix")][-5:]
        return f"{len(self.fixes())} fixes heard over {self.connections} connections, and of the rest last {last}"

    def of(self, topic_end: str) -> list[tuple[Any, int]]:
        return [(payload, at_ms) for topic, payload, at_ms in self.heard if topic.endswith(topic_end)]

    def fixes(self) -> list[tuple[dict[str, Any], int]]:
        return [
            (fix, at_ms)
            for payload, at_ms in self.of("/fix")
            for fix in (payload if isinstance(payload, list) else [payload])
        ]

    async def beat(self, connected: Client) -> None:
        while True:
            state = {"state": "running", "now_ms": self.now_ms(), "speed": self.speed}
            with contextlib.suppress(MqttError):  # acknowledged late is not disconnected: `listen` says when it is
                await connected.publish("proximity/v1/system/state", json.dumps(state), qos=1, retain=True)
            await asyncio.sleep(0.2)

    async def listen(self, connected: Client) -> None:
        async for message in connected.messages:
            assert isinstance(message.payload, bytes)
            self.heard.append((message.topic.value, json.loads(message.payload), self.now_ms()))

    async def run(self, bare: "BareBroker") -> None:
        """Stay connected. What was received is acknowledged already, so it is heard to the end before another try."""
        while True:
            with contextlib.suppress(MqttError):
                async with client(bare.broker, "engine", "e", identifier="engine", keep=True) as connected:
                    self.connections += 1
                    await connected.subscribe("proximity/v1/devices/#", qos=1)
                    beating = asyncio.create_task(self.beat(connected))
                    try:
                        await self.listen(connected)
                    finally:
                        beating.cancel()
                        await asyncio.gather(beating, return_exceptions=True)
            await asyncio.sleep(0.05)


@contextlib.asynccontextmanager
async def engine_on(bare: "BareBroker", engine: FakeEngine | None = None) -> AsyncIterator[FakeEngine]:
    engine = engine or FakeEngine()
    quiet_mqtt(asyncio.get_running_loop())
    running = asyncio.create_task(engine.run(bare))
    try:
        yield engine
    finally:
        running.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await running  # raises what it died of


def track(count: int, first_ms: int = START_MS + 60_000) -> list[DeviceFix]:
    return [DeviceFix(first_ms + n * 1000, 52.0 + n / 1e5, 5.0, seq=n) for n in range(count)]


async def until(engine: FakeEngine, condition: Any) -> None:  # noqa: ANN401 - any callable that can be true
    deadline_s = time.monotonic() + WITHIN_S
    while not condition():
        assert time.monotonic() < deadline_s, f"did not happen in time: {engine}"
        await asyncio.sleep(0.01)


def test_a_track_gives_what_is_due_in_order_and_takes_back_what_was_not_sent() -> None:
    taken = Track(track(700, START_MS))
    assert taken.due(START_MS - 1) == []
    first = taken.due(START_MS + 1000)
    assert [fix.seq for fix in first] == [0, 1]
    taken.put_back(first[1:])
    assert taken.next_ms == START_MS + 1000
    assert [fix.seq for fix in taken.due(START_MS + 10**9)] == list(range(1, 501))
    assert [fix.seq for fix in taken.due(START_MS + 10**9)] == list(range(501, 700))
    assert taken.due(START_MS + 10**9) == []
    taken.put_back(first)
    assert [fix.seq for fix in taken.due(START_MS + 10**9)] == [0, 1]


async def play_to_the_end(bare: "BareBroker") -> None:
    async with engine_on(bare) as engine:
        await Player("phone-1", track(240), bare.broker, "p").play()
        await until(engine, lambda: len(engine.fixes()) >= 240 and len(engine.of("/status")) >= 2)
    fixes = engine.fixes()
    assert [fix["seq"] for fix, _ in fixes] == list(range(240))
    assert all(at_ms >= utc_ms(fix["fixed_at"]) for fix, at_ms in fixes), "early"
    assert max(at_ms - utc_ms(fix["fixed_at"]) for fix, at_ms in fixes) < 120_000, "more than a second of ours late"
    assert [status["event"] for status, _ in engine.of("/status")] == ["online", "offline"]
    assert all(isinstance(utc_ms(status["at"]), int) for status, _ in engine.of("/status"))


def test_every_fix_comes_once_in_order_and_never_before_its_time(bare_broker: "BareBroker") -> None:
    asyncio.run(play_to_the_end(bare_broker))


async def interrupt(bare: "BareBroker", said: list[str]) -> None:
    async with engine_on(bare) as engine:
        playing = asyncio.create_task(Player("phone-1", track(600), bare.broker, "p", said.append).play())
        await until(engine, lambda: len(engine.fixes()) > 100)
        bare.stop()
        await asyncio.sleep(1.0)  # two minutes of the service's time
        bare.start()
        await playing
        await until(engine, lambda: {fix["seq"] for fix, _ in engine.fixes()} == set(range(600)))
    stored = [payload for payload, _ in engine.of("/fix") if isinstance(payload, list)]
    assert max(len(payload) for payload in stored) > 60, "what was stored is forwarded as an array"
    assert all(len(payload) <= 500 for payload in stored)
    assert all(at_ms >= utc_ms(fix["fixed_at"]) for fix, at_ms in engine.fixes())


def test_what_it_cannot_send_it_stores_and_forwards(bare_broker: "BareBroker") -> None:
    said: list[str] = []
    asyncio.run(interrupt(bare_broker, said))
    assert said
    assert "phone-1: not connected" in said[0]


async def kill_it(bare: "BareBroker") -> None:
    url = f"mqtt://{bare.broker.host}:{bare.broker.port}"
    # at its own speed the track lasts for hours: however late the process comes up, it is killed on the way
    async with engine_on(bare, FakeEngine(FROM_MS, 1.0)) as engine:
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "simulators", "play", "utrecht1", "--url", url, stdout=asyncio.subprocess.DEVNULL
        )
        try:
            await until(engine, engine.fixes)
            assert {"event": "offline"} not in [status for status, _ in engine.of("/utrecht1/status")]
        finally:
            process.kill()
            await process.wait()
        assert process.returncode == -signal.SIGKILL, "it had ended before, and said good-bye itself"
        await until(engine, lambda: {"event": "offline"} in [status for status, _ in engine.of("/utrecht1/status")])


def test_when_it_dies_the_broker_gives_its_last_will(bare_broker: "BareBroker") -> None:
    asyncio.run(kill_it(bare_broker))


def test_without_a_running_service_it_waits(bare_broker: "BareBroker") -> None:
    async def wait() -> None:
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.5):
                await Player("phone-1", track(1, START_MS), bare_broker.broker, "p").play()

    asyncio.run(wait())
