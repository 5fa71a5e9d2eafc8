"""FCHL19 beside vectors of a density matrix for each atom, in the arrays of local kernels."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qm7bench.chemistry.elements import SYMBOLS
from qm7bench.chemistry.size import Size
from qm7bench.datasets.dataset import MOLECULES_AT_ONCE, Dataset, parts_of
from qm7bench.features._element_columns import atom_shapes, compositions
from qm7bench.features.fchl19 import Fchl19
from qm7bench.layouts.graphs import offsets_of, sums_by_element
from qm7bench.layouts.shapes import Shape, Shapes, nbytes_of

Electrons = Callable[[Dataset], NDArray[Any]]
"""From molecules to vectors (N, c) of their atoms, end to end."""


@dataclass(frozen=True)
class Fchl19WithElectrons:
    """FCHL19 with one cutoff for two and three bodies, then weighted vectors of electrons.

    Attributes
    ----------
    cutoff : float
        In Angstrom.
    element_similarity : float
        See `fchl19`.
    weight : float
        Of the vectors of electrons.
    geometry : bool
        Whether FCHL19 is there at all.
    """

    cutoff: float
    element_similarity: float
    weight: float
    geometry: bool = True

    def shapes(self, size: Size, elements: int, kept: NDArray[np.bool_]) -> Shapes:
        """Shapes of the five arrays for e elements, and columns (c,) of electrons that are kept."""
        columns = self._functions(elements) + int(kept.sum())
        arrays = atom_shapes(size, size.all_atoms, columns, elements)
        return {**arrays, "totals": Shape((size.molecules, elements * len(kept)))}

    def working_memory(self, size: Size, elements: int, kept: NDArray[np.bool_]) -> int:
        """Bytes beside those of the electrons: FCHL19's, and some molecules before the joining."""
        some = nbytes_of(self.shapes(size.part(MOLECULES_AT_ONCE), elements, kept))
        return some + Fchl19().working_memory(size)

    def compute(
        self,
        dataset: Dataset,
        elements: NDArray[np.int64],
        electrons: Electrons,
        kept: NDArray[np.bool_],
    ) -> dict[str, NDArray[Any]]:
        """Return `values`, `charges`, `atom_offsets`, `compositions` and `totals`.

        Parameters
        ----------
        elements : int64 array of shape (e,)
            Nuclear charges of the elements that have columns.
        electrons : callable
            From molecules to vectors (N, c) of their atoms.
        kept : bool array of shape (c,)
            Columns of electrons beside FCHL19; the totals, (n, e * c), hold all of them.
        """
        geometry = Fchl19(
            two_body_cutoff=self.cutoff,
            three_body_cutoff=self.cutoff,
            element_similarity=self.element_similarity,
            elements=text_of(elements),
        )
        functions = self._functions(len(elements))
        offsets = offsets_of(dataset.sizes)
        values = np.empty((offsets[-1], functions + int(kept.sum())), dtype=np.float32)
        totals = np.empty((len(dataset), len(elements) * len(kept)))
        # Part by part into one array: whole ones to be joined would double the memory.
        for molecules, part in parts_of(dataset):
            own = values[offsets[molecules.start] : offsets[molecules.stop]]
            found = electrons(part)
            own[:, functions:] = np.float32(self.weight) * found[:, kept]
            if self.geometry:
                own[:, :functions] = geometry.compute(part)["values"]
            atoms = part.charges[part.charges > 0]
            totals[molecules] = sums_by_element(found, atoms, offsets_of(part.sizes), elements)
        return {
            "values": values,
            "charges": dataset.charges[dataset.charges > 0],
            "atom_offsets": offsets,
            "compositions": compositions(dataset, elements),
            "totals": totals,
        }

    def _functions(self, elements: int) -> int:
        """Columns of FCHL19."""
        return Fchl19().columns(elements) if self.geometry else 0


def text_of(elements: NDArray[np.int64]) -> str:
    """Elements as text, for example `H C N O S`."""
    return " ".join(SYMBOLS[z] for z in elements.tolist())
