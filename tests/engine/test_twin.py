# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The victim-proximity monitor authors
"""A twin that knows nothing of arrays, compiled code or `next_due` tells the same of every half-hour."""

from collections.abc import Iterable
from functools import cache

import numba
import pytest

from proximity.engine.trouble import TROUBLES
from proximity.model.incidents import Transition
from tests.engine.scenes import LENGTH_S, START_MS, half_hour, play, with_losses
from tests.engine.twin import Told
from tests.engine.twin_wishes import WishingTwin

ALL_SCENES = 300
# interpreted and bounds-checked kernels (`make test`) are slow, and their branches are covered by few scenes
MODES = vars(numba.config)
SCENES = 8 if MODES["DISABLE_JIT"] else 40 if MODES["BOUNDSCHECK"] == 1 else ALL_SCENES
BATCH = 25
NEIGHBOURS, LONG_S = 61, 5400  # a scene in which a warning stands for half an hour, and then comes nearer
SLOW_MODE = pytest.mark.skipif(SCENES < ALL_SCENES, reason="too few scenes in this mode of numba")
ROW_CAUSES = ("first_judgement", "limit_crossed", "confirmed", "uncontradicted", "passed", "apart", "order_changed")
LINK_CAUSES = ("last_known_place", "approaching", "command")
BLIND_CAUSES = ("stale", "coarse", "off_wearer", "ruled_out", "order_changed")


@pytest.fixture(autouse=True)
def of_the_present(monkeypatch: pytest.MonkeyPatch) -> None:
    """The twin judges the present; of late fixes it knows that they say nothing of it (test_late)."""
    monkeypatch.setattr("proximity.engine.step.judge_late", lambda *_: [])


def told(transitions: Iterable[Transition]) -> list[Told]:
    return [
        Told(
            transition.at_ms, transition.incident.id, transition.incident.seq, str(transition.change),
            int(transition.incident.level), int(transition.previous_level), int(transition.incident.possible_level),
            None if transition.incident.certainty is None else str(transition.incident.certainty),
            str(transition.incident.cause), int(transition.incident.severity), transition.incident.acknowledged,
            transition.incident.folded_into,
        )
        for transition in transitions
    ]  # fmt: skip


def ordered(lines: Iterable[Told]) -> list[Told]:
    return sorted(lines, key=lambda line: (line.at_ms, line.incident, line.seq))


@pytest.mark.parametrize("first", range(0, SCENES, BATCH))
def test_the_twin_tells_the_same(first: int) -> None:
    for seed in range(first, min(first + BATCH, SCENES)):
        played = play(half_hour(seed))
        expected = WishingTwin().run(played.steps, START_MS + LENGTH_S * 1000)
        assert ordered(told(played.transitions)) == ordered(expected), f"scene {seed}"


@pytest.mark.parametrize("first", range(0, SCENES // 3, BATCH))
def test_the_twin_tells_the_same_when_the_service_is_deaf_now_and_then(first: int) -> None:
    for seed in range(first, min(first + BATCH, SCENES // 3)):
        played = play(with_losses(half_hour(seed), seed))
        expected = WishingTwin().run(played.steps, START_MS + LENGTH_S * 1000)
        assert ordered(told(played.transitions)) == ordered(expected), f"scene {seed}"


@SLOW_MODE
def test_the_twin_tells_the_same_of_neighbours() -> None:
    played = play(half_hour(NEIGHBOURS, LONG_S), until_s=LONG_S)
    expected = WishingTwin().run(played.steps, START_MS + LONG_S * 1000)
    assert ordered(told(played.transitions)) == ordered(expected)
    assert {"near_steady", "nearer"} <= {line.cause for line in expected}


@cache
def shown() -> frozenset[tuple[str, str | None, str]]:
    """What all scenes show: kind, zone and cause of every transition."""
    return frozenset(
        (str(one.incident.kind), one.incident.zone, str(one.incident.cause))
        for seed in range(SCENES)
        for one in play(half_hour(seed)).transitions
    )


@SLOW_MODE
def test_the_scenes_show_every_rule() -> None:
    seen = {(kind, cause) for kind, _, cause in shown()}
    for kind in ("separation", "zone"):
        for cause in ROW_CAUSES:
            assert (kind, cause) in seen
    for cause in LINK_CAUSES:
        assert ("separation", cause) in seen
    for cause in BLIND_CAUSES:
        assert ("blind", cause) in seen
    troubles = {str(trouble.cause) for trouble in TROUBLES} | {str(trouble.ended) for trouble in TROUBLES}
    for cause in troubles - {"left_at_home", "taken_along", "unjudged", "nothing_more"}:  # that takes hours
        assert ("device", cause) in seen


@SLOW_MODE
def test_the_scenes_show_area_wide_zones_coming_and_going() -> None:
    seen = {(zone, cause) for _, zone, cause in shown()}
    for zone in ("shelter", "station"):
        for cause in (
            "first_judgement",
            "limit_crossed",
            "confirmed",
            "uncontradicted",
            "passed",
            "apart",
            "order_changed",
        ):
            assert (zone, cause) in seen
