# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The victim-proximity monitor authors
"""Floods (decision 0017): one incident for what has one cause, and nobody forgotten when it is over."""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from random import Random
from typing import Final

import numba
import numpy as np
import pytest
from msgspec.structs import replace

from proximity.engine.deaf import Hearing, deaf_since_ms, lose, resume
from proximity.engine.snapshot import pack, unpack
from proximity.model.incidents import Evidence, Extent, Share
from proximity.model.inputs import Acknowledgement, Connection, Fix, Input, OrdersFaults, Revision, Status
from proximity.model.judging import Judging
from proximity.model.orders import Device, OrderBook, Party, Separation
from proximity.model.words import QUIET_CHANGES, DeviceKind, Kind, StatusEvent
from tests.engine.scenes import (
    REGION,
    START_MS,
    SUPERVISOR,
    Played,
    Step,
    book_of,
    fix,
    half_hour,
    order,
    play,
    with_losses,
)

LINKS: Final = 100 if vars(numba.config)["DISABLE_JIT"] else 5000
SUPERVISORS: Final = 5
# Every device is a phone that reports once a minute, moving or not: it is stale at 120 s, silent at 180 s (0012).
STALE_S, SILENT_S = 120, 180
# 3 km apart at a limit of 500 m: both stale, they may have gone 28 m/s, so a breach is possible from 90 s on.
APART_M = 3000.0
SEPARATION = Separation(limit_m=500.0, warning_m=1000.0, emergency_m=150.0, reaction_s=480.0)
BLIND_S = STALE_S + STALE_S  # doubt for as long again


def many(links: int) -> tuple[OrderBook, list[Fix]]:
    """An order for each of so many links of one wearer and one protected person, and where all of them are."""
    names = [f"{number:04}" for number in range(links)]
    parties = [
        Party(f"{role}-{name}", (Device(f"{role}-{name}", DeviceKind.PHONE, 60.0, 60.0),))
        for role in "pw"
        for name in names
    ]
    orders = [
        order(
            f"o-{name}", supervisor=f"team-{int(name) % SUPERVISORS}", wearers=(f"w-{name}",), protected=(f"p-{name}",),
            separation=SEPARATION,
        )
        for name in names
    ]  # fmt: skip
    here, there = fix("", 0, 0.0), fix("", 0, APART_M)
    fixes = [replace(place, device=f"{role}-{name}") for role, place in (("p", here), ("w", there)) for name in names]
    return OrderBook("sha256:many", tuple(parties), tuple(orders)), fixes


def at(at_s: float, *inputs: Input) -> Step:
    return Step(START_MS + round(at_s * 1000), inputs)


def heard(at_s: float, fixes: Iterable[Fix], but: frozenset[str] = frozenset()) -> Step:
    """All of them report, but for some."""
    fixed_ms = START_MS + round(at_s * 1000)
    return Step(fixed_ms, tuple(replace(one, fixed_at_ms=fixed_ms) for one in fixes if one.device not in but))


def minutes(first_s: int, last_s: int, fixes: Iterable[Fix], but: frozenset[str] = frozenset()) -> list[Step]:
    return [heard(at_s, fixes, but) for at_s in range(first_s, last_s + 1, 60)]


def together(steps: Iterable[Step]) -> list[Step]:
    """In the order of time; what comes at one instant is one step."""
    merged: dict[int, tuple[Input, ...]] = {}
    for now_ms, inputs in steps:
        merged[now_ms] = (*merged.get(now_ms, ()), *inputs)
    return [Step(now_ms, merged[now_ms]) for now_ms in sorted(merged)]


def begin(book: OrderBook) -> Step:
    return Step(START_MS - 500, (Revision(book, Judging()),))


def loud(played: Played) -> list[tuple[float, str, str, str]]:
    """Seconds since the start, what it is about, change and cause of what people are told."""
    return [
        ((one.at_ms - START_MS) / 1000, ":".join(one.incident.id.split(":")[1:3]), str(one.change),
         str(one.incident.cause))
        for one in played.transitions
        if not one.folded and one.change not in QUIET_CHANGES
    ]  # fmt: skip


def of(played: Played, kind: Kind) -> Counter[tuple[str, bool]]:
    """How often a kind of incident changes how, folded or not."""
    return Counter((str(one.change), one.folded) for one in played.transitions if one.incident.kind is kind)


# ages that stand still


@pytest.mark.parametrize(
    ("changes", "spans"),
    [
        ([(100, False)], [(100, None)]),
        ([(100, False), (130, False), (200, True), (205, True)], [(100, 210)]),
        ([(100, False), (200, True), (209, False), (300, True)], [(100, 310)]),
        ([(100, False), (200, True), (210, False)], [(100, None)]),
        ([(100, False), (200, True), (211, False), (212, True)], [(100, 210), (211, 222)]),
        ([(100, True)], []),
    ],
)
def test_ages_stand_still_while_nobody_is_heard_and_for_10_s_more(
    changes: list[tuple[int, bool]], spans: list[tuple[int, int | None]]
) -> None:
    hearing = Hearing()
    for at_s, connected in changes:
        hearing = resume(hearing, at_s, 10) if connected else lose(hearing, at_s)
    assert [(begins, None if ends > 10**9 else ends) for begins, ends in hearing.spans] == spans
    for now in (99, 100, 150, 204, 210, 211, 216, 400):
        since = np.arange(420)
        plain = [
            sum(any(begins <= second and (ends is None or second < ends) for begins, ends in spans)
                for second in range(first, now))
            for first in since
        ]  # fmt: skip
        assert deaf_since_ms(hearing, since, now).tolist() == plain


def test_the_oldest_of_many_losses_is_forgotten_so_that_ages_are_longer_and_not_shorter() -> None:
    hearing = Hearing()
    for number in range(40):
        hearing = resume(lose(hearing, 1000 * number), 1000 * number + 100, 10)
    assert len(hearing.spans) == 32
    assert deaf_since_ms(hearing, np.array([0]), 10**6).tolist() == [32 * 110]


# five thousand links


def test_ten_minutes_without_the_broker_are_one_incident_and_who_does_not_come_back_is_told() -> None:
    """Heard last at 120 s, lost at 130 s, back at 730 s: ages are 10 s until 740 s, and run on from there."""
    book, fixes = many(LINKS)
    away = frozenset({"w-0001", "w-0002", "p-0002", "p-0003"})
    played = play(
        [
            begin(book), *minutes(0, 120, fixes), at(130, Connection(connected=False)),
            at(730, Connection(connected=True)), *minutes(735, 1035, fixes, away),
        ],
        until_s=1080,
    )  # fmt: skip
    silent_s, blind_s = 740.0 + SILENT_S - 10, 740.0 + BLIND_S - 10
    assert loud(played) == [
        (135.0, "system:connection", "opened", "disconnected"),
        (740.0, "system:connection", "resolved", "reconnected"),
        *((silent_s, f"device:{device}", "opened", "silent") for device in sorted(away)),
        *((blind_s, f"blind:w-{name}_p-{name}", "opened", "stale") for name in ("0001", "0002", "0003")),
    ]
    (opened,) = (one.extent for one in played.transitions if one.incident.cause == "disconnected")
    share = LINKS // SUPERVISORS
    shares = tuple(Share("rotterdam", f"team-{number}", 2 * share, share) for number in range(SUPERVISORS))
    assert opened == Extent(links=LINKS, devices=2 * LINKS, of_devices=2 * LINKS, shares=shares)


def test_a_network_that_fails_behind_the_broker_is_one_incident_and_who_does_not_come_back_is_told() -> None:
    book, fixes = many(LINKS)
    away = frozenset({"w-0001", "w-0002", "p-0002", "p-0003"})
    played = play([begin(book), *minutes(0, 120, fixes), *minutes(600, 660, fixes, away)], until_s=700)
    assert of(played, Kind.DEVICE) == {
        ("opened", True): 2 * LINKS, ("resolved", True): 2 * LINKS - 4, ("raised", False): 4,
    }  # fmt: skip
    # the three links are one each, for each blames others
    assert of(played, Kind.BLIND) == {
        ("opened", True): LINKS, ("resolved", True): LINKS - 3, ("raised", False): 3,
    }  # fmt: skip
    assert loud(played) == [
        (120.0 + SILENT_S, "system:devices", "opened", "mass_silence"),
        *((600.0, f"device:{device}", "raised", "silent") for device in ("w-0001", "p-0002", "w-0002", "p-0003")),
        *((600.0, f"blind:w-{name}_p-{name}", "raised", "stale") for name in ("0002", "0001", "0003")),
        (600.0, "system:devices", "resolved", "mass_heard"),
    ]
    (opened,) = (one for one in played.transitions if one.incident.cause == "mass_silence")
    share = LINKS // SUPERVISORS
    shares = tuple(Share("rotterdam", f"team-{number}", 2 * share, share) for number in range(SUPERVISORS))
    assert opened.extent == Extent(links=LINKS, devices=2 * LINKS, of_devices=2 * LINKS, shares=shares)
    assert {one.incident.folded_into for one in played.transitions if one.folded} == {opened.incident.id}
    assert all(incident.folded_into is None for incident in played.state.incidents.values())


# how many, how soon


def told_of_silence(devices: Sequence[int], links: int, spread_s: float = 0.0) -> list[tuple[str, int]]:
    """Change and number of devices of what is told where so many fall silent together, one group after another."""
    book, fixes = many(links)
    steps, gone = [begin(book)], 0
    for group, number in enumerate(devices):
        steps.append(heard(group * spread_s, fixes[gone : gone + number]))
        gone += number
    played = play(together([*steps, *minutes(1, 600, fixes[gone:])]), until_s=600)
    return [
        (str(one.change), 0 if one.extent is None else one.extent.devices or 0)
        for one in played.transitions
        if one.incident.kind is Kind.SYSTEM
    ]


@pytest.mark.parametrize(
    ("devices", "links", "spread_s", "told"),
    [
        ([20], 30, 0, []),  # not more than 20
        ([21], 30, 0, [("opened", 21)]),
        ([25], 250, 0, []),  # 5 % of 500 are 25: not more
        ([26], 250, 0, [("opened", 26)]),
        ([15, 15], 30, 59, [("opened", 30)]),
        ([15, 15], 30, 60, []),  # not within 60 s
        ([21, 20], 60, 30, [("opened", 21)]),  # 41 are less than twice 21
        ([21, 21], 60, 30, [("opened", 21), ("raised", 42)]),
        ([21, 21, 42], 60, 30, [("opened", 21), ("raised", 42), ("raised", 84)]),
    ],
)
def test_more_than_20_and_5_percent_within_60_s_and_twice_as_many_again(
    devices: list[int], links: int, spread_s: float, told: list[tuple[str, int]]
) -> None:
    assert told_of_silence(devices, links, spread_s) == told


def test_who_was_heard_since_the_flood_began_is_told_by_himself() -> None:
    book, fixes = many(30)
    late = frozenset({"w-0015"})  # reports until 360 s: stale at 480 s, silent at 540 s, and none of the flood's
    flood = frozenset(one.device for one in fixes[:40])
    steps = [begin(book), heard(0, fixes), *minutes(60, 360, fixes, flood), *minutes(420, 900, fixes, flood | late)]
    assert loud(play(steps, until_s=900)) == [
        (180.0, "system:devices", "opened", "mass_silence"),
        (480.0, "blind:w-0015_p-0015", "raised", "stale"),  # hers was folded; now it is his as well
        (540.0, "device:w-0015", "opened", "silent"),
    ]


def test_what_is_more_than_silence_is_told_in_a_flood() -> None:
    book, fixes = many(30)
    flood = frozenset(one.device for one in fixes[:40])
    cut = Status("p-0003", StatusEvent.JAMMING, START_MS + 400_000)
    steps = together([begin(book), heard(0, fixes), *minutes(60, 600, fixes, flood), at(400.5, cut)])
    assert loud(play(steps, until_s=600)) == [
        (180.0, "system:devices", "opened", "mass_silence"), (400.5, "device:p-0003", "raised", "jamming")
    ]  # fmt: skip


# one silence, one alert


def one_wearer(*supervisors: str) -> tuple[OrderBook, list[Fix]]:
    """A wearer and one protected person more under each of several orders."""
    names = [f"p-{number}" for number in range(len(supervisors))]
    parties = tuple(Party(name, (Device(name, DeviceKind.PHONE, 60.0, 60.0),)) for name in [*names, "w-1"])
    orders = tuple(
        order(f"o-{name}", supervisor=supervisor, protected=(name,), separation=SEPARATION)
        for name, supervisor in zip(names, supervisors, strict=True)
    )
    return OrderBook("sha256:one", parties, orders), [fix("w-1", 0, APART_M), *(fix(name, 0, 0.0) for name in names)]


def blind_told(played: Played) -> list[tuple[float, str, str, str | None, int | None]]:
    return [
        ((one.at_ms - START_MS) / 1000, one.incident.order, str(one.change),
         one.incident.folded_into and one.incident.folded_into.split(":")[0],
         None if one.extent is None else one.extent.links)
        for one in played.transitions
        if one.incident.kind is Kind.BLIND
    ]  # fmt: skip


def test_the_blind_links_of_one_silent_device_are_one_alert_a_supervisor() -> None:
    """His last fix is at 0 s. At 250 s hers of o-p-0 ends as well; at 500 s he is back."""
    book, fixes = one_wearer("team-a", "team-a", "team-b", "team-a", "team-b")
    silent = frozenset({"w-1"})
    played = play(
        [begin(book), heard(0, fixes), *minutes(60, 240, fixes, silent), *minutes(300, 480, fixes, silent | {"p-0"}),
         *minutes(500, 560, fixes, frozenset({"p-0"}))],
        until_s=560,
    )  # fmt: skip
    # his reach is 14 m/s from 120 s on: 2,500 m at 179 s, and less by growth and accuracy; blind 120 s after the doubt
    opened = blind_told(played)[:5]
    (at_s,) = {line[0] for line in opened}
    assert 240 < at_s <= 179 + STALE_S
    assert opened == [
        (at_s, "o-p-0", "opened", None, 3),
        (at_s, "o-p-1", "opened", "o-p-0", None),
        (at_s, "o-p-2", "opened", None, 2),
        (at_s, "o-p-3", "opened", "o-p-0", None),
        (at_s, "o-p-4", "opened", "o-p-2", None),
    ]
    assert blind_told(played)[5:] == [
        (500.0, "o-p-1", "resolved", "o-p-0", None),
        (500.0, "o-p-2", "resolved", None, None),
        (500.0, "o-p-3", "resolved", "o-p-0", None),
        (500.0, "o-p-4", "resolved", "o-p-2", None),
    ]
    assert of(played, Kind.BLIND) == {
        ("opened", False): 2, ("opened", True): 3, ("resolved", True): 3, ("resolved", False): 1
    }  # fmt: skip
    assert {incident.order for incident in played.state.incidents.values() if incident.kind is Kind.BLIND} == {"o-p-0"}


def test_when_the_told_one_ends_the_next_one_is_told() -> None:
    """The order of the incident that is told ends while he is still silent."""
    book, fixes = one_wearer("team-a", "team-a", "team-a")
    ended = replace(book, revision="sha256:two", orders=book.orders[1:])
    silent = frozenset({"w-1"})
    steps = [begin(book), heard(0, fixes), *minutes(60, 600, fixes, silent), at(400.5, Revision(ended, Judging()))]
    played = play(together(steps), until_s=600)
    assert blind_told(played)[3:] == [
        (400.5, "o-p-0", "resolved", None, None),
        (400.5, "o-p-1", "raised", None, 2),
        (400.5, "o-p-2", "updated", "o-p-1", None),
    ]


# refused orders


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ([[OrdersFaults(0)]], []),
        ([[OrdersFaults(3)], [OrdersFaults(4)]], ["opened"]),
        ([[OrdersFaults(3)], [OrdersFaults(0)], [OrdersFaults(0)]], ["opened", "resolved"]),
        ([[OrdersFaults(0, place=2), OrdersFaults(3, place=1)]], []),
        ([[OrdersFaults(3, place=2), OrdersFaults(0, place=1)]], ["opened"]),
    ],
)
def test_refused_orders_are_one_incident_until_none_are(given: list[list[Input]], told: list[str]) -> None:
    book, _ = many(1)
    played = play([begin(book), *(at(second, *inputs) for second, inputs in enumerate(given))], until_s=10)
    assert [str(one.change) for one in played.transitions if one.incident.kind is Kind.SYSTEM] == told


# what holds of all that


def flooded(seed: int) -> list[Step]:
    """Thirty links of which most devices fall silent within a minute; some come back, sooner or later."""
    chance = Random(seed)
    book, fixes = many(30)
    steps: dict[int, list[Input]] = {START_MS - 500: list(begin(book).inputs)}
    phase_s = {one.device: chance.uniform(0, 60) for one in fixes}
    out = {one.device: chance.random() < 0.7 for one in fixes}
    for one in fixes:
        for number in range(20):
            at_s = phase_s[one.device] + 60 * number
            if out[one.device] and 200 < at_s < chance.choice((500, 800, 3000)):
                continue
            fixed_ms = START_MS + round(at_s * 10) * 100
            steps.setdefault(fixed_ms, []).append(replace(one, fixed_at_ms=fixed_ms))
    return [Step(now_ms, tuple(steps[now_ms])) for now_ms in sorted(steps)]


SCENES: Final[dict[str, Callable[[int], Sequence[Step]]]] = {
    "flooded": flooded,
    "deaf": lambda seed: with_losses(half_hour(seed), seed),
    "both": lambda seed: with_losses(flooded(seed), seed),
}


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("scene", SCENES)
def test_order_seconds_and_snapshots_change_nothing(scene: str, seed: int) -> None:
    steps, chance = SCENES[scene](seed), Random(seed)
    plain = play(steps, until_s=1500)
    permuted = [Step(now_ms, tuple(chance.sample(inputs, len(inputs)))) for now_ms, inputs in steps]
    others = (
        play(permuted, until_s=1500),
        play(steps, every_second=True, until_s=1500),
        play(steps, before=lambda state: unpack(pack(state)) if chance.random() < 0.3 else state, until_s=1500),
    )
    for other in others:
        assert other.transitions == plain.transitions
        assert pack(other.state) == pack(plain.state)


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("scene", ["flooded", "both"])
def test_orders_that_come_again_change_nothing(scene: str, seed: int) -> None:
    steps, chance = SCENES[scene](seed), Random(seed)
    again = [at(second, *steps[0].inputs) for second in chance.sample(range(100, 1400), 4)]
    revised, plain = play(together([*steps, *again]), until_s=1500), play(steps, until_s=1500)
    # but for evidence: that of an incident told at last is its row's last judgement, and orders have all rows judged
    assert [replace(one, evidence=Evidence()) for one in revised.transitions] == [
        replace(one, evidence=Evidence()) for one in plain.transitions
    ]


def test_the_scenes_show_floods_that_come_and_go() -> None:
    seen = Counter(
        str(one.incident.cause)
        for scene in ("flooded", "both")
        for seed in range(4)
        for one in play(SCENES[scene](seed), until_s=1500).transitions
    )
    assert {"mass_silence", "mass_heard", "disconnected", "reconnected"} <= set(seen)


def test_an_acknowledgement_in_the_step_that_ends_it_leaves_nothing_open() -> None:
    hers = [(at_s, fix("vic-1", at_s, 0.0, speed_mps=0.0)) for at_s in range(0, 2000, 15)]
    his = [(at_s, fix("ank-1", at_s, 5000.0 + at_s / 50, speed_mps=0.0)) for at_s in (0, 100, 600, 700)]
    given: dict[int, list[Input]] = {START_MS - 500: [Revision(book_of(order()), Judging())]}
    for at_s, one in hers + his:
        given.setdefault(START_MS + at_s * 1000, []).append(one)
    given[START_MS + 600_000].append(Acknowledgement(REGION, SUPERVISOR, "0", "anna"))
    played = play([Step(now_ms, tuple(inputs)) for now_ms, inputs in sorted(given.items())], until_s=1900)
    told = [(at_s, change) for at_s, subject, change, _, _ in played.told() if subject == "device:ank-1"]
    # silent after 2 x 100 + 60 s
    assert told == [(360, "opened"), (600, "acknowledged"), (600, "resolved"), (960, "opened")]
