# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The victim-proximity monitor authors
"""Every scene at once against the real service over MQTT, and once more through replay: the same transitions."""

import asyncio
from collections.abc import Iterator, Sequence
from pathlib import Path

import msgspec
import pytest

from proximity.service.journal import FILE, Journal, Stored
from proximity.service.replay import replay_trace
from simulators.devices.fixes import utc_text
from simulators.devices.topics import fix_topic, status_topic
from simulators.scores.judged import Heard, message_of, orders, read_event
from simulators.staged.live import names_of, play_live
from simulators.staged.outcomes import hear_staged
from simulators.staged.scenes import SCENES, play
from simulators.staged.street import Staged

SPEED = 240.0
SEED = 1
MOST = 0.8  # of the scenes rise just as planned, though messages come some seconds of engine time later


def as_it_came(steps: Sequence[Stored], scene: str) -> Iterator[bytes]:
    """What the service wrote down of a scene's devices, as a trace."""
    names = names_of(scene)
    own = {topic(device) for device in (names.wearer, names.protected) for topic in (fix_topic, status_topic)}
    for step in steps:
        for given in step.inputs:
            if given.topic in own:
                content = msgspec.Raw(given.payload)
                line = {"received_at": utc_text(step.now_ms), "topic": given.topic, "payload": content}
                yield msgspec.json.encode(line)


def replayed(steps: Sequence[Stored], scene: str, staged: Staged) -> list[Heard]:
    documents = orders(staged.limits, staged.cadences, names_of(scene), utc_text(staged.begins_ms))
    lines = replay_trace(as_it_came(steps, scene), scene, message_of(documents), 60)
    return [one for one in map(read_event, lines) if one.loud]


def until(heard: Sequence[Heard], end_ms: int) -> list[tuple[object, ...]]:
    """What is told but for blindness: who was not heard yet is blind since the orders came, later in replay."""
    return [
        (one.at_ms, one.about, one.change, one.level, one.cause)
        for one in heard
        if one.at_ms < end_ms and one.kind != "blind"
    ]


def rises(heard: Sequence[Heard], end_ms: int) -> list[tuple[str, int]]:
    return [(one.change, one.level) for one in heard if one.kind == "separation" and one.at_ms < end_ms]


@pytest.mark.slow
@pytest.mark.timeout(1200)
def test_the_service_and_replay_tell_the_same_of_every_scene(tmp_path: Path) -> None:
    scenes = {name: play(name, SEED) for name in SCENES}
    told = asyncio.run(play_live(tmp_path, scenes, SPEED, lambda _now_ms: None))
    journal = Journal(tmp_path / "state" / FILE, read_only=True)
    steps = list(journal.steps())
    journal.close()
    as_planned = 0
    for name, staged in scenes.items():
        last_ms = max(one.at_ms for one in (*staged.day.wearer, *staged.day.protected))
        own = [one for one in told if one.about.startswith(f"{name}:")]
        again = replayed(steps, name, staged)
        assert until(own, last_ms) == until(again, last_ms), name
        assert own, "every scene tells something, if only of silence"
        planned = [one for one in hear_staged(staged, names_of(name)) if one.loud]
        as_planned += rises(own, last_ms) == rises(planned, last_ms)
    assert as_planned >= MOST * len(scenes)
