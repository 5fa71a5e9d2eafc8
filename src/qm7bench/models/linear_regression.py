"""Ordinary least squares."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from qm7bench.layouts.work import Job, Work
from qm7bench.models._linear_model import LinearModel
from qm7bench.models.interface import Points
from qm7bench.regression.least_squares import fit_linear, memory_of_linear


@dataclass
class LinearRegression(LinearModel):
    """Least squares with an intercept, E = w . x + b; the shortest w where it is not unique.

    Standardization changes the solution only where columns depend on each other.
    """

    family: ClassVar[str] = "linear"
    standardize: bool = False

    def fit(self, features: NDArray[np.float64], energies: NDArray[np.float64]) -> LinearRegression:
        """Fit to features (n, d) and energies (n,) in kcal/mol."""
        self.fit_ = fit_linear(np.asarray(features), energies, 0.0, self.standardize)
        return self

    @classmethod
    def memory(cls, job: Job, points: Points, work: Work) -> int:
        """Bytes that a job takes at most: see `StatesMemory`."""
        found = work.predictions(len(points)) if job == "select" else 0
        return work.features + memory_of_linear(work.features) + found
