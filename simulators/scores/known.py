# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The victim-proximity monitor authors
"""A small fixed score, and what today's engine is known to miss of it: `known.toml`, so that CI notices a new miss."""

from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Final

import msgspec
from msgspec import Struct

from simulators.devices.fixes import utc_text
from simulators.scores.pairs import pair_day
from simulators.scores.score import AS_SET, OURS, TUNING_SEED, judge
from simulators.scores.scoring import Alerting

FILE: Final = Path(__file__).parent / "known.toml"
PAIR_DAYS: Final = 100  # a whole hundred: every share of the population is in it
CHUNK: Final = 5
HEAD: Final = """# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The victim-proximity monitor authors
#
# The approaches of a hundred pair-days (pair and crossing) that today's engine tells only partly or misses, and how
# often it alarms in vain there. Written by `python -m simulators score --record`; CI fails on what is worse.
"""


class Known(Struct, frozen=True, forbid_unknown_fields=True):
    """What is known of the small score."""

    approaches: int
    partly: tuple[str, ...]
    missed: tuple[str, ...]
    needless_breaches: int
    needless_warnings: int


def of_pair(number: int) -> Known:
    """One of its pair-days."""
    found = judge(OURS, pair_day(TUNING_SEED, number), AS_SET)

    def told(how: Alerting) -> tuple[str, ...]:
        return tuple(f"{number} {utc_text(one.approach.crossed_ms)}" for one in found.told if one.alerting is how)

    return Known(
        len(found.told), told(Alerting.PARTLY), told(Alerting.MISSED), found.needless_breaches, found.needless_warnings
    )  # fmt: skip


def small_score(processes: int, progress: Callable[[int], None] = lambda _done: None) -> Known:
    """All of them; the same every time."""
    found: list[Known] = []
    with ProcessPoolExecutor(processes) as pool:
        for one in pool.map(of_pair, range(PAIR_DAYS), chunksize=CHUNK):
            found.append(one)
            progress(1)
    return Known(
        approaches=sum(one.approaches for one in found),
        partly=tuple(name for one in found for name in one.partly),
        missed=tuple(name for one in found for name in one.missed),
        needless_breaches=sum(one.needless_breaches for one in found),
        needless_warnings=sum(one.needless_warnings for one in found),
    )


def worse(now: Known, before: Known) -> list[str]:
    """What was not there before."""
    found = [f"pair {name}: missed" for name in now.missed if name not in before.missed]
    partly = {*before.partly, *before.missed}
    found += [f"pair {name}: told only partly" for name in now.partly if name not in partly]
    if now.needless_breaches > before.needless_breaches:
        found.append(f"{now.needless_breaches} needless breaches, {before.needless_breaches} before")
    if now.needless_warnings > before.needless_warnings:
        found.append(f"{now.needless_warnings} needless warnings, {before.needless_warnings} before")
    if now.approaches != before.approaches:
        found.append(f"{now.approaches} true approaches, {before.approaches} before: people or streets have changed")
    return found


def read_known() -> Known:
    """The file."""
    return msgspec.toml.decode(FILE.read_bytes(), type=Known)


def write_known(known: Known) -> None:
    """Write the file anew."""
    rows = [f"{field} = {value}" for field, value in msgspec.structs.asdict(known).items() if isinstance(value, int)]
    for field, names in (("partly", known.partly), ("missed", known.missed)):
        rows += [f"{field} = [", *(f'  "{name}",' for name in names), "]"]
    FILE.write_text(HEAD + "\n".join(rows) + "\n", encoding="utf-8")
