"""Coulomb matrix with sorted rows, the entries of each row then sorted too."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from qm7bench.chemistry.coulomb_matrices import row_norms
from qm7bench.chemistry.size import Size
from qm7bench.datasets.dataset import Dataset
from qm7bench.features._atom_order import sorted_by
from qm7bench.features._chunks import in_chunks, memory_of_chunks
from qm7bench.features.interface import Feature
from qm7bench.layouts.shapes import Shape, Shapes, nbytes_of


@dataclass(frozen=True)
class RowSortedCoulombMatrix(Feature):
    """Sorted Coulomb matrix with descending entries in each row: all A * A entries, in Hartree.

    Rows and columns are permuted together so that the L2 norms of the rows descend, which puts an
    atom in each row; then each row is sorted by itself, so that no column order is left that a
    small move of an atom could turn over. Invariant to rotation, translation and the order of the
    atoms.

    References
    ----------
    Hansen et al., J. Chem. Theory Comput. 9, 3404 (2013), sort rows and columns only; entries of
    rows sorted as in the sorted distances of Montavon et al., New J. Phys. 15, 095003 (2013).
    """

    units: ClassVar[str] = "Hartree"
    layout: ClassVar[str] = "tabular"

    def shapes(self, size: Size) -> Shapes:
        """Shape of `values`."""
        return {"values": Shape((size.molecules, size.largest**2))}

    def working_memory(self, size: Size) -> int:
        """Coulomb matrices of some molecules at a time."""
        return memory_of_chunks(size, nbytes_of(self.shapes(size)))

    def compute(self, dataset: Dataset) -> dict[str, NDArray[np.float64]]:
        """Return `values` of shape (n, A * A), row by row; padding is 0 and comes last."""
        return {"values": in_chunks(dataset, _entries_sorted_in_rows)}


def _entries_sorted_in_rows(matrices: NDArray[np.float64]) -> NDArray[np.float64]:
    rows = -np.sort(-sorted_by(row_norms(matrices), matrices), axis=2)
    return rows.reshape(len(rows), -1)
