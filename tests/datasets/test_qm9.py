"""The embedded data set: molecules of QM9 with at most seven heavy atoms."""

from __future__ import annotations

import numpy as np
import pytest

from qm7bench.datasets import qm9 as qm9_module
from qm7bench.errors import DataSetError, MissingPackageError


def test_there_are_3921_molecules_of_hydrogen_carbon_nitrogen_oxygen_and_fluorine(qm9small):
    assert len(qm9small) == 3921
    assert qm9small.elements == [1, 6, 7, 8, 9]


def test_no_molecule_has_more_than_23_atoms_or_seven_heavy_ones(qm9small):
    assert qm9small.charges.shape[1] == qm9small.sizes.max() == 23
    assert (qm9small.charges > 1).sum(axis=1).max() == 7


@pytest.mark.parametrize(
    ("number", "formula", "internal", "free_atoms"),
    [
        (1, "CH4", -40.478930, -37.846772 - 4 * 0.500273),
        (2, "H3N", -56.525887, -54.583861 - 3 * 0.500273),
        (3, "H2O", -76.404702, -75.064579 - 2 * 0.500273),
        (5, "CHN", -93.411888, -37.846772 - 54.583861 - 0.500273),
        (184, "CF4", -437.484875, -37.846772 - 4 * 99.718730),
    ],
)
def test_an_energy_is_that_of_the_molecule_minus_those_of_its_free_atoms(
    qm9small, number, formula, internal, free_atoms
):
    """Internal energies and atomref.txt as published with QM9, at 0 K, in Hartree."""
    row = qm9small.ids.tolist().index(number)
    assert qm9small.formulas()[row] == formula
    by_hand = (internal - free_atoms) * 627.509474
    assert qm9small.energies[row] == pytest.approx(by_hand, abs=1e-3)  # kcal/mol


def test_every_molecule_is_bound_by_65_to_135_kcal_per_mol_and_atom(qm9small):
    per_atom = qm9small.energies / qm9small.sizes
    assert per_atom.max() < -65  # kcal/mol
    assert per_atom.min() > -135


def test_folds_are_stratified_by_energy(qm9small):
    ranked = qm9small.folds[np.argsort(qm9small.energies, kind="stable")]
    whole = len(ranked) // 5 * 5
    np.testing.assert_array_equal(
        np.sort(ranked[:whole].reshape(-1, 5)), np.tile(np.arange(5), (whole // 5, 1))
    )


def test_ids_are_those_of_qm9_in_rising_order(qm9small):
    assert (np.diff(qm9small.ids) > 0).all()
    assert qm9small.ids[0] == 1


def test_the_origin_has_a_checksum_of_all_files(qm9small_with_origin):
    _, origin = qm9small_with_origin
    assert origin["package"] == "qm9pack"
    assert len(origin["sha256"]) == 64


def test_a_missing_package_is_an_error_that_says_how_to_install_it(monkeypatch):
    monkeypatch.setattr(qm9_module.importlib.util, "find_spec", lambda name: None)
    with pytest.raises(MissingPackageError, match=r'pip install "qm7bench\[qm9\]"'):
        qm9_module.load_qm9small()


def test_a_missing_file_of_the_package_is_an_error(tmp_path, monkeypatch):
    monkeypatch.setattr(qm9_module, "_data_folder", lambda: tmp_path)
    with pytest.raises(DataSetError, match="reinstall the package qm9pack"):
        qm9_module.load_qm9small()
