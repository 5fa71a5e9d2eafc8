"""k-nearest-neighbour regression."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar, Literal

import numpy as np
from numpy.typing import NDArray

from qm7bench.layouts.table import FeatureTable, Metric, as_table
from qm7bench.layouts.work import Job, Work
from qm7bench.models._table_model import TableModel
from qm7bench.models.interface import ByTrainingSet, MoleculesInFolds, Points
from qm7bench.registry.parameters import PositiveInt

Floats = NDArray[np.float64]


@dataclass
class KNearestNeighbours(TableModel):
    """Mean energy of the k nearest training molecules, plain or weighted by inverse distance.

    Distances are L1 (p = 1) or L2 (p = 2) between feature vectors. Neighbours at equal distances
    are taken in the order of the data set; a molecule that coincides with training molecules gets
    the mean of their energies when weights are distances.
    """

    family: ClassVar[str] = "neighbours"
    instead: ClassVar[tuple[str, ...]] = ("sparse_local_kernel_ridge", "ridge")
    predicts_unknown_elements: ClassVar[bool] = True

    neighbours: PositiveInt = 5
    p: Literal[1, 2] = 2
    weights: Literal["uniform", "distance"] = "uniform"
    standardize: bool = False

    def fit(self, features: FeatureTable | Floats, energies: Floats) -> KNearestNeighbours:
        """Keep features (n, d) and energies (n,) in kcal/mol."""
        self._remember(features)
        self.energies_ = np.asarray(energies, dtype=np.float64)
        return self

    def predict(self, features: FeatureTable | Floats) -> Floats:
        """Energies (n,) in kcal/mol."""
        near, distances = self._nearest(features, self.neighbours)
        return weighted_means(self.energies_[near], distances, self.weights)

    def state(self) -> dict[str, NDArray[Any]]:
        """Arrays from which `restore` makes the fitted model."""
        return self._state(energies=self.energies_)

    def restore(self, arrays: dict[str, NDArray[Any]]) -> KNearestNeighbours:
        """Become the fitted model whose `state` these arrays are."""
        self._restore(arrays)
        self.energies_ = arrays["energies"]
        return self

    @property
    def number_of_parameters(self) -> int:
        """Stored energies."""
        return len(self.energies_)

    @classmethod
    def cross_validate(cls, points: Points, molecules: MoleculesInFolds) -> ByTrainingSet:
        """Predictions (points, n) for the molecules outside each set of training folds.

        One search for the most neighbours serves every number of neighbours and both weightings.
        """
        table, models = as_table(molecules.features), [cls(**point) for point in points]
        most = max(model.neighbours for model in models)
        result = molecules.unpredicted(points)
        for training_set in molecules.training_sets:
            inside = molecules.inside(training_set)
            energies = molecules.energies[inside]
            searches: dict[tuple[int, bool], tuple[NDArray[np.int64], Floats]] = {}
            for i, model in enumerate(models):
                key, k = (model.p, model.standardize), model.neighbours
                if key not in searches:
                    searches[key] = model.fit(table[inside], energies)._nearest(
                        table[~inside], most
                    )
                near, distances = searches[key]
                result[training_set][i, ~inside] = weighted_means(
                    energies[near[:, :k]], distances[:, :k], model.weights
                )
        return result

    @classmethod
    def memory(cls, job: Job, points: Points, work: Work) -> int:
        """Bytes that a job takes at most: see `StatesMemory`."""
        metrics = {cls(**point).p for point in points}
        read = work.matrix * (len(metrics) if job == "select" else 1) if work.shared else 0
        # Inside the training folds, three fifths of the molecules are compared with two fifths.
        compared = max(work.test_matrix, 6 * work.matrix // 25 if job == "select" else 0)
        found = work.predictions(len(points)) if job == "select" else 0
        return read + 4 * compared + found + 4 * work.features

    def _nearest(
        self, features: FeatureTable | Floats, neighbours: int
    ) -> tuple[NDArray[np.int64], Floats]:
        """Indices and distances of the nearest training molecules, nearest first, shape (n, k)."""
        metric: Metric = "manhattan" if self.p == 1 else "squared_euclidean"
        distances = self._prepared(features).distances(self.training_, metric)
        near = _smallest(distances, min(neighbours, distances.shape[1]))
        chosen = np.take_along_axis(distances, near, axis=1)
        return near, np.sqrt(chosen) if self.p == 2 else chosen


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
