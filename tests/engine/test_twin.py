# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The victim-proximity monitor authors
"""A twin that knows nothing of arrays, compiled code or `next_due` tells the same of every half-hour."""

from collections.abc import Iterable

import pytest

from proximity.engine.trouble import TROUBLES
from proximity.model.incidents import Transition
from tests.engine.scenes import LENGTH_S, START_MS, half_hour, play
from tests.engine.twin import Told, Twin

SCENES = 300
BATCH = 25


def told(transitions: Iterable[Transition]) -> list[Told]:
    return [
        Told(
            transition.at_ms, transition.incident.id, transition.incident.seq, str(transition.change),
            int(transition.incident.level), int(transition.previous_level), int(transition.incident.possible_level),
            None if transition.incident.certainty is None else str(transition.incident.certainty),
            str(transition.incident.cause), int(transition.incident.severity), transition.incident.acknowledged,
        )
        for transition in transitions
    ]  # fmt: skip


def ordered(lines: Iterable[Told]) -> list[Told]:
    return sorted(lines, key=lambda line: (line.at_ms, line.incident, line.seq))


@pytest.mark.parametrize("first", range(0, SCENES, BATCH))
def test_the_twin_tells_the_same(first: int) -> None:
    for seed in range(first, first + BATCH):
        played = play(half_hour(seed))
        expected = Twin().run(played.steps, START_MS + LENGTH_S * 1000)
        assert ordered(told(played.transitions)) == ordered(expected), f"scene {seed}"


def test_the_scenes_show_every_rule() -> None:
    seen: set[tuple[str, str]] = set()
    for seed in range(SCENES):
        seen |= {(str(one.incident.kind), str(one.incident.cause)) for one in play(half_hour(seed)).transitions}
    for kind in ("separation", "zone"):
        for cause in ("first_judgement", "limit_crossed", "confirmed", "uncontradicted", "apart", "order_changed"):
            assert (kind, cause) in seen
    troubles = {str(trouble.cause) for trouble in TROUBLES} | {str(trouble.ended) for trouble in TROUBLES}
    for cause in troubles - {"left_at_home", "taken_along"}:  # that takes hours
        assert ("device", cause) in seen


def test_the_scenes_show_area_wide_zones_coming_and_going() -> None:
    seen: set[tuple[str | None, str]] = set()
    for seed in range(SCENES):
        seen |= {(one.incident.zone, str(one.incident.cause)) for one in play(half_hour(seed)).transitions}
    for zone in ("shelter", "station"):
        for cause in ("first_judgement", "limit_crossed", "confirmed", "apart", "order_changed"):
            assert (zone, cause) in seen
