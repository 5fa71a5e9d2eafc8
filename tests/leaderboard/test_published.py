"""Published tables are what their predictions say, and the documentation's are among them."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest

from qm7bench.artefacts.parquet import read_table
from qm7bench.errors import ArtefactError
from qm7bench.leaderboard import learning_curves
from qm7bench.leaderboard.documents import CURVES, LEADERBOARD, replaced
from qm7bench.leaderboard.files import to_csv
from qm7bench.leaderboard.markdown import to_markdown
from qm7bench.leaderboard.publishing import read_published_entries
from qm7bench.leaderboard.summary import summarize

START, END = LEADERBOARD
REPOSITORY = Path(__file__).parents[2]
TABLES = [
    pytest.param(path.parent, marks=[pytest.mark.needs_qm7] * (path.parent.name == "qm7"))
    for path in sorted((REPOSITORY / "results" / "published").glob("*/summary.csv"))
]
EACH_TABLE = pytest.mark.parametrize("folder", TABLES, ids=lambda folder: folder.name)


@EACH_TABLE
def test_every_error_follows_from_the_predictions(folder, request):
    dataset = request.getfixturevalue(folder.name)
    row_of = {int(id_): row for row, id_ in enumerate(dataset.ids)}
    with (folder / "summary.csv").open(newline="") as file:
        records = list(csv.DictReader(file))
    assert records
    for record in records:
        table = read_table(
            folder / "predictions" / f"{record['feature']}.{record['model']}.parquet"
        )
        rows = np.array([row_of[int(id_)] for id_ in table["id"]])
        assert len(set(rows)) == len(rows)
        np.testing.assert_array_equal(table["fold"], dataset.folds[rows])
        assert record["folds"] == " ".join(map(str, np.unique(table["fold"])))
        errors = np.abs(table["prediction"] - dataset.energies[rows])
        by_fold = [errors[table["fold"] == fold] for fold in np.unique(table["fold"])]
        for fold, part in zip(np.unique(table["fold"]), by_fold, strict=True):
            assert len(part) == (dataset.folds == fold).sum()
        mae = [np.mean(part) for part in by_fold]
        rmse = [np.sqrt(np.mean(part**2)) for part in by_fold]
        found = [float(record[name]) for name in ("mae", "mae_std", "rmse", "rmse_std")]
        expected = [np.mean(mae), np.std(mae), np.mean(rmse), np.std(rmse)]
        assert found == pytest.approx(expected, abs=1e-6), record["model"]  # kcal/mol


@EACH_TABLE
def test_the_table_follows_from_its_rows(folder, request):
    dataset = request.getfixturevalue(folder.name)
    frame = summarize(dataset, read_published_entries(folder))
    text = (folder / "summary.csv").read_text(encoding="utf-8")
    for made, published in zip(
        csv.DictReader(to_csv(frame).splitlines()), csv.DictReader(text.splitlines()), strict=True
    ):
        assert list(made) == list(published)
        for name, value in made.items():
            try:
                assert float(published[name]) == pytest.approx(float(value), rel=1e-6), name
            except ValueError:
                assert published[name] == value, name


@pytest.mark.needs_qm7
@pytest.mark.skipif(
    not any(table.values[0].name == "qm7" for table in TABLES), reason="qm7 is not published yet"
)
def test_the_documentation_holds_the_leaderboard_of_qm7(qm7):
    page = (REPOSITORY / "docs" / "leaderboard.md").read_text(encoding="utf-8")
    rows = read_published_entries(REPOSITORY / "results" / "published" / "qm7")
    assert replaced(page, to_markdown(summarize(qm7, rows))) == page


CURVE_FILES = sorted((REPOSITORY / "results" / "published").glob("*/learning_curves.csv"))


@pytest.mark.parametrize("path", CURVE_FILES, ids=lambda path: path.parent.name)
def test_published_exponents_follow_from_the_published_errors(path):
    for row in learning_curves.by_row(learning_curves.from_csv(path.read_text("utf-8"))):
        sizes = [r["training_molecules"] for r in row]
        law = learning_curves.PowerLaw.fitted(sizes, [r["mae"] for r in row])
        assert row[0]["exponent"] == pytest.approx(law.exponent, rel=1e-6)
        assert row[0]["fitted_sizes"] == " ".join(map(str, sizes))
        assert [r["all_molecules"] for r in row] == [0] * (len(row) - 1) + [1]


def test_the_documentation_holds_the_published_learning_curves_of_qm7():
    page = (REPOSITORY / "docs" / "leaderboard.md").read_text(encoding="utf-8")
    for path in CURVE_FILES:
        if path.parent.name == "qm7":
            records = learning_curves.from_csv(path.read_text("utf-8"))
            table = learning_curves.to_markdown(records)
            assert replaced(page, table, CURVES) == page


def test_a_table_is_put_between_the_marks_and_can_be_put_there_again():
    document = f"before {START} old {END} after"
    once = replaced(document, "| new |\n")
    assert once == f"before {START}\n\n| new |\n\n{END} after"
    assert replaced(once, "| new |") == once


@pytest.mark.parametrize("document", ["no marks", START, END, f"{END} {START}"])
def test_a_document_without_both_marks_is_an_error(document):
    with pytest.raises(ArtefactError, match="lacks the marks"):
        replaced(document, "table")


def test_a_folder_without_published_rows_is_an_error(tmp_path):
    with pytest.raises(ArtefactError, match="no published entries"):
        read_published_entries(tmp_path)
