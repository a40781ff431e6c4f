# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The victim-proximity monitor authors
"""Who the pairs are: the shares of `population.toml`, exact in every hundred pairs."""

from pathlib import Path
from typing import Final

import msgspec
import numpy as np
from msgspec import Struct

from proximity.model.units import MILLIS_PER_SECOND, Metres, Seconds
from simulators.scores.scoring import Limits

FILE: Final = Path(__file__).parent / "population.toml"
HUNDRED: Final = 100


class People(Struct, frozen=True, forbid_unknown_fields=True):
    """How they live, and what the wearer is up to."""

    lives_near: float
    lives_near_limits: tuple[float, float]
    works_near: float
    works_near_limits: tuple[float, float]
    visits: float
    stalks: float


class Devices(Struct, frozen=True, forbid_unknown_fields=True):
    """What is wrong with their devices."""

    wifi_flips: float
    careless_charger: float
    clock_off: float
    clock_off_s: tuple[Seconds, Seconds]


class Links(Struct, frozen=True, forbid_unknown_fields=True):
    """What is wrong on the way."""

    outage: float
    outage_s: tuple[Seconds, Seconds]
    lost: float
    twice: float
    restart: float
    restart_s: tuple[Seconds, Seconds]


class Population(Struct, frozen=True, forbid_unknown_fields=True):
    """All of it."""

    limit_m: Metres
    warning_m: Metres
    reaction_s: Seconds
    people: People
    devices: Devices
    links: Links

    @property
    def limits(self) -> Limits:
        """The distances of every order."""
        return Limits(self.warning_m, self.limit_m, round(self.reaction_s * MILLIS_PER_SECOND))


POPULATION: Final = msgspec.toml.decode(FILE.read_bytes(), type=Population)
TRAITS: Final = (
    "lives_near", "works_near", "visits", "stalks", "wifi_flips", "careless_charger",
    "wearer_clock_off", "protected_clock_off", "wearer_outage", "protected_outage", "restart",
)  # fmt: skip


def share_of(trait: str) -> float:
    """How many have it."""
    parts = (POPULATION.people, POPULATION.devices, POPULATION.links)
    name = trait.removeprefix("wearer_").removeprefix("protected_")
    return float(next(getattr(part, name) for part in parts if hasattr(part, name)))


def rank(seed: int, number: int, trait: str) -> int:
    """The place of a pair in its hundred, from 0, in an order of its own for every trait."""
    order = np.random.default_rng([seed, number // HUNDRED, TRAITS.index(trait)]).permutation(HUNDRED)
    return int(order[number % HUNDRED])


def traits_of(seed: int, number: int) -> frozenset[str]:
    """What holds of a pair."""
    return frozenset(trait for trait in TRAITS if rank(seed, number, trait) < round(share_of(trait) * HUNDRED))
