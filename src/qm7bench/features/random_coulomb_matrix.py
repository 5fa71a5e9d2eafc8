"""Randomly sorted Coulomb matrices: several realisations of each molecule."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from qm7bench.chemistry.coulomb_matrices import permuted, row_norms, upper_triangle
from qm7bench.chemistry.size import Size
from qm7bench.datasets.dataset import Dataset
from qm7bench.features._chunks import in_chunks, memory_of_chunks
from qm7bench.features.interface import Feature
from qm7bench.layouts.invariance import Dependence
from qm7bench.layouts.shapes import Shape, Shapes, nbytes_of
from qm7bench.registry.parameters import NonNegativeFloat, PositiveInt


@dataclass(frozen=True)
class RandomCoulombMatrix(Feature):
    """Coulomb matrices sorted by their row norms plus Gaussian noise, several times over.

    In Hartree. Noise makes the order of atoms of nearly equal norm change from realisation to
    realisation, so that a model sees the molecule under the permutations that the sort cannot tell
    apart. Noise belongs to a place: the realisations depend on the order of the atoms and of the
    molecules. With noise 0 every realisation is the sorted Coulomb matrix, ties in the order of the
    input.

    References
    ----------
    Montavon et al., Advances in Neural Information Processing Systems 25 (2012), section 2.3.
    """

    units: ClassVar[str] = "Hartree"
    layout: ClassVar[str] = "tabular"

    noise: NonNegativeFloat = 1.0
    realisations: PositiveInt = 4
    seed: int = 0

    @property
    def depends_on(self) -> frozenset[Dependence]:
        """The order of the atoms and of the molecules, whose places the noise is drawn for."""
        return frozenset({"order", "padding", "others", "ties"})

    def shapes(self, size: Size) -> Shapes:
        """Shape of `values`."""
        return {
            "values": Shape(
                (size.molecules, self.realisations, size.largest * (size.largest + 1) // 2)
            )
        }

    def working_memory(self, size: Size) -> int:
        """Coulomb matrices of some molecules at a time."""
        return memory_of_chunks(size, nbytes_of(self.shapes(size)))

    def compute(self, dataset: Dataset) -> dict[str, NDArray[np.float64]]:
        """Return `values` of shape (n, realisations, A * (A + 1) // 2)."""
        generator = np.random.default_rng(self.seed)
        return {"values": in_chunks(dataset, lambda m: self._realise(m, generator))}

    def _realise(
        self, matrices: NDArray[np.float64], generator: np.random.Generator
    ) -> NDArray[np.float64]:
        many = [
            upper_triangle(randomly_sorted(matrices, self.noise, generator))
            for _ in range(self.realisations)
        ]
        return np.stack(many, axis=1)


def randomly_sorted(
    matrices: NDArray[np.float64], noise: float, generator: np.random.Generator
) -> NDArray[np.float64]:
    """Sort rows and columns by row norm plus noise (in Hartree); padding stays last."""
    norms = row_norms(matrices)
    noisy = norms + noise * generator.standard_normal(norms.shape)
    noisy[norms == 0] = -np.inf
    return permuted(matrices, np.argsort(-noisy, axis=1, kind="stable"))
