# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The victim-proximity monitor authors
"""Late fixes by example (docs/judgement.md, section 14), worked out by hand.

As in test_rules: limits are 1000, 500 and 150 m, devices say that they stand still, a distance has a standard deviation
of 14.1 m, so 400 m is certainly within the limit and 3000 m is apart from everything.
"""

from collections.abc import Iterable, Sequence
from random import Random

import pytest

from proximity.engine.snapshot import pack, unpack
from proximity.model.incidents import Episode, Transition
from proximity.model.inputs import Fix, Input, Revision
from proximity.model.judging import Judging
from proximity.model.orders import Order
from proximity.model.words import Cause, Certainty, Change, Level, Severity
from tests.engine.scenes import START_MS, Played, Step, book_of, fix, order, play

LINK = "separation:w-1_p-1"
AREA = "zone:w-1_home"
FAR_M = 3000.0
STILL = {"speed_mps": 0.0}
Arrival = tuple[float, Fix]


def at(second: float) -> int:
    return START_MS + round(second * 1000)


def phone(until_s: int, every_s: int = 60) -> list[Arrival]:
    """Her fixes, in the middle of the scene, in time."""
    return [(second, fix("vic-1", second, 0.0, **STILL)) for second in range(0, until_s + 1, every_s)]


def tag(*spots: tuple[float, float], **facts: float) -> list[Fix]:
    """His fixes: (seconds, metres from her)."""
    return [fix("ank-1", second, east_m, **(STILL | facts)) for second, east_m in spots]


def in_time(fixes: Iterable[Fix]) -> list[Arrival]:
    return [((one.fixed_at_ms - START_MS) / 1000, one) for one in fixes]


def all_at(second: float, fixes: Iterable[Fix]) -> list[Arrival]:
    return [(second, one) for one in fixes]


def steps_of(arrivals: Iterable[Arrival], *others: tuple[float, Input], orders: Sequence[Order] = ()) -> list[Step]:
    given: dict[int, list[Input]] = {at(-0.5): [Revision(book_of(*(orders or (order(),))), Judging())]}
    for second, one in (*arrivals, *others):
        given.setdefault(at(second), []).append(one)
    return [Step(now_ms, tuple(inputs)) for now_ms, inputs in sorted(given.items())]


def run(
    arrivals: Iterable[Arrival], *others: tuple[float, Input], until_s: float, orders: Sequence[Order] = ()
) -> Played:  # fmt: skip
    return play(steps_of(arrivals, *others, orders=orders), until_s=until_s)


def of_rows(played: Played) -> list[Transition]:
    """What is told of links and zones, but for blindness."""
    return [one for one in played.transitions if one.incident.kind in ("separation", "zone")]


def late_of(played: Played) -> list[tuple[float, str, str, str]]:
    """Seconds since the start, subject, change and level of what is told late."""
    return [
        (
            (one.at_ms - START_MS) / 1000,
            ":".join(one.incident.id.split(":")[1:3]),
            str(one.change),
            one.incident.level.word,
        )
        for one in of_rows(played)
        if one.late
    ]


HOURS_6 = 21_600
VISIT_S = range(7800, 8401, 60)  # in the third hour he is at 400 m
STORED = tag(*((second, 400.0 if second in VISIT_S else FAR_M) for second in range(60, HOURS_6 + 1, 60)))
VISIT = Episode(at(7800), at(8460), at(7800), Level.BREACH, certain=True)  # the first fix that shows them apart again
BEFORE = in_time(tag((0, FAR_M)))


def test_a_breach_in_the_third_of_six_stored_hours_is_told_once() -> None:
    played = run(phone(HOURS_6 + 60) + BEFORE + all_at(HOURS_6 + 30, STORED), until_s=HOURS_6 + 2000)
    assert late_of(played) == [
        (HOURS_6 + 30, LINK, "opened", "breach"), (HOURS_6 + 1830, LINK, "resolved", "clear")
    ]  # fmt: skip
    opened, resolved = (one for one in of_rows(played))
    assert opened.episode == VISIT
    assert opened.incident.id == f"o-1:{LINK}:{at(HOURS_6 + 30)}"
    assert (opened.incident.severity, opened.incident.certainty) == (Severity.MAJOR, Certainty.CERTAIN)
    assert opened.evidence.expected_m == pytest.approx(400.0, abs=1e-3)
    assert opened.evidence.probability == pytest.approx(1.0, abs=1e-6)  # 100 m are 7 standard deviations
    assert resolved.incident.cause is Cause.NOTHING_MORE
    assert not played.state.rows.level.any()


def test_the_same_fixes_in_time_are_told_then_and_not_again() -> None:
    played = run(phone(HOURS_6) + BEFORE + in_time(STORED), until_s=HOURS_6)
    told = of_rows(played)
    assert [(one.at_ms, str(one.change), one.late) for one in told] == [
        (at(7800), "opened", False), (at(8580), "resolved", False)  # 120 s after 8460
    ]  # fmt: skip


@pytest.mark.parametrize("seed", range(4))
def test_stored_fixes_in_any_order_and_batches_show_the_same(seed: int) -> None:
    chance = Random(seed)
    mixed = chance.sample(STORED[:-1], len(STORED) - 1)
    if seed % 2:  # in order, but in pieces
        mixed.sort(key=lambda one: one.fixed_at_ms)
    cuts = sorted(chance.sample(range(1, len(mixed)), 3))
    batches = [mixed[begin:end] for begin, end in zip([0, *cuts], [*cuts, len(mixed)], strict=True)]
    chance.shuffle(batches)
    arrivals = phone(HOURS_6 + 60) + BEFORE + in_time(STORED[-1:])
    for number, batch in enumerate(batches):
        arrivals += all_at(HOURS_6 + 10 + number, batch)
    played = run(arrivals, until_s=HOURS_6 + 60)
    told = of_rows(played)
    assert {one.incident.id for one in told} == {told[0].incident.id}
    assert told[0].incident.late
    assert told[-1].incident.episodes == (VISIT,)
    assert [one.change for one in told].count(Change.OPENED) == 1
    assert Change.RAISED not in [one.change for one in told]


def test_a_duplicate_late_batch_changes_nothing() -> None:
    once = phone(HOURS_6 + 60) + BEFORE + all_at(HOURS_6 + 30, STORED)
    one, other = (run(arrivals, until_s=HOURS_6 + 60) for arrivals in (once, once + all_at(HOURS_6 + 31, STORED)))
    assert one.transitions == other.transitions
    assert other.state.counts.refused == {"duplicate": len(STORED)}


def test_a_snapshot_between_the_batches_changes_nothing() -> None:
    arrivals = phone(HOURS_6 + 60) + BEFORE
    arrivals += all_at(HOURS_6 + 30, STORED[1::2]) + all_at(HOURS_6 + 31, STORED[::2])
    steps = steps_of(arrivals)
    plain = play(steps, until_s=HOURS_6 + 2000)
    packed = play(
        steps, until_s=HOURS_6 + 2000,
        before=lambda state: unpack(pack(state)) if state.now_ms > at(HOURS_6) else state,
    )  # fmt: skip
    assert plain.transitions == packed.transitions
    assert late_of(plain)
    assert pack(plain.state) == pack(packed.state)


def test_where_the_other_party_was_not_known_nothing_is_judged() -> None:
    hers = [(second, one) for second, one in phone(7200) if second >= 3600]
    his = tag(*((second, 100.0) for second in range(600, 1201, 60)))
    played = run(in_time(tag((0, FAR_M), (7100, FAR_M))) + hers + all_at(7110, his), until_s=7200)
    assert late_of(played) == []
    assert (played.state.counts.late, played.state.counts.alone) == (len(his), 1)
