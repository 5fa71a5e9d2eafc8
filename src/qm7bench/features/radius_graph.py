"""Graphs that join all atoms within a radius, with angles between edges if asked for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from qm7bench.chemistry.size import Size
from qm7bench.datasets.dataset import Dataset
from qm7bench.features.interface import Feature
from qm7bench.layouts.edges import (
    graph_arrays,
    graph_shapes,
    graph_working_memory,
    most_neighbours,
    triplet_arrays,
)
from qm7bench.layouts.shapes import Shape, Shapes
from qm7bench.registry.parameters import PositiveFloat


@dataclass(frozen=True)
class RadiusGraph(Feature):
    """Edges in both directions between all atoms nearer than a cutoff; padding is left out.

    Parameters
    ----------
    cutoff
        Radius in Angstrom.
    triplets
        Whether to list all pairs of edges k -> j -> i with their angles, which DimeNet++ needs:
        about 12 times as many numbers at 5 Angstrom.

    Notes
    -----
    Edges, distances and angles are invariant to rotation and translation; a permutation of the
    atoms permutes them.
    """

    layout: ClassVar[str] = "graphs"
    units: ClassVar[str] = "positions and distances: Angstrom; angles: radian"

    cutoff: PositiveFloat = 5.0
    triplets: bool = False

    def shapes(self, size: Size) -> Shapes:
        """Shapes of the arrays, with as many neighbours as diamond has."""
        neighbours = most_neighbours(self.cutoff)
        edges = min(size.pairs - size.all_atoms, neighbours * size.all_atoms)
        triplets = edges * min(size.largest - 1, neighbours) if self.triplets else None
        shapes = graph_shapes(size.all_atoms, size.molecules, edges, triplets=triplets)
        return {**shapes, "cutoff": Shape((1,))}

    def working_memory(self, size: Size) -> int:
        """Edges of parts of the data set, before they are joined."""
        return graph_working_memory(size, self.shapes(size))

    def compute(self, dataset: Dataset) -> dict[str, NDArray[Any]]:
        """Return the arrays of `MoleculeGraphs`, the cutoff among them."""
        arrays = graph_arrays(dataset, lambda distances, forces: distances < self.cutoff)
        arrays["cutoff"] = np.array([self.cutoff])
        return arrays | (triplet_arrays(arrays) if self.triplets else {})
