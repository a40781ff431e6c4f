# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The victim-proximity monitor authors
"""docs/score.md and its pictures, from the pair-days of a score, the staged scenes and the judged simulators."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Final

from simulators.scores import fidelity, maps, pictures, recorded
from simulators.scores.calibration import BINS, Row
from simulators.scores.calibration import rows as rows_of
from simulators.scores.pairs import LIMITS
from simulators.scores.rivals import RULES
from simulators.scores.score import (
    OURS,
    PART_EVERY,
    Judged,
    Line,
    curves_of,
    lines_of,
    obeying_lines_of,
    percent,
    reliabilities_of,
    said_share,
)
from simulators.scores.scoring import at_most
from simulators.staged.known import all_outcomes, known_of
from simulators.staged.obeying import all_obeyed
from simulators.staged.outcomes import SEEDS, Outcome
from simulators.staged.scenes import SCENES

DOCS: Final = Path(__file__).parents[2] / "docs"
HEADINGS: Final = (
    "engine", "fully alerted", "partly", "missed", "delay p50 / p95 / max, s", "warned before contact, s",
    "needless breaches", "needless warnings", "alerts", "blind, h", "of it said",
)  # fmt: skip
PROCESSES: Final = 2
OBEYED: Final = f"{OURS}, devices that do as they are asked"
Outcomes = Mapping[str, Mapping[int, Outcome]]
Progress = Callable[[int], None]
STEPS: Final = (2 + len(RULES)) * len(SCENES) + len(recorded.CADENCES_S) + 2  # that `write` tells of


def rate(events: int, of: int) -> str:
    """A rate; where nothing was seen its upper bound."""
    return f"{events / of:.3f}" if events else f"< {at_most(0, of):.3f}"


def of_pairs(lines: Sequence[Line], seed: int) -> str:
    """The table of the pair-days."""
    first = lines[0]
    people = f"{first.approaches:,} true approaches within {LIMITS.limit_m:g} m on {first.pair_days:,} pair-days"
    rows = [
        f"{people}, seed {seed}; shares with their 95 % intervals; what follows *warned* is a pair-day.\n",
        f"| {' | '.join(HEADINGS)} |",
        f"|{'---|' * len(HEADINGS)}",
    ]
    for line in lines:
        delay = " / ".join(f"{value:,.0f}" for value in line.delay_s) if line.delay_s else "-"
        name = f"**{line.engine}**" if line.engine == OURS else line.engine
        warned = "-" if line.warned_s is None else f"{line.warned_s:,.0f}"
        rates = [rate(one, line.pair_days) for one in (line.needless_breaches, line.needless_warnings, line.alerts)]
        blind = f"{line.blind.seconds / line.pair_days / 3600:.2f}"
        cells = (name, *map(percent, (line.fully, line.partly, line.missed)), delay, warned, *rates, blind)
        rows.append(f"| {' | '.join(cells)} | {said_share(line.blind)} |")
    own = lines[0].blind.incidents / first.pair_days
    rows.append(f"\nOur engine tells of silence or blindness {own:.2f} times a pair-day, beside the alerts above.")
    return "\n".join(rows)


def of_reliability(rows: Sequence[Row | None], pair_days: int) -> str:
    """The table of claims beside the truth."""
    claims = sum(row.claims for row in rows if row)
    lines = [
        f"{claims:,} claims on {pair_days:,} of the pair-days (each {PART_EVERY}th).\n",
        "| claimed | minutes | on pair-days | claimed on average | truly within | 95 % |",
        "|---|---|---|---|---|---|",
    ]
    for place, row in enumerate(rows):
        between = f"{place / BINS:.1f}-{(place + 1) / BINS:.1f}"
        if row is None:
            lines.append(f"| {between} | 0 | 0 | - | - | - |")
            continue
        low, high = row.interval
        shares = f"{row.claimed:.3f} | {row.within:.3f} | {low:.3f}-{high:.3f}"
        lines.append(f"| {between} | {row.claims:,} | {row.pair_days:,} | {shares} |")
    return "\n".join(lines)


def of_scenes(ours: Outcomes, obeyed: Outcomes, rules: Mapping[str, Outcomes]) -> str:
    """The tables of the staged scenes: all engines together, and ours one by one; `obeyed` by devices that obey."""
    rows = [
        "| engine | scenes and seeds | fully alerted | partly | missed | alarms in vain |",
        "|---|---|---|---|---|---|",
    ]
    for name, outcomes in {OURS: ours, OBEYED: obeyed, **rules}.items():
        asked = [known_of(of) for of in outcomes.values()]
        count = sum(map(len, outcomes.values()))
        partly, missed = sum(len(one.partly) for one in asked), sum(len(one.missed) for one in asked)
        shares = [f"{one} ({one / count:.0%})" for one in (count - partly - missed, partly, missed)]
        vain = sum(len(one.needless) for one in asked)
        rows.append(f"| {name} | {count} | {' | '.join(shares)} | {vain} |")
    rows += [of_unmet(name, outcomes) for name, outcomes in {OURS: ours, OBEYED: obeyed}.items()]
    rows += ["", f"| scene, our engine, {len(SEEDS)} seeds | fully | partly | missed | in vain | not told in time |",
             "|---|---|---|---|---|---|"]  # fmt: skip
    for scene, of in ours.items():
        known = known_of(of)
        unmet = ", ".join(sorted({what for one in of.values() for what in one.unmet})) or "-"
        fully = len(of) - len(known.partly) - len(known.missed)
        rows.append(
            f"| {scene} | {fully} | {len(known.partly)} | {len(known.missed)} | {len(known.needless)} | {unmet} |"
        )
    return "\n".join(rows)


def of_unmet(name: str, outcomes: Outcomes) -> str:
    """How much of what was not told in its window could have been."""
    late = [one for of in outcomes.values() for one in of.values() if one.unmet]
    unmet, unshown = sum(len(one.unmet) for one in late), sum(one.unshown for one in late)
    return (
        f"\nNot told in their windows, {name}: {unmet}. Of those, {unshown} are levels that no fix which had come by "
        "then could have shown: none was made within the distance, or one of the two knew its place to more than that."
    )


def of_recorded(thinned: Sequence[recorded.Thinned]) -> str:
    """The table of the recorded people."""
    rows = [
        "| a fix every | engine | fully alerted | partly | missed | delay p50 / p95 / max, s |",
        "|---|---|---|---|---|---|",
    ]
    for one in thinned:
        for line in one.lines:
            delay = " / ".join(f"{value:,.0f}" for value in line.delay_s) if line.delay_s else "-"
            shares = " | ".join(map(percent, (line.fully, line.partly, line.missed)))
            rows.append(f"| {one.every_s:g} s | {line.engine} | {shares} | {delay} |")
    return "\n".join(rows)


def of_simulators(rows: Sequence[fidelity.Row]) -> str:
    """The table of the judged simulators."""
    lines = ["| figure | measured by others | simulated | off |", "|---|---|---|---|"]
    lines += [f"| {row.what} | {row.measured:.4g} | {row.simulated:.4g} | {row.off:.0%} |" for row in rows]
    return "\n".join(lines)


def put(text: str, mark: str, made: str) -> str:
    """Replace what stands between the marks of a part. ValueError where the page has no such part."""
    begin, end = f"<!-- {mark} -->", f"<!-- /{mark} -->"
    if begin not in text or end not in text:
        raise ValueError(f"the page has no part {begin} ... {end}")
    return f"{text.split(begin, maxsplit=1)[0]}{begin}\n{made}\n{end}{text.split(end)[1]}"


def fill(mark: str, made: str) -> Path:
    """Write one part of the page."""
    path = DOCS / "score.md"
    path.write_text(put(path.read_text(encoding="utf-8"), mark, made), encoding="utf-8")
    return path


def staged(progress: Progress) -> tuple[Outcomes, Outcomes, dict[str, Outcomes]]:
    """Every scene with every seed: ours, ours with devices that obey, and the rule models'."""
    ours, obeyed = all_outcomes(PROCESSES, progress=progress), all_obeyed(PROCESSES, progress)
    return ours, obeyed, {rule: all_outcomes(PROCESSES, engine=rule, progress=progress) for rule in RULES}


def thinned(progress: Progress) -> list[recorded.Thinned]:
    """The recorded people at every cadence."""
    found = []
    for every_s in recorded.CADENCES_S:
        found.append(recorded.thinned(every_s))
        progress(1)
    return found


def draw(judged: Sequence[Judged], lines: Sequence[Line], rows: Sequence[Row | None], seed: int) -> None:
    """The pictures. Without an approach there is no map."""
    pictures.draw_score(lines, curves_of(judged), DOCS / "score.svg")
    pictures.draw_reliability(rows, DOCS / "score-reliability.svg")
    if shown := maps.choose(judged, seed):
        maps.draw(shown, DOCS / "score-maps.png")


def write(judged: Sequence[Judged], seed: int, progress: Progress = lambda _done: None) -> Path:
    """Fill the parts of the page and draw its pictures; minutes beside the pair-days. `progress` hears of `STEPS`."""
    page = DOCS / "score.md"
    lines, days = lines_of(judged), reliabilities_of(judged)
    rows = rows_of(days)
    text = put(page.read_text(encoding="utf-8"), "pairs", of_pairs(lines, seed))
    text = put(text, "obeying", of_pairs(obeying_lines_of(judged), seed))
    text = put(text, "reliability", of_reliability(rows, len(days)))
    text = put(text, "scenes", of_scenes(*staged(progress)))
    text = put(text, "recorded", of_recorded(thinned(progress)))
    text = put(text, "simulators", of_simulators(fidelity.rows()))
    progress(1)
    draw(judged, lines, rows, seed)
    progress(1)
    page.write_text(text, encoding="utf-8")
    return page
