"""Part of a fold's training molecules, the same for every entry."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from qm7bench.datasets.dataset import Dataset
from qm7bench.evaluation.training_subsets import nested_order
from qm7bench.seeds import derived_seed

Indices = NDArray[np.int64]


def training_subset(
    dataset: Dataset, training: Indices, fold: int, size: int, draw: int, seed: int
) -> Indices:
    """Indices of `size` training molecules, or of all if there are no more, in ascending order.

    They do not depend on feature and model, so that entries are compared on the same molecules.

    Parameters
    ----------
    training : int64 array of shape (m,)
        Indices of all training molecules.
    fold : int
        The test fold.
    draw : int
        Number of the random draw.
    seed : int
        The run's.
    """
    drawn_from = derived_seed(dataset.name, "learning curve", fold, draw, seed)
    order = nested_order(
        dataset.energies[training], dataset.charges[training], np.random.default_rng(drawn_from)
    )
    return np.sort(training[order[:size]])
