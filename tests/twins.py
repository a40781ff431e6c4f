# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The victim-proximity monitor authors
"""Every kernel has a twin: the same answer by another formula or library, slow and obvious (`make check`)."""

from collections.abc import Callable
from typing import Any, Final, ParamSpec, TypeVar

Parameters = ParamSpec("Parameters")
Result = TypeVar("Result")

TWINS: Final[dict[Callable[..., Any], Callable[..., Any]]] = {}  # kernel -> twin


def twin_of(*kernels: Callable[..., Any]) -> Callable[[Callable[Parameters, Result]], Callable[Parameters, Result]]:
    """Say of which kernels a function is the twin; one may judge several that only work together."""

    def mark(twin: Callable[Parameters, Result]) -> Callable[Parameters, Result]:
        for kernel in kernels:
            TWINS[kernel] = twin
        return twin

    return mark
