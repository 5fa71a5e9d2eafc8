"""Paired comparison of two rows on the molecules that both predicted."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class PairedDifference:
    """Mean difference of absolute errors, row less reference, and its two-sided p-value."""

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
        Predictions less energies, in kcal/mol.

    Returns
    -------
    PairedDifference
        p is 1 where the rows agree everywhere; nan where they share fewer than two molecules.

    Notes
    -----
    Molecules of a fold share one fitted model, so that the test speaks of these models and not of
    the variation from training set to training set; the spread over folds stands beside it.
    """
    from scipy.stats import ttest_rel

    common, mine, theirs = np.intersect1d(ids, reference_ids, return_indices=True)
    a, b = np.abs(errors[mine]), np.abs(reference_errors[theirs])
    if len(common) < 2:
        return PairedDifference(float("nan"), float("nan"), len(common))
    difference = float(np.mean(a - b))
    p_value = 1.0 if np.allclose(a, b, rtol=0, atol=0) else float(ttest_rel(a, b).pvalue)
    return PairedDifference(difference, p_value, len(common))
