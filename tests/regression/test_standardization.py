"""Standardization as scikit-learn's StandardScaler does it."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.preprocessing import StandardScaler

from qm7bench.regression.standardization import Standardizer


@pytest.mark.parametrize("constant", [0.0, 4.2, -1e5])
def test_it_agrees_with_scikit_learn_on_constant_columns_too(rng, constant):
    training = rng.normal(size=(50, 4)) * [1, 10, 1e-6, 1] + [0, 5, 0, 0]
    training[:, 3] = constant
    queries = rng.normal(size=(7, 4))
    expected = StandardScaler().fit(training).transform(queries)
    found = Standardizer.fitted(training).apply(queries)
    np.testing.assert_allclose(found, expected, rtol=1e-9, atol=1e-9)


def test_training_molecules_get_mean_zero_and_variance_one(rng):
    values = rng.normal(size=(50, 3)) * 7 + 3
    found = Standardizer.fitted(values).apply(values)
    np.testing.assert_allclose(found.mean(axis=0), 0, atol=1e-12)
    np.testing.assert_allclose(found.std(axis=0), 1, atol=1e-12)


def test_realisations_of_a_molecule_count_as_molecules(rng):
    values = rng.normal(size=(20, 3, 5))
    found, flat = Standardizer.fitted(values), Standardizer.fitted(values.reshape(60, 5))
    np.testing.assert_array_equal(
        found.apply(values).reshape(60, 5), flat.apply(values.reshape(60, 5))
    )


def test_without_standardization_nothing_changes(rng):
    values = rng.normal(size=(20, 3))
    np.testing.assert_array_equal(
        Standardizer.fitted(values, standardize=False).apply(values), values
    )
