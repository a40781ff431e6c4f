# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The victim-proximity monitor authors
"""Where compiled kernels go, whatever home we are given."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from proximity.kernel_cache import name_folder


def chosen(monkeypatch: pytest.MonkeyPatch, home: str) -> Path:
    """The folder that is chosen with that home."""
    monkeypatch.delenv("NUMBA_CACHE_DIR", raising=False)
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    monkeypatch.setenv("HOME", home)
    name_folder()
    return Path(os.environ["NUMBA_CACHE_DIR"])


def test_it_lies_below_the_users_caches(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert chosen(monkeypatch, str(tmp_path)).parent == tmp_path / ".cache" / "proximity"


def test_a_folder_of_the_users_choice_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NUMBA_CACHE_DIR", "/of/the/user")
    name_folder()
    assert os.environ["NUMBA_CACHE_DIR"] == "/of/the/user"


def test_a_home_that_takes_no_files_costs_the_cache_and_not_the_start(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "home").write_text("a file", encoding="ascii")
    folder = chosen(monkeypatch, str(tmp_path / "home"))
    assert folder.is_dir()
    assert not folder.is_relative_to(tmp_path)
    shutil.rmtree(folder)


READ_PAST_THE_END = """
import proximity, numpy as np
from proximity.kernels.geodesy import separation_m
separation_m(np.zeros(3), np.zeros(3)[:2])
"""


def read_past_the_end(caches: Path, **flags: str) -> str:
    """The last line that a process says which lets a kernel read past an array's end; "" if it saw nothing wrong."""
    own = {name: value for name, value in os.environ.items() if not name.startswith("NUMBA_")}
    done = subprocess.run(
        [sys.executable, "-c", READ_PAST_THE_END],
        env={**own, "XDG_CACHE_HOME": str(caches), **flags}, capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    return done.stderr.strip().rpartition("\n")[2]


def test_kernels_with_and_without_bounds_checked_are_kept_apart(tmp_path: Path) -> None:
    assert read_past_the_end(tmp_path) == ""
    assert read_past_the_end(tmp_path, NUMBA_BOUNDSCHECK="1").startswith("IndexError")
    assert read_past_the_end(tmp_path) == ""
