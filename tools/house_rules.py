# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The victim-proximity monitor authors
"""The house rules that no linter knows: the licence lines, and how long a module and a function may be.

`python tools/house_rules.py [FOLDER]` prints one line a fault and ends with 1 if there is any.
"""

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

LICENCE_LINES = (
    "# SPDX-License-Identifier: EUPL-1.2",
    "# SPDX-FileCopyrightText: 2026 The victim-proximity monitor authors",
)
MODULE_LINES_MAX = 400
FUNCTION_LINES_MAX = 70
SKIPPED_FOLDERS = frozenset({"build", "dist", "state", "__pycache__"})
UNLIMITED_MODULES = frozenset({"tests"})


def faults(root: Path) -> Iterator[str]:
    """One line for each breach below `root`, in the order of paths and lines: `path:line: what, and the mend`."""
    for path in sorted(root.rglob("*.py")):
        place = path.relative_to(root)
        folders = place.parts[:-1]
        if any(folder in SKIPPED_FOLDERS or folder.startswith(".") for folder in folders):
            continue
        source = path.read_text(encoding="utf-8")
        limited = not folders or folders[0] not in UNLIMITED_MODULES
        for line, what in _faults_of(source, limited=limited):
            yield f"{place}:{line}: {what}"


def _faults_of(source: str, *, limited: bool) -> Iterator[tuple[int, str]]:
    lines = source.splitlines()
    if tuple(lines[: len(LICENCE_LINES)]) != LICENCE_LINES:
        yield 1, f"begins without the two lines {' and '.join(map(repr, LICENCE_LINES))}: put them first"
    if limited and len(lines) > MODULE_LINES_MAX:
        yield MODULE_LINES_MAX + 1, f"{len(lines)} lines, more than {MODULE_LINES_MAX}: split the module"
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            length = (node.end_lineno or node.lineno) - node.lineno + 1
            if length > FUNCTION_LINES_MAX:
                yield node.lineno, f"`{node.name}` has {length} lines, more than {FUNCTION_LINES_MAX}: split it"


def main() -> int:
    """Check the folder named on the command line, or the working folder; 1 if there is a fault."""
    found = list(faults(Path(sys.argv[1] if len(sys.argv) > 1 else ".")))
    for fault in found:
        print(fault)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
