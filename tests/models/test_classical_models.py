"""The classical models: the same answers as scikit-learn's, and scikit-learn's manners."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
import sklearn.kernel_ridge
import sklearn.linear_model
import sklearn.neighbors
import sklearn.svm
from sklearn.compose import TransformedTargetRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from qm7bench.errors import ModelError
from qm7bench.evaluation.selection import CrossValidation, needed_training_sets
from qm7bench.layouts.table import METRICS, FeatureTable, distances
from qm7bench.models.interface import MoleculesInFolds
from qm7bench.models.k_nearest_neighbours import KNearestNeighbours
from qm7bench.models.kernel_ridge import KernelRidge
from qm7bench.models.linear_regression import LinearRegression
from qm7bench.models.mean_predictor import MeanPredictor
from qm7bench.models.ridge import Ridge
from qm7bench.models.support_vector_regression import SupportVectorRegression

MODELS = {
    "mean_predictor": MeanPredictor(),
    "linear_regression": LinearRegression(),
    "ridge": Ridge(alpha=0.3),
    "ridge_standardized": Ridge(alpha=0.3, standardize=True),
    "nearest": KNearestNeighbours(neighbours=3),
    "nearest_weighted": KNearestNeighbours(neighbours=4, p=1, weights="distance", standardize=True),
    "gaussian": KernelRidge(gamma=0.02, alpha=1e-4),
    "laplacian": KernelRidge(kernel="laplacian", gamma=0.05, alpha=1e-3, standardize=True),
    "support_vectors": SupportVectorRegression(C=300.0, gamma=0.02),
    "support_vectors_standardized": SupportVectorRegression(gamma=0.02, standardize=True),
}
STANDARDIZE = pytest.mark.parametrize("standardize", [False, True])


@pytest.fixture
def problem(rng):
    """Correlated columns of different scales, one of them constant, and smooth energies."""
    values = rng.normal(size=(90, 6)) @ rng.normal(size=(6, 6)) * [1, 2, 3, 0.1, 1, 1]
    values[:, 5] = 4.2
    energies = -1500 + 80 * np.sin(values[:, 0]) + 20 * values[:, 1] + rng.normal(size=90)
    folds = rng.permutation(np.arange(90) % 5)
    return values, energies, folds


@pytest.fixture
def halves(problem):
    """Sixty molecules to train on, thirty to predict."""
    values, energies, _ = problem
    return values[:60], energies[:60], values[60:]


def as_pipeline(estimator, standardize):
    """The estimator on energies less their mean, with StandardScaler before it if asked for."""
    centred = TransformedTargetRegressor(estimator, transformer=StandardScaler(with_std=False))
    return make_pipeline(StandardScaler(), centred) if standardize else centred


def test_the_mean_predictor_predicts_the_mean(halves):
    x, y, queries = halves
    predictions = MeanPredictor().fit(x, y).predict(queries)
    np.testing.assert_allclose(predictions, np.full(30, y.mean()), rtol=1e-14)


@STANDARDIZE
def test_linear_regression_agrees_with_scikit_learn(halves, standardize):
    x, y, queries = halves
    ours = LinearRegression(standardize=standardize).fit(x, y).predict(queries)
    theirs = sklearn.linear_model.LinearRegression().fit(x, y).predict(queries)
    np.testing.assert_allclose(ours, theirs, atol=1e-8)  # kcal/mol


@pytest.mark.parametrize("columns", [6, 200])
def test_linear_regression_takes_the_shortest_weights_where_they_are_not_unique(rng, columns):
    x = rng.normal(size=(60, columns))
    x = np.hstack([x, x[:, :1]])
    y = rng.normal(size=60)
    ours = LinearRegression().fit(x, y)
    theirs = sklearn.linear_model.LinearRegression().fit(x, y)
    np.testing.assert_allclose(ours.fit_.weights, theirs.coef_, atol=1e-9)
    np.testing.assert_allclose(ours.fit_.weights[0], ours.fit_.weights[-1], atol=1e-9)


@STANDARDIZE
@pytest.mark.parametrize("alpha", [1e-6, 1.0, 100.0])
def test_ridge_agrees_with_scikit_learn(halves, standardize, alpha):
    x, y, queries = halves
    ours = Ridge(alpha=alpha, standardize=standardize).fit(x, y).predict(queries)
    scaler = [StandardScaler()] if standardize else []
    theirs = make_pipeline(*scaler, sklearn.linear_model.Ridge(alpha=alpha)).fit(x, y)
    np.testing.assert_allclose(ours, theirs.predict(queries), atol=1e-7)  # kcal/mol


@STANDARDIZE
@pytest.mark.parametrize("p", [1, 2])
@pytest.mark.parametrize("weights", ["uniform", "distance"])
def test_nearest_neighbours_agree_with_scikit_learn(halves, standardize, p, weights):
    x, y, queries = halves
    ours = KNearestNeighbours(5, p, weights, standardize).fit(x, y).predict(queries)
    scaler = [StandardScaler()] if standardize else []
    regressor = sklearn.neighbors.KNeighborsRegressor(5, p=p, weights=weights)
    theirs = make_pipeline(*scaler, regressor).fit(x, y)
    np.testing.assert_allclose(ours, theirs.predict(queries), atol=1e-8)  # kcal/mol


def test_a_molecule_that_coincides_with_training_molecules_gets_their_mean():
    x = np.array([[0.0], [0.0], [1.0], [2.0]])
    model = KNearestNeighbours(3, 1, "distance").fit(x, np.array([10.0, 20.0, 99.0, 99.0]))
    assert model.predict(np.array([[0.0]])).tolist() == [15.0]


@pytest.mark.parametrize("neighbours", [2, 25, 1100])
def test_neighbours_at_equal_distances_are_taken_in_their_order(neighbours, rng):
    """Compositions, for example, are equal for many molecules."""
    x, energies = rng.integers(0, 2, size=(2000, 1)).astype(float), rng.normal(size=2000)
    model = KNearestNeighbours(neighbours, 1).fit(x, energies)
    for query in (0.0, 0.5, 0.9):
        order = np.argsort(np.abs(x[:, 0] - query), kind="stable")[:neighbours]
        found = model.predict(np.array([[query]]))[0]
        assert found == pytest.approx(energies[order].mean(), abs=1e-12)


def test_more_neighbours_than_molecules_are_all_molecules(halves):
    x, y, queries = halves
    predictions = KNearestNeighbours(neighbours=100).fit(x, y).predict(queries)
    np.testing.assert_allclose(predictions, np.full(30, y.mean()), rtol=1e-12)


@STANDARDIZE
@pytest.mark.parametrize(("kernel", "theirs"), [("gaussian", "rbf"), ("laplacian", "laplacian")])
def test_kernel_ridge_agrees_with_scikit_learn(halves, standardize, kernel, theirs):
    x, y, queries = halves
    ours = KernelRidge(kernel, 0.03, 1e-3, standardize).fit(x, y).predict(queries)
    regressor = sklearn.kernel_ridge.KernelRidge(kernel=theirs, gamma=0.03, alpha=1e-3)
    expected = as_pipeline(regressor, standardize).fit(x, y).predict(queries)
    np.testing.assert_allclose(ours, expected, atol=1e-7)  # kcal/mol


def test_a_singular_kernel_is_an_error_that_asks_for_a_larger_alpha(halves):
    x, y, _ = halves
    model = KernelRidge(gamma=1e-12, alpha=1e-300)
    with pytest.raises(ModelError, match=r"not positive definite.*give a larger alpha"):
        model.fit(np.repeat(x, 2, axis=0), np.repeat(y, 2))


@STANDARDIZE
def test_support_vector_regression_agrees_with_scikit_learn(halves, standardize):
    x, y, queries = halves
    exact = {"C": 300.0, "epsilon": 0.5, "gamma": 0.02}
    ours = SupportVectorRegression(**exact, tolerance=1e-6, standardize=standardize).fit(x, y)
    regressor = sklearn.svm.SVR(**exact, tol=1e-6)
    expected = as_pipeline(regressor, standardize).fit(x, y).predict(queries)
    np.testing.assert_allclose(ours.predict(queries), expected, atol=1e-4)  # kcal/mol


@pytest.mark.parametrize("name", [n for n, m in MODELS.items() if hasattr(m, "_prepared")])
def test_shared_distances_change_nothing(problem, name):
    values, energies, _ = problem
    matrices = {metric: distances(values, values, metric) for metric in METRICS}
    table = FeatureTable(values, matrices, np.arange(90))
    model = MODELS[name]
    plain = model.fit(values[:60], energies[:60]).predict(values[60:])
    shared = model.fit(table[:60], energies[:60]).predict(table[60:])
    np.testing.assert_allclose(shared, plain, atol=1e-6)  # kcal/mol


@pytest.mark.parametrize("name", MODELS)
def test_a_fitted_model_survives_as_arrays_without_pickle(halves, tmp_path, name):
    x, y, queries = halves
    model = dataclasses.replace(MODELS[name]).fit(x, y)
    np.savez(tmp_path / "model.npz", **model.state())
    with np.load(tmp_path / "model.npz", allow_pickle=False) as arrays:
        restored = dataclasses.replace(MODELS[name]).restore(dict(arrays))
    np.testing.assert_allclose(restored.predict(queries), model.predict(queries), atol=1e-8)
    assert restored.number_of_parameters == model.number_of_parameters > 0


@pytest.mark.parametrize("name", MODELS)
def test_shared_cross_validation_equals_a_refit_for_each_training_set(problem, name):
    values, energies, folds = problem
    model = MODELS[name]
    points = [dataclasses.asdict(model)]
    grid = {
        "alpha": [1e-2, 10.0],
        "gamma": [0.2],
        "neighbours": [1, 7],
        "standardize": [True, False],
    }
    for parameter, others in grid.items():
        if hasattr(model, parameter):
            points += [{**points[0], parameter: other} for other in others]
    training_sets = needed_training_sets(range(5), range(5))
    validation = CrossValidation(type(model), points, values, energies, folds)
    found = validation.predictions(training_sets)
    assert set(found) == set(training_sets)
    for training_set, predictions in found.items():
        inside = np.isin(folds, training_set)
        assert np.isnan(predictions[:, inside]).all()
        for point, row in zip(points, predictions, strict=True):
            refit = type(model)(**point).fit(values[inside], energies[inside])
            np.testing.assert_allclose(row[~inside], refit.predict(values[~inside]), atol=1e-6)


@pytest.mark.parametrize("name", ["gaussian", "laplacian", "nearest"])
def test_cross_validation_takes_defaults_where_a_point_leaves_them_out(problem, name):
    values, energies, folds = problem
    model = type(MODELS[name])
    molecules = MoleculesInFolds(values, energies, folds, [(0, 1, 2, 3)])
    found = model.cross_validate([{}], molecules)
    inside = folds < 4
    expected = model().fit(values[inside], energies[inside]).predict(values[~inside])
    np.testing.assert_allclose(found[0, 1, 2, 3][0, ~inside], expected, atol=1e-6)


@pytest.mark.parametrize("name", MODELS)
def test_the_constructor_only_stores_and_fit_returns_the_model(halves, name):
    x, y, _ = halves
    model = dataclasses.replace(MODELS[name])
    assert vars(model) == dataclasses.asdict(model)
    assert model.fit(x, y) is model
    fitted = set(vars(model)) - set(dataclasses.asdict(model))
    assert fitted
    assert all(attribute.endswith("_") for attribute in fitted)


@pytest.mark.parametrize("name", MODELS)
def test_fitting_and_predicting_leave_the_input_alone_and_repeat_exactly(halves, name):
    x, y, queries = halves
    copies = [array.copy() for array in halves]
    for array in halves:
        array.flags.writeable = False
    model = dataclasses.replace(MODELS[name])
    first = model.fit(x, y).predict(queries)
    np.testing.assert_array_equal(first, model.fit(x, y).predict(queries))
    assert first.shape == (30,)
    assert first.dtype == np.float64
    for array, copy in zip(halves, copies, strict=True):
        np.testing.assert_array_equal(array, copy)


@pytest.mark.parametrize("name", MODELS)
def test_a_shift_of_all_energies_shifts_all_predictions(halves, name):
    x, y, queries = halves
    model = dataclasses.replace(MODELS[name])
    before = model.fit(x, y).predict(queries)
    np.testing.assert_allclose(model.fit(x, y + 1000).predict(queries), before + 1000, atol=1e-6)
