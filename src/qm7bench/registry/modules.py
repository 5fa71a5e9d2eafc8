"""Features, models and data sets by name: one module each, loaded when asked for.

No list is kept anywhere: a file `models/ridge.py` with a class `Ridge` is the model `ridge`.
"""

from __future__ import annotations

import importlib
from functools import cache
from pathlib import Path
from typing import Any, Literal

from qm7bench.errors import ConfigurationError
from qm7bench.installation import naming_the_extra
from qm7bench.registry.parameters import Parameter, class_name, declared_parameters

Kind = Literal["features", "models"]
PACKAGE = Path(__file__).parent.parent


@cache
def known(kind: Kind) -> tuple[str, ...]:
    """Names of all features or models: modules of the folder that hold a class of their name."""
    files = sorted((PACKAGE / kind).glob("[a-z]*.py"))
    return tuple(f.stem for f in files if f"class {class_name(f.stem)}" in f.read_text("utf-8"))


@cache
def parameters_of(kind: Kind, name: str) -> dict[str, Parameter]:
    """Declared parameters of a feature or model, without importing it."""
    return declared_parameters(PACKAGE / kind / f"{name}.py")


def module_name(kind: Kind, name: str) -> str:
    """Full name of the module, for example `qm7bench.models.ridge`."""
    return f"qm7bench.{kind}.{name}"


def load(kind: Kind, name: str) -> type[Any]:
    """Import the module and return its class.

    Raises
    ------
    ConfigurationError
        If there is no such feature or model.
    MissingPackageError
        If it needs a package of an extra that is not installed.
    """
    if name not in known(kind):
        raise ConfigurationError(f"unknown {kind[:-1]} {name!r}; known: {', '.join(known(kind))}")
    with naming_the_extra():
        module = importlib.import_module(module_name(kind, name))
    return getattr(module, class_name(name))  # type: ignore[no-any-return]
