# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The victim-proximity monitor authors
"""What the demo shows: a live table of the alerts as they reach the supervisor, and at the end what was expected."""

import time
from datetime import UTC, datetime
from typing import Final, Protocol

from rich import box
from rich.console import Console, Group
from rich.live import Live
from rich.table import Table
from rich.text import Text

from proximity.model.units import MILLIS_PER_SECOND, Millis
from proximity.model.words import Level
from simulators.demo.expected import Outcome, Verdict
from simulators.live.alerts import Alert

PLAIN_WIDTH: Final = 160
TEXT_WIDTH: Final = 20  # at least
PROGRESS_EVERY_S: Final = 10.0
LINES_AROUND: Final = 7  # of the live table: its head, its frame, the line below
STYLES: Final = {
    Level.CLEAR: "",
    Level.WARNING: "yellow",
    Level.BREACH: "bold red",
    Level.EMERGENCY: "bold white on red",
}


class View(Protocol):
    """Where the demo shows itself."""

    def say(self, line: str) -> None:
        """Show a line about the demo itself."""

    def show(self, alert: Alert) -> None:
        """Show an alert that has just come."""

    def progress(self, now_ms: Millis | None, line: str) -> None:
        """Show how far it is; called several times a second."""

    def close(self) -> None:
        """Leave the terminal as it was found; what was shown stays."""


def clock_text(at_ms: Millis | None) -> str:
    """Engine time of day."""
    if at_ms is None:
        return "--:--:--"
    return datetime.fromtimestamp(at_ms / MILLIS_PER_SECOND, UTC).strftime("%H:%M:%S")


def about_text(alert: Alert) -> str:
    """Order and subject, readable."""
    order, _, rest = alert.about.partition(":")
    return f"{order}: {rest.partition(':')[2].replace('_', ' - ')}"


def level_text(alert: Alert) -> str:
    """The level, or for what has none the severity."""
    return alert.level.word if alert.level or alert.change == "resolved" else alert.severity


def distance_text(alert: Alert) -> str:
    """The distance band's middle, as it was told."""
    return "" if alert.expected_m is None else f"{alert.expected_m:.0f} m"


def alerts_table(alerts: list[Alert], *, whole: bool) -> Table:
    """The alerts, oldest first; the text on one line, or `whole`."""
    rows = [
        (
            clock_text(alert.at_ms), about_text(alert), f"{alert.kind} {alert.change}", level_text(alert),
            alert.certainty or "", distance_text(alert),
        )
        for alert in alerts
    ]  # fmt: skip
    table = Table(box=box.SIMPLE_HEAD, expand=True, padding=(0, 1, 0, 0), collapse_padding=True)
    for place, heading in enumerate(("time", "what", "change", "level", "certainty", "distance")):
        width = max(len(heading), *(len(row[place]) for row in rows)) if rows else len(heading)
        table.add_column(heading, no_wrap=True, min_width=width)
    table.add_column("text", ratio=1, min_width=TEXT_WIDTH, no_wrap=not whole, overflow="fold" if whole else "ellipsis")
    for alert, row in zip(alerts, rows, strict=True):
        table.add_row(*row[:3], Text(row[3], STYLES[alert.level]), *row[4:], Text(alert.text))
    return table


def verdict_table(verdict: Verdict, speed: float, until_ms: Millis) -> Table:
    """What was expected, when, and what came, at engine time `until_ms`.

    Late: from the thing itself until the supervisor's client had it.
    """
    table = Table(box=box.SIMPLE_HEAD, title="expected, and what came (engine time)", title_justify="left")
    for heading in ("expected", "window"):  # these fold on a narrow terminal, so that what came is seen whole
        table.add_column(heading)
    for heading in ("came", "level"):
        table.add_column(heading, no_wrap=True)
    table.add_column("late, s", justify="right", no_wrap=True)
    table.add_column(f"/ {speed:g}, s", justify="right", no_wrap=True)
    table.add_column("", no_wrap=True, min_width=len("OUTSIDE"))
    for outcome in verdict.outcomes:
        table.add_row(*_verdict_row(outcome, speed, until_ms))
    return table


def _verdict_row(outcome: Outcome, speed: float, until_ms: Millis) -> tuple[str, str, str, str, str, str, Text]:
    expected, alert, late_s = outcome.expectation, outcome.alert, outcome.late_s
    window = f"{clock_text(expected.from_ms)} - {clock_text(expected.until_ms)}"
    if not outcome.met and until_ms <= expected.until_ms:
        return expected.what, window, "", "", "", "", Text("not yet", "dim")
    if alert is None or late_s is None:
        return expected.what, window, "never", "", "", "", Text("MISSING", "bold red")
    mark = Text("ok", "green") if outcome.met else Text("OUTSIDE", "bold red")
    came, late = clock_text(alert.at_ms), (f"{late_s:z.0f}", f"{late_s / speed:z.2f}")
    return expected.what, window, came, level_text(alert), *late, mark


class LiveView:
    """A table that grows on a terminal."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._alerts: list[Alert] = []
        self._status = ""
        self._live = Live(console=console, auto_refresh=False, vertical_overflow="crop")
        self._live.start()

    def say(self, line: str) -> None:
        """Print the line above the table."""
        self._live.console.print(line, highlight=False, markup=False)

    def show(self, alert: Alert) -> None:
        """Add it to the table."""
        self._alerts.append(alert)

    def progress(self, now_ms: Millis | None, line: str) -> None:
        """Draw the table anew: as many of the last alerts as there is room for."""
        room = max(1, self._console.height - LINES_AROUND)
        self._status = f"{clock_text(now_ms)}  {line}"
        self._live.update(
            Group(alerts_table(self._alerts[-room:], whole=False), Text(self._status, "dim")), refresh=True
        )

    def close(self) -> None:
        """Leave the whole table on the terminal, with the alerts that had no room."""
        self._live.update(Group(alerts_table(self._alerts, whole=True), Text(self._status, "dim")))
        self._live.vertical_overflow = "visible"
        self._live.stop()


class PlainView:
    """Lines, where there is no terminal."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._next_s = time.monotonic() + PROGRESS_EVERY_S

    def say(self, line: str) -> None:
        """Print it."""
        self._console.print(line, highlight=False, markup=False, soft_wrap=True)

    def show(self, alert: Alert) -> None:
        """Print it on a line."""
        parts = (
            clock_text(alert.at_ms), about_text(alert), f"{alert.kind} {alert.change}", level_text(alert),
            alert.certainty or "", distance_text(alert), alert.text,
        )  # fmt: skip
        self.say(" | ".join(part for part in parts if part))

    def progress(self, now_ms: Millis | None, line: str) -> None:
        """Print a line now and then."""
        if time.monotonic() >= self._next_s:
            self._next_s = time.monotonic() + PROGRESS_EVERY_S
            self.say(f"{clock_text(now_ms)} ... {line}")

    def close(self) -> None:
        """Nothing to restore."""


def make_view(console: Console) -> View:
    """The view that fits where we write to."""
    return LiveView(console) if console.is_terminal else PlainView(console)


def make_console() -> Console:
    """Standard output; wide enough for the tables where it is no terminal."""
    console = Console()
    return console if console.is_terminal else Console(width=PLAIN_WIDTH)
