"""The leaderboard's files, and reading them back."""

from __future__ import annotations

import csv

import pandas as pd
import pytest

from qm7bench.errors import ArtefactError
from qm7bench.leaderboard.columns import DTYPES
from qm7bench.leaderboard.files import read_leaderboard, write_csv, write_parquet
from qm7bench.leaderboard.summary import summarize


@pytest.fixture
def frame(dataset, entry, pretrained, published):
    """A leaderboard with a gap in most columns, and in some columns only gaps."""
    lucky = entry("lucky", 1 / 3, folds=(0,))
    return summarize(dataset, [entry("good", 2.0), lucky, pretrained])


def write(path, frame):
    (write_csv if path.suffix == ".csv" else write_parquet)(path, frame)


EACH_FORM = pytest.mark.parametrize("name", ["summary.csv", "summary.parquet"])


@EACH_FORM
def test_what_was_written_is_read_back_with_the_same_types(frame, tmp_path, name):
    write(tmp_path / name, frame)
    pd.testing.assert_frame_equal(read_leaderboard(tmp_path / name), frame, check_exact=True)


def test_the_csv_has_full_precision_and_empty_cells_for_what_is_missing(frame, tmp_path):
    write_csv(tmp_path / "summary.csv", frame)
    with (tmp_path / "summary.csv").open(newline="") as file:
        lines = list(csv.DictReader(file))
    assert list(lines[0]) == list(DTYPES)
    assert [line["folds"] for line in lines] == ["0", "0 1", "0 1"]
    assert float(lines[0]["mae"]) == 1 / 3
    assert lines[0]["mae_best_on_test"] == ""
    assert lines[1]["document_replicated"] == "True"


@EACH_FORM
def test_a_missing_column_is_an_error_that_names_it(frame, tmp_path, name):
    write(tmp_path / name, frame.drop(columns="q_value"))
    with pytest.raises(ArtefactError, match=rf"{name}: lacks the column q_value"):
        read_leaderboard(tmp_path / name)


@EACH_FORM
def test_a_further_column_is_ignored(frame, tmp_path, name):
    write(tmp_path / name, frame.assign(mine=1))
    assert list(read_leaderboard(tmp_path / name)) == list(DTYPES)


@EACH_FORM
def test_a_leaderboard_without_entries_is_an_error(frame, tmp_path, name):
    write(tmp_path / name, frame[:0])
    with pytest.raises(ArtefactError, match="has no entries; run the workflow first"):
        read_leaderboard(tmp_path / name)


@EACH_FORM
def test_a_missing_file_is_an_error(tmp_path, name):
    with pytest.raises(ArtefactError, match=name):
        read_leaderboard(tmp_path / name)


@EACH_FORM
def test_a_text_where_a_number_belongs_is_an_error(frame, tmp_path, name):
    write(tmp_path / name, frame.assign(mae="small"))
    with pytest.raises(ArtefactError, match="make the leaderboard again"):
        read_leaderboard(tmp_path / name)


@pytest.mark.parametrize("content", [b"", b'"a', b"\xff\xfe"])
def test_a_damaged_csv_is_an_error(tmp_path, content):
    (tmp_path / "summary.csv").write_bytes(content)
    with pytest.raises(ArtefactError):
        read_leaderboard(tmp_path / "summary.csv")


def test_a_damaged_parquet_file_is_an_error(frame, tmp_path):
    path = tmp_path / "summary.parquet"
    write_parquet(path, frame)
    path.write_bytes(path.read_bytes()[:200])
    with pytest.raises(ArtefactError, match="not a readable Parquet file"):
        read_leaderboard(path)


@EACH_FORM
def test_texts_that_look_like_numbers_stay_as_they_are(frame, tmp_path, name):
    own = frame.assign(model="1e3", extra_data="007")
    write(tmp_path / name, own)
    read = read_leaderboard(tmp_path / name)
    assert set(read["model"]) == {"1e3"}
    assert set(read["extra_data"]) == {"007"}
