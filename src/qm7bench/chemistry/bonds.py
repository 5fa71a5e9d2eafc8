"""Bonds of a molecule, told by the distances of its atoms."""

from __future__ import annotations

import numpy as np
from ase.data import covalent_radii
from numpy.typing import NDArray

Floats = NDArray[np.float64]


BOND_FACTOR = 1.25
"""Two atoms are bonded when nearer than this times the sum of their covalent radii."""


def bonds(charges: NDArray[np.int64], positions: Floats) -> list[tuple[int, int]]:
    """Pairs of atoms nearer than 1.25 times the sum of their covalent radii.

    Parameters
    ----------
    charges : int array of shape (a,)
        Without padding.
    positions : float64 array of shape (a, 3)
        In Angstrom.
    """
    radii = covalent_radii[charges]
    distances = np.linalg.norm(positions[:, None] - positions[None], axis=-1)
    near = np.triu(distances < BOND_FACTOR * (radii[:, None] + radii[None]), k=1)
    return [(int(i), int(j)) for i, j in np.argwhere(near)]
