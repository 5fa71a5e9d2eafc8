"""FCHL19 and vectors of the density of GFN2-xTB for each atom, for local kernels."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from qm7bench.chemistry.size import Size
from qm7bench.datasets.dataset import MOLECULES_AT_ONCE, Dataset
from qm7bench.features._element_columns import ElementColumns, element_charges
from qm7bench.features._fchl19_with_electrons import Fchl19WithElectrons
from qm7bench.features._gfn2_vectors import (
    columns_of_vectors,
    vectors_of_atoms,
    working_memory_of_vectors,
)
from qm7bench.layouts.shapes import Shape, Shapes
from qm7bench.registry.parameters import NonNegativeFloat, PositiveFloat


@dataclass(frozen=True)
class Fchl19Gfn2Xtb(ElementColumns):
    """Geometry and electrons around each atom: FCHL19, then weighted vectors of GFN2-xTB.

    FCHL19 with one cutoff for two and three bodies and mixed elements (see `fchl19`) is joined by
    `weight` times a vector from the self-consistent density matrix P, the overlaps S and the
    Hamiltonian H before self-consistency of the neutral molecule. The vector of atom A holds

    - the columns of `extended_huckel`: overlap populations by the bond's stretch, populations,
      charge after Mulliken, potentials of the charges, bond orders and their squares,
    - for each element, shell (s, p) of A and shell of the other atoms B of that element: the sum of
      P_ij H_ij in Hartree,
    - the sums of P_ij H_ij within A's s and p, and A's part of the total energy, in Hartree.

    Orbitals d (of sulphur, for example) count with p. `totals` are the unweighted vectors, summed
    over the atoms of each element of a molecule, for a kernel's linear term, which fits the
    method's parameters anew. Computed by tblite, at 300 K: degenerate orbitals share their
    electrons, so that symmetric molecules depend on no choice among them. Invariant to rotation,
    translation and the order of the other atoms. Distances in Angstrom. `elements` ("H C N O S")
    fixes the columns; without it they are those of the data set.

    The method's parameters were fitted to other calculations: models that read this are in the
    track of those that correct the method's energies.

    References
    ----------
    Bannwarth, Ehlert & Grimme, J. Chem. Theory Comput. 15, 1652 (2019); those of `fchl19` and
    `extended_huckel`.
    """

    units: ClassVar[str] = "none; energies in Hartree"
    layout: ClassVar[str] = "atoms"

    cutoff: PositiveFloat = 5.0
    element_similarity: NonNegativeFloat = 1.6
    weight: PositiveFloat = 1.0
    elements: str = ""

    @property
    def also_uses(self) -> str:
        """The method."""
        return "gfn2_xtb"

    def shapes(self, size: Size) -> Shapes:
        """Shapes of the five arrays."""
        elements = self.number_of_elements(size)
        return self._joined.shapes(size, elements, _all(elements))

    def working_memory(self, size: Size) -> int:
        """Matrices of one molecule, and vectors of some before they are joined, four times over."""
        elements, some = self.number_of_elements(size), size.part(MOLECULES_AT_ONCE)
        vectors = Shape((some.all_atoms, columns_of_vectors(elements))).nbytes
        joined = self._joined.working_memory(size, elements, _all(elements))
        return joined + 4 * vectors + working_memory_of_vectors(size)

    def compute(self, dataset: Dataset) -> dict[str, NDArray[Any]]:
        """Return the arrays of `fchl19` with wider `values`, and `totals` of shape (n, t).

        t is e * (19 e + 6) for e elements; `values` have 19 e + 6 columns more than `fchl19`.

        Raises
        ------
        ModelError
            If a molecule has an element that is not among the feature's own, or without constants,
            or the method finds no self-consistent charges.
        """
        elements = element_charges(self.elements, dataset, "fchl19_gfn2_xtb")
        return self._joined.compute(
            dataset, elements, lambda part: vectors_of_atoms(part, elements), _all(len(elements))
        )

    @property
    def _joined(self) -> Fchl19WithElectrons:
        return Fchl19WithElectrons(self.cutoff, self.element_similarity, self.weight)


def _all(elements: int) -> NDArray[np.bool_]:
    """All columns of the vectors: none is left out."""
    return np.ones(columns_of_vectors(elements), dtype=np.bool_)
