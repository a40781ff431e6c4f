# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The victim-proximity monitor authors
"""What today's engine is known to miss: `known.toml`, so that CI notices a miss that was not there."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path
from typing import Final

import msgspec
from msgspec import Struct
from rich import box
from rich.table import Table

from simulators.scores.scoring import Alerting
from simulators.staged.outcomes import SEEDS, Outcome, of_ours, of_rule
from simulators.staged.scenes import SCENES

FILE: Final = Path(__file__).parent / "known.toml"
HEAD: Final = """# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The victim-proximity monitor authors
#
# The seeds of each scene with which today's engine tells only a part, misses, or tells in vain; what is not named is
# told in full. Written by `python -m simulators staged --record`; CI fails on what is worse.
"""


class Known(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """Seeds of one scene."""

    partly: tuple[int, ...] = ()
    missed: tuple[int, ...] = ()
    needless: tuple[int, ...] = ()


def known_of(outcomes: Mapping[int, Outcome]) -> Known:
    """What is to be known of a scene's outcomes, by seed."""
    return Known(
        partly=tuple(seed for seed, one in outcomes.items() if one.alerting is Alerting.PARTLY),
        missed=tuple(seed for seed, one in outcomes.items() if one.alerting is Alerting.MISSED),
        needless=tuple(seed for seed, one in outcomes.items() if one.needless),
    )


def worse(now: Known, before: Known) -> list[str]:
    """What was not there before: a miss, a part where all was told, an alarm in vain."""
    found = [f"seed {seed} is missed" for seed in now.missed if seed not in before.missed]
    partly = {*before.partly, *before.missed}
    found += [f"seed {seed} is told only partly" for seed in now.partly if seed not in partly]
    return found + [f"seed {seed} alarms in vain" for seed in now.needless if seed not in before.needless]


def read_known() -> dict[str, Known]:
    """The file; a scene it does not name is told in full with every seed."""
    return msgspec.toml.decode(FILE.read_bytes(), type=dict[str, Known])


def write_known(known: Mapping[str, Known]) -> None:
    """Write the file anew."""
    lines = [HEAD]
    for name, one in sorted(known.items()):
        rows = [f"{field} = {list(seeds)}" for field, seeds in msgspec.structs.asdict(one).items() if seeds]
        if rows:
            lines.append("\n".join(["", f"[{name}]", *rows, ""]))
    FILE.write_text("".join(lines), encoding="utf-8")


def outcomes_of(engine: str | None, name: str, seeds: Sequence[int]) -> dict[int, Outcome]:
    """One scene: a rule model's, or our engine's where none is named; empty where a rule is not asked."""
    found = {seed: of_ours(name, seed) if engine is None else of_rule(engine, name, seed) for seed in seeds}
    return {seed: one for seed, one in found.items() if one is not None}


def all_outcomes(
    processes: int, *, engine: str | None = None, names: Iterable[str] | None = None, seeds: Sequence[int] = SEEDS,
    progress: Callable[[int], None] = lambda _done: None,
) -> dict[str, dict[int, Outcome]]:  # fmt: skip
    """Every scene with every seed; `progress` hears of each scene."""
    chosen = list(SCENES if names is None else names)
    found = {}
    with ProcessPoolExecutor(processes) as pool:
        for name, one in zip(chosen, pool.map(partial(outcomes_of, engine, seeds=seeds), chosen), strict=True):
            found[name] = one
            progress(1)
    return found


def table(outcomes: Mapping[str, Mapping[int, Outcome]]) -> Table:
    """As people read it: every scene, and all of them."""
    made = Table("scene", box=box.SIMPLE_HEAD)
    for heading in ("fully", "partly", "missed", "in vain"):
        made.add_column(heading, justify="right")
    made.add_column("not told in time")
    for name, of in outcomes.items():
        known = known_of(of)
        unmet = sorted({what for one in of.values() for what in one.unmet})
        counts = (len(of) - len(known.partly) - len(known.missed), len(known.partly), len(known.missed))
        made.add_row(name, *(str(count) for count in (*counts, len(known.needless))), ", ".join(unmet))
    return made
