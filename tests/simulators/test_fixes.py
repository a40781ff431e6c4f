# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The victim-proximity monitor authors
import json

import pytest

from simulators.devices.fixes import DeviceFix, messages, utc_ms, utc_text

AT_MS = 1717867444000  # 2024-06-08T17:24:04Z, by `date -u -d @1717867444`


def some(count: int) -> list[DeviceFix]:
    return [DeviceFix(AT_MS + n * 1000, 51.1234567890123, 4.1234567890123, 8.5, 1.3, 120.0, n) for n in range(count)]


def test_a_fix_is_written_as_the_contract_says() -> None:
    [(count, message)] = messages([DeviceFix(AT_MS, 51.9225, 4.47917, 8.5, 1.3, 120.0, 4711)])
    assert count == 1
    assert json.loads(message) == {
        "fixed_at": "2024-06-08T17:24:04Z", "lat": 51.9225, "lon": 4.47917, "accuracy_m": 8.5, "speed_mps": 1.3,
        "course_deg": 120.0, "source": "gnss", "seq": 4711,
    }  # fmt: skip


def test_what_the_device_does_not_know_is_absent() -> None:
    [(_, message)] = messages([DeviceFix(AT_MS, 51.9225, 4.47917)])
    assert json.loads(message) == {"fixed_at": "2024-06-08T17:24:04Z", "lat": 51.9225, "lon": 4.47917, "source": "gnss"}


@pytest.mark.parametrize("count", [2, 500, 501, 1200])
def test_stored_fixes_go_in_order_in_messages_within_the_limits(count: int) -> None:
    fixes = some(count)
    packed = list(messages(fixes))
    seqs = []
    for declared, message in packed:
        array = json.loads(message)
        assert declared == len(array) <= 500
        assert len(message) <= 64 * 1024
        seqs += [fix["seq"] for fix in array]
    assert seqs == list(range(count))


def test_nothing_to_send_is_no_message() -> None:
    assert list(messages([])) == []


def test_instants_are_read_and_written_in_utc() -> None:
    assert utc_ms("2024-06-08T19:24:04+02:00") == AT_MS
    assert utc_text(AT_MS) == "2024-06-08T17:24:04Z"
    assert utc_text(AT_MS + 250) == "2024-06-08T17:24:04.250Z"
    with pytest.raises(ValueError, match="offset"):
        utc_ms("2024-06-08T19:24:04")
