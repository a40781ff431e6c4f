# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The victim-proximity monitor authors
"""The points that are tried: every limit with every value of every setting."""

from collections.abc import Sequence
from itertools import product
from math import prod
from typing import Final, NamedTuple, TypeVar

import msgspec

from proximity.model.judging import Judging
from proximity.model.units import Metres
from proximity.settings.checks import Check, Wrong
from proximity.settings.faults import cut, listed, nearest
from proximity.settings.keys import CHECKS, RISING, AnyCheck
from proximity.settings.orders import DISTANCES, WARNING_LIMITS

POINTS_MAX: Final = 64
SECTION: Final = "judging"
SETTINGS: Final[dict[str, AnyCheck]] = {
    key.removeprefix(f"{SECTION}."): check for key, check in CHECKS.items() if key.startswith(f"{SECTION}.")
}
T = TypeVar("T")


class TuneFault(Exception):
    """What was asked for cannot be tried; the message is one line: what, where, the mend."""


class Point(NamedTuple):
    """One of them; what stands empty is left as it is."""

    limit_m: Metres | None = None
    warning_m: Metres | None = None
    settings: tuple[tuple[str, float], ...] = ()

    @property
    def name(self) -> str:
        """As it stands in tables."""
        limit = [] if self.limit_m is None else [f"{self.limit_m:,g} m"]
        return ", ".join(limit + [f"{name} {value:g}" for name, value in self.settings]) or "as set"

    def judging(self, own: Judging) -> Judging:
        """The settings with this point's values. TuneFault where they contradict one another."""
        numbers = msgspec.to_builtins(own)
        for name, value in self.settings:
            *tables, key = name.split(".")
            below = numbers
            for table in tables:
                below = below[table]
            below[key] = value
        for section, smaller, larger, may_be_equal in RISING:
            if section != SECTION:
                continue
            low, high = numbers[smaller], numbers[larger]
            if low > high or (low == high and not may_be_equal):
                raise TuneFault(f"{self.name}: {smaller} {low:g} must be less than {larger} {high:g}: leave one out")
        return msgspec.convert(numbers, Judging)


AS_SET: Final = Point()


def read_grid(limits: str | None, warning_factor: float | None, settings: Sequence[str]) -> list[Point]:
    """The points of a command line, without `AS_SET`. TuneFault for what makes no sense, or for too many."""
    if limits is None and not settings:
        raise TuneFault("nothing to try: write --limits 400,700 or --set confirm_after_s=10,20")
    if limits is None and warning_factor is not None:
        raise TuneFault("--warning-factor is of the limits: write --limits too, or leave it out")
    factor = WARNING_LIMITS if warning_factor is None else warning_factor
    if not factor > 1.0:
        raise TuneFault(f"--warning-factor: got {factor:g}: a warning comes before the limit: write more than 1")
    pairs = [(None, None)] if limits is None else read_limits(limits, factor)
    values = read_settings(settings)
    count = len(pairs) * prod(map(len, values.values()))
    if count > POINTS_MAX:
        raise TuneFault(f"{count} points are too many: try at most {POINTS_MAX} at a time")
    choices = [[(name, value) for value in of] for name, of in values.items()]
    return [Point(limit_m, warning_m, chosen) for limit_m, warning_m in pairs for chosen in product(*choices)]


def read_limits(text: str, factor: float) -> Sequence[tuple[Metres | None, Metres | None]]:
    """Limits with their warnings."""
    pairs = []
    for limit_m in read_numbers("--limits", text, DISTANCES["limit_m"]):
        warning_m = checked(f"--warning-factor x {limit_m:g} m", limit_m * factor, DISTANCES["warning_m"])
        pairs.append((limit_m, warning_m))
    return pairs


def read_settings(texts: Sequence[str]) -> dict[str, list[float]]:
    """The values of each setting."""
    values: dict[str, list[float]] = {}
    for text in texts:
        name, equals, numbers = text.partition("=")
        name = name.strip().removeprefix(f"{SECTION}.")
        if not equals:
            raise TuneFault(f"--set {cut(text)!r}: write a setting and its values, such as confirm_after_s=10,20")
        if name not in SETTINGS:
            meant = nearest(name, SETTINGS)
            mend = f"did you mean {meant}?" if meant else f"choose of {listed(SETTINGS, len(SETTINGS))}"
            raise TuneFault(f"--set: there is no setting {cut(name)!r}: {mend}")
        if name in values:
            raise TuneFault(f"--set {name} stands there twice: write all of its values in one")
        values[name] = [float(str(value)) for value in read_numbers(f"--set {name}", numbers, SETTINGS[name])]
    return values


def read_numbers(where: str, text: str, check: Check[T]) -> list[T]:
    """Numbers with commas between them, each once."""
    found: list[T] = []
    for part in text.split(","):
        try:
            number = float(part)
        except ValueError as error:
            raise TuneFault(f"{where}: got {cut(part)!r}: write numbers with commas between, such as 10,20") from error
        found.append(checked(where, number, check))
    return list(dict.fromkeys(found))


def checked(where: str, number: float, check: Check[T]) -> T:
    """A number that the settings or the orders would take."""
    value = check(number)
    if isinstance(value, Wrong):
        raise TuneFault(f"{where}: got {number:g}: {value.mend}")
    return value
