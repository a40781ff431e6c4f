# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The victim-proximity monitor authors
"""An explanation as a table of its transitions, and what each says in words."""

from collections.abc import Iterator
from datetime import UTC, datetime, tzinfo
from typing import Final

from rich import box
from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from proximity.model.incidents import Evidence
from proximity.model.units import MILLIS_PER_SECOND, Metres, Millis, Seconds
from proximity.model.words import Level
from proximity.service.explain import Explanation, Facts, Move

UNKNOWN: Final = "-"
NOTHING: Final = Evidence()
STYLES: Final = {
    Level.CLEAR.word: "green",
    Level.WARNING.word: "yellow",
    Level.BREACH.word: "dark_orange",
    Level.EMERGENCY.word: "bold red",
}
COLUMNS: Final = (
    "", "time", "change", "level", "certainty", "possible", "cause", "expected m", "low m", "high m", "p", "wearer's s",
    "protected's s",
)  # fmt: skip
COLUMNS_THEN: Final = ("was from", "until", "nearest")  # where late fixes have shown something
LEGEND: Final = (
    "low and high: 95 % bounds of the distance; p: probability of being within the higher level of before and after; "
    "the last two: ages of the newest fixes"
)
LEGEND_THEN: Final = (
    "; of what was told late: when it was, and when they were nearest, of which distance and p are; a picture shows "
    "that time as it is known now"
)
FIGURES_FROM: Final = 7  # columns from here on are figures


def local_time(at_ms: Millis, zone: tzinfo) -> datetime:
    """An instant in local time."""
    return datetime.fromtimestamp(at_ms / MILLIS_PER_SECOND, UTC).astimezone(zone)


def title_of(facts: Facts) -> str:
    """What an incident is about, in a few words."""
    if facts.device is not None:
        return f"{facts.kind} {facts.device}"
    if facts.wearer is None:
        return f"{facts.kind}: the service itself"
    other = f"protected person {facts.protected}" if facts.protected is not None else f"zone {facts.zone}"
    return f"{facts.kind}: wearer {facts.wearer} and {other}"


def cells_of(move: Move, zone: tzinfo) -> list[str]:
    """One transition, as the cells of its row."""
    facts, known = move.facts, move.evidence or NOTHING
    moved = facts.previous_level != facts.level
    return [
        str(facts.seq),
        f"{local_time(move.at_ms, zone):%H:%M:%S}",
        move.change,
        f"{facts.previous_level} > {facts.level}" if moved else facts.level,
        facts.certainty or UNKNOWN,
        facts.possible_level,
        facts.cause,
        _metres(known.expected_m),
        _metres(known.low_m),
        _metres(known.high_m),
        UNKNOWN if known.probability is None else f"{known.probability:.3f}",
        _seconds(known.wearer_fix_age_s),
        _seconds(known.protected_fix_age_s),
    ]


def cells_then(move: Move, zone: tzinfo) -> list[str]:
    """When that was which a transition told late, with the date of another day; blank where it told of the present."""
    episode, told = move.facts.episode, local_time(move.at_ms, zone)
    if episode is None:
        return [""] * len(COLUMNS_THEN)
    instants = [at.astimezone(zone) for at in (episode.begin, episode.until, episode.nearest_at)]
    return [f"{at:%H:%M:%S}" if at.date() == told.date() else f"{at:%d %b %H:%M:%S}" for at in instants]


def render(explanation: Explanation, zone: tzinfo) -> RenderableType:
    """What it is about, a row for each transition, and below them what was told in words."""
    return Group(*_lines_above(explanation, zone), _table(explanation, zone), *_lines_below(explanation))


def _lines_above(explanation: Explanation, zone: tzinfo) -> Iterator[Text]:
    about, first = explanation.about, explanation.moves[0]
    yield Text(f"{about.incident}\n{title_of(about)}, order {about.order}", "bold")
    limits = ", ".join(f"{level.word} {limit_m:,.0f} m" for level, limit_m in explanation.limits_m.items())
    state = "resolved" if about.resolved else "still open"
    day = f"opened {local_time(first.at_ms, zone):%Y-%m-%d %H:%M:%S %Z}, {state}"
    yield Text(f"{day}; limits: {limits}" if limits else day)


def _table(explanation: Explanation, zone: tzinfo) -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, expand=False)
    late = bool(explanation.episodes)
    for place, column in enumerate(COLUMNS):
        table.add_column(column, justify="right" if place >= FIGURES_FROM or not column else "left", overflow="fold")
    for column in COLUMNS_THEN if late else ():
        table.add_column(column, no_wrap=True)
    for move in explanation.moves:
        cells = cells_of(move, zone) + (cells_then(move, zone) if late else [])
        table.add_row(*map(Text, cells), style=STYLES.get(move.facts.level))
    return table


def _lines_below(explanation: Explanation) -> Iterator[RenderableType]:
    yield Text(LEGEND + (LEGEND_THEN if explanation.episodes else ""), "dim")
    words = Table.grid(padding=(0, 2))
    words.add_column(justify="right")
    words.add_column()
    for move in explanation.moves:
        words.add_row(str(move.facts.seq), Text(move.facts.text["en"]))
    yield Padding(words, (1, 0))
    otherwise = sum(move.evidence is None for move in explanation.moves)
    if otherwise:
        yield Text(
            f"This version judges {otherwise} of these transitions otherwise than the one that told them: their exact "
            "figures are not known; explain with the version that wrote the journal.",
            "bold yellow",
        )


def _metres(distance_m: Metres | None) -> str:
    return UNKNOWN if distance_m is None else f"{distance_m:,.1f}"


def _seconds(age_s: Seconds | None) -> str:
    return UNKNOWN if age_s is None else f"{age_s:,.0f}"
