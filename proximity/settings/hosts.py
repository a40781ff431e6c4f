# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The victim-proximity monitor authors
"""Hosts and broker addresses, and which of them lead off this machine."""

import ipaddress
import re
from typing import Final
from urllib.parse import urlsplit

from proximity.settings.checks import Wrong

HOST_PATTERN: Final = re.compile(
    r"(?=.{1,253}$)[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?(\.[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?)*"
)
URL_MEND: Final = "write mqtts://host:8883, or mqtt://127.0.0.1:1883 on this machine"
TLS_SCHEME: Final = "mqtts"
SCHEMES: Final = ("mqtt", TLS_SCHEME)


def host(raw: object) -> str | Wrong:
    """An address or a name of a host."""
    return raw if isinstance(raw, str) and _is_host(raw) else Wrong('write an address or a name, such as "127.0.0.1"')


def broker_url(raw: object) -> str | Wrong:
    """The address of an MQTT broker: scheme, host and port alone."""
    if not isinstance(raw, str) or not raw.isascii() or not raw.isprintable():
        return Wrong(URL_MEND)
    try:
        parts = urlsplit(raw)
        port = parts.port
    except ValueError:
        return Wrong(URL_MEND)
    if "@" in parts.netloc:
        return Wrong("a name and a password do not stand in the address: write username and password_file")
    if parts.scheme not in SCHEMES or port == 0 or not parts.hostname or not _is_host(parts.hostname):
        return Wrong(URL_MEND)
    if parts.path.strip("/") or parts.query or parts.fragment:
        return Wrong(f"nothing comes after host and port: {URL_MEND}")
    return raw


def url_host(url: str) -> str:
    """The host of a checked address."""
    return urlsplit(url).hostname or ""


def url_is_tls(url: str) -> bool:
    """Whether a checked address asks for TLS."""
    return urlsplit(url).scheme == TLS_SCHEME


def is_loopback(name: str) -> bool:
    """Whether a host is this machine and reaches no other; a name other than localhost may be anything."""
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return name.lower() == "localhost"


def _is_host(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return HOST_PATTERN.fullmatch(name) is not None
    return True
