# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The victim-proximity monitor authors
"""One load process: publishes its share of the fixes on time and counts what the broker acknowledges.

`python -m benchmarks.load ORDER.json REPORT.json`; it stops by itself. No more than `unacknowledged_max` fixes are
under way at once: a broker or service that slows down makes the load late, and the report says by how much.
"""

import select
import socket
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import msgspec

from benchmarks import packets, plan, records

TICK_S = 0.004
KEEP_ALIVE_S = 60
GIVE_UP_S = 20.0  # without a single acknowledgement
PAYLOAD = (
    b'{"fixed_at":"%s.%03dZ","lat":%.7f,"lon":%.7f,"accuracy_m":%.1f,"speed_mps":%.1f,"course_deg":%.1f,'
    b'"source":"gnss","battery_pct":88,"seq":%d}'
)


class Sender:
    """A connection that publishes at QoS 1 and keeps count. One thread: the broker's PUBACKs always fit the buffer."""

    def __init__(self, connection: records.Connection, client_id: str) -> None:
        """Connect; ConnectionError where the broker does not accept it."""
        self.socket = socket.create_connection((connection.host, connection.port), timeout=GIVE_UP_S)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.socket.sendall(packets.connect(client_id, connection.username, connection.password, KEEP_ALIVE_S))
        answer = self.socket.recv(len(packets.CONNACK_ACCEPTED), socket.MSG_WAITALL)
        if answer != packets.CONNACK_ACCEPTED:
            raise ConnectionError(f"the broker refused the load's connection: CONNACK {answer.hex()}")
        self.sent = 0
        self.acknowledged = 0
        self.rest = b""

    @property
    def under_way(self) -> int:
        """How many fixes are sent and not acknowledged."""
        return self.sent - self.acknowledged

    def take_acknowledgements(self, wait_s: float) -> None:
        """Count what has arrived, waiting at most `wait_s` for the first byte."""
        readable, _, _ = select.select((self.socket,), (), (), wait_s)
        if not readable:
            return
        received = self.socket.recv(1 << 20)
        if not received:
            raise ConnectionError("the broker closed the load's connection")
        taken = packets.acknowledged(self.rest + received)
        self.acknowledged += taken.count
        self.rest = taken.rest

    def send(self, messages: list[bytes]) -> None:
        """Publish messages that `packets.publish` made."""
        if messages:
            self.socket.sendall(b"".join(messages))
            self.sent += len(messages)


class Timetable:
    """The fixes of this process in order, encoded when they are due."""

    def __init__(self, order: records.LoadOrder) -> None:
        """Nothing is due before `start_at_s`."""
        self.slots: Iterator[plan.Slot] = plan.slots(order.plan, order.process)
        self.next: plan.Slot | None = next(self.slots, None)
        self.start_at_s = order.start_at_s
        self.number = 0
        self.round_s = order.plan.round_s
        self.second = 0
        self.second_text = b""
        self.lag_max_s = 0.0
        self.crossings: dict[str, float] = {}
        self.topics: dict[str, bytes] = {}

    def due(self, at_most: int) -> list[bytes]:
        """The messages whose time has come."""
        messages: list[bytes] = []
        now_s = time.time()
        while self.next is not None and len(messages) < at_most and self.start_at_s + self.next.due_s <= now_s:
            messages.append(self.encode(self.next))
            self.next = next(self.slots, None)
        if self.next is not None and at_most == len(messages):  # what is due and may not go is late
            self.lag_max_s = max(self.lag_max_s, now_s - self.start_at_s - self.next.due_s)
        return messages

    def encode(self, slot: plan.Slot) -> bytes:
        """One fix, stamped now."""
        now_s = time.time()
        self.lag_max_s = max(self.lag_max_s, now_s - self.start_at_s - slot.due_s)
        if slot.crosses:
            self.crossings[plan.order(slot.link)] = now_s * 1000.0
        topic = self.topics.get(slot.device)
        if topic is None:
            topic = self.topics[slot.device] = packets.text(f"proximity/v1/devices/{slot.device}/fix")
        packet_id = self.number % packets.PACKET_IDS + 1
        self.number += 1
        return packets.publish(topic, packet_id, self.payload(slot, now_s))

    def payload(self, slot: plan.Slot, now_s: float) -> bytes:
        """A fix in the documented form, every field there, fixed now."""
        second = int(now_s)
        if second != self.second:
            self.second = second
            self.second_text = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(second)).encode()
        at = slot.at
        return PAYLOAD % (
            self.second_text,
            (now_s - second) * 1000.0,
            at.lat_deg,
            at.lon_deg,
            slot.accuracy_m,
            at.moved_m / self.round_s,
            at.course_deg,
            slot.round,
        )


def drain(sender: Sender, heard_s: float) -> None:
    """Wait for the last acknowledgements."""
    while sender.under_way and time.time() - heard_s < GIVE_UP_S:
        sender.take_acknowledgements(TICK_S)


def run(order: records.LoadOrder) -> records.LoadReport:
    """Send the whole share. Ends early, and the report shows it, when the broker acknowledges nothing for long."""
    sender = Sender(order.connection, f"load-{order.process}")
    timetable = Timetable(order)
    time.sleep(max(0.0, order.start_at_s - time.time()))
    heard_s, began_cpu_s = time.time(), time.process_time()
    while timetable.next is not None and time.time() - heard_s < GIVE_UP_S:
        before = sender.acknowledged
        sender.send(timetable.due(order.plan.unacknowledged_max - sender.under_way))
        time.sleep(TICK_S)
        sender.take_acknowledgements(0.0)
        if sender.acknowledged != before or not sender.under_way:
            heard_s = time.time()
    drain(sender, time.time())
    sender.socket.sendall(packets.DISCONNECT)
    sender.socket.close()
    return records.LoadReport(
        sent=sender.sent,
        acknowledged=sender.acknowledged,
        lag_max_ms=timetable.lag_max_s * 1000.0,
        cpu_s=time.process_time() - began_cpu_s,
        crossings=timetable.crossings,
    )


def main() -> None:
    """Read the order, do it, write the report."""
    order_file, report_file = sys.argv[1:]
    order = msgspec.json.decode(Path(order_file).read_bytes(), type=records.LoadOrder)
    records.write(Path(report_file), run(order))


if __name__ == "__main__":
    main()
