# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The victim-proximity monitor authors
"""Every scene at once against the real service over MQTT, and once more through replay: the same transitions."""

import asyncio
from collections.abc import Iterable, Sequence
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


STRANGER = "proximity/v1/devices/somebody-else/status"


def as_it_came(steps: Sequence[Stored]) -> dict[str, list[bytes]]:
    """What the service wrote down of each scene's devices, as traces that begin when the orders came into force."""
    first = msgspec.json.encode({"received_at": utc_text(steps[0].now_ms), "topic": STRANGER, "payload": {}})
    traces = {scene: [first] for scene in SCENES}
    scene_of = {
        topic(device): scene
        for scene in SCENES
        for device in (names_of(scene).wearer, names_of(scene).protected)
        for topic in (fix_topic, status_topic)
    }
    for step in steps:
        for given in step.inputs:
            if scene := scene_of.get(given.topic):
                content = msgspec.Raw(given.payload)
                line = {"received_at": utc_text(step.now_ms), "topic": given.topic, "payload": content}
                traces[scene].append(msgspec.json.encode(line))
    return traces


def replayed(trace: Iterable[bytes], scene: str, staged: Staged) -> list[Heard]:
    documents = orders(staged.limits, staged.cadences, names_of(scene), utc_text(staged.begins_ms))
    return [one for one in map(read_event, replay_trace(trace, scene, message_of(documents), 60)) if one.loud]


def until(heard: Sequence[Heard], end_ms: int) -> list[Heard]:
    return [one for one in heard if one.at_ms < end_ms]


def rises(heard: Sequence[Heard], end_ms: int) -> list[tuple[str, int]]:
    return [(one.change, one.level) for one in heard if one.kind == "separation" and one.at_ms < end_ms]


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_the_service_and_replay_tell_the_same_of_every_scene(tmp_path: Path) -> None:
    scenes = {name: play(name, SEED) for name in SCENES}
    told = asyncio.run(play_live(tmp_path, scenes, SPEED, lambda _now_ms: None))
    journal = Journal(tmp_path / "state" / FILE, read_only=True)
    steps = list(journal.steps())
    journal.close()
    traces = as_it_came(steps)
    as_planned = 0
    for name, staged in scenes.items():
        last_ms = max(one.at_ms for one in (*staged.day.wearer, *staged.day.protected))
        own = [one for one in told if one.about.startswith(f"{name}:")]
        again = replayed(traces[name], name, staged)
        assert until(own, last_ms) == until(again, last_ms), name
        planned = [one for one in hear_staged(staged, names_of(name)) if one.loud]
        assert own or not planned, f"{name} should tell something"
        as_planned += rises(own, last_ms) == rises(planned, last_ms)
    assert as_planned >= MOST * len(scenes)
