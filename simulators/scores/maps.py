# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The victim-proximity monitor authors
"""Maps of single approaches: where both truly went, what their devices said, and where the supervisor was told."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final, NamedTuple

import matplotlib as mpl
import numpy as np
from matplotlib.collections import LineCollection

from proximity.model.units import MILLIS_PER_SECOND, Millis
from proximity.model.words import Level
from simulators.scores.judged import ours
from simulators.scores.pairs import LIMITS, PairDay, pair_day
from simulators.scores.score import AS_SET, OURS, Judged
from simulators.scores.scoring import ALERTED_WITHIN_MS, Alerting, Approach, Said, Told, first_at, rises
from simulators.truth.city import STREETS, UNITS_A_DEGREE
from simulators.truth.street import WGS84, Floats, Journey, Longs

mpl.use("agg")
from matplotlib import pyplot as plt

BEFORE_MS: Final = 420 * MILLIS_PER_SECOND
HIS, HERS = "tab:red", "tab:blue"
MARGIN_DEG: Final = 0.004
CIRCLE_POINTS: Final = 121
LABELS: Final = 3  # one above the other: they may be of one place
WIDTH: Final = 0.75  # of the height, at least
ATTRIBUTION: Final = "streets (c) OpenStreetMap contributors, ODbL"


class Shown(NamedTuple):
    """An approach of a pair-day, and what the map says of it."""

    seed: int
    number: int
    approach: Approach
    title: str


def crossed(judged: Sequence[Judged]) -> Iterator[tuple[int, Told]]:
    """Every approach that began with a crossing, with its pair-day, and what our engine told of it."""
    for one in judged:
        yield from ((one.number, told) for told in one.scores[OURS, AS_SET].told if told.approach.crossed)


def within(approach: Approach) -> str:
    """How long, in words."""
    return f"within {LIMITS.limit_m:g} m for {(approach.left_ms - approach.crossed_ms) / 60_000:.0f} min"


def choose(judged: Sequence[Judged], seed: int) -> list[Shown]:
    """The missed approach that lasted longest (the breach told latest where none is missed), and the first caught one.

    Caught: told in full before they met. Fewer than two where there is no such approach.
    """
    approaches = list(crossed(judged))
    missed = [one for one in approaches if one[1].alerting is Alerting.MISSED]
    late = [one for one in approaches if one[1].delay_s]
    caught = [one for one in approaches if one[1].alerting is Alerting.FULLY and one[1].warned_s]
    shown = []
    if missed:
        number, told = max(missed, key=lambda one: one[1].approach.left_ms - one[1].approach.crossed_ms)
        shown.append(Shown(seed, number, told.approach, f"missed: pair-day {number}, {within(told.approach)}"))
    elif late:
        number, told = max(late, key=lambda one: one[1].delay_s or 0.0)
        title = f"told latest, after {told.delay_s:.0f} s: pair-day {number}, {within(told.approach)}"
        shown.append(Shown(seed, number, told.approach, title))
    if caught:
        number, told = caught[0]
        title = f"caught: pair-day {number}, told {told.warned_s:.0f} s before they met"
        shown.append(Shown(seed, number, told.approach, title))
    return shown


def streets() -> Floats:
    """Where cars drive, (stretches, 2 ends, lon and lat)."""
    data = np.load(STREETS)
    node = data["drive_node"][:, ::-1] / UNITS_A_DEGREE
    return np.asarray(node[data["drive_stretch"].T], np.float64)


def way(journey: Journey, seconds: Longs) -> Floats:
    """Where somebody truly was, (instants, lon and lat)."""
    truth = journey.at(seconds)
    return np.column_stack([truth.lon_deg, truth.lat_deg])


def draw_side(panel: Any, day: PairDay, side: int, seconds: Longs, colour: str) -> Floats:  # noqa: ANN401
    """One person's way, and the fixes that came in of it; gives the way. ValueError for a day without journeys."""
    if day.journeys is None:
        raise ValueError("a map needs the journeys of the pair-day")
    own = way(day.journeys[side], seconds)
    panel.plot(own[:, 0], own[:, 1], color=colour, linewidth=2, label=("wearer", "protected person")[side])
    arrivals = (day.wearer, day.protected)[side]
    fixes = [fix for one in arrivals for fix in one.fixes if seconds[0] <= fix.fixed_at_ms <= seconds[-1]]
    panel.scatter([fix.lon_deg for fix in fixes], [fix.lat_deg for fix in fixes], s=14, color=colour, alpha=0.5)
    return own


def draw_alerts(panel: Any, his: Floats, said: Sequence[Said], seconds: Longs) -> None:  # noqa: ANN401
    """Where he truly was when each rise was told."""
    for number, (one, _) in enumerate(rises(said)):
        if seconds[0] <= one.at_ms <= seconds[-1]:
            place = int((one.at_ms - seconds[0]) // MILLIS_PER_SECOND)
            panel.annotate(
                one.level.word, his[place], xytext=(12, 12 * (1 + number % LABELS)),
                textcoords="offset points", fontsize=9,
                arrowprops={"arrowstyle": "-", "color": "black"},
            )  # fmt: skip
            panel.plot(*his[place], "k^", markersize=7)


def draw_panel(panel: Any, shown: Shown, lines: Floats) -> None:  # noqa: ANN401
    """One approach: from seven minutes before the crossing until it should have been told, or was."""
    day, approach = pair_day(shown.seed, shown.number), shown.approach
    said = ours(day, LIMITS)
    told_ms = first_at(said, Level.BREACH, approach.crossed_ms, approach.left_ms) or approach.crossed_ms
    from_ms: Millis = max(day.truth.from_ms, approach.crossed_ms - BEFORE_MS)
    until_ms = min(day.truth.until_ms, max(approach.crossed_ms + ALERTED_WITHIN_MS, told_ms + MILLIS_PER_SECOND))
    seconds = np.arange(from_ms, until_ms, MILLIS_PER_SECOND, dtype=np.int64)
    panel.add_collection(LineCollection(list(lines), colors="0.8", linewidths=0.5))
    his, hers = (draw_side(panel, day, side, seconds, colour) for side, colour in enumerate((HIS, HERS)))
    place = int((approach.crossed_ms - from_ms) // MILLIS_PER_SECOND)
    bearing = np.linspace(0.0, 360.0, CIRCLE_POINTS)
    lon, lat = (np.full(CIRCLE_POINTS, value) for value in hers[place])
    ring = WGS84.fwd(lon, lat, bearing, np.full(CIRCLE_POINTS, LIMITS.limit_m))
    panel.plot(ring[0], ring[1], "--", color=HERS, linewidth=1, label=f"{LIMITS.limit_m:g} m as he crosses")
    draw_alerts(panel, his, said, seconds)
    both = np.concatenate([his, hers, np.column_stack(ring[:2])])
    low, high = both.min(axis=0) - MARGIN_DEG / 2, both.max(axis=0) + MARGIN_DEG / 2
    stretch = 1.0 / np.cos(np.radians(both[:, 1].mean()))
    lacking_deg = max(0.0, WIDTH * (high[1] - low[1]) * stretch - (high[0] - low[0]))
    low[0], high[0] = low[0] - lacking_deg / 2, high[0] + lacking_deg / 2
    panel.set(xlim=(low[0], high[0]), ylim=(low[1], high[1]), xticks=[], yticks=[], title=shown.title)
    panel.set_aspect(stretch)
    panel.legend(fontsize=8, loc="lower left")


def draw(many: Sequence[Shown], path: Path) -> None:
    """Maps side by side, as a PNG: a city has too many streets for an SVG."""
    figure, panels = plt.subplots(1, len(many), figsize=(6.5 * len(many), 6.5), layout="constrained", squeeze=False)
    lines = streets()
    for panel, shown in zip(panels[0], many, strict=True):
        draw_panel(panel, shown, lines)
    figure.text(0.99, 0.005, ATTRIBUTION, ha="right", fontsize=7)
    figure.savefig(path, dpi=80, metadata={"Software": None})
    plt.close(figure)
