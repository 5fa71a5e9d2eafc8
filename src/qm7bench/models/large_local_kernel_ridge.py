"""Kernel ridge regression with a local kernel on as many molecules as fit: its kernel in parts."""

from __future__ import annotations

import logging
import math
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, ClassVar, Literal

import numpy as np
from numpy.typing import NDArray

from qm7bench.errors import ModelError
from qm7bench.layouts.atoms import AtomRepresentations
from qm7bench.layouts.work import Job, Work
from qm7bench.models._atom_model import AtomModel
from qm7bench.models.interface import Points
from qm7bench.registry.parameters import NonNegativeFloat, NonNegativeInt, PositiveFloat
from qm7bench.regression.kernel_parts import KernelParts, boundaries, entries_of_parts
from qm7bench.regression.kernel_rows import MOLECULES_AT_ONCE, KernelMolecules, molecules_of
from qm7bench.regression.local_kernel import (
    LocalAtoms,
    local_kernel,
    memory_of_local_atoms,
    memory_of_local_kernel,
)
from qm7bench.regression.packed_cholesky import PackedCholesky, memory_of_packed
from qm7bench.regression.stored_atoms import arrays_of_atoms, atoms_of_arrays

logger = logging.getLogger(__name__)

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

PAIRS_OF_PART = 5e10
"""Pairs of atoms, of any elements, in a part of the kernel: some five minutes of one core."""
PREDICTED_AT_ONCE = 1024
"""Molecules."""


@dataclass
class LargeLocalKernelRidge(AtomModel):
    """The kernel and the regression of `local_kernel_ridge`, for as many molecules as fit.

    Half of the kernel matrix of the training molecules is held, in double precision and once:
    4 m^2 bytes for m molecules. Where there are more than `molecules` training molecules, it learns
    from so many, drawn at random by their indices alone: no energy is read; 0 takes all. At least
    one with each element is among them. In the workflow, `share_kernels` lets jobs of some minutes
    compute parts of the kernel of the training and test molecules of a fold.

    References
    ----------
    Those of `local_kernel_ridge`; the factorisation is that of `regression.packed_cholesky`.
    """

    family: ClassVar[str] = "kernel"
    shared_parameters: ClassVar[tuple[str, ...]] = ("kernel", "gamma", "molecules", "seed")

    kernel: Literal["gaussian", "matern"] = "matern"
    gamma: PositiveFloat = 2.0e-3
    alpha: PositiveFloat = 1.0e-8
    linear: NonNegativeFloat = 0.0
    molecules: NonNegativeInt = 0
    seed: int = 0

    _parts: KernelParts | None = field(default=None, init=False, repr=False, compare=False)

    def fit(self, atoms: AtomRepresentations, energies: Floats) -> LargeLocalKernelRidge:
        """Fit to n molecules, or some of them, and their energies (n,) in kcal/mol.

        Raises
        ------
        ModelError
            As `LocalKernelRidge.fit`.
        """
        chosen = self._chosen(atoms)
        atoms, energies = atoms[chosen], energies[chosen]
        targets = self._begin(atoms, energies)
        self._parts = KernelParts.of(atoms, self._rows_name)
        rows: Callable[[int, int], Floats]
        if self._parts:
            known, rows = self._parts.molecules, self._parts.stored_rows
        else:
            if "training" in atoms.matrices:
                logger.warning("the parts of the kernel are those of other molecules; not used")
            known = KernelMolecules.of(atoms, atoms[:0], self.gamma)
            rows = self._computed_rows(known)
        self.axes_, self.training_ = known.axes, known.known()
        self.coefficients_ = self._solved(rows, atoms.totals, targets)
        self.weights_of_totals_ = self.linear * (atoms.totals.T @ self.coefficients_)
        return self

    def _chosen(self, atoms: AtomRepresentations) -> Integers:
        """Which molecules it learns from, ascending."""
        number = len(atoms)
        if not 0 < self.molecules < number:
            return np.arange(number)
        order = np.random.default_rng(self.seed).permutation(number)
        has = atoms.compositions[order] > 0
        first_of_each = np.unique(has[:, has.any(axis=0)].argmax(axis=0))
        others = np.setdiff1d(np.arange(number), first_of_each)
        further = others[: max(0, self.molecules - len(first_of_each))]
        return np.sort(order[np.concatenate([first_of_each, further])])

    def _computed_rows(self, known: KernelMolecules) -> Callable[[int, int], Floats]:
        return lambda first, last: known.rows(first, last, self.kernel, self.gamma)

    def _solved(
        self, rows: Callable[[int, int], Floats], totals: Floats, targets: Floats
    ) -> Floats:
        """Dual coefficients (m,) by the rows of the local kernel and the totals (m, t)."""
        from scipy.linalg import LinAlgError

        def complete(first: int, last: int) -> Floats:
            panel = rows(first, last)
            if self.linear > 0:
                for start in range(0, last, MOLECULES_AT_ONCE):
                    columns = slice(start, min(start + MOLECULES_AT_ONCE, last))
                    panel[:, columns] += self.linear * (totals[first:last] @ totals[columns].T)
            own = np.arange(first, last)
            panel[own - first, own] += self.alpha
            return panel

        try:
            factor = PackedCholesky.of(complete, len(targets))
        except LinAlgError as error:
            raise ModelError(
                f"large local kernel ridge: the kernel matrix with gamma {self.gamma} is not "
                f"positive definite with alpha {self.alpha}; give a larger alpha"
            ) from error
        return factor.solved(targets[:, None])[:, 0]

    def _beyond_reference(self, atoms: AtomRepresentations) -> Floats:
        values = np.asarray(atoms.totals @ self.weights_of_totals_)
        places = self._parts.places(atoms) if self._parts else None
        for start in range(0, len(atoms), PREDICTED_AT_ONCE):
            own = slice(start, min(start + PREDICTED_AT_ONCE, len(atoms)))
            if self._parts and places is not None:
                rows = self._parts.rows.rows(places[own], len(self.coefficients_))
                values[own] += rows @ self.coefficients_
            else:
                values[own] += self._compared(atoms[own])
        return values

    def _compared(self, atoms: AtomRepresentations) -> Floats:
        """Kernel of a few molecules with the training molecules, times the coefficients."""
        queries = LocalAtoms.of(atoms, self.axes_, known=False)
        values, number = np.zeros(len(atoms)), len(self.coefficients_)
        for start in range(0, number, MOLECULES_AT_ONCE):
            end = min(start + MOLECULES_AT_ONCE, number)
            columns = molecules_of(self.training_, start, end)
            block = local_kernel(queries, columns, self.kernel, self.gamma)
            values += block @ self.coefficients_[start:end]
        return values

    @property
    def _rows_name(self) -> str:
        return f"{self.kernel}_{self.gamma!r}_rows"

    def prepare_parts(
        self, atoms: AtomRepresentations, training: Integers, others: Integers
    ) -> dict[str, NDArray[Any]]:
        """Draw the molecules to learn from, and turn their atoms' vectors and those of the others.

        See `SharesParts`.
        """
        own = atoms[training]
        own = own[self._chosen(own)]
        return KernelMolecules.of(own, atoms[others], self.gamma).arrays()

    def compute_part(
        self, prepared: dict[str, NDArray[Any]], number: int, parts: int
    ) -> dict[str, NDArray[Any]]:
        """Rows of one of several parts of about equal size, under the number of the first."""
        molecules = KernelMolecules.of_arrays(prepared)
        ends = boundaries(len(molecules.training), len(molecules.others), parts)
        rows = molecules.rows(ends[number], ends[number + 1], self.kernel, self.gamma)
        return {f"{self._rows_name}_{ends[number]}": rows}

    @classmethod
    def parts(cls, points: Points, work: Work) -> int:
        """Number of parts of the kernel of a fold's molecules."""
        training, others = cls._sizes(points, work)
        atoms = sum(work.atoms.values()) / work.molecules
        pairs = training * (training / 2 + others) * atoms**2
        return max(1, math.ceil(pairs / PAIRS_OF_PART))

    def state(self) -> dict[str, NDArray[Any]]:
        """Arrays from which `restore` makes the fitted model."""
        return {
            "coefficients": self.coefficients_,
            "weights_of_totals": self.weights_of_totals_,
            **self._state(),
            **arrays_of_atoms(self.axes_, self.training_),
        }

    def restore(self, arrays: dict[str, NDArray[Any]]) -> LargeLocalKernelRidge:
        """Become the fitted model whose `state` these arrays are."""
        self._parts = None
        self.coefficients_ = arrays["coefficients"]
        self.weights_of_totals_ = arrays["weights_of_totals"]
        self._restore(arrays)
        self.axes_, self.training_ = atoms_of_arrays(arrays, len(self.coefficients_))
        return self

    @property
    def learned_from(self) -> int:
        """Number of molecules."""
        return len(self.coefficients_)

    @property
    def number_of_parameters(self) -> int:
        """Dual coefficients and reference energies."""
        return len(self.coefficients_) + len(self.reference_.coefficients_)

    @classmethod
    def memory(cls, job: Job, points: Points, work: Work) -> int:
        """Bytes that a job takes at most: see `StatesMemory`."""
        training, others = cls._sizes(points, work)
        atoms = _part_of(work, training + others)
        vectors = memory_of_local_atoms(atoms, work.columns)
        block = 8 * min(MOLECULES_AT_ONCE, training) ** 2
        computed = 2 * block + memory_of_local_kernel(
            _part_of(work, 2 * MOLECULES_AT_ONCE), work.columns
        )
        if job == "kernels":
            return 2 * vectors + work.features
        if job == "part":
            parts = entries_of_parts(training, others, cls.parts(points, work))
            return 8 * max(parts) + vectors + computed
        # The matrix is gone when energies are predicted and the vectors are written.
        largest = max(memory_of_packed(training), 8 * PREDICTED_AT_ONCE * training + vectors)
        totals = work.shapes["totals"].nbytes if "totals" in work.shapes else 0
        own = largest + 3 * totals + 300 * work.molecules
        return own if work.shared else own + vectors + computed + work.features

    @classmethod
    def disk(cls, points: Points, work: Work) -> int:
        """Bytes of all parts of a fold's kernel."""
        training, others = cls._sizes(points, work)
        return 8 * sum(entries_of_parts(training, others, cls.parts(points, work)))

    @classmethod
    def _sizes(cls, points: Points, work: Work) -> tuple[int, int]:
        """Numbers of molecules that it learns from and that it predicts."""
        wanted = max(cls(**point).molecules or work.training for point in points)
        return min(wanted, work.training), work.test


def _part_of(work: Work, molecules: int) -> dict[int, int]:
    """Atoms of each element in some of the molecules."""
    share = min(1.0, molecules / work.molecules)
    return {charge: math.ceil(share * number) for charge, number in work.atoms.items()}
