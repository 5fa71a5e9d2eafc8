"""Periodic cells of extended XYZ: what `Lattice` and `pbc` say, and molecules made whole."""

from __future__ import annotations

import re

import numpy as np
from numpy.typing import NDArray

from qm7bench.chemistry.periodic_images import made_whole
from qm7bench.datasets.decimal_numbers import number_of
from qm7bench.datasets.text_file import shown
from qm7bench.datasets.xyz_comment import Comment
from qm7bench.errors import DataSetError, GeometryError

BOOLEANS = {"T": True, "TRUE": True, "1": True, "F": False, "FALSE": False, "0": False}
CURE = (
    'if the coordinates are those of an isolated molecule, write pbc="F F F" or leave Lattice out'
)


def periodic_cell(comment: Comment) -> tuple[NDArray[np.float64], NDArray[np.bool_]] | None:
    """Cell vectors (3, 3) in Angstrom, one in each row, and along which the molecule is repeated.

    Without `pbc` a cell is periodic along all of its vectors. None for an isolated molecule.

    Raises
    ------
    DataSetError
        If a value is malformed, or `pbc` has no cell. The message does not say where.
    """
    lattice, pbc = comment.reserved("Lattice"), comment.reserved("pbc")
    periodic = np.ones(3, dtype=bool) if pbc is None else _booleans(pbc)
    if lattice is None:
        if pbc is not None and periodic.any():
            raise DataSetError(f"pbc={shown(pbc)!r} without Lattice; {CURE}")
        return None
    numbers = [number_of(word) for word in _split(lattice)]
    if len(numbers) != 9 or None in numbers or not np.isfinite(np.array(numbers, float)).all():
        raise DataSetError(
            f"Lattice={shown(lattice)!r} must be nine numbers in Angstrom: the three cell vectors"
        )
    cell = np.array(numbers, dtype=np.float64).reshape(3, 3)
    periodic &= cell.any(axis=1)
    if pbc is not None and (_booleans(pbc) & ~periodic).any():
        raise DataSetError(f"pbc={shown(pbc)!r} although a cell vector of Lattice is zero; {CURE}")
    return (cell, periodic) if periodic.any() else None


def whole_positions(
    charges: NDArray[np.int64],
    positions: NDArray[np.float64],
    cell: tuple[NDArray[np.float64], NDArray[np.bool_]],
) -> NDArray[np.float64]:
    """Positions (a, 3) of the cell's molecule, whole.

    Raises
    ------
    GeometryError
        If the cell does not hold just one molecule; the message does not say where.
    """
    try:
        return made_whole(charges, positions, *cell)
    except GeometryError as error:
        raise GeometryError(f"{error}; {CURE}") from error


def _booleans(text: str) -> NDArray[np.bool_]:
    words = _split(text)
    if len(words) not in (1, 3) or any(word.upper() not in BOOLEANS for word in words):
        raise DataSetError(f"pbc={shown(text)!r} must be T or F for each of three cell vectors")
    return np.array([BOOLEANS[word.upper()] for word in words * (3 // len(words))])


def _split(text: str) -> list[str]:
    """Words between blanks, commas and inner brackets."""
    return re.findall(r"[^\s,\[\]]+", text)
