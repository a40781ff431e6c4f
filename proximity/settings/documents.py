# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The victim-proximity monitor authors
"""Files as texts, and texts as TOML tables."""

import re
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Final

from proximity.settings.faults import Fault, cut, hidden, shown

ORDER_SUFFIX: Final = ".toml"
ZONE_SUFFIXES: Final = (".geojson", ".json")
FILE_BYTES_MAX: Final = 32 * 1024 * 1024
PLACE_PATTERN: Final = re.compile(
    r"(?P<what>.*?) \(at (?:line (?P<line>\d+), column (?P<column>\d+)|end of document)\)"
)


def read_documents(folder: Path) -> tuple[Mapping[str, str], tuple[Fault, ...]]:
    """Every order and zone file of a folder, name -> text, sorted by name; a file that cannot be taken is a fault.

    Files whose name begins with a dot, and files of other kinds, are passed over. Orders in a subfolder would go
    unjudged without a word, so they are a fault. Nothing is read from outside the folder, whatever links say.
    """
    if not folder.is_dir():
        state = "a file" if folder.exists() else "nothing"
        return MappingProxyType({}), (
            Fault(str(folder), "", state, "this folder is not there: name the orders' folder"),
        )
    documents: dict[str, str] = {}
    faults: list[Fault] = []
    try:
        paths = sorted(path for path in folder.iterdir() if not path.name.startswith("."))
    except OSError as error:
        return MappingProxyType({}), (
            Fault(str(folder), "", "no access", f"{error.strerror}: let the service read it"),
        )
    for path in paths:
        if path.is_dir():
            faults += _subfolder_faults(path)
        elif path.suffix.lower() in (ORDER_SUFFIX, *ZONE_SUFFIXES):
            text = _read_within(folder, path)
            if isinstance(text, Fault):
                faults.append(text)
            else:
                documents[path.name] = text
    if not faults and not any(is_order_file(name) for name in documents):
        faults.append(Fault(str(folder), "", "no *.toml file", "write the orders into a TOML file in this folder"))
    return MappingProxyType(documents), tuple(faults)


def is_order_file(name: str) -> bool:
    """Whether a document holds orders, and not zones for them."""
    return name.lower().endswith(ORDER_SUFFIX)


def read_text(path: Path) -> str | Fault:
    """The text of a file, at most 32 MiB of UTF-8."""
    try:
        with path.open("rb") as file:
            content = file.read(FILE_BYTES_MAX + 1)
    except OSError as error:
        return Fault(str(path), "", "no access", f"{error.strerror or error}: name a file that the service may read")
    if len(content) > FILE_BYTES_MAX:
        return Fault(str(path), "", f"more than {FILE_BYTES_MAX} bytes", "split the file into smaller ones")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        return Fault(
            str(path), f"line {line}", f"byte 0x{content[error.start]:02x}", "not UTF-8: save the file as UTF-8"
        )


def decode_toml(name: str, text: str) -> Mapping[str, object] | Fault:
    """The tables of a TOML text, or the first place where it is no TOML."""
    try:
        return tomllib.loads(text)
    except RecursionError:
        return Fault(name, "", "arrays in arrays", "nested too deep: no value of an order or setting is")
    except ValueError as error:
        found = PLACE_PATTERN.fullmatch(str(error))
        if found is None:
            return Fault(name, "", "no TOML", f"the file is not TOML: {cut(str(error))}")
        lines = text.splitlines()
        row = int(found["line"] or len(lines))
        path = f"line {found['line']}, column {found['column']}" if found["line"] else "end of file"
        wrong_line = lines[row - 1].strip() if 0 < row <= len(lines) else ""
        value = hidden(wrong_line, wrong_line)  # a line that is no TOML may still hold a password
        return Fault(name, path, value, f"not TOML: {cut(found['what'])}")


def _read_within(folder: Path, path: Path) -> str | Fault:
    try:
        inside = path.resolve(strict=True).is_relative_to(folder.resolve(strict=True))
        path.name.encode()
    except UnicodeEncodeError:
        return Fault(str(folder), "", shown(path.name), "a file's name is not UTF-8: give it another")
    except (OSError, RuntimeError):
        return Fault(str(path), "", "a link to nothing", "remove the link, or put the file in its place")
    if not inside:
        return Fault(str(path), "", "a link out of the folder", "put the file itself into the orders' folder")
    if not path.is_file():
        return Fault(str(path), "", "no regular file", "put a regular file in its place")
    return read_text(path)


def _subfolder_faults(path: Path) -> Iterator[Fault]:
    if any(is_order_file(file.name) for file in path.rglob("*")):
        mend = (
            "orders in a subfolder are not read: move them up, or begin the folder's name with a dot to keep them out"
        )
        yield Fault(str(path), "", "a subfolder with orders", mend)
