# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The victim-proximity monitor authors
"""The demo's people, orders and expectations: two recorded Dutch phones, and three people in Rotterdam."""

import json
from collections.abc import Iterable, Mapping
from itertools import chain
from pathlib import Path
from typing import Final, NamedTuple

from proximity.model.units import MILLIS_PER_SECOND, Metres, Millis, Seconds
from proximity.model.words import Level
from simulators.demo.expected import Expectation
from simulators.devices.fixes import DeviceFix, utc_ms, utc_text
from simulators.devices.receiver import receive
from simulators.devices.recorded import FROM_MS, UNTIL_MS, gaps, recorded_pair
from simulators.truth.crossings import Crossings, Distance, between, to_circle, to_polygon
from simulators.truth.street import Journey, Leg, Waypoints, read_routes

REGION: Final = "demo"
SUPERVISOR: Final = "team-a"
INTERVAL_S: Final[Seconds] = 15.0
STALE_MS: Final = 90 * MILLIS_PER_SECOND  # two intervals, at least 90 s
REPORTED_GAP_MS: Final = 120 * MILLIS_PER_SECOND
APART_MS: Final = 120 * MILLIS_PER_SECOND
CONFIRM_MS: Final = 20 * MILLIS_PER_SECOND
WIDER_MS: Final = 60 * MILLIS_PER_SECOND  # a tenth of a second of ours is 12 s at 120x
DOUBT_M: Final[Metres] = 50.0  # receivers' errors and the engine's own allowance for them

HOME: Final = (4.4787171, 51.9229294)  # lon, lat: where the car's route ends
SCHOOL: Final = (4.4596, 51.9073)
SCHOOL_RADIUS_M: Final[Metres] = 150.0
BUFFER_M: Final[Metres] = 100.0
PARK: Final[Waypoints] = (
    (4.4735, 51.9094), (4.4784, 51.9106), (4.4780, 51.9127), (4.4731, 51.9114), (4.4735, 51.9094),
)  # fmt: skip


class Limits(NamedTuple):
    """The distances of an order."""

    limit_m: Metres
    warning_m: Metres
    emergency_m: Metres


class Simulated(NamedTuple):
    """One simulated person: where they are, and the seed of their receiver."""

    journey: Journey
    seed: int
    first_fix_ms: Millis


RECORDED_LIMITS: Final = Limits(500.0, 2000.0, 150.0)
CAR_LIMITS: Final = Limits(500.0, 1000.0, 150.0)


def simulated_people() -> dict[str, Simulated]:
    """Who is simulated, by device id."""
    routes = read_routes()
    car = Journey(
        Leg(utc_ms("2024-06-08T16:30:00Z"), routes["car-to-home"], 9.0),
        Leg(utc_ms("2024-06-08T16:50:00Z"), routes["car-from-home"], 9.0),
    )
    walker = Journey(Leg(utc_ms("2024-06-08T16:22:00Z"), routes["walk"], 1.4))
    return {
        "rtm-car": Simulated(car, 1, FROM_MS + 2000),
        "rtm-home": Simulated(Journey.resting(*HOME), 2, FROM_MS + 5000),
        "rtm-walker": Simulated(walker, 3, FROM_MS + 9000),
    }


def demo_tracks() -> dict[str, Iterable[DeviceFix]]:
    """What every device sends, by its id. The recordings end; the simulated go on for ever."""
    simulated = {
        device: receive(who.journey, who.seed, from_ms=who.first_fix_ms, until_ms=None, interval_s=INTERVAL_S)
        for device, who in simulated_people().items()
    }
    return {**recorded_pair(), **simulated}


def settings_toml(start_ms: Millis, speed: float) -> str:
    """The demo's settings: a clock that runs `speed` times as fast, on the recording's own day."""
    return f'state_dir = "state"\n[clock]\nstart_at = {utc_text(start_ms)}\nspeed = {float(speed)!r}\n'


def orders_toml() -> str:
    """The demo's orders."""
    parties = "".join(
        f'[[parties]]\nid = "{device}"\ndevices = [{{id = "{device}", kind = "phone", interval_s = {INTERVAL_S:g}}}]\n'
        for device in ("utrecht1", "utrecht2", "rtm-car", "rtm-home", "rtm-walker")
    )
    head = f'region = "{REGION}"\nsupervisor = "{SUPERVISOR}"\nvalid_from = {utc_text(FROM_MS)}\n'
    return (
        parties
        + _separation_toml("recorded", head, "utrecht1", "utrecht2", RECORDED_LIMITS)
        + _separation_toml("approach", head, "rtm-car", "rtm-home", CAR_LIMITS)
        + f'[[orders]]\nid = "zones"\n{head}wearers = ["rtm-walker"]\n'
        f'[[orders.zones]]\nid = "school"\nkind = "exclusion"\napplies_to = ["rtm-walker"]\nbuffer_m = {BUFFER_M:g}\n'
        f"circle = {{lat = {SCHOOL[1]}, lon = {SCHOOL[0]}, radius_m = {SCHOOL_RADIUS_M:g}}}\n"
        f'[[orders.zones]]\nid = "park"\nkind = "exclusion"\napplies_to = ["rtm-walker"]\nbuffer_m = {BUFFER_M:g}\n'
        'geojson = "zones.geojson#park"\n'
    )


def _separation_toml(order: str, head: str, wearer: str, protected: str, limits: Limits) -> str:
    return (
        f'[[orders]]\nid = "{order}"\n{head}wearers = ["{wearer}"]\nprotected = ["{protected}"]\n'
        f"[orders.separation]\nlimit_m = {limits.limit_m:g}\nwarning_m = {limits.warning_m:g}\n"
        f"emergency_m = {limits.emergency_m:g}\n"
    )


def zones_geojson() -> str:
    """The polygon that the orders name."""
    geometry = {"type": "Polygon", "coordinates": [PARK]}
    feature = {"type": "Feature", "id": "park", "properties": {}, "geometry": geometry}
    return json.dumps({"type": "FeatureCollection", "features": [feature]})


def write_scenario(folder: Path, speed: float, start_ms: Millis) -> tuple[Path, Path]:
    """Write the settings and the orders below `folder`; gives the settings file and the orders folder."""
    settings, orders = folder / "settings.toml", folder / "orders"
    orders.mkdir()
    settings.write_text(settings_toml(start_ms, speed), encoding="utf-8")
    (orders / "demo.toml").write_text(orders_toml(), encoding="utf-8")
    (orders / "zones.geojson").write_text(zones_geojson(), encoding="utf-8")
    return settings, orders


def expectations() -> list[Expectation]:
    """All that the demo must tell, in the order in which it is due."""
    people = simulated_people()
    walker = people["rtm-walker"].journey
    groups = (
        recorded_expectations(recorded_pair()),
        episode(
            "the car and the home", "approach:separation:rtm-car_rtm-home",
            between(people["rtm-car"].journey, people["rtm-home"].journey),
            {Level.WARNING: CAR_LIMITS.warning_m, Level.BREACH: CAR_LIMITS.limit_m,
             Level.EMERGENCY: CAR_LIMITS.emergency_m},
        ),
        episode(
            "the walker and the school (circle)", "zones:zone:rtm-walker_school",
            to_circle(walker, *SCHOOL, SCHOOL_RADIUS_M), {Level.WARNING: BUFFER_M, Level.BREACH: 0.0},
        ),
        episode(
            "the walker and the park (polygon)", "zones:zone:rtm-walker_park",
            to_polygon(walker, PARK), {Level.WARNING: BUFFER_M, Level.BREACH: 0.0},
        ),
    )  # fmt: skip
    return sorted(chain(*groups), key=lambda expectation: expectation.due_ms)


def recorded_expectations(tracks: Mapping[str, Iterable[DeviceFix]]) -> list[Expectation]:
    """The event in the recording (data README, computed with pyproj), a minute of engine time wider."""
    pair, device = "recorded:separation:utrecht1_utrecht2", "recorded:device:utrecht2"
    opened, risen, resolved = frozenset({"opened"}), frozenset({"opened", "raised"}), frozenset({"resolved"})
    rows = (
        # what, changes, lowest and highest level, from, due, until
        ("together from the start", opened, Level.EMERGENCY, Level.EMERGENCY, "15:58:28", "15:58:28", "15:59:28"),
        ("they part: closed", resolved, Level.CLEAR, Level.EMERGENCY, "16:15:00", "16:17:00", "16:19:00"),
        ("they come back: warning", opened, Level.WARNING, Level.WARNING, "17:23:00", "17:24:04", "17:25:30"),
        ("they meet: breach", risen, Level.BREACH, Level.EMERGENCY, "17:40:00", "17:46:08", "17:48:04"),
    )
    met = [
        Expectation(
            what=f"utrecht1 and utrecht2, {what}", about=pair, changes=changes, at_least=lowest, at_most=highest,
            from_ms=_on_the_day(first), due_ms=_on_the_day(due), until_ms=_on_the_day(last),
        )
        for what, changes, lowest, highest, first, due, last in rows
    ]  # fmt: skip
    for last_ms, next_ms in gaps(tracks["utrecht2"], REPORTED_GAP_MS):
        silent_ms = last_ms + STALE_MS
        met += [
            Expectation(
                what="utrecht2 falls silent", about=device, changes=risen, cause="silent",
                from_ms=silent_ms, due_ms=silent_ms, until_ms=min(silent_ms + WIDER_MS, next_ms),
            ),
            Expectation(
                what="utrecht2 is heard again", about=device, changes=resolved, cause="heard_again",
                from_ms=next_ms, due_ms=next_ms, until_ms=next_ms + WIDER_MS,
            ),
        ]  # fmt: skip
    return met


def _on_the_day(clock: str) -> Millis:
    return utc_ms(f"2024-06-08T{clock}Z")


def episode(what: str, about: str, distance: Distance, limits_m: Mapping[Level, Metres]) -> list[Expectation]:
    """One coming and going, by the truth: every level of `limits_m` (nearer and nearer) told, then the end of it."""
    truth = Crossings(distance, FROM_MS, UNTIL_MS)
    # the newest fix at the decisive second is at most an interval old, and as late as we are slow
    unseen_ms = round(INTERVAL_S * MILLIS_PER_SECOND) + WIDER_MS
    settled_ms = 2 * round(INTERVAL_S * MILLIS_PER_SECOND) + CONFIRM_MS + WIDER_MS
    widest_m = max(limits_m.values())
    rises = [
        Expectation(
            what=f"{what}: {level.word}", about=about, at_least=level,
            changes=frozenset({"opened"}) if limit_m == widest_m else frozenset({"opened", "raised"}),
            from_ms=truth.comes_within_ms(limit_m + DOUBT_M),
            due_ms=truth.comes_within_ms(limit_m),
            until_ms=truth.comes_within_ms(limit_m - DOUBT_M) + settled_ms,
        )
        for level, limit_m in limits_m.items()
    ]  # fmt: skip
    end = Expectation(
        what=f"{what}: closed", about=about, changes=frozenset({"resolved"}),
        from_ms=truth.closes_ms(limits_m.values(), APART_MS, -DOUBT_M),
        due_ms=truth.closes_ms(limits_m.values(), APART_MS),
        until_ms=truth.closes_ms(limits_m.values(), APART_MS, DOUBT_M, unseen_ms) + settled_ms,
    )  # fmt: skip
    return [*rises, end]
