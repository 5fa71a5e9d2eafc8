"""k-nearest-neighbour regression."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar, Literal

import numpy as np
from numpy.typing import NDArray

from qm7bench.layouts.table import FeatureTable, Metric, as_table
from qm7bench.models.interface import Model
from qm7bench.registry.parameters import PositiveInt
from qm7bench.regression.standardization import Standardizer

Floats = NDArray[np.float64]


@dataclass
class KNearestNeighbours(Model):
    """Mean energy of the k nearest training molecules, plain or weighted by inverse distance.

    Distances are L1 (p = 1) or L2 (p = 2) between feature vectors. Neighbours at equal distances
    are taken in the order of the data set; a molecule that coincides with training molecules gets
    the mean of their energies when weights are distances.
    """

    family: ClassVar[str] = "neighbours"
    predicts_unknown_elements: ClassVar[bool] = True

    neighbours: PositiveInt = 5
    p: Literal[1, 2] = 2
    weights: Literal["uniform", "distance"] = "uniform"
    standardize: bool = False

    def fit(self, features: FeatureTable | Floats, energies: Floats) -> KNearestNeighbours:
        """Store features (n, d) and energies (n,) in kcal/mol."""
        table = as_table(features)
        self.standardizer_ = Standardizer.fitted(table.values, self.standardize)
        self.training_ = self._prepared(table)
        self.energies_ = np.asarray(energies, dtype=np.float64)
        return self

    def predict(self, features: FeatureTable | Floats) -> Floats:
        """Energies (n,) in kcal/mol."""
        queries = self._prepared(as_table(features))
        near, distances = nearest(queries, self.training_, self.p, self.neighbours)
        return weighted_means(self.energies_[near], distances, self.weights)

    def _prepared(self, table: FeatureTable) -> FeatureTable:
        """Return the table as the distances see it: shared distances are those of raw features."""
        if not self.standardize:
            return table
        return as_table(self.standardizer_.apply(table.values))

    def state(self) -> dict[str, NDArray[Any]]:
        """Arrays from which `restore` makes the fitted model."""
        return {
            "values": np.asarray(self.training_.values),
            "energies": self.energies_,
            "standardizer_mean": self.standardizer_.mean,
            "standardizer_scale": self.standardizer_.scale,
        }

    def restore(self, arrays: dict[str, NDArray[Any]]) -> KNearestNeighbours:
        """Take over the arrays of `state`."""
        self.training_ = as_table(arrays["values"])
        self.energies_ = arrays["energies"]
        self.standardizer_ = Standardizer(arrays["standardizer_mean"], arrays["standardizer_scale"])
        return self

    @property
    def number_of_parameters(self) -> int:
        """Stored energies."""
        return len(self.energies_)

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

        One search for the most neighbours serves every number of neighbours and both weightings.
        """
        table = as_table(features)
        models = [cls(**point) for point in points]
        most = max(model.neighbours for model in models)
        result = {}
        for training_set in training_sets:
            inside = np.isin(folds, training_set)
            found = np.full((len(points), len(table)), np.nan)
            searches: dict[tuple[int, bool], tuple[NDArray[np.int64], Floats]] = {}
            for i, model in enumerate(models):
                key = (model.p, model.standardize)
                if key not in searches:
                    model.fit(table[inside], energies[inside])
                    queries = model._prepared(table[~inside])
                    searches[key] = nearest(queries, model.training_, model.p, most)
                near, distances = searches[key]
                k = model.neighbours
                predicted = weighted_means(
                    energies[inside][near[:, :k]], distances[:, :k], model.weights
                )
                found[i, ~inside] = predicted
            result[training_set] = found
        return result


def nearest(
    queries: FeatureTable, training: FeatureTable, p: int, neighbours: int
) -> tuple[NDArray[np.int64], Floats]:
    """Numbers and distances of the nearest training molecules, nearest first, shape (n, k)."""
    metric: Metric = "manhattan" if p == 1 else "squared_euclidean"
    distances = queries.distances(training, metric)
    k = min(neighbours, distances.shape[1])
    near = _smallest(distances, k)
    sorted_distances = np.take_along_axis(distances, near, axis=1)
    return near, np.sqrt(sorted_distances) if p == 2 else sorted_distances


def _smallest(distances: Floats, k: int) -> NDArray[np.int64]:
    """Columns of the k smallest entries of each row, smallest first, equal ones in their order."""
    candidates = min(k + 8, distances.shape[1])
    chosen = np.argpartition(distances, candidates - 1, axis=1)[:, :candidates]
    chosen.sort(axis=1)
    near = np.take_along_axis(distances, chosen, axis=1)
    order = np.argsort(near, axis=1, kind="stable")
    smallest = np.take_along_axis(chosen, order[:, :k], axis=1)
    if candidates < distances.shape[1]:
        # Where the last candidate is as near as the k-th, others as near may have been left out.
        ordered = np.take_along_axis(near, order, axis=1)
        tied = ordered[:, -1] == ordered[:, k - 1]
        smallest[tied] = np.argsort(distances[tied], axis=1, kind="stable")[:, :k]
    return smallest


def weighted_means(energies: Floats, distances: Floats, weights: str) -> Floats:
    """Mean of neighbours' energies (n, k), plain or weighted by inverse distance."""
    if weights == "uniform":
        return np.asarray(energies.mean(axis=1))
    coincident = distances == 0
    inverse = np.where(coincident, 0.0, 1.0 / np.where(coincident, 1.0, distances))
    any_coincident = coincident.any(axis=1, keepdims=True)
    factors = np.where(any_coincident, coincident.astype(np.float64), inverse)
    return np.asarray((factors * energies).sum(axis=1) / factors.sum(axis=1))
