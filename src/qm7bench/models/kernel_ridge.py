"""Kernel ridge regression with Gaussian and Laplacian kernels."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar, Literal

import numpy as np
from numpy.typing import NDArray

from qm7bench.errors import ModelError
from qm7bench.layouts.table import FeatureTable, Metric, as_table
from qm7bench.models.interface import Model
from qm7bench.registry.parameters import PositiveFloat
from qm7bench.regression.fold_blocks import FoldBlocks
from qm7bench.regression.standardization import Standardizer

Floats = NDArray[np.float64]


@dataclass
class KernelRidge(Model):
    """Kernel ridge regression on energies less their training mean.

    Gaussian kernel exp(-gamma |x - y|_2^2), Laplacian kernel exp(-gamma |x - y|_1); a paper's width
    sigma is gamma = 1 / (2 sigma^2) and 1 / sigma.

    References
    ----------
    Rupp et al., Phys. Rev. Lett. 108, 058301 (2012).
    """

    family: ClassVar[str] = "kernel"
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
        from scipy.linalg import LinAlgError, cho_factor, cho_solve

        table = as_table(features)
        self.standardizer_ = Standardizer.fitted(table.values, self.standardize)
        self.training_ = self._prepared(table)
        self.mean_ = float(np.mean(energies))
        matrix = self._kernel(self.training_, self.training_)
        matrix[np.diag_indices_from(matrix)] += self.alpha
        try:
            factor = cho_factor(matrix, lower=True, overwrite_a=True)
        except LinAlgError as error:
            raise ModelError(
                f"kernel ridge: the kernel matrix with gamma {self.gamma} is not positive definite "
                f"with alpha {self.alpha}; give a larger alpha"
            ) from error
        self.coefficients_ = cho_solve(factor, energies - self.mean_)
        return self

    def predict(self, features: FeatureTable | Floats) -> Floats:
        """Energies (n,) in kcal/mol."""
        queries = self._prepared(as_table(features))
        return np.asarray(self._kernel(queries, self.training_) @ self.coefficients_ + self.mean_)

    def _prepared(self, table: FeatureTable) -> FeatureTable:
        """Return the table as the kernel sees it: shared distances are those of raw features."""
        if not self.standardize:
            return table
        return as_table(self.standardizer_.apply(table.values))

    def _kernel(self, a: FeatureTable, b: FeatureTable) -> Floats:
        """Kernel matrix (n, m)."""
        metric: Metric = "squared_euclidean" if self.kernel == "gaussian" else "manhattan"
        kernel = a.distances(b, metric)
        kernel *= -self.gamma
        return np.exp(kernel, out=kernel)

    def state(self) -> dict[str, NDArray[Any]]:
        """Arrays from which `restore` makes the fitted model."""
        return {
            "values": np.asarray(self.training_.values),
            "coefficients": self.coefficients_,
            "mean": np.array(self.mean_),
            "standardizer_mean": self.standardizer_.mean,
            "standardizer_scale": self.standardizer_.scale,
        }

    def restore(self, arrays: dict[str, NDArray[Any]]) -> KernelRidge:
        """Take over the arrays of `state`."""
        self.training_ = as_table(arrays["values"])
        self.coefficients_ = arrays["coefficients"]
        self.mean_ = float(arrays["mean"])
        self.standardizer_ = Standardizer(arrays["standardizer_mean"], arrays["standardizer_scale"])
        return self

    @property
    def number_of_parameters(self) -> int:
        """Dual coefficients and the mean."""
        return len(self.coefficients_) + 1

    @classmethod
    def cross_validate(
        cls,
        points: list[dict[str, Any]],
        features: FeatureTable | Floats,
        energies: Floats,
        folds: NDArray[np.int64],
        training_sets: list[tuple[int, ...]],
    ) -> dict[tuple[int, ...], Floats]:
        """Predictions (points, n) for the molecules outside each set of training folds.

        One kernel matrix serves all folds and all regularisations; see `kernel_solver`. With
        standardization, whose scale depends on the training molecules, each training set has its
        own kernel.
        """
        table = as_table(features)
        points = [vars(cls(**point)) for point in points]
        result = {s: np.full((len(points), len(table)), np.nan) for s in training_sets}
        shared = [i for i, p in enumerate(points) if not p["standardize"]]
        separate = [i for i in range(len(points)) if i not in shared]
        for i, model in _by_gamma(cls, points, shared):
            matrix = model._kernel(table, table)
            _validate_alphas(matrix, points, i, energies, folds, training_sets, result)
        for training_set in training_sets if separate else []:
            scaled = Standardizer.fitted(table.values[np.isin(folds, training_set)])
            own = as_table(scaled.apply(table.values))
            for metric_kernel in ("gaussian", "laplacian"):
                same = [j for j in separate if points[j]["kernel"] == metric_kernel]
                own_table = _with_distances(own, metric_kernel) if same else own
                for i, model in _by_gamma(cls, points, same):
                    matrix = model._kernel(own_table, own_table)
                    _validate_alphas(matrix, points, i, energies, folds, [training_set], result)
        return result


def _with_distances(table: FeatureTable, kernel: str) -> FeatureTable:
    """Return the table with its own distance matrix for the kernel."""
    metric: Metric = "squared_euclidean" if kernel == "gaussian" else "manhattan"
    return FeatureTable(
        table.values, {metric: table.distances(table, metric)}, np.arange(len(table))
    )


def _by_gamma(
    cls: type[KernelRidge], points: list[dict[str, Any]], chosen: list[int]
) -> list[tuple[list[int], KernelRidge]]:
    """Group points that share a kernel matrix: their numbers, and a model that makes it."""
    groups: dict[tuple[str, float], list[int]] = {}
    models = {i: cls(**points[i]) for i in chosen}
    for i, model in models.items():
        groups.setdefault((model.kernel, model.gamma), []).append(i)
    return [(members, models[members[0]]) for members in groups.values()]


def _validate_alphas(
    matrix: Floats,
    points: list[dict[str, Any]],
    chosen: list[int],
    energies: Floats,
    folds: NDArray[np.int64],
    training_sets: list[tuple[int, ...]],
    result: dict[tuple[int, ...], Floats],
) -> None:
    """Fill in the predictions of all regularisations of one kernel matrix."""
    # The mean of the training energies differs between training sets: with a column of ones as a
    # second target, residuals of y - mean are those of y less mean times those of the ones.
    targets = np.stack([energies, np.ones_like(energies)], axis=1)
    blocks = FoldBlocks(matrix, folds)
    for i in chosen:
        alpha = points[i]["alpha"]
        residuals = blocks.residuals(targets, alpha, training_sets)
        for training_set, both in residuals.items():
            mean = float(energies[np.isin(folds, training_set)].mean())
            result[training_set][i] = energies - (both[:, 0] - mean * both[:, 1])
