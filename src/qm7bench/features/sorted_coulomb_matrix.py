"""Coulomb matrix with rows and columns sorted by row norm."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from qm7bench.datasets.dataset import Dataset
from qm7bench.features.coulomb_matrix import in_chunks, permuted, row_norms, upper_triangle


@dataclass(frozen=True)
class SortedCoulombMatrix:
    """Upper triangle of the Coulomb matrix, rows and columns in order of falling L2 row norm.

    In Hartree. Rows and columns are permuted together; ties keep the order of the input. Invariant
    to rotation and translation; to the order of atoms only while no two rows have the same norm.

    References
    ----------
    Montavon et al., Advances in Neural Information Processing Systems 25 (2012).
    """

    units: ClassVar[str] = "Hartree"
    layout: ClassVar[str] = "tabular"

    def compute(self, dataset: Dataset) -> dict[str, NDArray[np.float64]]:
        """Return `values` of shape (n, A * (A + 1) // 2)."""
        return {"values": in_chunks(dataset, lambda m: upper_triangle(sorted_by_norm(m)))}


def sorted_by_norm(matrices: NDArray[np.float64]) -> NDArray[np.float64]:
    """Permute rows and columns of each matrix so that the row norms fall, shape (n, A, A)."""
    order = np.argsort(-row_norms(matrices), axis=1, kind="stable")
    return permuted(matrices, order)
