# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The victim-proximity monitor authors
"""The victim-proximity monitor: notices at once when a wearer comes too close to a protected person.

For researchers: `separation_m` measures between positions, `Zone` against areas, as the engine does.
"""

from importlib import import_module
from typing import TYPE_CHECKING

from proximity import kernel_cache

if TYPE_CHECKING:
    from proximity.geo.public import Zone, separation_m

__all__ = ["Zone", "__version__", "separation_m"]
__version__ = "0.1.0"

kernel_cache.name_folder()


def __getattr__(name: str) -> object:
    """The public names, imported when first asked for: numba and shapely take their time, `--help` does not."""
    if name in {"Zone", "separation_m"}:
        return getattr(import_module("proximity.geo.public"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
