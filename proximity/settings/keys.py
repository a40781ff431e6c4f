# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The victim-proximity monitor authors
"""The keys of the settings file: for each, what its value must be."""

import os
import re
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Final, NamedTuple, TypeAlias

from proximity.settings.checks import Check, Range, Wrong, identifiers, instant, number, text, whole
from proximity.settings.hosts import broker_url, host

AnyCheck: TypeAlias = Check[object]

PROBABILITY: Final = number(Range(0.0001, 0.9999))
GROWTH: Final = number(Range(0, 100, "metres a second"))
PERCENTAGE: Final = number(Range(0, 100, "per cent"))
HOUR: Final = number(Range(0, 24, "hours, UTC"))
ACCURACY: Final = number(Range(1, 100_000, "metres"))
CHECKS: Final[Mapping[str, AnyCheck]] = MappingProxyType(
    {
        "mqtt.url": broker_url,
        "mqtt.username": text(re.compile(r"[^\x00-\x1f\x7f]{1,256}"), "write 1 to 256 characters on one line"),
        "mqtt.client_id": text(re.compile(r"[A-Za-z0-9-]{1,32}"), "write 1 to 32 letters, digits and -"),
        "broker.host": host,
        "broker.port": whole(Range(0, 65_535)),
        "broker.gateways": identifiers(Range(0, 64, "ids")),
        "ingest.batch_max": whole(Range(1, 100_000, "messages")),
        "ingest.batch_wait_ms": whole(Range(0, 1_000, "milliseconds")),
        "ingest.queue_max": whole(Range(1, 10_000_000, "messages")),
        "clock.start_at": instant,
        "clock.speed": number(Range(0.001, 100_000, "engine seconds a second")),
        "journal.snapshot_every_s": number(Range(0.1, 86_400, "seconds")),
        "alerts.type_prefix": text(
            re.compile(r"[a-z][a-z0-9-]{0,62}(\.[a-z0-9][a-z0-9-]{0,62}){1,8}"),
            'write a domain in reverse notation, such as "nl.contactverboden"',
        ),
        "alerts.source": text(
            re.compile(r"(urn:[a-z0-9][a-z0-9-]{1,31}:|https://)[\x21-\x7e]{1,256}"),
            'write a URI, such as "urn:nld:oin:00000000000000000000:systeem:proximity"',
        ),
        "alerts.archive_after_s": number(Range(1, 31_536_000, "seconds")),
        "heartbeat.every_s": number(Range(0.05, 60, "seconds")),
        "judging.certain_at": PROBABILITY,
        "judging.probable_at": PROBABILITY,
        "judging.possible_at": PROBABILITY,
        "judging.apart_below": PROBABILITY,
        "judging.apart_for_s": number(Range(0, 3_600, "seconds")),
        "judging.confirm_after_s": number(Range(0, 600, "seconds")),
        "judging.rearm_after_s": number(Range(0, 86_400, "seconds")),
        "judging.sigma_floor_m": number(Range(0.1, 1_000, "metres")),
        "judging.accuracy_per_sigma": number(Range(0.5, 5)),
        "judging.stale_intervals": number(Range(1, 20, "intervals")),
        "judging.stale_at_least_s": number(Range(1, 3_600, "seconds")),
        "judging.skew_s": number(Range(1, 3_600, "seconds")),
        "judging.ahead_tolerance_s": number(Range(0, 60, "seconds")),
        "judging.refuse_ahead_s": number(Range(60, 604_800, "seconds")),
        "judging.moved_m": number(Range(1, 10_000, "metres")),
        "judging.at_rest_mps": GROWTH,
        "judging.cycling_from_mps": GROWTH,
        "judging.driving_from_mps": GROWTH,
        "judging.step_noise": number(Range(0, 10)),
        "judging.fine_accuracy_m": number(Range(1, 1_000, "metres")),
        "judging.pace_half_life_s": number(Range(1, 3_600, "seconds")),
        "judging.growth_still_mps": GROWTH,
        "judging.growth_walking_mps": GROWTH,
        "judging.growth_cycling_mps": GROWTH,
        "judging.growth_driving_mps": GROWTH,
        "judging.velocity_within_s": number(Range(1, 3_600, "seconds")),
        "judging.extrapolate_s": number(Range(0, 120, "seconds")),
        "judging.vmax_mps": number(Range(10, 400, "metres a second")),
        "judging.reach_mps": number(Range(1, 400, "metres a second")),
        "judging.coarse_zone_m": number(Range(1, 100_000, "metres")),
        "judging.doubt_step_m": number(Range(0, 10_000, "metres")),
        "judging.held_vague_s": number(Range(0, 86_400, "seconds")),
        "judging.held_asked_s": number(Range(0, 86_400, "seconds")),
        "judging.held_sigmas": number(Range(0, 10)),
        "judging.pass_within_s": number(Range(1, 3_600, "seconds")),
        "judging.pass_nearer_m": number(Range(0, 1_000, "metres")),
        "judging.heading_mps": number(Range(0, 100, "metres a second")),
        "judging.approach_fixes_s": number(Range(0, 600, "seconds")),
        "judging.steady_m": number(Range(0, 10_000, "metres")),
        "judging.steady_s": number(Range(60, 86_400, "seconds")),
        "judging.blind_still_s": number(Range(0, 86_400, "seconds")),
        "judging.blind_lag_s": number(Range(0, 3_600, "seconds")),
        "judging.blind_asked_s": number(Range(0, 3_600, "seconds")),
        "judging.together_mps": number(Range(0.1, 100, "metres a second")),
        "judging.together_m": number(Range(1, 10_000, "metres")),
        "judging.together_s": number(Range(1, 86_400, "seconds")),
        "judging.history_s": number(Range(600, 604_800, "seconds")),
        "judging.history_fixes": whole(Range(64, 1_000_000, "fixes")),
        "judging.late_lead_s": number(Range(0, 86_400, "seconds")),
        "judging.late_for_s": number(Range(1, 604_800, "seconds")),
        "judging.devices.silent_lag_s": number(Range(0, 3_600, "seconds")),
        "judging.devices.silent_lag_above_s": number(Range(0, 3_600, "seconds")),
        "judging.devices.behind_messages": whole(Range(1, 20, "messages")),
        "judging.devices.behind_s": number(Range(1, 86_400, "seconds")),
        "judging.devices.behind_apart_s": number(Range(0, 3_600, "seconds")),
        "judging.devices.frozen_fixes": whole(Range(1, 1_000, "fixes")),
        "judging.devices.frozen_phone_s": number(Range(60, 604_800, "seconds")),
        "judging.devices.frozen_tag_s": number(Range(60, 604_800, "seconds")),
        "judging.devices.battery_low_pct": PERCENTAGE,
        "judging.devices.battery_critical_pct": PERCENTAGE,
        "judging.devices.battery_better_pct": PERCENTAGE,
        "judging.devices.unplugged_pct": PERCENTAGE,
        "judging.devices.heard_again_fixes": whole(Range(1, 100, "fixes")),
        "judging.devices.left_home_s": number(Range(60, 86_400, "seconds")),
        "judging.devices.left_home_m": number(Range(1, 10_000, "metres")),
        "judging.devices.left_home_moved_m": number(Range(1, 10_000, "metres")),
        "judging.devices.left_home_from_h": HOUR,
        "judging.devices.left_home_until_h": HOUR,
        "judging.wanted.shortest_s": number(Range(1, 3_600, "seconds")),
        "judging.wanted.granted_s": number(Range(0, 3_600, "seconds")),
        "judging.wanted.hold_s": number(Range(10, 3_600, "seconds")),
        "judging.wanted.back_intervals": number(Range(1, 10, "intervals")),
        "judging.wanted.still_mps": number(Range(0, 100, "metres a second")),
        "judging.wanted.at_most": whole(Range(1, 1_000_000, "devices")),
        "judging.floods.disconnected_s": number(Range(0, 3_600, "seconds")),
        "judging.floods.resume_s": number(Range(0, 3_600, "seconds")),
        "judging.floods.flood_devices": whole(Range(1, 1_000_000, "devices")),
        "judging.floods.flood_share": number(Range(0, 1)),
        "judging.floods.flood_within_s": number(Range(1, 3_600, "seconds")),
        "judging.floods.flood_over_share": number(Range(0.01, 1)),
        "judging.floods.flood_grows": number(Range(1.1, 100)),
        "judging.default_accuracy.gnss_m": ACCURACY,
        "judging.default_accuracy.wifi_m": ACCURACY,
        "judging.default_accuracy.cell_m": ACCURACY,
        "judging.default_accuracy.beacon_m": ACCURACY,
        "judging.default_accuracy.unknown_m": ACCURACY,
    }
)
FILES: Final = ("mqtt.password_file", "mqtt.ca_file", "broker.tls_certificate_file", "broker.tls_key_file")
FIELDS: Final[Mapping[str, str]] = MappingProxyType({"clock.start_at": "start_at_ms"})  # where key and field differ
SECTIONS: Final = ("mqtt", "broker", "ingest", "clock", "journal", "alerts", "heartbeat", "judging")


class Rising(NamedTuple):
    """Two keys of one section: the first is less than the second, or equal where that makes sense."""

    section: str
    smaller: str
    larger: str
    may_be_equal: bool = False


RISING: Final = (
    Rising("judging", "possible_at", "probable_at"),
    Rising("judging", "apart_below", "probable_at"),
    Rising("judging", "probable_at", "certain_at"),
    Rising("judging", "ahead_tolerance_s", "skew_s", may_be_equal=True),
    Rising("judging", "skew_s", "refuse_ahead_s"),
    Rising("judging", "growth_still_mps", "growth_walking_mps", may_be_equal=True),
    Rising("judging", "growth_walking_mps", "growth_cycling_mps", may_be_equal=True),
    Rising("judging", "growth_cycling_mps", "growth_driving_mps", may_be_equal=True),
    Rising("judging", "at_rest_mps", "cycling_from_mps", may_be_equal=True),
    Rising("judging", "cycling_from_mps", "driving_from_mps", may_be_equal=True),
    Rising("judging.devices", "battery_critical_pct", "battery_low_pct"),
    Rising("judging.devices", "left_home_m", "left_home_moved_m", may_be_equal=True),
    Rising("ingest", "batch_max", "queue_max", may_be_equal=True),
)


def all_checks(folder: Path) -> Mapping[str, AnyCheck]:
    """Every key with its check; paths are relative to `folder`."""
    files: dict[str, AnyCheck] = dict.fromkeys(FILES, readable_file(folder))
    return {**CHECKS, **files, "state_dir": state_folder(folder)}


def readable_file(folder: Path) -> Check[Path]:
    """The path of a file that is there and may be read."""

    def check(raw: object) -> Path | Wrong:
        if not isinstance(raw, str) or not raw or not raw.isprintable():
            return Wrong("write the path of a file, relative to this file's folder or absolute")
        path = folder / raw
        if not path.is_file():
            return Wrong(f"there is no file {path}: put it there, or write where it is")
        return path if os.access(path, os.R_OK) else Wrong(f"{path} may not be read: let the service's user read it")

    return check


def state_folder(folder: Path) -> Check[Path]:
    """The path of a folder that is there or can be made."""

    def check(raw: object) -> Path | Wrong:
        if not isinstance(raw, str) or not raw or not raw.isprintable():
            return Wrong("write the path of a folder, relative to this file's folder or absolute")
        path = folder / raw
        if path.exists() and not path.is_dir():
            return Wrong(f"{path} is a file: write the path of a folder")
        return path

    return check
