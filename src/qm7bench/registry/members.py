"""Class members of features and models, read from their source text without importing them."""

from __future__ import annotations

import ast
from functools import cache
from typing import Any

from qm7bench.registry.modules import PACKAGE, Kind
from qm7bench.registry.parameters import class_name


@cache
def declared_member(kind: Kind, module: str, name: str) -> Any:
    """Value that the class of a module gives a member in its own body; None without one.

    None too where there is no such module any more. Only literal values are read.
    """
    for field in _body(kind, module):
        if isinstance(field, ast.AnnAssign) and ast.unparse(field.target) == name:
            return ast.literal_eval(field.value) if field.value else None
    return None


@cache
def has_method(kind: Kind, module: str, name: str) -> bool:
    """Whether the class of a module defines a method in its own body."""
    return any(isinstance(m, ast.FunctionDef) and m.name == name for m in _body(kind, module))


@cache
def _body(kind: Kind, module: str) -> list[ast.stmt]:
    """What stands in the class of a module; nothing where there is no such module any more."""
    source = PACKAGE / kind / f"{module}.py"
    if not source.is_file():
        return []
    nodes = ast.parse(source.read_text(encoding="utf-8")).body
    own = (n for n in nodes if isinstance(n, ast.ClassDef) and n.name == class_name(module))
    return next((node.body for node in own), [])
