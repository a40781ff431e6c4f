# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The victim-proximity monitor authors
"""Odd places to read from and write to: one line, and never a traceback; and what others may read of ours."""

import contextlib
import os
import sqlite3
import stat
import subprocess
import sys
import time
from pathlib import Path
from typing import Final

import pytest

from proximity.service.checkpoint import LOG_LARGE_BYTES, Checkpointer
from proximity.service.journal import Input, Journal, JournalFault, Step
from tests.live import Service, running
from tests.traffic import SETTINGS, orders

TOO_LONG: Final = "a" * 300
TRACE: Final = b'{"received_at": "2026-06-08T15:58:00Z", "topic": "proximity/v1/devices/w-0/status", "payload": %s}\n'


def said(folder: Path, arguments: list[str], redirect: str = "") -> tuple[int, list[str]]:
    """Exit code and standard error of `proximity`, run by a shell that redirects."""
    (folder / "orders").mkdir()
    (folder / "orders" / "orders.toml").write_text(orders(1), encoding="utf-8")
    (folder / "trace.jsonl").write_bytes(TRACE % b'{"event": "sos"}')
    line = ["sh", "-c", f'exec "$@" {redirect}', "sh", sys.executable, "-m", "proximity", *arguments]
    done = subprocess.run(
        line, cwd=folder, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60, check=False
    )  # fmt: skip
    return done.returncode, [said for said in done.stderr.splitlines() if "proximity: note:" not in said]


@pytest.mark.parametrize(
    ("arguments", "redirect", "code"),
    [
        (["replay", "--orders", "orders", "trace.jsonl"], ">/dev/full", 1),
        (["replay", "--orders", "orders", "trace.jsonl"], ">&-", 2),
        (["replay", "--orders", "orders", "-"], "<&-", 2),
        (["replay", "--journal", TOO_LONG], "", 1),
        (["replay", "--orders", TOO_LONG, "trace.jsonl"], "", 1),
        (["check", "--orders", TOO_LONG], "", 1),
        (["check", "--orders", "orders"], ">/dev/full", 1),
        (["--version"], ">/dev/full", 1),
    ],
)
def test_an_odd_place_is_named_in_one_line(tmp_path: Path, arguments: list[str], redirect: str, code: int) -> None:
    ended, lines = said(tmp_path, arguments, redirect)
    assert ended == code, lines
    assert len(lines) == 1, lines
    assert lines[0].startswith("proximity: ")


def test_a_tail_of_ages_ends(tmp_path: Path) -> None:
    assert said(tmp_path, ["replay", "--orders", "orders", "--tail-s", str(10**17), "trace.jsonl"]) == (0, [])


@pytest.mark.parametrize("after_s", [0.8, 2.0])
def test_ctrl_c_while_it_compiles_ends_it_at_once(tmp_path: Path, after_s: float) -> None:
    service = Service(tmp_path, orders(1), SETTINGS, {"NUMBA_CACHE_DIR": str(tmp_path / "empty")})
    with running(service):
        time.sleep(after_s)
        assert service.stop(within_s=2.0) in {0, -15}, "-15: it had not begun"
    assert "Traceback" not in service.said()


def test_nobody_else_reads_the_journal_nor_what_sqlite_puts_beside_it(tmp_path: Path) -> None:
    before = os.umask(0o022)
    try:
        journal = Journal(tmp_path / "journal.sqlite3")
        journal.write([Step(1, (Input("topic", b"a place"),))], ())
        modes = {file.name: stat.S_IMODE(file.stat().st_mode) for file in tmp_path.iterdir()}
        journal.close()
    finally:
        os.umask(before)
    assert modes == {f"journal.sqlite3{end}": 0o600 for end in ("", "-wal", "-shm")}


def test_a_damaged_journal_is_a_fault_in_words(tmp_path: Path) -> None:
    path = tmp_path / "journal.sqlite3"
    journal = Journal(path)
    journal.write([Step(1, (Input("topic", b"a place"),))], ())
    journal.close()
    with contextlib.closing(sqlite3.connect(path)) as plain:
        (page,) = plain.execute("SELECT rootpage FROM sqlite_schema WHERE name = 'outbox'").fetchone()
    content = bytearray(path.read_bytes())
    size = int.from_bytes(content[16:18], "big")
    start = (page - 1) * size
    content[start : start + 100] = b"\xff" * 100
    path.write_bytes(content)
    damaged = Journal(path)
    with pytest.raises(JournalFault, match="cannot be read"):
        damaged.count_unconfirmed()
    with pytest.raises(JournalFault, match="cannot be read"):
        damaged.unconfirmed(0, 10)
    damaged.close()


def test_whoever_reads_the_journal_for_long_does_not_hold_the_writer_up(tmp_path: Path) -> None:
    path = tmp_path / "journal.sqlite3"
    journal = Journal(path)
    block = tuple(Input("topic", b"x" * 10_000) for _ in range(500))
    journal.write([Step(1, ())], ())
    reader = sqlite3.connect(path, isolation_level=None)
    reader.execute("BEGIN")
    reader.execute("SELECT count(*) FROM steps").fetchall()
    now_ms = 1
    while path.with_name("journal.sqlite3-wal").stat().st_size <= LOG_LARGE_BYTES:
        now_ms += 1
        journal.write([Step(now_ms, block)], ())
    checkpointer = Checkpointer(path)
    checkpointer.start()
    slowest_s, until_s = 0.0, time.monotonic() + 3
    while time.monotonic() < until_s:
        now_ms += 1
        began_s = time.monotonic()
        journal.write([Step(now_ms, ())], ())
        slowest_s = max(slowest_s, time.monotonic() - began_s)
        time.sleep(0.005)
    checkpointer.stop()
    reader.close()
    journal.close()
    assert slowest_s < 1.0
