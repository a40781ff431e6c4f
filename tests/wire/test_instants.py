# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The victim-proximity monitor authors
from datetime import UTC, datetime, timedelta, timezone
from math import inf, nan

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proximity.wire.instants import is_sane, to_ms, utc_text, whole_seconds


def test_the_contracts_instant() -> None:
    assert to_ms(datetime(2024, 6, 8, 17, 24, 4, tzinfo=UTC)) == 1_717_867_444_000
    assert utc_text(1_717_868_822_000) == "2024-06-08T17:47:02.000Z"


def test_an_offset_is_taken_off_and_what_is_finer_than_a_millisecond_cut_off() -> None:
    east = timezone(timedelta(hours=2))
    assert to_ms(datetime(2024, 6, 8, 19, 24, 4, 999_999, tzinfo=east)) == 1_717_867_444_999
    assert to_ms(datetime(1969, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC)) == -1


@given(st.integers(-62_135_596_800_000, 253_402_300_799_999))
def test_text_and_milliseconds_are_the_same_instant(at_ms: int) -> None:
    text = utc_text(at_ms)
    assert len(text) == len("2024-06-08T17:47:02.000Z")
    assert to_ms(datetime.fromisoformat(text)) == at_ms


@pytest.mark.parametrize(
    ("text", "sane"),
    [
        ("1980-01-06T00:00:00Z", False),  # a receiver that has no time yet
        ("1999-12-31T23:59:59.999Z", False),
        ("2000-01-01T00:00:00Z", True),
        ("2099-12-31T23:59:59.999Z", True),
        ("2100-01-01T00:00:00Z", False),
    ],
)
def test_years_that_a_device_of_ours_can_mean(text: str, sane: bool) -> None:  # noqa: FBT001
    assert is_sane(to_ms(datetime.fromisoformat(text))) is sane


@pytest.mark.parametrize(
    ("age_s", "expected"),
    [(0.0, 0), (0.999, 0), (1.0, 1), (305.7, 305), (-0.5, 0), (-20.0, 0), (None, None), (nan, None), (inf, None)],
)
def test_ages_are_in_full_seconds(age_s: float | None, expected: int | None) -> None:
    assert whole_seconds(age_s) == expected
