"""Prediction intervals by conformal calibration, on the other test folds or on inner folds.

The interval of a molecule in fold k is its prediction plus and minus a quantile of the absolute
errors in the other test folds, whose models never saw those molecules. Where a model gives an
uncertainty, errors are measured in units of it and the interval is wider where it is larger.

Models with a grid also have errors on inner folds, of inner predictions (see `inner_predictions`).
These need no other test fold, but come from fits on fewer molecules, so that the intervals are too
wide rather than too narrow.

Vovk, Gammerman & Shafer, Algorithmic Learning in a Random World (2005).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

SMALLEST_UNCERTAINTY = 1e-6
"""In kcal/mol: what a smaller uncertainty counts as."""


@dataclass(frozen=True)
class IntervalQuality:
    """Coverage, the fraction of molecules inside their intervals, and mean full width."""

    coverage: float
    mean_width: float


def conformal_quantile(scores: Floats, level: float) -> float:
    """Smallest half-width that reaches the level, with the finite-sample correction.

    Scores that are NaN, of molecules without prediction, do not count. Infinite where there are too
    few scores for the level: 90 % need nine.
    """
    known = np.sort(scores[~np.isnan(scores)])
    rank = int(np.ceil((len(known) + 1) * level))
    return float(known[rank - 1]) if rank <= len(known) else float("inf")


def cross_fold_intervals(
    errors: Floats,
    folds: NDArray[np.int64],
    uncertainties: Floats | None = None,
    level: float = 0.9,
) -> Floats:
    """Half-width of each molecule's interval, calibrated on the other folds, shape (n,).

    Parameters
    ----------
    errors : float64 array of shape (n,)
        Prediction - reference energy of test molecules; NaN where there is no prediction.
    folds : int array of shape (n,)
        Test fold of each molecule; at least two.
    uncertainties : float64 array of shape (n,), optional
        Positive; the model's own.
    level : float
        Nominal coverage.
    """
    scale = np.ones_like(errors) if uncertainties is None else _positive(uncertainties)
    scores = np.abs(errors) / scale
    half_widths = np.empty_like(errors)
    for fold in np.unique(folds):
        own = folds == fold
        half_widths[own] = scale[own] * conformal_quantile(scores[~own], level)
    return half_widths


def interval_quality(
    errors: Floats,
    folds: NDArray[np.int64],
    uncertainties: Floats | None = None,
    level: float = 0.9,
) -> IntervalQuality | None:
    """Coverage and width of the cross-fold intervals of molecules that have a prediction.

    None with fewer than two folds, or with too few molecules in them to calibrate on.
    """
    if len(np.unique(folds)) < 2:
        return None
    half_widths = cross_fold_intervals(errors, folds, uncertainties, level)
    return _quality(errors, half_widths)


def quality_by_inner_errors(
    errors: Floats, inner_errors: Floats, level: float = 0.9
) -> IntervalQuality | None:
    """Coverage and width of intervals calibrated on inner predictions; None if these are too few.

    Parameters
    ----------
    errors, inner_errors : float64 arrays
        Prediction - reference energy of test molecules, and of inner predictions.
    """
    half_width = conformal_quantile(np.abs(inner_errors), level)
    return _quality(errors, np.full_like(errors, half_width))


def _quality(errors: Floats, half_widths: Floats) -> IntervalQuality | None:
    predicted = ~np.isnan(errors)
    own = half_widths[predicted]
    if not len(own) or not np.isfinite(own).all():
        return None
    return IntervalQuality(float((np.abs(errors[predicted]) <= own).mean()), float(2 * own.mean()))


def _positive(uncertainties: Floats) -> Floats:
    """Uncertainties as units of errors, which a model that is certain of everything lacks."""
    return np.maximum(uncertainties, SMALLEST_UNCERTAINTY)


@dataclass(frozen=True)
class Calibration:
    """What gives new molecules their interval.

    Attributes
    ----------
    level : float
        Nominal coverage.
    quantile : float
        Half-width in kcal/mol, or in units of the model's uncertainty; infinite where there were
        too few molecules for the level.
    of_uncertainty : bool
    """

    level: float
    quantile: float
    of_uncertainty: bool

    def half_widths(self, n: int, uncertainties: Floats | None = None) -> Floats:
        """Half-widths (n,) in kcal/mol of n new molecules, by their uncertainties if used."""
        if self.of_uncertainty and uncertainties is not None:
            return self.quantile * _positive(uncertainties)
        return np.full(n, self.quantile)


def calibrated(
    errors: Floats, uncertainties: Floats | None = None, level: float = 0.9
) -> Calibration:
    """Split conformal calibration on molecules that the model has not seen.

    Its coverage is for molecules drawn like these, on average; it says nothing of others.

    Parameters
    ----------
    errors : float64 array of shape (n,)
        Prediction - reference energy, in kcal/mol; NaN where there is no prediction.
    uncertainties : float64 array of shape (n,), optional
        Positive; the model's own, in kcal/mol.
    """
    scores = np.abs(errors) / (1.0 if uncertainties is None else _positive(uncertainties))
    return Calibration(level, conformal_quantile(scores, level), uncertainties is not None)
