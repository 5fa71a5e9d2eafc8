"""Bag of bonds, by hand, against a naive version, and by symmetry."""

import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from qm7bench.chemistry.units import ANGSTROM_PER_BOHR
from qm7bench.datasets.dataset import Dataset, pad
from qm7bench.errors import ModelError
from qm7bench.features.bag_of_bonds import BagOfBonds


def as_dataset(molecules):
    charges, positions = pad(molecules)
    n = np.arange(len(charges))
    return Dataset("test", n, charges, positions, np.zeros(len(n)), np.zeros(len(n), dtype=int))


@pytest.fixture
def hydrogen_and_lithium_hydride():
    apart = np.array([[0.0, 0, 0], [0, 0, ANGSTROM_PER_BOHR]])
    return as_dataset([(np.array([1, 1]), apart), (np.array([3, 1]), 2 * apart)])


def naive(dataset, row):
    """Bags of one molecule as lists, by double loop."""
    bags = {}
    z, r = dataset.charges[row], dataset.positions[row] / ANGSTROM_PER_BOHR
    for i in np.flatnonzero(z):
        bags.setdefault((int(z[i]),), []).append(0.5 * z[i] ** 2.4)
        for j in np.flatnonzero(z)[np.flatnonzero(z) < i]:
            pair = tuple(sorted((int(z[i]), int(z[j]))))
            bags.setdefault(pair, []).append(z[i] * z[j] / np.linalg.norm(r[i] - r[j]))
    return {bag: sorted(entries, reverse=True) for bag, entries in bags.items()}


def test_two_molecules_by_hand(hydrogen_and_lithium_hydride):
    feature = BagOfBonds().pinned(hydrogen_and_lithium_hydride)
    assert feature.bags == "H:2 Li:1 H-H:1 H-Li:1"
    expected = [[0.5, 0.5, 0, 1.0, 0], [0.5, 0, 0.5 * 3**2.4, 0, 1.5]]
    values = feature.compute(hydrogen_and_lithium_hydride)["values"]
    np.testing.assert_allclose(values, expected, rtol=1e-12)


def test_bags_agree_with_a_double_loop(small_molecules):
    molecules = small_molecules[::30]
    feature = BagOfBonds().pinned(molecules)
    values = feature.compute(molecules)["values"]
    all_bags = [naive(molecules, row) for row in range(len(molecules))]
    names = {bag for bags in all_bags for bag in bags}
    assert values.shape[1] == sum(max(len(b.get(n, [])) for b in all_bags) for n in names)
    for row, bags in zip(values, all_bags, strict=True):
        expected = sorted(entry for bag in bags.values() for entry in bag)
        np.testing.assert_allclose(np.sort(row[row > 0]), expected, rtol=1e-10)


def test_rotation_translation_and_order_of_atoms_change_nothing(small_molecules, rng):
    molecules = small_molecules[::30]
    moved = [
        (
            (z := charges[charges > 0])[order := rng.permutation(len(z))],
            positions[order] @ turn + 1.5,
        )
        for charges, positions, turn in zip(
            molecules.charges,
            molecules.positions,
            Rotation.random(len(molecules), random_state=rng).as_matrix(),
            strict=True,
        )
    ]
    expected = BagOfBonds().compute(molecules)["values"]
    np.testing.assert_allclose(
        BagOfBonds().compute(as_dataset(moved))["values"], expected, atol=1e-9
    )


def test_pinned_columns_are_the_same_for_fewer_molecules(small_molecules):
    feature = BagOfBonds().pinned(small_molecules)
    part = feature.compute(small_molecules[5:9])["values"]
    np.testing.assert_array_equal(part, feature.compute(small_molecules)["values"][5:9])


def test_a_molecule_too_large_for_its_bag_is_refused(hydrogen_and_lithium_hydride):
    with pytest.raises(ModelError, match="2 entries in bag H, which holds 1"):
        BagOfBonds("H:1 Li:1 H-Li:1").compute(hydrogen_and_lithium_hydride)


@pytest.mark.needs_qm7
def test_qm7_has_386_columns(qm7):
    bags = BagOfBonds().pinned(qm7).bags.split()
    assert sum(int(bag.split(":")[1]) for bag in bags) == 386
