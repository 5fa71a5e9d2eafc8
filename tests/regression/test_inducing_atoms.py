"""Which atoms stand for all others."""

from __future__ import annotations

import numpy as np
import pytest

from qm7bench.layouts.atoms import AtomRepresentations
from qm7bench.regression import inducing_atoms as module
from qm7bench.regression.inducing_atoms import inducing_atoms

GAMMA = 1.0e-3


def atoms_of(rng, **sizes):
    """Random atoms by nuclear charge, in one molecule."""
    charges = rng.permutation([int(name[1:]) for name, n in sizes.items() for _ in range(n)])
    return molecule(charges, rng.normal(size=(len(charges), 5)))


def molecule(charges, values):
    offsets = np.array([0, len(charges)])
    return AtomRepresentations(values.astype(np.float32), charges, offsets, np.zeros((1, 0)))


def chosen_from(atoms, number):
    return inducing_atoms(atoms, GAMMA, number)[1]


def number_of(atoms):
    return {charge: len(own.molecules) for charge, own in atoms.by_element.items()}


def test_elements_share_by_the_square_root_of_their_frequency(rng):
    chosen = chosen_from(atoms_of(rng, z1=10_000, z6=2500, z8=100), 170)
    assert number_of(chosen) == pytest.approx({1: 106, 6: 53, 8: 11}, abs=1)
    assert chosen.number_of_molecules == sum(number_of(chosen).values())


def test_what_a_rare_element_cannot_use_goes_to_the_others(rng):
    assert number_of(chosen_from(atoms_of(rng, z1=400, z16=2), 300)) == {1: 298, 16: 2}


def test_no_more_are_chosen_than_there_are(rng):
    assert number_of(chosen_from(atoms_of(rng, z1=40, z6=30), 5000)) == {1: 40, 6: 30}


def test_each_is_a_molecule_of_its_own(rng):
    chosen = chosen_from(atoms_of(rng, z1=400, z6=300), 50)
    places = np.concatenate([own.molecules for own in chosen.by_element.values()])
    np.testing.assert_array_equal(places, np.arange(chosen.number_of_molecules))


def test_they_reach_the_borders_and_repeat_nothing():
    line = np.linspace(0, 1, 101, dtype=np.float32)[:, None]
    values = np.repeat(line, 3, axis=0)
    chosen = chosen_from(molecule(np.full(303, 6), values), 5).by_element[6].values[:, 0]
    np.testing.assert_allclose(np.sort(np.abs(chosen)), [0, 0.25, 0.25, 0.5, 0.5], atol=0.011)


def test_of_many_atoms_some_are_drawn_first_and_always_the_same(rng, monkeypatch):
    atoms = atoms_of(rng, z1=1000, z8=20)
    monkeypatch.setattr(module, "CANDIDATES", 50)
    axes, chosen = inducing_atoms(atoms, GAMMA, 2000)
    assert number_of(chosen) == {1: 50, 8: 20}
    again = chosen_from(atoms, 2000)
    np.testing.assert_array_equal(again.by_element[1].values, chosen.by_element[1].values)
    hydrogens = chosen.by_element[1].values @ axes[1].directions.T + axes[1].centre
    distances = np.abs(hydrogens[:, None] - atoms.values[atoms.charges == 1]).max(axis=2)
    np.testing.assert_allclose(distances.min(axis=1), 0, atol=1e-5)
