"""Rows of a local kernel that is too large to be computed by one job, or to be held as a square.

The molecules stand in one list: those to learn from, then others to predict. A row holds the kernel
of a molecule with those to learn from that stand before it, and with itself; rows of molecules to
predict have all columns. What stands above the diagonal is zero and means nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qm7bench.layouts.atoms import AtomRepresentations
from qm7bench.regression.local_kernel import (
    Axes,
    ElementAtoms,
    Kernel,
    LocalAtoms,
    axes_of,
    local_kernel,
)
from qm7bench.regression.stored_atoms import arrays_of_atoms, atoms_of_arrays

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
Arrays = Mapping[str, NDArray[Any]]

MOLECULES_AT_ONCE = 2048
"""Molecules on either side of a block of the kernel that is computed at a time."""


@dataclass(frozen=True)
class KernelMolecules:
    """Molecules to learn from, and others to predict, along the axes of the former.

    Attributes
    ----------
    training, others : int64 arrays of shape (m,) and (k,)
        Which molecules of the data set these are.
    axes : dict
        By nuclear charge.
    atoms : LocalAtoms
        Of the m + k molecules.
    """

    training: Integers
    others: Integers
    axes: dict[int, Axes]
    atoms: LocalAtoms

    @classmethod
    def of(
        cls, training: AtomRepresentations, others: AtomRepresentations, gamma: float
    ) -> KernelMolecules:
        """Turn all vectors along the principal axes of the atoms to learn from."""
        axes = axes_of(training, gamma)
        known = LocalAtoms.of(training, axes, known=True)
        more = LocalAtoms.of(others, axes, known=False)
        return cls(training.indices, others.indices, axes, _joined(known, more))

    def arrays(self) -> dict[str, NDArray[Any]]:
        """Arrays from which `of_arrays` makes the same."""
        numbers = {"training": self.training, "others": self.others}
        return {**numbers, **arrays_of_atoms(self.axes, self.atoms)}

    @classmethod
    def of_arrays(cls, arrays: Arrays) -> KernelMolecules:
        """Take over the arrays of `arrays`, which may be memory-mapped; others are left alone."""
        training, others = np.asarray(arrays["training"]), np.asarray(arrays["others"])
        axes, atoms = atoms_of_arrays(arrays, len(training) + len(others))
        return cls(training, others, axes, atoms)

    def known(self) -> LocalAtoms:
        """Atoms of the molecules to learn from."""
        return molecules_of(self.atoms, 0, len(self.training))

    def rows(self, first: int, last: int, kernel: Kernel, gamma: float) -> Floats:
        """Rows `first` to `last` - 1 of the kernel, shape (last - first, min(last, m))."""
        known = len(self.training)
        result = np.zeros((last - first, min(last, known)))
        for start in range(first, last, MOLECULES_AT_ONCE):
            end = min(start + MOLECULES_AT_ONCE, last)
            own = molecules_of(self.atoms, start, end)
            for left in range(0, min(end, known), MOLECULES_AT_ONCE):
                right = min(left + MOLECULES_AT_ONCE, end, known)
                # A block beside itself costs half; `local_kernel` tells it by its identity.
                same = (left, right) == (start, end)
                columns = own if same else molecules_of(self.atoms, left, right)
                block = local_kernel(own, columns, kernel, gamma)
                result[start - first : end - first, left:right] = block
        return result


def molecules_of(atoms: LocalAtoms, first: int, last: int) -> LocalAtoms:
    """Molecules `first` to `last` - 1; their vectors are not copied."""
    by_element = {}
    for charge, own in atoms.by_element.items():
        start, end = np.searchsorted(own.molecules, [first, last]).tolist()
        if end > start:
            by_element[charge] = ElementAtoms(
                own.values[start:end], own.outside[start:end], own.molecules[start:end] - first
            )
    return LocalAtoms(last - first, by_element)


def _joined(first: LocalAtoms, second: LocalAtoms) -> LocalAtoms:
    """Molecules of two lists, one list after the other, along the same axes."""
    by_element = {}
    for charge in first.by_element.keys() | second.by_element.keys():
        parts = [each.by_element[charge] for each in (first, second) if charge in each.by_element]
        numbers = [own.molecules for own in parts]
        if charge in second.by_element:
            numbers[-1] = numbers[-1] + first.number_of_molecules
        by_element[charge] = ElementAtoms(
            np.concatenate([own.values for own in parts]),
            np.concatenate([own.outside for own in parts]),
            np.concatenate(numbers),
        )
    return LocalAtoms(first.number_of_molecules + second.number_of_molecules, by_element)
