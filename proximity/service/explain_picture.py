# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The victim-proximity monitor authors
"""An explanation as a picture: distance with its bounds against local time, and beneath it what was made of it.

Parts have ids in SVG (limit-breach, bounds, fixes-wearer, ...). Same explanation, same bytes.
"""

from collections.abc import Iterator, Sequence
from io import BytesIO
from itertools import pairwise
from math import nan
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.dates import AutoDateLocator, ConciseDateFormatter
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.ticker import StrMethodFormatter

from proximity.model.units import DAY_MS, Metres, Millis
from proximity.model.words import Level
from proximity.service.credentials import replace_file
from proximity.service.explain import Explanation, Move, Seen
from proximity.service.explain_state import Reading
from proximity.service.explain_table import local_time, title_of

SIZE_INCHES: Final = (13.0, 7.5)
DOTS_PER_INCH: Final = 150
LEVEL_COLOURS: Final = {
    Level.CLEAR: "#cfe3cf",
    Level.WARNING: "#f6d155",
    Level.BREACH: "#ef8a3c",
    Level.EMERGENCY: "#c5283d",
}
LINE: Final = "#1f3b57"
WEARER: Final = "#7b3294"
PROTECTED: Final = "#00796b"
EPISODE: Final = "#a01a58"  # what late fixes have shown
PALE: Final = 0.13  # of the bands behind the curve
FARTHEST: Final = 2.5  # times the outermost limit: what is farther is cut off, so that the limits can be seen
TOP_SPARE: Final = 1.12
HEIGHTS: Final = 3  # of the numbers of transitions that stand close together
STEP_POINTS: Final = 13
NUMBER_SHARE: Final = 0.015  # of the width, that a number takes
STRIPS: Final = ("level", "possible level", "wearer's fixes", "protected's fixes")


def draw(explanation: Explanation, path: Path, zone: ZoneInfo) -> None:
    """Write the picture of an explanation that has readings, for its owner's eyes only. OSError: it cannot be written.

    The file's ending says which kind: .png or .svg.
    """
    kind = path.suffix.lower().removeprefix(".")
    content = BytesIO()
    with mpl.rc_context({"svg.hashsalt": "proximity", "svg.fonttype": "none"}):
        figure = figure_of(explanation, zone)
        figure.savefig(content, format=kind, dpi=DOTS_PER_INCH, metadata={"Date": None} if kind == "svg" else {})
    replace_file(path, content.getvalue())


def figure_of(explanation: Explanation, zone: ZoneInfo) -> Figure:
    """The picture."""
    figure = Figure(figsize=SIZE_INCHES, layout="constrained")
    strips_of = STRIPS if explanation.about.protected is not None else STRIPS[:-1]
    above, below = figure.subplots(2, 1, sharex=True, height_ratios=[5.0, 0.36 * len(strips_of)])
    _draw_distance(above, explanation)
    _draw_strips(below, explanation, strips_of)
    for panel in (above, below):
        for place, (begin_ms, end_ms) in enumerate(explanation.blind):
            panel.axvspan(_day(begin_ms), _day(end_ms), color="black", alpha=0.18, lw=0, gid=f"blind-{place}")
        for place, (begin_ms, end_ms) in enumerate(explanation.episodes):
            panel.axvspan(
                _day(begin_ms), _day(end_ms), color=EPISODE, alpha=0.16, lw=0, zorder=0.5, gid=f"episode-{place}"
            )
    heights = _mark_moves(above, below, explanation)
    about = explanation.about
    opened = local_time(explanation.moves[0].at_ms, zone)
    figure.suptitle(about.incident, fontsize=13, fontweight="bold")
    told = "told late, as it is known now; opened" if explanation.late else "opened"
    what = f"{title_of(about)}, {told} {opened:%A %d %B %Y %H:%M:%S}"
    above.set_title(what, fontsize=10, pad=18 + STEP_POINTS * max(heights, default=0))
    locator = AutoDateLocator(tz=zone, minticks=6, maxticks=14)  # type: ignore[no-untyped-call]
    below.xaxis.set_major_locator(locator)
    below.xaxis.set_major_formatter(ConciseDateFormatter(locator, tz=zone))  # type: ignore[no-untyped-call]
    below.set_xlabel(f"local time ({zone.key})")
    below.set_xlim(_day(explanation.from_ms), _day(explanation.until_ms))
    figure.legend(handles=list(_legend(explanation)), loc="outside lower center", ncols=6, fontsize=8, frameon=False)
    return figure


def _draw_distance(panel: Axes, explanation: Explanation) -> None:
    readings = explanation.readings
    days = [_day(one.at_ms) for one in readings]
    low, expected, high = (_metres(readings, name) for name in ("low_m", "expected_m", "high_m"))
    bottom_m, top_m = _heights(
        explanation, [*low, *_metres(explanation.then, "low_m")], [*high, *_metres(explanation.then, "high_m")]
    )
    for level, from_m, to_m in _bands(explanation, bottom_m, top_m):
        panel.axhspan(from_m, to_m, color=LEVEL_COLOURS[level], alpha=PALE, lw=0, gid=f"band-{level.word}")
    panel.fill_between(days, low, high, color=LINE, alpha=0.25, lw=0, gid="bounds")
    panel.plot(days, expected, color=LINE, lw=1.6, gid="expected")
    _draw_then(panel, explanation)
    for level, limit_m in explanation.limits_m.items():
        panel.axhline(limit_m, color=LEVEL_COLOURS[level], lw=1.6, gid=f"limit-{level.word}")
        label = f" {level.word} {limit_m:,.0f} m"
        panel.annotate(
            label, (1.0, limit_m), xycoords=("axes fraction", "data"), fontsize=9, va="center", annotation_clip=False
        )
    _draw_silence(panel, explanation)
    panel.set_ylim(bottom_m, top_m)
    panel.yaxis.set_major_formatter(StrMethodFormatter("{x:,.0f}"))
    far = max((one for one in high if one == one), default=0.0) > top_m  # noqa: PLR0124 - NaN is not itself
    to_what = "between them" if explanation.about.protected is not None else "to the zone (below 0: inside)"
    panel.set_ylabel(f"distance {to_what}, m" + ("\n(cut off above)" if far else ""))
    panel.spines[["right"]].set_visible(False)
    panel.spines[["top"]].set_visible(False)


def _draw_then(panel: Axes, explanation: Explanation) -> None:
    """Beside what was known in time, what is known now with the fixes that came late."""
    readings = explanation.then
    if not readings:
        return
    days = [_day(one.at_ms) for one in readings]
    low, expected, high = (_metres(readings, name) for name in ("low_m", "expected_m", "high_m"))
    panel.fill_between(days, low, high, color=EPISODE, alpha=0.2, lw=0, gid="bounds-then")
    panel.plot(days, expected, color=EPISODE, lw=1.4, ls=(0, (5, 2)), gid="expected-then")


def _draw_silence(panel: Axes, explanation: Explanation) -> None:
    """Hatched from the instant on at which the newest position was stale."""
    for who, spans, hatch, colour in (
        ("wearer", explanation.wearer_silent, "\\\\", WEARER),
        ("protected", explanation.protected_silent, "//", PROTECTED),
    ):
        for place, (begin_ms, end_ms) in enumerate(spans):
            panel.axvspan(
                _day(begin_ms), _day(end_ms), facecolor="none", edgecolor=colour, alpha=0.35, hatch=hatch, lw=0,
                gid=f"silent-{who}-{place}",
            )  # fmt: skip


def _draw_strips(panel: Axes, explanation: Explanation, strips_of: Sequence[str]) -> None:
    """Beneath the curve, from top to bottom: the level told, the possible level, a tick a fix."""
    for begin, end in pairwise((*explanation.readings, None)):
        if begin is None:
            continue
        until_ms = explanation.until_ms if end is None else end.at_ms
        span = [(_day(begin.at_ms), _day(until_ms) - _day(begin.at_ms))]
        sure = begin.certain or begin.level is Level.CLEAR
        panel.broken_barh(span, (-0.45, 0.9), facecolor=LEVEL_COLOURS[begin.level], alpha=1.0 if sure else 0.55, lw=0)
        panel.broken_barh(span, (0.55, 0.9), facecolor=LEVEL_COLOURS[begin.possible], lw=0)
    rows = (("wearer", explanation.wearer_fixes, WEARER), ("protected", explanation.protected_fixes, PROTECTED))
    for row, (who, fixes, colour) in enumerate(rows, 2):
        _draw_ticks(panel, f"fixes-{who}", [fix for fix in fixes if not fix.late], row, colour)
        _draw_ticks(panel, f"late-fixes-{who}", [fix for fix in fixes if fix.late], row, "#999999")
    panel.set_yticks(range(len(strips_of)), strips_of, fontsize=9)
    panel.set_ylim(len(strips_of) - 0.45, -0.55)
    panel.tick_params(axis="y", length=0)
    panel.spines[["left", "right", "top"]].set_visible(False)


def _draw_ticks(panel: Axes, name: str, fixes: Sequence[Seen], row: int, colour: str) -> None:
    if fixes:
        days = [_day(fix.fixed_ms) for fix in fixes]
        panel.plot(days, [row] * len(days), "|", color=colour, ms=11, mew=0.7, gid=name)


def _mark_moves(above: Axes, below: Axes, explanation: Explanation) -> list[int]:
    """A numbered line through both panels; where numbers would cover one another they stand higher, the last again low.

    Gives how high each stands.
    """
    room_ms = (explanation.until_ms - explanation.from_ms) * NUMBER_SHARE
    moves = _shown(explanation)
    heights: list[int] = []
    ends_ms = [explanation.from_ms - room_ms] * HEIGHTS  # at each height, where the last number stands
    for move in moves:
        for panel in (above, below):
            panel.axvline(_day(move.at_ms), color="black", lw=0.9, ls=(0, (4, 3)))
        free = (height for height in range(HEIGHTS) if move.at_ms - ends_ms[height] >= room_ms)
        height = next(free, min(range(HEIGHTS), key=ends_ms.__getitem__))
        heights.append(height)
        ends_ms[height] = move.at_ms
        above.annotate(
            str(move.facts.seq), (_day(move.at_ms), 1.0), xycoords=("data", "axes fraction"), ha="center", va="bottom",
            xytext=(0, 2 + STEP_POINTS * height), textcoords="offset points", fontsize=8, fontweight="bold",
            annotation_clip=False, gid=f"transition-{move.facts.seq}", color="black",
            bbox={"boxstyle": "round,pad=0.15", "facecolor": LEVEL_COLOURS[Level[move.facts.level.upper()]], "lw": 0.4},
        )  # fmt: skip
    return heights


def _shown(explanation: Explanation) -> list[Move]:
    """The transitions that were told in the time that is drawn: of a late incident they come hours later."""
    return [move for move in explanation.moves if explanation.from_ms <= move.at_ms <= explanation.until_ms]


def _legend(explanation: Explanation) -> Iterator[Patch | Line2D]:
    yield Line2D([], [], color=LINE, label="expected distance")
    yield Patch(facecolor=LINE, alpha=0.25, label="95 % bounds")
    for level in (Level.CLEAR, *explanation.limits_m):
        yield Patch(facecolor=LEVEL_COLOURS[level], label=level.word)
    if any(not one.certain and one.level for one in explanation.readings):
        yield Patch(facecolor=LEVEL_COLOURS[Level.BREACH], alpha=0.55, label="paler: probable only")
    if explanation.wearer_silent:
        yield Patch(facecolor="none", edgecolor=WEARER, hatch="\\\\\\", label="wearer silent")
    if explanation.protected_silent:
        yield Patch(facecolor="none", edgecolor=PROTECTED, hatch="///", label="protected person silent")
    if explanation.blind:
        yield Patch(facecolor="black", alpha=0.18, label="blind")
    if any(fix.late for fix in (*explanation.wearer_fixes, *explanation.protected_fixes)):
        yield Line2D([], [], color="#999999", marker="|", ls="", label="fix that came late")
    if explanation.episodes:
        yield Patch(facecolor=EPISODE, alpha=0.16, label="told late")
    if explanation.then:
        yield Line2D([], [], color=EPISODE, lw=1.4, ls=(0, (5, 2)), label="as it is known now")
    if _shown(explanation):
        yield Line2D([], [], color="black", lw=0.9, ls=(0, (4, 3)), label="transition, numbered as in the table")


def _heights(explanation: Explanation, low: Sequence[Metres], high: Sequence[Metres]) -> tuple[Metres, Metres]:
    """The lowest and highest distance that is drawn."""
    outermost_m = max(explanation.limits_m.values(), default=0.0)
    highest_m = max((one for one in high if one == one), default=0.0)  # noqa: PLR0124 - NaN is not itself
    lowest_m = min((one for one in low if one == one), default=0.0)  # noqa: PLR0124 - NaN is not itself
    if explanation.about.protected is None:
        reach_m = max(FARTHEST * outermost_m, -lowest_m, 100.0)
        return min(0.0, max(lowest_m, -reach_m)) * TOP_SPARE - 1.0, min(highest_m, reach_m) * TOP_SPARE + 1.0
    return 0.0, max(min(highest_m, FARTHEST * outermost_m), outermost_m) * TOP_SPARE + 1.0


def _bands(explanation: Explanation, bottom_m: Metres, top_m: Metres) -> Iterator[tuple[Level, Metres, Metres]]:
    """What level each distance means: (level, from, to), from the farthest in."""
    to_m, level = top_m, Level.CLEAR
    for inner, limit_m in explanation.limits_m.items():
        yield level, limit_m, to_m
        to_m, level = limit_m, inner
    yield level, bottom_m, to_m


def _metres(readings: Sequence[Reading], name: str) -> list[Metres]:
    found = [getattr(one.evidence, name) for one in readings]
    return [nan if value is None else value for value in found]


def _day(at_ms: Millis) -> float:
    """An instant as matplotlib counts."""
    return at_ms / DAY_MS
