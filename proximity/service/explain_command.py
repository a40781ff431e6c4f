# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The victim-proximity monitor authors
"""`proximity explain`: find out, record who looks and why, and only then show."""

import contextlib
import logging
from pathlib import Path
from typing import Final, NamedTuple, Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from rich.console import Console
from rich.progress import Progress

from proximity.service.audit import TEXT_MAX, Look, record
from proximity.service.clock import wall_ms
from proximity.service.explain import ExplainFault, Explanation, explain
from proximity.service.explain_table import render
from proximity.service.journal import Journal

ENDINGS: Final = (".png", ".svg")
WIDTH_OF_FILES: Final = 160  # characters a line where no terminal says


class Request(NamedTuple):
    """What is asked for, by whom and why."""

    incident: str
    journal: Path
    by: str
    reason: str
    picture: Path | None
    zone: ZoneInfo

    @classmethod
    def of(cls, incident: str, journal: Path, by: str, reason: str, picture: Path | None, time_zone: str) -> Self:
        """The same, looked at. ValueError, in one line, where it cannot be meant."""
        for option, text in (("--by", by), ("--reason", reason)):
            if not text.strip() or not text.isprintable() or len(text) > TEXT_MAX:
                raise ValueError(f"{option}: say it in one line of 1 to {TEXT_MAX} characters: it is recorded")
        if picture is not None and picture.suffix.lower() not in ENDINGS:
            raise ValueError(f"--picture {picture}: a picture's name ends in {' or '.join(ENDINGS)}")
        try:
            zone = ZoneInfo(time_zone)
        except (ZoneInfoNotFoundError, ValueError, OSError) as error:
            raise ValueError(f"--time-zone {time_zone!r} is not known: name one like Europe/Amsterdam") from error
        return cls(incident, journal, by.strip(), reason.strip(), picture, zone)


def answer(request: Request) -> None:
    """Explain it on standard output. ExplainFault, JournalFault, RevisionFault: nothing was shown.

    OSError: the picture cannot be written; the look is recorded, and the table was shown.
    """
    with contextlib.closing(Journal(request.journal, read_only=True)) as journal:
        explanation = _worked_out(journal, request)
    picture = request.picture
    if picture is not None and not explanation.readings:
        raise ExplainFault(f"{request.incident}: it is about no distance: ask for it without --picture")
    entry = record(request.journal, Look(wall_ms(), request.by, request.incident, request.reason))
    console = Console(highlight=False)
    if not console.is_terminal:
        console.width = WIDTH_OF_FILES
    console.print(render(explanation, request.zone))
    if picture is not None:
        logging.getLogger("matplotlib").setLevel(logging.ERROR)  # that it looks for fonts concerns nobody
        from proximity.service.explain_picture import draw  # noqa: PLC0415 - matplotlib takes its time

        draw(explanation, picture, request.zone)
        console.print(f"picture: {picture}", markup=False, soft_wrap=True)
    console.print(
        f"recorded as look {entry.number}: {entry.look.who}: {entry.look.reason}", markup=False, soft_wrap=True
    )


def _worked_out(journal: Journal, request: Request) -> Explanation:
    """Replaying a long journal takes its time: a bar on the terminal says how far it is."""
    with Progress(console=Console(stderr=True), transient=True, disable=not Console(stderr=True).is_terminal) as bar:
        task = bar.add_task("replaying", total=None)

        def progress(number: int, last: int) -> None:
            bar.update(task, completed=number, total=last)

        return explain(journal, str(request.journal), request.incident, progress)
