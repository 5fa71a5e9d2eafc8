"""Mean of the training energies: the error that every model must beat."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from qm7bench.models.interface import Model


@dataclass
class MeanPredictor(Model):
    """Predict the mean energy of the training molecules for every molecule."""

    family: ClassVar[str] = "mean"
    predicts_unknown_elements: ClassVar[bool] = True

    def fit(self, features: Any, energies: NDArray[np.float64]) -> MeanPredictor:
        """Store the mean of energies (n,) in kcal/mol; the features are not used."""
        self.mean_ = float(np.mean(energies))
        return self

    def predict(self, features: Any) -> NDArray[np.float64]:
        """Return the mean for each molecule, shape (n,), in kcal/mol."""
        return np.full(len(features), self.mean_)

    def state(self) -> dict[str, NDArray[Any]]:
        """Arrays from which `restore` makes the fitted model."""
        return {"mean": np.array(self.mean_)}

    def restore(self, arrays: dict[str, NDArray[Any]]) -> MeanPredictor:
        """Become the fitted model whose `state` these arrays are."""
        self.mean_ = float(arrays["mean"])
        return self

    @property
    def number_of_parameters(self) -> int:
        """One: the mean."""
        return 1
