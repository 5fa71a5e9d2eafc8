"""Which source files a module of this package really uses.

A job's rule lists these files as inputs, so that an edit re-runs exactly the jobs whose code it
changes. Snakemake compares them by checksum: touching a file changes nothing.
"""

from __future__ import annotations

import ast
from functools import cache
from pathlib import Path

SOURCE_ROOT = Path(__file__).parents[2]


@cache
def path_of(module: str) -> Path | None:
    """Source file of a module of this package, or None if it is not of this package."""
    path = SOURCE_ROOT.joinpath(*module.split("."))
    for candidate in (path.with_suffix(".py"), path / "__init__.py"):
        if candidate.is_file():
            return candidate
    return None


def _with_parents(module: str) -> list[str]:
    """Return the module and the packages around it, whose `__init__` files run on import."""
    parts = module.split(".")
    return [".".join(parts[:i]) for i in range(1, len(parts) + 1)]


@cache
def _imports_of(module: str) -> frozenset[str]:
    """First-party modules that a module imports directly, inside functions too."""
    path = path_of(module)
    assert path is not None
    package = module if path.name == "__init__.py" else module.rpartition(".")[0]
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                parents = package.split(".")[: len(package.split(".")) - node.level + 1]
                base = ".".join([*parents, base] if base else parents)
            names |= {base} | {f"{base}.{alias.name}" for alias in node.names}
    reached = {parent for name in [*names, module] for parent in _with_parents(name)}
    return frozenset(name for name in reached if name and path_of(name))


def source_files(*modules: str) -> list[str]:
    """Return the source files that the modules import, transitively, as sorted paths.

    Raises
    ------
    ValueError
        If a module has no source file in this package.
    """
    seen: set[str] = set()
    waiting = list(modules)
    while waiting:
        module = waiting.pop()
        if module in seen:
            continue
        if path_of(module) is None:
            raise ValueError(f"no source file for module {module!r}")
        seen.add(module)
        waiting += _imports_of(module) - seen
    return sorted(str(path_of(module)) for module in seen)
