"""Options that several subcommands share, each declared once."""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from qm7bench.errors import UserError


def add_dataset(parser: argparse.ArgumentParser) -> None:
    """Declare `--dataset`."""
    parser.add_argument("--dataset", type=Path, required=True, help="its metadata.json")


def add_test_fold(parser: argparse.ArgumentParser) -> None:
    """Declare `--fold`."""
    parser.add_argument("--fold", type=int, required=True, help="test fold")


def add_folds(parser: argparse.ArgumentParser, what: str = "test folds") -> None:
    """Declare `--folds`."""
    parser.add_argument("--folds", type=int, nargs="+", required=True, help=what)


def add_models(parser: argparse.ArgumentParser) -> None:
    """Declare `--models`."""
    parser.add_argument("--models", type=Path, required=True, help="folder of all fits")


def add_rows(parser: argparse.ArgumentParser, what: str) -> None:
    """Declare --rows: entries of the leaderboard. `folds_of_rows` says what they mean."""
    parser.add_argument(
        "--rows",
        nargs="+",
        help=f"FEATURE/MODEL of each {what}; with :0,1 behind it if it has only folds 0 and 1",
    )


def folds_of_rows(rows: Iterable[str], models: Path, folds: list[int]) -> dict[Path, list[int]]:
    """Folder of each entry of `rows`, and its test folds: its own, or these.

    Raises
    ------
    UserError
        If what stands behind a colon is not a list of numbers.
    """
    found = {}
    for text in rows:
        name, _, own = text.partition(":")
        numbers = own.split(",") if own else []
        if not all(number.isdecimal() for number in numbers):
            raise UserError(f"--rows {text}: give folds as numbers, as in {name}:0,1")
        found[models / name] = sorted(map(int, numbers)) or sorted(folds)
    return found


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


def refuse_unknown_folds(asked_for: Iterable[int], folds: Iterable[int]) -> None:
    """Raise a UserError if a fold was asked for that no molecule of the data set is in."""
    known = {int(fold) for fold in folds}
    for fold in asked_for:
        if fold not in known:
            names = " ".join(map(str, sorted(known)))
            raise UserError(f"fold {fold}: no molecule is in it; the data set has folds {names}")
