"""Which room of the package imports which, read from the source files without importing them."""

from __future__ import annotations

import ast
from pathlib import Path

PACKAGE = Path(__file__).parent.parent


def source_files() -> list[Path]:
    """Every Python file of the package, in order."""
    return sorted(PACKAGE.rglob("*.py"))


def room_of(path: Path) -> str:
    """First folder inside the package, or the module's own name where it is in none."""
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def modules_imported(path: Path) -> set[str]:
    """Every module that a file imports, inside functions too, with the names imported from it.

    Raises
    ------
    ValueError
        If an import is relative: the house has none, and its target would be missed here.
    """
    names = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            if node.level:
                raise ValueError(f"{path}: relative import in line {node.lineno}")
            names |= {str(node.module)} | {f"{node.module}.{alias.name}" for alias in node.names}
    return names


def rooms_imported(path: Path) -> set[str]:
    """Other rooms, and modules outside all rooms, that a file imports."""
    split = [name.split(".") for name in modules_imported(path)]
    found = {parts[1] for parts in split if parts[0] == PACKAGE.name and len(parts) > 1}
    return found - {room_of(path)}


def arrows() -> dict[str, set[str]]:
    """By room or loose module: everything in the package that it imports."""
    found: dict[str, set[str]] = {}
    for path in source_files():
        found.setdefault(room_of(path), set()).update(rooms_imported(path))
    return found


def lines() -> dict[str, int]:
    """Lines of Python in each room or loose module."""
    found: dict[str, int] = {}
    for path in source_files():
        number = len(path.read_text(encoding="utf-8").splitlines())
        found[room_of(path)] = found.get(room_of(path), 0) + number
    return found


def without_implied(graph: dict[str, set[str]]) -> dict[str, set[str]]:
    """The arrows of a graph without cycles that no longer way of two arrows or more implies."""
    return {
        name: {t for t in targets if not any(t in _reached(graph, o) for o in targets - {t})}
        for name, targets in graph.items()
    }


def _reached(graph: dict[str, set[str]], start: str) -> set[str]:
    """Everything that can be reached from a name by one arrow or more."""
    found: set[str] = set()
    waiting = [start]
    while waiting:
        for target in graph.get(waiting.pop(), set()) - found:
            found.add(target)
            waiting.append(target)
    return found
