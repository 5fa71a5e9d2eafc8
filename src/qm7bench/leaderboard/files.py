"""The leaderboard's files: Parquet for programs, CSV and Markdown for people; and reading them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from qm7bench.artefacts.artefact import atomic_path
from qm7bench.artefacts.parquet import read_table, write_table
from qm7bench.errors import ArtefactError
from qm7bench.leaderboard.columns import DTYPES, TEXT, as_leaderboard


def read_leaderboard(path: Path) -> pd.DataFrame:
    """Read the leaderboard that a stage before wrote, `summary.parquet` or `summary.csv`.

    Returns
    -------
    DataFrame
        The columns of `columns.COLUMNS`, in their order and types; one line for each entry, the
        best first, separate tracks last.

    Raises
    ------
    ArtefactError
        If the file is missing or damaged, has no entries, or lacks a column.
    """
    found = _read_csv(path) if path.suffix == ".csv" else pd.DataFrame(read_table(path))
    missing = [name for name in DTYPES if name not in found]
    if missing:
        raise ArtefactError(f"{path}: lacks the column {missing[0]}; make the leaderboard again")
    if found.empty:
        raise ArtefactError(f"{path}: has no entries; run the workflow first")
    try:
        return as_leaderboard(found)
    except (ValueError, TypeError) as error:
        raise ArtefactError(f"{path}: {error}; make the leaderboard again") from error


def _read_csv(path: Path) -> pd.DataFrame:
    texts = {name: "string" for name, dtype in DTYPES.items() if dtype == TEXT}
    try:
        return pd.read_csv(path, dtype=texts, keep_default_na=False, na_values=[""])
    except FileNotFoundError as error:
        raise ArtefactError(f"{path}: does not exist; make the leaderboard first") from error
    except (pd.errors.ParserError, pd.errors.EmptyDataError, UnicodeDecodeError) as error:
        raise ArtefactError(f"{path}: is not a readable CSV file ({error})") from error


def write_parquet(path: Path, frame: pd.DataFrame) -> None:
    """Write all columns, atomically; equal tables give equal bytes."""
    write_table(path, {str(name): _plain(frame[name]) for name in frame})


def _plain(column: pd.Series) -> NDArray[np.float64] | list[Any]:
    """Numbers as an array, everything else as a list with None where a value is missing."""
    if column.dtype == "float64":
        return column.to_numpy()
    return [None if pd.isna(value) else value for value in column]


def write_csv(path: Path, frame: pd.DataFrame) -> None:
    """Write all columns, numbers in full precision, empty where there is none; atomically."""
    write_text(path, to_csv(frame))


def to_csv(frame: pd.DataFrame) -> str:
    """Text of the CSV file."""
    text: str = frame.to_csv(index=False, lineterminator="\n")
    return text


def write_text(path: Path, text: str) -> None:
    """Write a text file, atomically."""
    with atomic_path(path) as temporary:
        temporary.write_text(text, encoding="utf-8")
