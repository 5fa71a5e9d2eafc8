"""Kernels of whole molecules, and the solution of a regression with one."""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import NDArray

from qm7bench.errors import ModelError
from qm7bench.layouts.table import FeatureTable, Metric

Floats = NDArray[np.float64]
Kernel = Literal["gaussian", "laplacian"]

METRIC_OF: dict[Kernel, Metric] = {"gaussian": "squared_euclidean", "laplacian": "manhattan"}


def kernel_matrix(a: FeatureTable, b: FeatureTable, kernel: Kernel, gamma: float) -> Floats:
    """Kernel matrix (n, m): exp(-gamma |x - y|_2^2), gaussian, or exp(-gamma |x - y|_1)."""
    values = a.distances(b, METRIC_OF[kernel])
    values *= -gamma
    return np.exp(values, out=values)


def factorised(matrix: Floats, gamma: float, alpha: float) -> Floats:
    """Lower Cholesky factor of a symmetric kernel matrix with alpha on its diagonal, in its place.

    Raises
    ------
    ModelError
        If it is not positive definite; the message names both parameters.
    """
    from scipy.linalg import LinAlgError, cholesky

    matrix[np.diag_indices_from(matrix)] += alpha
    try:
        return np.asarray(cholesky(matrix.T, lower=True, overwrite_a=True, check_finite=False))
    except LinAlgError as error:
        raise ModelError(
            f"kernel ridge: the kernel matrix with gamma {gamma} is not positive definite with "
            f"alpha {alpha}; give a larger alpha"
        ) from error


def solved(factor: Floats, targets: Floats) -> Floats:
    """Dual coefficients (n,) or (n, t) by the factor of `factorised`."""
    from scipy.linalg import cho_solve

    return np.asarray(cho_solve((factor, True), targets, check_finite=False))
