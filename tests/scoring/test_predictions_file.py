"""Files of predictions as people write them."""

from __future__ import annotations

import gzip

import numpy as np
import pytest

from qm7bench.artefacts.parquet import write_table
from qm7bench.errors import DataSetError, PredictionsError
from qm7bench.scoring.predictions_file import read_predictions

EXPECTED = ([3, 1], [-10.5, -20.0])


def read(tmp_path, content, name="p.csv"):
    path = tmp_path / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return read_predictions(path)


@pytest.mark.parametrize(
    "content",
    [
        "id,prediction\n3,-10.5\n1,-20\n",
        'ID, Prediction ,comment\r\n3,-10.5,"a, b"\r\n1,-2e1,c\r\n\r\n',
        "id;prediction\n3;-10.5\n1;-20\n",
        "prediction\tid\n-10.5\t3\n-20\t1.0\n",
        "\ufeffid,prediction\n3,-10.5\n1,-20",
        gzip.compress(b"id,prediction\n3,-10.5\n1,-20\n", mtime=0),
    ],
)
def test_csv_of_many_forms_says_the_same(tmp_path, content):
    found = read(tmp_path, content)
    assert (found.ids.tolist(), found.predictions.tolist()) == EXPECTED
    assert found.folds is None


@pytest.mark.parametrize("word", ["", "nan", "NaN", "None", "NA"])
def test_a_molecule_may_have_no_prediction_and_the_file_may_name_folds(tmp_path, word):
    found = read(tmp_path, f"id,fold,prediction\n3,1,-10.5\n1,0,{word}\n")
    assert found.folds.tolist() == [1, 0]
    assert np.isnan(found.predictions).tolist() == [False, True]


def test_parquet_is_read_and_a_damaged_file_stays(tmp_path):
    path = tmp_path / "p.parquet"
    write_table(path, {"id": np.array([3, 1]), "prediction": np.array([-10.5, -20.0])})
    found = read_predictions(path)
    assert (found.ids.tolist(), found.predictions.tolist()) == EXPECTED
    path.write_bytes(path.read_bytes()[:-20])
    with pytest.raises(PredictionsError, match="is not a readable Parquet file"):
        read_predictions(path)
    assert path.is_file()
    with pytest.raises(PredictionsError, match="does not exist"):
        read_predictions(tmp_path / "other.parquet")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "has no column id, but nothing; give a header"),
        ("1,2\n3,4\n", "has no column id, but 1, 2; give a header"),
        ("id,energy\n3,4\n", "has no column prediction, but id, energy"),
        ("id,prediction\n", "has no predictions; give a line for each"),
        ("id,prediction\n3,-1\nx,-1\n", "line 3: id 'x' is not an integer"),
        ("id,prediction\n3.5,-1\n", "line 2: id '3.5' is not an integer"),
        ("id,prediction\n3,-1 eV\n", "line 2: prediction '-1 eV' is not a number"),
        ("id,prediction\n3,inf\n", "line 2: prediction 'inf' is not finite"),
        ("id,prediction,fold\n3,-1,\n", "line 2: fold '' is not an integer"),
        ("id,prediction\n3,-1,5\n", "line 2 has 3 values and the header 2; write numbers"),
        (b"id,prediction\n\0", "line 2 holds a NUL byte"),
    ],
)
def test_what_cannot_be_read_is_an_error_that_says_where(tmp_path, content, message):
    with pytest.raises((PredictionsError, DataSetError), match=message):
        read(tmp_path, content)


def test_a_file_that_is_not_there_is_named(tmp_path):
    with pytest.raises(DataSetError, match=r"none\.csv: the file does not exist"):
        read_predictions(tmp_path / "none.csv")
