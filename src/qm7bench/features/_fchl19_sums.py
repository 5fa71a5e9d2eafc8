"""Sums over the neighbours of atoms, and over pairs of them, that FCHL19 consists of.

`functions_for` chooses between these functions, of NumPy alone, and those of `_fchl19_compiled`,
which do the same in a seventh of the processor time.
"""

from __future__ import annotations

from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from qm7bench.compiled_functions import fastest

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

WORTH_COMPILED = 10**6
"""Triples from which on the compiled functions save more than the half second of their import."""


class Sums(Protocol):
    """What this module and `_fchl19_compiled` both have."""

    def two_body_sums(
        self,
        sums: Floats,
        distances: Floats,
        kinds: Integers,
        cutoff: float,
        eta: float,
        decay: float,
    ) -> None:
        """See `_fchl19_sums.two_body_sums`."""

    def three_body_sums(
        self,
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


def functions_for(triples: int) -> Sums:
    """Fastest functions for this number of triples; compiled ones stay once they are loaded.

    Both give the same values to 1e-12, relative.
    """
    twin = f"{__package__}._fchl19_compiled"
    functions: Sums = fastest(__name__, twin, triples >= WORTH_COMPILED)
    return functions


def two_body_sums(
    sums: Floats, distances: Floats, kinds: Integers, cutoff: float, eta: float, decay: float
) -> None:
    """Add f(r) r^-decay LogNormal(R; r, eta) of each neighbour: see `Fchl19`.

    Parameters
    ----------
    sums : float64 array of shape (C, e, r)
        For C centres, e elements, and R on a grid from cutoff / r to the cutoff.
    distances : float64 array of shape (C, A)
        From each centre to the places of its molecule; infinite where nobody is.
    kinds : int64 array of shape (C, A)
        Index of the element at each place.
    """
    size = sums.shape[2]
    centre, place = np.nonzero(distances <= cutoff)
    r = distances[centre, place][:, None]
    grid = _grid(cutoff, size)
    squared_width = np.log1p(eta / r**2)
    shift = np.log(grid) - np.log(r) + 0.5 * squared_width
    values = np.exp(-0.5 * shift**2 / squared_width)
    values /= np.sqrt(2.0 * np.pi * squared_width) * grid
    values *= _cutoff(r, cutoff) * r**-decay
    _add(sums, centre, kinds[centre, place], values)


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
    """Add strength xi' f f exp(-eta (R - mean distance)^2) (cos t, sin t) of pairs of neighbours.

    xi' = (1 + 3 cos cos cos) / (r r r)^decay is the part of xi that depends on them: see `Fchl19`.

    Parameters
    ----------
    sums : float64 array of shape (C, p, r, 2)
        For p pairs of elements.
    distances, kinds
        As for `two_body_sums`.
    vectors : float64 array of shape (C, A, 3)
        From the centre to the places.
    numbers : int64 array of shape (e, e)
        Which pair two elements are.
    """
    centre, first, second = neighbour_pairs(distances, cutoff)
    r_ij, r_ik = distances[centre, first], distances[centre, second]
    r_jk = np.linalg.norm(vectors[centre, second] - vectors[centre, first], axis=1)
    at_centre = (r_ij**2 + r_ik**2 - r_jk**2) / (2.0 * r_ij * r_ik)
    at_first = (r_ij**2 + r_jk**2 - r_ik**2) / (2.0 * r_ij * r_jk)
    at_second = (r_ik**2 + r_jk**2 - r_ij**2) / (2.0 * r_ik * r_jk)
    weight = strength * (1.0 + 3.0 * at_centre * at_first * at_second)
    weight /= (r_ij * r_ik * r_jk) ** decay
    weight *= _cutoff(r_ij, cutoff) * _cutoff(r_ik, cutoff)
    at_centre = np.clip(at_centre, -1.0, 1.0)
    angular = np.stack([at_centre, np.sqrt(1.0 - at_centre**2)], axis=1) * weight[:, None]
    radial = np.exp(-eta * (0.5 * (r_ij + r_ik)[:, None] - _grid(cutoff, sums.shape[2])) ** 2)
    values = radial[:, :, None] * angular[:, None, :]
    _add(sums, centre, numbers[kinds[centre, first], kinds[centre, second]], values)


def neighbour_pairs(distances: Floats, cutoff: float) -> tuple[Integers, Integers, Integers]:
    """Centres with the places j < k of all pairs of neighbours within the cutoff."""
    centre, place = np.nonzero(distances <= cutoff)
    counts = np.bincount(centre, minlength=len(distances))
    # A neighbour meets all those behind it in the list of its centre.
    behind = np.cumsum(counts)[centre] - np.arange(len(centre)) - 1
    first = np.repeat(np.arange(len(centre)), behind)
    second = first + 1 + np.arange(len(first)) - np.repeat(np.cumsum(behind) - behind, behind)
    return centre[first], place[first], place[second]


def _grid(cutoff: float, size: int) -> Floats:
    return cutoff * np.arange(1, size + 1) / size


def _cutoff(r: Floats, cutoff: float) -> Floats:
    return 0.5 * (np.cos(np.pi * r / cutoff) + 1.0)


def _add(sums: Floats, centre: Integers, kinds: Integers, values: Floats) -> None:
    """Add values (M, ...) to the sums (C, k, ...) of their centres and kinds."""
    groups = centre * sums.shape[1] + kinds
    order = np.argsort(groups, kind="stable")
    ordered = groups[order]
    starts = np.flatnonzero(np.concatenate([[True], ordered[1:] != ordered[:-1]]))
    if len(order):
        flat = sums.reshape(-1, *sums.shape[2:])
        flat[ordered[starts]] += np.add.reduceat(values[order], starts, axis=0)
