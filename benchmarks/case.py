# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The victim-proximity monitor authors
"""One case of the bench: a broker, a consumer, a watcher and the load, run and measured."""

import json
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import psutil
from msgspec import Struct

from benchmarks import brokers, plan, records
from benchmarks.figures import AT_LEAST_BEATS, Broker, Consumer, Figures, Sample, figures, first_arrivals
from benchmarks.processes import BenchError, Processes
from benchmarks.records import Connection, Heartbeat, LoadOrder, LoadReport, Seen

READY_WITHIN_S = 120.0
BEGIN_AFTER_S = 1.0  # time for the load's processes to start
LAST_ALERTS_WITHIN_S = 5.0
LOAD_ENDS_WITHIN_S = 60.0
SAMPLE_S = 1.0

SETTINGS = """\
state_dir = "state"
[broker]
gateways = ["load"]
[journal]
snapshot_every_s = {snapshot_every_s}
[judging]
extrapolate_s = 0
"""  # a driver carried on would be told before the fix that crosses, from which the bench counts
OWN_BROKER = """\
[mqtt]
url = "mqtt://{host}:{port}"
"""

Tell = Callable[[str, float], None]  # what goes on, and how much of the case is over (0 to 1)


class Stage(Struct, frozen=True):
    """Who is there when the load begins."""

    consumer_pid: int
    broker_pid: int
    load: Connection
    watcher: Connection


def module(name: str, *arguments: str | Path) -> list[str | Path]:
    """The command that runs a module of this environment."""
    return [sys.executable, "-m", name, *arguments]


def settings_toml(load: plan.Plan, port: int | None) -> str:
    """The service's settings: its own broker where there is no port. One snapshot at least falls in the window."""
    own = "" if port is None else OWN_BROKER.format(host=brokers.HOST, port=port)
    return SETTINGS.format(snapshot_every_s=min(60, load.seconds)) + own


def start_service(processes: Processes, folder: Path, load: plan.Plan, port: int | None) -> int:
    """Start `proximity run` with its journal in the folder; gives its process id."""
    settings = folder / "settings.toml"
    settings.write_text(settings_toml(load, port))
    command = module("proximity", "run", "--settings", settings, "--orders", folder / "orders")
    return processes.start("service", command)


def read_json(path: Path) -> dict[str, Any] | None:
    """A JSON object that a process writes when it is ready; None as long as it has not."""
    return dict(json.loads(path.read_text())) if path.exists() else None


def embedded_service(processes: Processes, folder: Path, load: plan.Plan) -> Stage:
    """The service with the broker it starts itself."""
    pid = start_service(processes, folder, load, None)
    kept = folder / "state" / "broker"
    end = processes.wait_for("endpoint.json", lambda: read_json(kept / "endpoint.json"), READY_WITHIN_S)
    users = processes.wait_for("credentials.json", lambda: read_json(kept / "credentials.json"), READY_WITHIN_S)[
        "users"
    ]

    def user(name: str) -> Connection:
        return Connection(end["host"], end["port"], name, users[name])

    return Stage(pid, end["pid"], user(brokers.LOAD), user(brokers.WATCHER))


def mosquitto_service(processes: Processes, folder: Path, load: plan.Plan) -> Stage:
    """The service with Mosquitto for its broker."""
    broker_pid, port = brokers.start_mosquitto(processes, folder)
    pid = start_service(processes, folder, load, port)
    return Stage(pid, broker_pid, brokers.as_nobody(port), brokers.as_nobody(port))


def start_other(processes: Processes, folder: Path, consumer: Consumer, connection: Connection) -> int:
    """Start the bare subscriber or the user's script; gives its process id."""
    file = folder / "engine.json"
    records.write(file, connection)
    commands = {
        Consumer.BARE: module("benchmarks.bare_subscriber", file),
        Consumer.SCRIPT: module("benchmarks.users_script", file, folder / "orders" / "orders.toml"),
    }
    return processes.start(consumer, commands[consumer])


def embedded_other(processes: Processes, folder: Path, consumer: Consumer) -> Stage:
    """Another consumer behind the server that the service embeds."""
    broker_pid, port = brokers.start_nats(processes, folder)
    pid = start_other(processes, folder, consumer, brokers.as_user(port, brokers.ENGINE))
    return Stage(pid, broker_pid, brokers.as_user(port, brokers.LOAD), brokers.as_user(port, brokers.WATCHER))


def mosquitto_other(processes: Processes, folder: Path, consumer: Consumer) -> Stage:
    """Another consumer behind Mosquitto."""
    broker_pid, port = brokers.start_mosquitto(processes, folder)
    pid = start_other(processes, folder, consumer, brokers.as_nobody(port))
    return Stage(pid, broker_pid, brokers.as_nobody(port), brokers.as_nobody(port))


def set_up(processes: Processes, folder: Path, load: plan.Plan, consumer: Consumer, broker: Broker) -> Stage:
    """Start broker and consumer of a case."""
    if consumer is Consumer.SERVICE:
        start = embedded_service if broker is Broker.EMBEDDED else mosquitto_service
        return start(processes, folder, load)
    start_ = embedded_other if broker is Broker.EMBEDDED else mosquitto_other
    return start_(processes, folder, consumer)


def start_watcher(processes: Processes, folder: Path, connection: Connection) -> Path:
    """Start the supervisor's client, wait until it has heard of the consumer, and give the file it writes."""
    records.write(folder / "watcher.json", connection)
    seen = folder / "seen.jsonl"
    processes.start("watcher", module("benchmarks.watcher", folder / "watcher.json", seen))
    processes.wait_for("a heartbeat of the consumer", lambda: records.read_seen(seen) or None, READY_WITHIN_S)
    return seen


def start_load(processes: Processes, folder: Path, load: plan.Plan, connection: Connection) -> tuple[list[str], float]:
    """Start the load's processes; gives their names and when they begin (epoch s)."""
    start_at_s = time.time() + BEGIN_AFTER_S
    names = [f"load-{number}" for number in range(load.processes)]
    for number, name in enumerate(names):
        order = LoadOrder(load, number, connection, start_at_s)
        records.write(folder / f"{name}.order.json", order)
        command = module("benchmarks.load", folder / f"{name}.order.json", folder / f"{name}.report.json")
        processes.start(name, command)
    return names, start_at_s


def sample(consumer: psutil.Process, broker: psutil.Process) -> Sample:
    """What both have used up to now."""
    used, brokers_used = consumer.cpu_times(), broker.cpu_times()
    return Sample(
        at_s=time.time(),
        consumer_cpu_s=used.user + used.system,
        broker_cpu_s=brokers_used.user + brokers_used.system,
        resident_bytes=consumer.memory_info().rss,
    )


def pace(seen: list[Seen]) -> str:
    """The newest heartbeat in words."""
    beats = [what for what in seen if isinstance(what, Heartbeat)]
    if len(beats) < AT_LEAST_BEATS or beats[-1].now_ms <= beats[-2].now_ms:
        return ""
    per_s = (beats[-1].accepted - beats[-2].accepted) * 1000.0 / (beats[-1].now_ms - beats[-2].now_ms)
    return f"{per_s:,.0f} fixes/s, {len(first_arrivals(seen))} alerts"


def measure(
    processes: Processes, stage: Stage, load: plan.Plan, start_at_s: float, seen: Path, names: list[str], tell: Tell
) -> list[Sample]:
    """Wait through warm-up and window; gives a sample for every second of the window, and at both its ends."""
    consumer, broker = psutil.Process(stage.consumer_pid), psutil.Process(stage.broker_pid)
    whole_s = load.warm_up_s + load.seconds
    samples: list[Sample] = []
    for second in range(whole_s + 1):
        time.sleep(max(0.0, start_at_s + second * SAMPLE_S - time.time()))
        processes.check(but=names)
        processes.running(names)
        if second >= load.warm_up_s:
            samples.append(sample(consumer, broker))
        phase = "measuring" if second >= load.warm_up_s else "warming up"
        tell(f"{phase} {pace(records.read_seen(seen))}", second / whole_s)
    return samples


def finish_load(processes: Processes, folder: Path, names: list[str]) -> list[LoadReport]:
    """Wait for the load to end by itself and read what it did."""
    until_s = time.monotonic() + LOAD_ENDS_WITHIN_S
    while processes.running(names):
        if time.monotonic() > until_s:
            raise BenchError(f"load: not through {LOAD_ENDS_WITHIN_S:.0f} s after the window - see {folder}")
        time.sleep(0.1)
    files = [folder / f"{name}.report.json" for name in names]
    return [msgspec.json.decode(file.read_bytes(), type=LoadReport) for file in files]


def last_alerts(seen: Path, reports: list[LoadReport]) -> list[Seen]:
    """What the watcher saw, once every crossing has its alert or the time for that is over."""
    expected = {order for report in reports for order in report.crossings}
    until_s = time.monotonic() + LAST_ALERTS_WITHIN_S
    while expected - first_arrivals(records.read_seen(seen)).keys() and time.monotonic() < until_s:
        time.sleep(0.2)
    return records.read_seen(seen)


def run_case(folder: Path, load: plan.Plan, consumer: Consumer, broker: Broker, tell: Tell) -> Figures:
    """Run one case in an empty folder; BenchError when something in it fails."""
    (folder / "orders").mkdir(parents=True)
    (folder / "orders" / "orders.toml").write_text(plan.orders_toml(load))
    with Processes(folder) as processes:
        tell("starting", 0.0)
        stage = set_up(processes, folder, load, consumer, broker)
        seen = start_watcher(processes, folder, stage.watcher)
        names, start_at_s = start_load(processes, folder, load, stage.load)
        samples = measure(processes, stage, load, start_at_s, seen, names, tell)
        reports = finish_load(processes, folder, names)
        all_seen = records.read_seen(seen) if consumer is Consumer.BARE else last_alerts(seen, reports)
        return figures(consumer, broker, load, samples, all_seen, reports)
