# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The victim-proximity monitor authors
import subprocess
import sys
from pathlib import Path

import pytest

from tools.house_rules import faults, twin_faults

LICENCE = "# SPDX-License-Identifier: EUPL-1.2\n# SPDX-FileCopyrightText: 2026 The victim-proximity monitor authors\n"
SCRIPT = Path(__file__).parents[2] / "tools" / "house_rules.py"


def put(root: Path, place: str, source: str) -> None:
    path = root / place
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(source, encoding="utf-8")


def function(lines: int, head: str = "def f():") -> str:
    return head + "\n" + "    x = 1\n" * (lines - 1)


@pytest.mark.parametrize(
    "source",
    [
        "",
        "x = 1\n",
        LICENCE.splitlines()[0] + "\n",
        '"""Docstring first."""\n' + LICENCE,
        LICENCE.replace("EUPL-1.2", "MIT"),
    ],
)
def test_a_module_without_its_licence_lines_is_named(tmp_path: Path, source: str) -> None:
    put(tmp_path, "proximity/bare.py", source)
    (fault,) = faults(tmp_path)
    assert fault.startswith("proximity/bare.py:1: begins without")


@pytest.mark.parametrize(("place", "expected"), [("proximity/long.py", 1), ("long.py", 1), ("tests/long.py", 0)])
def test_a_module_has_at_most_400_lines_outside_the_tests(tmp_path: Path, place: str, expected: int) -> None:
    put(tmp_path, place, LICENCE + "x = 1\n" * 398)
    assert list(faults(tmp_path)) == []
    put(tmp_path, place, LICENCE + "x = 1\n" * 399)
    found = list(faults(tmp_path))
    assert len(found) == expected
    assert all(fault.startswith(f"{place}:401: 401 lines") for fault in found)


@pytest.mark.parametrize("place", ["proximity/long.py", "tests/test_long.py"])
@pytest.mark.parametrize("head", ["def f():", "async def f():"])
def test_a_function_has_at_most_70_lines_anywhere(tmp_path: Path, place: str, head: str) -> None:
    put(tmp_path, place, LICENCE + function(70, head))
    assert list(faults(tmp_path)) == []
    put(tmp_path, place, LICENCE + function(71, head))
    (fault,) = faults(tmp_path)
    assert fault.startswith(f"{place}:3: `f` has 71 lines")


def test_methods_and_inner_functions_count_too(tmp_path: Path) -> None:
    method = "".join(f"    {line}\n" for line in function(71).splitlines())
    put(tmp_path, "method.py", LICENCE + "class C:\n" + method)
    (fault,) = faults(tmp_path)
    assert fault.startswith("method.py:4: `f` has 71 lines")


@pytest.mark.parametrize("folder", [".venv/lib", "proximity/__pycache__", "build"])
def test_what_is_not_ours_is_left_alone(tmp_path: Path, folder: str) -> None:
    put(tmp_path, f"{folder}/theirs.py", "x = 1\n")
    assert list(faults(tmp_path)) == []


@pytest.mark.parametrize(("source", "code"), [(LICENCE, 0), ("x = 1\n", 1)])
def test_the_exit_code_tells_make_check(tmp_path: Path, source: str, code: int) -> None:
    put(tmp_path, "module.py", source)
    done = subprocess.run([sys.executable, SCRIPT, tmp_path], capture_output=True, text=True, check=False)
    assert done.returncode == code
    assert len(done.stdout.splitlines()) == code
    assert done.stderr == ""


KERNEL = LICENCE + "@compiled\ndef f(x):\n    return x\n"
TWIN = LICENCE + "@twin_of(f)\ndef slow_f(x):\n    return x\n"
CALL = "\n\ndef test_f():\n    assert f(1) == slow_f(1)\n"


def test_a_kernel_without_a_twin_is_named(tmp_path: Path) -> None:
    put(tmp_path, "proximity/kernels/own.py", KERNEL)
    (fault,) = twin_faults(tmp_path)
    assert fault.startswith("proximity/kernels/own.py:4: kernel `f` has no twin: write a slow one")
    put(tmp_path, "tests/kernels/test_own.py", TWIN.replace("twin_of(f)", "twin_of(g)") + CALL)
    assert len(list(twin_faults(tmp_path))) == 1
    put(tmp_path, "tests/kernels/test_own.py", TWIN.replace("twin_of(f)", "twin_of(g, kernels.f)") + CALL)
    assert list(twin_faults(tmp_path)) == []


def test_a_twin_that_no_test_calls_is_named(tmp_path: Path) -> None:
    put(tmp_path, "proximity/kernels/own.py", KERNEL)
    put(tmp_path, "tests/kernels/test_own.py", TWIN)
    (fault,) = twin_faults(tmp_path)
    assert fault.startswith("tests/kernels/test_own.py:4: no test calls the twin `slow_f`")


@pytest.mark.parametrize(
    ("use", "expected"),
    [
        ("\n\nslow_f = None\n", 1),
        ("\n\ndef test_f(own):\n    own.slow_f = 1\n", 1),
        ("\n\ndef test_f(own):\n    assert own.slow_f(1)\n", 0),
        ("\n\nBOTH = [(f, slow_f)]\n", 0),
    ],
)
def test_a_twin_is_used_where_it_is_read(tmp_path: Path, use: str, expected: int) -> None:
    put(tmp_path, "proximity/kernels/own.py", KERNEL)
    put(tmp_path, "tests/kernels/test_own.py", TWIN + use)
    assert len(list(twin_faults(tmp_path))) == expected


def test_a_twin_that_only_calls_itself_is_named(tmp_path: Path) -> None:
    put(tmp_path, "proximity/kernels/own.py", KERNEL)
    recursive = TWIN.replace("return x", "return slow_f(x - 1)")
    put(tmp_path, "tests/kernels/test_own.py", recursive)
    (fault,) = twin_faults(tmp_path)
    assert fault.startswith("tests/kernels/test_own.py:4: no test calls the twin `slow_f`")
    put(tmp_path, "tests/kernels/test_own.py", recursive + CALL)
    assert list(twin_faults(tmp_path)) == []


def test_two_kernels_of_one_name_cannot_share_a_twin(tmp_path: Path) -> None:
    put(tmp_path, "proximity/kernels/one.py", KERNEL)
    put(tmp_path, "proximity/kernels/two.py", KERNEL)
    put(tmp_path, "tests/kernels/test_own.py", TWIN + CALL)
    (fault,) = twin_faults(tmp_path)
    place = "proximity/kernels/one.py:4"
    assert fault == f"proximity/kernels/two.py:4: kernel `f` has the name of that in {place}: rename one"


def test_what_is_not_compiled_needs_no_twin(tmp_path: Path) -> None:
    put(tmp_path, "proximity/kernels/own.py", LICENCE + "@cache\ndef f():\n    return 1\n\n\ndef g():\n    return 2\n")
    assert list(twin_faults(tmp_path)) == []


def test_a_missing_twin_fails_the_check(tmp_path: Path) -> None:
    put(tmp_path, "proximity/kernels/own.py", KERNEL)
    done = subprocess.run([sys.executable, str(SCRIPT), str(tmp_path)], capture_output=True, text=True, check=False)
    assert (done.returncode, len(done.stdout.splitlines())) == (1, 1)
