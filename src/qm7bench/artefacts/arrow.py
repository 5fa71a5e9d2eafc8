"""Columns as Arrow arrays and in Parquet files: the one module that imports PyArrow.

PyArrow's own conversions import pandas wherever it is installed, which would take each job 0.3 s of
processor time: three times what a fit on arrays takes to start. They are avoided here.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

UNREADABLE = (pa.ArrowInvalid, OSError)
"""What `read_columns` raises for a file that is missing, damaged, or not Parquet."""


def write_columns(path: Path, columns: Mapping[str, Any], notes: Mapping[str, str]) -> None:
    """Write columns of equal length, and notes as metadata of the file."""
    table = pa.table({name: to_arrow(values) for name, values in columns.items()})
    if notes:
        table = table.replace_schema_metadata(dict(notes))
    pq.write_table(table, path, compression="zstd", write_page_checksum=True)


def read_columns(path: Path) -> dict[str, NDArray[Any]]:
    """Read all columns as NumPy arrays."""
    # As `pq.read_table`, which imports pandas.
    with pq.ParquetFile(path, page_checksum_verification=True) as file:
        table = file.read()
    return {name: from_arrow(table[name]) for name in table.column_names}


def to_arrow(values: Any) -> pa.Array:
    """Arrow array of one column.

    Parameters
    ----------
    values : array of shape (n,), or sequence
        Numbers, booleans or texts; None in a sequence is a gap.

    Raises
    ------
    TypeError
        If the values are anything else.
    """
    if not isinstance(values, np.ndarray) or values.dtype.kind not in "biuf":
        return _with_gaps(list(values))
    if values.ndim != 1:
        raise TypeError(f"a column has one dimension, not {values.ndim}")
    return _numbers(values, None)


def _with_gaps(values: list[Any]) -> pa.Array:
    missing = np.array([value is None for value in values], dtype=bool)
    known = np.array([value for value in values if value is not None])
    if len(known) == 0:
        return pa.nulls(len(values))
    if known.dtype.kind == "U":
        builder = pa.lib.StringBuilder()
        builder.append_values([None if value is None else str(value) for value in values])
        return builder.finish()
    if known.dtype.kind not in "biuf" or known.ndim != 1:
        raise TypeError(f"a column holds numbers, booleans or texts, not {known.dtype}")
    filled = np.zeros(len(values), known.dtype)
    filled[~missing] = known
    return _numbers(filled, missing if missing.any() else None)


def _numbers(values: NDArray[Any], missing: NDArray[np.bool_] | None) -> pa.Array:
    """Array of numbers or booleans, which Arrow packs as it does its masks: eight to a byte."""
    kind = pa.from_numpy_dtype(values.dtype)
    validity = None if missing is None else _packed(~missing)
    if values.dtype.kind == "b":
        data = _packed(values)
    else:
        data = pa.py_buffer(np.ascontiguousarray(values, values.dtype.newbyteorder("=")))
    return pa.Array.from_buffers(kind, len(values), [validity, data])


def _packed(values: NDArray[np.bool_]) -> pa.Buffer:
    return pa.py_buffer(np.packbits(values, bitorder="little"))


def from_arrow(column: pa.ChunkedArray) -> NDArray[Any]:
    """NumPy array of a column; a gap is NaN among numbers, else None."""
    whole = column.combine_chunks()
    if _is_number(column.type) and whole.null_count == 0:
        return np.array(np.from_dlpack(whole))
    values = whole.to_pylist()
    if _is_number(column.type):
        return np.array([np.nan if value is None else value for value in values])
    boolean = pa.types.is_boolean(column.type) and whole.null_count == 0
    return np.array(values, dtype=bool if boolean else object)


def _is_number(kind: pa.DataType) -> bool:
    return bool(pa.types.is_integer(kind) or pa.types.is_floating(kind))
