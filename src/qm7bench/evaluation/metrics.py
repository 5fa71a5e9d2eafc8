"""Errors of predictions."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from qm7bench.errors import counted

Floats = NDArray[np.float64]


def mean_absolute_error(energies: Floats, predictions: Floats) -> float:
    """MAE over molecules, pooled, in the unit of the energies."""
    return float(np.mean(np.abs(predictions - energies)))


def root_mean_squared_error(energies: Floats, predictions: Floats) -> float:
    """RMSE over molecules, pooled (not a mean over batches), in the unit of the energies."""
    return float(np.sqrt(np.mean((predictions - energies) ** 2)))


def max_error(energies: Floats, predictions: Floats) -> float:
    """Largest absolute error, in the unit of the energies."""
    return float(np.max(np.abs(predictions - energies)))


def measured(energies: Floats, predictions: Floats) -> dict[str, Any]:
    """Number of test molecules and the errors on them, under their names in `metrics.json`.

    Molecules without prediction, NaN, are counted as `unpredicted`; the errors are those of the
    others, None if there are none.
    """
    predicted = np.isfinite(predictions)
    own = (energies[predicted], predictions[predicted])
    errors = {
        "mae": mean_absolute_error,
        "rmse": root_mean_squared_error,
        "largest_error": max_error,
    }
    return {
        "test_molecules": len(energies),
        "unpredicted": int((~predicted).sum()),
        **{name: error(*own) if predicted.any() else None for name, error in errors.items()},
    }


def in_words(metrics: dict[str, Any]) -> str:
    """Errors of `measured` for a message, and how many molecules have no prediction."""
    missing, molecules = metrics["unpredicted"], metrics["test_molecules"]
    if missing == molecules:
        return f"none of {counted(molecules, 'molecule')} predicted"
    told = f"MAE {metrics['mae']:.4f} kcal/mol, RMSE {metrics['rmse']:.4f}"
    return (
        f"{told} ({missing} of {counted(molecules, 'molecule')} not predicted)" if missing else told
    )
