"""Nested choice of hyper-parameters, and the optimistic one beside it."""

from __future__ import annotations

import json

import numpy as np
import pytest

from qm7bench.errors import ModelError
from qm7bench.evaluation.selection import (
    CrossValidation,
    best_on_test,
    chosen_parameters,
    grid_edges,
    needed_training_sets,
)
from qm7bench.models.k_nearest_neighbours import KNearestNeighbours
from qm7bench.models.kernel_ridge import KernelRidge
from qm7bench.models.ridge import Ridge
from qm7bench.registry.parameters import grid_points

GRIDS = {
    Ridge: {"alpha": [1e-3, 1.0, 1e3]},
    KNearestNeighbours: {"neighbours": [1, 3, 9], "weights": ["uniform", "distance"]},
    KernelRidge: {"gamma": [1e-3, 0.1], "alpha": [1e-8, 1e-2]},
}
MODELS = pytest.mark.parametrize("model", GRIDS)


@pytest.fixture
def problem(rng):
    """Seventy noisy molecules in five shuffled folds of different sizes."""
    x = rng.normal(size=(70, 4))
    energies = -1500 + 50 * np.sin(x[:, 0]) + 30 * x[:, 1] + rng.normal(size=70) * 20
    folds = rng.permutation(np.repeat(np.arange(5), [10, 12, 14, 16, 18]))
    return x, energies, folds


def points_of(model):
    return grid_points({}, GRIDS[model])


def selection_records(model, points, x, energies, folds, test_folds):
    validation = CrossValidation(model, points, x, energies, folds)
    return validation.records(validation.nested_predictions(test_folds), test_folds)


def record(fold, point, inner_mae, test_mae, **parameters):
    text = json.dumps(parameters, sort_keys=True, separators=(",", ":"))
    errors = {"inner_mae": inner_mae, "test_mae": test_mae, "test_rmse": 2 * test_mae}
    return {"fold": fold, "point": point, "parameters": text, **errors}


def test_grid_points_are_all_combinations_with_the_fixed_parameters():
    points = grid_points({"kernel": "gaussian"}, {"gamma": [1, 2], "alpha": [3, 4, 5]})
    assert len(points) == 6
    assert points[0] == {"kernel": "gaussian", "alpha": 3, "gamma": 1}
    assert {(p["alpha"], p["gamma"]) for p in points} == {(a, g) for a in (3, 4, 5) for g in (1, 2)}


def test_grid_points_do_not_depend_on_the_order_of_the_keys():
    assert grid_points({}, {"a": [1, 2], "b": [3]}) == grid_points({}, {"b": [3], "a": [1, 2]})


def test_an_empty_grid_has_one_point():
    assert grid_points({"alpha": 1.0}, {}) == [{"alpha": 1.0}]


def test_five_test_folds_need_ten_pairs_left_out_and_five_single_folds():
    sets = needed_training_sets(range(5), range(5))
    assert len(sets) == len(set(sets)) == 15
    assert sum(len(s) == 3 for s in sets) == 10
    assert sum(len(s) == 4 for s in sets) == 5


def test_one_test_fold_needs_its_four_pairs_and_itself_left_out():
    assert needed_training_sets(range(5), [2]) == [
        (1, 3, 4),
        (0, 3, 4),
        (0, 1, 4),
        (0, 1, 3),
        (0, 1, 3, 4),
    ]


@MODELS
def test_records_hold_the_errors_of_plain_nested_refits(problem, model):
    x, energies, folds = problem
    points = points_of(model)
    records = selection_records(model, points, x, energies, folds, [1, 4])
    assert len(records) == 2 * len(points)

    def refit_mae(point, training, test):
        fitted = model(**point).fit(x[training], energies[training])
        return np.abs(fitted.predict(x[test]) - energies[test]).mean()

    for found in records:
        k, point = found["fold"], points[found["point"]]
        assert json.loads(found["parameters"]) == point
        others = [j for j in range(5) if j != k]
        inner = [refit_mae(point, ~np.isin(folds, [k, j]), folds == j) for j in others]
        assert found["inner_mae"] == pytest.approx(np.mean(inner), abs=1e-6)  # kcal/mol
        assert found["test_mae"] == pytest.approx(
            refit_mae(point, folds != k, folds == k), abs=1e-6
        )


@MODELS
@pytest.mark.parametrize("fold", [0, 3])
@pytest.mark.parametrize("test_energies", [0.0, 1e6, np.nan])
def test_the_choice_for_a_fold_never_looks_at_its_energies(problem, model, fold, test_energies):
    x, energies, folds = problem
    altered = np.where(folds == fold, test_energies, energies)
    original = selection_records(model, points_of(model), x, energies, folds, range(5))
    changed = selection_records(model, points_of(model), x, altered, folds, range(5))
    for before, after in zip(original, changed, strict=True):
        if before["fold"] == fold:
            assert after["inner_mae"] == before["inner_mae"]
            assert after["test_mae"] != before["test_mae"]
    assert chosen_parameters(changed, fold) == chosen_parameters(original, fold)


def test_the_smallest_inner_error_is_chosen_whatever_the_test_errors():
    records = [record(0, 0, 5.0, 1.0, alpha=1), record(0, 1, 4.0, 9.0, alpha=2)]
    records += [record(1, 0, 1.0, 1.0, alpha=1), record(1, 1, 2.0, 1.0, alpha=2)]
    assert chosen_parameters(records, 0) == {"alpha": 2}
    assert chosen_parameters(records, 1) == {"alpha": 1}


def test_the_first_of_equally_good_points_is_chosen():
    records = [record(0, 1, 4.0, 1.0, alpha=2), record(0, 0, 4.0, 1.0, alpha=1)]
    assert chosen_parameters(records, 0) == {"alpha": 1}


def test_a_point_that_could_not_be_fitted_is_never_chosen(problem):
    x, energies, folds = problem
    twice = np.vstack([x, x])
    points = [{"gamma": 1e-9, "alpha": 1e-300}, {"gamma": 0.1, "alpha": 1e-3}]
    records = selection_records(
        KernelRidge, points, twice, np.tile(energies, 2), np.tile(folds, 2), [0]
    )
    assert [np.isinf(r["inner_mae"]) for r in records] == [True, False]
    assert np.isinf(records[0]["test_mae"])
    assert np.isinf(records[0]["test_rmse"])
    assert chosen_parameters(records, 0) == points[1]


def test_a_grid_without_any_usable_point_is_an_error():
    with pytest.raises(ModelError, match="no grid point could be fitted for test fold 0"):
        chosen_parameters([record(0, 0, np.inf, np.inf, alpha=1)], 0)


def test_best_on_test_is_one_point_for_all_folds_with_the_smallest_mean_test_error():
    records = [record(0, 0, 1.0, 3.0, alpha=1), record(0, 1, 2.0, 5.0, alpha=2)]
    records += [record(1, 0, 1.0, 7.0, alpha=1), record(1, 1, 2.0, 4.0, alpha=2)]
    best = best_on_test(records)
    assert best["mae"] == 4.5
    assert best["mae_std"] == 0.5
    assert best["rmse"] == 9.0
    assert best["parameters"] == {"alpha": 2}


def test_best_on_test_is_never_worse_than_any_fixed_point_of_the_grid(problem):
    x, energies, folds = problem
    records = selection_records(Ridge, points_of(Ridge), x, energies, folds, range(5))
    best = best_on_test(records)["mae"]
    for point in range(3):
        assert best <= np.mean([r["test_mae"] for r in records if r["point"] == point]) + 1e-12


def test_a_model_without_shared_work_is_refitted_for_each_training_set(problem):
    x, energies, folds = problem
    found = CrossValidation(Ridge, points_of(Ridge), x, energies, folds).predictions([(0, 1, 2)])
    predictions = found[0, 1, 2]
    assert predictions.shape == (3, 70)
    np.testing.assert_array_equal(np.isnan(predictions[0]), np.isin(folds, [0, 1, 2]))


def curve(errors, **other):
    """Records of one fold with one point for each alpha 1, 2, 3, ... and its inner error."""
    return [record(0, i, e, 1.0, alpha=i + 1, **other) for i, e in enumerate(errors)]


@pytest.mark.parametrize(
    ("errors", "edges"),
    [
        ([3.0, 2.0, 3.0], []),
        ([2.0, 3.0, 4.0], ["alpha"]),
        ([4.0, 3.0, 2.0], ["alpha"]),
        ([2.0, 2.0001, 3.0], []),
        ([2.0, np.inf, 3.0], ["alpha"]),
    ],
)
def test_a_clear_optimum_on_an_edge_of_the_grid_is_reported(errors, edges):
    assert grid_edges(curve(errors), {"alpha": [1, 2, 3]}) == edges


def test_the_edges_of_a_grid_in_any_order_are_its_extremes():
    assert grid_edges(curve([4.0, 2.0, 3.0]), {"alpha": [2, 1, 3]}) == []


def test_names_and_pairs_of_values_have_no_edges():
    words = [record(0, i, e, 1.0, weights=w) for i, (e, w) in enumerate([(1.0, "a"), (2.0, "b")])]
    assert grid_edges(words, {"weights": ["a", "b"]}) == []
    assert grid_edges(curve([1.0, 2.0]), {"alpha": [1, 2]}) == []


def test_one_fold_on_the_edge_is_enough():
    inside = [{**r, "fold": 1} for r in curve([3.0, 2.0, 3.0])]
    assert grid_edges(inside + curve([1.0, 2.0, 3.0]), {"alpha": [1, 2, 3]}) == ["alpha"]


@pytest.fixture
def charges(problem):
    """One atom a molecule: fold 3 has an element of its own in two molecules."""
    _, _, folds = problem
    charges = np.full((len(folds), 1), 6)
    charges[np.flatnonzero(folds == 3)[:2]] = 16
    return charges


@MODELS
@pytest.mark.parametrize("can", [False, True])
def test_errors_are_those_of_the_molecules_that_can_be_predicted(
    problem, charges, model, can, monkeypatch
):
    monkeypatch.setattr(model, "predicts_unknown_elements", can)
    x, energies, folds = problem
    validation = CrossValidation(model, points_of(model), x, energies, folds, charges)
    predictions = validation.nested_predictions([0, 3])
    others = [predictions[training] for training in predictions if 3 in training]
    own = [predictions[training] for training in predictions if 3 not in training]
    sulphur = charges[:, 0] == 16
    assert all(np.isnan(found[:, sulphur]).all() != can for found in own)
    records = validation.records(predictions, [0, 3])
    assert np.isfinite([[r["inner_mae"], r["test_mae"], r["test_rmse"]] for r in records]).all()
    assert chosen_parameters(records, 3) in points_of(model)
    test = (folds == 3) & (can | ~sulphur)
    found = predictions[0, 1, 2, 4][:, test]
    expected = np.abs(found - energies[test]).mean(axis=1)
    assert [r["test_mae"] for r in records if r["fold"] == 3] == pytest.approx(list(expected))
    assert others


def test_a_fold_of_which_nothing_can_be_predicted_does_not_decide(problem):
    x, energies, folds = problem
    charges = np.where(folds == 3, 16, 6)[:, None]
    validation = CrossValidation(Ridge, points_of(Ridge), x, energies, folds, charges)
    predictions = validation.nested_predictions(range(5))
    records = validation.records(predictions, range(5))
    assert np.isfinite([r["inner_mae"] for r in records]).all()
    assert [np.isnan(r["test_mae"]) for r in records] == [r["fold"] == 3 for r in records]
    others = [r for r in records if r["fold"] != 3]
    assert best_on_test(records) == best_on_test(others)


def test_where_nothing_can_be_predicted_the_first_point_is_taken(problem):
    x, energies, folds = problem
    charges = folds[:, None] + 1
    validation = CrossValidation(Ridge, points_of(Ridge), x, energies, folds, charges)
    records = validation.records(validation.nested_predictions(range(5)), range(5))
    assert chosen_parameters(records, 2) == points_of(Ridge)[0] == validation.chosen()
    assert best_on_test(records) == {}
