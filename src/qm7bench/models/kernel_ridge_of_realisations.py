"""Kernel ridge regression on several realisations of each molecule's features."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from qm7bench.errors import ModelError
from qm7bench.layouts.table import as_table, distances_memory
from qm7bench.layouts.work import Job, Work
from qm7bench.models.interface import (
    ByTrainingSet,
    Folds,
    Model,
    MoleculesInFolds,
    Points,
)
from qm7bench.registry.parameters import PositiveFloat, PositiveInt
from qm7bench.regression.fold_blocks import FoldBlocks
from qm7bench.regression.kernels import factorised, kernel_matrix, solved

Floats = NDArray[np.float64]


@dataclass
class KernelRidgeOfRealisations(Model):
    """Gaussian kernel ridge regression trained on several realisations of each molecule.

    The first `training_realisations` of each molecule are training points of their own, with the
    molecule's energy; a prediction is the mean over all realisations of the test molecule. Kernel
    exp(-gamma |x - y|_2^2); energies are learned minus their training mean.

    References
    ----------
    Montavon et al., Advances in Neural Information Processing Systems 25 (2012).
    """

    family: ClassVar[str] = "kernel"
    instead: ClassVar[tuple[str, ...]] = ("sparse_local_kernel_ridge", "ridge")
    predicts_unknown_elements: ClassVar[bool] = True

    gamma: PositiveFloat = 1.0e-4
    alpha: PositiveFloat = 1.0e-5
    training_realisations: PositiveInt = 2

    def fit(self, features: Floats, energies: Floats) -> KernelRidgeOfRealisations:
        """Fit to features (n, r, d) and energies (n,) in kcal/mol.

        Raises
        ------
        ModelError
            If there are fewer realisations than to train on, or the kernel matrix is not positive
            definite; a larger alpha helps.
        """
        self.mean_ = float(np.mean(energies))
        self.training_ = self._training_points(features)
        targets = np.tile(energies - self.mean_, self.training_realisations)
        matrix = self._kernel(self.training_, self.training_)
        self.coefficients_ = solved(factorised(matrix, self.gamma, self.alpha), targets)
        return self

    def predict(self, features: Floats) -> Floats:
        """Energies (n,) in kcal/mol of features (n, r, d)."""
        values = [
            self._kernel(np.ascontiguousarray(features[:, k]), self.training_) @ self.coefficients_
            for k in range(features.shape[1])
        ]
        return np.asarray(np.mean(values, axis=0) + self.mean_)

    def _training_points(self, features: Floats) -> Floats:
        """Realisations to train on, one after the other, shape (k n, d)."""
        if features.ndim != 3 or features.shape[1] < self.training_realisations:
            raise ModelError(
                f"kernel ridge of realisations: features have shape {features.shape}, but "
                f"{self.training_realisations} realisations of each molecule are needed; give it "
                "the feature random_coulomb_matrix"
            )
        return np.concatenate([features[:, k] for k in range(self.training_realisations)])

    def _kernel(self, a: Floats, b: Floats) -> Floats:
        return kernel_matrix(as_table(a), as_table(b), "gaussian", self.gamma)

    def state(self) -> dict[str, NDArray[Any]]:
        """Arrays from which `restore` makes the fitted model."""
        return {
            "training": self.training_,
            "coefficients": self.coefficients_,
            "mean": np.array(self.mean_),
        }

    def restore(self, arrays: dict[str, NDArray[Any]]) -> KernelRidgeOfRealisations:
        """Become the fitted model whose `state` these arrays are."""
        self.training_ = arrays["training"]
        self.coefficients_ = arrays["coefficients"]
        self.mean_ = float(arrays["mean"])
        return self

    @property
    def number_of_parameters(self) -> int:
        """Dual coefficients and the mean."""
        return len(self.coefficients_) + 1

    @classmethod
    def cross_validate(cls, points: Points, molecules: MoleculesInFolds) -> ByTrainingSet:
        """Predictions (points, n) for the molecules outside each set of training folds.

        One kernel matrix serves all folds and all regularisations; see `FoldBlocks`.
        """
        models = [cls(**point) for point in points]
        result = molecules.unpredicted(points)
        for key in dict.fromkeys((m.gamma, m.training_realisations) for m in models):
            same = {i: m for i, m in enumerate(models) if (m.gamma, m.training_realisations) == key}
            duals = _dual_coefficients(same, molecules)
            model = next(iter(same.values()))
            for (i, training_set), values in _mean_predictions(
                model, molecules.features, duals
            ).items():
                outside = ~molecules.inside(training_set)
                mean = float(molecules.energies[~outside].mean())
                # Coefficients are linear in the targets: energies minus the mean times ones.
                predictions = values[:, 0] - mean * values[:, 1] + mean
                result[training_set][i, outside] = predictions[outside]
        return result

    @classmethod
    def memory(cls, job: Job, points: Points, work: Work) -> int:
        """Bytes that a job takes at most: see `StatesMemory`."""
        times = max(cls(**point).training_realisations for point in points)
        if job == "select":
            squares = distances_memory(times**2 * work.molecules**2, "squared_euclidean")
            return squares + work.predictions(len(points)) + 3 * work.features
        squares = distances_memory(times**2 * work.training**2, "squared_euclidean")
        return squares + 3 * times * work.test_matrix + 3 * work.features


def _dual_coefficients(
    models: dict[int, KernelRidgeOfRealisations], molecules: MoleculesInFolds
) -> dict[tuple[int, Folds], Floats]:
    """Coefficients (k n, 2), for energies and for ones, by grid point and training set."""
    first = next(iter(models.values()))
    points, repeats = first._training_points(molecules.features), first.training_realisations
    blocks = FoldBlocks(first._kernel(points, points), np.tile(molecules.folds, repeats))
    energies = np.tile(molecules.energies, repeats)
    targets = np.stack([energies, np.ones_like(energies)], axis=1)
    sets = molecules.training_sets
    return {
        (i, training_set): dual
        for i, model in models.items()
        for training_set, dual in blocks.coefficients(targets, model.alpha, sets).items()
    }


def _mean_predictions(
    model: KernelRidgeOfRealisations, features: Floats, duals: dict[tuple[int, Folds], Floats]
) -> dict[tuple[int, Folds], Floats]:
    """Mean over realisations of kernel times coefficients, shape (n, 2) for each of them."""
    points = model._training_points(features)
    stacked = np.concatenate(list(duals.values()), axis=1)
    total = np.zeros((len(features), stacked.shape[1]))
    for k in range(features.shape[1]):
        total += model._kernel(np.ascontiguousarray(features[:, k]), points) @ stacked
    total /= features.shape[1]
    return {key: total[:, 2 * i : 2 * i + 2] for i, key in enumerate(duals)}
