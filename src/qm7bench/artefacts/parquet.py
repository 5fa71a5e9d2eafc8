"""Tables as Parquet files, through PyArrow, which is imported when a table is read or written."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from numpy.typing import NDArray

from qm7bench.artefacts.artefact import atomic_path, damaged, unreadable
from qm7bench.installation import naming_the_extra


def write_table(
    path: Path, columns: Mapping[str, Any], notes: Mapping[str, str] | None = None
) -> None:
    """Write columns of equal length, atomically; equal columns give equal bytes.

    Parameters
    ----------
    notes : mapping, optional
        Texts by name that the file keeps as its metadata.

    Raises
    ------
    MissingPackageError
        If PyArrow is not installed.
    """
    with naming_the_extra():
        from qm7bench.artefacts import arrow
    with atomic_path(path) as temporary:
        arrow.write_columns(temporary, columns, notes or {})


def read_table(path: Path) -> dict[str, NDArray[Any]]:
    """Read all columns as NumPy arrays.

    Raises
    ------
    ArtefactError
        If the file is missing or damaged; it is removed, so that the next run regenerates it.
    MissingPackageError
        If PyArrow is not installed.
    """
    with naming_the_extra():
        from qm7bench.artefacts import arrow
    try:
        return arrow.read_columns(path)
    except FileNotFoundError as error:
        raise damaged(path, "no such file") from error
    except arrow.UNREADABLE as error:
        raise unreadable(path, ".parquet", "is not a readable Parquet file") from error


def write_records(path: Path, records: Sequence[Mapping[str, Any]]) -> None:
    """Write rows given as dictionaries; what a row lacks and another has is a gap."""
    names = dict.fromkeys(name for record in records for name in record)
    write_table(path, {name: [record.get(name) for record in records] for name in names})


def read_records(path: Path) -> list[dict[str, Any]]:
    """Read rows as dictionaries."""
    columns = read_table(path)
    length = len(next(iter(columns.values()), []))
    return [{name: column[i] for name, column in columns.items()} for i in range(length)]
