"""Ordinary least squares."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from qm7bench.models.interface import Model
from qm7bench.regression.least_squares import LinearFit, fit_linear


@dataclass
class LinearRegression(Model):
    """Least squares with an intercept, E = w . x + b; the shortest w where it is not unique.

    Standardization changes the solution only where columns depend on each other.
    """

    family: ClassVar[str] = "linear"
    standardize: bool = False

    def fit(self, features: NDArray[np.float64], energies: NDArray[np.float64]) -> LinearRegression:
        """Fit to features (n, d) and energies (n,) in kcal/mol."""
        self.fit_ = fit_linear(np.asarray(features), energies, 0.0, self.standardize)
        return self

    def predict(self, features: NDArray[np.float64]) -> NDArray[np.float64]:
        """Energies (n,) in kcal/mol."""
        return self.fit_.predict(features)

    def state(self) -> dict[str, NDArray[Any]]:
        """Arrays from which `restore` makes the fitted model."""
        return self.fit_.state()

    def restore(self, arrays: dict[str, NDArray[Any]]) -> LinearRegression:
        """Take over the arrays of `state`."""
        self.fit_ = LinearFit.from_state(arrays)
        return self

    @property
    def number_of_parameters(self) -> int:
        """Weights and intercept."""
        return len(self.fit_.weights) + 1
