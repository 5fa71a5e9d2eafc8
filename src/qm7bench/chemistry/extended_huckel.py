"""The extended Hueckel method for the atoms of many molecules."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from qm7bench.chemistry.density_vectors import (
    AtomsOfMolecules,
    bond_columns,
    incidence,
    vectors_of_density,
)
from qm7bench.chemistry.slater_overlaps import (
    ELEMENTS,
    Element,
    Orbitals,
    element_of,
    orbitals_of,
    orbitals_per_atom,
)
from qm7bench.chemistry.units import ANGSTROM_PER_BOHR

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

LEVEL_TOLERANCE = 1.0e-12
"""Of the Fermi level in eV."""
MOLECULES_AT_ONCE = 32
"""With as many atoms and orbitals, that are handled together."""


@dataclass(frozen=True)
class Atoms:
    """Atoms of n molecules, end to end.

    Attributes
    ----------
    charges : int64 array of shape (N,)
        Nuclear charges.
    positions : float64 array of shape (N, 3)
        In Angstrom.
    offsets : int64 array of shape (n + 1,)
        Molecule i has the atoms `offsets[i]` to `offsets[i + 1] - 1`.
    """

    charges: Integers
    positions: Floats
    offsets: Integers


@dataclass(frozen=True)
class HuckelMethod:
    """Constants of the method, those of the textbooks if none are given.

    Attributes
    ----------
    wolfsberg_helmholz : float
    smearing : float
        Of the filling, in eV.
    constants : mapping of int to Element
        By nuclear charge.
    """

    wolfsberg_helmholz: float = 1.75
    smearing: float = 0.1
    constants: Mapping[int, Element] = field(default_factory=lambda: ELEMENTS)

    def vectors(self, atoms: Atoms, elements: Integers) -> NDArray[np.float32]:
        """Vectors (N, 15 e + 3) of atoms, for columns of these e elements: see `ExtendedHuckel`.

        Raises
        ------
        ModelError
            If constants of an element are not known.
        """
        columns = len(bond_columns(len(elements)))
        values = np.empty((len(atoms.charges), columns), dtype=np.float32)
        for own in self._alike(atoms):
            rows = atoms.offsets[own][:, None] + np.arange(np.diff(atoms.offsets)[own[0]])
            values[rows] = self._of_molecules(atoms.charges[rows], atoms.positions[rows], elements)
        return values

    def _of_molecules(self, charges: Integers, positions: Floats, elements: Integers) -> Floats:
        """Vectors (M, N, 15 e + 3) of the atoms of molecules with as many atoms and orbitals.

        Charges are (M, N), positions (M, N, 3) in Angstrom.
        """
        valence = self._of_elements(charges, lambda e: e.valence_electrons)
        radii = self._of_elements(charges, lambda e: e.radius)
        orbitals = orbitals_of(charges, positions / ANGSTROM_PER_BOHR, self.constants)
        density = self._density(orbitals, valence.sum(axis=1))
        shells = incidence(orbitals.atoms, orbitals.shells, charges.shape[1])
        kinds = (charges[:, :, None] == elements).astype(np.float64)
        distances = np.linalg.norm(positions[:, :, None] - positions[:, None], axis=3)
        atoms = AtomsOfMolecules(distances, kinds, valence, radii)
        return vectors_of_density(atoms, density, orbitals.overlaps, shells)

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

    def _alike(self, atoms: Atoms) -> Iterator[Integers]:
        """Indices of molecules with as many atoms and orbitals, some at a time."""
        sizes = np.diff(atoms.offsets)
        own = orbitals_per_atom(atoms.charges, self.constants)
        before = np.concatenate([[0], np.cumsum(own)])
        orbitals = before[atoms.offsets[1:]] - before[atoms.offsets[:-1]]
        _, kinds = np.unique(np.stack([sizes, orbitals]), axis=1, return_inverse=True)
        order = np.argsort(kinds, kind="stable")
        ends = np.flatnonzero(np.diff(kinds[order])) + 1
        for group in np.split(order, ends):
            for start in range(0, len(group), MOLECULES_AT_ONCE):
                yield group[start : start + MOLECULES_AT_ONCE]

    def _of_elements(self, charges: Integers, constant: Callable[[Element], float]) -> Floats:
        """A constant of each atom's element, shape (M, N)."""
        known, kinds = np.unique(charges, return_inverse=True)
        values = [constant(element_of(z, self.constants)) for z in known.tolist()]
        return np.array(values, dtype=np.float64)[kinds.reshape(charges.shape)]


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
