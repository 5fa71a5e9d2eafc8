"""The genuine `qm7.mat`: what is known of its molecules, energies, folds and bonds."""

from __future__ import annotations

import numpy as np
import pytest

from qm7bench.chemistry.distances import pair_distances
from qm7bench.datasets.qm7 import load_qm7

pytestmark = pytest.mark.needs_qm7


def test_the_genuine_file_has_7165_molecules_in_five_equal_folds(qm7):
    assert len(qm7) == 7165
    assert qm7.elements == [1, 6, 7, 8, 16]
    np.testing.assert_array_equal(np.bincount(qm7.folds), [1433] * 5)
    np.testing.assert_array_equal(qm7.ids, np.arange(7165))
    assert qm7.sizes.max() == 23


def test_the_genuine_energies_are_those_published(qm7):
    """Rupp et al. 2012: range and spread in kcal/mol, to the digits printed."""
    assert qm7.energies.min() == pytest.approx(-2192.00, abs=0.005)
    assert qm7.energies.max() == pytest.approx(-404.88, abs=0.005)
    assert qm7.energies.mean() == pytest.approx(-1538.04, abs=0.005)
    assert qm7.energies.std() == pytest.approx(223.92, abs=0.005)


def test_the_genuine_folds_are_stratified_by_energy(qm7):
    means = [qm7.energies[qm7.folds == fold].mean() for fold in range(5)]
    assert np.ptp(means) < 1.0  # kcal/mol, where the energies spread over 1787


def test_carbon_and_hydrogen_are_bonded_at_1_09_angstrom(qm7):
    """The length of a C-H bond shows at once whether Bohr were converted once."""
    distances = pair_distances(qm7.charges, qm7.positions)
    carbon_hydrogen = (qm7.charges[:, :, None] == 6) & (qm7.charges[:, None, :] == 1)
    bonds = distances[carbon_hydrogen & (distances < 1.3)]
    assert np.median(bonds) == pytest.approx(1.09, abs=0.02)  # Angstrom


def test_the_genuine_file_is_checked_and_loaded(qm7_file, monkeypatch):
    monkeypatch.setenv("QM7_MAT", str(qm7_file))
    dataset, made_from = load_qm7()
    assert dataset.name == "qm7"
    assert made_from["sha256"].startswith("fd6c26c1")
