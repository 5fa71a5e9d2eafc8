"""Prediction intervals that widen with a molecule's distance from what a model was fitted to.

Molecules are put into classes by their distance. The interval of each class is a conformal quantile
of the absolute errors of its molecules, which the models that predicted them never saw (Mondrian
conformal prediction: Vovk, Gammerman & Shafer, Algorithmic Learning in a Random World (2005),
section 4.5). What is kept are some quantiles: nothing of a single molecule.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qm7bench.errors import ModelError
from qm7bench.evaluation.conformal import conformal_quantile

Floats = NDArray[np.float64]

LEVEL = 0.9
SHARES = (0.5, 0.75, 0.9, 0.99)
"""Shares of the molecules that are nearer than the upper ends of the classes; the last has none."""


@dataclass(frozen=True)
class DistanceIntervals:
    """Classes of distance and their intervals.

    Attributes
    ----------
    level : float
        Nominal coverage.
    edges : float64 array of shape (c,)
        Upper ends of the classes but the last, ascending.
    half_widths : float64 array of shape (c + 1,)
        Of the classes' intervals, in kcal/mol.
    """

    level: float
    edges: Floats
    half_widths: Floats

    @classmethod
    def calibrated(cls, distances: Floats, errors: Floats) -> DistanceIntervals:
        """Calibrate on n molecules that the models which predicted them have not seen.

        Parameters
        ----------
        distances, errors : float64 arrays of shape (n,)
            Of each molecule; errors in kcal/mol.

        Raises
        ------
        ModelError
            If a class has too few molecules for the level: nine.
        """
        edges = np.quantile(distances, SHARES)
        classes = np.searchsorted(edges, distances)
        half_widths = [
            conformal_quantile(np.abs(errors[classes == c]), LEVEL) for c in range(len(edges) + 1)
        ]
        if not np.isfinite(half_widths).all():
            raise ModelError(
                f"intervals by distance: {len(distances)} molecules are too few; the farthest "
                f"{1 - SHARES[-1]:.0%} must be at least nine"
            )
        return cls(LEVEL, edges, np.array(half_widths))

    @classmethod
    def from_json(cls, described: dict[str, Any]) -> DistanceIntervals:
        """Inverse of `to_json`; further keys are left alone."""
        edges, half_widths = (np.array(described[key]) for key in ("edges", "half_widths"))
        return cls(float(described["level"]), edges, half_widths)

    def to_json(self) -> dict[str, Any]:
        """JSON object from which `from_json` makes the same."""
        return {
            "level": self.level,
            "edges": self.edges.tolist(),
            "half_widths": self.half_widths.tolist(),
        }

    @property
    def far(self) -> float:
        """Distance that 99 % of the molecules stay within."""
        return float(self.edges[-1])

    def of(self, distances: Floats) -> Floats:
        """Half-width (n,) in kcal/mol of each molecule's interval, by its distance (n,)."""
        return np.asarray(self.half_widths[np.searchsorted(self.edges, distances)])


def coverage_across_folds(
    distances: Floats, errors: Floats, folds: NDArray[np.int64]
) -> tuple[float, float]:
    """Coverage, and mean full width in kcal/mol, of intervals calibrated on the other folds."""
    half_widths = np.empty(len(errors))
    for fold in np.unique(folds):
        own = folds == fold
        others = DistanceIntervals.calibrated(distances[~own], errors[~own])
        half_widths[own] = others.of(distances[own])
    return float((np.abs(errors) <= half_widths).mean()), float(2 * half_widths.mean())
