# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The victim-proximity monitor authors
"""Where compiled kernels go, whatever home we are given."""

import os
import shutil
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
