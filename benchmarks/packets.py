# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The victim-proximity monitor authors
"""The few MQTT 3.1.1 packets that the load needs (OASIS standard, section 3), at a few microseconds each.

A client library costs more a message than the service that is measured; the load must not be what fills the machine.
"""

from msgspec import Struct

CONNECT = 0x10
PUBLISH_QOS_1 = 0x32
PUBACK = 0x40
PUBACK_LENGTH = 4
DISCONNECT = b"\xe0\x00"
CONNACK_ACCEPTED = b"\x20\x02\x00\x00"
CLEAN_SESSION = 0x02
USER_AND_PASSWORD = 0xC0
PROTOCOL_LEVEL = 4
PACKET_IDS = 65_535


class Acknowledged(Struct, frozen=True):
    """How many PUBACKs a stream held, and the bytes of the next one that has not arrived whole."""

    count: int
    rest: bytes


def length_prefix(length: int) -> bytes:
    """The remaining length (section 2.2.3): seven bits a byte, lowest first, the top bit says that more follow."""
    out = bytearray()
    while True:
        length, digit = divmod(length, 128)
        out.append(digit | 0x80 if length else digit)
        if not length:
            return bytes(out)


def text(value: str) -> bytes:
    """A string with its two-byte length before it (section 1.5.3)."""
    raw = value.encode()
    return len(raw).to_bytes(2, "big") + raw


def connect(client_id: str, username: str, password: str, keep_alive_s: int) -> bytes:
    """CONNECT with a clean session; without a user name where that is empty."""
    flags = CLEAN_SESSION | (USER_AND_PASSWORD if username else 0)
    body = text("MQTT") + bytes((PROTOCOL_LEVEL, flags)) + keep_alive_s.to_bytes(2, "big") + text(client_id)
    if username:
        body += text(username) + text(password)
    return bytes((CONNECT,)) + length_prefix(len(body)) + body


def publish(topic: bytes, packet_id: int, payload: bytes) -> bytes:
    """PUBLISH at QoS 1, not retained; `topic` already has its length before it (`text`)."""
    length = len(topic) + 2 + len(payload)
    return b"".join((b"\x32", length_prefix(length), topic, packet_id.to_bytes(2, "big"), payload))


def acknowledged(received: bytes) -> Acknowledged:
    """Count the PUBACKs in what a broker sent; ValueError if anything else is in it."""
    count, left = divmod(len(received), PUBACK_LENGTH)
    whole = count * PUBACK_LENGTH
    if received[:whole:PUBACK_LENGTH] != bytes((PUBACK,)) * count:
        raise ValueError("the broker sent something other than PUBACK to a client that only publishes")
    return Acknowledged(count, received[whole:] if left else b"")
