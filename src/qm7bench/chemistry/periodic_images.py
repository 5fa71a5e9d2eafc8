"""Molecules in periodic cells: whole where they cross a boundary."""

from __future__ import annotations

import numpy as np
from ase.data import covalent_radii
from numpy.typing import NDArray

from qm7bench.chemistry.bonds import BOND_FACTOR
from qm7bench.errors import GeometryError

DENSE_LIMIT = 500
"""Atoms up to which all pairs are looked at; more take a list of neighbours."""

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]


def made_whole(
    charges: Integers, positions: Floats, cell: Floats, periodic: NDArray[np.bool_]
) -> Floats:
    """Positions of the one molecule in a periodic cell, its atoms next to those they bind.

    Bonds, through the boundaries too, are told by distances as in `bonds`. Atom 0 stays where it
    is; a molecule that is whole is returned unchanged.

    Parameters
    ----------
    charges, positions : arrays of shapes (a,) and (a, 3)
        As in `bonds`: the molecule without padding, in Angstrom.
    cell : float64 array of shape (3, 3)
        A vector of the cell in each row, in Angstrom.
    periodic : bool array of shape (3,)
        Along which vectors the cell is repeated.

    Returns
    -------
    float64 array of shape (a, 3)

    Raises
    ------
    GeometryError
        If the cell has no volume, holds several fragments, or the molecule is bonded to its own
        images and so has no end. The message does not say where.
    """
    periodic = periodic & (np.linalg.norm(cell, axis=1) > 0)
    if not periodic.any():
        return positions
    cell = _completed(cell, periodic)
    first, second, images = _bonds(charges, positions, cell, periodic)
    shifts = _shifts(len(charges), first, second, images)
    return np.asarray(positions + shifts @ cell) if shifts.any() else positions


def _completed(cell: Floats, periodic: NDArray[np.bool_]) -> Floats:
    """Cell with orthogonal unit vectors in place of those that are not periodic."""
    if not periodic.all():
        from ase.geometry import complete_cell

        cell = complete_cell(np.where(periodic[:, None], cell, 0.0))  # type: ignore[no-untyped-call]
    if abs(np.linalg.det(cell)) < 1e-6 * np.linalg.norm(cell, axis=1).prod():
        raise GeometryError("the cell has no volume: its vectors lie in one plane")
    return cell


def _bonds(
    charges: Integers, positions: Floats, cell: Floats, periodic: NDArray[np.bool_]
) -> tuple[Integers, Integers, Integers]:
    """Bonded atoms i and j (b,), both ways, and the cell (b, 3) in which j's image lies.

    Where the cell is higher than two bonds, only the nearest image can be bonded: its cell comes
    from rounding.
    """
    radii = BOND_FACTOR * covalent_radii[charges]
    inverse = np.linalg.inv(cell)
    heights = 1.0 / np.linalg.norm(inverse, axis=0)
    if len(charges) > DENSE_LIMIT or (heights[periodic] <= 4.0 * radii.max()).any():
        return _bonds_to_any_image(charges, positions, cell, periodic)
    offsets = positions[None] - positions[:, None]
    images = -np.rint(offsets @ inverse) * periodic
    vectors = offsets + images @ cell
    bonded = (vectors**2).sum(axis=-1) < (radii[:, None] + radii[None]) ** 2
    np.fill_diagonal(bonded, False)
    first, second = np.nonzero(bonded)
    return first, second, images[first, second].astype(np.int64)


def _bonds_to_any_image(
    charges: Integers, positions: Floats, cell: Floats, periodic: NDArray[np.bool_]
) -> tuple[Integers, Integers, Integers]:
    from ase import Atoms
    from ase.neighborlist import neighbor_list

    atoms = Atoms(numbers=charges, positions=positions, cell=cell, pbc=periodic)
    radii = BOND_FACTOR * covalent_radii[charges]
    first, second, images = neighbor_list("ijS", atoms, radii)  # type: ignore[no-untyped-call]
    return first, second, images


def _shifts(size: int, first: Integers, second: Integers, images: Integers) -> Integers:
    """Cells (a, 3) by which each atom must move for bonded atoms to lie side by side."""
    starts = np.searchsorted(first, np.arange(size + 1))
    shifts = np.zeros((size, 3), dtype=np.int64)
    reached = np.zeros(size, dtype=bool)
    reached[0] = True
    waiting = [0]
    while waiting:
        atom = waiting.pop()
        for bond in range(starts[atom], starts[atom + 1]):
            other = second[bond]
            if not reached[other]:
                reached[other] = True
                shifts[other] = shifts[atom] + images[bond]
                waiting.append(int(other))
    if not reached.all():
        raise GeometryError(
            f"the periodic cell holds several fragments: no chain of bonds joins atoms 0 and "
            f"{int(np.argmin(reached))}"
        )
    if (shifts[first] + images != shifts[second]).any():
        raise GeometryError("the atoms are bonded to their own periodic images: not a molecule")
    return shifts
