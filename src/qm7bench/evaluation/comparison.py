"""Paired comparison of two entries on the molecules that both predicted."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

ROUNDING = 1e-9
"""Differences of absolute errors below this, in kcal/mol, are those of rounding."""


@dataclass(frozen=True)
class PairedDifference:
    """Mean difference of absolute errors, entry - reference, and its two-sided p-value."""

    difference: float
    p_value: float
    molecules: int


def paired_difference(
    ids: NDArray[np.int64],
    errors: NDArray[np.float64],
    reference_ids: NDArray[np.int64],
    reference_errors: NDArray[np.float64],
) -> PairedDifference:
    """Paired t-test on absolute errors, molecule by molecule.

    Parameters
    ----------
    ids, reference_ids : int arrays of shape (n,) and (m,)
        Molecules, each at most once.
    errors, reference_errors : float64 arrays of shape (n,) and (m,)
        Prediction - reference energy, in kcal/mol; NaN where there is no prediction.

    Returns
    -------
    PairedDifference
        p is 1 where the entries agree to rounding; nan where they share fewer than two molecules.

    Notes
    -----
    Molecules of a fold share one fitted model, so that the test speaks of these models and not of
    the variation from training set to training set; the spread over folds stands beside it.
    """
    _, mine, theirs = np.intersect1d(ids, reference_ids, return_indices=True)
    a, b = np.abs(errors[mine]), np.abs(reference_errors[theirs])
    both = np.isfinite(a) & np.isfinite(b)
    a, b = a[both], b[both]
    if len(a) < 2:
        return PairedDifference(float("nan"), float("nan"), len(a))
    difference = float(np.mean(a - b))
    return PairedDifference(difference, _p_value(a, b), len(a))


def _p_value(a: NDArray[np.float64], b: NDArray[np.float64]) -> float:
    """Return p of the paired t-test; without any spread, 1 for no difference and else 0."""
    from scipy.stats import ttest_rel

    differences = a - b
    if np.abs(differences).max() < ROUNDING:
        return 1.0
    if np.ptp(differences) < ROUNDING:
        return 0.0
    return float(ttest_rel(a, b).pvalue)


def q_values(p_values: NDArray[np.float64]) -> NDArray[np.float64]:
    """p-values (n,) corrected by Benjamini and Hochberg (1995); NaN stays NaN.

    Of the tests with q below 0.05, 5 % at most are expected to be of entries that differ only by
    chance.
    """
    from scipy.stats import false_discovery_control

    found = np.array(p_values, dtype=np.float64)
    known = np.isfinite(found)
    if known.any():
        found[known] = false_discovery_control(found[known])
    return found
