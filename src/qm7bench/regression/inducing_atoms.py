"""Atoms that stand for all others in a sparse local kernel, chosen by their surroundings alone."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from qm7bench.layouts.atoms import AtomRepresentations, ChosenRows
from qm7bench.regression.local_kernel import Axes, ElementAtoms, LocalAtoms

LEADING = 32
"""Principal axes along which distances are compared: more are dearer, and no better on QM7."""


CANDIDATES = 100_000
"""Most atoms of an element to choose from; the cost is in proportion to them."""


def inducing_atoms(
    atoms: AtomRepresentations, gamma: float, number: int
) -> tuple[dict[int, Axes], LocalAtoms]:
    """Choose atoms without looking at energies, each as a molecule of its own.

    Elements share the number in proportion to the square root of how many atoms they have, so that
    rare ones are not lost. Of an element, the atom nearest to the mean comes first, then always the
    one that is farthest from all chosen before (farthest point sampling). Where an element has more
    than `CANDIDATES` atoms, so many are drawn from them first.

    Parameters
    ----------
    atoms : AtomRepresentations
        Of the molecules to choose from.
    gamma : float
        Of the kernel; it says which directions of an element's atoms are negligible.
    number : int
        How many to choose; all where there are fewer.

    Returns
    -------
    tuple of dict and LocalAtoms
        Axes of each element, and at most `number` molecules of one atom along them.

    References
    ----------
    Gonzalez, Theor. Comput. Sci. 38, 293 (1985); Bartok & Csanyi, Int. J. Quantum Chem. 115, 1051
    (2015).
    """
    of_element = {z: atoms.of_element(z) for z in np.unique(atoms.charges).tolist()}
    axes, by_element, start = {}, {}, 0
    for charge, share in _shares({z: len(own) for z, own in of_element.items()}, number).items():
        candidates = ChosenRows.of(atoms.values, _drawn(of_element[charge]))
        axes[charge] = Axes.fitted(candidates, gamma)
        values, outside = axes[charge].along(candidates, known=True)
        chosen = _farthest(values, share)
        molecules = np.arange(start, start + len(chosen))
        by_element[charge] = ElementAtoms(values[chosen], outside[chosen], molecules)
        start += len(chosen)
    return axes, LocalAtoms(start, by_element)


def _drawn(atoms: NDArray[np.int64]) -> NDArray[np.int64]:
    """At most `CANDIDATES` of these indices, in ascending order; always the same."""
    if len(atoms) <= CANDIDATES:
        return atoms
    return np.sort(np.random.default_rng(0).choice(atoms, CANDIDATES, replace=False))


def _shares(sizes: dict[int, int], number: int) -> dict[int, int]:
    """Divide the number among elements by the square root of their sizes, none over its size."""
    shares: dict[int, int] = {}
    left, weight = number, sum(np.sqrt(size) for size in sizes.values())
    # The rarest first: what it cannot use goes to the others.
    for charge, size in sorted(sizes.items(), key=lambda pair: pair[1]):
        shares[charge] = min(size, max(1, round(left * np.sqrt(size) / weight)))
        left -= shares[charge]
        weight -= np.sqrt(size)
    return dict(sorted(shares.items()))


def _farthest(values: NDArray[np.float32], number: int) -> NDArray[np.int64]:
    """Indices of the chosen atoms, in ascending order; `values` has its leading axes last."""
    if number >= len(values):
        return np.arange(len(values))
    leading = np.ascontiguousarray(values[:, -LEADING:])
    chosen = [int(np.argmin(_squares(leading, leading.mean(axis=0))))]
    nearest = _squares(leading, leading[chosen[0]])
    while len(chosen) < number:
        chosen.append(int(np.argmax(nearest)))
        np.minimum(nearest, _squares(leading, leading[chosen[-1]]), out=nearest)
    return np.unique(chosen)


def _squares(values: NDArray[np.float32], point: NDArray[np.float32]) -> NDArray[np.float32]:
    """Squared distances (N,) of all atoms from a point."""
    differences = values - point
    return np.asarray(np.einsum("ik,ik->i", differences, differences))
