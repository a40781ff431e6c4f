# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The victim-proximity monitor authors
"""The one place that says how kernels are compiled."""

from collections.abc import Callable
from typing import Any, Final, ParamSpec, TypeVar, cast

import numba

# No fastmath: it makes isnan(nan) false, and NaN must count as "within".
FLAGS: Final[dict[str, Any]] = {"cache": True, "nogil": True, "error_model": "numpy"}

Parameters = ParamSpec("Parameters")
Result = TypeVar("Result")


def compiled(function: Callable[Parameters, Result]) -> Callable[Parameters, Result]:
    """Compile a kernel; the compiled code is kept on disk (`proximity.kernel_cache` names the folder)."""
    return cast("Callable[Parameters, Result]", numba.njit(**FLAGS)(function))
