"""Cholesky factor of a large matrix, of which half is held and no copy is made.

The lower triangle stands in panels of `PANEL` rows, each as long as it must be: 4 (n^2 + n PANEL)
bytes. A panel is asked for when its turn comes, so that the matrix may lie in files, and is
replaced by that of the factor:

L_ij = (K_ij - sum over k < j of L_ik L_jk^T) L_jj^-T, and L_ii that of K_ii - sum of L_ik L_ik^T

with tiles ij of `PANEL` rows and columns (Golub & Van Loan, Matrix Computations, 4.2.9). The sums
are one matrix product for each tile, so that the speed is that of BLAS.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

logger = logging.getLogger(__name__)

Floats = NDArray[np.float64]

PANEL = 1024
"""Rows of a panel."""
TOLD = 4096
"""After how many rows the progress is told."""


@dataclass(frozen=True)
class PackedCholesky:
    """Lower triangular L of a symmetric matrix K = L L^T, in panels of rows.

    Attributes
    ----------
    panels : list of float64 arrays
        Panel i holds rows i * PANEL up to `end` - 1 and has the columns 0 to `end` - 1; what stands
        above the diagonal is zero.
    """

    panels: list[Floats]

    @classmethod
    def of(cls, rows: Callable[[int, int], Floats], size: int) -> PackedCholesky:
        """Factorise a matrix (n, n).

        Parameters
        ----------
        rows : callable
            Called with (first, last), ascending; gives rows `first` to `last` - 1 of K, shape
            (last - first, last), as an array that is overwritten. Only what stands below the
            diagonal and on it is read.
        size : int
            n

        Raises
        ------
        scipy.linalg.LinAlgError
            If the matrix is not positive definite.
        """
        panels: list[Floats] = []
        for first in range(0, size, PANEL):
            last = min(first + PANEL, size)
            panel = rows(first, last)
            _reduce(panel, panels)
            panels.append(panel)
            if size > TOLD and (last % TOLD == 0 or last == size):
                logger.info("factorised %s of %s rows", f"{last:,}", f"{size:,}")
        return cls(panels)

    def solved(self, targets: Floats) -> Floats:
        """Solution (n, t) of K x = targets (n, t)."""
        from scipy.linalg import solve_triangular

        solution = np.array(targets, dtype=np.float64)
        starts = range(0, len(solution), PANEL)
        for first, panel in zip(starts, self.panels, strict=True):
            own = solution[first : first + len(panel)]
            own -= panel[:, :first] @ solution[:first]
            own[:] = solve_triangular(panel[:, first:], own, lower=True, check_finite=False)
        for first, panel in reversed(list(zip(starts, self.panels, strict=True))):
            own = solution[first : first + len(panel)]
            own[:] = solve_triangular(
                panel[:, first:], own, lower=True, trans="T", check_finite=False
            )
            solution[:first] -= panel[:, :first].T @ own
        return solution


def memory_of_packed(size: int) -> int:
    """Bytes of the panels, and of what is computed beside them."""
    panel = min(PANEL, size)
    return 4 * size * (size + panel) + 6 * 8 * panel**2


def _reduce(panel: Floats, before: list[Floats]) -> None:
    """Replace a panel of the matrix by that of its factor, given the panels before it."""
    from scipy.linalg import LinAlgError, solve_triangular
    from scipy.linalg.lapack import dpotrf

    for number, other in enumerate(before):
        start = number * PANEL
        own = panel[:, start : start + len(other)]
        own -= panel[:, :start] @ other[:, :start].T
        own[:] = solve_triangular(other[:, start:], own.T, lower=True, check_finite=False).T
    start = len(before) * PANEL
    done, own = panel[:, :start], panel[:, start:]
    # In halves: a matrix with itself would be a rank update, which has crashed for large ones.
    half = (len(panel) + 1) // 2
    for rows in (slice(0, half), slice(half, len(panel))):
        if start:
            own[rows] -= done[rows] @ done.T
    factor, info = dpotrf(own, lower=1, clean=1)
    if info != 0:
        raise LinAlgError("the matrix is not positive definite")
    own[:] = factor
