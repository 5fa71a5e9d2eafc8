"""What linear models have in common, once their weights are known."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from qm7bench.models.interface import Model
from qm7bench.regression.least_squares import LinearFit


class LinearModel(Model):
    """Energies E = w . x + b; a model derives from this class and fits `fit_`."""

    fit_: LinearFit

    def predict(self, features: NDArray[np.float64]) -> NDArray[np.float64]:
        """Energies (n,) in kcal/mol."""
        return self.fit_.predict(features)

    def state(self) -> dict[str, NDArray[Any]]:
        """Arrays from which `restore` makes the fitted model."""
        return self.fit_.state()

    def restore(self, arrays: dict[str, NDArray[Any]]) -> Any:
        """Become the fitted model whose `state` these arrays are."""
        self.fit_ = LinearFit.from_state(arrays)
        return self

    @property
    def number_of_parameters(self) -> int:
        """Weights and intercept."""
        return len(self.fit_.weights) + 1
