"""Extended Hueckel: bond orders, populations and charges of atoms, by textbook constants alone."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from qm7bench.chemistry.size import Size
from qm7bench.chemistry.slater_overlaps import (
    Element,
    Orbitals,
    element_of,
    orbitals_of,
    orbitals_per_atom,
)
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
Integers = NDArray[np.int64]

POWERS = 3
"""Of the stretch of a bond, by which its orders are weighted: 0, 1 and 2."""
LARGEST_STRETCH = 2.0
LEVEL_TOLERANCE = 1.0e-12
"""Of the Fermi level in eV."""
MOLECULES_AT_ONCE = 32
"""With as many atoms and orbitals, that are handled together."""
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
        """Matrices of the orbitals of some molecules, and of their atoms' Gaussians."""
        pairs = min(MOLECULES_AT_ONCE, size.molecules) * size.largest**2
        return (12 * 16 + 10 * 9 + 40) * 8 * pairs

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
        for own in _alike(dataset):
            real = dataset.charges[own] > 0
            charges = dataset.charges[own][real].reshape(len(own), -1)
            positions = dataset.positions[own][real].reshape(*charges.shape, 3)
            rows = offsets[own][:, None] + np.arange(charges.shape[1])
            values[rows] = self._of_molecules(charges, positions, elements)
        return {
            "values": values,
            "charges": dataset.charges[dataset.charges > 0],
            "atom_offsets": offsets,
            "compositions": compositions(dataset, elements),
        }

    def columns(self, elements: int) -> int:
        """Columns of `values` for so many elements."""
        return len(bond_columns(elements))

    def _of_molecules(self, charges: Integers, positions: Floats, elements: Integers) -> Floats:
        """Vectors (M, N, 15 e + 3) of the atoms of molecules with as many atoms and orbitals.

        Charges are (M, N), positions (M, N, 3) in Angstrom.
        """
        molecules, atoms = charges.shape
        valence = _of_elements(charges, lambda e: e.valence_electrons)
        radii = _of_elements(charges, lambda e: e.radius)
        orbitals = orbitals_of(charges, positions / ANGSTROM_PER_BOHR)
        density = self._density(orbitals, valence.sum(axis=1))
        shells = _incidence(orbitals, atoms)
        kinds = (charges[:, :, None] == elements).astype(np.float64)
        distances = np.linalg.norm(positions[:, :, None] - positions[:, None], axis=3)

        flat = shells.reshape(molecules, 2 * atoms, -1)
        between = flat @ (density * orbitals.overlaps) @ flat.transpose(0, 2, 1)
        between = between.reshape(molecules, 2, atoms, 2, atoms).transpose(0, 1, 3, 2, 4)
        mulliken = valence - between.sum(axis=(1, 2, 4))
        stretched = _stretched(between, distances, radii) @ kinds[:, None, None, None]
        populations = np.einsum("mkao,moo->mak", shells, density)
        orders = _bond_orders(density @ orbitals.overlaps, shells.sum(axis=1))
        return np.concatenate(
            [
                # Molecule, shell, shell, power, atom, element: atom and element first.
                stretched.transpose(0, 4, 5, 1, 2, 3).reshape(molecules, atoms, -1),
                populations,
                mulliken[:, :, None],
                _potentials(mulliken, distances) @ kinds,
                orders @ kinds,
                orders**2 @ kinds,
            ],
            axis=2,
        )

    def _density(self, orbitals: Orbitals, electrons: Floats) -> Floats:
        """Density matrices (M, o, o) of the filled orbitals of molecules with these electrons."""
        levels, overlaps = orbitals.levels, orbitals.overlaps
        hamiltonian = levels[:, :, None] + levels[:, None, :]
        hamiltonian *= 0.5 * self.wolfsberg_helmholz * overlaps
        own = np.arange(levels.shape[1])
        hamiltonian[:, own, own] = levels
        # With S = L L^T, H C = S C E is a symmetric problem for L^T C.
        inverse = np.linalg.inv(np.linalg.cholesky(overlaps))
        turned = inverse.transpose(0, 2, 1)
        energies, vectors = np.linalg.eigh(inverse @ hamiltonian @ turned)
        vectors = turned @ vectors
        occupied = vectors * _occupations(energies, electrons, self.smearing)[:, None, :]
        return np.asarray(occupied @ vectors.transpose(0, 2, 1))


def _alike(dataset: Dataset) -> Iterator[Integers]:
    """Indices of molecules with as many atoms and orbitals, some at a time."""
    orbitals = orbitals_per_atom(dataset.charges).sum(axis=1)
    _, kinds = np.unique(np.stack([dataset.sizes, orbitals]), axis=1, return_inverse=True)
    order = np.argsort(kinds, kind="stable")
    ends = np.flatnonzero(np.diff(kinds[order])) + 1
    for group in np.split(order, ends):
        for start in range(0, len(group), MOLECULES_AT_ONCE):
            yield group[start : start + MOLECULES_AT_ONCE]


def _of_elements(charges: Integers, constant: Callable[[Element], float]) -> Floats:
    """A constant of each atom's element, shape (M, N)."""
    known, kinds = np.unique(charges, return_inverse=True)
    values = [constant(element_of(z)) for z in known.tolist()]
    return np.array(values, dtype=np.float64)[kinds.reshape(charges.shape)]


def bond_columns(elements: int) -> NDArray[np.bool_]:
    """Which columns (15 e + 3,) hold bonds: overlap populations and bond orders, not charges."""
    return np.repeat([True, False, True], [12 * elements, elements + 3, 2 * elements])


def _stretched(between: Floats, distances: Floats, radii: Floats) -> Floats:
    """Overlap populations (M, 2, 2, N, N) times powers of the bonds' stretch, none within an atom.

    Returns
    -------
    float64 array of shape (M, 2, 2, POWERS, N, N)
    """
    lengths = radii[:, :, None] + radii[:, None, :]
    stretches = np.minimum(distances / lengths - 1.0, LARGEST_STRETCH)
    powers = stretches[:, None] ** np.arange(POWERS)[:, None, None]
    own = np.arange(radii.shape[1])
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


def _incidence(orbitals: Orbitals, atoms: int) -> Floats:
    """Which orbital is of which shell and atom, shape (M, 2, N, o)."""
    molecules, number = orbitals.atoms.shape
    result = np.zeros((molecules, 2, atoms, number))
    own = np.arange(molecules)[:, None]
    result[own, orbitals.shells, orbitals.atoms, np.arange(number)] = 1.0
    return result


def _occupations(energies: Floats, electrons: Floats, smearing: float) -> Floats:
    """Electrons (M, o) in each orbital, two at most, after Fermi and Dirac.

    Smeared, degenerate orbitals share their electrons, and nothing depends on how they are turned.
    """
    margin = 100.0 * smearing
    low, high = energies[:, 0] - margin, energies[:, -1] + margin
    steps = math.ceil(math.log2(float((high - low).max()) / LEVEL_TOLERANCE))
    for _ in range(steps):
        middle = 0.5 * (low + high)
        below = _filled(middle, energies, smearing).sum(axis=1) < electrons
        low, high = np.where(below, middle, low), np.where(below, high, middle)
    filled = _filled(0.5 * (low + high), energies, smearing)
    return np.where((electrons >= 2 * energies.shape[1])[:, None], 2.0, filled)


def _filled(levels: Floats, energies: Floats, smearing: float) -> Floats:
    """Electrons (M, o) in each orbital for Fermi levels (M,); by tanh, which never overflows."""
    return np.asarray(1.0 + np.tanh((levels[:, None] - energies) / (2.0 * smearing)))
