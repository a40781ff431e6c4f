# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The victim-proximity monitor authors
"""The report says what was found."""

from io import StringIO
from pathlib import Path

import pytest
from rich.console import Console

from benchmarks import report
from benchmarks.figures import Broker, Consumer, Delays, Figures, Verdict
from benchmarks.plan import Plan
from benchmarks.report import Report

SERVICE = Figures(
    Consumer.SERVICE, Broker.EMBEDDED, 10_000.0, 9_998.0, 41.23, 30.0, Delays(4.4, 17.0, 55.5), 1200, 1199, 2, 210.0, 3,
    12.0, 0, 4.96,
)  # fmt: skip
BARE = Figures(Consumer.BARE, Broker.MOSQUITTO, 10_000.0, 10_000.0, 20.0, 15.0, None, 1200, 0, 0, 25.0, 0, 1.0, 0, 5.0)
RUN = Report("2026-11-23T22:00:00+00:00", report.machine(), Plan(), [SERVICE, BARE], [Verdict("It holds", False, "no")])  # noqa: FBT003


def test_the_table_shows_every_figure() -> None:
    out = StringIO()
    Console(file=out, width=200).print(report.table(RUN))
    line = next(line for line in out.getvalue().splitlines() if "the service" in line)
    shown = ("embedded", "9,998", "41.2", "30.0", "4.4", "17.0", "55.5", "1199/1200 +2", "210", "3", "12", "5.0")
    assert [cell.strip() for cell in line.split("│")[2:-1]] == list(shown)


def test_a_consumer_without_alerts_shows_none() -> None:
    assert report.cells(BARE)[5:9] == ("-", "-", "-", "-")


def test_a_page_keeps_its_words_and_gets_the_figures_between_its_marks() -> None:
    page = f"Before\n{report.BEGIN}\nold figures\n{report.END}\nAfter\n"
    once = report.written(page, RUN)
    assert once.startswith(f"Before\n{report.BEGIN}\n")
    assert once.endswith(f"\n{report.END}\nAfter\n")
    assert "| the service | embedded | 9,998 | 41.2 |" in once
    assert "\n- NO: It holds: no\n" in once
    assert "5,000 links" in once
    assert "old figures" not in once
    assert report.written(once, RUN) == once


@pytest.mark.parametrize("page", ["", report.BEGIN, report.END, f"{report.END} {report.BEGIN}"])
def test_a_page_without_both_marks_in_order_is_not_marked(page: str) -> None:
    assert not report.marked(page)


def test_the_page_that_ships_is_marked() -> None:
    assert report.marked((Path(report.__file__).parents[1] / "docs" / "benchmarks.md").read_text())
