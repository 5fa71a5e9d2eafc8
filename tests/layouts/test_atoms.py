"""Flat arrays of atoms: selection of molecules keeps each molecule's own atoms."""

import numpy as np
import pytest

from qm7bench.errors import ArtefactError
from qm7bench.layouts.atoms import AtomRepresentations, ChosenRows, from_arrays


@pytest.fixture
def arrays():
    return {
        "values": np.arange(12.0).reshape(6, 2),
        "charges": np.array([6, 8, 6, 7, 8, 6]),
        "atom_offsets": np.array([0, 2, 2, 5, 6]),
        "compositions": np.array([[4.0, 1.0], [2.0, 0.0], [1.0, 3.0], [4.0, 1.0]]),
    }


@pytest.mark.parametrize(
    ("rows", "atoms"),
    [
        ([3, 0], [5, 0, 1]),
        (slice(1, 3), [2, 3, 4]),
        (np.array([True, False, False, True]), [0, 1, 5]),
        ([1], []),
        ([2, 2], [2, 3, 4, 2, 3, 4]),
    ],
)
def test_selected_molecules_keep_their_atoms_in_order(arrays, rows, atoms):
    chosen = from_arrays(arrays)[rows]
    np.testing.assert_array_equal(chosen.values, arrays["values"][atoms])
    np.testing.assert_array_equal(chosen.charges, arrays["charges"][atoms])
    np.testing.assert_array_equal(chosen.compositions, arrays["compositions"][rows])
    assert chosen.atom_offsets[-1] == len(atoms)


def test_each_atom_knows_its_molecule_even_after_one_without_atoms(arrays):
    np.testing.assert_array_equal(from_arrays(arrays).molecules, [0, 0, 2, 2, 2, 3])


def test_arrays_that_do_not_fit_together_are_refused(arrays):
    with pytest.raises(ArtefactError, match="6 vectors, 5 charges"):
        from_arrays({**arrays, "charges": arrays["charges"][:5]})


def test_parts_of_parts_are_read_from_the_whole(rng):
    matrix = rng.normal(size=(10, 3)).astype(np.float32)
    rows = ChosenRows.of(ChosenRows.of(matrix, np.array([8, 2, 5, 3])), np.array([3, 0, 1]))
    assert rows.shape == (3, 3)
    np.testing.assert_array_equal(rows, matrix[[3, 8, 2]])
    np.testing.assert_array_equal(rows[1:], matrix[[8, 2]])
    np.testing.assert_array_equal(rows[np.array([True, False, True])], matrix[[3, 2]])
    blocks = list(rows.blocks(2))
    assert [own for own, _ in blocks] == [slice(0, 2), slice(2, 3)]
    np.testing.assert_array_equal(np.vstack([part for _, part in blocks]), matrix[[3, 8, 2]])


def test_a_part_of_a_data_set_does_not_copy_its_vectors(rng):
    values = rng.normal(size=(6, 4))
    offsets = np.array([0, 1, 3, 6])
    atoms = AtomRepresentations(values, np.full(6, 6), offsets, np.zeros((3, 1)))
    part = atoms[[2, 0]]
    assert np.shares_memory(part.values.matrix, values)
    np.testing.assert_array_equal(part.values, values[[3, 4, 5, 0]])
