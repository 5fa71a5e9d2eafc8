"""Similarities of pairs of atoms: the compiled functions against those of NumPy, and the choice."""

from __future__ import annotations

import numpy as np
import pytest

from qm7bench.regression import compiled_pair_sums, pair_sums
from qm7bench.regression.pair_sums import Run

KERNELS = ["gaussian", "matern"]


def run_of(lengths, molecules):
    return Run(np.concatenate([[0], np.cumsum(lengths)]), np.array(molecules))


@pytest.mark.parametrize("kernel", KERNELS)
@pytest.mark.parametrize("scale", [1e-12, 1.0, 300.0, 1e5])
def test_compiled_similarities_are_those_of_numpy(kernel, scale, rng):
    negated = -scale * rng.uniform(size=(40, 50))
    negated[0, 0] = 0.0
    for gamma in (7e-4, 0.3):
        (expected,) = pair_sums.similarities_of(negated.copy(), kernel, [gamma])
        (found,) = compiled_pair_sums.similarities_of(negated.copy(), kernel, [gamma])
        # Where nothing is left of a similarity, what it is does not matter.
        np.testing.assert_allclose(found, expected, rtol=1e-13, atol=1e-300)


def test_the_exponential_function_is_as_good_as_numpys():
    """To 2 units in the last place, over all of its range and near the ends of ln 2's multiples."""
    exponents = -np.concatenate([np.linspace(0.0, 707.9, 200_000), np.geomspace(1e-20, 1.0, 999)])
    ties = -np.log(2.0) * (np.arange(1000) + 0.5)
    for x in (exponents, ties, np.nextafter(ties, 0.0)):
        (found,) = compiled_pair_sums.similarities_of(x[None], "gaussian", [1.0])
        expected = np.exp(x)
        assert (np.abs(found[0] - expected) <= 2.0 * np.spacing(expected)).all()


@pytest.mark.parametrize("kernel", KERNELS)
def test_compiled_sums_are_those_of_numpy(kernel, rng):
    left, right = run_of([3, 1, 4], [5, 0, 2]), run_of([2, 2, 1, 3], [1, 2, 4, 0])
    negated = rng.normal(-3.0, 2.0, size=(8, 8))  # positive ones are what rounding leaves of zero
    single = rng.normal(size=(8, 8)).astype(np.float32)
    gammas = [0.01, 0.3, 2.0]
    found = [np.ones((6, 5)) for _ in gammas]
    expected = [np.ones((6, 5)) for _ in gammas]
    compiled_pair_sums.add_sums(found, negated.copy(), single, left, right, kernel, gammas)
    pair_sums.add_sums(expected, negated.copy(), single, left, right, kernel, gammas)
    np.testing.assert_allclose(found, expected, rtol=1e-13)
    assert (expected[0][[1, 3, 4]] == 1.0).all()  # molecules that are in neither run


@pytest.mark.parametrize("kernel", KERNELS)
def test_what_is_no_number_stays_none_and_what_is_far_is_zero(kernel):
    negated = np.array([[np.nan, -1e300, -1e12, 0.0]] * 3)
    (found,) = compiled_pair_sums.similarities_of(negated, kernel, [0.3])
    assert np.isnan(found[:, 0]).all()
    assert (found[:, 1:3] < 1e-300).all()
    assert (found[:, 3] == 1.0).all()
