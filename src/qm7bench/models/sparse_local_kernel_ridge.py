"""Ridge regression on a local kernel with some inducing atoms: its cost is linear in molecules."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

import numpy as np
from numpy.typing import NDArray

from qm7bench.layouts.atoms import AtomRepresentations
from qm7bench.layouts.work import Job, Work
from qm7bench.models._atom_model import AtomModel
from qm7bench.models.interface import ByTrainingSet, Folds, MoleculesInFolds, Points
from qm7bench.registry.parameters import NonNegativeFloat, PositiveFloat, PositiveInt
from qm7bench.regression.element_reference import ElementReference
from qm7bench.regression.fold_sums import (
    FoldSums,
    basis_arrays,
    basis_of_arrays,
    own_arrays,
    targets_of,
)
from qm7bench.regression.inducing_atoms import CANDIDATES
from qm7bench.regression.local_kernel import memory_of_local_atoms
from qm7bench.regression.nearest_atoms import atom_energies
from qm7bench.regression.sparse_kernel import (
    NormalEquations,
    SparseBasis,
    memory_of_columns,
    memory_of_sums,
)

Floats = NDArray[np.float64]


@dataclass
class SparseLocalKernelRidge(AtomModel):
    """The kernel of `local_kernel_ridge`, which compares with some inducing atoms only.

    Molecules are compared with `inducing_atoms` atoms, chosen among the training molecules' (or,
    where the sums are shared by all folds, among those of all molecules of the data set) by their
    surroundings alone: no energy is read. What is learned are one weight for each of these atoms,
    and those of the molecules' totals where `linear` > 0; see `regression.sparse_kernel` for the
    method, a Gaussian process with a subset of regressors. It learns energies minus a least-squares
    energy per element. With n molecules of A atoms and m inducing atoms the cost is
    n (A m + m^2), and the fitted model holds m atoms whatever n is.

    References
    ----------
    Those of `local_kernel_ridge` and of `regression.sparse_kernel`; sparse Gaussian processes of
    atoms: Bartok & Csanyi, Int. J. Quantum Chem. 115, 1051 (2015).
    """

    family: ClassVar[str] = "kernel"
    shared_parameters: ClassVar[tuple[str, ...]] = ("kernel", "gamma", "inducing_atoms")

    kernel: Literal["gaussian", "matern"] = "matern"
    gamma: PositiveFloat = 2.0e-3
    alpha: PositiveFloat = 1.0e-7
    linear: NonNegativeFloat = 0.0
    inducing_atoms: PositiveInt = 5000

    def fit(self, atoms: AtomRepresentations, energies: Floats) -> SparseLocalKernelRidge:
        """Fit to n molecules and their energies (n,) in kcal/mol.

        Raises
        ------
        ModelError
            As `LocalKernelRidge.fit`, of normal equations instead of a kernel matrix.
        """
        self._begin(atoms, energies)
        self.basis_, sums = self._sums(atoms, energies)
        of_atoms, of_totals = self._solved(self.basis_, sums, self.reference_)
        self.weights_, self.weights_of_totals_ = of_atoms[:, 0], of_totals[:, 0]
        return self

    def _beyond_reference(self, atoms: AtomRepresentations) -> Floats:
        weights = self.weights_[:, None], self.weights_of_totals_[:, None]
        return np.asarray(self.basis_.predicted(atoms, *weights)[:, 0])

    def predict_with_distances(self, atoms: AtomRepresentations) -> tuple[Floats, Floats]:
        """Energies (n,) in kcal/mol, and each atom's distance (N,) to the nearest inducing atom.

        See `regression.nearest_atoms`.

        Raises
        ------
        ModelError
            As `predict`.
        """
        self.known_.refuse_others(atoms, type(self).__name__)
        values, distances = atom_energies(self.basis_, atoms, self.weights_)
        of_atoms = np.bincount(atoms.molecules, weights=values, minlength=len(atoms))
        of_totals = atoms.totals @ self.weights_of_totals_
        return of_atoms + of_totals + self.reference_.energies(atoms.compositions), distances

    def _solved(
        self, basis: SparseBasis, sums: NormalEquations, reference: ElementReference
    ) -> tuple[Floats, Floats]:
        """Weights (m, 1) of the inducing atoms and (t, 1) of the totals."""
        size = len(basis)
        scale = np.full(len(sums.moments), np.sqrt(self.linear))
        scale[:size] = 1.0
        # The sums are linear in the targets: energies minus what the elements account for.
        combination = np.concatenate([[1.0], -reference.coefficients_])
        coefficients = sums.solved(self.alpha, scale, combination)[:, None]
        return basis.weights_of_atoms(coefficients[:size]), coefficients[size:]

    def _sums(
        self, atoms: AtomRepresentations, energies: Floats
    ) -> tuple[SparseBasis, NormalEquations]:
        """Inducing atoms and sums of these molecules: shared ones where there are any."""
        shared = self._shared(atoms)
        folds = None if shared is None else shared.whole_folds(atoms, energies)
        if shared is not None and folds is not None:
            return shared.basis, shared.total(folds)
        basis = self._chosen_basis(atoms)
        return basis, NormalEquations.of(basis, atoms, targets_of(atoms, energies))

    def _chosen_basis(self, atoms: AtomRepresentations) -> SparseBasis:
        return SparseBasis.chosen(atoms, self.kernel, self.gamma, self.inducing_atoms)

    def _shared(self, atoms: AtomRepresentations) -> FoldSums | None:
        """Sums of each fold of the data set, if they were computed before."""
        return FoldSums.of_arrays(atoms.matrices, self._basis_name, self.kernel, self.gamma)

    @property
    def _basis_name(self) -> str:
        return f"{self.kernel}_{self.gamma!r}_{self.inducing_atoms}"

    def state(self) -> dict[str, NDArray[Any]]:
        """Arrays from which `restore` makes the fitted model."""
        return {
            "weights": self.weights_,
            "weights_of_totals": self.weights_of_totals_,
            **self._state(),
            **basis_arrays(self.basis_),
        }

    def restore(self, arrays: dict[str, NDArray[Any]]) -> SparseLocalKernelRidge:
        """Become the fitted model whose `state` these arrays are."""
        self._restore(arrays)
        self.weights_, self.weights_of_totals_ = arrays["weights"], arrays["weights_of_totals"]
        self.basis_ = basis_of_arrays(arrays, self.kernel, self.gamma)
        return self

    @property
    def number_of_parameters(self) -> int:
        """Weights of inducing atoms and totals, and reference energies."""
        reference = self.reference_.coefficients_
        return len(self.weights_) + len(self.weights_of_totals_) + len(reference)

    @classmethod
    def cross_validate(cls, points: Points, molecules: MoleculesInFolds) -> ByTrainingSet:
        """Predictions (points, n) for the molecules outside each set of training folds.

        For each kernel, gamma and number of inducing atoms there is one pass over the kernel to sum
        the equations of each fold, which serves all sets of folds and all regularisations.
        """
        atoms, energies = molecules.features, molecules.energies
        result, models = molecules.unpredicted(points), [cls(**point) for point in points]
        for name in dict.fromkeys(model._basis_name for model in models):
            chosen = [i for i, model in enumerate(models) if model._basis_name == name]
            shared = models[chosen[0]]._shared(atoms)
            if shared is None or shared.whole_folds(atoms, energies) is None:
                basis = models[chosen[0]]._chosen_basis(atoms)
                shared = FoldSums.computed(basis, atoms, energies, molecules.folds)
            for training_set, values in shared_predictions(
                [models[i] for i in chosen], shared, molecules
            ):
                outside = ~molecules.inside(training_set)
                for i, own in zip(chosen, values, strict=True):
                    result[training_set][i, outside] = own[outside]
        return result

    @classmethod
    def shared_sums(
        cls,
        points: Points,
        atoms: AtomRepresentations,
        energies: Floats,
        folds: NDArray[np.int64],
        known: dict[str, NDArray[Any]],
    ) -> dict[str, NDArray[Any]]:
        """Inducing atoms and sums of every fold, for all grid points.

        They serve the selection and all fits: `AtomRepresentations.matrices`. Sums that are known
        are not computed again.
        """
        arrays: dict[str, NDArray[Any]] = {}
        for model in (cls(**point) for point in points):
            if f"{model._basis_name}_elements" in known:
                arrays |= own_arrays(known, model._basis_name)
            elif f"{model._basis_name}_elements" not in arrays:
                basis = model._chosen_basis(atoms)
                sums = FoldSums.computed(basis, atoms, energies, folds)
                arrays |= sums.arrays(model._basis_name)
        return arrays

    @classmethod
    def memory(cls, job: Job, points: Points, work: Work) -> int:
        """Bytes that a job takes at most: see `StatesMemory`."""
        columns = cls._most_columns(points, work)
        drawn = {charge: min(number, CANDIDATES) for charge, number in work.atoms.items()}
        chosen = memory_of_local_atoms(drawn, work.columns)
        own = work.features + memory_of_columns(columns)
        own += 0 if work.shared and job != "kernels" else chosen
        sums = cls.disk(points, work)
        if job == "kernels":
            return own + sums + memory_of_sums(columns)
        found = work.predictions(len(points)) if job == "select" else 0
        return own + sums + 2 * memory_of_sums(columns) + 2 * found

    @classmethod
    def disk(cls, points: Points, work: Work) -> int:
        """Bytes of the sums of five folds for each choice of inducing atoms."""
        bases = {cls(**point)._basis_name for point in points}
        return 5 * len(bases) * memory_of_sums(cls._most_columns(points, work))

    @classmethod
    def _most_columns(cls, points: Points, work: Work) -> int:
        """Inducing atoms, no more than there are, and totals."""
        totals = work.shapes["totals"].sizes[-1] if "totals" in work.shapes else 0
        atoms = max(cls(**point).inducing_atoms for point in points)
        return min(atoms, sum(work.atoms.values())) + totals


def shared_predictions(
    models: list[SparseLocalKernelRidge], shared: FoldSums, molecules: MoleculesInFolds
) -> Iterator[tuple[Folds, Floats]]:
    """Predictions (models, n) for all molecules of each training set, in one pass over the kernel.

    The models differ in `alpha` and `linear` only.
    """
    atoms, energies = molecules.features, molecules.energies
    weights, references = [], []
    for training_set in molecules.training_sets:
        inside = np.isin(shared.folds, training_set)
        references.append(ElementReference().fit(atoms.compositions[inside], energies[inside]))
        sums = shared.total(training_set)
        weights += [model._solved(shared.basis, sums, references[-1]) for model in models]
    values = shared.basis.predicted(
        atoms, np.hstack([of_atoms for of_atoms, _ in weights]), np.hstack([w for _, w in weights])
    )
    for number, training_set in enumerate(molecules.training_sets):
        own = values[:, number * len(models) : (number + 1) * len(models)].T
        yield training_set, own + references[number].energies(atoms.compositions)
