"""The functions of `_fchl19_sums`, compiled by Numba: no arrays of triples, one pass over them."""

from __future__ import annotations

import math

import numpy as np
from numba import njit
from numpy.typing import NDArray

from qm7bench.compiled_functions import compiled

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

NEGLIGIBLE = 1.0e-30
"""Below this a radial function counts as zero."""


@compiled("void(f8[:, :, ::1], f8[:, ::1], i8[:, ::1], f8, f8, f8)")
def two_body_sums(
    sums: Floats, distances: Floats, kinds: Integers, cutoff: float, eta: float, decay: float
) -> None:
    """See `_fchl19_sums.two_body_sums`."""
    size = sums.shape[2]
    logarithms, grid = np.empty(size), np.empty(size)
    for k in range(size):
        grid[k] = cutoff * (k + 1) / size
        logarithms[k] = math.log(grid[k])
    for centre in range(len(distances)):
        for place in range(distances.shape[1]):
            r = distances[centre, place]
            if not r <= cutoff:
                continue
            squared_width = math.log1p(eta / r**2)
            shift = 0.5 * squared_width - math.log(r)
            weight = 0.5 * (math.cos(math.pi * r / cutoff) + 1.0) * r**-decay
            weight /= math.sqrt(2.0 * math.pi * squared_width)
            own = sums[centre, kinds[centre, place]]
            for k in range(size):
                exponent = -0.5 * (logarithms[k] + shift) ** 2 / squared_width
                own[k] += weight * math.exp(exponent) / grid[k]


@njit(inline="always")
def _add_radial(own: Floats, middle: float, step: float, eta: float, x: float, y: float) -> None:
    """Add exp(-eta (R - middle)^2) (x, y) on a grid R of this step to own (r, 2).

    From the nearest R on to both sides: the ratio of neighbouring values changes by a factor.
    """
    size = len(own)
    nearest = min(max(round(middle / step) - 1, 0), size - 1)
    away = (nearest + 1) * step - middle
    value, change = math.exp(-eta * away**2), math.exp(-2.0 * eta * step**2)
    ratio = math.exp(-eta * step * (step + 2.0 * away))
    g = value
    for k in range(nearest, size):
        own[k, 0] += g * x
        own[k, 1] += g * y
        g *= ratio
        if g < NEGLIGIBLE:
            break
        ratio *= change
    ratio, g = math.exp(-eta * step * (step - 2.0 * away)), value
    for k in range(nearest - 1, -1, -1):
        g *= ratio
        if g < NEGLIGIBLE:
            break
        own[k, 0] += g * x
        own[k, 1] += g * y
        ratio *= change


@compiled(
    "void(f8[:, :, :, ::1], f8[:, ::1], f8[:, :, ::1], i8[:, ::1], i8[:, ::1], f8, f8, f8, f8)"
)
def three_body_sums(
    sums: Floats,
    distances: Floats,
    vectors: Floats,
    kinds: Integers,
    numbers: Integers,
    cutoff: float,
    eta: float,
    decay: float,
    strength: float,
) -> None:
    """See `_fchl19_sums.three_body_sums`."""
    step = cutoff / sums.shape[2]
    near = np.empty(distances.shape[1], dtype=np.int64)
    weights = np.empty(distances.shape[1])
    for centre in range(len(distances)):
        number = 0
        for place in range(distances.shape[1]):
            r = distances[centre, place]
            if r <= cutoff:
                near[number] = place
                weights[number] = 0.5 * (math.cos(math.pi * r / cutoff) + 1.0) * r**-decay
                number += 1
        for i in range(number):
            j = near[i]
            r_ij = distances[centre, j]
            for other in range(i + 1, number):
                k = near[other]
                r_ik = distances[centre, k]
                squared = 0.0
                for axis in range(3):
                    squared += (vectors[centre, k, axis] - vectors[centre, j, axis]) ** 2
                r_jk = math.sqrt(squared)
                at_centre = (r_ij**2 + r_ik**2 - squared) / (2.0 * r_ij * r_ik)
                at_first = (r_ij**2 + squared - r_ik**2) / (2.0 * r_ij * r_jk)
                at_second = (r_ik**2 + squared - r_ij**2) / (2.0 * r_ik * r_jk)
                weight = strength * (1.0 + 3.0 * at_centre * at_first * at_second)
                weight *= weights[i] * weights[other] * r_jk**-decay
                cosine = min(max(at_centre, -1.0), 1.0)
                sine = math.sqrt(1.0 - cosine**2)
                own = sums[centre, numbers[kinds[centre, j], kinds[centre, k]]]
                middle = 0.5 * (r_ij + r_ik)
                _add_radial(own, middle, step, eta, weight * cosine, weight * sine)
