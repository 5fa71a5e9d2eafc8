"""Tabular features with the distance matrices that folds and models share."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

Metric = Literal["squared_euclidean", "manhattan"]
METRICS: tuple[Metric, ...] = ("squared_euclidean", "manhattan")


@dataclass(frozen=True)
class FeatureTable:
    """Features of molecules, and distances between all of them where they were computed before.

    Attributes
    ----------
    values : float64 array of shape (n, d), or (n, r, d) for r realisations of each molecule
    matrices : dict
        Distance matrices by metric over the whole data set, memory-mapped.
    indices : int64 array of shape (n,)
        Which molecules of the whole data set these are.
    """

    values: NDArray[np.float64]
    matrices: dict[str, NDArray[np.float64]]
    indices: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.values)

    def __getitem__(self, selection: Any) -> FeatureTable:
        """Return the molecules of a slice, an index array or a boolean mask."""
        return FeatureTable(self.values[selection], self.matrices, self.indices[selection])

    def distances(self, other: FeatureTable, metric: Metric) -> NDArray[np.float64]:
        """Distances from these molecules to others, shape (n, m), shared or computed now."""
        matrix = self.matrices.get(metric)
        if matrix is not None and matrix is other.matrices.get(metric):
            return np.asarray(matrix[np.ix_(self.indices, other.indices)])
        return distances(self.values, other.values, metric)

    def with_own_distances(self, metrics: Iterable[Metric]) -> FeatureTable:
        """Return the same table with the distances between its molecules, to be used repeatedly."""
        matrices: dict[str, NDArray[np.float64]] = {
            metric: distances(self.values, self.values, metric) for metric in metrics
        }
        return FeatureTable(self.values, matrices, np.arange(len(self)))


def with_shared(
    arrays: dict[str, NDArray[Any]], matrices: dict[str, NDArray[np.float64]]
) -> FeatureTable:
    """Make a table from a feature's arrays and the distance matrices computed from them."""
    return FeatureTable(arrays["values"], matrices, np.arange(len(arrays["values"])))


def as_table(values: FeatureTable | NDArray[np.float64]) -> FeatureTable:
    """Return a table; a plain array becomes one without shared distances."""
    if isinstance(values, FeatureTable):
        return values
    array = np.asarray(values, dtype=np.float64)
    return FeatureTable(array, {}, np.arange(len(array)))


def distances_memory(entries: int, metric: Metric) -> int:
    """Bytes that `distances` takes for so many entries, the result included.

    Squares are sums of three matrices; Manhattan distances of a table come as a triangle first.
    """
    return 8 * (3 * entries if metric == "squared_euclidean" else 3 * entries // 2)


def distances(
    a: NDArray[np.float64], b: NDArray[np.float64], metric: Metric
) -> NDArray[np.float64]:
    """Distances between the rows of a (n, d) and b (m, d), shape (n, m), in float64.

    Squared Euclidean distances come from one matrix product and are clipped at zero; between the
    same rows the diagonal is exactly zero.
    """
    if metric == "manhattan":
        from scipy.spatial.distance import cdist, pdist, squareform

        return np.asarray(squareform(pdist(a, "cityblock")) if a is b else cdist(a, b, "cityblock"))
    squares = np.einsum("id,id->i", a, a)[:, None] + np.einsum("id,id->i", b, b)[None, :]
    squares -= 2.0 * (a @ b.T)
    np.maximum(squares, 0.0, out=squares)
    if a is b:
        np.fill_diagonal(squares, 0.0)
    return np.asarray(squares)
