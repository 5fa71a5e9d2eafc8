"""The vocabulary of parameter types, and their check without importing what they belong to.

A feature or a model is a dataclass whose fields are its parameters; it inherits those of its base
classes. They are read from the source text, so that a wrong value in `config.yaml` is found before
any job starts and without importing scikit-learn or PyTorch.
"""

from __future__ import annotations

import ast
import dataclasses
import itertools
import math
from pathlib import Path
from typing import Any

from qm7bench.registry.docstrings import parameter_meanings
from qm7bench.registry.source_files import path_of

PositiveFloat = float
NonNegativeFloat = float
PositiveInt = int
NonNegativeInt = int
Fraction = float
"""A number from 0 to 1, both excluded."""


@dataclasses.dataclass(frozen=True)
class Parameter:
    """One parameter as its dataclass declares it: type name or allowed values, and default."""

    name: str
    type: str
    choices: tuple[Any, ...] = ()
    default: Any = None
    required: bool = False
    meaning: str = dataclasses.field(default="", compare=False)
    """What the docstring of its class says of it, or that of a base class."""

    def allowed(self) -> str:
        """Return in words what values the parameter takes."""
        if self.choices:
            return "one of " + ", ".join(repr(c) for c in self.choices)
        return _TYPES[self.type][0]

    def accepts(self, value: Any) -> bool:
        """Whether the value is allowed; a bool is not a number, and nan and inf are not either."""
        if self.choices:
            return any(value == c and type(value) is type(c) for c in self.choices)
        return bool(_TYPES[self.type][1](value))


def grid_points(parameters: dict[str, Any], grid: dict[str, list[Any]]) -> list[dict[str, Any]]:
    """Every combination of the grid's values, each with the fixed parameters."""
    names = sorted(grid)
    combinations = itertools.product(*(grid[name] for name in names))
    return [{**parameters, **dict(zip(names, values, strict=True))} for values in combinations]


Fields = dict[str, Parameter | None]
"""Of a dataclass, in its order; None where a field is no argument, which hides inherited ones."""


def _is_int(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _is_number(value: Any) -> bool:
    return _is_int(value) or (isinstance(value, float) and math.isfinite(value))


_TYPES = {
    "float": ("a number", _is_number),
    "PositiveFloat": ("a number > 0", lambda v: _is_number(v) and v > 0),
    "NonNegativeFloat": ("a number >= 0", lambda v: _is_number(v) and v >= 0),
    "Fraction": ("a number between 0 and 1", lambda v: _is_number(v) and 0 < v < 1),
    "int": ("an integer", _is_int),
    "PositiveInt": ("an integer > 0", lambda v: _is_int(v) and v > 0),
    "NonNegativeInt": ("an integer >= 0", lambda v: _is_int(v) and v >= 0),
    "bool": ("true or false", lambda v: isinstance(v, bool)),
    "str": ("a text", lambda v: isinstance(v, str)),
}


def class_name(module: str) -> str:
    """Name of the public class of a module: `kernel_ridge` holds `KernelRidge`."""
    return "".join(part.capitalize() for part in module.split("_"))


def declared_parameters(source: Path) -> dict[str, Parameter]:
    """Parameters of the public dataclass in a source file, read without importing it.

    Fields of base classes that are dataclasses of this package come first, as in a dataclass.

    Raises
    ------
    ValueError
        If the file has no class of the expected name, a base class is not where it is imported
        from, or an annotation is outside the vocabulary; that is a fault of the module's author.
    """
    fields = _fields_of(class_name(source.stem), source)
    return {name: parameter for name, parameter in fields.items() if parameter is not None}


def _fields_of(name: str, source: Path) -> Fields:
    tree = ast.parse(source.read_text(encoding="utf-8"))
    found = [n for n in tree.body if isinstance(n, ast.ClassDef) and n.name == name]
    if not found:
        raise ValueError(f"{source}: no class {name}")
    fields: Fields = {}
    for base in reversed(found[0].bases):
        fields |= _inherited(ast.unparse(base), source, tree)
    if not any("dataclass" in ast.unparse(d) for d in found[0].decorator_list):
        return fields
    own = [field for field in found[0].body if isinstance(field, ast.AnnAssign)]
    fields |= {ast.unparse(f.target): _parameter(f, fields) for f in own}
    meanings = parameter_meanings(ast.get_docstring(found[0]) or "")
    return {key: p and _explained(p, meanings.get(key, "")) for key, p in fields.items()}


def _explained(parameter: Parameter, meaning: str) -> Parameter:
    """With what the class says of it; where that only points elsewhere, an inherited text stays."""
    if not meaning or (parameter.meaning and meaning.startswith("See ")):
        return parameter
    return dataclasses.replace(parameter, meaning=meaning)


def _inherited(base: str, source: Path, tree: ast.Module) -> Fields:
    """Fields of a base class; classes from outside of this package have none."""
    if any(isinstance(node, ast.ClassDef) and node.name == base for node in tree.body):
        return _fields_of(base, source)
    for node in tree.body:
        if isinstance(node, ast.ImportFrom) and base in [a.asname or a.name for a in node.names]:
            original = next(a.name for a in node.names if base == (a.asname or a.name))
            path = path_of(node.module or "")
            return {} if path is None else _fields_of(original, path)
    return {}


def _parameter(field: ast.AnnAssign, inherited: Fields) -> Parameter | None:
    annotation, name = ast.unparse(field.annotation), ast.unparse(field.target)
    if annotation.startswith("ClassVar") or _is_not_an_argument(field.value):
        return None
    above = inherited.get(name)
    facts: dict[str, Any] = {
        "default": None if field.value is None else ast.literal_eval(field.value),
        "required": field.value is None,
        "meaning": above.meaning if above else "",
    }
    if annotation.startswith("Literal["):
        assert isinstance(field.annotation, ast.Subscript)
        values = ast.literal_eval(field.annotation.slice)
        choices = values if isinstance(values, tuple) else (values,)
        return Parameter(name, "Literal", choices, **facts)
    if annotation not in _TYPES:
        raise ValueError(
            f"parameter {name}: type {annotation} is not in qm7bench.registry.parameters"
        )
    return Parameter(name, annotation, **facts)


def _is_not_an_argument(value: ast.expr | None) -> bool:
    """Whether a field's default is `field(..., init=False)`."""
    if not isinstance(value, ast.Call):
        return False
    return any(k.arg == "init" and ast.unparse(k.value) == "False" for k in value.keywords)
