"""Molecules of a data set by their ids."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from qm7bench.datasets.dataset import Dataset


def places_of(
    ids: NDArray[np.int64], dataset: Dataset
) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """Indices (m,) in the data set of ids (m,), and which of them it has."""
    order = np.argsort(dataset.ids)
    found = np.searchsorted(dataset.ids, ids, sorter=order).clip(max=len(dataset) - 1)
    places = order[found]
    return places, dataset.ids[places] == ids
