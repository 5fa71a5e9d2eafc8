"""Linear regression with an intercept and a ridge penalty, shared by the linear models."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qm7bench.standardization import Standardizer

Floats = NDArray[np.float64]


@dataclass
class LinearFit:
    """Energies as weights . features + intercept (kcal/mol); weights refer to raw features."""

    weights: Floats
    intercept: float

    def predict(self, values: Floats) -> Floats:
        """Energies (n,) of features (n, d)."""
        return np.asarray(values) @ self.weights + self.intercept

    def state(self) -> dict[str, NDArray[Any]]:
        """Arrays of the fit."""
        return {"weights": self.weights, "intercept": np.array(self.intercept)}

    @classmethod
    def from_state(cls, arrays: dict[str, NDArray[Any]]) -> LinearFit:
        """Inverse of `state`."""
        return cls(arrays["weights"], float(arrays["intercept"]))


def fit_linear(values: Floats, energies: Floats, alpha: float, standardize: bool) -> LinearFit:
    """Minimise |y - Xw - b|^2 + alpha |w|^2 over w and b, by singular values.

    Parameters
    ----------
    values : float64 array of shape (n, d)
    energies : float64 array of shape (n,)
    alpha : float
        Penalty, 0 for ordinary least squares (the shortest solution where it is not unique).
    standardize : bool
        Whether the penalty acts on features of unit variance.
    """
    standardizer = Standardizer.fitted(values, standardize)
    x = standardizer.apply(values)
    center = x.mean(axis=0)
    mean_energy = float(np.mean(energies))
    left, singular, right = np.linalg.svd(x - center, full_matrices=False)
    large = singular > singular[0] * max(x.shape) * np.finfo(np.float64).eps
    shrunk = np.zeros_like(singular)
    shrunk[large] = singular[large] / (singular[large] ** 2 + alpha)
    weights = right.T @ (shrunk * (left.T @ (energies - mean_energy)))
    raw = weights / standardizer.scale
    intercept = mean_energy - float((center * standardizer.scale + standardizer.mean) @ raw)
    return LinearFit(raw, intercept)
