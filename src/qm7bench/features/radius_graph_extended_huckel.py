"""Radius graphs with the vectors of the extended Hueckel method at their atoms."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from qm7bench.chemistry.size import Size
from qm7bench.datasets.dataset import Dataset
from qm7bench.features._element_columns import ElementColumns
from qm7bench.features.extended_huckel import ExtendedHuckel
from qm7bench.features.radius_graph import RadiusGraph
from qm7bench.layouts.shapes import Shapes
from qm7bench.registry.parameters import PositiveFloat


@dataclass(frozen=True)
class RadiusGraphExtendedHuckel(ElementColumns):
    """Geometry and electrons for networks: `radius_graph` with `extended_huckel` at each atom.

    A network that reads `descriptors` has bond orders, populations and charges beside elements and
    positions, and learns energies relative to a ridge regression on the descriptors' sums over the
    atoms of each element. `elements` ("H C N O S") fixes the columns; without it they are those of
    the data set. Nothing is fitted.

    Parameters
    ----------
    cutoff
        Radius in Angstrom.

    References
    ----------
    Those of `extended_huckel`.
    """

    layout: ClassVar[str] = "graphs"
    units: ClassVar[str] = "positions and distances: Angstrom; descriptors: none"

    cutoff: PositiveFloat = 5.0
    elements: str = ""

    def shapes(self, size: Size) -> Shapes:
        """Shapes of the graphs' arrays and of `descriptors`."""
        electrons = ExtendedHuckel(elements=self.elements).shapes(size)
        graphs = RadiusGraph(cutoff=self.cutoff).shapes(size)
        return {**graphs, "descriptors": electrons["values"]}

    def working_memory(self, size: Size) -> int:
        """That of both."""
        graphs, electrons = RadiusGraph(cutoff=self.cutoff), ExtendedHuckel(elements=self.elements)
        return graphs.working_memory(size) + electrons.working_memory(size)

    def compute(self, dataset: Dataset) -> dict[str, NDArray[Any]]:
        """Return the arrays of `MoleculeGraphs`, cutoff and descriptors (N, 15 e + 3) among them.

        Raises
        ------
        ModelError
            If a molecule has an element that is not among the feature's own, or whose constants
            are not known.
        """
        graphs = RadiusGraph(cutoff=self.cutoff).compute(dataset)
        electrons = ExtendedHuckel(elements=self.elements).compute(dataset)
        return {**graphs, "descriptors": np.asarray(electrons["values"])}
