"""Near duplicates and suspicious labels."""

from dataclasses import replace

import numpy as np
import pytest
from report_example import small_dataset
from scipy.spatial.transform import Rotation

from qm7bench.report.suspicious_labels import nearest_pairs, sorted_distances, suspicious_labels


@pytest.fixture(scope="module")
def dataset():
    return small_dataset()


def test_a_rotated_reflected_and_reordered_twin_is_found(dataset, rng):
    twins = dataset[[5, 20, 20, 30]]
    size = twins.sizes[2]
    order = rng.permutation(size)
    charges, positions = twins.charges.copy(), twins.positions.copy()
    moved = -positions[2, :size] @ Rotation.random(random_state=1).as_matrix() + 3.0
    charges[2, :size], positions[2, :size] = charges[2, order], moved[order]
    energies = np.array([-100.0, -200.0, -207.5, -300.0])
    changed = replace(twins, charges=charges, positions=positions, energies=energies)
    (pair,) = nearest_pairs(changed, 1)
    assert (pair.first, pair.second) == (1, 2)
    assert pair.deviation == pytest.approx(0, abs=1e-9)  # Angstrom
    assert pair.energy_difference == -7.5


def test_a_stretched_molecule_deviates_by_its_largest_change(dataset):
    two = dataset[[20, 20]]
    positions = two.positions.copy()
    positions[1] *= 1.1
    (pair,) = nearest_pairs(replace(two, positions=positions), 3)
    longest = sorted_distances(two.charges[0], two.positions[0]).max()
    assert pair.deviation == pytest.approx(0.1 * longest)


def test_molecules_of_different_formulas_are_no_pair(dataset):
    water_and_more = dataset[[0, 1]]
    assert len(set(water_and_more.formulas())) == 2
    assert nearest_pairs(water_and_more, 5) == []


def test_a_label_is_suspicious_only_if_every_entry_errs_far_on_one_side():
    errors = [np.array([9.0, 9.0, 1.0, -8.0]), np.array([6.0, -9.0, 5.0, -7.0])]
    half_widths = [np.full(4, 2.0), np.array([2.0, 2.0, 2.0, 1.0])]
    found = suspicious_labels(errors, half_widths, 2.0)
    assert [label.index for label in found] == [3, 0]
    assert [label.least_ratio for label in found] == [4.0, 3.0]
    assert found[0].errors.tolist() == [-8.0, -7.0]


def test_a_molecule_that_an_entry_did_not_test_is_never_suspicious():
    errors = [np.array([9.0]), np.array([np.nan])]
    assert suspicious_labels(errors, [np.array([1.0]), np.array([np.nan])], 2.0) == []
