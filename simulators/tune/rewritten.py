# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The victim-proximity monitor authors
"""The orders and settings of a journal as they would be at a point."""

import datetime as dt
import json
from collections.abc import Sequence
from typing import Any

import msgspec

from proximity.model.units import Millis
from proximity.service.pipeline import ORDERS, Message, OrdersMessage, Pipeline, RevisionFault, Told, orders_message
from proximity.settings.documents import decode_toml, is_order_file
from proximity.settings.faults import Fault
from proximity.settings.service import judging_from_text
from simulators.tune.grid import AS_SET, Point


class Retold(Pipeline):
    """The pipeline of `run` and `replay`, told a point's limits and settings wherever it is told orders."""

    def __init__(self, point: Point) -> None:
        super().__init__()
        self._point = point

    def advance(self, messages: Sequence[Message], now_ms: Millis) -> Told:
        """The same step. RevisionFault, TuneFault where the orders or settings of the journal do not fit the point."""
        return super().advance([rewritten(message, self._point) for message in messages], now_ms)


def rewritten(message: Message, point: Point) -> Message:
    """Orders at a point; every other message, and every message as set, is left as it is."""
    if message.topic != ORDERS or message.at_fault or point == AS_SET:
        return message
    try:
        content = msgspec.json.decode(message.payload, type=OrdersMessage)
        judging = judging_from_text(content.judging)
    except msgspec.MsgspecError as error:
        raise RevisionFault(f"the settings in the journal are not accepted by this version: {error}") from error
    documents = {
        name: with_limits(name, text, point) if is_order_file(name) else text
        for name, text in content.documents.items()
    }
    return orders_message(documents, point.judging(judging), content.naming)


def with_limits(name: str, text: str, point: Point) -> str:
    """An order file whose orders have the point's limits; an emergency that was set stays where it fits."""
    if point.limit_m is None:
        return text
    content = decode_toml(name, text)
    if isinstance(content, Fault):
        raise RevisionFault(f"the orders in the journal are not accepted by this version: {content.where}")
    tables: Any = content
    for order in tables.get("orders", ()):
        separation = order.get("separation")
        if separation is not None:
            separation |= {"limit_m": point.limit_m, "warning_m": point.warning_m}
            if separation.get("emergency_m", 0.0) >= point.limit_m:
                del separation["emergency_m"]
    return "".join(f"{json.dumps(key)} = {toml(value)}\n" for key, value in tables.items())


def toml(value: object) -> str:
    """A value of `tomllib` written back, on one line."""
    match value:
        case dict():
            return f"{{{', '.join(f'{toml(str(key))} = {toml(inner)}' for key, inner in value.items())}}}"
        case list():
            return f"[{', '.join(map(toml, value))}]"
        case str():
            return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
        case bool():
            return "true" if value else "false"
        case dt.date() | dt.time():
            return value.isoformat()
        case _:
            return repr(value)
