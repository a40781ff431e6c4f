# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The victim-proximity monitor authors
"""`python -m benchmarks.geometry`: measures, prints tables, writes docs/geometry.md and its picture."""

import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from itertools import groupby
from pathlib import Path
from typing import Any, Final, NamedTuple

import matplotlib as mpl

mpl.use("agg")
from matplotlib import pyplot as plt

DOCS: Final = Path(__file__).parents[1] / "docs"
PAGE, PICTURE = "geometry.md", "geometry.svg"
ACROSS: Final = 2  # panels
LEAST_SHOWN_M: Final = 1e-10  # an error that is less is drawn there
BEGIN, END = "<!-- table -->", "<!-- /table -->"


class Row(NamedTuple):
    """One way to do one thing."""

    group: str
    what: str
    ns_an_item: float
    worst_m: float | None

    @property
    def is_ours(self) -> bool:
        """Whether it is the kernel that the others are held against."""
        return self.what.startswith("ours")


def rows_of(report: dict[str, Any]) -> list[Row]:
    """The rows of a pytest-benchmark report by group, the quickest first; times are those of the quickest round."""
    rows = [
        Row(one["group"], info["what"], one["stats"]["min"] / info["items"] * 1e9, info.get("worst_m"))
        for one in report["benchmarks"]
        if (info := one["extra_info"]).get("what")
    ]
    order = list(dict.fromkeys(row.group for row in rows))
    return sorted(rows, key=lambda row: (order.index(row.group), row.ns_an_item))


def tables(rows: Sequence[Row]) -> Iterator[str]:
    """A table for each group, in Markdown."""
    for group, own in groupby(rows, key=lambda row: row.group):
        members = list(own)
        ours = next(row for row in members if row.is_ours)
        yield f"### {group[0].upper()}{group[1:]}\n"
        yield "| how | ns an item | times ours | worst error, m |\n|---|---|---|---|"
        for row in members:
            error = "" if row.worst_m is None else f"{row.worst_m:.1e}"
            name = f"**{row.what}**" if row.is_ours else row.what
            yield f"| {name} | {row.ns_an_item:,.2f} | {row.ns_an_item / ours.ns_an_item:,.1f} | {error} |"
        yield ""


def draw(rows: Sequence[Row], path: Path) -> None:
    """Error against time, each group in its own panel, both axes logarithmic."""
    shown = [row for row in rows if row.worst_m is not None]
    groups = list(dict.fromkeys(row.group for row in shown))
    rows_high = -(-len(groups) // ACROSS)
    figure, panels = plt.subplots(rows_high, ACROSS, figsize=(11, 5 * rows_high), squeeze=False, layout="constrained")
    for panel, group in zip(panels.flat, groups, strict=False):
        for row in (row for row in shown if row.group == group):
            spot = row.ns_an_item, max(row.worst_m or 0.0, LEAST_SHOWN_M)
            panel.plot(*spot, "o", color="tab:red" if row.is_ours else "tab:blue")
            panel.annotate(row.what, spot, xytext=(4, 4), textcoords="offset points", fontsize=8, rotation=35)
        panel.set(xscale="log", yscale="log", title=group, xlabel="nanoseconds an item", ylabel="worst error, metres")
        panel.title.set_fontsize(9)
        panel.margins(0.3)
        panel.grid(visible=True, which="major", alpha=0.3)
    figure.savefig(path, metadata={"Date": None})
    plt.close(figure)


def write_page(page: Path, lines: Sequence[str], when: str) -> None:
    """Put the tables between the marks of the page."""
    text = page.read_text(encoding="utf-8")
    head, tail = text.split(BEGIN)[0], text.split(END)[1]
    made = "\n".join([BEGIN, f"Measured on {when}.\n", *lines, f"![error against time]({PICTURE})", END])
    page.write_text(head + made + tail, encoding="utf-8")


def main() -> int:
    """Measure, print, write; 1 where a measurement failed its own check."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "report.json"
        run = [sys.executable, "-m", "pytest", "benchmarks/test_geometry.py", "--benchmark-only", "-q",
               "--benchmark-columns=min", f"--benchmark-json={path}"]  # fmt: skip
        done = subprocess.run(run, cwd=DOCS.parent, check=False)
        if done.returncode:
            return 1
        report = json.loads(path.read_text(encoding="utf-8"))
    rows = rows_of(report)
    processor = report["machine_info"]["cpu"].get("brand_raw", "an unknown processor")
    lines = list(tables(rows))
    print("\n".join(lines))
    draw(rows, DOCS / PICTURE)
    write_page(DOCS / PAGE, lines, f"{datetime.now(UTC):%Y-%m-%d}, {processor}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
