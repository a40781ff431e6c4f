# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The victim-proximity monitor authors
"""Becomes another program that the kernel ends when the thread that started it is gone, even by `kill -9`.

`python -S -E -s keeper.py PARENT_PID PROGRAM [ARGUMENT...]`; Linux only. It needs nothing but the standard library and
imports next to nothing, as it stands between the service and its broker at every start.
"""

import ctypes
import os
import sys

PR_SET_PDEATHSIG = 1
SIGTERM = 15  # not from `signal`, which costs more to import than all the rest


def main() -> None:
    """Ask for the signal, see that the parent still lives (it may have died before we asked), become the program."""
    parent_pid, program = int(sys.argv[1]), sys.argv[2]
    if sys.platform != "linux" or ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, SIGTERM, 0, 0, 0) != 0:
        sys.exit("keeper: this system cannot tie a process to its parent: run on Linux, or set `[mqtt] url`")
    if os.getppid() != parent_pid:
        sys.exit("keeper: the service is gone")
    os.execv(program, sys.argv[2:])  # noqa: S606 - no shell is wanted


if __name__ == "__main__":
    main()
