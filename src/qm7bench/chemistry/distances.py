"""Distances between the atoms of molecules."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def pair_distances(
    charges: NDArray[np.int64], positions: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Distances between the atoms of each molecule, shape (n, A, A), in the unit of the positions.

    Pairs with padding and the diagonal are infinite, so that "nearer than" never holds for them.
    """
    differences = positions[:, :, None, :] - positions[:, None, :, :]
    distances = np.sqrt(np.einsum("nijk,nijk->nij", differences, differences))
    real = charges > 0
    distances[~(real[:, :, None] & real[:, None, :])] = np.inf
    diagonal = np.arange(charges.shape[1])
    distances[:, diagonal, diagonal] = np.inf
    return np.asarray(distances)
