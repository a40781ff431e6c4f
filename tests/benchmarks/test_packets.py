# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The victim-proximity monitor authors
"""Bytes as the standard has them (MQTT 3.1.1, OASIS)."""

import pytest

from benchmarks import packets


@pytest.mark.parametrize(
    ("length", "coded"),
    [
        (0, "00"),
        (127, "7f"),
        (128, "8001"),
        (16_383, "ff7f"),
        (16_384, "808001"),
        (2_097_151, "ffff7f"),
        (268_435_455, "ffffff7f"),
    ],
)
def test_remaining_length_is_as_in_table_2_4(length: int, coded: str) -> None:
    assert packets.length_prefix(length).hex() == coded


def test_text_is_as_in_figure_1_2() -> None:
    assert packets.text("A\U0002a6d4").hex() == "000541f0aa9b94"


def test_connect_with_a_user() -> None:
    assert packets.connect("a", "u", "pw", 10) == b"\x10\x14\x00\x04MQTT\x04\xc2\x00\x0a\x00\x01a\x00\x01u\x00\x02pw"


def test_connect_without_a_user() -> None:
    assert packets.connect("a", "", "", 60) == b"\x10\x0d\x00\x04MQTT\x04\x02\x00\x3c\x00\x01a"


def test_publish_is_as_in_section_3_3() -> None:
    assert packets.publish(packets.text("a/b"), 10, b"hi") == b"\x32\x09\x00\x03a/b\x00\x0ahi"


def test_acknowledgements_are_counted_across_any_cut() -> None:
    stream = b"\x40\x02\x00\x01\x40\x02\xff\xff\x40\x02\x00\x40"
    for cut in range(len(stream) + 1):
        first = packets.acknowledged(stream[:cut])
        second = packets.acknowledged(first.rest + stream[cut:])
        assert (first.count + second.count, second.rest) == (3, b"")


def test_anything_but_an_acknowledgement_is_an_error() -> None:
    with pytest.raises(ValueError, match="other than PUBACK"):
        packets.acknowledged(b"\x40\x02\x00\x01\x30\x03\x00\x01a")
