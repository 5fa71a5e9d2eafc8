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
    source = PACKAGE / kind / f"{module}.py"
    if not source.is_file():
        return None
    for node in ast.parse(source.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.ClassDef) and node.name == class_name(module):
            for field in node.body:
                if isinstance(field, ast.AnnAssign) and ast.unparse(field.target) == name:
                    return ast.literal_eval(field.value) if field.value else None
    return None
