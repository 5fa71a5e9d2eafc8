"""Tight-binding energies by tblite."""

import numpy as np
import pytest

from qm7bench.datasets.dataset import Dataset
from qm7bench.errors import ModelError
from qm7bench.features.xtb import Xtb


def single(charges, positions):
    zeros = np.zeros(1)
    return Dataset(
        "test", np.array([7]), np.array([charges]), np.array([positions], float), zeros, zeros
    )


def test_energies_are_atomization_energies_in_kcal_per_mol(small_molecules):
    few = small_molecules[::30]
    values = Xtb().compute(few)["values"]
    assert values.shape == (len(few), 1)
    # The method binds too strongly, as free atoms have no place in it.
    slope = np.polyfit(few.energies, values[:, 0], 1)[0]
    assert np.corrcoef(few.energies, values[:, 0])[0, 1] > 0.99
    assert 1.0 < slope < 1.6


def test_a_known_energy():
    """H2 by GFN2-xTB: -0.98268 Hartree at 0.7414 Angstrom, less twice -0.39348 for the atoms."""
    energy = Xtb().compute(single([1, 1], [[0, 0, 0], [0, 0, 0.7414]]))["values"][0, 0]
    assert energy == pytest.approx(-122.9, abs=1.0)


def test_order_place_and_padding_do_not_matter(small_molecules, rng):
    one = small_molecules[5:6]
    size = int(one.sizes[0])
    order = rng.permutation(size)
    charges, positions = one.charges[0, order], one.positions[0, order] + rng.normal(size=3)
    found = Xtb().compute(single(charges, positions))["values"]
    np.testing.assert_allclose(found, Xtb().compute(one)["values"], atol=1e-4)


@pytest.mark.parametrize(
    ("charges", "positions", "message"),
    [
        ([1, 92], [[0, 0, 0], [0, 0, 2.0]], "no energy for a free atom of U"),
        ([1, 1], [[0, 0, 0], [0, 0, 0]], "no energy for molecule 7 of test"),
    ],
)
def test_what_the_method_cannot_do_is_refused(charges, positions, message):
    with pytest.raises(ModelError, match=message):
        Xtb().compute(single(charges, positions))
