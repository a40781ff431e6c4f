# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The victim-proximity monitor authors
"""Sides of lines against fractions, which do not round."""

from fractions import Fraction
from math import isnan, nan, nextafter
from typing import TypeAlias

import numpy as np
import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from proximity.kernels.plane import add, exact_side, side, two_product, two_sum
from tests.twins import twin_of

Corner: TypeAlias = tuple[float, float]

# what longitudes and latitudes may be, the smallest differences of them included
degrees = st.one_of(
    st.floats(-360.0, 360.0, allow_subnormal=False).filter(lambda value: value == 0.0 or abs(value) > 1e-100),
    st.integers(-360, 360).map(float),
    st.integers(-(2**20), 2**20).map(lambda whole: whole / 2**14),
)
corners = st.tuples(degrees, degrees)


@twin_of(side, exact_side)
def determinant(one: Corner, other: Corner, at: Corner) -> Fraction:
    (x1, y1), (x2, y2), (x, y) = (tuple(map(Fraction, corner)) for corner in (one, other, at))
    return (x1 - x) * (y2 - y) - (y1 - y) * (x2 - x)


@twin_of(two_sum, add)
def total(numbers: list[float]) -> Fraction:
    return sum(map(Fraction, numbers), Fraction(0))


@twin_of(two_product)
def product(one: float, other: float) -> Fraction:
    return Fraction(one) * Fraction(other)


def sign(value: Fraction | float) -> int:
    return (value > 0) - (value < 0)


@given(one=corners, other=corners, at=corners)
@example(one=(0.0, 0.0), other=(1.0, 1.0), at=(0.5, 0.5))
@example(one=(0.1, 0.1), other=(0.3, 0.3), at=(0.2, 0.2))
def test_the_side_is_exact(one: Corner, other: Corner, at: Corner) -> None:
    expected = sign(determinant(one, other, at))
    assert sign(side(*one, *other, *at)) == sign(exact_side(*one, *other, *at)) == expected
    assert sign(side(*other, *one, *at)) == -expected, "seen from the other end"


@given(one=corners, other=corners, part=st.integers(0, 64), ulps=st.integers(-2, 2))
def test_beside_a_line_by_a_rounding(one: Corner, other: Corner, part: int, ulps: int) -> None:
    at = [start + (end - start) * part / 64 for start, end in zip(one, other, strict=True)]
    for _ in range(abs(ulps)):
        at[1] = nextafter(at[1], at[1] + ulps)
    assume(at[1] == 0.0 or abs(at[1]) > 1e-100)  # as `degrees` are: the number after 0 is none of them
    assert sign(side(*one, *other, *at)) == sign(determinant(one, other, (at[0], at[1])))


def test_on_the_line_is_on_it() -> None:
    # exactly on it by construction: halves of corners that are multiples of 2 ** -10
    for step in range(50):
        one, other = (step / 1024, 3 * step / 1024), (40 + step / 512, 52 - step / 1024)
        middle = (one[0] + other[0]) / 2, (one[1] + other[1]) / 2
        assert side(*one, *other, *middle) == 0.0
        assert side(*one, *other, middle[0], nextafter(middle[1], 90.0)) > 0.0
        assert side(*one, *other, middle[0], nextafter(middle[1], -90.0)) < 0.0


@given(one=degrees, other=degrees)
def test_nothing_is_lost_of_a_sum_or_a_product(one: float, other: float) -> None:
    rounded, rest = two_sum(one, other)
    assert (rounded, Fraction(rounded) + Fraction(rest)) == (one + other, total([one, other]))
    rounded, rest = two_product(one, other)
    assert (rounded, Fraction(rounded) + Fraction(rest)) == (one * other, product(one, other))


@given(numbers=st.lists(degrees, max_size=12))
def test_a_sum_of_many_is_exact(numbers: list[float]) -> None:
    parts = np.zeros(12)
    for count, number in enumerate(numbers):
        add(parts, count, number)
    assert total(list(parts)) == total(numbers)


@pytest.mark.parametrize("place", range(6))
def test_unknown_is_on_no_side(place: int) -> None:
    facts = [0.0, 0.0, 1.0, 1.0, 0.5, 0.7]
    facts[place] = nan
    assert isnan(side(*facts))
