"""Five folds for data sets that have none."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

NUMBER_OF_FOLDS = 5


def stratified_folds(
    energies: NDArray[np.float64], seed: int, number: int = NUMBER_OF_FOLDS
) -> NDArray[np.int64]:
    """Folds stratified by energy as QM7's are, shape (n,).

    Every consecutive block of as many energy ranks as there are folds is spread over them by a
    permutation drawn from the seed.
    """
    generator = np.random.default_rng(seed)
    ranks = np.argsort(energies, kind="stable")
    blocks = -(-len(energies) // number)
    labels = np.concatenate([generator.permutation(number) for _ in range(blocks)])
    folds = np.empty(len(energies), dtype=np.int64)
    folds[ranks] = labels[: len(energies)]
    return folds
