"""Kernel ridge regression with Gaussian and Laplacian kernels."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any, ClassVar, Literal

import numpy as np
from numpy.typing import NDArray

from qm7bench.layouts.table import FeatureTable, as_table
from qm7bench.layouts.work import Job, Work
from qm7bench.models._table_model import TableModel
from qm7bench.models.interface import ByTrainingSet, Folds, MoleculesInFolds, Points
from qm7bench.registry.parameters import PositiveFloat
from qm7bench.regression.fold_blocks import FoldBlocks, memory_of_elimination
from qm7bench.regression.kernels import METRIC_OF, factorised, kernel_matrix, solved
from qm7bench.regression.standardization import Standardizer

Floats = NDArray[np.float64]


@dataclass
class KernelRidge(TableModel):
    """Kernel ridge regression on energies minus their training mean.

    Gaussian kernel exp(-gamma |x - y|_2^2), Laplacian kernel exp(-gamma |x - y|_1); a paper's width
    sigma is gamma = 1 / (2 sigma^2) and 1 / sigma.

    References
    ----------
    Rupp et al., Phys. Rev. Lett. 108, 058301 (2012).
    """

    family: ClassVar[str] = "kernel"
    instead: ClassVar[tuple[str, ...]] = ("sparse_local_kernel_ridge", "ridge")
    predicts_unknown_elements: ClassVar[bool] = True

    kernel: Literal["gaussian", "laplacian"] = "gaussian"
    gamma: PositiveFloat = 1.0e-3
    alpha: PositiveFloat = 1.0e-6
    standardize: bool = False

    def fit(self, features: FeatureTable | Floats, energies: Floats) -> KernelRidge:
        """Fit to features (n, d) and energies (n,) in kcal/mol.

        Raises
        ------
        ModelError
            If the kernel matrix is not positive definite; a larger alpha helps.
        """
        self._remember(features)
        self.mean_ = float(np.mean(energies))
        factor = factorised(self._kernel(self.training_), self.gamma, self.alpha)
        self.coefficients_ = solved(factor, energies - self.mean_)
        return self

    def predict(self, features: FeatureTable | Floats) -> Floats:
        """Energies (n,) in kcal/mol."""
        kernel = self._kernel(self._prepared(features))
        return np.asarray(kernel @ self.coefficients_ + self.mean_)

    def _kernel(self, table: FeatureTable) -> Floats:
        """Kernel matrix (n, m) with the training molecules."""
        return kernel_matrix(table, self.training_, self.kernel, self.gamma)

    def state(self) -> dict[str, NDArray[Any]]:
        """Arrays from which `restore` makes the fitted model."""
        return self._state(coefficients=self.coefficients_, mean=self.mean_)

    def restore(self, arrays: dict[str, NDArray[Any]]) -> KernelRidge:
        """Become the fitted model whose `state` these arrays are."""
        self._restore(arrays)
        self.coefficients_, self.mean_ = arrays["coefficients"], float(arrays["mean"])
        return self

    @property
    def number_of_parameters(self) -> int:
        """Dual coefficients and the mean."""
        return len(self.coefficients_) + 1

    @classmethod
    def cross_validate(cls, points: Points, molecules: MoleculesInFolds) -> ByTrainingSet:
        """Predictions (points, n) for the molecules outside each set of training folds.

        One kernel matrix serves all folds and all regularisations; see `FoldBlocks`. With
        standardization, whose scale depends on the training molecules, each training set has its
        own kernel.
        """
        table, models = as_table(molecules.features), [cls(**point) for point in points]
        result = molecules.unpredicted(points)
        plain = {i: model for i, model in enumerate(models) if not model.standardize}
        for training_set, i, predictions in _predictions(plain, table, molecules):
            result[training_set][i] = predictions
        scaled = {i: model for i, model in enumerate(models) if model.standardize}
        metrics = {METRIC_OF[model.kernel] for model in scaled.values()}
        for training_set in molecules.training_sets if scaled else []:
            scale = Standardizer.fitted(table.values[molecules.inside(training_set)])
            own = as_table(scale.apply(table.values)).with_own_distances(metrics)
            alone = replace(molecules, training_sets=[training_set])
            for _, i, predictions in _predictions(scaled, own, alone):
                result[training_set][i] = predictions
        return result

    @classmethod
    def memory(cls, job: Job, points: Points, work: Work) -> int:
        """Bytes that a job takes at most: see `StatesMemory`."""
        models = [cls(**point) for point in points]
        metrics = {METRIC_OF[model.kernel] for model in models}
        read = work.matrix * (len(metrics) if job == "select" else 1) if work.shared else 0
        if job == "select":
            # Of the width before, the blocks are still there when the next matrix is made.
            own = 12 * work.matrix // 5
            if not work.shared:
                own = 2 * work.matrix + memory_of_elimination(work.matrix)
            return read + own + work.predictions(len(points)) + 3 * work.features
        if work.shared and not any(model.standardize for model in models):
            return read + work.training_matrix + 2 * work.test_matrix + 3 * work.features
        return read + 3 * (work.training_matrix + work.test_matrix) + 3 * work.features


def _predictions(
    models: dict[int, KernelRidge], table: FeatureTable, molecules: MoleculesInFolds
) -> Iterator[tuple[Folds, int, Floats]]:
    """Predictions (n,) of each training set and model; models share their kernel matrices."""
    # The mean of the training energies is their least-squares fit by a column of ones.
    ones = np.ones((len(table), 1))
    for kernel, gamma in dict.fromkeys((m.kernel, m.gamma) for m in models.values()):
        blocks = FoldBlocks(kernel_matrix(table, table, kernel, gamma), molecules.folds)
        for i, model in models.items():
            if (model.kernel, model.gamma) == (kernel, gamma):
                found = blocks.predictions(
                    molecules.energies, ones, model.alpha, molecules.training_sets
                )
                for training_set, predictions in found.items():
                    yield training_set, i, predictions
