"""Linear regression with an intercept and a ridge penalty, shared by the linear models."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qm7bench.regression.standardization import Standardizer

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


def memory_of_linear(values: int) -> int:
    """Bytes that `fit_linear` takes for a table of so many bytes: copies, and singular vectors."""
    return 8 * values


def fit_with_free_columns(
    free: Floats, values: Floats, energies: Floats, alphas: Sequence[float]
) -> LinearFit:
    """Minimise |y - Fv - Xw|^2 + alpha |w|^2 over v and w, with the best alpha by leave-one-out.

    The residual of row i, had it been left out, is its residual over 1 - H_ii, with the matrix H
    that takes energies to fitted energies; so no fit is repeated.

    Parameters
    ----------
    free : float64 array of shape (n, f)
        Columns F that no penalty acts on.
    values : float64 array of shape (n, d)
        Columns X, whose penalty acts on them at unit variance.
    energies : float64 array of shape (n,)
    alphas : sequence of float
        Penalties to choose from.

    Returns
    -------
    LinearFit
        Of [F, X], shape (n, f + d), without an intercept.
    """
    scale = Standardizer.fitted(values).scale
    # What the free columns explain is taken out of both sides.
    basis, sizes, _ = np.linalg.svd(free, full_matrices=False)
    basis = basis[:, sizes > sizes[0] * len(free) * np.finfo(np.float64).eps]
    x = values / scale
    x -= basis @ (basis.T @ x)
    left, singular, right = np.linalg.svd(x, full_matrices=False)
    remainder = energies - basis @ (basis.T @ energies)
    projected, own = left.T @ remainder, (basis**2).sum(axis=1)

    def left_out_error(alpha: float) -> float:
        kept = singular**2 / (singular**2 + alpha)
        freedom = 1.0 - own - left**2 @ kept
        residuals = (remainder - left @ (kept * projected)) / np.maximum(freedom, 1e-12)
        return float(np.mean(residuals**2))

    best = min(alphas, key=left_out_error)
    weights = right.T @ (singular / (singular**2 + best) * projected) / scale
    of_free = np.linalg.lstsq(free, energies - values @ weights, rcond=None)[0]
    return LinearFit(np.concatenate([of_free, weights]), 0.0)
