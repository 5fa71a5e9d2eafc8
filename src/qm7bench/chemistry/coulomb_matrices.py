"""Coulomb matrices of whole data sets, in atomic units, and the sorts that features share.

In atomic units C_ii = 0.5 Z_i**2.4 and C_ij = Z_i Z_j / |R_i - R_j| (Rupp et al., Phys. Rev. Lett.
108, 058301 (2012)). Padding atoms give rows and columns of zeros.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from qm7bench.chemistry.distances import pair_distances
from qm7bench.chemistry.units import ANGSTROM_PER_BOHR
from qm7bench.errors import GeometryError


def coulomb_matrices(
    charges: NDArray[np.int64], positions: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Coulomb matrices in the order of the atoms given.

    Parameters
    ----------
    charges : int array of shape (n, A)
        Nuclear charges; 0 marks padding.
    positions : float array of shape (n, A, 3)
        Coordinates in Angstrom, converted to Bohr here.

    Returns
    -------
    float64 array of shape (n, A, A)
        In Hartree.

    Raises
    ------
    GeometryError
        If two atoms of a molecule coincide; the message names the molecule's index and both atoms.
    """
    distances = pair_distances(charges, positions) / ANGSTROM_PER_BOHR
    if not distances.all():
        molecule, i, j = (int(k[0]) for k in np.nonzero(distances == 0))
        raise GeometryError(f"molecule at index {molecule}: atoms {i} and {j} coincide")
    z = charges.astype(np.float64)
    matrices = z[:, :, None] * z[:, None, :] / distances
    diagonal = np.arange(charges.shape[1])
    matrices[:, diagonal, diagonal] = 0.5 * z**2.4
    return matrices


def row_norms(matrices: NDArray[np.float64]) -> NDArray[np.float64]:
    """L2 norm of each row, shape (n, A)."""
    return np.asarray(np.sqrt(np.einsum("nij,nij->ni", matrices, matrices)))


def absolute_sums(matrices: NDArray[np.float64]) -> NDArray[np.float64]:
    """L1 norm of each row, shape (n, A)."""
    return np.asarray(np.abs(matrices).sum(axis=2))


def permuted(matrices: NDArray[np.float64], order: NDArray[np.int64]) -> NDArray[np.float64]:
    """Rows and columns of each matrix in the order given, shape (n, A)."""
    n = np.arange(len(matrices))[:, None, None]
    return matrices[n, order[:, :, None], order[:, None, :]]


def upper_triangle(matrices: NDArray[np.float64]) -> NDArray[np.float64]:
    """Entries on and above the diagonal, row by row, shape (n, A * (A + 1) // 2)."""
    rows, columns = np.triu_indices(matrices.shape[1])
    return matrices[:, rows, columns]
