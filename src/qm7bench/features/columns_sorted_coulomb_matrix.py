"""Ablation: the Coulomb matrix with its columns sorted and its rows left alone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

import numpy as np
from numpy.typing import NDArray

from qm7bench.chemistry.coulomb_matrices import absolute_sums, upper_triangle
from qm7bench.chemistry.size import Size
from qm7bench.datasets.dataset import Dataset
from qm7bench.features._atom_order import sorted_by
from qm7bench.features._chunks import in_chunks, memory_of_chunks
from qm7bench.features.interface import Feature
from qm7bench.layouts.invariance import Dependence
from qm7bench.layouts.shapes import Shape, Shapes, nbytes_of


@dataclass(frozen=True)
class ColumnsSortedCoulombMatrix(Feature):
    """Coulomb matrix with columns alone sorted, by descending L2 norm: not a sound representation.

    Kept to explain entries of the replicated study. The matrix loses its symmetry, and the rows
    keep the order that they had. With `start="file"` that is the order of the atoms in the file;
    with `start="sorted"` the rows are first sorted by L1 norm, as in the array X of `qm7.mat`, and
    only the order of columns with equal norms is left to rounding. In Hartree.
    """

    units: ClassVar[str] = "Hartree"
    layout: ClassVar[str] = "tabular"

    start: Literal["file", "sorted"] = "sorted"
    entries: Literal["upper_triangle", "all"] = "upper_triangle"

    @property
    def depends_on(self) -> frozenset[Dependence]:
        """The order of the atoms, or of those with equal norms."""
        return frozenset({"ties"} if self.start == "sorted" else {"order", "ties"})

    def shapes(self, size: Size) -> Shapes:
        """Shape of `values`."""
        whole, half = size.largest**2, size.largest * (size.largest + 1) // 2
        return {"values": Shape((size.molecules, whole if self.entries == "all" else half))}

    def working_memory(self, size: Size) -> int:
        """Coulomb matrices of some molecules at a time."""
        return memory_of_chunks(size, nbytes_of(self.shapes(size)))

    def compute(self, dataset: Dataset) -> dict[str, NDArray[np.float64]]:
        """Return `values` of shape (n, A * (A + 1) // 2), or (n, A * A) for all entries."""
        return {"values": in_chunks(dataset, self._encode)}

    def _encode(self, matrices: NDArray[np.float64]) -> NDArray[np.float64]:
        if self.start == "sorted":
            matrices = sorted_by(absolute_sums(matrices), matrices)
        by_column = np.argsort(-np.linalg.norm(matrices, axis=1), axis=1, kind="stable")
        columns_sorted = np.take_along_axis(matrices, by_column[:, None, :], axis=2)
        if self.entries == "all":
            return columns_sorted.reshape(len(matrices), -1)
        return upper_triangle(columns_sorted)
