# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The victim-proximity monitor authors
import contextlib
import hashlib
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from proximity.service.checkpoint import checkpoint
from proximity.service.journal import Event, Input, Journal, JournalFault, Letter, Step

ONE = Step(1_000, (Input("a/b", b"\x00\xff"), Input("c", b"", "empty")))
TWO = Step(2_000, (), (Event("o:separation:w_p:2000", 1, b"{}", "r/1", resolved=False),))
THREE = Step(3_000, (Input("d", b"x"),), (Event("o:separation:w_p:2000", 2, b"[]", "r/1", resolved=True),))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "state" / "journal.sqlite3"


@pytest.fixture
def journal(path: Path) -> Iterator[Journal]:
    with contextlib.closing(Journal(path)) as opened:
        yield opened


def test_what_is_written_is_read_back_by_another(path: Path, journal: Journal) -> None:
    journal.write([ONE, TWO], [])
    journal.write([THREE], [])
    with contextlib.closing(Journal(path, read_only=True)) as other:
        found = list(other.steps())
    assert [(step.number, step.now_ms, step.inputs) for step in found] == [
        (1, 1_000, ONE.inputs), (2, 2_000, ()), (3, 3_000, THREE.inputs),
    ]  # fmt: skip
    assert [step.bodies for step in found] == [(), (b"{}",), (b"[]",)]
    assert journal.tail.number == 3
    assert journal.tail.now_ms == 3_000


def test_each_hash_covers_the_step_and_the_hash_before(journal: Journal) -> None:
    journal.write([ONE, TWO], [])
    first = hashlib.sha256(
        bytes(32) + msgspec.msgpack.encode([1, 1_000, [["a/b", b"\x00\xff", None], ["c", b"", "empty"]], []])
    ).digest()
    second = hashlib.sha256(first + msgspec.msgpack.encode([2, 2_000, [], [b"{}"]])).digest()
    assert [journal.hash_of(number) for number in (0, 1, 2, 3)] == [bytes(32), first, second, None]


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE inputs SET payload = x'01' WHERE step = 1 AND place = 0",
        "UPDATE inputs SET refusal = NULL WHERE step = 1 AND place = 1",
        "UPDATE inputs SET place = 7 WHERE step = 1 AND place = 0",
        "UPDATE steps SET now_ms = 1001 WHERE step = 1",
        "UPDATE events SET body = x'7b7d20' WHERE step = 2",
        "DELETE FROM inputs WHERE step = 1 AND place = 1",
        "DELETE FROM steps WHERE step = 2",
        "INSERT INTO inputs VALUES (2, 0, 'a', x'00', NULL)",
    ],
)
def test_a_journal_that_was_changed_is_noticed(path: Path, journal: Journal, change: str) -> None:
    journal.write([ONE, TWO, THREE], [])
    with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as forger:
        forger.execute(change)
    with pytest.raises(JournalFault, match=r"step [12] does not match its hash"):
        list(journal.steps())


def test_a_transaction_is_whole_or_not_at_all(path: Path, journal: Journal) -> None:
    journal.write([ONE], [])
    with pytest.raises(JournalFault, match="cannot be written"):
        journal.write([TWO, Step(1_500, ()), Step(1_500, ())], [Letter("t", b"p", retain=False)])
    assert journal.tail.number == 1
    assert journal.unconfirmed(0, 10) == []
    journal.write([TWO], [])
    with contextlib.closing(Journal(path, read_only=True)) as other:
        assert [step.number for step in other.steps()] == [1, 2]


def test_an_event_is_never_told_twice(journal: Journal) -> None:
    journal.write([TWO], [])
    with pytest.raises(JournalFault):
        journal.write([Step(2_500, (), TWO.events)], [])


def test_letters_wait_in_order_until_they_are_confirmed(path: Path, journal: Journal) -> None:
    sent = journal.write([ONE], [Letter("t/1", b"1", retain=False), Letter("t/2", b"", retain=True)])
    assert [letter.number for letter in sent] == [1, 2]
    journal.close()
    with contextlib.closing(Journal(path)) as again:
        assert again.unconfirmed(0, 10) == sent
        assert again.unconfirmed(1, 10) == sent[1:]
        assert again.count_unconfirmed() == 2
        again.write([], [], confirmed=[1])
        assert again.unconfirmed(0, 10) == sent[1:]
        more = again.write([], [Letter("t/3", b"3", retain=False)], confirmed=[2])
        assert [letter.number for letter in more] == [3], "numbers are never used again"


def test_incidents_are_archived_once_when_they_have_been_resolved_for_long(journal: Journal) -> None:
    journal.write([ONE, TWO], [])
    assert journal.to_archive(10_000, 10) == []
    journal.write([THREE], [])
    assert journal.to_archive(3_000, 10) == []
    assert journal.to_archive(3_001, 10) == [("o:separation:w_p:2000", "r/1")]
    journal.write([], [Letter("r/1", b"", retain=True)], archived=["o:separation:w_p:2000"])
    assert journal.to_archive(3_001, 10) == []


def test_a_checkpoint_beside_the_writer_loses_nothing(path: Path, journal: Journal) -> None:
    for second in range(200):
        journal.write([Step(second, (Input("t", bytes(1_000)),))], [])
        if second % 20 == 0:
            checkpoint(path)
    assert sum(len(step.inputs) for step in journal.steps()) == 200


def test_what_is_no_journal_is_said_in_one_line(tmp_path: Path) -> None:
    file = tmp_path / "journal.sqlite3"
    with pytest.raises(JournalFault, match="there is no such journal"):
        Journal(file, read_only=True)
    file.write_bytes(b"not a database" * 100)
    with pytest.raises(JournalFault, match="cannot be opened"):
        Journal(file)
    other = tmp_path / "other.sqlite3"
    with contextlib.closing(sqlite3.connect(other)) as stranger:
        stranger.execute("CREATE TABLE t (x)")
    with pytest.raises(JournalFault, match="is of format 0"):
        Journal(other)


@pytest.mark.usefixtures("journal")
def test_only_the_owner_may_read_it(path: Path) -> None:
    assert path.stat().st_mode & 0o077 == 0
    assert path.parent.stat().st_mode & 0o077 == 0
