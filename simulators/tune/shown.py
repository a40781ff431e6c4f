# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The victim-proximity monitor authors
"""What a grid gave: as a table, as JSON, and as a picture."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final, NamedTuple

from rich import box
from rich.table import Table

from proximity.model.words import Kind, Level
from simulators.scores.pairs import LIMITS
from simulators.scores.score import percent
from simulators.tune import journal, swarm
from simulators.tune.gain import Gain
from simulators.tune.grid import AS_SET, Point, TuneFault

PICTURES: Final = (".png", ".svg")
RISEN: Final = (Level.WARNING, Level.BREACH, Level.EMERGENCY)


class Mark(NamedTuple):
    """A point of the picture."""

    name: str
    limit_m: float | None
    alerts: float
    not_fully: float
    lost: float


class Picture(NamedTuple):
    """What is drawn, and how its axes are named."""

    marks: tuple[Mark, ...]
    alerts: str
    of: str
    not_fully: str
    lost: str


def words_of(point: Point, gain: Gain) -> str:
    """What is gained and lost; as set, what is there to lose."""
    return gain.counts if point == AS_SET else gain.words


def of_pairs(rows: Sequence[swarm.Row]) -> Table:
    """The table of simulated pair-days."""
    made = Table(box=box.SIMPLE_HEAD)
    for heading in ("", "fully", "partly", "missed"):
        made.add_column(heading, no_wrap=True)
    for heading in ("delay p50/p95, s", "needless breaches", "needless warnings", "alerts /day"):
        made.add_column(heading, justify="right")
    made.add_column("beside what is told as set")
    for point, line, gain in rows:
        delay = "/".join(f"{value:.0f}" for value in line.delay_s[:2]) if line.delay_s else "-"
        made.add_row(
            point.name, percent(line.fully), percent(line.partly), percent(line.missed), delay,
            str(line.needless_breaches), str(line.needless_warnings), f"{line.alerts / line.pair_days:.2f}",
            words_of(point, gain),
        )  # fmt: skip
    return made


def of_journal(rows: Sequence[journal.Row]) -> Table:
    """The table of a journal; w/b/e are warnings, breaches and emergencies that were told."""
    made = Table(box=box.SIMPLE_HEAD)
    made.add_column("", no_wrap=True)
    for heading in ("separation w/b/e", "zone w/b/e", "blind", "device", "system", "incidents"):
        made.add_column(heading, justify="right")
    made.add_column("beside what is told as set")
    for row in rows:
        levels = ["/".join(str(row.rises[kind, level.word]) for level in RISEN) for kind in journal.OF_LEVELS]
        kinds = [
            str(sum(count for (of, _), count in row.rises.items() if of == kind))
            for kind in (Kind.BLIND, Kind.DEVICE, Kind.SYSTEM)
        ]
        made.add_row(row.point.name, *levels, *kinds, str(row.incidents), words_of(row.point, row.gain))
    return made


def _of_point(point: Point) -> dict[str, Any]:
    return {
        "point": point.name,
        "limit_m": point.limit_m,
        "warning_m": point.warning_m,
        "settings": dict(point.settings),
    }


def pairs_json(rows: Sequence[swarm.Row]) -> list[dict[str, Any]]:
    """As numbers, a table a row."""
    found = []
    for point, line, gain in rows:
        numbers = {name: value for name, value in line._asdict().items() if name not in ("engine", "delays_s", "blind")}
        shares = {how: numbers.pop(how).events for how in ("fully", "partly", "missed")}
        found.append(_of_point(point) | shares | numbers | _of_gain(point, gain))
    return found


def journal_json(rows: Sequence[journal.Row]) -> list[dict[str, Any]]:
    """As numbers, a table a row."""
    return [
        _of_point(row.point)
        | {"incidents": row.incidents, "alerts": row.gain.alerts}
        | {"told": {f"{kind} {level}": count for (kind, level), count in sorted(row.rises.items())}}
        | _of_gain(row.point, row.gain)
        for row in rows
    ]


def _of_gain(point: Point, gain: Gain) -> dict[str, Any]:
    return {"told_as_set": gain.told_as_set, "lost": gain.lost, "told_less_well": gain.less,
            "told_better": gain.better, "words": words_of(point, gain)}  # fmt: skip


def pairs_picture(rows: Sequence[swarm.Row]) -> Picture:
    """What is missed against alerts a pair-day."""
    marks = tuple(
        Mark(
            point.name, swarm.limits_at(point).limit_m, line.alerts / line.pair_days,
            1.0 - line.fully.events / max(1, line.approaches), line.missed.events / max(1, line.approaches),
        )
        for point, line, _ in rows
    )  # fmt: skip
    of = f"share of {rows[0].line.approaches} true approaches within {LIMITS.limit_m:g} m"
    return Picture(marks, "alerts a pair-day", of, "not fully alerted", "missed")


def journal_picture(rows: Sequence[journal.Row]) -> Picture:
    """What is lost against alerts."""
    marks = tuple(
        Mark(row.point.name, row.point.limit_m, row.gain.alerts, row.gain.lost + row.gain.less, row.gain.lost)
        for row in rows
    )
    of = f"of {rows[0].gain.told_as_set} breaches as set"
    return Picture(marks, "alerts", of, "lost or told less well", "lost")


def check_picture(path: Path) -> None:
    """Before anything long: TuneFault where no picture can be written."""
    if path.suffix.lower() not in PICTURES:
        raise TuneFault(f"--plot {path}: write a name that ends in {' or '.join(PICTURES)}")
    if not path.absolute().parent.is_dir():
        raise TuneFault(f"--plot {path}: there is no folder {path.parent}: name one that exists")


def draw(picture: Picture, path: Path) -> None:
    """A dot for what is not told fully and a cross for what is not told, a colour a limit. TuneFault."""
    import matplotlib as mpl  # noqa: PLC0415 - it takes its time, and a table needs none

    mpl.use("agg")
    from matplotlib import pyplot as plt  # noqa: PLC0415

    figure, panel = plt.subplots(figsize=(10, 6), layout="constrained")
    _draw_marks(panel, picture)
    panel.plot([], [], "ko", label=picture.not_fully)
    panel.plot([], [], "kx", label=picture.lost)
    panel.set(xlabel=picture.alerts, ylabel=picture.of)
    panel.margins(x=0.1, y=0.15)
    panel.grid(visible=True, alpha=0.3)
    panel.legend(fontsize=8)
    try:
        with mpl.rc_context({"svg.hashsalt": "tune"}):
            figure.savefig(path, metadata={"Date": None} if path.suffix.lower() == ".svg" else {"Software": None})
    except OSError as error:
        raise TuneFault(f"--plot {path}: cannot be written ({error.strerror}): name another file") from error
    finally:
        plt.close(figure)


def _draw_marks(panel: Any, picture: Picture) -> None:  # noqa: ANN401
    """Marks at one place have one label; labels lean towards the middle."""
    limits = list(dict.fromkeys(mark.limit_m for mark in picture.marks))
    middle = (min(mark.alerts for mark in picture.marks) + max(mark.alerts for mark in picture.marks)) / 2
    places: dict[tuple[float, float], list[Mark]] = {}
    for mark in picture.marks:
        places.setdefault((mark.alerts, mark.not_fully), []).append(mark)
    for number, ((alerts, not_fully), marks) in enumerate(sorted(places.items())):
        as_set = picture.marks[0] in marks
        colour = "black" if as_set else f"C{limits.index(marks[0].limit_m)}"
        for mark in marks:
            panel.plot([alerts] * 2, [mark.lost, not_fully], "-", color=colour, alpha=0.3)
            panel.plot(alerts, mark.lost, "x", color=colour)
        panel.plot(alerts, not_fully, "o", color=colour)
        right, below = alerts > middle, number % 2 == 1
        names, off = "\n".join(mark.name for mark in marks), (-6 if right else 6, -6 if below else 6)
        panel.annotate(
            names, (alerts, not_fully), xytext=off,
            textcoords="offset points", fontsize=8, color=colour, ha="right" if right else "left",
            va="top" if below else "bottom",
        )  # fmt: skip
