# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The victim-proximity monitor authors
"""On which side of a line a point lies, exactly: whatever the rounding, no point on an edge is told to be beside it."""

import numpy as np

from proximity.kernels.arrays import Floats
from proximity.kernels.compiled import compiled, compiled_with_memory

SPLITTER = 134_217_729.0  # 2^27 + 1
SURE_FROM = 3.330_669_073_875_471_6e-16  # (3 + 16 e) e, e = 2^-53: Shewchuk's bound of the first estimate
PRODUCTS = 6  # of coordinates in the determinant, written out


@compiled
def two_sum(one: float, other: float) -> tuple[float, float]:
    """The rounded sum, and what rounding left out (Knuth)."""
    total = one + other
    part = total - one
    return total, (one - (total - part)) + (other - part)


@compiled
def two_product(one: float, other: float) -> tuple[float, float]:
    """The rounded product, and what rounding left out (Dekker, Veltkamp)."""
    product = one * other
    big = SPLITTER * one
    one_high = big - (big - one)
    one_low = one - one_high
    big = SPLITTER * other
    other_high = big - (big - other)
    other_low = other - other_high
    rest = ((one_high * other_high - product) + one_high * other_low + one_low * other_high) + one_low * other_low
    return product, rest


@compiled
def add(parts: Floats, count: int, more: float) -> None:
    """Add a number to an exact sum of `count` parts, the least first; it has one part more then (Shewchuk, 1997)."""
    carried = more
    for place in range(count):
        carried, parts[place] = two_sum(carried, parts[place])
    parts[count] = carried


@compiled_with_memory
def exact_side(x1: float, y1: float, x2: float, y2: float, x: float, y: float) -> float:
    """As `side`, from the exact sum of the six products of the determinant.

    Coordinates below 1e150, and 0 or above 1e-100: what products of smaller ones lose cannot be written down.
    """
    parts = np.zeros(2 * PRODUCTS)
    ones = (x1, -x1, -x, -y1, y1, y)
    others = (y2, y, y2, x2, x, x2)
    for place in range(PRODUCTS):
        product, rest = two_product(ones[place], others[place])
        add(parts, 2 * place, rest)
        add(parts, 2 * place + 1, product)
    for place in range(2 * PRODUCTS - 1, -1, -1):
        if parts[place] != 0.0:
            return float(parts[place])
    return 0.0


@compiled
def side(x1: float, y1: float, x2: float, y2: float, x: float, y: float) -> float:
    """Above 0 where (x, y) lies left of the line from (x1, y1) to (x2, y2), below 0 right of it, 0 exactly on it.

    The sign is exact (Shewchuk, Adaptive Precision Floating-Point Arithmetic, 1997), the size is not. NaN gives NaN.
    """
    left = (x1 - x) * (y2 - y)
    right = (y1 - y) * (x2 - x)
    estimate = left - right
    if abs(estimate) <= SURE_FROM * (abs(left) + abs(right)):
        return exact_side(x1, y1, x2, y2, x, y)
    return estimate
