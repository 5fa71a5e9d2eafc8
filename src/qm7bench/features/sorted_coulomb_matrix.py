"""Coulomb matrix with rows and columns sorted by row norm."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

import numpy as np
from numpy.typing import NDArray

from qm7bench.chemistry.coulomb_matrices import absolute_sums, row_norms, upper_triangle
from qm7bench.chemistry.size import Size
from qm7bench.datasets.dataset import Dataset
from qm7bench.features._atom_order import sorted_by
from qm7bench.features._chunks import in_chunks, memory_of_chunks
from qm7bench.features.interface import Feature
from qm7bench.layouts.shapes import Shape, Shapes, nbytes_of


@dataclass(frozen=True)
class SortedCoulombMatrix(Feature):
    """Upper triangle of the Coulomb matrix, rows and columns in descending order of row norm.

    In Hartree. Rows and columns are permuted together; among atoms that are equivalent by symmetry
    the order is that of the largest matrix, entry by entry. Invariant to rotation, translation and
    the order of the atoms. The norm is L2; L1 gives the order in which the matrices stand in the
    file qm7.mat.

    References
    ----------
    Montavon et al., Advances in Neural Information Processing Systems 25 (2012).
    """

    units: ClassVar[str] = "Hartree"
    layout: ClassVar[str] = "tabular"

    norm: Literal["l2", "l1"] = "l2"

    def shapes(self, size: Size) -> Shapes:
        """Shape of `values`."""
        return {"values": Shape((size.molecules, size.largest * (size.largest + 1) // 2))}

    def working_memory(self, size: Size) -> int:
        """Coulomb matrices of some molecules at a time."""
        return memory_of_chunks(size, nbytes_of(self.shapes(size)))

    def compute(self, dataset: Dataset) -> dict[str, NDArray[np.float64]]:
        """Return `values` of shape (n, A * (A + 1) // 2)."""
        norms = row_norms if self.norm == "l2" else absolute_sums
        return {"values": in_chunks(dataset, lambda m: upper_triangle(sorted_by(norms(m), m)))}
