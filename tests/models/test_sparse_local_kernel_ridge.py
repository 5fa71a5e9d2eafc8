"""The sparse local kernel beside the exact one, and its sums shared by folds."""

from __future__ import annotations

import numpy as np
import pytest

from qm7bench.errors import ModelError
from qm7bench.features.fchl19 import Fchl19
from qm7bench.features.fchl19_extended_huckel import Fchl19ExtendedHuckel
from qm7bench.layouts.atoms import from_arrays, with_shared
from qm7bench.models.interface import MoleculesInFolds
from qm7bench.models.local_kernel_ridge import LocalKernelRidge
from qm7bench.models.sparse_local_kernel_ridge import SparseLocalKernelRidge
from qm7bench.regression import sparse_kernel

GAMMA = 0.05
POINTS = [
    {"gamma": GAMMA, "alpha": 1e-5, "inducing_atoms": 80},
    {"gamma": GAMMA, "alpha": 1e-3, "inducing_atoms": 80},
]
SETS = [(0, 1, 2), (1, 2, 3, 4)]


@pytest.fixture(scope="module")
def problem(small_molecules):
    feature = Fchl19(centres="heavy", two_body_functions=8, three_body_functions=6)
    return feature.compute(small_molecules), small_molecules


@pytest.fixture(scope="module")
def electronic(small_molecules):
    molecules = small_molecules[::3]
    # The half that a test trains on has no fluorine.
    molecules = molecules[(molecules.charges != 9).all(axis=1)]
    return from_arrays(Fchl19ExtendedHuckel().compute(molecules)), molecules


def mean_error(model, atoms, molecules):
    fitted = model.fit(atoms[::2], molecules.energies[::2])
    return np.abs(fitted.predict(atoms[1::2]) - molecules.energies[1::2]).mean()


def test_with_all_atoms_it_is_the_exact_kernel(problem):
    arrays, molecules = problem
    atoms = from_arrays(arrays)
    exact = LocalKernelRidge(kernel="matern", gamma=GAMMA, alpha=1e-3)
    sparse = SparseLocalKernelRidge(gamma=GAMMA, alpha=1e-3, inducing_atoms=100_000)
    expected = exact.fit(atoms[::2], molecules.energies[::2]).predict(atoms[1::2])
    found = sparse.fit(atoms[::2], molecules.energies[::2]).predict(atoms[1::2])
    np.testing.assert_allclose(found, expected, atol=1e-2)  # kcal/mol; the jitter is the rest


def test_more_inducing_atoms_come_nearer_to_the_exact_error(problem):
    arrays, molecules = problem
    atoms = from_arrays(arrays)
    exact = mean_error(LocalKernelRidge(kernel="matern", gamma=GAMMA, alpha=1e-5), atoms, molecules)
    few, many = (
        mean_error(
            SparseLocalKernelRidge(gamma=GAMMA, alpha=1e-5, inducing_atoms=m), atoms, molecules
        )
        for m in (20, 600)
    )
    assert abs(many - exact) < 0.2 * abs(few - exact)


def test_the_linear_term_is_that_of_the_exact_kernel(electronic):
    atoms, molecules = electronic
    settings = {"kernel": "matern", "gamma": GAMMA, "alpha": 1e-3, "linear": 0.1}
    exact = LocalKernelRidge(**settings).fit(atoms[::2], molecules.energies[::2])
    sparse = SparseLocalKernelRidge(**settings, inducing_atoms=100_000)
    sparse.fit(atoms[::2], molecules.energies[::2])
    np.testing.assert_allclose(
        sparse.predict(atoms[1::2]), exact.predict(atoms[1::2]), atol=0.05
    )  # kcal/mol


@pytest.mark.parametrize("shared", [False, True])
def test_cross_validation_equals_a_fit_on_the_sums_of_its_folds(problem, shared):
    arrays, molecules = problem
    energies, folds = molecules.energies, molecules.folds
    sums = SparseLocalKernelRidge.shared_sums(POINTS, from_arrays(arrays), energies, folds, {})
    with_sums = with_shared(arrays, sums)
    atoms = with_sums if shared else from_arrays(arrays)
    found = SparseLocalKernelRidge.cross_validate(
        POINTS, MoleculesInFolds(atoms, energies, folds, SETS)
    )
    for training_set in SETS:
        inside = np.isin(folds, training_set)
        for number, point in enumerate(POINTS):
            model = SparseLocalKernelRidge(**point).fit(with_sums[inside], energies[inside])
            own = found[training_set][number]
            np.testing.assert_allclose(own[~inside], model.predict(with_sums[~inside]), atol=1e-4)
            assert np.isnan(own[inside]).all()


@pytest.mark.parametrize("what", ["a part of a fold", "other energies"])
def test_shared_sums_are_not_used_for_what_they_do_not_sum(problem, what):
    arrays, molecules = problem
    energies, folds = molecules.energies, molecules.folds
    sums = SparseLocalKernelRidge.shared_sums(POINTS, from_arrays(arrays), energies, folds, {})
    atoms, alone = with_shared(arrays, sums), from_arrays(arrays)
    chosen = np.flatnonzero(folds != 0)
    if what == "a part of a fold":
        chosen = chosen[1:]
    targets = energies[chosen] - (7.0 * np.arange(len(chosen)) if what == "other energies" else 0)
    found = SparseLocalKernelRidge(**POINTS[0]).fit(atoms[chosen], targets)
    expected = SparseLocalKernelRidge(**POINTS[0]).fit(alone[chosen], targets)
    np.testing.assert_allclose(found.predict(alone), expected.predict(alone), atol=1e-9)


def test_neither_the_size_of_blocks_nor_the_order_of_molecules_matters(problem, monkeypatch, rng):
    arrays, molecules = problem
    atoms, energies = from_arrays(arrays), molecules.energies
    expected = SparseLocalKernelRidge(**POINTS[1]).fit(atoms, energies).predict(atoms)
    monkeypatch.setattr(sparse_kernel, "BLOCK", 7)
    order = rng.permutation(len(atoms))
    found = SparseLocalKernelRidge(**POINTS[1]).fit(atoms[order], energies[order]).predict(atoms)
    np.testing.assert_allclose(found, expected, atol=1e-4)  # kcal/mol


def test_a_linear_term_without_totals_is_an_error(problem):
    arrays, molecules = problem
    model = SparseLocalKernelRidge(linear=0.1)
    with pytest.raises(ModelError, match="has no totals; leave it out"):
        model.fit(from_arrays(arrays), molecules.energies)


def test_equations_that_are_not_positive_definite_are_an_error(electronic):
    atoms, molecules = electronic
    model = SparseLocalKernelRidge(gamma=1e-6, alpha=1e-300, linear=1e6)
    with pytest.raises(ModelError, match="give a larger alpha"):
        model.fit(atoms, molecules.energies)


def test_an_element_without_training_molecules_is_refused_by_name(problem):
    arrays, molecules = problem
    atoms, with_fluorine = from_arrays(arrays), (molecules.charges == 9).any(axis=1)
    model = SparseLocalKernelRidge(**POINTS[0])
    model.fit(atoms[~with_fluorine], molecules.energies[~with_fluorine])
    for fitted in (model, SparseLocalKernelRidge(**POINTS[0]).restore(model.state())):
        with pytest.raises(ModelError, match=r"SparseLocalKernelRidge was fitted.*without F"):
            fitted.predict(atoms[with_fluorine])
