"""The kernel on a fitted Hueckel method: planted constants, refits, and what it refuses."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from qm7bench.chemistry.extended_huckel import Atoms, HuckelMethod
from qm7bench.chemistry.huckel_constants import Constant, adjusted, constants_of
from qm7bench.errors import ModelError
from qm7bench.features.extended_huckel import ExtendedHuckel
from qm7bench.features.fchl19_extended_huckel import Fchl19ExtendedHuckel
from qm7bench.layouts.atoms import from_arrays
from qm7bench.models import _huckel_fit
from qm7bench.models._huckel_fit import HuckelFit
from qm7bench.models.fitted_huckel_kernel_ridge import FittedHuckelKernelRidge
from qm7bench.models.interface import MoleculesInFolds
from qm7bench.models.local_kernel_ridge import LocalKernelRidge

SETTINGS = {"alpha": 1e-6, "molecules": 200, "evaluations": 2}
AXES = 1e-2
"""kcal/mol: a refit takes the axes of its training molecules, a selection those of all."""
FEATURE = Fchl19ExtendedHuckel(bonds=False, charges=False, positions=True)


@pytest.fixture(scope="module")
def molecules(qm9small):
    """200 hydrocarbons."""
    own = np.flatnonzero(np.isin(qm9small.charges, [0, 1, 6]).all(axis=1))
    return qm9small[own[np.linspace(0, len(own) - 1, 200).astype(int)]]


@pytest.fixture(scope="module")
def atoms(molecules):
    return from_arrays(FEATURE.compute(molecules))


@pytest.fixture(scope="module")
def fitted(atoms, molecules):
    return FittedHuckelKernelRidge(**SETTINGS).fit(atoms, molecules.energies)


@pytest.fixture(scope="module")
def problem(atoms, molecules):
    elements = np.unique(atoms.charges)
    method = HuckelMethod()
    constants = constants_of(elements.tolist(), method)
    return HuckelFit(
        atoms,
        atoms.compositions,
        molecules.energies,
        elements,
        constants,
        method,
    )


def mean_error(fit, changes):
    return np.abs(fit._errors(fit._sums(changes), changes)[: len(fit.energies)]).mean()


def test_energies_of_a_method_with_other_constants_are_learned_from_them(problem):
    planted = np.zeros(len(problem.constants))
    planted[problem.constants.index(Constant(6, 1, True))] = 0.1
    planted[problem.constants.index(Constant(6, 0, False))] = 0.2
    sums = problem._sums(planted)
    weights = np.random.default_rng(0).normal(size=sums.shape[1]) / sums.std(axis=0).clip(1e-3)
    planted_problem = replace(problem, energies=2.0 * sums @ weights)
    before = mean_error(planted_problem, np.zeros(len(planted)))
    after = mean_error(planted_problem, planted_problem.changes(6))
    assert after < 0.4 * before


def test_the_genuine_energies_are_better_described_after_the_fit(problem, fitted):
    before = mean_error(problem, np.zeros(len(problem.constants)))
    assert mean_error(problem, fitted.changes_) < 0.95 * before
    assert fitted.constants_ == list(problem.constants)


def test_derivatives_of_molecules_with_an_element_are_those_of_all(problem):
    changes = np.linspace(-0.05, 0.05, len(problem.constants))
    errors = problem._errors(problem._sums(changes), changes)
    found = problem._derivatives(changes)
    for number in range(len(changes)):
        moved = changes.copy()
        moved[number] += _huckel_fit.DIFFERENCE
        expected = problem._errors(problem._sums(moved), moved) - errors
        np.testing.assert_allclose(
            found[:, number], expected / _huckel_fit.DIFFERENCE, rtol=1e-6, atol=1e-6
        )


def test_it_is_the_local_kernel_on_vectors_with_the_fitted_constants(fitted, atoms, molecules):
    method = adjusted(HuckelMethod(), fitted.constants_, fitted.changes_)
    flat = Atoms(atoms.charges, atoms.positions, atoms.atom_offsets)
    electrons = 0.5 * method.vectors(flat, np.unique(atoms.charges))
    joint = replace(atoms, values=np.hstack([atoms.values, electrons]))
    same = LocalKernelRidge("matern", gamma=2e-3, alpha=1e-6, linear=0.1)
    same.fit(joint, molecules.energies)
    np.testing.assert_allclose(fitted.predict(atoms), same.predict(joint), atol=1e-6)


def test_few_molecules_keep_the_constants_of_the_textbooks(atoms, molecules, caplog):
    few = np.arange(100, 200)
    model = FittedHuckelKernelRidge(**SETTINGS).fit(atoms[few], molecules.energies[few])
    assert not model.changes_.any()
    assert "stay those of the textbooks: a fit needs 136 molecules" in caplog.text
    textbook = ExtendedHuckel(elements="H C").compute(molecules)["values"]
    found = model._with_electrons(atoms).values[:, -textbook.shape[1] :]
    np.testing.assert_allclose(found, 0.5 * textbook, rtol=1e-6)


def test_cross_validation_is_what_refits_give(atoms, molecules):
    points = [
        {**SETTINGS, "evaluations": 1, "linear": 1.0},
        {**SETTINGS, "evaluations": 1, "weight": 0.3},
    ]
    sets = [(0, 1, 2, 3), (1, 2, 3, 4)]
    in_folds = MoleculesInFolds(atoms, molecules.energies, molecules.folds, sets)
    found = FittedHuckelKernelRidge.cross_validate(points, in_folds)
    for training_set, predictions in found.items():
        inside = in_folds.inside(training_set)
        assert np.isnan(predictions[:, inside]).all()
        for number, point in enumerate(points):
            model = FittedHuckelKernelRidge(**point).fit(atoms[inside], molecules.energies[inside])
            np.testing.assert_allclose(
                predictions[number, ~inside], model.predict(atoms[~inside]), atol=AXES
            )


def test_a_restored_model_predicts_the_same(fitted, atoms):
    arrays = {name: np.array(array) for name, array in fitted.state().items()}
    restored = FittedHuckelKernelRidge(**SETTINGS).restore(arrays)
    np.testing.assert_array_equal(restored.predict(atoms[:20]), fitted.predict(atoms[:20]))
    np.testing.assert_allclose(
        restored.uncertainty(atoms[:20]), fitted.uncertainty(atoms[:20]), rtol=1e-6
    )
    assert restored.number_of_parameters == fitted.number_of_parameters


def test_turned_molecules_have_the_same_energy(fitted, atoms, molecules):
    turned = molecules[:30]
    rotation = Rotation.from_euler("xyz", [0.3, 1.1, -0.7]).as_matrix()
    moved = replace(turned, positions=turned.positions @ rotation.T + [1.0, -2.0, 0.5])
    again = replace(FEATURE, elements="H C").compute(moved)
    np.testing.assert_allclose(
        fitted.predict(from_arrays(again)), fitted.predict(atoms[:30]), atol=1e-3
    )


def test_a_representation_without_positions_is_refused(molecules):
    bare = from_arrays(Fchl19ExtendedHuckel().compute(molecules[:5]))
    with pytest.raises(ModelError, match="no positions; take fchl19_extended_huckel with"):
        FittedHuckelKernelRidge().fit(bare, molecules.energies[:5])


def test_orbitals_that_overlap_wholly_count_as_a_large_error(problem, monkeypatch):
    def fails(self, atoms, elements):
        raise np.linalg.LinAlgError("not positive definite")

    monkeypatch.setattr(HuckelMethod, "vectors", fails)
    changes = np.zeros(len(problem.constants))
    assert problem._sums(changes) is None
    assert (problem._errors(None, changes) > 100.0).all()
    assert not problem._derivatives(changes).any()
