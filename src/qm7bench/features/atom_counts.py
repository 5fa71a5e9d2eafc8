"""Composition: how many atoms of each element a molecule has."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from qm7bench.chemistry.size import Size
from qm7bench.datasets.dataset import Dataset
from qm7bench.errors import DataSetError
from qm7bench.features.interface import Feature
from qm7bench.layouts.shapes import Shape, Shapes, nbytes_of


@dataclass(frozen=True)
class AtomCounts(Feature):
    """Number of atoms of each element, the simplest representation there is.

    One column for each element up to krypton that occurs in the periodic table's order, so that
    the columns do not depend on the data set. Invariant to rotation, translation and order.
    """

    units: ClassVar[str] = "atoms"
    layout: ClassVar[str] = "tabular"

    largest_charge: ClassVar[int] = 36

    def shapes(self, size: Size) -> Shapes:
        """Shape of `values`."""
        return {"values": Shape((size.molecules, self.largest_charge))}

    def working_memory(self, size: Size) -> int:
        """A byte for each place, atom or padding, and column, and the counts as integers."""
        places = size.molecules * size.largest
        return places * self.largest_charge + nbytes_of(self.shapes(size))

    def compute(self, dataset: Dataset) -> dict[str, NDArray[np.float64]]:
        """Return `values` of shape (n, 36): column z - 1 counts the atoms of nuclear charge z.

        Raises
        ------
        DataSetError
            If there is an element beyond krypton.
        """
        if dataset.charges.max(initial=0) > self.largest_charge:
            raise DataSetError(
                f"{dataset.name}: atom_counts holds elements up to krypton (36), found nuclear "
                f"charge {dataset.charges.max()}; use another feature"
            )
        numbers = np.arange(1, self.largest_charge + 1)
        counts = (dataset.charges[:, :, None] == numbers).sum(axis=1)
        return {"values": counts.astype(np.float64)}
