# SPDX-License-Identifier: EUPL-1.2
# SPDX-FileCopyrightText: 2026 The victim-proximity monitor authors
"""The house rules that no linter knows: licence lines, the length of modules and functions, a twin for every kernel.

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
KERNELS = Path("proximity/kernels")
TESTS = Path("tests")
KERNEL_MARK = "compiled"
TWIN_MARK = "twin_of"


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


def twin_faults(root: Path) -> Iterator[str]:
    """One line for each kernel that no test's `@twin_of(kernel)` names, and for each such twin that no test calls."""
    twins: set[str] = set()
    for path in sorted((root / TESTS).rglob("*.py")):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        for node in _functions(tree):
            own = {_name(argument) for call in _marks(node, TWIN_MARK) for argument in call.args}
            twins |= own
            if own and _uses(tree, node.name) == _uses(node, node.name):  # in itself only, if at all
                yield f"{path.relative_to(root)}:{node.lineno}: no test calls the twin `{node.name}`: compare with it"
    places: dict[str, str] = {}
    for path in sorted((root / KERNELS).glob("*.py")):
        for node in _functions(ast.parse(path.read_text(encoding="utf-8"))):
            if not any(_name(mark) == KERNEL_MARK for mark in node.decorator_list):
                continue
            place = f"{path.relative_to(root)}:{node.lineno}"
            if node.name not in twins:
                mend = f"write a slow one in tests/kernels and mark it @{TWIN_MARK}({node.name})"
                yield f"{place}: kernel `{node.name}` has no twin: {mend}"
            if places.setdefault(node.name, place) != place:
                yield f"{place}: kernel `{node.name}` has the name of that in {places[node.name]}: rename one"


def _uses(tree: ast.AST, name: str) -> int:
    """How often a function or method of that name is used."""
    return sum(
        isinstance(node, ast.Name | ast.Attribute) and isinstance(node.ctx, ast.Load) and _name(node) == name
        for node in ast.walk(tree)
    )


def _functions(tree: ast.AST) -> Iterator[ast.FunctionDef]:
    return (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef))


def _marks(node: ast.FunctionDef, name: str) -> Iterator[ast.Call]:
    return (mark for mark in node.decorator_list if isinstance(mark, ast.Call) and _name(mark.func) == name)


def _name(node: ast.expr) -> str:
    """The last part of a dotted name, "" for anything else."""
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""


def main() -> int:
    """Check the folder named on the command line, or the working folder; 1 if there is a fault."""
    root = Path(sys.argv[1] if len(sys.argv) > 1 else ".")
    found = [*faults(root), *twin_faults(root)]
    for fault in found:
        print(fault)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
