"""Energies of extended tight binding, a semiempirical method that takes milliseconds a molecule."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from functools import cache
from typing import ClassVar, Literal

import numpy as np
from numpy.typing import NDArray

from qm7bench.chemistry.elements import SYMBOLS
from qm7bench.chemistry.size import Size
from qm7bench.chemistry.units import ANGSTROM_PER_BOHR, KCAL_PER_MOL_PER_HARTREE
from qm7bench.datasets.dataset import Dataset
from qm7bench.errors import ModelError
from qm7bench.features._tblite import converged, no_energy
from qm7bench.features.interface import Feature
from qm7bench.layouts.shapes import Shape, Shapes
from qm7bench.tally import Tally

logger = logging.getLogger(__name__)

UNPAIRED_ELECTRONS = {1: 1, 5: 1, 6: 2, 7: 3, 8: 2, 9: 1, 14: 2, 15: 3, 16: 2, 17: 1, 35: 1, 53: 1}
"""Of free atoms in their ground state (Hund's rules), by nuclear charge."""


@dataclass(frozen=True)
class Xtb(Feature):
    """Atomization energy of a tight-binding method, in kcal/mol: one column.

    The energy of the neutral closed-shell molecule, at the given positions, minus those of its free
    atoms. It needs no training molecules, but its own parameters were fitted to other calculations:
    a model that learns to correct it, as its `baseline`, is in a separate track. Computed by
    tblite.

    References
    ----------
    Bannwarth, Ehlert & Grimme, J. Chem. Theory Comput. 15, 1652 (2019) for GFN2-xTB; Grimme,
    Bannwarth & Shushkov, J. Chem. Theory Comput. 13, 1989 (2017) for GFN1-xTB.
    """

    units: ClassVar[str] = "kcal/mol"
    layout: ClassVar[str] = "tabular"

    method: Literal["GFN2-xTB", "GFN1-xTB"] = "GFN2-xTB"

    @property
    def also_uses(self) -> str:
        """The method, as a name."""
        return self.method.lower().replace("-", "_")

    def shapes(self, size: Size) -> Shapes:
        """Shape of `values`."""
        return {"values": Shape((size.molecules, 1))}

    def compute(self, dataset: Dataset) -> dict[str, NDArray[np.float64]]:
        """Return `values` of shape (n, 1).

        Raises
        ------
        ModelError
            If the method lacks an element, or finds no self-consistent charges.
        """
        atoms = {z: _free_atom(self.method, z) for z in dataset.elements}
        values, tally = np.empty((len(dataset), 1)), Tally(len(dataset), logger)
        for i, (charges, positions) in enumerate(
            zip(dataset.charges, dataset.positions, strict=True)
        ):
            real = charges > 0
            total = _energy(self.method, charges[real], positions[real] / ANGSTROM_PER_BOHR)
            if total is None:
                raise no_energy(self.method, dataset, i)
            values[i] = total - sum(atoms[z] for z in charges[real].tolist())
            tally.add(1)
        return {"values": values * KCAL_PER_MOL_PER_HARTREE}


@cache
def _free_atom(method: str, charge: int) -> float:
    """Energy of a free atom in Hartree."""
    energy = None
    if charge in UNPAIRED_ELECTRONS:
        unpaired = UNPAIRED_ELECTRONS[charge]
        energy = _energy(method, np.array([charge]), np.zeros((1, 3)), unpaired)
    if energy is None:
        known = " ".join(SYMBOLS[z] for z in UNPAIRED_ELECTRONS)
        raise ModelError(
            f"{method}: no energy for a free atom of {SYMBOLS[charge]}; leave out molecules with "
            f"elements other than {known}"
        )
    return energy


def _energy(
    method: str, charges: NDArray[np.int64], positions: NDArray[np.float64], unpaired: int = 0
) -> float | None:
    """Total energy in Hartree of atoms at positions in Bohr; None where the method gives none."""
    found = converged(method, charges, positions, unpaired)
    return None if found is None else float(found.results.get("energy"))
