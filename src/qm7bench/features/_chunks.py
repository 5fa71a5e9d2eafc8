"""Coulomb matrices of whole data sets, some molecules at a time."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from qm7bench.chemistry.coulomb_matrices import coulomb_matrices
from qm7bench.datasets.dataset import Dataset

CHUNK = 4096
"""Molecules handled at a time, which bounds the memory whatever the size of the data set."""


def in_chunks(
    dataset: Dataset, encode: Callable[[NDArray[np.float64]], NDArray[np.float64]]
) -> NDArray[np.float64]:
    """Apply a function of Coulomb matrices (m, A, A) chunk by chunk and join what it returns."""
    parts = [dataset[start : start + CHUNK] for start in range(0, len(dataset), CHUNK)]
    joined = np.concatenate([encode(coulomb_matrices(p.charges, p.positions)) for p in parts])
    return np.ascontiguousarray(joined)
