"""Block elimination for many training sets against one Cholesky factorisation for each."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from scipy.linalg import cho_factor, cho_solve

from qm7bench.regression.fold_blocks import FoldBlocks

SIZES = [(8, 8, 8, 8, 8), (3, 11, 1, 7, 20)]


def problem(sizes, rng, targets=1):
    """A Gaussian kernel, targets, and shuffled fold labels with the given sizes."""
    folds = rng.permutation(np.repeat(np.arange(len(sizes)), sizes))
    x = rng.normal(size=(len(folds), 3))
    kernel = np.exp(-0.3 * ((x[:, None] - x[None]) ** 2).sum(axis=2))
    return kernel, rng.normal(size=(len(folds), targets)) * 100, folds


def refit(kernel, targets, folds, alpha, training_set):
    inside = np.isin(folds, training_set)
    block = kernel[np.ix_(inside, inside)] + alpha * np.eye(inside.sum())
    dual = cho_solve(cho_factor(block), targets[inside])
    residuals = np.full(targets.shape, np.nan)
    residuals[~inside] = targets[~inside] - kernel[np.ix_(~inside, inside)] @ dual
    return residuals


@pytest.mark.parametrize("sizes", SIZES, ids=["equal folds", "unequal folds"])
@pytest.mark.parametrize("alpha", [1e-6, 1e-2])
@pytest.mark.parametrize("targets", [1, 3])
def test_one_elimination_equals_a_refit_for_each_training_set(sizes, alpha, targets, rng):
    kernel, y, folds = problem(sizes, rng, targets)
    sets = [s for size in (1, 3, 4) for s in itertools.combinations(range(5), size)]
    found = FoldBlocks(kernel, folds).residuals(y, alpha, sets)
    assert list(found) == sets
    for training_set, residuals in found.items():
        expected = refit(kernel, y, folds, alpha, training_set)
        np.testing.assert_allclose(residuals, expected, atol=1e-6)  # kcal/mol


def test_the_order_of_folds_in_a_training_set_does_not_matter(rng):
    kernel, y, folds = problem(SIZES[1], rng)
    found = FoldBlocks(kernel, folds).residuals(y, 1e-3, [(3, 0, 1)])
    np.testing.assert_allclose(found[3, 0, 1], refit(kernel, y, folds, 1e-3, (0, 1, 3)), atol=1e-7)


def test_only_the_folds_asked_for_need_to_be_there(rng):
    kernel, y, folds = problem((6, 6, 6), rng)
    found = FoldBlocks(kernel, folds + 7).residuals(y, 1e-3, [(7, 9)])
    np.testing.assert_allclose(found[7, 9], refit(kernel, y, folds, 1e-3, (0, 2)), atol=1e-7)


def test_the_input_is_left_alone(rng):
    kernel, y, folds = problem(SIZES[0], rng)
    for array in (kernel, y, folds):
        array.flags.writeable = False
    FoldBlocks(kernel, folds).residuals(y, 1e-3, [(0, 1, 2), (1, 2, 3, 4)])


def test_a_singular_kernel_gives_nan_for_its_training_sets_only(rng):
    kernel, y, folds = problem(SIZES[0], rng)
    # A negative entry on the diagonal of fold 1 makes every set with fold 1 indefinite.
    broken = np.flatnonzero(folds == 1)[0]
    kernel[broken, broken] = -1.0
    sets = [(0, 1, 2), (0, 2, 3), (1, 3, 4), (0, 2, 3, 4)]
    found = FoldBlocks(kernel, folds).residuals(y, 1e-3, sets)
    for training_set, residuals in found.items():
        if 1 in training_set:
            assert np.isnan(residuals).all()
        else:
            expected = refit(kernel, y, folds, 1e-3, training_set)
            np.testing.assert_allclose(residuals, expected, atol=1e-7)


def test_a_kernel_of_ones_without_regularisation_gives_nan():
    folds = np.arange(10) % 5
    found = FoldBlocks(np.ones((10, 10)), folds).residuals(np.ones((10, 1)), 0.0, [(0, 1)])
    assert np.isnan(found[0, 1]).all()
