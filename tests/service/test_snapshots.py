# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The victim-proximity monitor authors
import contextlib
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from proximity.engine.snapshot import pack
from proximity.model.judging import Judging
from proximity.service.journal import Input, Journal, Step
from proximity.service.pipeline import Message, Naming, Pipeline, orders_message
from proximity.service.snapshots import load_pipeline, write_snapshot
from proximity.service.start import restore
from tests.traffic import fix, fix_topic, orders

PAIRS = 3
BEGIN_MS = 1_717_862_400_000


def feed(pipeline: Pipeline, journal: Journal, seconds: range) -> None:
    """What the runner does, without a broker: three pairs that swing, a fix of each every two seconds."""
    for second in seconds:
        now_ms = BEGIN_MS + second * 2_000 + 1
        messages = [
            Message(fix_topic(device), msgspec.json.encode(fix(pair, phase, now_ms, second)))
            for pair in range(PAIRS)
            for device, phase in ((f"w-{pair}", second / 10), (f"p-{pair}", 0.0))
        ]
        if second == 0:
            messages.insert(0, orders_message({"o.toml": orders(PAIRS)}, Judging(apart_for_s=5), Naming("a.b", "c")))
        told = [*pipeline.ticks(now_ms), pipeline.advance(messages, now_ms)]
        journal.write([one.step for one in told], [])


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[Journal]:
    with contextlib.closing(Journal(tmp_path / "journal.sqlite3")) as opened:
        yield opened


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "snapshot.bin"


def test_a_restart_from_a_snapshot_stands_where_the_service_stood(journal: Journal, file: Path) -> None:
    live = Pipeline()
    feed(live, journal, range(100))
    write_snapshot(file, live, journal.tail).join()
    at = journal.tail.number
    feed(live, journal, range(100, 250))
    assert sum(len(stored.bodies) for stored in journal.steps(at)) > 3, "something is told after the snapshot too"
    loaded, after = load_pipeline(file, journal)
    assert after == at
    assert loaded.numbered == at
    with_snapshot, without = restore(file, journal), restore(file.with_name("none"), journal)
    assert pack(with_snapshot.state) == pack(live.state) == pack(without.state)
    for pipeline in (with_snapshot, without):
        assert (pipeline.due_ms, pipeline.naming, pipeline.numbered) == (live.due_ms, live.naming, live.numbered)


def test_a_snapshot_that_is_damaged_or_of_another_journal_is_not_used(
    journal: Journal, file: Path, tmp_path: Path
) -> None:
    live = Pipeline()
    feed(live, journal, range(30))
    write_snapshot(file, live, journal.tail).join()
    good = file.read_bytes()
    for bad in (b"", good[:-1], good[:100], good[:60] + bytes([good[60] ^ 1]) + good[61:]):
        file.write_bytes(bad)
        assert load_pipeline(file, journal)[1] == 0
        assert pack(restore(file, journal).state) == pack(live.state)
    file.write_bytes(good)
    with contextlib.closing(Journal(tmp_path / "other" / "journal.sqlite3")) as other:
        feed(Pipeline(), other, range(1))
        for second in range(1, 40):
            other.write([Step(BEGIN_MS + second * 2_000, (Input("t", b"otherwise"),))], [])
        assert other.tail.number >= journal.tail.number
        assert load_pipeline(file, other)[1] == 0
    with contextlib.closing(Journal(tmp_path / "empty" / "journal.sqlite3")) as empty:
        assert load_pipeline(file, empty)[1] == 0
