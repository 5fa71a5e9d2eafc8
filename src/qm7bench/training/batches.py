"""How molecules are dealt into minibatches; each epoch brings its own generator."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Rows = NDArray[np.int64]


def in_order(number: int, batch_size: int) -> list[Rows]:
    """All molecules in their order; the last minibatch may be smaller."""
    return _cut(np.arange(number), batch_size)


def shuffled(number: int, batch_size: int, generator: np.random.Generator) -> list[Rows]:
    """All molecules in random order; the last minibatch may be smaller."""
    return _cut(generator.permutation(number), batch_size)


def of_similar_size(
    sizes: NDArray[np.int64], batch_size: int, generator: np.random.Generator
) -> list[Rows]:
    """Random minibatches of molecules whose sizes differ little, in random order.

    Molecules are ordered by size plus a uniform random number from 0 to 1.5, so that padding a
    minibatch to its largest molecule wastes little, and company changes from epoch to epoch.
    """
    order = generator.permutation(len(sizes))
    keys = sizes[order] + generator.uniform(0.0, 1.5, len(sizes))
    batches = _cut(order[np.argsort(keys, kind="stable")], batch_size)
    return [batches[i] for i in generator.permutation(len(batches))]


def _cut(rows: Rows, batch_size: int) -> list[Rows]:
    return [rows[start : start + batch_size] for start in range(0, len(rows), batch_size)]
