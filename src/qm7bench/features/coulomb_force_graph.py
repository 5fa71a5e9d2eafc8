"""Graphs that join each atom with those whose nuclei repel it most."""

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
class CoulombForceGraph(Feature):
    """Edges to each atom i from the k atoms j with the largest F_ij = Z_i Z_j / d_ij**2.

    F is the force between both nuclei in atomic units (Hartree per Bohr), and each edge carries it.
    Heavy atoms are preferred to hydrogen at equal distance.

    Parameters
    ----------
    neighbours
        The number k; equal forces are taken in the order of the molecule.
    padding_atoms
        "pruned", or "kept": the padding rows of the data set are atoms of charge 0 at the origin,
        on which no force acts; they fill up where a molecule has fewer than k other atoms.

    Notes
    -----
    Edges and forces are invariant to rotation and, unless padding is kept, to translation; the
    order of the atoms matters only between equal forces.
    """

    layout: ClassVar[str] = "graphs"
    units: ClassVar[str] = "positions and distances: Angstrom; coulomb: Hartree/Bohr"

    neighbours: PositiveInt = 5
    padding_atoms: Literal["pruned", "kept"] = "pruned"

    @property
    def depends_on(self) -> frozenset[Dependence]:
        """Which of several atoms at equal forces is the last neighbour.

        On padding, if kept, no atom exerts a force, and the first ones are its neighbours.
        """
        kept = self.padding_atoms == "kept"
        return frozenset({"ties", "order", "padding", "translation"} if kept else {"ties"})

    def shapes(self, size: Size) -> Shapes:
        """Shapes of the arrays."""
        atoms = size.all_atoms
        if self.padding_atoms == "kept":
            atoms = size.molecules * size.largest
        edges = atoms * min(self.neighbours, size.largest - 1)
        return graph_shapes(atoms, size.molecules, edges, coulomb=True)

    def working_memory(self, size: Size) -> int:
        """Edges of parts of the data set, before they are joined."""
        return graph_working_memory(size, self.shapes(size))

    def compute(self, dataset: Dataset) -> dict[str, NDArray[Any]]:
        """Return the arrays of `MoleculeGraphs`, `coulomb` among them."""
        return graph_arrays(
            dataset,
            lambda distances, forces: nearest(-forces, self.neighbours),
            padding_kept=self.padding_atoms == "kept",
            coulomb=True,
        )
