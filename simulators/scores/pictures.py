# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The victim-proximity monitor authors
"""The pictures of docs/score.md."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import matplotlib as mpl
import numpy as np

from simulators.scores.bars import BREACHES, CALIBRATED
from simulators.scores.calibration import Row
from simulators.scores.curves import VARIED, Outcome
from simulators.scores.score import AS_SET, OURS, SCALES, Line
from simulators.scores.scoring import at_most

mpl.use("agg")
from matplotlib import pyplot as plt

STANDARD_S: Final = 240.0  # four minutes


def not_fully(line: Line) -> float:
    """The share of approaches that were missed or told in part."""
    return 1.0 - line.fully.events / max(1, line.fully.of)


def needless(line: Line) -> float:
    """Needless breaches and warnings a pair-day."""
    return at_most(line.needless_breaches + line.needless_warnings, line.pair_days)


def draw_curves(panel: Any, lines: Sequence[Line], curves: Mapping[str, Sequence[Line]]) -> None:  # noqa: ANN401
    """What is not fully alerted against what is needless, as the distances an engine is told are scaled."""
    for place, line in enumerate(lines):
        colour = "black" if line.engine == OURS else f"C{place - 1}"
        low, high = line.fully.interval
        share = not_fully(line)
        bars = [[max(0.0, share - (1.0 - high))], [max(0.0, 1.0 - low - share)]]
        panel.errorbar(needless(line), share, yerr=bars, fmt="o", capsize=3, label=line.engine, color=colour)
        own = curves.get(line.engine, ())
        panel.plot([needless(one) for one in own], [not_fully(one) for one in own], "-", color=colour, alpha=0.5)
        if line.engine == OURS:
            for scale, one in zip(SCALES, own, strict=False):
                if scale != AS_SET:
                    panel.annotate(f"x {scale:g}", (needless(one), not_fully(one)), fontsize=8)
    panel.set(
        xscale="log",
        xlabel="needless breaches and warnings a pair-day (none: at most 3 / n)",
        ylabel="approaches not fully alerted",
        title=f"points: distances as set; lines: told {SCALES[0]:g} to {SCALES[-1]:g} times them",
    )
    panel.legend(fontsize=8)


def draw_delays(panel: Any, lines: Sequence[Line]) -> None:  # noqa: ANN401
    """How late breaches are told."""
    for place, line in enumerate(lines):
        if line.delays_s:
            told = np.arange(1, len(line.delays_s) + 1) / line.approaches
            colour = "black" if line.engine == OURS else f"C{place - 1}"
            panel.step(np.maximum(line.delays_s, 1.0), told, where="post", label=line.engine, color=colour)
    panel.set(xscale="log", xlabel="seconds after the true crossing", ylabel="share of approaches told as a breach")
    panel.axvline(STANDARD_S, color="grey", linestyle=":")


def draw_score(lines: Sequence[Line], curves: Mapping[str, Sequence[Line]], path: Path) -> None:
    """Both, side by side."""
    figure, (points, delays) = plt.subplots(1, 2, figsize=(13, 5.5), layout="constrained")
    draw_curves(points, lines, curves)
    draw_delays(delays, lines)
    for panel in (points, delays):
        panel.grid(visible=True, alpha=0.3)
    save(figure, path)


def draw_reliability(rows: Sequence[Row | None], path: Path) -> None:
    """What was claimed beside what was true."""
    figure, panel = plt.subplots(figsize=(6.0, 5.5), layout="constrained")
    for row in rows:
        if row is not None:
            bars = [[max(0.0, row.within - row.interval[0])], [max(0.0, row.interval[1] - row.within)]]
            panel.errorbar(row.claimed, row.within, yerr=bars, fmt="o", capsize=3, color="black")
            panel.annotate(
                f"{row.claims:,}", (row.claimed, row.within), (6, -10), textcoords="offset points", fontsize=7
            )
    panel.plot([0.0, 1.0], [0.0, 1.0], ":", color="grey")
    panel.set(
        xlabel="probability of being within the limit, as claimed", ylabel="share truly within",
        title="numbers: minutes; bars: 95 % over pair-days",
    )  # fmt: skip
    panel.grid(visible=True, alpha=0.3)
    save(figure, path)


def draw_contradictions(outcomes: Sequence[Outcome], path: Path) -> None:
    """What is told fully, and how far off claims are, against needless breaches, setting by setting."""
    figure, panels = plt.subplots(1, 2, figsize=(12, 5.0), layout="constrained")
    for place, name in enumerate(VARIED):
        own = [one for one in outcomes if one.point[0] == name]
        vain = [one.line.needless_breaches / one.line.pair_days for one in own]
        off = [abs(one.worst.claimed - one.worst.within) if one.worst else np.nan for one in own]
        for panel, values in zip(
            panels, ([one.line.fully.events / one.line.approaches for one in own], off), strict=True
        ):
            panel.plot(vain, values, "o-", color=f"C{place}", label=name)
            for one, x, y in zip(own, vain, values, strict=True):
                panel.annotate(f"{one.point[1]:g}", (x, y), (5, 5), textcoords="offset points", fontsize=8)
    for panel, what in zip(panels, ("approaches told fully", "worst tenth of claims, off by"), strict=True):
        panel.axvline(BREACHES, color="grey", linestyle=":")
        panel.set(xlabel="needless breaches a pair-day (dotted: the bar)", ylabel=what)
        panel.grid(visible=True, alpha=0.3)
        panel.legend(fontsize=8)
    panels[1].axhline(CALIBRATED, color="grey", linestyle=":")
    save(figure, path)


def save(figure: Any, path: Path) -> None:  # noqa: ANN401
    """As an SVG that is the same every time."""
    with mpl.rc_context({"svg.hashsalt": "score"}):
        figure.savefig(path, metadata={"Date": None})
    plt.close(figure)
