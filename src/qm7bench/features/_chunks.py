"""Coulomb matrices of whole data sets, some molecules at a time."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from qm7bench.chemistry.coulomb_matrices import coulomb_matrices
from qm7bench.chemistry.size import Size
from qm7bench.datasets.dataset import MOLECULES_AT_ONCE, Dataset, largest_part, parts_of

COPIES = 6
"""Matrices of a chunk that are held at a time, those on the way to what is returned included."""


def in_chunks(
    dataset: Dataset,
    encode: Callable[[NDArray[np.float64]], NDArray[np.float64]],
    trimmed: bool = False,
) -> NDArray[np.float64]:
    """Apply a function of Coulomb matrices (m, A, A) chunk by chunk and join what it returns.

    Parameters
    ----------
    trimmed : bool
        Whether a chunk's matrices may be (m, a, a) for its own largest molecule of a atoms. The
        function then returns (m, a), which is padded with zeros to (m, A).
    """
    parts = [
        encode(coulomb_matrices(part.charges, part.positions))
        for _, part in parts_of(dataset, trimmed=trimmed)
    ]
    if trimmed:
        atoms = dataset.charges.shape[1]
        parts = [np.pad(part, ((0, 0), (0, atoms - part.shape[1]))) for part in parts]
    return np.ascontiguousarray(np.concatenate(parts))


def memory_of_chunks(size: Size, result: int) -> int:
    """Bytes that `in_chunks` takes for a result of so many bytes, and beside it, at most.

    The chunks are there once more when they are joined.
    """
    share = min(1.0, MOLECULES_AT_ONCE / max(size.molecules, 1))
    return result + round(share * result) + COPIES * 8 * largest_part(size)
