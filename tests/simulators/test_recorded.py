# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The victim-proximity monitor authors
import gzip
import hashlib
import json
from collections.abc import Sequence

import numpy as np
import pytest
from numpy.typing import NDArray
from pyproj import Geod

from simulators.devices.fixes import DeviceFix, utc_ms
from simulators.devices.recorded import (
    FOLDER,
    FROM_MS,
    RECORDINGS,
    UNTIL_MS,
    gaps,
    read_recording,
    recorded_pair,
    to_trace,
)


def test_the_files_are_what_their_source_says() -> None:
    source = (FOLDER / "SOURCE.md").read_text()
    for path in RECORDINGS.values():
        assert hashlib.sha256(gzip.decompress(path.read_bytes())).hexdigest() in source
    assert "EUROPEAN UNION PUBLIC LICENCE v. 1.2" in (FOLDER / "LICENSE.md").read_text()


def test_rows_are_kept_as_they_are() -> None:
    for path in RECORDINGS.values():
        lines = gzip.decompress(path.read_bytes()).decode().splitlines()[1:]
        inside = [
            line.split(",") for line in lines if "2024-06-08T15:58:28Z" <= line.split(",")[1] <= "2024-06-08T17:48:06Z"
        ]
        fixes = read_recording(path)
        assert [(repr(fix.lat_deg), repr(fix.lon_deg)) for fix in fixes] == [
            (repr(float(row[2])), repr(float(row[3]))) for row in inside
        ]
        times = [fix.fixed_at_ms for fix in fixes]
        assert len(set(times)) < len(times), "repeated timestamps are part of the recording"
        assert all(fix.accuracy_m is None for fix in fixes)


def test_the_second_phone_is_silent_four_times() -> None:
    clock = [
        ("17:12:02", "17:19:07"), ("17:20:05", "17:24:02"), ("17:35:51", "17:40:46"), ("17:41:03", "17:47:02"),
    ]  # fmt: skip
    on_the_day = [tuple(utc_ms(f"2024-06-08T{at}Z") for at in gap) for gap in clock]
    assert gaps(recorded_pair()["utrecht2"], 120_000) == on_the_day
    assert gaps(recorded_pair()["utrecht1"], 120_000) == []


def seconds(fixes: Sequence[DeviceFix], times_ms: NDArray[np.int64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    at = [fix.fixed_at_ms for fix in fixes]
    return np.interp(times_ms, at, [f.lon_deg for f in fixes]), np.interp(times_ms, at, [f.lat_deg for f in fixes])


@pytest.mark.parametrize(
    ("threshold_m", "leaves", "back"),
    [(500, "16:11:51", "17:46:08"), (1000, "16:12:34", "17:42:04"), (2000, "16:15:00", "17:24:04")],
)
def test_they_part_and_meet_when_the_table_of_the_data_says(threshold_m: float, leaves: str, back: str) -> None:
    times_ms = np.arange(FROM_MS, UNTIL_MS + 1, 1000, dtype=np.int64)
    pair = recorded_pair()
    lon1, lat1 = seconds(pair["utrecht1"], times_ms)
    lon2, lat2 = seconds(pair["utrecht2"], times_ms)
    apart_m = np.asarray(Geod(ellps="WGS84").inv(lon1, lat1, lon2, lat2)[2])
    beyond = times_ms[apart_m > threshold_m]
    assert beyond[0] == pytest.approx(utc_ms(f"2024-06-08T{leaves}Z"), abs=2000)
    assert beyond[-1] == pytest.approx(utc_ms(f"2024-06-08T{back}Z"), abs=2000)
    assert apart_m.max() == pytest.approx(12_647, abs=1)


def test_the_trace_has_every_fix_of_both_sorted_by_the_time_it_is_received() -> None:
    pair = recorded_pair()
    lines = [json.loads(line) for line in to_trace(pair)]
    assert [line["received_at"] for line in lines] == sorted(line["received_at"] for line in lines)
    assert (lines[0]["received_at"], lines[-1]["received_at"]) == ("2024-06-08T15:58:28Z", "2024-06-08T17:48:06Z")
    for device, fixes in pair.items():
        own = [line for line in lines if line["topic"] == f"proximity/v1/devices/{device}/fix"]
        assert [(f["payload"]["lat"], f["payload"]["lon"]) for f in own] == [(f.lat_deg, f.lon_deg) for f in fixes]
        assert all(line["payload"]["fixed_at"] == line["received_at"] for line in own)
        assert all(set(line["payload"]) == {"fixed_at", "lat", "lon", "source"} for line in own)
    assert len(lines) == sum(len(fixes) for fixes in pair.values())
