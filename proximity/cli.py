# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The victim-proximity monitor authors
"""The command line (DESIGN 4.5). Commands import what they need when called, so that --help answers at once."""

import contextlib
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final, NoReturn

import typer

if TYPE_CHECKING:
    from proximity.service.orders import Orders
    from proximity.settings.service import Settings

INPUT_AT_FAULT: Final = 1
USAGE: Final = 2
SERVICE_FAILED: Final = 3
ORDERS_BESIDE: Final = "orders"  # the folder of orders beside the settings, where none is named
DEFAULT_CONFIGS: Final = Path("configs")
LOCAL_TIME: Final = "Europe/Amsterdam"

app = typer.Typer(
    name="proximity",
    help="Notices at once when the wearer of an ankle monitor comes too close to a protected person.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)

SettingsOption = Annotated[
    Path | None, typer.Option("--settings", metavar="FILE", help="The service's settings (TOML).")
]
OrdersOption = Annotated[Path | None, typer.Option("--orders", metavar="DIR", help="The folder of the orders (TOML).")]


@app.command()
def run(settings: SettingsOption = None, orders: OrdersOption = None) -> None:
    """Run the service. Without a broker in the settings it starts its own.

    Without --settings the defaults hold; without --orders the folder `orders` beside the settings is read, or
    `configs/orders`. What changes in that folder takes hold while it runs; SIGHUP has it read anew.
    """
    import os
    import signal
    import threading

    from proximity.service.credentials import BrokerFault
    from proximity.service.journal import JournalFault
    from proximity.service.logs import configure_logs
    from proximity.service.mqtt import MqttFault
    from proximity.service.pipeline import RevisionFault
    from proximity.service.runner import EngineFault
    from proximity.service.start import StateFault, serve
    from proximity.service.watch import OrdersWatch

    folder = orders or (settings.parent if settings else DEFAULT_CONFIGS) / ORDERS_BESIDE
    read_settings, read_orders = _read_both(settings, folder)
    configure_logs()
    stop = threading.Event()
    begun = threading.Event()

    def end(*_: object) -> None:
        stop.set()
        if not begun.is_set():  # it compiles or replays, which may take long: there is nothing yet to lose or to stop
            os._exit(0)

    watch = OrdersWatch(folder)
    from_terminal = _at_terminal()

    def hang_up(*_: object) -> None:
        if from_terminal and not _at_terminal():  # its window was closed: nobody asks for the orders
            end()
        else:
            watch.ask()

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, end)
    signal.signal(signal.SIGHUP, hang_up)
    try:
        serve(read_settings, read_orders, stop, watch=watch, begins=begun.set)
    except (BrokerFault, JournalFault, MqttFault, RevisionFault, EngineFault, StateFault) as error:
        _fail(str(error), SERVICE_FAILED)
    except OSError as error:
        _fail(_what_failed(error), SERVICE_FAILED)


@app.command()
def demo(
    *,
    once: Annotated[
        bool, typer.Option("--once", help="End by itself; exit 0 only if the expected alerts came.")
    ] = False,
    speed: Annotated[float, typer.Option(metavar="X", help="Engine seconds in a second.")] = 120.0,
) -> None:
    """Show it: broker, service, recorded and simulated devices, and what a supervisor is told."""
    from simulators.demo.run import main as play

    raise typer.Exit(play(once, speed))


@app.command()
def replay(
    trace: Annotated[
        str | None, typer.Argument(metavar="[TRACE.jsonl]", help="A trace, gzipped or not; - is standard input.")
    ] = None,
    *,
    orders: OrdersOption = None,
    settings: SettingsOption = None,
    journal: Annotated[
        Path | None, typer.Option("--journal", metavar="FILE", help="A service's journal instead of a trace.")
    ] = None,
    tail_s: Annotated[int, typer.Option("--tail-s", min=0, help="Seconds that pass after the last line.")] = 0,
) -> None:
    """Run the engine alone over a trace or a journal: every transition as a JSON line on standard output."""
    from proximity.service.journal import Journal, JournalFault
    from proximity.service.pipeline import Naming, RevisionFault, orders_message
    from proximity.service.replay import ReplayFault, open_trace, read_lines, replay_journal, replay_trace

    if (trace is None) == (journal is None):
        _fail("replay: name either a trace or --journal FILE", USAGE)
    try:
        if journal is not None:
            with contextlib.closing(Journal(journal, read_only=True)) as opened:
                _write(replay_journal(opened))
            return
        if orders is None:
            _fail("replay: a trace is judged by orders: name their folder with --orders DIR", USAGE)
        read_settings, read_orders = _read_both(settings, orders)
        naming = Naming(read_settings.alerts.type_prefix, read_settings.alerts.source)
        first = orders_message(dict(read_orders.documents), read_settings.judging, naming)
        if trace == "-" and sys.stdin is None:
            _fail("standard input is closed: send a trace to it, or name one", USAGE)
        name = "standard input" if trace == "-" else str(trace)
        with contextlib.nullcontext(sys.stdin.buffer) if trace == "-" else open_trace(Path(name)) as file:
            _write(replay_trace(read_lines(file, name), name, first, tail_s))
    except (JournalFault, ReplayFault, RevisionFault) as error:
        _fail(str(error), INPUT_AT_FAULT)


@app.command()
def explain(
    incident: Annotated[str, typer.Argument(metavar="INCIDENT", help="The incident's id.")],
    *,
    journal: Annotated[Path, typer.Option("--journal", metavar="FILE", help="The service's journal.")],
    by: Annotated[str, typer.Option("--by", metavar="WHO", help="Who looks: it is recorded.")],
    reason: Annotated[str, typer.Option("--reason", metavar="TEXT", help="Why: it is recorded.")],
    picture: Annotated[
        Path | None, typer.Option("--picture", metavar="FILE", help="Draw it, too: a file that ends in .png or .svg.")
    ] = None,
    time_zone: Annotated[str, typer.Option("--time-zone", metavar="NAME", help="Whose local time.")] = LOCAL_TIME,
) -> None:
    """Say what the engine knew at each transition of an incident, and why it rose or fell.

    Distances are exact here, so who looks and why is recorded in the journal first, or nothing is shown.
    """
    from proximity.service.explain import ExplainFault
    from proximity.service.explain_command import Request, answer
    from proximity.service.journal import JournalFault
    from proximity.service.pipeline import RevisionFault

    if sys.stdout is None:
        _fail("standard output is closed: send it to a file or a program", USAGE)
    try:
        request = Request.of(incident, journal, by, reason, picture, time_zone)
    except ValueError as error:
        _fail(f"explain: {error}", USAGE)
    try:
        answer(request)
    except (ExplainFault, JournalFault, RevisionFault) as error:
        _fail(str(error), INPUT_AT_FAULT)


@app.command()
def check(orders: OrdersOption = None, settings: SettingsOption = None) -> None:
    """Name every fault in orders and settings, and what of the orders cannot be kept with their devices."""
    from proximity.settings.check import check as look

    folder = orders or (settings.parent if settings else DEFAULT_CONFIGS) / ORDERS_BESIDE
    checked = look(folder, settings)
    for note in checked.notes:
        _say(f"note: {note.line}")
    if checked.faults:
        _fail_all(fault.line for fault in checked.faults)
    print(", ".join(f"{count} {what}" for what, count in checked.counts.items()))  # noqa: T201 - this is the answer


@app.callback(invoke_without_command=True)
def root(
    *, version: Annotated[bool, typer.Option("--version", help="Say which version this is.", is_eager=True)] = False
) -> None:
    """Notices at once when the wearer of an ankle monitor comes too close to a protected person."""
    if version:
        from proximity import __version__

        print(__version__)  # noqa: T201 - this is the answer
        raise typer.Exit


def main() -> None:
    """The command `proximity`."""
    try:
        app()
    except KeyboardInterrupt:
        sys.exit(INPUT_AT_FAULT)
    except OSError as error:  # a name that is too long, a file that was taken away meanwhile, an output that is full
        _say(_what_failed(error))
        sys.exit(INPUT_AT_FAULT)


def _read_both(settings_file: Path | None, folder: Path) -> "tuple[Settings, Orders]":
    """Settings and orders, or every fault in both on standard error."""
    from proximity.service.orders import read_folder
    from proximity.settings.service import read_settings

    settings, settings_faults = read_settings(settings_file)
    orders, orders_faults = read_folder(folder)
    if settings is None or orders is None:
        _fail_all(fault.line for fault in (*settings_faults, *orders_faults))
    return settings, orders


def _at_terminal() -> bool:
    """Whether a terminal controls this process."""
    import os

    try:
        os.close(os.open("/dev/tty", os.O_RDWR | os.O_NOCTTY))
    except OSError:
        return False
    return True


def _write(lines: Iterator[bytes]) -> None:
    """Lines to standard output; whoever reads may stop reading."""
    if sys.stdout is None:
        _fail("standard output is closed: send it to a file or a program", USAGE)
    try:
        for line in lines:
            sys.stdout.buffer.write(line)
        sys.stdout.buffer.flush()
    except BrokenPipeError:
        sys.stderr.close()
        sys.exit(INPUT_AT_FAULT)


def _say(line: str) -> None:
    if sys.stderr is not None:
        with contextlib.suppress(OSError):  # nobody reads what we say: the exit code says it still
            sys.stderr.write(f"proximity: {line}\n")


def _what_failed(error: OSError) -> str:
    return f"{error.filename or 'input or output'}: {error.strerror or error}: mend that, then start again"


def _fail(line: str, code: int) -> NoReturn:
    _say(line)
    raise typer.Exit(code)


def _fail_all(lines: Iterable[str]) -> NoReturn:
    for line in lines:
        _say(line)
    raise typer.Exit(INPUT_AT_FAULT)
