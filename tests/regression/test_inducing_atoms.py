"""Which atoms stand for all others."""

from __future__ import annotations

import numpy as np
import pytest

from qm7bench.regression.inducing_atoms import inducing_atoms
from qm7bench.regression.local_kernel import ElementAtoms, LocalAtoms


def atoms_of(rng, **sizes):
    """Random atoms by nuclear charge, each in a molecule of its own."""
    by_element = {
        int(name[1:]): ElementAtoms(
            rng.normal(size=(n, 5)).astype(np.float32), np.zeros(n), np.arange(n)
        )
        for name, n in sizes.items()
    }
    return LocalAtoms(max(sizes.values()), by_element)


def number_of(atoms):
    return {charge: len(own.molecules) for charge, own in atoms.by_element.items()}


def test_elements_share_by_the_square_root_of_their_frequency(rng):
    chosen = inducing_atoms(atoms_of(rng, z1=10_000, z6=2500, z8=100), 170)
    assert number_of(chosen) == pytest.approx({1: 106, 6: 53, 8: 11}, abs=1)
    assert chosen.number_of_molecules == sum(number_of(chosen).values())


def test_what_a_rare_element_cannot_use_goes_to_the_others(rng):
    assert number_of(inducing_atoms(atoms_of(rng, z1=400, z16=2), 300)) == {1: 298, 16: 2}


def test_no_more_are_chosen_than_there_are(rng):
    assert number_of(inducing_atoms(atoms_of(rng, z1=40, z6=30), 5000)) == {1: 40, 6: 30}


def test_each_is_a_molecule_of_its_own(rng):
    chosen = inducing_atoms(atoms_of(rng, z1=400, z6=300), 50)
    places = np.concatenate([own.molecules for own in chosen.by_element.values()])
    np.testing.assert_array_equal(places, np.arange(chosen.number_of_molecules))


def test_they_reach_the_borders_and_repeat_nothing():
    line = np.linspace(0, 1, 101, dtype=np.float32)[:, None]
    values = np.repeat(line, 3, axis=0)
    atoms = LocalAtoms(len(values), {6: ElementAtoms(values, np.zeros(303), np.arange(303))})
    chosen = inducing_atoms(atoms, 5).by_element[6].values[:, 0]
    np.testing.assert_allclose(np.sort(chosen), [0, 0.25, 0.5, 0.75, 1], atol=0.011)
