"""Parts of a fold's training molecules, for learning curves: stratified, random, and nested."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Integers = NDArray[np.int64]


def nested_order(
    energies: NDArray[np.float64], charges: Integers, generator: np.random.Generator
) -> Integers:
    """Random order of molecules whose every beginning is spread evenly over the energies.

    The first m and the first n > m molecules are subsets for m and n: the smaller is contained in
    the larger. From each pair of molecules that are neighbours in energy, one drawn at random goes
    into the first half of the order; both halves are ordered in the same way. One molecule with
    each element is moved to the front, as some models cannot predict elements without training
    molecules.

    Parameters
    ----------
    energies : float64 array of shape (n,)
    charges : int64 array of shape (n, A)
        Nuclear charges; 0 marks padding.

    Returns
    -------
    int64 array of shape (n,)
        Indices of the molecules, each once.
    """
    order = _spread(np.argsort(energies, kind="stable"), generator)
    first_of = [
        order[np.argmax((charges[order] == z).any(axis=1))] for z in np.unique(charges) if z
    ]
    front = np.array(list(dict.fromkeys(first_of)), dtype=np.int64)
    return np.concatenate([front, order[~np.isin(order, front)]])


def _spread(ranked: Integers, generator: np.random.Generator) -> Integers:
    """Order of molecules that come in the order of their energies."""
    if len(ranked) < 2:
        return ranked
    pairs = ranked[: len(ranked) // 2 * 2].reshape(-1, 2)
    drawn = generator.integers(2, size=len(pairs))
    each = np.arange(len(pairs))
    halves = [pairs[each, drawn], pairs[each, 1 - drawn]]
    if len(ranked) % 2:
        # The last has no neighbour left; it is as likely to come early as any other.
        half = int(generator.integers(2))
        halves[half] = np.append(halves[half], ranked[-1])
    return np.concatenate([_spread(half, generator) for half in halves])
