# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The victim-proximity monitor authors
"""Staged scenes with devices that do as they are asked (docs/wanted.md): the engine's wishes decide what it hears."""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from typing import Final, NamedTuple

from rich import box
from rich.table import Table

from proximity.model.judging import Judging, Wanting
from simulators.devices.fixes import utc_text
from simulators.devices.obedient import Obedient, often
from simulators.scores.judged import NAMES, message_of, orders
from simulators.scores.obeying import Sender, heard_of, play
from simulators.scores.scoring import Alerting
from simulators.staged.outcomes import SEEDS, Outcome, compare, read_expected
from simulators.staged.scenes import SCENES
from simulators.staged.street import Carried, Person, Staged, Street
from simulators.truth.street import Journey

DEAF: Final = Judging(wanted=Wanting(granted_s=0.0))  # nothing is asked


class Obeyed(NamedTuple):
    """How a scene went, and how many fixes were sent."""

    outcome: Outcome
    sent: int


def journey_of(person: Person, carried: Carried) -> Journey:
    """The way of what is carried, or left somewhere."""
    return person.journey if carried.lies_at is None else Journey.resting(*carried.lies_at)


def dense(name: str, seed: int) -> tuple[Staged, tuple[Sender, Sender]]:
    """A scene, and its devices with all that they could send."""
    street = Street(seed)
    SCENES[name](street)
    devices = [
        (own.device.cadence, journey_of(person, own))
        for own, person in ((street.tag, street.wearer), (street.phone, street.protected))
    ]
    for own in (street.tag, street.phone):
        own.device = often(own.device, street.begins_ms)
    staged = street.play()
    sides = zip(devices, (street.tag, street.phone), (staged.day.wearer, staged.day.protected), strict=True)
    his, hers = (Sender(Obedient(of[0]), of[1], came, own.device.clock_ahead_ms) for of, own, came in sides)
    return staged, (his, hers)


def obey(name: str, seed: int, judging: Judging) -> Obeyed:
    """Play a scene: what devices send follows from what the engine has asked of them before."""
    staged, devices = dense(name, seed)
    documents = orders(staged.limits, staged.cadences, NAMES, utc_text(staged.begins_ms))
    played = play(devices, message_of(documents, judging), staged.day.truth.until_ms)
    staged = staged._replace(day=staged.day._replace(wearer=played.came[0], protected=played.came[1]))
    expected = read_expected(name)
    outcome = compare(expected, staged, list(heard_of(played.told)), expected.told)
    return Obeyed(outcome, sum(len(one.device.taken) for one in devices))


def obey_all(judging: Judging, name: str, seeds: Sequence[int]) -> list[Obeyed]:
    """One scene with every seed."""
    return [obey(name, seed, judging) for seed in seeds]


def outcomes_of(name: str) -> dict[int, Outcome]:
    """One scene with every seed, by what is set."""
    return {seed: obey(name, seed, Judging()).outcome for seed in SEEDS}


def all_obeyed(processes: int, progress: Callable[[int], None]) -> dict[str, dict[int, Outcome]]:
    """Every scene with every seed; `progress` hears of each scene."""
    found = {}
    with ProcessPoolExecutor(processes) as pool:
        for name, one in zip(SCENES, pool.map(outcomes_of, SCENES), strict=True):
            found[name] = one
            progress(1)
    return found


def obeyed_table(names: Sequence[str], seeds: Sequence[int], processes: int) -> Table:
    """Every scene with devices that are asked for nothing, and with devices that do as they are asked."""
    made = Table("scene", box=box.SIMPLE_HEAD)
    for heading in ("fully", "missed", "in vain", "fixes"):
        made.add_column(heading, justify="right")
    totals = [0] * 8
    with ProcessPoolExecutor(processes) as pool:
        plays = [pool.map(partial(obey_all, judging, seeds=seeds), names) for judging in (DEAF, Judging())]
        for name, *both in zip(names, *plays, strict=True):
            counts = [sum(figures(one)[column] for one in own) for column in range(4) for own in both]
            totals = [total + count for total, count in zip(totals, counts, strict=True)]
            made.add_row(name, *pairs(counts))
    made.add_row("all", *pairs(totals))
    return made


def figures(one: Obeyed) -> tuple[int, int, int, int]:
    """Told fully, missed, in vain, fixes sent."""
    alerting = one.outcome.alerting
    return int(alerting is Alerting.FULLY), int(alerting is Alerting.MISSED), one.outcome.needless, one.sent


def pairs(counts: Sequence[int]) -> Iterator[str]:
    """Before and after."""
    return (f"{before} > {after}" for before, after in zip(counts[::2], counts[1::2], strict=True))
