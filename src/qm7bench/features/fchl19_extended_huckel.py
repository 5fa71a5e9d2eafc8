"""FCHL19 and vectors of the extended Hueckel method for each atom, for local kernels."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from qm7bench.chemistry.density_vectors import bond_columns
from qm7bench.chemistry.size import Size
from qm7bench.datasets.dataset import Dataset
from qm7bench.errors import ModelError
from qm7bench.features._element_columns import ElementColumns, element_charges
from qm7bench.features._fchl19_with_electrons import Fchl19WithElectrons, text_of
from qm7bench.features.extended_huckel import ExtendedHuckel
from qm7bench.layouts.shapes import Shape, Shapes
from qm7bench.registry.parameters import NonNegativeFloat, PositiveFloat


@dataclass(frozen=True)
class Fchl19ExtendedHuckel(ElementColumns):
    """Geometry and electrons around each atom: FCHL19, then weighted extended Hueckel vectors.

    FCHL19 with one cutoff for two and three bodies and mixed elements (see `fchl19`) is joined by
    `weight` times the vector of `extended_huckel`. FCHL19 describes an atom's surroundings; the
    density matrix adds the effect of the rest of the molecule: conjugation, charge. `totals` are
    the unweighted vectors of extended Hueckel, summed over the atoms of each element of a molecule,
    for a kernel's linear term: with the density matrix fixed, the energy of a tight-binding method
    is linear in its parameters, and that term fits them.
    What is `geometry`, `bonds` (overlap populations and bond orders) or `charges` (populations,
    charges and their potentials) can be left out of the vectors, to see what it brings; the totals
    stay whole. `positions` adds those of the atoms in Angstrom, for a model that fits the method's
    constants. Distances in Angstrom. `elements` ("H C N O S") fixes the columns; without it they
    are those of the data set. Nothing is fitted.

    References
    ----------
    Those of `fchl19` and `extended_huckel`.
    """

    units: ClassVar[str] = "none"
    layout: ClassVar[str] = "atoms"

    cutoff: PositiveFloat = 5.0
    element_similarity: NonNegativeFloat = 1.6
    weight: PositiveFloat = 0.3
    geometry: bool = True
    bonds: bool = True
    charges: bool = True
    positions: bool = False
    elements: str = ""

    def shapes(self, size: Size) -> Shapes:
        """Shapes of the five or six arrays."""
        elements = self.number_of_elements(size)
        positions = {"positions": Shape((size.all_atoms, 3))} if self.positions else {}
        return {**self._joined.shapes(size, elements, self._kept(elements)), **positions}

    def working_memory(self, size: Size) -> int:
        """That of both, and the vectors of some molecules before they are joined."""
        elements = self.number_of_elements(size)
        joined = self._joined.working_memory(size, elements, self._kept(elements))
        return joined + ExtendedHuckel().working_memory(size)

    def compute(self, dataset: Dataset) -> dict[str, NDArray[Any]]:
        """Return the arrays of `fchl19` with wider `values`, and `totals` of shape (n, t).

        t is e * (15 e + 3) for e elements. Where asked for, `positions` (N, 3) too, in Angstrom.

        Raises
        ------
        ModelError
            If a molecule has an element that is not among the feature's own, or without constants,
            or all parts of the vectors are left out.
        """
        if not (self.geometry or self.bonds or self.charges):
            raise ModelError(
                "fchl19_extended_huckel: geometry, bonds and charges are all false, which leaves "
                "no vectors; set one of them to true"
            )
        elements = element_charges(self.elements, dataset, "fchl19_extended_huckel")
        electrons = ExtendedHuckel(elements=text_of(elements))
        kept = self._kept(len(elements))
        arrays = self._joined.compute(
            dataset, elements, lambda part: electrons.compute(part)["values"], kept
        )
        if self.positions:
            arrays["positions"] = dataset.positions[dataset.charges > 0]
        return arrays

    @property
    def _joined(self) -> Fchl19WithElectrons:
        return Fchl19WithElectrons(self.cutoff, self.element_similarity, self.weight, self.geometry)

    def _kept(self, elements: int) -> NDArray[np.bool_]:
        """Which columns of `extended_huckel` the vectors hold."""
        bonds = bond_columns(elements)
        return bonds & self.bonds | ~bonds & self.charges
