"""Options of the commands that make or fit a feature or a model, with checked `--settings`."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import Any

from qm7bench.commands import _options
from qm7bench.registry.modules import Kind, known, parameters_of

Settings = dict[str, Any]


def add_model(parser: argparse.ArgumentParser, *needs: str) -> None:
    """Declare the options for a model on a feature: what it reads, and its settings."""
    _options.add_dataset(parser)
    parser.add_argument("--feature", type=Path, required=True, help="its metadata.json")
    add_settings(parser, "models", *needs)


def add_entry(parser: argparse.ArgumentParser, *needs: str) -> None:
    """Declare the options for an entry of the leaderboard that is fitted."""
    add_model(parser, "seed", *needs)
    parser.add_argument("--feature-name", required=True)
    parser.add_argument("--model", required=True, help="name of the model's entry")


def add_fit(parser: argparse.ArgumentParser) -> None:
    """Declare the options for a fit that leaves out a test fold: see `_fit_inputs`."""
    add_entry(parser)
    add_shared(parser)
    parser.add_argument("--parts", type=Path, nargs="*", default=[], help="of the fold's kernel")
    parser.add_argument("--pretrained", type=Path, help="model.json from whose weights to start")
    _options.add_test_fold(parser)


def add_shared(parser: argparse.ArgumentParser) -> None:
    """Declare the options for what other jobs made for a fit."""
    parser.add_argument("--distances", type=Path, nargs="*", default=[], help="shared matrices")
    parser.add_argument("--baseline", type=Path, help="metadata.json of energies to correct")


def add_settings(parser: argparse.ArgumentParser, kind: Kind, *needs: str) -> None:
    """Declare `--settings`, which every rule passes as canonical JSON.

    Parameters
    ----------
    needs : str
        Keys that it must have besides `module` and `parameters`.
    """
    keys = ("module", "parameters", *needs)
    what = f"the {kind[:-1]} as JSON, with the keys {', '.join(keys)}"
    parser.add_argument("--settings", type=_checked(kind, keys), required=True, help=what)


def _checked(kind: Kind, keys: tuple[str, ...]) -> Callable[[str], Settings]:
    """Type of the option: settings with these keys, whose values the module accepts."""

    def settings(text: str) -> Settings:
        found = _options.json_object(text)
        for key in keys:
            if key not in found:
                raise argparse.ArgumentTypeError(f"lacks the key {key!r}; give {', '.join(keys)}")
        module, parameters, grid = found["module"], found["parameters"], found.get("grid", {})
        if module not in known(kind):
            names = ", ".join(known(kind))
            raise argparse.ArgumentTypeError(f"unknown {kind[:-1]} {module!r}; known: {names}")
        if not isinstance(parameters, dict) or not isinstance(grid, dict):
            raise argparse.ArgumentTypeError("parameters and grid are JSON objects; write {...}")
        for name, value in parameters.items():
            _refuse_wrong(kind, module, name, [value])
        for name, values in grid.items():
            _refuse_wrong(kind, module, name, values)
        return found

    return settings


def _refuse_wrong(kind: Kind, module: str, name: str, values: Any) -> None:
    declared = parameters_of(kind, module)
    if name not in declared:
        names = ", ".join(declared) or "none"
        raise argparse.ArgumentTypeError(f"{module} has no parameter {name!r}; it has: {names}")
    if not isinstance(values, list) or not values:
        raise argparse.ArgumentTypeError(f"grid: {name} is {values!r}; give a list of values")
    for value in values:
        if not declared[name].accepts(value):
            allowed = declared[name].allowed()
            raise argparse.ArgumentTypeError(f"{module}: {name} is {value!r}; allowed: {allowed}")
