# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The victim-proximity monitor authors
"""How often devices are asked to report (docs/wanted.md): by arithmetic, and by the twin."""

from collections.abc import Callable, Sequence
from math import inf, nan

import numba
import pytest
from msgspec.structs import replace

from proximity.engine.snapshot import pack, unpack
from proximity.engine.state import State, new_parties, new_rows, new_wishes, numbers_of, wish_numbers_of
from proximity.geo.world import compile_world
from proximity.kernels.columns import NEVER_MS, records_of
from proximity.kernels.wanted import HOUR_MS, asks_within_s, keep_short
from proximity.model.inputs import Input, Revision
from proximity.model.judging import Judging, Wanting
from proximity.model.orders import Device, OrderBook, Party
from proximity.model.words import DeviceKind
from tests.engine.scenes import HOME, LENGTH_S, SHELTER, START_MS, Step, book_of, fix, half_hour, order, play
from tests.engine.twin_wishes import WishingTwin

HEARD_MS = 2**61  # the device has just been heard
MODES = vars(numba.config)
SCENES = 2 if MODES["DISABLE_JIT"] else 4 if MODES["BOUNDSCHECK"] == 1 else 12
LONG_S = 5400
PLAIN = Wanting()
TIGHT = Wanting(granted_s=300.0, hold_s=60.0)
SHORT = (15_000, 15_000)
TAG, PHONE = (60_000, 100_000), (15_000, 15_000)  # of w-1 and p-1, as they declare
Wished = list[tuple[float, str, int, int]]


def with_numbers(scene: Sequence[Step], wanting: Wanting) -> list[Step]:
    """The scene under other settings."""

    def changed(given: Input) -> Input:
        return replace(given, judging=Judging(wanted=wanting)) if isinstance(given, Revision) else given

    return [Step(step.now_ms, tuple(map(changed, step.inputs))) for step in scene]


@pytest.mark.parametrize(
    ("wanting", "length_s", "seeds"),
    [
        (PLAIN, LENGTH_S, range(SCENES)),
        (TIGHT, LENGTH_S, range(SCENES)),
        (Wanting(shortest_s=40.0, granted_s=2500.0, hold_s=200.0, back_intervals=4.0), LONG_S, range(1 + SCENES // 20)),
    ],
)
def test_the_twin_asks_the_same(wanting: Wanting, length_s: int, seeds: range) -> None:
    shown: set[str] = set()
    for seed in seeds:
        scene = with_numbers(half_hour(seed, length_s), wanting)
        played = play(scene, until_s=length_s)
        twin = WishingTwin(wanting)
        twin.run(played.steps, START_MS + length_s * 1000)
        own = [(at_ms, wish.device, wish.interval_ms, wish.rest_interval_ms) for at_ms, wish in played.wishes]
        assert sorted(own) == sorted(twin.wishes), f"scene {seed}"
        shortest_ms = round(wanting.shortest_s * 1000)
        shown |= {"cleared" if rest_ms == 0 else "short" if rest_ms <= shortest_ms else "back"
                  for _, _, _, rest_ms in own}  # fmt: skip
    assert shown >= ({"short", "back", "cleared"} if len(seeds) > 8 else {"short"})


def test_what_is_told_of_incidents_does_not_change_by_wishes() -> None:
    scene = half_hour(3)
    with_wishes, without = play(scene), play(with_numbers(scene, Wanting(granted_s=0.0)))
    assert with_wishes.wishes
    assert without.wishes == []
    assert with_wishes.transitions == without.transitions


def walk(
    his: Sequence[tuple[int, float, float]], hers: Sequence[int], *, ends_s: int | None = None,
    wanting: Wanting = PLAIN, until_s: int = LENGTH_S, before: Callable[[State], State] = lambda state: state,
) -> Wished:  # fmt: skip
    """What is asked when he is so far east of her at (s, m, m/s), who stands still and says so at some seconds.

    The limits are 500 and 1000 m.
    """
    ends_ms = None if ends_s is None else START_MS + ends_s * 1000
    begin = Step(START_MS, (Revision(book_of(order(valid_until_ms=ends_ms)), Judging(wanted=wanting)),))
    steps: dict[int, list[Input]] = {}
    for at_s, east_m, speed_mps in his:
        steps.setdefault(at_s, []).append(fix("ank-1", at_s, east_m, speed_mps=speed_mps))
    for at_s in hers:
        steps.setdefault(at_s, []).append(fix("vic-1", at_s, 0.0, speed_mps=0.0))
    scene = [begin, *(Step(START_MS + at_s * 1000, tuple(steps[at_s])) for at_s in sorted(steps))]
    wishes = play(scene, until_s=until_s, before=before).wishes
    return [((at - START_MS) / 1000, one.device, one.interval_ms, one.rest_interval_ms) for at, one in wishes]


EVERY_MINUTE = range(1, LENGTH_S, 60)


def test_it_is_asked_when_he_could_be_there_before_he_reports_again() -> None:
    # both sigmas 10 m: the nearest is 1.96 x 14.1 = 27.7 m nearer than the distance; at 10 m/s he covers 600 m a minute
    # of 500 + 27.7 + 600 = 1128 m; his level is warning from 1000 m on, so 1180 m asks nothing and 1120 m does
    assert walk([(1, 1180.0, 10.0)], [1], until_s=50) == []
    assert walk([(1, 1120.0, 10.0)], [1], until_s=50) == [(1.0, "ank-1", *SHORT)]  # hers is 15 s already
    assert walk([(1, 1120.0, 0.0)], [1], until_s=50) == []  # at rest


def test_it_goes_back_when_nobody_has_wanted_it_for_two_minutes() -> None:
    # 1120 m at 10 m/s is 59 s; 1300 m is 77 s, less than 1.5 intervals; 2000 m is 147 s
    near = [(1, 1120.0, 10.0), (61, 1300.0, 10.0), (121, 2000.0, 10.0)]
    away = [(at_s, 5000.0 + at_s, 10.0) for at_s in range(181, 600, 60)]
    assert walk(near + away, EVERY_MINUTE, until_s=590) == [(1.0, "ank-1", *SHORT), (241.0, "ank-1", *TAG)]


def test_an_hour_grants_so_much() -> None:
    # within the limit from second 1 on: an incident; 600 s are granted of each hour
    inside = [(at_s, 100.0, 0.0) for at_s in range(1, 4700, 60)]
    wanting = Wanting(granted_s=600.0)
    expected = [(1.0, SHORT), (601.0, TAG), (3601.0, SHORT), (4201.0, TAG)]
    asked = walk(inside, range(1, 4700, 60), wanting=wanting, until_s=4700)
    assert [(at_s, (moving_ms, rest_ms)) for at_s, _, moving_ms, rest_ms in asked] == expected


def test_the_topic_is_cleared_when_the_order_ends() -> None:
    inside = [(at_s, 100.0, 0.0) for at_s in range(1, 400, 60)]
    assert walk(inside, EVERY_MINUTE, ends_s=300, until_s=400) == [(1.0, "ank-1", *SHORT), (300.0, "ank-1", 0, 0)]


def test_who_falls_silent_is_asked_and_so_is_the_other() -> None:
    # he is 3 km away and drives; after 200 s (two resting intervals) he is stale: 14 m/s x 200 s is over 2.5 km
    book = OrderBook(
        "sha256:s",
        (Party("p-1", (Device("vic-1", DeviceKind.PHONE, 60.0, 60.0),)),
         Party("w-1", (Device("ank-1", DeviceKind.TAG, 60.0, 100.0),))),
        (order(),),
    )  # fmt: skip
    begin = Step(START_MS, (Revision(book, Judging()),))
    hers = [Step(START_MS + at_s * 1000, (fix("vic-1", at_s, 0.0, speed_mps=0.0),)) for at_s in range(1, 400, 60)]
    first = Step(START_MS + 1000, (*hers[0].inputs, fix("ank-1", 1, 3000.0, speed_mps=0.3)))
    played = play([begin, first, *hers[1:]], until_s=400)
    assert [((at - START_MS) / 1000, one.device) for at, one in played.wishes] == [(201.0, "vic-1"), (201.0, "ank-1")]


def test_a_device_that_is_in_the_orders_no_more_is_asked_for_nothing() -> None:
    inside = (fix("ank-1", 1, 100.0), fix("vic-1", 1, 0.0))
    others = OrderBook("sha256:n", book_of(order()).parties[:1], ())
    steps = [
        Step(START_MS, (Revision(book_of(order()), Judging()),)), Step(START_MS + 1000, inside),
        Step(START_MS + 5500, (Revision(others, Judging()),)),
    ]  # fmt: skip
    asked = [(at - START_MS, one.device, one.interval_ms) for at, one in play(steps, until_s=10).wishes]
    assert asked == [(1000, "ank-1", 15_000), (5500, "ank-1", 0)]


def test_more_than_fit_into_a_step_wait_for_the_next_second() -> None:
    parties = tuple(
        Party(f"{who}-{n}", (Device(f"{who}-{n}", DeviceKind.TAG, 60.0, 60.0),)) for who in "pw" for n in "1234"
    )
    book = OrderBook(
        "sha256:m", parties,
        tuple(order(f"o-{n}", wearers=(f"w-{n}",), protected=(f"p-{n}",)) for n in "1234"),
    )  # fmt: skip
    inside = tuple(fix(party.id, 1, 100.0) for party in parties)
    steps = [Step(START_MS, (Revision(book, Judging(wanted=Wanting(at_most=3))),)), Step(START_MS + 1500, inside)]
    waiting: list[int] = []

    def look(state: State) -> State:
        waiting.append(state.wishes_waiting)
        return state

    played = play(steps, until_s=10, before=look)
    assert [(at - START_MS, one.device) for at, one in played.wishes] == [
        (1500, "p-1"), (1500, "p-2"), (1500, "p-3"), (2000, "p-4"), (2000, "w-1"), (2000, "w-2"), (3000, "w-3"),
        (3000, "w-4"),
    ]  # fmt: skip
    assert [count for count in waiting if count] == [5, 2]


def test_what_is_asked_outlives_a_restart() -> None:
    inside = [(at_s, 100.0, 0.0) for at_s in range(1, 1200, 60)]
    plain = walk(inside, EVERY_MINUTE, wanting=TIGHT, until_s=1200)
    packed = walk(inside, EVERY_MINUTE, wanting=TIGHT, until_s=1200, before=lambda state: unpack(pack(state)))
    assert plain == packed == [(1.0, "ank-1", *SHORT), (301.0, "ank-1", *TAG)]


def test_the_short_interval_goes_on_into_the_next_hour() -> None:
    numbers = wish_numbers_of(Wanting(granted_s=3600.0))
    wishes = new_wishes(1)
    wishes.wanted[0] = wishes.served[0] = True
    assert keep_short(0, START_MS, START_MS, HEARD_MS, wishes, numbers) == START_MS + HOUR_MS
    later_ms = START_MS + 5 * HOUR_MS + 1000
    assert keep_short(0, later_ms, later_ms, HEARD_MS, wishes, numbers) == START_MS + 6 * HOUR_MS
    assert (wishes.short[0], wishes.hour_ms[0], wishes.spent_ms[0]) == (True, START_MS + 5 * HOUR_MS, 0)
    wishes.wanted[0], wishes.idle_ms[0] = False, later_ms
    assert keep_short(0, later_ms, later_ms, HEARD_MS, wishes, numbers) == later_ms + 120_000
    over_ms = later_ms + 120_000
    assert keep_short(0, over_ms, over_ms, HEARD_MS, wishes, numbers) == NEVER_MS
    assert (wishes.short[0], wishes.spent_ms[0]) == (False, 121_000)


def test_who_is_not_heard_for_an_hour_is_granted_no_more_until_it_is() -> None:
    numbers = wish_numbers_of(Wanting(granted_s=1800.0))
    wishes = new_wishes(1)
    wishes.wanted[0] = wishes.served[0] = True
    heard_ms, half_ms = START_MS - 1, START_MS + HOUR_MS // 2
    assert keep_short(0, START_MS, START_MS, heard_ms, wishes, numbers) == half_ms
    assert keep_short(0, half_ms, half_ms, heard_ms, wishes, numbers) == START_MS + HOUR_MS
    for later_ms in (START_MS + HOUR_MS, START_MS + 9 * HOUR_MS):
        assert keep_short(0, later_ms, later_ms, heard_ms, wishes, numbers) == NEVER_MS
        assert not wishes.short[0]
    assert keep_short(0, later_ms, later_ms, later_ms - 500, wishes, numbers) == later_ms + HOUR_MS // 2
    assert wishes.short[0]


def test_a_rest_that_is_shorter_than_it_must_hold_waits_for_the_next_hour() -> None:
    numbers = wish_numbers_of(Wanting(granted_s=300.0, hold_s=60.0))
    wishes = new_wishes(1)
    wishes.wanted[0] = wishes.served[0] = True
    wishes.hour_ms[0], wishes.spent_ms[0] = START_MS, 240_001
    now_ms = START_MS + 1_000_000
    assert keep_short(0, now_ms, now_ms, HEARD_MS, wishes, numbers) == START_MS + HOUR_MS
    assert not wishes.short[0]
    wishes.spent_ms[0] = 240_000
    assert keep_short(0, now_ms, now_ms, HEARD_MS, wishes, numbers) == now_ms + 60_000
    assert wishes.short[0]


@pytest.mark.parametrize(
    ("soonest_s", "level", "quiet", "asks"),
    [(-1.0, 0, False, inf), (-1.0, 1, False, 0.0), (40.0, 1, True, 40.0), (nan, 0, False, 0.0), (40.0, 0, False, 40.0)],
)
def test_unknown_asks_at_once(soonest_s: float, level: int, asks: float, *, quiet: bool) -> None:
    parties, rows = new_parties(compile_world(book_of(order())), numbers_of(Judging())), new_rows(1)
    rows.soonest_s[0], rows.level[0], rows.quiet[0] = soonest_s, level, quiet
    assert asks_within_s(0, 0, 1, records_of(parties), records_of(rows)) == asks


def test_a_zone_for_everybody_asks_only_while_he_is_near_it() -> None:
    # 950 m from the boundary of one, 1510 m from that of the other, at 33 m/s: less than a minute
    for own in (True, False):
        book = replace(
            book_of(order(separation=None, zones=(HOME,) if own else ())), area_zones=() if own else (SHELTER,)
        )
        begin = Step(START_MS, (Revision(book, Judging()),))
        asked = play([begin, Step(START_MS + 1000, (fix("ank-1", 1, 1400.0, speed_mps=33.0),))], until_s=5).wishes
        assert bool(asked) is own
