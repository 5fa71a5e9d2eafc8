"""Vectors of atoms from the density matrix of a molecule: bond orders, populations and charges."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from qm7bench.chemistry.units import ANGSTROM_PER_BOHR

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

POWERS = 3
"""Of the stretch of a bond, by which its orders are weighted: 0, 1 and 2."""
LARGEST_STRETCH = 2.0
SOFTENING = 4.0
"""Bohr^2 added to squared distances in electrostatic potentials."""


@dataclass(frozen=True)
class AtomsOfMolecules:
    """M molecules with N atoms each.

    Attributes
    ----------
    distances : float64 array of shape (M, N, N)
        In Angstrom.
    kinds : float64 array of shape (M, N, e)
        1 where an atom is of the element of a column, else 0.
    valence : float64 array of shape (M, N)
        Valence electrons of each atom.
    radii : float64 array of shape (M, N)
        Covalent radii in Angstrom.
    """

    distances: Floats
    kinds: Floats
    valence: Floats
    radii: Floats


def vectors_of_density(
    atoms: AtomsOfMolecules, density: Floats, overlaps: Floats, shells: Floats
) -> Floats:
    """Vectors (M, N, 15 e + 3) of atoms, in the order of `ExtendedHuckel`'s description.

    Parameters
    ----------
    density, overlaps : float64 arrays of shape (M, o, o)
        Of o orbitals.
    shells : float64 array of shape (M, 2, N, o)
        Which orbital is of which shell (s, p) and atom; see `incidence`.
    """
    molecules, number = atoms.valence.shape
    between = sums_by_shell(density * overlaps, shells)
    mulliken = atoms.valence - between.sum(axis=(1, 2, 4))
    stretched = _stretched(between, atoms) @ atoms.kinds[:, None, None, None]
    populations = np.einsum("mkao,moo->mak", shells, density)
    orders = _bond_orders(density @ overlaps, shells.sum(axis=1))
    return np.concatenate(
        [
            # Molecule, shell, shell, power, atom, element: atom and element first.
            stretched.transpose(0, 4, 5, 1, 2, 3).reshape(molecules, number, -1),
            populations,
            mulliken[:, :, None],
            _potentials(mulliken, atoms.distances) @ atoms.kinds,
            orders @ atoms.kinds,
            orders**2 @ atoms.kinds,
        ],
        axis=2,
    )


def bond_columns(elements: int) -> NDArray[np.bool_]:
    """Which columns (15 e + 3,) hold bonds: overlap populations and bond orders, not charges."""
    return np.repeat([True, False, True], [12 * elements, elements + 3, 2 * elements])


def sums_by_shell(matrix: Floats, shells: Floats) -> Floats:
    """Sums (M, 2, 2, N, N) of a matrix (M, o, o) over the orbitals of two shells of two atoms."""
    molecules, _, atoms, _ = shells.shape
    flat = shells.reshape(molecules, 2 * atoms, -1)
    between = flat @ matrix @ flat.transpose(0, 2, 1)
    return between.reshape(molecules, 2, atoms, 2, atoms).transpose(0, 1, 3, 2, 4)


def incidence(owners: Integers, shells: Integers, atoms: int) -> Floats:
    """Which orbital is of which shell and atom, shape (M, 2, N, o), of numbers (M, o) of both."""
    molecules, number = owners.shape
    result = np.zeros((molecules, 2, atoms, number))
    own = np.arange(molecules)[:, None]
    result[own, shells, owners, np.arange(number)] = 1.0
    return result


def _stretched(between: Floats, atoms: AtomsOfMolecules) -> Floats:
    """Overlap populations (M, 2, 2, N, N) times powers of the bonds' stretch, none within an atom.

    Returns
    -------
    float64 array of shape (M, 2, 2, POWERS, N, N)
    """
    lengths = atoms.radii[:, :, None] + atoms.radii[:, None, :]
    stretches = np.minimum(atoms.distances / lengths - 1.0, LARGEST_STRETCH)
    powers = stretches[:, None] ** np.arange(POWERS)[:, None, None]
    own = np.arange(lengths.shape[1])
    powers[:, :, own, own] = 0.0
    return between[:, :, :, None] * powers[:, None, None]


def _potentials(charges: Floats, distances: Floats) -> Floats:
    """Softened potentials (M, N, N) in atomic units at each atom of each other atom's charge."""
    potentials = charges[:, None, :] / np.sqrt((distances / ANGSTROM_PER_BOHR) ** 2 + SOFTENING)
    own = np.arange(charges.shape[1])
    potentials[:, own, own] = 0.0
    return np.asarray(potentials)


def _bond_orders(product: Floats, atoms: Floats) -> Floats:
    """Mayer's bond orders (M, N, N) of density times overlap, for orbitals of atoms (M, N, o)."""
    orders = atoms @ (product * product.transpose(0, 2, 1)) @ atoms.transpose(0, 2, 1)
    own = np.arange(atoms.shape[1])
    orders[:, own, own] = 0.0
    return np.asarray(orders)
