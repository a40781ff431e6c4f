# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The victim-proximity monitor authors
"""`python -m benchmarks.engine`: what a fix costs, what a full tick of many links costs, what a row weighs."""

import gc
import json
import sys
from collections.abc import Iterator, Sequence
from math import cos, nan, pi, radians, sin
from pathlib import Path
from random import Random
from time import perf_counter
from typing import Annotated, Final, NamedTuple

import matplotlib as mpl
import typer

mpl.use("agg")
import numpy as np
from matplotlib import pyplot as plt

from proximity.engine.judge import judge_rows
from proximity.engine.state import State, empty_state
from proximity.engine.step import step
from proximity.geo.world import RowColumns
from proximity.kernels.columns import Table, packed, records_of
from proximity.kernels.judgement import judge, select
from proximity.model.inputs import Fix, Revision
from proximity.model.judging import Judging
from proximity.model.orders import Circle, Device, Order, OrderBook, Party, Separation, Zone
from proximity.model.units import Millis
from proximity.model.words import DeviceKind, ZoneKind

DOCS: Final = Path(__file__).parents[1] / "docs"
PAGE, PICTURE = "engine-speed.md", "engine-speed.svg"
BEGIN, END = "<!-- table -->", "<!-- /table -->"
START_MS: Final[Millis] = 1_780_000_000_000
LAT_DEG, LON_DEG = 51.92, 4.48
DEGREES_A_M: Final = 1 / 111_200.0
BATCH: Final = 1000
FIX_BAR_US: Final = 2.0  # at 5,000 links
LINKS: Final = (500, 1500, 5000, 15_000)
ROUNDS: Final = 5
TILE: Final = 1000  # links


class Measured(NamedTuple):
    """One size of a world."""

    links: int
    us_a_fix: float  # the quickest round
    us_a_fix_median: float
    tick_ms: float  # every row judged at once
    bytes_a_device: float
    bytes_a_row: float


def pair(number: int, *, zones: bool) -> tuple[tuple[Party, Party], Order]:
    """A wearer and a protected person some kilometres apart, with two zones of his."""
    wearer, protected = f"w-{number}", f"p-{number}"
    lat_deg, lon_deg = home_of(number)
    areas = tuple(
        Zone(
            f"z-{place}", ZoneKind.EXCLUSION, (wearer,),
            Circle(lat_deg, lon_deg + 0.01 * (place - 0.5), 300.0), 100.0,
        )
        for place in range(2 if zones else 0)
    )  # fmt: skip
    people = (
        Party(wearer, (Device(f"ank-{number}", DeviceKind.TAG, 60.0, 300.0),)),
        Party(protected, (Device(f"vic-{number}", DeviceKind.PHONE, 15.0, 60.0),)),
    )
    order = Order(
        id=f"o-{number}", region="r", supervisor="s", valid_from_ms=START_MS - 1000, valid_until_ms=None,
        wearers=(wearer,), protected=(protected,), separation=Separation(1000.0, 2000.0, 300.0, 480.0), zones=areas,
    )  # fmt: skip
    return people, order


def home_of(number: int) -> tuple[float, float]:
    """Where the protected person of a pair is: on a lattice over some of the country."""
    return LAT_DEG + 0.004 * (number % 200 - 100), LON_DEG + 0.004 * (number // 200 % 200 - 100)


def world(links: int, *, zones: bool = True) -> State:
    """The engine under so many orders, before the first fix."""
    pairs = [pair(number, zones=zones) for number in range(links)]
    parties = tuple(sorted((party for people, _ in pairs for party in people), key=lambda party: party.id))
    orders = tuple(sorted((order for _, order in pairs), key=lambda order: order.id))
    state, _, _ = step(empty_state(), [Revision(OrderBook("bench", parties, orders), Judging())], START_MS - 500)
    return state


def fixes(links: int, round_of: int, chance: Random) -> list[Fix]:
    """One fix of every device: wearers walk around 3 km from who they may not come near, with 10 m of noise."""
    found = []
    for number in range(links):
        lat_deg, lon_deg = home_of(number)
        angle = 2 * pi * (number % 97) / 97 + 0.02 * round_of
        for device, away_m in ((f"ank-{number}", 3000.0), (f"vic-{number}", 0.0)):
            north_m = away_m * sin(angle) + chance.gauss(0.0, 7.0)
            east_m = away_m * cos(angle) + chance.gauss(0.0, 7.0)
            found.append(
                Fix(
                    device, START_MS + 60_000 * round_of, lat_deg + north_m * DEGREES_A_M,
                    lon_deg + east_m * DEGREES_A_M / cos(radians(LAT_DEG)), 10.0, 1.0, nan, -1,
                )
            )  # fmt: skip
    chance.shuffle(found)
    return found


def play(state: State, links: int, rounds: Sequence[int], chance: Random) -> Iterator[float]:
    """Microseconds a fix of each round, in steps of a thousand; the seconds due between them are not run."""
    for round_of in rounds:
        given = fixes(links, round_of, chance)
        now_ms = START_MS + 60_000 * round_of + 100
        gc.collect()
        begun_s = perf_counter()
        for place in range(0, len(given), BATCH):
            state, _, _ = step(state, given[place : place + BATCH], now_ms)
            now_ms += 10
        yield (perf_counter() - begun_s) / len(given) * 1e6


def weight(tables: Sequence[object], count: int) -> float:
    """Bytes a row of arrays."""
    return sum(int(getattr(column, "nbytes", 0)) for column in tables) / count


def tick_ms(state: State, now_ms: Millis) -> float:
    """Every row judged at once, by time alone: the quickest of three."""
    took_s = []
    for number in range(3):
        state.rows.due_ms[:] = 0
        begun_s = perf_counter()
        judge_rows(state, now_ms + 1000 * number)
        took_s.append(perf_counter() - begun_s)
    return min(took_s) * 1e3


def measure(links: int) -> Measured:
    """One world: warm, then measured."""
    chance = Random(links)
    state = world(links)
    list(play(state, links, range(2), chance))
    rounds = sorted(play(state, links, range(2, 2 + ROUNDS), chance))
    devices, rows = 2 * links, len(state.rows.level)
    tables = [*state.devices, *state.health, *state.wishes, state.silent_after_ms, *state.world.devices]
    device_bytes = weight(tables, devices) + weight(state.parties, devices)
    tick = tick_ms(state, START_MS + 60_000 * (2 + ROUNDS))
    row_bytes = weight(state.rows, rows)
    return Measured(links, rounds[0], rounds[len(rounds) // 2], tick, device_bytes, row_bytes)


def many_times(table: Table, times: int) -> Table:
    """A table with its rows over and over."""
    return packed(type(table)(*(np.concatenate([column] * times) for column in table)))


def full_tick(links: int) -> float:
    """Milliseconds of a full tick over so many links, no zones, all of them known: the quickest of three.

    A world of a thousand links over and over: orders of a million would take minutes to make, and are not looked at.
    """
    state, times = world(TILE, zones=False), -(-links // TILE)
    list(play(state, TILE, range(2), Random(1)))
    parties, rows = many_times(state.parties, times), many_times(state.rows, times)
    shift = np.repeat(np.arange(times, dtype=np.int32) * state.world.parties, TILE)
    columns = RowColumns(*(np.concatenate([column] * times) for column in state.columns))
    columns = columns._replace(wearer=columns.wearer + shift, protected=columns.protected + shift)
    people, records = records_of(parties), records_of(rows)
    took_s = []
    for number in range(3):
        now_ms = START_MS + 120_000 + 1000 * number
        rows.due_ms[:] = 0
        parties.touched[:] = parties.stirred[:] = False
        chosen, cause = np.zeros(len(shift), np.int32), np.zeros(len(shift), np.int8)
        begun_s = perf_counter()
        count = select(now_ms, columns.wearer, columns.protected, people, records, chosen)
        judge(
            chosen[:count], now_ms, state.kernel_numbers, columns.wearer, columns.protected, columns.zone,
            columns.limits_m, columns.reaction_s, columns.from_ms, columns.until_ms, count, people, state.world.zones,
            records, cause,
        )  # fmt: skip
        took_s.append(perf_counter() - begun_s)
    return min(took_s) * 1e3


def table(found: Sequence[Measured]) -> str:
    """In Markdown."""
    heads = (
        "links", "devices", "us a fix, quickest", "us a fix, median", "tick of all rows, ms", "bytes a device",
        "bytes a row",
    )  # fmt: skip
    lines = [f"| {' | '.join(heads)} |", "|---" * len(heads) + "|"]
    lines += [
        f"| {one.links:,} | {2 * one.links:,} | {one.us_a_fix:.2f} | {one.us_a_fix_median:.2f} | {one.tick_ms:.1f} "
        f"| {one.bytes_a_device:,.0f} | {one.bytes_a_row:,.0f} |"
        for one in found
    ]
    return "\n".join(lines)


def draw(found: Sequence[Measured], path: Path) -> None:
    """Microseconds a fix, and milliseconds a full tick, against the number of links."""
    figure, (left, right) = plt.subplots(1, 2, figsize=(10, 4), layout="constrained")
    links = [one.links for one in found]
    left.plot(links, [one.us_a_fix for one in found], "o-", label="quickest round")
    left.plot(links, [one.us_a_fix_median for one in found], "o--", label="median round")
    left.axhline(FIX_BAR_US, color="tab:red", linestyle=":", label="bar at 5,000 links")
    left.set(xscale="log", xlabel="links, two zones each", ylabel="microseconds a fix", ylim=(0, None))
    right.plot(links, [one.tick_ms for one in found], "o-")
    right.set(xscale="log", yscale="log", xlabel="links, two zones each", ylabel="milliseconds a full tick")
    left.legend()
    for panel in (left, right):
        panel.grid(visible=True, which="major", alpha=0.3)
    figure.savefig(path)
    plt.close(figure)


def main(
    tick_links: Annotated[int, typer.Option(help="links of the largest tick; 0: leave it out")] = 0,
    *,
    write: Annotated[bool, typer.Option("--write", help="docs/engine-speed.md and its picture")] = False,
) -> None:
    """Measure the engine alone: no broker, no journal."""
    found = []
    for links in LINKS:
        found.append(measure(links))
        print(table(found[-1:]).splitlines()[-1], file=sys.stderr, flush=True)
    tick = full_tick(tick_links) if tick_links else None
    print(table(found))
    print(json.dumps({"rows": [one._asdict() for one in found], "tick_links": tick_links, "tick_ms": tick}))
    if write:
        page = DOCS / PAGE
        before, _, rest = page.read_text(encoding="utf-8").partition(BEGIN)
        after = rest.partition(END)[2]
        line = f"\n\nA full tick of {tick_links:,} links without zones: {tick:,.0f} ms." if tick is not None else ""
        shown = f"![microseconds a fix, milliseconds a full tick]({PICTURE})"
        made = f"{table(found)}{line}\n\n{shown}"
        page.write_text(f"{before}{BEGIN}\n{made}\n{END}{after}", encoding="utf-8")
        draw(found, DOCS / PICTURE)


if __name__ == "__main__":
    typer.run(main)
