# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The victim-proximity monitor authors
"""The service's log: one line an event, key=value, on standard error. No coordinates stand in it (DESIGN 2, rule 7)."""

import contextlib
import logging
import sys
import traceback
from typing import Final, TextIO

import structlog

LEVEL: Final = logging.INFO


class Unfailing:
    """A stream that takes every line, also when nobody reads any more: a log that fails must stop no thread."""

    def __init__(self, stream: TextIO | None) -> None:
        self._stream = stream  # None where it was closed before we began

    def write(self, text: str) -> int:
        """Write the text, or lose it."""
        if self._stream is not None:
            with contextlib.suppress(OSError, ValueError):  # the reader is gone, the disk is full; closed
                self._stream.write(text)
        return len(text)

    def flush(self) -> None:
        """Let it out, or lose it."""
        if self._stream is not None:
            with contextlib.suppress(OSError, ValueError):
                self._stream.flush()


def configure_logs() -> None:
    """Write to standard error."""
    structlog.configure(
        processors=[
            structlog.processors.TimeStamper(fmt="iso", utc=True, key="at"),
            structlog.processors.add_log_level,
            structlog.processors.EventRenamer("what"),
            structlog.processors.LogfmtRenderer(key_order=("at", "level", "what")),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(LEVEL),
        logger_factory=structlog.PrintLoggerFactory(Unfailing(sys.stderr)),  # type: ignore[arg-type]
        cache_logger_on_first_use=True,
    )


def where_raised(error: BaseException) -> str:
    """File, line and function where an exception was raised: never its message, which may quote a place."""
    frames = traceback.extract_tb(error.__traceback__)
    last = frames[-1] if frames else None
    return f"{last.filename}:{last.lineno} {last.name}" if last else "unknown"
