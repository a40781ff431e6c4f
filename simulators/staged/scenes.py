# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The victim-proximity monitor authors
"""All staged scenes by name."""

from collections.abc import Callable, Mapping
from inspect import getmembers, isfunction
from types import MappingProxyType
from typing import Final

from simulators.staged import scenes_of_devices, scenes_of_intent, scenes_on_the_way
from simulators.staged.street import Staged, Street

Scene = Callable[[Street], None]
MODULES: Final = (scenes_on_the_way, scenes_of_intent, scenes_of_devices)
SCENES: Final[Mapping[str, Scene]] = MappingProxyType({
    name.replace("_", "-"): function
    for module in MODULES
    for name, function in getmembers(module, isfunction)
    if function.__module__ == module.__name__
})  # fmt: skip


def play(name: str, seed: int) -> Staged:
    """A scene with one seed of delay, loss and cadence. KeyError where there is none of that name."""
    street = Street(seed)
    SCENES[name](street)
    return street.play()
