# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The victim-proximity monitor authors
"""The secrets of the embedded broker's users: made once, kept over restarts, readable by the owner only."""

import hashlib
import os
import secrets
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Final

import bcrypt
import msgspec
from msgspec import Struct

from proximity.service.access import ENGINE

CREDENTIALS_FILE: Final = "credentials.json"
HASHES_FILE: Final = "hashes.json"
SECRET_BYTES: Final = 24
SECRET_BYTES_MAX: Final = 72  # bcrypt reads no further
# Secrets of 192 random bits need no slow hash: nobody guesses one. At cost 4 a check takes the broker a millisecond, so
# 10,000 devices that come back at once cost it seconds; at the usual cost of 10 they would cost minutes, all blind.
HASH_COST: Final = 4


class BrokerFault(Exception):
    """The embedded broker cannot do its work; the message is one line: what, where, the mend."""


class Credentials(Struct, frozen=True):
    """Every user's secret, by name; and a secret ending for the engine's client ids.

    MQTT gives a session to whoever names its client id, so the engine's must not be guessable by a device.
    """

    users: dict[str, str]
    session: str = ""

    @property
    def engine(self) -> str:
        """The engine's own secret."""
        return self.users[ENGINE]


class _Hashes(Struct, frozen=True):
    """bcrypt hashes by the SHA-256 of the secret they were made of: a changed secret finds none."""

    hashes: dict[str, str]


def keep_credentials(folder: Path, names: Iterable[str]) -> Credentials:
    """Read the secrets in `folder`, make those that are new, forget users that are gone, and store the result.

    The folder is made with mode 0700, the file with 0600; it is replaced as a whole. BrokerFault where it cannot be
    read: new secrets in its place would lock every device out.
    """
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(0o700)
    path = folder / CREDENTIALS_FILE
    old = _read_credentials(path)
    users = {name: old.users.get(name) or secrets.token_urlsafe(SECRET_BYTES) for name in sorted(names)}
    for name, secret in users.items():
        if len(secret.encode()) > SECRET_BYTES_MAX or not secret.isprintable():
            raise BrokerFault(
                f"{path}: the secret of {name} is longer than {SECRET_BYTES_MAX} bytes or not plain text: "
                "write another, or remove it to have one made"
            )
    new = Credentials(users, old.session or secrets.token_hex(8))
    if new != old or path.stat().st_mode & 0o077:
        replace_file(path, msgspec.json.format(msgspec.json.encode(new), indent=1))
    return new


def keep_hashes(folder: Path, credentials: Credentials) -> dict[str, str]:
    """The bcrypt hash of every user's secret, by name; only new secrets are hashed, other hashes are read back."""
    path = folder / HASHES_FILE
    old = _read_hashes(path)
    keys = {name: hashlib.sha256(secret.encode()).hexdigest() for name, secret in credentials.users.items()}
    missing = [name for name, key in keys.items() if key not in old]
    with ThreadPoolExecutor(os.cpu_count()) as pool:  # bcrypt releases the interpreter's lock
        made = dict(zip(missing, pool.map(_hash, (credentials.users[name] for name in missing)), strict=True))
    hashes = {name: made.get(name) or old[key] for name, key in keys.items()}
    kept = {key: hashes[name] for name, key in keys.items()}
    if kept != old:
        replace_file(path, msgspec.json.encode(_Hashes(kept)))
    return hashes


def replace_file(path: Path, content: bytes) -> None:
    """Put a file in its place at once and for good: after a crash there is the old one or the new one. Mode 0600."""
    beside = path.with_name(f".{path.name}.new")
    beside.unlink(missing_ok=True)
    descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    beside.replace(path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def _read_credentials(path: Path) -> Credentials:
    try:
        return msgspec.json.decode(path.read_bytes(), type=Credentials)
    except FileNotFoundError:
        return Credentials({}, "")
    except (OSError, msgspec.DecodeError, UnicodeDecodeError) as error:
        raise BrokerFault(
            f"{path}: cannot be read as credentials ({error}): mend it, or remove it to give every user a new secret"
        ) from error


def _read_hashes(path: Path) -> dict[str, str]:
    try:
        return msgspec.json.decode(path.read_bytes(), type=_Hashes).hashes
    except (OSError, msgspec.DecodeError, UnicodeDecodeError):
        return {}  # only a cache: what cannot be read is made again


def _hash(secret: str) -> str:
    return bcrypt.hashpw(secret.encode(), bcrypt.gensalt(HASH_COST)).decode()
