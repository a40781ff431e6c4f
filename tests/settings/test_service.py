# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The victim-proximity monitor authors
from pathlib import Path

import hypothesis
import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from proximity.model.judging import DefaultAccuracy, DeviceJudging, FloodJudging, Judging, Wanting
from proximity.settings.faults import Fault
from proximity.settings.keys import CHECKS, FIELDS, FILES
from proximity.settings.service import Settings, judging_from_text, judging_text, read_settings

SETTINGS = """
state_dir = "kept"
[mqtt]
url = "mqtts://mqtt.example.org:8883"
username = "engine"
password_file = "engine.password"
ca_file = "ca.pem"
client_id = "pilot"
[broker]
host = "0.0.0.0"
port = 8883
tls_certificate_file = "broker.pem"
tls_key_file = "broker.key"
gateways = ["vendor-b", "vendor-a"]
[ingest]
batch_max = 100
batch_wait_ms = 5
queue_max = 1000
[clock]
start_at = 2024-06-08T15:58:00Z
speed = 120
[journal]
snapshot_every_s = 30
[alerts]
type_prefix = "org.example"
source = "https://example.org/proximity"
archive_after_s = 3600
[heartbeat]
every_s = 0.5
[judging]
certain_at = 0.9
[judging.default_accuracy]
cell_m = 2000
"""
NAMED_FILES = ("engine.password", "ca.pem", "broker.pem", "broker.key")


def read(folder: Path, text: str) -> tuple[Settings | None, tuple[Fault, ...]]:
    path = folder / "pilot.toml"
    path.write_text(text, "utf-8")
    for name in NAMED_FILES:
        (folder / name).touch()
    return read_settings(path)


def test_reads_every_section(tmp_path: Path) -> None:
    settings, faults = read(tmp_path, SETTINGS)
    assert faults == ()
    assert settings is not None
    assert settings.state_dir == tmp_path / "kept"
    assert msgspec.to_builtins(settings.mqtt, enc_hook=str) == {
        "url": "mqtts://mqtt.example.org:8883",
        "username": "engine",
        "password_file": str(tmp_path / "engine.password"),
        "ca_file": str(tmp_path / "ca.pem"),
        "client_id": "pilot",
    }
    assert msgspec.to_builtins(settings.broker, enc_hook=str) == {
        "host": "0.0.0.0",  # noqa: S104 - with TLS
        "port": 8883,
        "tls_certificate_file": str(tmp_path / "broker.pem"),
        "tls_key_file": str(tmp_path / "broker.key"),
        "gateways": ("vendor-a", "vendor-b"),
    }
    assert msgspec.structs.astuple(settings.ingest) == (100, 5, 1000)
    assert msgspec.structs.astuple(settings.clock) == (1_717_862_280_000, 120.0)  # date -ud 2024-06-08T15:58:00Z +%s
    assert settings.journal.snapshot_every_s == 30
    assert msgspec.structs.astuple(settings.alerts) == ("org.example", "https://example.org/proximity", 3600)
    assert settings.heartbeat.every_s == 0.5
    assert settings.judging == Judging(certain_at=0.9, default_accuracy=DefaultAccuracy(cell_m=2000))


def test_every_key_is_optional(tmp_path: Path) -> None:
    assert read_settings(None) == (Settings(), ())
    assert read(tmp_path, "") == (msgspec.structs.replace(Settings(), state_dir=tmp_path / "state"), ())


def test_every_field_has_its_key_and_its_range() -> None:
    """A field that is added to the model and forgotten here would be a setting that nobody can set."""
    fields = {
        f"{section.name}.{field}"
        for section in msgspec.structs.fields(Settings)
        if section.name != "state_dir"
        for field in section.type.__struct_fields__
        if field not in ("default_accuracy", "devices", "floods", "wanted")
    }
    inner_of = {
        "default_accuracy": DefaultAccuracy,
        "devices": DeviceJudging,
        "floods": FloodJudging,
        "wanted": Wanting,
    }
    for name, inner in inner_of.items():
        fields |= {f"judging.{name}.{field}" for field in inner.__struct_fields__}
    keys = {key.rpartition(".")[0] + "." + FIELDS.get(key, key).rpartition(".")[2] for key in (*CHECKS, *FILES)}
    assert keys == fields


def test_the_defaults_are_within_their_ranges(tmp_path: Path) -> None:
    lines = [
        f"{section}.{key} = {value}"
        for section, values in msgspec.to_builtins(Settings(), enc_hook=str).items()
        if isinstance(values, dict)
        for key, value in values.items()
        if isinstance(value, int | float)
    ]
    lines += [
        f"judging.default_accuracy.{key} = {value}" for key, value in msgspec.structs.asdict(DefaultAccuracy()).items()
    ]
    assert len(lines) > 20
    assert read(tmp_path, "\n".join(lines))[0] == msgspec.structs.replace(Settings(), state_dir=tmp_path / "state")


# what stands in SETTINGS, what is written instead, the path of the only fault, a piece of its mend
# fmt: off
ONE_CHANGE = [
    # unknown keys
    ("[ingest]", "[ingets]", "ingets", "did you mean ingest?"),
    ("batch_max", "batchmax", "ingest.batchmax", "did you mean batch_max?"),
    ("cell_m", "cel_m", "judging.default_accuracy.cel_m", "did you mean cell_m?"),
    ("certain_at", "certain", "judging.certain", "did you mean certain_at?"),
    ("[heartbeat]\nevery_s = 0.5", "[[heartbeat]]", "heartbeat", "write [heartbeat]"),
    # types and ranges
    ("batch_max = 100", "batch_max = 1.5", "ingest.batch_max", "a whole number from 1 to 100,000"),
    ("batch_max = 100", "batch_max = true", "ingest.batch_max", "a whole number"),
    ("batch_wait_ms = 5", "batch_wait_ms = -1", "ingest.batch_wait_ms", "from 0 to 1,000 milliseconds"),
    ("queue_max = 1000", "queue_max = 99", "ingest.batch_max", "more than queue_max, which is 99"),
    ("port = 8883", "port = 65536", "broker.port", "from 0 to 65,535"),
    ("speed = 120", "speed = 0", "clock.speed", "engine seconds a second"),
    ("speed = 120", "speed = nan", "clock.speed", "write a number"),
    ("speed = 120", 'speed = "120x"', "clock.speed", "write a number"),
    ("2024-06-08T15:58:00Z", "2024-06-08T15:58:00", "clock.start_at", "without an offset"),
    ("certain_at = 0.9", "certain_at = 1.0", "judging.certain_at", "from 0.0001 to 0.9999"),
    ("certain_at = 0.9", "certain_at = 0.5", "judging.probable_at", "not less than certain_at, which is 0.5"),
    ("certain_at = 0.9", "possible_at = 0.6", "judging.possible_at", "not less than probable_at"),
    ("certain_at = 0.9", "skew_s = 0.5", "judging.skew_s", "from 1 to 3,600 seconds"),
    ("cell_m = 2000", "cell_m = 0", "judging.default_accuracy.cell_m", "from 1 to 100,000 metres"),
    ('"org.example"', '"example"', "alerts.type_prefix", "reverse notation"),
    ('"https://example.org/proximity"', '"proximity"', "alerts.source", "write a URI"),
    ('["vendor-b", "vendor-a"]', '["Vendor"]', "broker.gateways", '"Vendor" is not an id'),
    ('"pilot"', '"pilot/#"', "mqtt.client_id", "letters, digits and -"),
    ('"engine"\n', '""\n', "mqtt.username", "1 to 256 characters"),
    # files
    ('"engine.password"', '"other.password"', "mqtt.password_file", "there is no file"),
    ('"ca.pem"', '"."', "mqtt.ca_file", "there is no file"),
    ('"ca.pem"', '"a\\u0000b"', "mqtt.ca_file", "write the path of a file"),
    ('"broker.key"', "1", "broker.tls_key_file", "write the path of a file"),
    ('state_dir = "kept"', 'state_dir = "ca.pem"', "state_dir", "is a file"),
    ('state_dir = "kept"', 'state_dir = ""', "state_dir", "write the path of a folder"),
    # what belongs together
    ('tls_key_file = "broker.key"\n', "", "broker.tls_key_file", "tls_certificate_file is of no use without it"),
    ('tls_certificate_file = "broker.pem"\ntls_key_file = "broker.key"\n', "", "broker.host",
     "others can reach this host"),
    ('"0.0.0.0"', '"a b"', "broker.host", "an address or a name"),
    ('username = "engine"\n', "", "mqtt.username", "no password without a username"),
    ("mqtts://mqtt.example.org:8883", "mqtt://127.0.0.1:1883", "mqtt.ca_file", "knows no certificates"),
    ("mqtts://mqtt.example.org:8883", "https://mqtt.example.org", "mqtt.url", "write mqtts://host:8883"),
    ("mqtts://mqtt.example.org:8883", "mqtt.example.org:8883", "mqtt.url", "write mqtts://host:8883"),
    ("mqtts://mqtt.example.org:8883", "mqtts://", "mqtt.url", "write mqtts://host:8883"),
    ("mqtts://mqtt.example.org:8883", "mqtts://mqtt.example.org:99999", "mqtt.url", "write mqtts://host:8883"),
    ("mqtts://mqtt.example.org:8883", "mqtts://[::1", "mqtt.url", "write mqtts://host:8883"),
    ("mqtts://mqtt.example.org:8883", "mqtts://mqtt.example.org/x", "mqtt.url", "nothing comes after host and port"),
]
# fmt: on


@pytest.mark.parametrize(("old", "new", "path", "mend"), ONE_CHANGE, ids=[f"{row[2]} {row[3]}" for row in ONE_CHANGE])
def test_one_change_is_one_fault(tmp_path: Path, old: str, new: str, path: str, mend: str) -> None:
    assert old in SETTINGS
    settings, (fault,) = read(tmp_path, SETTINGS.replace(old, new, 1))
    assert settings is None
    assert fault.file == str(tmp_path / "pilot.toml")
    assert fault.path == path
    assert mend in fault.mend


@pytest.mark.parametrize("host", ["127.0.0.1", "127.1.2.3", "::1", "localhost"])
def test_this_machine_needs_no_tls(tmp_path: Path, host: str) -> None:
    assert read(tmp_path, f'[broker]\nhost = "{host}"')[1] == ()
    address = f"[{host}]" if ":" in host else host
    assert read(tmp_path, f'[mqtt]\nurl = "mqtt://{address}:1883"')[1] == ()


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.1.5", "mqtt.example.org", "localhost.example.org"])  # noqa: S104
def test_any_other_machine_does(tmp_path: Path, host: str) -> None:
    assert [fault.path for fault in read(tmp_path, f'[broker]\nhost = "{host}"')[1]] == ["broker.host"]
    address = f"[{host}]" if ":" in host else host
    assert [fault.path for fault in read(tmp_path, f'[mqtt]\nurl = "mqtt://{address}:1883"')[1]] == ["mqtt.url"]


def test_no_password_is_shown(tmp_path: Path) -> None:
    for text in (
        '[mqtt]\npassword = "hunter2"',
        '[mqtt]\nurl = "mqtts://engine:hunter2@mqtt.example.org"',
        "[mqtt]\npassword = hunter2",
        '[mqtt]\nurl = "mqtts://engine:hunter2@',
    ):
        _, faults = read(tmp_path, text)
        assert faults
        assert not any("hunter2" in fault.line for fault in faults)


def test_all_faults_come_in_one_run(tmp_path: Path) -> None:
    bad = "x = 1\nstate_dir = 1\nmqtt.ca_file = 'none'\nbroker.port = -1\nclock.speed = nan\njudging.certain_at = 2\n"
    _, faults = read(tmp_path, bad + "[ingest]\nbatch_max = 0\nqueue = 1")
    assert {fault.path for fault in faults} == {
        "x", "state_dir", "mqtt.ca_file", "broker.port", "clock.speed", "judging.certain_at", "ingest.batch_max",
        "ingest.queue",
    }  # fmt: skip


def test_a_file_that_cannot_be_read_is_a_fault(tmp_path: Path) -> None:
    (missing,) = read_settings(tmp_path / "none.toml")[1]
    assert missing.file == str(tmp_path / "none.toml")
    (folder,) = read_settings(tmp_path)[1]
    assert folder.value == "no access"
    (tmp_path / "latin.toml").write_bytes(b"# \xe9")
    (latin,) = read_settings(tmp_path / "latin.toml")[1]
    assert (latin.path, latin.value) == ("line 1", "byte 0xe9")


@hypothesis.settings(deadline=None)
@given(st.builds(Judging, certain_at=st.floats(0.5, 1), moved_m=st.floats(1, 1e4), skew_s=st.floats(1, 100)))
def test_the_journal_gives_the_same_numbers_back(judging: Judging) -> None:
    text = judging_text(judging)
    assert judging_from_text(text) == judging
    assert judging_text(judging_from_text(text)) == text


def test_what_is_no_judging_is_not_taken() -> None:
    with pytest.raises(msgspec.MsgspecError):
        judging_from_text('{"certain_at": "high"}')
