"""A file of predictions that someone's own model made: CSV, or Parquet where PyArrow is there."""

from __future__ import annotations

import csv
import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qm7bench.datasets.text_file import read_text_file, shown
from qm7bench.errors import PredictionsError
from qm7bench.installation import naming_the_extra

ID, PREDICTION, FOLD = "id", "prediction", "fold"
DELIMITERS = ",;\t"
WITHOUT_PREDICTION = ("", "nan", "na", "none", "null")
"""What may stand in place of a prediction."""
WANTED = "a header with the columns id and prediction, and fold if you used other folds"


@dataclass(frozen=True)
class PredictionsFile:
    """What a file says, line by line.

    Attributes
    ----------
    source : str
        The file as messages name it.
    ids : int64 array of shape (m,)
    predictions : float64 array of shape (m,)
        As they stand there; NaN where there is none.
    folds : int64 array of shape (m,) or None
        Fold in which each molecule was a test molecule, if the file says so.
    """

    source: str
    ids: NDArray[np.int64]
    predictions: NDArray[np.float64]
    folds: NDArray[np.int64] | None

    def __len__(self) -> int:
        return len(self.ids)


def read_predictions(path: Path) -> PredictionsFile:
    """Read ids, predictions and folds; other columns are passed over.

    Raises
    ------
    PredictionsError
        If a column is missing or a value is not a number; the message names the line.
    DataSetError
        If the file does not exist, cannot be read, or is not text.
    MissingPackageError
        If it is Parquet and PyArrow is not installed.
    """
    read = _parquet if path.suffix == ".parquet" else _csv
    source, columns, first_line = read(path)
    for name in (ID, PREDICTION):
        if name not in columns:
            found = ", ".join(shown(column, 20) for column in columns) or "nothing"
            raise PredictionsError(f"{source}: has no column {name}, but {found}; give {WANTED}")
    place = _Places(source, first_line)
    ids = _integers(columns[ID], ID, place)
    if len(ids) == 0:
        raise PredictionsError(f"{source}: has no predictions; give a line for each molecule")
    folds = _integers(columns[FOLD], FOLD, place) if FOLD in columns else None
    return PredictionsFile(source, ids, _numbers(columns[PREDICTION], place), folds)


@dataclass(frozen=True)
class _Places:
    """Where values stand in a file, for messages; line 0 is for files without lines."""

    source: str
    first_line: int

    def error(self, index: int, column: str, value: Any, what: str) -> PredictionsError:
        line = f"line {index + self.first_line}" if self.first_line else f"row {index}"
        return PredictionsError(f"{self.source}: {line}: {column} {shown(str(value))!r} is {what}")


def _csv(path: Path) -> tuple[str, dict[str, Sequence[Any]], int]:
    file = read_text_file(path)
    header = file.lines[0] if file.lines else ""
    delimiter = max(DELIMITERS, key=header.count)
    try:
        rows = list(csv.reader(file.lines, delimiter=delimiter))
    except csv.Error as error:
        raise PredictionsError(f"{file.source}: is not CSV ({error}); give {WANTED}") from error
    names = [name.strip().lower() for name in rows[0]] if rows else []
    body = rows[1:]
    while body and not any(body[-1]):
        body.pop()
    for i, row in enumerate(body):
        if len(row) != len(names):
            raise PredictionsError(
                f"{file.source}: line {i + 2} has {len(row)} values and the header {len(names)}; "
                "write numbers with a decimal point, and texts with a comma in quotation marks"
            )
    columns = list(zip(*body, strict=True)) or [()] * len(names)
    return file.source, dict(zip(names, columns, strict=True)), 2


def _parquet(path: Path) -> tuple[str, dict[str, Sequence[Any]], int]:
    with naming_the_extra():
        from qm7bench.artefacts import arrow
    source = shown(str(path), 4096)
    if not path.is_file():
        raise PredictionsError(f"{source}: the file does not exist")
    try:
        columns = arrow.read_columns(path)
    except arrow.UNREADABLE as error:
        raise PredictionsError(f"{source}: is not a readable Parquet file ({error})") from error
    return source, {name.lower(): list(values) for name, values in columns.items()}, 0


def _integers(values: Sequence[Any], column: str, place: _Places) -> NDArray[np.int64]:
    found = np.zeros(len(values), dtype=np.int64)
    for i, value in enumerate(values):
        try:
            number = float(value)
        except (TypeError, ValueError):
            number = math.nan
        if not number.is_integer() or abs(number) > 2**53:
            raise place.error(i, column, value, "not an integer")
        found[i] = int(number)
    return found


def _numbers(values: Sequence[Any], place: _Places) -> NDArray[np.float64]:
    found = np.full(len(values), np.nan)
    for i, value in enumerate(values):
        if value is None or str(value).strip().lower() in WITHOUT_PREDICTION:
            continue
        try:
            found[i] = float(value)
        except (TypeError, ValueError) as error:
            raise place.error(i, PREDICTION, value, "not a number") from error
        if math.isinf(found[i]):
            raise place.error(
                i, PREDICTION, value, "not finite; leave it empty where there is no prediction"
            )
    return found
