"""Sums of each fold: together they are those of all molecules."""

from __future__ import annotations

import numpy as np
import pytest

from qm7bench.features.fchl19 import Fchl19
from qm7bench.layouts.atoms import from_arrays
from qm7bench.regression.fold_sums import FoldSums, targets_of
from qm7bench.regression.sparse_kernel import NormalEquations, SparseBasis


@pytest.fixture(scope="module")
def shared(small_molecules):
    feature = Fchl19(centres="heavy", two_body_functions=8, three_body_functions=6)
    atoms = from_arrays(feature.compute(small_molecules))
    basis = SparseBasis.chosen(atoms, "matern", 0.05, 40)
    energies, folds = small_molecules.energies, small_molecules.folds
    return FoldSums.computed(basis, atoms, energies, folds), atoms, energies, folds


@pytest.mark.parametrize("chosen", [(2,), (0, 1, 4), (0, 1, 2, 3, 4)])
def test_sums_of_some_folds_are_those_of_their_molecules(shared, chosen):
    sums, atoms, energies, folds = shared
    inside = np.isin(folds, chosen)
    targets = targets_of(atoms[inside], energies[inside])
    expected = NormalEquations.of(sums.basis, atoms[inside], targets)
    found = sums.total(chosen)
    scale = np.abs(expected.gram).max()
    np.testing.assert_allclose(found.gram, expected.gram, rtol=1e-9, atol=1e-12 * scale)
    np.testing.assert_allclose(found.moments, expected.moments, rtol=1e-9)


def test_they_are_the_products_of_the_columns(shared):
    sums, atoms, energies, folds = shared
    inside = folds == 3
    columns, found = sums.basis.columns(atoms[inside]), sums.sums[3]
    # Packed column by column: the rows of the upper triangle, in order.
    expected = (columns.T @ columns)[np.triu_indices(columns.shape[1])]
    np.testing.assert_allclose(found.gram, expected, rtol=1e-9, atol=1e-12 * expected.max())
    targets = targets_of(atoms[inside], energies[inside])
    np.testing.assert_allclose(found.moments, columns.T @ targets, rtol=1e-9)
