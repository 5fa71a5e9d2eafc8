"""The command that makes the leaderboard of finished entries."""

from __future__ import annotations

import pytest
from report_example import FOLDS, small_dataset, write_results

from qm7bench.cli import main
from qm7bench.leaderboard.files import read_leaderboard

RIDGE, MEAN = "sorted_coulomb_matrix/ridge_standardized", "atom_counts/mean_predictor"


@pytest.fixture
def results(tmp_path):
    """A run with two finished entries."""
    entries = {tuple(name.split("/")): error for name, error in ((RIDGE, 20.0), (MEAN, 180.0))}
    write_results(tmp_path / "qm7", small_dataset(), entries)
    return tmp_path / "qm7"


def summarize(results, *words):
    own = ["--dataset", results / "dataset" / "metadata.json", "--models", results / "models"]
    own += ["--folds", *FOLDS, "--output", results / "summary"]
    return main([str(word) for word in ("summarize", *own, *words)])


def names(results):
    frame = read_leaderboard(results / "summary.parquet")
    return [f"{r['feature']}/{r['model']}" for _, r in frame.iterrows()]


def test_the_three_files_hold_the_same_entries(results):
    assert summarize(results) == 0
    assert names(results) == [RIDGE, MEAN]
    written = read_leaderboard(results / "summary.csv")
    assert written.equals(read_leaderboard(results / "summary.parquet"))
    text = (results / "summary.md").read_text(encoding="utf-8")
    assert text.startswith("# qm7: atomization energies, errors in kcal/mol\n")
    assert "| ridge_standardized" in text


def test_by_default_entries_that_lack_a_fold_are_left_out_and_named(results, capsys):
    (results / "models" / RIDGE / "fold2" / "metrics.json").unlink()
    assert summarize(results) == 0
    assert names(results) == [MEAN]
    assert f"left out {results / 'models' / RIDGE}: not all folds" in capsys.readouterr().err


def test_an_entry_asked_for_that_lacks_a_fold_is_an_error(results, capsys):
    (results / "models" / RIDGE / "fold2" / "metrics.json").unlink()
    assert summarize(results, "--rows", RIDGE) == 1
    assert "fold2/metrics.json" in capsys.readouterr().err
    assert not list(results.glob("summary*"))


def test_without_any_finished_entry_there_is_no_leaderboard(results, capsys):
    for path in results.glob("models/*/*/fold1/metrics.json"):
        path.unlink()
    assert summarize(results) == 1
    assert "no entry has all folds; run the workflow first" in capsys.readouterr().err


def test_an_entry_may_have_folds_of_its_own(results, capsys):
    (results / "models" / RIDGE / "fold2" / "metrics.json").unlink()
    assert summarize(results, "--rows", f"{RIDGE}:{FOLDS[0]}", MEAN) == 0
    frame = read_leaderboard(results / "summary.parquet").set_index("model")
    assert frame.loc["ridge_standardized", "folds"] == str(FOLDS[0])
    assert frame.loc["mean_predictor", "folds"] == " ".join(map(str, FOLDS))
    assert f"(fold {FOLDS[0]})" in (results / "summary.md").read_text(encoding="utf-8")


def test_folds_that_are_no_numbers_are_an_error(results, capsys):
    assert summarize(results, "--rows", f"{RIDGE}:all") == 1
    assert f"--rows {RIDGE}:all: give folds as numbers" in capsys.readouterr().err
