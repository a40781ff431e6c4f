# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The victim-proximity monitor authors
import json
import subprocess
import sys
from pathlib import Path

import pytest

import proximity

CONFIGS = Path(__file__).parent.parent / "configs"
HEAVY = (
    "numba",
    "numpy",
    "shapely",
    "pyproj",
    "scipy",
    "paho",
    "aiomqtt",
    "msgspec",
    "simulators",
    "asyncio",
    "sqlite3",
    "matplotlib",
)


def run(*arguments: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-m", "proximity", *arguments], capture_output=True, text=True, timeout=60, check=False
    )


def assert_one_line(done: "subprocess.CompletedProcess[str]", code: int) -> str:
    assert done.returncode == code, done.stderr
    assert done.stderr.startswith("proximity: ")
    assert done.stderr.count("\n") == 1
    return done.stderr


@pytest.mark.parametrize("command", ["", "run", "demo", "replay", "explain", "check"])
def test_help_answers_without_loading_what_a_command_needs(command: str) -> None:
    script = (
        "import sys; from proximity.cli import app\n"
        f"try: app({[*command.split(), '--help']!r})\n"
        "finally: print(sorted(set(sys.modules) & set(sys.argv[1:])), file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", script, *HEAVY], capture_output=True, text=True, check=False)
    assert done.returncode == 0
    assert "Usage" in done.stdout
    assert done.stderr.strip() == "[]"


def test_version() -> None:
    assert run("--version").stdout.strip() == proximity.__version__


@pytest.mark.parametrize("arguments", [["nonsense"], ["run", "--nonsense"], ["replay", "--tail-s", "-1"], ["replay"]])
def test_wrong_usage_is_exit_2(arguments: list[str]) -> None:
    done = run(*arguments)
    assert done.returncode == 2
    assert "Traceback" not in done.stderr


def test_check_accepts_the_pilot() -> None:
    done = run("check", "--orders", str(CONFIGS / "orders"), "--settings", str(CONFIGS / "pilot.toml"))
    assert done.returncode == 0
    assert done.stdout.startswith("4 orders")
    assert done.stderr == ""


def test_check_names_every_fault_in_one_run(tmp_path: Path) -> None:
    (tmp_path / "a.toml").write_text('[[orders]]\nid = "A b"\nnonsense = 1\n', encoding="utf-8")
    settings = tmp_path / "settings.toml"
    settings.write_text("[ingest]\nbatch_max = 0\n", encoding="utf-8")
    done = run("check", "--orders", str(tmp_path), "--settings", str(settings))
    assert done.returncode == 1
    faults = done.stderr.splitlines()
    assert any("batch_max" in fault and str(settings) in fault for fault in faults)
    assert any("nonsense" in fault for fault in faults)
    assert any('"A b"' in fault for fault in faults)
    assert all(fault.startswith("proximity: ") for fault in faults)


def test_run_does_not_start_with_faulty_orders(tmp_path: Path) -> None:
    (tmp_path / "orders").mkdir()
    (tmp_path / "orders" / "a.toml").write_text("[[orders]]\n", encoding="utf-8")
    (tmp_path / "settings.toml").write_text("", encoding="utf-8")
    done = run("run", "--settings", str(tmp_path / "settings.toml"))
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "state").exists()


def test_run_without_a_folder_of_orders_says_where_it_looked(tmp_path: Path) -> None:
    (tmp_path / "settings.toml").write_text("", encoding="utf-8")
    said = assert_one_line(run("run", "--settings", str(tmp_path / "settings.toml")), 1)
    assert str(tmp_path / "orders") in said


def test_a_trace_that_cannot_be_replayed_is_said_in_one_line(tmp_path: Path) -> None:
    orders = str(CONFIGS / "orders")
    line = json.dumps({"received_at": "2026-06-08T16:00:00Z", "topic": "t", "payload": {}})
    older = json.dumps({"received_at": "2026-06-08T15:00:00Z", "topic": "t", "payload": {}})
    cases = {
        "missing.jsonl": (None, "cannot be read"),
        "broken.jsonl": (b"{not json\n", "line 1"),
        "unsorted.jsonl": (f"{line}\n{older}\n".encode(), "line 2"),
        "cut.jsonl.gz": (b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03\x03", "is it whole"),
    }
    for name, (content, expected) in cases.items():
        path = tmp_path / name
        if content is not None:
            path.write_bytes(content)
        said = assert_one_line(run("replay", "--orders", orders, str(path)), 1)
        assert str(path) in said
        assert expected in said
    assert_one_line(run("replay", str(tmp_path / "broken.jsonl")), 2)
    assert_one_line(run("replay", "--journal", str(tmp_path / "none.sqlite3")), 1)
