"""FCHL19 and vectors of the extended Hueckel method for each atom, for local kernels."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from qm7bench.chemistry.density_vectors import bond_columns
from qm7bench.chemistry.elements import SYMBOLS
from qm7bench.chemistry.size import Size
from qm7bench.datasets.dataset import MOLECULES_AT_ONCE, Dataset, parts_of
from qm7bench.errors import ModelError
from qm7bench.features._element_columns import (
    ElementColumns,
    atom_shapes,
    compositions,
    element_charges,
)
from qm7bench.features.extended_huckel import ExtendedHuckel
from qm7bench.features.fchl19 import Fchl19
from qm7bench.layouts.graphs import sums_by_element
from qm7bench.layouts.shapes import Shape, Shapes, nbytes_of
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
    stay whole. Distances in Angstrom. `elements` ("H C N O S") fixes the columns; without it they
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
    elements: str = ""

    def shapes(self, size: Size) -> Shapes:
        """Shapes of the five arrays."""
        elements = self.number_of_elements(size)
        kept = self._kept(elements)
        columns = (Fchl19().columns(elements) if self.geometry else 0) + int(kept.sum())
        arrays = atom_shapes(size, size.all_atoms, columns, elements)
        return {**arrays, "totals": Shape((size.molecules, elements * len(kept)))}

    def working_memory(self, size: Size) -> int:
        """That of both, and the vectors of some molecules before they are joined."""
        some = nbytes_of(self.shapes(size.part(MOLECULES_AT_ONCE)))
        return some + Fchl19().working_memory(size) + ExtendedHuckel().working_memory(size)

    def compute(self, dataset: Dataset) -> dict[str, NDArray[Any]]:
        """Return the arrays of `fchl19` with wider `values`, and `totals` of shape (n, t).

        t is e * (15 e + 3) for e elements.

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
        symbols = " ".join(SYMBOLS[z] for z in elements.tolist())
        geometry = Fchl19(
            two_body_cutoff=self.cutoff,
            three_body_cutoff=self.cutoff,
            element_similarity=self.element_similarity,
            elements=symbols,
        )
        electrons, kept = ExtendedHuckel(elements=symbols), self._kept(len(elements))
        functions = geometry.columns(len(elements)) if self.geometry else 0
        offsets = np.concatenate([[0], np.cumsum(dataset.sizes)]).astype(np.int64)
        values = np.empty((offsets[-1], functions + int(kept.sum())), dtype=np.float32)
        totals = np.empty((len(dataset), len(elements) * len(kept)))
        # Part by part into one array: whole ones to be joined would double the memory.
        for molecules, part in parts_of(dataset):
            own = values[offsets[molecules.start] : offsets[molecules.stop]]
            found = electrons.compute(part)
            own[:, functions:] = np.float32(self.weight) * found["values"][:, kept]
            if self.geometry:
                own[:, :functions] = geometry.compute(part)["values"]
            totals[molecules] = sums_by_element(
                found["values"], found["charges"], found["atom_offsets"], elements
            )
        return {
            "values": values,
            "charges": dataset.charges[dataset.charges > 0],
            "atom_offsets": offsets,
            "compositions": compositions(dataset, elements),
            "totals": totals,
        }

    def _kept(self, elements: int) -> NDArray[np.bool_]:
        """Which columns of `extended_huckel` the vectors hold."""
        bonds = bond_columns(elements)
        return bonds & self.bonds | ~bonds & self.charges
