"""Kernel ridge regression on several realisations of each molecule."""

import numpy as np
import pytest
import sklearn.kernel_ridge

from qm7bench.errors import ModelError
from qm7bench.models.interface import MoleculesInFolds
from qm7bench.models.kernel_ridge_of_realisations import KernelRidgeOfRealisations


@pytest.fixture
def problem(rng):
    return rng.normal(size=(30, 3, 4)), rng.normal(size=30), np.arange(30) % 5


def test_it_trains_on_each_realisation_and_predicts_their_mean(problem):
    many, energies, _ = problem
    regressor = sklearn.kernel_ridge.KernelRidge(kernel="rbf", gamma=0.1, alpha=1e-3)
    points = np.concatenate([many[:20, 0], many[:20, 1]])
    mean = energies[:20].mean()
    regressor.fit(points, np.tile(energies[:20] - mean, 2))
    expected = np.mean([regressor.predict(many[20:, k]) for k in range(3)], axis=0) + mean
    model = KernelRidgeOfRealisations(gamma=0.1, alpha=1e-3, training_realisations=2)
    np.testing.assert_allclose(
        model.fit(many[:20], energies[:20]).predict(many[20:]), expected, rtol=1e-9
    )


def test_cross_validation_equals_refits(problem):
    many, energies, folds = problem
    points = [
        {"gamma": gamma, "alpha": alpha, "training_realisations": k}
        for gamma in (0.1, 0.5)
        for alpha in (1e-3, 1.0)
        for k in (1, 2)
    ]
    for training_set, predictions in KernelRidgeOfRealisations.cross_validate(
        points, MoleculesInFolds(many, energies, folds, [(0, 1, 2), (0, 1, 3, 4)])
    ).items():
        inside = np.isin(folds, training_set)
        assert np.isnan(predictions[:, inside]).all()
        for point, row in zip(points, predictions, strict=True):
            refit = KernelRidgeOfRealisations(**point).fit(many[inside], energies[inside])
            np.testing.assert_allclose(row[~inside], refit.predict(many[~inside]), atol=1e-9)


def test_a_fitted_model_survives_as_arrays(problem):
    many, energies, _ = problem
    model = KernelRidgeOfRealisations(gamma=0.1).fit(many, energies)
    again = KernelRidgeOfRealisations(gamma=0.1).restore(model.state())
    np.testing.assert_array_equal(again.predict(many), model.predict(many))
    assert model.number_of_parameters == 61


def test_one_vector_for_each_molecule_is_an_error_that_names_the_feature(problem):
    many, energies, _ = problem
    with pytest.raises(ModelError, match="random_coulomb_matrix"):
        KernelRidgeOfRealisations().fit(many[:, 0], energies)


def test_a_singular_kernel_is_an_error_that_asks_for_a_larger_alpha(problem):
    many, energies, _ = problem
    model = KernelRidgeOfRealisations(gamma=1e-12, alpha=1e-300)
    with pytest.raises(ModelError, match="give a larger alpha"):
        model.fit(np.repeat(many, 2, axis=0), np.repeat(energies, 2))
