# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The victim-proximity monitor authors
"""docs/score.md and its picture, from the lines of a score."""

from collections.abc import Sequence
from pathlib import Path
from typing import Final

import matplotlib as mpl
import numpy as np

from simulators.scores.pairs import LIMITS
from simulators.scores.score import OURS, Line, percent
from simulators.scores.scoring import at_most

mpl.use("agg")
from matplotlib import pyplot as plt

DOCS: Final = Path(__file__).parents[2] / "docs"
PICTURE: Final = "score.svg"
HEADINGS: Final = (
    "engine", "fully alerted", "partly", "missed", "delay p50 / p95 / max, s", "warned before contact, s",
    "needless breaches", "needless warnings", "alerts",
)  # fmt: skip
BEGIN, END = "<!-- score -->", "<!-- /score -->"


def markdown(lines: Sequence[Line], seed: int) -> str:
    """The table."""
    first = lines[0]
    people = f"{first.approaches:,} true approaches within {LIMITS.limit_m:g} m on {first.pair_days:,} pair-days"
    rows = [
        f"{people}, seed {seed}; shares with their 95 % intervals; the last three columns are a pair-day.\n",
        f"| {' | '.join(HEADINGS)} |",
        f"|{'---|' * len(HEADINGS)}",
    ]
    for line in lines:
        delay = " / ".join(f"{value:,.0f}" for value in line.delay_s) if line.delay_s else "-"
        rates = (line.needless_breaches, line.needless_warnings, line.alerts)
        name = f"**{line.engine}**" if line.engine == OURS else line.engine
        rows.append(
            f"| {name} | {percent(line.fully)} | {percent(line.partly)} | {percent(line.missed)} | {delay} |"
            f" {'-' if line.warned_s is None else f'{line.warned_s:,.0f}'} | "
            + " | ".join(f"{rate / line.pair_days:.3f}" for rate in rates) + " |"
        )  # fmt: skip
    return "\n".join(rows)


def draw(lines: Sequence[Line], path: Path) -> None:
    """What is not fully alerted against what is needless; and how late breaches are told."""
    figure, (points, delays) = plt.subplots(1, 2, figsize=(12, 5), layout="constrained")
    for line in lines:
        colour = "black" if line.engine == OURS else None
        needless = at_most(line.needless_breaches + line.needless_warnings, line.pair_days)
        low, high = line.fully.interval
        share = 1.0 - line.fully.events / max(1, line.fully.of)
        bars = [[max(0.0, share - (1.0 - high))], [max(0.0, 1.0 - low - share)]]
        points.errorbar(needless, share, yerr=bars, fmt="o", capsize=3, label=line.engine, color=colour)
        if line.delays_s:
            told = np.arange(1, len(line.delays_s) + 1) / line.approaches
            delays.step(np.maximum(line.delays_s, 1.0), told, where="post", label=line.engine, color=colour)
    points.set(
        xscale="log",
        xlabel="needless breaches and warnings a pair-day (none: at most 3 / n)",
        ylabel="approaches not fully alerted",
    )
    delays.set(xscale="log", xlabel="seconds after the true crossing", ylabel="share of approaches told as a breach")
    delays.axvline(240.0, color="grey", linestyle=":")
    for panel in (points, delays):
        panel.grid(visible=True, alpha=0.3)
    points.legend(fontsize=8)
    figure.savefig(path, metadata={"Date": None})
    plt.close(figure)


def write(lines: Sequence[Line], seed: int) -> Path:
    """Put the table between the marks of the page, and the picture beside it."""
    page = DOCS / "score.md"
    text = page.read_text(encoding="utf-8")
    made = f"{BEGIN}\n{markdown(lines, seed)}\n\n![misses against needless alarms, and delays]({PICTURE})\n{END}"
    page.write_text(text.split(BEGIN)[0] + made + text.split(END)[1], encoding="utf-8")
    draw(lines, DOCS / PICTURE)
    return page
