"""Ties in the order of a molecule's atoms: the matrix decides, never rounding."""

import numpy as np
import pytest
from ase.build import molecule
from scipy.spatial.transform import Rotation

from qm7bench.chemistry.coulomb_matrices import (
    absolute_sums,
    coulomb_matrices,
    permuted,
    row_norms,
)
from qm7bench.features._atom_order import sorted_by

NORMS = pytest.mark.parametrize("norms", [row_norms, absolute_sums])
SYMMETRIC = ["CH4", "C2H6", "C2H4", "C2H2", "C6H6", "isobutane", "cyclobutane", "Si2H6", "2-butyne"]


def matrices_of(atoms, positions=None, order=None):
    order = np.arange(len(atoms)) if order is None else order
    positions = atoms.positions if positions is None else positions
    return coulomb_matrices(atoms.numbers[None, order].astype(int), positions[None, order])


def in_order_of(norms, matrices):
    return permuted(matrices, np.argsort(-norms(matrices), axis=1, kind="stable"))


def moved(atoms, rng):
    """Positions after a random rotation and a translation by some Angstrom."""
    turn = Rotation.random(random_state=rng).as_matrix()
    return atoms.positions @ turn + rng.normal(scale=5.0, size=3)


def test_neighbours_come_before_those_across():
    """Corners of a square, numbered so that the second lies across from the first."""
    near, far = 2.0, 1.0
    across = np.array(
        [[5, far, near, near], [far, 5, near, near], [near, near, 5, far], [near, near, far, 5]]
    )
    (found,) = sorted_by(row_norms(across[None]), across[None])
    assert found[0].tolist() == [5, near, near, far]
    assert found[1].tolist() == [near, 5, far, near]


@NORMS
@pytest.mark.parametrize("name", SYMMETRIC)
def test_copies_of_a_symmetric_molecule_have_the_same_matrix(name, norms, rng):
    atoms = molecule(name)
    original = matrices_of(atoms)
    expected = sorted_by(norms(original), original)
    for _ in range(10):
        copy = matrices_of(atoms, moved(atoms, rng), rng.permutation(len(atoms)))
        np.testing.assert_allclose(sorted_by(norms(copy), copy), expected, atol=1e-9)  # Hartree


@NORMS
@pytest.mark.parametrize("name", ["C2H6", "C6H6", "C2H4", "cyclobutane"])
def test_coordinates_with_eight_decimals_give_the_matrix_of_the_exact_ones(name, norms, rng):
    atoms = molecule(name)
    original = matrices_of(atoms)
    expected = sorted_by(norms(original), original)
    copies = [np.round(moved(atoms, rng), 8) for _ in range(20)]
    found = [sorted_by(norms(m), m) for m in (matrices_of(atoms, copy) for copy in copies)]
    same = [np.abs(one - expected).max() < 1e-6 for one in found]  # Hartree
    # A difference of two norms is rarely as large as the tolerance.
    assert np.mean(same) > 0.7


def test_padding_stays_last(rng):
    matrices = np.pad(matrices_of(molecule("C2H6")), ((0, 0), (2, 3), (2, 3)))
    found = sorted_by(row_norms(matrices), matrices)
    expected = in_order_of(row_norms, matrices)
    np.testing.assert_array_equal(found[0, 8:], 0.0)
    np.testing.assert_allclose(row_norms(found), row_norms(expected), rtol=1e-6)


@NORMS
def test_atoms_of_different_norms_are_in_descending_order(norms, small_molecules):
    matrices = coulomb_matrices(small_molecules.charges, small_molecules.positions)
    found = norms(sorted_by(norms(matrices), matrices))
    assert (found[:, 1:] <= found[:, :-1] * (1 + 2e-8)).all()
    np.testing.assert_allclose(np.sort(found), np.sort(norms(matrices)), rtol=1e-12)


@pytest.mark.needs_qm7
@NORMS
def test_no_matrix_of_qm7_differs_from_the_plain_sort(norms, qm7):
    matrices = coulomb_matrices(qm7.charges, qm7.positions)
    found = sorted_by(norms(matrices), matrices)
    np.testing.assert_allclose(found, in_order_of(norms, matrices), rtol=0, atol=1e-9)
