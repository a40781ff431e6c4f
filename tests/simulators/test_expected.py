# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The victim-proximity monitor authors
import msgspec

from proximity.model.words import Level
from simulators.demo.expected import Expectation, compare
from simulators.live.alerts import Alert

ABOUT = "o:separation:w_p"


def alert(name: str, at_ms: int, change: str = "opened", level: Level = Level.WARNING, **other: str) -> Alert:
    told = Alert(
        id=name, about=ABOUT, kind="separation", change=change, level=level, certainty="certain", severity="minor",
        cause="limit_crossed", expected_m=450.0, text="", at_ms=at_ms, came_ms=at_ms + 500,
    )  # fmt: skip
    return msgspec.structs.replace(told, **other)


def expectation(from_ms: int, until_ms: int, *changes: str, at_least: Level = Level.WARNING) -> Expectation:
    return Expectation(
        what="it", about=ABOUT, changes=frozenset(changes), at_least=at_least, from_ms=from_ms, due_ms=from_ms,
        until_ms=until_ms,
    )  # fmt: skip


def test_what_comes_in_its_window_is_met_with_its_lateness() -> None:
    verdict = compare([expectation(1000, 2000, "opened")], [alert("a", 1500)])
    assert verdict.passed
    assert verdict.outcomes[0].late_s == 1.0  # came at 2,000 ms, due at 1,000 ms


def test_both_ends_of_a_window_belong_to_it() -> None:
    for at_ms, met in ((999, False), (1000, True), (2000, True), (2001, False)):
        assert compare([expectation(1000, 2000, "opened")], [alert("a", at_ms)]).passed is met


def test_what_never_comes_fails() -> None:
    verdict = compare([expectation(0, 9, "opened")], [])
    assert not verdict.passed
    assert verdict.outcomes[0].alert is None
    assert verdict.outcomes[0].late_s is None


def test_another_change_level_subject_or_cause_is_not_what_was_expected() -> None:
    wanted = expectation(0, 9, "raised", at_least=Level.BREACH)
    assert not wanted.fits(alert("a", 5, "opened", Level.BREACH))
    assert not wanted.fits(alert("a", 5, "raised", Level.WARNING))
    assert not wanted.fits(alert("a", 5, "raised", Level.BREACH, about="o:separation:w_q"))
    assert wanted.fits(alert("a", 5, "raised", Level.BREACH))
    silent = msgspec.structs.replace(wanted, cause="silent")
    assert not silent.fits(alert("a", 5, "raised", Level.BREACH))
    assert silent.fits(alert("a", 5, "raised", Level.BREACH, cause="silent"))


def test_a_highest_level_holds_too() -> None:
    wanted = msgspec.structs.replace(expectation(0, 9, "opened"), at_most=Level.WARNING)
    assert compare([wanted], [alert("a", 5)]).passed
    assert not compare([wanted], [alert("a", 5, level=Level.BREACH)]).passed


def test_of_several_the_first_in_the_window_counts_else_the_nearest() -> None:
    alerts = [alert("early", 100), alert("first", 1200), alert("second", 1300)]
    found = compare([expectation(1000, 2000, "opened")], alerts).outcomes[0].alert
    assert found is not None
    assert found.id == "first"
    outside = compare([expectation(3000, 4000, "opened")], alerts).outcomes[0]
    assert outside.alert is not None
    assert outside.alert.id == "second"
    assert not outside.met


def test_an_alert_that_skips_a_level_meets_both() -> None:
    wanted = [expectation(0, 9, "opened"), expectation(0, 9, "opened", "raised", at_least=Level.BREACH)]
    assert compare(wanted, [alert("a", 5, level=Level.BREACH)]).passed


def test_an_incident_too_many_fails_and_is_named() -> None:
    verdict = compare([expectation(0, 9, "opened")], [alert("a", 5), alert("b", 7)])
    assert not verdict.passed
    assert [alert.id for alert in verdict.unexpected] == ["b"]


def test_a_device_incident_too_many_is_not_counted_against_it() -> None:
    extra = alert("b", 7, kind="device", about="o:device:d")
    assert compare([expectation(0, 9, "opened")], [alert("a", 5), extra]).passed


def test_what_meets_one_expectation_is_not_shown_as_a_miss_of_another() -> None:
    verdict = compare([expectation(0, 9, "opened"), expectation(100, 109, "opened")], [alert("a", 5)])
    assert [outcome.met for outcome in verdict.outcomes] == [True, False]
    assert verdict.outcomes[1].alert is None
