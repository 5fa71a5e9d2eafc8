"""Kernel ridge regression with a local kernel: a molecule's energy as a sum over its atoms."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any, ClassVar, Literal

import numpy as np
from numpy.typing import NDArray

from qm7bench.layouts.atoms import AtomRepresentations
from qm7bench.layouts.work import Job, Work
from qm7bench.models._atom_model import AtomModel
from qm7bench.models.interface import ByTrainingSet, MoleculesInFolds, Points
from qm7bench.registry.parameters import NonNegativeFloat, PositiveFloat
from qm7bench.regression.fold_blocks import FoldBlocks, memory_of_elimination
from qm7bench.regression.kernels import factorised, solved
from qm7bench.regression.local_kernel import (
    Axes,
    Kernel,
    LocalAtoms,
    axes_of,
    local_kernel,
    local_kernels,
    memory_of_local_atoms,
    memory_of_local_kernel,
    self_similarities,
)
from qm7bench.regression.stored_atoms import arrays_of_atoms, atoms_of_arrays

Floats = NDArray[np.float64]


@dataclass
class LocalKernelRidge(AtomModel):
    """Kernel ridge regression, a Gaussian process, whose kernel compares atoms of one element.

    K(A, B) = sum of k(|x_i - x_j|_2) over the atoms i of A and j of B of the same element. k is
    Gaussian, exp(-gamma d^2), or the Matern kernel of smoothness 5/2, (1 + t + t^2 / 3) exp(-t)
    with t = sqrt(10 gamma) d; a paper's width sigma is gamma = 1 / (2 sigma^2). `linear` times
    the dot product of the molecules' totals is added, where the representation has some. It learns
    energies minus a least-squares energy per element. All in float64: with squared distances in
    float32 the kernel is not semi-definite.

    References
    ----------
    Bartok & Csanyi, Int. J. Quantum Chem. 115, 1051 (2015); Christensen et al., J. Chem. Phys. 152,
    044107 (2020); Rasmussen & Williams, Gaussian Processes for Machine Learning (2006), 4.17.
    """

    family: ClassVar[str] = "kernel"
    instead: ClassVar[tuple[str, ...]] = ("sparse_local_kernel_ridge",)
    shared_parameters: ClassVar[tuple[str, ...]] = ("kernel", "gamma")
    kernel: Literal["gaussian", "matern"] = "gaussian"
    gamma: PositiveFloat = 0.125
    alpha: PositiveFloat = 1.0e-5
    linear: NonNegativeFloat = 0.0

    _factor: Floats | None = field(default=None, init=False, repr=False, compare=False)
    _training_atoms: AtomRepresentations | None = field(
        default=None, init=False, repr=False, compare=False
    )
    _last: tuple[AtomRepresentations, Floats] | None = field(
        default=None, init=False, repr=False, compare=False
    )

    def fit(self, atoms: AtomRepresentations, energies: Floats) -> LocalKernelRidge:
        """Fit to n molecules and energies (n,) in kcal/mol.

        Raises
        ------
        ModelError
            If the kernel matrix is not positive definite; a larger alpha helps. If `linear` is
            given and the representation has no totals.
        """
        targets = self._begin(atoms, energies)
        axes = _shared_axes(atoms) or axes_of(atoms, self.gamma)
        self.training_ = LocalAtoms.of(atoms, axes, known=True)
        # Shared axes are those of all molecules, of which these may lack an element.
        self.axes_ = {charge: axes[charge] for charge in self.training_.by_element}
        self.training_totals_ = atoms.totals
        self._training_atoms, self._last = atoms, None
        self._factor = self._factorised()
        self.coefficients_ = solved(self._factor, targets)
        # Maximum likelihood of the kernel's scale, which makes its variances kcal^2/mol^2.
        self.variance_scale_ = float(targets @ self.coefficients_ / len(targets))
        return self

    def _beyond_reference(self, atoms: AtomRepresentations) -> Floats:
        return np.asarray(self._similarities(atoms) @ self.coefficients_)

    def uncertainty(self, atoms: AtomRepresentations) -> Floats:
        """Standard deviation (n,) in kcal/mol of the Gaussian process with this kernel.

        The noise is alpha, the scale is that of largest likelihood; the reference energies count as
        known. A restored model factorises its kernel matrix first.
        """
        from scipy.linalg import solve_triangular

        if self._factor is None:
            self._factor = self._factorised()
        kernel = self._similarities(atoms)
        explained = solve_triangular(self._factor, kernel.T, lower=True, check_finite=False)
        prior = self_similarities(atoms, self.kernel, self.gamma)
        prior += self.linear * np.einsum("it,it->i", atoms.totals, atoms.totals)
        remaining = prior - np.einsum("ij,ij->j", explained, explained)
        return np.asarray(np.sqrt(self.variance_scale_ * (np.maximum(remaining, 0.0) + self.alpha)))

    def _similarities(self, atoms: AtomRepresentations) -> Floats:
        """Kernel of the molecules with the training molecules.

        The last result is kept, as predictions and uncertainties are asked for one after the other.
        """
        if self._last is None or self._last[0] is not atoms:
            matrix = self._shared(atoms)
            if matrix is None:
                queries = LocalAtoms.of(atoms, self.axes_, known=False)
                matrix = local_kernel(queries, self.training_, self.kernel, self.gamma)
            _add_linear(matrix, self.linear, atoms.totals, self.training_totals_)
            self._last = (atoms, matrix)
        return self._last[1]

    def _shared(self, atoms: AtomRepresentations) -> Floats | None:
        """Kernel of the molecules with the training molecules, if it was computed before."""
        if self._training_atoms is None:
            return None
        return atoms.shared(self._training_atoms, _matrix_name(self.kernel, self.gamma))

    def _factorised(self) -> Floats:
        """Cholesky factor of the training molecules' kernel matrix with alpha on its diagonal."""
        matrix = None if self._training_atoms is None else self._shared(self._training_atoms)
        if matrix is None:
            matrix = local_kernel(self.training_, self.training_, self.kernel, self.gamma)
        _add_linear(matrix, self.linear, self.training_totals_, self.training_totals_)
        return factorised(matrix, self.gamma, self.alpha)

    def state(self) -> dict[str, NDArray[Any]]:
        """Arrays from which `restore` makes the fitted model."""
        return {
            "coefficients": self.coefficients_,
            "variance_scale": np.array(self.variance_scale_),
            **self._state(),
            "totals": self.training_totals_,
            **arrays_of_atoms(self.axes_, self.training_),
        }

    def restore(self, arrays: dict[str, NDArray[Any]]) -> LocalKernelRidge:
        """Become the fitted model whose `state` these arrays are."""
        self._factor = self._training_atoms = self._last = None
        self.coefficients_ = arrays["coefficients"]
        self.variance_scale_ = float(arrays["variance_scale"])
        self.training_totals_ = arrays["totals"]
        self._restore(arrays)
        self.axes_, self.training_ = atoms_of_arrays(arrays, len(self.coefficients_))
        return self

    @property
    def number_of_parameters(self) -> int:
        """Dual coefficients and reference energies."""
        return len(self.coefficients_) + len(self.reference_.coefficients_)

    @classmethod
    def cross_validate(cls, points: Points, molecules: MoleculesInFolds) -> ByTrainingSet:
        """Predictions (points, n) for the molecules outside each set of training folds.

        One kernel matrix for each kernel and gamma serves all folds and all regularisations.
        """
        atoms, models = molecules.features, [cls(**point) for point in points]
        result = molecules.unpredicted(points)
        max(models, key=lambda model: model.linear)._refuse_without_totals(atoms)
        for wanted, matrix in _matrices(models, atoms):
            blocks = FoldBlocks(matrix, molecules.folds)
            chosen = [i for i, m in enumerate(models) if (m.kernel, m.gamma, m.linear) == wanted]
            for i in chosen:
                found = blocks.predictions(
                    molecules.energies,
                    atoms.compositions,
                    models[i].alpha,
                    molecules.training_sets,
                )
                for training_set, predictions in found.items():
                    result[training_set][i] = predictions
        return result

    @classmethod
    def shared_arrays(
        cls, points: Points, atoms: AtomRepresentations, known: dict[str, NDArray[Any]]
    ) -> dict[str, NDArray[Any]]:
        """Kernel matrices (n, n) of all grid points, and the axes of their vectors.

        They serve the selection and all fits: `AtomRepresentations.matrices`. Known matrices along
        the same axes, which depend on the largest gamma, are not computed again.
        """
        models = [cls(**point) for point in points]
        # The axes leave out nothing that matters and use no energy: all molecules give them.
        axes = axes_of(atoms, max(model.gamma for model in models))
        arrays: dict[str, NDArray[Any]] = {}
        for charge, own in axes.items():
            arrays[f"centre_{charge}"], arrays[f"directions_{charge}"] = own.centre, own.directions
        names = {_matrix_name(model.kernel, model.gamma): model for model in models}
        if all(np.array_equal(array, known.get(name, ())) for name, array in arrays.items()):
            arrays |= {name: known[name] for name in names if name in known}
        missing = [model for name, model in names.items() if name not in arrays]
        if not missing:
            return arrays
        everything = LocalAtoms.of(atoms, axes, known=True)
        for kernel in sorted({model.kernel for model in missing}):
            gammas = sorted({model.gamma for model in missing if model.kernel == kernel})
            matrices = local_kernels(everything, everything, kernel, gammas)
            for gamma, matrix in zip(gammas, matrices, strict=True):
                arrays[_matrix_name(kernel, gamma)] = matrix
        return arrays

    @classmethod
    def memory(cls, job: Job, points: Points, work: Work) -> int:
        """Bytes that a job takes at most: see `StatesMemory`."""
        atoms = memory_of_local_atoms(work.atoms, work.columns)
        made = atoms + memory_of_local_kernel(work.atoms, work.columns) + work.features
        matrices = cls.disk(points, work)
        linear = any(cls(**point).linear for point in points)
        if job == "kernels":
            return matrices + made
        if job == "select":
            # Of the width before, matrix and blocks are still there when the next one is made.
            own = 2 * work.matrix + memory_of_elimination(work.matrix) - work.matrix // 2
            own += work.matrix if linear else 0
            found = work.predictions(len(points))
            return matrices + own + found + (work.features // 4 if work.shared else made)
        own = (2 if linear else 1) * work.training_matrix + 3 * work.test_matrix
        read = work.matrix if work.shared else memory_of_local_kernel(work.atoms, work.columns)
        return read + own + atoms + 2 * work.features

    @classmethod
    def disk(cls, points: Points, work: Work) -> int:
        """Bytes of a kernel matrix for each kernel and width."""
        models = [cls(**point) for point in points]
        return len({(model.kernel, model.gamma) for model in models}) * work.matrix


def _matrices(
    models: list[LocalKernelRidge], atoms: AtomRepresentations
) -> Iterator[tuple[tuple[Kernel, float, float], Floats]]:
    """Each kernel, gamma and linear term among the models, with its matrix."""
    wanted = sorted({(model.kernel, model.gamma) for model in models})
    if any(_matrix_name(*pair) not in atoms.matrices for pair in wanted):
        points = [{"kernel": kernel, "gamma": gamma} for kernel, gamma in wanted]
        matrices = LocalKernelRidge.shared_arrays(points, atoms, {})
        atoms = replace(atoms, matrices=matrices, indices=np.arange(len(atoms)))
    for kernel, gamma in wanted:
        linear_terms = {m.linear for m in models if (m.kernel, m.gamma) == (kernel, gamma)}
        for linear in sorted(linear_terms):
            matrix = atoms.shared(atoms, _matrix_name(kernel, gamma))
            assert matrix is not None
            _add_linear(matrix, linear, atoms.totals, atoms.totals)
            yield (kernel, gamma, linear), matrix


def _add_linear(matrix: Floats, linear: float, totals: Floats, others: Floats) -> None:
    """Add the linear kernel of two lists of molecules to their local kernel, in place."""
    if linear > 0:
        matrix += linear * (totals @ others.T)


def _matrix_name(kernel: Kernel, gamma: float) -> str:
    return f"{kernel}_{gamma!r}"


def _shared_axes(atoms: AtomRepresentations) -> dict[int, Axes]:
    """Axes of the kernel matrices that were computed before; none if there are none."""
    return {
        int(name.removeprefix("centre_")): Axes(
            np.asarray(array), np.asarray(atoms.matrices[name.replace("centre", "directions")])
        )
        for name, array in atoms.matrices.items()
        if name.startswith("centre_")
    }
