"""Tables: the same bytes for the same content, and damage found when they are read."""

from __future__ import annotations

import numpy as np
import pytest

from qm7bench.artefacts.parquet import read_records, read_table, write_records, write_table
from qm7bench.errors import ArtefactError

TABLE = {"id": np.arange(100), "formula": ["CH4", "H2O"] * 50, "energy": np.linspace(-1, 0, 100)}


def test_a_table_is_read_as_it_was_written(tmp_path):
    write_table(tmp_path / "t.parquet", TABLE)
    read = read_table(tmp_path / "t.parquet")
    for name, column in TABLE.items():
        np.testing.assert_array_equal(read[name], column)


def test_the_same_table_gives_the_same_bytes(tmp_path):
    for name in ("a", "b"):
        write_table(tmp_path / name, TABLE)
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


def test_records_survive_with_their_gaps(tmp_path):
    records = [{"name": "a", "mae": 1.5, "source": None}, {"name": "b", "mae": 2.5, "source": None}]
    write_records(tmp_path / "r.parquet", records)
    assert read_records(tmp_path / "r.parquet") == records


def test_what_only_later_records_have_is_a_column_with_gaps(tmp_path):
    records = [{"epoch": 1}, {"epoch": 2, "test_mae": 1.5}, {"epoch": 3}]
    write_records(tmp_path / "r.parquet", records)
    found = read_table(tmp_path / "r.parquet")
    np.testing.assert_array_equal(found["epoch"], [1, 2, 3])
    np.testing.assert_array_equal(found["test_mae"], [np.nan, 1.5, np.nan])


def test_a_table_damaged_anywhere_is_an_error_or_unchanged(tmp_path):
    """Parquet's page checksums guard the data; its footer is guarded by its own parsing."""
    path = tmp_path / "results" / "inner.parquet"
    write_table(path, TABLE)
    original = path.read_bytes()
    removed = 0
    for position in range(0, len(original), 37):
        damaged = bytearray(original)
        damaged[position] ^= 0x55
        path.write_bytes(damaged)
        try:
            read = read_table(path)
        except ArtefactError:
            removed += not path.exists()
        else:
            for name in set(read) & set(TABLE):
                np.testing.assert_array_equal(read[name], TABLE[name])
    assert removed > 10


@pytest.mark.parametrize("kept", [0, 4, 500])
def test_a_truncated_table_is_found_and_removed(tmp_path, kept):
    path = tmp_path / "results" / "predictions.parquet"
    write_table(path, TABLE)
    path.write_bytes(path.read_bytes()[:kept])
    with pytest.raises(ArtefactError, match="is not a readable Parquet file"):
        read_table(path)
    assert not path.exists()


def test_a_users_own_table_named_by_mistake_stays(tmp_path):
    path = tmp_path / "mine.parquet"
    path.write_bytes(b"not a table")
    with pytest.raises(ArtefactError, match="give a file that a job wrote, below results/"):
        read_table(path)
    assert path.read_bytes() == b"not a table"


def test_a_missing_table_is_an_error(tmp_path):
    with pytest.raises(ArtefactError, match="no such file"):
        read_table(tmp_path / "t.parquet")
