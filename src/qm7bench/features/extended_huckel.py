"""Extended Hueckel: bond orders, populations and charges of atoms, by textbook constants alone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from qm7bench.chemistry.density_vectors import bond_columns
from qm7bench.chemistry.extended_huckel import MOLECULES_AT_ONCE, Atoms, HuckelMethod
from qm7bench.chemistry.size import Size
from qm7bench.datasets.dataset import Dataset
from qm7bench.features._element_columns import (
    ElementColumns,
    atom_shapes,
    compositions,
    element_charges,
)
from qm7bench.layouts.shapes import Shapes
from qm7bench.registry.parameters import PositiveFloat


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
        real = dataset.charges > 0
        offsets = np.concatenate([[0], np.cumsum(dataset.sizes)]).astype(np.int64)
        atoms = Atoms(dataset.charges[real], dataset.positions[real], offsets)
        method = HuckelMethod(self.wolfsberg_helmholz, self.smearing)
        return {
            "values": method.vectors(atoms, elements),
            "charges": atoms.charges,
            "atom_offsets": atoms.offsets,
            "compositions": compositions(dataset, elements),
        }

    def columns(self, elements: int) -> int:
        """Columns of `values` for so many elements."""
        return len(bond_columns(elements))
