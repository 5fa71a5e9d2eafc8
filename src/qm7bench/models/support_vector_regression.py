"""Support vector regression with a Gaussian kernel."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from qm7bench.installation import naming_the_extra
from qm7bench.layouts.table import FeatureTable
from qm7bench.layouts.work import Job, Work
from qm7bench.models._table_model import TableModel
from qm7bench.models.interface import Points
from qm7bench.registry.parameters import NonNegativeFloat, PositiveFloat
from qm7bench.regression.kernels import kernel_matrix

Floats = NDArray[np.float64]

CACHE_MB = 1000
"""Of rows of the kernel matrix in single precision, which libsvm keeps."""


@dataclass
class SupportVectorRegression(TableModel):
    """Epsilon-insensitive regression with kernel exp(-gamma |x - y|_2^2), by libsvm.

    Smola & Scholkopf, Statistics and Computing 14, 199 (2004). It learns energies minus
    their training mean; C, epsilon and the solver's stopping tolerance are in kcal/mol.
    """

    family: ClassVar[str] = "kernel"
    instead: ClassVar[tuple[str, ...]] = ("sparse_local_kernel_ridge", "ridge")
    predicts_unknown_elements: ClassVar[bool] = True

    C: PositiveFloat = 1000.0
    epsilon: NonNegativeFloat = 1.0
    gamma: PositiveFloat = 1.0e-3
    standardize: bool = False
    tolerance: PositiveFloat = 0.5

    def fit(self, features: FeatureTable | Floats, energies: Floats) -> SupportVectorRegression:
        """Fit to features (n, d) and energies (n,) in kcal/mol."""
        with naming_the_extra():
            from sklearn.svm import SVR

        self._remember(features)
        self.mean_ = float(np.mean(energies))
        svr = SVR(
            kernel="precomputed",
            C=self.C,
            epsilon=self.epsilon,
            tol=self.tolerance,
            cache_size=CACHE_MB,
        )
        svr.fit(self._kernel(self.training_), energies - self.mean_)
        self.training_ = self.training_[svr.support_]
        self.coefficients_ = svr.dual_coef_.ravel()
        self.intercept_ = float(svr.intercept_[0])
        return self

    def predict(self, features: FeatureTable | Floats) -> Floats:
        """Energies (n,) in kcal/mol."""
        values = self._kernel(self._prepared(features)) @ self.coefficients_
        return np.asarray(values + self.intercept_ + self.mean_)

    def _kernel(self, table: FeatureTable) -> Floats:
        """Kernel matrix (n, m) with the kept molecules: after the fit, the support vectors."""
        return kernel_matrix(table, self.training_, "gaussian", self.gamma)

    @classmethod
    def memory(cls, job: Job, points: Points, work: Work) -> int:
        """Bytes that a job takes at most: see `StatesMemory`."""
        shared = work.shared and not any(cls(**point).standardize for point in points)
        read = work.matrix if work.shared else 0
        own = work.training_matrix if shared else 3 * work.training_matrix
        found = work.predictions(len(points)) if job == "select" else 0
        cache = min(CACHE_MB * 2**20, work.training_matrix // 2)
        return read + own + cache + 2 * work.test_matrix + found + 4 * work.features

    def state(self) -> dict[str, NDArray[Any]]:
        """Arrays from which `restore` makes the fitted model, without libsvm."""
        return self._state(
            coefficients=self.coefficients_, intercept=self.intercept_, mean=self.mean_
        )

    def restore(self, arrays: dict[str, NDArray[Any]]) -> SupportVectorRegression:
        """Become the fitted model whose `state` these arrays are."""
        self._restore(arrays)
        self.coefficients_ = arrays["coefficients"]
        self.intercept_, self.mean_ = float(arrays["intercept"]), float(arrays["mean"])
        return self

    @property
    def number_of_parameters(self) -> int:
        """Coefficients of the support vectors, the intercept and the mean."""
        return len(self.coefficients_) + 2
