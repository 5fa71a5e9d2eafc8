"""How molecules are split into minibatches; every epoch has its own generator."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Indices = NDArray[np.int64]
"""Indices of molecules among those that are trained on or predicted."""


def in_order(number: int, batch_size: int) -> list[Indices]:
    """All molecules in their order; the last minibatch may be smaller."""
    return _cut(np.arange(number), batch_size)


def shuffled(number: int, batch_size: int, generator: np.random.Generator) -> list[Indices]:
    """All molecules in random order; the last minibatch may be smaller."""
    return _cut(generator.permutation(number), batch_size)


def of_similar_size(
    sizes: NDArray[np.int64], batch_size: int, generator: np.random.Generator
) -> list[Indices]:
    """Random minibatches of molecules whose sizes differ little, in random order.

    Molecules are ordered by size plus a uniform random number from 0 to 1.5, so that padding a
    minibatch to its largest molecule wastes little, and its members change from epoch to epoch.
    """
    order = generator.permutation(len(sizes))
    keys = sizes[order] + generator.uniform(0.0, 1.5, len(sizes))
    batches = _cut(order[np.argsort(keys, kind="stable")], batch_size)
    return [batches[i] for i in generator.permutation(len(batches))]


def _cut(indices: Indices, batch_size: int) -> list[Indices]:
    return [indices[start : start + batch_size] for start in range(0, len(indices), batch_size)]
