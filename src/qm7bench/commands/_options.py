"""Options that several subcommands share, each declared once."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any


def add_dataset(parser: argparse.ArgumentParser) -> None:
    """Declare `--dataset`."""
    parser.add_argument("--dataset", type=Path, required=True, help="its metadata.json")


def add_model(parser: argparse.ArgumentParser) -> None:
    """Declare the options for a model on a feature: what it reads, and its settings."""
    add_dataset(parser)
    parser.add_argument("--feature", type=Path, required=True, help="its metadata.json")
    add_settings(parser, "the model: module, parameters, grid, seed, ...")


def add_entry(parser: argparse.ArgumentParser) -> None:
    """Declare the options for an entry of the leaderboard that is fitted."""
    add_model(parser)
    parser.add_argument("--feature-name", required=True)
    parser.add_argument("--model", required=True, help="name of the model's entry")


def add_fit(parser: argparse.ArgumentParser) -> None:
    """Declare the options for a fit that leaves out a test fold: see `_fit_inputs`."""
    add_entry(parser)
    add_shared(parser)
    parser.add_argument("--pretrained", type=Path, help="model.json from whose weights to start")
    add_test_fold(parser)


def add_shared(parser: argparse.ArgumentParser) -> None:
    """Declare the options for what other jobs made for a fit."""
    parser.add_argument("--distances", type=Path, nargs="*", default=[], help="shared matrices")
    parser.add_argument("--baseline", type=Path, help="metadata.json of energies to correct")


def add_settings(parser: argparse.ArgumentParser, what: str) -> None:
    """Declare `--settings`, which every rule passes as canonical JSON."""
    parser.add_argument("--settings", type=json_object, required=True, help=f"{what}, as JSON")


def add_test_fold(parser: argparse.ArgumentParser) -> None:
    """Declare `--fold`."""
    parser.add_argument("--fold", type=int, required=True, help="test fold")


def add_folds(parser: argparse.ArgumentParser, what: str = "test folds") -> None:
    """Declare `--folds`."""
    parser.add_argument("--folds", type=int, nargs="+", required=True, help=what)


def add_models(parser: argparse.ArgumentParser) -> None:
    """Declare `--models`."""
    parser.add_argument("--models", type=Path, required=True, help="folder of all fits")


def add_output(parser: argparse.ArgumentParser, what: str = "metadata.json to write") -> None:
    """Declare `--output`."""
    parser.add_argument("--output", type=Path, required=True, help=what)


def json_object(text: str) -> dict[str, Any]:
    """JSON object of an option's text."""
    value = json_value(text)
    if not isinstance(value, dict):
        raise argparse.ArgumentTypeError(f"{text!r} is not a JSON object; write {{...}}")
    return value


def json_value(text: str) -> Any:
    """JSON value of an option's text."""
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        raise argparse.ArgumentTypeError(f"{text!r} is not JSON: {error}") from error
