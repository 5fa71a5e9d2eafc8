"""Ridge regression."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from qm7bench.models.interface import Model
from qm7bench.registry.parameters import PositiveFloat
from qm7bench.regression.least_squares import LinearFit, fit_linear


@dataclass
class Ridge(Model):
    """Least squares with penalty, min |E - Xw - b|^2 + alpha |w|^2; the intercept is free.

    References
    ----------
    Hoerl & Kennard, Technometrics 12, 55 (1970).
    """

    family: ClassVar[str] = "linear"
    alpha: PositiveFloat = 1.0
    standardize: bool = False

    def fit(self, features: NDArray[np.float64], energies: NDArray[np.float64]) -> Ridge:
        """Fit to features (n, d) and energies (n,) in kcal/mol."""
        self.fit_ = fit_linear(np.asarray(features), energies, self.alpha, self.standardize)
        return self

    def predict(self, features: NDArray[np.float64]) -> NDArray[np.float64]:
        """Energies (n,) in kcal/mol."""
        return self.fit_.predict(features)

    def state(self) -> dict[str, NDArray[Any]]:
        """Arrays from which `restore` makes the fitted model."""
        return self.fit_.state()

    def restore(self, arrays: dict[str, NDArray[Any]]) -> Ridge:
        """Take over the arrays of `state`."""
        self.fit_ = LinearFit.from_state(arrays)
        return self

    @property
    def number_of_parameters(self) -> int:
        """Weights and intercept."""
        return len(self.fit_.weights) + 1
