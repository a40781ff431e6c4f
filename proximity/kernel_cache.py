# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The victim-proximity monitor authors
"""Where compiled kernels are kept between starts.

numba's file cache does not see a change in a function that a cached one calls, so the folder is named by a hash of
all kernel sources and versions: a change anywhere starts an empty one (numba itself tells processors apart).
"""

import hashlib
import os
import platform
import tempfile
from importlib.metadata import version
from pathlib import Path

KERNELS = Path(__file__).parent / "kernels"


def fingerprint() -> str:
    """A hash of all kernel sources, numba's, numpy's and Python's version, the machine's kind and bounds-checking."""
    digest = hashlib.sha256()
    for source in sorted(KERNELS.glob("*.py")):
        digest.update(source.name.encode() + b"\0" + source.read_bytes() + b"\0")
    # numba's own index does not know this flag: it takes the other mode's code (tried with 0.68)
    flags = os.environ.get("NUMBA_BOUNDSCHECK", "")
    for fact in (version("numba"), version("numpy"), platform.python_version(), platform.machine(), flags):
        digest.update(fact.encode() + b"\0")
    return digest.hexdigest()[:16]


def name_folder() -> None:
    """Point numba at this project's cache folder, unless the user has chosen one. Call before numba is imported.

    Where none can be written, to a folder of this process: it compiles at each start, but it starts.
    """
    if "NUMBA_CACHE_DIR" in os.environ:
        return
    caches = Path(os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache"))  # noqa: PTH111 - never raises
    folder = caches.absolute() / "proximity" / f"kernels-{fingerprint()}"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        writable = os.access(folder, os.W_OK | os.X_OK)
    except OSError:
        writable = False
    os.environ["NUMBA_CACHE_DIR"] = str(folder) if writable else tempfile.mkdtemp(prefix="proximity-kernels-")
