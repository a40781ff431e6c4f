# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The victim-proximity monitor authors
"""Scenes against the real service over MQTT, all at once: every scene an order of its own, every device a client."""

import asyncio
import time
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Final, NamedTuple, TypeVar

from proximity.model.units import MILLIS_PER_SECOND, Millis, Seconds
from simulators.devices.fixes import utc_text
from simulators.devices.topics import device_user, supervisor_user
from simulators.live.alerts import Alert
from simulators.live.clock import ServiceClock
from simulators.live.connection import Broker, client, quiet_mqtt
from simulators.live.service_process import ServiceError, ServiceProcess
from simulators.live.supervisor import Supervisor
from simulators.scores.judged import Heard, letters, orders
from simulators.staged.street import Staged

REGION, SUPERVISOR = "r", "s"
READY_WITHIN_S: Final[Seconds] = 120.0
EARLY_WALL_S: Final[Seconds] = 20.0  # before the first scene begins: a hundred clients log in
LOOK_EVERY_S: Final[Seconds] = 0.01
NAP_S: Final[Seconds] = 0.2

Value = TypeVar("Value")
Letter = tuple[Millis, str, bytes]  # when, topic, payload


class Names(NamedTuple):
    """How the parties and the order of a scene are called."""

    wearer: str
    protected: str
    order: str


def names_of(scene: str) -> Names:
    """Devices are called like their parties."""
    return Names(f"w-{scene}", f"p-{scene}", scene)


def write_stage(folder: Path, scenes: Mapping[str, Staged], speed: float) -> tuple[Path, Path]:
    """Settings and orders of all scenes below a folder. The clock begins before the first of them."""
    first_ms = min(staged.begins_ms for staged in scenes.values())
    start_ms = first_ms - round(EARLY_WALL_S * speed * MILLIS_PER_SECOND)
    settings, book = folder / "settings.toml", folder / "orders"
    book.mkdir()
    clock = f"[clock]\nstart_at = {utc_text(start_ms)}\nspeed = {float(speed)!r}\n"
    settings.write_text(f'state_dir = "state"\n{clock}', encoding="utf-8")
    for scene, staged in scenes.items():
        text = orders(staged.limits, staged.cadences, names_of(scene), utc_text(staged.begins_ms))
        (book / f"{scene}.toml").write_text(text, encoding="utf-8")
    return settings, book


def letters_of(scenes: Mapping[str, Staged]) -> dict[str, list[Letter]]:
    """What every device sends, by its name, in order."""
    found: dict[str, list[Letter]] = {}
    for scene, staged in scenes.items():
        names = names_of(scene)
        for device, arrivals in ((names.wearer, staged.day.wearer), (names.protected, staged.day.protected)):
            found[device] = [(one.at_ms, *letter) for one in arrivals for letter in letters(device, one)]
    return found


async def send(device: str, own: Iterable[Letter], broker: Broker, password: str, clock: ServiceClock) -> None:
    """One device: everything at its time by the service's clock; late perhaps, early never."""
    async with client(broker, device_user(device), password, identifier=f"stage-{device}") as connected:
        for at_ms, topic, sent in own:
            await _until(at_ms, clock)
            await connected.publish(topic, sent, qos=1)


async def _until(at_ms: Millis, clock: ServiceClock) -> None:
    while True:
        at_s = time.monotonic()
        wait_s = clock.wait_s(at_ms, at_s)  # infinite while the service's time is unknown
        if wait_s <= 0:
            return
        await asyncio.sleep(min(NAP_S, max(0.001, wait_s)))


def heard_of(alerts: Iterable[Alert]) -> list[Heard]:
    """What a supervisor was told, as the outcomes read it."""
    return [Heard(one.at_ms, one.about, one.kind, one.change, one.level, one.cause, one.late) for one in alerts]


async def play_live(
    folder: Path, scenes: Mapping[str, Staged], speed: float, progress: Callable[[Millis], None]
) -> list[Heard]:
    """Play all scenes against a service of their own; gives what their supervisor was told.

    ServiceError where the service does not hold, or is not ready in time.
    """
    quiet_mqtt(asyncio.get_running_loop())
    service = ServiceProcess(folder, *write_stage(folder, scenes, speed))
    try:
        await service.start()
        broker = await _wait_for(service, service.broker)
        passwords = service.passwords()
        own = passwords[supervisor_user(REGION, SUPERVISOR)]
        supervisor = Supervisor(REGION, SUPERVISOR, broker, own, lambda _alert: None)
        tasks = [asyncio.create_task(supervisor.watch())]
        try:
            await _wait_for(service, lambda: supervisor.clock.now_ms(time.monotonic()))
            tasks += [
                asyncio.create_task(send(device, own_letters, broker, passwords[device_user(device)], supervisor.clock))
                for device, own_letters in letters_of(scenes).items()
            ]
            await _until_over(service, supervisor, max(one.day.truth.until_ms for one in scenes.values()), progress)
            await asyncio.gather(*tasks[1:])
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
        return heard_of(supervisor.alerts)
    finally:
        await service.stop()


async def _until_over(
    service: ServiceProcess, supervisor: Supervisor, end_ms: Millis, progress: Callable[[Millis], None]
) -> None:
    while (now_ms := supervisor.clock.now_ms(time.monotonic()) or 0) < end_ms + MILLIS_PER_SECOND:
        service.check()
        progress(now_ms)
        await asyncio.sleep(NAP_S)
    await asyncio.sleep(1.0)  # what has been told is still on its way


async def _wait_for(service: ServiceProcess, look: Callable[[], Value | None]) -> Value:
    deadline_s = time.monotonic() + READY_WITHIN_S
    while (found := look()) is None:
        service.check()
        if time.monotonic() > deadline_s:
            raise ServiceError(f"the service was not ready in {READY_WITHIN_S:g} s; {service.said_last()}")
        await asyncio.sleep(LOOK_EVERY_S)
    return found
