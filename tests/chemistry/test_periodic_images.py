"""Molecules in periodic cells, made whole where they are one finite molecule and refused if not."""

from __future__ import annotations

import numpy as np
import pytest
from ase.build import graphene_nanoribbon, molecule
from ase.collections import g2
from scipy.spatial.distance import pdist

from qm7bench.chemistry import periodic_images
from qm7bench.chemistry.periodic_images import made_whole
from qm7bench.errors import GeometryError

ALL = np.ones(3, dtype=bool)
SKEWED = np.array([[11.0, 0, 0], [4.0, 10.0, 0], [-3.0, 5.0, 12.0]])


@pytest.fixture(params=["dense", "neighbour list"])
def either_way(request, monkeypatch):
    """Both ways to find bonds: all pairs, and ASE's list of neighbours."""
    if request.param == "neighbour list":
        monkeypatch.setattr(periodic_images, "DENSE_LIMIT", 0)


def wrapped(positions, cell):
    fractions = positions @ np.linalg.inv(cell)
    return (fractions - np.floor(fractions)) @ cell


@pytest.mark.parametrize("name", ["C2H6", "isobutane", "bicyclobutane", "CH3CONH2", "H2", "C6H6"])
@pytest.mark.parametrize("cell", [np.eye(3) * 9.0, SKEWED])
def test_a_wrapped_molecule_is_made_whole(either_way, rng, name, cell):
    atoms = molecule(name)
    for _ in range(5):
        positions = wrapped(atoms.positions + rng.uniform(-9, 9, size=3), cell)
        whole = made_whole(atoms.numbers, positions, cell, ALL)
        np.testing.assert_allclose(pdist(whole), pdist(atoms.positions), atol=1e-9)  # Angstrom
        np.testing.assert_array_equal(whole[0], positions[0])


def test_a_whole_molecule_is_returned_unchanged(either_way):
    for name in g2.names:
        atoms = molecule(name)
        if name not in ("LiF", "NaCl", "Li2", "Na2", "Si2H6"):
            positions = atoms.positions
            assert made_whole(atoms.numbers, positions, np.eye(3) * 25.0, ALL) is positions


def test_along_a_vector_that_is_not_periodic_nothing_moves(either_way):
    cell = np.diag([9.0, 9.0, 0.0])
    positions = np.array([[8.9, 0, 0], [0.6, 0, 0.3]])
    whole = made_whole(np.array([1, 1]), positions, cell, np.array([True, True, False]))
    np.testing.assert_allclose(whole, [[8.9, 0, 0], [9.6, 0, 0.3]])
    unmoved = made_whole(np.array([1, 1]), positions, cell, np.zeros(3, dtype=bool))
    assert unmoved is positions


def test_atoms_bonded_to_their_own_images_are_no_molecule(either_way):
    ribbon = graphene_nanoribbon(2, 2, type="armchair", saturated=True, vacuum=5.0)
    with pytest.raises(GeometryError, match="bonded to their own periodic images"):
        made_whole(ribbon.numbers, ribbon.positions, ribbon.cell.array, ribbon.pbc)
    with pytest.raises(GeometryError, match="bonded to their own periodic images"):
        made_whole(np.array([6]), np.zeros((1, 3)), np.eye(3) * 1.5, ALL)


def test_several_fragments_are_refused_and_named(either_way):
    first, second = molecule("H2O"), molecule("CH4")
    charges = np.concatenate([first.numbers, second.numbers])
    positions = np.concatenate([first.positions, second.positions + 4.0])
    with pytest.raises(GeometryError, match="no chain of bonds joins atoms 0 and 3"):
        made_whole(charges, positions, np.eye(3) * 15.0, ALL)


def test_a_flat_cell_is_an_error():
    cell = np.array([[9.0, 0, 0], [0, 9.0, 0], [9.0, 9.0, 0]])
    with pytest.raises(GeometryError, match="the cell has no volume"):
        made_whole(np.array([1, 1]), np.array([[0, 0, 0], [0, 0, 0.7]]), cell, ALL)


def test_a_lone_atom_is_whole(either_way):
    positions = np.array([[1.0, 2.0, 3.0]])
    assert made_whole(np.array([2]), positions, np.eye(3) * 10.0, ALL) is positions
