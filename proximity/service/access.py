# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The victim-proximity monitor authors
"""Who may write and read what on the broker (DESIGN 4.1), in the words of MQTT, NATS and Mosquitto. Pure.

What no line here allows is denied.
"""

import base64
import hashlib
from collections.abc import Callable, Iterable, Mapping
from typing import Final, TypeAlias

from msgspec import Struct

from proximity.model.orders import OrderBook

ENGINE: Final = "engine"
MOSQUITTO_ROUNDS: Final = 101  # mosquitto_passwd's own number; the secrets are random, so more rounds protect nothing
Salt: TypeAlias = Callable[[str], bytes]


class User(Struct, frozen=True):
    """One name on the broker, with the MQTT topic filters it may publish and subscribe to."""

    name: str
    publish: tuple[str, ...]
    subscribe: tuple[str, ...]


class _Role(Struct, frozen=True):
    """What users of one kind may do; braces stand for the user's own ids."""

    name: str
    publish: tuple[str, ...]
    subscribe: tuple[str, ...]


_SYSTEM_STATE: Final = "proximity/v1/system/state"
_ENGINE_ROLE: Final = _Role(ENGINE, publish=("#",), subscribe=("#",))
_DEVICE_ROLE: Final = _Role(
    "device/{device}",
    publish=("proximity/v1/devices/{device}/fix", "proximity/v1/devices/{device}/status"),
    subscribe=("proximity/v1/devices/{device}/config", "proximity/v1/protected/{device}/state", _SYSTEM_STATE),
)
_PHONE_ROLE: Final = _Role(
    _DEVICE_ROLE.name, publish=(*_DEVICE_ROLE.publish, "owntracks/{owntracks}"), subscribe=_DEVICE_ROLE.subscribe
)
_SUPERVISOR_ROLE: Final = _Role(
    "supervisor/{region}/{supervisor}",
    publish=("reclassering/v1/{region}/{supervisor}/commands",),
    subscribe=("reclassering/v1/{region}/{supervisor}/#", _SYSTEM_STATE, "proximity/v1/system/alerts"),
)
_GATEWAY_ROLE: Final = _Role(
    "gateway/{gateway}",
    publish=("proximity/v1/devices/+/fix", "proximity/v1/devices/+/status"),
    subscribe=(_SYSTEM_STATE,),
)


def users_of(book: OrderBook, gateways: Iterable[str] = ()) -> tuple[User, ...]:
    """Every user of the broker, sorted by name: the engine, each device, each order's supervisor, each gateway."""
    users = [_user(_ENGINE_ROLE, {})]
    for party in book.parties:
        for device in party.devices:
            role = _PHONE_ROLE if device.owntracks else _DEVICE_ROLE
            users.append(_user(role, {"device": device.id, "owntracks": device.owntracks or ""}))
    for region, supervisor in {(order.region, order.supervisor) for order in book.orders}:
        users.append(_user(_SUPERVISOR_ROLE, {"region": region, "supervisor": supervisor}))
    users.extend(_user(_GATEWAY_ROLE, {"gateway": gateway}) for gateway in set(gateways))
    return tuple(sorted(users, key=lambda user: user.name))


def nats_subjects(topic_filter: str) -> tuple[str, ...]:
    """The NATS subjects that an MQTT topic filter stands for; `a/#` is two, as MQTT's `#` means `a` itself too.

    ValueError for what NATS cannot carry or would read otherwise: white space, `*`, `>`, and empty levels.
    """
    levels = topic_filter.split("/")
    if any(not level or any(letter.isspace() or letter in "*>" for letter in level) for level in levels):
        raise ValueError(f"topic filter {topic_filter!r} has no NATS subject: no empty level, white space, * or >")
    words = {"+": "*", "#": ">"}
    tokens = [words.get(level) or level.replace(".", "//") for level in levels]
    subject = ".".join(tokens)
    return (".".join(tokens[:-1]), subject) if tokens[-1] == ">" and len(tokens) > 1 else (subject,)


def nats_user(user: User, password_hash: str) -> dict[str, object]:
    """One entry of the `users` in the NATS server's configuration; only MQTT connections may use it."""
    return {
        "user": user.name,
        "password": password_hash,
        "allowed_connection_types": ["MQTT"],
        "permissions": {"publish": _nats_rule(user.publish), "subscribe": _nats_rule(user.subscribe)},
    }


def mosquitto_acl(users: Iterable[User]) -> str:
    """The content of Mosquitto's `acl_file`."""
    blocks = []
    for user in users:
        lines = [f"user {user.name}"]
        lines += [f"topic write {topic}" for topic in user.publish]
        lines += [f"topic read {topic}" for topic in user.subscribe]
        blocks.append("\n".join(lines))
    return "\n\n".join(blocks) + "\n"


def mosquitto_passwords(secrets: Mapping[str, str], salt: Salt) -> str:
    """The content of Mosquitto's `password_file` (PBKDF2 with SHA-512, its format 7); `salt` gives 12 bytes a user."""
    lines = []
    for name, secret in sorted(secrets.items()):
        grain = salt(name)
        digest = hashlib.pbkdf2_hmac("sha512", secret.encode(), grain, MOSQUITTO_ROUNDS)
        both = "$".join(base64.b64encode(part).decode() for part in (grain, digest))
        lines.append(f"{name}:$7${MOSQUITTO_ROUNDS}${both}")
    return "\n".join(lines) + "\n"


def _user(role: _Role, ids: Mapping[str, str]) -> User:
    return User(
        role.name.format_map(ids),
        tuple(topic.format_map(ids) for topic in role.publish),
        tuple(topic.format_map(ids) for topic in role.subscribe),
    )


def _nats_rule(filters: Iterable[str]) -> dict[str, list[str]]:
    """An empty list of what is allowed would allow all, so that is written as a denial."""
    subjects = [subject for topic_filter in filters for subject in nats_subjects(topic_filter)]
    return {"allow": subjects} if subjects else {"deny": [">"]}
