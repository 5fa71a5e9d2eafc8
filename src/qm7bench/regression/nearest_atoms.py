"""What each atom adds to the energy of a sparse kernel, and how far its nearest inducing atom is.

A sparse local kernel has learned from a molecule's atoms only what similar inducing atoms tell it,
so that the distance to the nearest one says how well an atom is known. Distances are Euclidean,
between representations of atoms of one element.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from qm7bench.errors import ModelError
from qm7bench.layouts.atoms import AtomRepresentations
from qm7bench.regression.local_kernel import LocalAtoms, negated_squares
from qm7bench.regression.pair_sums import functions_for
from qm7bench.regression.sparse_kernel import SparseBasis, in_blocks

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

ATOMS_AT_ONCE = 128
"""Atoms that are compared with all inducing atoms of their element at a time."""
SAME_ATOM = 1.0e-3
"""An inducing atom is this near, at most, to the atom that it was chosen as, after rounding."""


def atom_energies(
    basis: SparseBasis, atoms: AtomRepresentations, weights: Floats
) -> tuple[Floats, Floats]:
    """What each atom adds, and its distance to the nearest inducing atom of its element.

    Parameters
    ----------
    weights : float64 array of shape (m,)
        Of the inducing atoms.

    Returns
    -------
    tuple of float64 arrays of shape (N,)
        In the unit of the weights; infinitely far where no inducing atom is of the element.
    """
    values, distances = np.zeros(len(atoms.charges)), np.full(len(atoms.charges), np.inf)
    inducing = basis.inducing.by_element.items()
    functions = functions_for(
        sum(int(np.sum(atoms.charges == z)) * len(i.values) for z, i in inducing)
    )
    for chosen, places, negated in _compared(basis, atoms):
        distances[chosen] = np.sqrt(-negated.max(axis=1))
        (similarities,) = functions.similarities_of(negated, basis.kernel, [basis.gamma])
        values[chosen] = similarities @ weights[places]
    return values, distances


def distances_to_others(basis: SparseBasis, atoms: AtomRepresentations) -> Floats:
    """Distance (N,) of each atom to the nearest inducing atom that is not of its own molecule.

    It is what a new molecule like that of the atom would be found at.

    Parameters
    ----------
    atoms : AtomRepresentations
        All atoms that the inducing atoms were chosen from.

    Raises
    ------
    ModelError
        If an inducing atom is none of these atoms.
    """
    origins = _origins(basis, atoms)
    distances = np.empty(len(atoms.charges))
    for start, part in in_blocks(atoms):
        first = atoms.atom_offsets[start]
        molecules = start + part.molecules
        for chosen, places, negated in _compared(basis, part):
            own, others = molecules[chosen], origins[places]
            among = np.flatnonzero((others >= own[0]) & (others <= own[-1]))
            row, column = np.nonzero(own[:, None] == others[None, among])
            negated[row, among[column]] = -np.inf
            distances[first + chosen] = np.sqrt(-negated.max(axis=1))
    return distances


def _origins(basis: SparseBasis, atoms: AtomRepresentations) -> Integers:
    """Index (m,) of the molecule that each inducing atom was chosen from.

    Only atoms that agree along the axis of the largest variance are compared.
    """
    nearest, origins = np.full(len(basis), np.inf), np.full(len(basis), -1)
    for start, part in in_blocks(atoms):
        local = LocalAtoms.of(part, basis.axes, known=True)
        for charge, own in local.by_element.items():
            inducing = basis.inducing.by_element[charge]
            atom, candidate = _alike(own.values[:, -1], inducing.values[:, -1])
            differences = own.values[atom] - inducing.values[candidate]
            squares = np.einsum("ik,ik->i", differences, differences)
            # The nearest comes last, so that it is what stays.
            order = np.argsort(-squares, kind="stable")
            places = inducing.molecules[candidate[order]]
            nearer = squares[order] < nearest[places]
            nearest[places[nearer]] = squares[order][nearer]
            origins[places[nearer]] = start + own.molecules[atom[order][nearer]]
    if np.sqrt(nearest.max()) > SAME_ATOM:
        raise ModelError(
            "the inducing atoms were not chosen from these molecules; compute the sums that the "
            "fits share again"
        )
    return origins


def _alike(values: NDArray[np.float32], others: NDArray[np.float32]) -> tuple[Integers, Integers]:
    """Indices of all pairs of values (a,) and others (b,) that differ by `SAME_ATOM` at most."""
    order = np.argsort(values, kind="stable")
    first = np.searchsorted(values[order], others - SAME_ATOM)
    number = np.searchsorted(values[order], others + SAME_ATOM, side="right") - first
    which = np.repeat(np.arange(len(others)), number)
    within = np.arange(len(which)) - np.repeat(np.cumsum(number) - number, number)
    return order[first[which] + within], which


def _compared(
    basis: SparseBasis, atoms: AtomRepresentations
) -> Iterator[tuple[Integers, Integers, Floats]]:
    """Atoms with the inducing atoms of their element, some at a time.

    Yields
    ------
    tuple
        Indices (a,) of atoms, places (b,) of inducing atoms, and the squared distances (a, b)
        between them with a minus sign.
    """
    local = LocalAtoms.of(atoms, basis.axes, known=False)
    for charge, own in local.by_element.items():
        inducing = basis.inducing.by_element[charge]
        indices = np.flatnonzero(atoms.charges == charge)
        rows, columns = negated_squares(own, inducing)
        for start in range(0, len(rows), ATOMS_AT_ONCE):
            chosen = slice(start, start + ATOMS_AT_ONCE)
            negated = rows[chosen] @ columns.T
            yield indices[chosen], inducing.molecules, np.minimum(negated, 0.0, out=negated)
