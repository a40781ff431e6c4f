# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The victim-proximity monitor authors
from io import StringIO

import msgspec
from rich.console import Console

from proximity.model.words import Level
from simulators.demo.expected import Expectation, compare
from simulators.demo.view import PlainView, alerts_table, verdict_table
from simulators.devices.fixes import utc_ms
from simulators.live.alerts import Alert

AT_MS = utc_ms("2024-06-08T17:24:06Z")
ALERT = Alert(
    id="a", about="recorded:separation:utrecht1_utrecht2", kind="separation", change="opened", level=Level.WARNING,
    certainty="probable", severity="minor", cause="confirmed", expected_m=2000.0, text="[b] Near.",
    at_ms=AT_MS, came_ms=AT_MS + 600,
)  # fmt: skip
EXPECTED = Expectation(
    what="they come back", about=ALERT.about, changes=frozenset({"opened"}), from_ms=AT_MS - 1, due_ms=AT_MS - 6000,
    until_ms=AT_MS + 1,
)  # fmt: skip


def shown(what: object, width: int = 120) -> str:
    out = StringIO()
    Console(file=out, width=width).print(what)
    return out.getvalue()


def test_the_table_shows_what_the_supervisor_needs() -> None:
    text = shown(alerts_table([ALERT], whole=False))
    for part in (
        "17:24:06",
        "recorded: utrecht1 - utrecht2",
        "separation opened",
        "warning",
        "probable",
        "2000 m",
        "[b] Near.",
    ):
        assert part in text


def test_a_narrow_terminal_costs_the_text_first() -> None:
    text = shown(alerts_table([ALERT], whole=False), 100)
    for part in ("17:24:06", "recorded: utrecht1 - utrecht2", "warning", "probable"):
        assert part in text


def test_lines_show_the_same_and_texts_are_no_markup() -> None:
    out = StringIO()
    PlainView(Console(file=out, width=160)).show(ALERT)
    assert out.getvalue() == (
        "17:24:06 | recorded: utrecht1 - utrecht2 | separation opened | warning | probable | 2000 m | [b] Near.\n"
    )


def test_lateness_is_shown_in_engine_seconds_and_in_ours() -> None:
    [row] = [
        line for line in shown(verdict_table(compare([EXPECTED], [ALERT]), 120.0, AT_MS)).splitlines() if "they" in line
    ]
    assert row.split()[-4:] == ["warning", "7", "0.06", "ok"]  # 6.6 s, and a 120th of it


def test_missing_outside_and_not_yet_due_are_told_apart() -> None:
    nothing = compare([EXPECTED], [])
    assert "MISSING" in shown(verdict_table(nothing, 120.0, AT_MS + 2))
    assert "not yet" in shown(verdict_table(nothing, 120.0, AT_MS))
    late = msgspec.structs.replace(ALERT, at_ms=AT_MS + 2)
    assert "OUTSIDE" in shown(verdict_table(compare([EXPECTED], [late]), 120.0, AT_MS + 3))
