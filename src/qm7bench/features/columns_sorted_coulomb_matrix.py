"""Ablation: the Coulomb matrix with its columns sorted and its rows left alone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

import numpy as np
from numpy.typing import NDArray

from qm7bench.chemistry.coulomb_matrices import upper_triangle
from qm7bench.datasets.dataset import Dataset
from qm7bench.features._chunks import in_chunks
from qm7bench.features.interface import Feature


@dataclass(frozen=True)
class ColumnsSortedCoulombMatrix(Feature):
    """Coulomb matrix whose columns alone are sorted by falling L2 norm: not a sound representation.

    Kept to explain rows of the replicated document. The matrix loses its symmetry, and the rows
    keep the order in which the file lists them, so that the result depends on the order of the
    atoms. With `start="file"` that is the order of Z and R; with `start="sorted"` the rows are
    first sorted by L1 norm, as in the array X of `qm7.mat`. In Hartree.
    """

    units: ClassVar[str] = "Hartree"
    layout: ClassVar[str] = "tabular"

    start: Literal["file", "sorted"] = "sorted"
    entries: Literal["upper_triangle", "all"] = "upper_triangle"

    def compute(self, dataset: Dataset) -> dict[str, NDArray[np.float64]]:
        """Return `values` of shape (n, A * (A + 1) // 2), or (n, A * A) for all entries."""
        return {"values": in_chunks(dataset, self._encode)}

    def _encode(self, matrices: NDArray[np.float64]) -> NDArray[np.float64]:
        if self.start == "sorted":
            order = np.argsort(-np.abs(matrices).sum(axis=2), axis=1, kind="stable")
            n = np.arange(len(matrices))[:, None, None]
            matrices = matrices[n, order[:, :, None], order[:, None, :]]
        by_column = np.argsort(-np.linalg.norm(matrices, axis=1), axis=1, kind="stable")
        columns_sorted = np.take_along_axis(matrices, by_column[:, None, :], axis=2)
        if self.entries == "all":
            return columns_sorted.reshape(len(matrices), -1)
        return upper_triangle(columns_sorted)
