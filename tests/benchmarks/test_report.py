# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The victim-proximity monitor authors
"""The report says what was found."""

import xml.etree.ElementTree as ET
from io import StringIO

from rich.console import Console

from benchmarks import report
from benchmarks.figures import Broker, Consumer, Delays, Figures, Verdict
from benchmarks.plan import Plan
from benchmarks.report import Report

SERVICE = Figures(
    Consumer.SERVICE, Broker.EMBEDDED, 10_000.0, 9_998.0, 41.23, 30.0, Delays(4.4, 17.0, 55.5), 1200, 1199, 2, 210.0, 3,
    12.0, 0,
)  # fmt: skip
BARE = Figures(Consumer.BARE, Broker.MOSQUITTO, 10_000.0, 10_000.0, 20.0, 15.0, None, 1200, 0, 0, 25.0, 0, 1.0, 0)
RUN = Report("2026-11-23T22:00:00+00:00", report.machine(), Plan(), [SERVICE, BARE], [Verdict("It holds", False, "no")])  # noqa: FBT003


def test_the_table_shows_every_figure() -> None:
    out = StringIO()
    Console(file=out, width=200).print(report.table(RUN))
    line = next(line for line in out.getvalue().splitlines() if "the service" in line)
    shown = ("embedded", "9,998", "41.2", "30.0", "4.4", "17.0", "55.5", "1199/1200 +2", "210", "3", "12")
    assert [cell.strip() for cell in line.split("│")[2:-1]] == list(shown)


def test_a_consumer_without_alerts_shows_none() -> None:
    assert report.cells(BARE)[5:9] == ("-", "-", "-", "-")


def test_the_page_has_the_table_the_verdicts_and_the_picture() -> None:
    page = report.page(RUN, "picture.svg")
    assert "| the service | embedded | 9,998 | 41.2 |" in page
    assert "- NO   It holds: no" in page or "- NO  It holds: no" in page
    assert "](picture.svg)" in page
    assert "5,000 links" in page


def test_the_picture_is_xml_with_bars_in_proportion() -> None:
    root = ET.fromstring(report.svg([SERVICE, BARE]))  # noqa: S314 - our own text
    widths = [
        float(bar.attrib["width"])
        for bar in root.iter("{http://www.w3.org/2000/svg}rect")
        if bar.attrib["height"] == str(report.BAR_HEIGHT)
    ]
    assert len(widths) == 4
    assert [round(width / widths[2] * 20.0, 1) for width in widths] == [41.2, 30.0, 20.0, 15.0]
