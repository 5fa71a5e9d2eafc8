"""Extended Hueckel's vectors summed over the atoms of each element: one row for a molecule."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from qm7bench.chemistry.elements import SYMBOLS
from qm7bench.chemistry.size import Size
from qm7bench.datasets.dataset import MOLECULES_AT_ONCE, Dataset, parts_of
from qm7bench.features._element_columns import ElementColumns, compositions, element_charges
from qm7bench.features.extended_huckel import ExtendedHuckel
from qm7bench.layouts.graphs import sums_by_element
from qm7bench.layouts.shapes import Shape, Shapes, nbytes_of


@dataclass(frozen=True)
class ExtendedHuckelTotals(ElementColumns):
    """Numbers of atoms, then sums of bond orders, populations and charges for each element.

    With the density matrix of extended Hueckel fixed, the energy of a tight-binding method is
    linear in its parameters: a linear model on these columns fits one. The vectors are those of
    `extended_huckel`; the sums depend on no order of the atoms. Nothing is fitted. `elements`
    ("H C N O S") fixes the columns; without it they are those of the data set.

    References
    ----------
    Those of `extended_huckel`.
    """

    units: ClassVar[str] = "none"
    layout: ClassVar[str] = "tabular"

    elements: str = ""

    def shapes(self, size: Size) -> Shapes:
        """Shape of `values`."""
        return {"values": Shape((size.molecules, self.columns(self.number_of_elements(size))))}

    def working_memory(self, size: Size) -> int:
        """That of `extended_huckel`, its vectors of some molecules, and one element's of them."""
        some = nbytes_of(ExtendedHuckel().shapes(size.part(MOLECULES_AT_ONCE)))
        return 4 * some + ExtendedHuckel().working_memory(size)

    def compute(self, dataset: Dataset) -> dict[str, NDArray[Any]]:
        """Return `values` of shape (n, e + e (15 e + 3)) for e elements.

        Raises
        ------
        ModelError
            If a molecule has an element that is not among the feature's own, or whose constants
            are not known.
        """
        elements = element_charges(self.elements, dataset, "extended_huckel_totals")
        electrons = ExtendedHuckel(elements=" ".join(SYMBOLS[z] for z in elements.tolist()))
        values = np.empty((len(dataset), self.columns(len(elements))))
        values[:, : len(elements)] = compositions(dataset, elements)
        for molecules, part in parts_of(dataset):
            found = electrons.compute(part)
            arrays = (found["values"], found["charges"], found["atom_offsets"])
            values[molecules, len(elements) :] = sums_by_element(*arrays, elements)
        return {"values": values}

    def columns(self, elements: int) -> int:
        """Columns of `values` for so many elements."""
        return elements + elements * ExtendedHuckel().columns(elements)
