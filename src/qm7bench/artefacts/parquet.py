"""Tables as Parquet files, through PyArrow and without pandas."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from qm7bench.artefacts.arrow import from_arrow, to_arrow
from qm7bench.artefacts.artefact import atomic_path, damaged, unreadable


def write_table(path: Path, columns: Mapping[str, Any]) -> None:
    """Write columns of equal length, atomically; equal columns give equal bytes."""
    table = pa.table({name: to_arrow(values) for name, values in columns.items()})
    with atomic_path(path) as temporary:
        pq.write_table(table, temporary, compression="zstd", write_page_checksum=True)


def read_table(path: Path) -> dict[str, NDArray[Any]]:
    """Read all columns as NumPy arrays.

    Raises
    ------
    ArtefactError
        If the file is missing or damaged; it is removed, so that the next run regenerates it.
    """
    try:
        # As `pq.read_table`, which imports pandas.
        with pq.ParquetFile(path, page_checksum_verification=True) as file:
            table = file.read()
    except FileNotFoundError as error:
        raise damaged(path, "no such file") from error
    except (pa.ArrowInvalid, OSError) as error:
        raise unreadable(path, ".parquet", "is not a readable Parquet file") from error
    return {name: from_arrow(table[name]) for name in table.column_names}


def write_records(path: Path, records: Sequence[Mapping[str, Any]]) -> None:
    """Write rows given as dictionaries; what a row lacks and another has is a gap."""
    names = dict.fromkeys(name for record in records for name in record)
    write_table(path, {name: [record.get(name) for record in records] for name in names})


def read_records(path: Path) -> list[dict[str, Any]]:
    """Read rows as dictionaries."""
    columns = read_table(path)
    length = len(next(iter(columns.values()), []))
    return [{name: column[i] for name, column in columns.items()} for i in range(length)]
