"""What models of tabular features have in common that keep vectors to compare others with."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from qm7bench.layouts.table import FeatureTable, as_table
from qm7bench.models.interface import Model
from qm7bench.regression.standardization import Standardizer

Floats = NDArray[np.float64]


class TableModel(Model):
    """Keeps the training molecules' features, standardized if asked for.

    A model derives from this class, has `standardize` as a field, calls `_remember` in `fit` and
    compares `_prepared` features with `training_`.
    """

    standardize: bool
    standardizer_: Standardizer
    training_: FeatureTable

    def _remember(self, features: FeatureTable | Floats) -> None:
        """Fit the standardization to the training molecules, and keep their features."""
        table = as_table(features)
        self.standardizer_ = Standardizer.fitted(table.values, self.standardize)
        self.training_ = self._prepared(table)

    def _prepared(self, features: FeatureTable | Floats) -> FeatureTable:
        """Return features as distances see them: shared distances are those of raw features."""
        table = as_table(features)
        if not self.standardize:
            return table
        return as_table(self.standardizer_.apply(table.values))

    def _state(self, **others: Any) -> dict[str, NDArray[Any]]:
        """Arrays of the kept features, and others."""
        return {
            "values": np.asarray(self.training_.values),
            "standardizer_mean": self.standardizer_.mean,
            "standardizer_scale": self.standardizer_.scale,
            **{name: np.asarray(value) for name, value in others.items()},
        }

    def _restore(self, arrays: dict[str, NDArray[Any]]) -> None:
        """Take the kept features from the arrays of `_state`."""
        self.training_ = as_table(arrays["values"])
        self.standardizer_ = Standardizer(arrays["standardizer_mean"], arrays["standardizer_scale"])
