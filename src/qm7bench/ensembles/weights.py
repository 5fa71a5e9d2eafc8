"""Several models combined: their predictions' weighted mean, and how far they are apart."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

SMALLEST_FLOOR = 1e-6
"""In kcal/mol: members that agree everywhere still give a positive uncertainty."""


def learned_weights(errors: Floats) -> Floats:
    """Weights (m,), none negative and one in sum, of the smallest mean absolute error.

    Parameters
    ----------
    errors : float64 array of shape (m, n)
        Prediction - reference energy of m models, in kcal/mol, for molecules that none was
        fitted to.

    Notes
    -----
    Exact, by linear programming. The plain program has two constraints for each molecule; its dual,
    the largest s with u @ errors_i >= s for all i and -1 <= u <= 1, has one for each model, and the
    weights are its multipliers: the same in a fraction of the time.
    """
    from scipy.optimize import linprog

    models, molecules = errors.shape
    solved = linprog(
        np.append(np.zeros(molecules), -1.0),
        A_ub=np.hstack([-errors, np.ones((models, 1))]),
        b_ub=np.zeros(models),
        bounds=[(-1.0, 1.0)] * molecules + [(None, None)],
        method="highs",
    )
    weights = np.maximum(-solved.ineqlin.marginals, 0.0)
    return np.asarray(weights / weights.sum())


def combined(predictions: Floats, weights: Floats) -> Floats:
    """Weighted mean (n,) of predictions (m, n)."""
    return weights @ predictions


def uncertainty(predictions: Floats, weights: Floats, floor: float) -> Floats:
    """Weighted standard deviation (n,) of predictions (m, n), with the floor added in squares.

    In the predictions' unit. The floor is what all members may be wrong by together.
    """
    variance = weights @ (predictions - combined(predictions, weights)) ** 2
    return np.asarray(np.sqrt(variance + max(floor, SMALLEST_FLOOR) ** 2))
