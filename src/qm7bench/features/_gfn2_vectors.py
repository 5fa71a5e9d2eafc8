"""Vectors of each atom from the density matrix of GFN2-xTB."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from qm7bench.chemistry.density_vectors import (
    AtomsOfMolecules,
    bond_columns,
    incidence,
    sums_by_shell,
    vectors_of_density,
)
from qm7bench.chemistry.elements import SYMBOLS
from qm7bench.chemistry.size import Size
from qm7bench.chemistry.slater_overlaps import ELEMENTS
from qm7bench.chemistry.units import ANGSTROM_PER_BOHR
from qm7bench.datasets.dataset import Dataset
from qm7bench.errors import ModelError
from qm7bench.features._tblite import Converged, converged, no_energy

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

METHOD = "GFN2-xTB"
ORBITALS_PER_ATOM = 9
"""At most, for the elements with constants: s, p and d."""
MATRICES = 32
"""Of the orbitals of one molecule at a time, at most: those of tblite, multipoles among them, and
their copies."""


def columns_of_vectors(elements: int) -> int:
    """Columns for e elements: 19 e + 6."""
    return len(bond_columns(elements)) + 4 * elements + 3


def working_memory_of_vectors(size: Size) -> int:
    """Bytes of the largest molecule's matrices."""
    return MATRICES * 8 * (ORBITALS_PER_ATOM * size.largest) ** 2


def vectors_of_atoms(dataset: Dataset, elements: Integers) -> Floats:
    """Vectors (N, 19 e + 6) of all atoms, for columns of these e elements: see `Fchl19Gfn2Xtb`.

    Raises
    ------
    ModelError
        If an element has no constants, or a molecule no self-consistent charges.
    """
    unknown = [SYMBOLS[z] for z in dataset.elements if z not in ELEMENTS]
    if unknown:
        known = " ".join(SYMBOLS[z] for z in ELEMENTS)
        raise ModelError(
            f"{METHOD}: no covalent radius for {unknown[0]}; leave out molecules with elements "
            f"other than {known}"
        )
    vectors = [np.empty((0, columns_of_vectors(len(elements))))]
    for i, size in enumerate(dataset.sizes.tolist()):
        charges, positions = dataset.charges[i, :size], dataset.positions[i, :size]
        found = converged(METHOD, charges, positions / ANGSTROM_PER_BOHR, save_integrals=1)
        if found is None:
            raise no_energy(METHOD, dataset, i)
        vectors.append(_of_molecule(found, charges, positions, elements))
    return np.concatenate(vectors)


def _of_molecule(
    found: Converged, charges: Integers, positions: Floats, elements: Integers
) -> Floats:
    """Vectors (N, 19 e + 6) of the N atoms of one molecule at positions in Angstrom."""
    density, overlaps, hamiltonian = (
        np.asarray(found.results.get(f"{name}-matrix"))[None]
        for name in ("density", "overlap", "hamiltonian")
    )
    number = len(charges)
    atoms = AtomsOfMolecules(
        np.linalg.norm(positions[:, None] - positions, axis=2)[None],
        (charges[:, None] == elements).astype(np.float64)[None],
        np.array([[ELEMENTS[z].valence_electrons for z in charges.tolist()]], dtype=np.float64),
        np.array([[ELEMENTS[z].radius for z in charges.tolist()]]),
    )
    shells = _shells(found, number)
    energies = sums_by_shell(density * hamiltonian, shells)[0]
    within = np.diagonal(energies, axis1=2, axis2=3)
    others = energies * (1.0 - np.eye(number))
    return np.concatenate(
        [
            vectors_of_density(atoms, density, overlaps, shells)[0],
            # Shell, shell, atom, element: atom and element first.
            (others @ atoms.kinds[0]).transpose(2, 3, 0, 1).reshape(number, -1),
            np.stack([within[0, 0], within[1, 1], np.asarray(found.results.get("energies"))], 1),
        ],
        axis=1,
    )


def _shells(found: Converged, atoms: int) -> Floats:
    """Which orbital is of which shell and atom, shape (1, 2, N, o); d counts as p."""
    shell = np.asarray(found.calculator.get("orbital-map"))
    atom = np.asarray(found.calculator.get("shell-map"))[shell]
    momenta = np.asarray(found.calculator.get("angular-momenta"))[shell]
    return incidence(atom[None], np.minimum(momenta, 1)[None], atoms)
