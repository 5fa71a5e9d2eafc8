"""Inner predictions: of molecules that neither the fit nor the choice of its parameters saw."""

from __future__ import annotations

import numpy as np
import pytest

from qm7bench.errors import ArtefactError, ModelError
from qm7bench.evaluation.inner_predictions import (
    chosen_inner_predictions,
    inner_predictions_for,
    inner_table,
    joined,
)
from qm7bench.evaluation.selection import CrossValidation, chosen_parameters
from qm7bench.models.kernel_ridge import KernelRidge
from qm7bench.models.ridge import Ridge
from qm7bench.registry.parameters import grid_points

GRIDS = {
    Ridge: {"alpha": [1e-3, 1.0, 1e3]},
    KernelRidge: {"gamma": [1e-3, 0.1], "alpha": [1e-8, 1e-2]},
}
MODELS = pytest.mark.parametrize("model", GRIDS)


@pytest.fixture
def problem(rng):
    """Seventy noisy molecules in five shuffled folds of different sizes, and their ids."""
    x = rng.normal(size=(70, 4))
    energies = -1500 + 50 * np.sin(x[:, 0]) + 30 * x[:, 1] + rng.normal(size=70) * 20
    folds = rng.permutation(np.repeat(np.arange(5), [10, 12, 14, 16, 18]))
    return x, energies, folds, 1000 + rng.permutation(70)


def selected(model, problem, test_folds):
    """Records and inner predictions, as a selection writes them."""
    x, energies, folds, ids = problem
    validation = CrossValidation(model, grid_points({}, GRIDS[model]), x, energies, folds)
    predictions = validation.nested_predictions(test_folds)
    records = validation.records(predictions, test_folds)
    return records, chosen_inner_predictions(records, predictions, ids, folds)


@MODELS
def test_they_are_those_of_plain_refits_without_both_folds(problem, model):
    x, energies, folds, ids = problem
    records, table = selected(model, problem, [1, 4])
    assert len(table["id"]) == (folds != 1).sum() + (folds != 4).sum()
    for k in (1, 4):
        for j in (j for j in range(5) if j != k):
            own = (table["fold"] == k) & (table["inner_fold"] == j)
            np.testing.assert_array_equal(table["id"][own], ids[folds == j])
            training = ~np.isin(folds, [k, j])
            refit = model(**chosen_parameters(records, k)).fit(x[training], energies[training])
            expected = refit.predict(x[folds == j])
            np.testing.assert_allclose(table["prediction"][own], expected, atol=1e-6)  # kcal/mol


@MODELS
@pytest.mark.parametrize("test_energies", [0.0, 1e6, np.nan])
def test_those_for_a_test_fold_never_look_at_its_energies(problem, model, test_energies):
    x, energies, folds, ids = problem
    altered = np.where(folds == 2, test_energies, energies)
    _, before = selected(model, problem, [2])
    _, after = selected(model, (x, altered, folds, ids), [2])
    np.testing.assert_array_equal(after["prediction"], before["prediction"])


@MODELS
def test_those_for_other_test_folds_do(problem, model):
    x, energies, folds, ids = problem
    altered = np.where(folds == 2, energies - 100.0, energies)
    _, before = selected(model, problem, [3])
    _, after = selected(model, (x, altered, folds, ids), [3])
    assert np.abs(after["prediction"] - before["prediction"]).max() > 1.0  # kcal/mol


def test_a_test_fold_without_any_usable_point_is_an_error(problem):
    _, _, folds, ids = problem
    infinite = {"fold": 3, "point": 0, "parameters": "{}", "inner_mae": np.inf}
    with pytest.raises(ModelError, match="no grid point could be fitted for test fold 3"):
        chosen_inner_predictions([infinite], {}, ids, folds)


@pytest.fixture
def table():
    """Of test fold 0: three molecules of fold 1, two of fold 2; of test fold 1: one of fold 0."""
    parts = [
        inner_table(0, 1, np.array([11, 12, 13]), np.array([1.1, 1.2, 1.3])),
        inner_table(0, 2, np.array([21, 22]), np.array([2.1, 2.2])),
        inner_table(1, 0, np.array([11]), np.array([9.9])),
    ]
    return joined(parts)


def test_they_are_found_in_the_order_asked_for(table):
    found = inner_predictions_for(table, 0, [1, 2], np.array([22, 13, 11, 21, 12]), "x")
    assert found.tolist() == [2.2, 1.3, 1.1, 2.1, 1.2]


def test_only_those_of_the_folds_asked_for_are_taken(table):
    assert inner_predictions_for(table, 0, [2], np.array([21, 22]), "x").tolist() == [2.1, 2.2]


@pytest.mark.parametrize("ids", [[21], [21, 22, 23], [21, 23], []])
def test_a_table_of_other_molecules_is_an_error(table, ids):
    with pytest.raises(ArtefactError, match="a/b: the inner predictions for test fold 0 are not"):
        inner_predictions_for(table, 0, [2], np.array(ids, dtype=np.int64), "a/b")
