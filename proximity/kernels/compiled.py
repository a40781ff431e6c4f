# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The victim-proximity monitor authors
"""The one place that says how kernels are compiled."""

from collections.abc import Callable
from typing import Any, Final, ParamSpec, TypeVar, cast

import numba

# No fastmath: it makes isnan(nan) false, and NaN must count as "within".
FLAGS: Final[dict[str, Any]] = {"cache": True, "nogil": True, "error_model": "numpy"}
# Numba counts who holds an array whenever a kernel hands it on to another: that was a third of a judgement. Without its
# memory (nrt) nothing is counted, and what makes an array of its own does not compile.
WITHOUT_MEMORY: Final[dict[str, Any]] = {**FLAGS, "_nrt": False}
WITH_MEMORY: Final[dict[str, Any]] = {**FLAGS, "_nrt": True}  # said, else it is as in the kernel that calls
INTERPRETED: Final = bool(vars(numba.config)["DISABLE_JIT"])

Parameters = ParamSpec("Parameters")
Result = TypeVar("Result")


def compiled(function: Callable[Parameters, Result]) -> Callable[Parameters, Result]:
    """Compile a kernel; the compiled code is kept on disk (`proximity.kernel_cache` names the folder)."""
    return cast("Callable[Parameters, Result]", numba.njit(**WITHOUT_MEMORY)(function))


def compiled_with_memory(function: Callable[Parameters, Result]) -> Callable[Parameters, Result]:
    """Compile a kernel that makes arrays of its own to work on."""
    return cast("Callable[Parameters, Result]", numba.njit(**WITH_MEMORY)(function))
