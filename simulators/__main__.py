# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The victim-proximity monitor authors
"""`python -m simulators`: write the recordings as a trace, play devices, stage scenes, score, swarm or tune."""

import asyncio
import sys
from pathlib import Path
from typing import Annotated

import msgspec
import typer
from rich.console import Console
from rich.progress import Progress

from simulators.demo.story import demo_tracks
from simulators.devices.recorded import recorded_pair, to_trace
from simulators.devices.topics import device_user
from simulators.live.connection import broker_at, quiet_mqtt, read_endpoint, read_passwords
from simulators.live.player import Player
from simulators.scores import bars as bars_of
from simulators.scores import curves as curves_of
from simulators.scores.calibration import rows
from simulators.scores.known import PAIR_DAYS as KNOWN_PAIR_DAYS
from simulators.scores.known import small_score
from simulators.scores.known import write_known as write_small_score
from simulators.scores.pairs import LIMITS
from simulators.scores.score import AS_SET, PUBLISHED_SEED, SCALES, TUNING_SEED, lines_of, reliabilities_of, run, table
from simulators.staged.known import all_outcomes, known_of, write_known
from simulators.staged.known import table as staged_table
from simulators.staged.obeying import obeyed_table
from simulators.staged.outcomes import SEEDS
from simulators.staged.scenes import SCENES
from simulators.swarm.swarm import run as run_swarm
from simulators.swarm.swarm import table as swarm_table
from simulators.tune.command import Asked
from simulators.tune.command import tune as try_grid
from simulators.tune.grid import TuneFault

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)
INPUT_FAULT = 1
QUICK_PAIR_DAYS = 60
TABLE_WIDTH = 170  # where nobody watches


def fail(line: str) -> typer.Exit:
    """Say in one line what is wrong; raise what this gives."""
    print(f"python -m simulators: {line}", file=sys.stderr)
    return typer.Exit(INPUT_FAULT)


@app.command()
def trace(out: Annotated[Path, typer.Option(help="the file to write; - is standard output")]) -> None:
    """Write the two recorded tracks as a trace for `proximity replay`."""
    lines = to_trace(recorded_pair())
    if str(out) == "-":
        sys.stdout.buffer.writelines(lines)
        return
    try:
        with out.open("wb") as file:
            file.writelines(lines)
    except OSError as error:
        raise fail(f"cannot write {out}: {error.strerror}; name a file in a folder that exists") from error


@app.command()
def play(
    devices: Annotated[list[str], typer.Argument(help="of utrecht1 utrecht2 rtm-car rtm-home rtm-walker")],
    state_dir: Annotated[
        Path | None, typer.Option(help="the state folder of a service with the embedded broker")
    ] = None,
    url: Annotated[str | None, typer.Option(help="mqtt://host:1883 or mqtts://host:8883")] = None,
    credentials: Annotated[Path | None, typer.Option(help='JSON: {"users": {"device/<id>": "<password>"}}')] = None,
    ca_file: Annotated[str | None, typer.Option(help="the authority that signed the broker's certificate")] = None,
) -> None:
    """Play devices against a broker, by the clock of the service that runs there, until their tracks end."""
    tracks = demo_tracks()
    unknown = [device for device in devices if device not in tracks]
    if unknown:
        raise fail(f"no device {unknown[0]!r}: choose of {', '.join(tracks)}")
    if (state_dir is None) == (url is None):
        raise fail("give either --state-dir or --url")
    if credentials is None and state_dir is not None:
        credentials = state_dir / "broker" / "credentials.json"
    try:
        broker = read_endpoint(state_dir) if state_dir else broker_at(url or "", ca_file)
        passwords = read_passwords(credentials) if credentials else {}
    except (OSError, ValueError) as error:  # msgspec's are ValueErrors
        raise fail(f"{error}; does the service run?" if state_dir else str(error)) from error
    players = [
        Player(device, tracks[device], broker, passwords.get(device_user(device)), lambda line: print(line, flush=True))
        for device in devices
    ]
    asyncio.run(_play_all(players))


@app.command()
def score(
    pair_days: Annotated[int, typer.Option(min=1, help="how many days of pairs of people")] = 1000,
    seed: Annotated[int, typer.Option(help="which people; the default is nobody's to tune on")] = PUBLISHED_SEED,
    processes: Annotated[int, typer.Option(min=1, help="how many at a time")] = 2,
    *,
    quick: Annotated[bool, typer.Option(help="60 pair-days, under a minute")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="as JSON, on standard output")] = False,
    write: Annotated[bool, typer.Option("--write", help="docs/score.md and its pictures")] = False,
    record: Annotated[bool, typer.Option("--record", help="CI's small score alone: write down what it misses")] = False,
) -> None:
    """Score our engine and rule models of others on the same simulated days: missed, needless, late."""
    if record:
        with Progress(*Progress.get_default_columns(), console=Console(stderr=True), transient=True) as bar:
            task = bar.add_task("pair-days", total=KNOWN_PAIR_DAYS)
            known = small_score(processes, lambda done: bar.advance(task, done))
        write_small_score(known)
        print(f"of {known.approaches} approaches {len(known.partly)} are told partly, {len(known.missed)} missed")
        return
    count = QUICK_PAIR_DAYS if quick else pair_days
    console = Console(stderr=True)
    with Progress(*Progress.get_default_columns(), console=console, transient=True) as bar:
        task = bar.add_task("pair-days", total=count)
        tried = SCALES if write else (AS_SET,)  # the curve is the page's alone
        judged = run(seed, count, processes, lambda done: bar.advance(task, done), tried, obey=write)
    lines = lines_of(judged)
    if write:
        from simulators.scores import page  # noqa: PLC0415 - matplotlib takes its time

        with Progress(*Progress.get_default_columns(), console=console, transient=True) as bar:
            task = bar.add_task("scenes, recordings, pictures", total=page.STEPS)
            written = page.write(judged, seed, lambda done: bar.advance(task, done))
        print(f"written: {written}", file=sys.stderr)
    if as_json:
        claims = [row and row._asdict() for row in rows(reliabilities_of(judged))]
        found = {"engines": [line._asdict() for line in lines], "reliability": claims}
        sys.stdout.buffer.write(msgspec.json.encode(found) + b"\n")
        return
    print(f"{lines[0].approaches} true approaches within {LIMITS.limit_m:g} m on {count} pair-days, seed {seed}")
    Console(width=None if sys.stdout.isatty() else TABLE_WIDTH).print(table(lines))


@app.command()
def bars(
    pair_days: Annotated[int, typer.Option(min=1, help="how many days of pairs of people")] = bars_of.PAIR_DAYS,
    seed: Annotated[int, typer.Option(help="which people; the default is nobody's to tune on")] = bars_of.SEED,
    processes: Annotated[int, typer.Option(min=1, help="how many at a time")] = 2,
    *,
    write: Annotated[bool, typer.Option("--write", help="docs/score.md")] = False,
) -> None:
    """Hold our engine against what the plan asks of it, on days whose devices report as often as they are asked."""
    console = Console(stderr=True)
    with Progress(*Progress.get_default_columns(), console=console, transient=True) as bar:
        task = bar.add_task("pair-days", total=pair_days)
        days = bars_of.run(seed, pair_days, processes, lambda done: bar.advance(task, done))
    made = bars_of.of_bars(days, seed)
    print(made)
    if write:
        from simulators.scores import page  # noqa: PLC0415 - matplotlib takes its time

        print(f"written: {page.fill('bars', made)}", file=sys.stderr)


@app.command()
def curves(
    pair_days: Annotated[int, typer.Option(min=1, help="how many days of pairs of people")] = curves_of.PAIR_DAYS,
    seed: Annotated[int, typer.Option(help="which people; the default is the one that is tuned on")] = TUNING_SEED,
    processes: Annotated[int, typer.Option(min=1, help="how many at a time")] = 2,
    *,
    write: Annotated[bool, typer.Option("--write", help="docs/score.md and its picture")] = False,
) -> None:
    """Show which bars pull against each other: the same days by one setting after another."""
    with Progress(*Progress.get_default_columns(), console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("pair-days", total=pair_days)
        outcomes = curves_of.run(seed, pair_days, processes, lambda done: bar.advance(task, done))
    made = curves_of.of_curves(outcomes, seed)
    print(made)
    if write:
        from simulators.scores import page, pictures  # noqa: PLC0415 - matplotlib takes its time

        pictures.draw_contradictions(outcomes, page.DOCS / "score-contradictions.svg")
        print(f"written: {page.fill('curves', made)}", file=sys.stderr)


@app.command()
def staged(
    scenes: Annotated[list[str] | None, typer.Argument(help="by name; all where none is given")] = None,
    seeds: Annotated[int, typer.Option(min=1, help="of delay, loss and cadence")] = len(SEEDS),
    processes: Annotated[int, typer.Option(min=1, help="how many at a time")] = 2,
    *,
    record: Annotated[bool, typer.Option("--record", help="write what is missed down as known")] = False,
    obey: Annotated[bool, typer.Option("--obey", help="with devices that report as often as they are asked")] = False,
) -> None:
    """Play staged scenes through `proximity replay`: what was told in time, late, not at all, or in vain."""
    names = scenes or list(SCENES)
    unknown = [name for name in names if name not in SCENES]
    if unknown:
        raise fail(f"no scene {unknown[0]!r}: choose of {', '.join(SCENES)}")
    if record and (scenes or seeds != len(SEEDS)):
        raise fail("--record takes all scenes with all seeds: leave the others out")
    if obey:
        Console(width=None if sys.stdout.isatty() else TABLE_WIDTH).print(obeyed_table(names, range(seeds), processes))
        return
    with Progress(*Progress.get_default_columns(), console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("scenes", total=len(names))
        outcomes = all_outcomes(
            processes, names=names, seeds=range(seeds), progress=lambda done: bar.advance(task, done)
        )
    if record:
        write_known({name: known_of(of) for name, of in outcomes.items()})
    Console(width=None if sys.stdout.isatty() else TABLE_WIDTH).print(staged_table(outcomes))


@app.command()
def tune(  # noqa: PLR0913 - options, by name
    pair_days: Annotated[int | None, typer.Option(min=1, help="how many days of pairs of people; 100")] = None,
    seed: Annotated[int | None, typer.Option(help="which people; never the published score's")] = None,
    journal: Annotated[
        Path | None, typer.Option(metavar="FILE", help="a service's journal.sqlite3 instead of simulated days")
    ] = None,
    limits: Annotated[str | None, typer.Option(metavar="400,700,..", help="limit_m of every order, metres")] = None,
    warning_factor: Annotated[float | None, typer.Option(help="warning_m in limits; 2")] = None,
    settings: Annotated[
        list[str] | None, typer.Option("--set", metavar="NAME=V1,V2", help="values of a setting of [judging]; again")
    ] = None,
    processes: Annotated[int, typer.Option(min=1, help="how many at a time")] = 2,
    *,
    plot: Annotated[Path | None, typer.Option(metavar="FILE", help="a picture too, .png or .svg")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="as JSON, on standard output")] = False,
) -> None:
    """Try limits and settings on the very same fixes: how many alerts, and what would be lost."""
    try:
        try_grid(
            Asked(limits, settings or (), warning_factor, pair_days, seed, journal, processes, plot, as_json=as_json)
        )
    except TuneFault as error:
        raise fail(str(error)) from error


@app.command()
def swarm(
    pair_days: Annotated[int, typer.Option(min=1, help="how many")] = 1000,
    seed: Annotated[int, typer.Option(help="which people and faults")] = TUNING_SEED,
    number: Annotated[int | None, typer.Option(min=0, help="this pair-day alone")] = None,
    processes: Annotated[int, typer.Option(min=1, help="how many at a time")] = 2,
) -> None:
    """Pair-days with faults by chance: what must always hold, and the command that repeats what did not."""
    numbers = range(pair_days) if number is None else range(number, number + 1)
    checked, console = [], Console(stderr=True)
    with Progress(*Progress.get_default_columns(), console=console, transient=True) as bar:
        task = bar.add_task("pair-days", total=len(numbers))
        for one in run_swarm(seed, numbers, processes, lambda done: bar.advance(task, done)):
            checked.append(one)
            for broken in one.broken:
                line = f"seed {broken.seed}, number {broken.number}: {broken.invariant}: {broken.finding}"
                bar.console.out(f"{line}\n  repeat: {broken.command}", highlight=False)
    print(f"{len(checked)} pair-days, seed {seed}, {sum(one.fixes for one in checked):,} fixes")
    Console(width=None if sys.stdout.isatty() else TABLE_WIDTH).print(swarm_table(checked))
    if any(one.broken for one in checked):
        raise typer.Exit(INPUT_FAULT)


async def _play_all(players: list[Player]) -> None:
    quiet_mqtt(asyncio.get_running_loop())
    await asyncio.gather(*(player.play() for player in players))


if __name__ == "__main__":
    app()
