"""Which files of the package a job reads, relative to the working folder."""

from __future__ import annotations

import os
from functools import cache

from qm7bench.registry.members import declared_member
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
    """Paths of all files in and below a folder inside the package."""
    return [os.path.relpath(p) for p in sorted((SOURCE_ROOT / "qm7bench" / folder).rglob("*.*"))]


def layout_of(feature: str) -> str:
    """Layout of a feature's arrays, read from its source without importing it."""
    layout = declared_member("features", feature, "layout")
    if layout is None:
        raise ValueError(f"{module_name('features', feature)}: no layout")
    return str(layout)
