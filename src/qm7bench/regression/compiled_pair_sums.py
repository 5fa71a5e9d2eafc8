"""The functions of `pair_sums`, compiled by Numba: no array between steps, vector instructions."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from numba import njit
from numpy.typing import NDArray

from qm7bench.compiled_functions import compiled
from qm7bench.regression.pair_sums import Kernel, Run

Floats = NDArray[np.float64]
Singles = NDArray[np.float32]
Integers = NDArray[np.int64]

FARTHEST = 708.0
"""exp(-x) is as good as zero from here on, and soon no normal number any more."""
BIAS = 1023
"""Of the exponent of a float64, whose lowest bit is bit 52."""
ROUNDING = 1.5 * 2.0**52
"""Added to a number it leaves its nearest integer in the lowest bits."""
PER_LN2 = 1.4426950408889634
LN2_HIGH = 0.693147180369123816490
"""Upper bits of ln 2, so few that its product with the exponent of a float64 is exact."""
LN2_LOW = 1.90821492927058770002e-10


@njit(inline="always")
def _exp(x: float) -> float:
    """e^x for -708 <= x <= 0: 2^k e^r with |r| <= ln(2) / 2 and Taylor's series, to 2 units.

    Numba's own exp is called for one number at a time; this is two dozen vector instructions.
    """
    shifted = x * PER_LN2 + ROUNDING
    k = shifted - ROUNDING
    r = (x - k * LN2_HIGH) - k * LN2_LOW
    p = 1.0 / 6227020800.0
    p = p * r + 1.0 / 479001600.0
    p = p * r + 1.0 / 39916800.0
    p = p * r + 1.0 / 3628800.0
    p = p * r + 1.0 / 362880.0
    p = p * r + 1.0 / 40320.0
    p = p * r + 1.0 / 5040.0
    p = p * r + 1.0 / 720.0
    p = p * r + 1.0 / 120.0
    p = p * r + 1.0 / 24.0
    p = p * r + 1.0 / 6.0
    p = p * r + 0.5
    p = p * r + 1.0
    p = p * r + 1.0
    power = (np.float64(shifted).view(np.int64) + BIAS) << 52
    return p * np.int64(power).view(np.float64)


@njit(inline="always")
def _add_similarities(
    sums: Floats, negated: Floats, single: Singles, matern: bool, factor: float
) -> None:
    """Add the kernel of -d^2 = negated + single, both (b,), to sums (b,)."""
    if matern:
        for j in range(len(sums)):
            t = min(factor * np.sqrt(max(-(negated[j] + single[j]), 0.0)), FARTHEST)
            sums[j] += ((t * (1.0 / 3.0) + 1.0) * t + 1.0) * _exp(-t)
    else:
        for j in range(len(sums)):
            sums[j] += _exp(max(min(factor * (negated[j] + single[j]), 0.0), -FARTHEST))


@compiled("void(f8[:, ::1], f8[:, ::1], f4[:, ::1], i8[::1], i8[::1], i8[::1], i8[::1], b1, f8)")
def _add_sums(
    matrix: Floats,
    negated: Floats,
    single: Singles,
    firsts: Integers,
    molecules: Integers,
    other_firsts: Integers,
    other_molecules: Integers,
    matern: bool,
    factor: float,
) -> None:
    sums = np.empty(negated.shape[1])
    for i in range(len(molecules)):
        sums[:] = 0.0
        for row in range(firsts[i], firsts[i + 1]):
            _add_similarities(sums, negated[row], single[row], matern, factor)
        for j in range(len(other_molecules)):
            total = 0.0
            for column in range(other_firsts[j], other_firsts[j + 1]):
                total += sums[column]
            matrix[molecules[i], other_molecules[j]] += total


@compiled("f8[:, ::1](f8[:, ::1], b1, f8)")
def _similarities(negated: Floats, matern: bool, factor: float) -> Floats:
    similarities, single = np.zeros(negated.shape), np.zeros(negated.shape[1], dtype=np.float32)
    for row in range(len(negated)):
        _add_similarities(similarities[row], negated[row], single, matern, factor)
    return similarities


def add_sums(
    matrices: Sequence[Floats],
    negated: Floats,
    single: Singles,
    left: Run,
    right: Run,
    kernel: Kernel,
    gammas: Sequence[float],
) -> None:
    """See `pair_sums.add_sums`."""
    runs = (left.firsts, left.molecules, right.firsts, right.molecules)
    for matrix, gamma in zip(matrices, gammas, strict=True):
        _add_sums(matrix, negated, single, *runs, kernel == "matern", _factor(kernel, gamma))


def similarities_of(negated: Floats, kernel: Kernel, gammas: Sequence[float]) -> Iterator[Floats]:
    """See `pair_sums.similarities_of`."""
    for gamma in gammas:
        yield _similarities(negated, kernel == "matern", _factor(kernel, gamma))


def _factor(kernel: Kernel, gamma: float) -> float:
    """Of the distance in the Matern kernel, of the squared distance in the Gaussian kernel."""
    return float(np.sqrt(10.0 * gamma)) if kernel == "matern" else gamma
