"""What a representation must offer, and what it may: the Protocol that all of them meet.

A representation derives from `Feature` and overrides what it has to say. That leaves nothing to
look for at run time: what is optional has a default here. How to write one: docs/contract.md.
"""

from __future__ import annotations

from abc import abstractmethod
from typing import Any, ClassVar, Protocol, Self, runtime_checkable

from numpy.typing import NDArray

from qm7bench.chemistry.size import Size
from qm7bench.datasets.dataset import Dataset
from qm7bench.layouts.invariance import INVARIANT, Dependence
from qm7bench.layouts.shapes import Shapes, nbytes_of


@runtime_checkable
class Feature(Protocol):
    """A representation of molecules: a frozen dataclass whose fields are its parameters.

    Attributes
    ----------
    layout : str
        Kind of its arrays, a key of `qm7bench.layouts.loading.LAYOUT_MODULES`: "tabular",
        "graphs" or "atoms". Models are written for one of them.
    units : str
        Of the arrays, for their metadata.
    """

    layout: ClassVar[str]
    units: ClassVar[str]

    @abstractmethod
    def compute(self, dataset: Dataset) -> dict[str, NDArray[Any]]:
        """Arrays of all n molecules of the data set, by name, as the layout's module reads them.

        A tabular feature has one array, `values` of shape (n, d), or (n, r, d) for r realisations
        of each molecule. The data set is not modified.

        Raises
        ------
        UserError
            If a molecule cannot be represented; the message names what it has too much of.
        """

    def shapes(self, size: Size) -> Shapes:
        """Shapes of the arrays for a data set of this size, at most; none where nothing is known.

        From them follows the memory that jobs ask for, before the data set is read.
        """
        return {}

    def working_memory(self, size: Size) -> int:
        """Bytes that `compute` takes beside the molecules and the arrays it returns, at most."""
        return nbytes_of(self.shapes(size))

    def pinned(self, dataset: Dataset) -> Self:
        """Return the feature with its columns fixed to those that this data set needs.

        Other molecules then get the same columns. Override it where the shape of the arrays
        follows from the data set; the parameters of what it returns are written to the metadata.
        """
        return self

    @property
    def also_uses(self) -> str:
        """Method whose parameters were fitted to other calculations; empty for most.

        Entries with such a representation are in a separate track of this name.
        """
        return ""

    @property
    def depends_on(self) -> frozenset[Dependence]:
        """What the arrays of a molecule depend on besides the molecule itself."""
        return INVARIANT
