"""Data sets whose largest molecules are the test."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from qm7bench.datasets.auto import load_dataset
from qm7bench.datasets.by_size import split_by_size
from qm7bench.errors import DataSetError


def heavy_atoms(dataset):
    return np.count_nonzero(dataset.charges > 1, axis=1)


@pytest.fixture(scope="module")
def qm9small():
    return load_dataset("qm9small", {})[0]


def test_fold_0_is_all_of_the_largest_molecules(qm9small):
    split = split_by_size(qm9small, "mine")
    assert split.name == "mine"
    assert np.array_equal(split.ids, qm9small.ids)
    assert np.array_equal(split.folds == 0, heavy_atoms(split) == 7)


def test_smaller_molecules_are_in_four_equal_folds_of_the_same_energies(qm9small):
    split = split_by_size(qm9small, "mine")
    sizes = np.bincount(split.folds)[1:]
    assert len(sizes) == 4
    assert np.ptp(sizes) <= 1
    means = [split.energies[split.folds == fold].mean() for fold in range(1, 5)]
    assert np.ptp(means) < 0.02 * split.energies[split.folds > 0].std()


def test_of_many_largest_molecules_some_are_drawn_without_reading_energies(qm9small):
    split = split_by_size(qm9small, "mine", test_molecules=500)
    other = replace(qm9small, energies=-qm9small.energies)
    tested = split.ids[split.folds == 0]
    assert len(tested) == 500
    assert np.count_nonzero(split.folds > 0) == np.count_nonzero(heavy_atoms(qm9small) < 7)
    again = split_by_size(other, "mine", test_molecules=500)
    assert np.array_equal(again.ids[again.folds == 0], tested)


def test_molecules_of_one_size_cannot_be_split(qm9small):
    with pytest.raises(DataSetError, match="0 molecules with fewer heavy atoms"):
        split_by_size(qm9small[heavy_atoms(qm9small) == 7], "mine")


@pytest.mark.needs_qm7
def test_qm7_by_size_is_tested_on_seven_heavy_atoms(qm7_file):
    dataset, origin = load_dataset("qm7_by_size", {})
    assert np.bincount(dataset.folds).tolist() == [5998, 292, 291, 292, 292]
    assert set(heavy_atoms(dataset)[dataset.folds == 0]) == {7}
    assert origin["file"] == "qm7.mat"


@pytest.mark.slow
def test_qm9_by_size_is_tested_on_3000_molecules_of_nine_heavy_atoms():
    dataset, _ = load_dataset("qm9_by_size", {})
    assert np.bincount(dataset.folds).tolist() == [3000, 5450, 5450, 5450, 5450]
    assert set(heavy_atoms(dataset)[dataset.folds == 0]) == {9}
