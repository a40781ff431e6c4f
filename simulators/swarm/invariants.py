# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The victim-proximity monitor authors
"""What must hold of every pair's day, whatever goes wrong on it: a table of small functions.

Each gives a finding for everything that it looked at: "" where it holds, else what broke, in a line.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Final

import msgspec

from proximity.model.incidents import Incident, Transition
from proximity.model.units import DAY_MS, MILLIS_PER_SECOND, MetresPerSecond, Millis
from proximity.model.words import Change, Kind, Refused, StatusEvent
from simulators.devices.fixes import DeviceFix, utc_text
from simulators.scores.blindness import AT_LEAST_S
from simulators.scores.pairs import END_MS
from simulators.swarm.days import TAIL_MS, SwarmDay, cadence_of
from simulators.swarm.faults import SIDES
from simulators.swarm.play import Lines, Record, Step, told_of
from simulators.swarm.silence import silent_spans, spans_where, told_silent, untold_ms
from simulators.truth.street import WGS84

GATE: Final = frozenset({str(Refused.DUPLICATE), str(Refused.AHEAD)})  # why a well-formed fix is refused
OFF_WEARER: Final = frozenset(map(str, (StatusEvent.STRAP_CUT, StatusEvent.CASE_OPEN, StatusEvent.POWER_OFF)))
PLAUSIBLE_MPS: Final[MetresPerSecond] = 40.0  # below what any engine takes for a jump
FIX_BYTES: Final = 64  # of a fix in the history: DESIGN 6 keeps 24 h a device
DEVICE_BYTES, LINK_BYTES, OWN_BYTES = 8_192, 4_096, 8_192  # beside that
DEVICE_ITEMS, LINK_ITEMS, OWN_ITEMS = 512, 256, 512
# As the digits of a coordinate look, to some hundred metres; texts write a distance as "4.500 m" or "4,500 m".
PLACE: Final = re.compile(r"\d{1,3}[.,]\d{3,}(?! m\b)")
COORDINATE_DIGITS: Final = 3
SHOWN: Final = 3  # of what differs

Invariant = Callable[[Record], Iterator[str]]


def accounted(record: Record) -> Iterator[str]:
    """Of every step: what was taken in was accepted, or refused for a reason that is true."""
    seen: dict[str, set[tuple[Millis, float, float]]] = {side: set() for side in SIDES}
    for step in record.alone.steps:
        yield _account(step, seen)


def _account(step: Step, seen: Mapping[str, set[tuple[Millis, float, float]]]) -> str:
    again, ahead = 0, 0
    for letter in step.letters:
        for fix in letter.fixes:
            key = fix.fixed_at_ms, fix.lat_deg, fix.lon_deg
            ahead += fix.fixed_at_ms - step.at_ms > DAY_MS
            again += key in seen[letter.side]
            seen[letter.side].add(key)
    taken = sum(len(letter.fixes) + letter.malformed for letter in step.letters)
    of_statuses = sum(bool(step.letters[place].event) for place, _ in step.refused)
    if taken != step.accepted + len(step.refused) - of_statuses:
        return f"{_at(step.at_ms)}: {taken} taken in, {step.accepted} accepted, refused: {step.refused}"
    if step.counted_refused != len(step.refused):
        return f"{_at(step.at_ms)}: {len(step.refused)} refused, {step.counted_refused} counted"
    for place, letter in enumerate(step.letters):
        why = [reason for where, reason in step.refused if where == place and reason not in GATE]
        if len(why) != letter.malformed:
            return f"{_at(step.at_ms)}: {letter.malformed} malformed on {letter.message.topic}, refused: {why}"
    reasons = [reason for place, reason in step.refused if not step.letters[place].event]
    if reasons.count(str(Refused.AHEAD)) != ahead or reasons.count(str(Refused.DUPLICATE)) > again:
        return f"{_at(step.at_ms)}: {ahead} a day ahead, {again} seen before, refused: {reasons}"
    return ""


class _Side:
    """What the judgement must know of one device."""

    def __init__(self) -> None:
        self.newest_ms: Millis = -1
        self.last: tuple[DeviceFix, bool] | None = None  # the newest fix, and whether it was plausible
        self.off = False
        self.seen: set[DeviceFix] = set()

    def good_ms(self, step: Step, side: str) -> Millis | None:
        """Which fix the party must be at after a step; None where that is the engine's to say."""
        letters = [letter for letter in step.letters if letter.side == side]
        self.off |= side == SIDES[0] and any(letter.event in OFF_WEARER for letter in letters)
        good: Millis | None = None
        fixes = sorted((fix for letter in letters for fix in letter.fixes), key=lambda fix: fix.fixed_at_ms)
        for fix in fixes:
            fixed_ms = min(fix.fixed_at_ms, step.at_ms)
            again = fix in self.seen  # a duplicate of one that was ahead of its time says nothing new
            self.seen.add(fix)
            if again or fixed_ms <= self.newest_ms or fix.fixed_at_ms - step.at_ms > DAY_MS:
                continue
            likely = self.last is None or _mps(self.last[0], fix) <= PLAUSIBLE_MPS
            fresh = 0 <= step.at_ms - fix.fixed_at_ms <= AT_LEAST_S * MILLIS_PER_SECOND
            sure = likely and fresh and not self.off and (self.last is None or self.last[1])
            good = fixed_ms if sure else None
            self.newest_ms, self.last = fixed_ms, (fix, likely)
        return good


def _mps(one: DeviceFix, other: DeviceFix) -> MetresPerSecond:
    away_m = float(WGS84.inv(one.lon_deg, one.lat_deg, other.lon_deg, other.lat_deg)[2])
    return away_m / max(0.001, (other.fixed_at_ms - one.fixed_at_ms) / MILLIS_PER_SECOND)


def judged(record: Record) -> Iterator[str]:
    """Of every good fix that is a party's newest: its link has been judged with it when the step is over."""
    sides, in_force = {side: _Side() for side in SIDES}, record.day.in_force
    for step in record.alone.steps:
        for place, (side, known) in enumerate(sides.items()):
            good_ms = known.good_ms(step, side)
            if good_ms is None:
                continue
            both = all(one.newest_ms >= 0 for one in sides.values())
            holds = any(from_ms <= step.at_ms < until_ms for from_ms, until_ms in in_force)
            if step.newest_ms[place] != good_ms:
                yield f"{_at(step.at_ms)}: the {side}'s fix of {_at(good_ms)} is not what is judged"
            elif both and holds and place == 1 and not step.judged:
                yield f"{_at(step.at_ms)}: both are known, and their link is not judged"
            else:
                yield ""


def silence_told(record: Record) -> Iterator[str]:
    """Of every time in which a device is silent: it is told within ten seconds, and stays told."""
    day, transitions = record.day, record.alone.transitions
    for device, (side, cadence) in zip(day.devices, cadence_of(day).items(), strict=True):
        told = {flag: spans_where(transitions, told_silent(device, or_clock=flag)) for flag in (False, True)}
        letters = [letter for letter in day.letters if letter.side == side and letter.fixes]
        for silent in silent_spans(letters, cadence, day.in_force, END_MS + TAIL_MS):
            untold = untold_ms(told[silent.still_comes], silent.from_ms, silent.until_ms)
            yield "" if untold is None else f"{_at(untold)}: {device} is silent, and nothing says so"


def memory_bounded(record: Record) -> Iterator[str]:
    """Whenever the state is weighed: no more than devices and links may have, however many fixes there were."""
    history = sum(DAY_MS / MILLIS_PER_SECOND / cadence.moving_s for cadence in record.day.faults.cadences)
    most_bytes = OWN_BYTES + LINK_BYTES + 2 * DEVICE_BYTES + round(history * FIX_BYTES)
    most_items = OWN_ITEMS + LINK_ITEMS + 2 * DEVICE_ITEMS
    for step in record.alone.steps:
        if step.size is not None:
            fits = step.size.array_bytes <= most_bytes and step.size.items <= most_items
            yield "" if fits else f"{_at(step.at_ms)}: {step.size}, more than {most_bytes} bytes or {most_items} items"


def replay_equal(record: Record) -> Iterator[str]:
    """Played again from the start: the same alerts, byte for byte."""
    yield difference(record.alone.alerts, record.replayed)


def restart_equal(record: Record) -> Iterator[str]:
    """Restarted in the middle from its snapshot: the same alerts, byte for byte."""
    yield difference(record.alone.alerts, record.restarted)


def order_of_no_matter(record: Record) -> Iterator[str]:
    """The inputs of every step in another order: the same is told, and the same known after it."""
    yield difference(_told(record), record.shuffled)
    after = dict(record.shuffled_states)
    for at_ms, state in record.alone.states:
        yield "" if after.get(at_ms) == state else f"{_at(at_ms)}: the state depends on the order of the step's inputs"


def duplicates_of_no_matter(record: Record) -> Iterator[str]:
    """Some messages twice: the same is told."""
    yield difference(_told(record), record.doubled)


def alone_as_together(record: Record) -> Iterator[str]:
    """With other pairs in the same engine: the same is told."""
    yield difference(_told(record), record.together)


def _told(record: Record) -> Lines:
    return told_of(record.alone.transitions, record.day.order)


def difference(expected: Lines, found: Lines) -> str:
    """Where two tellings part; "" where they do not."""
    for place, (one, other) in enumerate(zip(expected, found, strict=False), 1):
        if one != other:
            return f"line {place} of {len(expected)} differs: {_differing(_flat(one), _flat(other))}"
    return "" if len(expected) == len(found) else f"{len(expected)} lines became {len(found)}"


def _flat(line: bytes) -> dict[str, object]:
    """The parts of an alert or a transition by their names, however deep they stand."""
    decode = msgspec.json.decode if line.startswith(b"{") else msgspec.msgpack.decode
    flat: dict[str, object] = {}

    def lay(name: str, value: object) -> None:
        if isinstance(value, dict):
            for key, part in value.items():
                lay(f"{name}.{key}".lstrip("."), part)
        else:
            flat[name] = value

    lay("", decode(line))
    return flat


def _differing(one: dict[str, object], other: dict[str, object]) -> str:
    names = sorted(name for name in one.keys() | other.keys() if one.get(name) != other.get(name))
    return "; ".join(f"{name}: {one.get(name)} became {other.get(name)}" for name in names[:SHOWN])


def well_formed(record: Record) -> Iterator[str]:
    """Of every transition: numbered in order, in time, with the id that its facts give, and none after the end."""
    last_ms, last = 0, dict[str, Incident]()
    for one, alert in zip(record.alone.transitions, record.alone.alerts, strict=True):
        before = last.get(one.incident.id)
        yield _form(record.day, one, before, last_ms) or _letter(one.incident, alert)
        last_ms, last[one.incident.id] = one.at_ms, one.incident


def _form(day: SwarmDay, one: Transition, before: Incident | None, last_ms: Millis) -> str:
    incident, where = one.incident, f"{one.incident.id}:{one.incident.seq}"
    his, hers = day.devices
    what = {Kind.SEPARATION: f"{his}_{hers}", Kind.BLIND: f"{his}_{hers}", Kind.DEVICE: incident.device}
    expected = f"{day.order}:{incident.kind}:{what.get(incident.kind)}:{incident.opened_ms}"
    if incident.id != expected:
        return f"{where}: the id should be {expected}"
    if incident.seq != (1 if before is None else before.seq + 1):
        return f"{where}: follows {0 if before is None else before.seq}"
    if before is not None and before.resolved:
        return f"{where}: after the end"
    if one.at_ms < last_ms:
        return f"{where}: of {_at(one.at_ms)}, told after {_at(last_ms)}"
    if (one.change is Change.OPENED) != (before is None) or (before is None and incident.opened_ms != one.at_ms):
        return f"{where}: {one.change} at {_at(one.at_ms)}"
    return f"{where}: {one.change}" if (one.change is Change.RESOLVED) != incident.resolved else ""


class _Alert(msgspec.Struct):
    """The part of an alert that names it."""

    id: str
    sequence: str


def _letter(incident: Incident, alert: bytes) -> str:
    named = msgspec.json.decode(alert, type=_Alert)
    fits = named.id == f"{incident.id}:{incident.seq}" and named.sequence == str(incident.seq)
    return "" if fits else f"{incident.id}:{incident.seq}: its alert is {named.id}, {named.sequence}"


def places_stay_inside(record: Record) -> Iterator[str]:
    """Of every alert: no digits of where anybody was."""
    places = {
        f"{value:.7f}".partition(".")[0] + "." + f"{value:.7f}".partition(".")[2][:COORDINATE_DIGITS]
        for letter in record.day.letters
        for fix in letter.fixes
        for value in (fix.lat_deg, fix.lon_deg)
    }
    for alert in record.alone.alerts:
        content = msgspec.json.decode(alert, type=dict[str, msgspec.Raw])
        content.pop("time", None)  # seconds with their thousandths
        found = {match.replace(",", ".") for match in PLACE.findall(msgspec.json.encode(content).decode())}
        leaked = sorted(one for one in found if one[: one.index(".") + 1 + COORDINATE_DIGITS] in places)
        yield f"{bytes(content.get('id', b'')).decode()}: has {leaked[0]}" if leaked else ""


def _at(at_ms: Millis) -> str:
    return utc_text(at_ms)


INVARIANTS: Final[Mapping[str, Invariant]] = {
    "every fix is accounted for": accounted,
    "every accepted fix is judged": judged,
    "silence is told": silence_told,
    "memory is bounded": memory_bounded,
    "a replay tells the same": replay_equal,
    "a restart changes nothing": restart_equal,
    "the order of a step's inputs changes nothing": order_of_no_matter,
    "a duplicate changes nothing": duplicates_of_no_matter,
    "other pairs change nothing": alone_as_together,
    "transitions are well-formed": well_formed,
    "no place leaves": places_stay_inside,
}
