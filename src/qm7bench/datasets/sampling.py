"""A few molecules that represent a data set, for a quick run of every entry."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from qm7bench.artefacts.results_tree import quick_name
from qm7bench.datasets.dataset import Dataset


def sampled(dataset: Dataset, molecules: int) -> Dataset:
    """About this number of molecules, spread evenly over folds, elements and energies.

    Of the molecules of a fold that share their rarest element, the same part is taken, at least
    one: a model that has seen the training folds' elements before has seen them still. Nothing is
    random. A data set that is no larger is kept whole, under its new name.
    """
    indices = np.arange(len(dataset))
    if len(dataset) > molecules:
        rarest = _rarest_elements(dataset)
        groups = [
            np.flatnonzero((dataset.folds == fold) & (rarest == element))
            for fold in np.unique(dataset.folds)
            for element in np.unique(rarest)
        ]
        part = molecules / len(dataset)
        indices = np.sort(np.concatenate([_spread(g, dataset.energies, part) for g in groups]))
    return replace(dataset[indices], name=quick_name(dataset.name))


def _rarest_elements(dataset: Dataset) -> NDArray[np.int64]:
    """Of each molecule, which of the data set's elements the fewest molecules have."""
    has = np.stack([(dataset.charges == z).any(axis=1) for z in dataset.elements], axis=1)
    rarity = np.where(has, has.sum(axis=0), len(dataset) + 1)
    return np.asarray(np.argmin(rarity, axis=1))


def _spread(
    group: NDArray[np.int64], energies: NDArray[np.float64], part: float
) -> NDArray[np.int64]:
    """Take a part of a group of molecules, evenly by rank of energy; at least one if it can."""
    ranked = group[np.argsort(energies[group], kind="stable")]
    number = min(len(group), max(1, round(part * len(group))))
    return ranked[((np.arange(number) + 0.5) * len(group) / max(number, 1)).astype(np.int64)]
