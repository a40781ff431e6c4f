# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The victim-proximity monitor authors
"""Late fixes by example (docs/judgement.md, section 16), worked out by hand.

As in test_rules: limits are 1000, 500 and 150 m, devices say that they stand still, a distance has a standard deviation
of 14.1 m, so 400 m is certainly within the limit and 3000 m is apart from everything.
"""

from collections.abc import Iterable, Sequence
from math import nan
from random import Random

import pytest
from msgspec.structs import replace

from proximity.engine.snapshot import pack, unpack
from proximity.engine.then import Span, carry, is_out_of_reach
from proximity.model.incidents import Episode, Transition
from proximity.model.inputs import Acknowledgement, Fix, Input, Revision
from proximity.model.judging import Judging
from proximity.model.orders import Hours, Order, Schedule
from proximity.model.words import Cause, Certainty, Change, Level, Severity
from proximity.settings.time_zones import offsets_of
from tests.engine.scenes import HOME, REGION, SHELTER, START_MS, SUPERVISOR, Played, Step, book_of, fix, order, play

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


def test_a_repeat_changes_nothing_at_the_edge_of_the_history() -> None:
    """Of his two fixes before a stretch one is older than the history: it goes when he is heard, be it again."""
    now_s = 86_480
    his = in_time(tag((0, FAR_M), (100, FAR_M), (200, FAR_M)))
    again = (now_s - 1.0, his[-1][1])
    for arrivals, kept in ((his, 3), ([*his, again], 2)):
        state = run(arrivals + phone(120), until_s=now_s - 1).state
        wearer, protected = int(state.columns.wearer[0]), int(state.columns.protected[0])
        assert state.history.kept[state.world.device_ids.index("ank-1")] == kept
        for from_s, known in ((150, True), (100, False)):
            _, both = carry(state, [wearer, protected], Span(at(from_s), at(200)), at(now_s))
            assert both is known
        carried, _ = carry(state, [wearer, protected], Span(at(150), at(200)), at(now_s))
        assert carried.fixes.fixed_ms.tolist() == [at(100), at(120), at(200)]


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


LATE_S = range(600, 721, 60)


def test_what_reaches_into_an_open_incident_joins_it() -> None:
    """At 900 m in time, so at warning; stored fixes show that he was at 400 m meanwhile."""
    warned = tag(*((second, 900.0) for second in (*range(0, 541, 60), *range(780, 1501, 60))))
    stored = tag(*((second, 400.0) for second in LATE_S))
    played = run(phone(1500) + in_time(warned) + all_at(1000, stored), until_s=1500)
    told = of_rows(played)
    assert [(one.at_ms, str(one.change), one.incident.level, one.late) for one in told] == [
        (at(0), "opened", Level.WARNING, False), (at(1000), "raised", Level.WARNING, True)
    ]  # fmt: skip
    assert told[1].incident.id == told[0].incident.id
    assert told[1].incident.severity is Severity.MAJOR
    # the warning that was told is no news: only that it was a breach; it was a breach until he was seen at 900 m
    assert told[1].episode is not None
    assert (told[1].episode.level, told[1].episode.nearest_ms) == (Level.BREACH, at(600))
    assert played.state.rows.level[0] == Level.WARNING


def test_what_was_told_in_time_is_not_told_again() -> None:
    near = tag(*((second, 400.0) for second in range(0, 1501, 60)))
    overtaken = tag((630, 410.0), (750, 390.0))
    played = run(phone(1500) + in_time(near) + all_at(661, overtaken[:1]) + all_at(1400, overtaken[1:]), until_s=1500)
    assert [(one.at_ms, str(one.change)) for one in of_rows(played)] == [(at(0), "opened")]
    assert played.state.counts.late == 2


def test_what_goes_on_to_the_present_is_told_by_the_present() -> None:
    """Two fixes in one step confirm each other, at 990 m; the present judges the newer one, and tells in 20 s."""
    played = run(
        phone(200) + in_time(tag((0, 1500.0), (60, 1500.0))) + all_at(120, tag((100, 990.0), (120, 990.0))), until_s=170
    )
    assert [(one.at_ms, str(one.change), one.late) for one in of_rows(played)] == [(at(140), "opened", False)]


def test_what_is_apart_in_time_is_told_apart_under_one_id() -> None:
    visits = dict.fromkeys((*range(1200, 1321, 60), *range(3000, 3121, 60)), 400.0)
    stored = tag(*((second, visits.get(second, FAR_M)) for second in range(60, 5001, 60)))
    played = run(phone(5100) + BEFORE + all_at(5050, stored), until_s=5100)
    assert late_of(played) == [(5050, LINK, "opened", "breach"), (5050, LINK, "raised", "breach")]
    first, second = of_rows(played)
    assert first.incident.id == second.incident.id
    assert second.incident.seq == 2
    assert [(one.from_ms, one.until_ms) for one in second.incident.episodes] == [
        (at(1200), at(1380)), (at(3000), at(3180))
    ]  # fmt: skip


def test_a_late_episode_and_an_incident_of_the_present_never_have_one_id() -> None:
    """In one step he is seen here now, and to have been here an hour ago."""
    stored = tag(*((second, 400.0 if second in (1200, 1260) else FAR_M) for second in range(60, 4981, 60)))
    now = tag((5040, 400.0), (5045, 400.0))
    played = run(phone(5100) + BEFORE + all_at(5045, stored + now), until_s=5100)
    told = of_rows(played)
    assert [(str(one.change), one.incident.seq, one.late) for one in told] == [
        ("opened", 1, False), ("updated", 2, True)
    ]  # fmt: skip
    assert len({one.incident.id for one in told}) == 1
    assert told[1].episode == Episode(at(1200), at(1320), at(1200), Level.BREACH, certain=True)


def test_a_pass_between_late_fixes_counts() -> None:
    """From 1500 m east to 1500 m west of her in a minute: past her door, and at the door nobody saw him."""
    stored = tag((600, FAR_M), (660, 1500.0), (720, -1500.0), (780, -FAR_M))
    played = run(phone(1500) + in_time(tag((0, FAR_M), (1440, -FAR_M))) + all_at(1450, stored), until_s=1500)
    (told,) = of_rows(played)
    assert told.episode == Episode(at(720), at(720), at(720), Level.EMERGENCY, certain=False)
    assert told.evidence.expected_m is None
    assert told.incident.certainty is Certainty.PROBABLE


def test_a_zone_at_its_own_time() -> None:
    """The zone is round 200 m east with a radius of 250 m: 250 m east is 200 m inside."""
    stored = tag(*((second, 250.0 if second in LATE_S else FAR_M) for second in range(60, 1441, 60)))
    played = run(BEFORE + all_at(1450, stored), until_s=1500, orders=[order(separation=None, zones=(HOME,))])
    assert late_of(played) == [(1450, AREA, "opened", "breach")]
    (told,) = of_rows(played)
    assert told.episode == Episode(at(600), at(780), at(600), Level.BREACH, certain=True)
    assert told.evidence.expected_m == pytest.approx(-200.0, abs=0.01)
    assert told.evidence.high_m == pytest.approx(-200.0 + 1.96 * 10.0, abs=0.01)


@pytest.mark.parametrize(
    ("held", "begin_s"),
    [
        (order(), 600),
        (order(valid_from_ms=at(690)), 690),
        (order(valid_from_ms=at(800)), None),
        (order(valid_until_ms=at(590)), None),
    ],
)
def test_only_while_the_order_is_in_force(held: Order, begin_s: int | None) -> None:
    stored = tag(*((second, 400.0 if second in LATE_S else FAR_M) for second in range(60, 1441, 60)))
    played = run(phone(1500) + BEFORE + all_at(1450, stored), until_s=1500, orders=[held])
    begins = [one.episode.from_ms for one in of_rows(played) if one.episode is not None]
    assert begins == ([] if begin_s is None else [at(begin_s)])


def test_what_is_older_than_the_history_is_counted_and_told_of_its_device() -> None:
    day_s = 86_400
    old, older = tag((100, 400.0)), tag((99, 400.0))
    now_s = day_s + 100
    played = run([(now_s, one) for one in (*old, *older, *tag((now_s, FAR_M)))], until_s=now_s + 1900)
    assert (played.state.counts.unjudged, played.state.counts.accepted, played.state.counts.refused) == (1, 3, {})
    told = [one for one in played.transitions if one.incident.device == "ank-1" and Cause.UNJUDGED in
            (one.incident.cause, *one.incident.troubles)]  # fmt: skip
    assert told[0].at_ms == at(now_s)
    assert Cause.UNJUDGED in told[0].incident.troubles
    over = [one for one in played.transitions if one.at_ms == at(now_s + 1800) and one.incident.device == "ank-1"]
    assert [Cause.UNJUDGED in one.incident.troubles for one in over] == [False]


def test_a_supervisor_can_acknowledge_what_was_late_and_a_revision_leaves_it() -> None:
    arrivals = phone(HOURS_6 + 100) + BEFORE + all_at(HOURS_6 + 30, STORED)
    name = f"o-1:{LINK}:{at(HOURS_6 + 30)}"
    seen = (HOURS_6 + 40.0, Acknowledgement(REGION, SUPERVISOR, name, "anna"))
    revision = (HOURS_6 + 50.0, Revision(book_of(order(), name="b"), Judging(late_for_s=100.0)))
    again = (HOURS_6 + 60.0, STORED[3])
    played = run(arrivals, seen, revision, again, until_s=HOURS_6 + 200)
    told = [one for one in of_rows(played) if one.incident.id == name]
    assert [(one.at_ms, str(one.change), one.late) for one in told] == [
        (at(HOURS_6 + 30), "opened", True), (at(HOURS_6 + 40), "acknowledged", True),
        (at(HOURS_6 + 130), "resolved", True),  # by the new settings
    ]  # fmt: skip
    assert played.state.counts.refused == {"duplicate": 1}  # the history stays


@pytest.mark.parametrize(("until", "told_late"), [("22:50", True), ("22:35", False)])
def test_only_in_the_hours_of_a_schedule(until: str, *, told_late: bool) -> None:
    """The scene begins on a Thursday at 22:26:40 in Amsterdam; he is in the zone from 22:36:40 to 22:39:40."""
    hour, minute = map(int, until.split(":"))
    hours = (Hours(22 * 60, hour * 60 + minute),)
    schedule = Schedule("Europe/Amsterdam", (hours,) * 7)
    held = order(separation=None, zones=(replace(HOME, schedule=schedule),))
    book = replace(book_of(held), time_zones=(offsets_of("Europe/Amsterdam"),))
    stored = tag(*((second, 250.0 if second in LATE_S else FAR_M) for second in range(60, 3001, 60)))
    steps = steps_of(BEFORE + all_at(3010, stored))
    steps[0] = Step(steps[0].now_ms, (Revision(book, Judging()),))
    expected = [(3010, AREA, "opened", "breach")] if told_late else []
    assert late_of(play(steps, until_s=3020)) == expected


@pytest.mark.parametrize("seed", range(40))
def test_links_that_are_passed_over_would_have_shown_nothing(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Strangers some kilometres apart, at all paces: the same is told where every link is judged."""
    chance = Random(seed)
    apart_m, pace_mps = chance.choice((1200.0, 2500.0, 6000.0, 20_000.0)), chance.choice((0.0, 1.4, 14.0, 40.0))
    says = {"speed_mps": nan} if seed % 2 else {"speed_mps": pace_mps, "course_deg": 270.0}
    stored = [
        fix("ank-1", second, apart_m - pace_mps * abs(second % 300 - 150), chance.uniform(-5.0, 5.0), **says)
        for second in range(60, 901, 20)
    ]
    arrivals = phone(1000) + in_time(tag((0, apart_m))) + all_at(950, stored)
    told = run(arrivals, until_s=960).transitions
    passed_over = list[bool]()

    def never(*given: object) -> bool:
        passed_over.append(is_out_of_reach(*given))  # type: ignore[arg-type]
        return False

    monkeypatch.setattr("proximity.engine.then.is_out_of_reach", never)
    assert run(arrivals, until_s=960).transitions == told
    assert passed_over == [passed_over[0]]
    if passed_over[0]:
        assert not any(one.late for one in told)
    if apart_m == 20_000.0:
        assert passed_over[0] or pace_mps == 40.0  # 40 m/s for 495 s are 19.8 km, beside the limit of 1 km
    if apart_m == 1200.0:
        assert not passed_over[0] or pace_mps == 0.0


def test_an_area_wide_zone_that_he_was_in_and_is_not_near_now() -> None:
    """The shelter is round (-300, -200) with a radius of 200 m and a buffer of 150 m."""
    book = replace(book_of(order(separation=None)), area_zones=(SHELTER,))
    inside = [fix("ank-1", second, -300.0, -150.0, **STILL) for second in LATE_S]
    stored = [one for one in tag(*((second, FAR_M) for second in range(60, 1441, 60)))
              if (one.fixed_at_ms - START_MS) // 1000 not in LATE_S]  # fmt: skip
    steps = steps_of(BEFORE + all_at(1450, [*stored, *inside]))
    steps[0] = Step(steps[0].now_ms, (Revision(book, Judging()),))
    again = Revision(replace(book, revision="sha256:b"), Judging())
    played = play([*steps, Step(at(1500), (again,))], until_s=1600)
    assert late_of(played) == [(1450, "zone:w-1_shelter", "opened", "breach")]
    (told,) = of_rows(played)
    assert told.evidence.expected_m == pytest.approx(-150.0, abs=0.01)
    assert told.episode == Episode(at(600), at(780), at(600), Level.BREACH, certain=True)
    assert [one for one in played.state.incidents.values() if one.late] == [told.incident]  # the revision leaves it
    gone = play([*steps, Step(at(1500), (Revision(book_of(order(separation=None)), Judging()),))], until_s=1600)
    assert late_of(gone)[1:] == [(1500, "zone:w-1_shelter", "resolved", "clear")]


@pytest.mark.parametrize(("newest_m", "accuracy_m"), [(900.0, 5.0), (700.0, 600.0)])
def test_an_emergency_in_an_array_is_told_though_its_newest_fix_is_out_again(
    newest_m: float, accuracy_m: float
) -> None:
    array = tag((260, 700), (320, 60)) + tag((380, newest_m), accuracy_m=accuracy_m)
    around = tag((0, 1400), (100, 1400), (200, 1400), *((second, 1400) for second in range(440, 900, 100)))
    played = run(phone(900, 15) + in_time(around) + all_at(380, array), until_s=900)
    told = [one for one in of_rows(played) if one.late and one.change in (Change.OPENED, Change.RAISED)]
    assert [one.incident.severity for one in told] == [Severity.CRITICAL]
