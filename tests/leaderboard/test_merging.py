"""A run's folds and the published ones as one entry, in memory."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from qm7bench.artefacts.artefact import canonical_json
from qm7bench.leaderboard.entries import Selection
from qm7bench.leaderboard.merging import merged

GRID = {"alpha": [1, 2]}


def made(fold, p=1):
    """What a fold's `model.json` says."""
    return {
        "module": "k_nearest_neighbours",
        "parameters": {"p": p},
        "chosen": {},
        "dataset": {"sha256": "a"},
        "feature": {"module": "eigenspectrum", "parameters": {}},
        "budget": "",
        "fold": fold,
    }


@pytest.fixture
def value(entry, dataset):
    """Make an entry in memory: its folds, the settings of each and the newest of them."""
    dataset.folds[:] = np.arange(len(dataset)) % 4

    def make(folds, size=1.0, p=1, newest=None, grid=None):
        own = entry("nearest", size, folds=folds, grid=grid)
        powers = p if isinstance(p, dict) else dict.fromkeys(folds, p)
        metrics = [{**m, "parameters": {}} for m in own.metrics]
        made_by = {fold: made(fold, powers[fold]) for fold in folds}
        newest = folds[-1] if newest is None else newest
        return replace(own, metrics=metrics, made_by=made_by, newest=newest)

    return make


def selection(folds, scale=1.0, edges=()):
    """Make a selection over the folds whose second point is best."""
    points = [
        {
            "fold": fold,
            "point": i,
            "parameters": canonical_json({"alpha": alpha}),
            "inner_mae": scale * (3 - alpha),
            "test_mae": scale * (3 - alpha),
            "test_rmse": 2.0,
        }
        for fold in folds
        for i, alpha in enumerate(GRID["alpha"])
    ]
    cost = {"cpu_seconds": 5.0, "peak_memory_mb": 10.0 * scale}
    return Selection([], {}, list(edges), cost, points, GRID).over(folds)


def test_an_entry_that_is_not_published_yet_stays_as_it_is(value):
    run = value([0, 2])
    found, lines = merged(run, None)
    assert lines == []
    assert (found.folds, found.metrics, found.made_by) == (run.folds, run.metrics, run.made_by)
    for name, column in run.predictions.items():
        np.testing.assert_array_equal(found.predictions[name], column)


def test_folds_of_both_are_put_in_order_and_the_inputs_stay_unchanged(value):
    run, published = value([1], size=2.0), value([0, 3], size=1.0)
    found, lines = merged(run, published)
    assert (found.folds, found.newest, lines) == ([0, 1, 3], 1, [])
    assert (run.folds, published.folds) == ([1], [0, 3])
    assert np.all(np.diff(found.predictions["fold"]) >= 0)
    for own in (run, published):
        of_own = np.isin(found.predictions["fold"], own.folds)
        for name, column in own.predictions.items():
            np.testing.assert_array_equal(found.predictions[name][of_own], column)


def test_of_the_same_fold_the_runs_is_taken(value):
    found, _ = merged(value([1], size=2.0), value([0, 1], size=1.0))
    assert [m["mae"] for m in found.metrics] == [1.0, 3.0]


def test_folds_of_other_settings_than_the_newest_are_left_out_of_both(value):
    run = value([0, 1, 2], p={0: 2, 1: 1, 2: 1}, newest=1)
    found, lines = merged(run, value([0, 3], p=2))
    assert found.folds == [1, 2]
    assert lines == [
        "eigenspectrum nearest: left out the run's fold 0, made with p 2 and not 1",
        "eigenspectrum nearest: left out published folds 0 3, made with p 2 and not 1",
    ]


def test_the_newest_fold_decides_even_if_it_is_alone(value):
    found, lines = merged(value([0, 1, 2], p={0: 2, 1: 1, 2: 1}, newest=0), None)
    assert found.folds == [0]
    assert lines == ["eigenspectrum nearest: left out the run's folds 1 2, made with p 1 and not 2"]


def test_only_columns_of_both_are_kept(value):
    run = value([0])
    more = {**run.predictions, "uncertainty": np.ones(10)}
    found, _ = merged(replace(run, predictions=more), value([1]))
    assert set(found.predictions) == {"id", "fold", "prediction"}


def test_a_runs_selection_that_has_all_folds_stands_alone(value):
    run = replace(value([1], grid=GRID), selections=[selection([0, 1])])
    published = replace(value([0], grid=GRID), selections=[selection([0], scale=2.0)])
    found, lines = merged(run, published)
    assert (found.optimistic["mae"], found.selection_cost["cpu_seconds"], lines) == (1.0, 5.0, [])


def test_a_published_selection_that_has_all_folds_stands_if_the_runs_has_not(value):
    run = replace(value([1], grid=GRID), selections=[selection([1])])
    published = replace(value([0, 1], grid=GRID), selections=[selection([0, 1], scale=2.0)])
    found, lines = merged(run, published)
    assert (found.optimistic["mae"], found.selection_cost["peak_memory_mb"]) == (2.0, 20.0)
    assert lines == []


def test_selections_of_some_folds_each_are_kept_and_leave_best_on_test_blank(value):
    run = replace(value([1], grid=GRID), selections=[selection([1])])
    published = replace(value([0], grid=GRID), selections=[selection([0], scale=2.0)])
    found, (line,) = merged(run, published)
    assert found.optimistic == {}
    assert found.selection_cost == {"cpu_seconds": 10.0, "peak_memory_mb": 20.0}
    assert line.endswith("no selection has all of its folds, so that best on test is left blank")
