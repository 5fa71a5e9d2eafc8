"""The family of a model: kernel, network, linear, neighbours, mean, or what a plug-in names."""

from __future__ import annotations

import ast
from functools import cache

from qm7bench.registry.modules import PACKAGE
from qm7bench.registry.parameters import class_name

UNNAMED = "other"
ENSEMBLE = "ensemble"


@cache
def family_of(module: str) -> str:
    """Family that a model's class names as its member `family`, read without importing it.

    Parameters
    ----------
    module : str
        Name of the model's module, or "ensemble".

    Returns
    -------
    str
        "ensemble" of an ensemble; "other" where the class names none, or is no longer there.
    """
    source = PACKAGE / "models" / f"{module}.py"
    if module == ENSEMBLE or not source.is_file():
        return ENSEMBLE if module == ENSEMBLE else UNNAMED
    for node in ast.parse(source.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.ClassDef) and node.name == class_name(module):
            for field in node.body:
                if isinstance(field, ast.AnnAssign) and ast.unparse(field.target) == "family":
                    return str(ast.literal_eval(field.value)) if field.value else UNNAMED
    return UNNAMED
