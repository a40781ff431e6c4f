# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The victim-proximity monitor authors
"""What goes wrong with devices in a half-hour: batteries, clocks behind, positions that hang, and what ends it."""

from collections.abc import Mapping
from random import Random
from typing import Final

from msgspec.structs import replace

from proximity.model.inputs import Fix, Input, Refit, Resolution, Status
from proximity.model.units import Millis
from proximity.model.words import StatusEvent

SAID: Final = (
    StatusEvent.JAMMING, StatusEvent.SHIELDING, StatusEvent.BATTERY_LOW, StatusEvent.BATTERY_CRITICAL,
    StatusEvent.CHARGING, StatusEvent.ONLINE, StatusEvent.OFFLINE, StatusEvent.OFFLINE,
)  # fmt: skip
STRAPS: Final = (StatusEvent.STRAP_CUT, StatusEvent.CASE_OPEN, StatusEvent.POWER_OFF)


class Worn:
    """A device that wears out as its fixes come."""

    def __init__(self, chance: Random, begins_ms: Millis) -> None:
        self.chance = chance
        self.seq = chance.randrange(100)
        self.pct = chance.choice((12.0, 25.0, 45.0, 90.0))
        self.falls = chance.choice((0.0, 0.5, 1.5))
        self.behind_ms = chance.choice((0, 0, 0, 62_000, 100_000))
        from_ms = begins_ms + chance.randrange(1_500_000)
        self.frozen = (from_ms, from_ms + chance.choice((0, 0, 200_000, 600_000)))
        self.place: tuple[float, float] | None = None

    def wear(self, made: Fix) -> Fix:
        """The fix as this device sends it."""
        chance = self.chance
        self.seq = 0 if chance.random() < 0.01 else self.seq + chance.choice((1, 1, 1, 2))
        self.pct = 80.0 if chance.random() < 0.01 else max(0.0, self.pct - self.falls * chance.random())
        if self.frozen[0] <= made.fixed_at_ms < self.frozen[1]:
            self.place = self.place or (made.lat_deg, made.lon_deg)
            made = replace(made, lat_deg=self.place[0], lon_deg=self.place[1])
        return replace(made, seq=self.seq, battery_pct=self.pct, fixed_at_ms=made.fixed_at_ms - self.behind_ms)


def wear_out(
    chance: Random, given: Mapping[Millis, list[Input]], devices: list[str], supervisor: tuple[str, str]
) -> dict[Millis, list[Input]]:
    """The inputs of a scene by their instants, with worn devices, what they say and what is done about it."""
    begins_ms, ends_ms = min(given), max(given)
    worn = {device: Worn(chance, begins_ms) for device in devices}
    made: dict[Millis, list[Input]] = {}
    seen: dict[Fix, Fix] = {}  # what is sent twice is the same twice
    for now_ms, inputs in sorted(given.items()):
        own = made.setdefault(now_ms, [])
        for one in inputs:
            if isinstance(one, Fix) and one.device in worn:
                key = replace(one, place=0)
                seen[key] = seen.get(key) or worn[one.device].wear(one)
                own.append(replace(seen[key], place=one.place))
            else:
                own.append(one)
    for _ in range(chance.choice((0, 2, 6))):
        now_ms = begins_ms + 100 * chance.randrange(1, (ends_ms - begins_ms) // 100)
        at_ms = chance.choice((-1, now_ms, now_ms - 20_000))
        said = Status(chance.choice(devices), chance.choice(SAID), at_ms)
        made.setdefault(now_ms, []).append(said)
    for number in range(chance.choice((0, 1, 3))):
        now_ms = begins_ms + 100 * chance.randrange(1, (ends_ms - begins_ms) // 100)
        device = chance.choice(devices)
        region, own_name = supervisor
        name = chance.choice((own_name, own_name, "team-b"))
        if chance.random() < 0.5:
            made.setdefault(now_ms, []).append(Status(device, chance.choice((*STRAPS, StatusEvent.SOS)), now_ms))
            now_ms += chance.choice((0, 5000, 60_000))
        made.setdefault(now_ms, []).append(Refit(region, name, device, "anna"))
        made.setdefault(now_ms + 1000, []).append(Resolution(region, name, str(number), "anna"))
    return made
