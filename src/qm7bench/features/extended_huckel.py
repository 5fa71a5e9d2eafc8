"""Extended Hueckel: bond orders, populations and charges of atoms, by textbook constants alone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from qm7bench.chemistry.size import Size
from qm7bench.chemistry.slater_overlaps import Orbitals, element_of, orbitals_of
from qm7bench.chemistry.units import ANGSTROM_PER_BOHR
from qm7bench.datasets.dataset import Dataset
from qm7bench.features._element_columns import (
    ElementColumns,
    atom_shapes,
    compositions,
    element_charges,
)
from qm7bench.layouts.shapes import Shapes
from qm7bench.registry.parameters import PositiveFloat

Floats = NDArray[np.float64]

POWERS = 3
"""Of the stretch of a bond, by which its orders are weighted: 0, 1 and 2."""
LARGEST_STRETCH = 2.0
LEVEL_TOLERANCE = 1.0e-12
"""Of the Fermi level in eV."""
LEVELS_AT_ONCE = 32
"""Fermi levels that are tried together when the right one is bracketed."""
SOFTENING = 4.0
"""Bohr^2 added to squared distances in electrostatic potentials."""


@dataclass(frozen=True)
class ExtendedHuckel(ElementColumns):
    """Bond orders, populations and charges of each atom by the extended Hueckel method.

    With overlaps S of Slater valence orbitals, H_ii = -(ionisation energy) and
    H_ij = wolfsberg_helmholz S_ij (H_ii + H_jj) / 2, the orbitals H C = S C E are filled with the
    valence electrons, smeared by `smearing` eV, to the density matrix P. The vector of atom A holds

    - for each element, shell (s, p) of A and shell of the other atoms B of that element: the sum
      of P_ij S_ij x^m for m = 0, 1, 2, with the bond's stretch x = R_AB / (r_A + r_B) - 1 (covalent
      radii; 2 at most),
    - populations P_ii of s and p, and A's charge q_A after Mulliken,
    - for each element: the potential of its atoms' charges, sum of q_B / sqrt(R_AB^2 + 4) in atomic
      units; the sums of Mayer's bond orders sum_ij (P S)_ij (P S)_ji and of their squares.

    Nothing is fitted: the constants are ionisation energies, Slater exponents and covalent radii,
    see `slater_overlaps`. Invariant to rotation, translation and the order of the other atoms.
    `elements` ("H C N O S") fixes the columns; without it they are those of the data set.

    References
    ----------
    Hoffmann, J. Chem. Phys. 39, 1397 (1963); Wolfsberg & Helmholz, J. Chem. Phys. 20, 837 (1952);
    Mulliken, J. Chem. Phys. 23, 1833 (1955); Mayer, Chem. Phys. Lett. 97, 270 (1983).
    """

    units: ClassVar[str] = "none"
    layout: ClassVar[str] = "atoms"

    wolfsberg_helmholz: PositiveFloat = 1.75
    smearing: PositiveFloat = 0.1
    elements: str = ""

    def shapes(self, size: Size) -> Shapes:
        """Shapes of the four arrays."""
        elements = self.number_of_elements(size)
        return atom_shapes(size, size.all_atoms, self.columns(elements), elements)

    def working_memory(self, size: Size) -> int:
        """Matrices of a molecule's orbitals, four of an atom at most."""
        return 20 * 8 * (4 * size.largest) ** 2

    def compute(self, dataset: Dataset) -> dict[str, NDArray[Any]]:
        """Return `values` (N, 15 e + 3), `charges`, `atom_offsets` and `compositions` (n, e).

        N counts the atoms, e the elements.

        Raises
        ------
        ModelError
            If a molecule has an element that is not among the feature's own, or whose constants
            are not known.
        """
        elements = element_charges(self.elements, dataset, "extended Hueckel")
        offsets = np.concatenate([[0], np.cumsum(dataset.sizes)]).astype(np.int64)
        values = np.empty((offsets[-1], self.columns(len(elements))), dtype=np.float32)
        for i in range(len(dataset)):
            real = dataset.charges[i] > 0
            charges, positions = dataset.charges[i, real], dataset.positions[i, real]
            values[offsets[i] : offsets[i + 1]] = self._of_molecule(charges, positions, elements)
        return {
            "values": values,
            "charges": dataset.charges[dataset.charges > 0],
            "atom_offsets": offsets,
            "compositions": compositions(dataset, elements),
        }

    def columns(self, elements: int) -> int:
        """Columns of `values` for so many elements."""
        return len(bond_columns(elements))

    def _of_molecule(
        self, charges: NDArray[np.int64], positions: Floats, elements: NDArray[np.int64]
    ) -> Floats:
        """Vectors (N, 15 e + 3) of a molecule's atoms at positions (N, 3) in Angstrom."""
        own = [element_of(z) for z in charges.tolist()]
        valence = np.array([e.valence_electrons for e in own])
        radii = np.array([e.radius for e in own])
        orbitals = orbitals_of(charges, positions / ANGSTROM_PER_BOHR)
        density = self._density(orbitals, int(valence.sum()))
        shells = _incidence(orbitals.atoms, orbitals.shells, len(charges))
        kinds = (charges[:, None] == elements[None, :]).astype(np.float64)
        distances = np.linalg.norm(positions[:, None] - positions[None], axis=2)

        shared = density * orbitals.overlaps
        flat = shells.reshape(-1, shells.shape[2])
        between = flat @ shared @ flat.T
        between = between.reshape(2, len(charges), 2, len(charges)).transpose(0, 2, 1, 3)
        mulliken = valence - between.sum(axis=(0, 1, 3))
        stretched = _stretched(between, distances, radii) @ kinds  # (k, l, m, atoms, elements)
        populations = (shells @ np.diag(density)).T
        orders = _bond_orders(density @ orbitals.overlaps, shells.sum(axis=0))
        return np.column_stack(
            [
                stretched.transpose(3, 4, 0, 1, 2).reshape(len(charges), -1),
                populations,
                mulliken,
                _potentials(mulliken, distances) @ kinds,
                orders @ kinds,
                orders**2 @ kinds,
            ]
        )

    def _density(self, orbitals: Orbitals, electrons: int) -> Floats:
        """Density matrix (o, o) of the filled orbitals."""
        from scipy.linalg import eigh

        levels, overlaps = orbitals.levels, orbitals.overlaps
        hamiltonian = 0.5 * self.wolfsberg_helmholz * overlaps * np.add.outer(levels, levels)
        np.fill_diagonal(hamiltonian, levels)
        energies, vectors = eigh(hamiltonian, overlaps, check_finite=False)
        return np.asarray((vectors * _occupations(energies, electrons, self.smearing)) @ vectors.T)


def bond_columns(elements: int) -> NDArray[np.bool_]:
    """Which columns (15 e + 3,) hold bonds: overlap populations and bond orders, not charges."""
    return np.repeat([True, False, True], [12 * elements, elements + 3, 2 * elements])


def _stretched(between: Floats, distances: Floats, radii: Floats) -> Floats:
    """Overlap populations (2, 2, N, N) times powers of the bonds' stretch, none within an atom.

    Returns
    -------
    float64 array of shape (2, 2, POWERS, N, N)
    """
    stretches = np.minimum(distances / np.add.outer(radii, radii) - 1.0, LARGEST_STRETCH)
    powers = stretches[None] ** np.arange(POWERS)[:, None, None]
    powers[:, np.eye(len(radii), dtype=bool)] = 0.0
    return between[:, :, None] * powers


def _potentials(charges: Floats, distances: Floats) -> Floats:
    """Softened potentials (N, N) in atomic units at each atom of each other atom's charge."""
    potentials = charges / np.sqrt((distances / ANGSTROM_PER_BOHR) ** 2 + SOFTENING)
    np.fill_diagonal(potentials, 0.0)
    return potentials


def _bond_orders(product: Floats, atoms: Floats) -> Floats:
    """Mayer's bond orders (N, N) of density times overlap (o, o), for orbitals of atoms (N, o)."""
    orders = atoms @ (product * product.T) @ atoms.T
    np.fill_diagonal(orders, 0.0)
    return orders


def _incidence(atoms: NDArray[np.int64], shells: NDArray[np.int64], size: int) -> Floats:
    """Which orbital is of which shell and atom, shape (2, size, o)."""
    result = np.zeros((2, size, len(atoms)))
    result[shells, atoms, np.arange(len(atoms))] = 1.0
    return result


def _occupations(energies: Floats, electrons: int, smearing: float) -> Floats:
    """Electrons in each orbital, two at most, after Fermi and Dirac.

    Smeared, degenerate orbitals share their electrons, and nothing depends on how they are turned.
    """
    if electrons >= 2 * len(energies):
        return np.full(len(energies), 2.0)
    margin = 100.0 * smearing
    low, high = energies[0] - margin, energies[-1] + margin
    while high - low > LEVEL_TOLERANCE:
        levels = np.linspace(low, high, LEVELS_AT_ONCE)
        below = _filled(levels[:, None], energies, smearing).sum(axis=1) < electrons
        place = int(np.clip(below.sum(), 1, LEVELS_AT_ONCE - 1))
        low, high = levels[place - 1], levels[place]
    return _filled(0.5 * (low + high), energies, smearing)


def _filled(levels: Any, energies: Floats, smearing: float) -> Floats:
    """Electrons in each orbital for a Fermi level; by tanh, which never overflows."""
    return np.asarray(1.0 + np.tanh((levels - energies) / (2.0 * smearing)))
