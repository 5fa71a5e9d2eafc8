"""Errors of predictions."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


def mean_absolute_error(energies: Floats, predictions: Floats) -> float:
    """MAE over molecules, pooled, in the unit of the energies."""
    return float(np.mean(np.abs(predictions - energies)))


def root_mean_squared_error(energies: Floats, predictions: Floats) -> float:
    """RMSE over molecules, pooled (not a mean over batches), in the unit of the energies."""
    return float(np.sqrt(np.mean((predictions - energies) ** 2)))


def largest_error(energies: Floats, predictions: Floats) -> float:
    """Largest absolute error, in the unit of the energies."""
    return float(np.max(np.abs(predictions - energies)))
