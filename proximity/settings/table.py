# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The victim-proximity monitor authors
"""Reads one TOML table: hands out checked values, gathers every fault, and knows which keys nobody asked for."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Final, TypeVar

from proximity.settings.checks import ID_PATTERN, Check, Range, Wrong
from proximity.settings.faults import SHOWN_CHARACTERS, Fault, cut, hidden, listed, nearest

T = TypeVar("T")
Default = TypeVar("Default")

MISSING: Final = "this key is missing"


class Table:
    """One table of one file. Faults go to the list that all tables of a run share; nothing is raised."""

    def __init__(self, file: str, path: str, raw: Mapping[str, object], faults: list[Fault]) -> None:
        self.file = file
        self.path = path
        self._raw = raw
        self._faults = faults
        self._asked: set[str] = set()

    def __contains__(self, key: str) -> bool:
        return key in self._raw

    @property
    def id(self) -> str:
        """The table's own id, "" where that is missing or a fault."""
        return _good_id(self._raw)

    def need(self, key: str, check: Check[T]) -> T | None:
        """The value of a key that must be there; None where it is a fault."""
        self._asked.add(key)
        checked = check(self._raw.get(key))
        if not isinstance(checked, Wrong):
            return checked
        self.fault(key, checked.mend if key in self._raw else f"{MISSING}: {checked.mend}")
        return None

    def get(self, key: str, check: Check[T], default: Default) -> T | Default:
        """The value of an optional key; the default where it is absent, or a fault."""
        self._asked.add(key)
        if key not in self._raw:
            return default
        found = self.need(key, check)
        return default if found is None else found

    def table(self, key: str) -> "Table | None":
        """The table below a key; None where it is absent, or a fault."""
        self._asked.add(key)
        raw = self._raw.get(key)
        if isinstance(raw, dict):
            return Table(self.file, self.at(key), raw, self._faults)
        if key in self._raw:
            self.fault(key, f"this is not a table: write [{self._heading(key)}] and its keys below it")
        return None

    def below(self, key: str) -> "Table":
        """The table below a key once more, empty where there is none: for checks between keys that are read already."""
        raw = self._raw.get(key)
        return Table(self.file, self.at(key), raw if isinstance(raw, dict) else {}, self._faults)

    def tables(self, key: str, within: Range) -> list["Table"]:
        """The tables of an array of tables, named by their ids where those are fit to name them."""
        self._asked.add(key)
        raw = self._raw.get(key, [])
        if not isinstance(raw, list) or not all(isinstance(entry, dict) for entry in raw):
            self.fault(key, f"this is not an array of tables: write [[{self._heading(key)}]] before each entry")
            return []
        if key in self._raw and not within.lowest <= len(raw) <= within.highest:
            self.fault(key, f"write {within.text}")
            return []
        counts = Counter(label for entry in raw if (label := _good_id(entry)))
        labels = [f'"{label}"' if counts[label := _good_id(entry)] == 1 else str(n) for n, entry in enumerate(raw)]
        here = self.at(key)
        return [
            Table(self.file, f"{here}[{label}]", entry, self._faults) for label, entry in zip(labels, raw, strict=True)
        ]

    def at(self, key: str) -> str:
        """The path of a key of this table."""
        name = key if key.replace("-", "_").isidentifier() and len(key) <= SHOWN_CHARACTERS else f'"{cut(key)}"'
        return f"{self.path}.{name}" if self.path else name

    def fault(self, key: str, mend: str) -> None:
        """Note a fault at a key."""
        self._faults.append(Fault(self.file, self.at(key), hidden(key, self._raw.get(key)), mend))

    def refuse(self, key: str, mend: str) -> None:
        """Note a fault where the key is there: it is known, but this version cannot honour it."""
        self._asked.add(key)
        if key in self._raw:
            self.fault(key, mend)

    def done(self) -> None:
        """Note every key that nobody asked for, with the known one it resembles."""
        for key in self._raw:
            if key not in self._asked:
                meant = nearest(key, self._asked - self._raw.keys())
                hint = f"did you mean {meant}?" if meant else f"known here: {listed(self._asked, at_most=20)}"
                self.fault(key, f"unknown key; {hint}")

    def _heading(self, key: str) -> str:
        """The table's name as it stands between brackets in TOML."""
        return ".".join(part.partition("[")[0] for part in self.at(key).split("."))


def _good_id(entry: Mapping[str, object]) -> str:
    """The id of an entry where it is fit to name it, otherwise ""."""
    own = entry.get("id")
    return own if isinstance(own, str) and ID_PATTERN.fullmatch(own) else ""


def refuse_twins(tables: Sequence[Table], what: str) -> None:
    """Two entries with one id: the later in the order of files is at fault."""
    first: dict[str, Table] = {}
    for table in tables:
        before = first.setdefault(table.id, table) if table.id else table
        if before is not table:
            table.fault("id", f"{before.file} has another {what} with this id, {before.path}: give each its own")
