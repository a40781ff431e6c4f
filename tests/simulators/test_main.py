# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The victim-proximity monitor authors
import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from simulators.__main__ import app


def run(*arguments: str) -> Result:
    return CliRunner().invoke(app, list(arguments))


def test_trace_writes_both_tracks(tmp_path: Path) -> None:
    out = tmp_path / "trace.jsonl"
    assert run("trace", "--out", str(out)).exit_code == 0
    lines = out.read_text().splitlines()
    assert {json.loads(line)["topic"] for line in lines} == {
        "proximity/v1/devices/utrecht1/fix",
        "proximity/v1/devices/utrecht2/fix",
    }


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("trace", "--out", "/nowhere/trace.jsonl"), "/nowhere/trace.jsonl"),
        (("play", "utrecht9", "--url", "mqtt://127.0.0.1"), "choose of utrecht1, utrecht2"),
        (("play", "utrecht1"), "either --state-dir or --url"),
        (("play", "utrecht1", "--url", "http://127.0.0.1"), "write mqtt://"),
        (("play", "utrecht1", "--state-dir", "/nowhere"), "does the service run?"),
    ],
)
def test_what_is_wrong_is_one_line_with_the_mend(arguments: tuple[str, ...], says: str) -> None:
    result = run(*arguments)
    assert result.exit_code == 1
    assert says in result.stderr
    assert len(result.stderr.splitlines()) == 1
