"""Elements that fix the columns of an atom-wise representation, as text in its metadata."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Self, cast

import numpy as np
from numpy.typing import NDArray

from qm7bench.chemistry.elements import CHARGES, SYMBOLS
from qm7bench.chemistry.size import Size
from qm7bench.datasets.dataset import Dataset
from qm7bench.errors import ModelError
from qm7bench.features.interface import Feature
from qm7bench.layouts.shapes import Shape


class ElementColumns(Feature):
    """A representation with columns for elements: those that `elements` names, a field of it."""

    elements: str

    def number_of_elements(self, size: Size) -> int:
        """Elements that have columns for a data set of this size."""
        return len(self.elements.split()) or len(size.atoms)

    def pinned(self, dataset: Dataset) -> Self:
        """Return the feature with its columns fixed to those of this data set."""
        elements = self.elements or symbols_of(dataset)
        return cast(Self, replace(cast(Any, self), elements=elements))


def symbols_of(dataset: Dataset) -> str:
    """Elements of a data set as text, for example `H C N O S`."""
    return " ".join(SYMBOLS[z] for z in dataset.elements)


def element_charges(elements: str, dataset: Dataset, feature: str) -> NDArray[np.int64]:
    """Nuclear charges of the elements, in ascending order; those of the data set if none are named.

    Raises
    ------
    ModelError
        If a molecule has an element that is not among them; `feature` begins the message.
    """
    symbols = (elements or symbols_of(dataset)).split()
    unknown = [SYMBOLS[z] for z in dataset.elements if SYMBOLS[z] not in symbols]
    if unknown:
        raise ModelError(
            f"{feature}: the representation is made for {', '.join(symbols)} and a molecule has "
            f"{unknown[0]}; leave out such molecules"
        )
    return np.sort([CHARGES[symbol] for symbol in symbols])


def atom_shapes(size: Size, centres: int, columns: int, elements: int) -> dict[str, Shape]:
    """Shapes of the arrays that representations of atoms have in common."""
    return {
        "values": Shape((centres, columns), entry=4),
        "charges": Shape((centres,)),
        "atom_offsets": Shape((size.molecules + 1,)),
        "compositions": Shape((size.molecules, elements)),
    }


def compositions(dataset: Dataset, charges: NDArray[np.int64]) -> NDArray[np.float64]:
    """Number of atoms of each element in each molecule, shape (n, e)."""
    counts = [(dataset.charges == z).sum(axis=1, dtype=np.float64) for z in charges]
    return np.stack(counts, axis=1)
