# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The victim-proximity monitor authors
"""The watch over a real folder, without a service."""

import os
import time
from collections.abc import Iterator, MutableMapping
from pathlib import Path
from typing import Any

import pytest
from structlog.testing import capture_logs

from proximity.model.orders import OrderBook
from proximity.service import kept_broker
from proximity.service import watch as watch_module
from proximity.service.kept_broker import KeptBroker
from proximity.service.orders import Orders, read_folder
from proximity.service.watch import OrdersWatch
from proximity.settings.service import Settings
from tests.brokers import Visitor, book
from tests.live import Place, wait_for
from tests.traffic import orders

FINISHED_WITHIN_S = 1.0


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same watch, ten times as fast."""
    for name in ("LOOK_EVERY_S", "SETTLED_AFTER_S", "AGAIN_AFTER_S"):
        monkeypatch.setattr(watch_module, name, getattr(watch_module, name) / 10)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "orders"
    made.mkdir()
    (made / "orders.toml").write_text(orders(1), encoding="utf-8")
    return made


@pytest.fixture
def watch(folder: Path) -> Iterator[OrdersWatch]:
    made = OrdersWatch(folder)
    made.start(revision(folder))
    yield made
    made.stop()


def revision(folder: Path) -> str:
    found, faults = read_folder(folder)
    assert found is not None, faults
    return found.book.revision


def taken(watch: OrdersWatch) -> Orders:
    return wait_for(watch.take, "a revision", 10)


def test_what_changed_before_it_began_is_taken(folder: Path) -> None:
    before = revision(folder)
    (folder / "orders.toml").write_text(orders(2), encoding="utf-8")
    watch = OrdersWatch(folder)
    watch.start(before)
    assert len(taken(watch).book.orders) == 2
    watch.stop()


def test_unchanged_content_is_no_news(folder: Path, watch: OrdersWatch) -> None:
    time.sleep(FINISHED_WITHIN_S)
    (folder / "orders.toml").write_text("# a remark\n" + orders(1), encoding="utf-8")
    (folder / "orders.toml").rename(folder / "others.toml")
    time.sleep(FINISHED_WITHIN_S)
    assert watch.take() is None
    assert watch.faults == 0


def test_zones_beside_the_orders_are_watched_too(folder: Path, watch: OrdersWatch) -> None:
    shape = '{"type": "Polygon", "coordinates": [[[4.4, 51.9], [4.5, 51.9], [4.5, %s], [4.4, 51.9]]]}'
    zone = f'{{"type": "Feature", "id": "park", "properties": {{}}, "geometry": {shape}}}'
    zone = f'{{"type": "FeatureCollection", "features": [{zone}]}}'
    (folder / "zones.geojson").write_text(zone % "51.92", encoding="utf-8")
    text = orders(1).replace("circle = {lat = 40.0, lon = 4.0, radius_m = 400}", 'geojson = "zones.geojson#park"')
    (folder / "orders.toml").write_text(text, encoding="utf-8")
    first = taken(watch)
    (folder / "zones.geojson").write_text(zone % "51.93", encoding="utf-8")
    second = taken(watch)
    assert first.documents["orders.toml"] == second.documents["orders.toml"]
    assert first.book.revision != second.book.revision


def test_a_file_of_the_same_size_and_time_is_another(folder: Path, watch: OrdersWatch) -> None:
    file = folder / "orders.toml"
    time.sleep(FINISHED_WITHIN_S)
    before = file.stat()
    file.write_text(orders(1).replace("limit_m = 500", "limit_m = 600"), encoding="utf-8")
    os.utime(file, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert file.stat().st_size == before.st_size
    separation = taken(watch).book.orders[0].separation
    assert separation is not None
    assert separation.limit_m == 600


def test_a_folder_that_is_put_in_place_by_a_link_is_taken(folder: Path, tmp_path: Path) -> None:
    other, link = tmp_path / "other", tmp_path / "link"
    other.mkdir()
    (other / "orders.toml").write_text(orders(3), encoding="utf-8")
    link.symlink_to(folder)
    watch = OrdersWatch(link)
    watch.start(revision(folder))
    (tmp_path / "new").symlink_to(other)
    (tmp_path / "new").replace(link)
    assert len(taken(watch).book.orders) == 3
    watch.stop()


def test_while_it_changes_nothing_is_read(folder: Path, watch: OrdersWatch) -> None:
    with capture_logs() as logs:
        until_s = time.monotonic() + 2
        while time.monotonic() < until_s:
            (folder / "orders.toml").write_text(f"[[ # {time.monotonic()}", encoding="utf-8")
            assert watch.take() is None
            time.sleep(0.01)
        (folder / "orders.toml").write_text(orders(2), encoding="utf-8")
        assert len(taken(watch).book.orders) == 2
    assert logs == []


@pytest.mark.parametrize("loss", ["emptied", "moved away", "a subfolder"])
def test_a_folder_that_loses_its_orders_is_refused_until_they_are_back(
    folder: Path, watch: OrdersWatch, loss: str
) -> None:
    away = folder.with_name("away")
    with capture_logs() as logs:
        if loss == "moved away":
            folder.rename(away)
        elif loss == "emptied":
            (folder / "orders.toml").rename(away)
        else:
            (folder / "more").mkdir()
            (folder / "more" / "more.toml").write_text(orders(1), encoding="utf-8")
        wait_for(lambda: watch.faults == 1, "the fault", 10)
        time.sleep(2)
        assert watch.faults == 1
        if loss == "moved away":
            away.rename(folder)
        elif loss == "emptied":
            away.rename(folder / "orders.toml")
        else:
            (folder / "more" / "more.toml").unlink()
        wait_for(lambda: watch.faults == 0, "an end of it", 10)
        assert watch.take() is None
    assert [line["event"].partition(":")[0] for line in logs] == [
        "a fault in the orders",
        "the new orders are refused",
        "the orders in the folder are those that were taken before",
    ], "said once, though it is looked at again and again"


def test_a_refused_folder_is_read_again_though_it_looks_the_same(
    folder: Path, watch: OrdersWatch, monkeypatch: pytest.MonkeyPatch
) -> None:
    look = watch_module.look_at
    monkeypatch.setattr(watch_module, "look_at", lambda _: "the same")
    (folder / "orders.toml").write_text("[[", encoding="utf-8")
    watch.ask()
    wait_for(lambda: watch.faults == 1, "the fault", 10)
    (folder / "orders.toml").write_text(orders(2), encoding="utf-8")
    assert len(taken(watch).book.orders) == 2
    assert look(folder) != "the same"


def test_many_faults_are_cut_short(folder: Path, watch: OrdersWatch) -> None:
    with capture_logs() as logs:
        (folder / "orders.toml").write_text(orders(200).replace("limit_m = 500", "limit_m = 0"), encoding="utf-8")
        wait_for(lambda: len(logs) == watch_module.FAULTS_TOLD + 1, "the faults", 10)
    assert watch.faults == 200
    assert logs[-1]["faults"] == 200


def test_an_unforeseen_error_costs_a_look_and_not_the_thread(
    folder: Path, watch: OrdersWatch, monkeypatch: pytest.MonkeyPatch
) -> None:
    failed: list[Path] = []

    def fail_once(found: Path) -> tuple[Orders | None, tuple[()]]:
        if not failed:
            failed.append(found)
            raise ZeroDivisionError("at 52.513579, 4.123456")
        return read_folder(found)  # type: ignore[return-value]

    monkeypatch.setattr(watch_module, "read_folder", fail_once)
    with capture_logs() as logs:
        (folder / "orders.toml").write_text(orders(2), encoding="utf-8")
        assert len(taken(watch).book.orders) == 2
    assert [line["kind"] for line in logs] == ["ZeroDivisionError"]
    assert "52.5" not in repr(logs)


def test_a_broker_that_does_not_take_the_users_is_given_them_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kept_broker, "AGAIN_AFTER_MS", 100)
    broker = KeptBroker(Settings(state_dir=tmp_path), book("a"))
    server = broker.start()
    file = tmp_path / "broker" / "credentials.json"
    good = file.read_bytes()
    try:
        with capture_logs() as logs:
            file.write_bytes(b"{")
            broker.follow(book("b"))
            wait_for(lambda: any(line["log_level"] == "error" for line in logs), "the failure", 10)
            broker.keep_up()
            file.write_bytes(good)
            wait_for(lambda: _kept_up(broker, logs, "b"), "the users", 10)
        assert Visitor(Place(server.host, server.port, {}), "device/a", "what").answer == "Not authorized"
        assert b"device/b" in file.read_bytes()
        newest: OrderBook = book("c")
        broker.follow(book("d"))
        broker.follow(newest)
        wait_for(lambda: _kept_up(broker, logs, "c") or b"device/c" in file.read_bytes(), "the newest", 10)
        assert b"device/d" not in file.read_bytes()
    finally:
        broker.stop()


def _kept_up(broker: KeptBroker, logs: list[MutableMapping[str, Any]], device: str) -> bool:
    broker.keep_up()
    return any(f"'{device}'" in str(line.get("revision")) for line in logs)
