"""Which files of the package a job reads, relative to the working folder."""

from __future__ import annotations

import ast
import os
from functools import cache
from pathlib import Path

from qm7bench.registry.modules import module_name
from qm7bench.registry.source_files import SOURCE_ROOT, source_files


@cache
def code(*modules: str) -> list[str]:
    """Source files of the modules and of all that they import, relative to the working folder."""
    return [os.path.relpath(path) for path in source_files(*modules)]


def package_file(path: str) -> str:
    """Path of a data file inside the package, relative to the working folder."""
    return os.path.relpath(SOURCE_ROOT / "qm7bench" / path)


def package_files(folder: str) -> list[str]:
    """Paths of all files of a folder inside the package."""
    return [os.path.relpath(p) for p in sorted((SOURCE_ROOT / "qm7bench" / folder).glob("*.*"))]


@cache
def layout_of(feature: str) -> str:
    """Layout of a feature's arrays, read from its source without importing it."""
    path = source_files(module_name("features", feature))
    own = next(p for p in path if p.endswith(f"features/{feature}.py"))
    for node in ast.walk(ast.parse(Path(own).read_text(encoding="utf-8"))):
        if isinstance(node, ast.AnnAssign) and ast.unparse(node.target) == "layout" and node.value:
            return str(ast.literal_eval(node.value))
    raise ValueError(f"{own}: no layout")
