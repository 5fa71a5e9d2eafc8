"""Support vector regression with a Gaussian kernel."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from qm7bench.layouts.table import FeatureTable, as_table
from qm7bench.models.interface import Model
from qm7bench.registry.parameters import NonNegativeFloat, PositiveFloat
from qm7bench.regression.standardization import Standardizer

Floats = NDArray[np.float64]


@dataclass
class SupportVectorRegression(Model):
    """Epsilon-insensitive regression with kernel exp(-gamma |x - y|_2^2), by libsvm.

    Smola & Scholkopf, Statistics and Computing 14, 199 (2004). Energies are taken less their
    training mean; C, epsilon and the solver's stopping tolerance are in kcal/mol.
    """

    family: ClassVar[str] = "kernel"
    predicts_unknown_elements: ClassVar[bool] = True

    C: PositiveFloat = 1000.0
    epsilon: NonNegativeFloat = 1.0
    gamma: PositiveFloat = 1.0e-3
    standardize: bool = False
    tolerance: PositiveFloat = 0.5

    def fit(self, features: FeatureTable | Floats, energies: Floats) -> SupportVectorRegression:
        """Fit to features (n, d) and energies (n,) in kcal/mol."""
        from sklearn.svm import SVR

        table = as_table(features)
        self.standardizer_ = Standardizer.fitted(table.values, self.standardize)
        prepared = self._prepared(table)
        self.mean_ = float(np.mean(energies))
        svr = SVR(
            kernel="precomputed",
            C=self.C,
            epsilon=self.epsilon,
            tol=self.tolerance,
            cache_size=1000,
        )
        svr.fit(self._kernel(prepared, prepared), energies - self.mean_)
        self.vectors_ = prepared[svr.support_]
        self.coefficients_ = svr.dual_coef_.ravel()
        self.intercept_ = float(svr.intercept_[0])
        return self

    def predict(self, features: FeatureTable | Floats) -> Floats:
        """Energies (n,) in kcal/mol."""
        queries = self._prepared(as_table(features))
        values = self._kernel(queries, self.vectors_) @ self.coefficients_
        return np.asarray(values + self.intercept_ + self.mean_)

    def _prepared(self, table: FeatureTable) -> FeatureTable:
        """Return the table as the kernel sees it: shared distances are those of raw features."""
        if not self.standardize:
            return table
        return as_table(self.standardizer_.apply(table.values))

    def _kernel(self, a: FeatureTable, b: FeatureTable) -> Floats:
        squares = a.distances(b, "squared_euclidean")
        squares *= -self.gamma
        return np.exp(squares, out=squares)

    def state(self) -> dict[str, NDArray[Any]]:
        """Arrays from which `restore` makes the fitted model, without libsvm."""
        return {
            "vectors": np.asarray(self.vectors_.values),
            "coefficients": self.coefficients_,
            "intercept": np.array(self.intercept_),
            "mean": np.array(self.mean_),
            "standardizer_mean": self.standardizer_.mean,
            "standardizer_scale": self.standardizer_.scale,
        }

    def restore(self, arrays: dict[str, NDArray[Any]]) -> SupportVectorRegression:
        """Take over the arrays of `state`."""
        self.vectors_ = as_table(arrays["vectors"])
        self.coefficients_ = arrays["coefficients"]
        self.intercept_ = float(arrays["intercept"])
        self.mean_ = float(arrays["mean"])
        self.standardizer_ = Standardizer(arrays["standardizer_mean"], arrays["standardizer_scale"])
        return self

    @property
    def number_of_parameters(self) -> int:
        """Coefficients of the support vectors, the intercept and the mean."""
        return len(self.coefficients_) + 2
