# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The victim-proximity monitor authors
"""The twin tells the same of half-hours in which zones must be stayed in, and zones and separations have hours."""

from random import Random

import pytest
from msgspec.structs import replace

from proximity.engine.snapshot import pack, unpack
from proximity.model.inputs import Revision
from proximity.model.orders import Hours, Order, OrderBook, Schedule
from proximity.model.words import ZoneKind
from proximity.settings.time_zones import offsets_of
from tests.engine.scenes import LENGTH_S, START_MS, Step, half_hour, play
from tests.engine.test_twin import ordered, told
from tests.engine.twin_wishes import WishingTwin

SCENES = 120
BATCH = 20
ZONE = "Europe/Amsterdam"
THURSDAY, START_MIN = 3, 22 * 60 + 26  # a scene begins on a Thursday at 22:26:40
NOTHING: tuple[Hours, ...] = ()


def draw_schedule(chance: Random) -> Schedule | None:
    """Some minutes of the scene, more than once, touching or not; or the evening, or none; or always."""
    if chance.random() < 0.3:
        return None
    hours = set()
    for _ in range(chance.choice((0, 1, 1, 2, 3))):
        begins = START_MIN + chance.randrange(-20, 31)
        hours.add(Hours(begins, begins + chance.choice((1, 5, 10, 400, 1440))))
    days = [NOTHING] * 7
    days[THURSDAY] = tuple(sorted(hours))
    return Schedule(ZONE, tuple(days))


def with_schedules(book: OrderBook, chance: Random) -> OrderBook:
    """The same orders, some of their zones turned round, some with hours."""

    def changed(order: Order) -> Order:
        zones = tuple(
            replace(zone, kind=chance.choice((ZoneKind.EXCLUSION, ZoneKind.INCLUSION)), schedule=draw_schedule(chance))
            for zone in order.zones
        )
        separation = order.separation and replace(order.separation, schedule=draw_schedule(chance))
        return replace(order, zones=zones, separation=separation)

    orders = tuple(changed(order) for order in book.orders)
    return replace(book, orders=orders, time_zones=(offsets_of(ZONE),))


def scene(seed: int) -> list[Step]:
    chance = Random(seed)
    return [
        Step(given.now_ms, tuple(
            replace(one, book=with_schedules(one.book, chance)) if isinstance(one, Revision) else one
            for one in given.inputs
        ))
        for given in half_hour(seed)
    ]  # fmt: skip


@pytest.fixture(autouse=True)
def only_the_present(monkeypatch: pytest.MonkeyPatch) -> None:
    """The twin judges the present; of late fixes it knows that they say nothing of it (test_late)."""
    monkeypatch.setattr("proximity.engine.step.judge_late", lambda *_: [])


@pytest.mark.parametrize("first", range(0, SCENES, BATCH))
def test_the_twin_tells_the_same(first: int) -> None:
    for seed in range(first, first + BATCH):
        played = play(scene(seed))
        expected = WishingTwin().run(played.steps, START_MS + LENGTH_S * 1000)
        assert ordered(told(played.transitions)) == ordered(expected), f"scene {seed}"


def test_the_scenes_show_every_rule() -> None:
    seen: set[tuple[str, bool, str]] = set()
    for seed in range(SCENES):
        seen |= {
            (str(one.incident.kind), one.incident.inclusion, str(one.incident.cause))
            for one in play(scene(seed)).transitions
        }
    for cause in ("first_judgement", "limit_crossed", "confirmed", "apart", "schedule", "order_changed"):
        assert ("zone", True, cause) in seen
        assert ("zone", False, cause) in seen
        assert ("separation", False, cause) in seen


def test_skipping_what_is_not_due_and_restarting_change_nothing() -> None:
    for seed in range(12):
        steps = scene(seed)
        expected = play(steps).transitions
        assert play(steps, every_second=True).transitions == expected, f"scene {seed}"
        assert play(steps, before=lambda state: unpack(pack(state))).transitions == expected, f"scene {seed}"
