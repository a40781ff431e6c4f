# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The victim-proximity monitor authors
"""Recorded tracks: their rows as fixes, and as a trace for `proximity replay`."""

import csv
import gzip
import heapq
from collections.abc import Iterable, Iterator, Mapping
from itertools import pairwise
from pathlib import Path
from typing import Final

import msgspec
from msgspec import Struct

from proximity.model.units import Millis
from simulators.devices.fixes import DeviceFix, Payload, payload, utc_ms, utc_text
from simulators.devices.topics import fix_topic

FOLDER: Final = Path(__file__).parent / "recordings"
RECORDINGS: Final[Mapping[str, Path]] = {
    "utrecht1": FOLDER / "ssi_open_geodata-Utrecht1-2024-06-08.csv.gz",
    "utrecht2": FOLDER / "ssi_open_geodata-Utrecht2-2024-06-08.csv.gz",
}
FROM_MS: Final = utc_ms("2024-06-08T15:58:28Z")  # both tracks exist between these two instants
UNTIL_MS: Final = utc_ms("2024-06-08T17:48:06Z")


class TraceLine(Struct, frozen=True):
    """One line of a trace (DESIGN 4.5)."""

    received_at: str
    topic: str
    payload: Payload


def read_recording(path: Path, from_ms: Millis = FROM_MS, until_ms: Millis = UNTIL_MS) -> list[DeviceFix]:
    """The rows between two instants, both included, as they are: in order, duplicates and repeated times too."""
    with gzip.open(path, "rt", encoding="utf-8", newline="") as file:
        rows = [
            DeviceFix(utc_ms(row["timestamp"]), float(row["latitude"]), float(row["longitude"]))
            for row in csv.DictReader(file)
        ]
    return [fix for fix in rows if from_ms <= fix.fixed_at_ms <= until_ms]


def recorded_pair() -> dict[str, list[DeviceFix]]:
    """The two Dutch tracks while both exist, by device id."""
    return {device: read_recording(path) for device, path in RECORDINGS.items()}


def to_trace(tracks: Mapping[str, Iterable[DeviceFix]]) -> Iterator[bytes]:
    """Every fix as a line received when it was fixed; merged by time, at one time in the order of the mapping."""
    encoder = msgspec.json.Encoder()
    streams = [_of_device(device, fixes) for device, fixes in tracks.items()]
    for device, fix in heapq.merge(*streams, key=lambda item: item[1].fixed_at_ms):
        yield encoder.encode(TraceLine(utc_text(fix.fixed_at_ms), fix_topic(device), payload(fix))) + b"\n"


def _of_device(device: str, fixes: Iterable[DeviceFix]) -> Iterator[tuple[str, DeviceFix]]:
    for fix in fixes:
        yield device, fix


def gaps(fixes: Iterable[DeviceFix], longer_than_ms: Millis) -> list[tuple[Millis, Millis]]:
    """The instants between which nothing came for longer than that: the last fix before, the first after."""
    times = [fix.fixed_at_ms for fix in fixes]
    return [(last, first) for last, first in pairwise(times) if first - last > longer_than_ms]
