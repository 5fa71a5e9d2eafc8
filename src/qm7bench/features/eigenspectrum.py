"""Sorted absolute eigenvalues of the Coulomb matrix."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from qm7bench.chemistry.size import Size
from qm7bench.datasets.dataset import Dataset
from qm7bench.features._chunks import in_chunks, memory_of_chunks
from qm7bench.features.interface import Feature
from qm7bench.layouts.shapes import Shape, Shapes, nbytes_of


@dataclass(frozen=True)
class Eigenspectrum(Feature):
    """Absolute eigenvalues of the Coulomb matrix in descending order, zero-padded.

    In Hartree. Invariant to rotation, translation and the order of the atoms. Different molecules
    may share a spectrum (Moussa, Phys. Rev. Lett. 109, 059801 (2012)).

    References
    ----------
    Rupp et al., Phys. Rev. Lett. 108, 058301 (2012).
    """

    units: ClassVar[str] = "Hartree"
    layout: ClassVar[str] = "tabular"

    def shapes(self, size: Size) -> Shapes:
        """Shape of `values`."""
        return {"values": Shape((size.molecules, size.largest))}

    def working_memory(self, size: Size) -> int:
        """Coulomb matrices of some molecules at a time."""
        return memory_of_chunks(size, nbytes_of(self.shapes(size)))

    def compute(self, dataset: Dataset) -> dict[str, NDArray[np.float64]]:
        """Return `values` of shape (n, A)."""
        return {"values": in_chunks(dataset, sorted_absolute_eigenvalues, trimmed=True)}


def sorted_absolute_eigenvalues(matrices: NDArray[np.float64]) -> NDArray[np.float64]:
    """Absolute eigenvalues of symmetric matrices (n, A, A) in descending order, shape (n, A)."""
    return -np.sort(-np.abs(np.linalg.eigvalsh(matrices)), axis=1)
