# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The victim-proximity monitor authors
"""Snapshots: what they hold, and what is none. That they change nothing is in test_properties."""

from collections.abc import Sequence
from zlib import crc32

import numpy as np
import pytest

from proximity.engine import snapshot
from proximity.engine.snapshot import HEADER, MAGIC, SNAPSHOT_VERSION, SnapshotFault, pack, unpack
from proximity.engine.state import State, empty_state, state_of
from proximity.geo.world import compile_world
from proximity.kernels.arrays import Array
from proximity.model.judging import Judging
from proximity.settings.orders import parse_orders
from tests.engine.scenes import half_hour, play

ORDERS = """
[[orders]]
id = "o-1"
region = "r"
supervisor = "s"
valid_from = 2026-06-01T00:00:00+02:00
wearers = ["w-1"]
protected = ["p-1"]
separation = {limit_m = 1000, warning_m = 2500}
[[orders.zones]]
id = "home"
kind = "exclusion"
circle = {lat = 52, lon = 4, radius_m = 500}
"""


def state() -> State:
    """One in which there is something of everything."""
    for seed in range(100):
        made = play(half_hour(seed), until_s=900).state
        if made.incidents and made.status_at_ms and made.counts.refused and made.counts.late:
            return made
    raise AssertionError("no scene has it all")


def test_what_is_unpacked_is_what_was_packed() -> None:
    packed = state()
    again = unpack(pack(packed))
    tables: list[tuple[Sequence[Array], Sequence[Array]]] = [
        (packed.devices, again.devices), (packed.health, again.health),
        (packed.parties, again.parties), (packed.rows, again.rows), (packed.wishes, again.wishes),
    ]  # fmt: skip
    for table, twin in tables:
        for column, other in zip(table, twin, strict=True):
            assert column.dtype == other.dtype
            assert column.tobytes() == other.tobytes()
            assert other.flags.writeable
    assert (packed.incidents, packed.status_at_ms, packed.counts) == (again.incidents, again.status_at_ms, again.counts)
    assert (packed.now_ms, packed.judging, packed.numbers) == (again.now_ms, again.judging, again.numbers)
    assert packed.world.book == again.world.book
    assert packed.world.subjects == again.world.subjects
    assert np.array_equal(packed.boundaries_ms, again.boundaries_ms)


def test_an_empty_state() -> None:
    assert pack(unpack(pack(empty_state()))) == pack(empty_state())


def test_orders_as_people_write_them() -> None:
    book, _ = parse_orders({"orders.toml": ORDERS})
    assert book is not None
    packed = pack(state_of(compile_world(book), Judging(), 5))
    assert unpack(packed).world.book == book
    assert pack(unpack(packed)) == packed  # a whole number is a float before as after


def test_equal_states_give_equal_bytes() -> None:
    one, other = state(), state()
    other.incidents = dict(reversed(other.incidents.items()))
    other.status_at_ms = dict(reversed(other.status_at_ms.items()))
    other.counts.refused = dict(reversed(other.counts.refused.items()))
    assert pack(one) == pack(other)
    other.rows.due_ms[0] += 1
    assert pack(one) != pack(other)


def test_damage_is_seen_wherever_it_is() -> None:
    data = pack(state())
    for spot in range(0, len(data), len(data) // 50):
        with pytest.raises(SnapshotFault):
            unpack(data[:spot] + bytes([data[spot] ^ 1]) + data[spot + 1 :])
    for cut in (0, 1, HEADER.size, len(data) - 1):
        with pytest.raises(SnapshotFault):
            unpack(data[:cut])


def test_another_version_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    data = pack(empty_state())
    monkeypatch.setattr(snapshot, "SNAPSHOT_VERSION", SNAPSHOT_VERSION + 1)
    with pytest.raises(SnapshotFault, match=f"version {SNAPSHOT_VERSION}, not {SNAPSHOT_VERSION + 1}"):
        unpack(data)


def test_whole_bytes_of_another_shape_are_none() -> None:
    made = state()
    made.rows = made.rows._replace(level=made.rows.level[1:])
    with pytest.raises(SnapshotFault, match="a column of"):
        unpack(pack(made))
    body = b"\xc1"
    with pytest.raises(SnapshotFault):
        unpack(HEADER.pack(MAGIC, SNAPSHOT_VERSION, crc32(body)) + body)
