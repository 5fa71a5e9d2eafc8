"""Energies of atoms by a sparse kernel, and how far the inducing atoms are."""

from __future__ import annotations

import numpy as np
import pytest

from qm7bench.errors import ModelError
from qm7bench.features.fchl19_extended_huckel import Fchl19ExtendedHuckel
from qm7bench.layouts.atoms import from_arrays
from qm7bench.models.sparse_local_kernel_ridge import SparseLocalKernelRidge
from qm7bench.regression import compiled_pair_sums, nearest_atoms, pair_sums
from qm7bench.regression.nearest_atoms import distances_to_others


@pytest.fixture(scope="module")
def problem(small_molecules):
    """Atoms of 60 molecules, their energies and a sparse kernel fitted to them."""
    few = small_molecules[::5]
    atoms = from_arrays(Fchl19ExtendedHuckel(elements="H C N O F").compute(few))
    model = SparseLocalKernelRidge(alpha=1e-6, linear=0.1, inducing_atoms=300)
    return atoms, few.energies, model.fit(atoms, few.energies)


@pytest.mark.parametrize("functions", [pair_sums, compiled_pair_sums])
def test_energies_are_those_of_the_molecules_kernel(functions, problem, monkeypatch):
    monkeypatch.setattr(nearest_atoms, "functions_for", lambda pairs: functions)
    atoms, _, model = problem
    energies, distances = model.predict_with_distances(atoms)
    np.testing.assert_allclose(energies, model.predict(atoms), atol=1e-5)  # kcal/mol
    assert distances.shape == atoms.charges.shape


def naive_distances(basis, atoms, others_only):
    """Atom by atom, in the whole space; inducing atoms are found among the atoms again."""
    values, origins = np.asarray(atoms.values, dtype=np.float64), {}
    found = np.empty(len(values))
    for charge, own in basis.inducing.by_element.items():
        axes, places = basis.axes[charge], np.flatnonzero(atoms.charges == charge)
        inducing = axes.centre + own.values @ axes.directions.T
        squares = ((values[places][:, None] - inducing[None]) ** 2).sum(axis=2)
        origins[charge] = atoms.molecules[places[squares.argmin(axis=0)]]
        if others_only:
            squares[atoms.molecules[places][:, None] == origins[charge][None]] = np.inf
        found[places] = np.sqrt(squares.min(axis=1))
    return found


def test_distances_are_those_of_a_plain_search(problem):
    atoms, _, model = problem
    _, distances = model.predict_with_distances(atoms)
    np.testing.assert_allclose(distances, naive_distances(model.basis_, atoms, False), atol=5e-3)
    assert (distances < 0.02).sum() >= 300  # every inducing atom is one of these


def test_inducing_atoms_of_the_same_molecule_do_not_count(problem):
    atoms, _, model = problem
    distances = distances_to_others(model.basis_, atoms)
    np.testing.assert_allclose(distances, naive_distances(model.basis_, atoms, True), atol=5e-3)
    assert distances.min() > 0.001


def test_inducing_atoms_of_other_molecules_are_refused(problem):
    atoms, _, model = problem
    with pytest.raises(ModelError, match="were not chosen from these molecules"):
        distances_to_others(model.basis_, atoms[:20])
