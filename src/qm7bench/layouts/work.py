"""What a model's job deals with: from this follows the memory that it takes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from qm7bench.layouts.shapes import Shapes, nbytes_of

TRAINING_SETS = 15
"""Sets of training folds that a nested selection over five folds needs."""

Job = Literal["kernels", "part", "select", "fit"]
"""Jobs of a model: for its shared kernels or sums, or to prepare parts of them and for each part,
for its grid, and for a test fold."""


@dataclass(frozen=True)
class Work:
    """What a model's job deals with, as far as it is known before the data set is read.

    Attributes
    ----------
    molecules : int
        Of the data set.
    training : int
        Molecules that a fit learns from, at most.
    test : int
        Molecules that it predicts.
    atoms : mapping
        Atoms of each element in the data set, by nuclear charge.
    shapes : mapping
        Of the representation's arrays.
    shared : bool
        Whether distances, kernels or sums were computed before.
    """

    molecules: int
    training: int
    test: int
    atoms: Mapping[int, int]
    shapes: Shapes
    shared: bool

    @property
    def matrix(self) -> int:
        """Bytes of a matrix (n, n) of all molecules."""
        return 8 * self.molecules**2

    @property
    def training_matrix(self) -> int:
        """Bytes of a matrix of the training molecules."""
        return 8 * self.training**2

    @property
    def test_matrix(self) -> int:
        """Bytes of a matrix of the test molecules with the training molecules."""
        return 8 * self.training * self.test

    @property
    def features(self) -> int:
        """Bytes of the representation of all molecules."""
        return nbytes_of(self.shapes)

    @property
    def columns(self) -> int:
        """Columns of the vectors `values`."""
        return self.shapes["values"].sizes[-1] if "values" in self.shapes else 0

    def predictions(self, points: int) -> int:
        """Bytes of the predictions of a nested selection for so many grid points, twice."""
        return 2 * 8 * TRAINING_SETS * points * self.molecules
