"""Per-feature standardization, fitted on training molecules only."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Standardizer:
    """Shift and scale that give each training feature mean 0 and variance 1.

    As scikit-learn's StandardScaler: population variance, and a constant feature is only centred.
    """

    mean: NDArray[np.float64]
    scale: NDArray[np.float64]

    @classmethod
    def fitted(cls, values: NDArray[np.float64], standardize: bool = True) -> Standardizer:
        """Fit to values (n, d), or return the identity where not to standardize."""
        width = values.shape[-1]
        if not standardize:
            return cls(np.zeros(width), np.ones(width))
        rows = values.reshape(-1, width)
        mean, scale = rows.mean(axis=0), rows.std(axis=0)
        constant = scale <= 10 * np.finfo(np.float64).eps * np.abs(mean)
        return cls(mean, np.where(constant, 1.0, scale))

    def apply(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the standardized values, of the same shape."""
        return (values - self.mean) / self.scale
