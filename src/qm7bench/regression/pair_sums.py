"""Similarities of pairs of atoms, and their sums over the pairs of each two molecules.

`functions_for` chooses between these functions, of NumPy alone, and those of `compiled_pair_sums`,
which do the same in one pass and take a fifth of the processor time.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from qm7bench.compiled_functions import fastest

Floats = NDArray[np.float64]
Singles = NDArray[np.float32]
Integers = NDArray[np.int64]
Kernel = Literal["gaussian", "matern"]

WORTH_COMPILED = 3 * 10**7
"""Pairs from which on the compiled functions save more than the half second of their import."""


@dataclass(frozen=True)
class Run:
    """Consecutive atoms of one element, and the molecules that they belong to.

    Attributes
    ----------
    firsts : int64 array of shape (k + 1,)
        Where the atoms of each molecule begin, counted from the first of the run; and their number.
    molecules : int64 array of shape (k,)
        Indices of the molecules.
    """

    firsts: Integers
    molecules: Integers


class PairFunctions(Protocol):
    """What this module and `compiled_pair_sums` both have."""

    def add_sums(
        self,
        matrices: Sequence[Floats],
        negated: Floats,
        single: Singles,
        left: Run,
        right: Run,
        kernel: Kernel,
        gammas: Sequence[float],
    ) -> None:
        """See `pair_sums.add_sums`."""

    def similarities_of(
        self, negated: Floats, kernel: Kernel, gammas: Sequence[float]
    ) -> Iterator[Floats]:
        """See `pair_sums.similarities_of`."""


def functions_for(pairs: int) -> PairFunctions:
    """Fastest functions for this number of pairs; compiled ones stay once they are loaded.

    Both give the same values to 1e-13, relative: which ones are used changes no result.
    """
    twin = f"{__package__}.compiled_pair_sums"
    functions: PairFunctions = fastest(__name__, twin, pairs >= WORTH_COMPILED)
    return functions


def add_sums(
    matrices: Sequence[Floats],
    negated: Floats,
    single: Singles,
    left: Run,
    right: Run,
    kernel: Kernel,
    gammas: Sequence[float],
) -> None:
    """Add the similarities of two runs of atoms to kernel matrices, one for each gamma.

    Parameters
    ----------
    matrices : sequence of float64 arrays of shape (n, m)
    negated : float64 array of shape (a, b)
    single : float32 array of shape (a, b)
        Their sums are squared distances with a minus sign; positive ones count as zero. `negated`
        may be overwritten.
    """
    negated += single
    np.minimum(negated, 0.0, out=negated)
    places = np.ix_(left.molecules, right.molecules)
    values = similarities_of(negated, kernel, gammas)
    for matrix, similarities in zip(matrices, values, strict=True):
        by_molecule = np.add.reduceat(similarities, left.firsts[:-1], axis=0)
        matrix[places] += np.add.reduceat(by_molecule, right.firsts[:-1], axis=1)


def similarities_of(negated: Floats, kernel: Kernel, gammas: Sequence[float]) -> Iterator[Floats]:
    """Values of the kernel for squared distances with a minus sign, which may be overwritten."""
    if kernel == "gaussian":
        for gamma in gammas:
            yield np.exp(gamma * negated)
        return
    distances = np.sqrt(np.negative(negated, out=negated), out=negated)
    for gamma in gammas:
        t = np.sqrt(10.0 * gamma) * distances
        polynomial = t / 3.0
        polynomial += 1.0
        polynomial *= t
        polynomial += 1.0
        polynomial *= np.exp(np.negative(t, out=t), out=t)
        yield polynomial
