"""Normal equations of each fold, shared by the selection and all fits of a sparse kernel."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qm7bench.layouts.atoms import AtomRepresentations
from qm7bench.regression.local_kernel import Axes, ElementAtoms, Kernel, LocalAtoms
from qm7bench.regression.sparse_kernel import NormalEquations, SparseBasis

logger = logging.getLogger(__name__)

Floats = NDArray[np.float64]
Arrays = dict[str, NDArray[Any]]


@dataclass(frozen=True)
class FoldSums:
    """Inducing atoms chosen from all molecules of a data set, and each fold's normal equations.

    Attributes
    ----------
    basis : SparseBasis
    folds : int64 array of shape (n,)
        Fold of each molecule of the data set.
    targets : float64 array of shape (n, 1 + e)
        Energies, and numbers of atoms of each element: the targets of the sums.
    sums : dict
        Normal equations by fold.
    """

    basis: SparseBasis
    folds: NDArray[np.int64]
    targets: Floats
    sums: dict[int, NormalEquations]

    @classmethod
    def computed(
        cls,
        basis: SparseBasis,
        atoms: AtomRepresentations,
        energies: Floats,
        folds: NDArray[np.int64],
    ) -> FoldSums:
        """Sum over the molecules of each fold."""
        targets, sums = targets_of(atoms, energies), {}
        for fold in np.unique(folds).tolist():
            own = np.flatnonzero(folds == fold)
            logger.info("fold %d: comparing %d molecules with %d atoms", fold, len(own), len(basis))
            sums[fold] = NormalEquations.of(basis, atoms[own], targets[own])
        return cls(basis, folds, targets, sums)

    @classmethod
    def of_arrays(
        cls, arrays: Mapping[str, NDArray[Any]], name: str, kernel: Kernel, gamma: float
    ) -> FoldSums | None:
        """Take over what `arrays` gave under this name, or None if that is not there."""
        if f"{name}_elements" not in arrays:
            return None
        own = own_arrays(arrays, name)
        named = {key.removeprefix(f"{name}_"): array for key, array in own.items()}
        basis = basis_of_arrays(named, kernel, gamma)
        folds = np.asarray(arrays["folds"])
        sums = {
            fold: NormalEquations(arrays[f"{name}_gram_{fold}"], arrays[f"{name}_moments_{fold}"])
            for fold in np.unique(folds).tolist()
        }
        return cls(basis, folds, np.asarray(arrays["targets"]), sums)

    def arrays(self, name: str) -> Arrays:
        """Arrays from which `of_arrays` makes the same."""
        found: Arrays = {"folds": self.folds, "targets": self.targets}
        found |= {f"{name}_{key}": array for key, array in basis_arrays(self.basis).items()}
        for fold, sums in self.sums.items():
            found |= {f"{name}_gram_{fold}": sums.gram, f"{name}_moments_{fold}": sums.moments}
        return found

    def whole_folds(self, atoms: AtomRepresentations, energies: Floats) -> list[int] | None:
        """Folds that these molecules of the data set make up; None if some are not whole.

        Nor may the energies be others than those that were summed.
        """
        own = self.folds[atoms.indices]
        numbers, sizes = np.unique(own, return_counts=True)
        whole = all(
            np.count_nonzero(self.folds == k) == n for k, n in zip(numbers, sizes, strict=True)
        )
        if whole and np.array_equal(self.targets[atoms.indices], targets_of(atoms, energies)):
            return [int(fold) for fold in numbers]
        return None

    def total(self, folds: list[int] | tuple[int, ...]) -> NormalEquations:
        """Sum over the molecules of some folds."""
        return NormalEquations.total([self.sums[fold] for fold in folds])


def targets_of(atoms: AtomRepresentations, energies: Floats) -> Floats:
    """Energies beside compositions (n, 1 + e), as the elements' energies differ between folds."""
    return np.column_stack([energies, atoms.compositions])


def basis_arrays(basis: SparseBasis) -> Arrays:
    """Inducing atoms and axes as arrays, from which `basis_of_arrays` makes the same."""
    arrays: Arrays = {"elements": np.array(sorted(basis.inducing.by_element), dtype=np.int64)}
    for charge, own in basis.inducing.by_element.items():
        arrays[f"centre_{charge}"] = basis.axes[charge].centre
        arrays[f"directions_{charge}"] = basis.axes[charge].directions
        arrays[f"values_{charge}"] = own.values
        arrays[f"places_{charge}"] = own.molecules
    return arrays


def basis_of_arrays(
    arrays: Mapping[str, NDArray[Any]], kernel: Kernel, gamma: float
) -> SparseBasis:
    """Make the inducing atoms of `basis_arrays`; further arrays are left alone."""
    axes, by_element = {}, {}
    for charge in arrays["elements"].tolist():
        directions = np.asarray(arrays[f"directions_{charge}"])
        axes[charge] = Axes(np.asarray(arrays[f"centre_{charge}"]), directions)
        values = np.asarray(arrays[f"values_{charge}"])
        places = np.asarray(arrays[f"places_{charge}"])
        by_element[charge] = ElementAtoms(values, np.zeros(len(values)), places)
    number = sum(len(own.values) for own in by_element.values())
    return SparseBasis(kernel, gamma, axes, LocalAtoms(number, by_element))


def own_arrays(arrays: Mapping[str, NDArray[Any]], name: str) -> Arrays:
    """Arrays that `FoldSums.arrays` gave under this name, among others."""
    shared = ("folds", "targets")
    return {k: v for k, v in arrays.items() if k.startswith(f"{name}_") or k in shared}
