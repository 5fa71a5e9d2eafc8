"""Coulomb matrix with rows sorted, and each row sorted in itself."""

import numpy as np
from scipy.spatial.transform import Rotation

from qm7bench.chemistry.units import ANGSTROM_PER_BOHR
from qm7bench.datasets.dataset import Dataset
from qm7bench.features.row_sorted_coulomb_matrix import RowSortedCoulombMatrix
from qm7bench.features.sorted_coulomb_matrix import SortedCoulombMatrix


def compute(charges, positions):
    n = np.arange(len(charges))
    return RowSortedCoulombMatrix().compute(Dataset("t", n, charges, positions, n * 0.0, n))[
        "values"
    ]


def test_lithium_hydride_by_hand():
    positions = np.array([[[0.0, 0, 0], [0, 0, ANGSTROM_PER_BOHR], [0, 0, 0]]])
    values = compute(np.array([[1, 3, 0]]), positions)
    lithium = 0.5 * 3**2.4
    np.testing.assert_allclose(values, [[lithium, 3, 0, 3, 0.5, 0, 0, 0, 0]], rtol=1e-12)


def test_rows_fall_and_hold_the_entries_of_the_sorted_matrix(small_molecules):
    matrices = RowSortedCoulombMatrix().compute(small_molecules)["values"]
    atoms = small_molecules.charges.shape[1]
    matrices = matrices.reshape(len(small_molecules), atoms, atoms)
    norms = np.linalg.norm(matrices, axis=2)
    assert (np.diff(matrices, axis=2) <= 0).all()
    assert (np.diff(norms, axis=1) <= 1e-9).all()
    triangle = SortedCoulombMatrix().compute(small_molecules)["values"]
    diagonal = np.isin(np.arange(triangle.shape[1]), np.cumsum([0, *range(atoms, 1, -1)]))
    squares = (triangle**2 @ np.where(diagonal, 1.0, 2.0))[:, None]
    np.testing.assert_allclose(squares[:, 0], (norms**2).sum(axis=1), rtol=1e-10)


def test_rotation_translation_and_order_of_atoms_change_nothing(small_molecules, rng):
    molecules = small_molecules[::30]
    turn = Rotation.random(random_state=rng).as_matrix()
    order = rng.permutation(molecules.charges.shape[1])
    moved = molecules.positions[:, order] @ turn + rng.normal(size=3)
    expected = compute(molecules.charges, molecules.positions)
    np.testing.assert_allclose(compute(molecules.charges[:, order], moved), expected, atol=1e-8)
