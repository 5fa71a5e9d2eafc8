"""Graphs that join each atom with its nearest neighbours in space."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar, Literal

from numpy.typing import NDArray

from qm7bench.chemistry.size import Size
from qm7bench.datasets.dataset import Dataset
from qm7bench.features.interface import Feature
from qm7bench.layouts.edges import graph_arrays, graph_shapes, graph_working_memory, nearest
from qm7bench.layouts.invariance import Dependence
from qm7bench.layouts.shapes import Shapes
from qm7bench.registry.parameters import PositiveInt


@dataclass(frozen=True)
class NearestNeighbourGraph(Feature):
    """Edges to each atom from the k atoms nearest to it, or from all others if there are fewer.

    Parameters
    ----------
    neighbours
        The number k; atoms at the same distance are taken in the order of the molecule.
    padding_atoms
        "pruned", or "kept": the padding rows of the data set are atoms of charge 0 at the origin,
        neighbours like any other. Every molecule then has as many atoms as the largest.
    coulomb
        Whether edges carry Z_i Z_j / d_ij**2 in atomic units.

    Notes
    -----
    Not symmetric: j may be near i without i being among the k nearest of j. Edges and distances are
    invariant to rotation and, unless padding is kept, to translation; the order of the atoms
    matters only between equal distances.
    """

    layout: ClassVar[str] = "graphs"
    units: ClassVar[str] = "positions and distances: Angstrom; coulomb: Hartree/Bohr"

    neighbours: PositiveInt = 5
    padding_atoms: Literal["pruned", "kept"] = "pruned"
    coulomb: bool = False

    @property
    def depends_on(self) -> frozenset[Dependence]:
        """Which of several atoms at equal distances is the last neighbour; padding, if kept."""
        kept = self.padding_atoms == "kept"
        return frozenset({"ties", "padding", "translation"} if kept else {"ties"})

    def shapes(self, size: Size) -> Shapes:
        """Shapes of the arrays."""
        atoms = size.all_atoms
        if self.padding_atoms == "kept":
            atoms = size.molecules * size.largest
        edges = atoms * min(self.neighbours, size.largest - 1)
        return graph_shapes(atoms, size.molecules, edges, coulomb=self.coulomb)

    def working_memory(self, size: Size) -> int:
        """Edges of parts of the data set, before they are joined."""
        return graph_working_memory(size, self.shapes(size))

    def compute(self, dataset: Dataset) -> dict[str, NDArray[Any]]:
        """Return the arrays of `MoleculeGraphs`."""
        return graph_arrays(
            dataset,
            lambda distances, forces: nearest(distances, self.neighbours),
            padding_kept=self.padding_atoms == "kept",
            coulomb=self.coulomb,
        )
