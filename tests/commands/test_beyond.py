"""The command that tests entries beyond the random fold."""

from __future__ import annotations

import csv
import shutil

import pytest
from report_example import FOLDS, write_results

from qm7bench.beyond.table import read_beyond_table
from qm7bench.beyond.track import load
from qm7bench.cli import main

RIDGE, MEAN = "sorted_coulomb_matrix/ridge_standardized", "atom_counts/mean_predictor"


@pytest.fixture(scope="module")
def results(qm9small, tmp_path_factory):
    """A run with two finished entries on molecules that have many isomers, and published ones."""
    folder = tmp_path_factory.mktemp("results") / "mine"
    entries = {tuple(name.split("/")): error for name, error in ((RIDGE, 20.0), (MEAN, 60.0))}
    write_results(folder, qm9small[::4], entries)
    words = ["publish", "--results", folder, "--published", folder / "published"]
    assert main([str(word) for word in words]) == 0
    return folder


def beyond(track, results, output, *words):
    own = ["--dataset", results / "dataset" / "metadata.json", "--output", output]
    return main([str(word) for word in ("beyond", track, *own, *words)])


def of_run(results):
    return ["--models", results / "models", "--rows", RIDGE, MEAN, "--folds", *FOLDS]


def test_a_run_and_its_published_entries_have_the_same_table_in_three_files(results, tmp_path):
    assert beyond("isomers", results, tmp_path / "isomers", *of_run(results)) == 0
    tables = [
        read_beyond_table(tmp_path / f"isomers.{ending}", load("isomers")).lines
        for ending in ("csv", "parquet")
    ]
    assert [f"{line['feature']}/{line['model']}" for line in tables[0]] == [RIDGE, MEAN]
    assert tables[0] == tables[1]
    assert f"| {RIDGE.replace('/', ' | ')} |" in (tmp_path / "isomers.md").read_text()
    published = ["--published", results / "published"]
    assert beyond("isomers", results, tmp_path / "published.csv", *published) == 0
    assert not (tmp_path / "published.md").exists()
    for line, own in zip(
        read_beyond_table(tmp_path / "published.csv", load("isomers")).lines, tables[0], strict=True
    ):
        assert line == {k: v if isinstance(v, str) else pytest.approx(v) for k, v in own.items()}


def test_the_error_on_random_folds_is_the_leaderboard_s(results, tmp_path):
    published = results / "published"
    assert beyond("isomers", results, tmp_path / "t.csv", "--published", published) == 0
    with (published / "summary.csv").open(newline="") as file:
        maes = {line["model"]: float(line["mae"]) for line in csv.DictReader(file)}
    for line in read_beyond_table(tmp_path / "t.csv", load("isomers")).lines:
        assert line["mae"] == pytest.approx(maes[line["model"]])


def test_an_entry_may_have_folds_of_its_own(results, tmp_path):
    own = ["--models", results / "models", "--rows", f"{RIDGE}:0,1", MEAN, "--folds", *FOLDS]
    assert beyond("isomers", results, tmp_path / "isomers.csv", *own) == 0
    lines = read_beyond_table(tmp_path / "isomers.csv", load("isomers")).lines
    all_folds = " ".join(map(str, FOLDS))
    assert {line["model"]: line["folds"] for line in lines} == {
        RIDGE.partition("/")[2]: "0 1",
        MEAN.partition("/")[2]: all_folds,
    }


def test_all_writes_the_tracks_that_apply(results, tmp_path, capsys):
    output = tmp_path / "beyond"
    assert beyond("all", results, output, "--published", results / "published") == 0
    assert (output / "isomers.csv").is_file()
    few = tmp_path / "few"
    write_results(few, load_few(results), {("atom_counts", "mean_predictor"): 60.0})
    folds = ["--models", few / "models", "--rows", MEAN, "--folds", *FOLDS]
    assert beyond("all", few, few / "beyond", *folds) == 0
    assert not (few / "beyond" / "isomers.csv").exists()
    assert "isomers: No composition of qm9small has 20 molecules" in capsys.readouterr().err


def load_few(results):
    from qm7bench.datasets.storage import read_dataset

    return read_dataset(results / "dataset" / "metadata.json")[:60]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda words: words[:2], "--models needs --rows and --folds"),
        (lambda words: words[:5], "--models needs --rows and --folds"),
        (lambda words: [*words[2:], "--published", "p"], "--rows and --folds choose from --models"),
    ],
)
def test_options_that_do_not_go_together_are_an_error(results, tmp_path, capsys, change, message):
    words = change(of_run(results))
    assert beyond("isomers", results, tmp_path / "isomers", *words) == 1
    assert message in capsys.readouterr().err


def test_an_ending_that_no_table_has_is_an_error(results, tmp_path, capsys):
    output = tmp_path / "isomers.xlsx"
    assert beyond("isomers", results, output, *of_run(results)) == 1
    assert "give one of .md, .csv, .parquet, or no ending" in capsys.readouterr().err


def test_an_unfinished_fold_is_an_error(results, tmp_path, capsys):
    copy = tmp_path / "copy"
    shutil.copytree(results, copy)
    (copy / "models" / RIDGE / "fold2" / "metrics.json").unlink()
    assert beyond("isomers", copy, tmp_path / "isomers", *of_run(copy)) == 1
    assert "fold2/metrics.json" in capsys.readouterr().err
