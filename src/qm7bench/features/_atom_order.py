"""The order of a molecule's atoms by the norms of their rows, the same for every copy of it.

Atoms that are equivalent by symmetry have rows of the same norm. Which of them comes first would be
decided by rounding, although the matrix depends on it: after one hydrogen atom of ethane the next
is a neighbour or lies across. Here the matrix decides: of all orders that the norms leave open, the
one whose matrix is largest, entry by entry, is taken.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from qm7bench.chemistry.coulomb_matrices import permuted

Floats = NDArray[np.float64]
Order = NDArray[np.int64]

DOUBLE = 5.0e-13
"""Relative difference of two norms that rounding in double precision alone explains."""

TEXT = 1.0e-8
"""The same for coordinates written with eight decimals in Angstrom."""

DOUBT = 10.0
"""Differences from TEXT to so many times TEXT leave it open whether they are rounding."""

ENTRIES = 100.0
"""Entries of matrices may differ by so many times more than norms."""


def sorted_by(norms: Floats, matrices: Floats) -> Floats:
    """Permute rows and columns of each matrix so that its norms descend.

    Two norms are equal if they differ by less than what rounding explains, and the sorted entries
    of their rows do too. That is rounding of the coordinates, TEXT, in molecules without a
    difference in doubt, and else rounding in double precision.

    Parameters
    ----------
    norms : float64 array of shape (n, A)
        Of the rows; 0 for padding.
    matrices : float64 array of shape (n, A, A)
        Symmetric.

    Returns
    -------
    float64 array of shape (n, A, A)
    """
    order = np.argsort(-norms, axis=1, kind="stable")
    ordered = np.take_along_axis(norms, order, axis=1)
    larger, smaller = ordered[:, :-1], ordered[:, 1:]
    gaps = np.divide(larger - smaller, larger, out=np.ones_like(larger), where=smaller > 0)
    doubtful = ((gaps > TEXT) & (gaps < DOUBT * TEXT)).any(axis=1)
    tolerances = np.where(doubtful, DOUBLE, TEXT)
    for i in np.flatnonzero((gaps <= tolerances[:, None]).any(axis=1)):
        near = gaps[i, : np.count_nonzero(norms[i]) - 1] <= tolerances[i]
        order[i, : len(near) + 1] = _arranged(
            matrices[i], order[i, : len(near) + 1], near, ENTRIES * tolerances[i]
        )
    return permuted(matrices, order)


def _arranged(matrix: Floats, order: Order, near: NDArray[np.bool_], tolerance: float) -> Order:
    """Order of the atoms in which near neighbours of the given order may have changed places."""
    rows = -np.sort(-matrix[order], axis=1)
    alike = (np.abs(rows[1:] - rows[:-1]) <= tolerance * rows[:-1, :1]).all(axis=1)
    cells = [cell.tolist() for cell in np.split(order, np.flatnonzero(~(near & alike)) + 1)]
    best, *others = _arrangements(matrix, cells, tolerance)
    for other in others:
        if _excess(matrix, other, best, tolerance) > 0:
            best = other
    return np.array(best)


def _arrangements(matrix: Floats, cells: list[list[int]], tolerance: float) -> Iterator[list[int]]:
    """Orders of the atoms that keep the order of the cells, without those that others surpass.

    Each atom of the first cell that has several is put first in turn; the others follow in
    descending order of their entries in its row.
    """
    open_cell = next((k for k, cell in enumerate(cells) if len(cell) > 1), None)
    if open_cell is None:
        yield [atom for cell in cells for atom in cell]
        return
    before, cell, after = cells[:open_cell], cells[open_cell], cells[open_cell + 1 :]
    for atom in cell:
        others = [other for other in cell if other != atom]
        refined = [
            part for old in (others, *after) for part in _split(matrix[atom], old, tolerance)
        ]
        yield from _arrangements(matrix, [*before, [atom], *refined], tolerance)


def _split(row: Floats, cell: list[int], tolerance: float) -> list[list[int]]:
    """Cells of atoms with the same entry in a row, in descending order."""
    ordered = sorted(cell, key=lambda atom: -row[atom])
    parts = [ordered[:1]]
    for last, atom in itertools.pairwise(ordered):
        if row[last] - row[atom] > tolerance * row[last]:
            parts.append([])
        parts[-1].append(atom)
    return parts


def _excess(matrix: Floats, order: list[int], other: list[int], tolerance: float) -> float:
    """First entry by which the matrix in one order surpasses that in another; 0 if none does."""
    one, two = matrix[np.ix_(order, order)], matrix[np.ix_(other, other)]
    differences = np.where(np.abs(one - two) > tolerance * two, one - two, 0.0).ravel()
    return float(differences[np.argmax(differences != 0)])
