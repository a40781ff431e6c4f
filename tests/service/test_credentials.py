# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The victim-proximity monitor authors
import json
import stat
from pathlib import Path

import bcrypt
import pytest

from proximity.service.credentials import (
    CREDENTIALS_FILE,
    HASHES_FILE,
    BrokerFault,
    Credentials,
    keep_credentials,
    keep_hashes,
    replace_file,
)

NAMES = ["engine", "device/b", "device/a"]


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_secrets_are_made_once_and_differ(tmp_path: Path) -> None:
    first = keep_credentials(tmp_path, NAMES)
    assert list(first.users) == sorted(NAMES)
    assert len(set(first.users.values())) == 3
    assert min(len(secret) for secret in first.users.values()) >= 32  # 192 bits, 6 a character
    assert len(first.session) == 16
    assert keep_credentials(tmp_path, NAMES) == first
    assert first.engine == first.users["engine"]


def test_who_is_new_gets_a_secret_and_who_is_gone_is_forgotten(tmp_path: Path) -> None:
    first = keep_credentials(tmp_path, NAMES)
    second = keep_credentials(tmp_path, ["engine", "device/a", "device/c"])
    assert list(second.users) == ["device/a", "device/c", "engine"]
    assert second.users["device/a"] == first.users["device/a"]
    assert second.users["device/c"] not in first.users.values()
    assert keep_credentials(tmp_path, NAMES).users["device/b"] != first.users["device/b"]


def test_the_file_says_users_and_only_its_owner_may_read_it(tmp_path: Path) -> None:
    folder = tmp_path / "state" / "broker"
    credentials = keep_credentials(folder, NAMES)
    path = folder / CREDENTIALS_FILE
    assert json.loads(path.read_text(encoding="utf-8"))["users"] == credentials.users
    assert (mode(folder), mode(path)) == (0o700, 0o600)
    path.chmod(0o644)
    folder.chmod(0o755)
    assert keep_credentials(folder, NAMES) == credentials
    assert (mode(folder), mode(path)) == (0o700, 0o600)


def test_a_secret_of_the_operators_own_is_kept(tmp_path: Path) -> None:
    (tmp_path / CREDENTIALS_FILE).write_text('{"users": {"device/a": "aus dem Tresor £"}}', encoding="utf-8")
    assert keep_credentials(tmp_path, NAMES).users["device/a"] == "aus dem Tresor £"


@pytest.mark.parametrize(
    "content", [b"", b"[]", b"{}", b'{"users": {"engine": 1}}', b'{"users": {"engine": "\xff"}}', b'{"users": {']
)
def test_a_file_that_cannot_be_read_is_not_replaced(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / CREDENTIALS_FILE
    path.write_bytes(content)
    with pytest.raises(BrokerFault, match=r"credentials\.json: cannot be read as credentials .*: mend it") as fault:
        keep_credentials(tmp_path, NAMES)
    assert "\n" not in str(fault.value)
    assert path.read_bytes() == content


@pytest.mark.parametrize("secret", ["x" * 73, "é" * 37, "a\0b", "a\nb"])
def test_a_secret_that_cannot_be_used_whole_is_a_fault(tmp_path: Path, secret: str) -> None:
    (tmp_path / CREDENTIALS_FILE).write_text(json.dumps({"users": {"device/a": secret}}), encoding="utf-8")
    with pytest.raises(BrokerFault, match="the secret of device/a") as fault:
        keep_credentials(tmp_path, NAMES)
    assert secret not in str(fault.value)


def test_hashes_fit_their_secrets_and_are_made_once(tmp_path: Path) -> None:
    credentials = keep_credentials(tmp_path, NAMES)
    hashes = keep_hashes(tmp_path, credentials)
    assert hashes.keys() == credentials.users.keys()
    for name, secret in credentials.users.items():
        assert bcrypt.checkpw(secret.encode(), hashes[name].encode())
    assert keep_hashes(tmp_path, credentials) == hashes
    assert mode(tmp_path / HASHES_FILE) == 0o600


def test_a_changed_secret_gets_a_new_hash_and_the_others_keep_theirs(tmp_path: Path) -> None:
    credentials = keep_credentials(tmp_path, NAMES)
    hashes = keep_hashes(tmp_path, credentials)
    changed = Credentials({**credentials.users, "device/a": "another"}, credentials.session)
    after = keep_hashes(tmp_path, changed)
    assert bcrypt.checkpw(b"another", after["device/a"].encode())
    assert {name: after[name] for name in ("device/b", "engine")} == {
        name: hashes[name] for name in ("device/b", "engine")
    }


@pytest.mark.parametrize("content", [b"", b"{}", b'{"hashes": 1}', b"\xff"])
def test_hashes_that_cannot_be_read_are_made_again(tmp_path: Path, content: bytes) -> None:
    credentials = keep_credentials(tmp_path, NAMES)
    (tmp_path / HASHES_FILE).write_bytes(content)
    hashes = keep_hashes(tmp_path, credentials)
    assert bcrypt.checkpw(credentials.engine.encode(), hashes["engine"].encode())


def test_a_file_is_replaced_whole_and_leaves_nothing_beside_it(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"old")
    path.chmod(0o644)
    (tmp_path / ".file.new").write_bytes(b"left by a crash")
    with path.open("rb") as reader:
        replace_file(path, b"new")
        assert reader.read() == b"old"
    assert path.read_bytes() == b"new"
    assert mode(path) == 0o600
    assert [file.name for file in tmp_path.iterdir()] == ["file"]
