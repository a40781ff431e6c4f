# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The victim-proximity monitor authors
"""The service's settings from TOML: every key optional, every value checked, every fault named."""

from collections.abc import Mapping
from pathlib import Path
from typing import Final

import msgspec
from msgspec import Struct

from proximity.model.judging import Judging
from proximity.model.units import Millis, Seconds
from proximity.settings.documents import decode_toml, read_text
from proximity.settings.faults import Fault
from proximity.settings.hosts import is_loopback, url_host, url_is_tls
from proximity.settings.keys import FIELDS, RISING, SECTIONS, AnyCheck, all_checks
from proximity.settings.table import Table

STATE_DIR: Final = "state"


class Mqtt(Struct, frozen=True):
    """A broker of one's own; without `url` the embedded one is started."""

    url: str | None = None  # mqtt:// (loopback only) or mqtts://
    username: str | None = None
    password_file: Path | None = None
    ca_file: Path | None = None
    client_id: str = "proximity"  # ids of the sessions begin with it


class Broker(Struct, frozen=True):
    """The embedded broker."""

    host: str = "127.0.0.1"
    port: int = 0  # 0: a free one
    tls_certificate_file: Path | None = None  # both or none; always there where host is not loopback
    tls_key_file: Path | None = None
    gateways: tuple[str, ...] = ()  # ids of users that may write for any device


class Ingest(Struct, frozen=True):
    """How messages are taken in."""

    batch_max: int = 500
    batch_wait_ms: int = 10
    queue_max: int = 20_000  # messages waiting; at least batch_max


class Clock(Struct, frozen=True):
    """The service's time."""

    start_at_ms: Millis | None = None  # None: the system clock
    speed: float = 1.0


class Journal(Struct, frozen=True):
    """How the journal is kept."""

    snapshot_every_s: Seconds = 60.0


class Alerts(Struct, frozen=True):
    """How alerts name themselves, and when an incident is archived."""

    type_prefix: str = "nl.contactverboden"
    source: str = "urn:nld:oin:00000000000000000000:systeem:proximity"
    archive_after_s: Seconds = 86_400.0


class Heartbeat(Struct, frozen=True):
    """How often the service says that it lives."""

    every_s: Seconds = 1.0  # wall seconds


class Settings(Struct, frozen=True):
    """Everything that the service is told besides the orders."""

    state_dir: Path = Path(STATE_DIR)  # journal, broker store, credentials
    mqtt: Mqtt = Mqtt()
    broker: Broker = Broker()
    ingest: Ingest = Ingest()
    clock: Clock = Clock()
    journal: Journal = Journal()
    alerts: Alerts = Alerts()
    heartbeat: Heartbeat = Heartbeat()
    judging: Judging = Judging()


def read_settings(path: Path | None) -> tuple[Settings | None, tuple[Fault, ...]]:
    """The settings of a file, or every fault in it: never both. Without a file, the defaults."""
    if path is None:
        return Settings(), ()
    content = read_text(path)
    if isinstance(content, Fault):
        return None, (content,)
    raw = decode_toml(str(path), content)
    if isinstance(raw, Fault):
        return None, (raw,)
    faults: list[Fault] = []
    root = Table(str(path), "", raw, faults)
    checks = all_checks(path.parent)
    values: dict[str, object] = {"state_dir": root.get("state_dir", checks["state_dir"], path.parent / STATE_DIR)}
    for section in SECTIONS:
        table = root.table(section)
        if table is not None:
            values[section] = _read_section(table, section, checks)
    root.done()
    settings = msgspec.convert(values, Settings)
    _check_rising(root, settings)
    _check_mqtt(root, settings.mqtt)
    _check_broker(root, settings.broker)
    return (None, tuple(faults)) if faults else (settings, ())


def judging_text(judging: Judging) -> str:
    """The numbers of the judgement as canonical JSON, for the journal."""
    return msgspec.json.encode(judging, order="sorted").decode()


def judging_from_text(text: str) -> Judging:
    """What `judging_text` wrote. Raises `msgspec.MsgspecError` where the text is something else."""
    return msgspec.json.decode(text, type=Judging)


def _read_section(table: Table, section: str, checks: Mapping[str, AnyCheck]) -> dict[str, object]:
    """What the section says, by field; a key that is absent or at fault is left to its default."""
    values: dict[str, object] = {}
    below = {key.removeprefix(f"{section}."): check for key, check in checks.items() if key.startswith(f"{section}.")}
    for inner in sorted({key.partition(".")[0] for key in below if "." in key}):
        inner_table = table.table(inner)
        if inner_table is not None:
            values[inner] = _read_section(inner_table, f"{section}.{inner}", checks)
    for key, check in below.items():
        if "." not in key and (found := table.get(key, check, None)) is not None:
            values[FIELDS.get(f"{section}.{key}", key)] = found
    table.done()
    return values


def _check_rising(root: Table, settings: Settings) -> None:
    numbers = msgspec.to_builtins(settings, enc_hook=str)
    for section, smaller, larger, may_be_equal in RISING:
        own, table = numbers, root
        for name in section.split("."):
            own, table = own[name], table.below(name)
        low, high = own[smaller], own[larger]
        if low > high or (low == high and not may_be_equal):
            than = "more than" if may_be_equal else "not less than"
            table.fault(smaller, f"this is {low:g}, {than} {larger}, which is {high:g}: write less, or raise {larger}")


def _check_mqtt(root: Table, mqtt: Mqtt) -> None:
    table = root.below("mqtt")
    if "url" not in table:
        for key in ("username", "password_file", "ca_file"):
            if key in table:
                table.fault(key, "only a broker of one's own asks for it: write its url, or leave this out")
    if "password_file" in table and "username" not in table:
        table.fault("username", "this key is missing: MQTT knows no password without a username")
    if mqtt.url is None or url_is_tls(mqtt.url):
        return
    if not is_loopback(url_host(mqtt.url)):
        table.fault("url", "places would cross the network unencrypted: write mqtts://")
    if "ca_file" in table:
        table.fault("ca_file", "mqtt:// knows no certificates: write mqtts:// in url, or leave this out")


def _check_broker(root: Table, broker: Broker) -> None:
    table = root.below("broker")
    pair = ("tls_certificate_file", "tls_key_file")
    there = [key for key in pair if key in table]
    missing = [key for key in pair if key not in table]
    if there and missing:
        table.fault(missing[0], f"this key is missing: {there[0]} is of no use without it")
    elif missing and not is_loopback(broker.host):
        table.fault("host", "others can reach this host: write tls_certificate_file and tls_key_file too, or 127.0.0.1")
