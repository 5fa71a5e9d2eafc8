"""Publishing fold by fold, from files as runs leave them on different days."""

from __future__ import annotations

import json

import numpy as np
import pytest

from qm7bench.artefacts.artefact import read_json, write_artefact, write_json
from qm7bench.artefacts.parquet import read_table
from qm7bench.cli import main
from qm7bench.datasets.storage import read_dataset, write_dataset
from qm7bench.features.eigenspectrum import Eigenspectrum
from qm7bench.leaderboard.publishing import publish_entry, read_published_entries

RIDGE = {"module": "ridge", "parameters": {}, "grid": {"alpha": [0.01, 1.0, 100.0]}, "seed": 0}
NEAREST = {"module": "k_nearest_neighbours", "parameters": {"p": 1}, "grid": {}, "seed": 0}


@pytest.fixture(scope="module")
def metadata(small_molecules, tmp_path_factory):
    """Files of sixty molecules and of a feature of them."""
    folder = tmp_path_factory.mktemp("inputs")
    dataset, feature = folder / "dataset" / "metadata.json", folder / "feature" / "metadata.json"
    write_dataset(dataset, small_molecules[50:110], {"sha256": "0"})
    known = {"name": "eigenspectrum", "module": "eigenspectrum", "parameters": {}}
    arrays = Eigenspectrum().compute(read_dataset(dataset))
    write_artefact(feature, arrays, {**known, "layout": "tabular", "units": "Hartree"})
    return dataset, feature


@pytest.fixture
def run(metadata, tmp_path):
    """Run an entry on some folds, as a day's work; return its new folder."""

    def of(day, model, settings, folds):
        folder = tmp_path / day / "eigenspectrum" / model
        common = ["--dataset", metadata[0], "--feature", metadata[1]]
        common += ["--settings", json.dumps(settings)]
        selection = []
        if settings["grid"]:
            table, cost = folder / "selection.parquet", folder / "selection.json"
            written = ["--output", table, "--inner", folder / "inner.parquet", "--cost", cost]
            call("select", *common, "--folds", *folds, *written)
            selection = ["--selection", table]
        for fold in folds:
            own = ["--feature-name", "eigenspectrum", "--model", model, "--fold", fold]
            call("fit", *common, *own, *selection, "--output", folder / f"fold{fold}")
        return folder

    return of


def call(*words):
    assert main([str(word) for word in words]) == 0


def folds_of(published):
    (entry,) = read_published_entries(published)
    assert np.unique(entry.predictions["fold"]).tolist() == [m["fold"] for m in entry.metrics]
    assert np.all(np.diff(entry.predictions["fold"]) >= 0)
    return [m["fold"] for m in entry.metrics]


def test_folds_of_different_days_make_one_entry(run, tmp_path):
    first, second = (
        run(day, "nearest", NEAREST, folds) for day, folds in (("1", [0, 3]), ("2", [1]))
    )
    publish_entry(first, tmp_path / "p")
    entry, lines = publish_entry(second, tmp_path / "p")
    assert lines == []
    assert folds_of(tmp_path / "p") == [0, 1, 3]
    for fold, day in ((0, first), (1, second), (3, first)):
        own = read_table(day / f"fold{fold}" / "predictions.parquet")
        of_fold = entry.predictions["fold"] == fold
        np.testing.assert_array_equal(entry.predictions["id"][of_fold], own["id"])
        np.testing.assert_array_equal(entry.predictions["prediction"][of_fold], own["prediction"])


def test_the_runs_fold_replaces_the_published_one(run, tmp_path):
    publish_entry(run("1", "nearest", NEAREST, [0, 1]), tmp_path / "p")
    again = run("2", "nearest", NEAREST, [1])
    path = again / "fold1" / "metrics.json"
    write_json(path, {**read_json(path), "cpu_seconds": 1234.0})
    entry, _ = publish_entry(again, tmp_path / "p")
    assert [m["cpu_seconds"] == 1234.0 for m in entry.metrics] == [False, True]
    name = "eigenspectrum.nearest.json"
    assert read_json(tmp_path / "p" / "rows" / name)["made_by"] == read_json(
        again / "fold1/model.json"
    )


def test_folds_made_by_other_settings_are_dropped_and_named(run, tmp_path, metadata, capsys):
    call("publish", *published_from(run("1", "nearest", NEAREST, [0, 1, 2]), metadata, tmp_path))
    other = {**NEAREST, "parameters": {"p": 2}}
    capsys.readouterr()
    call("publish", *published_from(run("2", "nearest", other, [1]), metadata, tmp_path))
    assert capsys.readouterr().out.splitlines() == [
        "eigenspectrum nearest: left out published folds 0 2, made with p 1 and not 2"
    ]
    assert folds_of(tmp_path / "p") == [1]


def published_from(folder, metadata, tmp_path):
    """Options of `publish` for a folder of results that has the entry and the data set."""
    results = tmp_path / f"results_{folder.parents[1].name}"
    results.mkdir()
    (results / "models").symlink_to(folder.parents[1])
    (results / "dataset").symlink_to(metadata[0].parent)
    return ["--results", results, "--published", tmp_path / "p"]


def test_a_runs_own_older_fold_of_other_settings_is_left_out(run, tmp_path):
    run("1", "nearest", {**NEAREST, "parameters": {"p": 2}}, [0])
    entry, lines = publish_entry(run("1", "nearest", NEAREST, [1]), tmp_path / "p")
    assert [m["fold"] for m in entry.metrics] == [1]
    assert lines == ["eigenspectrum nearest: left out the run's fold 0, made with p 2 and not 1"]


def test_a_selection_of_all_folds_gives_the_best_on_test_and_its_cost_alone(run, tmp_path):
    publish_entry(run("1", "ridge", RIDGE, [0, 1]), tmp_path / "p")
    whole = run("2", "ridge", RIDGE, [0, 1, 2])
    expected, _ = publish_entry(whole, tmp_path / "whole")
    for fold in (0, 1):
        (whole / f"fold{fold}" / "metrics.json").unlink()
    entry, lines = publish_entry(whole, tmp_path / "p")
    assert (folds_of(tmp_path / "p"), lines) == ([0, 1, 2], [])
    assert entry.optimistic == expected.optimistic
    assert entry.selection_cost == expected.selection_cost


def test_a_published_selection_of_all_folds_stays(run, tmp_path):
    first, _ = publish_entry(run("1", "ridge", RIDGE, [0, 1]), tmp_path / "p")
    entry, lines = publish_entry(run("2", "ridge", RIDGE, [1]), tmp_path / "p")
    assert lines == []
    assert (entry.optimistic, entry.selection_cost) == (first.optimistic, first.selection_cost)


def test_selections_of_parts_are_added_up_and_leave_best_on_test_blank(run, tmp_path):
    first, _ = publish_entry(run("1", "ridge", RIDGE, [0, 1]), tmp_path / "p")
    folder = run("2", "ridge", RIDGE, [2, 3])
    cost = read_json(folder / "selection.json")
    for _ in range(2):  # publishing the same again adds nothing
        entry, lines = publish_entry(folder, tmp_path / "p")
        assert folds_of(tmp_path / "p") == [0, 1, 2, 3]
        assert entry.optimistic == {}
        assert len(lines) == 1
        assert lines[0].endswith("so that best on test is left blank")
        expected = first.selection_cost["cpu_seconds"] + cost["cpu_seconds"]
        assert entry.selection_cost["cpu_seconds"] == pytest.approx(expected)


def test_another_grid_is_another_making(run, tmp_path):
    publish_entry(run("1", "ridge", RIDGE, [0, 1]), tmp_path / "p")
    _, lines = publish_entry(
        run("2", "ridge", {**RIDGE, "grid": {"alpha": [1.0]}}, [1]), tmp_path / "p"
    )
    assert lines == [
        "eigenspectrum ridge: left out published fold 0, made with "
        "grid {'alpha': [0.01, 1.0, 100.0]} and not {'alpha': [1.0]}"
    ]
