"""Published tables are what their predictions say, and the documentation's are among them."""

from __future__ import annotations

import csv
import shutil
from pathlib import Path

import numpy as np
import pytest

from qm7bench.artefacts.parquet import read_table
from qm7bench.cli import main
from qm7bench.datasets.by_size import QM9_TEST_MOLECULES, split_by_size
from qm7bench.errors import ArtefactError
from qm7bench.leaderboard import learning_curves
from qm7bench.leaderboard.files import to_csv
from qm7bench.leaderboard.publishing import read_published_entries
from qm7bench.leaderboard.summary import summarize

REPOSITORY = Path(__file__).parents[2]
PUBLISHED = REPOSITORY / "results" / "published"
MARKS = {"qm7": pytest.mark.needs_qm7, "qm9": pytest.mark.slow}


def name_of(folder):
    """Folder below that of all published results, in one word."""
    return "_".join(folder.relative_to(PUBLISHED).parts)


def dataset_of(folder):
    """Name of the data set: the folder's, up to what is added for tables of their own."""
    name = name_of(folder).split("_")[0]
    return f"{name}_by_size" if folder.name == "size" else name


def tables(*patterns):
    """Folders of published leaderboards."""
    return [
        pytest.param(path.parent, marks=MARKS[dataset_of(path.parent).split("_")[0]])
        for pattern in patterns
        for path in sorted(PUBLISHED.glob(pattern))
    ]


OF_ALL = "*/summary.csv"
EACH_TABLE = pytest.mark.parametrize(
    "folder", tables(OF_ALL, "*/beyond/size/summary.csv"), ids=name_of
)


@pytest.fixture(scope="module")
def qm7_by_size(qm7):
    return split_by_size(qm7, "qm7_by_size")


@pytest.fixture(scope="module")
def qm9_by_size(qm9):
    return split_by_size(qm9, "qm9_by_size", QM9_TEST_MOLECULES)


@EACH_TABLE
def test_every_error_follows_from_the_predictions(folder, request):
    dataset = request.getfixturevalue(dataset_of(folder))
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
def test_the_table_follows_from_its_entries(folder, request):
    dataset = request.getfixturevalue(dataset_of(folder))
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


PAGES = {"qm7": "leaderboard", "qm7_ablation": "ablation"}


@pytest.mark.parametrize("folder", [table.values[0].name for table in tables(OF_ALL)])
def test_the_documents_hold_what_is_published(tmp_path, folder):
    pages = [f"docs/{PAGES.get(folder, folder)}.md", *["README.md"] * (folder == "qm7")]
    for name in pages:
        (tmp_path / name).parent.mkdir(exist_ok=True)
        shutil.copy(REPOSITORY / name, tmp_path / name)
    words = ["publish", "--published", str(PUBLISHED / folder)]
    words += ["--leaderboard", str(tmp_path / pages[0])]
    words += ["--readme", str(tmp_path / "README.md")] if folder == "qm7" else []
    assert main(words) == 0
    for name in pages:
        assert (tmp_path / name).read_text("utf-8") == (REPOSITORY / name).read_text("utf-8"), name


CURVE_FILES = sorted((REPOSITORY / "results" / "published").glob("*/learning_curves.csv"))


@pytest.mark.parametrize("path", CURVE_FILES, ids=lambda path: path.parent.name)
def test_published_exponents_follow_from_the_published_errors(path):
    for curve in learning_curves.by_entry(learning_curves.read_curves(path)):
        sizes = [r["training_molecules"] for r in curve]
        law = learning_curves.PowerLaw.fitted(sizes, [r["mae"] for r in curve])
        assert curve[0]["exponent"] == pytest.approx(law.exponent, rel=1e-6)
        assert curve[0]["fitted_sizes"] == " ".join(map(str, sizes))
        assert [r["all_molecules"] for r in curve] == [0] * (len(curve) - 1) + [1]


def test_a_folder_without_published_entries_is_an_error(tmp_path):
    with pytest.raises(ArtefactError, match="no published entries"):
        read_published_entries(tmp_path)
