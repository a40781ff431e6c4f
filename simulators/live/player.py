# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The victim-proximity monitor authors
"""Plays fixes over MQTT as a device does, when the service's clock reaches their time: late perhaps, early never."""

import asyncio
import time
from collections.abc import Callable, Iterable, Iterator
from itertools import chain
from typing import Final

import msgspec
from aiomqtt import Client, MqttError, Will

from proximity.model.units import Millis, Seconds
from simulators.devices.fixes import FIXES_MAX, DeviceFix, messages, utc_text
from simulators.devices.topics import HEARTBEAT, device_user, fix_topic, status_topic
from simulators.live.clock import ServiceClock
from simulators.live.connection import Broker, client

NAP_S: Final = 0.5  # look at the clock at least this often: it can be set
RECONNECT_S: Final = 1.0


class Track:
    """Fixes in the order of their times, taken out when they are due; what was not sent can be put back."""

    def __init__(self, fixes: Iterable[DeviceFix]) -> None:
        self._coming: Iterator[DeviceFix] = iter(fixes)
        self._next: DeviceFix | None = next(self._coming, None)

    @property
    def next_ms(self) -> Millis | None:
        """When the next fix is due; None when there are no more."""
        return None if self._next is None else self._next.fixed_at_ms

    def due(self, now_ms: Millis) -> list[DeviceFix]:
        """Take out what is due, oldest first, at most one message full."""
        taken: list[DeviceFix] = []
        while self._next is not None and self._next.fixed_at_ms <= now_ms and len(taken) < FIXES_MAX:
            taken.append(self._next)
            self._next = next(self._coming, None)
        return taken

    def put_back(self, fixes: list[DeviceFix]) -> None:
        """Store what could not be sent, before everything that is to come."""
        later = () if self._next is None else (self._next,)
        self._coming = chain(fixes, later, self._coming)
        self._next = next(self._coming, None)


class Player:
    """One device: its own connection, user and last will; it stores what it cannot send and forwards it later."""

    def __init__(
        self, device: str, fixes: Iterable[DeviceFix], broker: Broker, password: str | None,
        report: Callable[[str], None] = lambda _line: None,
    ) -> None:  # fmt: skip
        self.device = device
        self.sent = 0
        self._track = Track(fixes)
        self._broker = broker
        self._password = password
        self._report = report
        self._clock = ServiceClock()

    async def play(self) -> None:
        """Send every fix at its time, reconnecting as often as needed; ends when all are sent and acknowledged."""
        will = Will(status_topic(self.device), b'{"event":"offline"}', qos=1)
        while True:
            try:
                async with client(
                    self._broker, device_user(self.device), self._password, identifier=f"sim-{self.device}", will=will
                ) as connected:
                    await self._play_connected(connected)
                    return
            except MqttError as error:
                self._report(f"{self.device}: not connected ({error}); trying again in {RECONNECT_S:g} s")
            await asyncio.sleep(RECONNECT_S)

    async def _play_connected(self, connected: Client) -> None:
        await connected.subscribe(HEARTBEAT, qos=1)
        listening = asyncio.create_task(self._listen(connected))
        sending = asyncio.create_task(self._send(connected))
        try:
            await asyncio.wait((listening, sending), return_when=asyncio.FIRST_COMPLETED)
            if not sending.done():
                await listening  # raises what ended the connection
                raise MqttError("the broker closed the connection")
            await sending
        finally:
            listening.cancel()
            sending.cancel()
            await asyncio.gather(listening, sending, return_exceptions=True)

    async def _listen(self, connected: Client) -> None:
        async for message in connected.messages:
            if isinstance(message.payload, bytes):
                self._clock.hear(message.payload, time.monotonic())

    async def _send(self, connected: Client) -> None:
        online = False
        while (next_ms := self._track.next_ms) is not None:
            at_s = time.monotonic()
            now_ms = self._clock.now_ms(at_s)
            if now_ms is None:
                await asyncio.sleep(0.01)
                continue
            if not online:
                await self._say(connected, "online", now_ms)
                online = True
            if next_ms > now_ms:
                await asyncio.sleep(self._nap_s(next_ms, at_s))
                continue
            await self._forward(connected, self._track.due(now_ms))
        now_ms = self._clock.now_ms(time.monotonic())
        if now_ms is not None:
            await self._say(connected, "offline", now_ms)

    def _nap_s(self, next_ms: Millis, at_s: Seconds) -> Seconds:
        return min(NAP_S, max(0.001, self._clock.wait_s(next_ms, at_s)))

    async def _forward(self, connected: Client, fixes: list[DeviceFix]) -> None:
        """Send them; what the broker has not acknowledged is put back."""
        unsent = fixes
        try:
            for count, message in messages(fixes):
                await connected.publish(fix_topic(self.device), message, qos=1)
                unsent = unsent[count:]
                self.sent += count
        finally:
            if unsent:
                self._track.put_back(unsent)

    async def _say(self, connected: Client, event: str, now_ms: Millis) -> None:
        message = msgspec.json.encode({"event": event, "at": utc_text(now_ms)})
        await connected.publish(status_topic(self.device), message, qos=1)
