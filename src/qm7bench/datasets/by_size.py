"""Data sets whose largest molecules are the test, and the smaller ones the training molecules.

Fold 0 holds molecules with as many heavy atoms as any molecule has; folds 1 to 4 hold all smaller
ones and are stratified by energy. Only fold 0 is a test; the others are for choices inside the
training molecules, so `folds: [0]`.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from qm7bench.datasets.dataset import Dataset, check_dataset
from qm7bench.datasets.folds import NUMBER_OF_FOLDS, stratified_folds
from qm7bench.datasets.qm7 import load_qm7
from qm7bench.datasets.qm9 import load_qm9
from qm7bench.errors import DataSetError, counted

FOLD_SEED = 7
QM9_TEST_MOLECULES = 3000


def load_qm7_by_size() -> tuple[Dataset, dict[str, Any]]:
    """Molecules of QM7: those with seven heavy atoms are the test."""
    dataset, origin = load_qm7()
    return split_by_size(dataset, "qm7_by_size"), origin


def load_qm9_by_size() -> tuple[Dataset, dict[str, Any]]:
    """Molecules of QM9: 3,000 of those with nine heavy atoms, drawn at random, are the test."""
    dataset, origin = load_qm9()
    return split_by_size(dataset, "qm9_by_size", QM9_TEST_MOLECULES), origin


def split_by_size(dataset: Dataset, name: str, test_molecules: int | None = None) -> Dataset:
    """Make fold 0 of the molecules with most heavy atoms, and folds 1 to 4 of the others.

    Parameters
    ----------
    name : str
        Name of the new data set; ids stay.
    test_molecules : int, optional
        How many of the largest to keep, drawn at random; all if not given.

    Raises
    ------
    DataSetError
        If fewer than four molecules are smaller than the largest.
    """
    heavy_atoms = np.count_nonzero(dataset.charges > 1, axis=1)
    largest = np.flatnonzero(heavy_atoms == heavy_atoms.max())
    smaller = np.flatnonzero(heavy_atoms < heavy_atoms.max())
    if len(smaller) < NUMBER_OF_FOLDS - 1:
        raise DataSetError(
            f"{dataset.name}: {counted(len(smaller), 'molecule')} with fewer heavy atoms than the "
            f"largest; {NUMBER_OF_FOLDS - 1} are needed to train on"
        )
    if test_molecules is not None and test_molecules < len(largest):
        generator = np.random.default_rng(FOLD_SEED)
        largest = generator.choice(largest, test_molecules, replace=False)
    folds = np.zeros(len(dataset), dtype=np.int64)
    training_folds = NUMBER_OF_FOLDS - 1
    folds[smaller] = 1 + stratified_folds(dataset.energies[smaller], FOLD_SEED, training_folds)
    kept = np.sort(np.concatenate([smaller, largest]))
    return check_dataset(replace(dataset, name=name, folds=folds)[kept], NUMBER_OF_FOLDS)
